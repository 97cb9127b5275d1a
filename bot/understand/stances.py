"""Words that take a side: how people contradict, and what such words can be said against."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to contradict: its words, and what they can be said against."""

    over: str
    weight: float
    against: re.Pattern[str]
    claim: re.Pattern[str]
    """What the other side must have said."""
    ties: frozenset[str]
    """How the later post may be tied to the earlier; see `TIES`."""
    shared: bool = False
    """Whether the claim must share a word with the contradiction, if that names anything at all."""
    asked: bool = False
    """Whether a question can be such a claim: "Could we have that?"."""


TIES = {"quoted": 1.2, "reply": 0.8, "named": 0.7, "follows": 0.5, "opener": 0.3, "thread": 0.3}
"""How one post answers another, and what that is worth: it quotes the sentence, is written as a
reply to it, names its author, comes next in the thread; the other one opened the thread, or is the
last there to have said such a thing."""
_QUOTED = frozenset({"quoted"})
_DIRECT = _QUOTED | {"reply", "named", "follows"}
_OPENED = _DIRECT | {"opener"}
_THREAD = _DIRECT | {"thread"}


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_DOUBT = r"\bi (?:\w+ ){0,2}(?:do not|don't) (?:think|believe)(?: that)?"
_LY = r"(?:\w+ly |just |quite |even )?"
_IT = r"(?:that|this|it)"

_HAVE = "see|seeing|have|having|get|getting|experiencing|facing|hitting"

_SAID = _words(r"\w")
_HELD = _words(
    r"\b(?:i|we) (?:\w+ )?(?:think|believe|guess|suggest|propose|prefer|feel|suspect|assume)\b",
    r"\b(?:should(?:n't)?|must|could|might|may|would be|needs? to|ha(?:s|ve) to)\b",
    r"\b(?:better|worse|wrong|right|bug|broken|fault|problem|issue|cause[ds]?|because|related)\b",
    r"\b(?:obviously|clearly|definitely|certainly|probably|likely|never|always|impossible)\b",
    r"\b(?:confusing|useless|useful|unnecessary|overkill|safe|unsafe|secure|insecure)\b",
    r"\b(?:seems?|looks like|appears|is not|isn't|are not|aren't|does not|doesn't|no longer)\b",
    r"\b(?:easy|easier|hard|harder|nice|great|good|bad|sense|same|enough|expected)\b",
)
"""An opinion, a verdict, a guess."""
_CAUSE = _words(
    r"\b(?:could|might|may|must|has to|seems?|probably|likely|i (?:think|suspect|guess)|maybe)\b"
    r".{0,60}\b(?:issue|problem|bug|cause|error|fault|due to|because|related)\b",
    r"\b(?:issue|problem|cause|reason) (?:is|was|might|could|may|seems)\b",
)
_FAULT = _words(
    r"\b(?:seems?|looks?|is|be|like|as|think|possibl[ey]|this) (?:\w+ ){0,3}bugs?\b",
    r"\bbugs? (?:in|with|when|that)\b|\bbroken\b|\bregression\b|\bbehaves? (?:\w+ )?unexpected",
    r"\bshould(?:n't| not)\b|\bis (?:\w+ )?wrong\b|\bincorrect(?:ly)?\b|^\W*bug\b",
)
_BREAKS = _words(
    r"\b(?:doesn't|does not|don't|do not|isn't|is not|not|stopped|never) (?:\w+ )?work",
    r"\b(?:fails?|failing|crash(?:es)?|hangs?|freez(?:es|ing)|broken|breaks|bug|regression)\b",
)
_SAME = _words(
    r"\bduplicated?(?: of)?\b|\bdupe\b|\bsame (?:\w+ )?(?:issue|bug|problem|thing|root cause) as\b",
    r"\bsame as #\d",
)
_DONE = _words(
    r"\b(?:is|was|been|are|it's|now|got|already|should be|marking as) (?:now |already |been )?"
    r"(?:fixed|resolved|solved|addressed)\b(?! it\b)",
    r"^(?:fixed|resolved|solved)\b|\bfix (?:is in|has been|was|landed|is merged|is released)\b",
    r"^clos(?:ed|ing)\b|\bclosing (?:this|it|as|since|due)\b|\bno longer (?:an issue|a problem)\b",
)
_FINE = _words(
    r"\bworks? (?:\w+ )?for me\b|\b(?:can't|cannot|couldn't|unable to) reproduce\b",
    rf"\b(?:{_IT}|everything) works? (?:fine|great|perfectly|well) (?:here|on my|with|in)\b",
    r"\bno (?:issues?|problems?) (?:here|on my|for me)\b",
)
_STILL = (
    r"\b(?:not|isn't|wasn't|hasn't been|never) (?:\w+ly |been )?(?:fixed|resolved|solved)\b",
    r"\bstill (?:broken|fail(?:s|ing)|happen(?:s|ing))\b",
    r"\bstill (?:not|isn't|doesn't) (?:\w+ )?(?:work\w*|fixed|solved|resolved)\b",
    rf"\bstill (?:\w+ )?(?:{_HAVE}) (?:\w+ ){{0,2}}(?:same|issue|problem|error|bug|this|it)\b",
    r"\bstill (?:occurs?|occurring|reproduc\w+|an issue|the case|persists?)\b",
    r"\b(?:issue|problem|bug|error) (?:still )?(?:persists|remains|exists)\b",
)
_REMOVAL = _words(
    r"\b(?:remov(?:e|ing)|drop(?:ping)?|deprecat(?:e|ing)|delete|get rid of|replace|disable)\b",
    r"\bchang(?:e|ing) the (?:default|behaviou?r)\b",
)
_REOPEN = _words(
    r"\bplease re-?open\b|\b(?:can|could|would) (?:you|we|someone) (?:please )?re-?open\b",
    r"\bshould (?:\w+ )?be re-?opened\b",
)
_CLOSED = _words(r"^clos(?:ed|ing)\b|\bclosing (?:this|it|as|since|due)\b|^duplicate of #\d")
_WISH = _words(
    r"\b(?:should|would be|would love|would like|it'd be|'d like|could we|can we|please|i wish)\b",
    r"\b(?:feature request|ability to|add|allow|support|remove|drop|make|replace|deprecate)\b",
    r"\b(?:by default|the default|need|want|proposal|suggest|propose|instead of)\b",
)

