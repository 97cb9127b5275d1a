"""A model as a writer: its budget, what it wrote before, and what its sentences are held to."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import structlog

from bot.model import Answer, Sentence
from bot.speak.writer import Read, Spent, without_model
from bot.store import Cost, Store
from bot.writing import checking
from bot.writing.material import Material, choose
from bot.writing.prompting import prompt, version
from bot.writing.replies import Model, Prompt, Reply, WriterError
from bot.writing.sayings import Told

BYTES_A_TOKEN = 2
"""Fewer bytes than a token of such texts takes (3 to 4): an estimate that is too high never
overdraws the budget, and what the server counted takes its place afterwards."""

FORM_BYTES = 1_000
"""The schema of a reply, and what a server puts around a prompt."""

ANSWER_SHARE, ANSWER_MOST = 4, 1_500
"""Of an answer's tokens one in so many is for the reply, and at most this many are."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a model stops. Prices are for a million tokens, in one currency."""

    answer_tokens: int
    day_tokens: int
    day_money: float
    price_in: float = 0.0
    price_out: float = 0.0
    private: bool = False
    """Whether it may be shown posts that not everybody could read where they were written."""

    @property
    def reply_tokens(self) -> int:
        """What a reply may take."""
        return min(ANSWER_MOST, self.answer_tokens // ANSWER_SHARE)

    @property
    def room(self) -> int:
        """Bytes for rules, facts and posts."""
        return (self.answer_tokens - self.reply_tokens) * BYTES_A_TOKEN - FORM_BYTES

    @property
    def day(self) -> Cost:
        """All that a day may cost."""
        return Cost(self.day_tokens, math.floor(self.day_money * 1_000_000))

    def cost(self, tokens_in: int, tokens_out: int) -> Cost:
        """What so many tokens cost, rounded up."""
        money = tokens_in * self.price_in + tokens_out * self.price_out
        return Cost(tokens_in + tokens_out, math.ceil(money))

    @property
    def priced(self) -> bool:
        """Whether money is counted at all."""
        return self.price_in > 0 or self.price_out > 0


@dataclass(slots=True)
class ModelWriter:
    """Lets a model phrase an answer, keeps of it what holds, and falls back where too little does.

    May be shared between threads.
    """

    name: str
    where: str
    """The address of the model: another one is another model."""
    make: Callable[[], Model]
    """Makes the model when it is first needed."""
    limits: Limits
    store: Store
    clock: Callable[[], datetime]
    """The real time, also where answers speak as of another: money is spent now."""
    _model: Model | None = field(default=None, init=False)
    _rests_until: float = field(default=0.0, init=False)
    _rests_why: str = field(default="", init=False)

    def write(self, answer: Answer, read: Read) -> Answer:
        """The answer in the model's words; as it was, with a note, if that did not do."""
        if not answer.sentences:
            return answer
        try:
            said = self._said(answer, read)
        except WriterError as error:
            return without_model(answer, str(error))
        return replace(answer, sentences=said, writer=self.name)

    def spent(self) -> Spent:
        """What today has cost."""
        today = self.store.spending.on(self.clock().date())
        return Spent(
            self.name,
            today.tokens,
            self.limits.day_tokens,
            today.micros / 1_000_000,
            self.limits.day_money if self.limits.priced else None,
        )

    def _said(self, answer: Answer, read: Read) -> tuple[Sentence, ...]:
        keys = sorted({cite.key for one in answer.sentences for cite in one.cites})
        room = self.limits.room - prompt(Material(answer.question, (), ())).size
        material = choose(answer, read(keys), room, private=self.limits.private)
        digest = material.digest(version(), self.name, self.where)
        kept = self._remembered(digest, material)
        if kept is None:
            kept = _held(self._reply(prompt(material)), material)
            said = [[one.text, list(one.facts), list(one.posts)] for one in kept]
            self.store.phrasings.keep(digest, said, material.keys, self.clock())
        return tuple(checking.sentence(one, material) for one in kept)

    def _remembered(self, digest: str, material: Material) -> list[Told] | None:
        """What was written of the same before; it is checked again, as the rules may be others."""
        said = self.store.phrasings.find(digest, self.clock())
        if said is None:
            return None
        told = [Told(text, tuple(facts), tuple(posts)) for text, facts, posts in said]
        kept = [one for one in told if not checking.fault(one, material)]
        return kept if checking.enough(kept, material) else None

    def _reply(self, asked: Prompt) -> str:
        """The model's reply, paid for. Raises WriterError."""
        if time.monotonic() < self._rests_until:
            raise WriterError(self._rests_why)
        day = self.clock().date()
        tokens_in = math.ceil((asked.size + FORM_BYTES) / BYTES_A_TOKEN)
        reserved = self.limits.cost(tokens_in, self.limits.reply_tokens)
        if not self.store.spending.reserve(day, reserved, self.limits.day):
            raise WriterError("budget spent")
        try:
            reply = self._asked(asked)
        except WriterError as error:
            if not error.billed:
                self.store.spending.settle(day, reserved, Cost(0, 0))
            self._rest(error)
            raise
        self._settle(day, reserved, reply)
        return reply.text

    def _asked(self, asked: Prompt) -> Reply:
        if self._model is None:
            self._model = self.make()
        return self._model.reply(asked, self.limits.reply_tokens)

    def _settle(self, day: date, reserved: Cost, reply: Reply) -> None:
        """What the server counted; where it counted nothing, all that was set aside."""
        if reply.tokens_in is not None and reply.tokens_out is not None:
            cost = self.limits.cost(reply.tokens_in, reply.tokens_out)
            self.store.spending.settle(day, reserved, cost)

    def _rest(self, error: WriterError) -> None:
        if error.rest_s:
            self._rests_why = str(error)
            self._rests_until = time.monotonic() + error.rest_s


def _held(reply: str, material: Material) -> list[Told]:
    """The sentences that hold. Raises WriterError if they tell less than the first fact."""
    try:
        told = checking.told(reply)
    except ValueError as error:
        raise WriterError("answered nonsense") from error
    faults = [checking.fault(one, material) for one in told]
    log.info(
        "the model's sentences were checked", told=len(told), dropped=sorted(filter(None, faults))
    )
    kept = [one for one, broken in zip(told, faults, strict=True) if not broken]
    kept = list({one.text: one for one in kept}.values())
    if not checking.enough(kept, material):
        raise WriterError("answered nonsense" if not kept else "too little of it held")
    return kept
