"""A question as data, so that the next one in a thread can go on from it, also after a restart."""

from __future__ import annotations

import json
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
        "not_understood": list(question.not_understood),
    }


def question_of(told: dict[str, Any], at: Standpoint) -> Question | None:
    """The question again, for whoever is told now; None if it no longer reads."""
    try:
        against = parse(told["against"], at) if told.get("against") else None
        lost = tuple(map(str, told.get("not_understood") or ()))
        return Question(told["text"], parse(told["query"], at), Aim(told["aim"]), against, lost)
    except (QueryError, KeyError, ValueError):
        return None


def carried(question: Question, most: int) -> str:
    """A question in so many characters at most; empty where there is no room for it.

    Of its words as many as there is room for: what they were read as stands beside them.
    """
    told = question_data(question)
    parts = [told["aim"], told["query"], told["against"] or ""]
    room = most - len(_line(*parts, ""))
    text = told["text"][: max(room, 0)]
    while text and len(_line(*parts, text)) > most:
        text = text[:-1]
    return _line(*parts, text) if room >= 0 else ""


def uncarried(line: str, at: Standpoint) -> Question | None:
    """The question that was carried, for whoever is told now; None where it cannot be read."""
    try:
        aim, query, against, text = map(str, json.loads(line))
    except (ValueError, TypeError):
        return None
    told = {"text": text, "query": query, "against": against, "aim": aim}
    return question_of(told, at)


def _line(*parts: str) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
