"""What the words of a post point at: numbers of a tracker, "duplicate of", titles in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.understand.addresses import URL

_READ = 20_000
"""Characters of a text that are searched for references."""

_NUMBER = (
    r"(?:(?P<repo>[\w.-]{1,39}/[\w.-]{1,100})#|(?<![\w/&#=:\"'.-])(?:#|GH-))(?P<number>\d{1,7})\b"
    r"(?![\w#%]|-\w|\.\d)"
)
_MENTION = re.compile(rf"(?<![\w/&#.-]){_NUMBER}")

# Other people's words, and what is no prose at all.
_CODE = re.compile(r"(?P<fence>```|~~~).*?(?:(?P=fence)|\Z)|`[^`\n]{1,300}`", re.DOTALL)
_QUOTED_MAIL = re.compile(
    r"^[ \t]*>[^\n]*$"
    r"|^[ \t]*-{2,}[ \t]*Original Message[ \t]*-{2,}.*\Z"
    r"|^On [^\n]{6,120}(?:\n[^\n]{0,80})?\bwrote:[ \t]*$.*\Z",
    re.MULTILINE | re.DOTALL,
)

_COLOUR = re.compile(
    r"\b(?:colou?rs?|background|foreground|fill|stroke|border|hex|rgb|shade|theme)\b"
    r"(?: of| is| to| from)?[^\w\n]{0,4}$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:the|my|our|your|their|his|her|is|was|are|a|an|step|option|rule|reason|item|point|part"
    r"|phase|case|test|try|attempt|round|run|take|lesson|tip|law|place|slot|worker|agent|gpu|core"
    r"|track|team|seat|channel|ranked?|spot|question|answer|chapter|page|figure|table|line|row"
    r"|column|version|no|bug|problem|fix|goal|scenario|example|method|approach|solution)[ \t]$",
    re.IGNORECASE,
)
_RANK = re.compile(
    r"[ \t](?:priority|reason|thing|problem|complaint|request|requested|feature|most|best|worst|top"
    r"|pain|cause|source|rule|choice|spot|rank|place|issue|bug|fan|goal|tip|tool|app|ask|concern"
    r"|trending|on|in the)\b",
    re.IGNORECASE,
)
_SMALL = 20
"""Up to here a number may be a rank or count something: "#1 priority", "step #2"."""

_TARGET = rf"(?:{_NUMBER}|(?P<url>{URL.pattern}))"
_THIS = r"(?:(?:i think |sorry, |ah, |oh, |yes, |looks like )?(?:this|it)(?: one| issue| bug)? )"
_SEEMS = (
    r"(?:is|was|'s|looks like|seems like|looks to be|seems to be|appears to be)(?: (?:just|really"
    r"|basically|probably|likely|clearly|actually))? "
)
_SAYS_DUPLICATE = re.compile(
    r"(?:^|(?<=[.!?;] )|(?<=\n))[ \t*_~(-]{0,4}"
    rf"(?:(?:closing|closed|marking|marked)(?: this| it)?(?: issue)?[ ,:-]{{1,3}})?"
    rf"(?:{_THIS}?{_SEEMS}|looks like |seems like |probably |likely |as )?"
    r"(?:(?:as )?(?:a |an |the )?(?:exact |clear |likely |probable |obvious )?"
    r"(?:duplicate|dupe|dup)s?(?: of| to)?"
    r"|(?:the )?(?:exact(?:ly)? )?same (?:issue |bug |problem |thing |root cause )?as"
    r"|in favou?r of|superseded by|duplicates)"
    rf"(?: issue| ticket| bug)?:?[ \t*_(]{{1,3}}{_TARGET}",
    re.IGNORECASE,
)

_NUMBERED = re.compile(r"#\d|GH-\d")
"""What every number has in it."""

_POINTERS, _WORDS = ("#", "gh-", "://"), ("dup", "same", "favo", "superseded")
"""What every sentence about a duplicate has in it, one of each, in small letters."""

_DOUBT = re.compile(
    r"[^.!?\n]*(?:\?|\b(?:would|could|might|may|maybe|perhaps|not sure|unsure|except)\b)",
    re.IGNORECASE,
)
"""What takes a statement back before its sentence ends."""

_TITLE = re.compile(
    r"\"([^\"\n]{20,200})\"|[\u201c\u201e\u00ab]([^\u201c\u201d\u00bb\n]{20,200})[\u201c\u201d\u00bb]"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A thread that words point at: a number, with its repository where it is named, or a URL."""

    repo: str | None = None
    number: int | None = None
    url: str | None = None


def prose(text: str) -> str:
    """The beginning of a text without code and without what is quoted from another's mail.

    What is taken out leaves a line break, so that nothing is joined across it.
    """
    text = text[:_READ]
    if "`" in text or "~~~" in text:
        text = _CODE.sub("\n", text)
    if ">" in text or "wrote:" in text or "Original Message" in text:
        text = _QUOTED_MAIL.sub("\n", text)
    return text


def mentions(text: str) -> Iterator[Said]:
    """The threads that are named by number, `#7`, `GH-7`, `owner/name#7`, in the order of the text.

    `text` is `prose`. A number that colours, ranks or counts is none: "color: #112233", "my #1
    priority", "step #2".
    """
    if not ("#" in text or "GH-" in text) or not _NUMBERED.search(text):
        return  # the pattern is slow, and few texts can fulfil it
    for match in _MENTION.finditer(text):
        if match["repo"] or not _counts(text, match):
            yield Said(match["repo"], int(match["number"]))


def said_duplicates(text: str) -> Iterator[Said]:
    """The threads of which somebody says, in a sentence of its own, that this one is a duplicate.

    `text` is `prose`. "Duplicate of #7", "closing in favour of #7", "this is the same issue as #7".
    A doubt ("may be a duplicate"), a denial, and a sentence about another thread ("#5, closed as a
    duplicate of #7") say nothing of this one.
    """
    small = text.casefold()
    if not all(any(said in small for said in needed) for needed in (_POINTERS, _WORDS)):
        return  # here, too
    for match in _SAYS_DUPLICATE.finditer(text):
        if _DOUBT.match(text, match.end()):
            continue
        if match["url"]:
            yield Said(url=match["url"].rstrip(".,;:!?)*_"))
        else:
            yield Said(match["repo"], int(match["number"]))


def quoted_titles(text: str) -> Iterator[str]:
    """What stands in double quotes and is long enough to be a title. `text` is `prose`."""
    for match in _TITLE.finditer(text):
        yield match[1] or match[2]


def _counts(text: str, match: re.Match[str]) -> bool:
    """Whether a number colours, ranks or counts, by the words around it."""
    before = text[max(match.start() - 24, 0) : match.start()]
    if _COLOUR.search(before):
        return True
    small = int(match["number"]) <= _SMALL and text[match.start()] == "#"
    return small and bool(_COUNTED.search(before) or _RANK.match(text, match.end()))
