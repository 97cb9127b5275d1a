"""Where posts come from. One line a source: the name in the settings, and its adapter."""

from __future__ import annotations

from typing import Any

from bot.sources.discourse import Discourse
from bot.sources.github import Github
from bot.sources.hackernews import HackerNews
from bot.sources.mail import Mail
from bot.sources.reddit import Reddit
from bot.sources.rss import Rss
from bot.sources.slack import Slack
from bot.sources.stackexchange import StackExchange
from bot.sources.x import X

SOURCES: dict[str, type[Any]] = {
    "github": Github,
    "hackernews": HackerNews,
    "rss": Rss,
    "slack": Slack,
    "mail": Mail,
    "reddit": Reddit,
    "x": X,
    "discourse": Discourse,
    "stackexchange": StackExchange,
}
"""What `[sources]` may name. An adapter is a frozen dataclass: its fields are those of its settings
model, its secrets (`token` for GITHUB_TOKEN), and `http` and `now` if it has them.

`archive` is not among them: it is given on the command line, a file at a time.
"""
