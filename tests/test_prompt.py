"""The prompt of the local workspace goes on from one question to the next."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO

import pytest

from bot import prompt
from bot.model import Deed, Intent, Query, Reading
from bot.pipeline import Pipeline
from bot.prompt import converse, heard
from bot.store import Store
from bot.terminal import logged_in, stdout
from bot.understand.cluster import AverageTree
from handlers.commands import COMMANDS, SLASH
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing

SEEN = range(1, 6)
"""Days ago on which somebody said the same."""


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    store.posts.save(
        [
            a_post(title="fonts are tiny", source="reddit", venue="r/tool"),
            a_post(title="fonts are tiny"),
        ]
    )
    rows = [row for row, _, _ in store.posts.find(Query(), NOW)]
    store.readings.save((row, Reading(Intent.BUG, 2)) for row in rows)
    return Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)


def test_a_line_goes_on_from_the_question_before(pipeline):
    _, first = heard(pipeline, "what about fonts on Reddit?", None)
    assert first is not None
    _, second = heard(pipeline, "and on GitHub?", first)
    assert second is not None
    assert second.query.words == ("fonts",)
    assert second.query.sources == ("github",)


def test_what_was_understood_is_corrected_by_saying_what_the_prompt_proposes(pipeline, capsys):
    converse(pipeline, StringIO("complaints about fonts on Reddit\nnot only complaints\nexit\n"))
    said = capsys.readouterr().out
    assert "Not what you meant? Say: everywhere · not only complaints · exactly" in said
    assert 'Understood: reddit · about "fonts"' in said


def test_a_whole_question_is_about_anything_and_the_subject_before_is_proposed(pipeline, capsys):
    lines = ("posts about fonts", "what is new?", "only about fonts", "about anything", "exit")
    converse(pipeline, StringIO("\n".join(lines)))
    asked = [line for line in capsys.readouterr().out.splitlines() if "Asked: " in line]
    assert [line.rpartition("Z")[2].strip() for line in asked[1:]] == ["", "fonts", ""]
    _, first = heard(pipeline, "posts about fonts", None)
    stdout.print(heard(pipeline, "what is new?", first, hinting=True)[0])
    assert "Not what you meant? Say: only about fonts" in capsys.readouterr().out


def test_a_question_that_may_not_be_gone_on_from_proposes_nothing(pipeline, capsys):
    stdout.print(heard(pipeline, "complaints about fonts on Reddit", None)[0])
    assert "Not what you meant" not in capsys.readouterr().out


def test_commands_and_mistakes_leave_the_question_before_as_it_was(pipeline):
    _, first = heard(pipeline, "what about fonts?", None)
    for line in ("/groundswell sources", "since:nonsense", "/unknown"):
        assert heard(pipeline, line, first)[1] is first


def test_a_conversation_keeps_its_thread(pipeline, capsys):
    converse(pipeline, StringIO("posts about fonts\nonly on Reddit\nexit\n"))
    said = capsys.readouterr().out
    assert "2 posts about “fonts”" in said
    assert "1 post about “fonts” by 1 person on Reddit" in said


@pytest.fixture
def world(store: Store) -> Pipeline:
    """Five posts that make the theme T1."""
    store.posts.save(a_post(title=f"Push fails on big files {n}", created_at=ago(n)) for n in SEEN)
    made = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    made.understand()
    return made


def said(pipeline: Pipeline, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the prompt answers to one line, on one line."""
    stdout.print(heard(pipeline, line, None)[0])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("slash", ["/groundswell ", "/GROUNDSWELL ", ""])
@pytest.mark.parametrize(
    ("words", "deed"),
    [
        ("mute T1", Deed.MUTE),
        ("quiet T1", Deed.MUTE),
        ("off T1", Deed.NOT_US),
        ("rename T1 Big pushes", Deed.RENAME),
        ("acknowledge t1", Deed.ACKNOWLEDGE),
        ("assign T1 me", Deed.ASSIGN),
        ("link T1 https://github.com/acme/tool/issues/7", Deed.LINK),
    ],
)
def test_decisions_are_taken_at_the_prompt_by_whoever_runs_it(world, capsys, slash, words, deed):
    told = said(world, slash + words, capsys)
    (decision,) = world.store.decisions.all()
    assert (decision.deed, decision.by) == (deed, logged_in())
    assert "To take it back: undo 1" in told
    assert "Taken back" in said(world, f"{slash}undo 1", capsys)
    assert not world.store.decisions.all()[0].stands


