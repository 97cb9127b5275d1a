from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pytest

from bot.model import Link, Post, Role
from bot.tracking import Linked, State, Tracking
from bot.understand.duplicates import Rarity, Seen
from bot.understand.releases import Releases
from bot.understand.tracker import Story, propose, track
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing


def a_complaint(days: float, **fields: Any) -> Post:
    """From a forum, where nothing has a tracker's state."""
    plain = a_post()
    own = {"source": "reddit", "external_id": f"t3_{plain.external_id[10:]}", "kind": "post"}
    return a_post(**(own | {"created_at": ago(days)} | fields))


def an_issue(number: int = 7, **fields: Any) -> Post:
    return a_post(**({"external_id": f"acme/tool#{number}", "state": "open"} | fields))


def a_pull(number: int = 20, **fields: Any) -> Post:
    own = {"external_id": f"acme/tool#{number}", "kind": "pull", "state": "merged"}
    return a_post(**(own | fields))


def a_release(tag: str, days: float, **fields: Any) -> Post:
    own = {"external_id": f"acme/tool@{tag}", "kind": "release", "role": Role.TEAM}
    return a_post(**(own | {"title": tag, "created_at": ago(days)} | fields))


def a_story(*members: Post, known: tuple[Post, ...] = (), **fields: Any) -> Story:
    """Where every member complains."""
    complaints = frozenset(post.key for post in members)
    everything = {post.key: post for post in (*members, *known)}
    return Story(**({"members": members, "complaints": complaints, "known": everything} | fields))


def state(story: Story, now: datetime = NOW) -> State:
    return track(story, now).state


def issue_of(story: Story) -> str | None:
    """The key of the issue that is told, linked or proposed."""
    found = track(story, NOW).issue
    return found.key if found else None


def fixed(*members: Post, releases: tuple[Post, ...] | None = None, **fields: Any) -> Tracking:
    """A theme whose issue was closed by a pull request 40 days ago, released 35 days ago."""
    issue = an_issue(state="closed", created_at=ago(90))
    pull = a_pull(created_at=ago(45), updated_at=ago(40))
    notes = (a_release("v2.4.0", 100), a_release("v2.4.1", 35)) if releases is None else releases
    links = (
        *(Link(post.key, issue.key, "url") for post in members),
        Link(pull.key, issue.key, "closes"),
    )
    versions = {"acme/tool": Releases.of(notes, "acme/tool", ())}
    story = a_story(*members, known=(issue, pull), links=links, releases=versions, **fields)
    return track(story, NOW)


# Which issue


def test_complaints_without_an_issue_are_untracked() -> None:
    members = a_complaint(2), a_complaint(3)

    found = track(a_story(*members), NOW)
    assert found.untracked == (members[1].key, members[0].key)
    assert (found.state, found.untracked_issues) == (State.UNTRACKED, 0)


def test_an_issue_that_a_post_points_at_tracks_the_theme() -> None:
    post, issue = a_complaint(2), an_issue(milestone="2.5")

    found = track(a_story(post, known=(issue,), links=[Link(post.key, issue.key, "url")]), NOW)
    assert found.issue is not None
    assert (found.issue.key, found.issue.name, found.issue.milestone) == (
        issue.key,
        "acme/tool#7",
        "2.5",
    )
    assert (found.state, found.linked_by, found.score) == (State.OPEN, (post.key,), None)
    assert found.untracked == ()


def test_what_a_person_linked_goes_before_what_posts_point_at() -> None:
    posts, other, issue = [a_complaint(n) for n in (2, 3)], an_issue(8), an_issue(7)
    links = [Link(post.key, other.key, "url") for post in posts]
    linked = Linked(issue.key)

    found = track(a_story(*posts, known=(issue, other), links=links, linked=linked), NOW)
    assert found.issue is not None
    assert (found.issue.key, found.by_hand, found.linked_by) == (issue.key, True, ())
    assert found.untracked == ()
    found = track(a_story(*posts, known=(issue, other), links=links), NOW)
    assert (found.issue and found.issue.key, found.by_hand) == (other.key, False)


@pytest.mark.parametrize(
    ("linked", "name"),
    [
        (Linked(address="https://linear.example/ENG-5"), "linear.example/ENG-5"),
        (Linked("github:acme/secret#7"), None),
    ],
)
def test_a_linked_issue_that_cannot_be_read_tracks_the_theme_all_the_same(linked, name) -> None:
    found = track(a_story(a_complaint(2), linked=linked), NOW)
    assert (found.state, found.untracked, found.by_hand) == (State.LINKED, (), True)
    assert (found.issue and found.issue.name) == name


