"""The reasons a maintainer drops everything for, each with the words of the post that name it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.forms import body_of
from bot.model import Criterion, Ground, Post
from bot.understand.spots import READ, Cue, Parts, Said, parts_of

_READ = 500
"""Characters of a body that are looked at: further down, reports turn to guesses and code."""

_KEPT = (
    r"(?:data|files?|work|databases?|history|conversations?|chats?|messages?|sessions|notes?"
    r"|projects?"
    r"|code|repo(?:sitory|s)?|folders?|director(?:y|ies)|queries|dashboards?"
    r"|(?:uncommitted )?changes"
    r"|settings|configs?|configuration|transcripts?|documents?|records?|artifacts?|commits?"
    r"|backups?"
    r"|credentials|emails?)"
)
"""What people keep and do not want to lose."""

_HIDDEN = r"(?:tokens?|api.?keys?|secrets?|passwords?|credentials?|private keys?|cookies)"
_WITHIN = r"(?:[\w'\u2019-]+ ){0,3}"

_ATTACK = (
    r"(?<!x-)\b(?:xss|csrf|ssrf|rce|idor|toctou)\b(?!-protection|(?: session)? token)"
    r"|\bremote code execution\b"
    r"|\b(?:code|command|shell|sql|template|header) injection\b"
    r"|\bprompt injection (?:attack|vulnerab|exploit)\w*"
    r"|\b(?:execut|run|inject|writ|read)\w* (?:\w+ )?arbitrary (?:code|command|file"
    r"|javascript)s?\b|\bpath traversal\b|\bdirectory traversal\b(?! for)"
    r"|\bprivilege escalation\b|\bescalat\w+ privileges?\b|\bsandbox escape\b"
    r"|\bescapes? the sandbox\b"
    r"|\b(?:auth(?:entication|orization)?|permissions?|sandbox|approvals?|login|allowlist)"
    r"(?: \w+){0,2}[ -]bypass\w*"
    rf"|\b(?:bypasse[sd]|(?:can|could|may|lets? \S+) bypass) {_WITHIN}(?:auth\w*|permissions?"
    r"|sandbox\w*|approvals?|deny|allowlist|restrictions?|access control|security)\b"
    rf"|\b(?:leak|expose|disclose|steal|exfiltrate|leaking|exposing|stealing"
    rf"|exfiltrating)[sd]? {_WITHIN}{_HIDDEN}\b"
    r"(?! (?:usage|metrics|counts?|limits?|budget|costs?|stat\w*))"
    rf"|\b{_HIDDEN} (?:\w+ ){{0,2}}(?:leak(?:ed|s|ing|age)?|exposed|exposure|stolen|exfiltrated)\b"
    rf"|\b{_HIDDEN} (?:\w+ ){{0,4}}in (?:plain|clear) ?-?text\b"
    rf"|\bplain ?-?text {_HIDDEN}\b|\bunauthenticated (?:access|remote|attackers?|api)\b"
    r"|\b(?:can|could|able to|lets?|allows?) (?:\w+ ){0,3}(?:see|read|access|view|edit|delete)s?"
    r" (?:other|another) (?:users?|tenants?|customers?"
    r"|people)['\u2019]?s?\b|\b(?:other|another) (?:users?|customers?|tenants?)['\u2019]s?"
    r" (?:data|chats?|messages?|conversations?|files?|sessions?|accounts?)\b"
    r"|\b(?:an |the )?attackers? (?:can|could|may|might|to|who)\b|\ballow\w* (?:an )?attackers?\b"
)
"""How weaknesses are described, whoever describes them."""

_CUES = {
    Criterion.CRASH: Cue(
        (
            "app appl cli clos cont core cras daem exit exte gate goro heap kern oom* out pani "
            "proc quit ran runn runs segf segm serv siga sigb sigi sigs term thre work"
        ),
        r"\bcrash(?:es|ed|ing)\b|\bcrash (?:on|when|at|after|during|while|in|due)\b"
        r"|\bcrash.?loops?\b"
        r"|\bsegfaults?\b|\bsegmentation fault\b|\bsig(?:segv|abrt|bus|ill)\b|\bcore dumped\b"
        r"|\bkernel panic\b|\b(?:thread|goroutine)\b[^.\n]{0,20}\bpanicked\b|\bpanics (?:on|when"
        r"|at|with)\b|\boom.?kill(?:ed|er)?\b"
        r"|\b(?:heap |ran |runs |running )?out of memory\b"
        r"|\b(?:app|application|process|gateway|server|container|worker|extension|daemon"
        r"|cli)"
        r" (?:dies|died|exits|exited|quits|aborts|terminates|is killed|was killed|gets killed)\b"
        r"(?! (?:cleanly|normally|with (?:exit )?code [01]\b))"
        r"|\b(?:quits|exits|closes|terminates) (?:unexpectedly|immediately|by itself|abruptly)\b",
    ),
    Criterion.WRONG_RESULT: Cue(
        (
            "bogu calc comp coun data date disc disp drop fail giv give givi givs igno inac "
            "inco lost no noop numb outp prod repo resu retu show sile skip stop sum sums time "
            "tota trun valu wron"
        ),
        r"\bsilent(?:ly)? (?:fail|drop|discard|ignor|truncat|los|skip|corrupt|swallow|overwrit"
        r"|return"
        r"|chang|strip|fall|delet|remov|replac|reset|stop|abort|kill|revert|miss|break|reject)\w*"
        r"|\b(?:fail|drop|discard|ignor|truncat|skip|stop|lost|dropp)\w*,? silently\b"
        r"|\bno-?ops? silently"
        r"|\b(?:wrong|incorrect|inaccurate|inconsistent|bogus) (?!one|version"
        r"|double)(?:\w+ )?(?:results?|values?|outputs?"
        r"|answers?|numbers?|totals?|counts?|sums?|data(?! type)|dates?|times?|timestamps?"
        r"|calculations?|rows?)\b"
        r"|\b(?:results?|values?|totals?|numbers?|counts?|sums?|data|dates?|timestamps?|outputs?)"
        r" (?:is|are|was|were|comes? out|seems?|look|looks) (?:\w+ )?(?:wrong|incorrect|inaccurate"
        r"|different than|not correct|not right)\b"
        r"|\b(?:return|show|display|report|produc|giv|calculat|comput)(?:s|es|ed|ing)? (?:the )?"
        r"(?:wrong|incorrect|stale|inaccurate|bogus)\b(?! (?:user|pass|cred|login|api))",
    ),
    Criterion.REGRESSION: Cue(
        (
            "afte brea brok bug* ceas cras does erro ever fail had hang issu it no not prob "
            "quit regr sinc slow stop stuc that this used was whic work"
        ),
        r"(?<!linear )(?<!logistic )\bregress(?:ion|ed)\b"
        r"(?! tests?| coverage| pr\b| suite| analysis| model)"
        r"|\bused to (?:work|be able)\b(?! for| at| with)"
        r"|\b(?:it |this |that |was |had |everything |which )?(?<!how it )(?:worked|working|works)"
        r" (?:fine |well |perfectly |great |ok |just fine |correctly )?(?:before|until"
        r"|up to|in (?:the )?(?:previous|earlier|older|last) \w+"
        r"|yesterday|last week)\b"
        r"|\b(?:stopped|quit|ceased) (?:work|respond|function|load|show)\w*\b"
        r"|\b(?:no longer|not any ?more) (?:work|show|load|respond|function|display|render|start"
        r"|send"
        r"|connect|appear|receive|trigger)\w*(?! for the company)"
        r"|\bbrok(?:e|en) (?:\w+ )?(?:after|since|in|by|with) (?:the )?(?:\w+ )?(?:v?\d+\.\d"
        r"|update|upgrade|latest"
        r"|release|recent|new version)"
        r"|\b(?:fail|break|broken?|brok|crash|error|issue(?! summary)|bug|problem|hang|slow|stuck"
        r"|not work|doesn['\u2019]t"
        r" work)\w*[^.!?\n]{0,50}\b(?:after|since) (?:\w+ ){0,3}(?:updat|upgrad)(?:e|es|ed|ing)\b"
        r"|\b(?:after|since) (?:\w+ ){0,3}(?:updat|upgrad)(?:e|es|ed|ing)\b[^.!?\n]{0,70}\b(?:fail"
        r"|break"
        r"|broke|broken|crash|error|issue|bug|problem|hang|stuck|can(?:no|['\u2019])t|not work"
        r"|missing"
        r"|doesn['\u2019]t)\w*",
    ),
    Criterion.SECURITY: Cue(
        (
            "able allo an anot api* appr atta auth bypa can code comm cook coul cred csrf dire "
            "disc esca exec exfi expo head idor inje leak let lets logi may othe pass path perm "
            "plai priv prom rce read remo run* sand secr shel sql ssrf stea temp the toct toke "
            "unau writ xss"
        ),
        _ATTACK,
    ),
    Criterion.DATA_LOSS: Cue(
        (
            "arti back chan chat code comm conf conv corr cred dash data dele dest dire docu "
            "emai eras file fold hist lose losi loss lost mess note nuke over proj quer reco "
            "repo sess sett tran unco wipe work"
        ),
        r"\bdata[ -]loss\b|\bloss of (?:data|work|files)\b"
        r"|\b(?:lost|loses|losing|lose|wiped|wipes|erased|erases|destroyed|corrupted"
        r"|corrupts|corrupting|overwrote|overwrites|deleted|deletes|nuked) (?:out )?(?:of )?"
        r"(?:(?:all|my|our|the|its|his|her|their|user|users['\u2019]?|your|entire|whole|existing"
        rf"|previous|important) ){{1,3}}(?:\w+ )?{_KEPT}\b"
        r"|\b(?:lost|loses|losing|lose) (?:data|files|work|history|messages|conversations?|changes"
        r"|queries|dashboards?)\b"
        rf"|\b{_KEPT} (?:\w+ )?(?:was|were|got|get|is|are|has been|have been|being) "
        r"(?:(?!not|never)\w+ )?(?:lost|wiped|erased|corrupted|destroyed)\b"
        rf"|\b{_KEPT} (?:\w+ )?(?:was|were|got|has been|have been) "
        r"(?:(?!not|never)\w+ )?(?:deleted|overwritten)\b"
        r"|\b(?:data|files?|work|history|conversations?|chats?|messages|sessions|projects?|queries"
        r"|dashboards?|notes?|documents?) (?:just |all |have |has |suddenly |randomly )?"
        r"(?:disappear(?:s|ed|ing)?|vanish(?:es|ed))\b"
        r"|\bcorrupt(?:s|ing) (?:\w+ )?(?:files?|database|sessions?|transcripts?|configs?"
        r"|history)\b",
    ),
    Criterion.CANNOT_INSTALL: Cue(
        (
            "apt auto boot brew can cann cant coul cras depl dock erro fail imag init inst issu "
            "main make manu migr not npm pip pnpm prob set setu sour stuc trou unab upgr wing "
            "yarn"
        ),
        r"\b(?:can(?:no|['\u2019])?t|cannot|unable to|not able to|could(?: not|n['\u2019]t)"
        r"|fail(?:s|ed|ing)? to"
        r"|trouble|problems? (?:while |when )?) ?(?:\w+ )?(?:install|re-?install|upgrad|set ?up"
        r"|deploy)(?:e|ing)?\b"
        r"(?! to (?:\w+ )?(?:annual|pro|max|team|plan|my)\b)(?! (?:my |the )?(?:plan"
        r"|subscription)\b)"
        r"|\b(?<!false )(?:install(?:ation|er|ing)?|upgrad(?:e|ing)|auto-?updat(?:e|er|ing)"
        r"|(?:docker[ -]|manual |initial )set-?up|set-?up(?= script|\.sh)|bootstrap|migrations?"
        r"|deployment"
        r"|(?:npm|docker|main|image|source) (?:branch )?build)(?: script| command| process"
        r"|\.sh)? (?:\w+ ){0,2}(?:fail(?:s|ed|ing|ure)?|errors?"
        r"|crash(?:es|ed)?|hangs?|is broken|broken|breaks|stuck|doesn['\u2019]t work|not working)\b"
        r"|\b(?:npm|pnpm|pip3?|brew|apt(?:-get)?|yarn|docker(?:[- ]compose)?|make"
        r"|winget) (?:install|i|build"
        r"|pull|up|add)\b[^.!?\n]{0,50}\b(?:fail(?:s|ed|ing|ure)?|errors?|not found|hangs)\b"
        r"|\b(?:errors?|fail(?:s|ed|ure)?|issues?|problems?|stuck|crash(?:es)?) (?:\w+ )?(?:while"
        r"|when|during|on|with|in)"
        r" (?:the |a |my )?(?:\w+ )?(?:install|upgrad|deploy|setting up|set ?up of"
        r"|building from)\w*\b",
    ),
}

GRAVE = tuple(_CUES.values())
"""How what is looked at first is told of."""
_NAMED = Cue(
    "cve ghsa secu vuln",
    r"\bsecurity (?:vulnerab\w+|issues?|holes?|flaws?|bugs?|risks?|breach\w*|weakness\w*"
    r"|problems?)\b"
    r"|\bvulnerabilit(?:y|ies)\b|\bvulnerable (?:to|by)\b|\bcve-\d{4}-\d+"
    r"|\bghsa-\w{4}-\w{4}-\w{4}",
)
"""A weakness by name: believed in a title only, since bodies speak of security in passing."""
_NEWS = ("hackernews", "reddit", "rss", "x")
"""Where the weaknesses of others are talked about."""
_DENIED = re.compile(
    r"\b(?:not|no|never|without|n['\u2019]t|nor|zero|instead of|rather than)(?: [\w.-]+){0,2} ?$"
    r"|\b(?:avoid|prevent|protect|guard|stop|against|fix(?:e[sd]|ing)?|solv\w+|resolv\w+|handl\w+"
    r"|reduc\w+|recover\w*|catch|detect\w*|remov\w+|survives?|safe)(?: \w+){0,5} ?$",
    re.IGNORECASE,
)
"""What stands before the words of trouble when there is none."""
_SUPPOSED = re.compile(
    r"\b(?:if|unless|whether|in case|could|would|might|may|can|should|will|potential(?:ly)?"
    r"|possibl[ey]"
    r"|(?:did|does|do) (?:it|they|you)|imagine|afraid|worr\w+|risk(?:s|y)?|how to"
    r"|what happens)\b[^.!?;\n]{0,35}$",
    re.IGNORECASE,
)
"""Trouble that was thought of, not met."""
_DONE = re.compile(
    r"^[\w ()]{0,30}\b(?:is|are|was|were|has been|have been|now) (?:\w+ )?"
    r"(?:fixed|resolved|solved|addressed|patched)\b"
    r"|^ (?:reports?|reporter|handler|recovery|course|test|safety|prevention|protection"
    r"|detection)\b",
    re.IGNORECASE,
)
"""What follows when the trouble is over, or was only a part of a name."""
_DID = re.compile(r"\b(?:i|we|you)\b[^.!?;\n]{0,45}$|\b(?:to|please)(?: \w+)? ?$", re.IGNORECASE)
_BY_HAND = re.compile(r"delet|overwr|wip|eras", re.IGNORECASE)
"""Somebody did it on purpose."""
_WHENEVER = re.compile(r"\bwhen(?:ever)?(?: \w+){0,3} ?$", re.IGNORECASE)
"""A loss that would follow from another fault."""
_TOLD = re.compile(
    r"^(?:i|we) (?:built|made|created|wrote)\b|^(?:show hn|introducing|guide|tips|how to"
    r"|tutorial)\b"
    r"|^(?:stop|don['\u2019]?t)\b",
    re.IGNORECASE,
)
"""A title that presents something: the trouble in it is what the thing is for."""

_SECURED = re.compile(
    r"\b(?:no|not|never|cannot|cant|n['\u2019]t|disallow\w*|risk of|because of|due to|fix\w*"
    r"|patch\w*|prevent\w*|avoid\w*|protect\w*|against|update"
    r"|discover\w*|find\w*|severity)(?: \w+){0,4} ?$",
    re.IGNORECASE,
)
"""A weakness that is denied, mended, or somebody's trade."""


