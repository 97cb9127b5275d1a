"""What stands in a mail: headers and words, whatever charset it claims and however it is packed."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from bot.sources import fields
from bot.text import TAGS_MOST, cleaned, one_line, plain

HEADER_MOST = 4_000
"""Characters of a header that are read; they take quadratic time to decode."""
PARTS_MOST = 100
TEXT_MOST = 100_000
"""Characters of a text: what is longer is a log file, not what somebody said."""

_REFUSED = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"}
"""Codecs that no mail is written in, or that take a stranger's bytes too far."""
_LATIN = {"iso8859-1", "ascii", "latin-1"}
"""What says so is most often Windows' own code page."""

_ADDRESS = re.compile(r"([^\s@<>\"'(),;:]{1,64})@[^\s@<>\"'(),;:]{1,255}")
_VIA = re.compile(r"\s+via\s+\S.{0,200}$", re.IGNORECASE)
_PREFIXES = re.compile(r"(?:(?:re|aw|sv|vs|antw|fwd?|wg)(?:\[\d+\])?: ?)+", re.IGNORECASE)
_NOBODY = re.compile(r"(?:do[._-]?not|no)[._-]?reply|mailer-daemon|notifications?", re.IGNORECASE)

Mail = Message
"""A parsed mail."""


def raw_header(mail: Mail, name: str) -> str:
    """A header as it came, unfolded, with bytes that are no ASCII read as UTF-8 or Windows-1252."""
    for key, value in mail.raw_items():
        if key.lower() == name:
            data = str(value)[:HEADER_MOST].encode("ascii", "surrogateescape")
            return re.sub(r"\r?\n(?=[ \t])", "", _decoded(data, "utf-8"))
    return ""


def header(mail: Mail, name: str) -> str:
    """A header as people read it, on one clean line; empty if it is not there."""
    return one_line(cleaned(words_of(raw_header(mail, name))))


def subject(mail: Mail) -> str:
    """The subject without `Re:` and its like."""
    return _PREFIXES.sub("", header(mail, "subject"), 1)


def words_of(value: str) -> str:
    """A header's value with its encoded words (`=?utf-8?q?...?=`) read."""
    try:
        pieces = decode_header(value)
    except (HeaderParseError, binascii.Error, ValueError):
        return value
    return "".join(
        piece if isinstance(piece, str) else _decoded(piece, charset) for piece, charset in pieces
    )


def _decoded(data: bytes, charset: str | None) -> str:
    """Text in the charset that it claims, or else in one that it may be in; never fails."""
    for name in (_codec(charset), "utf-8"):
        try:
            return data.decode(name)
        except (UnicodeError, ValueError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _codec(charset: str | None) -> str:
    try:
        name = codecs.lookup((charset or "utf-8").strip()[:40]).name
    except (LookupError, ValueError, UnicodeError):
        return "utf-8"
    if name in _LATIN:
        return "utf-8" if name == "ascii" else "cp1252"
    return "utf-8" if name in _REFUSED else name


def author(mail: Mail) -> str | None:
    """Who wrote it, never by the whole address: the name, or what stands before the @."""
    name, address = parseaddr(raw_header(mail, "from"))
    name = _VIA.sub("", one_line(cleaned(words_of(name)))).strip("'\" ")
    local = _ADDRESS.match(address.strip("'\" "))
    if found := _ADDRESS.search(name):
        # A name that is an address as well is no more to be shown.
        name = found[1]
    if name:
        return fields.named(name)
    return fields.named(local[1]) if local and not _NOBODY.fullmatch(local[1]) else None


def sender(mail: Mail) -> str:
    """The address that it says it is from, in lower case: to know a form by, never to be kept."""
    return parseaddr(raw_header(mail, "from"))[1].lower()


def date_of(text: str) -> datetime | None:
    """A date as mails write it; None if it is none, or one that no clock can mean."""
    try:
        moment = parsedate_to_datetime(text[:100])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def text_of(mail: Mail) -> str:
    """The words of its plain parts, lines as they are; empty if it has none."""
    return "\n\n".join(_content(part) for part in _parts(mail) if _is(part, "text/plain"))


def html_of(mail: Mail) -> str:
    """The HTML of its parts, one after the other."""
    html = "\n".join(_content(part) for part in _parts(mail) if _is(part, "text/html"))
    if html.count("<") > TAGS_MOST:
        html = "<".join(html.split("<", TAGS_MOST + 1)[:-1])
    return html


def plain_html(html: str) -> str:
    """The words of HTML without those that it quotes."""
    tree = LexborHTMLParser(html)
    if tree.body is None:
        return ""
    tree.strip_tags(["blockquote"])
    return plain(tree.body.html or "")


def _parts(mail: Mail) -> Iterator[Mail]:
    """The parts that hold text, in their order; attachments and attached mails are left out."""
    waiting, seen = [mail], 0
    while waiting and seen < PARTS_MOST:
        part, seen = waiting.pop(), seen + 1
        if part.get_content_maintype() == "message" or _is_attached(part):
            continue
        if part.is_multipart():
            inside: list[Any] = list(part.get_payload())
            waiting += [one for one in reversed(inside) if isinstance(one, Message)]
        elif part.get_content_maintype() == "text":
            yield part


def _is(part: Mail, kind: str) -> bool:
    return part.get_content_type() == kind


def _is_attached(part: Mail) -> bool:
    disposition = raw_header(part, "content-disposition").strip().lower()
    named = "filename=" in disposition or "name=" in raw_header(part, "content-type").lower()
    return disposition.startswith("attachment") or (named and not part.is_multipart())


def _content(part: Mail) -> str:
    try:
        data = part.get_payload(decode=True)
        charset = part.get_content_charset()
    except (ValueError, LookupError, UnicodeError, AssertionError):
        return ""
    if not isinstance(data, bytes):
        return ""
    return _decoded(data[: 4 * TEXT_MOST], charset)[:TEXT_MOST]
