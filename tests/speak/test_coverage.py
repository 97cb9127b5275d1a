from __future__ import annotations

from dataclasses import replace

from bot.model import Coverage, Gap, Period, SourceCoverage
from bot.speak.coverage import SHORT, details, line
from tests.builders import NOW, ago, some_coverage


def a_source(name: str, *, last: float | None = 1, **fields) -> SourceCoverage:
    found = SourceCoverage(name, 10, ago(30), None if last is None else ago(last), None)
    return replace(found, **fields)


def told(*sources: SourceCoverage, **fields) -> str:
    return line(Coverage(sources, at=NOW, **fields))


def test_what_was_read_is_told_on_one_short_line_with_until_when():
    sources = (
        a_source("reddit", last=0),
        a_source("github"),
        a_source("rss"),
        a_source("mail", last=9),
    )
    assert (
        told(*sources) == "Read: Reddit to 2 Mar; GitHub and feeds to 1 Mar; mail to 21 Feb 2026."
    )


def test_the_year_stands_at_each_day_where_it_is_not_the_same():
    text = told(a_source("reddit"), a_source("github", last=90))
    assert text == "Read: Reddit to 1 Mar 2026; GitHub to 2 Dec 2025."


def test_a_source_in_which_nobody_wrote_is_read_up_to_the_time_it_was_read():
    assert told(a_source("rss", last=70, read_at=ago(0))) == "Read: feeds to 2 Mar 2026."


def test_what_was_read_after_the_moment_that_is_told_of_is_read_up_to_that():
    assert told(a_source("rss", read_at=ago(-30))) == "Read: feeds to 2 Mar 2026."


def test_each_source_that_could_not_be_read_is_named_with_why_in_short():
    text = told(
        a_source("github", error="401. " * 99), a_source("rss", last=None, posts=0, error="gone")
    )
    assert text.startswith("Read: GitHub to 1 Mar 2026. Not read: GitHub (401. 401.")
    assert text.endswith("; feeds (gone).")
    assert len(text) < 2 * SHORT


def test_a_source_that_is_not_read_any_more_is_no_all_clear():
    coverage = Coverage((a_source("github", stale=ago(5)),))
    assert "Not read any more: GitHub since 25 Feb 2026." in line(coverage)
    assert not coverage.complete


def test_a_source_that_was_never_read_is_told_as_that():
    assert (
        told(a_source("rss", last=None, posts=0)) == "Nothing could be read. Not read yet: feeds."
    )


def test_of_gaps_the_latest_is_told_and_how_many_there_are():
    gaps = tuple(Gap(Period(ago(n + 2), ago(n)), f"why {n}") for n in (40, 9, 20))
    text = told(a_source("github", gaps=gaps[:2]), a_source("rss", gaps=gaps[2:]))
    assert text.endswith("Never read: GitHub 19 Feb to 21 Feb 2026 (why 9), and 2 older gaps.")


def test_what_the_line_tells_in_short_stands_in_full_in_the_details():
    gaps = tuple(Gap(Period(ago(n + 2), ago(n)), f"why {n}") for n in (40, 9))
    told = details(Coverage((a_source("github", error="e" * 500, gaps=gaps),)))
    assert told[0] == f"Not read: GitHub ({'e' * 500})"
    assert [text.endswith(f"(why {n})") for text, n in zip(told[1:], (40, 9), strict=True)] == [
        True
    ] * 2


def test_what_is_withheld_and_what_waits_are_counted():
    text = line(some_coverage(waiting=7, sensitive=1))
    assert text.endswith("7 posts not understood yet. 1 post withheld for security.")