def grounds(post: Post, parts: Parts | None = None) -> tuple[Ground, ...]:
    """The criteria that a post meets, at most once each, in the order of `Criterion`.

    Read in the title and the start of the body, without what forms add. Words that are denied
    ("does not crash"), supposed ("could crash"), or over ("crash is fixed") meet none.
    """
    parts = parts or parts_of(post)
    possible = [c for c in Criterion if _possible(c, parts)]
    named = post.source not in _NEWS and parts.bare.may_have(_NAMED)
    if not (possible or named) or _TOLD.search(post.title):
        return ()
    texts = (parts.bare, Said(body_of(post.text)[:_READ]))
    found = {criterion: next(_hits(criterion, texts), "") for criterion in possible}
    if named and not found.get(Criterion.SECURITY):
        found[Criterion.SECURITY] = _named(parts.bare)
    if found.get(Criterion.SECURITY) and _published(texts):
        del found[Criterion.SECURITY]
    return tuple(
        Ground(criterion, found[criterion]) for criterion in Criterion if found.get(criterion)
    )


def _possible(criterion: Criterion, parts: Parts) -> bool:
    """False is certain: what forms add is taken away later, and that adds no words."""
    cue = _CUES[criterion]
    return parts.bare.may_have(cue) or parts.text.may_have(cue)


