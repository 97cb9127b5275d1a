"""Whatever the bot says, as messages of Block Kit. Pure: a model in, messages out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import chain

from bot.alarms import Alerts, Found
from bot.deliveries import Message, Shown, Style
from bot.model import (
    Answer,
    Coverage,
    Digest,
    Hit,
    Section,
    Sensitive,
    Sentence,
    SourceCoverage,
    ThemeView,
)
from bot.slack import kit
from bot.slack.alerts import alert_messages, entrusted_messages, watched_messages
from bot.slack.cards import ROW, hit_item, quoted, said_of, theme_item, theme_line
from bot.slack.changing import HEADLINE
from bot.slack.packing import Item, pack
from bot.slack.views import FALLEN, choice, one_of
from bot.speak.coverage import line
from bot.speak.digest import verdict
from bot.speak.plain import change, muted, nothing_text, precision_text
from bot.speak.query import written
from bot.speak.talk import carried
from bot.speak.tracking import likeness_text
from bot.speak.words import counted, day, source_name, span
from bot.speak.writer import writer_text

OPEN, FOLLOW, JUDGE = "open_query", "follow_question", "judge_answer"
CORRECT = "correct_question"
FIRST = 30
"""Blocks of a digest's first message: the rest is in its thread."""
THEMES, WHY = 10, 5
"""Themes that an answer to a command lists; posts that explain one."""


def digest_messages(digest: Digest, style: Style = Style.FULL) -> tuple[Message, ...]:
    """A digest: its headline, what moved, what was read; what is long goes into the thread."""
    short = style is Style.SHORT
    moved = chain.from_iterable(_section_items(section, short=short) for section in digest.sections)
    headline = {**kit.section(verdict(digest)), "block_id": HEADLINE}
    head = [kit.header(f"What people said, {span(digest.period)}"), headline]
    head += [kit.context(digest.duty)] if digest.duty else []
    views = (view for section in digest.sections for view in section.shown)
    named = [view.theme.id for view in views if f"“{view.theme.label}”" in digest.headline]
    first = Item(tuple(head), said_of(named))
    return pack(digest.headline, (first, *moved, Item(_foot(digest))), room=FIRST)


def nothing_new(digest: Digest) -> tuple[Message, ...]:
    """That nothing moved, and on what that rests."""
    text = f"Nothing new, {span(digest.period)}: {counted(digest.posts, 'post')} read."
    return pack(text, [Item((kit.section(text), *_foot(digest)))])


def answer_messages(answer: Answer) -> tuple[Message, ...]:
    """An answer: how it was understood, its sentences with where to check them, what was read."""
    opens = answer.sentences[0].opens if answer.sentences else None
    items = [Item((kit.context(_asked(answer)),), said_of(opens.themes if opens else ()))]
    if not answer.sentences:
        items.append(Item((kit.section(nothing_text(answer)),)))
    items += [_sentence(number, one) for number, one in enumerate(answer.sentences)]
    items += _onward(answer)
    foot = [kit.context(text) for text in (writer_text(answer), line(answer.coverage)) if text]
    judged = kit.feedback(JUDGE, f"{_answer_id(answer)} {answer.question}")
    items.append(Item((*foot, judged)))
    text = answer.sentences[0].text if answer.sentences else nothing_text(answer)
    return pack(text, items)


def themes_messages(
    views: Sequence[ThemeView], query: str, command: str = "themes"
) -> tuple[Message, ...]:
    """Themes, the strongest first, as a command asked for them by a query."""
    if not views:
        return plain_messages("No theme: nothing that was asked for keeps coming back.")
    shown = [theme_item(view) for view in views[:THEMES]]
    text = f"{counted(len(views), 'theme')}, the strongest first"
    text += f": {query}" if query else ""
    again = f"narrow them, as in /groundswell {' '.join((command, query)).strip()} more words"
    rest = _rest(len(views) - THEMES, "theme", again)
    return pack(text, [Item((kit.section(text),)), *shown, *rest])


def hits_messages(hits: Sequence[Hit], query: str) -> tuple[Message, ...]:
    """Posts, the best first."""
    if not hits:
        return plain_messages(f"No post matches: {query}")
    text = f"{counted(len(hits), 'post')}: {query}" if query else counted(len(hits), "post")
    items = [hit_item(number, hit) for number, hit in enumerate(hits, 1)]
    return pack(text, [Item((kit.section(text),)), *items])


def coverage_messages(coverage: Coverage) -> tuple[Message, ...]:
    """Every source with its posts, how far it was read, and its last error."""
    rows = [
        kit.lines(
            [kit.words(source_name(one.source), bold=True)],
            [kit.words(_state(one))],
            [kit.words(kit.seen(f"Not read: {one.error}", ROW))] if one.error else [],
        )
        for one in coverage.sources
    ]
    items = [Item((row,)) for row in rows]
    return pack(line(coverage), [*items, Item((kit.context(line(coverage)),))])


