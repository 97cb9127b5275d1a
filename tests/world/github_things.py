"""What is said on a GitHub in small, and how it looks in REST's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.http import Http
from tests.world.base import Said, WebWorld

REPO = "acme/tool"
TOKEN = "ghp_of-nobody"  # noqa: S105 of nobody's
WEB = "https://github.example"

ISSUE, COMMENT, PULL, REVIEW, REMARK = "issue", "comment", "pull", "review", "remark"
DISCUSSION, ANSWER, REPLY, RELEASE = "discussion", "answer", "reply", "release"
TURNS = (
    (ISSUE, 0), (COMMENT, 1), (COMMENT, 2),
    (PULL, 0), (REVIEW, 1), (REMARK, 2),
    (DISCUSSION, 0), (ANSWER, 1), (REPLY, 2),
    (RELEASE, 0), (PULL, 0), (REMARK, 1),
)  # fmt: skip
"""What is said one after the other, and how long before that its thread began."""

ANCHORS = {
    COMMENT: "issuecomment-",
    REVIEW: "pullrequestreview-",
    REMARK: "discussion_r",
    ANSWER: "discussioncomment-",
    REPLY: "discussioncomment-",
}
PAGES = {ISSUE: "issues", PULL: "pull", DISCUSSION: "discussions"}


@dataclass(frozen=True, slots=True)
class Form:
    """What a thing is, and the number of what opened its thread: its own if it did."""

    kind: str
    thread: int
    answers: int | None = None
    """For a reply to an answer: the number of that answer."""


class GithubThings(WebWorld):
    """One repository. A reply moves its thread, but an edit of a reply moves nothing else."""

    kind = "github"

    def __init__(self, http: Http) -> None:
        super().__init__(http)
        self.full_name, self.private = REPO, False
        self.forms: dict[int, Form] = {}
        self.changed: dict[int, datetime] = {}
        self.extra: dict[int, dict[str, Any]] = {}
        """Fields of a thing, in REST's words, that are other than usual."""
        self.linked: dict[int, dict[str, Any]] = {}
        """Fields of a thing that only GraphQL has."""
        self.spoilt_discussions: list[Any] = []
        self.more_answers = False
        """Whether comments have more answers than GraphQL shows at once."""

    def external_id(self, said: Said) -> str:
        form = self.forms[said.number]
        if form.kind == RELEASE:
            return f"{REPO}@v{said.number}"
        if form.kind in PAGES:
            return f"{REPO}#{said.number}"
        anchor = "" if form.kind == COMMENT else ANCHORS[form.kind]
        return f"{REPO}#{form.thread}-{anchor}{own_number(said.number)}"

    def say(self, words: str | None = None, author: str | None = "ann") -> Said:
        said = super().say(words, author)
        form = self.forms[said.number] = self._form(said.number)
        self._change(said.number)
        if form.thread != said.number:
            self._change(form.thread)
        return said

    def put(
        self,
        kind: str,
        thread: Said | None = None,
        answers: Said | None = None,
        author: str | None = "ann",
        **extra: Any,
    ) -> Said:
        """Somebody says something of a kind, in a thread, with fields of its own."""
        said = super().say(author=author)
        number = thread.number if thread else said.number
        self.forms[said.number] = Form(kind, number, answers.number if answers else None)
        self.extra[said.number] = extra
        for changed in {said.number, number}:
            self._change(changed)
        return said

    def _form(self, number: int) -> Form:
        kind, back = TURNS[(number - 1) % len(TURNS)]
        thread = number - back
        if thread not in self.living:
            return Form(ISSUE, number)
        if kind == REPLY and number - 1 not in self.living:
            kind = ANSWER
        return Form(kind, thread, number - 1 if kind == REPLY else None)

    def edit(self, said: Said, words: str | None = None) -> Said:
        edited = super().edit(said, words)
        self._change(said.number)
        return edited

    def delete(self, said: Said) -> None:
        """With an opener its replies go; an answer that is answered leaves a mark."""
        super().delete(said)
        for number, form in self.alive().items():
            if form.thread == said.number:
                del self.living[number]

    def alive(self) -> dict[int, Form]:
        return {number: form for number, form in self.forms.items() if number in self.living}

    def _change(self, number: int) -> None:
        self.changed[number] = self.now

    def row(self, said: Said) -> dict[str, Any]:
        """A thing as REST shows it."""
        form = self.forms[said.number]
        user = {"login": said.author, "type": "User"} if said.author else None
        shared = {
            "body": f"{said.words}\n\n**now**",
            "author_association": "NONE",
            "created_at": iso(said.at),
            "updated_at": iso(self.changed[said.number]),
            "html_url": self.address(said.number),
            "reactions": {"total_count": 0, "+1": 0, "-1": 0},
        }
        by_kind: dict[str, dict[str, Any]] = {
            ISSUE: {"number": said.number, "title": f"It {said.number}", "state": "open"},
            PULL: {"number": said.number, "title": f"It {said.number}", "state": "open",
                   "pull_request": {"url": f"{WEB}/pulls/{said.number}", "merged_at": None}},
            DISCUSSION: {"number": said.number, "title": f"It {said.number}"},
            RELEASE: {"tag_name": f"v{said.number}", "name": f"Release {said.number}",
                      "draft": False, "published_at": iso(said.at)},
            REVIEW: {"submitted_at": iso(said.at)},
        }  # fmt: skip
        own = by_kind.get(form.kind, {})
        if form.kind in PAGES:
            own |= {"labels": [], "milestone": None, "comments": self._replies(said.number)}
        person = "author" if form.kind == RELEASE else "user"
        return {**shared, **own, person: user, **self.extra.get(said.number, {})}

    def _replies(self, number: int) -> int:
        kinds = (COMMENT, ANSWER)
        forms = self.alive().values()
        return sum(form.thread == number and form.kind in kinds for form in forms)

    def address(self, number: int) -> str:
        """Where people read a thing, living or not."""
        form, place = self.forms[number], f"{WEB}/{self.full_name}"
        if form.kind == RELEASE:
            return f"{place}/releases/tag/v{number}"
        page = f"{place}/{PAGES[self.forms[form.thread].kind]}/{form.thread}"
        return page if form.kind in PAGES else f"{page}#{ANCHORS[form.kind]}{own_number(number)}"

    @property
    def repository(self) -> dict[str, Any]:
        """As REST shows it."""
        return {
            "id": 7,
            "full_name": self.full_name,
            "private": self.private,
            "archived": False,
            "has_discussions": True,
        }


def own_number(number: int) -> int:
    """A reply's number, of its own series."""
    return 3_000_000_000 + number


def iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


SPOILT_THREADS: tuple[dict[str, Any], ...] = (
    {"number": None},
    {"number": "7"},
    {"number": 10**30},
    {"title": ["words"]},
    {"title": None, "body": None},
    {"body": {}},
    {"created_at": None},
    {"created_at": "soon"},
    {"created_at": "0001-01-01T00:00:00+14:00"},
    {"comments": "many"},
    {"reactions": {"+1": "many"}},
)
"""What makes a sound issue no post."""
SPOILT_REPLIES: tuple[dict[str, Any], ...] = (
    {"html_url": None, "issue_url": None},
    {"html_url": "javascript:alert(1)"},
    {"html_url": f"{WEB}/{REPO}/issues/1#issuecomment-x"},
    {"html_url": 5},
    {"body": "<!-- nothing -->"},
    {"body": 5},
    {"in_reply_to_id": "5"},
    {"updated_at": "now"},
)
SPOILT_RELEASES: tuple[dict[str, Any], ...] = (
    {"tag_name": None},
    {"tag_name": "two words"},
    {"tag_name": "x" * 600},
    {"published_at": None, "created_at": None},
)
