"""What of the product a theme is about, where saying so adds something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from bot.model import Theme, ThemeView

_WORD = re.compile(r"\w+")


def area_text(theme: Theme) -> str:
    """The area; empty where there is none, and where the label says it already."""
    said = set(_words(theme.label))
    area = theme.area or ""
    return "" if said.issuperset(_words(area)) else area


def by_area(views: Sequence[ThemeView]) -> list[tuple[str | None, tuple[ThemeView, ...]]]:
    """Themes by area in the order given, the area with the strongest one first, none last."""
    first: dict[str | None, int] = {}
    for place, view in enumerate(views):
        first.setdefault(view.theme.area, place)
    ordered = sorted(views, key=lambda v: (v.theme.area is None, first[v.theme.area]))
    return [(area, tuple(group)) for area, group in groupby(ordered, key=lambda v: v.theme.area)]


def _words(text: str) -> list[str]:
    """In lower case and in the singular, as far as an "s" tells that."""
    return [word.removesuffix("s") for word in _WORD.findall(text.casefold())]
