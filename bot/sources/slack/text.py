"""Slack's mark-up (mrkdwn) to plain text.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.text import cleaned

_CODE = re.compile(r"```(.{1,40000}?)```|`([^`\n]{1,4000})`", re.DOTALL)
_TOKEN = re.compile(r"<([^<>\n]{1,4000})>")
"""`<@U1>`, `<#C1|name>`, `<!here>`, `<https://...|words>`: a "<" of the author's is `&lt;`."""
_EMPHASIS = re.compile(r"(?<!\w)([*_~])(?=\S)((?:(?!\1)[^\n]){1,500})(?<=\S)\1(?!\w)")
_QUOTE = re.compile(r"^[ \t]*(?:&gt;)+[ \t]?", re.MULTILINE)
_KEPT = re.compile("\ue000([0-9]+)\ue001")
_MENTION = re.compile(r"<@([A-Z0-9]{1,20})(?:\|[^<>\n]{0,100})?>")


def mentioned(text: str) -> Iterator[str]:
    """The ids of the people that a text mentions."""
    return (match[1] for match in _MENTION.finditer(text))


def plain_mrkdwn(text: str, names: Mapping[str, str]) -> str:
    """The words as people see them: `names` by user id, emoji left as `:name:`."""
    kept = _Kept(names)
    text = text.replace("\ue000", "").replace("\ue001", "")
    text = _TOKEN.sub(kept.token, _CODE.sub(kept.code, text))
    # Once more, since bold may hold italics.
    text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", _QUOTE.sub("", text)))
    return cleaned(_KEPT.sub(kept.back, _unescaped(text)))


@dataclass(slots=True)
class _Kept:
    """What is no mark-up any more, put aside so that nothing in it is taken for some."""

    names: Mapping[str, str]
    words: list[str] = field(default_factory=list)

    def code(self, match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return self._aside(_unescaped(_TOKEN.sub(lambda token: self._shown(token[1]), code)))

    def token(self, match: re.Match[str]) -> str:
        return self._aside(_unescaped(self._shown(match[1])))

    def back(self, match: re.Match[str]) -> str:
        return self.words[int(match[1])]

    def _aside(self, words: str) -> str:
        self.words.append(words)
        return f"\ue000{len(self.words) - 1}\ue001"

    def _shown(self, token: str) -> str:
        what, _, words = token.partition("|")
        if what.startswith("@"):
            return "@" + (self.names.get(what[1:]) or words or what[1:]).removeprefix("@")
        if what.startswith("#"):
            return "#" + (words or what[1:])
        if what.startswith("!"):
            return words or "@" + what[1:].partition("^")[0]
        return _link(what.removeprefix("mailto:"), words)


def _link(address: str, words: str) -> str:
    """A link's words; with its address where the words do not name it."""
    if not words or words in address:
        return address if address.startswith(("http://", "https://")) else words or address
    return f"{words} ({address})" if address.startswith(("http://", "https://")) else words


def _unescaped(text: str) -> str:
    """Slack escapes these three and nothing else."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
