"""Tables of plain questions: what each becomes, and that nothing is wrong in silence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.model import Query, Question
from bot.speak.query import parse, written
from bot.speak.question import understand
from tests.speak.quill import AT

HERE = Path(__file__).parent
OURS, HELD_OUT = HERE / "questions.tsv", HERE / "questions_held_out.tsv"
EXACT = 0.95


@dataclass(frozen=True, slots=True)
class Row:
    question: str
    query: Query
    against: Query | None
    aim: str
    lost: frozenset[str]

    @classmethod
    def read(cls, line: str) -> Row:
        question, query, aim, lost = (*line.split("\t"), "", "")[:4]
        first, _, second = query.partition(" || ")
        words = frozenset(word.strip().casefold() for word in lost.split(";") if word.strip())
        against = parse(second, AT) if second else None
        return cls(question, parse(first, AT), against, aim.strip(), words)

    def asks(self, found: Question) -> bool:
        return ordered(found.query) == ordered(self.query) and (
            self.against is None
            if found.against is None
            else self.against is not None and ordered(found.against) == ordered(self.against)
        )

    def is_exactly(self, found: Question) -> bool:
        said = frozenset(word.casefold() for word in found.not_understood)
        return self.asks(found) and found.aim == self.aim and said == self.lost


def ordered(query: Query) -> tuple[object, ...]:
    """A query as what it asks for: alternatives have no order, nor do words."""
    return tuple(
        frozenset(value) if isinstance(value, tuple) else value
        for value in (getattr(query, name) for name in Query.__dataclass_fields__)
    )


def rows(path: Path) -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Row.read(line) for line in lines if line.strip() and not line.startswith("# ")]


@pytest.fixture(params=[OURS, HELD_OUT], ids=lambda path: path.stem)
def table(request: pytest.FixtureRequest) -> list[Row]:
    if request.param == HELD_OUT and not HELD_OUT.exists():
        pytest.skip(f"{HELD_OUT.name} is missing: questions by somebody who never saw the reader")
    return rows(request.param)


def told(wrong: list[Row]) -> str:
    found = ((row, understand(row.question, AT)) for row in wrong)
    return "\n".join(f"{row.question}\n  not {was}\n  but {row}" for row, was in found)


def test_nearly_every_question_becomes_exactly_what_it_asks(table):
    wrong = [row for row in table if not row.is_exactly(understand(row.question, AT))]
    assert len(wrong) <= (1 - EXACT) * len(table), told(wrong)


def test_no_question_is_wrong_in_silence(table):
    read = [(row, understand(row.question, AT)) for row in table]
    silent = [row for row, found in read if not row.asks(found) and not found.not_understood]
    assert not silent, told(silent)


def test_what_a_question_becomes_can_be_written_and_read_again(table):
    for row in table:
        query = understand(row.question, AT).query
        assert parse(written(query), AT) == query, row.question
        assert parse(written(query, AT.zone), AT) == query, row.question


def test_there_are_questions_enough():
    assert len(rows(OURS)) >= 110
    assert len({row.question for row in rows(OURS)}) == len(rows(OURS))
