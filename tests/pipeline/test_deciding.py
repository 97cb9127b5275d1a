"""People decide: what it does at once, after any re-run, and after it is taken back."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from numpy.typing import NDArray
from rich.console import Console
from sqlalchemy import select

from bot.errors import GroundswellError
from bot.model import (
    OPERATOR,
    Audience,
    Decision,
    Deed,
    Intent,
    Part,
    Period,
    Precision,
    Query,
    Visibility,
)
from bot.model.precision import LEAST, wilson
from bot.pipeline import Pipeline
from bot.pipeline.deciding import Deciding
from bot.pipeline.drafting import SELF
from bot.pipeline.judging import month_over
from bot.slack.blocks import digest_messages, nothing_new
from bot.slack.console import digest_drawing
from bot.speak.data import digest_data
from bot.speak.deciding import sentence
from bot.speak.page import digest_page
from bot.speak.plain import digest_text, precision_text
from bot.store import Decisions, Store, Themes, open_store
from bot.store.schema import placement, reading, theme
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing


@dataclass
class ByWord:
    """A clusterer of first words that three posts share; "noise" is none of them."""

    same: dict[str, str]
    """Words that it takes for one another."""

    name = "by-word"

    def clusters(
        self, vectors: object, texts: Sequence[str], stood: object = None
    ) -> NDArray[np.int64]:
        words = [text.split()[0] for text in texts]
        words = [self.same.get(word, word) for word in words]
        known = sorted({word for word in words if words.count(word) > 2} - {"noise"})
        return np.array([known.index(w) if w in known else -1 for w in words], dtype=np.int64)


class World:
    """A store with a pipeline whose clusterer does what the test says."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clusterer = ByWord({})
        self.now = NOW
        self.pipeline = Pipeline(store, WordHashing(), self.clusterer, {}, lambda: self.now)

    def add(self, *titles: str, **fields: object) -> list[str]:
        """One post a title; understood. Returns their keys."""
        posts = [a_post(title=title, **fields) for title in titles]
        self.store.posts.save(posts)
        self.pipeline.understand()
        return [p.key for p in posts]

    def rerun(self, **same: str) -> None:
        """Cluster all anew, in another way; one new post is what makes it run."""
        self.clusterer.same = same
        self.add("noise again")

    @property
    def ann(self) -> Deciding:
        return self.pipeline.deciding("ann")

    def stands(self) -> dict[str, str]:
        return stands(self.store)

    def theme_of(self, key: str) -> str | None:
        return self.stands().get(key)

    def labels(self) -> dict[str, str]:
        return {view.theme.id: view.theme.label for view in self.pipeline.themes()}

    def in_digest(self) -> set[str]:
        digest = self.pipeline.digest()
        return {view.theme.id for section in digest.sections for view in section.shown}


def stands(store: Store) -> dict[str, str]:
    return {m.key: t.id for t in store.themes.load(Query(), NOW) for m in t.members}


def all_of(store: Store) -> dict[str, object]:
    """Everything that a decision may change, but the log."""
    with store.engine.connect() as connection:
        placed = connection.execute(select(placement).order_by(placement.c.post_id)).all()
        read = connection.execute(select(reading).order_by(reading.c.post_id)).all()
        themes = connection.execute(select(theme).order_by(theme.c.number)).all()
    return {"placed": placed, "read": read, "themes": themes}


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


PUSHES = ["push fails", "push hangs", "push dies", "push stops"]
KEYS = ["key expires", "key is lost", "key breaks"]


# Each deed: at once, after a re-run that would have it otherwise, and undone


def test_merged_themes_stay_one_and_new_posts_of_either_go_there(world):
    pushes, keys = world.add(*PUSHES), world.add(*KEYS)
    gone, stays = world.theme_of(keys[0]), world.theme_of(pushes[0])
    taken = world.ann.merge(gone, stays)
    assert len(taken.decision.moved) == 3
    assert {world.theme_of(key) for key in pushes + keys} == {stays}
    [new] = world.add("key rots")
    assert world.theme_of(new) == stays
    world.rerun(push="noise", key="noise")
    assert {world.theme_of(key) for key in pushes + keys} == {stays}
    assert world.ann.lineage(gone).merged_into == stays


def test_a_merge_undone_gives_both_themes_back_and_lets_them_part_again(world):
    world.add(*PUSHES)
    keys = world.add(*KEYS)
    before = all_of(world.store)
    gone = world.theme_of(keys[0])
    taken = world.ann.merge(gone, "T1")
    assert world.ann.undo(taken.decision.id).back == 3
    assert all_of(world.store) == before
    [new] = world.add("key rots")
    assert world.theme_of(new) == gone
    assert world.ann.lineage(gone).merged_into is None


