"""What a post wants, and whether it complains: the tracker's labels first, then the words."""

from __future__ import annotations

import re

from bot.model import Intent, Post, Reading, Role

_LABELS = (
    (Intent.BUG, re.compile(r"\b(?:bug|defect|regression|crash)", re.IGNORECASE)),
    (
        Intent.REQUEST,
        re.compile(r"\b(?:enhancement|feature|improvement|idea|proposal|wish)", re.IGNORECASE),
    ),
    (Intent.QUESTION, re.compile(r"\b(?:question|support|how.?to|help$|q&a)", re.IGNORECASE)),
)
"""A tracker's label names the intent; the first that matches in this order decides."""

_PREFIXES = (
    (Intent.BUG, r"(?:\w+ )?(?:bug|regression|crash)"),
    (Intent.REQUEST, r"(?:feature|feat|enhancement|rfc|proposal|fr|wish)"),
    (Intent.QUESTION, r"(?:question|help|q)"),
)
"""What authors or forms put in front of a title: [BUG], Feature request:, (Question)."""


_PREFIXED = tuple(
    (intent, re.compile(rf"^\W{{0,3}}{words}\b[^?]{{0,12}}[\]:\uff1a)]", re.IGNORECASE))
    for intent, words in _PREFIXES
)


def _any(*patterns: str) -> re.Pattern[str]:
    """For texts in lower case: not to care about case takes twice the time."""
    return re.compile("|".join(rf"(?:{pattern})" for pattern in patterns))