def test_help_breaks_no_command_on_a_narrow_terminal_and_keeps_what_it_does_beside_it(
    world, capsys
):
    stdout.print(heard(world, "help", None)[0], width=80)
    told = capsys.readouterr().out.splitlines()
    usages = [f"{SLASH} {command.usage}" for command in COMMANDS.values()]
    assert all(any(line.startswith(usage) for line in told) for usage in usages)
    under = max(map(len, usages)) + 2
    assert all(line.startswith((SLASH, " " * under)) for line in told[1:])


def test_what_waits_and_what_is_mine_is_shown_at_the_prompt(world, capsys):
    assert "T1" in said(world, "triage", capsys)
    assert "Nothing is assigned to you" in said(world, "triage mine", capsys)
    said(world, "assign T1 me", capsys)
    assert "Push fails" in said(world, "/groundswell triage mine", capsys)
    assert "Nobody takes turns" in said(world, "triage rota", capsys)


@pytest.mark.parametrize(
    "line",
    ["/groundswell subscribe daily 09:00", "alerts", 'watch "big files"', "unsubscribe 3"],
)
def test_what_needs_a_channel_is_told_to_work_in_slack(world, capsys, line):
    assert "works in Slack" in said(world, line, capsys)
    assert world.store.subscriptions.all() == []


@pytest.mark.parametrize("name", ["help", "?", "themes", "Digest", "sources", "status", "search"])
def test_a_line_that_is_only_a_commands_name_is_that_command(world, capsys, name):
    slashed = {"?": "help", "status": "sources"}.get(name, name)
    assert said(world, name, capsys) == said(world, f"/groundswell {slashed}", capsys)


@pytest.mark.parametrize(
    "line",
    [
        "off by one?",
        "undo does not work",
        "merge fails on big files",
        "alerts are too loud",
        "link is broken",
        "subscribe button does nothing",
        "themes people talk about",
        "manifest",
    ],
)
def test_a_question_that_begins_like_a_command_is_a_question(world, line):
    assert heard(world, line, None)[1] is not None
    assert world.store.decisions.all() == []


def test_a_command_that_is_nearly_one_is_asked_back(world, capsys):
    for line in ("/groundswell themse", "/groundswell themse kind:bug"):
        assert "did you mean /groundswell themes?" in said(world, line, capsys)
    assert "did you mean /groundswell mute?" in said(world, "/groundswell mutes T1", capsys)
    for line in ("/groundswell bogus", "/groundswell searching is slow", "themse"):
        assert "did you mean" not in said(world, line, capsys)


def test_a_decision_that_lacks_its_theme_says_so(world, capsys):
    assert "which theme?" in said(world, "/groundswell mute", capsys)
    assert "to whom?" in said(world, "assign T1", capsys)


def test_a_command_starts_without_what_only_slack_and_the_prompt_need():
    commands = "import sys, bot.cli.asking, bot.cli.running"
    code = f"{commands}; print([m for m in sys.modules if m.startswith('slack_')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 our own words
    assert ran.stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such terminal on Windows")
def test_at_a_terminal_the_arrow_keys_bring_back_what_was_typed():
    pty, readline = pytest.importorskip("pty"), pytest.importorskip("readline")
    assert readline
    ours, its = pty.openpty()
    code = (
        "import sys; from bot import prompt; "
        "said = [prompt._next(sys.stdin) for _ in range(3)]; print('told', said)"
    )
    with subprocess.Popen(  # noqa: S603 our own interpreter
        [sys.executable, "-c", code], stdin=its, stdout=its, stderr=its, close_fds=True
    ) as process:
        os.close(its)
        text = ""
        for keys in (b"what hurts?\n", b"\x1b[A\n", b"\x04"):
            text += _until(ours, prompt.PROMPT)
            os.write(ours, keys)
        text += _until(ours, "]")
        assert process.wait(30) == 0
    os.close(ours)
    assert "told ['what hurts?\\n', 'what hurts?\\n', '']" in text


def _until(terminal: int, mark: str) -> str:
    """What a terminal shows up to a mark."""
    text = ""
    while mark not in text:
        text += os.read(terminal, 1024).decode(errors="replace")
    return text
