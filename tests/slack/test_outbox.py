"""What is due is posted once: whatever breaks, and wherever the process dies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.deliveries import Asks, Delivery, Message, Shown, Stage, Style, Subscription
from bot.errors import SlackError
from bot.slack import kit
from bot.slack.changing import GONE
from bot.slack.outbox import Sender
from bot.store import Store
from tests.builders import NOW, a_post, ago
from tests.slack.sending import send_all
from tests.world.site import Answer
from tests.world.workspace import lost

CHANNEL = "C0NEWS"


def a_subscription(store: Store, **fields: Any) -> Subscription:
    plain = Subscription(
        0, CHANNEL, Asks.DIGEST, "", "daily 09:00", "UTC", Style.FULL, "U0ANN", ago(9)
    )
    return store.subscriptions.add(replace(plain, **fields))


def messages(*texts: str) -> tuple[Message, ...]:
    block = {"type": "section", "block_id": "T7/0", "text": {"type": "plain_text", "text": "Words"}}
    shows = (Shown("T7/0", "T7", "github:acme/tool#1"),)
    return tuple(
        Message(text, (block,), shows, in_thread=bool(number)) for number, text in enumerate(texts)
    )


def a_delivery(store: Store, *texts: str, hours: int = 0) -> Delivery:
    its = a_subscription(store)
    assert store.outbox.due(its.id, CHANNEL, NOW + timedelta(hours=hours), None)
    (made,) = (d for d in store.outbox.open(NOW) if d.subscription == its.id)
    store.outbox.write(made, messages(*texts or ("Digest",)), "said")
    return made


def test_an_occurrence_is_taken_up_once(store: Store):
    its = a_subscription(store)
    assert store.outbox.due(its.id, CHANNEL, NOW, None)
    assert not store.outbox.due(its.id, CHANNEL, NOW, None)
    assert store.outbox.due(its.id, CHANNEL, NOW + timedelta(days=1), NOW)
    assert [d.since for d in store.outbox.open(NOW)] == [None, NOW]


def test_a_delivery_is_posted_with_its_details_in_the_thread(store, workspace, poster, clock):
    its = a_delivery(store, "Digest", "More", "And more")
    assert Sender(store, poster, clock).send(its) is Stage.SENT
    first, *rest = workspace.messages
    assert first["text"] == "Digest"
    assert "thread_ts" not in first
    assert [one["thread_ts"] for one in rest] == [first["ts"]] * 2
    assert {one["unfurl_links"] for one in workspace.messages} == {False}
    assert store.outbox.open(NOW) == []


def test_200_posts_that_slack_took_before_the_connection_broke_are_one_message_each(
    store, workspace, poster, clock
):
    workspace.page = 1_000
    workspace.faults = lambda method, call: lost() if method == "chat.postMessage" else None
    for hours in range(100):
        a_delivery(store, f"Digest {hours}", "Details", hours=-hours)
    send_all(store, poster, clock, tries=8)
    texts = [one["text"] for one in workspace.messages]
    assert sorted(texts) == sorted([f"Digest {n}" for n in range(100)] + ["Details"] * 100)
    assert store.outbox.open(NOW + timedelta(days=9)) == []


def test_what_never_reached_slack_is_posted_again(store, workspace, poster, clock):
    its = a_delivery(store)
    workspace.refuse("chat.postMessage", "internal_error")
    assert Sender(store, poster, clock).send(its) is Stage.SENDING
    assert workspace.messages == []
    workspace.instead.clear()
    send_all(store, poster, clock, tries=1 + 1)
    assert [one["text"] for one in workspace.messages] == ["Digest"]


def test_slack_is_left_alone_as_long_as_it_asks(store, workspace, poster, clock):
    its = a_delivery(store)
    limited = Answer(429, b'{"ok": false, "error": "ratelimited"}', {"retry-after": "40"})
    workspace.instead["chat.postMessage"] = limited
    assert Sender(store, poster, clock).send(its) is Stage.SENDING
    clock.now += timedelta(seconds=39)
    assert store.outbox.open(clock()) == []
    clock.now += timedelta(seconds=1)
    workspace.instead.clear()
    (again,) = store.outbox.open(clock())
    assert Sender(store, poster, clock).send(again) is Stage.SENT
    assert len(workspace.messages) == 1


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "invalid_blocks"])
def test_what_slack_refuses_for_good_is_told_and_not_tried_again(
    store, workspace, poster, clock, error
):
    its = a_delivery(store)
    workspace.refuse("chat.postMessage", error)
    assert Sender(store, poster, clock).send(its) is Stage.FAILED
    send_all(store, poster, clock)
    assert sum(method == "chat.postMessage" for method, _ in workspace.calls) == 1


class Died(BaseException):
    """The process is gone."""


class Mortal:
    """A part that dies before or after one of its calls."""

    def __init__(self, part: Any, countdown: Iterator[int], dies_at: int) -> None:
        self.part, self.countdown, self.dies_at = part, countdown, dies_at

    def __getattr__(self, name: str) -> Any:
        its = getattr(self.part, name)
        if not callable(its):
            return its

        def call(*args: Any, **named: Any) -> Any:
            if next(self.countdown) == self.dies_at:
                raise Died
            result = its(*args, **named)
            if next(self.countdown) == self.dies_at:
                raise Died
            return result

        return call


def test_wherever_the_process_dies_each_message_is_posted_once(store, workspace, poster, clock):
    for dies_at in range(40):
        workspace.messages.clear()
        its = a_delivery(store, "Digest", "Details", hours=dies_at)
        countdown = itertools.count()
        ledger = Mortal(store.outbox, countdown, dies_at)
        mortal = replace(store, outbox=ledger)
        sender = Sender(mortal, Mortal(poster, countdown, dies_at), clock)
        try:
            sender.send(its)
        except Died:
            send_all(store, poster, clock, tries=1)
        else:
            assert dies_at > 10, "nothing was killed"
            return
        assert [one["text"] for one in workspace.messages] == ["Digest", "Details"], dies_at
    pytest.fail("there are more calls than were tried")


def test_a_sender_that_lost_its_lease_posts_nothing_more(store, workspace, poster, clock):
    its = a_delivery(store, "Digest", "Details")
    left = iter([True, False])
    assert Sender(store, poster, clock, lambda: next(left)).send(its) is Stage.SENDING
    assert [one["text"] for one in workspace.messages] == ["Digest"]
    send_all(store, poster, clock, tries=1)
    assert [one["text"] for one in workspace.messages] == ["Digest", "Details"]


def test_what_is_gone_at_its_source_goes_from_what_was_posted(store, workspace, poster, clock):
    post = a_post(external_id="acme/tool#1")
    store.posts.save([post])
    its = a_delivery(store)
    sender = Sender(store, poster, clock)
    sender.send(its)
    assert store.outbox.orphaned() == []
    store.posts.save([], deleted=[(post.source, post.external_id)])
    ((one, blocks),) = store.outbox.orphaned()
    sender.mend(one, blocks)
    (block,) = workspace.messages[0]["blocks"]
    assert block["elements"][0]["text"] == GONE
    assert "Words" not in str(workspace.messages)
    assert store.outbox.orphaned() == []
    assert [w.message.blocks[0]["type"] for w in store.outbox.showing("T7")] == ["context"]


def test_where_slack_refuses_the_change_what_is_gone_goes_here_all_the_same(
    store, workspace, poster, clock
):
    post = a_post(external_id="acme/tool#1")
    store.posts.save([post])
    its = a_delivery(store)
    sender = Sender(store, poster, clock)
    sender.send(its)
    store.posts.save([], deleted=[(post.source, post.external_id)])
    workspace.refuse("chat.update", "channel_not_found")
    ((one, blocks),) = store.outbox.orphaned()
    with pytest.raises(SlackError, match="channel_not_found"):
        sender.mend(one, blocks)
    assert store.outbox.orphaned() == []
    with store.engine.connect() as connection:
        assert "Words" not in str(connection.exec_driver_sql("SELECT blocks FROM message").all())


def a_card() -> Message:
    return Message(
        "Digest",
        (
            kit.lines([kit.words("Old name", bold=True), kit.words("  T7")], block_id="T7"),
            kit.lines([kit.words("Other")], block_id="T8"),
        ),
        (Shown("T7", "T7"), Shown("T8", "T8")),
    )


def test_what_is_decided_about_a_theme_is_said_where_it_was_shown_and_taken_back(
    store, workspace, poster, clock
):
    its = a_subscription(store)
    for days in range(2):
        store.outbox.due(its.id, CHANNEL, NOW - timedelta(days=days), None)
    for made in store.outbox.open(NOW):
        store.outbox.write(made, (a_card(),), "said")
    send_all(store, poster, clock, tries=1)
    sender = Sender(store, poster, clock)
    assert sender.note("T7", "New <!channel> name", "Left out of digests.") == 2
    for message in workspace.messages:
        head, other = message["blocks"]
        assert head["elements"][0]["elements"][0]["text"] == "New <!channel> name"
        assert head["elements"][1]["elements"][0]["text"] == "Left out of digests."
        assert other == a_card().blocks[1]
    sender.note("T7", "Old name", "")
    assert [m["blocks"] for m in workspace.messages] == [list(a_card().blocks)] * 2
    assert sender.note("T9", "", "Muted.") == 0


def test_an_answer_that_is_no_json_is_not_taken_for_a_yes(store, workspace, poster, clock):
    its = a_delivery(store)
    garbage = iter([Answer(200, b"<html>", {"content-type": "text/html"})])
    workspace.faults = lambda method, _: next(garbage, None) if "post" in method else None
    assert Sender(store, poster, clock).send(its) is Stage.SENDING
    send_all(store, poster, clock, tries=2)
    assert len(workspace.messages) == 1
