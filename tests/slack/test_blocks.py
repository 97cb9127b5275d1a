"""Whatever the bot says is what Slack takes, and nothing in it that a stranger wrote is live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.deliveries import Message, Style
from bot.model import Sensitive, Status
from bot.slack import alerts, blocks, kit
from bot.slack.cards import theme_item
from bot.slack.home import home, sources_messages
from bot.slack.home_forms import done
from bot.slack.packing import Item, pack
from bot.slack.triage import mine_messages, queue_messages
from bot.speak.alerting import parse_alerts
from bot.tracking import Issue, State, Tracking
from tests.builders import a_member, a_theme
from tests.slack.anything import HOSTILE, Anything
from tests.slack.blockkit import faults, view_faults

SEEDS = range(150)


def all_faults(messages: Sequence[Message], addresses: set[str]) -> list[str]:
    return [fault for message in messages for fault in faults(message, addresses)]


@pytest.mark.parametrize("style", list(Style))
def test_digests_at_random_are_valid_and_nothing_in_them_is_live(style: Style):
    for seed in SEEDS:
        any_ = Anything(seed)
        messages = blocks.digest_messages(any_.digest(), style)
        assert all_faults(messages, any_.addresses) == [], seed
        assert [m.in_thread for m in messages] == [False] + [True] * (len(messages) - 1)


def test_answers_posts_and_themes_at_random_are_valid():
    for seed in SEEDS:
        any_ = Anything(seed)
        for messages in (
            blocks.answer_messages(any_.answer()),
            blocks.hits_messages(any_.hits(), any_.words()),
            blocks.themes_messages(any_.views(Status.NEW, seed % 15), any_.words()),
            blocks.coverage_messages(any_.coverage()),
            blocks.nothing_new(any_.digest()),
            sources_messages(any_.sight().sources, any_.coverage()),
            done(any_.words(), seed),
            blocks.plain_messages(any_.words()),
            queue_messages(any_.queue()),
            mine_messages(any_.views(Status.NEW, seed % 15)),
        ):
            assert all_faults(messages, any_.addresses) == [], seed


def test_modals_and_homes_at_random_are_valid_and_nothing_in_them_is_live():
    for seed in SEEDS[:60]:
        any_ = Anything(seed)
        for view in (home(any_.sight()), *any_.modals()):
            assert view_faults(view, any_.addresses) == [], (seed, view)


@pytest.mark.parametrize(
    ("score", "offers"), [(0.5, ["Link to #7", "Make an issue"]), (0.4, ["Make an issue"])]
)
def test_a_card_offers_the_likely_issue_before_a_new_one(score: float, offers: list[str]):
    tracking = Tracking(State.PROPOSED, Issue("github:acme/tool#7", "It", None), score)
    theme = a_theme(*(a_member(url=f"https://example.org/{n}") for n in range(3)))
    view = replace(Anything(1).view(Status.NEW, 1), theme=theme, venues={"acme/tool": 3})
    *_, buttons = theme_item(replace(view, tracking=tracking)).blocks
    _show, *others, _menu = buttons["elements"]
    assert [one["text"]["text"] for one in others] == offers
    if len(others) > 1:
        assert others[0]["value"] == "T1 github:acme/tool#7"


def test_how_likely_an_issue_is_stands_where_somebody_asks_why_and_nowhere_else():
    tracking = Tracking(State.PROPOSED, Issue("github:acme/tool#7", "It", None), 0.76)
    view = replace(Anything(1).view(Status.NEW, 1), tracking=tracking)
    assert "likelihood of 0.76 or more" in str(blocks.why_messages(view))
    assert "0.76" not in str(theme_item(view).blocks)


def test_alerts_at_random_are_valid_and_name_all_that_they_tell_of():
    for seed in SEEDS:
        any_ = Anything(seed)
        found = any_.found()
        told = alerts.alert_messages(found, parse_alerts("on:bursts,back,urgent"), 6)
        watched = alerts.watched_messages(found, any_.words(), 6)
        assert all_faults([*told, *watched], any_.addresses) == [], seed
        shown = {what.theme for m in told for what in m.shows} - {None}
        views = [*(view for _, view in found.bursts), *found.back]
        assert shown == {view.theme.id for view in views}
        keys = [what.post for m in told for what in m.shows if what.block_id[0] == "p"]
        assert keys == [report.hit.post.key for report in found.first]
        assert ("waited" in str(told)) == ("waited" in str(watched)) == found.held
        secret = [Sensitive(hit.post.key, hit.post.url, any_.words()) for hit in any_.hits()]
        entrusted = alerts.entrusted_messages(secret, len(secret) + seed % 2)
        assert all_faults(entrusted, any_.addresses) == [], seed
        assert [w.post for m in entrusted for w in m.shows] == [one.key for one in secret]
        assert ("1 more follow" in str(entrusted)) == bool(seed % 2)


def test_nothing_is_left_out_without_a_word():
    for seed in SEEDS:
        digest = Anything(seed).digest()
        ids = [view.theme.id for section in digest.sections for view in section.shown]
        messages = blocks.digest_messages(digest)
        heads = [b.get("block_id") for m in messages for b in m.blocks if b["type"] == "rich_text"]
        assert [one for one in heads if one in ids] == ids
        left_out = sum(section.left_out for section in digest.sections)
        told = str(messages).count("more theme")
        assert told == sum(section.left_out > 0 for section in digest.sections), left_out


@pytest.mark.parametrize("text", HOSTILE)
def test_words_stay_words_and_are_never_empty(text: str):
    assert kit.seen(text)
    assert len(kit.seen(text, 75)) <= 75
    fallback = kit.escaped(text)
    assert 1 <= len(fallback) <= 3_000
    assert "<" not in fallback
    assert ">" not in fallback


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://github.com/acme/tool/issues/7#c1", True),
        ("http://forum.example/t/über/3", True),
        ("javascript:alert(1)", False),
        ("https://example.org/a|b", False),
        ("https://example.org/<!channel>", False),
        ("https:///nowhere", False),
        ("//example.org/x", False),
        ("https://example.org/a b", False),
        ("", False),
        (None, False),
    ],
)
def test_only_whole_addresses_over_http_are_linked(url: str | None, linked: bool):
    element = kit.link(url, "there")
    assert element["type"] == ("link" if linked else "text")
    assert element["text"] == "there"


def test_a_card_names_the_posts_that_it_quotes_by_block():
    any_ = Anything(3)
    view = replace(any_.view(Status.NEW, 12), quotes=(any_.cite(), any_.cite()))
    item = theme_item(view)
    ids = {block["block_id"] for block in item.blocks}
    assert {one.block_id for one in item.shows} == ids
    quoted = {one.block_id: one.post for one in item.shows if one.post}
    assert quoted["T12/q0"] == view.quotes[0].key
    assert quoted["T12/q1"] == view.quotes[1].key
    assert {one.theme for one in item.shows} == {"T12"}


def test_items_are_never_torn_apart():
    items = [Item((kit.section(f"{n} a"), kit.section(f"{n} b"))) for n in range(70)]
    messages = pack("all", items, room=10)
    assert [len(m.blocks) for m in messages] == [10, 50, 50, 30]
    texts = [b["text"]["text"] for m in messages for b in m.blocks]
    assert texts == [f"{n} {part}" for n in range(70) for part in "ab"]


def test_a_short_digest_is_short():
    digest = Anything(5).digest()
    full = sum(len(m.blocks) for m in blocks.digest_messages(digest))
    short = sum(len(m.blocks) for m in blocks.digest_messages(digest, Style.SHORT))
    assert short < full / 2


@pytest.mark.parametrize("command", ["themes", "untracked"])
def test_more_themes_than_are_listed_are_told_of_with_the_query_they_answer(command: str):
    views = Anything(3).views(Status.NEW, blocks.THEMES + 33)
    messages = blocks.themes_messages(views, "kind:complaint", command)
    told = f"… and 33 more themes: narrow them, as in /groundswell {command} kind:complaint"
    assert told in str([message.blocks for message in messages])
