"""`groundswell eval DIR`: what it says, to whom, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.app import clusterer
from bot.settings import load
from bot.understand.cluster import AverageTree
from tests.cli import Ran, groundswell, remembering, set_nothing

THEMES = {
    "push": [
        "Push to the registry fails with 413",
        "Pushing an image fails: error 413",
        "413 when I push images to the registry",
        "Registry push fails, 413 too large",
    ],
    "dark": [
        "Please add a dark mode",
        "Dark mode for the editor please",
        "A dark mode would be lovely",
        "Is there a dark mode?",
    ],
    "noise-lunch": ["We had fish for lunch on Tuesday"],
}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch, minilm):
    monkeypatch.setattr("bot.app.MiniLM", lambda: remembering(minilm))
    (tmp_path / "here").mkdir()
    set_nothing(monkeypatch, tmp_path / "here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "labelled"
    made.mkdir()
    write(made / "themes.jsonl", *({"text": t, "label": k} for k, ts in THEMES.items() for t in ts))
    write(made / "kinds.jsonl", {"text": "Thank you all, wonderful tool", "kind": "praise"})
    return made


def write(path: Path, *rows: Any) -> None:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")


def of(folder: Path, *more: object) -> Ran:
    return groundswell("eval", folder, *more)


def test_people_get_a_table_for_each_part_with_the_seed_and_what_it_rests_on(folder):
    ran = of(folder, "--orders", 2)
    assert (ran.code, ran.err) == (0, "")
    assert "Themes: 2 themes, over 2 orders of arrival" in ran.out
    assert "Kinds and complaints: 1 post" in ran.out
    assert "theme F" in ran.out
    assert "Seed 7." in ran.out
    assert "difference" not in ran.out


def test_json_is_alone_and_holds_every_figure(folder):
    ran = of(folder, "--orders", 1, "--seed", 3, "--json")
    assert (ran.code, ran.err) == (0, "")
    told = ran.json
    assert (told["seed"], told["orders"], told["draws"]) == (3, 1, 0)
    assert told["parts"]["themes"]["units"] == 2
    figures = told["parts"]["themes"]["figures"]
    assert figures == {
        "theme_f": 1, "good": 1, "found": 1, "b_cubed": 1, "noise_out": 1, "themes": 2,
    }  # fmt: skip
    [ours] = told["configurations"]
    assert ours["understand"] == {"least": 0.2, "smallest": 3}
    assert [file["rejected"] for file in told["files"]] == [[], []]


def test_it_touches_no_database(folder):
    of(folder, "--orders", 1)
    assert list(Path.cwd().iterdir()) == []


def test_two_configurations_stand_side_by_side(folder, tmp_path):
    (tmp_path / "other.toml").write_text("[understand]\nsmallest = 5\n")
    ran = of(folder, "--orders", 1, "--against", tmp_path / "other.toml", "--json")
    told = ran.json["parts"]["themes"]["figures"]["found"]
    assert (told["first"], told["second"], told["difference"]) == (1, 0, -1)
    assert told["verdict"] == "untold", "two themes tell nothing"
    assert ran.json["parts"]["kinds"]["figures"]["macro_f1"]["verdict"] == "same"
    assert ran.json["draws"] == 1000


def test_people_are_told_that_a_sample_is_too_small(folder):
    ran = of(folder, "--orders", 1, "--set", "understand.smallest=5")
    assert ran.code == 0
    assert "no difference can be told from 2 themes" in ran.out
    assert "2: understand.smallest=5" in ran.out


def test_a_change_is_made_to_the_second_configuration_alone(folder, tmp_path):
    (tmp_path / "a.toml").write_text("[understand]\nleast = 0.1\n")
    (tmp_path / "b.toml").write_text("[understand]\nsmallest = 4\n")
    ran = groundswell(
        "--config", tmp_path / "a.toml", "eval", folder, "--orders", 1,
        "--against", tmp_path / "b.toml", "--set", "understand.least=0.3", "--json",
    )  # fmt: skip
    assert [one["understand"] for one in ran.json["configurations"]] == [
        {"least": 0.1, "smallest": 3},
        {"least": 0.3, "smallest": 4},
    ]


def test_bad_lines_are_named_on_stderr_and_the_good_ones_are_measured(folder):
    with (folder / "themes.jsonl").open("a") as file:
        file.write('\n{"text": "no label"}\nnonsense\n')
    ran = of(folder, "--orders", 1, "--json")
    assert ran.code == 0
    assert 'themes.jsonl:10: missing: label (write it as "label": "...")' in ran.err
    assert "themes.jsonl:11: not JSON" in ran.err
    assert ran.json["parts"]["themes"]["figures"]["found"] == 1
    reasons = [one["reason"] for one in ran.json["files"][0]["rejected"]]
    assert reasons == ["missing: label", "not JSON"]


def test_a_file_with_no_good_line_is_a_failure_but_the_others_are_told(folder):
    write(folder / "search.jsonl", "nonsense")
    ran = of(folder, "--orders", 1, "--json")
    assert ran.code == 1
    assert set(ran.json["parts"]) == {"themes", "kinds"}


def test_a_folder_without_labels_fails_with_what_may_stand_in_it(tmp_path):
    ran = of(tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "themes.jsonl" in ran.err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--set", "least"), "write it like understand.least=0.3"),
        (("--set", "least=0.3"), "write it like understand.least=0.3"),
        (("--set", "understand.lest=0.3"), "understand.lest: there is no such key"),
        (("--set", "understand.least=2"), "understand.least: Input should be less than 1"),
        (("--set", "understand.least.x=2"), "least holds no keys"),
        (("--orders", "0"), "--orders"),
        (("--seed", "-1"), "--seed"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_measured(folder, more, says):
    ran = of(folder, *more)
    assert (ran.code, ran.out) == (2, "")
    assert says in " ".join(ran.err.replace("│", " ").split())


def test_a_folder_that_is_none_is_wrong_usage(tmp_path):
    assert of(tmp_path / "nowhere").code == 2


def test_a_second_configuration_that_is_wrong_is_told_by_file_and_key(folder, tmp_path):
    (tmp_path / "other.toml").write_text("[understand]\nsmallest = 1\n")
    ran = of(folder, "--against", tmp_path / "other.toml")
    assert ran.code == 1
    assert f"{tmp_path / 'other.toml'}: understand.smallest:" in ran.err


def test_what_is_set_is_what_the_product_clusters_by(tmp_path):
    (tmp_path / "mine.toml").write_text("[understand]\nleast = 0.35\nsmallest = 4\n")
    assert clusterer(load(tmp_path / "mine.toml")) == AverageTree(least=0.35, smallest=4)
    assert clusterer(load()) == AverageTree()