def test_a_split_theme_stays_split_however_often_all_is_clustered_anew(world):
    pushes = world.add(*PUSHES, "push fails twice", "push fails thrice")
    apart = [pushes[0], *pushes[4:]]
    taken = world.ann.split("T1", apart)
    made = taken.decision.into
    for _ in range(2):
        assert {world.theme_of(key) for key in apart} == {made}
        assert {world.theme_of(key) for key in pushes[1:4]} == {"T1"}
        world.rerun()
    assert (world.ann.lineage(made).split_from, world.ann.lineage("T1").split) == ("T1", (made,))


def test_new_posts_of_a_split_theme_go_to_the_part_they_are_nearer_to(world):
    pushes = world.add("push slow disk", "push slow disk now", "push slow disk ever", *PUSHES)
    made = world.ann.split("T1", pushes[:3]).decision.into
    slow, other = world.add("push slow disk again", "push fails hangs dies")
    assert (world.theme_of(slow), world.theme_of(other)) == (made, "T1")
    world.rerun()
    assert (world.theme_of(slow), world.theme_of(other)) == (made, "T1")


def test_a_post_that_was_split_off_from_never_comes_in_even_when_it_stood_nowhere_between(world):
    pushes = world.add(*PUSHES, "tag fails", "tag hangs", "tag dies")
    tags = pushes[4:]
    world.clusterer.same = {"tag": "push"}
    [late] = world.add("tag late")
    whole = world.theme_of(late)
    everything = [key for key, theme in world.stands().items() if theme == whole]
    rest = sorted(set(everything) - set(tags))
    made = world.ann.split(whole, tags).decision.into
    world.rerun(tag="tag", push="noise")
    world.rerun(push="tag")
    assert {world.theme_of(key) for key in tags} == {made}
    assert made not in {world.theme_of(key) for key in rest}


def test_a_split_undone_leaves_no_post_in_the_theme_it_made(world):
    pushes = world.add("push slow disk", "push slow disk now", *PUSHES)
    taken = world.ann.split("T1", pushes[:2])
    world.add("push slow disk again")
    world.ann.undo()
    assert set(world.stands().values()) == {"T1"}
    assert world.ann.lineage(taken.decision.into).merged_into == "T1"
    world.rerun()
    assert set(world.stands().values()) == {"T1"}
    assert world.ann.split("T1", pushes[:2]).decision.into == "T3", "an id is never used again"


def test_a_moved_post_stays_where_it_was_put(world):
    pushes, keys = world.add(*PUSHES), world.add(*KEYS)
    world.ann.move(pushes[0], "T2")
    for _ in range(2):
        assert world.theme_of(pushes[0]) == world.theme_of(keys[0]) == "T2"
        assert world.theme_of(pushes[1]) == "T1"
        world.rerun()


def test_a_moved_post_takes_no_others_with_it(world):
    world.add(*PUSHES)
    keys = world.add(*KEYS)
    [stray] = world.add("lock waits")
    world.ann.move(stray, "T2")
    locks = world.add("lock hangs", "lock dies", "lock fails")
    assert world.theme_of(stray) == world.theme_of(keys[0]) == "T2"
    assert {world.theme_of(key) for key in locks} == {"T3"}


def test_a_post_of_no_theme_makes_none(world):
    pushes = world.add(*PUSHES)
    world.ann.move(pushes[0], None)
    world.ann.not_us(pushes[1])
    world.rerun()
    assert world.stands() == {pushes[2]: "T1", pushes[3]: "T1"}
    assert world.ann.undo().back == 1
    assert world.theme_of(pushes[1]) == "T1"


def test_what_is_left_of_a_new_cluster_without_posts_that_are_not_about_us_is_no_theme(world):
    singles = world.add("push one")
    world.ann.not_us(singles[0])
    world.add("push two", "push three")
    assert world.stands() == {}
    world.add("push four")
    assert set(world.stands().values()) == {"T1"}
    assert singles[0] not in world.stands()


def test_a_theme_that_is_not_about_us_is_gone_for_good(world):
    world.add(*PUSHES)
    taken = world.ann.not_us("t1")
    assert len(taken.decision.moved) == 4
    world.rerun()
    assert world.stands() == {}
    world.ann.undo()
    assert set(world.stands().values()) == {"T1"}


def test_a_name_that_was_given_stays_and_is_taken_back(world):
    world.add(*PUSHES)
    before = world.labels()
    world.ann.rename("T1", "  Uploads\nbreak ")
    assert world.labels() == {"T1": "Uploads break"}
    world.add("push fails fails fails")
    assert world.labels() == {"T1": "Uploads break"}
    world.ann.undo()
    world.ann.rename("T1", "first")
    world.ann.rename("T1", "second")
    assert world.labels() == {"T1": "second"}
    world.ann.undo()
    world.ann.undo()
    assert world.labels().keys() == before.keys()
    assert "Uploads" not in world.labels()["T1"]


def test_a_name_that_was_given_stays_when_a_post_is_purged(world):
    pushes = world.add(*PUSHES)
    world.ann.rename("T1", "Uploads break")
    world.store.posts.save([], deleted=[tuple(pushes[0].split(":", 1))])
    assert world.labels() == {"T1": "Uploads break"}