def _named(title: Said) -> str:
    match = next(title.matches(_NAMED), None)
    return title.words(match) if match and _stands(Criterion.SECURITY, title, match) else ""


def _published(texts: tuple[Said, ...], end: int = READ) -> bool:
    """Whether a weakness has a public number or an advisory, and is said to be mended."""
    return all(any(text.has(cue, end) for text in texts) for cue in (_PUBLISHED, _CLOSED))


def _hits(criterion: Criterion, texts: tuple[Said, ...]) -> Iterator[str]:
    """The words that meet a criterion, where nothing beside them takes it back."""
    for text in texts:
        for match in text.matches(_CUES[criterion]):
            if _stands(criterion, text, match):
                yield text.words(match)


def _stands(criterion: Criterion, text: Said, match: re.Match[str]) -> bool:
    before = text.low[max(match.start() - 60, 0) : match.start()]
    if _DONE.search(text.low[match.end() :][:60]):
        return False
    if criterion is Criterion.SECURITY:  # a weakness is always something that could happen
        return not _SECURED.search(before)
    if _DENIED.search(before) or _SUPPOSED.search(before):
        return False
    if criterion is not Criterion.DATA_LOSS:
        return True
    by_hand = _BY_HAND.match(match[0]) and _DID.search(before)
    return not by_hand and not _WHENEVER.search(before)


