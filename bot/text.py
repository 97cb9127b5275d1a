"""HTML and Markdown to the plain text that posts are kept in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html import unescape
from html.entities import html5

from selectolax.lexbor import LexborHTMLParser

ELLIPSIS = "…"

TAGS_MOST = 20_000
"""Tags of a text that are looked at, blocks aside. A post has a few hundred; where they are nested,
parsing takes quadratic time."""

_MARKS_MOST = 30
_BREAKS = re.compile("[\r\x0b\x0c\u2028\u2029](?:(?<=\r)\n)?")
_CONTROLS = re.compile(
    # C0 and C1 controls but tab and newline, direction marks, overrides and isolates, and the
    # invisible tag characters: none of them is ever words, all of them can disguise some.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_PILE = re.compile(rf"[^\w\s\x00-\u02ff]{{{_MARKS_MOST + 1},}}")
"""Where combining marks may be piled up on one letter: they are no words, and above these."""

_SPACES = re.compile(r"[^\S\n](?:[^\S\n]+|(?<! ))")
"""White space that is more, or other, than one space."""
_BLANK_LINES = re.compile(r"\n{3,}")
_TAG = re.compile(r"<[a-zA-Z/!]|&[#\w]")
_TAG_END = r"""\b(?:[^<>"']|"[^"<]*+"|'[^'<]*+'){0,2000}+>"""
"""The rest of a tag after its name; a ">" between quotes does not end it."""

_BLOCKS = re.compile(
    r"</?(?:p|div|li|t[dhr]|h[1-6]|blockquote|pre|table|caption|ul|ol|dl|section|article|main|aside"
    rf"|nav|header|footer|address|figure|figcaption|details|summary|dt|dd|br|hr){_TAG_END}",
    re.IGNORECASE,
)
_DROPPED = ["script", "style", "head", "template", "noscript", "svg", "iframe", "object"]

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\([^()\s]{0,2000}+[^()\n]{0,300}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\(([^()\s]{0,2000}+)[^()\n]{0,300}\)")
_FENCE = re.compile(
    # On a line of its own with whatever is named after it; elsewhere with a language, since some
    # exports lose the line breaks.
    r"^[ \t]{0,3}(?:```|~~~)[^`\n]{0,100}$"
    r"|```(?:shell|bash|sh|console|powershell|json|yaml|toml|python|py|javascript|js|typescript"
    r"|ts|tsx|text|txt|log|markdown|md|diff|rust|go)?(?=\s|$)",
    re.MULTILINE,
)
_ESCAPED_TICK = re.compile(r"(?<!\\)\\++`")
_REFERENCE = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
"""What CommonMark takes for a character; `&copy=` and `&region=` in an address are none."""

_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+", re.MULTILINE)
_EMPHASIS = re.compile(
    # Marks come first, and what stands before them after: so it is searched for where marks are.
    r"([*_])(?<![\w*].)(\1{0,2})(?=\S)([^*_\n]{1,500}?)(?<=\S)\1\2(?![\w*])"
)
_CODE = re.compile(r"(`{1,3})([^`\n]{1,2000})\1")
_MARKS = re.compile(r"[\[\]`*_#>!<&~]")
_HTML_TAG = re.compile(
    r"</?(?:p|br|b|i|em|strong|code|pre|a|img|details|summary|div|span|sub|sup|h[1-6]|ul|ol|li"
    r"|kbd|hr|table|thead|tbody|tr|td|th|picture|source|video|blockquote|del|ins|center|font)"
    rf"{_TAG_END}",
    re.IGNORECASE,
)


def cleaned(text: str) -> str:
    """Text as it may be stored and shown: NFC, no control or direction characters, tidy spaces.

    Lines are kept; more than one empty line in a row is not.
    """
    if text.isascii() and text.isprintable():  # most titles and names: only spaces can be wrong
        return one_line(text)
    text = _CONTROLS.sub("", _BREAKS.sub("\n", text))
    text = _SPACES.sub(" ", _normal(text))
    text = text.replace(" \n", "\n").replace("\n ", "\n")
    return _BLANK_LINES.sub("\n\n", text).strip()


def _normal(text: str) -> str:
    """NFC, without half characters.

    Of a pile of marks ("Zalgo") only the lowest are kept, as sorting all is quadratic.
    """
    if text.isascii():
        return text
    text = _SURROGATES.sub("\ufffd", text)
    if not _PILE.search(text):
        return unicodedata.normalize("NFC", text)
    # Once more afterwards: some characters come apart into several marks.
    return _PILE.sub(_lowest, unicodedata.normalize("NFC", _PILE.sub(_lowest, text)))


def _lowest(match: re.Match[str]) -> str:
    kept, marks = [], 0
    for character in match[0]:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks <= _MARKS_MOST:
            kept.append(character)
    return "".join(kept)


def plain(html: str) -> str:
    """HTML to plain text: a line a block, code kept, scripts and styles gone, entities read.

    What follows after TAGS_MOST tags is left out.
    """
    if not _TAG.search(html):
        return cleaned(html)
    # A block's borders become line breaks before the parser sees them: walking the blocks of the
    # parsed tree takes quadratic time where they are nested a hundred thousand deep.
    html = _BLOCKS.sub("\n", _SURROGATES.sub("\ufffd", html))
    if html.count("<") > TAGS_MOST:
        html = "<".join(html.split("<", TAGS_MOST + 1)[:-1])
    tree = LexborHTMLParser(html)
    if tree.body is None:
        return ""
    tree.strip_tags(_DROPPED)
    return cleaned(tree.body.text(deep=True))


def plain_markdown(markdown: str) -> str:
    """GitHub's Markdown to readable plain text; what is no mark-up stays as it is.

    Images become their alternative text, links their words, HTML comments nothing. Done with
    patterns, not with a parser: 6,000 issues take half a second instead of half a minute.
    """
    if not _MARKS.search(markdown):
        return cleaned(markdown)
    text = markdown
    for needles, marks, instead in _MARKDOWN:
        if any(needle in text for needle in needles):
            text = marks.sub(instead, text)
    return cleaned(text)


def _character(match: re.Match[str]) -> str:
    known = match[1].startswith("#") or f"{match[1]};" in html5
    return unescape(match[0]) if known else match[0]


def _link_words(match: re.Match[str]) -> str:
    """A link's words; with its address where the words do not name it."""
    words, address = match[1], match[2]
    if not address.startswith(("http://", "https://")) or words in address:
        return words if words not in address else address
    return f"{words} ({address})"


_Instead = str | Callable[[re.Match[str]], str]
_MARKDOWN: tuple[tuple[tuple[str, ...], re.Pattern[str], _Instead], ...] = (
    (("<!--",), _COMMENT, " "),
    (("![",), _IMAGE, r"\1"),
    (("](",), _LINK, _link_words),
    (("\\`",), _ESCAPED_TICK, "`"),
    (("```", "~~~"), _FENCE, ""),
    (("#",), _HEADING, ""),
    ((">",), _QUOTE, ""),
    (("`",), _CODE, r"\2"),
    (("*", "_"), _EMPHASIS, r"\3"),
    (("<",), _HTML_TAG, " "),
    (("&",), _REFERENCE, _character),
)
"""What becomes of marks, in this order; looked for only where one of the needles is at all."""


def one_line(text: str) -> str:
    """The text on one line, spaces single."""
    return " ".join(text.split())


def excerpt(text: str, limit: int) -> str:
    """The beginning of a text on one line, at most `limit` characters, cut between words.

    Cut at the end of a sentence if one ends in the last third; else an ellipsis tells of the cut.
    """
    text = text.strip()
    line = one_line(text[: limit * 8])
    if len(line) <= limit and len(text) <= limit * 8:
        return line
    sentence = max(line.rfind(mark, 0, limit + 1) for mark in (". ", "! ", "? "))
    if sentence >= limit * 2 // 3:
        return line[: sentence + 1]
    head = line[: limit - 1]
    word = head.rfind(" ")
    return (head[:word] if word >= limit // 2 else head).rstrip(" ,;:-") + ELLIPSIS
