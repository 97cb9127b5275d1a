"""A theme, a post and a quote as blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.deliveries import FALLBACK, Shown
from bot.model import Citation, Hit, ThemeView
from bot.slack import kit
from bot.slack.kit import LABEL
from bot.slack.packing import Item
from bot.speak.criteria import criteria_text
from bot.speak.dissent import dissent_title, sides
from bot.speak.issue_form import issue_form
from bot.speak.languages import languages_text, spoken
from bot.speak.plain import change, decided, identity, sparkline
from bot.speak.tracking import tracking_text
from bot.speak.words import counted, day, facts
from bot.tracking import State

SHOW, MENU, ISSUE, LINK = "theme_posts", "theme_menu", "theme_issue", "theme_link"
ROW, QUOTE, NAME = 400, 600, 120
"""Characters of a line of facts, of a quote and of a name: more nobody reads here."""

CHOICES = (
    ("Why is this here?", "why"),
    ("Keep telling me", "follow"),
    ("Mute for 4 weeks", "mute"),
    ("Not about us", "off"),
    ("Change…", "change"),
)
"""What can be done with a theme beside looking at its posts: Slack's menus hold five. All the rest
stands behind the last of them (bot/slack/modals.py)."""


def theme_item(view: ThemeView, *, buttons: bool = True) -> Item:
    """A card: label, people, trend, what tracks it, two quotes, buttons."""
    its = view.theme.id
    quotes = list(_quotes(view))
    blocks = [_head(view), *(block for block, _ in quotes)]
    blocks += [_buttons(view)] if buttons else []
    shows = [Shown(str(block["block_id"]), its) for block in blocks]
    keys = {block["block_id"]: cite.key for block, cite in quotes}
    shown = tuple(Shown(one.block_id, its, keys.get(one.block_id)) for one in shows)
    return Item(tuple(blocks), shown)


def theme_line(view: ThemeView) -> Item:
    """A theme on one line, for who wants it short."""
    block = kit.rich(
        kit.words(kit.seen(view.theme.label, LABEL), bold=True),
        kit.words(f"  {view.theme.id} · {kit.seen(facts(view.crowd, view.venues), ROW)}"),
        kit.words(f" · {change(view)}"),
        block_id=view.theme.id,
    )
    return Item((block,), (Shown(view.theme.id, view.theme.id),))


def said_of(themes: Iterable[str]) -> tuple[Shown, ...]:
    """That the text of a message names some themes: where such a name goes, the text does."""
    return tuple(Shown(f"{FALLBACK}{theme}", theme) for theme in dict.fromkeys(themes))


def _head(view: ThemeView) -> kit.Block:
    met, other = criteria_text(view.theme), languages_text(view.theme)
    notes = [*view.notes, *([other] if other else []), *decided(view)]
    return kit.lines(
        [
            kit.words(kit.seen(view.theme.label, LABEL), bold=True),
            kit.words(f"  {kit.seen(identity(view), NAME)}"),
        ],
        [kit.words(kit.seen(facts(view.crowd, view.venues), ROW))],
        [kit.words(f"{change(view)}  {sparkline(view)}".rstrip())],
        [kit.words(kit.seen(tracking_text(view.tracking), ROW))] if view.tracking else [],
        [kit.words(kit.seen(met, ROW))] if met else [],
        *([kit.words(kit.seen(note, ROW), italic=True)] for note in notes),
        block_id=view.theme.id,
    )


def _quotes(view: ThemeView) -> Iterator[tuple[kit.Block, Citation]]:
    for place, cite in enumerate(view.quotes):
        yield quoted(cite, f"{view.theme.id}/q{place}"), cite
    if view.dissent:
        title = dissent_title(view.dissent)
        for place, (cite, who) in enumerate(sides(view.dissent)):
            block = quoted(cite, f"{view.theme.id}/d{place}", title if not place else "", who)
            yield block, cite


def quoted(cite: Citation, block_id: str, title: str = "", who: str = "") -> kit.Block:
    """Somebody's words, and where they stand."""
    author = f"{kit.seen(cite.author, NAME)}, " if cite.author else ""
    where = who or f"{author}{kit.seen(cite.venue, NAME)}, {day(cite.created_at)}{spoken(cite)}"
    return kit.quote(
        *([kit.words(f"{title}\n", italic=True)] if title else []),
        kit.words(f"“{kit.seen(cite.quote, QUOTE)}”\n"),
        kit.link(cite.url, where),
        block_id=block_id,
    )


def issue_buttons(view: ThemeView) -> Iterator[kit.Element]:
    """Where no issue stands for a theme: link it to the one that likely does, or make one."""
    tracking, form = view.tracking, issue_form(view)
    if tracking and tracking.state is State.PROPOSED and tracking.issue and tracking.likely:
        number = tracking.issue.name.rpartition("#")[2]
        value = f"{view.theme.id} {tracking.issue.key}"
        if kit.sound(value):
            yield kit.button(f"Link to #{kit.seen(number, NAME)}", LINK, value)
    if form:
        yield kit.link_button("Make an issue", ISSUE, form)


def _buttons(view: ThemeView) -> kit.Block:
    its = view.theme.id
    return kit.actions(
        kit.button(f"Show {counted(view.crowd.posts, 'post')}", SHOW, its),
        *issue_buttons(view),
        kit.overflow(MENU, [(text, f"{what} {its}") for text, what in CHOICES]),
        block_id=f"{its}/do",
    )


def hit_item(number: int, hit: Hit) -> Item:
    """A found post: its title as a link, and the words that were found."""
    post = hit.post
    title = kit.seen(post.title or hit.snippet, LABEL)
    where = f"{kit.seen(post.venue, NAME)}, {day(post.created_at)}"
    found = hit.snippet if post.title and hit.snippet != post.title else ""
    block = kit.lines(
        [kit.words(f"{number}. "), kit.link(post.url, title)],
        [kit.words(kit.seen(found, QUOTE), italic=True)] if found else [],
        [kit.words(where)],
        block_id=f"p{number}",
    )
    return Item((block,), (Shown(f"p{number}", post=post.key),))
