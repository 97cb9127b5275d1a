from __future__ import annotations

import pytest

from bot.deliveries import Asks, Style, Subscription
from bot.errors import QueryError
from bot.speak.subscribing import Wanted, subscription_text, wanted
from tests.builders import NOW

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("daily 09:00", Wanted("daily 09:00", None, Style.FULL, Asks.DIGEST, "")),
        (
            "daily 09:00 Europe/Berlin kind:complaint",
            Wanted("daily 09:00", BERLIN, Style.FULL, Asks.DIGEST, "kind:complaint"),
        ),
        (
            "weekly mon 9:30 UTC style:short source:reddit",
            Wanted("weekly mon 9:30", "UTC", Style.SHORT, Asks.DIGEST, "source:reddit"),
        ),
        (
            "monthly 1 08:00 America/Argentina/Ushuaia style:changes",
            Wanted("monthly 1 08:00", "America/Argentina/Ushuaia", Style.CHANGES, Asks.DIGEST, ""),
        ),
        (
            "cron 0 9 * * 1-5 what are people complaining about?",
            Wanted(
                "cron 0 9 * * 1-5",
                None,
                Style.FULL,
                Asks.QUESTION,
                "what are people complaining about?",
            ),
        ),
        (
            "weekdays 17:00 is the cache fixed",
            Wanted("weekdays 17:00", None, Style.FULL, Asks.QUESTION, "is the cache fixed"),
        ),
        (
            "weekly mon 09:00 compare this month and last month",
            Wanted(
                "weekly mon 09:00",
                None,
                Style.FULL,
                Asks.QUESTION,
                "compare this month and last month",
            ),
        ),
        (
            'daily 09:00 compare "dark mode" and "light mode"',
            Wanted(
                "daily 09:00",
                None,
                Style.FULL,
                Asks.QUESTION,
                'compare "dark mode" and "light mode"',
            ),
        ),
        (
            'daily 09:00 "slower than before"',
            Wanted("daily 09:00", None, Style.FULL, Asks.DIGEST, '"slower than before"'),
        ),
        (
            "daily 09:00 kind:bug 2.4 vs 2.3",
            Wanted("daily 09:00", None, Style.FULL, Asks.DIGEST, "kind:bug 2.4 vs 2.3"),
        ),
        (
            '  daily   09:00  "torch.compile" crash ',
            Wanted("daily 09:00", None, Style.FULL, Asks.DIGEST, '"torch.compile" crash'),
        ),
    ],
)
def test_time_zone_style_and_what_are_read_in_this_order(text: str, read: Wanted):
    assert wanted(text) == read


@pytest.mark.parametrize("text", ["", "kind:complaint", "every day at nine", "daily", "daily 9"])
def test_without_a_time_an_example_is_told(text: str):
    with pytest.raises(QueryError, match="daily 09:00"):
        wanted(text)


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("daily what is new?", "subscribe daily 09:00"),
        ("daily 9", "subscribe daily 09:00"),
        ("Weekly Mon what is new?", "subscribe weekly mon 09:00"),
        ("monthly 1", "subscribe monthly 1 09:00"),
    ],
)
def test_where_the_hour_alone_is_missing_the_same_days_are_told_with_one(text, example):
    with pytest.raises(QueryError) as error:
        wanted(text)
    assert str(error.value) == f"at what hour? As in: {example}\n  {text}\n  ^"


def test_a_style_that_is_none_is_pointed_at():
    with pytest.raises(QueryError, match="full, short, changes") as error:
        wanted("daily 09:00 style:loud")
    assert str(error.value).endswith("  style:loud\n  ^")


def test_it_is_told_back_as_it_will_be():
    its = Subscription(
        3, "C1", Asks.DIGEST, "kind:bug", "daily 09:00", BERLIN, Style.CHANGES, "U1", NOW
    )
    assert subscription_text(its) == (
        "#3 daily 09:00 (Europe/Berlin): digest of kind:bug, only when something moved"
    )
