"""Sound answers made unsound: bytes that arrive broken, and JSON that holds what nobody expects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

BYTES = (
    *(b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbf\xbf", b"&#xD800;", b"&#0;", b"&bogus;"),
    *(
        b"<",
        b"</",
        b"]]>",
        b"<!--",
        b"<![CDATA[",
        b"<p>",
        b'"',
        b"{",
        b"}",
        b"[",
        b"\\",
        b"\\ud800",
    ),
    *(b"null", b"-1", b"1e999", b"NaN", b"9" * 400, b"1601-01-01T00:00:00Z", b"javascript:x"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**31, 2**63, 10**30, 1e300, float("nan"), float("inf")),
    *("", " ", "words", "\ud800", "a\x00b", "\u202e", "<p>", "5", "x" * 3_000, "javascript:x"),
    *([], {}, [[]], [None], [5], {"a": {}}, {"name": 5}, "0001-01-01T00:00:00+14:00"),
)


def mutated(body: bytes, random: Random) -> bytes:
    """The body with a few faults; in its values as often as in its bytes if it is JSON."""
    if random.random() < 0.5 and (value := _read(body)) is not None:
        for _ in range(random.randint(1, 3)):
            value = _with_fault(value, random)
        return json.dumps(value).encode("utf-8", "surrogatepass")
    for _ in range(random.randint(1, 4)):
        body = _with_broken_bytes(body, random)
    return body


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _with_broken_bytes(body: bytes, random: Random) -> bytes:
    start = random.randint(0, len(body))
    end = min(len(body), start + random.choice((0, 0, 1, 5, 40, 400)))
    piece = random.choice((b"", random.randbytes(3), random.choice(BYTES), body[start:end] * 2))
    return body[:start] + piece + body[end:]


def _with_fault(value: Any, random: Random) -> Any:
    """The value with one of the values inside it, at any depth, exchanged for another."""
    places = list(_places(value))
    if not places:
        return deepcopy(random.choice(VALUES))
    holder, key = random.choice(places)
    holder[key] = deepcopy(random.choice(VALUES))
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) inside a value."""
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])
