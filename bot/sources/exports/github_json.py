"""Issues, pull requests, comments and releases of GitHub's as JSON: REST's objects, or `gh`'s.

https://docs.github.com/en/rest/issues and https://cli.github.com/manual/gh_issue_list
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.model import Post
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.exports.form import Form, Item, Look, Told, json_items, json_names
from bot.sources.exports.packed import Pack
from bot.sources.github.posts import Repo, parse_release, parse_reply, parse_thread

_ADDRESSES = ("repository_url", "issue_url", "pull_request_url", "html_url", "url")
_REPO = re.compile(
    r"https?://[\w.:-]{1,200}/(?:api/v3/)?(?:repos/)?([\w.-]{1,39}/[\w.-]{1,100})(?:/|$)"
)
_REST = {
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "publishedAt": "published_at",
    "mergedAt": "merged_at",
    "closedAt": "closed_at",
    "url": "html_url",
    "authorAssociation": "author_association",
    "stateReason": "state_reason",
    "tagName": "tag_name",
}
"""What `gh ... --json` calls a field, and what REST does."""


def _detects(look: Look) -> bool:
    row = _in_rest(look.first)
    return bool(_kind(row)) and any(
        isinstance(row.get(name), str) and _REPO.match(row[name]) for name in _ADDRESSES
    )


def _items(pack: Pack, told: Told) -> Iterator[Item]:  # noqa: ARG001 every object says where it is from
    """Each object, and the comments that a backup keeps inside an issue."""
    for name in json_names(pack):
        for where, value in json_items(pack, name):
            yield Item(where, value, parse)
            for number, comment in enumerate(_comments(value), 1):
                yield Item(f"{where}, comment {number}", comment, parse)


def parse(value: object) -> Post:
    """An object of one of the kinds as a post. Raises NotAPost."""
    row = _in_rest(fields.row(value))
    kind = _kind(row)
    if kind is None:
        raise NotAPost("not an issue", "nor a pull request, a comment or a release")
    return kind(row, _repo(row))


def _kind(row: fields.Row) -> Callable[[object, Repo], Post] | None:
    if "tag_name" in row:
        return parse_release
    if "issue_url" in row or "pull_request_url" in row or "#" in str(row.get("html_url")):
        return parse_reply
    return parse_thread if "number" in row and "title" in row else None


def _repo(row: fields.Row) -> Repo:
    """The repository that the object's addresses name."""
    for name in _ADDRESSES:
        if found := _REPO.match(fields.text(row, name)):
            whole = row.get("repository")
            return Repo(found[1], isinstance(whole, dict) and whole.get("private") is True)
    raise NotAPost("missing field: html_url", "so its repository is not known")


def _comments(value: object) -> list[Any]:
    """The comments inside an issue: `comments` of gh's, `comment_data` of github-backup's."""
    if not isinstance(value, dict):
        return []
    kept = value.get("comment_data") or value.get("comments")
    return kept if isinstance(kept, list) else []


def _in_rest(row: Mapping[str, Any]) -> dict[str, Any]:
    """The object in REST's words, whichever it came in."""
    found = {_REST.get(name, name): value for name, value in row.items()}
    if "html_url" in row:
        found |= {"html_url": row["html_url"]}
    if isinstance(row.get("comments"), list):
        found["comments"] = len(row["comments"])
    if isinstance(row.get("state"), str):
        found["state"] = row["state"].lower()
    if "merged_at" in found:
        found["form"] = "PullRequest"
    author = row.get("author")
    if isinstance(author, dict) and author.get("is_bot") is True:
        found["author"] = {**author, "type": "Bot"}
    return found


FORM = Form(_detects, _items)
