"""JSON that is larger than memory: one item at a time, in whichever of its usual forms it comes."""

from __future__ import annotations

import codecs
import json
from collections.abc import Collection, Iterator
from json import JSONDecodeError
from typing import Any, BinaryIO

from bot.sources.base import NotAPost

ITEM_MOST = 16_000_000
"""Characters of one item: a forum's longest topic takes half of that."""
CHUNK = 65_536

_DECODER = json.JSONDecoder(strict=False)
_PARTIAL = 16
"""An error so near the end of what has been read may be over with the next characters."""


def items(stream: BinaryIO) -> Iterator[Any]:
    """Each item of an array, of several arrays one after the other, of pages, or of JSON lines.

    `gh api --paginate` writes an array a page, its `--slurp` an array of those, others an object
    a line. A line that is no JSON comes as a NotAPost, and the ones after it as ever.

    Raises:
        NotAPost: an array is broken; what stood before the fault has been yielded.
    """
    text = _Text(stream)
    while first := text.peek():
        if first == "[":
            yield from _pages(text)
            continue
        try:
            yield text.value()
        except NotAPost as error:
            yield error
            text.skip_line()


def tables(stream: BinaryIO, names: Collection[str]) -> Iterator[tuple[str, Any]]:
    """(name, item) of the arrays that an object holds under these names, as they come in it.

    Raises:
        NotAPost: it is no object, or broken; what stood before the fault has been yielded.
    """
    text = _Text(stream)
    text.expect("{")
    while text.peek() == '"':
        name = text.value()
        text.expect(":")
        if text.peek() == "[":
            elements = _elements(text)
            yield from ((name, item) for item in elements if name in names)
        else:
            text.value()
        if text.peek() != ",":
            break
        text.expect(",")
    text.expect("}")


def first_item(stream: BinaryIO) -> Any:  # noqa: ANN401 whatever JSON holds
    """The first item, as `items` would give it; None if there is none, or if it is no JSON."""
    try:
        found = next(items(stream), None)
    except NotAPost:
        return None
    return None if isinstance(found, NotAPost) else found


def _pages(text: _Text) -> Iterator[Any]:
    """The items of an array, those of a page within it one by one."""
    for item in _elements(text):
        if isinstance(item, list):
            yield from item
        else:
            yield item


def _elements(text: _Text) -> Iterator[Any]:
    text.expect("[")
    while text.peek() != "]":
        yield text.value()
        if text.peek() != ",":
            break
        text.expect(",")
    text.expect("]")


class _Text:
    """Characters as they are needed; never much more of them than one value takes."""

    def __init__(self, stream: BinaryIO) -> None:
        head = stream.read(4)
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(json.detect_encoding(head))("replace")
        self._text = self._decoder.decode(head)
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not blank, which is not taken; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in " \t\r\n\ufeff":
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._read(CHUNK)

    def expect(self, character: str) -> None:
        """Take that character. Raises NotAPost if another comes."""
        if self.peek() != character:
            raise NotAPost("not JSON", f"{character} expected" if self.peek() else "it breaks off")
        self._at += 1

    def value(self) -> Any:  # noqa: ANN401 whatever JSON holds
        """Take one whole value. Raises NotAPost, and then takes nothing."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                if self._ended or self._is_wrong(error):
                    raise NotAPost("not JSON", error.msg) from error
            except (ValueError, RecursionError) as error:
                raise NotAPost("not JSON", type(error).__name__) from error
            else:
                # At the very end it may go on: 12 may become 123.
                if end < len(self._text) or self._ended:
                    self._at = end
                    return found
            self._read_as_much_again()

    def skip_line(self) -> None:
        """Go on after the end of the line."""
        while (end := self._text.find("\n", self._at)) < 0 and not self._ended:
            self._at = len(self._text)
            self._read(CHUNK)
        self._at = len(self._text) if end < 0 else end + 1

    def _is_wrong(self, error: JSONDecodeError) -> bool:
        """Whether more characters cannot mend it."""
        open_ended = error.msg.startswith("Unterminated string")
        return not open_ended and error.pos < len(self._text) - _PARTIAL

    def _read_as_much_again(self) -> None:
        """Twice the characters, so that all the attempts at a long value take linear time."""
        pending = len(self._text) - self._at
        if pending > ITEM_MOST:
            raise NotAPost("item too long", f"over {ITEM_MOST:,} characters")
        self._read(max(CHUNK, pending))

    def _read(self, size: int) -> None:
        data = self._stream.read(size)
        self._ended = not data
        more = self._decoder.decode(data, final=self._ended)
        self._text, self._at = self._text[self._at :] + more, 0
