"""The weekly chart: what it shows, what it says it shows, and what strangers' words do in it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.deliveries import Picture
from bot.model import (
    Coverage,
    Crowd,
    Digest,
    Gap,
    Period,
    Query,
    Section,
    SourceCoverage,
    Status,
    Week,
)
from bot.speak.chart import ALT, ROWS, Chart, Row, chart_of, chart_text, unread_texts
from bot.speak.digest import compose
from bot.speak.page import digest_page
from bot.speak.picture import draw, drawable
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_theme, ago
from tests.slack.anything import HOSTILE, Anything

WEEK, WEEKS = timedelta(weeks=1), 16


def a_digest(until: datetime = NOW, *, gaps: tuple[Gap, ...] = (), themes: int = 1) -> Digest:
    """Themes of which one person more speaks each week, 4 to 19 in all, up to `until`."""
    lately = tuple(Week(until - WEEK * (20 - n), n, 0, n) for n in range(4, 20))
    views = tuple(
        replace(
            Anything(n).view(Status.GROWING, n + 1),
            lately=lately,
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


@pytest.mark.parametrize("day", range(7))
def test_the_last_value_is_the_number_of_people_that_the_digest_tells(day: int):
    until = NOW + timedelta(days=day)
    before = [a_member(created_at=until - timedelta(days=days)) for days in (8, 20, 34, 60)]
    new = [a_member(created_at=until - timedelta(days=days)) for days in (0.1, 2, 3, 4, 6.9)]
    late = a_member(created_at=until)
    period = Period(until - WEEK, until)
    seen = view(a_theme(*before, *new, late), period)
    coverage = Coverage((SourceCoverage("github", 9, ago(99), ago(1), ago(0)),))
    digest = compose([seen], period, 5, coverage, Query())
    (row,) = the_chart(digest).rows
    assert row.voices[-1] == seen.crowd.people == seen.recent.people == 5
    assert row.voices[-2] == seen.before.people == 1
    assert sum(filter(None, row.voices)) == 9


def test_sixteen_weeks_are_shown_that_end_with_the_digest():
    chart = the_chart(a_digest(NOW + timedelta(days=4)))
    assert chart.weeks == tuple(NOW + timedelta(days=4) - WEEK * n for n in range(WEEKS, 0, -1))
    assert chart.rows[0].voices == tuple(range(4, 20))
    assert chart_text(chart).startswith("People in every seven days, 14 Nov 2025 to 6 Mar 2026.")


def test_what_was_not_read_is_a_gap_and_not_zero():
    gap = Gap(Period(NOW - WEEK * 3 - timedelta(days=2), NOW - WEEK * 2), "out of reach")
    chart = the_chart(a_digest(gaps=(gap,)))
    assert chart.rows[0].voices[-5:] == (15, None, None, 18, 19)
    assert list(unread_texts(chart)) == ["GitHub, 2 Feb to 16 Feb 2026"]
    assert "15 ? ? 18 19" in chart_text(chart)


def test_a_gap_of_some_hours_and_one_of_another_source_leave_the_line_whole():
    gap = Gap(Period(NOW - WEEK, NOW - WEEK + timedelta(hours=5)), "out of reach")
    digest = a_digest(gaps=(gap,))
    long = Gap(Period(NOW - WEEK * 2, NOW), "out of reach")
    other = SourceCoverage("reddit", 1, ago(400), ago(1), ago(0), None, (long,))
    coverage = Coverage((*digest.coverage.sources, other))
    chart = the_chart(replace(digest, coverage=coverage))
    assert None not in chart.rows[0].voices
    assert list(unread_texts(chart)) == ["Reddit, 16 Feb to 2 Mar 2026"]


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
    weeks = tuple(NOW - WEEK * n for n in range(6, 0, -1))
    for voices in ((None,) * 6, (0,) * 6, (None, 3, None, 0, None, 2), (9, 8, 7, 0, 1, None)):
        unread = {n: ("GitHub",) for n, number in enumerate(voices) if number is None}
        row = Row("T1", "Push fails", status, voices)
        assert size(draw(Chart((row,), weeks, unread, False)))


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


def test_on_a_narrow_screen_the_picture_keeps_its_width_and_scrolls_in_a_box_of_its_own():
    page = digest_page(a_digest(), Picture(b"\x89PNG", "People a week", "Words"))
    box, picture = (
        next(line for line in page.splitlines() if line.startswith(start))
        for start in (".weeks {", ".weeks img {")
    )
    assert "overflow-x: auto" in box
    assert "min-width: 720px" in picture
    assert '<div class="weeks" tabindex="0" role="region" aria-label="People a week"><img' in page
