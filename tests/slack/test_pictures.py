"""A picture is posted once below its digest, and nothing waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.deliveries import Asks, Delivery, Message, Picture, Stage, Style, Subscription
from bot.slack import kit
from bot.slack.outbox import Sender
from bot.store import Store
from tests.builders import NOW, a_post, ago
from tests.slack.sending import send_all
from tests.world.workspace import lost

CHANNEL = "C0NEWS"
STEPS = ("files.getUploadURLExternal", "upload", "files.completeUploadExternal")


@pytest.fixture
def due(store: Store) -> Delivery:
    """A digest with a picture below it, written and not sent."""
    its = store.subscriptions.add(
        Subscription(
            0, CHANNEL, Asks.DIGEST, "", "weekly mon 09:00", "UTC", Style.FULL, "U0ANN", ago(9)
        )
    )
    store.outbox.due(its.id, CHANNEL, NOW, None)
    (made,) = store.outbox.open(NOW)
    picture = Picture(b"\x89PNG of weeks", "People a week", "People a week. T1: 1 2 3")
    digest = Message("Digest", (kit.section("Digest"),))
    store.outbox.write(made, (digest, Message("", in_thread=True, picture=picture)), "said")
    return made


def kept(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM picture").scalar_one())


def test_a_picture_is_posted_below_its_digest_with_its_words(store, workspace, poster, clock, due):
    assert Sender(store, poster, clock).send(due) is Stage.SENT
    digest, shared = workspace.messages
    assert shared["thread_ts"] == digest["ts"]
    (file,) = shared["files"]
    assert file["title"] == "People a week"
    assert file["alt_txt"] == "People a week. T1: 1 2 3"
    assert [given["length"] for name, given in workspace.calls if name == "upload"] == [13]
    assert kept(store) == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_picture_is_posted_once_wherever_the_connection_breaks(
    store, workspace, poster, clock, due, step
):
    workspace.faults = lambda method, call: lost() if method == step and not call else None
    send_all(store, poster, clock)
    assert [bool(one.get("files")) for one in workspace.messages] == [False, True]
    assert store.outbox.open(NOW + timedelta(days=9)) == []


def test_whoever_takes_over_after_a_crash_looks_before_it_shares_again(
    store, workspace, poster, clock, due
):
    _, picture = store.outbox.written(due.id)
    Sender(store, poster, clock).send(replace(due))
    ids = (picture.delivery, picture.part)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET ts = NULL WHERE part = 1")
        connection.exec_driver_sql("UPDATE delivery SET stage = 'sending'")
    store.outbox.begin(*ids, NOW)
    send_all(store, poster, clock)
    assert len(workspace.messages) == 2
    assert store.outbox.written(due.id)[1].ts == "F1"


@pytest.mark.parametrize("step", [STEPS[0], STEPS[2]])
def test_a_picture_that_slack_does_not_take_holds_up_nothing(
    store, workspace, poster, clock, due, step
):
    workspace.refuse(step, "missing_scope")
    with capture_logs() as logged:
        assert Sender(store, poster, clock).send(due) is Stage.SENT
    assert ["missing_scope" in one["error"] for one in logged] == [True]
    assert [one["text"] for one in workspace.messages] == ["Digest"]
    assert kept(store) == 0


def test_a_picture_goes_with_any_post_that_goes_before_it_was_posted(
    store, workspace, poster, clock, due
):
    store.posts.save([a_post(author="eve")])
    store.posts.forget("eve", NOW)
    assert kept(store) == 0
    assert Sender(store, poster, clock).send(due) is Stage.SENT
    assert [one["text"] for one in workspace.messages] == ["Digest"]
