from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from bot.model import Post, Query, Role
from bot.pipeline import Pipeline
from bot.sources.archive import Archive
from bot.store import Store, open_store
from bot.understand.cluster import AverageTree
from bot.understand.embed import Embedder, MiniLM
from bot.understand.marks import marks_of
from tests.builders import NOW, a_post, ago
from tests.fakes import Remembering, WordHashing
from tests.shared import shared

SAMPLE = Path(__file__).parents[2] / "bot" / "sample" / "community.jsonl"
LATER = datetime.fromisoformat("2026-11-02T00:00:00+00:00")


@pytest.fixture(scope="module")
def sample() -> list[Post]:
    return [p for batch in Archive(SAMPLE, LATER).fetch(None, None) for p in batch.posts]


@pytest.fixture(scope="module")
def real(minilm: MiniLM) -> Embedder:
    return Remembering(minilm)


def a_pipeline(store: Store, embedder=None, now: datetime = LATER) -> Pipeline:
    return Pipeline(store, embedder or WordHashing(), AverageTree(), {}, lambda: now)


def partition(store: Store, now: datetime = LATER) -> set[frozenset[str]]:
    return {frozenset(m.key for m in t.members) for t in store.themes.load(Query(), now)}


def ids(store: Store, now: datetime = LATER) -> dict[str, str]:
    return {m.key: t.id for t in store.themes.load(Query(), now) for m in t.members}


@pytest.fixture
def fresh(tmp_path: Path):
    opened: list[Store] = []

    def make() -> Store:
        opened.append(open_store(f"sqlite:///{tmp_path}/{len(opened)}.db"))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def in_batches(store: Store, posts: Sequence[Post], batches: int, embedder: Embedder) -> None:
    pipeline = a_pipeline(store, embedder)
    for part in np.array_split(np.arange(len(posts)), batches):
        store.posts.save([posts[i] for i in part])
        pipeline.understand()


def likeness(one: set[frozenset[str]], other: set[frozenset[str]]) -> float:
    """The mean over the posts of `one` of the Jaccard index of their groups here and there."""
    best = [max(len(a & b) / len(a | b) for b in other) for a in one]
    return sum(len(a) * share for a, share in zip(one, best, strict=True)) / sum(map(len, one))


@pytest.mark.parametrize("batches", [2, 50])
def test_any_order_in_any_number_of_batches_gives_the_same_posts_and_nearly_the_same_themes(
    fresh: Callable[[], Store], sample: list[Post], batches: int, real: Embedder
):
    whole, parts = fresh(), fresh()
    in_batches(whole, sample, 1, real)
    in_batches(parts, random.Random(batches).sample(sample, len(sample)), batches, real)
    assert parts.posts.count(LATER) == whole.posts.count(LATER) == len(sample)
    assert len(partition(whole)) >= 8
    assert likeness(partition(whole), partition(parts)) >= 0.9
    assert likeness(partition(parts), partition(whole)) >= 0.9


def test_a_theme_keeps_its_id_across_runs_and_restarts(
    tmp_path: Path, sample: list[Post], real: Embedder
):
    url = f"sqlite:///{tmp_path}/kept.db"
    ordered = sorted(sample, key=lambda p: p.created_at)
    seen: list[dict[str, str]] = []
    for share in (0.6, 0.8, 1.0):
        store = open_store(url)
        store.posts.save(ordered[: int(share * len(ordered))])
        a_pipeline(store, real).understand()
        seen.append(ids(store))
        store.close()
    for before, after in pairwise(seen):
        still = [key for key in before if key in after]
        kept = sum(before[key] == after[key] for key in still)
        assert len(still) > 20
        assert kept >= 0.9 * len(still)


def test_running_again_changes_nothing_and_embeds_nothing(store, sample):
    embedder = WordHashing()
    store.posts.save(sample)
    assert store.readings.waiting(LATER) == len(sample)
    first = a_pipeline(store, embedder).understand()
    assert store.readings.waiting(LATER) == 0
    before, embedded = ids(store), len(embedder.texts)
    second = a_pipeline(store, embedder).understand()
    assert first.posts == embedded == len(sample)
    assert (second.posts, second.themes_new, second.themes_changed) == (0, 0, 0)
    assert ids(store) == before
    assert len(embedder.texts) == embedded


