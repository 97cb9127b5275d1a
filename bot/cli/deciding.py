"""`groundswell theme ...`: what people decide about themes, with a preview and a way back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from inspect import Signature, signature
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from bot.cli.call import Call, Json
from bot.model import Intent, Precision, ThemeView
from bot.model.precision import LEAST
from bot.pipeline.deciding import Decided, Deciding
from bot.slack import console
from bot.speak import data
from bot.speak.deciding import decision_data, named, sentence, some
from bot.speak.words import counted
from bot.store import Lineage
from bot.terminal import emit, logged_in

Theme = Annotated[str, typer.Argument(metavar="T12", show_default=False)]
Post = Annotated[str, typer.Argument(metavar="POST", help="Its key or its address.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")]
By = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who decides; by default who is logged in.")
]

NONE = "none"
"""Stands for no theme."""

_DAYS = re.compile(r"(\d{1,4})([dw])")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


def _lasting(value: str) -> timedelta:
    found = _DAYS.fullmatch(value.lower())
    days = int(found[1]) * (7 if found[2] == "w" else 1) if found else 0
    if not days:
        raise typer.BadParameter(f"{value!r} is no time, such as 14d or 2w")
    return timedelta(days=days)


Lasting = Annotated[
    timedelta | None,
    typer.Option("--for", metavar="14d", parser=_lasting, help="So many days or weeks (2w)."),
]


def show(context: typer.Context, theme: Theme, json: Json = False) -> None:
    """Show a theme: its posts, where it comes from and went, and what was decided about it."""
    pipeline = context.obj.pipeline()
    deciding = pipeline.deciding(logged_in())
    lineage, views = deciding.lineage(theme), pipeline.themes(f"theme:{theme}")
    log = [one for one in deciding.log() if theme.upper() in {one.theme, one.into}]
    told = [(one, deciding.labels(one)) for one in log]
    shown = {
        "theme": data.theme_data(views[0]) if views else None,
        "lineage": _lineage_data(lineage),
        "decisions": [decision_data(*one) for one in told],
    }
    lines = [_log_line(decision_data(*one)) for one in told]
    emit(shown, _theme_drawing(theme.upper(), views, lineage, lines), as_json=json)


def deed(decide: Callable[..., Decided]) -> Callable[..., None]:
    """A deed as a command: after all that the deed takes come --dry-run, --by and --json."""

    def command(
        context: typer.Context,
        dry_run: Dry = False,
        by: By = None,
        json: Json = False,
        **said: object,
    ) -> None:
        call: Call = context.obj
        deciding = call.pipeline().deciding(_who(by), dry=dry_run)
        _tell(decide(deciding, **said), as_json=json)

    first, *shared, _ = signature(command, eval_str=True).parameters.values()
    _, *own = signature(decide, eval_str=True).parameters.values()
    # Typer makes its options of a signature, and its help of a docstring.
    command.__signature__ = Signature([first, *own, *shared])  # type: ignore[attr-defined]
    command.__doc__ = decide.__doc__
    return command


@deed
def rename(
    deciding: Deciding,
    theme: Theme,
    words: Annotated[list[str], typer.Argument(metavar="WORDS", show_default=False)],
) -> Decided:
    """Call a theme so, whatever its posts are."""
    return deciding.rename(theme, " ".join(words))


@deed
def merge(
    deciding: Deciding,
    theme: Theme,
    into: Annotated[str, typer.Argument(metavar="T9", show_default=False)],
) -> Decided:
    """Let all posts of the first theme go into the second."""
    return deciding.merge(theme, into)


@deed
def split(
    deciding: Deciding,
    theme: Theme,
    posts: Annotated[list[str], typer.Argument(metavar="POST...", show_default=False)],
) -> Decided:
    """Let some posts of a theme be one of their own."""
    return deciding.split(theme, posts)


@deed
def move(
    deciding: Deciding,
    post: Post,
    to: Annotated[str, typer.Argument(metavar="T9|none", show_default=False)],
) -> Decided:
    """Let a post stand in a theme, or in none."""
    theme = None if to.lower() == NONE else to
    return deciding.move(post, theme)


@deed
def confirm(deciding: Deciding, theme: Theme) -> Decided:
    """Say that the posts of a theme belong together: they stay, and the bot was right."""
    return deciding.confirm(theme)


@deed
def not_us(
    deciding: Deciding,
    target: Annotated[
        str | None,
        typer.Argument(metavar="[POST|T12]", help="Without one: what looks like those marked."),
    ] = None,
    also: Annotated[bool, typer.Option("--also", help="And the posts that look like it.")] = False,
) -> Decided:
    """Say that a post, or all of a theme, is not about us."""
    return deciding.not_us(target, also=also)


@deed
def mute(
    deciding: Deciding,
    theme: Theme,
    lasting: Lasting = None,
    until_grows: Annotated[
        bool, typer.Option("--until-grows", help="Until more people speak of it than now.")
    ] = False,
) -> Decided:
    """Leave a theme out of digests: for a while, until it grows, or until that is undone."""
    until = deciding.now + lasting if lasting else None
    return deciding.mute(theme, until=until, until_grows=until_grows)


@deed
def acknowledge(deciding: Deciding, theme: Theme) -> Decided:
    """Say that a theme was seen: it leaves the queue until it grows or comes back."""
    return deciding.acknowledge(theme, deciding.by)


@deed
def assign(
    deciding: Deciding,
    theme: Theme,
    to: Annotated[str, typer.Argument(metavar="WHO|none", show_default=False)],
) -> Decided:
    """Give a theme to somebody, by name or as slack:U0ANN; or to nobody."""
    who = None if to.lower() == NONE else to
    return deciding.assign(theme, who)


@deed
def link(
    deciding: Deciding,
    theme: Theme,
    issue: Annotated[str, typer.Argument(metavar="ISSUE", show_default=False)],
) -> Decided:
    """Say which issue tracks a theme: #7, owner/name#7, or an address."""
    return deciding.link(theme, issue)


