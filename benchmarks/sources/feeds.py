"""Feeds: the largest recorded ones, whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from perceval.backends.core.rss import RSS

from benchmarks.sources.measured import Case, now
from benchmarks.sources.recorded import recorded
from bot.http import Http
from bot.sources.rss import Rss
from tests.world.site import Answer, Site

FEEDS = {"rss": "parser_large_rss.xml", "atom": "parser_large_atom.xml"}


@contextmanager
def feeds(http: Http) -> Iterator[list[Case]]:
    with Site(lambda asked: Answer(body=recorded("rss", "miniflux", asked.path[1:]))) as site:
        yield [_case(http, form, f"{site.url}/{name}") for form, name in FEEDS.items()]


def _case(http: Http, form: str, url: str) -> Case:
    return Case(
        f"rss, {form}",
        lambda: Rss(http=http, now=now, url=url, feed="feed"),
        f"recorded: rss/miniflux/{url.rpartition('/')[2]}",
        lambda: len(list(RSS(url).fetch())),
    )
