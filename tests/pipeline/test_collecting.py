from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.errors import GroundswellError, SourceError
from bot.limits import Budget
from bot.model import Gap, Period, Query, Role
from bot.pipeline import Pipeline
from bot.pipeline.collecting import REST_MOST, Collecting, awake
from bot.sources.base import Batch, Rejection, Source
from bot.speak.coverage import line
from bot.store import Store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post, ago
from tests.fakes import Scripted, WordHashing

ONE = a_post(source="rss", external_id="blog/1")
TWO = a_post(source="rss", external_id="blog/2")


def test_a_source_is_read_from_where_it_was_left(store):
    source = Scripted("rss/blog", (Batch((ONE,), "a"), Batch((TWO,), "b")))
    report = Collecting(store, NOW).one(source)
    assert (report.read, report.new, report.error, report.read_at) == (2, 2, None, NOW)
    Collecting(store, NOW).one(source)
    assert source.cursors == [None, "b"]


def test_a_failure_keeps_what_came_before_it_and_is_remembered(store):
    source = Scripted("rss/blog", (Batch((ONE,), "a"),), SourceError("the feed is down"))
    report = Collecting(store, NOW).one(source)
    assert (report.new, report.error) == (1, "the feed is down")
    state = store.sources.state("rss/blog")
    assert (state.cursor, state.error, state.read_at) == ("a", "the feed is down", None)


def test_the_next_reading_without_an_error_ends_the_error_but_not_the_memory(store):
    Collecting(store, ago(1)).one(Scripted("rss/blog", (Batch((ONE,), "a"),)))
    failing = Collecting(store, NOW).one(Scripted("rss/blog", fails=SourceError("down")))
    assert failing.read_at == ago(1)
    Collecting(store, NOW).one(Scripted("rss/blog"))
    assert store.sources.state("rss/blog").error is None
    assert store.sources.state("rss/blog").cursor == "a"


def test_a_deletion_at_the_source_is_one_here(store):
    Collecting(store, NOW).one(Scripted("rss/blog", (Batch((ONE, TWO), "a"),)))
    report = Collecting(store, NOW).one(
        Scripted("rss/blog", (Batch((), "b", deleted=("blog/1",)),))
    )
    assert report.deleted == 1
    assert store.posts.count(NOW) == 1


def test_rejections_are_counted_by_reason_and_kept_whole(store):
    bad = tuple(Rejection(f"feed:{n}", "no words") for n in range(3))
    batch = Batch((ONE,), "a", rejected=(*bad, Rejection("feed:9", "not JSON", "char 0")))
    report = Collecting(store, NOW).one(Scripted("rss/blog", (batch,)))
    assert report.reasons == {"no words": 3, "not JSON": 1}
    assert report.read == 5


@dataclass
class Asked(Scripted):
    """A source that is asked again about its posts, and then says `answers`."""

    answers: tuple[Batch, ...] = ()
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def recheck(self, external_ids: Sequence[str]) -> Iterator[Batch]:
        self.asked.append(tuple(external_ids))
        yield from self.answers


def a_pipeline(store: Store, *sources: Source, now: datetime = NOW, **more) -> Pipeline:
    named = {source.name: source for source in sources}
    return Pipeline(store, WordHashing(), AverageTree(), named, lambda: now, **more)


def test_recent_posts_are_asked_about_again_and_what_is_gone_goes(store):
    Collecting(store, NOW).one(Scripted("rss/blog", (Batch((ONE, TWO), "a"),)))
    edited = replace(TWO, title="edited")
    source = Asked("rss/blog", answers=(Batch((edited,), None, deleted=("blog/1",)),))
    report = Collecting(store, NOW).one(source)
    assert (report.updated, report.deleted) == (1, 1)
    assert source.asked == [("blog/1", "blog/2")]
    [(_, post, _)] = store.posts.find(Query(), NOW)
    assert post.title == "edited"
    assert store.sources.state("rss/blog").cursor == "a"