RULES = (
    Rule(
        "an opinion",
        1.6,
        _words(
            r"\bi (?:\w+ )?(?:disagree|object to)\b(?! more)",
            r"\bi (?:\w+ )?(?:don't|do not|can't|cannot) (?:\w+ )?agree\b",
            r"\bweak argument\b|\bbeg to differ\b",
            r"^(?:\w+,? )?(?:you(?:'re| are)|that's|that is|this is|it's) "
            rf"{_LY}(?:wrong|mistaken|incorrect|false|nonsense)[,.!]?(?:$| )(?!negative)",
            rf"^(?:\w+,? )?{_IT}(?:(?:'s| is) not|(?:'s| is)n't| isn't| wasn't) "
            rf"{_LY}(?:true|correct|right|accurate|the case)\b",
            r"^(?:sorry,? )?(?:but )?(?:absolutely |definitely )?not true\b",
            r"^-1(?:[,.!]? (?:to|for|on|from|as|since|this|i)\b|[.!]?$)",
            r"\bi(?:'m| am) (?:\w+ )?(?:against|opposed to)\b",
        ),
        _HELD,
        _DIRECT,
    ),
    Rule(
        "an opinion",
        1.2,
        _words(
            rf"^(?:\w+,? )?{_DOUBT}|^(?:but )?why would (?:you|we|anyone|one|i)\b",
            r"^(?:actually|no|nope|nah|well)[,.:] (?:\w+ )?(?:it|that|this|there|you)\b",
            rf"^but (?:{_IT}|there)(?:'s not| is not| isn't| doesn't| does not| won't)\b",
            r"\bdefeats? the (?:whole )?purpose\b|\bis a bad idea\b|\bmakes? no sense\b",
            r"\b(?:doesn't|does not|wouldn't) make (?:\w+ )?sense\b",
            r"\bi (?:disagree|do not agree|don't agree)\b",
        ),
        _SAID,
        _QUOTED,
    ),
    Rule(
        "an opinion",
        1.4,
        _words(
            rf"{_DOUBT} {_IT}(?:'s| is| would be|'d be) (?:an? |the )?(?:\w+ly )?"
            r"(?:correct|right|good|best|better|necessary|needed|useful|worth|true|wise|enough)\b",
            r"^(?:but )?why would (?:you|anyone|we) (?:\w+ )?want\b",
            r"^on the contrary\b|^(?:no, )?quite the opposite\b",
            rf"^(?:but )?{_IT} (?:\w+ )?(?:defeats? the (?:whole )?purpose|makes? no sense)\b",
            rf"^(?:but )?{_IT}(?:'s| is) (?:\w+ly )?a (?:\w+ )?bad idea\b",
        ),
        _HELD,
        _DIRECT,
        shared=True,
    ),
    Rule(
        "the cause",
        1.6,
        _words(
            rf"{_DOUBT} {_IT}(?:'s| is| would be|'d be) (?:\w+ )?(?:the |an? )?"
            r"(?:issue|problem|cause|reason)\b(?! but)",
            rf"^(?:\w+,? )?{_IT}(?:'s| is) (?:\w+ly )?not (?:the )?"
            r"(?:issue|problem|cause|reason)\b",
        ),
        _CAUSE,
        _DIRECT,
    ),
    Rule(
        "a bug or not",
        1.6,
        _words(
            r"\b(?:not|isn't) (?:\w+ly |quite )?an? (?:\w+ )?bug\b",
            r"^(?:status: )?not a bug\b",
            r"\b(?:not|isn't) (?:an? )?(?:\w+ )?(?:bug|issue|problem) (?:with|in) (?!this)",
            rf"{_DOUBT} {_IT}(?:'s| is) an? (?:\w+ )?bug\b|\bworking as (?:intended|designed)\b",
            rf"^(?:\w+,? )?{_IT}(?:'s| is| works| behaves) (?:\w+ly )?(?:by design|as (?:intended|"
            r"designed)|(?:the )?(?:expected|intended|intentional|deliberate)\b)",
        ),
        _FAULT,
        _OPENED,
    ),
    Rule(
        "the same or not",
        1.6,
        _words(
            rf"\b(?:not|isn't) {_LY}(?:an? )?(?:exact )?(?:duplicated?|dupe)\b",
            rf"{_DOUBT} {_IT}(?:'s| is) (?:an? )?(?:\w+ )?(?:duplicated?|dupe|the same)\b",
            rf"\b(?:not|isn't) {_LY}the same (?:\w+ )?(?:issue|bug|problem|thing|error)\b",
            rf"\b{_IT}(?:'s| is| seems| looks like) (?:\w+ )?an? (?:\w+ )?"
            r"different (?:issue|bug|problem)\b",
        ),
        _SAME,
        _THREAD,
    ),
    Rule("closed or not", 1.6, _REOPEN, _CLOSED, _THREAD),
    Rule("fixed or not", 1.6, _words(*_STILL), _DONE, _THREAD),
    Rule(
        "works or not",
        1.4,
        _words(
            *_STILL,
            r"\b(?:doesn't|does not|didn't|did not|not) work(?:ing)? "
            r"(?:for (?:me|us)|here|at all)\b",
        ),
        _FINE,
        _DIRECT,
    ),
    Rule(
        "works or not",
        1.4,
        _words(
            rf"^(?:\w+,? )?(?:(?:{_IT}|mine|same version) )?works? "
            r"(?:fine |well |great |perfectly )?(?:for me|here|on my)\b(?! (?:now|after|again))",
            r"\b(?:can't|cannot|can not|couldn't|could not|unable to|not able to) (?:\w+ )?"
            r"reproduce (?:this|it|the (?:issue|bug|problem))\b",
        ),
        _BREAKS,
        _OPENED,
    ),
    Rule(
        "wanted or not",
        1.6,
        _words(
            r"\bwe (?:\w+ )?(?:depend|rely) on (?:this|it|that)\b",
            r"\b(?:leave|keep) (?:it|this) (?:as|the way) (?:it|this)\b",
            r"\b(?:strongly|very much) against (?:this|it|that)\b",
        ),
        _REMOVAL,
        _OPENED,
        asked=True,
    ),
    Rule(
        "wanted or not",
        1.6,
        _words(
            r"\bplease (?:don't|do not) (?:\w+ )?(?:change|remove|drop|add|make|deprecate|merge)\b",
            r"\bshould(?:n't| not) (?:be (?:(?:the|a) default|removed|changed))\b",
            r"\bshould(?:n't| not) (?:remove|change|drop|add)\b",
            r"\b(?:i|we)(?:'d| would) (?:much |really )?rather (?:not|keep)\b",
            r"\b(?:i|we)(?:'d| would) (?:much )?prefer (?:not to|to keep)\b",
            rf"{_DOUBT} (?:we|you) (?:should|need|want)\b",
            r"\bdon't see why (?:we|you|anyone) (?:\w+ )?needs?\b",
        ),
        _WISH,
        _OPENED,
        shared=True,
        asked=True,
    ),
    Rule(
        "wanted or not",
        1.6,
        _words(
            r"\b(?:we|i)(?:'re| are|'m| am)? (?:won't|will not|not going to|not planning to"
            r"|(?:currently )?have no plans? to) (?:be )?"
            r"(?:add|make|implement|support|merge|accept|reopen)\w*\b",
            r"\bno plans? to (?:add|implement|support)\b",
            r"\bnot something we(?:'d| would| will| want| are)",
        ),
        _WISH,
        _OPENED,
        asked=True,
    ),
)

HEDGED = _words(
    r"\bif (?:i'm|i am|that's|this|that is|it's|it is|you are|you're) "
    r"(?:\w+ )?(?:wrong|mistaken|not)",
    r"\b(?:if|whether|when)\b.{0,80}\b(?:still|persists?|remains)\b|\bforgive\b|\bnot mistaken\b",
    r"\b(?:let me know|update here|correct me|in case|unless)\b|\bnot (?:\w+ )?(?:a )?bad idea\b",
    r"\bi (?:\w+ )?agree\b|\byou're right\b|\bagreed\b|\beither\b|\bbut (?:it|it's) possible\b",
)
"""What takes a contradiction back, or makes it a condition."""


PLEADS = _words(r"\bwhy would\b", r"\bre-?open")
"""Questions that contradict all the same."""
UNDECIDED = _words(
    r"\b(?:until|once|whether|not sure|hopefully)\b|^(?:if|when) |\bif (?:there|it|this)\b",
    r"\bi (?:\w+ )?(?:tried|was|had|did|found)\b(?! (?:that|what|a bug|not work))|:$",
)
"""What is no claim yet: a condition, an attempt, or the announcement of what follows."""
