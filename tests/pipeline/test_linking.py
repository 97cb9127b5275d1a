from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.model import Post, Query
from bot.pipeline.collecting import silent
from bot.pipeline.linking import Linking
from bot.sources.archive import Archive
from bot.store import Store, open_store
from bot.understand.link import KnownPosts, links, strongest
from tests.builders import NOW
from tests.pipeline.test_understanding import SAMPLE
from tests.shared import shared


@pytest.fixture
def fresh(tmp_path: Path):
    opened: list[Store] = []

    def make() -> Store:
        opened.append(open_store(f"sqlite:///{tmp_path}/{len(opened)}.db"))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def read(path: Path) -> list[Post]:
    return [post for batch in Archive(path, LATE).fetch(None, None) for post in batch.posts]


LATE = NOW.replace(year=2030)


def linked(store: Store) -> set[tuple[str, str, str]]:
    keys = {row_id: post.key for row_id, post, _ in store.posts.find(Query(), LATE)}
    return {(keys[a], keys[b], how) for a, b, how in store.readings.links_among(sorted(keys))}


def in_memory(posts: Sequence[Post]) -> set[tuple[str, str, str]]:
    found = strongest(links(posts, KnownPosts.of(posts)))
    return {(link.source_key, link.target_key, link.how) for link in found}


def in_lots(store: Store, posts: Sequence[Post], lots: int) -> None:
    size = -(-len(posts) // lots)
    for start in range(0, len(posts), size):
        store.posts.save(posts[start : start + size])
        Linking(store, LATE, silent).run()


@pytest.mark.parametrize("lots", [1, 25])
def test_posts_in_any_order_and_lots_get_the_links_of_all_at_once(
    fresh: Callable[[], Store], lots: int
):
    posts = read(SAMPLE)
    store = fresh()
    in_lots(store, random.Random(lots).sample(posts, len(posts)), lots)

    assert len(in_memory(posts)) == 5
    assert linked(store) == in_memory(posts)
    assert Linking(store, LATE, silent).run() == 0


def test_real_posts_get_the_links_of_all_at_once(fresh: Callable[[], Store]):
    posts = read(shared("corpus", "claude_code.jsonl.gz"))
    store = fresh()
    in_lots(store, random.Random(3).sample(posts, len(posts)), 10)

    assert linked(store) == in_memory(posts)


def test_a_post_that_goes_takes_its_links_and_gives_its_names_back(fresh: Callable[[], Store]):
    posts = read(SAMPLE)
    store = fresh()
    in_lots(store, posts, 1)
    gone = {target.partition(":")[::2] for _, target, _ in in_memory(posts)}

    store.posts.save([], deleted=sorted(gone))
    Linking(store, LATE, silent).run()

    left = [post for post in posts if (post.source, post.external_id) not in gone]
    assert linked(store) == in_memory(left)
