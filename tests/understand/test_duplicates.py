from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Post
from bot.understand.duplicates import LIKELY, Rarity, Seen, likenesses, same_story
from tests.builders import a_post
from tests.fakes import WordHashing

CHATTER = [
    a_post(title=f"{word} does not work today") for word in ("login", "push", "menu", "font")
]


def seen(*posts: Post) -> list[Seen]:
    """With vectors of the words they share and rarity among themselves and some chatter."""
    rarity = Rarity.of([*posts, *CHATTER])
    vectors = WordHashing().encode([f"{post.title} {post.text}" for post in posts])
    return [Seen.of(*pair, rarity) for pair in zip(posts, vectors, strict=True)]


def test_the_same_words_make_the_alike() -> None:
    one, same, other = seen(
        a_post(title="Upload stops at ninety percent of a large file"),
        a_post(title="Upload of a large file stops at ninety percent"),
        a_post(title="Dark colours for the settings page, please"),
    )

    near, far = same_story(one, [same, other])
    assert near > LIKELY > far


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    common = [a_post(title=f"The crash in module {n}") for n in range(20)]
    rarity = Rarity.of(common)

    assert rarity.weight("crash") < rarity.weight("quaternion")
    assert rarity.weight("quaternion") == rarity.weight("never heard")


def test_a_shared_rare_word_brings_two_stories_together() -> None:
    one, same, other = seen(
        a_post(title="Plugins do not work", text="It says spawn EINVAL"),
        a_post(title="Nothing works today", text="I am told EINVAL"),
        a_post(title="Nothing works today", text="I am told nothing"),
    )

    near, far = same_story(one, [same, other])
    assert near > far
    assert likenesses(one, [same, other])[1, 1] < likenesses(one, [same, other])[0, 1]


def test_posts_without_words_are_like_nothing_by_words() -> None:
    empty, other = seen(a_post(title="\u2026", text=""), a_post(title="Upload stops"))

    assert likenesses(empty, [other])[0, 1] == 0
    assert np.isfinite(same_story(empty, [other, empty])).all()


def test_a_post_compared_with_none_is_like_none() -> None:
    (one,) = seen(a_post())

    assert same_story(one, []).shape == (0,)


def test_a_rarity_of_nothing_weighs_all_words_alike() -> None:
    rarity = Rarity.of([])

    assert rarity.weight("upload") == rarity.weight("push") > 0


WORDS = st.lists(
    st.sampled_from(["upload", "stops", "push", "error", "file", "crash", "the", "a"]), max_size=8
)


@given(WORDS, WORDS)
def test_likeness_does_not_depend_on_which_post_came_first(
    one: list[str], other: list[str]
) -> None:
    first, second = seen(a_post(title=" ".join(one)), a_post(title=" ".join(other)))

    assert same_story(first, [second])[0] == pytest.approx(same_story(second, [first])[0])
    assert 0 < same_story(first, [second])[0] <= same_story(first, [first])[0] + 1e-9


def test_a_sample_of_the_posts_weighs_much_as_all_do() -> None:
    posts = [a_post(title=f"{('upload', 'push', 'menu')[n % 3]} fails {n}") for n in range(60)]

    assert Rarity.of(posts[:30]).weight("upload") == pytest.approx(
        Rarity.of(posts).weight("upload"), abs=0.1
    )
