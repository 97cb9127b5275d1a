from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.understand.cues import CUES, cues
from bot.understand.heads import DIMS, Head, Sample, fit, load, look, save, together
from bot.understand.spots import Said

WORDS = {"bug": "the parser crashes with an error", "request": "please add an option for this"}


def samples(each: int = 12) -> tuple[list[Sample], list[str]]:
    """Samples of two classes that differ in words and, a little, in their embedding."""
    chance = np.random.default_rng(3)
    made, labels = [], []
    for number in range(2 * each):
        label = ("bug", "request")[number % 2]
        row = chance.normal(size=DIMS).astype(np.float32)
        row[0] += 20 if label == "bug" else -20
        made.append(look(f"Case {number}", WORDS[label], row / np.linalg.norm(row)))
        labels.append(label)
    return made, labels


@pytest.fixture(scope="module")
def head() -> Head:
    return fit(*samples())


def test_a_head_tells_the_classes_it_learnt(head: Head) -> None:
    made, labels = samples()

    assert [head.best(sample) for sample in made] == labels


def test_the_scores_are_probabilities(head: Head) -> None:
    scores = head.scores(samples()[0][0])

    assert set(scores) == {"bug", "request"}
    assert sum(scores.values()) == pytest.approx(1)
    assert min(scores.values()) >= 0


def test_words_alone_decide_where_the_embedding_says_nothing(head: Head) -> None:
    nothing = np.zeros(DIMS, dtype=np.float32)

    assert head.best(look("", WORDS["bug"], nothing)) == "bug"
    assert head.best(look("", WORDS["request"], nothing)) == "request"


def test_the_same_samples_give_the_same_head(head: Head) -> None:
    again = fit(*samples())

    assert np.array_equal(head.dense, again.dense)
    assert np.array_equal(head.words, again.words)


def test_a_word_of_a_single_post_weighs_nothing(head: Head) -> None:
    made, labels = samples()
    rare = look("Case 0", "unheardof", np.zeros(DIMS, dtype=np.float32))
    learnt = fit([*made, rare], [*labels, "bug"])
    bucket = set(rare.bags[0]) - set(look("Case 0", "", np.zeros(DIMS, np.float32)).bags[0])

    assert bucket
    assert not learnt.words[list(bucket)].any()


def test_a_saved_head_scores_as_before_and_is_small(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    save(head, path)
    sample = samples()[0][0]

    assert load(path).scores(sample) == pytest.approx(head.scores(sample), abs=0.01)
    assert path.stat().st_size < 10_000


def test_saving_the_same_head_twice_writes_the_same_bytes(head: Head, tmp_path: Path) -> None:
    one, other = tmp_path / "one.npz", tmp_path / "other.npz"
    save(head, one)
    save(head, other)

    assert one.read_bytes() == other.read_bytes()


def test_a_post_without_words_can_be_looked_at(head: Head) -> None:
    empty = look("", "", np.zeros(DIMS, dtype=np.float32))

    assert head.best(empty) in head.classes


def test_cues_lie_between_absent_and_full_and_are_as_many_as_promised() -> None:
    found = cues(Said("[BUG] Please fix the crash?"), Said("How do I? " * 300 + "```x```"))

    assert found.shape == (CUES,)
    assert found.min() >= 0
    assert found.max() <= 1


def test_many_posts_are_scored_as_each_alone(head: Head) -> None:
    made = [*samples()[0], look("", "", np.zeros(DIMS, dtype=np.float32))]
    alone = [list(head.scores(sample).values()) for sample in made]

    assert head.chances(together(made)) == pytest.approx(np.array(alone), abs=1e-6)


def test_a_pair_of_words_is_told_from_the_same_words_apart() -> None:
    nothing = np.zeros(DIMS, dtype=np.float32)
    one, other = (look("", text, nothing).bags[0] for text in ("dark mode", "mode dark"))

    assert len(set(one) & set(other)) == 2
    assert len(set(one) - set(other)) == 1
