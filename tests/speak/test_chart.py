"""The weekly chart: what it shows, what it says it shows, and what strangers' words do in it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.deliveries import Picture
from bot.model import Coverage, Crowd, Digest, Gap, Period, Section, SourceCoverage, Status, Week
from bot.speak.chart import ALT, ROWS, WEEKS, Chart, Row, chart_of, chart_text, unread_texts
from bot.speak.page import digest_page
from bot.speak.picture import draw, drawable
from tests.builders import NOW, ago
from tests.slack.anything import HOSTILE, Anything

MONDAY = NOW.replace(hour=0)
WEEK = timedelta(weeks=1)


def a_digest(until: datetime = NOW, *, gaps: tuple[Gap, ...] = (), themes: int = 1) -> Digest:
    """Themes of which one person more speaks each week, over the twenty weeks before."""
    weekly = tuple(Week(MONDAY - WEEK * (20 - n), n, 0, n) for n in range(22))
    views = tuple(
        replace(
            Anything(n).view(Status.GROWING, n + 1),
            weekly=weekly,
            sources={"github": 3},
            crowd=Crowd(3, 0, 3),
        )
        for n in range(themes)
    )
    source = SourceCoverage("github", 10, ago(400), ago(1), ago(0), None, gaps)
    sections = (Section("Growing", views),)
    return Digest(Period(until - WEEK, until), "Headline", sections, Coverage((source,)), 10)


def the_chart(digest: Digest) -> Chart:
    found = chart_of(digest)
    assert found
    return found


def test_the_last_whole_weeks_are_shown_and_none_that_has_only_begun():
    chart = the_chart(a_digest())
    assert chart.weeks == tuple(MONDAY - WEEK * n for n in range(WEEKS, 0, -1))
    assert chart.rows[0].voices == tuple(range(4, 20))
    assert not chart.unfinished


def test_a_week_that_is_nearly_over_is_shown_and_said_not_to_be():
    chart = the_chart(a_digest(NOW + timedelta(days=4)))
    assert chart.weeks[-1] == MONDAY
    assert chart.rows[0].voices[-1] == 20
    assert chart.unfinished
    assert "not over" in chart_text(chart)


def test_what_was_not_read_is_a_gap_and_not_zero():
    gap = Gap(Period(MONDAY - WEEK * 3 - timedelta(days=2), MONDAY - WEEK * 2), "out of reach")
    chart = the_chart(a_digest(gaps=(gap,)))
    assert chart.rows[0].voices[-5:] == (15, None, None, 18, 19)
    assert list(unread_texts(chart)) == ["GitHub, week of 2 Feb 2026 to 9 Feb 2026"]
    assert "15 ? ? 18 19" in chart_text(chart)


def test_a_gap_of_some_hours_and_one_of_another_source_leave_the_line_whole():
    gap = Gap(Period(MONDAY - WEEK, MONDAY - WEEK + timedelta(hours=5)), "out of reach")
    digest = a_digest(gaps=(gap,))
    long = Gap(Period(MONDAY - WEEK * 2, MONDAY), "out of reach")
    other = SourceCoverage("reddit", 1, ago(400), ago(1), ago(0), None, (long,))
    coverage = Coverage((*digest.coverage.sources, other))
    chart = the_chart(replace(digest, coverage=coverage))
    assert None not in chart.rows[0].voices
    assert list(unread_texts(chart)) == ["Reddit, week of 16 Feb 2026 to 23 Feb 2026"]


def test_nothing_is_drawn_before_anything_was_written():
    digest = a_digest()
    (source,) = digest.coverage.sources
    young = Coverage((replace(source, first_at=ago(40)),))
    assert len(the_chart(replace(digest, coverage=young)).weeks) == 6
    younger = Coverage((replace(source, first_at=ago(9)),))
    assert chart_of(replace(digest, coverage=younger)) is None
    assert chart_of(replace(digest, sections=())) is None


def test_no_more_themes_are_drawn_than_a_person_sees_at_a_glance():
    assert len(the_chart(a_digest(themes=ROWS + 3)).rows) == ROWS


def test_the_words_for_a_picture_fit_into_what_slack_takes():
    for seed in range(50):
        if chart := chart_of(Anything(seed).digest()):
            assert 1 <= len(chart_text(chart)) <= ALT


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("hostile", range(0, len(HOSTILE), ROWS))
def test_whatever_a_theme_is_called_a_picture_of_the_same_size_comes_of_it(hostile: int):
    plain = the_chart(a_digest(themes=ROWS))
    labels = (HOSTILE * 2)[hostile : hostile + ROWS]
    rows = zip(plain.rows, labels, strict=True)
    drawn = draw(replace(plain, rows=tuple(replace(row, label=label) for row, label in rows)))
    assert size(drawn) == size(draw(plain))


@pytest.mark.parametrize("status", list(Status))
def test_every_status_gaps_everywhere_and_nobody_at_all_are_drawn(status: Status):
    weeks = tuple(MONDAY - WEEK * n for n in range(6, 0, -1))
    for voices in ((None,) * 6, (0,) * 6, (None, 3, None, 0, None, 2), (9, 8, 7, 0, 1, None)):
        unread = {n: ("GitHub",) for n, number in enumerate(voices) if number is None}
        row = Row("T1", "Push fails", status, voices)
        assert size(draw(Chart((row,), weeks, True, unread, False)))


def test_mathematics_in_a_name_is_drawn_as_the_signs_that_stand_there():
    plain = the_chart(a_digest())
    (row,) = plain.rows
    broken = "costs $\\frac{1}{$ or $5 and \\undefined $x^2$"
    assert drawable(broken) == broken
    assert draw(replace(plain, rows=(replace(row, label=broken),)))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Push fails\n\ton big files", "Push fails on big files"),
        ("Push \u202efails\u202c\u200b", "Push fails"),
        ("应用程序崩溃", ""),
        ("\ud800", ""),
        ("Crash 🎉 on start", "Crash on start"),
        ("", ""),
    ],
)
def test_only_what_has_a_shape_is_drawn(text: str, kept: str):
    assert drawable(text) == kept


def test_the_same_facts_make_the_same_picture():
    chart = the_chart(a_digest(themes=3))
    assert zlib.crc32(draw(chart)) == zlib.crc32(draw(chart))


def test_the_page_shows_the_picture_with_its_words_escaped():
    picture = Picture(b"\x89PNG", "People a week", '"><script>alert(1)</script>')
    page = digest_page(a_digest(), picture)
    assert 'src="data:image/png;base64,iVBORw=="' in page
    assert "<script>alert" not in page
    assert "<img" not in digest_page(a_digest())
