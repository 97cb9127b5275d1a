"""What a store tells of themes and their issues: from links, replies, releases and likeness."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from bot.errors import GroundswellError
from bot.http import Http
from bot.model import (
    OPERATOR,
    Audience,
    Intent,
    Period,
    Post,
    Query,
    Reading,
    Role,
    ThemeView,
    Visibility,
)
from bot.pipeline import Pipeline
from bot.pipeline.telling import Telling
from bot.sources.base import Tracks
from bot.sources.github.adapter import Github
from bot.speak.issue_form import issue_form
from bot.speak.tracking import tracking_text
from bot.store import Name, Placement, Store
from bot.tracking import State, Tracking
from bot.understand.cluster import AverageTree
from bot.understand.embed import words_of
from tests.builders import NOW, a_post, ago
from tests.fakes import Repositories, WordHashing

BUG = Reading(Intent.BUG, 1)


class World:
    """A store that is filled by hand: what is in which theme, and what points at what."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rows: dict[str, int] = {}
        self.links: list[tuple[int, int, str]] = []

    def keep(self, *posts: Post, reading: Reading = BUG) -> None:
        """Save, read and embed posts."""
        self.store.posts.save(posts)
        ever = NOW.replace(year=2100)
        self.rows |= {post.key: row for row, post, _ in self.store.posts.find(Query(), ever)}
        rows = [self.rows[post.key] for post in posts]
        self.store.readings.save((row, reading) for row in rows)
        vectors = WordHashing().encode([words_of(post) for post in posts])
        self.store.vectors.save(WordHashing.name, rows, vectors)

    def theme(self, *posts: Post, name: str = "T1") -> None:
        """Keep posts, and put them into a theme."""
        self.keep(*posts)
        places = [Placement(self.rows[post.key], name, 1.0) for post in posts]
        self.store.themes.save(places, [Name(name, f"theme {name}", ())], {}, NOW)

    def link(self, one: Post, other: Post, how: str) -> None:
        """Let a post point at another."""
        self.links.append((self.rows[one.key], self.rows[other.key], how))
        self.store.readings.save_links(self.links)

    def telling(self, now: datetime = NOW) -> Telling:
        return Telling(self.store, WordHashing(), now)

    def views(self, query: Query | None = None, now: datetime = NOW) -> dict[str, ThemeView]:
        return {view.theme.id: view for view in self.telling(now).themes(query or Query())}

    def of(self, name: str = "T1", now: datetime = NOW, query: Query | None = None) -> Tracking:
        found = self.views(query, now)[name].tracking
        assert found is not None
        return found


def elsewhere(world: World) -> None:
    """A theme of which no post is in a repository, beside a post of two repositories."""
    world.theme(*(a_complaint(n) for n in range(1, 4)))
    hidden = {"visibility": Visibility.PRIVATE, "venue": "acme/vault"}
    world.keep(an_issue(), a_post(external_id="acme/vault#1", **hidden))


@pytest.mark.parametrize(
    ("sources", "audience", "found"),
    [
        (Repositories(("acme/tool",)), OPERATOR, "acme/tool"),
        (Repositories(("acme/tool", "acme/unread")), OPERATOR, "acme/tool"),
        (Repositories(("acme/tool", "acme/vault")), OPERATOR, None),
        (Repositories(("acme/tool", "acme/vault")), Audience(), "acme/tool"),
        (Repositories(("acme/vault",)), Audience(), None),
        (Repositories(("acme/tool",), ("acme",)), OPERATOR, None),
        (Repositories(), OPERATOR, None),
    ],
)
def test_where_an_issue_can_be_made_is_the_one_repository_that_is_named_and_may_be_read(
    world: World, sources, audience, found
):
    elsewhere(world)
    pipeline = Pipeline(
        world.store, WordHashing(), AverageTree(), {"a": sources}, lambda: NOW, audience=audience
    )
    (theme,) = pipeline.themes()
    assert theme.repository == found
    offered = issue_form(theme)
    assert (offered is None) == (found is None)
    assert offered is None or offered.startswith(f"https://github.com/{found}/issues/new?title=")


def test_the_reader_of_github_tells_which_repositories_are_named():
    with closing(Http()) as http:
        source = Github(http, lambda: NOW, repos=("acme/tool",))
        assert isinstance(source, Tracks)
        assert (source.repos, source.orgs) == (("acme/tool",), ())


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def a_complaint(days: float, **fields: Any) -> Post:
    """On Reddit."""
    plain = a_post()
    own = {"source": "reddit", "external_id": f"t3_{plain.external_id[10:]}", "kind": "post"}
    words = {"title": f"Sync stalls at ninety percent {days}", "venue": "r/tool"}
    return a_post(**(own | words | {"created_at": ago(days)} | fields))


def an_issue(number: int = 7, **fields: Any) -> Post:
    own = {"external_id": f"acme/tool#{number}", "state": "open", "created_at": ago(80)}
    return a_post(**(own | {"title": "Sync stalls at ninety percent"} | fields))