@deed
def kind(
    deciding: Deciding,
    post: Post,
    kind: Annotated[Intent, typer.Argument(metavar="KIND", help=", ".join(Intent))],
) -> Decided:
    """Say of which kind a post is."""
    return deciding.kind(post, kind)


@deed
def undo(
    deciding: Deciding,
    number: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="By default the last by a person.")
    ] = None,
) -> Decided:
    """Take a decision back: all is as it was before it."""
    return deciding.undo(number)


def log(context: typer.Context, json: Json = False) -> None:
    """Show every decision, the undone ones too."""
    deciding = context.obj.pipeline().deciding(logged_in())
    rows = [decision_data(one, deciding.labels(one)) for one in deciding.log()]
    lines = [_log_line(row) for row in rows] or [Text("Nobody decided anything yet.")]
    emit(rows, Group(*lines), as_json=json)


def precision(
    context: typer.Context,
    month: Annotated[str | None, typer.Option(metavar="2026-11", help="That month alone.")] = None,
    json: Json = False,
) -> None:
    """Show how often the bot placed posts rightly, as far as people judged it."""
    if month is not None and not _MONTH.fullmatch(month):
        raise typer.BadParameter(f"{month!r} is no month, such as 2026-11")
    found = context.obj.pipeline().deciding(logged_in()).precision(month)
    lines = [Text(precision_line(one)) for one in found] or [Text("Nobody judged a post yet.")]
    rows = [data.precision_data(one) | {"text": precision_line(one)} for one in found]
    emit(rows, Group(*lines), as_json=json)


COMMANDS: dict[str, Callable[..., None]] = {
    "show": show,
    "rename": rename,
    "merge": merge,
    "split": split,
    "move": move,
    "confirm": confirm,
    "mute": mute,
    "not-us": not_us,
    "kind": kind,
    "acknowledge": acknowledge,
    "assign": assign,
    "link": link,
    "undo": undo,
    "log": log,
    "precision": precision,
}
"""Every word after `theme`, in the order in which the help shows them."""

group = typer.Typer(
    name="theme",
    help="Decide about themes: each decision has a preview (--dry-run) and can be undone.",
    no_args_is_help=True,
)
for word, command in COMMANDS.items():
    group.command(word)(command)


def _who(by: str | None) -> str:
    name = " ".join((by if by is not None else logged_in()).split())
    if not name:
        raise typer.BadParameter("--by names nobody")
    return name[:256]


def _tell(decided: Decided, *, as_json: bool) -> None:
    """What was decided, or would be, and how to take it back."""
    made = decided.decision
    shown = decision_data(made, decided.labels)
    shown |= {"done": decided.done, "back": decided.back, "alike": list(decided.alike)}
    lines = [Text(f"{_opening(decided)} {sentence(made, decided.labels)}")]
    if decided.alike:
        lines.append(
            Text(f"{counted(len(decided.alike), 'post')} look like it: {some(decided.alike)}")
        )
        lines.append(Text("--also says the same of them.", style="dim"))
    if decided.done and made.stands:
        lines.append(Text(f"To take it back: groundswell theme undo {made.id}", style="dim"))
    emit(shown, Group(*lines), as_json=as_json)


def _opening(decided: Decided) -> str:
    made = decided.decision
    if made.stands:
        return f"Decision {made.id}:" if decided.done else "Would be decided:"
    undone = "is undone" if decided.done else "would be undone"
    back = f"{counted(decided.back, 'post')} {'is' if decided.back == 1 else 'are'} put back"
    return f"Decision {made.id} {undone}, {back}. It was:"


def _log_line(row: dict[str, Any]) -> Text:
    undone = f"  (undone by {row['undone_by']})" if row["undone_at"] else ""
    head = f"{row['id']:>4}  {row['at'][:10]}  {row['by']}  "
    return Text.assemble((head, "dim"), row["text"], (undone, "italic"))


def _lineage_data(lineage: Lineage) -> dict[str, Any]:
    return {
        "merged_into": lineage.merged_into,
        "split_from": lineage.split_from,
        "merged": list(lineage.merged),
        "split": list(lineage.split),
    }


def _theme_drawing(
    theme: str, views: Sequence[ThemeView], lineage: Lineage, log: Sequence[RenderableType]
) -> RenderableType:
    parts: list[RenderableType] = [console.theme_drawing(views[0])] if views else []
    if not views:
        parts.append(Text(f"{named(theme, {})} has no posts."))
    parts += [Text(line) for line in _lineage_lines(lineage)]
    members = views[0].theme.members if views else ()
    parts += [Text(f"  {m.key}  {m.title}") for m in members]
    return Group(*parts, *log)


def _lineage_lines(lineage: Lineage) -> list[str]:
    lines = [f"It went into {lineage.merged_into}."] if lineage.merged_into else []
    lines += [f"It was split from {lineage.split_from}."] if lineage.split_from else []
    lines += [f"Into it went {', '.join(lineage.merged)}."] if lineage.merged else []
    lines += [f"From it were split {', '.join(lineage.split)}."] if lineage.split else []
    return lines


def precision_line(found: Precision) -> str:
    """A month's precision, or that too little was judged to say."""
    judged = f"{found.right} of {counted(found.judged, 'judged post')} stood rightly"
    if not found.tells:
        return f"{found.month}: the sample is too small to say: {judged}, and {LEAST} are needed."
    low, high = found.interval
    return f"{found.month}: {found.right / found.judged:.0%} ({low:.0%} to {high:.0%}); {judged}."
