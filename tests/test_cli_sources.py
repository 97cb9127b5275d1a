"""The commands that bring posts in and take them out: imports, backfills, recordings."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
import stamina

from bot.http import Http
from bot.model import Post, Query, Role, Visibility
from bot.settings import Secrets
from bot.store import open_store
from tests.cli import Ran, empty_folder, groundswell
from tests.sources.flaws import flaws
from tests.world.export import write
from tests.world.hackernews import HackerNewsWorld
from tests.world.site import Answer, Asked, Site

NOW = "2026-03-02T12:00:00Z"


@pytest.fixture(scope="module", autouse=True)
def _alone(tmp_path_factory, minilm) -> Iterator[None]:
    with empty_folder(tmp_path_factory.mktemp("empty"), minilm):
        yield


@pytest.fixture(autouse=True)
def _one_attempt():
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def call(tmp_path) -> Callable[..., Ran]:
    def run(*arguments: object, config: Path | None = None, stdin: str = "") -> Ran:
        chosen = ("--config", config) if config else ()
        where = ("--database", f"sqlite:///{tmp_path}/t.db", "--now", NOW)
        return groundswell(*chosen, *where, *arguments, stdin=stdin)

    return run


def keys(call: Callable[..., Ran]) -> set[str]:
    return {hit["key"] for hit in call("search", "--limit", "1000", "--json").json}


def unboxed(ran: Ran) -> str:
    """What a wrong usage is told, out of its box."""
    return " ".join(re.sub(r"[│╭╰─╮╯]", " ", ran.err).split())


# import

TABLE = "Betreff;Wann\nIt stops;2026-02-01\n"


def test_a_table_is_imported_by_its_map(call, tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    ran = call("import", tmp_path / "t.csv", "--map", "title=Betreff,created_at=Wann", "--json")
    assert ran.code == 0
    assert ran.json == {
        "read": 1,
        "new": 1,
        "updated": 0,
        "rejected": 0,
        "reasons": {},
        "errors": [],
    }
    again = call("import", tmp_path / "t.csv", "--map", "title=Betreff,created_at=Wann")
    assert (again.code, again.out) == (0, "Read 1 post: 0 new.\n")


def test_an_export_is_imported_by_what_it_is(call, tmp_path):
    message = {"type": "message", "text": "It stops.", "ts": "1770000000.000100"}
    files = {"channels.json": [{"id": "C1", "name": "help"}], "users.json": []}
    path = write(tmp_path / "x", {**files, "help/2026-02-02.json": [message, "words"]})
    ran = call("import", path, "--json")
    assert (ran.code, ran.json["new"], ran.json["reasons"]) == (0, 1, {"not an object": 1})
    assert ran.err == f"groundswell: {path}:help/2026-02-02.json:2: not an object (a JSON str)\n"
    assert keys(call) == {"slack:C1/1770000000.000100"}


def test_a_site_is_named_for_an_export_that_does_not(call, tmp_path):
    post = {"topic_id": 5, "post_number": 1, "cooked": "<p>b</p>", "created_at": "2026-02-01"}
    path = tmp_path / "5.json"
    path.write_text(json.dumps({"id": 5, "title": "a", "post_stream": {"posts": [post]}}))
    without = call("import", path, "--json")
    assert (without.code, without.json["read"]) == (1, 0)
    assert "--site https://forum.example.org" in without.err
    assert call("import", path, "--site", "https://forum.example.org/").code == 0
    assert keys(call) == {"discourse:forum.example.org/5"}


def test_a_form_is_taken_by_its_name(call, tmp_path):
    row = {"source": "x", "kind": "post", "id": "1", "created_at": "2026-02-01", "title": "a"}
    (tmp_path / "a").write_text(json.dumps(row))
    assert call("import", tmp_path / "a", "--format", "jsonl").code == 0
    other = call("import", tmp_path / "a", "--format", "github", "--json")
    assert (other.code, other.json["reasons"]) == (1, {"not an issue": 1})


def test_of_several_files_one_that_fails_stops_no_other(call, tmp_path):
    (tmp_path / "t.csv").write_text("date,text\n2026-02-01,words\n")
    bad = write(tmp_path / "bad.zip", {"../up.json": []})
    ran = call("import", bad, tmp_path / "t.csv", tmp_path / "nothing.zip", "--json")
    assert (ran.code, ran.json["new"], len(ran.json["errors"])) == (1, 1, 2)
    assert "a name that leads out of it" in ran.err


def test_an_export_is_shown_like_an_archive(tmp_path):
    said = [{"title": f"It stops {n}", "created_at": f"2026-02-{n:02}"} for n in range(1, 9)]
    issues = [
        {**one, "number": n, "html_url": f"https://github.com/acme/tool/issues/{n}"}
        for n, one in enumerate(said, 1)
    ]
    (tmp_path / "issues.json").write_text(json.dumps(issues))
    ran = groundswell("demo", tmp_path / "issues.json")
    assert (ran.code, "Read 8 posts: 8 new." in ran.out) == (0, True)


def test_an_import_can_be_private_whatever_it_says_itself(call, tmp_path):
    (tmp_path / "t.csv").write_text("date,text\n2026-02-01,words\n")
    message = {"type": "message", "text": "It stops.", "ts": "1770000000.000100"}
    files = {"channels.json": [{"id": "C1", "name": "help"}], "users.json": []}
    slack = write(tmp_path / "x", {**files, "help/2026-02-02.json": [message]})
    paths = (tmp_path / "t.csv", slack)
    assert call("import", *paths).code == 0
    assert set(visibilities(tmp_path).values()) == {"public"}
    ran = call("import", *paths, "--private", "--json")
    assert (ran.code, ran.json["new"], ran.json["updated"]) == (0, 0, 2)
    assert set(visibilities(tmp_path).values()) == {"private"}


def test_a_form_that_is_named_can_be_private_too(call, tmp_path):
    row = {"source": "x", "kind": "post", "id": "1", "created_at": "2026-02-01", "title": "a"}
    (tmp_path / "a").write_text(json.dumps(row) + "\noops\n")
    ran = call("import", tmp_path / "a", "--format", "jsonl", "--private", "--json")
    assert (ran.json["new"], ran.json["reasons"]) == (1, {"not JSON": 1})
    assert visibilities(tmp_path) == {"x:1": "private"}


def kept(folder: Path) -> list[Post]:
    """The posts in the store, the oldest first."""
    with closing(open_store(f"sqlite:///{folder}/t.db")) as store:
        ever = datetime.max.replace(tzinfo=UTC)
        return [post for _, post, _ in reversed(store.posts.find(Query(), ever))]


def visibilities(folder: Path) -> dict[str, str]:
    return {post.key: post.visibility.value for post in kept(folder)}


# add and forget


def on_hackernews(folder: Path, world: HackerNewsWorld) -> Path:
    path = folder / "hn.toml"
    path.write_text(
        '[http]\nallowed_hosts = ["127.0.0.1"]\ncontact = "me@example.org"\n'
        '[sources.hackernews]\nqueries = ["tool"]\n'
        f'algolia_url = "{world.site.url}/algolia"\nfirebase_url = "{world.site.url}/firebase"\n'
    )
    return path


@pytest.fixture
def hackernews() -> Iterator[HackerNewsWorld]:
    with closing(Http()) as unused, HackerNewsWorld(unused) as world:
        world.now -= timedelta(days=1)
        yield world


def test_a_post_is_added_by_its_address(call, tmp_path, hackernews):
    said = hackernews.say()
    url = f"https://news.ycombinator.com/item?id={said.number}"
    config = on_hackernews(tmp_path, hackernews)
    first, again = call("add", url, "--json", config=config), call("add", url, config=config)
    assert first.json == {"url": url, "new": 1, "updated": 0, "rejected": 0, "error": None}
    assert (first.code, again.code, again.out.startswith("Nothing new")) == (0, 0, True)
    hackernews.edit(said)
    assert call("add", url, config=config).out == "Brought up to date.\n"
    assert keys(call) == {f"hackernews:{said.number}"}


def test_a_post_that_is_not_there_is_told(call, tmp_path, hackernews):
    url, config = "https://news.ycombinator.com/item?id=7", on_hackernews(tmp_path, hackernews)
    ran = call("add", url, "--json", config=config)
    assert (ran.code, ran.json["new"]) == (1, 0)
    assert "nothing is at that address any more" in ran.json["error"]
    assert ran.json["error"] in ran.err


def test_an_address_that_no_source_knows_is_told(call):
    ran = call("add", "https://example.org/", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "no configured source knows the address https://example.org/;" in ran.err
    assert 'groundswell add "WORDS"' in ran.err


def test_words_are_added_as_a_private_note_of_now(call, tmp_path):
    ran = call("add", "It stops\n\nEvery   time.\r\nSince Monday.", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {"url": None, "new": 1, "updated": 0, "rejected": 0, "error": None}
    (post,) = kept(tmp_path)
    assert (post.source, post.kind, post.venue) == ("manual", "note", "by hand")
    assert (post.title, post.text) == ("It stops", "Every time.\nSince Monday.")
    assert (post.created_at.isoformat(), post.author) == ("2026-03-02T12:00:00+00:00", None)
    assert (post.visibility, post.url) == (Visibility.PRIVATE, None)
    assert flaws(post) == []


def test_what_is_told_of_words_is_kept_with_them(call, tmp_path):
    link = "https://forum.example.org/t/1"
    told = ("--author", " Ann ", "--at", "2026-02-28 10:00", "--venue", "a call", "--link", link)
    ran = call("add", "It stops", *told, "--public", "--json")
    assert (ran.code, ran.json["url"]) == (0, link)
    (post,) = kept(tmp_path)
    assert (post.author, post.venue, post.url) == ("Ann", "a call", link)
    assert post.created_at.isoformat() == "2026-02-28T10:00:00+00:00"
    assert post.visibility is Visibility.PUBLIC
    assert (post.title, post.text, flaws(post)) == ("It stops", "", [])


def test_words_pasted_again_are_the_same_post_and_unsay_nothing(call, tmp_path):
    told = ("--author", "ann", "--at", "2026-02-28", "--venue", "a call", "--public")
    call("add", "It stops\nagain", *told)
    before = kept(tmp_path)
    again = call("add", "-", stdin=" It  stops \n again\n\n\n")
    assert (again.code, again.out.startswith("Nothing new")) == (0, True)
    assert kept(tmp_path) == before
    assert call("add", "It stops\nagain", "--private").out == "Brought up to date.\n"
    (post,) = kept(tmp_path)
    assert (post.author, post.visibility) == ("ann", Visibility.PRIVATE)
    assert post.created_at == before[0].created_at


def test_a_mail_is_pasted_from_standard_input_without_losing_a_word(call, tmp_path):
    line = "This first line is longer than anybody would call a title, since it goes on " * 2
    call("add", "-", stdin=f"{line}\n\nand \x1b[1mon\x1b[0m.\n")
    (post,) = kept(tmp_path)
    assert (post.title, post.text) == ("", f"{line.strip()}\n\nand on.")


@pytest.mark.parametrize("pasted", ["{}", " {} \n", "<{}>"])
def test_a_text_that_is_only_an_address_is_a_link(call, tmp_path, hackernews, pasted):
    said = hackernews.say()
    url = f"https://news.ycombinator.com/item?id={said.number}"
    config = on_hackernews(tmp_path, hackernews)
    ran = call("add", "-", "--json", config=config, stdin=pasted.format(url))
    assert (ran.code, ran.json["url"], ran.json["new"]) == (0, url, 1)
    assert keys(call) == {f"hackernews:{said.number}"}


@pytest.mark.parametrize("words", ["https://a.example/1 is down", "it is down: https://a.example"])
def test_an_address_among_words_is_words(call, tmp_path, words):
    assert call("add", words).code == 0
    assert [post.title for post in kept(tmp_path)] == [words]


def test_words_of_somebody_who_asked_to_be_forgotten_are_not_taken_in(call, tmp_path):
    call("forget", "ann", "--yes")
    ran = call("add", "It stops", "--author", "Ann")
    assert (ran.code, "by somebody who asked to be forgotten" in ran.out) == (0, True)
    assert kept(tmp_path) == []


def test_words_of_the_team_are_the_teams(call, tmp_path):
    (tmp_path / "c.toml").write_text('[people]\nteam = ["ann"]\n')
    call("add", "It stops", "--author", "Ann", config=tmp_path / "c.toml")
    assert [post.role for post in kept(tmp_path)] == [Role.TEAM]


def test_what_is_pasted_as_bytes_that_are_no_text_is_told(call):
    with patch("tests.cli.StringIO", Binary):
        ran = call("add", "-")
    assert (ran.code, ran.out) == (2, "")
    assert "that is no text in UTF-8; nothing was taken in" in unboxed(ran)


def test_whoever_is_at_the_keyboard_is_told_how_to_end(call):
    with patch("tests.cli.StringIO", Keyboard):
        ran = call("add", "-", stdin="It stops\n")
    assert (ran.code, "press Ctrl-D" in ran.err) == (0, True)


@pytest.fixture
def by_ann(call, tmp_path) -> None:
    rows = [
        {"source": "x", "kind": "post", "id": f"{n}", "created_at": "2026-02-01", "title": f"t {n}"}
        | {"author": author}
        for n, author in enumerate(["ann", "Ann", "bob"])
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert call("import", tmp_path / "a.jsonl").code == 0


def test_forgetting_somebody_removes_all_of_theirs_and_keeps_it_out(call, tmp_path, by_ann):
    ran = call("forget", "ann", "--yes", "--json")
    assert (ran.code, ran.err, ran.json) == (0, "", {"author": "ann", "posts": 2})
    assert call("import", tmp_path / "a.jsonl", "--json").json["new"] == 0
    assert keys(call) == {"x:2"}
    assert (
        call("forget", "ann", "--yes").out == "0 posts by ann removed; no more will be taken in.\n"
    )


def test_forgetting_asks_first_and_without_anybody_there_does_nothing(call, by_ann):
    ran = call("forget", "ann")
    assert (ran.code, ran.out) == (2, "")
    assert "nobody is here to ask; say --yes" in unboxed(ran)
    assert len(keys(call)) == 3


class Binary(StringIO):
    """What comes in is no UTF-8."""

    def read(self, size: int | None = -1, /) -> str:
        return b"\xff".decode()


class Keyboard(StringIO):
    """Somebody is there."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "left"), [("y\n", 1), ("n\n", 3), ("\n", 3), ("", 3)])
