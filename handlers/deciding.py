"""What people decide in Slack: told back in one sentence, with a way back."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.model import Decision, Deed, Intent
from bot.pipeline.deciding import Decided, Deciding
from bot.rights import Right
from bot.slack import blocks, kit
from bot.slack.heard import people
from bot.slack.packing import Item, pack
from bot.speak.deciding import sentence
from handlers.desk import Asker, Desk

Called = Callable[[str], str]
"""What somebody is called, by their id."""

SLACK = "slack:"
"""Before the id of somebody in Slack, where decisions name people."""

NOBODY = {"nobody", "none", "no-one"}

UNDO = "undo"
WEEKS = timedelta(weeks=4)

_THEME = re.compile(r"[Tt]\d{1,9}")
_NAMED = re.compile(r"^[Tt]\d{1,9}|(?<=\s)[Tt]\d{1,9}$")
"""The themes at either end of what was written: those that a decision is about."""


def decide(desk: Desk, asker: Asker, deed: str, text: str) -> Sequence[Message]:
    """Take a decision: `mute T12`, `rename T12 Words`, `merge T12 T9`, `undo 5` ..."""
    desk.demand(asker, Right.DECIDE)
    themes = _NAMED.findall(text) if deed != UNDO else ()
    # What may not be read cannot be decided about.
    before = {view.theme.id: view.theme.label for view in map(desk.pipeline.theme, themes)}
    if deed == "kind":
        _demand_post(desk, text.rpartition(" ")[0])
    if deed == UNDO:
        text = _undoable(desk, asker, text.strip())
    deciding = desk.pipeline.deciding(f"{SLACK}{asker.user}")
    return done(desk, DEEDS[deed](deciding, text.strip(), desk.named), before)


def _undoable(desk: Desk, asker: Asker, text: str) -> str:
    """The number of the decision that is to be taken back: of what may be read here."""
    dry = desk.pipeline.deciding(f"{SLACK}{asker.user}", dry=True)
    gone = _undo(dry, text, str).decision
    themes = [theme for theme in (gone.theme, gone.into) if theme]
    named = bool(desk.pipeline.telling().named(themes)) if themes else not gone.touched
    if not named and not _readable(desk, gone).touched:
        raise GroundswellError(
            f"decision {gone.id} is about what is not read here, and cannot be taken back here; "
            "whoever runs Groundswell can, with groundswell theme undo"
        )
    return str(gone.id)


def _demand_post(desk: Desk, words: str) -> None:
    """Raise GroundswellError for a post that nobody may read here."""
    if words and desk.pipeline.named(words) is None:
        raise GroundswellError(f"{words}: no post of that address or key was read")


def labels_of(desk: Desk, themes: Collection[str]) -> dict[str, str]:
    """What themes are called, by their ids: of those that may be read here."""
    query = f"theme:{','.join(themes)}"
    return {v.theme.id: v.theme.label for v in desk.pipeline.themes(query)} if themes else {}


def done(desk: Desk, taken: Decided, before: Mapping[str, str]) -> Sequence[Message]:
    """Say what was decided, here and in every message that shows a theme it is about.

    `before` has what its themes were called until then: one that is merged has no name any more.
    """
    known = labels_of(desk, taken.labels)
    said = sentence(_readable(desk, taken.decision), {**before, **known})
    linked = taken.decision.deed is Deed.LINK and taken.decision.stands
    for theme in {taken.decision.theme, *known} - {None}:
        note = said if taken.decision.stands else _standing(desk, str(theme), known)
        desk.spread(str(theme), known.get(theme or "", ""), note, linked=linked)
    _hand_over(desk, taken.decision, said)
    known_alike = _known(desk, taken.alike)
    return told(replace(taken, alike=tuple(k for k in taken.alike if k in known_alike)), said)


def _standing(desk: Desk, theme: str, known: Mapping[str, str]) -> str:
    """What was decided last about a theme and stands; empty where nothing does."""
    log = desk.pipeline.store.decisions.all()
    of_theme = [one for one in log if one.stands and one.theme == theme]
    return sentence(_readable(desk, of_theme[-1]), known) if of_theme else ""


def _hand_over(desk: Desk, decision: Decision, said: str) -> None:
    """Tell whoever is given a theme by somebody else."""
    given = decision.deed is Deed.ASSIGN and decision.stands and decision.to != decision.by
    if given and decision.to and decision.to.startswith(SLACK):
        by = desk.named(decision.by.removeprefix(SLACK))
        (message,) = blocks.plain_messages(f"{by} gave you this: {said} See triage mine.")
        desk.tell(decision.to.removeprefix(SLACK), message, f"assigned/{decision.id}")


def _readable(desk: Desk, decision: Decision) -> Decision:
    """The decision with those of its posts alone that may be named and counted here."""
    known = _known(desk, [post.key for post in decision.touched])
    return replace(decision, touched=tuple(p for p in decision.touched if p.key in known))


def _known(desk: Desk, keys: Sequence[str]) -> set[str]:
    """Those of some keys whose posts may be named and counted here."""
    pipeline = desk.pipeline
    posts = pipeline.store.cited.posts(keys, pipeline.clock(), pipeline.audience)
    return {post.key for post in posts}


def told(taken: Decided, said: str) -> Sequence[Message]:
    """What was decided, and a button that takes it back."""
    block = kit.rich(kit.words(said))
    if taken.decision.undone_at is not None:
        return pack(said, [Item((kit.rich(kit.words(f"Taken back: {said}")),))])
    undo = kit.actions(kit.button("Undo", UNDO, str(taken.decision.id)))
    look = f"more {'post looks' if len(taken.alike) == 1 else 'posts look'} like it."
    more = [kit.context(f"{len(taken.alike)} {look}")] if taken.alike else []
    return pack(said, [Item((block, *more, undo))])


def _mute(deciding: Deciding, text: str, _: Called) -> Decided:
    return deciding.mute(_theme(text), until=deciding.now + WEEKS)


def _quiet(deciding: Deciding, text: str, _: Called) -> Decided:
    return deciding.mute(_theme(text), until_grows=True)


def _off(deciding: Deciding, text: str, _: Called) -> Decided:
    return deciding.not_us(_theme(text))


def _rename(deciding: Deciding, text: str, _: Called) -> Decided:
    theme, _space, words = text.partition(" ")
    return deciding.rename(_theme(theme), words)


def _merge(deciding: Deciding, text: str, _: Called) -> Decided:
    theme, _space, into = text.partition(" ")
    return deciding.merge(_theme(theme), _theme(into.removeprefix("into ").strip()))


def _acknowledge(deciding: Deciding, text: str, called: Called) -> Decided:
    return deciding.acknowledge(_theme(text), called(deciding.by.removeprefix(SLACK)))


def _assign(deciding: Deciding, text: str, called: Called) -> Decided:
    theme, _, who = text.partition(" ")
    user = _somebody(who.strip(), deciding.by.removeprefix(SLACK))
    if user is None:
        return deciding.assign(_theme(theme), None)
    return deciding.assign(_theme(theme), f"{SLACK}{user}", called(user))


def _link(deciding: Deciding, text: str, _: Called) -> Decided:
    theme, _space, issue = text.partition(" ")
    if not issue.strip():
        raise GroundswellError("to which issue? As in: link T12 #123, or an address")
    return deciding.link(_theme(theme), issue.strip())


def _kind(deciding: Deciding, text: str, _: Called) -> Decided:
    post, _space, kind = text.rpartition(" ")
    if not post or kind not in set(Intent):
        raise GroundswellError(f"which kind? As in: kind ADDRESS bug; they are {', '.join(Intent)}")
    return deciding.kind(post.strip(), Intent(kind))


def _somebody(who: str, asker: str) -> str | None:
    """The id of whoever is named; None for nobody."""
    if who.lower() in NOBODY:
        return None
    named = people(who)
    if who.lower() == "me" or len(named) == 1:
        return named[0] if named else asker
    raise GroundswellError(
        f"to whom? Pick a person from the list that @ opens, or write me or nobody; {who!r} is none"
    )


def _undo(deciding: Deciding, text: str, _: Called) -> Decided:
    if text and not text.isdecimal():
        raise GroundswellError(
            f"{text!r} is no number of a decision; plain undo takes the last one"
        )
    return deciding.undo(int(text[:9]) if text else None)


DEEDS: dict[str, Callable[[Deciding, str, Called], Decided]] = {
    "mute": _mute,
    "quiet": _quiet,
    "off": _off,
    "rename": _rename,
    "merge": _merge,
    "acknowledge": _acknowledge,
    "assign": _assign,
    "link": _link,
    "kind": _kind,
    "undo": _undo,
}
"""By the word that asks for it, in a command or from a menu."""


def is_deed(name: str, rest: str) -> bool:
    """Whether it is one, and not a question that begins with the same word ("off by one?")."""
    if name not in DEEDS:
        return False
    if name == "kind":  # of a post, as it is named; not "kind of slow?"
        return ":" in rest.partition(" ")[0]
    return name == "undo" or rest[:1] in {"T", "t"}


def why(desk: Desk, theme: str) -> Sequence[Message]:
    """What makes a theme one, and why it stands where it stands."""
    view = desk.pipeline.theme(_theme(theme))
    return blocks.why_messages(view)


def posts(desk: Desk, theme: str, most: int = 20) -> Sequence[Message]:
    """The posts of a theme."""
    query = f"theme:{_theme(theme)}"
    return blocks.hits_messages(desk.pipeline.search(query, most), query)


def _theme(text: str) -> str:
    if not _THEME.fullmatch(text):
        raise GroundswellError(f"which theme? Name it like T12{f', not {text!r}' if text else ''}")
    return text.upper()
