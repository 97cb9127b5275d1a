"""Who has seen a theme, whose it is and which issue tracks it: until it grows, or until undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from bot.errors import GroundswellError
from bot.model import Audience, Deed, Intent, Part, ThemeView, Visibility
from bot.pipeline import Pipeline
from bot.pipeline.deciding import Deciding
from bot.pipeline.tracking import tracked
from bot.speak.plain import card, decided
from bot.speak.tracking import tracking_text
from bot.store import Store
from bot.tracking import State, Tracking
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing
from tests.pipeline.test_deciding import ByWord

PUSHES = ["push fails", "push hangs", "push dies", "push stops"]
KEYS = ["key expires", "key is lost", "key breaks"]


class World:
    """Two themes, T1 of pushes and T2 of keys, and a clock that goes on."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.numbers = store, NOW, count(1_000)
        self.pipeline = Pipeline(store, WordHashing(), ByWord({}), {}, lambda: self.now)
        self.add(*PUSHES, created_at=ago(2))
        self.add(*KEYS, created_at=ago(2))

    def add(self, *titles: str, **fields: object) -> list[str]:
        own = {"state": "open", **fields}
        posts = [
            a_post(title=title, external_id=f"acme/tool#{next(self.numbers)}", **own)
            for title in titles
        ]
        self.store.posts.save(posts)
        self.pipeline.understand()
        return [post.key for post in posts]

    def later(self, days: float, *titles: str) -> None:
        """Time goes on, and then people say so."""
        self.now += timedelta(days=days)
        self.add(*titles, created_at=self.now - timedelta(hours=1))

    @property
    def ann(self) -> Deciding:
        return self.pipeline.deciding("ann")

    def view(self, theme: str = "T1") -> ThemeView:
        return self.pipeline.theme(theme)

    def tracking(self, theme: str = "T1") -> Tracking:
        found = self.view(theme).tracking
        assert found is not None
        return found


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


# Seen


def test_what_was_acknowledged_is_seen_and_says_by_whom(world):
    world.ann.acknowledge("T1", "Ann")
    assert decided(world.view()) == ("Seen by Ann on 2 Mar 2026",)
    assert "Seen by Ann" in card(world.view())
    assert world.view("T2").seen is None


def test_it_is_seen_no_more_once_it_has_grown_and_stays_so(world):
    world.ann.acknowledge("T1")
    world.later(1, "push fails again")
    assert world.view().seen is not None
    world.later(1, *(f"push fails number {n}" for n in range(12)))
    assert world.view().seen is None
    world.later(30)
    assert world.view().seen is None
    world.ann.acknowledge("T1")
    assert world.view().seen is not None


def test_it_is_seen_no_more_once_it_comes_back_after_a_silence(world):
    world.add(*(f"push fails at {n}" for n in range(8)), created_at=ago(1))
    world.ann.acknowledge("T1")
    world.later(45)
    assert world.view().seen is not None
    world.later(0, *(f"push breaks {n}" for n in range(3)))
    assert world.view().seen is None


def test_what_was_said_of_one_theme_is_not_seen_of_the_one_it_goes_into(world):
    world.ann.acknowledge("T2")
    world.ann.merge("T2", "T1")
    assert world.view("T1").seen is None


def test_a_post_is_named_by_its_address_in_whichever_form(world):
    [post] = world.add("push breaks", url="https://github.com/acme/tool/issues/77")
    taken = world.ann.kind(
        "https://www.github.com/acme/tool/issues/77#issuecomment-1", Intent.PRAISE
    )
    assert [one.key for one in taken.decision.touched] == [post]


# Assigned


def test_a_theme_is_assigned_and_given_on_and_to_nobody(world):
    world.ann.assign("T1", "slack:U0BOB", "Bob")
    assert decided(world.view()) == ("Assigned to Bob",)
    world.ann.assign("T1", "cy")
    assert decided(world.view()) == ("Assigned to cy",)
    world.ann.assign("T1", None)
    assert decided(world.view()) == ()
    with pytest.raises(GroundswellError, match="1 to 120"):
        world.ann.assign("T1", " ")


def test_whose_it_is_goes_along_with_a_merge_unless_the_other_is_somebodys(world):
    world.ann.assign("T2", "bob")
    world.ann.merge("T2", "T1")
    assert decided(world.view("T1")) == ("Assigned to bob",)
    world.ann.assign("T1", "cy")
    assert decided(world.view("T1")) == ("Assigned to cy",)
    world.ann.undo()
    world.ann.undo()
    assert world.view("T1").assigned is None
    assert decided(world.view("T2")) == ("Assigned to bob",)


# Linked


def an_issue(world: World, number: int = 7, **fields: object) -> str:
    plain = {"external_id": f"acme/tool#{number}", "title": "noise of its own"}
    posts = [a_post(**(plain | {"state": "open", "created_at": ago(9)} | fields))]
    world.store.posts.save(posts)
    world.pipeline.understand()
    return posts[0].key