_PUBLISHED = Cue(
    "cve ghsa secu",
    r"\bcve-\d{4}-\d{3,}|\bghsa-\w{4}-\w{4}-\w{4}|\bsecurity (?:advisory|release|patch|update)\b",
)
_CLOSED = Cue(
    "advi disc fix fixe miti patc rele upgr",
    r"\b(?:fix(?:e[sd])?|patch(?:e[sd])?|advisor(?:y|ies)|released?|disclosed|mitigated"
    r"|upgrade to)\b",
)
_WEAKNESS = Cue(
    (
        "able allo an anot api* appr atta auth bypa can code comm cook coul cred crit csrf cvss "
        "cwe dire disc esca exec exfi expl expo hard head idor inje leak let lets logi may no "
        "othe pass path perm plai priv prom proo rce read remo run* sand secr secu seve shel "
        "some sql ssrf stea temp the toct toke unau vuln with worl writ xss zero"
    ),
    rf"{_ATTACK}|\b(?:security|critical|severe) (?:vulnerab\w+|holes?|flaws?|breach\w*)\b"
    r"|(?<!severity )(?<!\d )\bvulnerabilit(?:y|ies)\b"
    r"|\bvulnerable (?:to|by)\b|\bcwe-\d+|\bexploit(?:able|ed|ation)?\b"
    r"|\bzero.?day\b"
    r"|\bworld[ -](?:readable|writable)\b|\bhard-?coded (?:\w+ )?(?:key"
    r"|secret"
    r"|password|token|credential)s?\b|\bcvss\b|\bproof of concept\b.{0,40}\b(?:attack|exploit)"
    r"|\bsomeone else['\u2019]?s (?:data|account|chats?|conversations?|messages?|sessions?)\b"
    r"|\b(?:without|no) (?:any )?(?:authentication|authorization|auth)\b",
)
_MARKED = re.compile(r"^\W*security\b(?=\s*[\]:)-])|\bsecurity (?:issue|report)\b", re.IGNORECASE)
"""A title that a reporter marked."""
_LABELLED = re.compile(r"^(?:.*[/: -])?(?:security|vulnerability)\b", re.IGNORECASE)
_SEEN = 3_000
"""Characters in which a weakness is looked for: quoting one is worse than sparing one post."""


def sensitive(post: Post, parts: Parts | None = None) -> str | None:
    """The words by which a post looks like an undisclosed vulnerability; None if it does not.

    Leans to yes: such a post is kept out of channels and goes to the security contact alone. A
    weakness with a public number (CVE, GHSA) or an advisory that says it is fixed is disclosed.
    """
    parts = parts or parts_of(post)
    cue = _CUES[Criterion.SECURITY] if post.source in _NEWS else _WEAKNESS
    texts = (parts.title, parts.text)
    hits = (text.words(match) for text in texts for match in text.matches(cue, _SEEN))
    words = next(hits, None) or _marked(post)
    return None if words is None or _published(texts, _SEEN) else words


def _marked(post: Post) -> str | None:
    """The word by which the reporter or the tracker says that it is about security."""
    if post.source in _NEWS:
        return None
    labelled = (_LABELLED.search(label) for label in post.labels if not label.startswith("area"))
    match = next((match for match in labelled if match), None) or _MARKED.search(post.title)
    return match[0].strip() if match else None
