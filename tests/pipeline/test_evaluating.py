from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.model import Intent, Post
from bot.pipeline.collecting import silent
from bot.pipeline.evaluating import Evaluating, Setup
from bot.pipeline.labels import MADE, Kind, Labelled, Question
from bot.understand.cluster import AverageTree, Labels, Rows
from bot.understand.embed import MiniLM
from bot.understand.measures import Figures, whole
from bot.understand.standing import NOISE
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing

Progress = list[tuple[str, int, int | None]]


class ByFirstWord:
    """A clusterer that reads one word, and leaves some of them alone."""

    def __init__(self, *ignored: str) -> None:
        self.name = f"by-first-word/{ignored}"
        self.ignored = ignored
        self.seen: list[list[str]] = []

    def clusters(self, vectors: Rows, texts: Sequence[str], stood: Labels | None = None) -> Labels:
        import numpy as np  # noqa: PLC0415 the fake's own affair

        self.seen.append(list(texts))
        words = [text.split()[0] for text in texts]
        names = sorted(set(words) - set(self.ignored))
        found = [names.index(word) if word in names else NOISE for word in words]
        return np.array(found, dtype=np.int64)


def a_setup(clusterer=None, embedder=None, name: str = "ours") -> Setup:
    return Setup(name, {}, embedder or WordHashing(), clusterer or ByFirstWord())


def words(text: str, number: int, **more) -> Post:
    return a_post(
        source="manual", kind=MADE, external_id=f"themes.jsonl:{number}", title=text, venue=MADE,
        created_at=NOW, url=None, author=None, **more,
    )  # fmt: skip


def a_stream() -> Labelled:
    """Three themes of four and three posts of none."""
    said = [(word, f"{word} {n}") for word in ("push", "pull", "merge") for n in range(4)]
    said += [(f"noise-{n}", f"alone{n} in the world") for n in range(3)]
    return Labelled(themes=[(words(text, n), label) for n, (label, text) in enumerate(said)])


def run(
    labelled: Labelled, *setups: Setup, orders: int = 2, progress=silent
) -> dict[str, list[Figures]]:
    evaluating = Evaluating(labelled, NOW, orders, 7, progress)
    return {name: [whole(t) for t in tallies] for name, tallies in evaluating.run(setups)}


def test_only_what_there_are_labels_for_is_measured():
    assert run(Labelled(), a_setup()) == {}
    assert list(run(a_stream(), a_setup())) == ["themes"]


def test_themes_go_through_the_clusterer_once_for_each_order_of_arrival():
    clusterer = ByFirstWord("alone0", "alone1", "alone2")
    [told] = run(a_stream(), a_setup(clusterer), orders=3)["themes"]
    assert (told["theme_f"], told["noise_out"], told["b_cubed"]) == (1, 1, 1)
    assert len(clusterer.seen) == 3
    assert sorted(clusterer.seen[0]) == sorted(clusterer.seen[1])
    assert clusterer.seen[0] != clusterer.seen[1], "an order of its own each time"


def test_two_set_ups_are_given_the_same_lots_and_each_text_is_embedded_once():
    embedder = WordHashing()
    one, other = ByFirstWord(), ByFirstWord("push")
    found = run(a_stream(), a_setup(one, embedder), a_setup(other, embedder, "other"))["themes"]
    assert one.seen == other.seen
    assert found[0]["found"] == 1
    assert found[1]["found"] == pytest.approx(2 / 3)
    assert len(embedder.texts) == len(set(embedder.texts)) == 15


def test_what_the_settings_do_not_touch_is_measured_once_for_both():
    posts = tuple(a_post(title=f"number {n} is odd", created_at=ago(n)) for n in range(4))
    labelled = Labelled(posts, questions=[Question("number 2", frozenset({posts[2].key}))])
    setups = a_setup(ByFirstWord()), a_setup(ByFirstWord("number"), name="other")
    tallies = dict(Evaluating(labelled, NOW, 1, 7, silent).run(setups))["search"]
    assert tallies[0] is tallies[1]


def test_named_posts_bring_their_stream_with_them_but_only_labels_count():
    posts = tuple(a_post(title=f"push {n}", created_at=ago(n)) for n in range(6))
    clusterer = ByFirstWord()
    labelled = Labelled(posts, themes=[(post, "push") for post in posts[:3]])
    [told] = run(labelled, a_setup(clusterer), orders=1)["themes"]
    assert len(clusterer.seen[0]) == 6
    assert (told["themes"], told["found"], told["b_cubed"]) == (1, 1, 1)
    assert math.isnan(told["noise_out"])


