"""What GitHub delivers by webhook as a batch: REST's own objects, told when they change. Pure.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.model import Post
from bot.sources import fields
from bot.sources.base import Batch, NotAPost, Rejection
from bot.sources.github.harvest import Harvest, Parse
from bot.sources.github.names import Name, is_tag
from bot.sources.github.posts import (
    NO_WORDS,
    Repo,
    is_pull,
    parse_release,
    parse_reply,
    parse_thread,
)
from bot.sources.github.references import may_be_duplicate
from bot.sources.github.repositories import repo_of

PARTS = ("comment", "review", "issue", "pull_request", "discussion", "release")
"""What a payload may hold, the part before the whole: the first of them is what it is about."""
REPLIES = ("comment", "review")
OPENERS = ("issue", "pull_request", "discussion")

GONE = ("deleted", "transferred", "unpublished")
"""Actions after which the thing is not there any more, or only for those who write it."""
PULL_ACTIONS = (
    *("opened", "edited", "closed", "reopened"),
    *("labeled", "unlabeled", "milestoned", "demilestoned"),
)
"""Those that change what we keep; every push to a branch is a delivery as well."""


@dataclass(frozen=True, slots=True)
class Event:
    """What deliveries of one event are about, and how that is read."""

    part: str
    parse: Parse


def _pull(value: object, repo: Repo) -> Post:
    """A pull request under its own address, where REST does not say that it is one."""
    return parse_thread({**fields.row(value), "form": "PullRequest"}, repo)


def _discussion(value: object, repo: Repo) -> Post:
    """A discussion. Its score is its upvotes, which are not told: its thumbs are something else."""
    row = fields.row(value)
    answered = bool(row.get("answer_chosen_at"))
    told = {"form": "Discussion", "isAnswered": answered, "reactions": None}
    return parse_thread({**row, **told}, repo)


def _answer(value: object, repo: Repo) -> Post:
    """A comment in a discussion, whose score is not told either."""
    row = fields.row(value)
    told = {"in_reply_to_id": row.get("parent_id"), "reactions": None}
    return parse_reply({**row, **told}, repo)


EVENTS = {
    "issues": Event("issue", parse_thread),
    "issue_comment": Event("comment", parse_reply),
    "pull_request": Event("pull_request", _pull),
    "pull_request_review": Event("review", parse_reply),
    "pull_request_review_comment": Event("comment", parse_reply),
    "discussion": Event("discussion", _discussion),
    "discussion_comment": Event("comment", _answer),
    "release": Event("release", parse_release),
}
"""The events that bring posts, by the name that comes in `X-GitHub-Event`."""
OF_DISCUSSIONS = ("discussion", "discussion_comment")


def heard(event: str, payload: object, read_as: Callable[[Repo], Repo | None]) -> Batch:
    """What a delivery brings, of a repository that is read; nothing for any other event.

    `read_as` gives a repository under the name that its posts are kept by; None if it is not read.

    The event's name is not signed, the payload is: a payload that is about something else than
    its event says is rejected, so that nobody makes the deletion of a comment that of its issue.
    """
    known = EVENTS.get(event)
    if known is None:
        return Batch((), None)
    where = f"webhook {event}"
    row = payload if isinstance(payload, dict) else {}
    told = repo_of(row.get("repository"))
    if told is None:
        return _rejected(f"github {where}", "wrong type: repository")
    repo = read_as(told)
    if repo is None:
        return Batch((), None)
    if next((part for part in PARTS if part in row), None) != known.part:
        return _rejected(f"github {repo.name} {where}", "not what its event says")
    harvest = Harvest()
    _take(harvest, known, row, repo, where)
    return harvest.batch(None)


def _rejected(where: str, reason: str) -> Batch:
    return Batch((), None, rejected=(Rejection(where, reason),))


def _take(harvest: Harvest, known: Event, row: fields.Row, repo: Repo, where: str) -> None:
    """What happened to the thing, and its issue as it is then where REST tells all of that."""
    thing, action = row[known.part], row.get("action")
    if action in GONE:
        _lose(harvest, known.part, thing, repo, where)
        harvest.threads += harvest.gone if known.part in OPENERS else ()
    elif _matters(known.part, action, thing):
        harvest.add(known.parse, thing, repo, where)
        _follow_edit(harvest, known.part, row, repo, where)
    for issue in _commented(known.part, row):
        harvest.add(parse_thread, issue, repo, where)


def _matters(part: str, action: object, thing: object) -> bool:
    """Whether it is something that anybody said, and can be read."""
    row = thing if isinstance(thing, dict) else {}
    if part == "pull_request":
        return action in PULL_ACTIONS
    if part == "review":  # one that is only a mark, or listed for its remarks, is no post
        return row.get("state") != "pending" and (bool(row.get("body")) or action == "edited")
    return row.get("draft") is not True if part == "release" else True


def _follow_edit(harvest: Harvest, part: str, row: fields.Row, repo: Repo, where: str) -> None:
    """What an edit took away: all the words, or the tag that a release was known by."""
    if row.get("action") != "edited":
        return
    if harvest.rejected and harvest.rejected[-1].reason == NO_WORDS:
        harvest.rejected.pop()
        _lose(harvest, part, row[part], repo, where)
    if part == "release" and (tag := _tag_before(row)):
        was = Name(repo.name, tag=tag).external_id
        harvest.gone += [was for post in harvest.posts if post.external_id != was]


def _tag_before(row: fields.Row) -> str | None:
    """The tag that a release had before it was edited, if it has another now."""
    changes = row.get("changes")
    tag = changes.get("tag_name") if isinstance(changes, dict) else None
    before = tag.get("from") if isinstance(tag, dict) else None
    return before if isinstance(before, str) and is_tag(before) else None


def _commented(part: str, row: fields.Row) -> Iterator[object]:
    """The issue that a comment moved, unless GraphQL tells more of it than REST does."""
    issue = row.get("issue") if part == "comment" else None
    if isinstance(issue, dict) and not is_pull(issue) and not may_be_duplicate(issue):
        yield issue


def _lose(harvest: Harvest, part: str, thing: object, repo: Repo, where: str) -> None:
    """The id of something that is gone."""
    try:
        harvest.gone.append(_id(part, fields.row(thing), repo))
    except NotAPost as error:
        harvest.rejected.append(error.at(f"github {repo.name} {where}"))


def _id(part: str, row: fields.Row, repo: Repo) -> str:
    """Under which id a thing was kept. Raises NotAPost."""
    if part == "release":
        tag = fields.text(row, "tag_name")
        if not is_tag(tag):
            raise NotAPost("wrong type: tag_name", "not the name of a tag")
        return Name(repo.name, tag=tag).external_id
    name = Name.of_url(fields.text(row, "html_url"))
    if name is None or name.tag or bool(name.form) != (part in REPLIES):
        raise NotAPost("wrong type: html_url", f"not the address of a {part.replace('_', ' ')}")
    return replace(name, repo=repo.name).external_id
