from __future__ import annotations

import pytest

from bot.errors import GroundswellError
from bot.model import Gap, Period, Query, Role
from bot.pipeline import Collected, Pipeline
from bot.sources.base import Batch, Rejection
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post, ago
from tests.fakes import Scripted, WordHashing

ONE = a_post(source="rss", external_id="blog/1", author="Ann")
TWO = a_post(source="rss", external_id="blog/2")


@pytest.fixture
def pipeline(store) -> Pipeline:
    sources = {"rss/blog": Scripted("rss/blog", (Batch((ONE, TWO), "here"),))}
    roles = {"ann": Role.TEAM}
    return Pipeline(store, WordHashing(), AverageTree(), sources, lambda: NOW, roles)


def test_what_is_heard_is_saved_as_what_is_read_is(pipeline):
    batch = Batch((ONE,), None, rejected=(Rejection("there", "no words"),))
    heard = pipeline.heard("rss/blog", batch)
    assert (heard.source, heard.read, heard.new) == ("rss/blog", 2, 1)
    assert heard.reasons == {"no words": 1}
    ((_, post, _),) = pipeline.store.posts.find(Query(), NOW)
    assert post.role is Role.TEAM
    assert pipeline.store.posts.to_check("rss/blog", NOW, 5) == ["blog/1"]


def test_a_deletion_that_is_heard_is_one_here_and_in_no_other_source(pipeline):
    other = a_post(source="mail", external_id="blog/1")
    pipeline.store.posts.save([ONE, TWO, other])
    heard = pipeline.heard("rss/blog", Batch((), None, deleted=("blog/1", "blog/9")))
    assert heard.deleted == 1
    found = pipeline.store.posts.find(Query(), NOW)
    assert {post.key for _, post, _ in found} == {TWO.key, other.key}


def test_how_far_the_source_was_read_and_how_that_went_stays_as_it_is(pipeline):
    pipeline.collect()
    pipeline.store.sources.failed("rss/blog", ago(1), "it was down", NOW)
    before = pipeline.store.sources.state("rss/blog")
    pipeline.heard("rss/blog", Batch((ONE,), "somewhere else"))
    pipeline.heard("rss/blog", Batch((), None))
    assert pipeline.store.sources.state("rss/blog") == before
    assert before.cursor == "here"


def test_gaps_that_are_heard_of_are_kept(pipeline):
    gap = Gap(Period(ago(2), ago(1)), "hidden")
    pipeline.heard("rss/blog", Batch((), None, gaps=(gap,)))
    assert pipeline.store.sources.gaps("rss/blog") == (gap,)


def test_what_is_of_no_concern_does_not_wait_for_the_database(pipeline):
    with pipeline.store.posts.engine.execution_options(writes=True).begin():
        assert pipeline.heard("rss/blog", Batch((), None)) == Collected("rss/blog")


def test_a_source_that_is_not_configured_is_heard_by_nobody(pipeline):
    with pytest.raises(GroundswellError, match="no such source: github"):
        pipeline.heard("github", Batch((ONE,), None))
    assert pipeline.store.posts.count(NOW) == 0
