"""A question as data, so that the next one in a thread can go on from it, also after a restart."""

from __future__ import annotations

from typing import Any

from bot.errors import QueryError
from bot.model import Aim, Question
from bot.speak.query import parse, written
from bot.speak.standpoint import Standpoint


def question_data(question: Question) -> dict[str, Any]:
    """What the next question needs to know of this one."""
    against = written(question.against) if question.against else None
    return {
        "text": question.text,
        "query": written(question.query),
        "against": against,
        "aim": question.aim.value,
    }


def question_of(told: dict[str, Any], at: Standpoint) -> Question | None:
    """The question again, for whoever is told now; None if it no longer reads."""
    try:
        against = parse(told["against"], at) if told.get("against") else None
        return Question(told["text"], parse(told["query"], at), Aim(told["aim"]), against)
    except (QueryError, KeyError, ValueError):
        return None
