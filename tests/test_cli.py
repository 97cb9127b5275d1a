"""The command line as an interface: JSON, streams, exit codes and what its numbers open."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from bot.speak.query import parse
from tests.cli import Ran, empty_folder, groundswell
from tests.world.site import Answer, Asked, Site

SAMPLE = Path(__file__).parents[1] / "bot" / "sample" / "community.jsonl"
ROWS = {
    f"{row['source']}:{row['id']}": row
    for row in map(json.loads, SAMPLE.read_text(encoding="utf-8").splitlines())
}
NOW = "2026-11-02T00:00:00Z"
THEN = "2026-10-12T00:00:00Z"
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-not-for-eyes", "SLACK_APP_TOKEN": "xapp-not-for-eyes"}

ASKED = "what are users complaining about in the last 7 days?"
READS = {
    "themes": ("themes",),
    "untracked": ("untracked", "source:reddit"),
    "untold": ("untold", "T1"),
    "triage": ("triage", "source:reddit"),
    "search": ("search", "push", "--limit", "5"),
    "ask": ("ask", ASKED),
    "digest": ("digest",),
    "backtest": ("backtest", "people:4", "--since", "30d"),
    "status": ("status",),
    "check": ("check",),
    "collect": ("collect",),
    "understand": ("understand",),
    "import": ("import", SAMPLE),
}
"""Every command, in a form that changes nothing in a store that holds the sample."""


@pytest.fixture(scope="module", autouse=True)
def _alone(tmp_path_factory, minilm) -> Iterator[None]:
    with empty_folder(tmp_path_factory.mktemp("empty"), minilm):
        yield


class World:
    """The sample, imported and understood; `said` is what those two commands said."""

    def __init__(self, folder: Path) -> None:
        self.database = f"sqlite:///{folder}/sample.db"
        self.said = {
            "import": self("import", SAMPLE, "--json"),
            "understand": self("understand", "--json"),
        }

    def __call__(self, *arguments: object, now: str = NOW) -> Ran:
        return groundswell("--database", self.database, "--now", now, *arguments)

    def json(self, *arguments: object, now: str = NOW) -> Any:
        ran = self(*arguments, "--json", now=now)
        assert (ran.code, ran.err) == (0, "")
        return ran.json


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    return World(tmp_path_factory.mktemp("world"))


def words(row: dict[str, Any]) -> str:
    return f"{row['title'] or ''}\n{row['body'] or ''}"


def moment(key: str) -> datetime:
    return datetime.fromisoformat(ROWS[key]["created_at"])


def crowd(keys: list[str]) -> tuple[int, int, int]:
    """People, posts by unknown authors and posts, counted anew from the archive itself."""
    users = [ROWS[key] for key in keys if not ROWS[key]["extra"].get("role")]
    users = [row for row in users if not (row["author"] or "").endswith("[bot]")]
    people = {(row["source"], row["author"]) for row in users if row["author"]}
    return len(people), sum(row["author"] is None for row in users), len(keys)


# What each command says


@pytest.mark.parametrize("command", READS)
def test_with_json_it_says_json_alone_and_without_it_speaks_to_people(world, command):
    machine, person = world(*READS[command], "--json"), world(*READS[command])
    assert (machine.code, machine.err) == (0, "")
    assert machine.json is not None
    assert (person.code, person.err) == (0, "")
    assert person.out.strip()
    assert person.out.lstrip()[0] not in "[{"


@pytest.mark.parametrize("command", READS)
def test_no_command_ever_prints_a_token(world, command, monkeypatch, tmp_path):
    for name, token in TOKENS.items():
        monkeypatch.setenv(name, token)
    loud = tmp_path / "loud.toml"
    loud.write_text('log_level = "debug"\n[slack]\napi_url = "http://127.0.0.1:1/api/"')
    call = ("--config", loud, "--database", world.database, "--now", NOW)
    ran = groundswell(*call, *READS[command])
    assert ran.code == (command == "check")  # no Slack takes these tokens
    assert "not-for-eyes" not in ran.out + ran.err


def test_an_import_counts_what_it_read_and_again_changes_nothing(world):
    whole = {"read": 443, "updated": 0, "rejected": 0, "reasons": {}}
    assert world.said["import"].json.items() >= {**whole, "new": 443}.items()
    assert world.json("import", SAMPLE).items() >= {**whole, "new": 0}.items()


def test_understanding_counts_what_was_new_and_again_finds_nothing(world):
    first, again = world.said["understand"].json, world.json("understand")
    assert first["posts"] == 443
    assert first["themes_new"] >= 8
    assert set(first["seconds"]) == {"embed", "classify", "link", "theme"}
    assert (again["posts"], again["themes_new"], again["themes_changed"]) == (0, 0, 0)


def test_a_theme_has_what_scripts_lean_on(world):
    keys = "id label keywords status people posts sources first_seen last_seen weekly tracker"
    for theme in world.json("themes"):
        assert {*keys.split(), "post_keys"} <= theme.keys()
        assert {"week", "people", "posts"} <= theme["weekly"][0].keys()
        assert re.fullmatch(r"\d{4}-W\d{2}", theme["weekly"][0]["week"])
        assert theme["status"] in {"new", "growing", "came back", "steady", "fading", "quiet"}


def test_a_theme_that_several_posts_linked_to_an_issue_is_tracked_in_it(world):
    trackers = {t["label"]: t["tracker"] for t in world.json("themes") if t["tracker"]}
    linked = [tracker for tracker in trackers.values() if tracker["state"] == "open"]
    assert linked
    for tracker in linked:
        assert tracker["issue"] in ROWS
        assert tracker["url"] == ROWS[tracker["issue"]]["url"]
        assert set(tracker["linked_by"]) <= ROWS.keys()
        assert not tracker["untracked"]


def test_the_queue_holds_what_the_themes_say_no_issue_stands_for(world):
    queue = world.json("triage")
    waiting = [*queue["high"], *queue["moving"]]
    assert waiting
    states = {theme["tracker"]["state"] for theme in waiting if theme["tracker"]}
    assert states <= {"untracked", "proposed", "came back"}
    person = world("triage").out
    assert all(theme["id"] in person for theme in waiting)
    assert queue["text"] in " ".join(person.split())


def test_untracked_complaints_are_those_that_the_themes_tell(world):
    themes = {theme["id"]: theme for theme in world.json("themes")}
    lost = world.json("untracked")
    assert lost
    for theme in lost:
        keys = [post["key"] for post in theme["complaints"]]
        assert keys == themes[theme["id"]]["tracker"]["untracked"]
        assert (theme["people"], theme["unknown_authors"], theme["posts"]) == crowd(keys)
        assert [post["url"] for post in theme["complaints"]] == [ROWS[key]["url"] for key in keys]
    voices = [theme["people"] + theme["unknown_authors"] for theme in lost]
    assert voices == sorted(voices, reverse=True)


def test_nobody_is_told_of_a_fix_that_is_not_known(world):
    found = world.json("untold", "t1")
    assert (found["id"], found["people"]) == ("T1", [])


def test_a_theme_that_does_not_exist_has_nobody_to_tell(world):
    ran = world("untold", "T999")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no theme T999" in ran.err


def test_themes_come_strongest_first_under_ids_of_their_own(world):
    themes = world.json("themes")
    strengths = [theme["strength"] for theme in themes]
    assert strengths == sorted(strengths, reverse=True)
    assert len({theme["id"] for theme in themes}) == len(themes) >= 8


def test_themes_can_be_put_under_their_areas_and_narrowed_to_one(world):
    themes = world.json("themes")
    areas = {theme["area"] for theme in themes if theme["area"]}
    assert areas
    for area in areas:
        narrowed = world.json("themes", f'area:"{area}"')
        assert {t["id"] for t in narrowed} == {t["id"] for t in themes if t["area"] == area}
    ordered = [theme["area"] for theme in world.json("themes", "--by", "area")]
    groups = [area for area, _ in groupby(ordered)]
    assert len(groups) == len(set(groups)) == len(areas) + 1
    assert groups[-1] is None


def test_a_themes_numbers_open_exactly_the_posts_they_count(world):
    placed: list[str] = []
    for theme in world.json("themes"):
        keys = theme["post_keys"]
        assert (theme["people"], theme["unknown_authors"], theme["posts"]) == crowd(keys)
        assert sum(theme["sources"].values()) == sum(w["posts"] for w in theme["weekly"])
        assert sum(theme["sources"].values()) == theme["posts"] == len(set(keys))
        times = sorted(ROWS[key]["created_at"] for key in keys)
        assert (theme["first_seen"], theme["last_seen"]) == (times[0], times[-1])
        placed += keys
    assert len(placed) == len(set(placed))


def test_a_query_narrows_every_number_of_the_themes(world):
    for theme in world.json("themes", "source:reddit", "since:2026-10-20"):
        keys = theme["post_keys"]
        assert (theme["people"], theme["unknown_authors"], theme["posts"]) == crowd(keys)
        assert all(ROWS[key]["source"] == "reddit" for key in keys)
        assert all(ROWS[key]["created_at"] >= "2026-10-20" for key in keys)


def test_a_search_finds_posts_of_the_store_as_they_stand_there(world):
    hits = world.json("search", "manifest", "epoch", "--limit", "7")
    assert len(hits) == 7
    assert len({hit["key"] for hit in hits}) == 7
    for hit in hits:
        row = ROWS[hit["key"]]
        assert [hit[name] for name in ("source", "kind", "created_at", "url")] == [
            row[name] for name in ("source", "kind", "created_at", "url")
        ]
        assert {"title", "snippet", "score"} <= hit.keys()


def test_a_search_keeps_to_all_of_its_query(world):
    hits = world.json("search", '"E4417"', "source:github", "since:2026-10-27", "--limit", "100")
    said = {
        key
        for key, row in ROWS.items()
        if "E4417" in words(row) and row["source"] == "github" and row["created_at"] >= "2026-10-27"
    }
    assert said
    assert {hit["key"] for hit in hits} == said


@pytest.mark.parametrize(
    "question",
    [
        ASKED,
        "what do people like?",
        "manifest epoch",
        "what do people on Reddit say about slow plans?",
        "since:2026-10-01 until:2026-10-15 kind:complaint",
        "what hurt between 2026-10-05 and 2026-10-11?",
    ],
)
def test_every_sentence_of_an_answer_cites_stored_posts_of_the_time_asked_about(world, question):
    answer = world.json("ask", question)
    assert answer["question"] == question
    assert answer["answer"]
    asked = parse(answer["query"], datetime.fromisoformat(NOW))
    for sentence in answer["answer"]:
        assert sentence["text"]
        assert sentence["cites"]
        for key in sentence["cites"]:
            assert asked.since is None or moment(key) >= asked.since
            assert asked.until is None or moment(key) < asked.until
            assert not asked.sources or ROWS[key]["source"] in asked.sources
    known = {theme["id"] for theme in world.json("themes")}
    assert set(answer["themes"]) <= known
    assert answer["coverage"]["sources"]
    assert answer["writer"]


def test_a_question_that_no_post_answers_gets_no_sentence(world):
    answer = world.json("ask", '"zebras on the moon"')
    assert (answer["answer"], answer["themes"]) == ([], [])


def test_a_digest_tells_the_week_before_now(world):
    digest = world.json("digest")
    assert digest["period"] == {"since": "2026-10-26T00:00:00Z", "until": NOW}
    assert digest["posts"] == sum(row["created_at"] >= "2026-10-26" for row in ROWS.values())
    assert digest["text"].strip()
    assert [s["title"] for s in digest["sections"]][:1] == ["New"]
    assert digest["coverage"]["complete"] is True


def test_a_digests_numbers_open_posts_of_its_period(world):
    for section in world.json("digest")["sections"]:
        for theme in section["themes"]:
            keys = theme["post_keys"]
            assert (theme["people"], theme["unknown_authors"], theme["posts"]) == crowd(keys)
            assert all("2026-10-26" <= ROWS[key]["created_at"] < NOW for key in keys)
            assert all(quote["key"] in keys for quote in theme["quotes"])


def test_a_digest_keeps_to_its_query_and_its_times(world):
    digest = world.json(
        "digest", "--query", "source:reddit", "--since", "2026-10-12", "--until", "2026-10-19"
    )
    inside = {
        key
        for key, row in ROWS.items()
        if row["source"] == "reddit" and "2026-10-12" <= row["created_at"] < "2026-10-19"
    }
    shown = [k for s in digest["sections"] for t in s["themes"] for k in t["post_keys"]]
    assert digest["period"] == {"since": "2026-10-12T00:00:00Z", "until": "2026-10-19T00:00:00Z"}
    assert digest["posts"] == len(inside)
    assert shown
    assert set(shown) <= inside


def test_a_digest_takes_a_query_as_themes_do(world):
    words = world.json("digest", "source:reddit", "since:2w")
    assert words == world.json("digest", "--query", "source:reddit", "--since", "2w")
    assert words["query"]
    assert words["posts"] > 0


def test_a_digest_of_an_empty_time_says_where_there_are_posts(world):
    ran = world("digest", now="2027-03-01T00:00:00Z")
    newest = max(row["created_at"] for row in ROWS.values())
    assert "no posts at all; the newest is of" in ran.out
    tried = f"--now {newest[:10]}T23:59:00Z"
    assert f"Try: groundswell {tried} digest" in " ".join(ran.out.split())
    assert world.json("digest", now=tried.split()[1])["posts"] > 0
    assert "Try:" not in world("digest", "until:2020-01-01").out


def test_more_posts_and_more_themes_than_are_shown_are_told_of(world):
    posts = len(world.json("search", "source:reddit", "--limit", "1000"))
    said = world("search", "source:reddit", "--limit", "3").out
    assert f"3 of {posts}; --limit {posts} shows all" in said
    assert "shows all" not in world("search", "source:reddit", "--limit", str(posts)).out
    themes = world.json("themes")
    assert world.json("themes", "--limit", "2") == themes[:2]
    assert f"2 of {len(themes)}; --limit {len(themes)}" in world("themes", "--limit", "2").out


def test_a_time_with_a_space_in_it_is_a_time_and_not_words_to_look_for(world):
    spaced = world.json("digest", "--since", "2026-10-28 10:00")
    assert spaced["period"]["since"] == "2026-10-28T10:00:00Z"
    assert spaced == world.json("digest", "--since", "2026-10-28T10:00:00Z")
    assert spaced["posts"] > 0


def test_a_backtest_tells_when_an_outbreak_would_have_been_told(world):
    test = world.json("backtest", "--since", "2026-10-20")
    [first, *_] = [a for a in test["alarms"] if "manifest epoch" in a["label"].lower()]
    assert moment(first["post_keys"][-1]) == datetime.fromisoformat(first["at"])
    assert crowd(first["post_keys"]) == (first["people"], first["unknown_authors"], first["posts"])
    assert first["text"].startswith("3 people in 6 hours where ")
    assert test["false_alarms_a_month"] < 2
    assert test["rule"]["text"] in test["text"]


@pytest.mark.parametrize("wrong", [("people:x",), ("--since", "2027-01-01"), ("--query", "who:me")])
def test_a_wrong_backtest_is_wrong_usage(world, wrong):
    ran = world("backtest", *wrong)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("groundswell: ")


def test_a_digest_as_a_page_stands_in_its_file_and_only_there(world, tmp_path):
    page = tmp_path / "digest.html"
    ran = world("digest", "--html", page)
    assert (ran.code, ran.out) == (0, "")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    both = world("digest", "--html", page, "--json")
    assert both.json["posts"] > 0
    assert str(page) in re.sub(r"\n", "", both.err)


def test_status_counts_posts_and_themes_and_names_the_schema(world):
    status = world.json("status")
    assert (status["posts"], status["themes"]) == (443, len(world.json("themes")))
    assert status["database"]["url"] == world.database
    assert status["sources"] == []
    by_source = {s["source"]: s["posts"] for s in status["coverage"]["sources"]}
    assert by_source == {"discourse": 143, "github": 109, "hackernews": 52, "reddit": 139}


def test_status_says_what_is_not_understood_yet(world, tmp_path):
    database = f"sqlite:///{tmp_path}/fresh.db"
    groundswell("--database", database, "import", SAMPLE)
    coverage = groundswell("--database", database, "status", "--json").json["coverage"]
    assert (coverage["complete"], coverage["waiting"]) == (False, 443)


def test_a_check_has_its_four_parts(world):
    checks = world.json("check")
    assert all({"check", "ok", "detail", "fix"} == set(one) for one in checks)
    assert {"database", "embedder", "configuration"} <= {one["check"] for one in checks}
    assert all(one["ok"] for one in checks)
    notes = {one["check"]: one["detail"] for one in checks if one["fix"]}
    assert notes.keys() == {"slack tokens", "sources"}
    assert notes["sources"] == "none configured; 443 posts imported"


# Collecting

FEED = '<rss version="2.0"><channel><title>Ferry news</title>{}</channel></rss>'
ITEM = "<item><guid>{0}</guid><title>Release {0}</title><description>All new</description></item>"


def feed(*names: str) -> Answer:
    body = FEED.format("".join(ITEM.format(name) for name in names)).encode()
    return Answer(body=body, headers={"content-type": "application/rss+xml"})


def configured(folder: Path, site: Site, *feeds: str) -> tuple[object, ...]:
    """The options that stand before a command, for a store with these feeds of a site."""
    blocks = [f'[[sources.rss]]\nname = "{name}"\nurl = "{site.url}/{name}"' for name in feeds]
    path = folder / "feeds.toml"
    text = '[http]\ncontact = "me@example.org"\nallowed_hosts = ["127.0.0.1"]\n'
    path.write_text(text + "\n".join(blocks))
    return "--config", path, "--database", f"sqlite:///{folder}/feeds.db"


def test_collecting_gives_one_object_a_source_and_nothing_twice(tmp_path):
    with Site(lambda _: feed("one", "two")) as site:
        call = (*configured(tmp_path, site, "blog"), "collect", "--json")
        (first,), (again,) = groundswell(*call).json, groundswell(*call).json
    counts = {"source": "rss/blog", "read": 2, "new": 2, "updated": 0, "deleted": 0, "error": None}
    assert first.items() >= counts.items()
    assert again["new"] == again["updated"] == 0
    assert 0 <= first["cursor_age_s"] < 60


def test_one_source_that_fails_is_told_and_stops_no_other(tmp_path):
    def respond(asked: Asked) -> Answer:
        return Answer(404) if asked.path == "/gone" else feed("one")

    with Site(respond) as site:
        call = configured(tmp_path, site, "gone", "blog")
        machine = groundswell(*call, "collect", "--json")
        person = groundswell(*call, "collect")
        status = groundswell(*call, "status", "--json").json
    gone, blog = machine.json
    assert (machine.code, person.code) == (1, 1)
    assert "/gone answered 404" in gone["error"]
    assert (gone["read"], gone["cursor_age_s"]) == (0, None)
    assert (blog["error"], blog["new"]) == (None, 1)
    assert f"groundswell: {gone['error']}" in machine.err
    assert {s["source"]: bool(s["error"]) for s in status["sources"]} == {
        "rss/gone": True,
        "rss/blog": False,
    }
    assert status["coverage"]["complete"] is False


def test_a_named_source_is_read_alone_and_an_unknown_one_is_told_with_those_there_are(tmp_path):
    with Site(lambda _: feed("one")) as site:
        call = (*configured(tmp_path, site, "blog", "news"), "collect")
        chosen = groundswell(*call, "rss/news", "--json")
        unknown = groundswell(*call, "rss/olds", "--json")
    assert [one["source"] for one in chosen.json] == ["rss/news"]
    assert [asked.path for asked in site.asked] == ["/news"]
    assert (unknown.code, unknown.out) == (1, "")
    assert "rss/olds" in unknown.err
    assert "rss/blog, rss/news" in unknown.err


# --now


@pytest.fixture(scope="module")
def past(tmp_path_factory) -> World:
    """A store that holds only what there was THEN."""
    folder = tmp_path_factory.mktemp("past")
    early = [json.dumps(r) for r in ROWS.values() if r["created_at"] <= THEN]
    (folder / "early.jsonl").write_text("\n".join(early), encoding="utf-8")
    made = World.__new__(World)
    made.database = f"sqlite:///{folder}/past.db"
    for command in (("import", folder / "early.jsonl"), ("understand",)):
        assert made(*command, now=THEN).code == 0
    return made


TOLD_THEN = {
    "themes": ("themes",),
    "untracked": ("untracked",),
    "triage": ("triage",),
    "search": ("search", "push", "manifest", "watch", "--limit", "1000"),
    "newest": ("search", "--limit", "1000"),
    "complaints": ("ask", ASKED),
    "about": ("ask", "manifest epoch E4417"),
    "digest": ("digest", "--since", "60d"),
    "status": ("status",),
}


@pytest.mark.parametrize("told", TOLD_THEN)
def test_nothing_of_what_came_later_is_ever_mentioned(world, told):
    machine, person = (world(*TOLD_THEN[told], *form, now=THEN) for form in (("--json",), ()))
    said = machine.out + person.out
    known = "\n".join(words(row) for row in ROWS.values() if row["created_at"] <= THEN)
    later = {key: row for key, row in ROWS.items() if row["created_at"] > THEN}
    assert len(later) > 150
    assert [key for key in later if f'"{key}"' in said] == []
    assert [row["url"] for row in later.values() if f'"{row["url"]}"' in said] == []
    titles = [row["title"] for row in later.values() if len(row["title"] or "") > 15]
    assert [title for title in titles if title not in known and title in said] == []
    stamps = re.findall(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"', machine.out)
    assert [stamp for stamp in stamps if stamp > THEN] == []


def test_the_past_replayed_counts_what_a_store_of_the_past_counts(world, past):
    replay, then = world.json("status", now=THEN), past.json("status", now=THEN)
    assert replay["posts"] == then["posts"] == sum(r["created_at"] <= THEN for r in ROWS.values())
    assert replay["coverage"] == then["coverage"]
    assert past.json("status", now=NOW)["posts"] == then["posts"]
    for more in ((), ("--since", "2026-09-25", "--until", "2026-10-03")):
        replayed, told = (w.json("digest", *more, now=THEN) for w in (world, past))
        assert [replayed[k] for k in ("period", "query", "posts")] == [
            told[k] for k in ("period", "query", "posts")
        ]
    newest = [w.json("search", "--limit", "1000", now=THEN) for w in (world, past)]
    assert [h["key"] for h in newest[0]] == [h["key"] for h in newest[1]]


def test_the_past_replayed_finds_about_the_themes_of_a_store_of_the_past(world, past):
    """Clustered with what came later, a post at a border may stand elsewhere; no more than that."""
    now = [set(t["post_keys"]) for t in world.json("themes", now=THEN)]
    then = [set(t["post_keys"]) for t in past.json("themes", now=THEN)]
    kept = sum(max(len(theme & other) for other in now) for theme in then)
    assert sum(map(len, then)) > 40
    assert kept >= 0.75 * sum(map(len, then))


# Wrong usage: 2, and nothing on stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nonsense",), "nonsense"),
        (("--now", "soon", "status"), "'soon' is no ISO time"),
        (("--now", "", "status"), "is no ISO time"),
        (("--now", "2026-13-01", "status"), "is no ISO time"),
        (("--now", "0001-01-01", "status"), "is no ISO time"),
        (("--now", "9999-12-31", "status"), "is no ISO time"),
        (("--colour", "status"), "--colour"),
        (("import",), "PATH"),
        (("ask",), "question"),
        (("search", "push", "--limit", "0"), "--limit"),
        (("search", "push", "--limit", "many"), "--limit"),
        (("search", "push", "--limit", "1001"), "--limit"),
        (("search", 'push "half'), '\n  push "half\n       ^'),
        (("search", "colour:red"), "\n  colour:red\n  ^"),
        (("themes", "kind:bug", "source:usenet"), "\n  kind:bug source:usenet\n           ^"),
        (("themes", "since:"), "since: needs a value"),
        (("untracked", "since:"), "since: needs a value"),
        (("themes", "since:2026-10-02", "until:2026-10-01"), "not before until"),
        (("ask", "kind:bug until:whenever"), "\n  kind:bug until:whenever\n           ^"),
        (("digest", "--since", "whenever"), "'whenever' is no time"),
        (("digest", "--since", ".5d"), "'.5d' is no time"),
        (("digest", "--until", "2026-02-30"), "'2026-02-30' is no time"),
        (("digest", "--since", "7d source:reddit"), "is no time"),
        (("digest", "--since", "2026-10-02", "--until", "2026-10-01"), "not before until"),
        (("digest", "--query", "who:me"), "there is no key 'who'"),
        (("check", "more"), "more"),
    ],
)
def test_wrong_usage_is_told_on_stderr_with_exit_2(world, arguments, says):
    ran = groundswell("--database", world.database, *arguments)
    unboxed = re.sub(r"[│╭╰─╮╯]|\s+(?=│)", "", ran.err)
    assert (ran.code, ran.out) == (2, "")
    assert says in unboxed


def test_alone_it_shows_its_help():
    ran = groundswell()
    assert ran.code == 2
    assert all(command in ran.out + ran.err for command in READS)


def test_a_word_that_is_nearly_a_command_is_told_the_command():
    ran = groundswell("imprt")
    assert ran.code == 2
    assert "Did you mean 'import'?" in " ".join(ran.err.replace("│", " ").split())


def test_once_all_is_imported_garbage_is_looked_for_again():
    code = "import gc, bot.__main__; print(gc.isenabled(), gc.get_freeze_count() > 0)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 our own words
    assert ran.stdout.split() == ["True", "True"]


def test_a_command_starts_without_the_others():
    loaded = "[m for m in sys.modules if m.startswith('bot.cli.')]"
    called = "sys.argv[1:] = ['status', '--help']\ntry:\n    main()\nfinally:\n    "
    code = f"import sys\nfrom bot.__main__ import main\n{called}print({loaded}, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 our own words
    assert "bot.cli.running" in ran.stderr
    assert "bot.cli.taking_in" not in ran.stderr


# Failures: 1, one message, nothing on stdout


@pytest.mark.parametrize("command", ["status", "themes", "check"])
def test_a_configuration_that_cannot_be_used_is_told_with_its_file(tmp_path, command):
    cases: list[tuple[str, bytes | None, str]] = [
        ("missing.toml", None, "--config FILE"),
        ("broken.toml", b"a = [", "not TOML"),
        ("latin.toml", b"a = '\xe9'", "not TOML"),
        ("unknown.toml", b"databse = 'x'", "databse: there is no such key"),
    ]
    for name, content, says in cases:
        if content is not None:
            (tmp_path / name).write_bytes(content)
        ran = groundswell("--config", tmp_path / name, command, "--json")
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(f"groundswell: {tmp_path / name}: ")
        assert says in ran.err
    assert groundswell("--config", tmp_path, command).code == 1


def test_an_env_file_that_is_no_text_is_told_without_its_contents(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"SLACK_BOT_TOKEN=xoxb-not-for-\xff-eyes\n")
    ran = groundswell("status")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("groundswell: .env: ")
    assert "xoxb" not in ran.err


@pytest.mark.parametrize("command", [("status",), ("import", SAMPLE), ("understand",), ("themes",)])
def test_a_database_that_cannot_be_used_is_told_and_left_as_it_is(tmp_path, command):
    no_database = tmp_path / "notes.txt"
    no_database.write_bytes(b"Buy milk. " * 500)
    cases = [
        (f"sqlite:///{no_database}", "not a database"),
        (f"sqlite:///{tmp_path}/no/such/folder.db", "unable to open"),
        (f"sqlite:///{tmp_path}", "unable to open"),
        ("groundswell.db", "no database URL"),
        ("cassandra://x", "no database URL"),
    ]
    for database, says in cases:
        ran = groundswell("--database", database, *command, "--json")
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("groundswell: database")
        assert says in ran.err
    assert no_database.read_bytes() == b"Buy milk. " * 500
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_page_that_cannot_be_written_is_told(world, tmp_path):
    for where in (tmp_path, tmp_path / "no" / "page.html"):
        ran = world("digest", "--html", where, "--json")
        assert (ran.code, ran.out) == (1, "")
        assert f"{where}: " in ran.err


# The shell's side of it

OUTSIDE = {
    **{k: v for k, v in os.environ.items() if k not in {*TOKENS, "GROUNDSWELL_DATABASE"}},
    "PYTHONUTF8": "0",
}


def outside(*arguments: str | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, as a shell starts it."""
    return subprocess.run(  # noqa: S603 our own command line
        [sys.executable, "-W", "error", "-m", "bot", *arguments],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**OUTSIDE, **environment},
    )


