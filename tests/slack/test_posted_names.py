"""A deleted post's title is no theme's name any more, not even in what was posted before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.deliveries import Asks, Message, Style, Subscription
from bot.model import Aim, Hit, Intent, Period, Post, Query, Reading
from bot.slack.blocks import answer_messages, digest_messages
from bot.slack.changing import GONE, NAMELESS
from bot.slack.outbox import Sender
from bot.speak.digest import compose
from bot.store import Name, Placement, Store
from bot.understand.trends import view
from tests.builders import NOW, a_post, ago, an_answer, some_coverage
from tests.slack.blockkit import faults
from tests.slack.sending import send_all

TITLE = "The walrus sings at midnight"
WEEK = Period(ago(7), NOW)


def a_theme_named_after(store: Store, *titles: str) -> list[Post]:
    """T1, called by the first title, of posts with these titles."""
    posts = [a_post(title=title, author=f"u{n}") for n, title in enumerate(titles)]
    store.posts.save(posts)
    ids = store.readings.missing(NOW)
    store.readings.save((i, Reading(Intent.BUG, 1)) for i in ids)
    store.vectors.save("e", ids, np.ones((len(ids), 2), dtype=np.float32))
    store.themes.save([Placement(i, "T1", 1.0) for i in ids], [Name("T1", TITLE, ())], {}, NOW)
    return posts


def view_of(store: Store):
    (theme,) = store.themes.load(Query(), NOW)
    return view(theme, WEEK)


def a_digest(store: Store, style: Style = Style.FULL) -> Sequence[Message]:
    return digest_messages(compose([view_of(store)], WEEK, 3, some_coverage(), Query()), style)


def an_answer_about_it(store: Store) -> Sequence[Message]:
    hits = [Hit(post, Intent.BUG, "", 1.0) for _, post, _ in store.posts.find(Query(), NOW)]
    return answer_messages(an_answer(Query(kinds=("bug",)), [view_of(store)], hits, Aim.NEW))


def posted(store: Store, poster, clock, messages: Sequence[Message]) -> None:
    its = Subscription(0, "C0NEWS", Asks.DIGEST, "", "daily 09:00", "UTC", Style.FULL, "U", ago(9))
    store.outbox.due(store.subscriptions.add(its).id, "C0NEWS", NOW, None)
    (made,) = store.outbox.open(NOW)
    store.outbox.write(made, messages, "said")
    send_all(store, poster, clock, tries=1)


def mend(store: Store, poster, clock) -> None:
    for one, blocks in store.outbox.orphaned():
        Sender(store, poster, clock).mend(one, blocks)


@pytest.mark.parametrize("style", [Style.FULL, Style.SHORT])
def test_a_card_and_the_headline_lose_the_name_and_keep_the_rest(
    store, workspace, poster, clock, style
):
    post, *others = a_theme_named_after(store, TITLE, "A song at night", "Another song")
    posted(store, poster, clock, a_digest(store, style))
    assert TITLE in str(workspace.messages)

    store.posts.save([], deleted=[(post.source, post.external_id)])
    mend(store, poster, clock)

    (message,) = workspace.messages
    assert TITLE not in str(message)
    assert message["text"] == GONE
    (head,) = (block for block in message["blocks"] if block.get("block_id") == "T1")
    assert NAMELESS in str(head)
    assert "3 people" in str(head)
    assert "walrus" not in str(message).lower()
    known = {str(one.url) for one in others}
    assert faults(Message(message["text"], tuple(message["blocks"])), known) == []
    assert store.outbox.orphaned() == []
    with store.engine.connect() as connection:
        assert TITLE not in str(connection.exec_driver_sql("SELECT * FROM message").all())


def test_a_name_that_others_say_too_stays(store, workspace, poster, clock):
    post, *_ = a_theme_named_after(store, TITLE, f"[bug] {TITLE}, again", "Another song")
    posted(store, poster, clock, a_digest(store, Style.SHORT))
    store.posts.save([], deleted=[(post.source, post.external_id)])
    assert store.outbox.orphaned() == []
    assert TITLE in str(workspace.messages)


def test_a_post_whose_title_names_nothing_changes_no_card(store, workspace, poster, clock):
    *_, post = a_theme_named_after(store, TITLE, "A song at night", "Another song")
    posted(store, poster, clock, a_digest(store, Style.SHORT))
    store.posts.save([], deleted=[(post.source, post.external_id)])
    assert store.outbox.orphaned() == []


def test_an_answer_that_names_the_theme_loses_that_sentence(store, workspace, poster, clock):
    post, *_ = a_theme_named_after(store, TITLE, "A song at night", "Another song")
    posted(store, poster, clock, an_answer_about_it(store))
    assert TITLE in workspace.messages[0]["text"]
    store.posts.save([], deleted=[(post.source, post.external_id)])
    mend(store, poster, clock)
    assert TITLE not in str(workspace.messages)
    assert GONE in str(workspace.messages[0]["blocks"])


def test_a_card_in_slack_offers_no_issue_once_the_theme_is_linked_to_one(
    store, workspace, poster, clock
):
    a_theme_named_after(store, TITLE, "A song at night", "Another song")
    posted(store, poster, clock, a_digest(store))
    assert "Make an issue" in str(workspace.messages)
    sender = Sender(store, poster, clock)
    sender.note("T1", "", "Seen.")
    assert "Make an issue" in str(workspace.messages)
    sender.note("T1", "", "T1 is tracked in acme/tool#7.", linked=True)
    assert "Make an issue" not in str(workspace.messages)
    assert "Show 3 posts" in str(workspace.messages)
