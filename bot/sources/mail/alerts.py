"""Alerts: mails by Google Alerts and F5Bot, a post for each page that they have found.

https://www.google.com/alerts and https://f5bot.com
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.model import Post
from bot.sources import fields
from bot.sources.mail.body import Mail, header, html_of, text_of
from bot.text import cleaned, excerpt, one_line, plain

ENTRIES_MOST = 200
TITLE_MOST = 300
_CLIMB_MOST = 6
"""How far up from a link the item is looked for that it names."""

_URL = re.compile(r"https?://[^\s<>\"']{4,4000}")
_ALERT = re.compile(r".{0,60}? - (.{1,200})")
"""`Google Alert - the query`, in any language."""
_LINK = re.compile(
    r"<a\b[^>]{0,200}?\bhref=[\"']([^\"'<>]{1,4000})[\"'][^>]{0,200}>(.{0,500}?)</a>"
    r"([^<\n]{0,100})(?:<br ?/?>)?",
    re.DOTALL | re.IGNORECASE,
)
_KEYWORD = re.compile(r"Keyword: [\"'“]?(.{1,200}?)[\"'”]?")
_MENTION = re.compile(
    r"(?P<site>Reddit|Hacker News|Lobsters) (?:Post|Comment)s?"
    r"(?: \(/?(?P<subreddit>r/[^)/\s]{1,50})/?\))?: ['\"]?(?P<title>.{0,500}?)['\"]?"
    r"(?: by (?P<author>[^\s'\"]{1,60}))?"
)
_WATCHED = {"reddit.com", "old.reddit.com", "news.ycombinator.com", "lobste.rs"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that an alert has found."""

    url: str
    title: str
    text: str = ""
    venue: str | None = None
    author: str | None = None
    kind: str = "alert"
    label: str = ""


Form = Callable[[Mail, datetime], tuple[Post, ...]]


def form_of(address: str) -> Form | None:
    """What reads the mails of that sender; None if they are no alerts."""
    if address == "googlealerts-noreply@google.com":
        return google
    return f5bot if address.endswith("@f5bot.com") else None


def google(mail: Mail, moment: datetime) -> tuple[Post, ...]:
    """The pages of a Google Alert, each once; none if it has another form."""
    found = _ALERT.fullmatch(header(mail, "subject"))
    query = found[1].strip("\"' ") if found else ""
    entries = list(_linked(html_of(mail))) or list(_listed(text_of(mail)))
    return _posts((replace(entry, label=query) for entry in entries), moment)


def f5bot(mail: Mail, moment: datetime) -> tuple[Post, ...]:
    """The mentions that F5Bot has found, each once; none if it has another form."""
    # The address comes to stand on a line of its own, as it does in the plain form.
    html = _LINK.sub(r"\2\3<br>\1<br>", one_line(html_of(mail)))
    return _posts(_mentions(plain(html)) or _mentions(cleaned(text_of(mail))), moment)


def _posts(entries: Iterable[Entry], moment: datetime) -> tuple[Post, ...]:
    posts: dict[str, Post] = {}
    for entry in entries:
        title = excerpt(cleaned(entry.title), TITLE_MOST)
        if (title or entry.text) and len(posts) < ENTRIES_MOST:
            post = _post(entry, title, moment)
            posts.setdefault(post.external_id, post)
    return tuple(posts.values())


def _post(entry: Entry, title: str, moment: datetime) -> Post:
    digest = hashlib.blake2b(entry.url.encode("utf-8", "replace"), digest_size=16).hexdigest()
    label = fields.line(entry.label)
    return Post(
        source="mail",
        # By the page: the same one, found by several alerts, is one post.
        external_id=f"{entry.kind}/{digest}",
        kind=entry.kind,
        title=title,
        text=cleaned(entry.text),
        created_at=moment,
        venue=fields.named(entry.venue or urlsplit(entry.url).hostname) or "the web",
        author=fields.named(entry.author),
        url=entry.url,
        labels=(label,) if label else (),
        link=entry.url,
    )


def _page(url: str) -> str | None:
    """The page that a link of Google's or F5Bot's leads to; None for any other link."""
    address = fields.address(url)
    parts = urlsplit(address or "")
    host = (parts.hostname or "").removeprefix("www.")
    name = {"google.com": "url", "f5bot.com": "u"}.get(host)
    if name and parts.path == "/url":
        return fields.address(parse_qs(parts.query).get(name, [""])[0])
    return address if host in _WATCHED else None


def _linked(html: str) -> Iterator[Entry]:
    """The entries of a Google Alert in HTML: links through Google with words in them."""
    for link in LexborHTMLParser(html).css("a[href]") if html else ():
        page = _page(link.attributes.get("href") or "")
        title = one_line(cleaned(link.text(deep=True)))
        if page and title:
            item = _item(link)
            yield Entry(page, title, _within(item, "description"), _within(item, "publisher"))


def _item(link: LexborNode) -> LexborNode:
    """What the mail marks as the item around a link; the link itself if it marks none."""
    node: LexborNode | None = link
    for _ in range(_CLIMB_MOST):
        if node is None or "itemscope" in node.attributes:
            return node or link
        node = node.parent
    return link


def _within(item: LexborNode, what: str) -> str:
    found = item.css_first(f'[itemprop="{what}"]')
    return plain(found.html or "") if found else ""


def _listed(text: str) -> Iterator[Entry]:
    """The entries of a Google Alert in plain text: some lines, and a link below them."""
    lines: list[str] = []
    for line in map(str.strip, text.splitlines()):
        found = _URL.search(line)
        page = _page(found[0]) if found else None
        if page and lines:
            yield Entry(page, lines[0], "\n".join(lines[1:]))
        ends = found or not line or line.startswith(("===", "---"))
        lines = [] if ends else [*lines, line]


def _mentions(text: str) -> list[Entry]:
    """`Reddit Posts (/r/sub/): 'Title' by author`, then its address, then words around it."""
    entries: list[Entry] = []
    keyword, goes_on = "", False
    for line in map(str.strip, text.splitlines()):
        found, address = _KEYWORD.fullmatch(line), _URL.fullmatch(line)
        if found:
            keyword, goes_on = found[1], False
        elif mention := _MENTION.fullmatch(line):
            entries.append(_mention(mention, keyword))
            goes_on = True
        elif goes_on and address and not entries[-1].url:
            entries[-1] = replace(entries[-1], url=_page(address[0]) or "")
        elif goes_on and line and not address:
            entries[-1] = replace(entries[-1], text=f"{entries[-1].text}\n{line}".strip())
        else:
            goes_on = False
    return [entry for entry in entries if entry.url]


def _mention(mention: re.Match[str], keyword: str) -> Entry:
    venue = mention["subreddit"] or mention["site"]
    return Entry("", mention["title"], "", venue, mention["author"], "mention", keyword)