def test_one_mention_is_not_enough_and_two_are() -> None:
    one, two, issue = a_complaint(2), a_complaint(3), an_issue()
    mentions = [Link(post.key, issue.key, "mention") for post in (one, two)]

    assert state(a_story(one, two, known=(issue,), links=mentions[:1])) is State.UNTRACKED
    assert state(a_story(one, two, known=(issue,), links=mentions)) is State.OPEN


def test_a_post_that_mentions_an_issue_twice_speaks_once() -> None:
    post, issue = a_complaint(2), an_issue()
    twice = [Link(post.key, issue.key, "mention")] * 2

    assert state(a_story(post, known=(issue,), links=twice)) is State.UNTRACKED


@pytest.mark.parametrize("how", ["same link", "same text", "same error"])
def test_what_is_alike_is_no_link(how: str) -> None:
    post, issue = a_complaint(2), an_issue()

    story = a_story(post, known=(issue,), links=[Link(post.key, issue.key, how)])
    assert state(story) is State.UNTRACKED


def test_a_link_to_what_is_no_issue_tracks_nothing() -> None:
    post, other = a_complaint(2), an_issue(kind="discussion")

    story = a_story(post, known=(other,), links=[Link(post.key, other.key, "url")])
    assert state(story) is State.UNTRACKED


def test_a_duplicate_hands_on_to_the_issue_it_duplicates() -> None:
    post, copy, issue = a_complaint(2), an_issue(8, state="closed"), an_issue()
    links = [Link(post.key, copy.key, "url"), Link(copy.key, issue.key, "said duplicate")]

    assert issue_of(a_story(post, known=(copy, issue), links=links)) == issue.key


def test_duplicates_in_a_circle_come_to_an_end() -> None:
    post, one, two = a_complaint(2), an_issue(8), an_issue(9)
    links = [
        Link(post.key, one.key, "url"),
        Link(one.key, two.key, "duplicate"),
        Link(two.key, one.key, "duplicate"),
    ]

    assert issue_of(a_story(post, known=(one, two), links=links)) in {one.key, two.key}


def test_the_issue_that_most_posts_point_at_is_the_themes() -> None:
    posts = [a_complaint(days) for days in (2, 3, 4)]
    often, once = an_issue(8, state="closed"), an_issue(9)
    links = [Link(posts[0].key, once.key, "url")]
    links += [Link(post.key, often.key, "url") for post in posts[1:]]

    story = a_story(*posts, known=(often, once), links=links)
    assert (issue_of(story), state(story)) == (often.key, State.CLOSED)


def test_between_equals_the_open_issue_tracks() -> None:
    posts = [a_complaint(2), a_complaint(3)]
    closed, open_ = an_issue(8, state="closed", created_at=ago(50)), an_issue(9)
    links = [Link(posts[0].key, closed.key, "url"), Link(posts[1].key, open_.key, "url")]

    assert issue_of(a_story(*posts, known=(closed, open_), links=links)) == open_.key


def test_an_issue_of_the_theme_that_a_pull_request_closes_tracks_it() -> None:
    issue, pull = an_issue(), a_pull(state="open")

    story = a_story(
        issue, a_complaint(1), known=(pull,), links=[Link(pull.key, issue.key, "closes")]
    )
    found = track(story, NOW)
    assert (issue_of(story), found.state, found.linked_by) == (issue.key, State.OPEN, ())


def test_a_near_open_issue_is_proposed_and_the_complaints_stay_untracked() -> None:
    post, issue, far, closed = a_complaint(2), an_issue(7), an_issue(8), an_issue(9, state="closed")
    near = {issue.key: 0.62, far.key: 0.55, closed.key: 0.9}

    story = a_story(post, known=(issue, far, closed), proposed=near)
    found = track(story, NOW)
    assert (found.state, issue_of(story), found.score) == (State.PROPOSED, issue.key, 0.62)
    assert found.untracked == (post.key,)


def test_a_distant_issue_is_not_proposed() -> None:
    issue = an_issue()

    story = a_story(a_complaint(2), known=(issue,), proposed={issue.key: 0.4})
    assert state(story) is State.UNTRACKED


def test_an_issue_of_the_theme_is_proposed_with_less_than_one_from_outside() -> None:
    issue = an_issue()

    assert state(a_story(issue, a_complaint(2), proposed={issue.key: 0.2})) is State.PROPOSED


def test_nothing_is_proposed_where_nobody_complains() -> None:
    issue = an_issue()

    story = a_story(issue, a_complaint(2), complaints=frozenset(), proposed={issue.key: 0.9})
    assert state(story) is State.UNTRACKED


def test_one_post_of_many_that_points_at_an_issue_tells_nothing_of_the_others() -> None:
    posts, issue = [a_complaint(n) for n in range(1, 21)], an_issue()
    story = a_story(*posts, known=(issue,), links=[Link(posts[0].key, issue.key, "url")])

    assert state(story) is State.UNTRACKED
    assert len(track(story, NOW).untracked) == len(posts)


