"""Where posts come from. One line a source: the name in the settings, and its adapter."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Any

SOURCES = {
    "github": "bot.sources.github.adapter:Github",
    "hackernews": "bot.sources.hackernews.adapter:HackerNews",
    "rss": "bot.sources.rss:Rss",
    "slack": "bot.sources.slack.adapter:Slack",
    "mail": "bot.sources.mail.adapter:Mail",
    "reddit": "bot.sources.reddit.adapter:Reddit",
    "x": "bot.sources.x.adapter:X",
    "discourse": "bot.sources.discourse.adapter:Discourse",
    "stackexchange": "bot.sources.stackexchange.adapter:StackExchange",
}
"""What `[sources]` may name, and where its adapter is: loaded only where it is configured.

An adapter is a frozen dataclass: its fields are those of its settings model, its secrets (`token`
for GITHUB_TOKEN), and `http` and `now` if it has them. `archive` is not among them: it is given on
the command line, a file at a time.
"""


def adapter(kind: str) -> type[Any]:
    """The adapter of a kind of source in SOURCES."""
    found: type[Any] = resolve_name(SOURCES[kind])
    return found