def test_whoever_is_asked_decides(call, by_ann, answer, left):
    with patch("tests.cli.StringIO", Keyboard):
        ran = call("forget", "ann", stdin=answer)
    assert ran.code == (0 if left == 1 else 1)
    assert "Remove all that ann wrote, for good?" in ran.err
    assert len(keys(call)) == left


# feeds

OPML = (
    '<opml version="2.0"><body><outline text="News"><outline text="The Blog" xmlUrl='
    f'"https://a.example/{"long/" * 30}feed.xml"/><outline text="A link" url="https://b.example"/>'
    '</outline><outline text="Old" xmlUrl="https://a.example/old.xml"/></body></opml>'
)
CONFIG = """# mine
[http]
contact = "me@example.org"

[[sources.rss]]
name = "old"
url = "https://a.example/old.xml"
"""


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    (tmp_path / "feeds.opml").write_text(OPML)
    (tmp_path / "mine.toml").write_text(CONFIG)
    return tmp_path / "feeds.opml"


def test_a_list_of_feeds_is_printed_as_settings_that_can_be_piped(call, listed, tmp_path):
    config = tmp_path / "mine.toml"
    ran = call("feeds", listed, config=config)
    assert ran.code == 0
    assert [one["name"] for one in tomllib.loads(ran.out)["sources"]["rss"]] == ["the-blog"]
    assert "1 feed, 1 configured already, 1 without a feed's address" in ran.err
    assert config.read_text() == CONFIG


