from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Aim, Audience, Query, Question
from bot.speak.correcting import MOST, corrections, meant, wider
from bot.speak.echo import compared
from bot.speak.follow import follow
from bot.speak.query import parse, written
from bot.speak.question import understand
from bot.speak.talk import carried, uncarried
from tests.slack.anything import HOSTILE
from tests.speak.quill import AT
from tests.speak.test_questions_table import HELD_OUT, OURS, rows


def offered(text: str) -> dict[str, Question]:
    return {one.said: one.question for one in corrections(understand(text, AT), AT)}


def test_each_limit_of_a_question_can_be_dropped_as_a_person_says_it():
    asked = understand(
        "what are people on Reddit complaining about in torch compile since the last release?", AT
    )
    found = {one.said: one.question for one in corrections(asked, AT)}
    assert list(found) == [
        "at any time",
        "everywhere",
        "not only complaints",
        "exactly these words: “torch compile”",
        "drop the word “torch”",
        "drop the word “compile”",
        "about anything",
    ]
    said = {name: written(one.query).partition("Z ")[2] for name, one in found.items()}
    assert written(found["at any time"].query) == "source:reddit kind:complaint torch compile"
    assert said["everywhere"] == "kind:complaint torch compile"
    assert said["not only complaints"] == "source:reddit torch compile"
    assert said["exactly these words: “torch compile”"].endswith('"torch compile"')
    assert said["drop the word “torch”"].endswith("kind:complaint compile")


@pytest.mark.parametrize(
    ("query", "said", "then"),
    [
        ("venue:r/tool sync", "everywhere", "sync"),
        ("lang:de sync", "in any language", "sync"),
        ("author:ann sync", "by anybody", "sync"),
        ("state:open unanswered:yes sync", "not only open, unanswered", "sync"),
        ("label:wontfix sync", "not only labelled wontfix", "sync"),
        ("people:>5 sync", "not only themes of 6 people or more", "sync"),
        ("theme:T1 sync", "not only theme T1", "sync"),
        ("-source:reddit sync", "reddit too", "sync"),
        ("-docs sync", "“docs” too", "sync"),
        ('"dark mode" kind:bug', "not in exactly these words", "kind:bug dark mode"),
    ],
)
def test_every_part_of_a_query_can_be_taken_back(query: str, said: str, then: str):
    assert written(offered(query)[said].query) == then


def test_what_was_not_understood_can_be_searched_for_and_comes_first():
    found = offered("complaints about sync since the merger")
    assert next(iter(found)) == "about “merger” too"
    assert found["about “merger” too"].query.words == ("sync", "merger")
    assert found["about “merger” too"].not_understood == ()


def test_the_aim_stays_unless_it_rests_on_what_is_dropped():
    hurts = offered("what hurts most on reddit this month?")
    assert hurts["at any time"].aim is hurts["everywhere"].aim is Aim.HURTS
    assert hurts["not only complaints"].aim is Aim.OVERVIEW
    waits = offered("unanswered questions on reddit")
    assert waits["not only questions"].aim is Aim.UNANSWERED
    assert waits["not only unanswered"].aim is Aim.OVERVIEW
    assert {one.aim for one in offered("who is hit by limits on reddit?").values()} == {Aim.WHO}


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("what do people say about MCP?", "since:30d"),
        ("what did people ever say about MCP?", ""),
        ('complaints about "dark mode" on reddit', "since:30d source:reddit kind:complaint"),
        ("how many complaints about sync speed since v2.4.0?", "since:v2.4.0 kind:complaint"),
    ],
)
def test_what_it_is_about_can_be_dropped_alone_and_a_time_bounds_the_rest(text: str, then: str):
    found = offered(text)
    assert list(found)[-1] == "about anything"
    assert found["about anything"].query == parse(then, AT)
    assert meant(understand(text, AT), "about anything", AT) == found["about anything"]


@pytest.mark.parametrize("text", ["is sync a problem?", "is sync fixed?", "who is hit by sync?"])
def test_what_is_asked_of_something_is_asked_of_nothing_else(text: str):
    assert "about anything" not in offered(text)


def test_a_subject_that_was_kept_is_the_first_to_be_dropped():
    first = understand("what do people say about MCP on reddit?", AT)
    kept = follow(first, "how many complaints?", AT)
    assert kept.query.words == ("MCP",)
    found = {one.said: one.question for one in corrections(kept, AT, first)}
    assert next(iter(found)) == "about anything"
    assert found["about anything"].aim is Aim.COUNT


