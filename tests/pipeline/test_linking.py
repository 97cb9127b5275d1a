"""Links found lot by lot are those of all posts with all, whatever came, went, or was killed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Post, Query
from bot.pipeline import linking
from bot.pipeline.collecting import silent
from bot.pipeline.linking import Linking
from bot.sources.archive import Archive
from bot.store import Store, marks, open_store
from bot.store.marks import TELLING
from tests.builders import NOW, a_post, ago
from tests.links import links, strongest
from tests.pipeline.test_understanding import SAMPLE
from tests.shared import shared

LATE = NOW.replace(year=2030)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without posts: to copy it is quicker than to make one."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def fresh(empty: Path, tmp_path: Path):
    opened: list[Store] = []

    def make() -> Store:
        path = shutil.copy(empty, tmp_path / f"{len(opened)}.db")
        opened.append(open_store(f"sqlite:///{path}"))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def read(path: Path) -> list[Post]:
    return [post for batch in Archive(path, LATE).fetch(None, None) for post in batch.posts]


def linked(store: Store) -> set[tuple[str, str, str]]:
    keys = {row_id: post.key for row_id, post, _ in store.posts.find(Query(), LATE)}
    return {(keys[a], keys[b], how) for a, b, how in store.readings.links_among(sorted(keys))}


def in_memory(posts: Sequence[Post]) -> set[tuple[str, str, str]]:
    return strongest(links(posts))


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


@pytest.mark.parametrize("lots", [1, 50])
def test_real_posts_get_the_links_of_all_at_once(fresh: Callable[[], Store], lots: int):
    posts = read(shared("corpus", "claude_code.jsonl.gz"))
    store = fresh()
    in_lots(store, random.Random(3).sample(posts, len(posts)), lots)

    assert len(in_memory(posts)) > 50
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


# Few names, so that many posts meet under them.

KEYS = (
    *(("github", f"{repo}#{n}") for repo in ("acme/tool", "Acme/Tool") for n in ("1", "2", "1-9")),
    ("github", "acme/tool#3"),
    ("reddit", "p1"),
    ("reddit", "p2"),
)
TITLES = ("", "Help", "Upload stops at ninety percent", "[Bug] upload stops at Ninety percent!")
WORDS = (
    "",
    "#1",
    "See acme/tool#2 for it.",
    "Duplicate of #2.",
    "Closing in favour of #3.",
    "https://example.org/1",
    "Duplicate of https://example.org/2",
    'It says "Upload stops at ninety percent".',
    '{"error": {"message": "tool names must be unique 7"}}',
    "The upload of large files stops at ninety percent and never ends.",
)
URLS = (None, "https://example.org/1", "https://example.org/1#c", "https://example.org/2")
IDS = ("acme/tool#1", "acme/tool#2", "acme/tool#3")
TIMES = tuple(ago(days) for days in range(4))


@st.composite
def one_post(draw: st.DrawFn) -> Post:
    source, external_id = draw(st.sampled_from(KEYS))
    reply = draw(st.booleans())
    opener = draw(st.sampled_from(IDS)) if reply else None
    return a_post(
        source=source,
        external_id=external_id,
        title="" if reply else draw(st.sampled_from(TITLES)),
        text="\n".join(draw(st.lists(st.sampled_from(WORDS), max_size=3))),
        created_at=draw(st.sampled_from(TIMES)),
        author=None,
        url=draw(st.sampled_from(URLS)),
        parent_id=opener,
        root_id=draw(st.sampled_from((None, "acme/tool#1"))) if reply else None,
        duplicate_of=draw(st.sampled_from((None, None, *IDS))),
        closes=tuple(draw(st.lists(st.sampled_from(IDS), max_size=1))),
        link=draw(st.sampled_from((None, "https://blog.example/a", "https://example.org/2"))),
    )


deeds = st.lists(
    st.one_of(
        st.lists(one_post(), min_size=1, max_size=6),
        st.lists(st.sampled_from(KEYS), min_size=1, max_size=3).map(tuple),
        st.sampled_from(TIMES),
    ),
    max_size=8,
)


class World:
    """A store, and what should stand in it. `taken` are the posts that a run has linked as such."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.posts: dict[tuple[str, str], Post] = {}
        self.taken: set[tuple[str, str]] = set()

    def come(self, posts: Iterable[Post]) -> None:
        posts = list(posts)
        self.store.posts.save(posts)
        for key, post in {(post.source, post.external_id): post for post in posts}.items():
            before = self.posts.get(key)
            if before and all(getattr(before, name) == getattr(post, name) for name in TELLING):
                continue
            self.posts[key] = post
            self.taken.discard(key)

    def go(self, keys: Iterable[tuple[str, str]]) -> None:
        self.store.posts.save([], deleted=list(keys))
        for key in keys:
            self.posts.pop(key, None)
            self.taken.discard(key)

    def run(self, now: datetime) -> None:
        came = {key for key, post in self.posts.items() if post.created_at <= now} - self.taken
        assert Linking(self.store, now, silent).run() == len(came)
        self.taken |= came

    def check(self) -> None:
        """What was edited since keeps its old links until it is linked again."""
        taken = [self.posts[key] for key in self.taken]
        keys = {post.key for post in taken}
        assert {link for link in linked(self.store) if link[0] in keys} == in_memory(taken)