def test_a_theme_that_was_named_is_never_swallowed_by_a_larger_one(world):
    pushes, keys = world.add(*PUSHES), world.add(*KEYS)
    world.ann.rename("T2", "Keys")
    world.rerun(key="push")
    assert {world.theme_of(key) for key in keys} == {"T2"}
    assert {world.theme_of(key) for key in pushes} == {"T1"}
    world.rerun(key="noise")
    assert world.labels()["T2"] == "Keys"
    world.ann.undo()
    world.rerun(key="push")
    assert {world.theme_of(key) for key in keys} == {"T1"}


def test_a_kind_that_a_person_said_stays_when_a_post_is_read_anew(world):
    [key] = world.add("push fails with an error")
    read = kind_of(world.store, key)
    world.ann.kind(key, Intent.PRAISE)
    assert kind_of(world.store, key) == "praise" != read
    [(_, found, _)] = [f for f in world.store.posts.find(Query(), NOW) if f[1].key == key]
    world.store.posts.save([replace(found, text="And it crashes all the time.")])
    world.pipeline.understand()
    assert kind_of(world.store, key) == "praise"
    world.ann.undo()
    assert kind_of(world.store, key) == read


def kind_of(store: Store, key: str) -> str:
    return next(i for _, p, i in store.posts.find(Query(), NOW) if p.key == key and i).value


# Mutes


def test_a_muted_theme_is_left_out_of_digests_which_say_so_and_marked_in_the_list(world):
    world.add(*PUSHES)
    world.add(*KEYS)
    assert world.in_digest() == {"T1", "T2"}
    world.ann.mute("T1")
    digest = world.pipeline.digest()
    assert (world.in_digest(), digest.muted) == ({"T2"}, 1)
    assert "1 muted theme left out" in digest_text(digest)
    assert "1 muted theme left out" in digest_page(digest)
    assert [v.theme.id for v in world.pipeline.themes() if v.mute] == ["T1"]
    world.ann.undo()
    assert world.in_digest() == {"T1", "T2"}


def test_a_mute_for_a_while_ends_by_itself(world):
    world.add(*PUSHES)
    world.ann.mute("T1", until=NOW + timedelta(days=2))
    assert world.in_digest() == set()
    world.now = NOW + timedelta(days=2)
    assert world.in_digest() == {"T1"}


def test_a_mute_until_it_grows_ends_for_good_when_more_speak_within_a_week(world):
    world.add(*PUSHES)
    assert world.ann.mute("T1", until_grows=True).decision.weekly == 7
    world.now = NOW + timedelta(days=3)
    world.add("push a", "push b", created_at=world.now - timedelta(hours=1))
    assert world.in_digest() == set()
    world.add("push c", created_at=world.now)
    assert world.in_digest() == {"T1"}
    world.now += timedelta(days=6)
    assert all(view.mute is None for view in world.pipeline.themes())


# What looks like what is not about us


def a_spammed(world: World) -> list[str]:
    """Two real themes, and posts that sell watches, some in a theme, some in none."""
    world.add(*(f"push {n} fails on disk" for n in range(20)))
    world.add(*(f"key {n} expires at night" for n in range(20)))
    world.clusterer.same = {"cheap": "noise"}
    offers = "cheap watches buy them here today"
    return world.add(offers, f"{offers} !", f"{offers} ?", "noise of the night")


def test_what_looks_like_a_post_that_is_not_about_us_is_told_and_left_where_it_is(world):
    spam = a_spammed(world)
    before = world.stands()
    taken = world.ann.not_us(spam[0])
    assert sorted(taken.alike) == sorted(spam[1:3])
    assert world.stands() == before


def test_with_also_the_same_is_said_of_what_looks_like_it(world):
    spam = a_spammed(world)
    taken = world.ann.not_us(spam[0], also=True)
    assert {p.key for p in taken.decision.touched} == set(spam[:3])
    assert taken.alike == ()
    world.rerun()
    assert not set(spam[:3]) & world.stands().keys()


def test_what_came_later_and_looks_like_it_is_told_when_asked_without_a_post(world):
    spam = a_spammed(world)
    world.ann.not_us(spam[0], also=True)
    with pytest.raises(GroundswellError, match="nothing looks like"):
        world.ann.not_us(None)
    [later] = world.add("cheap watches here today, really good ones")
    with pytest.raises(GroundswellError, match=re.escape(later)):
        world.ann.not_us(None)
    world.ann.not_us(None, also=True)
    assert world.pipeline.deciding("bo").log()[-1].touched[0].key == later


OFFER = "cheap watches buy them here today"


def by_itself(world: World) -> list[Decision]:
    return [one for one in world.ann.log() if one.by == SELF]