_BROKEN = _any(
    r"\b(?:crash|fail|freez|hang|segfault|leak|corrupt|deadlock|throw)(?:s|es|ed|ing|ure|ures)?\b",
    r"\b(?:broken?|bug(?:s|gy)?|exception|traceback|sigsegv|stuck|glitch\w*|regression|panics?)\b",
    r"\b(?:error(?:s|ed)?|invalid|incorrect(?:ly)?|wrong(?:ly)?|unexpected(?:ly)?|missing)\b",
    r"\b(?:does|do|did|is|are|was|has|ca|wo|would|could)(?:n['\u2019]?t| not)"
    r"(?: \w+)? (?:work|load|open|show|start|run|respond|respect|render|display|update|connect)",
    r"\bnot working\b|\bno longer\b|\bstop(?:s|ped) working\b|\bunable to\b|\bcannot\b",
    r"\bignor(?:es|ed|ing)\b|\binstead of\b|\bundefined\b|\bnan\b",
)
_WANTED = _any(
    r"^(?:please )?(?:add|allow|support|provide|implement|enable|make|expose|introduce|extend)\b",
    r"^(?:option|ability|proposal|consider|improve|request|rfc|suggestion)\b",
    r"\bfeature(?: |-)?request\b|\bplease (?:add|support|allow|make|consider)\b|\bi wish\b",
    r"\bwould (?:be (?:nice|great|useful|helpful|good|cool|awesome)|love|like to (?:see|have))\b",
    r"\bshould (?:support|allow|have|be able|offer|provide)\b|\bit(?:'d| would) be\b",
    r"\b(?:support|option|way|setting|flag) (?:for|to)\b|\bability to\b|\bproposed solution\b",
    r"\bcould (?:we|you) (?:add|have|support|get)\b",
)
_ASKED = _any(
    r"^(?:how|what|why|where|when|which|who|whose|is|are|can|could|does|do|did|should|will|would)\b",
    r"^(?:has|have|any|anyone|anybody)\b",
    r"\bhow (?:do|can|to|should|would|does|come)\b|\bis (?:it|there|this) (?:possible|any|a way)\b",
    r"\bi (?:wonder|am wondering|was wondering|don['\u2019]?t understand)\b|\bwondering\b",
    r"\bquestion\b|\bany (?:idea|help|suggestion|advice|tips|one)s?\b",
    r"\bwhat(?:'s| is) the (?:best|right|difference)|\?\s*$",
)
_PRAISED = _any(
    r"\bi (?:really |just |absolutely )?love\b|\b(?:so|really|insanely|super) good\b",
    r"\b(?:amazing|awesome|brilliant|fantastic|incredible)\b|\bblown away\b|\bmind.?blow",
    r"\bgame.?changer\b|\bbest (?:ever|tool|thing)\b|\bthank(?:s| you)\b|\bkudos\b",
    r"\bimpress(?:ed|ive)\b|\b(?:great|good|nice) (?:job|work)\b|\bwell done\b|\bbravo\b",
    r"\b(?:shout ?out|appreciation|success story|praise for|hats off|big fan|grateful)\b",
    r"\b(?:love|adore)s? (?:this|it|how|that|the)\b|\ba (?:joy|pleasure|delight)\b|\b10/10\b",
    r"\b(?:saved|saves) (?:my|me|our|us)\b|\b(?:is|are) (?:excellent|superb|great|wonderful)\b",
    r"\bbest (?:feature|thing|part)\b|\bhighly recommend\b|\bworks (?:great|like a charm)\b",
)
_REPORTED = _any(
    r"\bsteps? to reproduce\b|\bexpected behaviou?r\b|\bactual behaviou?r\b|\bto reproduce\b",
    r"\bwhat happened\b|\bcurrent behaviou?r\b|\bstack ?trace\b|\btraceback\b|\bexit code\b",
)
_PAINED = _any(
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
_FAULTY = _any(
    r"\b(?:broken|bugs?|buggy|glitch\w*|errors?|crash(?:es|ed|ing)?|freez(?:es|ing)|stuck)\b",
    r"\b(?:fails?|failed|failing|hangs)\b|\b(?:not|isn['\u2019]?t|stopped) (?:\w+ )?working\b",
    r"\bunable to (?:access|log|connect|use|open|upgrade|upload|load|send|pay)\b",
    r"\b(?:does|do|is)n['\u2019]?t (?:work|load|open|start|respond|connect|save|sync)",
    r"\bcan(?:no|['\u2019])?t (?:log|connect|access|open|upload|load|send|use|pay)\b",
)
"""What is broken for its author; narrower than `_BROKEN`, for words outside a tracker."""
_UNHURT = _any(
    r"^(?:i (?:built|made|created|fixed|solved|collected|tested)|show hn|guide|tips|introducing)\b",
    r"^(?:how (?:to|i)|how['\u2019]s|my|show|field report|workaround|should i|if i)\b",
    r"^(?:tutorial|stop)\b|^why your\b|\bno (?:more )?(?:issue|error|bug)",
    r"\b(?:fix|solution|workaround) for\b|\b(?:fixed|solved|resolved|unnerfed|circumvent\w*)\b",
    r"\b(?:not|isn['\u2019]?t|never) (?:a |that |too |so )?(?:bad|expensive|broken|nerfed|scam)\b",
    r"\bno longer (?:hit|fail|crash)|\btypical\b|\bmeme\b|\bstatus update\b",
)

_READ = 1_500
"""Characters of a text that are read."""


def read(post: Post) -> Reading:
    """What the author wants and whether it hurts, by rules: no model, no network, no state.

    The tracker's own labels decide, then a prefix of the title, then the cues in title and text.
    A user's bug report is a complaint; so is a post whose words say that something hurts. What
    the team or a bot writes is never a complaint.
    """
    title, text = post.title.lower(), post.text[:_READ].lower()
    intent = _labelled(post) or _prefixed(post.title) or _worded(title, text)
    hurt = intent is Intent.BUG and post.kind == "issue"
    complaint = post.role is Role.USER and (hurt or _complains(title, text[:300], intent))
    return Reading(intent, complaint)


def _labelled(post: Post) -> Intent | None:
    for intent, pattern in _LABELS:
        if any(pattern.search(label) for label in post.labels if not label.startswith("r/")):
            return intent
    return None


def _prefixed(title: str) -> Intent | None:
    return next((intent for intent, pattern in _PREFIXED if pattern.search(title)), None)


def _worded(title: str, text: str) -> Intent:
    """The intent with most cues, or OTHER without any.

    The weights were found on one half of the NLBSE'24 training split and hold on the other
    (macro F1 0.60 and 0.585): a word of trouble in the text says little, since questions and
    requests quote errors too; asking and wishing say much.
    """
    weights = {
        Intent.QUESTION: 8 * bool(_ASKED.search(title))
        + 4 * min(len(_ASKED.findall(text)), 3)
        + 2 * min(text.count("?"), 2),
        Intent.REQUEST: 10 * bool(_WANTED.search(title)) + 4 * min(len(_WANTED.findall(text)), 2),
        Intent.BUG: 4 * bool(_BROKEN.search(title))
        + bool(_BROKEN.search(text))
        + 2 * bool(_REPORTED.search(text)),
        Intent.PRAISE: 6 * bool(_PRAISED.search(title)) + 3 * bool(_PRAISED.search(text[:400])),
    }
    best = max(weights, key=lambda intent: weights[intent])
    return best if weights[best] else Intent.OTHER


def _complains(title: str, text: str, intent: Intent) -> bool:
    words = title or text
    if _UNHURT.search(words):
        return False
    if intent is Intent.BUG and _FAULTY.search(words):
        return True
    return bool(_PAINED.search(words) or _PAINED.search(text))