def test_those_unseen_for_longest_are_asked_about_first_and_old_ones_never(store):
    old = a_post(source="rss", external_id="blog/0", created_at=ago(200))
    other = a_post(source="rss", external_id="other/1")
    Collecting(store, NOW).one(Scripted("rss/blog", (Batch((old, ONE, TWO), "a"),)))
    Collecting(store, NOW).one(Scripted("rss/other", (Batch((other,), "a"),)))
    assert store.posts.to_check("rss/blog", NOW, 9) == ["blog/1", "blog/2"]
    store.posts.checked("rss/blog", ["blog/1"], NOW)
    assert store.posts.to_check("rss/blog", NOW, 1) == ["blog/2"]


def test_the_configured_list_goes_before_what_the_source_says(store):
    roles = {"ann": Role.TEAM, "botty": Role.BOT}
    posts = (replace(ONE, author="Ann"), replace(TWO, author="bob"))
    Collecting(store, NOW, roles=roles).one(Scripted("rss/blog", (Batch(posts, "a"),)))
    found = {post.author: post.role for _, post, _ in store.posts.find(Query(), NOW)}
    assert found == {"Ann": Role.TEAM, "bob": Role.USER}


def test_a_list_that_changes_later_changes_what_is_stored(store):
    Collecting(store, NOW).one(Scripted("rss/blog", (Batch((replace(ONE, author="Ann"),), "a"),)))
    Collecting(store, NOW, roles={"ann": Role.TEAM}).all([Scripted("rss/blog")])
    [(_, post, _)] = store.posts.find(Query(), NOW)
    assert post.role is Role.TEAM


@pytest.mark.parametrize(
    ("error", "failures", "rest"),
    [
        (SourceError("down"), 1, timedelta(minutes=1)),
        (SourceError("down"), 3, timedelta(minutes=4)),
        (SourceError("down"), 40, REST_MOST),
        (SourceError("gone", permanent=True), 1, REST_MOST),
        (SourceError("busy", retry_after=90), 5, timedelta(seconds=90)),
    ],
)
def test_after_each_failure_a_source_is_left_alone_longer(store, error, failures, rest):
    for _ in range(failures):
        Collecting(store, NOW).one(Scripted("rss/blog", fails=error))
    state = store.sources.state("rss/blog")
    assert (state.failures, state.rests_until) == (failures, NOW + rest)


def test_a_source_at_rest_is_not_asked_but_told_until_it_is_named(store):
    source = Scripted("rss/blog", (Batch((ONE,), "a"),), SourceError("down"))
    a_pipeline(store, source).collect()
    [resting] = a_pipeline(store, source).collect()
    assert "left alone until 2026-03-02 12:01 UTC after 1 failure in a row" in (resting.error or "")
    assert len(source.cursors) == 1
    a_pipeline(store, source).collect(["rss/blog"])
    a_pipeline(store, source, now=NOW + timedelta(hours=1)).collect()
    assert len(source.cursors) == 3


def test_a_success_ends_the_rest(store):
    Collecting(store, NOW).one(Scripted("rss/blog", fails=SourceError("down")))
    Collecting(store, NOW).one(Scripted("rss/blog"))
    assert [resting for _, resting in awake(store, [Scripted("rss/blog")], NOW)] == [None]
    assert store.sources.state("rss/blog").failures == 0


def test_sources_are_read_side_by_side_and_reported_in_their_order(store):
    meeting = threading.Barrier(3, timeout=10)

    @dataclass
    class Meeting(Scripted):
        """Goes on only when all three are being read at the same time."""

        def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
            meeting.wait()
            yield from Scripted.fetch(self, cursor, since)

    names = ("rss/a", "rss/b", "rss/c")
    fails = {"rss/b": SourceError("down")}
    sources = [
        Meeting(n, (Batch((a_post(source="rss", external_id=n),), "1"),), fails.get(n))
        for n in names
    ]
    found = a_pipeline(store, *sources).collect()
    assert [(one.source, one.new, one.error) for one in found] == [
        ("rss/a", 1, None),
        ("rss/b", 1, "down"),
        ("rss/c", 1, None),
    ]


