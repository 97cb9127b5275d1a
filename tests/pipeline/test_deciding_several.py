"""Decisions about several posts at once: one in the log, one to take back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.errors import GroundswellError
from bot.model import Deed, Intent
from bot.pipeline import Pipeline
from bot.pipeline.deciding import Deciding
from bot.speak.deciding import sentence
from bot.store import Standings, Stood, Store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post
from tests.fakes import WordHashing

WALRUS, OTTER = "The walrus cache crashes on start", "Otter login is refused"


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    made = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    for words, many in ((WALRUS, 4), (OTTER, 3), ("Ibis", 1), ("Newt", 1)):
        store.posts.save([a_post(title=words, text=f"{words}: broken") for _ in range(many)])
    made.understand()
    return made


@pytest.fixture
def deciding(pipeline: Pipeline) -> Deciding:
    return pipeline.deciding("ann")


def standing(pipeline: Pipeline) -> dict[str, tuple[str, list[str]]]:
    """By label each theme's id and the keys of its posts."""
    return {
        v.theme.label: (v.theme.id, [m.key for m in v.theme.members]) for v in pipeline.themes()
    }


def test_several_posts_go_to_a_theme_as_one_decision_and_back_as_one(pipeline, deciding):
    before = standing(pipeline)
    (walrus, posts), (otter, _) = before[WALRUS], before[OTTER]
    taken = deciding.move_all([*posts[:2], posts[0]], otter)
    assert (taken.decision.deed, len(taken.decision.moved)) == (Deed.MOVE, 2)
    said = sentence(taken.decision, taken.labels)
    assert said.endswith(f"go to {otter} “{OTTER}”, out of {walrus} “{WALRUS}”: moves 2 posts.")
    assert len(standing(pipeline)[OTTER][1]) == 5
    pipeline.understand()
    assert len(standing(pipeline)[OTTER][1]) == 5
    deciding.undo()
    assert standing(pipeline) == before


def test_several_posts_belong_in_no_theme(pipeline, deciding):
    _, posts = standing(pipeline)[WALRUS]
    taken = deciding.move_all(posts[:2], None)
    assert "belong in no theme" in sentence(taken.decision, taken.labels)
    pipeline.understand()
    assert len(pipeline.search("theme:T1", 9)) + len(pipeline.search("theme:T2", 9)) == 5


def test_several_posts_are_of_a_kind_and_of_their_own_again(pipeline, deciding):
    _, posts = standing(pipeline)[WALRUS]
    kinds = {m.key: m.reading.intent for v in pipeline.themes() for m in v.theme.members}
    taken = deciding.kinds(posts, Intent.PRAISE)
    assert "are of the kind praise" in sentence(taken.decision, taken.labels)
    assert {m.reading.intent for m in pipeline.theme("T1").theme.members} == {Intent.PRAISE}
    deciding.undo()
    after = {m.key: m.reading.intent for v in pipeline.themes() for m in v.theme.members}
    assert after == kinds


def test_one_post_that_is_not_there_and_none_is_moved(pipeline, deciding):
    before = standing(pipeline)
    (_, posts), (otter, _) = before[WALRUS], before[OTTER]
    with pytest.raises(GroundswellError, match="no post that can stand in a theme"):
        deciding.move_all([posts[0], "github:nobody/none#1"], otter)
    assert standing(pipeline) == before
    assert deciding.log() == []


def test_the_bot_is_told_for_each_post_whether_it_had_placed_it_rightly(pipeline, deciding):
    (_, posts), (otter, others) = standing(pipeline)[WALRUS], standing(pipeline)[OTTER]
    taken = deciding.move_all([posts[0], others[0]], otter)
    assert {one.key: one.right for one in taken.decision.touched} == {
        posts[0]: False,
        others[0]: True,
    }


def test_posts_that_are_named_together_are_looked_up_together(pipeline, deciding, monkeypatch):
    (walrus, posts), (otter, _) = (standing(pipeline)[label] for label in (WALRUS, OTTER))
    looked_up: list[int] = []
    of = Standings.of

    def counting(self: Standings, names: list[str]) -> Mapping[str, Stood]:
        looked_up.append(len(names))
        return of(self, names)

    monkeypatch.setattr(Standings, "of", counting)
    deciding.kinds(posts, Intent.PRAISE)
    deciding.split(walrus, posts[:3])
    deciding.move_all(posts[:2], otter)
    assert looked_up == [4, 3, 2]
