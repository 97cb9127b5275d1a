"""What a model is given to write from: computed facts and strangers' posts, both numbered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TypeVar

from bot.model import Answer, Citation, Post, Sentence, Visibility
from bot.text import excerpt
from bot.writing.replies import WriterError
from bot.writing.secrets import without_secrets

Item = TypeVar("Item")

FACTS_MOST, POSTS_MOST = 12, 16
WORDS_MOST = 700
"""Characters that are shown of a post."""

AROUND = 120
"""Bytes around an item: its number, its place and the fence twice."""

LEAST = 3
"""Posts that an answer rests on at least: of fewer there is nothing to sum up."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as the model sees it. Who wrote it is not told."""

    cite: Citation
    words: str


@dataclass(frozen=True, slots=True)
class Material:
    """All that a model may say: nothing outside it counts as known."""

    question: str
    facts: tuple[Sentence, ...]
    posts: tuple[Shown, ...]

    @property
    def keys(self) -> list[str]:
        """The posts whose words may stand in it."""
        cited = (cite.key for fact in self.facts for cite in fact.cites)
        return sorted({*cited, *(post.cite.key for post in self.posts)})

    def digest(self, *more: str) -> str:
        """Equal for what is equal in every word."""
        shown = [[post.cite.key, post.words] for post in self.posts]
        parts = [self.question, [fact.text for fact in self.facts], self.keys, shown, *more]
        said = json.dumps(parts).encode()
        return hashlib.blake2b(said, digest_size=16).hexdigest()


def choose(answer: Answer, posts: Sequence[Post], room: int, *, private: bool) -> Material:
    """The facts of an answer and the posts that tell them best, in at most `room` bytes.

    Args:
        answer: as it was computed; no post outside its citations is used.
        posts: those of its citations that may be shown.
        room: bytes, fences and all.
        private: whether posts that not everybody could read may be shown to the model.

    Raises:
        WriterError: there is nothing that it could be given.
    """
    cites = {c.key: c for s in reversed(answer.sentences) for c in reversed(s.cites)}
    known = {post.key: post for post in posts if post.key in cites}
    if len(cites) < LEAST:
        raise WriterError("too little to go on")
    if not private and any(p.visibility is Visibility.PRIVATE for p in known.values()):
        raise WriterError("it rests on private posts")
    counting = [sentence for sentence in answer.sentences if not quoting(sentence)]
    if not counting:
        raise WriterError("there is nothing to sum up")
    facts, left = _fitting([(f, _size(f.text)) for f in counting[:FACTS_MOST]], room)
    if not facts:
        raise WriterError("the budget of an answer is too small")
    shown = (_shown(known[c.key], c) for c in _best(answer.sentences) if c.key in known)
    sized = [(one, _size(one.words + one.cite.venue)) for one in list(shown)[:POSTS_MOST]]
    return Material(without_secrets(answer.question), facts, _fitting(sized, left)[0])


def quoting(sentence: Sentence) -> bool:
    """Whether a sentence is one post in its own words, and counts nothing."""
    return sentence.opens is None and len(sentence.cites) == 1


def _fitting(sized: Sequence[tuple[Item, int]], room: int) -> tuple[tuple[Item, ...], int]:
    """The first that fit, and what room is left."""
    taken = []
    for item, size in sized:
        if size > room:
            break
        taken.append(item)
        room -= size
    return tuple(taken), room


def _size(text: str) -> int:
    return len(text.encode()) + AROUND


def _best(sentences: Sequence[Sentence]) -> Iterator[Citation]:
    """What was quoted, then the posts of each fact in turn, each post once."""
    quoted = [s.cites[0] for s in sentences if quoting(s)]
    turns = zip_longest(*(s.cites for s in sentences if not quoting(s)))
    told: set[str] = set()
    for cite in chain(quoted, chain.from_iterable(turns)):
        if cite is not None and cite.key not in told:
            told.add(cite.key)
            yield cite


def _shown(post: Post, cite: Citation) -> Shown:
    words = f"{post.title}. {post.text}" if post.title else post.text
    return Shown(cite, without_secrets(excerpt(words, WORDS_MOST)))
