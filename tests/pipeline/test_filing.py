"""The areas of themes, from posts to what is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.model import Post, Query, Visibility
from bot.pipeline import Pipeline, filing
from bot.speak.data import theme_data
from bot.store import Store
from bot.understand.areas import Area
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing
from tests.pipeline.test_theming import ByWord


class World:
    """Posts with one first word make a theme; the clock stands until it is moved."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, NOW
        self.pipeline = Pipeline(store, WordHashing(), ByWord(), {}, lambda: self.now)

    def says(self, *titles: str, times: int = 1, **fields: Any) -> list[Post]:
        posts = [
            a_post(title=title, **{"created_at": self.now - timedelta(minutes=1), **fields})
            for title in titles
            for _ in range(times)
        ]
        self.store.posts.save(posts)
        self.pipeline.understand()
        return posts

    def areas(self) -> dict[str, str | None]:
        """Areas by the first word of a theme's posts."""
        views = self.pipeline.themes()
        return {v.theme.members[0].title.split()[0]: v.theme.area for v in views}


@pytest.fixture
def world(store: Store) -> World:
    made = World(store)
    made.says(
        "empty charts since Monday",
        "slow charts since Monday",
        "lamp shade falls",
        "river bank floods",
        times=5,
    )
    return made


CHARTS = {"empty": "Charts", "slow": "Charts", "lamp": None, "river": None}


def test_themes_that_share_what_they_are_about_have_an_area_and_others_have_none(world: World):
    assert world.areas() == CHARTS
    assert {theme_data(view)["area"] for view in world.pipeline.themes()} == {"Charts", None}


def test_an_area_narrows_posts_to_its_themes(world: World):
    found = world.store.posts.find(Query(areas=("charts",)), world.now)

    assert {post.title.split()[0] for _, post, _ in found} == {"empty", "slow"}


def test_an_area_stays_from_run_to_run_while_a_fair_share_says_it(world: World):
    for day in range(1, 7):
        world.now = NOW + timedelta(days=day / 2)
        world.says("empty page", "slow page", "lamp light")
        assert world.areas() == CHARTS


def test_a_new_theme_joins_an_area_at_once_and_a_new_area_comes_within_a_day(world: World):
    world.now = NOW + timedelta(hours=1)
    world.says("wrong charts since Monday", "late invoices", "lost invoices", times=5)

    assert world.areas() == CHARTS | {"wrong": "Charts", "late": None, "lost": None}

    world.now = NOW + timedelta(days=2)
    world.says("lamp light")

    assert world.areas() == CHARTS | {"wrong": "Charts", "late": "Invoices", "lost": "Invoices"}


def test_between_two_groupings_only_the_themes_that_changed_are_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []

    def joined(subjects: Any, *_: object) -> dict[str, Area]:
        asked.extend(subject.theme for subject in subjects)
        return {}

    monkeypatch.setattr(filing, "joined", joined)
    world.now = NOW + timedelta(hours=1)

    [post] = world.says("lamp light")

    ids = {m.key: t.id for t in world.store.themes.load(Query(), world.now) for m in t.members}
    assert asked == [ids[post.key]]


def test_what_only_private_posts_say_names_no_area(store: Store):
    world = World(store)
    hidden = {"visibility": Visibility.PRIVATE, "venue": "secret"}
    world.says("empty zebrafish", "slow zebrafish", times=9, **hidden)
    world.now += timedelta(days=2)
    world.says("empty menu of it", "slow menu of it", "lamp shade", "river bank", times=5)

    assert world.areas() == {"empty": "Menu", "slow": "Menu", "lamp": None, "river": None}


def test_what_looks_like_a_vulnerability_names_no_area(store: Store):
    world = World(store)
    weakness = "zebrafish lets attackers run arbitrary code"
    world.says(f"empty {weakness}", f"slow {weakness}", times=9)
    world.now += timedelta(days=2)
    world.says("empty menu of it", "slow menu of it", "lamp shade", "river bank", times=5)

    assert {area for area in world.areas().values() if area} == {"Menu"}


def test_an_area_that_posts_after_now_brought_is_not_known_yet(store: Store):
    world = World(store)
    world.says("empty page", "slow thing", "lamp shade", "river bank", times=3, created_at=ago(9))
    world.now += timedelta(days=2)
    world.says("empty charts since Monday", "slow charts since Monday", times=9)
    assert world.areas() == CHARTS

    world.now = ago(8)

    assert world.areas() == dict.fromkeys(CHARTS)


def test_a_theme_that_lost_a_post_for_good_gets_its_area_anew(world: World):
    [view] = [v for v in world.pipeline.themes() if v.theme.label.startswith("empty")]
    gone = view.theme.members[0].key

    world.store.posts.save([], deleted=[("github", gone.removeprefix("github:"))])
    assert world.areas()["empty"] is None
    world.says("lamp light")

    assert world.areas() == CHARTS