@pytest.mark.parametrize(("likely", "tracked"), [(0.1, False), (0.2, True)])
def test_one_of_several_does_if_the_others_are_like_the_issue(likely: float, tracked: bool) -> None:
    posts, issue = [a_complaint(n) for n in range(1, 6)], an_issue()
    links = [Link(posts[0].key, issue.key, "url")]

    story = a_story(*posts, known=(issue,), links=links, proposed={issue.key: likely})
    assert (state(story) is State.OPEN) is tracked


def test_two_of_several_do_whatever_the_others_are_like() -> None:
    posts, issue = [a_complaint(n) for n in range(1, 15)], an_issue()
    links = [Link(post.key, issue.key, "url") for post in posts[:2]]

    assert issue_of(a_story(*posts, known=(issue,), links=links)) == issue.key


@pytest.mark.parametrize(("likely", "tracked"), [(0.0, False), (0.2, True)])
def test_an_issue_with_a_milestone_tracks_the_theme_it_is_like(
    likely: float, tracked: bool
) -> None:
    issue = an_issue(milestone="2.5")
    posts = [a_complaint(n) for n in range(1, 6)]

    story = a_story(issue, *posts, proposed={issue.key: likely})
    assert (state(story) is State.OPEN) is tracked


def test_the_team_complains_of_nothing() -> None:
    members = a_complaint(2, role=Role.TEAM), a_complaint(3)

    assert track(a_story(*members), NOW).untracked == (members[1].key,)


def test_an_issue_that_nobody_took_up_is_a_complaint_like_any_other() -> None:
    alone, post = an_issue(labels=("bug", "needs triage"), created_at=ago(4)), a_complaint(3)

    found = track(a_story(alone, post), NOW)
    assert (found.untracked, found.untracked_issues) == ((alone.key, post.key), 1)
    assert (found.posts, found.open_issues, found.closed_issues) == (2, 1, 0)
    assert (found.opened, found.closed) == ((alone.key,), ())


def test_which_issues_are_open_is_told_only_where_the_state_of_all_is_known() -> None:
    odd = an_issue(number=8, state=None)
    found = track(a_story(an_issue(), odd, a_complaint(3)), NOW)
    assert (found.open_issues, found.opened, found.closed) == (1, (), ())


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "closed"},
        {"milestone": "2.5"},
        {"labels": ("bug", "P1")},
        {"labels": ("triage/accepted",)},
        {"labels": ("duplicate",)},
        {"kind": "pull"},
    ],
)
def test_an_issue_that_somebody_has_dealt_with_is_not_lost(fields: dict[str, Any]) -> None:
    posts = [a_complaint(n) for n in range(1, 5)]

    found = track(a_story(an_issue(**fields), *posts), NOW)
    assert found.untracked == tuple(post.key for post in posts[::-1])


def test_nor_is_one_that_the_team_answered_or_another_duplicates() -> None:
    answered, copied, copy, alone = (an_issue(number) for number in range(1, 5))
    reply = a_post(role=Role.TEAM, parent_id=answered.external_id)
    others = [a_complaint(n) for n in range(1, 18)]
    links = [Link(copy.key, copied.key, "duplicate")]

    found = track(
        a_story(answered, copied, copy, alone, *others, links=links, replies=(reply,)), NOW
    )
    assert [key for key in found.untracked if "#" in key] == [alone.key]


def test_an_issue_is_proposed_by_the_posts_most_like_it() -> None:
    posts = [
        a_post(title="Upload stops at ninety percent of a file"),
        a_post(title="Upload of a big file stops at ninety"),
        a_post(title="Dark colours for the menu"),
    ]
    rarity = Rarity.of(posts)
    vectors = WordHashing().encode([post.title for post in posts])
    seen = {
        post.key: Seen.of(post, vector, rarity) for post, vector in zip(posts, vectors, strict=True)
    }
    issues = {post.key: seen[post.key] for post in posts[1:]}

    found = propose({posts[0].key: seen[posts[0].key]}, issues)
    assert found[posts[1].key] > found[posts[2].key]
    assert propose(issues, {posts[1].key: issues[posts[1].key]})[posts[1].key] < 0.5
    assert propose({}, issues) == {}
    assert propose({posts[0].key: seen[posts[0].key]}, {posts[0].key: seen[posts[0].key]}) == {}
    assert np.isfinite(list(found.values())).all()


# What became of it