def fixed(world: World, *later: Post) -> Sequence[Post]:
    """Three complaints, their issue, the pull request that closed it, and the release with it."""
    posts = [a_complaint(days, author=f"ann{days}") for days in (70, 60, 50)]
    issue = an_issue(state="closed", closed_at=ago(40))
    pull = a_post(
        external_id="acme/tool#20",
        kind="pull",
        state="merged",
        created_at=ago(45),
        closed_at=ago(40),
    )
    release = a_post(
        external_id="acme/tool@v2.4.1",
        kind="release",
        title="v2.4.1",
        role=Role.TEAM,
        created_at=ago(35),
    )
    world.keep(issue, pull, release)
    world.theme(*posts, *later)
    for post in posts:
        world.link(post, issue, "url")
    world.link(pull, issue, "closes")
    return posts


def test_a_theme_knows_the_issue_that_its_posts_point_at(world: World) -> None:
    posts, issue = [a_complaint(n) for n in (1, 2, 3)], an_issue(milestone="2.5")
    world.keep(issue)
    world.theme(*posts)
    world.link(posts[0], issue, "url")
    world.link(posts[1], issue, "url")

    found = world.of()
    assert found.issue is not None
    assert (found.state, found.issue.key, found.issue.url) == (State.OPEN, issue.key, issue.url)
    assert found.linked_by == tuple(sorted(post.key for post in posts[:2]))


def test_duplicates_lead_to_the_issue_at_their_end(world: World) -> None:
    posts = [an_issue(number, state="closed") for number in (1, 2, 3)]
    copy, issue = an_issue(8, state="closed"), an_issue(9)
    world.keep(copy, issue)
    world.theme(*posts)
    for post in posts:
        world.link(post, copy, "duplicate")
    world.link(copy, issue, "said duplicate")

    found = world.of().issue
    assert found is not None
    assert found.key == issue.key


def test_links_of_another_theme_say_nothing_of_this_one(world: World) -> None:
    one, other = [a_complaint(n) for n in (1, 2, 3)], [a_complaint(n) for n in (4, 5, 6)]
    issue = an_issue(title="quite another matter")
    world.keep(issue)
    world.theme(*one, name="T1")
    world.theme(*other, name="T2")
    for post in other:
        world.link(post, issue, "url")
    world.link(one[0], other[0], "url")

    assert world.of("T2").state is State.OPEN
    assert world.of("T1").state is State.UNTRACKED
    assert len(world.of("T1").untracked) == len(one)


def test_a_release_after_the_merge_fixed_it_and_it_is_quiet_since(world: World) -> None:
    fixed(world)

    found = world.of()
    assert found.state is State.QUIET
    assert found.fix is not None
    assert (found.fix.version, found.fix.at, found.fix.sure) == ("2.4.1", ago(35), True)
    assert found.before is not None
    assert found.after is not None
    assert (found.before.complaints, found.after.complaints) == (3, 0)


def test_release_notes_that_name_the_issue_go_before_the_first_release(world: World) -> None:
    fixed(world)
    named = a_post(
        external_id="acme/tool@v2.4.2", kind="release", title="v2.4.2", created_at=ago(20)
    )
    world.keep(named)
    world.links.append((world.rows[named.key], world.rows["github:acme/tool#7"], "mention"))
    world.store.readings.save_links(world.links)

    fix = world.of().fix
    assert fix is not None
    assert fix.version == "2.4.2"


def test_people_who_complain_of_the_fixed_version_bring_it_back(world: World) -> None:
    again = [a_complaint(n, text="Still so on 2.4.1") for n in (3, 2, 1)]
    fixed(world, *again)

    assert world.of().state is State.BACK
    assert tracking_text(world.of()).startswith("came back: 3 people on 2.4.1")


def test_as_of_a_day_before_the_fix_there_was_none(world: World) -> None:
    fixed(world, a_complaint(1))

    assert world.of(now=ago(42)).state is State.OPEN
    waiting = world.of(now=ago(38))
    assert waiting.fix is not None
    assert waiting.fix.version is None
    assert world.of(now=ago(30)).fix == world.of().fix


def test_whoever_was_answered_after_the_fix_was_told(world: World) -> None:
    posts = fixed(world)
    world.keep(
        a_complaint(20, kind="comment", parent_id=posts[0].external_id, role=Role.TEAM, title=""),
        a_complaint(48, kind="comment", parent_id=posts[1].external_id, role=Role.TEAM, title=""),
        a_complaint(20, kind="comment", parent_id=posts[2].external_id, title=""),
    )

    assert [who.author for who in world.of().untold] == ["ann60", "ann50"]


def test_an_issue_that_the_team_answered_is_in_its_hands(world: World) -> None:
    answered, alone = an_issue(1, title="one thing"), an_issue(2, title="something else")
    world.theme(answered, alone, a_complaint(1))
    world.keep(
        a_post(
            external_id="acme/tool#1-5",
            kind="comment",
            parent_id="acme/tool#1",
            root_id="acme/tool#1",
            role=Role.TEAM,
        )
    )

    assert answered.key not in world.of().untracked
    assert alone.key in world.of().untracked


