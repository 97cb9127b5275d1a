"""Slack's events through the handler into a real database, beside what history gives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stamina

from bot.errors import SourceError
from bot.http import Http
from bot.model import Post, Query, Role
from bot.pipeline import Collected, Pipeline
from bot.understand.cluster import AverageTree
from handlers.events import take
from tests.builders import NOW
from tests.fakes import Scripted, WordHashing
from tests.world.base import Said
from tests.world.slack import CHANNEL, SlackWorld, ts


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    client = Http(allowed_hosts=frozenset({"127.0.0.1"}), every_site=1_000_000)
    yield client
    client.close()


@pytest.fixture
def world(http) -> Iterator[SlackWorld]:
    with SlackWorld(http) as world, stamina.set_testing(True, attempts=1):
        yield world
        assert world.violations == []


@pytest.fixture
def pipeline(store, world) -> Pipeline:
    source = world.source()
    roles = {"ann": Role.TEAM}
    return Pipeline(store, WordHashing(), AverageTree(), {"slack": source}, world.clock, roles)


def posts(pipeline: Pipeline) -> dict[str, Post]:
    found = pipeline.store.posts.find(Query(), NOW + timedelta(days=365))
    return {post.external_id: post for _, post, _ in found}


def took(pipeline: Pipeline, event: Any) -> Collected:
    taken = take(pipeline, event)
    assert taken is not None
    return taken


def spoken(world: SlackWorld, said: Said) -> dict[str, Any]:
    return world.message(said) | {"channel": CHANNEL, "event_ts": ts(world.now)}


def test_a_message_is_the_post_that_collecting_gives(pipeline, world):
    said = world.say()
    assert took(pipeline, spoken(world, said)).new == 1
    heard = posts(pipeline)
    (report,) = pipeline.collect(["slack"])
    assert (report.error, report.new, report.updated) == (None, 0, 0)
    assert posts(pipeline) == heard
    assert heard[world.external_id(said)].role is Role.TEAM


def test_a_delivery_that_comes_again_changes_nothing(pipeline, world):
    event = spoken(world, world.say())
    took(pipeline, event)
    again = took(pipeline, event)
    assert (again.read, again.new, again.updated) == (1, 0, 0)


def test_an_edit_takes_the_place_of_what_was_said(pipeline, world):
    said = world.say()
    took(pipeline, spoken(world, said))
    edited = world.message(world.edit(said, "tool is fine"))
    changed = {"type": "message", "subtype": "message_changed", "channel": CHANNEL}
    assert took(pipeline, changed | {"message": edited}).updated == 1
    assert "tool is fine" in posts(pipeline)[world.external_id(said)].text


def test_a_deletion_removes_it(pipeline, world):
    said, other = world.populate(2)
    for one in (said, other):
        took(pipeline, spoken(world, one))
    gone = {"type": "message", "subtype": "message_deleted", "channel": CHANNEL}
    assert took(pipeline, gone | {"deleted_ts": ts(said.at)}).deleted == 1
    assert posts(pipeline).keys() == {world.external_id(other)}


@pytest.mark.parametrize("kind", ["reaction_added", "reaction_removed"])
def test_a_reaction_gives_the_message_its_score(pipeline, world, kind):
    said = world.say()
    took(pipeline, spoken(world, said))
    world.reactions[said.number] = [{"name": "+1", "count": 5}]
    item = {"type": "message", "channel": CHANNEL, "ts": ts(said.at)}
    assert took(pipeline, {"type": kind, "item": item}).updated == 1
    assert posts(pipeline)[world.external_id(said)].score == 5


def test_what_is_heard_belongs_to_the_source_and_is_asked_about_again(pipeline, world):
    said = world.say()
    took(pipeline, spoken(world, said))
    due = pipeline.store.posts.to_check("slack", world.now, 10)
    assert due == [world.external_id(said)]


def test_how_far_the_channels_were_read_stays_as_it_is(pipeline, world):
    world.populate(3)
    pipeline.collect(["slack"])
    before = pipeline.store.sources.state("slack")
    world.now += timedelta(hours=5)
    took(pipeline, spoken(world, world.say()))
    assert pipeline.store.sources.state("slack") == before


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "channel": "C0SECRET1", "user": "U1", "text": "x", "ts": "1"},
        {"type": "team_join", "user": {}},
        {"type": ["message"], "channel": CHANNEL},
        {},
        None,
        "words",
    ],
)
def test_what_is_of_no_concern_leaves_no_trace(pipeline, event):
    assert took(pipeline, event) == Collected("slack")
    assert posts(pipeline) == {}


def test_a_message_in_an_odd_shape_is_counted_and_not_raised(pipeline):
    odd = {"type": "message", "channel": CHANNEL, "text": "x", "ts": "soon"}
    assert took(pipeline, odd).reasons == {"wrong type: ts": 1}


def test_where_slack_cannot_be_asked_the_failure_goes_to_whoever_delivers(pipeline, world):
    said = world.say()
    world.refusals["conversations.history"] = {"error": "internal_error"}
    item = {"type": "message", "channel": CHANNEL, "ts": ts(said.at)}
    with pytest.raises(SourceError, match="internal_error"):
        take(pipeline, {"type": "reaction_added", "item": item})
    assert posts(pipeline) == {}


@pytest.mark.parametrize("sources", [{}, {"slack": Scripted("slack")}])
def test_without_a_channel_that_is_read_there_is_nothing_to_take(store, sources):
    pipeline = Pipeline(store, WordHashing(), AverageTree(), sources, lambda: NOW)
    assert take(pipeline, {"type": "message"}) is None
