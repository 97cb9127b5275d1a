"""Links in memory, all posts with all: what linking lot by lot must come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bot.model import Link, Post
from bot.understand.marks import EVIDENCE, marks_of

SPEAKS, QUOTED, SAID = "speaks for", "quotes title", "said duplicate"


def links(posts: Iterable[Post]) -> set[Link]:
    """Every link between the posts, with every evidence."""
    posts = list(posts)
    bearers = defaultdict[str, list[tuple[int, Post]]](list)
    for post in posts:
        for mark in marks_of(post):
            if mark.rank is not None:
                bearers[mark.name].append((mark.rank, post))
    first = {
        name: min(those, key=lambda one: (one[0], one[1].created_at, one[1].key))[1].key
        for name, those in bearers.items()
    }
    found: set[Link] = set()
    for post in posts:
        marks = marks_of(post)
        threads = [first.get(mark.name) for mark in marks if mark.how == SPEAKS]
        for mark in marks:
            target = first.get(mark.name)
            if mark.how not in EVIDENCE or (mark.how == QUOTED and len(bearers[mark.name]) > 1):
                continue
            for source in threads if mark.how == SAID and threads else [post.key]:
                if source and target and source != target:
                    found.add(Link(source, target, mark.how))
    return found


def strongest(found: Iterable[Link]) -> set[tuple[str, str, str]]:
    """Source, target and the strongest evidence of each pair."""
    best: dict[tuple[str, str], str] = {}
    for link in sorted(found, key=lambda link: EVIDENCE.index(link.how), reverse=True):
        best[link.source_key, link.target_key] = link.how
    return {(source, target, how) for (source, target), how in best.items()}
