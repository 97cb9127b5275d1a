"""`groundswell theme ...`: previews, decisions, the way back, and what the bot says of itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from bot import cli
from bot.cli.deciding import COMMANDS, group
from bot.speak.deciding import MOST_NAMED, some
from tests.cli import Ran, empty_folder, groundswell

SAMPLE = Path(__file__).parents[1] / "bot" / "sample" / "community.jsonl"
NOW = "2026-11-02T00:00:00Z"


@pytest.fixture(scope="module", autouse=True)
def _alone(tmp_path_factory, minilm) -> Iterator[None]:
    with empty_folder(tmp_path_factory.mktemp("empty"), minilm):
        yield


@pytest.fixture(scope="module")
def understood(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginning of the sample, understood."""
    folder = tmp_path_factory.mktemp("deciding")
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()[:110]
    (folder / "some.jsonl").write_text("\n".join(lines), encoding="utf-8")
    database = f"sqlite:///{folder}/whole.db"
    for command in (("import", folder / "some.jsonl"), ("understand",)):
        assert groundswell("--database", database, "--now", NOW, *command).code == 0
    return folder / "whole.db"


class World:
    """A store of its own for every test."""

    def __init__(self, path: Path) -> None:
        self.database = f"sqlite:///{path}"

    def __call__(self, *arguments: object) -> Ran:
        return groundswell("--database", self.database, "--now", NOW, *arguments)

    def json(self, *arguments: object) -> Any:
        ran = self(*arguments, "--json")
        assert (ran.code, ran.err) == (0, "")
        return ran.json

    def themes(self) -> dict[str, dict[str, Any]]:
        return {theme["id"]: theme for theme in self.json("themes")}


@pytest.fixture
def world(understood: Path, tmp_path: Path) -> World:
    shutil.copy(understood, tmp_path / "own.db")
    return World(tmp_path / "own.db")


def decisions(key: str) -> dict[str, tuple[str, ...]]:
    """One of each decision, on themes that the sample has and a post of the first."""
    return {
        "rename": ("rename", "T1", "The", "first"),
        "merge": ("merge", "T2", "T1"),
        "split": ("split", "T1", key),
        "move": ("move", key, "none"),
        "confirm": ("confirm", "T1"),
        "mute": ("mute", "T1", "--for", "2w"),
        "not-us": ("not-us", key),
        "kind": ("kind", key, "praise"),
        "acknowledge": ("acknowledge", "T1"),
        "assign": ("assign", "T1", "bob"),
        "link": ("link", "T1", "https://tracker.example/ENG-7"),
    }


def test_every_decision_is_shown_taken_logged_and_undone_alike(world):
    before = world.themes()
    key = before["T1"]["post_keys"][0]
    every = decisions(key)
    assert {*every, "show", "undo", "log", "precision"} == COMMANDS.keys()
    for number, (word, arguments) in enumerate(every.items(), 1):
        shown = world.json("theme", *arguments, "--dry-run", "--by", "ann")
        assert (shown["id"], shown["done"]) == (None, False)
        assert world.themes() == before, word
        taken = world.json("theme", *arguments, "--by", "ann")
        assert (taken["id"], taken["done"], taken["by"]) == (number, True, "ann")
        same = shown.keys() - {"id", "done", "text"}
        assert {k: taken[k] for k in same} == {k: shown[k] for k in same}
        undone = world.json("theme", "undo", "--by", "bo")
        assert (undone["id"], undone["undone_by"]) == (number, "bo")
        assert undone["back"] == taken["moves"]
        assert world.themes() == before, word
    log = world.json("theme", "log")
    assert [one["deed"] for one in log] == list(every)
    assert {one["undone_by"] for one in log} == {"bo"}


def test_a_preview_says_how_many_posts_move(world):
    posts = world.themes()["T2"]["posts"]
    ran = world("theme", "merge", "t2", "t1", "--dry-run")
    assert ran.code == 0
    assert f"moves {posts} posts" in " ".join(ran.out.split())
    assert ran.out.startswith("Would be decided: T2 “")