def test_a_theme_that_nobody_complains_of_since_the_fix_is_quiet() -> None:
    found = fixed(a_complaint(60), a_complaint(50))

    assert found.state is State.QUIET
    assert found.fix is not None
    assert found.fix.version == "2.4.1"
    assert (found.fix.release, found.fix.by) == ("github:acme/tool@v2.4.1", "github:acme/tool#20")
    assert found.before is not None
    assert found.after is not None
    assert found.before.complaints == 2
    assert found.before.per_week == pytest.approx(2 / (25 / 7))
    assert (found.after.complaints, found.after.weeks) == (0, 5)


def test_a_fix_of_yesterday_is_no_quiet() -> None:
    found = fixed(a_complaint(60), releases=(a_release("v2.4.1", 1),))

    assert found.state is State.FIXED


def test_a_fix_that_waits_for_a_release_is_neither_quiet_nor_back() -> None:
    late = [a_complaint(n) for n in range(1, 6)]

    for found in (
        fixed(a_complaint(60), releases=(a_release("v2.4.0", 100),)),
        fixed(a_complaint(60), *late, releases=(a_release("v2.4.0", 100),)),
    ):
        assert found.state is State.FIXED
        assert found.fix is not None
        assert found.fix.version is None
        assert found.untold == ()


def test_where_there_are_no_releases_at_all_the_closing_is_the_fix() -> None:
    found = fixed(a_complaint(60, author="ann"), releases=())

    assert found.state is State.QUIET
    assert [who.author for who in found.untold] == ["ann"]


def test_people_on_the_fixed_version_bring_a_theme_back() -> None:
    late = [a_complaint(n, text="Still there on v2.4.1!", author=f"ann{n}") for n in range(1, 6)]
    again = a_complaint(1, text="2.4.1, again", author="ann1")

    found = fixed(a_complaint(60), *late, again)
    assert found.state is State.BACK
    assert found.since is not None
    assert found.since.on == (("2.4.1", 5),)
    assert (found.since.people, found.since.named) == (5, 5)


def test_people_on_an_older_version_do_not() -> None:
    late = [a_complaint(n, text="I am on 2.4.0 here") for n in range(1, 6)]

    found = fixed(a_complaint(60), *late)
    assert found.state is State.QUIET
    assert found.since is not None
    assert found.since.posts == ()
    assert found.after is not None
    assert found.after.complaints == 5


def test_whoever_names_both_versions_is_on_the_later_one() -> None:
    late = [a_complaint(n, text="Worked in 2.4.0, broken in 2.4.1") for n in (1, 2)]

    since = fixed(a_complaint(60), *late).since
    assert since is not None
    assert since.on == (("2.4.1", 2),)


def test_people_who_name_no_version_bring_it_back_in_numbers() -> None:
    two = [a_complaint(n) for n in (1, 2)]

    assert fixed(a_complaint(60), *two).state is State.FIXED
    assert fixed(a_complaint(60), *two, a_complaint(3, author=None)).state is State.BACK


def test_the_team_brings_nothing_back() -> None:
    late = [a_complaint(n, text="2.4.1", role=Role.TEAM) for n in range(1, 6)]

    assert fixed(a_complaint(60), *late).state is State.QUIET


# Who was never told


def test_whoever_complained_before_the_fix_and_got_no_reply_was_never_told() -> None:
    ann, ben = a_complaint(60, author="ann"), a_complaint(50, author="ben")
    more, late = a_complaint(55, author="ann"), a_complaint(2, author="cid")
    reply = a_post(
        source="reddit",
        external_id="t1_x",
        parent_id=ben.external_id,
        role=Role.TEAM,
        created_at=ago(30),
    )

    found = fixed(ann, ben, more, late, replies=(reply,))
    assert [(who.author, who.posts) for who in found.untold] == [("ann", (ann.key, more.key))]


@pytest.mark.parametrize(
    "fields", [{"role": Role.USER}, {"created_at": ago(50)}, {"root_id": "t3_other"}]
)
def test_a_reply_by_others_elsewhere_or_before_the_fix_tells_nobody(fields: dict[str, Any]) -> None:
    ann = a_complaint(60, author="ann")
    own = {"role": Role.TEAM, "created_at": ago(30), "parent_id": ann.external_id}
    reply = a_post(**({"source": "reddit", "external_id": "t1_x"} | own | fields))

    assert [who.author for who in fixed(ann, replies=(reply,)).untold] == ["ann"]


def test_whoever_cannot_be_named_or_was_told_by_the_tracker_is_left_out() -> None:
    nobody = a_complaint(60, author=None)
    closed = an_issue(30, state="closed", created_at=ago(60), author="dan")
    team = a_complaint(60, author="eve", role=Role.TEAM)

    assert fixed(nobody, closed, team).untold == ()


def test_no_post_and_no_issue_is_a_theme_without_trouble() -> None:
    found = track(a_story(), NOW)
    assert (found.state, found.untracked, found.posts) == (State.UNTRACKED, (), 0)