def test_a_process_of_its_own_keeps_to_the_streams_and_the_exit_codes(world):
    done = outside("--database", world.database, "--now", NOW, "status", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["posts"] == 443
    wrong = outside("--database", world.database, "themes", 'since:7d "half')
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert wrong.stderr.startswith(b"groundswell: ")


def test_a_terminal_without_utf_8_gets_whole_json_and_readable_text(world):
    plain = {"PYTHONIOENCODING": "ascii"}
    machine = outside("--database", world.database, "--now", NOW, "digest", "--json", **plain)
    person = outside("--database", world.database, "--now", NOW, "digest", **plain)
    assert (machine.returncode, person.returncode) == (0, 0)
    assert json.loads(machine.stdout) == world.json("digest")
    assert b"E4417" in person.stdout or b"epoch" in person.stdout


def test_words_that_are_no_utf_8_are_looked_for_as_far_as_they_can_be(world):
    hits = world.json("search", "\udcff", "manifest", "epoch")
    assert hits
    assert world.json("ask", "manifest epoch \udcff")["answer"]


def test_words_typed_in_another_form_of_unicode_are_the_same_words(tmp_path):
    row = {"source": "x", "kind": "post", "id": "1", "created_at": "2026-10-01"}
    (tmp_path / "a.jsonl").write_text(json.dumps({**row, "title": "Caf\u00e9 closed"}))
    call = ("--database", f"sqlite:///{tmp_path}/a.db")
    groundswell(*call, "import", tmp_path / "a.jsonl")
    hits = groundswell(*call, "search", '"Cafe\u0301"', "--json").json
    assert [hit["key"] for hit in hits] == ["x:1"]
