"""Sources that were added in Slack: checked like the file's, beside them, and never over them."""

from __future__ import annotations

from contextlib import closing
from itertools import product
from typing import Any

import pytest

from bot.added_sources import KINDS, Added, Unfit, added, fitted, merged
from bot.app import build, in_slack, sources, wall_clock, way_out
from bot.configured import Configured
from bot.settings import load
from bot.source_settings import SourcesSettings
from bot.sources import SOURCES, adapter
from bot.store import Store, open_store
from tests.builders import NOW
from tests.cli import groundswell, set_nothing
from tests.fakes import WordHashing
from tests.slack.anything import HOSTILE

BY = "slack:U0ANN"
FILE = {
    "github": {"repos": ["acme/tool"], "discussions": False},
    "rss": [{"name": "blog", "url": "https://blog.example.org/feed"}],
    "stackexchange": [{"site": "stackoverflow", "tags": ["acme"]}],
    "reddit": {"subreddits": ["python"], "username": "theirs"},
}
EVERY = (
    Added("github", "acme/other"),
    Added("rss", "https://news.example.org/feed", "news"),
    Added("discourse", "https://talk.example.org", "talk"),
    Added("reddit", "rust", "mine"),
    Added("hackernews", "acme tool"),
    Added("stackexchange", "stackoverflow", "tool"),
    Added("stackexchange", "superuser", "acme"),
)


def a_file(**tables: Any) -> SourcesSettings:
    return SourcesSettings.model_validate(tables or FILE)


def keep(store: Store, one: Added) -> None:
    store.configuration.set(one.kept_as, one.value(), BY, NOW)


def test_there_is_an_example_of_every_kind_that_can_be_added():
    assert {one.kind for one in EVERY} == set(KINDS)
    assert set(KINDS) <= set(SOURCES)


def test_what_was_added_stands_beside_what_the_file_names():
    made, unfit = merged(a_file(), EVERY)
    assert unfit == {}
    assert made.github
    assert made.github.repos == ("acme/tool", "acme/other")
    assert made.github.discussions is False
    assert [feed.feed for feed in made.rss] == ["blog", "news"]
    assert made.reddit
    assert (made.reddit.subreddits, made.reddit.username) == (("python", "rust"), "theirs")
    assert [(site.site, site.tags) for site in made.stackexchange] == [
        ("stackoverflow", ("acme", "tool")),
        ("superuser", ("acme",)),
    ]


def test_without_a_file_all_of_it_is_read():
    made, unfit = merged(SourcesSettings(), EVERY)
    assert unfit == {}
    assert all(made.of(kind) for kind in KINDS)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.kind} {one.what}")
def test_a_source_is_called_as_its_adapter_calls_it(one: Added):
    made, _ = fitted(SourcesSettings(), one)
    (settings,) = made.of(one.kind)
    offered = {"http": None, "now": wall_clock}
    kind = adapter(one.kind)
    fields = kind.__dataclass_fields__
    source = kind(**settings.model_dump(), **{k: v for k, v in offered.items() if k in fields})
    assert source.name == one.source


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.kind} {one.what}")
def test_what_is_read_already_is_not_added_again(one: Added):
    made, found = fitted(SourcesSettings(), one)
    with pytest.raises(Unfit, match="read already"):
        fitted(made, found)


def test_what_is_switched_off_is_not_read():
    made, unfit = merged(SourcesSettings(), [Added("github", "acme/tool", on=False)])
    assert (made, unfit) == (SourcesSettings(), {})


def test_what_the_file_has_come_to_name_itself_is_left_out_and_told():
    made, unfit = merged(
        a_file(),
        [Added("rss", "https://other.example.org/feed", "blog"), Added("github", "acme/other")],
    )
    assert [feed.url for feed in made.rss] == ["https://blog.example.org/feed"]
    assert made.github
    assert made.github.repos == ("acme/tool", "acme/other")
    ((name, why),) = unfit.items()
    assert name == "source rss https://other.example.org/feed"
    assert "two feeds are called 'blog'" in why


def test_a_feed_without_a_name_is_called_like_its_host():
    made, first = fitted(SourcesSettings(), Added("rss", "https://x.example.org/a"))
    _, second = fitted(made, Added("rss", "https://x.example.org/b"))
    assert (first.name, second.name) == ("x.example.org", "x.example.org-2")


@pytest.mark.parametrize(
    "wrong",
    [
        Added("x", "anything"),
        Added("github", "a/b\nc"),
        Added("github", "o" * 500),
        Added("rss", "file:///etc/passwd"),
        Added("rss", "https://[::1/"),
        Added("rss", "https://ann:secret@example.org/feed"),
        Added("rss", "https:///feed"),
        Added("rss", "https://example.org:70000/feed"),
        Added("discourse", "talk.example.org", "talk"),
        Added("github", ""),
    ],
)
def test_what_is_wrong_is_refused(wrong: Added):
    with pytest.raises(Unfit):
        fitted(SourcesSettings(), wrong)