@pytest.mark.parametrize(
    "named",
    ["#7", "7", "GH-7", "acme/tool#7", "Acme/Tool#7", "github:acme/tool#7"]
    + [f"https://github.com/acme/tool/{path}" for path in ("issues/7", "issues/7#c1", "pull/7")],
)
def test_an_issue_is_named_in_many_ways_and_tracks_the_theme(world, named):
    key = an_issue(world, url="https://github.com/acme/tool/issues/7")
    [touched] = world.ann.link("T1", named).decision.touched
    assert (touched.key, touched.part) == (key, Part.ISSUE)
    found = world.tracking()
    assert (found.state, found.issue and found.issue.key) == (State.OPEN, key)
    assert tracking_text(found) == "tracked in acme/tool#7 (open; linked by hand)"
    assert tracked(world.view())
    assert world.pipeline.themes("untracked:no")[0].theme.id == "T1"


def test_what_a_person_linked_is_not_overturned_by_what_posts_point_at(world):
    mine = an_issue(world, 7)
    an_issue(world, 8, url="https://github.com/acme/tool/issues/8")
    world.ann.link("T1", "#7")
    more = [f"push fails {n}" for n in range(5)]
    world.add(*more, text="See https://github.com/acme/tool/issues/8", created_at=ago(1))
    assert world.tracking().issue.key == mine
    world.ann.undo()
    assert world.tracking().issue.key == "github:acme/tool#8"


def test_what_became_of_a_linked_issue_is_told(world):
    an_issue(world, 7, state="closed", closed_at=ago(30), created_at=ago(60))
    pull = {"kind": "pull", "state": "merged", "closes": ("acme/tool#7",), "title": "noise mends"}
    an_issue(world, 20, **pull, created_at=ago(40), closed_at=ago(31))
    an_issue(
        world, 0, external_id="acme/tool@v2.4.1", kind="release", title="v2.4.1", created_at=ago(20)
    )
    world.ann.link("T1", "#7")
    found = world.tracking()
    assert found.fix is not None
    assert (found.fix.by, found.fix.version) == ("github:acme/tool#20", "2.4.1")
    assert tracking_text(found).startswith("fixed in 2.4.1 (acme/tool#7)")


def test_an_issue_elsewhere_is_kept_by_its_address_until_it_is_read(world):
    at = "https://github.com/acme/tool/issues/7"
    world.ann.link("T1", at)
    assert world.tracking().state is State.LINKED
    assert tracking_text(world.tracking()) == (
        "tracked in github.com/acme/tool/issues/7 (linked by hand)"
    )
    assert tracked(world.view())
    key = an_issue(world, 7, url=at)
    assert (world.tracking().state, world.tracking().issue.key) == (State.OPEN, key)


def test_a_number_that_several_repositories_have_is_asked_about(world):
    an_issue(world, 7)
    an_issue(world, 7, external_id="acme/other#7", venue="acme/other")
    world.ann.link("T1", "#7")
    an_issue(world, 9, external_id="acme/one#9", venue="acme/one")
    an_issue(world, 9, external_id="acme/two#9", venue="acme/two")
    with pytest.raises(GroundswellError, match="several repositories: acme/one#9, acme/two#9"):
        world.ann.link("T1", "#9")
    with pytest.raises(GroundswellError, match="no issue of that name was read"):
        world.ann.link("T1", "#123")


def test_who_may_not_read_an_issue_cannot_name_it_and_is_not_told_which_it_is(world):
    an_issue(world, 7, venue="acme/secret", visibility=Visibility.PRIVATE)
    public = replace(world.pipeline, audience=Audience())
    with pytest.raises(GroundswellError, match="no issue of that name"):
        public.deciding("bob").link("T1", "#7")
    world.ann.link("T1", "#7")
    found = public.theme("T1").tracking
    assert found is not None
    assert found.issue is None
    assert "not everybody may read" in tracking_text(found)


def test_an_issue_that_is_deleted_leaves_the_log_and_the_theme_is_judged_anew(world):
    an_issue(world, 7)
    world.ann.link("T1", "#7")
    world.store.posts.save([], deleted=[("github", "acme/tool#7")])
    assert "acme/tool#7" not in str(world.ann.log())
    assert not world.tracking().by_hand


def test_a_link_goes_along_with_a_merge_and_no_run_lets_go_of_the_theme(world):
    an_issue(world, 7)
    world.ann.link("T2", "#7")
    world.pipeline.clusterer.same = {"key": "push"}
    world.add("push fails anew")
    assert world.view("T2").theme.members
    world.ann.merge("T2", "T1")
    assert world.tracking("T1").by_hand


@pytest.mark.parametrize("deed", [Deed.ACKNOWLEDGE, Deed.ASSIGN, Deed.LINK])
def test_each_is_in_the_log_and_taken_back(world, deed):
    an_issue(world, 7)
    before = world.view()
    {
        Deed.ACKNOWLEDGE: lambda: world.ann.acknowledge("T1"),
        Deed.ASSIGN: lambda: world.ann.assign("T1", "bob"),
        Deed.LINK: lambda: world.ann.link("T1", "#7"),
    }[deed]()
    assert world.view() != before
    world.pipeline.deciding("bo").undo()
    assert world.view() == before
    [kept] = world.ann.log()
    assert (kept.deed, kept.by, kept.undone_by) == (deed, "ann", "bo")
