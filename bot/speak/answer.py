"""An answer without a language model: sentences made of computed facts and chosen quotes.

Every sentence cites exactly the posts that it counts or quotes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.model import (
    Answer,
    Citation,
    Coverage,
    Hit,
    Member,
    Post,
    Query,
    Role,
    Sentence,
    ThemeView,
)
from bot.speak.plain import change
from bot.speak.quotes import cite, quotes, sentence
from bot.speak.words import counted, day, listed, people, places, source_name
from bot.text import excerpt, one_line

WRITER = "extractive"
THEMES = 4
QUOTES = 4
LITTLE = 3
"""Below this many posts an answer says that it rests on little."""


def answer(
    question: str,
    query: Query,
    views: Sequence[ThemeView],
    hits: Sequence[Hit],
    coverage: Coverage,
) -> Answer:
    """Answer a question from the themes that bear on it, strongest first, and the posts found.

    Without `hits` the question has no subject: it asks what there is, and the themes are all.
    """
    shown = views[:THEMES]
    if hits:
        said = [_found(query, hits), *_themes(shown), *_voices(hits, shown)]
    elif shown:
        said = [_overview(query, views), *_themes(shown)]
    else:
        said = []
    return Answer(
        question=question,
        query=query,
        sentences=tuple(said),
        themes=tuple(view.theme.id for view in shown),
        coverage=coverage,
        writer=WRITER,
    )


def _found(query: Query, hits: Sequence[Hit]) -> Sentence:
    """How many posts by how many people speak of the subject, where and when."""
    posts = [hit.post for hit in hits]
    first, last = min(p.created_at for p in posts), max(p.created_at for p in posts)
    when = day(first) if first.date() == last.date() else f"{day(first)} to {day(last)}"
    venues = dict(Counter(p.venue for p in posts).most_common())
    little = "Little to go on: only " if len(posts) < LITTLE else ""
    text = (
        f"{little}{counted(len(posts), 'post')} by {_authors(posts)} "
        f"{'speaks' if len(posts) == 1 else 'speak'} of {subject(query)}: "
        f"{places(venues)} ({when})."
    )
    return Sentence(text, tuple(_cite(hit) for hit in hits))


def _authors(posts: Sequence[Post] | Sequence[Member]) -> str:
    """The different users who wrote some posts, and that some are not known."""
    users = [post for post in posts if post.role is Role.USER]
    known = {(post.source, post.author) for post in users if post.author}
    unknown = sum(post.author is None for post in users)
    if not known:
        return "unknown authors" if unknown else "the team"
    also = f" (and {unknown} by unknown authors)" if unknown else ""
    return counted(len(known), "person", "people") + also


def subject(query: Query) -> str:
    """What the query is about, in the asker's words."""
    words = [*(f"“{phrase}”" for phrase in query.phrases)]
    if query.words:
        words.insert(0, f"“{' '.join(query.words)}”")
    return listed(words) or "this"


def _overview(query: Query, views: Sequence[ThemeView]) -> Sentence:
    """How much there is, across all themes of the question."""
    members = [m for view in views for m in view.theme.members]
    sources = Counter(source_name(m.source) for m in members)
    kind = f" ({listed(list(query.kinds))})" if query.kinds else ""
    text = (
        f"{counted(len(members), 'post')}{kind} by {_authors(members)} on "
        f"{listed([name for name, _ in sources.most_common()])} "
        f"{'makes' if len(members) == 1 else 'make'} {counted(len(views), 'theme')}, "
        "the strongest first."
    )
    return Sentence(text, tuple(cite(m, one_line(m.title or m.text)) for m in members))


def _themes(views: Iterable[ThemeView]) -> list[Sentence]:
    said = []
    for view in views:
        members = view.theme.members
        text = (
            f"“{view.theme.label}” ({view.theme.id}): {people(view.crowd)}, "
            f"{counted(view.crowd.posts, 'post')} on {places(view.venues)}; {change(view)}."
        )
        ranked = sorted(members, key=lambda m: (-m.centrality, m.key))
        said.append(
            Sentence(text, tuple(cite(m, sentence(m, view.theme.keywords)) for m in ranked))
        )
        said += [
            Sentence(f"{_speaker(quote)}: “{quote.quote}”", (quote,))
            for quote in quotes(view.theme, 1)
        ]
    return said


def _voices(hits: Sequence[Hit], views: Sequence[ThemeView]) -> list[Sentence]:
    """Posts found outside the themes already told, in their own words."""
    told = {m.key for view in views for m in view.theme.members}
    rest = [hit for hit in hits if hit.post.key not in told]
    return [Sentence(f"{_speaker(c)}: “{c.quote}”", (c,)) for c in map(_cite, rest[:QUOTES])]


def _cite(hit: Hit) -> Citation:
    post = hit.post
    words = post.title or hit.snippet
    return Citation(
        post.key, excerpt(one_line(words), 200), post.venue, post.author, post.created_at, post.url
    )


def _speaker(quote: Citation) -> str:
    return f"{quote.venue}, {day(quote.created_at)}"