@settings(max_examples=150, deadline=None)
@given(deeds)
def test_whatever_comes_goes_and_is_edited_the_links_are_those_of_all(empty, tmp_path_factory, did):
    path = shutil.copy(empty, tmp_path_factory.mktemp("world") / "world.db")
    store = open_store(f"sqlite:///{path}")
    world = World(store)
    for deed in did:
        if isinstance(deed, list):
            world.come(deed)
        elif isinstance(deed, tuple):
            world.go(deed)
        else:
            world.run(deed)
            world.check()
    world.run(NOW)
    world.check()
    assert linked(store) == in_memory(list(world.posts.values()))
    store.close()


def test_a_run_as_of_an_earlier_day_destroys_nothing(store: Store) -> None:
    issue = a_post(external_id="acme/tool#7", created_at=ago(1))
    early = a_post(text="See #7.", created_at=ago(5))
    store.posts.save([issue, early])
    Linking(store, NOW, silent).run()

    other = a_post(text="And #7, too.", created_at=ago(6))
    store.posts.save([other])
    assert Linking(store, ago(4), silent).run() == 1

    assert linked(store) == {(post.key, issue.key, "mention") for post in (early, other)}


def test_a_run_as_of_an_earlier_day_leaves_what_came_later(store: Store) -> None:
    issue = a_post(external_id="acme/tool#7", created_at=ago(1))
    early = a_post(text="See #7.", created_at=ago(5))
    store.posts.save([issue, early])

    assert Linking(store, ago(4), silent).run() == 1
    assert linked(store) == set()
    assert Linking(store, NOW, silent).run() == 1
    assert linked(store) == {(early.key, issue.key, "mention")}


@pytest.mark.parametrize("where", ["_mark", "_take_freed", "_links", "_save"])
def test_a_run_killed_in_the_middle_is_taken_up_by_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    posts = read(SAMPLE)
    store.posts.save(posts)
    monkeypatch.setattr(linking, "CHUNK", 40)
    done, step, left = [0], getattr(marks, where), 2

    def dying(*given: object) -> object:
        done[0] += 1
        if done[0] > left:
            raise RuntimeError("power loss")
        return step(*given)

    with monkeypatch.context() as patched:
        patched.setattr(marks, where, dying)
        with pytest.raises(RuntimeError, match="power loss"):
            Linking(store, LATE, silent).run()
    assert 0 < len(store.marks.missing(LATE)) < len(posts)

    edited = replace(posts[0], text=f"{posts[0].text}\nSee #2.")
    store.posts.save([edited])
    Linking(store, LATE, silent).run()
    assert linked(store) == in_memory([edited, *posts[1:]])