def test_an_edit_is_understood_anew(store, sample):
    store.posts.save(sample)
    a_pipeline(store).understand()
    edited = replace(sample[0], title="Something else entirely about penguins")
    store.posts.save([edited])
    assert store.readings.waiting(LATER) == 1
    store.posts.save([replace(edited, score=7)])
    assert store.readings.waiting(LATER) == 1
    assert a_pipeline(store).understand().posts == 1
    assert store.readings.waiting(LATER) == 0


@pytest.mark.parametrize(
    ("step", "lost"),
    [
        ("understanding.Understanding._classify", 0.5),  # what was embedded meanwhile
        ("linking.marks_of", 1),  # before the first chunk is embedded
        ("theming.Theming.run", 0),
    ],
)
def test_a_run_that_was_stopped_is_taken_up_where_it_stopped(
    fresh: Callable[[], Store], sample: list[Post], step: str, lost: float, monkeypatch
):
    whole, stopped = fresh(), fresh()
    for store in (whole, stopped):
        store.posts.save(sample)
    a_pipeline(whole).understand()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"bot.pipeline.{step}", die)
        with pytest.raises(KeyboardInterrupt):
            a_pipeline(stopped).understand()
    embedder = WordHashing()
    a_pipeline(stopped, embedder).understand()
    assert len(embedder.texts) <= lost * len(sample)
    assert partition(stopped) == partition(whole)
    assert stopped.readings.waiting(LATER) == 0


def test_links_are_made_while_the_embedder_is_loaded(store, sample, monkeypatch):
    begun = Event()

    class Slow(WordHashing):
        def encode(self, texts):
            assert begun.wait(60)
            return super().encode(texts)

    def marked(post):
        begun.set()
        return marks_of(post)

    monkeypatch.setattr("bot.pipeline.linking.marks_of", marked)
    store.posts.save(sample)
    assert a_pipeline(store, Slow()).understand().posts == len(sample)


def test_posts_after_now_are_left_for_later(store, sample):
    store.posts.save(sample)
    early = datetime.fromisoformat("2026-10-12T00:00:00+00:00")
    done = a_pipeline(store, now=early).understand()
    assert done.posts == store.posts.count(early) < len(sample)
    then = ids(store)
    a_pipeline(store).understand()
    now = ids(store)
    still = [key for key in then if key in now]
    assert sum(then[key] == now[key] for key in still) >= 0.9 * len(still)


def test_replies_and_bots_make_no_theme(store):
    words = {"title": "the very same words every time", "created_at": ago(1)}
    store.posts.save(
        [
            *(a_post(**words, parent_id="x") for _ in range(5)),
            *(a_post(**words, author="ci[bot]", role=Role.BOT) for _ in range(5)),
        ]
    )
    assert a_pipeline(store, now=NOW).understand().themes == 0


def test_the_burst_of_the_sample_is_one_new_theme_and_its_cross_post_stands_in_it(
    store, sample, real
):
    store.posts.save(sample)
    pipeline = a_pipeline(store, real)
    pipeline.understand()
    digest = pipeline.digest()
    burst = digest.sections[0].shown[0]
    keys = {m.key for m in burst.theme.members}
    assert digest.sections[0].title == "New"
    assert "github:tarnferry/tarnferry#2011" in keys
    assert "hackernews:991411334" in keys
    assert burst.crowd.people >= 13


@pytest.mark.timeout(120)
def test_the_tool_names_burst_is_one_new_theme_near_the_top_of_its_day(store, minilm):
    gold = shared("corpus", "gold", "claude_code_cluster_compact.tsv").read_text().splitlines()[1:]
    doubtful = {"12994", "14173", "14199"}
    numbers = {line.split("\t")[0] for line in gold}
    sure = {f"github:{n}" for n in numbers if n.partition("#")[2] not in doubtful}
    day = datetime.fromisoformat("2025-12-17T00:00:00+00:00")
    archive = Archive(shared("corpus", "claude_code.jsonl.gz"), NOW)
    since = datetime.fromisoformat("2025-12-01T00:00:00+00:00")
    posts = [p for batch in archive.fetch(None, since) for p in batch.posts if p.created_at < day]
    store.posts.save(posts)
    pipeline = a_pipeline(store, minilm, now=day)
    pipeline.understand()
    digest = pipeline.digest("since:2025-12-16")
    top = digest.sections[0].shown[0]
    found = {m.key for m in top.theme.members}
    assert digest.sections[0].title == "New"
    assert len(found & sure) >= 11
    assert len(found) <= 15