def test_of_a_question_that_stands_for_itself_the_subject_before_is_offered():
    first = understand('what do people say about MCP and "dark mode"?', AT)
    alone = follow(first, "what is new?", AT)
    found = {one.said: one.question for one in corrections(alone, AT, first)}
    assert next(iter(found)) == "only about MCP “dark mode”"
    onwards = found["only about MCP “dark mode”"]
    assert (onwards.aim, onwards.query) == (Aim.NEW, parse('since:30d MCP "dark mode"', AT))
    said = follow(alone, "only about MCP “dark mode”", AT)
    assert (said.aim, said.query) == (onwards.aim, onwards.query)
    for before in (None, understand("what is new on reddit?", AT), understand("2.3 vs 2.4", AT)):
        assert not any("only" in one.said for one in corrections(alone, AT, before))


def test_what_is_new_or_changed_needs_a_time():
    assert list(offered("what changed last week on github?")) == ["everywhere"]
    assert "at any time" not in offered("what is new since monday?")


def test_both_sides_of_a_comparison_are_corrected_alike_and_stay_different():
    found = offered("compare 2.3 and 2.4 on reddit since last week")
    everywhere = found["everywhere"]
    assert everywhere.against is not None
    assert everywhere.query.sources == everywhere.against.sources == ()
    assert everywhere.aim is Aim.COMPARE
    assert found["exactly these words: “2.3” and “2.4”"].query.phrases == ("2.3",)
    assert offered("compare this month and last month") == {}
    assert "everywhere" not in offered("compare reddit and github this week")


def test_an_unbounded_question_has_nothing_to_correct():
    assert corrections(Question("everything, ever", Query()), AT) == ()


@pytest.mark.parametrize(
    "asked",
    [
        understand("compare 2.3 and 2.4 on reddit since last week", AT),
        Question('say "x" \\ \n\u202e', parse('"a b" -c -label:"d e"', AT), Aim.WHO),
        Question("é" * 400, parse("since:3d sync", AT), Aim.NEW),
    ],
)
def test_what_is_carried_is_read_as_the_same_and_no_longer_than_it_may_be(asked: Question):
    line = carried(asked, 150)
    assert 0 < len(line) <= 150
    again = uncarried(line, AT)
    assert again is not None
    assert (again.query, again.against, again.aim) == (asked.query, asked.against, asked.aim)
    assert asked.text.startswith(again.text)


def test_what_has_no_room_is_not_carried():
    assert carried(Question("x", Query(words=("word",) * 40)), 150) == ""


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        "7",
        "null",
        '["hurts"]',
        '["cures","sync","",""]',
        '["hurts","sorce:reddit","",""]',
        '["hurts","\\"open","",""]',
        '["new","since:never","",""]',
        '["who","a","b","c","d"]',
        *HOSTILE,
    ],
)
def test_what_was_never_carried_is_not_read(line: str):
    assert uncarried(line, AT) is None


def test_whoever_chooses_is_told_what_they_may_read_whatever_the_choice_carries():
    their = replace(AT, audience=Audience())
    meant = uncarried(carried(understand("compare 2.3 and 2.4", AT), 150), their)
    assert meant is not None
    assert meant.against is not None
    assert meant.query.audience == meant.against.audience == Audience()


def test_where_nothing_is_found_the_same_limits_are_dropped():
    query = parse("since:3d source:reddit kind:bug author:ann dark mode", AT)
    said = dict(wider(query))
    for name in ("at any time", "everywhere", "by anybody"):
        assert (
            said[name]
            == {one.said: one.question.query for one in corrections(Question("", query), AT)}[name]
        )
    assert said["about “dark” alone"].words == ("dark",)
    assert "dark" not in written(said["about “mode” alone"])
    assert compared(said["of any kind"], None, AT).count("bug") == 0


def test_of_questions_as_people_ask_them_nearly_all_that_is_offered_can_be_chosen():
    fits = total = 0
    for row in (row for path in (OURS, HELD_OUT) if path.exists() for row in rows(path)):
        asked = understand(row.question, AT)
        found = corrections(asked, AT)
        assert len(found) <= MOST
        assert len({one.said for one in found}) == len(found), row.question
        for one in found:
            meant = (one.question.query, one.question.against)
            assert meant != (asked.query, asked.against)
            total += 1
            if line := carried(one.question, 150):
                again = uncarried(line, AT)
                assert again is not None
                assert (again.query, again.against) == meant
                fits += 1
    assert total > 1_000
    assert fits / total > 0.95


def test_a_correction_can_be_said_as_well_as_tapped():
    asked = understand("complaints about sync speed on Reddit", AT)
    found = offered("complaints about sync speed on Reddit")
    assert meant(asked, "Not only complaints.", AT) == found["not only complaints"]
    assert meant(asked, 'drop the word "speed"', AT) == found["drop the word “speed”"]
    for typed in ("drop the word speed", "Drop the word 'speed'.", "drop the word `speed`"):
        assert meant(asked, typed, AT) == found["drop the word “speed”"]
    assert meant(asked, "not only requests", AT) is None
