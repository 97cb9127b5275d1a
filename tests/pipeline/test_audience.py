"""What somebody may not read is, in everything said to them, as if it did not exist."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import QueryError
from bot.model import OPERATOR, Audience, Post, Visibility
from bot.pipeline import Pipeline
from bot.rights import EVERYBODY, Right, Rights
from bot.slack import blocks
from bot.slack.home import home
from bot.slack.triage import mine_messages, queue_messages
from bot.slack.views import Held
from bot.store import Store
from bot.understand.cluster import AverageTree
from handlers.desk import Desk
from handlers.home import sight
from handlers.theme_forms import FORMS, theme_of
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing

AUDIENCES = int(os.environ.get("AUDIENCES", "12"))
"""Audiences, each with a query, that hear of 60 posts on every surface. For 10,000 triples on each:
`AUDIENCES=170 pytest tests/pipeline/test_audience.py`."""

SECRETS = ("zebrafish", "quokkas", "narwhale")
"""A word for each private place, which stands in its posts alone."""
PLACES = ("#secret-a", "#secret-b", "#secret-c")
TROUBLES = (
    "The upload stalls on big files",
    "Login fails after the update",
    "The cache crashes on start",
    "Search finds nothing any more",
)


def posts(lots: random.Random) -> Iterator[Post]:
    """Troubles told in public and in private places, by different people."""
    for number in range(60):
        trouble = lots.choice(TROUBLES)
        place = lots.randrange(6)
        secret = place < 3
        word = f" {SECRETS[place]}" if secret else ""
        yield a_post(
            external_id=f"acme/tool#{1000 + number}",
            title=f"{trouble}{word}",
            text=f"{trouble}{word} for me too, since yesterday.",
            venue=PLACES[place] if secret else "acme/tool",
            author=f"{SECRETS[place]}-author{number}" if secret else f"user{number}",
            url=f"https://{SECRETS[place] if secret else 'open'}.example/{number}",
            labels=(SECRETS[place],) if secret else ("bug",),
            visibility=Visibility.PRIVATE if secret else Visibility.PUBLIC,
            created_at=ago(lots.uniform(0.1, 30)),
        )


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    made = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    store.posts.save(list(posts(random.Random(5))))
    made.understand()
    return made


SURFACES: dict[str, Callable[[Pipeline, str], Any]] = {
    "themes": lambda p, q: p.themes(q),
    "digest": lambda p, q: p.digest(f"since:14d {q}"),
    "untracked": lambda p, q: p.untracked(q),
    "search": lambda p, q: p.search(f"{q} upload cache login", 50),
    "all posts": lambda p, q: p.search(q, 100),
    "ask": lambda p, q: p.ask(f"what are people complaining about {q}".strip()),
    "query": lambda p, q: p.ask(f"since:30d cache {q}"),
    "problem": lambda p, q: p.ask("is the upload a problem?"),
    "how many": lambda p, q: p.ask("how many people cannot login?"),
    "blocks": lambda p, q: [blocks.digest_messages(p.digest("since:30d")), p.themes()],
    "why": lambda p, q: [blocks.why_messages(view) for view in p.themes()],
    "a theme": lambda p, q: [p.theme(view.theme.id) for view in p.themes()],
    "queue": lambda p, q: p.triage(q),
    "queue in blocks": lambda p, q: queue_messages(p.triage(q)),
    "assigned": lambda p, q: mine(p),
    "forms": lambda p, q: forms(p),
    "home": lambda p, q: seen_at_home(p),
    "named": lambda p, q: [p.named(f"github:acme/tool#{1000 + n}") for n in range(60)],
}


def desk(pipeline: Pipeline) -> Desk:
    return Desk(pipeline, Rights(dict.fromkeys(Right, frozenset({EVERYBODY}))))


def forms(pipeline: Pipeline) -> Any:
    """Every form of every theme."""
    ids = [view.theme.id for view in pipeline.themes()]
    themes = [theme_of(desk(pipeline), one) for one in ids]
    return [
        form.draw(desk(pipeline), theme, Held(theme.id))
        for theme in themes
        for form in FORMS.values()
    ]


def seen_at_home(pipeline: Pipeline) -> Any:
    """What somebody sees who was given every theme, and looked last two weeks ago."""
    for view in pipeline.themes():
        pipeline.deciding("ann").assign(view.theme.id, "slack:U1")
    pipeline.store.looks.at("U1", ago(14))
    return home(sight(desk(pipeline), "U1", "D1"))


def mine(pipeline: Pipeline) -> Any:
    """Every theme, given to somebody, as they are shown it."""
    for view in pipeline.themes():
        pipeline.deciding("ann").assign(view.theme.id, "bob")
    given = pipeline.assigned("bob")
    return given, mine_messages(given)


FEW_WORDS = {"ask", "problem", "how many", "blocks", "why", "queue in blocks", "home"}
"""What quotes so little that it need not hold any of the words."""


def told(said: Any) -> str:
    """Everything in an answer, wherever in it."""
    return repr(said).lower()


@pytest.mark.parametrize("surface", SURFACES)
def test_an_audience_hears_of_its_own_places_alone(pipeline: Pipeline, surface: str):
    lots = random.Random(surface)
    heard = set[str]()
    for _ in range(AUDIENCES):
        own = frozenset(p for p in PLACES if lots.random() < 0.4)
        query = lots.choice(("", "source:github", "kind:complaint", "-label:zzz", "people:>1"))
        said = told(SURFACES[surface](replace(pipeline, audience=Audience(own)), query))
        for place, word in zip(PLACES, SECRETS, strict=True):
            if place not in own:
                assert word not in said, (own, query)
            elif word in said:
                heard.add(word)
    assert heard or surface in FEW_WORDS


@pytest.mark.parametrize("surface", SURFACES)
def test_the_operator_hears_all(pipeline: Pipeline, surface: str):
    assert pipeline.audience == OPERATOR
    said = told(SURFACES[surface](pipeline, ""))
    if surface not in FEW_WORDS:
        assert any(word in said for word in SECRETS)


def test_counts_are_those_of_what_may_be_read(pipeline: Pipeline):
    public = replace(pipeline, audience=Audience())
    everything = sum(view.crowd.posts for view in pipeline.themes())
    readable = sum(view.crowd.posts for view in public.themes())
    assert 0 < readable < everything
    assert len(public.search("", 100)) == sum(
        p.venue == "acme/tool" for p in posts(random.Random(5))
    )


def test_nobody_can_write_themselves_another_audience(pipeline: Pipeline):
    public = replace(pipeline, audience=Audience())
    for query in ("venue:#secret-a", 'venue:"#secret-a"', "author:zebrafish-author1", "zebrafish"):
        assert [hit for hit in public.search(query, 50) if hit.post.venue in PLACES] == []


def test_a_release_and_a_place_that_may_not_be_read_are_not_known(pipeline: Pipeline):
    hidden = {"venue": "acme/hidden", "visibility": Visibility.PRIVATE}
    pipeline.store.posts.save(
        [
            a_post(external_id="acme/hidden@v9.9", kind="release", title="v9.9", **hidden),
            a_post(external_id="acme/hidden#1", **hidden),
        ]
    )
    with pytest.raises(QueryError, match=r"9\.9"):
        replace(pipeline, audience=Audience()).themes("since:v9.9")
    assert pipeline.themes("since:v9.9") == []
    known = pipeline.store.known
    assert "acme/hidden" in known.places(NOW)
    assert "acme/hidden" not in known.places(NOW, Audience())
    assert "acme/hidden" in known.places(NOW, Audience(frozenset({"acme/hidden"})))


def test_the_coverage_of_who_may_read_less_counts_and_dates_only_that(pipeline: Pipeline) -> None:
    secret = a_post(
        external_id="m1", source="mail", venue="#secret-a", visibility=Visibility.PRIVATE
    )
    newest = replace(secret, source="github", external_id="acme/tool#1", created_at=ago(0))
    pipeline.store.posts.save([secret, newest])
    pipeline.store.sources.failed("mail/team", NOW, "wrong password", NOW)

    (github,) = replace(pipeline, audience=Audience()).coverage().sources
    everything = pipeline.coverage()
    some = replace(pipeline, audience=Audience(frozenset({"#secret-a"}))).coverage()

    public = [p for p in posts(random.Random(5)) if p.visibility is Visibility.PUBLIC]
    assert (github.source, github.posts) == ("github", len(public))
    assert github.last_at == max(post.created_at for post in public)
    assert {(s.source, s.posts, s.error) for s in everything.sources} == {
        ("github", 61, None),
        ("mail", 1, "mail/team: wrong password"),
    }
    assert "mail" in {source.source for source in some.sources}
    assert len(public) < {s.source: s.posts for s in some.sources}["github"] < 61


def test_what_waits_or_is_withheld_in_private_places_is_not_counted_for_all(
    pipeline: Pipeline,
) -> None:
    weak = a_post(external_id="acme/tool#1", title="SQL injection in the search box")
    hidden = replace(weak, external_id="acme/tool#2", venue="#s", visibility=Visibility.PRIVATE)
    pipeline.store.posts.save([weak, hidden])
    shown = replace(pipeline, audience=Audience())
    assert (shown.coverage().waiting, pipeline.coverage().waiting) == (1, 2)
    pipeline.understand()
    assert (shown.coverage().sensitive, pipeline.coverage().sensitive) == (1, 2)