def test_what_is_new_and_says_the_same_as_a_marked_post_is_left_out_at_once(world):
    spam = a_spammed(world)
    world.ann.not_us(spam[0])

    again = world.add(f"{OFFER} .", f"{OFFER} ...", f"{OFFER} ?!")

    assert not set(again) & world.stands().keys()
    [taken] = by_itself(world)
    assert (taken.deed, [post.key for post in taken.touched]) == (Deed.NOT_US, sorted(again))
    assert {post.right for post in taken.touched} == {None}, "nobody judged the bot"
    world.rerun(cheap="push")
    assert not set(again) & world.stands().keys()


def test_what_is_only_like_a_marked_post_or_was_there_before_is_left_where_it_is(world):
    spam = a_spammed(world)
    before = world.stands()
    world.ann.not_us(spam[0])

    world.add("push 21 fails on disk", "a watch that I bought there stopped", "key 8 expires today")

    assert by_itself(world) == []
    assert before.items() <= world.stands().items()


def test_what_was_left_out_and_is_taken_back_stays_back(world):
    spam = a_spammed(world)
    world.ann.not_us(spam[0])
    again = world.add(f"{OFFER} .", f"{OFFER} ...", f"{OFFER} ?!")
    world.clusterer.same = {}

    world.ann.undo(by_itself(world)[0].id)
    world.add(f"{OFFER} !!!")
    world.rerun()

    assert set(again) <= world.stands().keys()
    [_, later] = by_itself(world)
    assert not {post.key for post in later.touched} & set(again)


def test_a_mark_that_was_taken_back_leaves_nothing_out_and_what_the_bot_left_out_is_no_mark(world):
    spam = a_spammed(world)
    world.ann.not_us(spam[0])
    world.add(f"{OFFER} .")
    [first] = by_itself(world)
    world.ann.undo(first.id - 1)

    world.add(f"{OFFER} ...")

    assert by_itself(world) == [first]


def test_without_a_number_what_is_taken_back_is_what_a_person_decided(world):
    spam = a_spammed(world)
    marked = world.ann.not_us(spam[0]).decision
    world.add(f"{OFFER} .")

    assert world.ann.undo().decision.id == marked.id
    with pytest.raises(GroundswellError, match="no decision to undo"):
        world.ann.undo()


def test_a_digest_says_how_many_posts_were_left_out_by_themselves(world):
    spam = a_spammed(world)
    world.ann.not_us(spam[0])
    world.add(f"{OFFER} .")
    world.add(f"{OFFER} ...", visibility=Visibility.PRIVATE)

    digest = world.pipeline.digest()

    assert digest.unwanted == 2
    assert "2 new posts left out: they say again what was marked" in digest_text(digest)
    assert "2 new posts left out" in digest_page(digest)
    assert world.pipeline.digest("source:github").unwanted == 0, "they are of all sources"
    assert replace(world.pipeline, audience=Audience()).digest().unwanted == 1


# Previews, refusals, the log


@pytest.mark.parametrize("deed", Deed)
def test_a_preview_changes_nothing(world, deed):
    keys = [*world.add(*PUSHES), *world.add(*KEYS)]
    before = all_of(world.store)
    dry = world.pipeline.deciding("ann", dry=True)
    shown = {
        Deed.MERGE: lambda: dry.merge("T2", "T1"),
        Deed.SPLIT: lambda: dry.split("T1", keys[:2]),
        Deed.MOVE: lambda: dry.move(keys[0], "T2"),
        Deed.NOT_US: lambda: dry.not_us("T1"),
        Deed.CONFIRM: lambda: dry.confirm("T1"),
        Deed.RENAME: lambda: dry.rename("T1", "x"),
        Deed.MUTE: lambda: dry.mute("T1", until_grows=True),
        Deed.KIND: lambda: dry.kind(keys[0], Intent.PRAISE),
        Deed.ACKNOWLEDGE: lambda: dry.acknowledge("T1"),
        Deed.ASSIGN: lambda: dry.assign("T1", "bob"),
        Deed.LINK: lambda: dry.link("T1", keys[0]),
    }[deed]()
    assert not shown.done
    assert shown.decision.deed is deed
    assert all_of(world.store) == before
    assert world.ann.log() == []


def test_a_preview_says_what_the_decision_then_does(world):
    keys = [*world.add(*PUSHES), *world.add(*KEYS)]
    for decide in (
        lambda by: by.move(keys[0], "T2"),
        lambda by: by.split("T1", keys[1:2]),
        lambda by: by.merge("T3", "T2"),
    ):
        shown = decide(world.pipeline.deciding("ann", dry=True)).decision
        taken = decide(world.ann).decision
        assert shown == replace(taken, id=0)
        for moved in taken.moved:
            assert world.theme_of(moved.key) == moved.theme


