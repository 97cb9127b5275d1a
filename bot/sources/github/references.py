"""Which threads a GitHub thread points at: what it closes, and what it was marked a duplicate of.

https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
"""

from __future__ import annotations

import re

from bot.sources.fields import Row

_NAME = re.compile(r"[\w.-]{1,39}/[\w.-]{1,100}", re.ASCII)
_THREAD = (
    rf"(?:(?P<repo>{_NAME.pattern})?#"
    rf"|https?://[\w.:-]{{1,100}}/(?P<place>{_NAME.pattern})/(?:issues|pull)/)"
    r"(?P<number>[0-9]{1,9})\b"
)
_CLOSES = re.compile(
    rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]{{1,9}}{_THREAD}", re.IGNORECASE | re.ASCII
)
_DUPLICATE = re.compile(
    rf"\bduplicate[ \t]{{1,9}}of:?[ \t]{{1,9}}{_THREAD}", re.IGNORECASE | re.ASCII
)
NO_PLAN = ("duplicate", "not_planned")
"""Reasons for which an issue is closed that a duplicate may have."""


def closes(row: Row, text: str, repo: str) -> tuple[str, ...]:
    """Ids of the threads that a pull request closes: so it says, or somebody linked them to it."""
    said = {_meant(match, repo) for match in _CLOSES.finditer(text)}
    linked = {_linked(node, repo) for node in nodes(row.get("closing"))}
    return tuple(sorted(thread for thread in said | linked if thread))


def may_be_duplicate(row: Row) -> bool:
    """Whether somebody who may has closed or labelled an issue in a way that means it."""
    reason = row.get("state_reason")
    return (isinstance(reason, str) and reason.lower() in NO_PLAN) or any(
        "duplicate" in name.lower() for name in label_names(row)
    )


def duplicate_of(row: Row, text: str, repo: str) -> str | None:
    """Id of the thread that this one was marked a duplicate of.

    Words alone do not mark it, since anybody can write them: they only tell which is meant.
    """
    if not may_be_duplicate(row):
        return None
    for event in nodes(row.get("marks")):
        if isinstance(event, dict) and (thread := _linked(event.get("canonical"), repo)):
            return thread
    said = [node.get("body") for node in nodes(row.get("recent")) if isinstance(node, dict)]
    found = (_DUPLICATE.search(words) for words in [*said[::-1], text] if isinstance(words, str))
    return next((_meant(match, repo) for match in found if match), None)


def nodes(value: object) -> list[object]:
    """What is in a list: in REST it is one, in GraphQL it has one."""
    found = value.get("nodes") if isinstance(value, dict) else value
    return found if isinstance(found, list) else []


def label_names(row: Row) -> list[str]:
    """The labels' names, just as they came."""
    names = [x.get("name") if isinstance(x, dict) else x for x in nodes(row.get("labels"))]
    return [name for name in names if isinstance(name, str)]


def _meant(match: re.Match[str], repo: str) -> str:
    return _thread(match["repo"] or match["place"] or repo, match["number"], repo)


def _linked(node: object, repo: str) -> str | None:
    """A thread that GraphQL points at."""
    place = node.get("repository") if isinstance(node, dict) else None
    name = place.get("nameWithOwner") if isinstance(place, dict) else None
    number = node.get("number") if isinstance(node, dict) else None
    if not isinstance(name, str) or not _NAME.fullmatch(name) or type(number) is not int:
        return None
    return _thread(name, number, repo)


def _thread(name: str, number: int | str, repo: str) -> str:
    """`owner/name#1`, with this repository's own name as it is spelt here."""
    return f"{repo if name.lower() == repo.lower() else name}#{int(number)}"
