"""GitHub's GraphQL in small. It reads our queries by pattern: what is selected comes, no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tests.world.base import Said
from tests.world.github_things import (
    ANSWER,
    COMMENT,
    DISCUSSION,
    ISSUE,
    PULL,
    REMARK,
    REPLY,
    REVIEW,
    GithubThings,
)

NEWEST = 3
"""Comments of a discussion, or discussions, that come at once."""

_THREAD = re.compile(r"([td])(\d+): \w+\(number: \d+\) \{([^}]*)\}")
_OLDER = re.compile(r" discussion\(number: (\d+)\) \{ \.\.\.debated \}")
_RELEASE = re.compile(r'(r\d+): release\(tagName: "([^"]+)"\)')
_LAST = re.compile(r'(r\d+): repository\(owner: "acme", name: "\w+"\) \{ discussions\(first: 1, ')
_FORMS = {ISSUE: "Issue", PULL: "PullRequest", DISCUSSION: "Discussion"}


def answered(world: GithubThings, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a query on the repository, or on several that have the same discussions."""
    if several := _LAST.findall(asked["query"]):
        return {"data": {key: _last_discussion(world) for key in several}}
    assert asked["variables"]["owner"] == "acme", asked
    query, variables = asked["query"], asked["variables"]
    found: dict[str, Any] = {"isPrivate": world.private}
    for letter, number, selected in _THREAD.findall(query):
        found[letter + number] = _thread(world, int(number), letter, selected.split())
    errors = [
        {"type": "NOT_FOUND", "path": ["repository", key], "message": "Could not resolve"}
        for key, node in found.items()
        if node is None
    ]
    if "discussions(first:" in query:
        found["discussions"] = _discussions(world, variables.get("after"))
    for number in _OLDER.findall(query):
        found["discussion"] = {"debate": _debate(world, int(number), variables.get("before"))}
    for key, tag in _RELEASE.findall(query):
        found[key] = {"tagName": tag} if int(tag[1:]) in world.living else None
    return {"data": {"repository": found}, **({"errors": errors} if errors else {})}


def _thread(
    world: GithubThings, number: int, letter: str, selected: Iterable[str]
) -> dict[str, Any] | None:
    form = world.alive().get(number)
    if form is None or form.kind not in ((DISCUSSION,) if letter == "d" else (ISSUE, PULL)):
        return None
    node = _opener(world, number)
    if "...ofIssue" in selected:
        node["talk"] = _all(_nodes(world, number, COMMENT))
    if form.kind == PULL and "...reviewed" in selected:
        node["reviews"] = _all(_nodes(world, number, REVIEW))
    if form.kind == PULL and "...remarked" in selected:
        # A remark belongs to a review, which has no words of its own here.
        remarks = {"remarks": _all(_nodes(world, number, REMARK))}
        reviews = node.get("reviews", _all([]))["nodes"]
        node["reviews"] = _all([*reviews, remarks])
    if "...debated" in selected:
        node["debate"] = _debate(world, number, None)
    return node


def _opener(world: GithubThings, number: int) -> dict[str, Any]:
    row, kind = world.row(world.living[number]), world.forms[number].kind
    node = _said(row) | {
        "form": _FORMS[kind],
        "number": number,
        "title": row["title"],
        "closed": row.get("state") == "closed",
        "closed_at": row.get("closed_at"),
        # In another order than REST has them.
        "labels": {"nodes": [{"name": name} for name in reversed(row["labels"])]},
        "milestone": row["milestone"],
        "comments": {"totalCount": row["comments"]},
    }
    if kind == DISCUSSION:
        del node["reactions"]
        node |= {"upvoteCount": 1, "isAnswered": False}
    if kind == ISSUE:
        reason = row.get("state_reason")
        node |= {"state_reason": reason and reason.upper()}
        node |= {"recent": {"nodes": []}, "marks": {"nodes": []}}
    if kind == PULL:
        merged_at = row["pull_request"]["merged_at"]
        node |= {"merged_at": merged_at, "closing": {"nodes": []}}
    return node | world.linked.get(number, {})


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    """What all that is said has: a bot's name is written without its mark here."""
    user = row["user"]
    if user is not None:
        user = {"login": user["login"].removesuffix("[bot]"), "type": user["type"]}
    names = ("body", "author_association", "created_at", "updated_at", "html_url")
    likes = row["reactions"]["+1"]
    return {"user": user, "reactions": {"totalCount": likes}} | {n: row[n] for n in names}


def _nodes(world: GithubThings, thread: int, *kinds: str) -> list[dict[str, Any]]:
    """The replies of a thread, oldest first."""
    found = (n for n, form in world.alive().items() if form.thread == thread)
    return [_reply(world, world.living[n]) for n in found if world.forms[n].kind in kinds]


def _reply(world: GithubThings, said: Said) -> dict[str, Any]:
    form, row = world.forms[said.number], world.row(said)
    node = _said(row)
    if form.kind == REVIEW:
        node["submitted_at"] = row["submitted_at"]
    if form.kind in (ANSWER, REPLY):
        del node["reactions"]
        node |= {"upvoteCount": 1, "deletedAt": None}
    if form.kind == REMARK:
        node["replyTo"] = None
    return node


def _debate(world: GithubThings, thread: int, before: str | None) -> dict[str, Any]:
    """The newest answers before a place; a deleted one stays while it is answered."""
    answers = []
    for number, form in world.forms.items():
        if form.thread != thread or form.kind != ANSWER:
            continue
        replies = [
            _reply(world, world.living[n]) | {"replyTo": {"html_url": world.address(number)}}
            for n, other in world.alive().items()
            if other.answers == number
        ]
        shown = {"pageInfo": {"hasPreviousPage": world.more_answers}, "nodes": replies}
        if number in world.living:
            answers.append(_reply(world, world.living[number]) | {"answers": shown})
        elif replies:
            gone = {"html_url": world.address(number), "body": "", "deletedAt": "2026-01-01"}
            answers.append(gone | {"answers": shown})
    end = len(answers) if before is None else int(before)
    start = max(0, end - NEWEST)
    return {
        "pageInfo": {"hasPreviousPage": start > 0, "startCursor": str(start)},
        "nodes": answers[start:end],
    }


def _discussions(world: GithubThings, after: str | None) -> dict[str, Any]:
    """The last changed first, after a place that is a time and a number, as GitHub's are."""
    found = sorted(
        ((f"{world.changed[n]:%Y%m%d%H%M%S}/{n:06}", n) for n, form in world.alive().items()
         if form.kind == DISCUSSION),
        reverse=True,
    )  # fmt: skip
    rest = [pair for pair in found if after is None or pair[0] < after]
    page = rest[:NEWEST]
    nodes = [_opener(world, n) | {"debate": _debate(world, n, None)} for _, n in page]
    return {
        "pageInfo": {"hasNextPage": len(rest) > NEWEST, "endCursor": page[-1][0] if page else None},
        "nodes": nodes + world.spoilt_discussions,
    }


def _last_discussion(world: GithubThings) -> dict[str, Any]:
    nodes = _discussions(world, None)["nodes"][:1]
    return {"discussions": {"nodes": [{"updated_at": node["updated_at"]} for node in nodes]}}


def _all(nodes: list[Any]) -> dict[str, Any]:
    return {"pageInfo": {"hasPreviousPage": False}, "nodes": nodes}