def test_what_comes_later_goes_along_and_is_not_counted_before(world):
    world.add(*PUSHES)
    world.add(*KEYS, created_at=ago(1))
    world.now = ago(-3)
    late = world.add("key rots", "key rusts", created_at=ago(-2))
    world.now = NOW
    assert world.store.themes.sizes()["T2"] == 5
    dry, past = world.pipeline.deciding("ann", dry=True), world.ann
    for deciding in (dry, past):
        told = deciding.merge("T2", "T1")
        assert len(told.decision.moved) == 3
        assert "moves 3 posts" in sentence(told.decision, told.labels)
    assert not {one.key for one in told.decision.touched} & set(late)
    assert world.store.themes.sizes() == {"T1": 9}
    assert len(world.ann.log()[-1].moved) == 5
    undone = world.ann.undo()
    assert (undone.back, len(undone.decision.moved)) == (3, 3)
    assert world.store.themes.sizes() == {"T1": 4, "T2": 5}


def test_what_others_build_on_is_not_undone_before_them(world):
    keys = [*world.add(*PUSHES), *world.add(*KEYS)]
    world.ann.merge("T2", "T1")
    world.ann.move(keys[-1], None)
    world.ann.rename("T1", "all")
    with pytest.raises(GroundswellError, match="decision 2 builds on decision 1: undo 2 first"):
        world.ann.undo(1)
    world.ann.undo(2)
    world.ann.undo(1)
    assert set(world.labels()) == {"T1", "T2"}
    assert world.labels()["T1"] == "all"
    with pytest.raises(GroundswellError, match="undone by ann already"):
        world.ann.undo(1)


def test_what_needs_a_theme_that_went_into_another_waits_for_it(world):
    keys = [*world.add(*PUSHES), *world.add(*KEYS)]
    world.ann.move(keys[-1], "T1")
    world.ann.merge("T2", "T1")
    with pytest.raises(GroundswellError, match="undo 2 first"):
        world.ann.undo(1)