def test_a_bug_in_one_source_stops_no_other_and_is_told_by_a_reference(store, capsys):
    @dataclass
    class Broken(Scripted):
        def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
            raise KeyError("a secret of somebody's")
            yield

    broken, sound = a_pipeline(
        store, Broken("rss/bad"), Scripted("rss/good", (Batch((ONE,), "1"),))
    ).collect()
    assert sound.new == 1
    assert "a fault in Groundswell itself (KeyError, reference" in (broken.error or "")
    assert "secret" not in (broken.error or "")
    reference = (broken.error or "").rpartition(" ")[2].rstrip(")")
    assert reference in "".join(capsys.readouterr())


def test_a_backfill_has_a_place_of_its_own_and_is_taken_up_again(store):
    Collecting(store, NOW).one(Scripted("rss/blog", (Batch((ONE,), "9"),)))
    half = Scripted("rss/blog", (Batch((TWO,), "3"),), SourceError("cut off"))
    Collecting(store, NOW).one(half, ago(30))
    again = Scripted("rss/blog")
    Collecting(store, NOW).one(again, ago(30))
    assert again.cursors == ["3"]
    assert store.sources.state("rss/blog").cursor == "9"


def test_gaps_and_budgets_are_kept_and_told(store):
    gap = Gap(Period(ago(9), ago(7)), "its listing ends at 1,000 posts")
    budget = Budget(12, 5000, NOW + timedelta(hours=1))
    batch = Batch((ONE,), "a", gaps=(gap,), budget=budget)
    Collecting(store, NOW).one(Scripted("rss/blog", (batch, batch)))
    assert store.sources.gaps("rss/blog") == (gap,)
    assert store.sources.state("rss/blog").budget == budget.data()
    coverage = a_pipeline(store).coverage()
    assert not coverage.complete
    assert "Never read: feeds 21 Feb to 23 Feb 2026 (its listing ends" in line(coverage)


def test_a_failing_source_is_seen_in_the_coverage_of_every_digest(store):
    Collecting(store, NOW).one(Scripted("rss/good", (Batch((ONE,), "1"),)))
    Collecting(store, NOW).one(Scripted("hackernews", fails=SourceError("timed out")))
    digest = a_pipeline(store).digest()
    assert not digest.coverage.complete
    assert "Not read: Hacker News (hackernews: timed out)" in line(digest.coverage)


@dataclass
class Owner(Scripted):
    """A source that can fetch a post by its address."""

    def owns(self, url: str) -> bool:
        return url.startswith("https://blog.example.org/")

    def find(self, url: str) -> Batch:
        if url.endswith("/gone"):
            raise SourceError("blog: it is gone", permanent=True)
        return Batch((ONE,), None)


def test_an_address_is_fetched_by_the_source_that_owns_it(store):
    pipeline = a_pipeline(store, Scripted("rss/other"), Owner("rss/blog"))
    assert pipeline.add("https://blog.example.org/1").new == 1
    assert pipeline.add("https://blog.example.org/gone").error == "blog: it is gone"
    with pytest.raises(GroundswellError, match="no configured source knows"):
        pipeline.add("https://elsewhere.example.org/1")


def test_what_was_partly_read_is_still_asked_about_its_posts_and_what_is_down_is_not(store):
    Collecting(store, NOW).one(Scripted("rss/blog", (Batch((ONE, TWO), "a"),)))
    gone = (Batch((), None, deleted=("blog/1",)),)
    down = Asked("rss/blog", fails=SourceError("down"), answers=gone)
    assert Collecting(store, NOW).one(down).deleted == 0
    partly = Asked("rss/blog", (Batch((TWO,), "b"),), SourceError("one list is down"), answers=gone)
    report = Collecting(store, NOW).one(partly)
    assert (report.deleted, report.error) == (1, "one list is down")


def test_two_failing_sources_of_one_kind_are_both_told_and_a_forgotten_one_too(store):
    for name in ("rss/one", "rss/two"):
        Collecting(store, NOW).one(Scripted(name, fails=SourceError("timed out")))
    store.sources.read("hackernews", ago(3))
    store.sources.read("github@2025-01-01", ago(9))
    text = line(a_pipeline(store).coverage())
    assert "feeds (rss/one: timed out; rss/two: timed out)" in text
    assert "Not read any more: Hacker News since" in text
