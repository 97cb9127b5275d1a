"""A chart as a picture. Drawing is slow to import: only whoever draws imports this module.

A theme's name is somebody's words: it is drawn as it stands, never read as mathematics or mark-up,
and without characters that the one font, which comes with the library, has no shape for.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from bot.model import Status
from bot.speak.chart import WEEK, Chart, Row, unread_texts

WIDTH, ROW, HEAD, FOOT = 9.0, 0.84, 0.5, 0.72
"""Inches: of the picture, and of what stands above one another in it."""
DPI = 160
NAME = 120
"""Characters of a theme's name that could ever fit."""
PEAK, BESIDE, TICKS = 2, 0.018, 6
"""From how many times the last value on the greatest is written too; how far beside its point, as a
part of the width; how many weeks are named at most."""
INSTANT = timedelta(microseconds=1)
"""A span ends before its last moment: what ends at midnight ends with the day before."""
GAPS = 2
"""Stretches that were not read and are named: more do not fit."""
LEFT, RIGHT = 0.03, 0.945
"""Where the plots begin and end, as parts of the width."""

INK, SOFT, LINE, UNREAD = "#1d232b", "#5b6673", "#dfe4ea", "#e4e7eb"
TONES = {
    Status.NEW: "#d55e00",
    Status.GROWING: "#b07900",
    Status.CAME_BACK: "#a2497f",
    Status.STEADY: "#0072b2",
    Status.FADING: "#6b7682",
    Status.QUIET: "#6b7682",
}
"""After Okabe and Ito, darkened where they are written with; each is named by its word as well."""


def draw(chart: Chart) -> bytes:
    """The chart as a PNG."""
    rows = len(chart.rows)
    height = HEAD + rows * ROW + FOOT
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    _write(figure, (LEFT, 1 - 0.26 / height), "People a week", 13, bold=True)
    for number, row in enumerate(chart.rows):
        bottom = (FOOT + (rows - 1 - number) * ROW) / height
        area = (LEFT, bottom, RIGHT - LEFT, 0.58 * ROW / height)
        axes = figure.add_axes(area)
        _draw_row(axes, row)
        _name(figure, canvas, row, bottom + 0.74 * ROW / height)
        _axis(axes, chart, last=number == rows - 1)
    for number, line in enumerate(_notes(chart)):
        _write(figure, (LEFT, (0.3 - 0.17 * number) / height), line, 8.5, color=SOFT)
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def drawable(text: str) -> str:
    """A text on one line without what the font cannot draw; empty if that is most of it."""
    line = " ".join(text.split())
    kept = "".join(sign for sign in line if sign.isprintable() and ord(sign) in _shapes())
    return " ".join(kept.split()) if 2 * len(kept) >= len(line) else ""


def _draw_row(axes: Axes, row: Row) -> None:
    tone, places = TONES[row.status], list(range(len(row.voices)))
    beside = BESIDE * len(places)
    voices = [float("nan") if n is None else float(n) for n in row.voices]
    for place in places:
        if row.voices[place] is None:
            axes.axvspan(place - 0.5, place + 0.5, color=UNREAD, linewidth=0, zorder=0)
    axes.fill_between(places, voices, color=tone, alpha=0.14, linewidth=0)
    axes.plot(places, voices, color=tone, linewidth=1.8, solid_capstyle="round")
    # Where somebody spoke there is a point: a week between two gaps has no line to either side.
    spoke = [place for place in places if row.voices[place]]
    axes.plot(spoke, [voices[place] for place in spoke], ".", color=tone, markersize=5)
    if row.voices[-1] is not None:
        _at(axes, (places[-1] + beside, voices[-1]), str(row.voices[-1]), tone)
    peak = max(places, key=lambda place: row.voices[place] or 0)
    if voices[peak] >= PEAK * (row.voices[-1] or 1):
        _at(axes, (peak + beside, voices[peak]), str(row.voices[peak]), SOFT, size=8.5)


def _axis(axes: Axes, chart: Chart, *, last: bool) -> None:
    axes.set_xlim(-0.5, len(chart.weeks) - 0.5)
    axes.set_ylim(-0.04 * chart.most, 1.12 * chart.most)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    axes.set_yticks([])
    axes.set_xticks([])
    if last:
        for place in range(len(chart.weeks) - 1, -1, -ceil(len(chart.weeks) / TICKS)):
            ends = chart.weeks[place] + WEEK - INSTANT
            text = Text(
                place,
                -0.34 * chart.most,
                f"{ends.day} {ends:%b}",
                fontproperties=_font(8.5),
                color=SOFT,
                horizontalalignment="center",
                verticalalignment="top",
                parse_math=False,
            )
            axes.add_artist(text)
            text.set_clip_on(False)


def _name(figure: Figure, canvas: FigureCanvasAgg, row: Row, y: float) -> None:
    """The theme's name on the left, id and status on the right; a long name is cut."""
    tone = TONES[row.status]
    said = f"{row.theme} · {row.status.value}"
    status = _write(figure, (RIGHT, y), said, 9.5, bold=True, color=tone, ha="right")
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]  # it has no types
    room = (RIGHT - LEFT) * WIDTH * DPI - status.get_window_extent(renderer).width - 24
    label = drawable(row.label)[:NAME]
    name = _write(figure, (LEFT, y), label or "(its name is in the digest)", 10.5)
    while name.get_window_extent(renderer).width > room and label:
        label = label[:-2].rstrip()
        name.set_text(f"{label}…")


def _notes(chart: Chart) -> list[str]:
    """Under the rows: what is counted, and what was not read."""
    counted = "Each point: the seven days up to the day named (UTC), all on one scale."
    counted += " A post of an unknown author counts as one." if chart.unknown else ""
    missed = list(unread_texts(chart))
    more = f"; and {len(missed) - GAPS} more" if len(missed) > GAPS else ""
    grey = f"Grey, not read: {'; '.join(missed[:GAPS])}{more}"
    return [counted, *([drawable(grey)] if missed else [])]


def _at(axes: Axes, point: tuple[float, float], text: str, color: str, *, size: float = 10) -> None:
    """A value beside its point."""
    artist = Text(
        *point,
        text,
        fontproperties=_font(size, bold=True),
        color=color,
        verticalalignment="center",
        parse_math=False,
    )
    axes.add_artist(artist)
    artist.set_clip_on(False)


def _write(
    figure: Figure,
    point: tuple[float, float],
    text: str,
    size: float,
    **more: Any,  # noqa: ANN401 text properties
) -> Text:
    bold = bool(more.pop("bold", False))
    made: Text = figure.text(
        *point,
        text,
        fontproperties=_font(size, bold=bold),
        va="center",
        parse_math=False,
        usetex=False,
        **{"color": INK, **more},
    )
    return made


def _font(size: float, *, bold: bool = False) -> FontProperties:
    return FontProperties(fname=_path(bold=bold), size=size)


def _path(*, bold: bool = False) -> Path:
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf"


@cache
def _shapes() -> frozenset[int]:
    """The characters that the font has a shape for."""
    return frozenset(FT2Font(str(_path())).get_charmap())
