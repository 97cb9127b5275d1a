"""Taking secrets out of what is to be shown to others: by their values, and by their names."""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus, unquote_plus, urlsplit, urlunsplit

REMOVED = "REMOVED"
"""What stands where a secret stood."""

KNOWN_LEAST, SEEN_LEAST = 4, 8
"""Characters of a secret that is looked for everywhere: a configured one, and one only seen to be
sent. A shorter one would be found inside innocent words."""
PACKED_LEAST = 8
"""Characters of a base64 form that is looked for."""

NAMES = frozenset(
    (
        *("key", "api_key", "apikey", "app_key", "access_key", "x-api-key", "sig", "signature"),
        *("token", "access_token", "api_token", "auth_token", "feed_token", "id_token"),
        *("oauth_token", "private_token", "refresh_token", "rss_token", "user_token", "jwt"),
        *("secret", "client_secret", "client_assertion", "assertion", "credential", "code"),
        *("pass", "passwd", "password", "pwd", "auth", "authorization"),
        *("session", "session_id", "sessionid", "sid"),
    )
)
"""Parameters of an address whose values are taken out."""

_IN_JSON = (
    "access_token|refresh_token|id_token|client_secret|api_key|apikey|api_token|password|passwd"
    "|private_key|secret|session_token|token"
)
_MEMBER = re.compile(rf'("(?:{_IN_JSON})"\s*:\s*")((?:[^"\\]|\\.)+)(?=")'.encode(), re.IGNORECASE)
"""A secret in an object. Inside a text that quotes one the quotation marks are escaped."""
_PARAMETER = re.compile(
    rf"([?&;](?:{'|'.join(map(re.escape, sorted(NAMES)))})=)[^&#>\s\"';]+", re.IGNORECASE
)
_USER = re.compile(r"//[^/@\s]+@")


class Scrubber:
    """What is secret, as far as is known by now. May be shared between threads."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: set[bytes] = set()
        self._lock = threading.Lock()
        for value in values:
            self._learn(value, KNOWN_LEAST)

    def learn(self, value: str) -> None:
        """Take a value for a secret from now on, wherever it comes up."""
        self._learn(value, SEEN_LEAST)

    def learn_header(self, value: str) -> None:
        """Take what a header says for secret: all of it, and its parts (`Bearer ...`, a cookie)."""
        for part in (value, *re.split(r"[\s,;=]+", value)):
            self.learn(part)
            for piece in _unpacked(part).split(":"):
                self.learn(piece)

    def url(self, url: str) -> str:
        """An address without user, password, fragment, and the values of secret parameters."""
        parts = urlsplit(url)
        user, _, host = parts.netloc.rpartition("@")
        self.learn(unquote_plus(user.partition(":")[2]))
        query = "&".join(map(self._parameter, parts.query.split("&")))
        return self.text(urlunsplit((parts.scheme, host, parts.path, query, "")))

    def header(self, value: str) -> str:
        """A header's value; it may hold addresses, and so their users and parameters."""
        return _PARAMETER.sub(rf"\1{REMOVED}", _USER.sub("//", self.text(value)))

    def text(self, text: str) -> str:
        """A text without what is known to be secret."""
        return self.data(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """Bytes without what is known to be secret, or is called so in JSON."""
        for match in _MEMBER.finditer(data):
            self.learn(_read(match[2]))
        data = _MEMBER.sub(rb"\1" + REMOVED.encode(), data)
        with self._lock:
            forms = sorted(self._forms, key=len, reverse=True)
        for form in forms:
            data = data.replace(form, REMOVED.encode())
        return data

    def _parameter(self, parameter: str) -> str:
        name, equals, value = parameter.partition("=")
        if unquote_plus(name).lower() not in NAMES:
            return parameter
        self.learn(unquote_plus(value))
        return f"{name}{equals}{REMOVED if equals else ''}"

    def _learn(self, value: str, least: int) -> None:
        if len(value) >= least and value != REMOVED:
            with self._lock:
                self._forms.update(_forms(value))


def _forms(value: str) -> Iterator[bytes]:
    """How a value may stand in an address, in JSON, in HTML, and packed."""
    plain = value.encode("utf-8", "replace")
    for form in (value, quote(value, safe=""), quote(value), quote_plus(value), escape(value)):
        yield form.encode("utf-8", "replace")
    for ascii_only in (True, False):
        yield json.dumps(value, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "replace")
    yield value.encode("utf-16-le", "replace")
    yield value.encode("utf-16-be", "replace")
    for before in range(3):
        yield from _packed(plain, before)


def _packed(plain: bytes, before: int) -> Iterator[bytes]:
    """The characters of base64 that depend on these bytes alone, so many bytes after a group."""
    packed = base64.b64encode(bytes(before) + plain)
    end = len(packed) if (before + len(plain)) % 3 == 0 else packed.index(b"=") - 1
    middle = packed[(0, 2, 3)[before] : end]
    if len(middle) >= PACKED_LEAST:
        yield middle
        yield middle.translate(bytes.maketrans(b"+/", b"-_"))


def _unpacked(value: str) -> str:
    """What base64 says, as in `Basic ...`; empty if it is none."""
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _read(member: bytes) -> str:
    """The text that a JSON string's inside stands for."""
    try:
        return str(json.loads(b'"' + member + b'"', strict=False))
    except ValueError:
        return member.decode("utf-8", "replace")
