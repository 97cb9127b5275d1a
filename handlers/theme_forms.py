"""The ways to change a theme through a form: how each is asked for, and what is done then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import GroundswellError
from bot.model import Deed, Intent, Theme
from bot.pipeline.deciding import Decided, Deciding
from bot.slack import modals as drawn
from bot.slack.modals import (
    GROWS,
    HOW,
    ISSUE,
    KIND,
    LABEL,
    NAMED,
    NEW,
    NONE,
    TICKED,
    TO,
    WEEKS,
    WHO,
    mark,
)
from bot.slack.views import Held, View
from bot.speak.issue_form import issue_form
from bot.speak.words import counted
from bot.understand.decided import last
from handlers.deciding import SLACK
from handlers.desk import Desk
from handlers.views import Asked, Wrong

Wanted = Callable[[Deciding], Decided]
"""A decision that is still to be taken."""

NEAR = 40
"""Themes that are offered."""
MUTED = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to change a theme: how it is asked for, and what is done then.

    `read` raises GroundswellError; where that is no Wrong, it stands at `main`.
    """

    draw: Callable[[Desk, Theme, Held], View]
    read: Callable[[Desk, Asked], Wanted]
    main: str
    """The field that stands for all of it."""


def form_of(what: str) -> Form:
    """A form by its name. Raises GroundswellError if there is none, as in an old view."""
    if what not in FORMS:
        raise GroundswellError("that form is of another version: close it and open it again")
    return FORMS[what]


def main_of(asked: Asked) -> str:
    """The field at which stands what is wrong with all of a form."""
    form = FORMS.get(asked.carries.what)
    return form.main if form else TO


def theme_of(desk: Desk, name: str) -> Theme:
    """A theme as it may be read here. Raises GroundswellError if it may not, or is not there."""
    found = desk.pipeline.telling().named([name]) if name else []
    if not found:
        raise GroundswellError(f"there is no theme {name}; the command themes shows them")
    return found[0]


def merge_form(desk: Desk, theme: Theme, carries: Held, asked: Asked | None = None) -> View:
    """Which theme it is to go into; with what that would do, once one is chosen."""
    near = desk.pipeline.near(theme, NEAR)
    into = asked.filled.get(TO) if asked else None
    other = next((one for one in near if one.id == into), None)
    if other is None:
        return drawn.merge_form(theme, near, carries)
    posts = len(theme.members)
    preview = (
        f"Moves {counted(posts, 'post')} of {theme.id} into {other.id}, which then has "
        f"{posts + len(other.members):,}."
    )
    return drawn.merge_form(theme, near, carries, preview)


def _split_form(desk: Desk, theme: Theme, carries: Held) -> View:
    return drawn.split_form(theme, desk.pipeline.near(theme, NEAR), carries)


def _assign_form(desk: Desk, theme: Theme, carries: Held) -> View:
    log = desk.pipeline.store.decisions.standing({Deed.ASSIGN, Deed.MERGE}, desk.pipeline.clock())
    given = last(Deed.ASSIGN, log).get(theme.id)
    to = given.to if given and given.to else ""
    return drawn.assign_form(theme, to.removeprefix(SLACK) if to.startswith(SLACK) else "", carries)


def _link_form(desk: Desk, theme: Theme, carries: Held) -> View:
    view = desk.pipeline.theme(theme.id)
    forms = ((repo, issue_form(view, repo)) for repo in desk.pipeline.repositories())
    return drawn.link_form(theme, carries, [(repo, form) for repo, form in forms if form])


def _target(desk: Desk, asked: Asked) -> str:
    """The theme that was chosen or named, which may be read here."""
    named, chosen = asked.filled.get(NAMED, "").upper(), asked.filled.get(TO, "")
    if not named and not chosen:
        raise Wrong(NAMED, "choose a theme, or write its number, like T12")
    field = NAMED if named else TO
    target = named or chosen
    if target == asked.carries.theme:
        raise Wrong(field, f"{target} is this one")
    try:
        return theme_of(desk, target).id
    except GroundswellError as error:
        raise Wrong(field, str(error)) from error


