"""Each kind of answer, from themes and posts in hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import (
    Aim,
    Answer,
    Criterion,
    Ground,
    Hit,
    Intent,
    Member,
    Period,
    Post,
    Query,
    Question,
    Reading,
    Role,
    ThemeView,
)
from bot.speak.answers import ANSWERS, answer
from bot.speak.answers.evidence import Evidence, Found
from bot.tracking import Fix, Issue, Rate, Since, State, Tracking
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_post, a_theme, ago, an_answer, some_coverage

MONTH = Period(ago(30), NOW)
COMPLAINTS = Query(since=ago(30), kinds=("complaint",))
SYNC = Query(words=("sync",))


def a_hit(**fields: Any) -> Hit:
    return Hit(a_post(**fields), Intent.BUG, "a snippet", 1.0)


def hit_of(member: Member) -> Hit:
    """The post that a member is."""
    return Hit(
        Post(
            source=member.source,
            external_id=member.key.partition(":")[2],
            kind="issue",
            title=member.title,
            text=member.text,
            created_at=member.created_at,
            venue=member.venue,
            author=member.author,
        ),
        Intent.BUG,
        "",
        1.0,
    )


def a_view(*members: Member, period: Period = MONTH, **fields: Any) -> ThemeView:
    tracking = fields.pop("tracking", None)
    return replace(view(a_theme(*members, **fields), period), tracking=tracking)


def members(count: int, **fields: Any) -> list[Member]:
    return [a_member(**fields) for _ in range(count)]


def texts(answer: Answer) -> list[str]:
    return [sentence.text for sentence in answer.sentences]


def test_there_is_an_answer_for_every_aim():
    assert set(ANSWERS) == set(Aim)


@pytest.mark.parametrize("aim", Aim)
def test_without_a_post_nothing_is_said(aim):
    assert an_answer(COMPLAINTS, aim=aim).sentences == ()


def test_what_hurts_most_is_what_most_people_complain_of_and_not_the_strongest_theme():
    few, many = members(3), members(5)
    views = [a_view(*few, id="T1", label="Few"), a_view(*many, id="T2", label="Many")]
    hits = [hit_of(member) for member in (*few, *many)]
    said = texts(an_answer(COMPLAINTS, views, hits, Aim.HURTS))
    assert said[0].startswith("“Many” (T2) hurts most: 5 complaints by 5 people on acme/tool")
    assert any(text.startswith("“Few” (T1): 3 complaints by 3 people") for text in said)
    assert said[-1].startswith("In all 8 complaints by 8 people on GitHub")


def test_what_hurts_names_the_criteria_and_what_tracks_it():
    crash = Reading(Intent.BUG, 2, grounds=(Ground(Criterion.CRASH, "it crashes"),))
    some = members(3, reading=crash)
    tracking = Tracking(State.OPEN, Issue("github:acme/tool#7", "It stalls", None))
    told = an_answer(COMPLAINTS, [a_view(*some, tracking=tracking)], map(hit_of, some), Aim.HURTS)
    assert "; 3 posts report a crash; tracked in acme/tool#7 (open" in texts(told)[0]


def test_a_theme_of_two_does_not_hurt_most():
    some = members(2)
    hits = [*map(hit_of, some), a_hit(), a_hit()]
    told = an_answer(COMPLAINTS, [a_view(*some)], hits, Aim.HURTS)
    assert texts(told)[0].startswith("In all 4 complaints by 4 people")
    assert told.themes == ()


def test_new_is_a_theme_whose_third_post_lies_in_the_time():
    query = Query(since=ago(7))
    ever = Period(ago(100), NOW)
    old = [a_member(created_at=ago(n)) for n in (60, 50, 40, 2)]
    born = [a_member(created_at=ago(n)) for n in (20, 3, 1)]
    views = [
        a_view(*old, id="T1", label="Old", period=ever),
        a_view(*born, id="T2", label="Born", period=ever),
    ]
    hits = [hit_of(old[3]), hit_of(born[1]), hit_of(born[2]), a_hit()]
    answer = an_answer(query, views, hits, Aim.NEW)
    assert texts(answer)[0] == "1 theme is new: “Born”; 2 posts by 2 people."
    assert "; 1 post before this time." in texts(answer)[1]
    assert texts(answer)[-1] == "4 posts by 4 people; 1 of them stands in no theme."
    assert {cite.key for cite in answer.sentences[1].cites} == {born[1].key, born[2].key}


def test_what_changed_gives_the_figures_of_both_times():
    week = Period(ago(7), NOW)
    grown = [a_member(created_at=ago(n)) for n in (40, 30, 20, 10, 5, 4, 3, 2, 1)]
    query = Query(since=ago(7))
    seen = view(a_theme(*grown), week, Period(ago(14), NOW))
    told = an_answer(
        query, [seen], [hit_of(m) for m in grown[3:]], Aim.CHANGED, coverage=some_coverage()
    )
    assert "is growing: 5 people in 7 days, 1 person in the 7 days before." in texts(told)[0]
    assert texts(told)[-1].startswith("6 posts: 5 in 7 days, 1 in the 7 days before.")


def a_problem(hits: list[Hit], complaints: list[Hit]) -> list[str]:
    query = Query(words=("sync",))
    wanted = Found(Query(words=("sync",), kinds=("complaint",)), MONTH, tuple(complaints))
    return texts(an_answer(query, hits=hits, aim=Aim.PROBLEM, complaints=wanted))


def test_a_problem_is_told_with_how_many_people_and_since_when():
    hits = [a_hit(created_at=ago(n)) for n in (20, 2, 1)]
    said = a_problem([*hits, a_hit()], hits)
    assert said[0] == (
        "Yes: 3 complaints about “sync” by 3 people on GitHub, 10 Feb 2026 to 1 Mar 2026."
    )
    assert said[1] == "Growing: 2 of these 3 in the last 15 days, 1 in the 15 days before."


def test_of_a_problem_the_newest_speak_as_far_as_there_are_enough():
    def hit(days: int, score: float) -> Hit:
        return replace(a_hit(title=f"said {days} days ago", created_at=ago(days)), score=score)

    old, new = [hit(200 + n, 0.9) for n in range(3)], [hit(20, 0.1), hit(10, 0.2)]
    quoted = [text for text in a_problem([*old, *new], [*old, *new]) if "“said" in text]
    assert [text.partition("“said ")[2] for text in quoted] == [
        "10 days ago”",
        "20 days ago”",
        "200 days ago”",
    ]


def test_two_people_are_little_to_go_on_and_nobody_is_no_complaint():
    one = [a_hit()]
    assert a_problem(one, one)[0].startswith("Little to go on: only 1 complaint about “sync”")
    assert a_problem([a_hit(), a_hit()], [])[0].startswith(
        "Nobody says so: none of the 2 posts about “sync” by 2 people"
    )


@pytest.mark.parametrize(("many", "ends"), [(1, "; it is no"), (4, "; none of them complains.")])
def test_where_few_posts_have_all_of_several_words_nobody_is_said_to_deny_it(many, ends):
    hits = [a_hit() for _ in range(many)]
    asked = Query(words=("windows", "broken"))
    wide = Query(words=("windows",), kinds=("complaint",))
    wider = Found(wide, MONTH, tuple(a_hit() for _ in range(13)), name="broken")
    none = Found(replace(asked, kinds=("complaint",)), MONTH)
    told = an_answer(asked, hits=hits, aim=Aim.PROBLEM, complaints=none, wider=wider)
    said = texts(told)
    assert said[0].startswith(f"Little to go on: only {many} post")
    assert ends in said[0]
    assert said[1].startswith("Without “broken” there are 13 complaints about “windows” by 13 peo")
    assert told.sentences[1].opens == wide
    assert [cite.key for cite in told.sentences[1].cites] == [hit.post.key for hit in wider.hits]


def test_complaints_deny_that_something_is_good():
    hits = [a_hit() for _ in range(3)]
    complaints = Found(replace(SYNC, kinds=("complaint",)), MONTH, tuple(hits))
    text = "is sync any good?"
    told = an_answer(SYNC, hits=hits, aim=Aim.PROBLEM, complaints=complaints, text=text)
    assert texts(told)[0].startswith("Some complain: 3 complaints about “sync” by 3 people")
    none = replace(complaints, hits=())
    told = an_answer(SYNC, hits=hits, aim=Aim.PROBLEM, complaints=none, text=text)
    assert texts(told)[0].startswith("Nobody complains: none of the 3 posts about “sync”")


def test_where_many_speak_and_no_theme_bears_on_it_they_are_not_said_to_differ():
    gathers = "no theme gathers them: each may tell of something else."
    many = [a_hit() for _ in range(12)]
    for aim in (Aim.OVERVIEW, Aim.HURTS, Aim.PRAISE):
        assert gathers in texts(an_answer(COMPLAINTS, hits=many, aim=aim))[0]
    two = texts(an_answer(SYNC, hits=many[:2]))[0]
    assert two.endswith("; no theme: fewer than three say the same.")


@pytest.mark.parametrize(("kind", "aim"), [("request", Aim.OVERVIEW), ("praise", Aim.PRAISE)])
def test_what_one_person_repeats_is_no_theme_of_wishes_or_praise(kind, aim):
    lone, shared = members(3, author="zoe"), members(2)
    views = [a_view(*lone, id="T1", label="Lone"), a_view(*shared, id="T2", label="Shared")]
    hits = [hit_of(member) for member in (*lone, *shared)]
    told = an_answer(Query(kinds=(kind,)), views, hits, aim)
    assert told.themes == ("T2",)
    assert "Lone" not in " ".join(texts(told))
    assert "2 themes" not in texts(told)[0]


def test_who_names_places_platforms_versions_and_keeps_the_team_apart():
    hits = [
        a_hit(text="on Windows with v2.4.1", author="ann"),
        a_hit(text="windows, 2.4.1 again, not in 10.2.4.1", author="ann"),
        a_hit(text="works on macOS and on macos", author="ann"),
        a_hit(text="MACOS too", author="ann"),
        a_hit(author="lead", role=Role.TEAM, venue="r/tool"),
        a_hit(author=None),
    ]
    said = texts(an_answer(SYNC, hits=hits, aim=Aim.WHO))
    assert said[0].startswith("Little to go on: only 1 person (and 1 by unknown authors) in 6 ")
    assert "acme/tool 5, r/tool 1" in said[0]
    assert said[1] == "Their posts name macOS 2, Windows 2; 2.4.1 2."
    assert said[2] == "By name: ann 4 (acme/tool); 1 are by the team (lead)."


def test_who_names_a_few_people_those_with_most_posts_first_and_counts_the_others():
    hits = [a_hit(author=f"user{n}", created_at=ago(n + 1)) for n in range(7)]
    hits += [a_hit(author="user6", venue="r/tool", created_at=ago(9))]
    hits += [a_hit(author="user6", source="reddit", venue="r/tool", created_at=ago(20))]
    told = an_answer(SYNC, hits=hits, aim=Aim.WHO)
    (named,) = (one for one in told.sentences if one.text.startswith("By name: "))
    assert named.text == (
        "By name: user6 2 (acme/tool and r/tool), user0 (acme/tool), user1 (acme/tool), "
        "user2 (acme/tool), user3 (acme/tool) and 3 more."
    )
    assert {cite.key for cite in named.cites} == {hit.post.key for hit in hits}
    assert named.opens == SYNC


def test_who_leaves_out_the_place_where_all_of_them_spoke_in_one():
    hits = [a_hit(author=name) for name in ("ann", "ann", "bob")]
    assert "By name: ann 2 and bob." in texts(an_answer(SYNC, hits=hits, aim=Aim.WHO))


def test_praise_is_told_in_its_own_words():
    hits = [a_hit(title=f"I love it, case {n}") for n in range(3)]
    said = texts(an_answer(Query(kinds=("praise",)), hits=hits, aim=Aim.PRAISE))
    assert said[0].startswith("3 posts of praise by 3 people on GitHub")
    assert "“I love it, case 0”" in " ".join(said[1:])


def compared(one: list[Hit], other: list[Hit], **fields: Any) -> list[str]:
    query = Query(since=ago(7), kinds=("complaint",))
    span = fields.get("span", Period(ago(14), ago(7)))
    before = Query(since=span.since, until=span.until, kinds=("complaint",))
    found = Found(before, span, tuple(other), name="the time before")
    return texts(an_answer(query, hits=one, aim=Aim.COMPARE, against=found))


def test_two_sides_of_one_length_are_compared_by_their_numbers():
    said = compared([a_hit(), a_hit()], [a_hit(created_at=ago(9))])
    assert said[0].endswith("2 complaints by 2 people; more than the time before.")
    assert said[1].startswith("The time before: 1 complaint by 1 person")


def test_sides_that_last_differently_are_compared_by_the_week():
    said = compared([a_hit()], [a_hit(created_at=ago(9))] * 2, span=Period(ago(28), ago(7)))
    assert "1 a week; for its time more than the time before" in said[0]
    assert ", 0.7 a week" in said[1]


def sides(one: tuple[int, int], other: tuple[int, int], *kinds: str) -> list[str]:
    """What is said of two places of which so many posts, of so many in all, were found."""
    made = [
        Found(
            Query(sources=(name,), words=("sync",) * (not kinds), kinds=kinds),
            Period(ago(7), NOW),
            hits := tuple(a_hit(source=name) for _ in range(number)),
            name=name,
            complaints=frozenset(hit.post.key for hit in hits),
            among=among,
        )
        for name, (number, among) in (("reddit", one), ("mail", other))
    ]
    asked = Question("compare", made[0].query, Aim.COMPARE)
    return texts(answer(Evidence(asked, made[0], some_coverage(), against=made[1])))


def test_each_side_is_told_with_its_share_of_all_that_was_written_there():
    said = sides((31, 1_240), (1, 4_000))
    assert said[0].startswith("Reddit: 31 posts about “sync” of 1,240, 2.5 % (31 complaints) by 31")
    assert said[1].startswith("Mail: 1 post about “sync” of 4,000, under 0.1 % (1 complaint) by")
    said = sides((31, 1_240), (2, 4_000), "bug")
    assert said[0].startswith("Reddit: 31 bug reports of 1,240 posts, 2.5 %, by 31 people")


def test_a_side_that_is_all_there_is_tells_the_share_of_its_complaints():
    assert sides((4, 4), (2, 4))[0].startswith("Reddit: 4 posts about “sync” (4 complaints, 100 %)")


def test_where_more_are_a_smaller_share_that_is_said():
    said = sides((30, 3_000), (20, 100))
    assert said[0].endswith(
        "; more complaints than mail, though a smaller share of the posts there."
    )
    assert sides((2, 3_000), (1, 3_000))[0].endswith("; more complaints than mail.")


def test_a_side_without_posts_is_named():
    assert compared([a_hit()], [])[0].endswith("; nothing for the time before.")


@pytest.mark.parametrize(
    ("tracking", "said"),
    [
        (
            Tracking(
                State.QUIET,
                Issue("github:acme/tool#7", "It stalls", None),
                fix=Fix(ago(20), "v2.4.1"),
                before=Rate(8, 4.0),
                after=Rate(0, 3.0),
                since=Since(0, 0),
            ),
            "Yes: fixed in v2.4.1 (acme/tool#7) · quiet since · 2 a week before, 0 after — “",
        ),
        (
            Tracking(State.OPEN, Issue("github:acme/tool#7", "It stalls", None)),
            "Not yet: tracked in acme/tool#7 (open",
        ),
        (
            Tracking(State.CLOSED, Issue("github:acme/tool#7", "It stalls", None)),
            "Perhaps: acme/tool#7 was closed; nothing tells of a fix — “",
        ),
        (
            Tracking(State.LINKED, by_hand=True, open_issues=3),
            "Unknown: tracked in an issue that not everybody may read (linked by hand) — “",
        ),
        (
            Tracking(State.UNTRACKED, posts=9, open_issues=3, opened=("github:elsewhere#1",)),
            "Not yet: 3 open issues of 9 posts, no main one named — “",
        ),
        (Tracking(State.UNTRACKED, untracked=("github:a",)), "Unknown: no issue tracks it — “"),
    ],
)
def test_whether_it_is_fixed_is_what_the_tracker_tells(tracking, said):
    some = members(3)
    told = an_answer(SYNC, [a_view(*some, tracking=tracking)], map(hit_of, some), Aim.FIXED)
    assert texts(told)[0].startswith(said)


@pytest.mark.parametrize(
    ("found", "of", "themes"), [(3, 4, ["T1"]), (4, 5, ["T1", "T2"]), (6, 9, ["T1", "T2"])]
)
def test_a_theme_that_is_only_near_to_what_was_asked_is_not_told(found, of, themes):
    wholly, partly = members(5), members(of)
    tracking = Tracking(State.OPEN, Issue("github:acme/tool#7", "It stalls", None))
    views = [a_view(*wholly, tracking=tracking), a_view(*partly, tracking=tracking, id="T2")]
    hits = map(hit_of, [*wholly, *partly[:found]])
    told = an_answer(SYNC, views, hits, Aim.FIXED)
    assert list(told.themes) == themes


@pytest.mark.parametrize(
    ("opened", "closed", "said"),
    [
        (2, 0, "Not yet: 2 issues about it are open, none closed"),
        (1, 1, "Not all of it: 1 issue about it is open, 1 closed"),
        (0, 1, "Perhaps: 1 issue about it is closed, none open"),
    ],
)
def test_where_no_issue_stands_for_it_the_issues_in_a_theme_tell_and_are_cited(
    opened, closed, said
):
    some = members(4)
    issues = [member.key for member in some[: opened + closed]]
    tracking = Tracking(
        State.PROPOSED,
        Issue("github:acme/tool#7", "It stalls", None),
        score=0.6,
        posts=4,
        open_issues=opened,
        closed_issues=closed,
        opened=tuple(issues[:opened]),
        closed=tuple(issues[opened:]),
    )
    told = an_answer(SYNC, [a_view(*some, tracking=tracking)], map(hit_of, some), Aim.FIXED)
    first, voice = told.sentences
    near = "; the closest is acme/tool#7 (likely) — “Push fails on big files” (T1), "
    assert first.text.startswith(f"{said}{near}")
    assert {cite.key for cite in first.cites} == set(issues)
    assert first.opens == Query(themes=("T1",), kinds=("issue",))
    assert {cite.key for cite in voice.cites} <= set(issues)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("open", "open"), "Not yet: 2 issues about it are open, none closed; 3 posts about"),
        (("closed", "open"), "Not all of it: 1 issue about it is open, 1 closed; 3 posts about"),
        (("closed", "closed"), "Perhaps: 2 issues about it are closed, none open; 3 posts about"),
        ((None, None), "Unknown: no issue is known to stand for 3 posts about"),
    ],
)
def test_without_a_theme_the_issues_among_the_posts_tell_whether_it_is_fixed(states, said):
    hits = [*(a_hit(state=one) for one in states), a_hit(state="open", kind="comment")]
    told = an_answer(SYNC, hits=hits, aim=Aim.FIXED)
    assert texts(told)[0].startswith(f"{said} “sync” by 3 people, 1 Mar 2026.")
    assert len(told.sentences[0].cites) == len(hits)


def test_without_an_issue_it_is_unknown_whether_it_is_fixed():
    hits = [a_hit(source="reddit", kind="post"), a_hit(state="open", kind="comment")]
    said = texts(an_answer(SYNC, hits=hits, aim=Aim.FIXED))[0]
    assert said.startswith("Unknown: no issue is known to stand for 2 posts about “sync”")


def test_of_what_waits_the_longest_is_told_first_and_then_what_drew_most():
    hits = [a_hit(title=f"wait {n}", created_at=ago(n), score=20 - n) for n in range(1, 9)]
    said = texts(an_answer(Query(unanswered=True), hits=hits, aim=Aim.UNANSWERED))
    assert said[0].startswith("8 threads by 8 people on GitHub wait for a first answer, the oldest")
    assert [text.rpartition("“")[2] for text in said[1:4]] == ["wait 8”", "wait 7”", "wait 6”"]
    assert said[4].startswith("19 points, since 1 Mar 2026, acme/tool: “wait 1”")


def test_a_number_is_split_by_source_and_by_week():
    hits = [a_hit(), a_hit(source="reddit", created_at=ago(8)), a_hit(created_at=ago(8))]
    query = Query(kinds=("complaint",))
    said = texts(an_answer(query, hits=hits, aim=Aim.COUNT, text="how many complaints?"))
    assert said[0].startswith("3 complaints, by 3 people, ")
    assert said[1] == "By source: GitHub 2, Reddit 1."
    assert said[2] == "By week from its Monday: 16 Feb 2, 23 Feb 1."
    people = an_answer(query, hits=hits, aim=Aim.COUNT, text="how many people complain?")
    assert texts(people)[0].startswith("3 people, in 3 complaints, ")


def test_posts_are_shown_best_first_and_no_more_than_a_person_reads():
    hits = [a_hit(title=f"post {n}", created_at=NOW - timedelta(hours=n)) for n in range(15)]
    answer = an_answer(SYNC, hits=hits, aim=Aim.SHOW)
    assert texts(answer)[0].endswith("; the 10 best first.")
    assert len(answer.sentences) == 11
    assert answer.sentences[1].cites[0].key == hits[0].post.key


@pytest.mark.parametrize("aim", [aim for aim in Aim if aim is not Aim.COMPARE])
def test_every_sentence_cites_posts_and_every_one_that_counts_opens_them(aim):
    some = [a_member(title="Push fails on big files again", created_at=ago(n)) for n in (1, 2, 3)]
    hits = [*map(hit_of, some), a_hit(state="open", score=3)]
    answer = an_answer(COMPLAINTS, [a_view(*some)], hits, aim)
    assert answer.sentences
    for sentence in answer.sentences:
        assert sentence.cites
        assert sentence.opens is not None or len(sentence.cites) == 1


def test_a_title_that_is_only_a_tag_is_no_quote():
    body = "### What happened?\n\nThe window closes as soon as I open a large file."
    hits = [a_hit(title="[BUG]", text=body), a_hit(title="[BUG] Sync stops", text=body)]
    quoted = [cite.quote for cite in an_answer(SYNC, (), hits, Aim.SHOW).sentences[0].cites]
    assert quoted == ["The window closes as soon as I open a large file.", "Sync stops"]
