"""Both sides of a disagreement, from threads to what is shown."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from bot.model import Dissent, Intent, Post, Query, Reading, Role, ThemeView, Visibility
from bot.pipeline import Pipeline, dissenting
from bot.pipeline.telling import Telling
from bot.slack.console import answer_drawing, theme_drawing
from bot.speak.data import answer_data, digest_data, theme_data
from bot.speak.page import digest_page
from bot.speak.plain import answer_text, card, digest_text
from bot.store import Name, Placement, Store
from bot.understand.cluster import AverageTree
from bot.understand.criteria import sensitive
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing

YESTERDAY = ago(1)
FIXED, BROKEN = "This is fixed in 2.4, I think.", "It is still broken on 2.4 for all of us."


class Threads:
    """A store in which every opener stands in a theme that is told by the test."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, NOW
        self.pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: self.now)

    def opens(self, theme: str = "T1", **fields: Any) -> Post:
        plain = {"title": "Sync stops", "author": "ann", "created_at": ago(3)}
        opener = a_post(**plain | fields)
        self._save(opener)
        [row_id] = self._rows([opener])
        self.store.themes.save(
            [Placement(row_id, theme, 1.0)], [Name(theme, f"About {theme}", ())], {}, NOW
        )
        return opener

    def replies(self, to: Post, text: str, author: str, at: datetime, **fields: Any) -> Post:
        plain = {"title": "", "kind": "comment", "parent_id": to.external_id}
        reply = a_post(**plain | {"text": text, "author": author, "created_at": at} | fields)
        self._save(reply)
        return reply

    def disputes(self, opener: Post, at: datetime = YESTERDAY, **fields: Any) -> tuple[Post, Post]:
        """Somebody says that it is fixed, and somebody that it is not."""
        return (
            self.replies(opener, FIXED, "bob", at - timedelta(hours=1), role=Role.TEAM),
            self.replies(opener, BROKEN, "cleo", at, **fields),
        )

    def dissent(self, theme: str = "T1") -> Dissent | None:
        return self.pipeline.theme(theme).dissent

    def _save(self, post: Post) -> None:
        self.store.posts.save([post])
        [row_id] = self._rows([post])
        secret = sensitive(post)
        words = None if secret is None else str(secret)
        self.store.readings.save([(row_id, Reading(Intent.BUG, strength=1, sensitive=words))])
        rows = np.ones((1, WordHashing.dims), dtype=np.float32)
        self.store.vectors.save(WordHashing.name, [row_id], rows)

    def _rows(self, posts: list[Post]) -> list[int]:
        with self.store.engine.connect() as connection:
            ask = "SELECT id FROM post WHERE source = ? AND external_id = ?"
            return [
                connection.exec_driver_sql(ask, (post.source, post.external_id)).scalar_one()
                for post in posts
            ]


@pytest.fixture
def threads(store: Store) -> Threads:
    return Threads(store)


def test_a_theme_is_told_with_both_sides_of_its_sharpest_disagreement(threads: Threads):
    claim, against = threads.disputes(threads.opens())

    found = threads.dissent()

    assert found is not None
    assert (found.claim.key, found.claim.quote, found.claim_by) == (claim.key, FIXED, Role.TEAM)
    assert (found.against.key, found.against.quote) == (against.key, BROKEN)
    assert (found.against_by, found.over) == (Role.USER, "fixed or not")
    assert found.against.url == against.url


def test_where_nobody_disagrees_nothing_is_told(threads: Threads):
    opener = threads.opens()
    threads.replies(opener, "Same here, thank you.", "bob", ago(1))

    assert threads.dissent() is None
    assert theme_data(threads.pipeline.theme("T1"))["dissent"] is None
    assert "disagree" not in card(threads.pipeline.theme("T1"))


def test_only_themes_that_are_shown_are_read(threads: Threads, monkeypatch: pytest.MonkeyPatch):
    threads.disputes(threads.opens())
    threads.disputes(threads.opens("T2"))
    asked: list[list[str]] = []
    told = dissenting.Dissents.told

    def watched(self: Any, views: list[ThemeView], query: Query) -> list[ThemeView]:
        asked.append([view.theme.id for view in views])
        return told(self, views, query)

    monkeypatch.setattr(dissenting.Dissents, "told", watched)

    assert [view.dissent for view in threads.pipeline.themes()] == [None, None]
    assert threads.pipeline.theme("T2").dissent
    assert asked == [["T2"]]


def test_what_was_said_after_now_is_not_known(threads: Threads):
    threads.disputes(threads.opens(), at=ago(1))
    assert threads.dissent()

    threads.now = ago(1, minutes=1)

    assert threads.dissent() is None


def shown_in_digest(threads: Threads, days: int) -> list[Dissent | None]:
    digest = threads.pipeline.digest(f"since:{days}d")
    return [view.dissent for section in digest.sections for view in section.shown]


def test_a_digest_tells_only_what_somebody_disagreed_about_in_its_time(threads: Threads):
    for author in ("ann", "dan", "eve"):
        opener = threads.opens(author=author)
    threads.disputes(opener, at=ago(1))
    old = threads.opens("T2", created_at=ago(20))
    for author in ("fay", "gus", "hal"):
        threads.opens("T2", author=author)
    threads.disputes(old, at=ago(19))

    assert sum(one is not None for one in shown_in_digest(threads, 7)) == 1
    assert sum(one is not None for one in shown_in_digest(threads, 30)) == 2


def test_a_claim_before_a_digest_s_time_is_quoted_beside_the_answer_in_it(threads: Threads):
    for author in ("ann", "dan", "eve"):
        threads.opens(author=author)
    opener = threads.opens(created_at=ago(20))
    claim = threads.replies(opener, FIXED, "bob", ago(19))
    threads.replies(opener, BROKEN, "cleo", ago(1))

    [found] = shown_in_digest(threads, 7)

    assert found is not None
    assert found.claim.key == claim.key


