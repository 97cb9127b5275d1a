from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.model import Intent, Post, Query, Reading, Role
from bot.store import Name, Placement, Store
from bot.store.filters import conditions
from bot.store.posts import joined
from bot.store.schema import post
from tests.builders import NOW, a_post, ago


def titles(store: Store, query: Query) -> set[str]:
    return {found.title for _, found, _ in store.posts.find(query, NOW)}


def opener(title: str, **fields: object) -> Post:
    return a_post(**{"external_id": f"acme/tool#{title}", "title": title, "author": "ann"} | fields)


def reply(to: Post, number: int = 1, **fields: object) -> Post:
    named = {
        "external_id": f"{to.external_id}/{number}",
        "kind": "comment",
        "title": "",
        "text": "said",
        "parent_id": to.external_id,
        "root_id": to.external_id,
        "author": "bob",
    }
    return a_post(**named | fields)


UNANSWERED, ANSWERED = Query(unanswered=True), Query(unanswered=False)


class TestUnanswered:
    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"state": "open"},
            {"reply_count": 0},
            {"state": "closed", "closed_at": NOW.replace(year=2027)},
            {"author": None},
        ],
    )
    def test_a_thread_that_nobody_replied_to_waits(self, store, fields):
        store.posts.save([opener("alone", **fields)])
        assert titles(store, UNANSWERED) == {"alone"}
        assert titles(store, ANSWERED) == set()

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": "closed"},
            {"state": "closed", "closed_at": ago(0.5)},
            {"state": "merged"},
            {"state": "answered"},
            {"state": "solved"},
            {"reply_count": 2},
            {"role": Role.TEAM},
            {"role": Role.BOT},
            {"kind": "release"},
        ],
    )
    def test_a_thread_that_is_over_or_that_no_user_opened_does_not(self, store, fields):
        store.posts.save([opener("other", **fields)])
        assert titles(store, UNANSWERED) == set()
        assert titles(store, ANSWERED) == {"other"}

    @pytest.mark.parametrize(
        ("fields", "waits"),
        [
            ({}, False),
            ({"author": None}, False),
            ({"role": Role.TEAM}, False),
            ({"author": "ANN"}, True),
            ({"role": Role.BOT}, True),
            ({"created_at": NOW.replace(year=2027)}, True),
            ({"root_id": None}, False),
            ({"parent_id": "acme/tool#asked/9"}, False),
            ({"source": "discourse"}, True),
        ],
    )
    def test_a_reply_of_anybody_else_is_an_answer(self, store, fields, waits):
        asked = opener("asked")
        store.posts.save([asked, reply(asked, **fields)])
        assert (titles(store, UNANSWERED) == {"asked"}) is waits

    def test_replies_that_were_read_account_for_those_that_the_source_counts(self, store):
        asked = opener("asked", reply_count=2)
        store.posts.save([asked, reply(asked, 1, author="ann"), reply(asked, 2, role=Role.BOT)])
        assert titles(store, UNANSWERED) == {"asked"}

    def test_replies_are_neither(self, store):
        asked = opener("asked")
        store.posts.save([asked, reply(asked, text="hm")])
        assert titles(store, ANSWERED) == {"asked"}

    def test_it_is_asked_through_the_indices_of_replies(self, store):
        statement = joined(select(post.c.id), UNANSWERED, NOW)
        text = str(statement.compile(store.engine, compile_kwargs={"literal_binds": True}))
        with store.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")
            said = [row[3] for row in plan if "AS reply" in row[3] or " reply " in row[3]]
        assert len(said) == 4
        indices = ("INDEX ix_post_source_root_id", "INDEX ix_post_source_parent_id")
        assert all(any(index in row for index in indices) for row in said), said


@pytest.fixture
def mixed(store: Store) -> Store:
    """Posts of several places, kinds and labels."""
    posts = [
        opener("bug", labels=("wontfix",), state="open"),
        opener("praise", source="reddit", venue="r/tool", author="bob"),
        opener("unread", author=None),
    ]
    store.posts.save(posts)
    rows = {found.title: row for row, found, _ in store.posts.find(Query(), NOW)}
    store.readings.save(
        [
            (rows["bug"], Reading(Intent.BUG, 2, language="de")),
            (rows["praise"], Reading(Intent.PRAISE, language="en")),
        ]
    )
    store.themes.save(
        [Placement(rows["bug"], "T1", 1.0)], [Name("T1", "one", (), "parser")], {}, NOW
    )
    return store


@pytest.mark.parametrize(
    ("pair", "kept"),
    [
        (("source", "REDDIT"), {"bug", "unread"}),
        (("kind", "complaint"), {"praise", "unread"}),
        (("kind", "praise"), {"bug", "unread"}),
        (("author", "ann"), {"praise", "unread"}),
        (("label", "wontfix"), {"praise", "unread"}),
        (("state", "open"), {"praise", "unread"}),
        (("venue", "r/tool"), {"bug", "unread"}),
        (("lang", "de"), {"praise", "unread"}),
        (("theme", "T1"), {"praise", "unread"}),
        (("area", "parser"), {"praise", "unread"}),
        (("criterion", "crash"), {"bug", "praise", "unread"}),
    ],
)
def test_what_is_excluded_is_left_out_and_what_is_unknown_stays(mixed, pair, kept):
    assert titles(mixed, Query(excluded=(pair,))) == kept


def test_several_are_excluded_at_once(mixed):
    pairs = (("source", "reddit"), ("label", "wontfix"))
    assert titles(mixed, Query(excluded=pairs)) == {"unread"}


@pytest.mark.parametrize("query", [Query(people=2), Query(untracked=True)])
def test_what_no_single_post_tells_is_refused_rather_than_forgotten(query):
    with pytest.raises(ValueError, match="turned into themes"):
        conditions(query, NOW)


class TestCrowded:
    @pytest.fixture
    def crowds(self, store: Store) -> Store:
        """T1: three people, one of them on Reddit, one long ago; T2: one loud person."""
        posts = [
            opener("a", author="ann"),
            opener("b", author="bob", source="reddit", venue="r/tool"),
            opener("c", author="cat", created_at=ago(90)),
            opener("d", author="dev", role=Role.TEAM),
            opener("e", author=None),
            *(opener(f"loud{n}", author="max") for n in range(5)),
        ]
        store.posts.save(posts)
        rows = {found.title: row for row, found, _ in store.posts.find(Query(), NOW)}
        places = [
            Placement(row, "T2" if title.startswith("loud") else "T1", 1.0)
            for title, row in rows.items()
        ]
        names = [Name("T1", "one", ()), Name("T2", "two", ())]
        store.themes.save(places, names, {}, NOW)
        return store

    @pytest.mark.parametrize(
        ("query", "themes"),
        [
            (Query(people=1), ["T1", "T2"]),
            (Query(people=3), ["T1"]),
            (Query(people=4), []),
            (Query(people=2, since=ago(7)), ["T1"]),
            (Query(people=3, since=ago(7)), []),
            (Query(people=1, sources=("reddit",)), ["T1"]),
            (Query(people=2, excluded=(("source", "reddit"),)), ["T1"]),
            (Query(people=3, excluded=(("source", "reddit"),)), []),
            (Query(people=3, kinds=("praise",), words=("nothing",)), ["T1"]),
            (Query(people=1, themes=("T2",)), ["T2"]),
        ],
    )
    def test_people_are_counted_in_the_time_and_the_places_alone(self, crowds, query, themes):
        assert crowds.themes.crowded(query, NOW) == themes
