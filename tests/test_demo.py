"""The demo as a newcomer and as CI runs it, and the prompt it ends in."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from bot.demonstration import busiest_week
from bot.errors import EmbedderError
from bot.pipeline import Pipeline
from bot.prompt import converse
from bot.terminal import started_as
from bot.understand.cluster import AverageTree
from handlers.commands import COMMANDS
from tests.builders import NOW, a_post, ago
from tests.cli import Ran, empty_folder, groundswell
from tests.fakes import WordHashing


@pytest.fixture(scope="module", autouse=True)
def _alone(tmp_path_factory, minilm) -> Iterator[None]:
    with empty_folder(tmp_path_factory.mktemp("empty"), minilm):
        yield


# The demo


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> tuple[Ran, Path, Path]:
    """What the demo said, the page it wrote, and the folder it worked in."""
    folder, work = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(work))
        ran = groundswell("demo", "--html", folder / "page.html")
    return ran, folder / "page.html", work


def test_the_demo_shows_a_digest_of_the_busiest_week_and_two_answers(shown):
    ran, _, _ = shown
    assert ran.code == 0
    assert "443" in ran.out
    assert "/groundswell digest" in ran.out
    assert "what are users complaining about?" in ran.out
    assert "manifest epoch" in ran.out.lower()
    assert "invented" in ran.err


def test_the_demo_writes_its_page(shown):
    ran, page, _ = shown
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert page.name in ran.err.replace("\n", "")


def test_the_demo_leaves_nothing_behind(shown):
    _, _, work = shown
    assert list(work.iterdir()) == []


def test_a_demo_in_a_database_of_ones_own_can_be_asked_afterwards(tmp_path):
    database = f"sqlite:///{tmp_path}/kept.db"
    assert groundswell("--database", database, "demo").code == 0
    status = groundswell("--database", database, "status", "--json").json
    assert (status["posts"], status["coverage"]["waiting"]) == (443, 0)


def row(number: int, **fields: object) -> str:
    plain = {
        "source": "github",
        "kind": "issue",
        "id": f"acme/tool#{number}",
        "title": f"Push fails with E12 on big files, machine {number}",
        "created_at": f"2026-02-{1 + number:02}T08:00:00Z",
    }
    return json.dumps(plain | fields)


def test_an_archive_of_ones_own_is_shown_as_of_its_busiest_week(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / "mine.jsonl"
    archive.write_text("\n".join(row(n) for n in (2, 3, 4, 5, 20)))
    ran = groundswell("demo", archive)
    assert ran.code == 0
    assert "4 posts in the week shown." in ran.out
    assert "7 Feb 2026" in ran.err
    assert "invented" not in ran.err


def test_an_archive_is_kept_and_the_line_that_is_named_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / "mine.jsonl"
    archive.write_text("\n".join(row(n) for n in (2, 3, 4, 5, 20)))
    ran = groundswell("demo", archive)
    assert "Kept in groundswell-demo.db" in ran.err
    (line,) = (line for line in ran.err.splitlines() if line.startswith("  groundswell "))
    assert line == (
        "  groundswell --database sqlite:///groundswell-demo.db --now 2026-02-07 digest"
    )
    assert "4 posts read" in " ".join(groundswell(*line.split()[1:]).out.split())
    again = groundswell("demo", archive)
    assert again.code == 0
    assert "held posts before" not in again.err
    archive.write_text(row(9))
    assert "held posts before" in groundswell("demo", archive).err


def test_the_invented_community_is_not_kept(shown):
    ran, _, _ = shown
    assert "--database" not in ran.err
    assert not Path("groundswell-demo.db").exists()


def test_an_archive_that_showed_nothing_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert groundswell("demo", tmp_path / "none.jsonl").code == 1
    assert list(tmp_path.iterdir()) == []


def test_questions_piped_in_are_answered_at_the_end_of_the_demo(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / "mine.jsonl"
    archive.write_text("\n".join(row(n) for n in range(4)))
    ran = groundswell("demo", archive, stdin='/groundswell search "machine 3"\n')
    assert ran.code == 0
    assert "Push fails with E12 on big files, machine 3" in ran.out.rpartition("local workspace")[2]


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("groundswell", "groundswell"),
        (".venv/bin/groundswell", ".venv/bin/groundswell"),
        ("/opt/my tools/groundswell", "'/opt/my tools/groundswell'"),
        ("/src/bot/__main__.py", f"{shlex.quote(sys.executable)} -m bot"),
    ],
)
def test_a_command_is_named_as_it_was_started(monkeypatch, program, told):
    monkeypatch.setattr(sys, "argv", [program])
    assert started_as() == told


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        ("", "empty"),
        ("not JSON\n{}\n", "not JSON"),
        (row(1, parent_id="acme/tool#0"), "nothing to show"),
        (row(1, created_at="2999-01-01"), "in the future"),
    ],
)
def test_an_archive_with_nothing_to_show_is_told_and_fails(tmp_path, content, says):
    archive, page = tmp_path / "mine.jsonl", tmp_path / "page.html"
    if content is not None:
        archive.write_text(content)
    ran = groundswell("demo", archive, "--html", page)
    assert (ran.code, ran.out) == (1, "")
    assert says in ran.err
    assert "nothing to show" in ran.err.splitlines()[-1]
    assert not page.exists()


def test_an_archive_that_gives_nothing_does_not_show_what_was_kept_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    good, bad = tmp_path / "good.jsonl", tmp_path / "notes.md"
    good.write_text(row(1))
    bad.write_text("# Notes\n\nNothing here is a post.\n")
    assert groundswell("demo", good).code == 0
    ran = groundswell("demo", bad)
    assert (ran.code, ran.out) == (1, "")
    assert "nothing to show" in ran.err.splitlines()[-1]
    assert groundswell("demo", good).code == 0


def test_a_demo_that_cannot_write_its_page_fails(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / "mine.jsonl"
    archive.write_text(row(1))
    ran = groundswell("demo", archive, "--html", tmp_path / "no" / "page.html")
    assert ran.code == 1
    assert "page.html: No such file" in ran.err


def on(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 2, day, hour, tzinfo=UTC)


def test_the_busiest_week_ends_at_the_midnight_after_its_last_post():
    assert busiest_week([on(2), on(8), on(8, 23), on(20)]) == on(9, 0)


def test_of_equally_busy_weeks_the_latest_is_taken():
    assert busiest_week([on(2), on(12), on(22)]) == on(23, 0)


def test_a_week_is_seven_days_long():
    assert busiest_week([on(1), on(8), on(20)]) == on(21, 0)
    assert busiest_week([on(2), on(8), on(20)]) == on(9, 0)


# The prompt


@pytest.fixture
def pipeline(store) -> Pipeline:
    store.posts.save(
        a_post(title=f"Push fails on big files {n}", created_at=ago(n)) for n in range(5)
    )
    made = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    made.understand()
    return made


@pytest.fixture
def talk(pipeline, capsys) -> Callable[..., str]:
    """What is said to these lines, greeting and all."""

    def run(*lines: str, pipeline: Pipeline = pipeline) -> str:
        converse(pipeline, StringIO("".join(f"{line}\n" for line in lines)))
        return str(capsys.readouterr().out)

    return run


def test_line_after_line_is_answered(talk):
    silence = talk("")
    assert "help" in silence
    for line in ("/groundswell themes", "/groundswell search push", "what about push fails?"):
        told = talk(line).removeprefix(silence)
        assert "Push fails on big files" in told
    both = talk("/groundswell sources", "/groundswell help").removeprefix(silence)
    assert "github" in both
    assert all(command.usage in both for command in COMMANDS.values())


def test_a_wrong_query_is_told_with_its_place_and_the_talk_goes_on(talk):
    told = talk("/groundswell themes colour:red", "/groundswell themes")
    assert "\n  colour:red\n  ^" in told
    assert "Push fails on big files" in told


def test_another_slash_command_is_told_with_what_there_is(talk):
    told = talk("/remind me")
    assert "/remind" in told
    assert all(command.usage in told for command in COMMANDS.values())


def test_a_failure_is_told_and_the_talk_goes_on(pipeline, talk):
    class Broken(WordHashing):
        def encode(self, texts):
            raise EmbedderError("the weights are gone")

    told = talk("push", "/groundswell sources", pipeline=replace(pipeline, embedder=Broken()))
    assert "the weights are gone" in told
    assert "github" in told


@pytest.mark.parametrize("word", ["exit", "quit", "  EXIT ", "/quit", "/exit", ":q"])
def test_who_leaves_is_answered_no_more(pipeline, capsys, word):
    lines = StringIO(f"\n  \n{word}\n/groundswell themes\n")
    converse(pipeline, lines)
    assert lines.read() == "/groundswell themes\n"
    assert "Push" not in capsys.readouterr().out


def test_blank_lines_are_no_questions(talk):
    assert talk("", "   ", "\t") == talk("")
    assert talk() == ""


def test_what_a_person_types_is_no_markup(talk):
    assert "[red]/x[/red]" in talk("/[red]/x[/red]")


def test_a_person_at_the_keyboard_is_asked_for_each_line(pipeline, capsys):
    class Keyboard(StringIO):
        def isatty(self) -> bool:
            return True

    converse(pipeline, Keyboard("exit\n"))
    person = capsys.readouterr().out
    converse(pipeline, StringIO("exit\n"))
    assert len(person) > len(capsys.readouterr().out)


def test_run_opens_the_prompt_on_what_is_piped_in(tmp_path, monkeypatch):
    archive, database = tmp_path / "a.jsonl", f"sqlite:///{tmp_path}/a.db"
    archive.write_text("\n".join(row(n) for n in range(4)))
    groundswell("--database", database, "import", archive)
    ran = groundswell("--database", database, "run", stdin='/groundswell search "E12"\n')
    assert ran.code == 0
    assert ran.out.count("Push fails with E12") == 4


@pytest.mark.parametrize("stdin", ["", None])
def test_run_without_tokens_and_without_anybody_to_answer_says_what_is_missing(stdin):
    ran = groundswell("run", stdin=stdin)
    assert (ran.code, ran.out) == (1, "")
    assert "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are missing" in ran.err


def test_one_of_slacks_tokens_alone_is_told_to_lack_the_other(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-eyes")
    ran = groundswell("run", stdin="")
    assert ran.code == 1
    assert "SLACK_APP_TOKEN is missing" in ran.err
    assert "not-for-eyes" not in ran.out + ran.err
