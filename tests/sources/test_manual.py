from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.model import Post, Visibility
from bot.sources.manual import Note
from bot.text import cleaned
from tests.builders import NOW, ago
from tests.sources.flaws import flaws


def of(note: Note) -> Post:
    (batch,) = note.fetch(None, None)
    (post,) = batch.posts
    assert (batch.cursor, batch.rejected, flaws(post)) == (None, (), [])
    return post


@given(st.text(min_size=1))
def test_whatever_is_pasted_makes_a_sound_post_that_loses_no_word(text):
    words = cleaned(text)
    assume(words)
    post = of(Note(words, NOW))
    assert f"{post.title} {post.text}".split() == words.split()


def test_the_same_words_have_one_id_and_others_another():
    ids = [of(Note(words, now)).external_id for words in ("a", "a", "b") for now in (NOW, ago(1))]
    assert [ids.count(one) for one in ids] == [4, 4, 4, 4, 2, 2]


def test_a_long_first_line_is_no_title():
    assert of(Note("x" * 121, NOW)).title == ""
    assert of(Note("x" * 120 + "\n\nmore", NOW)).text == "more"


def test_what_is_told_anew_goes_before_what_is_known():
    known = of(Note("a", NOW, author="ann", at=ago(9), venue="here", visibility=Visibility.PUBLIC))
    same = Note("a", NOW)
    assert of(same.after(known)) == known
    assert of(same.after(None)).visibility is Visibility.PRIVATE
    anew = Note("a", NOW, author="bob", at=ago(8), visibility=Visibility.PRIVATE).after(known)
    assert (anew.author, anew.at, anew.venue) == ("bob", ago(8), "here")
    assert of(anew).visibility is Visibility.PRIVATE
