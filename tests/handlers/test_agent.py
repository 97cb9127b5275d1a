"""The agent's pane: what it proposes, that it works, answers that appear once, and how they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from bot.deliveries import Feedback
from bot.model import Status
from bot.reports import status_data, status_drawing
from bot.rights import Rights
from bot.slack.streaming import PIECE
from handlers.agent import PROMPT, PROMPTS, TITLE, clean, prompts_of
from handlers.desk import Desk
from handlers.slack import Handlers
from tests.builders import NOW
from tests.handlers.test_slack import ANN, DIRECT, Slack, complaints, desk, slack, texts, wait_for
from tests.slack.anything import HOSTILE, Anything
from tests.world.site import json_answer
from tests.world.workspace import lost

__all__ = ["desk", "slack"]

OPENED = {"type": "app_home_opened", "tab": "messages", "channel": DIRECT, "event_ts": "1.1"}
ASKED = {
    "type": "message",
    "channel_type": "im",
    "channel": DIRECT,
    "text": "what hurts most this month?",
    "ts": "1772450000.000100",
}


def calls(slack: Slack, method: str) -> list[dict[str, Any]]:
    return [given for name, given in slack.workspace.calls if name == method]


def answers(slack: Slack) -> list[dict[str, Any]]:
    return slack.workspace.in_channel(DIRECT)


def overdue(slack: Slack, desk: Desk) -> None:
    """Take up again what was begun and not finished, as whoever starts anew does."""
    late = replace(desk.pipeline, clock=lambda: NOW + timedelta(minutes=2))
    Handlers(replace(desk, pipeline=late)).overdue(slack.app.client)


def test_whoever_opens_the_pane_is_proposed_what_moves_today(slack: Slack, desk: Desk):
    theme = complaints(desk)
    slack.event(OPENED)
    wait_for(lambda: bool(calls(slack, "assistant.threads.setSuggestedPrompts")))
    (given,) = calls(slack, "assistant.threads.setSuggestedPrompts")
    assert given["channel_id"] == DIRECT
    assert "thread_ts" not in given
    proposed = {one["message"]: one["title"] for one in given["prompts"]}
    assert proposed[f"Tell me about {theme}"] == "The walrus cache crashes on start"
    assert len(proposed) == PROMPTS
    assert calls(slack, "views.publish") == []


def test_whoever_may_not_ask_is_proposed_nothing_that_was_said(slack: Slack, desk: Desk):
    complaints(desk)
    closed = Handlers(replace(desk, rights=Rights()))
    body = {"event_id": "Ev1", "event": {**OPENED, "user": ANN}}
    desk.pipeline.store.inbox.take("Ev1", body, NOW)
    closed.event(body, slack.app.client)
    (given,) = calls(slack, "assistant.threads.setSuggestedPrompts")
    assert "walrus" not in texts([given])


def test_what_is_proposed_is_short_and_nothing_in_it_is_mark_up():
    for seed in range(50):
        any_ = Anything(seed)
        views = [any_.view(status, n) for n, status in enumerate(Status, 1)]
        prompts = prompts_of(views)
        assert 1 <= len(prompts) <= PROMPTS
        for title, message in prompts:
            assert 1 <= len(title) <= PROMPT
            assert not set(title) & set("<>*_~`|&:\n")
            assert message.isascii()
    assert all(not set(clean(text, TITLE)) & set("<>*_~`|&:\n") for text in HOSTILE)


def test_a_question_shows_that_it_is_worked_on_and_gives_its_thread_a_name(slack, desk):
    complaints(desk)
    slack.event(ASKED)
    wait_for(lambda: bool(answers(slack)))
    wait_for(lambda: bool(calls(slack, "assistant.threads.setTitle")))
    (status,) = calls(slack, "assistant.threads.setStatus")
    assert status["thread_ts"] == ASKED["ts"]
    (title,) = calls(slack, "assistant.threads.setTitle")
    assert title["title"] == "what hurts most this month?"
    slack.event({**ASKED, "text": "and on reddit?", "ts": "1772450001.1", "thread_ts": ASKED["ts"]})
    wait_for(lambda: len(calls(slack, "assistant.threads.setStatus")) == 2)
    assert len(calls(slack, "assistant.threads.setTitle")) == 1


@pytest.mark.parametrize("method", ["setStatus", "setTitle"])
def test_an_answer_does_not_wait_for_what_is_nice_to_have(slack, desk, method):
    complaints(desk)
    slack.workspace.refuse(f"assistant.threads.{method}", "missing_scope")
    slack.event(ASKED)
    wait_for(lambda: bool(answers(slack)))


def answered(slack: Slack) -> None:
    """Wait until the answer has come to its end."""
    wait_for(lambda: any("metadata" in one for one in answers(slack)))


def whole(slack: Slack) -> None:
    """There is one answer, ended, with all that belongs to it, under its mark."""
    (answer,) = answers(slack)
    assert answer["thread_ts"] == ASKED["ts"]
    assert answer["metadata"]["event_payload"]["delivery_id"] == "Ev1/0"
    kinds = [block["type"] for block in answer["blocks"]]
    assert kinds.count("context_actions") == 1
    assert len(kinds) > PIECE
    ids = [block["block_id"] for block in answer["blocks"] if "block_id" in block]
    assert len(ids) == len(set(ids))


def test_a_long_answer_appears_piece_by_piece_and_is_one_message(slack: Slack, desk: Desk):
    complaints(desk)
    slack.event(ASKED, "Ev1")
    answered(slack)
    whole(slack)
    (begun,) = calls(slack, "chat.startStream")
    assert (begun["recipient_user_id"], begun["recipient_team_id"]) == (ANN, "T0ACME")
    assert calls(slack, "chat.postMessage") == []


@pytest.mark.parametrize("error", ["unknown_method", "ratelimited", "not_allowed_token_type"])
def test_where_nothing_can_be_streamed_the_answer_is_posted_whole(slack, desk, error):
    complaints(desk)
    slack.workspace.refuse("chat.startStream", error)
    slack.event(ASKED, "Ev1")
    answered(slack)
    whole(slack)


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
def test_a_stream_that_slack_ended_is_made_whole(slack, desk, method, monkeypatch):
    monkeypatch.setattr("bot.slack.streaming.PIECE", 2)
    complaints(desk)
    ended = json_answer({"ok": False, "error": "message_not_in_streaming_state"})
    slack.workspace.faults = lambda name, _: ended if name == method else None
    slack.event(ASKED, "Ev1")
    answered(slack)
    wait_for(lambda: bool(calls(slack, "chat.update")))
    assert len(calls(slack, "chat.update")) == 1
    whole(slack)


@pytest.mark.parametrize("method", ["chat.startStream", "chat.stopStream", "chat.update"])
def test_whoever_goes_on_after_a_crash_finds_what_was_begun(slack, desk, method):
    complaints(desk)
    broken = {"chat.update": ("chat.update", "chat.stopStream")}.get(method, (method,))
    slack.workspace.faults = lambda name, call: lost() if name in broken and not call else None
    slack.event(ASKED, "Ev1")
    wait_for(lambda: bool(calls(slack, method)))
    slack.app.listener_runner.listener_executor.submit(int).result()
    overdue(slack, desk)
    overdue(slack, desk)
    whole(slack)


def test_a_stream_that_was_begun_by_whoever_died_is_ended_by_the_next(slack, desk):
    complaints(desk)
    for name in ("chat.appendStream", "chat.stopStream", "chat.update"):
        slack.workspace.refuse(name, "internal_error")
    slack.event(ASKED, "Ev1")
    wait_for(lambda: len(calls(slack, "chat.stopStream")) == 2)
    slack.app.listener_runner.listener_executor.submit(int).result()
    assert "metadata" not in answers(slack)[0]
    slack.workspace.instead.clear()
    overdue(slack, desk)
    whole(slack)


def judge(slack: Slack, name: str) -> dict[str, Any]:
    """Press one of the buttons below the answer; what is said then."""
    block = next(b for b in answers(slack)[0]["blocks"] if b["type"] == "context_actions")
    (element,) = block["elements"]
    pressed = {"type": "feedback_buttons", "action_id": element["action_id"], **element[name]}
    (answer,) = slack.press(pressed)
    return answer


def test_how_an_answer_is_found_is_kept_once_for_each_person_and_counted(slack, desk):
    complaints(desk)
    slack.event(ASKED, "Ev1")
    answered(slack)
    assert "kept as good" in judge(slack, "positive_button")["text"]
    (kept,) = desk.pipeline.store.feedback.all()
    assert (kept.question, kept.good, kept.by, kept.at) == (
        ASKED["text"],
        True,
        f"slack:{ANN}",
        NOW,
    )
    assert "kept as not good" in judge(slack, "negative_button")["text"]
    (again,) = desk.pipeline.store.feedback.all()
    assert (again.answer, again.good) == (kept.answer, False)
    assert desk.pipeline.store.feedback.all(NOW + timedelta(days=1)) == []


def test_the_status_counts_how_answers_were_found(desk: Desk):
    keep = desk.pipeline.store.feedback.keep
    for number in range(4):
        keep(Feedback(f"a{number}", "what hurts?", number > 0, "slack:U1", NOW))
    state = desk.pipeline.status()
    assert status_data(state)["answers"] == {"good": 3, "bad": 1}
    console = Console(width=120, file=StringIO())
    with console.capture() as drawn:
        console.print(status_drawing(state))
    assert "3 found good, 1 not (75 % good)" in drawn.get()