def why_messages(view: ThemeView) -> tuple[Message, ...]:
    """What makes a theme one: its words, its people, and the posts closest to its middle."""
    theme = view.theme
    central = sorted(theme.members, key=lambda m: (-m.centrality, m.key))[:WHY]
    sources = ", ".join(f"{source_name(name)} {count}" for name, count in view.sources.items())
    near = likeness_text(view.tracking)
    facts = kit.lines(
        [kit.words(kit.seen(theme.label, ROW), bold=True), kit.words(f"  {theme.id}")],
        [kit.words(kit.seen(f"Words that set it apart: {', '.join(theme.keywords)}", ROW))],
        [kit.words(kit.seen(f"Posts by source: {sources}", ROW))],
        [kit.words(f"{change(view)}; the first post is of {day(view.first_at)}")],
        [kit.words(kit.seen(near, ROW))] if near else [],
        [kit.words("The posts closest to its middle:")],
    )
    rows = [
        Item((kit.rich(kit.link(m.url, kit.seen(m.title or m.text, ROW)), block_id=f"w{n}"),))
        for n, m in enumerate(central)
    ]
    shows = [Shown(f"w{n}", theme.id, m.key) for n, m in enumerate(central)]
    items = [replace(row, shows=(shown,)) for row, shown in zip(rows, shows, strict=True)]
    return pack(f"Why {theme.id} is a theme", [Item((facts,)), *items])


def plain_messages(text: str) -> tuple[Message, ...]:
    """One plain sentence."""
    return pack(text, [Item((kit.section(text),))])


class Blocks:
    """How a channel sees what it subscribed to."""

    def digest(self, digest: Digest, style: Style) -> Sequence[Message]:
        """See `Renderer.digest`."""
        return digest_messages(digest, style)

    def nothing_new(self, digest: Digest) -> Sequence[Message]:
        """See `Renderer.nothing_new`."""
        return nothing_new(digest)

    def answer(self, answer: Answer) -> Sequence[Message]:
        """See `Renderer.answer`."""
        return answer_messages(answer)

    def alerts(self, found: Found, alerts: Alerts, most: int) -> Sequence[Message]:
        """See `Renderer.alerts`."""
        return alert_messages(found, alerts, most)

    def watched(self, found: Found, words: str, most: int) -> Sequence[Message]:
        """See `Renderer.watched`."""
        return watched_messages(found, words, most)

    def entrusted(self, found: Sequence[Sensitive], number: int) -> Sequence[Message]:
        """See `Renderer.entrusted`."""
        return entrusted_messages(found, number)


def _section_items(section: Section, *, short: bool) -> Iterator[Item]:
    title = kit.rich(kit.words(section.title.upper(), bold=True))
    items: Iterable[Item] = map(theme_line if short else theme_item, section.shown)
    first, *others = items
    # A title stands with its first theme: it must not be the last line of a message.
    yield Item((kit.divider(), title, *first.blocks), first.shows)
    yield from others
    yield from _rest(section.left_out, "theme")


def _foot(digest: Digest) -> tuple[kit.Block, ...]:
    out = [muted(digest)] if digest.muted or digest.unwanted else []
    own = [precision_text(digest.precision)] if digest.precision else []
    return tuple(map(kit.context, (*out, *own, line(digest.coverage))))


def _rest(left_out: int, what: str, where: str = "/groundswell themes") -> Iterator[Item]:
    if left_out > 0:
        yield Item((kit.context(f"… and {counted(left_out, f'more {what}')}: {where}"),))


def _asked(answer: Answer) -> str:
    asked = answer.echo or written(answer.query) or "everything"
    lost = ", ".join(f"“{word}”" for word in answer.not_understood)
    return f"Asked: {asked}" + (f" · not understood: {lost}" if lost else "")


def _onward(answer: Answer) -> Iterator[Item]:
    """One row: to be told again, and what may have been meant instead.

    What Slack has no room for is not offered.
    """
    row: list[kit.Element] = []
    if 1 <= len(answer.again) <= kit.VALUE:
        row.append(kit.button("Keep telling me", FOLLOW, answer.again))
    meant = ((one.said, carried(one.question, FALLEN)) for one in answer.corrections)
    choices = [choice(said, carries) for said, carries in meant if kit.sound(carries)]
    if choices:
        row.append({**one_of(choices, placeholder="Not what you meant?"), "action_id": CORRECT})
    if row:
        yield Item((kit.actions(*row),))


def _answer_id(answer: Answer) -> str:
    """The same for the same answer to the same question."""
    said = "\n".join((answer.question, *(sentence.text for sentence in answer.sentences)))
    return blake2b(said.encode(errors="replace"), digest_size=8).hexdigest()


def _sentence(number: int, sentence: Sentence) -> Item:
    """A sentence that counts has a button to what it counts; one that quotes is a quote."""
    name = f"s{number}"
    if sentence.opens is None:
        (cite, *_) = sentence.cites
        return Item((quoted(cite, name),), (Shown(name, post=cite.key),))
    blocks = [kit.rich(kit.words(sentence.text), block_id=name)]
    query, theme = written(sentence.opens), next(iter(sentence.opens.themes), None)
    if len(query) <= kit.VALUE:
        show = kit.button(f"Show {counted(len(sentence.cites), 'post')}", OPEN, query or " ")
        blocks.append(kit.actions(show, block_id=f"{name}/do"))
    return Item(tuple(blocks), (Shown(name, theme),) if theme else ())


def _state(source: SourceCoverage) -> str:
    until = f", up to {day(source.last_at)}" if source.last_at else ""
    read = f", read {source.read_at:%Y-%m-%d %H:%M} UTC" if source.read_at else ""
    return f"{counted(source.posts, 'post')}{until}{read}"
