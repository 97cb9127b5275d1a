"""What sort of posts a plain question is about: kinds, criteria, states, and how many are hit."""

from __future__ import annotations

import re

from bot.speak.draft import BEFORE, BEHIND, ENDS, Draft, whole
from bot.speak.moments import NUMBER, number

CROWD = r"(?:people|users|they|everyone|everybody|folks|customers|devs|developers|anyone|who|you)"
_REALLY = r"(?: (?:really|actually|most|also|still))*"

_SURE = {
    r"complaints?|pain points?|gripes|rants|negative (?:feedback|posts)": "complaint",
    r"bugs|bug reports?": "bug",
    r"pull requests?|merge requests?|(?-i:PRs?)": "pull",
    r"feature[- ]requests?|wish ?lists?|feature ideas": "request",
    r"compliments|kudos|positive (?:feedback|posts)": "praise",
}
"""Nouns that name a kind wherever they stand."""
_NOUNS = _SURE | {
    r"gripe|rant": "complaint",
    r"bug": "bug",
    r"requests": "request",
    r"praise": "praise",
    r"questions": "question",
    r"announcements?": "announcement",
    r"discussions": "discussion",
    r"spam": "spam",
    r"comments": "comment",
    r"reviews": "review",
    r"stories": "story",
    r"releases": "release",
}
COUNTED = (
    r"(?:complaints|bugs|bug reports|crashes|regressions|questions|requests|feature requests|praise"
    r"|discussions)"
)
"""What one side may have more of than another."""
KIND_WORDS = tuple(_NOUNS)
"""Patterns of the nouns that name a kind."""

_VERBS = {
    rf"(?:would|'d|will|could)(?: {CROWD})?{_REALLY} (?:like|love|enjoy)"
    rf"|{CROWD}{_REALLY} (?:want|wish for)|wish(?:es|ing)?|ask(?:s|ing|ed)? (?:us )?for"
    r"|requesting|requested(?: features?)?": "request",
    r"complain(?:s|ing|ed|ers?)?|hurt(?:s|ing)?|pains?|unhappy|angry|annoy(?:s|ed|ing|ances?)"
    r"|frustrat(?:ed|ing|ions?)|hat(?:e|es|ed|ing)|dissatisfied|upset|dislikes?"
    rf"|(?:don't|doesn't|do not|does not|didn't)(?: {CROWD})?{_REALLY}"
    r" (?:like|love|enjoy)": "complaint",
    r"prais(?:e|es|ed|ing)|lov(?:e|es|ed|ing)|enjoy(?:s|ed|ing)?|liked"
    r"|happy (?:with|about|users|people)"
    rf"|likes? (?:most|best|about)|{CROWD}{_REALLY} (?:like|appreciate)|fans of"
    r"|satisfied with": "praise",
}
_CRITERIA = {
    r"crashes|crash reports?": "crash",
    r"regressions?": "regression",
    r"data[- ]loss": "data loss",
    r"(?:wrong|incorrect) results?": "wrong result",
    r"security (?:issues?|problems?|bugs?|reports?|holes?)"
    r"|(?:security )?vulnerabilit(?:y|ies)": "security",
    r"install(?:ation)? (?:problems?|issues?|failures?|errors?)"
    r"|(?:cannot|can't|unable to|fail(?:s|ed|ing)? to) install": "cannot install",
}
_OF_SOMETHING = r"(?<!http )(?<!api )(?<!network )(?<!web )(?<!get )(?<!post )(?<!code )"
"""Before a noun that then is a subject: HTTP requests, code comments."""
_LISTED = (
    r"(?:issues?|bugs?|threads?|posts?|questions|reports?|pull requests?|PRs|requests"
    r"|feature requests?|complaints?|ones?|discussions|topics)"
)
_THAT = r"(?:(?:that|which) )?"
_OPENNESS = {
    rf"{_THAT}(?:are|is|stay|remain)? ?still open|(?:that|which|are) (?:are )?open"
    rf"|open(?=\s+{_LISTED}\b)": "open",
    rf"{_THAT}(?:are|were|is|got) (?:already )?closed|closed(?=\s+{_LISTED}\b)": "closed",
    rf"{_THAT}(?:are|were|is|got) (?:already )?merged|merged(?=\s+{_LISTED}\b)": "merged",
}
_NO = r"(?:(?:with|have|has|had|got|getting|get) no|without(?: an?| any)?)"
_ANSWER = r"(?:answered|replied(?: to)?|responded(?: to)?)"
_UNANSWERED = whole(
    rf"{_THAT}(?:(?:are|is|remain|stay|still) )*unanswered"
    rf"|{_NO} (?:answers?|repl(?:y|ies)|responses?)(?: yet)?"
    rf"|{_THAT}(?:nobody|no one|no-one)(?: has| have)? {_ANSWER}(?: yet)?"
    rf"|{_THAT}(?:(?:are|is|were|have|has) )?(?:not|never)(?: been)?(?: yet)? {_ANSWER}(?: yet)?"
    r"|(?:still )?waiting for (?:an answer|a reply|a response)"
)
_ANSWERED = whole(rf"(?:already )?answered(?=\s+{_LISTED}\b)|(?:that|which) (?:are|were) answered")
_UNTRACKED = whole(
    rf"{_THAT}(?:(?:are|is|still) )*(?:untracked|not (?:yet )?tracked)"
    rf"|{_NO} (?:github )?(?:issue|ticket){ENDS}"
    r"|(?:that )?no issue stands for|(?:that )?nobody (?:has )?filed"
)
_NOT_AN_ISSUE = whole(rf"{_NO} (?:github )?issue{ENDS}")
"""Asks for what is no issue itself: each of those has one."""
_TRACKED = whole(rf"{_THAT}(?:(?:are|is) )?(?:already )?tracked")
_HELD = (
    ("unanswered", True, _UNANSWERED),
    ("unanswered", False, _ANSWERED),
    ("untracked", True, _UNTRACKED),
    ("untracked", False, _TRACKED),
)
_OPEN_THE = re.compile(r"^(?:please )?open (?=(?:the|those|these|all)\b)", re.IGNORECASE)
_THREADS = (
    r"(?:bugs?|bug reports?|issues?|(?:feature )?requests?|questions?|tickets?|threads?|topics?"
    r"|discussions?|complaints?|pull requests?|PRs?)"
)
_OPENED = r"(?:opened|filed|created|submitted|logged(?! (?:in|out|on)\b))"
_WERE_OPENED = whole(
    rf"(?P<what>{_THREADS})(?: (?:that|which|were|was|are|have|has|had|got|get|been|being|we|newly"
    rf"|just|recently))* {_OPENED}"
)
_NEWLY_OPENED = whole(rf"(?:(?:newly|just|recently) )?{_OPENED} (?P<what>{_THREADS})")
_ISSUES = whole(r"(?P<how>open|closed|unanswered|untracked|tracked) issues")

