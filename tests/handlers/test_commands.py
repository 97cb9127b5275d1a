from __future__ import annotations

from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import Answer, Coverage, Digest, Role
from bot.pipeline import Pipeline
from bot.store import Store, open_store
from bot.understand.cluster import AverageTree
from handlers.asking import OWN
from handlers.commands import (
    COMMANDS,
    OTHERS,
    SLASH,
    Help,
    HitList,
    Reply,
    ThemeList,
    UntrackedList,
    respond,
)
from handlers.deciding import DEEDS
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing

PUSH = [
    a_post(title=f"Push fails with E12 on big files {n}", created_at=ago(n), venue="acme/tool")
    for n in range(5)
]
SLOW = [
    a_post(
        source="reddit",
        external_id=f"t3_{n}",
        title=f"The plan is slow and takes ages {n}",
        created_at=ago(10 + n),
        venue="r/tool",
    )
    for n in range(4)
]
TEAM = a_post(title="Release 3.8.0 is out today", role=Role.TEAM, author="maren", created_at=ago(2))


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    store.posts.save([*PUSH, *SLOW, TEAM])
    made = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    made.understand()
    return made


def keys(reply: Reply) -> list[str]:
    assert isinstance(reply, HitList)
    return [hit.post.key for hit in reply.hits]


@pytest.mark.parametrize(
    "words", ["", "  ", "\n", SLASH, f"{SLASH}  ", f"{SLASH} help", "/GROUNDSWELL"]
)
def test_nothing_said_or_help_asked_for_shows_what_can_be_asked(pipeline, words):
    assert respond(pipeline, words) == Help()


def test_digest_tells_what_moved_in_the_last_week(pipeline):
    reply = respond(pipeline, f"{SLASH} digest")
    assert isinstance(reply, Digest)
    assert (reply.period.since, reply.period.until) == (ago(7), NOW)
    assert reply.posts == len(PUSH)  # one is as old as now, which its period leaves out


def test_digest_takes_a_query_for_its_posts_and_its_period(pipeline):
    reply = respond(pipeline, f"{SLASH} digest since:3w source:reddit")
    assert isinstance(reply, Digest)
    assert (reply.period.since, reply.posts) == (ago(21), len(SLOW))


def test_themes_come_with_the_query_they_answer(pipeline):
    whole, narrow = (
        respond(pipeline, f"{SLASH} themes"),
        respond(pipeline, f"{SLASH} themes source:reddit"),
    )
    assert isinstance(whole, ThemeList)
    assert isinstance(narrow, ThemeList)
    assert {len(view.theme.members) for view in whole.themes} == {len(PUSH), len(SLOW)}
    assert [len(view.theme.members) for view in narrow.themes] == [len(SLOW)]
    assert (whole.query, narrow.query) == ("", "source:reddit")


def test_untracked_complaints_come_by_theme_with_the_query_they_answer(pipeline):
    reply = respond(pipeline, f"{SLASH} untracked source:reddit")
    assert isinstance(reply, UntrackedList)
    complaints = {member.key for view in reply.themes for member in view.theme.members}
    assert complaints
    assert complaints <= {post.key for post in SLOW}
    assert reply.query == "source:reddit"


def test_search_finds_posts(pipeline):
    found = respond(pipeline, f'{SLASH} search "takes ages" source:reddit')
    assert set(keys(found)) == {post.key for post in SLOW}
    assert keys(respond(pipeline, f"{SLASH} search author:maren")) == [TEAM.key]


def test_search_for_nothing_asks_back(pipeline):
    reply = respond(pipeline, f"{SLASH} search")
    assert isinstance(reply, Help)
    assert reply.problem


@pytest.mark.parametrize("words", ["what hurts on GitHub?", f"{SLASH} ask what hurts on GitHub?"])
def test_a_question_is_answered_from_stored_posts_with_or_without_the_slash(pipeline, words):
    reply = respond(pipeline, words)
    assert isinstance(reply, Answer)
    assert reply.question == "what hurts on GitHub?"
    assert reply.query.sources == ("github",)
    cited = {cite.key for sentence in reply.sentences for cite in sentence.cites}
    assert cited
    assert cited <= {post.key for post in (*PUSH, TEAM)}


def test_to_ask_nothing_asks_back(pipeline):
    reply = respond(pipeline, f"{SLASH} ask")
    assert isinstance(reply, Help)
    assert reply.problem


def test_sources_says_what_was_read(pipeline):
    reply = respond(pipeline, f"{SLASH} sources")
    assert isinstance(reply, Coverage)
    assert {source.source: source.posts for source in reply.sources} == {
        "github": len(PUSH) + 1,
        "reddit": len(SLOW),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_the_same_in_capitals_and_amid_blanks(pipeline, name):
    plain = respond(pipeline, f"{SLASH} {name} since:3w")
    assert respond(pipeline, f"  {SLASH}   {name.upper()}   since:3w \n") == plain
    assert respond(pipeline, f"{SLASH}\n{name}\tsince:3w") == plain


def test_a_word_that_is_no_command_begins_a_question(pipeline):
    reply = respond(pipeline, f"{SLASH} push fails?")
    assert isinstance(reply, Answer)
    assert reply.question == "push fails?"


def test_another_slash_command_is_told_which_there_is(pipeline):
    reply = respond(pipeline, "/remind me")
    assert isinstance(reply, Help)
    assert "/remind" in reply.problem
    assert SLASH in reply.problem


@pytest.mark.parametrize("name", ["digest", "themes", "untracked", "search", "ask"])
def test_a_wrong_query_is_shown_with_the_place(pipeline, name):
    for words in ("colour:red since:7d", 'since:7d "half', "since:whenever"):
        with pytest.raises(QueryError, match=r"\n +\^"):
            respond(pipeline, f"{SLASH} {name} {words}")


def test_every_command_shows_how_it_is_used(pipeline):
    for name, command in COMMANDS.items():
        assert command.usage.split()[0] == name
        assert command.does
        assert not isinstance(respond(pipeline, f"{SLASH} {command.usage}"), Help) or name == "help"


def test_no_store_is_too_empty_to_speak(store):
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    for command in COMMANDS.values():
        assert isinstance(respond(pipeline, f"{SLASH} {command.usage}"), get_args(Reply))
    assert isinstance(respond(pipeline, "what hurts?"), Answer)


@pytest.fixture(scope="module")
def one_pipeline(tmp_path_factory):
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('one')}/one.db")
    store.posts.save([*PUSH, *SLOW])
    yield Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    store.close()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    command=st.sampled_from(["", f"{SLASH} ", *(f"{SLASH} {name} " for name in COMMANDS)]),
    words=st.text(st.one_of(st.characters(), st.sampled_from('":-*()^ ')), max_size=40),
)
def test_whatever_is_said_there_is_a_reply_or_a_query_is_wrong(one_pipeline, command, words):
    with suppress(QueryError):
        assert isinstance(respond(one_pipeline, command + words), get_args(Reply))


def test_every_command_of_people_and_channels_is_known_by_name():
    assert set(OTHERS) == {*OWN, *DEEDS} - {*COMMANDS}