def test_a_list_of_feeds_is_written_where_the_settings_are(call, listed, tmp_path):
    config = tmp_path / "mine.toml"
    ran = call("feeds", listed, "--write", config=config)
    assert (ran.code, ran.out) == (0, "")
    assert config.read_text().startswith(CONFIG)
    read = tomllib.loads(config.read_text())["sources"]["rss"]
    assert [one["name"] for one in read] == ["old", "the-blog"]
    before = config.read_text()
    assert "0 feeds, 2 configured already" in call("feeds", listed, "--write", config=config).err
    assert config.read_text() == before


def test_without_a_configuration_one_is_begun(call, listed, tmp_path, monkeypatch):
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    assert call("feeds", listed, "--write").code == 0
    written = (tmp_path / "new" / "groundswell.toml").read_text()
    assert [one["name"] for one in tomllib.loads(written)["sources"]["rss"]] == ["the-blog", "old"]


@pytest.mark.parametrize(
    "config", ["sources = { hackernews = { queries = ['tool'] } }", "[sources]\nrss = []"]
)
def test_where_they_do_not_fit_nothing_is_written(call, listed, tmp_path, config):
    (tmp_path / "mine.toml").write_text(config)
    ran = call("feeds", listed, "--write", config=tmp_path / "mine.toml")
    assert (ran.code, ran.out) == (1, "")
    assert "the feeds do not fit at its end" in ran.err
    assert (tmp_path / "mine.toml").read_text() == config


