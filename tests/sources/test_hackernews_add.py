from __future__ import annotations

import pytest

from bot.errors import SourceError
from bot.sources.base import Finds
from tests.sources.flaws import flaws
from tests.world.hackernews import HackerNewsWorld

ITEM = "https://news.ycombinator.com/item?id="


@pytest.fixture
def world(http):
    with HackerNewsWorld(http) as world:
        yield world


@pytest.fixture
def source(world) -> Finds:
    source = world.source()
    assert isinstance(source, Finds)
    return source


@pytest.mark.parametrize(
    ("url", "owned"),
    [
        (f"{ITEM}42", True),
        (f"{ITEM}42#43", True),
        ("http://news.ycombinator.com/item?id=42", True),
        ("https://NEWS.ycombinator.com/item?p=2&id=42", True),
        ("https://news.ycombinator.com/item?id=", False),
        ("https://news.ycombinator.com/item?id=-1", False),
        ("https://news.ycombinator.com/item?id=4x", False),
        (f"{ITEM}{'9' * 20}", False),
        ("https://news.ycombinator.com/user?id=42", False),
        ("https://news.ycombinator.com.example.org/item?id=42", False),
        ("https://example.org/?u=news.ycombinator.com/item?id=42", False),
        ("https://ann@news.ycombinator.com/item?id=42", False),
        ("ftp://news.ycombinator.com/item?id=42", False),
        ("https://[news", False),
        ("news.ycombinator.com/item?id=42", False),
        ("", False),
    ],
)
def test_an_item_is_known_by_its_address(source, url, owned):
    assert source.owns(url) is owned


def test_a_story_and_a_comment_are_found_as_a_run_gives_them(world, source):
    said = world.populate(2)
    given = {p.external_id: p for b in world.source().fetch(None, None) for p in b.posts}
    for one in said:
        batch = source.find(f"{ITEM}{one.number}")
        assert (batch.cursor, batch.deleted, batch.rejected) == (None, (), ())
        (post,) = batch.posts
        assert flaws(post) == []
        before = given[str(one.number)]
        assert (post.external_id, post.text, post.url) == (
            before.external_id,
            before.text,
            before.url,
        )
        assert post.parent_id == before.parent_id


@pytest.mark.parametrize("item", [None, {"deleted": True}, {"dead": True, "type": "story"}])
def test_what_is_gone_is_told(world, source, item):
    world.items[7] = item
    with pytest.raises(SourceError, match="nothing is at that address any more") as caught:
        source.find(f"{ITEM}7")
    assert caught.value.permanent


@pytest.mark.parametrize("item", [{"type": "user"}, {"type": "story", "time": 1, "by": "ann"}])
def test_what_is_no_post_is_told(world, source, item):
    world.items[7] = item
    with pytest.raises(SourceError, match="no post is there"):
        source.find(f"{ITEM}7")


def test_an_answer_in_another_shape_is_told(world, source):
    world.items[7] = ["words"]
    with pytest.raises(SourceError, match="shape of an item"):
        source.find(f"{ITEM}7")
