"""What GitHub sends as posts: pure. GraphQL's answers come here under REST's names.

https://docs.github.com/en/rest/issues and https://docs.github.com/en/rest/releases
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.model import Post, Role, Visibility
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.github.names import REVIEW, Name, is_tag
from bot.sources.github.references import closes, duplicate_of, label_names
from bot.sources.github.times import moment
from bot.text import cleaned, one_line, plain_markdown

TEAM = ("OWNER", "MEMBER", "COLLABORATOR")
"""The author associations of those who may write to a repository or belong to its owner."""
NO_WORDS = "no words"
"""Why a picture alone is no post."""
GHOST = "ghost"
"""The name under which GitHub shows everybody whose account is gone."""


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository, under the name that the ids of its posts begin with."""

    name: str
    private: bool
    discussions: bool = False
    """Whether it has any."""
    called: str = ""
    """What it is called by now, if that is something else."""

    @property
    def path(self) -> str:
        """Where REST has it: under an old name each question would be sent on by a 301."""
        return f"repos/{self.called or self.name}"


def parse_thread(value: object, repo: Repo) -> Post:
    """An issue, a pull request or a discussion as a post. Raises NotAPost."""
    row = fields.row(value)
    number = fields.number(row, "number")
    if number is None or not 0 < number < 10**9:
        raise NotAPost("wrong type: number", "not the number of a thread")
    title = one_line(cleaned(fields.text(row, "title")))
    text = plain_markdown(fields.text(row, "body"))
    milestone = row.get("milestone")
    post = _post(
        row,
        repo,
        external_id=Name(repo.name, number).external_id,
        kind=_kind(row),
        title=title,
        text=text,
        reply_count=_count(row, "comments"),
        state=_state(row),
        closed_at=_closed(row),
        labels=tuple(sorted({label for x in label_names(row) if (label := fields.line(x))})),
        milestone=fields.named(milestone.get("title")) if isinstance(milestone, dict) else None,
        duplicate_of=duplicate_of(row, text, repo.name),
    )
    return replace(post, closes=closes(row, text, repo.name)) if post.kind == "pull" else post


def parse_reply(value: object, repo: Repo) -> Post:
    """A comment of any kind or a review as a post; its address tells which. Raises NotAPost."""
    row = fields.row(value)
    name = _name(row, repo)
    return _post(
        row,
        repo,
        external_id=name.external_id,
        kind="review" if name.form == REVIEW else "comment",
        title="",
        text=plain_markdown(fields.text(row, "body")),
        parent_id=_parent(row, name, repo),
        root_id=name.thread,
    )


def parse_release(value: object, repo: Repo) -> Post:
    """A release as a post; it speaks for the team. Raises NotAPost."""
    row = fields.row(value)
    tag = fields.text(row, "tag_name")
    if not is_tag(tag) or tag != cleaned(tag):
        raise NotAPost("wrong type: tag_name", "not the name of a tag")
    post = _post(
        row,
        repo,
        external_id=Name(repo.name, tag=tag).external_id,
        kind="release",
        title=one_line(cleaned(fields.text(row, "name"))) or tag,
        text=plain_markdown(fields.text(row, "body")),
    )
    return replace(post, role=Role.TEAM) if post.role is Role.USER else post


def _post(row: fields.Row, repo: Repo, **own: Any) -> Post:  # noqa: ANN401 the fields of a Post
    """What all posts have in common, and what this one has of its own."""
    if not own["title"] and not own["text"]:
        raise NotAPost(NO_WORDS)
    author, role = _who(row)
    shared: dict[str, Any] = {
        "source": "github",
        "created_at": _created(row),
        "venue": repo.name,
        "author": author,
        "role": role,
        "url": fields.address(row.get("html_url")),
        "updated_at": moment(row, "updated_at"),
        "score": _score(row),
        "visibility": Visibility.PRIVATE if repo.private else Visibility.PUBLIC,
    }
    return Post(**(shared | own))


def _kind(row: fields.Row) -> str:
    if row.get("form") == "Discussion":
        return "discussion"
    return "pull" if row.get("form") == "PullRequest" or is_pull(row) else "issue"


def is_pull(row: fields.Row) -> bool:
    """Whether REST shows a pull request; older servers give each issue one made of nulls."""
    pull = row.get("pull_request")
    return isinstance(pull, dict) and any(pull.values())


def _state(row: fields.Row) -> str | None:
    pull = row.get("pull_request")
    if row.get("merged_at") or (isinstance(pull, dict) and pull.get("merged_at")):
        return "merged"
    if row.get("isAnswered") is True:
        return "answered"
    if isinstance(row.get("closed"), bool):
        return "closed" if row["closed"] else "open"
    return row["state"] if row.get("state") in ("open", "closed") else None


def _closed(row: fields.Row) -> datetime | None:
    """When the thread was merged, else closed; null for one that was opened again."""
    pull = row.get("pull_request")
    merged = moment(pull, "merged_at") if isinstance(pull, dict) else None
    return merged or moment(row, "merged_at") or moment(row, "closed_at")


def _name(row: fields.Row, repo: Repo) -> Name:
    """Of a reply, from its address."""
    name = Name.of_url(fields.text(row, "html_url"))
    if name is None or not name.form:
        raise NotAPost("wrong type: html_url", "not the address of a reply")
    return replace(name, repo=repo.name)


def _parent(row: fields.Row, name: Name, repo: Repo) -> str:
    """What a reply answers: another reply if it says so, else what opened the thread."""
    answered = fields.number(row, "in_reply_to_id")
    if answered is not None:
        return replace(name, own=answered).external_id
    return (
        _name(fields.row(row["replyTo"]), repo).external_id if row.get("replyTo") else name.thread
    )


def _created(row: fields.Row) -> datetime:
    """When it could first be read: a review and a release are drafts before."""
    found = (moment(row, name) for name in ("submitted_at", "published_at", "created_at"))
    created = next((when for when in found if when), None)
    if created is None:
        raise NotAPost("missing field: created_at")
    return created


def _who(row: fields.Row) -> tuple[str | None, Role]:
    """Who wrote it, as REST writes the name (GraphQL leaves a bot's `[bot]` out), and as what."""
    person = row.get("user") or row.get("author")
    person = person if isinstance(person, dict) else {}
    login = fields.named(person.get("login")) or ""
    if person.get("type") == "Bot" or login.endswith("[bot]"):
        name = login.removesuffix("[bot]")
        return f"{name}[bot]" if name else None, Role.BOT
    role = Role.TEAM if row.get("author_association") in TEAM else Role.USER
    return login if login not in ("", GHOST) else None, role


def _score(row: fields.Row) -> int | None:
    """The thumbs up, or upvotes in a discussion: by these GitHub itself ranks."""
    if row.get("upvoteCount") is not None:
        return fields.number(row, "upvoteCount")
    reactions = row.get("reactions")
    if not isinstance(reactions, dict):
        return None
    return fields.number(reactions, "+1" if "+1" in reactions else "totalCount")


def _count(row: fields.Row, name: str) -> int | None:
    """How many there are: a number in REST, a connection in GraphQL."""
    value = row.get(name)
    return fields.number(*((value, "totalCount") if isinstance(value, dict) else (row, name)))