def test_a_list_of_feeds_is_json_alone_if_asked_for(call, listed, tmp_path):
    ran = call("feeds", listed, "--json", config=tmp_path / "mine.toml")
    assert ran.err == ""
    assert ran.json["known"] == ["https://a.example/old.xml"]
    assert ran.json["skipped"] == ["A link"]
    assert [one["name"] for one in ran.json["feeds"]] == ["the-blog"]


def test_what_is_no_list_is_told(call, tmp_path):
    (tmp_path / "a.opml").write_text("<rss/>")
    ran = call("feeds", tmp_path / "a.opml")
    assert (ran.code, ran.out) == (1, "")
    assert f"{tmp_path}/a.opml: no OPML" in ran.err


# collect


def test_a_backfill_goes_back_as_far_as_told_and_moves_nothing_else(call, tmp_path, hackernews):
    config = on_hackernews(tmp_path, hackernews)
    hackernews.now = hackernews.now.replace(year=2025)
    hackernews.populate(3)
    hackernews.now = hackernews.now.replace(year=2026, month=3, day=1)
    hackernews.populate(3)
    assert call("collect", "--json", config=config).json[0]["new"] == 3
    back = call("collect", "--since", "2025-01-01", "--json", config=config)
    assert (back.code, back.json[0]["new"], back.json[0]["source"]) == (0, 3, "hackernews")
    assert call("collect", "--json", config=config).json[0]["new"] == 0


