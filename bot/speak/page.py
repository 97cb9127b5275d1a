"""A digest as a web page: one file, no script, nothing loaded from anywhere."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.deliveries import Picture
from bot.model import Digest, ThemeView
from bot.speak.areas import area_text
from bot.speak.coverage import line
from bot.speak.criteria import criteria_text
from bot.speak.digest import verdict
from bot.speak.dissent import dissent_title, sides
from bot.speak.languages import languages_text, spoken
from bot.speak.plain import change, muted, precision_text
from bot.speak.query import written
from bot.speak.tracking import tracking_text
from bot.speak.words import counted, day, facts, people, places, span

WEEKS = 16
BAR, GAP, HEIGHT = 7, 2, 34
"""Pixels of the weekly bars."""


def digest_page(digest: Digest, picture: Picture | None = None) -> str:
    """The whole page. Whatever a stranger wrote is escaped; links are http(s) or none."""
    environment = Environment(
        loader=PackageLoader("bot.speak"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "day": day,
        "people": people,
        "places": places,
        "change": change,
        "muted": muted,
        "precision": precision_text,
        "safe_url": safe_url,
        "tracked": tracking_text,
        "spoken": spoken,
        "disagreeing": dissent_title,
        "sides": sides,
        "area": area_text,
        "verdict": verdict,
    }
    environment.globals |= {
        "counted": counted,
        "facts": facts,
        "bars": bars,
        "criteria": criteria_text,
        "languages": languages_text,
        "width": WEEKS * (BAR + GAP),
    }
    return environment.get_template("digest.html").render(
        digest=digest,
        when=span(digest.period),
        coverage=line(digest.coverage),
        query=written(digest.query),
        height=HEIGHT,
        bar=BAR,
        picture=picture,
        png=b64encode(picture.png).decode() if picture else "",
    )


def safe_url(url: str | None) -> str | None:
    """An address that may be linked to: http or https, else None."""
    try:
        return url if url and urlsplit(url).scheme in {"http", "https"} else None
    except ValueError:
        return None


def bars(view: ThemeView) -> list[tuple[int, int, int, str]]:
    """The last weeks as (x, y, height, title), the newest on the right."""
    weeks = view.weekly[-WEEKS:]
    most = max((w.people + w.unknown for w in weeks), default=0) or 1
    offset = WEEKS - len(weeks)
    found = []
    for number, week in enumerate(weeks):
        voices = week.people + week.unknown
        height = max(round(voices / most * HEIGHT), 2) if voices else 1
        title = f"week of {day(week.start)}: {counted(week.posts, 'post')}"
        found.append(((offset + number) * (BAR + GAP), HEIGHT - height, height, title))
    return found