def test_whatever_is_taken_can_be_built(folder):
    pieces = (*HOSTILE, "https://example.org/", "acme/tool", "python", "a b", "ÄÖ", "_x_", "-", ".")
    settings, taken = load(), 0
    for kind, what, name in product(KINDS, pieces, pieces):
        try:
            made, one = fitted(SourcesSettings(), Added(kind, what, name))
        except Unfit:
            continue
        taken += 1
        with closing(way_out(settings)) as http:
            (source,) = sources(settings, wall_clock, http, asked=made)
        assert source.name == one.source
    assert taken > len(KINDS)


def test_what_another_version_kept_is_left_out(store: Store):
    store.configuration.set("source odd", {"kind": "teletext", "what": "100"}, BY, NOW)
    store.configuration.set("source new", {"kind": "rss", "what": "x", "colour": "red"}, BY, NOW)
    store.configuration.set("source none", "words", BY, NOW)
    store.configuration.set("setting zone", "UTC", BY, NOW)
    keep(store, EVERY[0])
    assert [one for _, one in added(store.configuration.standing())] == [EVERY[0]]


class Named:
    """A source with nothing but a name."""

    def __init__(self, name: str) -> None:
        self.name = name


def names_of(settings: SourcesSettings) -> list[Any]:
    repos = settings.github.repos if settings.github else ()
    return [*map(Named, repos), *(Named(f"rss/{feed.feed}") for feed in settings.rss)]


def test_a_running_process_reads_what_is_added_and_no_more_what_is_removed(store: Store):
    configured = Configured(a_file(), store.configuration, names_of)
    assert set(configured) == {"acme/tool", "rss/blog"}
    news = EVERY[1]
    keep(store, news)
    assert set(configured) == {"acme/tool", "rss/blog", "rss/news"}
    assert configured.origin("rss/news") == "Slack"
    assert configured.origin("rss/blog") == "groundswell.toml"
    assert configured.origin("rss/other") == ""
    store.configuration.set(news.kept_as, None, BY, NOW)
    assert set(configured) == {"acme/tool", "rss/blog"}


def test_no_source_is_made_before_one_is_asked_for(store: Store):
    made: list[SourcesSettings] = []

    def noted(settings: SourcesSettings) -> list[Any]:
        made.append(settings)
        return names_of(settings)

    configured = Configured(a_file(), store.configuration, noted)
    assert made == []
    assert "rss/blog" in configured
    assert len(made) == 1


def test_nothing_is_built_anew_while_nothing_changes(store: Store):
    configured = Configured(a_file(), store.configuration, names_of)
    first = configured["rss/blog"]
    assert configured["rss/blog"] is first


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A file with a feed and a repository, and a database where more was added."""
    set_nothing(monkeypatch, tmp_path)
    monkeypatch.setattr("bot.app.MiniLM", WordHashing)
    monkeypatch.setattr("bot.checks.MiniLM", WordHashing)
    (tmp_path / "groundswell.toml").write_text(
        '[[sources.rss]]\nname = "blog"\nurl = "http://127.0.0.1:9/blog"\n'
    )
    store = open_store(f"sqlite:///{tmp_path}/groundswell.db")
    keep(store, Added("rss", "http://127.0.0.1:9/news", "news"))
    keep(store, Added("rss", "http://127.0.0.1:9/again", "blog"))
    store.close()
    return tmp_path


def test_status_names_where_each_source_comes_from(folder):
    found = {one["source"]: one for one in groundswell("status", "--json").json["sources"]}
    assert found["rss/blog"]["origin"] == "groundswell.toml"
    assert found["rss/news"]["origin"] == "Slack"
    assert "rss/news (from Slack)" in groundswell("status").out


def test_a_check_looks_at_what_was_added_and_names_what_does_not_fit(folder):
    found = {one["check"]: one for one in groundswell("check", "--json").json}
    assert "source rss/news (some of it added in Slack)" in found
    assert "source rss/blog" in found
    unfit = found["source rss http://127.0.0.1:9/again, added in Slack"]
    assert not unfit["ok"]
    assert "remove it" in unfit["fix"]


def test_what_was_added_is_read_by_its_name(folder):
    ran = groundswell("collect", "rss/news", "--json")
    assert [one["source"] for one in ran.json] == ["rss/news"]


def test_in_slack_the_file_s_zone_stands_and_else_the_one_that_was_set(folder):
    settings = load()
    with build(settings, None, wall_clock) as pipeline:
        pipeline.store.configuration.set("setting zone", "Europe/Berlin", BY, NOW)
        assert in_slack(pipeline, settings).local_zone() == "Europe/Berlin"
        assert pipeline.local_zone() == "UTC"
        (folder / "groundswell.toml").write_text('[slack]\nzone = "Europe/Paris"\n')
        assert in_slack(pipeline, load()).local_zone() == "Europe/Paris"
