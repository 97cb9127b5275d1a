"""Mails as posts: GitHub's notifications, alerts, mailing lists, and anything else.

https://docs.github.com/en/subscriptions-and-notifications/concepts/about-notifications and RFC 5322
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

from bot.model import Post, Role, Visibility
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.mail.alerts import form_of
from bot.sources.mail.body import (
    Mail,
    author,
    date_of,
    header,
    html_of,
    plain_html,
    raw_header,
    sender,
    subject,
    text_of,
    words_of,
)
from bot.sources.mail.github import GITHUB, parse_github
from bot.sources.mail.words import own_words
from bot.text import cleaned, one_line

MAIL_MOST = 1_000_000
"""Bytes of a mail that are read: its words stand before what is attached."""
ID_MOST = 200
"""Characters of a Message-ID that is kept as it is."""
BOUNDARIES_MOST = 100
"""Parts within parts: no mail has as many, and they take quadratic time to tell apart."""

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
"""What lies before it is no date but some program's word for "unknown"."""
_AHEAD = timedelta(days=1)
"""How far the clock of whoever wrote a mail may be ahead."""

_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
_LIST_TAG = re.compile(r"\[([^\[\]]{1,60})\] ?")
_LIST_ID = re.compile(r"(.{0,200}?)<([^<>\s]{1,200})>")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it lay in the mailbox."""

    raw: bytes
    where: str
    """What a person needs to find it."""
    arrived: datetime | None = None
    """When the mailbox took it in, if it knows."""


def posts_of(letter: Letter, box: str, now: datetime) -> tuple[Post, ...]:
    """What a mail says: one post, or one for each entry of an alert. Raises NotAPost."""
    if letter.raw.lower().count(b"boundary=") > BOUNDARIES_MOST:
        raise NotAPost("too many parts")
    try:
        mail = message_from_bytes(letter.raw)
        if not mail.keys():
            raise NotAPost("no headers")
        moment = _when(mail, letter.arrived, now)
        alert = form_of(sender(mail))
        return (alert(mail, moment) if alert else ()) or (parse(mail, box, moment),)
    except RecursionError as error:
        raise NotAPost("too many parts") from error


def parse(mail: Mail, box: str, moment: datetime) -> Post:
    """A mail that somebody wrote, at that moment, as a post. Raises NotAPost."""
    message_id = _first_id(mail, "message-id")
    frame = _frame(mail, _external_id(message_id) or _digest(mail), moment)
    if on_github := GITHUB.fullmatch(message_id or ""):
        return parse_github(mail, on_github, frame)
    text, place = _words(mail), _list(mail)
    title = "" if frame.parent_id else _title(mail)
    if not title and not text:
        raise NotAPost("no words")
    return replace(
        frame,
        kind="reply" if frame.parent_id else "mail",
        title=title,
        text=text,
        venue=place or box,
        author=author(mail),
        role=Role.BOT if _is_automatic(mail) else Role.USER,
        url=fields.address(raw_header(mail, "archived-at").strip("<> \t")),
        # What did not go to a list went to whoever reads the mailbox.
        visibility=Visibility.PUBLIC if place else Visibility.PRIVATE,
    )


def _frame(mail: Mail, external_id: str, moment: datetime) -> Post:
    """The mail and its place in a thread, as far as it tells, without its words."""
    references = _MESSAGE_ID.findall(raw_header(mail, "references"))
    parent = _first_id(mail, "in-reply-to") or (references[-1] if references else None)
    return Post(
        source="mail",
        external_id=external_id,
        kind="mail",
        title="",
        text="",
        created_at=moment,
        venue="mail",
        parent_id=_external_id(parent),
        root_id=_external_id(references[0]) if references else None,
    )


def _title(mail: Mail) -> str:
    """The subject without `Re:`, and without the `[tag]` of a list that is called so."""
    title = subject(mail)
    tag = _LIST_TAG.match(title)
    is_list_s = tag and tag[1].lower() in raw_header(mail, "list-id").lower()
    return title[tag.end() :] if tag and is_list_s else title


def _words(mail: Mail) -> str:
    """The author's own words, from the plain parts or else from the HTML."""
    is_re = subject(mail) != header(mail, "subject")
    answers = is_re or any(raw_header(mail, name) for name in ("in-reply-to", "references"))
    text = cleaned(own_words(text_of(mail), answers=answers))
    html = "" if text else html_of(mail)
    return text or (cleaned(own_words(plain_html(html), answers=answers)) if html else "")


def _first_id(mail: Mail, name: str) -> str | None:
    found = _MESSAGE_ID.search(raw_header(mail, name))
    return found[1] if found else None


def _external_id(message_id: str | None) -> str | None:
    """The Message-ID, or a digest of one that is too long or no text to be shown."""
    if message_id is None:
        return None
    if len(message_id) <= ID_MOST and message_id == one_line(cleaned(message_id)):
        return message_id
    return _hash(message_id)


def _digest(mail: Mail) -> str:
    """An id for a mail that brought none: the same as long as the mail is."""
    names = ("from", "date", "subject", "list-id")
    return _hash("\0".join((*(raw_header(mail, name) for name in names), text_of(mail)[:10_000])))


def _hash(text: str) -> str:
    return "digest/" + hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _list(mail: Mail) -> str | None:
    """The mailing list, by the name that it gives itself."""
    found = _LIST_ID.search(raw_header(mail, "list-id"))
    if not found:
        return None
    return fields.named(words_of(found[1]).strip("'\" \t")) or fields.named(found[2])


def _is_automatic(mail: Mail) -> bool:
    return header(mail, "auto-submitted").lower().partition(";")[0].strip() not in {"", "no"}


def _when(mail: Mail, arrived: datetime | None, now: datetime) -> datetime:
    """When it was written: what it says itself, unless no clock can have been that wrong."""
    latest = min(arrived or now, now) + _AHEAD
    received = raw_header(mail, "received").rpartition(";")[2]
    said = (date_of(raw_header(mail, "date")), date_of(received), arrived)
    sound = (moment for moment in said if moment and _EARLIEST <= moment <= latest)
    return next(sound, now)
