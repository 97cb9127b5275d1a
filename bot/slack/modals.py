"""What can be changed about a theme, as modals: which change, and a form for each.

Whatever a stranger wrote stands in plain text, and in no value: posts go by digests of their keys.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

from bot.deliveries import Message
from bot.model import Intent, Member, Theme
from bot.slack import kit
from bot.slack.cards import ISSUE as FILLED
from bot.slack.kit import Block, Element
from bot.slack.views import (
    TICKS,
    Held,
    View,
    choice,
    field,
    fitting,
    modal,
    one_of,
    row,
    some_of,
    somebody,
    written_in,
)
from bot.speak.words import counted, day, facts
from bot.understand.trends import crowd

CHANGE, FORM, TURN, TARGET = "theme_change", "theme_form", "theme_page", "to_in"
"""What a button that opens a form, a form that comes back, a button that turns the page, and the
list of themes are called."""

TO, NAMED, LABEL, KIND, ISSUE, WHO, HOW = "to", "named", "label", "kind", "issue", "who", "how"
"""The fields."""

NEW, NONE = "new", "none"
"""Where posts may go beside a theme."""

WEEKS, GROWS, ALWAYS = "weeks", "grows", "always"
"""How long a theme is muted."""

PAGE = 3 * TICKS
"""Posts on a page."""
MARK_BYTES, TICKED = 6, 250
"""Of a digest of a post's key; and how many posts may be ticked in all."""
LONGEST = 120
"""Characters of a theme's name."""
MAKES = 5
"""Repositories to make an issue in that are offered."""

CHANGES = (
    ("merge", "Merge with…", "All its posts go into another theme."),
    ("split", "Move posts…", "Some posts become a theme of their own, or go to another."),
    ("rename", "Rename…", "It is called what you say, whatever its posts are."),
    ("kind", "Wrong kind…", "Posts are of another kind than was read in them."),
    ("link", "Link to an issue…", "A person says which issue stands for it, whatever runs find."),
    ("assign", "Assign…", "Somebody looks after it: it stands in their queue."),
    ("mute", "Mute…", "Digests leave it out, for a time or until it grows."),
)
"""What can be changed, the button to it, and what it does."""

TITLES = {name: text.rstrip("…") for name, text, _ in CHANGES}


def changing(theme: Theme, carries: Held) -> View:
    """Which change it is to be."""
    rows = [
        row(does, kit.button(text, CHANGE, name), block_id=f"c/{name}")
        for name, text, does in CHANGES
    ]
    return modal("Change a theme", [*_about(theme), kit.divider(), *rows], carries=carries)


def merge_form(theme: Theme, near: Sequence[Theme], carries: Held, preview: str = "") -> View:
    """Into which theme all posts go; `preview` is what the choice would do."""
    blocks = [
        *_about(theme),
        field(TO, "Into", one_of(list(map(_theme_choice, near))), optional=True, tells=True)
        if near
        else kit.section("No theme is near it."),
        _named("Or another, by its number"),
        kit.section(preview or f"Moves {counted(len(theme.members), 'post')}."),
    ]
    return _form(blocks, "merge", "Merge", carries)


def split_form(theme: Theme, near: Sequence[Theme], carries: Held) -> View:
    """Which posts go where."""
    places = [
        choice("A theme of their own", NEW),
        *map(_theme_choice, near),
        choice("No theme: each stands alone", NONE),
    ]
    blocks = [
        *_about(theme),
        field(TO, "Where to", one_of(places, NEW)),
        _named("Or another theme, by its number"),
        *_picking(theme.members, carries),
    ]
    return _form(blocks, "split", "Move", carries)


def rename_form(theme: Theme, carries: Held) -> View:
    """What it is called."""
    label = written_in(theme.label, most=LONGEST)
    hint = "Runs keep it, and so do digests and alerts."
    return _form(
        [*_about(theme), field(LABEL, "Name", label, hint=hint)], "rename", "Rename", carries
    )


def kind_form(theme: Theme, carries: Held) -> View:
    """Which posts are of which kind."""
    kinds = one_of([choice(kind.value.capitalize(), kind.value) for kind in Intent])
    posts = counted(len(theme.members), "post")
    blocks = [
        *_about(theme),
        field(KIND, "They are of the kind", kinds, hint=f"Tick no post to mean all: {posts}."),
        *_picking(theme.members, carries),
    ]
    return _form(blocks, "kind", "Correct", carries)


