"""Cues: what in the words of a post tells what it is, as patterns and as numbers for a head."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from bot.model import Intent
from bot.understand.spots import Cue, Said

_PREFIXES = (
    (Intent.BUG, r"(?:\w+ )?(?:bug|regression|crash)"),
    (Intent.REQUEST, r"(?:feature|feat|enhancement|rfc|proposal|fr|wish)"),
    (Intent.QUESTION, r"(?:question|help|q)"),
)
"""What authors or forms put in front of a title: [BUG], Feature request:, (Question)."""


PREFIXED = tuple(
    (intent, re.compile(rf"^\W{{0,3}}{words}\b[^?]{{0,12}}[\]:\uff1a)]", re.IGNORECASE))
    for intent, words in _PREFIXES
)


BROKEN = Cue(
    (
        "are aren brok bug bugg bugs ca can cann cant corr coul cras dead did didn do does don "
        "dont erro exce fail free glit hang has hasn igno inco inst inva is isn isnt leak miss "
        "nan no not pani regr segf sigs stop stuc thro trac unab unde unex was wasn wo won wont "
        "woul wron"
    ),
    r"\b(?:crash|fail|freez|hang|segfault|leak|corrupt|deadlock|throw)(?:s|es|ed|ing|ure|ures)?\b",
    r"\b(?:broken?|bug(?:s|gy)?|exception|traceback|sigsegv|stuck|glitch\w*|regression|panics?)\b",
    r"\b(?:error(?:s|ed)?|invalid|incorrect(?:ly)?|wrong(?:ly)?|unexpected(?:ly)?|missing)\b",
    r"\b(?:does|do|did|is|are|was|has|ca|wo|would|could)(?:n['\u2019]?t| not)"
    r"(?: \w+)? (?:work|load|open|show|start|run|respond|respect|render|display|update|connect)",
    r"\bnot working\b|\bno longer\b|\bstop(?:s|ped) working\b|\bunable to\b|\bcannot\b",
    r"\bignor(?:es|ed|ing)\b|\binstead of\b|\bundefined\b|\bnan\b",
)
WANTED = Cue(
    (
        "abil add allo cons coul enab expo exte feat flag i impl impr intr it make opti plea "
        "prop prov requ rfc sett shou sugg supp way woul"
    ),
    r"^(?:please )?(?:add|allow|support|provide|implement|enable|make|expose|introduce|extend)\b",
    r"^(?:option|ability|proposal|consider|improve|request|rfc|suggestion)\b",
    r"\bfeature(?: |-)?request\b|\bplease (?:add|support|allow|make|consider)\b|\bi wish\b",
    r"\bwould (?:be (?:nice|great|useful|helpful|good|cool|awesome)|love|like to (?:see|have))\b",
    r"\bshould (?:support|allow|have|be able|offer|provide)\b|\bit(?:'d| would) be\b",
    r"\b(?:support|option|way|setting|flag) (?:for|to)\b|\bability to\b|\bproposed solution\b",
    r"\bcould (?:we|you) (?:add|have|support|get)\b",
)
ASKED = Cue(
    (
        "any anyb anyo are can coul did do does has have how i is ques shou what when wher whic "
        "who whos why will wond woul"
    ),
    r"^(?:how|what|why|where|when|which|who|whose|is|are|can|could|does|do|did|should|will|would)\b",
    r"^(?:has|have|any|anyone|anybody)\b",
    r"\bhow (?:do|can|to|should|would|does|come)\b|\bis (?:it|there|this) (?:possible|any|a way)\b",
    r"\bi (?:wonder|am wondering|was wondering|don['\u2019]?t understand)\b|\bwondering\b",
    r"\bquestion\b|\bany (?:idea|help|suggestion|advice|tips|one)s?\b",
    r"\bwhat(?:'s| is) the (?:best|right|difference)|\?\s*$",
    marks=("?",),
)
PRAISED = Cue(
    (
        "a ador amaz appr are awes best big blow brav bril fant game good grat grea hats high i "
        "impr incr insa is kudo love mind nice prai real save shou so succ supe than well work"
    ),
    r"\bi (?:really |just |absolutely )?love\b|\b(?:so|really|insanely|super) good\b",
    r"\b(?:amazing|awesome|brilliant|fantastic|incredible)\b|\bblown away\b|\bmind.?blow",
    r"\bgame.?changer\b|\bbest (?:ever|tool|thing)\b|\bthank(?:s| you)\b|\bkudos\b",
    r"\bimpress(?:ed|ive)\b|\b(?:great|good|nice) (?:job|work)\b|\bwell done\b|\bbravo\b",
    r"\b(?:shout ?out|appreciation|success story|praise for|hats off|big fan|grateful)\b",
    r"\b(?:love|adore)s? (?:this|it|how|that|the)\b|\ba (?:joy|pleasure|delight)\b|\b10/10\b",
    r"\b(?:saved|saves) (?:my|me|our|us)\b|\b(?:is|are) (?:excellent|superb|great|wonderful)\b",
    r"\bbest (?:feature|thing|part)\b|\bhighly recommend\b|\bworks (?:great|like a charm)\b",
    marks=("10/10",),
)
REPORTED = Cue(
    "actu curr exit expe stac step to trac what",
    r"\bsteps? to reproduce\b|\bexpected behaviou?r\b|\bactual behaviou?r\b|\bto reproduce\b",
    r"\bwhat happened\b|\bcurrent behaviou?r\b|\bstack ?trace\b|\btraceback\b|\bexit code\b",
)
PAINED = Cue(
    (
        "a anno anyo are ate atro awfu beca beco bric brok can canc cant char cpu degr dele "
        "disa disk down dumb eat eati eats ensh even ever fed fina fore frus garb gett goes got "
        "gott had havi hit hitt horr i infu is just kind limi lobo lock lost majo memo nerf "
        "nigh nobo oom out outa over pain path rant reac real refu regr ridi rip* sad scam seri "
        "slow so suck take terr the time timi too unac unus usel very wast way went"
    ),
    r"\b(?:terrible|awful|horrible|useless|unusable|garbage|pathetic|atrocious|infuriating)\b",
    r"\b(?:frustrat|disappoint|annoy|ridiculous|unacceptable|nightmare)\w*\b",
    r"\bsucks?\b|\bfed up\b|\brip.?off\b|\bscam(?:med)?\b|\bwast(?:e|ed|ing) (?:of|my|time)\b",
    r"\b(?:getting|gotten|got|become|became|so much|way|even) (?:worse|dumber|slower|stupid)\b",
    r"\b(?:dumber|nerfed|lobotomi[sz]ed|degrad(?:ed|ing|ation)|downgraded?|enshittified)\b",
    r"\b(?:i(?: just)?|just|finally) cancel(?:l?ed|l?ing)?\b|\bcancell?ing my\b",
    r"\blimits?\b.{0,25}\b(?:ridiculous|joke|insane|absurd|too low|reached|hit|unfair)\b",
    r"\b(?:hit|hitting|reached?) (?:\w+ ){0,3}(?:limits?|quota)\b|\bout of quota\b",
    r"\b(?:is|are|went|goes) (?:\w+ )?(?:down|offline)\b|\boutage\b|\bdown (?:again|for)\b",
    r"\banyone else (?:having|getting|experienc\w+)\b|\bthe worst\b|\bi hate\b|\brefund\b",
    r"\b(?:overcharged|charged (?:me )?twice)\b|\bdelet(?:ed|es|ing) my\b|\blost (?:all )?my\b",
    r"\b(?:too|so|really|very|painfully|kinda|awfully) slow\b|\bslow to\b|\bforever\b|\bregret\b",
    r"\btim(?:es?|ed|ing) out\b|\b(?:memory|cpu|disk) (?:leak|hog)|\btakes? (?:ages|hours)\b",
    r"\b(?:having|major|serious) (?:issues?|problems?|trouble)\b|\bcan['\u2019]?t even\b",
    r"\b(?:bricked|broke (?:my|our|the|everything)|a mess|rant|oom|out of memory|slower)\b",
    r"\b(?:locks? \w+ out|locked (?:me|us) out|refus(?:es|ing) to|sad that|fed up|nobody tested)\b",
    r"\blost (?:\w+ ){1,3}(?:days?|hours?|work|files|data)\b|\b(?:eats?|ate|eating) (?:my|up|\d)",
    r"\bevery single time\b|\bhad to (?:go|roll|revert|restart|reinstall)\b",
)
FAULTY = Cue(
    (
        "brok bug bugg bugs can cann cant cras does don dont erro fail free glit hang isn isnt "
        "not stop stuc unab"
    ),
    r"\b(?:broken|bugs?|buggy|glitch\w*|errors?|crash(?:es|ed|ing)?|freez(?:es|ing)|stuck)\b",
    r"\b(?:fails?|failed|failing|hangs)\b|\b(?:not|isn['\u2019]?t|stopped) (?:\w+ )?working\b",
    r"\bunable to (?:access|log|connect|use|open|upgrade|upload|load|send|pay)\b",
    r"\b(?:does|do|is)n['\u2019]?t (?:work|load|open|start|respond|connect|save|sync)",
    r"\bcan(?:no|['\u2019])?t (?:log|connect|access|open|upload|load|send|use|pay)\b",
)
"""What is broken for its author; narrower than `BROKEN`, for words outside a tracker."""
SHUT_OUT = Cue(
    (
        "acce acco been card gett got how i logi max maxi me mess numb paym phon prom reac stru "
        "was we"
    ),
    r"\b(?:account|card|payment|phone|number|access|login)(?: \w+){0,3} "
    r"(?:suspended|banned|disabled|declined|rejected|locked|blocked|revoked)\b",
    r"\b(?:i|we|me|got|been|was|getting) (?:\w+ )?(?:suspended|banned|locked out)\b",
    r"\b(?:messages?|prompts?) (?:left|remaining)\b|\bmax(?:imum)? length\b",
    r"\breach(?:es)? (?:\w+ ){0,3}(?:limits?|quota)\b|\bstruggling (?:to|with)\b",
    r"\bhow (?:do|can) (?:you|i|we) stop\b",
)
"""What keeps its author out, or from going on; believed in a title, beside a head that hints at it.

