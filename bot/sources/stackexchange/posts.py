"""Stack Exchange's shapes: questions, answers and comments, and the site around them.

https://api.stackexchange.com/docs/types/question, /answer and /comment
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from bot.model import Post, Role
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.text import one_line, plain

OWN_DOMAINS = ("stackoverflow", "serverfault", "superuser", "askubuntu", "stackapps")
"""Sites that stand under a domain of their own, alone and after a language or `meta`."""

KINDS = {"q": "question", "a": "answer", "c": "comment"}
"""The letter of an external id and what it stands for."""

_COMMUNITY = -1
"""The user that is the site itself."""
_QUESTION = re.compile(r"/(?:questions|q)/([0-9]{1,15})(?:/[^/]*)?/?")
_ANSWER = re.compile(r"/(?:a/|questions/[0-9]{1,15}/[^/]+/)([0-9]{1,15})(?:/[0-9]*)?/?")
_COMMENT = re.compile(r"comment([0-9]{1,15})_[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Site:
    """A site by the name that the API has for it: `stackoverflow`, `unix`, `mathoverflow.net`."""

    name: str

    @property
    def host(self) -> str:
        """Where its pages are."""
        if self.name.endswith((".com", ".net")):
            return self.name
        last = self.name.rpartition(".")[2]
        return f"{self.name}.com" if last in OWN_DOMAINS else f"{self.name}.stackexchange.com"

    def key(self, letter: str, number: int) -> str:
        """The external id: `SITE/q123`, `SITE/a456`, `SITE/c789`."""
        return f"{self.name}/{letter}{number}"

    def part(self, external_id: str) -> tuple[str, int] | None:
        """(letter, number) for one of this site's external ids."""
        start, _, rest = external_id.rpartition("/")
        letter, digits = rest[:1], rest[1:]
        own = start == self.name and letter in KINDS and digits.isascii() and digits.isdecimal()
        return (letter, int(digits)) if own else None

    def located(self, url: str) -> str | None:
        """The external id of the post at an address, as a reader has it."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        if parts.scheme not in {"http", "https"} or parts.netloc.lower() != self.host:
            return None
        asked = (
            ("c", _COMMENT.fullmatch(parts.fragment)),
            ("a", _ANSWER.fullmatch(parts.path)),
            ("q", _QUESTION.fullmatch(parts.path)),
        )
        found = ((letter, match) for letter, match in asked if match)
        return next((self.key(letter, int(match[1])) for letter, match in found), None)


def number_of(item: object, name: str) -> int | None:
    """A positive number in what may be an object; None for anything else."""
    value = item.get(name) if isinstance(item, dict) else None
    return value if type(value) is int and 0 < value < fields.NUMBER_MOST else None


def letter_of(row: fields.Row) -> str:
    """What an item is: an answer names its question too, and a comment the post it is under."""
    return "c" if "comment_id" in row else "a" if "answer_id" in row else "q"


def parse(item: object, site: Site, questions: Mapping[int, int]) -> Post:
    """An item as a post. Raises NotAPost.

    `questions` has the question of each answer: a comment says only which post it is under.
    """
    row = fields.row(item)
    letter = letter_of(row)
    number = _number(row, f"{KINDS[letter]}_id")
    title = one_line(plain(fields.text(row, "title"))) if letter == "q" else ""
    text = plain(fields.text(row, "body"))
    if not title and not text:
        raise NotAPost("no words")
    owner = fields.row(row.get("owner") or {})
    parent, root = _above(row, letter, site, questions)
    return Post(
        source="stackexchange",
        external_id=site.key(letter, number),
        kind=KINDS[letter],
        title=title,
        text=text,
        created_at=fields.moment(row, "creation_date"),
        updated_at=_moment(row, "last_edit_date"),
        closed_at=_moment(row, "closed_date") if letter == "q" else None,
        venue=site.host,
        author=fields.named(plain(fields.text(owner, "display_name"))),
        role=Role.BOT if owner.get("user_id") == _COMMUNITY else Role.USER,
        url=f"https://{site.host}/{_path(row, letter, number, questions)}",
        parent_id=parent,
        root_id=root,
        score=fields.number(row, "score"),
        reply_count=fields.number(row, "answer_count"),
        state=_state(row, letter),
        labels=_tags(row),
    )


def _number(row: fields.Row, name: str) -> int:
    number = number_of(row, name)
    if number is None:
        raise NotAPost(f"missing field: {name}")
    return number


def _above(
    row: fields.Row, letter: str, site: Site, questions: Mapping[int, int]
) -> tuple[str | None, str | None]:
    """The ids of the post that this one stands under, and of the thread's question."""
    if letter == "q":
        return None, None
    if letter == "a":
        question = site.key("q", _number(row, "question_id"))
        return question, question
    under = _number(row, "post_id")
    root = questions.get(under)
    return site.key("a" if root else "q", under), site.key("q", root or under)


def _path(row: fields.Row, letter: str, number: int, questions: Mapping[int, int]) -> str:
    """The address within the site; each of them leads on to the post's page."""
    if letter != "c":
        return f"{letter}/{number}"
    under = _number(row, "post_id")
    return f"{'a' if under in questions else 'q'}/{under}#comment{number}_{under}"


def _moment(row: fields.Row, name: str) -> datetime | None:
    return fields.moment(row, name) if row.get(name) is not None else None


def _state(row: fields.Row, letter: str) -> str | None:
    if letter == "a":
        return "accepted" if row.get("is_accepted") is True else None
    if letter == "c":
        return None
    if row.get("accepted_answer_id") or row.get("is_answered") is True:
        return "answered"
    if row.get("closed_date"):
        return "closed"
    return "open" if row.get("is_answered") is False else None


def _tags(row: fields.Row) -> tuple[str, ...]:
    tags = row.get("tags")
    named = (fields.line(tag) for tag in tags) if isinstance(tags, list) else ()
    return tuple(tag for tag in named if tag)
