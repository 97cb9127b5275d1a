from __future__ import annotations

import numpy as np
import pytest

from bot.understand.words import weigh


def test_words_are_weighed_by_how_rare_they_are() -> None:
    words = weigh(["login fails", "login works", "The login, the login"])

    assert words.everywhere.tolist() == [1, 3, 1]  # fails, login, works
    own, word, weight = words.of(np.array([2, 0]))
    assert (own.tolist(), word.tolist()) == ([0, 1, 1], [1, 1, 0])
    assert weight[0] == pytest.approx(1)
    assert weight[2] > weight[1]
    assert weight[1:] @ weight[1:] == pytest.approx(1)


def test_the_order_of_texts_changes_no_number() -> None:
    assert weigh(["b a1", "c"]).everywhere.tolist() == weigh(["c", "b a1"]).everywhere.tolist()


@pytest.mark.parametrize("texts", [[], [""], ["a I !"], ["the", ""]])
def test_texts_without_words_have_none(texts: list[str]) -> None:
    words = weigh(texts)

    assert not len(words.everywhere)
    assert words.begin.tolist() == [0] * (len(texts) + 1)
