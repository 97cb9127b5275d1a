"""What a model is asked, what it replies, and how it fails: the same for every model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.errors import GroundswellError


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is shown: our rules, and all that strangers wrote, fenced off."""

    rules: str
    asked: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.rules.encode()) + len(self.asked.encode())


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply. The tokens as the server counted them; None where it did not."""

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None


class WriterError(GroundswellError):
    """A model did not write. The message ends the sentence "written without the model: ...".

    `billed` means that it may have worked, and has to be paid for. `rest_s` is for how many
    seconds it should not be asked again.
    """

    def __init__(self, message: str, *, billed: bool = False, rest_s: float = 0.0) -> None:
        super().__init__(message)
        self.billed = billed
        self.rest_s = rest_s


class Model(Protocol):
    """A language model behind some address."""

    def reply(self, prompt: Prompt, most_tokens: int) -> Reply:
        """Its reply, of so many tokens at most. Raises WriterError."""
        ...