@pytest.mark.parametrize(
    ("decide", "why"),
    [
        (lambda by, _: by.merge("T1", "T1"), "into itself"),
        (lambda by, _: by.merge("T1", "T99"), "no theme T99"),
        (lambda by, _: by.confirm("T2"), "T2 went into T1"),
        (lambda by, _: by.rename("T1", " "), "1 to 120"),
        (lambda by, keys: by.split("T1", keys), "nothing would be left"),
        (lambda by, _: by.split("T1", ["github:x"]), "github:x: no post"),
        (lambda by, keys: by.move(f"{keys[0]}/reply", None), "answer another"),
        (lambda by, _: by.undo(9), "no decision 9"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(world, decide, why):
    keys = [*world.add(*PUSHES), *world.add(*KEYS)]
    world.ann.merge("T2", "T1")
    with pytest.raises(GroundswellError, match=why):
        decide(world.ann, keys)
    assert len(world.ann.log()) == 1


def test_a_post_is_named_by_its_address_as_well(world):
    [key, *_] = world.add(*PUSHES)
    url = f"https://example.org/{key.rpartition('#')[2]}"
    assert world.ann.move(url, None).decision.touched[0].key == key


def test_a_decision_taken_while_a_run_is_going_on_is_obeyed_by_it(world, monkeypatch):
    world.add(*PUSHES)
    keys = world.add(*KEYS)
    clusters = ByWord.clusters

    def slowly(
        self: ByWord, vectors: object, texts: Sequence[str], stood: object = None
    ) -> NDArray[np.int64]:
        found = clusters(self, vectors, texts, stood)
        save = Themes.save

        def late(themes: Themes, *arguments: Any) -> bool:
            monkeypatch.undo()
            world.ann.merge("T2", "T1")
            return save(themes, *arguments)

        monkeypatch.setattr(Themes, "save", late)
        return found

    monkeypatch.setattr(ByWord, "clusters", slowly)
    [new] = world.add("key rots")
    assert {world.theme_of(key) for key in [*keys, new]} == {"T1"}


def test_a_decision_on_themes_that_changed_meanwhile_is_made_anew(world, monkeypatch):
    world.add(*PUSHES)
    world.add(*KEYS)
    record = Decisions.record

    def after_a_run(decisions: Decisions, *arguments: Any) -> Decision | None:
        monkeypatch.undo()
        world.add("key rots")
        return record(decisions, *arguments)

    monkeypatch.setattr(Decisions, "record", after_a_run)
    assert len(world.ann.merge("T2", "T1").decision.moved) == 4
    assert set(world.stands().values()) == {"T1"}


def test_without_a_decision_a_run_changes_nothing(world):
    world.add(*PUSHES)
    world.add(*KEYS)
    before = all_of(world.store)
    world.ann.move(next(iter(world.stands())), None)
    world.ann.undo()
    assert all_of(world.store) == before


# Precision


def test_the_bots_precision_counts_what_it_placed_itself_and_each_post_once(world):
    pushes = world.add(*PUSHES)
    keys = world.add(*KEYS)
    world.ann.move(pushes[0], "T2")
    world.ann.move(pushes[0], "T1")
    world.ann.not_us(keys[0])
    world.ann.confirm("T1")
    [month] = world.ann.precision()
    assert (month.month, month.right, month.judged) == ("2026-03", 3, 5)
    world.ann.move(pushes[1], None)
    assert world.ann.precision()[0].right == 2
    world.ann.undo()
    assert world.ann.precision("2026-03") == [month]
    assert world.ann.precision("2026-02") == []


def judged_in_february(world: World, posts: int, wrong: int = 0, **fields: object) -> None:
    """So many posts in a theme, all of them judged ten days ago, some of them as placed wrongly."""
    keys = world.add(*(f"push {number} fails" for number in range(posts)), **fields)
    world.now = ago(10)
    world.ann.confirm("T1")
    for key in keys[:wrong]:
        world.ann.not_us(key)
    world.now = NOW


def a_week_to(day: int, hour: int = 9) -> Period:
    until = datetime(2026, 3, day, hour, tzinfo=UTC)
    return Period(until - timedelta(days=7), until)


def test_the_first_digest_of_a_month_says_how_often_the_bot_was_right_in_the_one_before(world):
    judged_in_february(world, 32, wrong=4)
    world.ann.confirm("T1")
    world.ann.undo()  # what was taken back judges nothing

    digest = world.pipeline.digest()

    said = "February: of 32 posts that people judged the bot had placed 28 rightly (88 %)."
    drawn = StringIO()
    Console(width=200, file=drawn).print(digest_drawing(digest))
    [*_, foot] = digest_messages(digest)
    assert said in digest_text(digest)
    assert said in digest_page(digest)
    assert said in drawn.getvalue()
    assert said in json.dumps(foot.blocks)
    [quiet] = nothing_new(digest)
    assert said in json.dumps(quiet.blocks)
    told = digest_data(digest)
    assert said in told["text"]
    low, high = wilson(28, 32)
    assert told["precision"] == {
        "month": "2026-02",
        "right": 28,
        "judged": 32,
        "enough": True,
        "precision": 0.875,
        "interval": [round(low, 4), round(high, 4)],
    }


def test_of_digests_that_follow_each_other_one_says_how_often_the_bot_was_right(world):
    judged_in_february(world, 32)
    telling = world.pipeline.telling()
    weeks = [telling.digest(Query(audience=OPERATOR), a_week_to(day)) for day in (2, 9, 16)]
    assert [week.precision is not None for week in weeks] == [True, False, False]
    assert digest_data(weeks[1])["precision"] is None
    assert "people judged" not in digest_text(weeks[1])


@pytest.mark.parametrize(
    ("until", "zone", "month"),
    [
        ("2026-03-01T00:00", "UTC", "2026-02"),
        ("2026-02-28T23:59", "UTC", None),
        ("2026-02-28T23:59", "Europe/Berlin", "2026-02"),
        ("2026-03-01T04:59", "America/New_York", None),
        ("2026-03-01T05:00", "America/New_York", "2026-02"),
        ("2026-01-04T09:00", "UTC", "2025-12"),
    ],
)
def test_a_month_begins_where_the_digest_is_read(until, zone, month):
    end = datetime.fromisoformat(until).replace(tzinfo=UTC)
    assert month_over(Period(end - timedelta(days=7), end), ZoneInfo(zone)) == month
    assert month_over(Period(end, end + timedelta(days=7)), ZoneInfo(zone)) == (
        None if month else "2026-02"
    )


def test_a_digest_of_several_months_speaks_of_the_last_that_is_over():
    assert month_over(Period(ago(200), NOW), UTC) == "2026-02"


def test_a_judgement_belongs_to_the_month_of_the_digests_own_zone(world):
    world.add(*PUSHES)
    world.now = datetime(2026, 2, 1, 4, tzinfo=UTC)
    world.ann.confirm("T1")
    world.now = NOW
    there = replace(world.pipeline, zone="America/New_York")
    assert world.pipeline.digest().precision == Precision("2026-02", 4, 4)
    assert there.digest().precision is None, "it was still January there"


@pytest.mark.parametrize(
    ("posts", "said"),
    [
        (3, "February: 3 posts were judged, too few to say how often the bot is right."),
        (LEAST - 1, f"February: {LEAST - 1} posts were judged, too few to say"),
    ],
)
def test_of_too_few_judged_posts_a_digest_says_that_they_are_too_few(world, posts, said):
    judged_in_february(world, posts)
    digest = world.pipeline.digest()
    assert said in digest_text(digest)
    assert digest_data(digest)["precision"]["precision"] is None


def test_one_judged_post_is_told_as_one():
    assert precision_text(Precision("2026-10", 1, 1)).startswith("October: 1 post was judged,")


def test_a_digest_says_nothing_of_the_bot_where_nobody_judged_it_in_the_month_before(world):
    world.add(*PUSHES)
    world.ann.confirm("T1")  # in March
    digest = world.pipeline.digest()
    assert digest.precision is None
    assert digest_data(digest)["precision"] is None
    assert "judged" not in digest_text(digest)
    assert "judged" not in digest_page(digest)


def test_what_was_decided_after_the_time_of_a_digest_is_not_counted_in_it(world):
    judged_in_february(world, 5, wrong=2)
    world.now = NOW + timedelta(days=3)
    world.ann.confirm("T1")
    assert world.pipeline.digest().precision == Precision("2026-02", 0, 2)
    world.now = NOW
    assert world.pipeline.digest().precision == Precision("2026-02", 3, 5)


def test_a_digest_that_narrows_says_nothing_of_the_bot(world):
    judged_in_february(world, 5)
    assert world.pipeline.digest("source:github").precision is None
    assert world.pipeline.digest("push").precision is None
    assert world.pipeline.digest("since:7d").precision == Precision("2026-02", 5, 5)


def test_the_bots_precision_counts_only_posts_that_whoever_is_told_may_read(world):
    world.add("push 50 fails", "push 51 fails", visibility=Visibility.PRIVATE)
    judged_in_february(world, 5)
    everybody = replace(world.pipeline, audience=Audience())
    assert world.pipeline.digest().precision == Precision("2026-02", 7, 7)
    assert everybody.digest().precision == Precision("2026-02", 5, 5)


def test_of_private_posts_alone_nothing_is_told_to_everybody(world):
    judged_in_february(world, 5, visibility=Visibility.PRIVATE)
    assert world.pipeline.digest().precision == Precision("2026-02", 5, 5)
    assert replace(world.pipeline, audience=Audience()).digest().precision is None


# Any sequence at all

COUNT = st.integers(0, 999)


@dataclass
class Shuffling:
    """Another clustering for every seed: any re-clustering that could ever be."""

    seed: int = 0

    name = "shuffling"

    def clusters(
        self, vectors: object, texts: Sequence[str], stood: object = None
    ) -> NDArray[np.int64]:
        drawn = [hashlib.blake2b(f"{self.seed} {t}".encode()).digest()[0] % 5 - 1 for t in texts]
        known = sorted({*drawn} - {-1})
        return np.array([known.index(d) if d >= 0 else -1 for d in drawn], dtype=np.int64)


class AnySequence(RuleBasedStateMachine):
    """Decisions, undos, new posts, purges and re-clusterings, in any order."""

    empty: Path

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "any.db"
        shutil.copy(self.empty, path)
        self.store = open_store(f"sqlite:///{path}")
        self.clusterer = Shuffling()
        self.pipeline = Pipeline(self.store, WordHashing(), self.clusterer, {}, lambda: NOW)
        self.written = 0
        self.used: set[str] = set()
        self.named: dict[str, str] = {}
        self.before: dict[int, tuple[int, list[int], dict[str, object]]] = {}
        self.runs = 0
        self.rerun(seed=1, more=12)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @property
    def bo(self) -> Deciding:
        return self.pipeline.deciding("bo")

    def themes(self) -> list[str]:
        return sorted(set(stands(self.store).values()))

    def posts(self) -> list[str]:
        return [p.key for _, p, _ in self.store.posts.find(Query(), NOW)]

    def standing_up_to(self, last: Decision) -> list[int]:
        return [one.id for one in self.bo.log() if one.stands and one.id < last.id]

    def taken(self, before: dict[str, object], decision: Decision) -> None:
        self.before[decision.id] = (self.runs, self.standing_up_to(decision), before)
        now = stands(self.store)
        for moved in decision.moved:
            assert now.get(moved.key) == moved.theme
        if decision.deed is Deed.SPLIT:
            assert decision.into not in self.used
        self.used |= set(now.values())

    @rule(seed=COUNT, more=st.integers(1, 3))
    def rerun(self, seed: int, more: int) -> None:
        self.clusterer.seed = seed
        known = set(stands(self.store).values())
        numbers = range(self.written, self.written + more)
        self.store.posts.save(
            a_post(external_id=f"acme/tool#{n}", title=f"word{n}", url=None, created_at=ago(1))
            for n in numbers
        )
        self.written += more
        self.pipeline.understand()
        assert not (set(stands(self.store).values()) - known) & self.used
        self.used |= set(stands(self.store).values())
        self.runs += 1

    @rule(a=COUNT, b=COUNT)
    def merge(self, a: int, b: int) -> None:
        themes = self.themes()
        if len(themes) > 1:
            gone = themes.pop(a % len(themes))
            before = all_of(self.store)
            self.taken(before, self.bo.merge(gone, themes[b % len(themes)]).decision)

    @rule(a=COUNT, share=st.integers(1, 3))
    def split(self, a: int, share: int) -> None:
        themes, where = self.themes(), stands(self.store)
        chosen = themes[a % len(themes)] if themes else ""
        members = sorted(key for key, one in where.items() if one == chosen)
        if len(members) > share:
            before = all_of(self.store)
            self.taken(before, self.bo.split(chosen, members[:share]).decision)

    @rule(a=COUNT, b=COUNT)
    def move(self, a: int, b: int) -> None:
        posts, themes = self.posts(), [None, *self.themes()]
        before = all_of(self.store)
        taken = self.bo.move(posts[a % len(posts)], themes[b % len(themes)])
        self.taken(before, taken.decision)

    @rule(a=COUNT, whole=st.booleans())
    def not_us(self, a: int, whole: bool) -> None:
        things = self.themes() if whole else self.posts()
        if things:
            before = all_of(self.store)
            self.taken(before, self.bo.not_us(things[a % len(things)]).decision)

    @rule(a=COUNT, b=COUNT)
    def about_a_theme(self, a: int, b: int) -> None:
        themes = self.themes()
        if themes:
            before, chosen = all_of(self.store), themes[a % len(themes)]
            decide = (
                lambda: self.bo.confirm(chosen),
                lambda: self.bo.mute(chosen),
                lambda: self.bo.rename(chosen, f"name {b}"),
                lambda: self.bo.acknowledge(chosen),
                lambda: self.bo.assign(chosen, "bo"),
                lambda: self.bo.link(chosen, self.posts()[b % len(self.posts())]),
            )[b % 6]
            self.taken(before, decide().decision)

    @rule(a=COUNT, kind=st.sampled_from(Intent))
    def kind(self, a: int, kind: Intent) -> None:
        posts, before = self.posts(), all_of(self.store)
        self.taken(before, self.bo.kind(posts[a % len(posts)], kind).decision)

    @rule(a=COUNT)
    def undo(self, a: int) -> None:
        standing = [one for one in self.bo.log() if one.stands]
        if not standing:
            return
        chosen = standing[a % len(standing)]
        try:
            self.bo.undo(chosen.id)
        except GroundswellError as refused:
            later = int(re.findall(r"undo (\d+) first", str(refused))[0])
            assert chosen.id < later <= standing[-1].id
            return
        self.check_undone(chosen, standing[-1])
        self.used |= set(stands(self.store).values())

    def check_undone(self, gone: Decision, last: Decision) -> None:
        """Exactly what was before; where other things happened since, its own posts are back."""
        runs, standing, before = self.before[gone.id]
        as_then = (runs, standing) == (self.runs, self.standing_up_to(gone))
        if as_then and gone.id == last.id:
            after = all_of(self.store)
            known = {row.number for row in before["themes"]}  # type: ignore[attr-defined] # rows
            after["themes"] = [row for row in after["themes"] if row.number in known]  # type: ignore[attr-defined] # rows
            assert after == before
        elif as_then:
            now = stands(self.store)
            assert {m.key: now.get(m.key) for m in gone.moved} == {
                m.key: m.stood for m in gone.moved
            }

    @rule(a=COUNT)
    def purge(self, a: int) -> None:
        posts = self.posts()
        if len(posts) > 6:
            source, _, external_id = posts[a % len(posts)].partition(":")
            self.store.posts.save([], deleted=[(source, external_id)])
            self.runs += 1  # what was before cannot be again

    @invariant()
    def no_post_stands_in_two_themes(self) -> None:
        keys = [m.key for t in self.store.themes.load(Query(), NOW) for m in t.members]
        assert len(keys) == len(set(keys))

    @invariant()
    def every_decision_that_stands_is_obeyed(self) -> None:
        now = stands(self.store)
        standing = [one for one in self.bo.log() if one.stands]
        went = {one.theme: one.into for one in standing if one.deed is Deed.MERGE}

        def followed(name: str | None) -> str | None:
            return followed(went[name]) if name in went else name

        last = {
            touched.key: (one, touched)
            for one in standing
            for touched in one.touched
            if touched.part in {Part.IN, Part.OUT}
        }
        for key, (_, touched) in last.items():
            assert now.get(key) == followed(touched.theme), key
        for one in standing:
            for rest in (t for t in one.touched if t.part is Part.APART):
                decided = last.get(rest.key)
                if decided is None or decided[0].id < one.id:
                    assert now.get(rest.key) != followed(rest.theme)

    @invariant()
    def names_kinds_and_mutes_stay(self) -> None:
        standing = [one for one in self.bo.log() if one.stands]
        views = {view.theme.id: view for view in self.pipeline.themes()}
        names = {one.theme: one.label for one in standing if one.deed is Deed.RENAME}
        shown = {name: view.theme.label for name, view in views.items() if name in names}
        assert shown == {name: label for name, label in names.items() if name in views}
        muted = {one.theme for one in standing if one.deed is Deed.MUTE}
        assert {one for one, view in views.items() if view.mute} == muted & views.keys()
        kinds = {t.key: one.kind for one in standing if one.deed is Deed.KIND for t in one.touched}
        read = {p.key: intent for _, p, intent in self.store.posts.find(Query(), NOW)}
        assert {key: read[key] for key in kinds} == kinds

    @invariant()
    def the_log_holds_no_post_that_is_gone(self) -> None:
        spoken_of = {touched.key for one in self.bo.log() for touched in one.touched}
        assert spoken_of <= set(self.posts())


def test_any_sequence_of_decisions_undos_and_reruns_is_obeyed(tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty") / "empty.db"
    open_store(f"sqlite:///{empty}").close()
    AnySequence.empty = empty
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=12,
            stateful_step_count=16,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
