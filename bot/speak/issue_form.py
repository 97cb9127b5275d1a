"""An address that opens GitHub's own form for a new issue, filled in: a person sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

from bot.model import ThemeView
from bot.speak.plain import change
from bot.speak.words import counted, people, places
from bot.text import excerpt, one_line
from bot.tracking import State

LONGEST = 2_500
"""Characters of an address that browsers and Slack take without trouble."""

_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_TRACKED = {State.OPEN, State.FIXED, State.QUIET, State.BACK, State.LINKED}


def issue_form(view: ThemeView, repository: str | None = None) -> str | None:
    """The form for a theme that no issue stands for, in a repository.

    By default in the one that most speak in or, where no post is in any, the only one there is.
    None for a theme that is tracked, or that a person linked to an issue, however that stands; and
    for one without a repository.
    """
    if view.tracking is not None and (view.tracking.by_hand or view.tracking.state in _TRACKED):
        return None
    of_github = {m.venue for m in view.theme.members if m.source == "github"}
    own = [venue for venue in view.venues if venue in of_github]
    named = [repository] if repository else [*own, view.repository or ""]
    repos = list(filter(_REPO.fullmatch, named))
    if not repos:
        return None
    title = excerpt(one_line(view.theme.label), 120)
    found = _address(repos[0], title, "")
    for body in _bodies(view):
        longer = _address(repos[0], title, body)
        if len(longer) > LONGEST:
            break
        found = longer
    return found


def _bodies(view: ThemeView) -> Iterator[str]:
    """The text with more and more of the posts, the most central first."""
    text = (
        f"{people(view.crowd)}, {counted(view.crowd.posts, 'post')} on {places(view.venues)}; "
        f"{change(view)}. Theme {view.theme.id}.\n"
    )
    yield text
    for member in sorted(view.theme.members, key=lambda m: (-m.centrality, m.key)):
        if member.url:
            text += f"\n- {member.url}"
            yield text


def _address(repo: str, title: str, body: str) -> str:
    fields = {"title": title, "body": body} if body else {"title": title}
    told = urlencode(fields, errors="replace")
    return f"https://github.com/{repo}/issues/new?{told}"
