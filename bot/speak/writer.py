"""Who puts an answer into words: rules alone, or a model whose every sentence is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.model import Answer, Post

EXTRACTIVE = "extractive"
"""The writer of an answer that no model had a part in."""

Read = Callable[[Sequence[str]], Sequence[Post]]
"""The posts of these keys that whoever asks may see, in no order; the others are left out."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a model has cost today, by UTC, and where it stops."""

    model: str
    tokens: int
    most_tokens: int
    money: float
    """In the currency that the prices are set in; 0 where none are set."""
    most_money: float | None


class Writer(Protocol):
    """Puts computed answers into words."""

    def write(self, answer: Answer, read: Read) -> Answer:
        """The answer in this writer's words, resting on no post but those that it cites already.

        Never raises for want of a model: then the answer comes back as it was, with a note.
        """
        ...

    def spent(self) -> Spent | None:
        """None for a writer that costs nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Extractive:
    """The answer as it was computed."""

    why: str = ""
    """Why no model writes although one was asked for."""

    def write(self, answer: Answer, read: Read) -> Answer:  # noqa: ARG002 others need the posts
        """The same answer; it says so if it should have been another's."""
        return without_model(answer, self.why) if self.why else answer

    def spent(self) -> None:
        """Nothing."""
        return


def without_model(answer: Answer, why: str) -> Answer:
    """A computed answer that says why no model wrote it."""
    return replace(answer, note=f"written without the model: {why}")


def writer_text(answer: Answer) -> str:
    """Who wrote an answer, where that is worth a line; else empty."""
    if answer.note:
        return f"{answer.note[0].upper()}{answer.note[1:]}."
    if answer.writer != EXTRACTIVE:
        return f"Phrased by {answer.writer}; every number and quote was checked against the posts."
    return ""


def spent_text(spent: Spent) -> str:
    """The budget: `Writer gpt-x: 12,000 of 200,000 tokens today, money 0.03 of 1.00`."""
    text = f"Writer {spent.model}: {spent.tokens:,} of {spent.most_tokens:,} tokens today"
    if spent.most_money is None:
        return f"{text}, money not counted"
    return f"{text}, money {spent.money:.2f} of {spent.most_money:.2f}"