def _chosen(desk: Desk, asked: Asked) -> list[str]:
    """The keys of the posts that were ticked, all of them still in the theme."""
    if len(asked.ticked) > TICKED:
        raise GroundswellError(f"at most {TICKED} posts at once: untick some")
    members = theme_of(desk, asked.carries.theme).members
    keys = {mark(one.key): one.key for one in members}
    if any(one not in keys for one in asked.ticked):
        raise GroundswellError(
            f"posts that were ticked are not in {asked.carries.theme} any more: open this again"
        )
    return [keys[one] for one in asked.ticked]


def _merge(desk: Desk, asked: Asked) -> Wanted:
    theme, into = theme_of(desk, asked.carries.theme).id, _target(desk, asked)
    return lambda deciding: deciding.merge(theme, into)


def _split(desk: Desk, asked: Asked) -> Wanted:
    theme, posts = asked.carries.theme, _chosen(desk, asked)
    if not posts:
        raise Wrong(TO, "tick the posts that are to go there")
    to = asked.filled.get(TO, NEW)
    if NAMED not in asked.filled and to in {NEW, NONE}:
        if to == NEW:
            return lambda deciding: deciding.split(theme, posts)
        return lambda deciding: deciding.move_all(posts, None)
    into = _target(desk, asked)
    return lambda deciding: deciding.move_all(posts, into)


def _rename(desk: Desk, asked: Asked) -> Wanted:
    theme, label = theme_of(desk, asked.carries.theme).id, asked.filled.get(LABEL, "")
    return lambda deciding: deciding.rename(theme, label)


def _kind(desk: Desk, asked: Asked) -> Wanted:
    if asked.filled.get(KIND) not in set(Intent):
        raise Wrong(KIND, "choose a kind")
    kind, posts = Intent(asked.filled[KIND]), _chosen(desk, asked)
    every = [one.key for one in theme_of(desk, asked.carries.theme).members]
    return lambda deciding: deciding.kinds(posts or every, kind)


def _mute(desk: Desk, asked: Asked) -> Wanted:
    theme, how = theme_of(desk, asked.carries.theme).id, asked.filled.get(HOW)
    if how == GROWS:
        return lambda deciding: deciding.mute(theme, until_grows=True)
    if how == WEEKS:
        return lambda deciding: deciding.mute(theme, until=deciding.now + MUTED)
    return lambda deciding: deciding.mute(theme)


def _link(desk: Desk, asked: Asked) -> Wanted:
    theme, issue = theme_of(desk, asked.carries.theme).id, asked.filled.get(ISSUE, "")
    return lambda deciding: deciding.link(theme, issue)


def _assign(desk: Desk, asked: Asked) -> Wanted:
    theme, user = theme_of(desk, asked.carries.theme).id, asked.filled.get(WHO)
    if user is None:
        return lambda deciding: deciding.assign(theme, None)

    def deed(deciding: Deciding) -> Decided:
        # Slack has to be asked for a name: nobody waits for that who only tries.
        called = "" if deciding.dry else desk.named(user)
        return deciding.assign(theme, f"{SLACK}{user}", called)

    return deed


FORMS: dict[str, Form] = {
    "merge": Form(merge_form, _merge, NAMED),
    "split": Form(_split_form, _split, TO),
    "rename": Form(lambda _, theme, carries: drawn.rename_form(theme, carries), _rename, LABEL),
    "kind": Form(lambda _, theme, carries: drawn.kind_form(theme, carries), _kind, KIND),
    "link": Form(_link_form, _link, ISSUE),
    "assign": Form(_assign_form, _assign, WHO),
    "mute": Form(lambda _, theme, carries: drawn.mute_form(theme, carries), _mute, HOW),
}
"""By what it is called: the changes that `bot.slack.modals.CHANGES` offers."""
