"""Sources that somebody added from within Slack, beside those of the configuration file.

What the file names stands as it is there: what was added comes on top, is checked by the same
models, and is left out, and told, where it does not fit any more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from bot.errors import SettingsError
from bot.source_settings import SourcesSettings
from bot.store import Change

SOURCE = "source "
"""Before the name under which a change to the sources is kept."""

WHAT, NAME = "what", "name"
"""The two things that are told of a source."""

LONGEST = 400
"""Characters of either."""

Tables = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Added:
    """One thing to read, as it was added."""

    kind: str
    """One of KINDS."""
    what: str
    """A repository, an address, words ...: what the kind asks for."""
    name: str = ""
    """What it is called, where the kind wants that."""
    on: bool = True

    @property
    def kept_as(self) -> str:
        """The name under which it is kept: the same for the same thing."""
        of = f" {self.name}" if self.kind == "stackexchange" else ""
        return f"{SOURCE}{self.kind} {self.what}{of}"

    @property
    def source(self) -> str:
        """The name of the source that reads it."""
        kind = KINDS[self.kind]
        return f"{self.kind}/{kind.called(self)}" if kind.called else self.kind

    def text(self) -> str:
        """As people read it: `GitHub repository owner/name`."""
        called = f" ({self.name})" if self.name and self.kind != "reddit" else ""
        return f"{KINDS[self.kind].title} {self.what}{called}"

    def value(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that can be added."""

    title: str
    example: str
    named: str
    """What the second field is for; empty where there is none."""
    put: Callable[[Tables, Added], None]
    """Into the tables of `[sources]`."""
    things: Callable[[SourcesSettings], Sequence[str]]
    """All of this kind that is read."""
    called: Callable[[Added], str] | None = None
    """The last part of its source's name, if each is a source of its own."""


class Unfit(SettingsError):  # noqa: N818 it says more than "error"
    """A source cannot be added; `field` is WHAT or NAME."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def added(changes: Iterable[Change]) -> list[tuple[Change, Added]]:
    """What was added and stands, with the change that said so; what cannot be read is left out."""
    found = []
    for change in changes:
        value = change.value
        if not change.name.startswith(SOURCE) or not isinstance(value, dict):
            continue
        if value.get("kind") in KINDS and set(value) <= {"kind", "what", "name", "on"}:
            found.append((change, Added(**value)))
    return found


def fitted(sources: SourcesSettings, wanted: Added) -> tuple[SourcesSettings, Added]:
    """The sources with one more, and that in the form in which it is kept.

    Raises:
        Unfit: it is wrong, or is read already.
    """
    if wanted.kind not in KINDS:
        raise Unfit(WHAT, f"there is no kind {wanted.kind!r}")
    kind = KINDS[wanted.kind]
    for field, text in ((WHAT, wanted.what), (NAME, wanted.name)):
        if len(text) > LONGEST or not text.isprintable():
            raise Unfit(field, f"at most {LONGEST} characters, on one line")
    named = _named(sources, wanted)
    if kind.example.startswith("https://"):
        _demand_address(named.what)
    if named.what in kind.things(sources) and wanted.kind != "stackexchange":
        raise Unfit(WHAT, f"{named.what} is read already")
    tables = sources.model_dump(by_alias=True)
    kind.put(tables, named)
    try:
        made = SourcesSettings.model_validate(tables)
    except ValidationError as error:
        raise _explained(error, kind) from error
    before = kind.things(sources)
    new = Counter(kind.things(made)) - Counter(before)
    thing = next(iter(new), "")
    if not thing or thing in before:
        raise Unfit(WHAT, f"{thing or named.what} is read already")
    what = thing if wanted.kind != "stackexchange" else named.what
    return made, Added(named.kind, what, named.name)


def merged(
    sources: SourcesSettings, wanted: Iterable[Added]
) -> tuple[SourcesSettings, dict[str, str]]:
    """The file's sources with all that was added and is on; by name what does not fit, and why."""
    unfit: dict[str, str] = {}
    for one in wanted:
        if one.on:
            try:
                sources, _ = fitted(sources, one)
            except Unfit as error:
                unfit[one.kept_as] = str(error)
    return sources, unfit


def _repository(tables: Tables, one: Added) -> None:
    _append(tables, "github", "repos", one.what)


def _subreddit(tables: Tables, one: Added) -> None:
    tables["reddit"] = tables["reddit"] or {"username": one.name}
    _append(tables, "reddit", "subreddits", one.what)


