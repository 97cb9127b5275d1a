from __future__ import annotations

from bot.model import Criterion, Ground, Intent, Reading
from bot.speak.criteria import TOLD, criteria_text
from tests.builders import a_member, a_theme


def reporting(*met: Criterion):
    grounds = tuple(Ground(one, one.value) for one in met)
    return a_member(reading=Reading(Intent.BUG, strength=1, grounds=grounds))


def test_how_many_posts_report_what_is_told_in_words_most_posts_first():
    crash, loss = Criterion.CRASH, Criterion.DATA_LOSS
    members = [reporting(loss, crash), *(reporting(crash) for _ in range(2)), a_member()]
    assert criteria_text(a_theme(*members)) == "3 posts report a crash, 1 data loss"
    one = a_theme(reporting(Criterion.REGRESSION))
    assert criteria_text(one) == "1 post reports a regression"
    assert criteria_text(a_theme(a_member())) == ""


def test_every_criterion_has_words():
    assert set(TOLD) == set(Criterion)
