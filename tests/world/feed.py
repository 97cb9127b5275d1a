"""A feed in any of three forms, with validators; it forgets what was deleted without a word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from email.utils import format_datetime
from html import escape

from bot.http import Http
from bot.sources.base import Source
from bot.sources.rss import Rss
from tests.world.base import Said, WebWorld
from tests.world.site import Answer, Asked

SECRET = "of-a-private-feed"  # noqa: S105 of nobody's


class FeedWorld(WebWorld):
    """The newest entry comes first, as feeds have it."""

    kind = "rss"
    shows_deletions = False
    answers_304 = True
    secrets = (SECRET,)

    def __init__(self, http: Http, form: str = "atom") -> None:
        super().__init__(http)
        self._write, self._type = FORMS[form]
        self._spoilt: list[str] = []
        self._form = form

    def source(self) -> Source:
        url = f"{self.site.url}/feed?token={SECRET}"
        return Rss(http=self.http, now=self.clock, url=url, feed="blog")

    def external_id(self, said: Said) -> str:
        digest = hashlib.blake2b(_id(said).encode(), digest_size=8).hexdigest()
        return f"blog/{digest}"

    def spoil(self) -> int:
        self._spoilt = SPOILT[self._form]
        return len(self._spoilt)

    def answer(self, asked: Asked) -> Answer:
        body = self._write(sorted(self.living.values(), key=lambda s: -s.number), self._spoilt)
        etag = f'"{hashlib.blake2b(body).hexdigest()[:16]}"'
        headers = {"content-type": self._type, "etag": etag}
        if asked.headers.get("if-none-match") == etag:
            return Answer(304, headers=headers)
        return Answer(body=body, headers=headers)


def _id(said: Said) -> str:
    return f"https://blog.example/{said.number}"


def _html(said: Said) -> str:
    return f"<p>{escape(said.words)} <b>indeed</b></p><script>alert(1)</script>"


def _rss(posts: list[Said], spoilt: list[str]) -> bytes:
    items = [
        f"<item><title>Entry {said.number}</title><guid>{_id(said)}</guid><link>{_id(said)}</link>"
        f"<pubDate>{format_datetime(said.at)}</pubDate>"
        f"{f'<dc:creator>{said.author}</dc:creator>' if said.author else ''}"
        f"<description>{escape(_html(said))}</description></item>"
        for said in posts
    ]
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>The blog</title>{''.join(_among(items, spoilt))}</channel></rss>"
    ).encode()


def _atom(posts: list[Said], spoilt: list[str]) -> bytes:
    entries = [
        f"<entry><title>Entry {said.number}</title><id>{_id(said)}</id>"
        f'<link href="{_id(said)}"/><updated>{said.at.isoformat()}</updated>'
        f"{f'<author><name>{said.author}</name></author>' if said.author else ''}"
        f'<content type="html">{escape(_html(said))}</content></entry>'
        for said in posts
    ]
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>The blog</title>{''.join(_among(entries, spoilt))}</feed>"
    ).encode()


def _json(posts: list[Said], spoilt: list[str]) -> bytes:
    items = [
        json.dumps(
            {
                "id": _id(said),
                "url": _id(said),
                "title": f"Entry {said.number}",
                "content_html": _html(said),
                "date_published": said.at.isoformat(),
                "authors": [{"name": said.author}] if said.author else [],
            }
        )
        for said in posts
    ]
    listed = ", ".join(_among(items, spoilt))
    return (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "The blog", '
        f'"items": [{listed}]}}'
    ).encode()


def _among(items: list[str], spoilt: list[str]) -> list[str]:
    """The spoilt ones between the others, where they do the most harm."""
    middle = len(items) // 2
    return [*items[:middle], *spoilt, *items[middle:]]


FORMS: dict[str, tuple[Callable[[list[Said], list[str]], bytes], str]] = {
    "rss": (_rss, "application/rss+xml"),
    "atom": (_atom, "application/atom+xml; charset=utf-8"),
    "json": (_json, "application/feed+json"),
}

SPOILT = {
    "rss": ["<item/>", "<item><pubDate>soon</pubDate><link>javascript:alert(1)</link></item>"],
    "atom": ["<entry/>", "<entry><id/><title>  </title><updated>never</updated></entry>"],
    "json": ['"words"', "null", "{}", '{"title": 5, "tags": 5}', '{"title": {}, "authors": {}}'],
}