SECRET_VALUES = {name.upper(): f"canary-of-{name}" for name in Secrets.model_fields}
del SECRET_VALUES["GROUNDSWELL_DATABASE"]


def chatty(asked: Asked) -> Answer:
    """A feed that says back all the secrets there are, and what it was asked with."""
    said = " ".join((*SECRET_VALUES.values(), str(asked.query), *asked.headers.values()))
    return Answer(
        body=(
            "<rss version='2.0'><channel><title>News</title><item><guid>1</guid>"
            f"<title>Release</title><description>You said: {said}</description></item>"
            "</channel></rss>"
        ).encode(),
        headers={"content-type": "application/rss+xml", "set-cookie": "session=canary-cookie"},
    )


def on_a_feed(folder: Path, site: Site) -> Path:
    path = folder / "feed.toml"
    host = site.url.removeprefix("http://")
    path.write_text(
        '[http]\nallowed_hosts = ["127.0.0.1"]\n[[sources.rss]]\nname = "news"\n'
        f'url = "http://ann:canary-password@{host}/feed?token=canary-of-a-feed&page=1"\n'
    )
    return path


def test_a_recording_holds_no_secret_and_replays_to_the_same(call, tmp_path, monkeypatch):
    for name, value in SECRET_VALUES.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "recording"
    with Site(chatty) as site:
        config = on_a_feed(tmp_path, site)
        first = call("collect", "--record", folder, "--json", config=config)
    assert (first.code, first.json[0]["new"]) == (0, 1)
    assert str(folder.name) in first.err.replace("\n", "")
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == ["00001.json", "recording.json"]
    assert [path.name for path in files if b"canary" in path.read_bytes()] == []
    for name in SECRET_VALUES:
        monkeypatch.delenv(name)
    other = ("--config", config, "--database", f"sqlite:///{tmp_path}/other.db")
    again = groundswell(*other, "collect", "--replay", folder, "--json")
    assert again.json == first.json
    (hit,) = groundswell(*other, "search", "--json").json
    assert "canary" not in str(hit)


