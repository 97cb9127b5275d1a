from __future__ import annotations

import json
from typing import Any

import pytest

from bot.model import Intent, Post, Query
from bot.pipeline import Pipeline
from bot.speak.data import answer_data, digest_data, hit_data, theme_data
from bot.speak.page import digest_page
from bot.speak.plain import answer_text, card, digest_text, hits_text
from bot.store import Store
from bot.understand.cluster import AverageTree
from bot.understand.kinds import LEAST
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing

WORD = "zebrafish"
"""A word that stands in the sensitive post alone."""


def a_weakness(**fields: Any) -> Post:
    return a_post(
        title=f"Upload of large files: {WORD} lets attackers run arbitrary code",
        text=f"Large files upload fails. {WORD}: anybody can bypass authentication.",
        **fields,
    )


def troubles(count: int = 4) -> list[Post]:
    return [
        a_post(
            title=f"Upload of large files crashes, case {number}",
            text="Large files upload fails every time.",
            created_at=ago(days=number),
        )
        for number in range(1, count + 1)
    ]


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    return Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)


def all_that_is_said(pipeline: Pipeline) -> str:
    """Every output that a channel can be shown, as text and as data."""
    digest, answer = pipeline.digest("since:30d"), pipeline.ask(f"upload {WORD} large files")
    views = pipeline.themes("since:30d")
    hits = [*pipeline.search(f"upload {WORD}", 50), *pipeline.search("since:30d", 50)]
    data = [digest_data(digest), *map(theme_data, views), *map(hit_data, hits)]
    texts = [digest_text(digest), digest_page(digest), answer_text(answer), hits_text(hits)]
    asked = answer_data(answer)
    asked = {k: v for k, v in asked.items() if k not in {"question", "query"}}
    said = "\n".join([*texts, *map(card, views), json.dumps([*data, asked])])
    assert "large files" in said
    return said.replace(f"upload {WORD}", "")  # what was asked is told back


@pytest.mark.parametrize("places", [1, 3])
def test_no_output_holds_a_word_of_a_weakness(pipeline: Pipeline, places: int) -> None:
    pipeline.store.posts.save([*troubles(), *(a_weakness() for _ in range(places))])
    pipeline.understand()

    assert pipeline.themes("since:30d")
    assert WORD not in all_that_is_said(pipeline)


def test_a_weakness_is_not_found_before_it_is_understood_either(pipeline: Pipeline) -> None:
    pipeline.store.posts.save([*troubles(), a_weakness()])

    assert pipeline.search("large files", 50)
    assert WORD not in all_that_is_said(pipeline)


def test_the_coverage_says_that_something_is_kept_back_and_security_says_what(
    pipeline: Pipeline,
) -> None:
    kept = a_weakness()
    pipeline.store.posts.save([*troubles(), kept])
    pipeline.understand()

    text = digest_text(pipeline.digest("since:30d"))
    (found,) = pipeline.security()

    assert "1 post withheld for security." in text
    assert (found.key, found.url) == (kept.key, kept.url)
    assert found.words == "run arbitrary code"


def test_what_is_kept_back_does_not_wait_for_ever(pipeline: Pipeline) -> None:
    pipeline.store.posts.save([*troubles(), a_weakness()])
    pipeline.understand()

    assert pipeline.coverage().waiting == 0
    assert pipeline.understand().themes_changed == 0
    assert pipeline.store.openers.unplaced(pipeline.embedder.name, pipeline.clock()) == []


def test_an_edit_that_tells_a_weakness_takes_its_words_out_of_the_theme(
    pipeline: Pipeline,
) -> None:
    posts = troubles()
    pipeline.store.posts.save(posts)
    pipeline.understand()
    pipeline.store.posts.save([a_weakness(external_id=posts[0].external_id)])
    pipeline.understand()

    assert WORD not in all_that_is_said(pipeline)


def test_a_digest_names_the_criteria_of_a_theme_and_the_posts_behind_them(
    pipeline: Pipeline,
) -> None:
    posts = troubles()
    pipeline.store.posts.save(posts)
    pipeline.understand()
    digest = pipeline.digest("since:30d")

    (theme,) = digest_data(digest)["sections"][0]["themes"]

    assert "4 posts report a crash" in digest_text(digest)
    assert "4 posts report a crash" in digest_page(digest)
    assert theme["criteria"] == [{"criterion": "crash", "posts": theme["post_keys"]}]


def test_announcements_and_spam_are_no_complaints(pipeline: Pipeline) -> None:
    pipeline.store.posts.save(
        [
            a_post(
                title="Harbour 2.0", text="The crash is terrible no more", labels=("announcement",)
            ),
            a_post(title="The worst crash, useless", labels=("spam",)),
            a_post(title="The worst crash, useless"),
        ]
    )
    pipeline.understand()

    found = pipeline.store.posts.find(Query(kinds=("complaint",)), NOW)
    assert [post.labels for _, post, _ in found] == [()]


def test_a_tracker_with_labels_enough_teaches_its_own_words_in_the_first_run(
    pipeline: Pipeline,
) -> None:
    labelled = [
        a_post(title=f"{word} {number}", text=f"A {word} about it.", labels=(label,))
        for number in range(LEAST)
        for word, label in (("gizmo", "bug"), ("wobble", "enhancement"))
    ]
    asked = [a_post(title="Another gizmo"), a_post(title="Another wobble")]
    pipeline.store.posts.save([*labelled, *asked])
    done = pipeline.understand()

    intents = {post.key: intent for _, post, intent in pipeline.store.posts.find(Query(), NOW)}
    assert [intents[post.key] for post in asked] == [Intent.BUG, Intent.REQUEST]
    assert done.posts == len(labelled) + len(asked)
