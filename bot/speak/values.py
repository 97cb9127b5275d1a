"""What may stand behind a key of the Query language, and what was meant by a near miss."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from bot.model import SOURCES_KNOWN, STRONGEST, Criterion, Intent

KINDS = (
    "complaint",
    *(intent.value for intent in Intent),
    *("issue", "pull", "release", "review", "comment"),
    *("story", "topic", "post", "reply", "answer", "message", "mail", "entry"),
)
"""What a post can be: a complaint, what its author wants, or the source's own word for its form.

An archive may bring further words of its own."""

STATES = ("open", "closed", "merged", "answered", "solved", "accepted", "resolved")
"""How a thread can stand. An archive may bring further words of its own."""

_PEOPLE = re.compile(r"(?P<more>>=?)?(?P<number>\d{1,6})")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_CODE = re.compile(r"[a-z]{2}")


class BadValue(ValueError):  # noqa: N818 it is told as a QueryError, with its place
    """A value that its key does not take; the message says what it takes."""


def nearest(value: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant, the word itself if it is one of them."""
    lower = value.lower()
    if lower in known:
        return lower
    close = get_close_matches(lower, known, n=1, cutoff=0.75)
    return close[0] if close else None


def _refused(what: str, value: str, known: Sequence[str]) -> BadValue:
    near = nearest(value, known)
    help_ = f"did you mean {near}?" if near else f"they are {', '.join(known)}"
    return BadValue(f"there is no {what} {value!r}; {help_}")


def source(value: str) -> str:
    """One of the sources that posts can come from, as it was written."""
    if value.lower() not in SOURCES_KNOWN:
        raise _refused("source", value, SOURCES_KNOWN)
    return value


def criterion(value: str) -> str:
    """The name of a criterion; "data-loss" is as good as "data loss"."""
    name = value.lower().replace("-", " ").replace("_", " ").strip()
    if name not in set(Criterion):
        known = [one.value.replace(" ", "-") for one in Criterion]
        raise _refused("criterion", value, known)
    return name


def language(value: str) -> str:
    """An ISO 639-1 code in lower case."""
    code = value.lower()
    if not _CODE.fullmatch(code):
        raise BadValue(f"{value!r} is no code of a language; write two letters, as in lang:de,zh")
    return code


def repository(value: str) -> str:
    """`owner/name` of a repository on GitHub, as its venue is called."""
    if not _REPOSITORY.fullmatch(value) or value.lower().startswith("r/"):
        raise BadValue(f"{value!r} is no repository; write owner/name, as in repo:acme/tool")
    return value


def strength(value: str) -> int:
    """The least strength of a complaint."""
    if value not in map(str, range(1, STRONGEST + 1)):
        raise BadValue(f"{value!r} is no strength; write 1 (a trouble), 2 (it stops me) or 3")
    return int(value)


def yes_or_no(value: str) -> bool:
    """Whether something holds."""
    if value.lower() not in {"yes", "no"}:
        raise BadValue(f"{value!r} is neither yes nor no")
    return value.lower() == "yes"


def least_people(value: str) -> int:
    """How many people at least: `>5` is 6, `>=5` and `5` are 5."""
    found = _PEOPLE.fullmatch(value)
    if not found:
        raise BadValue(f"{value!r} is no number of people; write people:>5, people:>=5 or people:5")
    return int(found["number"]) + (found["more"] == ">")
