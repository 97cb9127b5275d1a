from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.model import Query, Role
from bot.pipeline import Pipeline, theming
from bot.pipeline.theming import Moves
from bot.store import Name, Store
from bot.understand.standing import NEW, NOISE
from tests.builders import NOW, a_post
from tests.fakes import WordHashing


class ByWord:
    """Posts with one first word belong together, from `fewest` on; it keeps what it was shown."""

    def __init__(self) -> None:
        self.name = "by-word"
        self.fewest = 3
        self.shown: list[list[str]] = []
        self.stood: list[list[int]] = []

    def clusters(
        self,
        vectors: NDArray[np.float32],
        texts: Sequence[str],
        stood: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        assert len(vectors) == len(texts)
        assert stood is not None
        self.shown.append(list(texts))
        self.stood.append(stood.tolist())
        words = [text.split()[0] for text in texts]
        names = sorted(word for word, many in Counter(words).items() if many >= self.fewest)
        return np.array([names.index(w) if w in names else -1 for w in words], dtype=np.int64)


class World:
    """A store whose posts come an hour apart, and whose clock is that of the last one."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.clusterer = store, NOW, ByWord()
        self.pipeline = Pipeline(store, WordHashing(), self.clusterer, {}, lambda: self.now)

    def says(self, *titles: str, every: timedelta = timedelta(hours=1)) -> list[str]:
        posts = []
        for title in titles:
            self.now += every
            posts.append(a_post(title=title, created_at=self.now))
        self.store.posts.save(posts)
        self.pipeline.understand()
        return [post.key for post in posts]

    def themes(self) -> dict[str, int]:
        """How many posts each theme has, by the first word of its posts."""
        return {
            t.members[0].title.split()[0]: len(t.members)
            for t in self.store.themes.load(Query(), self.now)
        }

    def ids(self) -> dict[str, str]:
        found = self.store.themes.load(Query(), self.now)
        return {m.key: t.id for t in found for m in t.members}


@pytest.fixture
def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(theming, "NEWEST", 10)
    monkeypatch.setattr(theming, "REACH", 40)
    return World(store)


def some(word: str, count: int) -> list[str]:
    return [f"{word} number {n}" for n in range(count)]


def test_what_is_new_joins_a_theme_whose_posts_lie_far_back(world: World):
    first = world.says(*some("push", 6))
    world.says(*some("stray", 1), *(f"lone{n}" for n in range(20)), every=timedelta(minutes=1))
    shown = len(world.clusterer.shown)

    [joined] = world.says("push again")

    assert len(world.clusterer.shown) == shown + 1
    assert len(world.clusterer.shown[-1]) <= 10 + theming.EACH
    ids = world.ids()
    assert ids[joined] == ids[first[0]]
    assert world.themes() == {"push": 7}


def test_who_speaks_for_a_theme_is_not_moved(world: World):
    world.says(*some("push", 6))
    world.says(*(f"lone{n}" for n in range(12)), every=timedelta(minutes=1))
    before = world.ids()
    world.clusterer.fewest = 99

    world.says("anything")

    assert world.ids() == before


def test_an_old_theme_is_spoken_for_by_what_is_near_it_though_many_are_younger(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(theming, "SPEAKERS", 2)
    first = world.says(*some("push", 4), every=timedelta(minutes=1))
    for word in ("pull", "sync", "scan", "mount"):
        world.says(*some(word, 4), every=timedelta(minutes=1))

    [joined] = world.says("push number again")

    assert len(world.clusterer.shown[-1]) <= 10 + 2 * theming.EACH
    assert world.ids()[joined] == world.ids()[first[0]] == "T1"
    assert world.themes() == {"push": 5, "pull": 4, "sync": 4, "scan": 4, "mount": 4}


def test_a_theme_that_is_seen_in_part_keeps_its_posts(world: World):
    world.says(*some("push", 6))
    world.says(*(f"lone{n}" for n in range(5)), every=timedelta(minutes=1))
    before = world.ids()
    assert len(before) == 6
    world.clusterer.fewest = 99

    world.says("anything")
    assert world.ids() == before

    world.says("a day later", every=timedelta(days=1))
    assert world.ids() == {}


def test_a_large_theme_is_named_anew_when_it_has_grown_by_half(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    named: list[set[str]] = []
    real = theming.names

    def noting(*given: Any) -> list[Name]:
        found = real(*given)
        named.append({name.theme for name in found})
        return found

    monkeypatch.setattr(theming, "names", noting)
    for _ in range(16):
        world.says("push again", every=timedelta(minutes=1))

    assert world.themes() == {"push": 16}
    assert [size for size, themes in enumerate(named, 1) if themes] == [3, 4, 6, 8, 12]


def test_who_takes_back_a_title_takes_it_from_the_name_of_its_theme(world: World):
    leaky = a_post(title="push leaks hunter2", created_at=world.now)
    world.store.posts.save([leaky])
    world.says(*some("push", 12), every=timedelta(minutes=1))
    world.store.themes.save([], [Name("T1", "push leaks hunter2", ("hunter2",))], {}, world.now)

    world.store.posts.save([replace(leaky, title="push fails", updated_at=world.now)])
    world.pipeline.understand()

    assert "hunter2" not in str(world.store.themes.names()["T1"])
    assert world.store.themes.names()["T1"].label


def test_what_a_run_shows_does_not_grow_with_what_is_stored(world: World):
    for word in ("push", "pull", "sync"):
        world.says(*some(word, 5), every=timedelta(minutes=1))
    world.says(*(f"lone{n}" for n in range(200)), every=timedelta(seconds=1))

    world.says("one more")

    assert len(world.clusterer.shown[-1]) <= 10 + 3 * theming.EACH


def test_once_a_day_it_reaches_further_back(world: World):
    world.says(*(f"early{n}" for n in range(4)), every=timedelta(minutes=1))
    world.says("slow one", *(f"lone{n}" for n in range(11)), every=timedelta(minutes=1))
    world.says("slow two", *(f"more{n}" for n in range(5)), every=timedelta(minutes=1))
    world.says(*(f"even{n}" for n in range(5)), every=timedelta(minutes=1))
    near = len(world.clusterer.shown[-1])

    world.says("slow three")
    assert "slow" not in world.themes()
    world.says("next", every=timedelta(days=1))

    assert near == 10
    assert len(world.clusterer.shown[-1]) == 29
    assert world.themes() == {"slow": 3}


def test_much_that_is_new_is_grouped_in_lots_that_bound_memory(world: World):
    world.says(*some("push", 30), *some("pull", 30), *some("push", 30))

    assert [len(shown) for shown in world.clusterer.shown] == [40, 40 + 3 + 3, 40 + 3]
    assert world.themes() == {"push": 60, "pull": 30}
    assert set(world.ids().values()) == {"T1", "T2"}
    assert world.store.readings.waiting(world.now) == 0


def test_another_way_of_grouping_groups_all_within_reach(world: World):
    world.says(*some("push", 3), *(f"lone{n}" for n in range(20)), every=timedelta(minutes=1))
    world.says("near")
    assert len(world.clusterer.shown[-1]) < 20

    world.clusterer.name = "by-word/2"
    world.says("far")

    assert len(world.clusterer.shown[-1]) == 25
    assert world.store.themes.last_grouping() is not None


def test_the_clusterer_is_told_where_posts_stood(world: World):
    world.says(*some("push", 3), "lone")
    world.says("push once more")

    shown, stood = world.clusterer.shown[-1], world.clusterer.stood[-1]
    told = dict(zip(shown, stood, strict=True))

    assert told == {
        "push number 0": 1,
        "push number 1": 1,
        "push number 2": 1,
        "lone": NOISE,
        "push once more": NEW,
    }


def test_a_theme_that_gains_a_post_far_from_the_others_is_named_by_all_of_them(world: World):
    world.says(*(f"push breaks on windows {n}" for n in range(6)))
    world.says(*(f"lone{n}" for n in range(12)), every=timedelta(minutes=1))
    world.says("push")

    [theme] = world.store.themes.load(Query(), world.now)

    assert "breaks" in " ".join(theme.keywords)
    assert "windows" in theme.label


def test_replies_bots_and_what_comes_later_have_no_part(world: World):
    world.store.posts.save(
        [
            *(a_post(title="push it", parent_id="x", created_at=NOW) for _ in range(4)),
            *(a_post(title="push it", role=Role.BOT, created_at=NOW) for _ in range(4)),
            *(a_post(title="push it", created_at=NOW + timedelta(days=1)) for _ in range(4)),
        ]
    )
    assert world.pipeline.understand().themes == 0
    assert world.clusterer.shown == []

    world.now = NOW + timedelta(days=2)
    assert world.pipeline.understand().themes == 1


def test_moves_of_lots_add_up():
    one = Moves(frozenset({"T1"}), frozenset({"T9"}))
    other = Moves(frozenset({"T2"}), frozenset({"T1", "T8"}))

    assert one | other == Moves(frozenset({"T1", "T2"}), frozenset({"T8", "T9"}))


def test_day_by_day_ids_stay(world: World):
    seen: list[dict[str, str]] = []
    for day in range(8):
        world.says(*some("push", 2), *some("pull", 2), f"lone{day}", every=timedelta(hours=4))
        seen.append(world.ids())

    for before, after in pairwise(seen):
        assert before.items() <= after.items()
    assert len(seen[-1]) == 32
