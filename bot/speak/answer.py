"""An answer without a language model: sentences made of computed facts and chosen quotes.

Every sentence cites exactly the posts that it counts or quotes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.model import Answer, Citation, Coverage, Hit, Post, Query, Role, Sentence, ThemeView
from bot.speak.dissent import dissent_text
from bot.speak.languages import spoken
from bot.speak.plain import change, identity
from bot.speak.quotes import cite, quotes, sentence
from bot.speak.words import counted, day, listed, people, places, posts_of, source_name
from bot.text import excerpt, one_line

WRITER = "extractive"
THEMES = 5
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
    """Answer from the posts that the question is about, best first, and their themes.

    `views` hold those themes, strongest first; what they show is told first, then a few posts
    outside them in their own words.
    """
    shown = views[:THEMES]
    said = [_overview(query, hits, views)] if hits else []
    for view in shown:
        said += _theme(query, view, {hit.post.key for hit in hits})
    return Answer(
        question=question,
        query=query,
        sentences=(*said, *_voices(hits, shown)),
        themes=tuple(view.theme.id for view in shown),
        coverage=coverage,
        writer=WRITER,
    )


def _overview(query: Query, hits: Sequence[Hit], views: Sequence[ThemeView]) -> Sentence:
    """How many posts by how many people, of what, where and when, and what they make."""
    posts = [hit.post for hit in hits]
    first, last = min(p.created_at for p in posts), max(p.created_at for p in posts)
    when = day(first) if first.date() == last.date() else f"{day(first)} to {day(last)}"
    sources = Counter(source_name(post.source) for post in posts)
    little = "Little to go on: only " if len(posts) < LITTLE else ""
    text = (
        f"{little}{posts_of(query.kinds, len(posts))}{_about(query)} by {_authors(posts)} on "
        f"{listed([name for name, _ in sources.most_common()])}, {when}; "
        f"{_themes_made(views)}."
    )
    return Sentence(text, tuple(map(_cite, hits)), opens=query)


def _themes_made(views: Sequence[ThemeView]) -> str:
    if not views:
        return "no theme: fewer than three say the same"
    if len(views) == 1:
        return "one theme keeps coming back"
    return f"{len(views)} themes keep coming back, the strongest first"


def _about(query: Query) -> str:
    """What the query is about, in the asker's words."""
    words = [f"“{' '.join(query.words)}”"] if query.words else []
    words += [f"“{phrase}”" for phrase in query.phrases]
    return f" about {listed(words)}" if words else ""


def _authors(posts: Sequence[Post]) -> str:
    """The different users who wrote some posts, and that some are not known."""
    users = [post for post in posts if post.role is Role.USER]
    known = {(post.source, post.author) for post in users if post.author}
    unknown = sum(post.author is None for post in users)
    if not known:
        return "unknown authors" if unknown else "the team"
    also = f" (and {unknown} by unknown authors)" if unknown else ""
    return counted(len(known), "person", "people") + also


def _theme(query: Query, view: ThemeView, found: AbstractSet[str]) -> list[Sentence]:
    """A theme's facts, and the post that tells it best, one of those found if it can be."""
    members = view.theme.members
    asked = tuple(member for member in members if member.key in found)
    said = posts_of(query.kinds, len(asked)) if query.kinds else f"{len(asked)} say so"
    part = f" ({said})" if len(asked) < len(members) else ""
    text = (
        f"“{view.theme.label}” ({identity(view)}): {people(view.crowd)}, "
        f"{counted(view.crowd.posts, 'post')}{part} on {places(view.venues)}; {change(view)}."
    )
    ranked = sorted(members, key=lambda m: (-m.centrality, m.key))
    cites = tuple(cite(m, sentence(m, view.theme.keywords)) for m in ranked)
    opens = replace(query, themes=(view.theme.id,), words=(), phrases=(), kinds=())
    best = quotes(replace(view.theme, members=asked), 1)
    told = [Sentence(text, cites, opens), *(_voice(quote) for quote in best)]
    return [*told, *_dissent(query, view)]


def _dissent(query: Query, view: ThemeView) -> list[Sentence]:
    """Both sides of a disagreement, if both spoke in the time that was asked for."""
    found = view.dissent
    if found is None or (query.since and found.claim.created_at < query.since):
        return []
    return [Sentence(dissent_text(found), (found.claim, found.against))]


def _voices(hits: Sequence[Hit], views: Sequence[ThemeView]) -> list[Sentence]:
    """Posts found outside the themes already told, in their own words."""
    told = {m.key for view in views for m in view.theme.members}
    rest = [hit for hit in hits if hit.post.key not in told and hit.post.role is Role.USER]
    few = QUOTES if len(views) < THEMES else 0
    return [_voice(_cite(hit)) for hit in rest[:few]]


def _voice(quote: Citation) -> Sentence:
    where = f"{quote.venue}, {day(quote.created_at)}{spoken(quote)}"
    return Sentence(f"{where}: “{quote.quote}”", (quote,))


def _cite(hit: Hit) -> Citation:
    post = hit.post
    words = post.title or hit.snippet
    return Citation(
        post.key, excerpt(one_line(words), 200), post.venue, post.author, post.created_at, post.url
    )