def test_a_replay_asks_nobody_and_tells_what_was_not_recorded(call, tmp_path):
    folder = tmp_path / "recording"
    with Site(chatty) as site:
        call("collect", "--record", folder, config=on_a_feed(tmp_path, site))
        asked = len(site.asked)
        more = tmp_path / "more.toml"
        url = f"{site.url}/other"
        block = f'\n[[sources.rss]]\nname = "other"\nurl = "{url}"\n'
        more.write_text((tmp_path / "feed.toml").read_text() + block)
        ran = call("collect", "--replay", folder, "--json", config=more)
        assert len(site.asked) == asked
    news, other = ran.json
    assert (ran.code, news["error"]) == (1, None)
    assert f"GET {url} was not recorded in {folder}" in other["error"]


def test_a_recording_speaks_as_of_one_moment_and_so_does_its_replay(tmp_path, hackernews):
    hackernews.populate(3)
    config, folder = on_hackernews(tmp_path, hackernews), tmp_path / "recording"
    one, two = (f"sqlite:///{tmp_path}/{name}.db" for name in ("one", "two"))
    since = ("--since", "2026-01-01", "--json")
    first = groundswell(
        "--config", config, "--database", one, "collect", *since, "--record", folder
    )
    assert (first.code, first.json[0]["new"]) == (0, 3)
    again = groundswell(
        "--config", config, "--database", two, "collect", *since, "--replay", folder
    )
    assert again.json == first.json


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", "a", "--format", "fax"), "there is no format 'fax'; there are jsonl, slack"),
        (("import", "a", "--map", "titel=x"), "there is no field 'titel'"),
        (("import", "a", "--site", "forum.example.org"), "is no address"),
        (("import", "a", "--public"), "No such option: --public"),
        (("add",), "URL"),
        (("add", ""), "there are no words in it"),
        (("add", " \t\x1b[31m\u200e\n"), "there are no words in it"),
        (("add", "-"), "there are no words in it"),
        (("add", "broken \udcff bytes"), "that is no text in UTF-8; nothing was taken in"),
        (("add", "a\0b"), "that is no text in UTF-8; nothing was taken in"),
        (("add", "x" * 100_001), "over 100,000 characters are more than one post"),
        (("add", "words", "more"), "unexpected extra argument"),
        (("add", "words", "--at", "soon"), "'soon' is no time in the past"),
        (("add", "words", "--at", ""), "is no time in the past"),
        (("add", "words", "--at", "2099-01-01"), "'2099-01-01' is no time in the past"),
        (("add", "words", "--author", " "), "--author names nothing"),
        (("add", "words", "--venue", "\u200e"), "--venue names nothing"),
        (("add", "words", "--link", "example.org"), "'example.org' is no address"),
        (("add", "words", "--link", "https://"), "is no address"),
        (("add", "https://example.org/", "--author", "ann"), "options are for pasted words"),
        (("add", "https://example.org/", "--private"), "options are for pasted words"),
        (("forget",), "AUTHOR"),
        (("forget", " ", "--yes"), "an author has a name"),
        (("feeds",), "FILE"),
        (("collect", "--since", "whenever"), "'whenever' is no time in the past"),
        (("collect", "--since", "2027-01-01"), "is no time in the past"),
        (("collect", "--since", ""), "is no time in the past"),
        (("collect", "--record", "a", "--replay", "b"), "exclude each other"),
    ],
)
def test_wrong_usage_is_told_on_stderr_with_exit_2(call, arguments, says):
    ran = call(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in unboxed(ran)


@pytest.mark.parametrize("option", ["--record", "--replay"])
def test_a_folder_that_cannot_be_used_is_told(call, tmp_path, option):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    ran = call("collect", option, tmp_path / "full", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert f"{tmp_path / 'full'}" in ran.err
