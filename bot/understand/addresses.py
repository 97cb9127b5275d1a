"""Addresses of pages: the many ways to write one, brought to a single form."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

URL = re.compile(r"https?://[^\s<>\"'`\]|]{4,500}", re.IGNORECASE)

_FRONT_PAGES = 2
"""An address with fewer parts than this is a site's front page."""

_HOSTS = {
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "m.reddit.com": "reddit.com",
    "redd.it": "reddit.com",
    "twitter.com": "x.com",
    "mobile.twitter.com": "x.com",
}
_TRACKING = ("utm_", "ref=", "ref_src=", "fbclid=", "gclid=", "share=", "ref_source=")
_ITEM = re.compile(r"(?:^|&)id=(\d+)")

_REDDIT = re.compile(
    r"(?:/r/\w+|/user/[\w-]+)?/(?:comments|gallery)/(?P<post>\w{4,12})(?:/[^/]*/(?P<own>\w{4,12}))?"
    r"(?:/[^/]*)?|/(?P<short>\w{4,12})"
)
_THREAD = re.compile(
    r"/(?P<place>[\w.-]{1,39}/[\w.-]{1,100})/(?:issues|pulls?|discussions)/(?P<number>\d{1,9})"
    r"(?:/(?:files|changes|commits))?"
)
_TOPIC = re.compile(
    r"(?P<above>.*)/t/(?:(?!\d+/)[^/]+/)?(?P<topic>\d{1,9})(?:/(?P<number>\d{1,6}))?"
)
_QUESTION = re.compile(
    r"/(?:questions|q)/(?P<question>\d{1,10})(?:/[^/]*(?:/(?P<answer>\d{1,10}))?)?"
    r"|/a/(?P<own>\d{1,10})(?:/\d+)?"
)
_STATUS = re.compile(r"/\w{1,20}/status/(?P<number>\d{1,19})(?:/.*)?")
_ASKING = ("stackoverflow.com", "serverfault.com", "superuser.com", "askubuntu.com")


def urls_in(text: str) -> list[str]:
    """The addresses that a text names, as they stand, without what ends the sentence."""
    return [match.group().rstrip(".,;:!?)*_") for match in URL.finditer(text)]


def canonical(url: str) -> str:
    """The page at an address, whichever way the address is written: equal for one page.

    Without scheme, www, closing slash, fragment and tracking, host in lower case. Short and long
    forms of the sites we read are one: `redd.it/x`, `/q/1` and `/questions/1/title`, `/t/title/5`,
    a pull request's files, an issue under `/pull/`. A text that is no URL comes back trimmed.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    named = parts.netloc.lower().rpartition("@")[2].removeprefix("www.")
    host, path = _HOSTS.get(named, named), parts.path.rstrip("/")
    if page := _page(named, host, path):
        return host + page
    if host == "news.ycombinator.com" and (item := _ITEM.search(parts.query)):
        return f"{host}{path}?id={item[1]}"
    kept = [
        pair for pair in parts.query.split("&") if pair and not pair.lower().startswith(_TRACKING)
    ]
    return host + path + ("?" + "&".join(kept) if kept else "")


def leads_inside(page: str) -> bool:
    """Whether a canonical address leads to a page of its own, not to a site's front page."""
    return len(re.split(r"[/?]", page)) >= _FRONT_PAGES


def _page(named: str, host: str, path: str) -> str | None:
    """The one path of a page that a known kind of site shows under several."""
    if host == "reddit.com":
        return _reddit(path, short=named == "redd.it")
    if host == "x.com":
        found = _STATUS.fullmatch(path)
        return f"/status/{found['number']}" if found else None
    if host.endswith((".stackexchange.com", *_ASKING)):
        return _question(path)
    if found := _THREAD.fullmatch(path):
        # One counter for issues, pull requests and discussions: the site leads on to the right one.
        return f"/{found['place'].lower()}/issues/{int(found['number'])}"
    if found := _TOPIC.fullmatch(path):
        own = found["number"]
        return f"{found['above']}/t/{found['topic']}" + (f"/{own}" if own and own != "1" else "")
    return None


def _reddit(path: str, *, short: bool) -> str | None:
    found = _REDDIT.fullmatch(path)
    if not found or (found["short"] and not short):
        return None
    own = f"/{found['own']}" if found["own"] else ""
    return f"/comments/{found['post'] or found['short']}{own}"


def _question(path: str) -> str | None:
    found = _QUESTION.fullmatch(path)
    if not found:
        return None
    answer = found["answer"] or found["own"]
    return f"/a/{answer}" if answer else f"/q/{found['question']}"