def everything_said(threads: Threads) -> str:
    """Every output that a channel can be shown of the theme."""
    view, digest = threads.pipeline.theme("T1"), threads.pipeline.digest("since:30d")
    answer = threads.pipeline.ask("theme:T1")
    texts = [card(view), digest_text(digest), digest_page(digest), answer_text(answer)]
    data = [theme_data(view), digest_data(digest), answer_data(answer)]
    return "\n".join([*texts, json.dumps(data), drawn(threads)])


def drawn(threads: Threads) -> str:
    console = Console(width=300, force_terminal=False, highlight=False)
    with console.capture() as capture:
        console.print(theme_drawing(threads.pipeline.theme("T1")))
        console.print(answer_drawing(threads.pipeline.ask("theme:T1")))
    return capture.get()


def test_every_output_quotes_both_sides(threads: Threads):
    opener = threads.opens()
    for author in ("dan", "eve"):
        threads.opens(author=author)
    _, against = threads.disputes(opener)
    view, digest = threads.pipeline.theme("T1"), threads.pipeline.digest("since:30d")
    answer = threads.pipeline.ask("theme:T1")

    for text in (card(view), digest_text(digest), digest_page(digest), drawn(threads)):
        assert "They disagree (fixed or not):" in text
        assert FIXED in text
        assert BROKEN in text
        assert "bob of the team, acme/tool" in text
    assert theme_data(view)["dissent"]["against"]["key"] == against.key
    assert theme_data(view)["dissent"]["claim"]["role"] == "team"
    [said] = [s for s in answer.sentences if "They disagree" in s.text]
    assert FIXED in said.text
    assert BROKEN in said.text
    assert [cite.key for cite in said.cites][1] == against.key


def test_an_answer_about_a_time_quotes_nobody_from_before_it(threads: Threads):
    opener = threads.opens(created_at=ago(3))
    for author in ("dan", "eve"):
        threads.opens(author=author, created_at=ago(3))
    threads.replies(opener, FIXED, "bob", ago(2.5))
    threads.replies(opener, BROKEN, "cleo", ago(1))

    def told(question: str) -> bool:
        return "They disagree" in answer_text(threads.pipeline.ask(question))

    assert told("theme:T1 since:4d")
    assert not told(f"theme:T1 since:{ago(2):%Y-%m-%d}")


@pytest.mark.parametrize("whose", ["opener", "reply"])
def test_no_word_of_a_private_post_is_quoted(threads: Threads, whose: str):
    private: dict[str, Any] = {"visibility": Visibility.PRIVATE}
    opener = threads.opens(**private if whose == "opener" else {})
    for author in ("dan", "eve"):
        threads.opens(author=author)
    threads.disputes(opener, **private if whose == "reply" else {})

    assert "They disagree" not in everything_said(threads)
    assert "still broken" not in drawn(threads)


def test_a_thread_with_an_undisclosed_vulnerability_is_quoted_nowhere(threads: Threads):
    opener = threads.opens()
    for author in ("dan", "eve"):
        threads.opens(author=author)
    threads.disputes(opener)
    assert "They disagree" in everything_said(threads)

    threads.replies(opener, "It lets attackers run arbitrary code.", "mallory", ago(0.5))

    assert "They disagree" not in everything_said(threads)


def test_a_reply_to_a_reply_is_read_whether_it_knows_its_thread_or_not(threads: Threads):
    opener = threads.opens()
    claim = threads.replies(opener, FIXED, "bob", ago(2))
    threads.replies(claim, BROKEN, "cleo", ago(1))
    other = threads.opens("T2")
    claimed = threads.replies(other, FIXED, "bob", ago(2), root_id=other.external_id)
    threads.replies(claimed, BROKEN, "cleo", ago(1), root_id=other.external_id)

    assert threads.dissent()
    assert threads.dissent("T2")


def test_replies_that_answer_each_other_in_a_ring_end(threads: Threads):
    opener = threads.opens(external_id="o")
    threads.replies(opener, "One.", "bob", ago(2), external_id="a", parent_id="o")
    threads.replies(opener, "Two.", "cleo", ago(1), external_id="b", parent_id="b")

    assert threads.dissent() is None


def test_a_query_s_places_hold_for_the_threads_that_are_read(threads: Threads):
    threads.disputes(threads.opens(venue="acme/other"))
    threads.opens(venue="acme/tool")

    def dissent(query: str) -> Dissent | None:
        [view] = threads.pipeline.themes(query)
        return view.dissent

    assert dissent("theme:T1")
    assert dissent("theme:T1 repo:acme/tool") is None


def test_the_threads_replied_to_last_are_read_and_not_more_than_so_many(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
):
    threads.disputes(threads.opens(), at=ago(2))
    threads.replies(threads.opens(), "Thanks.", "bob", ago(1))
    query = Query()

    def posts(most: int) -> int:
        found = threads.store.threads.of_themes(["T1"], query, NOW, most)
        return sum(map(len, found.values()))

    assert (posts(0), posts(1), posts(2), posts(9)) == (0, 2, 5, 5)
    monkeypatch.setattr(dissenting, "THREADS", 1)
    assert threads.dissent() is None


def test_a_theme_without_threads_costs_no_reading_of_them(threads: Threads):
    threads.opens()
    telling = Telling(threads.store, WordHashing(), NOW)

    assert threads.store.threads.of_themes(["T1", "T2", "?"], Query(), NOW, 9) == {}
    assert telling.theme("T1").dissent is None
