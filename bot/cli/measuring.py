"""`groundswell eval DIR`: how well we do on labelled posts, and which settings do best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot import app, reports, settings
from bot.cli.call import FAILED, Call, Json
from bot.errors import SettingsError
from bot.pipeline import labels
from bot.pipeline.collecting import Collected
from bot.pipeline.evaluating import Evaluating, Setup
from bot.speak.words import counted
from bot.terminal import emit, progress_bars
from bot.understand.compared import DRAWS, FEWEST, Difference, Verdict, compared
from bot.understand.measures import Tally, whole

TITLES = {
    "themes": "Themes",
    "kinds": "Kinds and complaints",
    "kinds_own": "Kinds by the projects' own heads (each fifth by what the others taught)",
    "duplicates": "Duplicates",
    "search": "Search",
}
_NAMES = {
    "theme_f": "theme F",
    "b_cubed": "signal B-cubed",
    "noise_out": "noise kept out",
    "themes": "themes found",
    "macro_f1": "macro F1",
    "macro_f1_by_words": "macro F1, words alone",
    "precision_at_half_recall": "precision at half recall",
    "recall_at_5": "recall@5",
    "recall_at_10": "recall@10",
    "ndcg_at_10": "nDCG@10",
    "mrr": "MRR",
}
_VERDICTS = {
    Verdict.SAME: "the same",
    Verdict.HIGHER: "higher",
    Verdict.LOWER: "lower",
    Verdict.UNTOLD: "?",
}


def eval_(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", exists=True, file_okay=False, show_default=False),
    ],
    against: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="A second configuration, beside ours.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Or ours with: understand.least=0.3"),
    ] = None,
    orders: Annotated[
        int, typer.Option(min=1, max=50, help="Orders in which the posts arrive.")
    ] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of the orders, folds and draws.")] = 7,
    json: Json = False,
) -> None:
    """Measure themes, kinds, duplicates and search on posts that you labelled."""
    call: Call = context.obj
    setups = _setups(call, against, changes or ())
    found = labels.read(folder, call.clock())
    for file in found.files:
        reports.complain_of(file)
    with progress_bars(quiet=json) as progress:
        run = Evaluating(found, call.clock(), orders, seed, progress)
        measured = dict(run.run(setups))
    told = {name: _figures(tallies, seed) for name, tallies in measured.items()}
    emit(
        {
            "seed": seed,
            "orders": orders,
            "draws": DRAWS if len(setups) > 1 else 0,
            "files": [_file(file) for file in found.files],
            "configurations": [_setup(setup) for setup in setups],
            "parts": {
                name: {"units": measured[name][0].units, "unit": measured[name][0].unit}
                | {"figures": {figure: _data(value) for figure, value in part.items()}}
                for name, part in told.items()
            },
        },
        Group(*_drawing(setups, measured, told, orders=orders, seed=seed)),
        as_json=json,
    )
    if not measured or any(file.error or file.read == len(file.rejected) for file in found.files):
        raise typer.Exit(FAILED)


def _setups(call: Call, against: Path | None, changes: Sequence[str]) -> list[Setup]:
    """Ours, and the second configuration if there is one."""
    ours = call.settings
    setups = [app.setup(str(ours.path) if ours.path else "as shipped", ours)]
    if against is None and not changes:
        return setups
    other = settings.load(against) if against else ours
    try:
        other = settings.changed(other, changes)
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    name = ", ".join([*([str(against)] if against else []), *changes])
    return [*setups, app.setup(name, other)]


Told = Mapping[str, float | Difference]


def _figures(tallies: Sequence[Tally], seed: int) -> Told:
    """The figures of one set-up, or those of two and what lies between them."""
    first, *others = tallies
    return compared(first, others[0], seed) if others else whole(first)


def _file(file: Collected) -> dict[str, Any]:
    return {
        "file": file.source,
        "read": file.read,
        "rejected": [
            {"where": one.where, "reason": one.reason, "detail": one.detail}
            for one in file.rejected
        ],
        "error": file.error,
    }


def _setup(setup: Setup) -> dict[str, Any]:
    return {
        "name": setup.name,
        "understand": dict(setup.settings),
        "embedder": setup.embedder.name,
        "clusterer": setup.clusterer.name,
    }


def _data(value: float | Difference) -> Any:  # noqa: ANN401 whatever JSON holds
    """A figure for JSON, which has no word for "nothing to measure" but null."""
    if not isinstance(value, Difference):
        return _rounded(value)
    return {
        "first": _rounded(value.first),
        "second": _rounded(value.second),
        "difference": _rounded(value.second - value.first),
        "low": _rounded(value.low),
        "high": _rounded(value.high),
        "verdict": value.verdict.value,
    }


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)


def _drawing(
    setups: Sequence[Setup],
    measured: Mapping[str, Sequence[Tally]],
    told: Mapping[str, Told],
    *,
    orders: int,
    seed: int,
) -> Iterator[RenderableType]:
    """A table for each part, and on what it rests."""
    if len(setups) > 1:
        yield Text(f"1: {setups[0].name}\n2: {setups[1].name}")
    for name, part in told.items():
        tally = measured[name][0]
        units = counted(tally.units, tally.unit)
        title = Text(f"{TITLES[name]}: {units}")
        title.append(f", over {counted(orders, 'order')} of arrival" if name == "themes" else "")
        yield title
        yield _table(part)
        if any(_untold(value) for value in part.values()):
            yield Text(f"?: no difference can be told from {units}.", style="dim")
    if not told:
        yield Text("Nothing could be measured.")
        return
    said = f"Seed {seed}."
    if len(setups) > 1:
        said += (
            f" Differences: 2 less 1, with what 95 % of {DRAWS:,} paired draws make of it; none is "
            f"told from fewer than {FEWEST}."
        )
    yield Text(said, style="dim")


def _table(part: Told) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    pairs = any(isinstance(value, Difference) for value in part.values())
    for column in ("1", "2", "difference", "95 %") if pairs else ("",):
        table.add_column(column, justify="right")
    if pairs:
        table.add_column("2 is")
    for name, value in part.items():
        shown = _NAMES.get(name, name.replace("_", " "))
        if isinstance(value, Difference):
            table.add_row(shown, *_compared(name, value))
        else:
            table.add_row(shown, _shown(name, value))
    return table


def _compared(name: str, value: Difference) -> tuple[str, ...]:
    return (
        _shown(name, value.first),
        _shown(name, value.second),
        _shown(name, value.second - value.first, signed=True),
        f"{_shown(name, value.low, signed=True)} to {_shown(name, value.high, signed=True)}",
        _VERDICTS[value.verdict],
    )


def _untold(value: float | Difference) -> bool:
    return isinstance(value, Difference) and value.verdict is Verdict.UNTOLD


def _shown(name: str, value: float, *, signed: bool = False) -> str:
    if np.isnan(value):
        return "-"
    sign = "+" if signed else ""
    return f"{value:{sign}.1f}" if name == "themes" else f"{value:{sign}.3f}"