def test_what_was_decided_says_how_to_take_it_back(world):
    ran = world("theme", "rename", "T1", "Slow", "restores")
    assert "Decision 1: T1 is called “Slow restores”." in ran.out
    assert "groundswell theme undo 1" in ran.out
    assert world.themes()["T1"]["label"] == "Slow restores"
    assert "Decision 1 is undone, 0 posts are put back" in world("theme", "undo", "1").out


def test_a_theme_shows_its_posts_lineage_and_decisions(world):
    key = world.themes()["T1"]["post_keys"][0]
    made = world.json("theme", "split", "T1", key)["into"]
    world.json("theme", "merge", "T2", "T1")
    shown = world.json("theme", "show", "t1")
    assert shown["lineage"] == {
        "merged_into": None,
        "split_from": None,
        "merged": ["T2"],
        "split": [made],
    }
    assert [one["deed"] for one in shown["decisions"]] == ["split", "merge"]
    person = world("theme", "show", "T1").out
    assert all(key in person for key in shown["theme"]["post_keys"])
    assert f"From it were split {made}." in person
    gone = world("theme", "show", "T2").out
    assert "T2 has no posts." in gone
    assert "It went into T1." in gone


def test_a_muted_theme_is_marked_and_the_digest_says_that_one_is_left_out(world):
    since = ("--since", "60d")
    told = [t["id"] for s in world.json("digest", *since)["sections"] for t in s["themes"]]
    world.json("theme", "mute", told[0], "--until-grows", "--by", "ann")
    digest = world.json("digest", *since)
    shown = [t["id"] for s in digest["sections"] for t in s["themes"]]
    assert told[0] not in shown
    assert digest["muted"] == 1
    assert "1 muted theme left out" in digest["text"]
    assert "1 muted theme left out" in world("digest", *since).out
    assert world.themes()[told[0]]["muted"] == {"by": "ann", "until": None, "until_grows": True}
    assert world("themes").out.count("muted") == 1


def test_the_bots_own_precision_is_told_only_from_thirty_posts_on(world):
    assert "Nobody judged a post yet." in world("theme", "precision").out
    posts = 0
    for theme in world.themes().values():
        few = world("theme", "precision").out
        world.json("theme", "confirm", theme["id"])
        assert "too small" in few or "Nobody" in few
        posts += theme["posts"]
        if posts >= 30:
            break
    [month] = world.json("theme", "precision", "--month", "2026-11")
    assert (month["right"], month["judged"], month["enough"]) == (posts, posts, True)
    assert month["precision"] == 1
    assert month["interval"][0] < 1 == month["interval"][1]
    assert "2026-11: 100% (" in world("theme", "precision").out
    assert world.json("theme", "precision", "--month", "2026-10") == []


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("merge", "T1", "T999"), 1, "no theme T999"),
        (("move", "github:nothing#1", "T1"), 1, "no post that can stand in a theme"),
        (("undo",), 1, "no decision to undo"),
        (("not-us",), 1, "nothing looks like"),
        (("mute", "T1", "--for", "soon"), 2, "is no time, such as 14d"),
        (("kind", "github:nothing#1", "nonsense"), 2, "nonsense"),
        (("precision", "--month", "2026-13"), 2, "is no month"),
        (("rename", "T1", "x", "--by", " "), 2, "names nobody"),
    ],
)
def test_what_cannot_be_decided_is_told_with_its_exit_code(world, arguments, code, why):
    ran = world("theme", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert why in " ".join(ran.err.replace("│", " ").split())
    assert world.json("theme", "log") == []


def test_many_posts_are_named_as_far_as_a_person_reads():
    keys = [f"p{n}" for n in range(MOST_NAMED + 3)]
    assert some(keys).endswith(f"p{MOST_NAMED - 1} and 3 more")
    assert some(keys[:2]) == "p0, p1"


def test_the_group_stands_among_the_commands():
    assert resolve_name(cli.COMMANDS["theme"]) is group
