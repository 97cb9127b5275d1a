"""One query means the same wherever it is asked, and a question is shown back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from bot.errors import QueryError
from bot.model import Audience, Intent, Period, Post, Query, Reading, Visibility
from bot.pipeline import Pipeline, asking
from bot.slack.console import answer_drawing
from bot.speak.data import answer_data
from bot.speak.plain import answer_text
from bot.speak.query import written
from bot.store import Name, Placement, Store
from bot.understand.cluster import AverageTree
from bot.understand.embed import words_of
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing

WEEK = Period(ago(7), NOW)


def complaint(name: str, author: str, **fields: object) -> Post:
    named = {"external_id": name, "title": f"push fails {name}", "author": author}
    return a_post(**named | {"source": "reddit", "venue": "r/tool"} | fields)


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    """T1: four people and an issue stands for it; T2: three people, untracked; one alone."""
    issue = a_post(external_id="acme/tool#1", title="push fails", author="dev", state="open")
    tracked = [complaint(f"t{n}", f"user{n}") for n in range(4)]
    lost = [complaint(f"l{n}", f"user{n % 3}", title=f"fonts are tiny {n}") for n in range(4)]
    alone = complaint("alone", "zoe", title="nobody else says so")
    posts = [issue, *tracked, *lost, alone]
    release = a_post(
        external_id="acme/tool@v2.4.1", kind="release", title="v2.4.1", created_at=ago(3.5)
    )
    store.posts.save([*posts, release])
    rows = {post.key: row for row, post, _ in store.posts.find(Query(), NOW)}
    store.readings.save((rows[post.key], Reading(Intent.BUG, 2)) for post in posts)
    store.readings.save([(rows[release.key], Reading(Intent.ANNOUNCEMENT))])
    vectors = WordHashing().encode([words_of(post) for post in posts])
    store.vectors.save(WordHashing.name, [rows[post.key] for post in posts], vectors)
    places = [Placement(rows[post.key], "T1", 1.0) for post in tracked]
    places += [Placement(rows[post.key], "T2", 1.0) for post in lost]
    store.themes.save(places, [Name("T1", "push", ()), Name("T2", "fonts", ())], {}, NOW)
    store.readings.save_links([(rows[p.key], rows[issue.key], "url") for p in tracked])
    return Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)


@pytest.mark.parametrize(
    ("query", "themes"),
    [
        ("people:3", {"T1", "T2"}),
        ("people:>3", {"T1"}),
        ("people:>4", set()),
        ("untracked:yes", {"T2"}),
        ("untracked:no", {"T1"}),
        ("untracked:yes people:>3", set()),
        ("untracked:yes kind:bug", {"T2"}),
        ("people:2 -theme:T1", {"T2"}),
    ],
)
def test_what_is_asked_of_themes_holds_the_same_everywhere(pipeline, query, themes):
    members = {
        view.theme.id: {member.key for member in view.theme.members} for view in pipeline.themes()
    }
    posts = {key for theme in themes for key in members[theme]}

    assert {view.theme.id for view in pipeline.themes(query)} == themes
    assert {hit.post.key for hit in pipeline.search(query, 100)} == posts
    answer = pipeline.ask(query)
    assert set(answer.themes) == themes
    assert {cite.key for said in answer.sentences for cite in said.cites} == posts
    digest = pipeline.digest(f"since:7d {query}")
    assert {v.theme.id for s in digest.sections for v in s.shown} == themes
    assert digest.posts == len(posts)


def test_what_an_answer_counts_is_found_again(pipeline):
    for said in answer_data(pipeline.ask("untracked:yes people:2 fonts"))["answer"]:
        if said["opens"] is not None:
            found = {hit.post.key for hit in pipeline.search(said["opens"], 100)}
            assert set(said["cites"]) <= found


def test_the_crowd_of_a_query_of_time_and_places_is_what_its_views_count(pipeline):
    for view in pipeline.themes("since:7d source:reddit"):
        query = f"since:7d source:reddit theme:{view.theme.id} people:"
        assert pipeline.themes(f"{query}{view.crowd.people}")
        assert not pipeline.themes(f"{query}>{view.crowd.people}")


def test_a_question_is_shown_back_with_what_was_not_understood(pipeline):
    told = answer_data(pipeline.ask("complaints on Reddit and Mastodon since 2.4.1 about fonts"))
    assert told["understood"] == 'complaints · reddit · since v2.4.1, 27 Feb · about "fonts"'
    assert told["not_understood"] == ["Mastodon"]
    assert told["query"].startswith("since:2026-02-27T00:00:00Z source:reddit kind:complaint")


def test_the_terminal_shows_how_a_question_was_understood(pipeline):
    console = Console(width=200, record=True, file=StringIO())
    console.print(answer_drawing(pipeline.ask("complaints on Mastodon about fonts")))
    text = console.export_text()
    assert 'Understood: complaints · about "fonts"' in text
    assert "Not understood, and left out: “Mastodon”" in text


def test_places_that_are_known_are_understood_by_name(pipeline):
    assert pipeline.ask("what is said in acme/tool?").query.venues == ("acme/tool",)
    assert pipeline.ask("what is said in acme/other?").not_understood == ("acme/other",)


def test_the_readers_zone_tells_when_a_day_begins(pipeline):
    there = replace(pipeline, zone="America/New_York")
    assert there.ask("what hurts today?").query.since == datetime(2026, 3, 2, 5, tzinfo=UTC)
    assert pipeline.ask("what hurts today?").query.since == datetime(2026, 3, 2, tzinfo=UTC)
    assert there.ask("what hurts today?").echo == "complaints · since 2 Mar"


def test_a_query_names_a_release(pipeline):
    assert pipeline.search("since:v2.4.1 kind:bug", 100)
    with pytest.raises(QueryError, match=r"'9.9' is no release that is known; .* v2.4.1"):
        pipeline.search("since:9.9", 10)


def test_hints_come_from_what_is_stored(pipeline):
    assert pipeline.hints("source:g") == ("source:github",)
    assert pipeline.hints("venue:r") == ("venue:r/tool",)
    assert pipeline.hints("since:v") == ("since:v2.4.1",)


def test_a_question_goes_on_from_the_one_that_an_answer_was_asked(pipeline):
    first = pipeline.ask("complaints about fonts on Reddit")
    assert first.asked is not None
    then = pipeline.ask("how many?", first.asked)
    assert then.query == first.query
    assert then.sentences[0].text.startswith("4 complaints about “fonts”, by 3 people")
    alone = pipeline.ask("how many?")
    assert alone.query != first.query


def test_where_nothing_is_found_the_nearest_thing_that_exists_is_told(pipeline):
    answer = pipeline.ask("complaints about fonts on HN")
    assert answer.sentences == ()
    assert answer.instead == "4 posts everywhere"
    assert "The nearest there is: 4 posts everywhere." in answer_text(answer)
    assert answer_data(answer)["instead"] == answer.instead
    assert pipeline.ask("zzzz").instead == ""


def test_each_theme_that_is_told_to_hurt_is_told_with_what_tracks_it(store: Store):
    """Most people stand in the weakest of seven themes: it is told first."""
    crowds = {f"T{n}": [complaint(f"{n}/{k}", f"{n}{k}") for k in range(3)] for n in range(1, 7)}
    old = {"created_at": ago(10)}
    crowds["T7"] = [complaint(f"7/{k}", f"7{k}", **old) for k in range(9)]
    store.posts.save([post for posts in crowds.values() for post in posts])
    rows = {post.key: row for row, post, _ in store.posts.find(Query(), NOW)}
    store.readings.save((row, Reading(Intent.BUG, 2)) for row in rows.values())
    places = [
        Placement(rows[post.key], theme, 0.1 if theme == "T7" else 1.0)
        for theme, posts in crowds.items()
        for post in posts
    ]
    store.themes.save(places, [Name(theme, f"theme {theme}", ()) for theme in crowds], {}, NOW)
    answer = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW).ask("what hurts most?")
    told = [one.text for one in answer.sentences if "“theme" in one.text]
    assert told[0].startswith("“theme T7” (T7) hurts most: 9 complaints")
    assert len(told) == 5
    assert all("; no issue tracks it; " in text for text in told), told


def test_what_is_new_or_changed_is_asked_of_the_last_month_where_no_time_is_named(pipeline):
    assert pipeline.ask("new bugs about fonts").query.since == ago(30)
    assert pipeline.ask("what changed about fonts?").query.since == ago(30)
    assert pipeline.ask("what is said about fonts?").query.since is None


def test_themes_are_found_by_the_posts_that_stand_in_them(pipeline):
    rows = {post.external_id: row for row, post, _ in pipeline.store.posts.find(Query(), NOW)}
    posts = [rows[name] for name in ("t0", "t1", "l0", "alone")]
    assert pipeline.store.themes.holding(posts) == {"T1": 2, "T2": 1}
    assert pipeline.store.themes.holding([]) == {}


def test_of_too_many_posts_the_newest_are_weighed_and_that_is_said(
    pipeline, monkeypatch: pytest.MonkeyPatch
):
    found = pipeline.store.posts.find(Query(), NOW)
    pipeline.store.posts.save(
        replace(post, created_at=ago(4 + place / 10)) for place, (_, post, _) in enumerate(found)
    )
    everything = pipeline.ask("complaints since 2020-01-01")
    cited = {cite.key for sentence in everything.sentences for cite in sentence.cites}
    assert "alone" not in everything.echo

    monkeypatch.setattr(asking, "MOST_POSTS", 3)
    answer = pipeline.ask("complaints since 2020-01-01")

    assert answer.echo.endswith(" · the newest 3 alone, there are more")
    assert answer.query.since > datetime(2020, 1, 1, tzinfo=UTC)
    [told] = [one for one in answer.sentences if one.opens == answer.query]
    newest = {cite.key for cite in told.cites}
    assert len(newest) == 3
    assert newest < cited
    assert {hit.post.key for hit in pipeline.search(written(answer.query), 100)} == newest
    counted = pipeline.ask("how many complaints since 2020-01-01?")
    assert "alone" not in counted.echo
    assert len(counted.sentences[0].cites) > 3


def test_of_too_many_posts_both_spans_of_a_change_are_shortened_alike(
    pipeline, monkeypatch: pytest.MonkeyPatch
):
    found = pipeline.store.posts.find(Query(), NOW)
    pipeline.store.posts.save(
        replace(post, created_at=ago(1 + place)) for place, (_, post, _) in enumerate(found)
    )
    monkeypatch.setattr(asking, "MOST_POSTS", 4)
    answer = pipeline.ask("what changed in the last year?")
    assert answer.echo.endswith(" · the newest 4 alone, there are more")
    (told,) = (one for one in answer.sentences if " before." in one.text)
    assert told.text.endswith("4 posts: 2 in 2 days, 2 in the 2 days before.")
    assert len(told.cites) == 4


def test_a_word_that_judges_is_dropped_where_all_words_find_few(pipeline):
    pipeline.store.posts.save([a_post(external_id="mild", title="push is broken in theory")])
    answer = pipeline.ask("is push broken?")
    assert answer.query.words == ("push", "broken")
    assert answer.sentences[0].text.startswith("Little to go on: only ")
    (said,) = (one for one in answer.sentences if one.text.startswith("Without “broken” there are"))
    assert said.opens is not None
    assert said.opens.words == ("push",)
    keys = {hit.post.key for hit in pipeline.search(written(said.opens), 100)}
    assert {cite.key for cite in said.cites} <= keys


def test_a_judgement_is_what_is_asked_and_not_what_is_searched_for(pipeline):
    answer = pipeline.ask("is push terrible?")
    assert answer.query.words == ("push",)
    assert answer.sentences[0].text.startswith("Yes: 5 complaints about “push” by 5 people")
    praised = pipeline.ask("is push any good?")
    assert praised.query.words == ("push",)
    assert praised.sentences[0].text.startswith("Some complain: 5 complaints about “push”")


def test_both_spellings_of_an_editor_find_both(pipeline):
    pipeline.store.posts.save(
        [
            a_post(external_id="two", title="VS Code hangs"),
            a_post(external_id="one", title="vscode hangs"),
            a_post(external_id="camel", title="VSCode hangs"),
            a_post(external_id="none", title="the code hangs"),
        ]
    )
    for typed in ("posts about VS Code", "posts about vscode", "posts about vs code"):
        found = {cite.key for said in pipeline.ask(typed).sentences for cite in said.cites}
        assert found >= {"github:two", "github:one", "github:camel"}
        assert "github:none" not in found


def test_what_has_no_issue_yet_is_no_issue_itself(pipeline):
    answer = pipeline.ask("which bugs have no issue yet?")
    assert answer.query.excluded == (("kind", "issue"),)
    assert not answer.sentences
    assert {cite.key for said in pipeline.ask("untracked bugs").sentences for cite in said.cites}


def test_the_sides_of_a_comparison_are_told_with_their_share_of_their_own_time_and_places(
    pipeline: Pipeline,
) -> None:
    pipeline.store.posts.save([complaint("old", "zed", created_at=ago(50))])
    answer = pipeline.ask(
        "compare complaints on reddit with complaints on github in the last 30 days"
    )
    reddit = Query(sources=("reddit",), since=ago(30))
    assert pipeline.store.posts.count(NOW, reddit) == 9
    assert "9 complaints of 9 posts, 100 %, by " in answer.sentences[0].text


@pytest.mark.parametrize("asked", ["theme:T999", "since:30d theme:t1,T999 fonts", "theme:T999?"])
def test_a_theme_that_there_is_none_of_is_said_and_not_taken_for_nothing(
    pipeline: Pipeline, asked: str
) -> None:
    for ask in (pipeline.ask, pipeline.digest, pipeline.untracked, pipeline.triage, pipeline.check):
        with pytest.raises(QueryError, match="there is no theme T999; the command themes shows"):
            ask(asked)
    with pytest.raises(QueryError, match="there is no theme T999"):
        pipeline.search(asked, 5)


def test_a_kind_that_there_is_none_of_is_refused_with_those_that_there_are(
    pipeline: Pipeline,
) -> None:
    for asked in ("kind:bogus", "what hurts about kind:bug,bogus?"):
        with pytest.raises(QueryError, match="no kind 'bogus'; they are complaint, bug, "):
            pipeline.ask(asked)
    with pytest.raises(QueryError, match="did you mean complaint"):
        pipeline.ask("kind:complant")


def test_an_archives_own_kind_is_one_and_words_in_quotes_name_nothing(pipeline: Pipeline) -> None:
    pipeline.store.posts.save([a_post(external_id="own", kind="ticket", title="fonts are tiny")])
    assert pipeline.search("kind:Ticket", 5)
    pipeline.ask('"kind:bogus theme:T999"')
    pipeline.ask("theme:T1")


def test_a_theme_that_may_not_be_read_is_none(pipeline: Pipeline) -> None:
    hidden = replace(pipeline, audience=Audience())
    hidden.check("theme:T2")
    secret = [
        complaint(f"l{n}", "x", title="fonts", visibility=Visibility.PRIVATE) for n in range(4)
    ]
    pipeline.store.posts.save(secret)
    with pytest.raises(QueryError, match="there is no theme T2"):
        hidden.check("theme:T2")
