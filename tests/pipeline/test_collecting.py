from __future__ import annotations

from bot.errors import SourceError
from bot.pipeline.collecting import collect
from bot.sources.base import Batch, Rejection
from tests.builders import NOW, a_post, ago
from tests.fakes import Scripted

ONE = a_post(source="rss", external_id="blog/1")
TWO = a_post(source="rss", external_id="blog/2")


def test_a_source_is_read_from_where_it_was_left(store):
    source = Scripted("rss/blog", (Batch((ONE,), "a"), Batch((TWO,), "b")))
    report = collect(store, source, NOW)
    assert (report.read, report.new, report.error, report.read_at) == (2, 2, None, NOW)
    collect(store, source, NOW)
    assert source.cursors == [None, "b"]


def test_a_failure_keeps_what_came_before_it_and_is_remembered(store):
    source = Scripted("rss/blog", (Batch((ONE,), "a"),), SourceError("the feed is down"))
    report = collect(store, source, NOW)
    assert (report.new, report.error) == (1, "the feed is down")
    state = store.sources.state("rss/blog")
    assert (state.cursor, state.error, state.read_at) == ("a", "the feed is down", None)


def test_the_next_reading_without_an_error_ends_the_error_but_not_the_memory(store):
    collect(store, Scripted("rss/blog", (Batch((ONE,), "a"),)), ago(1))
    failing = collect(store, Scripted("rss/blog", fails=SourceError("down")), NOW)
    assert failing.read_at == ago(1)
    collect(store, Scripted("rss/blog"), NOW)
    assert store.sources.state("rss/blog").error is None
    assert store.sources.state("rss/blog").cursor == "a"


def test_a_deletion_at_the_source_is_one_here(store):
    collect(store, Scripted("rss/blog", (Batch((ONE, TWO), "a"),)), NOW)
    report = collect(store, Scripted("rss/blog", (Batch((), "b", deleted=("blog/1",)),)), NOW)
    assert report.deleted == 1
    assert store.posts.count(NOW) == 1


def test_rejections_are_counted_by_reason_and_kept_whole(store):
    bad = tuple(Rejection(f"feed:{n}", "no words") for n in range(3))
    batch = Batch((ONE,), "a", rejected=(*bad, Rejection("feed:9", "not JSON", "char 0")))
    report = collect(store, Scripted("rss/blog", (batch,)), NOW)
    assert report.reasons == {"no words": 3, "not JSON": 1}
    assert report.read == 5
