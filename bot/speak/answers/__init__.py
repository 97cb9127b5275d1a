"""Answers without a language model, one kind for each aim: computed facts and chosen quotes.

Every sentence cites exactly the posts that it counts or quotes, and a sentence that counts opens
the search that shows them. A number of a part of those posts stands in a sentence about them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.model import Aim, Answer, ThemeView
from bot.speak.answers.evidence import Evidence, Found, Said, closest
from bot.speak.answers.fixing import fixed
from bot.speak.answers.hurting import by_people, hurts, praise
from bot.speak.answers.listing import count, show, unanswered
from bot.speak.answers.moving import changed, new
from bot.speak.answers.overview import overview
from bot.speak.answers.sides import compare
from bot.speak.answers.troubling import problem, who
from bot.speak.writer import EXTRACTIVE

ANSWERS: Mapping[Aim, Callable[[Evidence], Said]] = {
    Aim.OVERVIEW: overview,
    Aim.HURTS: hurts,
    Aim.NEW: new,
    Aim.CHANGED: changed,
    Aim.PROBLEM: problem,
    Aim.WHO: who,
    Aim.PRAISE: praise,
    Aim.COMPARE: compare,
    Aim.FIXED: fixed,
    Aim.UNANSWERED: unanswered,
    Aim.COUNT: count,
    Aim.SHOW: show,
}

FIRST: Mapping[Aim, Callable[[Found], list[ThemeView]]] = {
    Aim.HURTS: by_people,
    Aim.PROBLEM: closest,
    Aim.FIXED: closest,
}
"""In which order themes are told by the answers that say what tracks them."""


def answer(evidence: Evidence) -> Answer:
    """The answer that a question is after; without a sentence where nothing was found."""
    against = evidence.against
    something = bool(evidence.found.hits) or bool(against and against.hits)
    said = ANSWERS[evidence.asked.aim](evidence) if something else Said(())
    return Answer(
        question=evidence.asked.text,
        query=evidence.asked.query,
        sentences=said.sentences,
        themes=tuple(view.theme.id for view in said.views),
        coverage=evidence.coverage,
        writer=EXTRACTIVE,
        asked=evidence.asked,
    )