def test_the_nearest_open_issue_is_proposed(world: World) -> None:
    near, far = an_issue(7), an_issue(8, title="Dark colours for the menu")
    closed = an_issue(9, state="closed")
    world.keep(near, far, closed)
    world.theme(*(a_complaint(n, title="Sync stalls at ninety percent") for n in (1, 2, 3)))

    found = world.of()
    assert found.issue is not None
    assert (found.state, found.issue.key) == (State.PROPOSED, near.key)
    assert found.score is not None
    assert found.score > 0.5
    assert len(found.untracked) == 3


def test_without_vectors_of_this_embedder_nothing_is_proposed(world: World) -> None:
    world.keep(an_issue())
    world.theme(*(a_complaint(n, title="Sync stalls at ninety percent") for n in (1, 2, 3)))
    for row in world.rows.values():
        world.store.vectors.save("another", [row], np.ones((1, 4), dtype=np.float32))

    assert world.of().state is State.UNTRACKED


def test_a_theme_without_complaints_and_issues_has_nothing_to_tell(world: World) -> None:
    posts = [a_complaint(n) for n in (1, 2, 3)]
    world.theme(*posts)
    world.store.readings.save((world.rows[p.key], Reading(Intent.PRAISE)) for p in posts)

    assert world.views()["T1"].tracking is None


# What may be named


@pytest.mark.parametrize("how", ["url", "none"])
def test_what_looks_like_a_weakness_is_never_the_issue_that_is_told(world: World, how: str) -> None:
    issue = an_issue()
    world.keep(issue, reading=Reading(Intent.BUG, 3, sensitive="reads all"))
    posts = [a_complaint(n, title=issue.title) for n in (1, 2, 3)]
    world.theme(*posts)
    if how == "url":
        for post in posts:
            world.link(post, issue, how)

    assert world.of().issue is None


@pytest.mark.parametrize("how", ["url", "none"])
def test_a_private_issue_is_named_only_beside_posts_of_its_own_place(
    world: World, how: str
) -> None:
    hidden = an_issue(visibility=Visibility.PRIVATE)
    world.keep(hidden)
    posts = [a_complaint(n, title=hidden.title) for n in (1, 2, 3)]
    world.theme(*posts, name="T1")
    beside = an_issue(9, visibility=Visibility.PRIVATE, created_at=ago(1))
    world.theme(beside, *(a_complaint(n, title=hidden.title) for n in (4, 5)), name="T2")
    if how == "url":
        for key in (*(post.key for post in posts), beside.key):
            world.links.append((world.rows[key], world.rows[hidden.key], how))
        world.store.readings.save_links(world.links)

    assert world.of("T1").issue is None
    found = world.of("T2").issue
    assert found is not None
    # Asked about Reddit alone, the private repository is no part of the answer.
    narrowed = world.of("T2", query=Query(sources=("reddit",)))
    assert narrowed.issue is None
    assert beside.key not in narrowed.untracked


def test_a_digest_tells_it_too(world: World) -> None:
    posts, issue = [a_complaint(n) for n in (1, 2, 3)], an_issue()
    world.keep(issue)
    world.theme(*posts)
    for post in posts:
        world.link(post, issue, "url")

    digest = world.telling().digest(Query(), Period(ago(7), NOW))
    (view,) = digest.sections[0].shown
    assert view.tracking is not None
    assert view.tracking.state is State.OPEN


# Lists


def test_untracked_complaints_come_by_theme_the_most_voices_first(world: World) -> None:
    few = [a_complaint(n, title=f"Fonts are tiny {n}") for n in (1, 2, 3)]
    many = [a_complaint(n, title=f"Colours are loud {n}") for n in (1, 2, 3, 4)]
    tracked, issue = [a_complaint(n) for n in (1, 2, 3)], an_issue()
    world.keep(issue)
    world.theme(*few, name="T1")
    world.theme(*many, a_complaint(1, role=Role.TEAM), name="T2")
    world.theme(*tracked, name="T3")
    for post in tracked:
        world.link(post, issue, "url")

    found = world.telling().untracked(Query())
    assert [(view.theme.id, view.crowd.people, view.crowd.posts) for view in found] == [
        ("T2", 4, 4),
        ("T1", 3, 3),
    ]
    assert {member.key for member in found[0].theme.members} == {post.key for post in many}
    assert found[0].venues == {"r/tool": 4}


def test_a_query_narrows_the_complaints_and_not_the_judgement(world: World) -> None:
    posts = [a_complaint(n, title=f"Fonts are tiny {n}") for n in (1, 2, 30)]
    world.theme(*posts)

    (view,) = world.telling().untracked(Query(since=ago(7)))
    assert {member.key for member in view.theme.members} == {post.key for post in posts[:2]}
    assert view.tracking is not None
    assert len(view.tracking.untracked) == 3
    assert world.telling().untracked(Query(sources=("github",))) == []


def test_a_theme_that_does_not_exist_is_an_error(world: World) -> None:
    with pytest.raises(GroundswellError, match="there is no theme T9"):
        world.telling().theme("T9")