def test_links_draw_posts_together_as_they_do_in_the_product():
    """A stray that was marked a duplicate stands where the story stands."""
    posts = [a_post(title=f"push {n}", created_at=ago(9 - n)) for n in range(3)]
    stray = a_post(title="alone here", duplicate_of=posts[0].external_id)
    labelled = Labelled((*posts, stray), themes=[(p, "push") for p in (*posts, stray)])
    [told] = run(labelled, a_setup(ByFirstWord("alone")), orders=1)["themes"]
    assert told["b_cubed"] == 1


def test_the_shipped_clusterer_finds_plain_themes(minilm: MiniLM):
    said = {
        "push": ["Push to the registry fails with 413", "Pushing an image fails: error 413",
                 "413 when I push images to the registry", "Registry push fails, 413 too large"],
        "dark": ["Please add a dark mode", "Dark mode for the editor please",
                 "A dark mode would be lovely", "Is there a dark mode?"],
        "noise-1": ["We had fish for lunch on Tuesday"],
        "noise-2": ["The office cat is called Miller"],
    }  # fmt: skip
    pairs = [(label, text) for label, texts in said.items() for text in texts]
    labelled = Labelled(themes=[(words(t, n), label) for n, (label, t) in enumerate(pairs)])
    [told] = run(labelled, a_setup(AverageTree(), minilm), orders=1)["themes"]
    assert told["theme_f"] == 1
    assert told["noise_out"] == 1


# Kinds


def test_kinds_are_read_as_the_product_reads_them(minilm: MiniLM):
    kinds = [
        Kind(a_post(title="Anything at all", labels=("type: bug",)), Intent.BUG, True),
        Kind(words("Thank you all, this tool is wonderful", 1), Intent.PRAISE, False),
        Kind(words("How do I change the port?", 2), Intent.QUESTION, None),
    ]
    [told] = run(Labelled(kinds=kinds), a_setup(embedder=minilm))["kinds"]
    assert told["macro_f1"] == 1
    assert (told["complaint_precision"], told["complaint_recall"]) == (1, 1)
    assert told["macro_f1_by_words"] == 1


def some_reports(count: int, project: str) -> list[Kind]:
    chance = random.Random(7)
    things = ["the export", "the login page", "the parser", "the cache", "search"]
    kinds = []
    for n in range(count):
        thing = chance.choice(things)
        crash = n % 2 == 0
        title = f"{thing} crashes with error {n}" if crash else f"allow {thing} to take {n} files"
        kind = Intent.BUG if crash else Intent.REQUEST
        kinds.append(Kind(replace(words(title, n), venue=project), kind, None))
    return kinds


def test_a_project_with_labels_enough_is_also_read_by_its_own_head():
    told = run(Labelled(kinds=some_reports(100, "acme")), a_setup())
    assert told["kinds_own"][0]["macro_f1"] > 0.9


def test_too_few_labels_or_no_project_teach_no_head():
    assert "kinds_own" not in run(Labelled(kinds=some_reports(60, "acme")), a_setup())
    assert "kinds_own" not in run(Labelled(kinds=some_reports(100, MADE)), a_setup())


# Duplicates and search


def test_duplicates_are_looked_for_among_what_was_written_before():
    posts = [
        a_post(title="Export writes an empty file", created_at=ago(9)),
        a_post(title="Login page flickers on resize", created_at=ago(8)),
        a_post(title="Export writes an empty file here too", created_at=ago(7)),
        a_post(title="Export writes an empty file again", created_at=ago(1)),
    ]
    links = [(posts[0].key, posts[2].key)]  # whichever way round somebody wrote it
    [told] = run(Labelled(tuple(posts), links=links), a_setup())["duplicates"]
    assert told == {"precision_at_half_recall": 1, "recall_at_5": 1, "mrr": 1}


def test_what_is_linked_over_a_third_post_is_one_story():
    posts = [a_post(title="Export writes an empty file", created_at=ago(9 - n)) for n in range(3)]
    links = [(posts[1].key, posts[0].key), (posts[2].key, posts[1].key)]
    [told] = run(Labelled(tuple(posts), links=links), a_setup())["duplicates"]
    assert told["precision_at_half_recall"] == 1, "the third and the first are no wrong pair"


def test_search_is_asked_among_the_posts():
    posts = tuple(a_post(title=f"The {word} is broken") for word in ("parser", "cache", "login"))
    questions = [
        Question("cache", frozenset({posts[1].key})),
        Question("login source:reddit", frozenset({posts[2].key})),
    ]
    [told] = run(Labelled(posts, questions=questions), a_setup())["search"]
    assert told == {"recall_at_10": 0.5, "mrr": 0.5, "ndcg_at_10": 0.5}


def test_long_work_says_how_far_it_is():
    told: Progress = []
    run(a_stream(), a_setup(), progress=lambda *step: told.append(step))
    assert ("themes 2/2: embedding", 15, 15) in told