Heads do not count it: they were learnt without.
"""
UNHURT = Cue(
    (
        "circ fiel fix fixe guid how i if intr isn isnt meme my neve no not reso shou show solu "
        "solv stat stop tips tuto typi unne why work"
    ),
    r"^(?:i (?:built|made|created|fixed|solved|collected|tested)|show hn|guide|tips|introducing)\b",
    r"^(?:how (?:to|i)|how['\u2019]s|my|show|field report|workaround|should i|if i)\b",
    r"^(?:tutorial|stop)\b|^why your\b|\bno (?:more )?(?:issue|error|bug)",
    r"\b(?:fix|solution|workaround) for\b|\b(?:fixed|solved|resolved|unnerfed|circumvent\w*)\b",
    r"\b(?:not|isn['\u2019]?t|never) (?:a |that |too |so )?(?:bad|expensive|broken|nerfed|scam)\b",
    r"\bno longer (?:hit|fail|crash)|\btypical\b|\bmeme\b|\bstatus update\b",
)

_TITLED = tuple(
    re.compile(pattern)
    for pattern in (
        r"\?$",
        r"^(?:add|allow|support|make|provide|implement|use|improve|remove|enable|option|ability)\b",
        r"\b(?:please|would|could|should)\b",
        r"\b(?:error|fail|crash|exception)",
    )
)
"""For titles, which are short enough to be searched as they are."""
_WRITTEN = (
    Cue("", r"```", marks=("```",)),
    Cue("at", r"\bat \w+.*\(|file \".*\", line|0x[0-9a-f]{4,}", marks=('file "', "0x")),
    Cue("vers", r"\bversion\b"),
    Cue("", r"https?://", marks=("http",)),
    Cue(
        "help how i is than",
        r"\b(?:i am trying|i['\u2019]m trying|i want to|how can i|is it possible|thanks|help)\b",
    ),
    Cue("actu expe repr", r"\b(?:expected|actual|reproduce)\b"),
    Cue("alte moti prop use", r"\b(?:use case|motivation|alternatives|proposal)\b"),
    Cue(
        "also me same",
        r"\b(?:same (?:issue|problem|error|here)|me too|also (?:seeing|getting|happen\w*)|\+1)\b",
        marks=("+1",),
    ),
    Cue(
        "can have see try you",
        r"^(?:you (?:can|need|should|have to|might)|try |see |have you"
        r"|can you (?:share|post|confirm))",
    ),
    Cue("i we", r"\b(?:i|we)(?: have|['\u2019]ve)? (?:built|made|created|wrote|released)\b"),
    Cue(
        "anno chan intr laun now rele",
        r"\b(?:released|announc\w+|introducing|changelog|now available|launch\w*)\b",
    ),
)
_COUNTED = (BROKEN, WANTED, ASKED, PRAISED, REPORTED, PAINED, FAULTY, UNHURT)

_READ = 2_000
"""Characters of a text that cues are looked for in."""
_START = 250

CUES = 3 * len(_COUNTED) + len(PREFIXED) + len(_TITLED) + len(_WRITTEN) + 6
"""How many numbers `cues` gives."""


def cues(title: Said, text: Said) -> NDArray[np.float32]:
    """The cues in a title and a text, each from 0 (absent) to 1: (CUES,)."""
    top, body, length = title.low, text.low[:_READ], len(text.text)
    found: list[float] = []
    for cue in _COUNTED:
        times = text.count(cue, 4, _READ)
        start = times > 0 if length <= _START else text.has(cue, _START)
        found += (title.has(cue), times / 4, start)
    found += (bool(pattern.search(title.text)) for _, pattern in PREFIXED)
    found += (bool(pattern.search(top)) for pattern in _TITLED)
    found += (text.has(cue, _READ) for cue in _WRITTEN)
    found += (
        not top,
        min(body.count("?"), 4) / 4,
        min(body.count("```"), 6) / 6,
        min(length, _START) / _START,
        min(length, _READ) / _READ,
        min(len(top.split()), 15) / 15,
    )
    return np.array(found, dtype=np.float32)