_HIT = (
    rf"(?:{_THAT}(?:hit(?:s|ting)?|affect(?:s|ed|ing)?|hurt(?:s|ing)?|reported by|raised by"
    r"|mentioned by|by|from|with) )?"
)
_PERSONS = r"(?:(?:different|distinct) )?(?:people|users|persons|customers|developers|devs)"
_PEOPLE = whole(
    rf"{_HIT}(?:(?P<over>more than|over)|at least"
    r"|(?P<under>fewer than|less than|under|at most|up to|exactly)) "
    rf"(?P<n>\d{{1,6}}|{NUMBER}) {_PERSONS}"
    rf"|{_HIT}(?P<plus>\d{{1,6}})(?:\+| or more) {_PERSONS}"
)
_MEASURES = whole(
    r"(?:(?:with|having|of|over) )?(?:more than|at least|over|fewer than|less than|under) "
    rf"{NUMBER} (?:upvotes?|votes?|likes?|comments?|replies|reactions?|stars?|points?|thumbs up"
    r"|views?)"
)
_TOP = whole(
    rf"(?:top|first) {NUMBER}"
    rf"|(?!an? ){NUMBER} (?:worst|biggest|top|most|latest|newest|loudest)"
)


def kind_of(noun: str) -> str:
    """The kind that a noun names, one that `KIND_WORDS` finds."""
    return next(
        kind
        for pattern, kind in _NOUNS.items()
        if re.fullmatch(pattern, noun.strip(), re.IGNORECASE)
    )


def states(draft: Draft) -> None:
    """How the threads stand: open, unanswered, untracked. Each was opened: that says nothing."""
    if _ISSUES.search(draft.text):
        draft.more("kinds", "issue")
    draft.text = _OPEN_THE.sub("", draft.text)
    if _NOT_AN_ISSUE.search(draft.text) and "issue" not in draft.query.kinds:
        draft.more("excluded", ("kind", "issue"))
    for name, held, pattern in _HELD:
        for _ in draft.take(pattern):
            draft.put(**{name: held})
    for openness, state in _OPENNESS.items():
        for _ in draft.take(whole(openness)):
            draft.more("states", state)
    for opened in (_WERE_OPENED, _NEWLY_OPENED):
        draft.text = opened.compiled.sub(lambda match: match["what"], draft.text)


def crowds(draft: Draft) -> None:
    """So many people; limits that no query can hold are said not to be understood."""
    for match in draft.take(_PEOPLE):
        if match["under"]:
            draft.lose(f"{match['under']} {match['n']} people")
        elif match["plus"]:
            draft.put(people=int(match["plus"]))
        else:
            draft.put(people=number(match["n"]) + bool(match["over"]))
    for pattern in (_MEASURES, _TOP):
        for match in draft.take(pattern):
            draft.lose(re.sub(r"^(?:with|having|of) ", "", match[0], flags=re.IGNORECASE))


_POSTS_ALONE = re.compile(
    rf"(?<!error ){BEFORE}(?:messages|mentions|entries|submissions){BEHIND}{ENDS}", re.IGNORECASE
)
"""What is said for posts of any kind."""


def kinds(draft: Draft) -> None:
    """What sort of post, and what makes it urgent; in the order in which they are told apart."""
    for pattern, criterion in _CRITERIA.items():
        for _ in draft.take(whole(pattern)):
            draft.more("criteria", criterion)
    for pattern, kind in _NOUNS.items():
        ends = "" if pattern in _SURE else ENDS
        listed = re.compile(rf"{_OF_SOMETHING}{BEFORE}(?:{pattern}){BEHIND}{ends}", re.IGNORECASE)
        for _ in draft.take(listed):
            draft.more("kinds", kind)
    for pattern, kind in _VERBS.items():
        for _ in draft.take(whole(pattern)):
            draft.more("kinds", kind)
    for _ in draft.take(_POSTS_ALONE):
        pass
