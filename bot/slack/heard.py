"""What people write in Slack, as plain words: Slack puts names and addresses into `<...>`.

https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
"""

from __future__ import annotations

import re

_MARKED = re.compile(r"<([^<>\s|]+)(?:\|([^<>]*))?>")
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)>")


def plain(text: str) -> str:
    """The words, with people as `<@U0ANN>` and everything else as it was typed.

    Text that Slack did not mark up comes back as it is.
    """
    words = _MARKED.sub(_unmarked, text)
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        words = words.replace(code, sign)
    return words


def _unmarked(found: re.Match[str]) -> str:
    what, shown = found[1], found[2]
    if what[0] == "@":
        return f"<{what}>"
    if what[0] == "#":
        return f"#{shown or what[1:]}"
    if what[0] == "!":
        return shown or f"@{what[1:].partition('^')[0]}"
    return what.removeprefix("mailto:").removeprefix("tel:")


def people(text: str) -> list[str]:
    """The ids of those who are named, in order."""
    return _PERSON.findall(text)


def nameless(text: str) -> str:
    """The words without the names of people."""
    return re.sub(r" {2,}", " ", _PERSON.sub(" ", text)).strip()