def mute_form(theme: Theme, carries: Held) -> View:
    """How long digests leave it out."""
    ways = [
        choice("For 4 weeks", WEEKS),
        choice("Until it grows", GROWS),
        choice("Until somebody takes it back", ALWAYS),
    ]
    return _form(
        [*_about(theme), field(HOW, "Leave it out of digests", one_of(ways, WEEKS))],
        "mute",
        "Mute",
        carries,
    )


def link_form(theme: Theme, carries: Held, makes: Sequence[tuple[str, str]] = ()) -> View:
    """Which issue tracks it; `makes` are the repositories to make one in, each with its form."""
    issue = written_in(placeholder="#123, owner/name#123 or its address", most=300)
    blocks = [*_about(theme), field(ISSUE, "Tracked in", issue)]
    for repo, address in makes[:MAKES]:
        button = kit.link_button("Make an issue", FILLED, address)
        blocks.append(row(f"There is none yet? In {repo}:", button, block_id=f"make/{repo}"))
    return _form(blocks, "link", "Link", carries)


def assign_form(theme: Theme, to: str, carries: Held) -> View:
    """Who looks after it; `to` is the id of whoever does so now."""
    hint = "Leave it empty for nobody."
    who = field(WHO, "Who", somebody(to), hint=hint, optional=True)
    return _form([*_about(theme), who], "assign", "Assign", carries)


def waiting(external: str) -> View:
    """What stands there until there is more to show."""
    return modal("One moment", [kit.section("Looking it up…")], external=external)


def telling(messages: Sequence[Message], title: str = "Groundswell") -> View:
    """Whatever the bot says, in a modal; what does not fit is said to be more."""
    blocks = [block for message in messages for block in message.blocks]
    return modal(title, fitting(blocks, "ask in a channel, or write to me"))


def mark(key: str) -> str:
    """A post's key in eight characters."""
    digest = blake2b(key.encode(errors="surrogatepass"), digest_size=MARK_BYTES)
    return urlsafe_b64encode(digest.digest()).decode()


def in_order(members: Sequence[Member]) -> list[Member]:
    """The posts of a theme, those that fit it least first: they are who may be wrong there."""
    return sorted(members, key=lambda m: (m.centrality, m.key))


def pages(members: Sequence[Member]) -> int:
    """How many pages its posts take."""
    return max(1, -(-len(members) // PAGE))


def _form(blocks: Sequence[Block], what: str, submit: str, carries: Held) -> View:
    return modal(TITLES.get(what, submit), blocks, submit=submit, callback=FORM, carries=carries)


def _about(theme: Theme) -> list[Block]:
    venues = dict(Counter(one.venue for one in theme.members).most_common())
    return [
        kit.rich(
            kit.words(kit.seen(theme.label, kit.LABEL), bold=True),
            kit.words(f"  {theme.id}"),
        ),
        kit.context(facts(crowd(theme.members), venues)),
    ]


def _named(label: str) -> Block:
    return field(NAMED, label, written_in(placeholder="T12", most=12), optional=True)


def _theme_choice(theme: Theme) -> Element:
    posts = counted(len(theme.members), "post")
    return choice(f"{theme.id} {theme.label}", theme.id, posts)


def _picking(members: Sequence[Member], carries: Held) -> list[Block]:
    """A page of posts to tick, and the way to the others."""
    ordered, last = in_order(members), pages(members) - 1
    page = min(carries.page, last)
    start = page * PAGE
    shown = ordered[start : start + PAGE]
    rows = [
        field(
            f"p{page}/{n}",
            f"Posts {start + n + 1} to {start + n + len(shown[n : n + TICKS])}",
            some_of(list(map(_post_choice, shown[n : n + TICKS])), carries.ticked),
            optional=True,
        )
        for n in range(0, len(shown), TICKS)
    ]
    here = {mark(one.key) for one in shown}
    elsewhere = sum(one not in here for one in carries.ticked)
    more = f" · {elsewhere} ticked on other pages" if elsewhere else ""
    note = kit.context(f"{counted(len(ordered), 'post')}, those that fit least first{more}")
    turns = [
        *([kit.button("Earlier posts", f"{TURN}_back", str(page - 1))] if page else []),
        *([kit.button("More posts", f"{TURN}_on", str(page + 1))] if page < last else []),
    ]
    return [note, *rows, *([kit.actions(*turns)] if turns else [])]


def _post_choice(member: Member) -> Element:
    author = f", {member.author}" if member.author else ""
    where = f"{day(member.created_at)}{author}, {member.venue}"
    return choice(member.title or member.text, mark(member.key), where)