def _words(tables: Tables, one: Added) -> None:
    _append(tables, "hackernews", "queries", one.what)


def _append(tables: Tables, kind: str, key: str, what: str) -> None:
    table = tables[kind] or {}
    tables[kind] = {**table, key: [*table.get(key, ()), what]}


def _feed(tables: Tables, one: Added) -> None:
    tables["rss"] = [*tables["rss"], {"name": one.name, "url": one.what}]


def _forum(tables: Tables, one: Added) -> None:
    tables["discourse"] = [*tables["discourse"], {"name": one.name, "url": one.what}]


def _tag(tables: Tables, one: Added) -> None:
    sites = [dict(site) for site in tables["stackexchange"]]
    own = next((site for site in sites if site["site"] == one.what), None)
    if own is None:
        sites.append({"site": one.what, "tags": [one.name]})
    else:
        own["tags"] = [*own["tags"], one.name]
    tables["stackexchange"] = sites


KINDS: Mapping[str, Kind] = {
    "github": Kind(
        "GitHub repository",
        "owner/name",
        "",
        _repository,
        lambda s: s.github.repos if s.github else (),
    ),
    "rss": Kind(
        "Feed",
        "https://example.org/feed.xml",
        "What it is called",
        _feed,
        lambda s: [feed.url for feed in s.rss],
        lambda one: one.name,
    ),
    "discourse": Kind(
        "Discourse forum",
        "https://discuss.example.org",
        "What it is called",
        _forum,
        lambda s: [forum.url for forum in s.discourse],
        lambda one: one.name,
    ),
    "reddit": Kind(
        "Subreddit",
        "r/python",
        "Your account there, if none is named in groundswell.toml",
        _subreddit,
        lambda s: s.reddit.subreddits if s.reddit else (),
    ),
    "hackernews": Kind(
        "Hacker News, words",
        "your product",
        "",
        _words,
        lambda s: s.hackernews.queries if s.hackernews else (),
    ),
    "stackexchange": Kind(
        "Stack Exchange site",
        "stackoverflow",
        "The tag",
        _tag,
        lambda s: [f"{site.site} {tag}" for site in s.stackexchange for tag in site.tags],
        lambda one: one.what,
    ),
}
"""What can be added. What costs money or needs a secret of its own stands in the file alone."""


def _named(sources: SourcesSettings, wanted: Added) -> Added:
    """With a name: that of its host, for what must have one and was given none."""
    what, name = " ".join(wanted.what.split()), " ".join(wanted.name.split())
    if wanted.kind in {"rss", "discourse"} and not name:
        host = re.sub(r"^https?://|[/:?#].*$", "", what)
        forums, feeds = sources.discourse, sources.rss
        taken = {one.feed for one in feeds} | {one.forum for one in forums}
        name = _free(re.sub(r"[^A-Za-z0-9_.-]+", "-", host).strip("-._"), taken)
    return Added(wanted.kind, what, name if KINDS[wanted.kind].named else "")


def _demand_address(what: str) -> None:
    """Raise Unfit for what is no whole address, or holds a password: all can see what is added."""
    try:
        parts = urlsplit(what)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or re.search(r"\s", what):
        raise Unfit(WHAT, f"{what!r} is no whole address: it begins with http:// or https://")
    if "@" in parts.netloc:
        raise Unfit(WHAT, "an address with a name or a password in it belongs in the file alone")


def _free(name: str, taken: set[str]) -> str:
    """A name that is not taken."""
    name = name[:60] or "feed"
    numbers = (f"{name}-{n}" for n in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbers if one not in taken)


def _explained(error: ValidationError, kind: Kind) -> Unfit:
    """The first fault, at the field that it is about."""
    fault, *_ = error.errors()
    key = str(fault["loc"][-1]) if fault["loc"] else ""
    why = fault["msg"].removeprefix("Value error, ")
    if key == "username":
        return Unfit(NAME, "Reddit wants to know who asks: write the name of your account there")
    at_name = key in {"name", "feed", "forum"} or (
        kind.title.startswith("Stack") and "tags" in fault["loc"]
    )
    if fault["type"] == "string_pattern_mismatch":
        why = (
            "that has signs which do not belong there"
            if at_name
            else f"write it like {kind.example}"
        )
    return Unfit(NAME if at_name or "are called" in why else WHAT, why)
