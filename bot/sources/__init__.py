"""Where posts come from. One line a source: the name in the settings, and its adapter."""

from __future__ import annotations

from collections.abc import Callable

from bot.sources.base import Source
from bot.sources.hackernews import HackerNews
from bot.sources.rss import Rss

SOURCES: dict[str, Callable[..., Source]] = {
    "hackernews": HackerNews,
    "rss": Rss,
}
"""What `[sources]` may name. Built with `http`, `now` and the fields of its settings model.

`archive` is not among them: it is given on the command line, a file at a time.
"""
