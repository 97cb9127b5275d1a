from __future__ import annotations

import pytest

from bot.model import Link, Post
from bot.understand.link import KnownPosts, canonical, links
from tests.builders import a_post, ago


def linked(*posts: Post) -> set[tuple[str, str, str]]:
    found = links(posts, KnownPosts.of(posts))
    return {(link.source_key, link.target_key, link.how) for link in found}


ISSUE = a_post(
    external_id="acme/tool#7", url="https://github.com/acme/tool/issues/7", created_at=ago(5)
)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/tool/issues/7",
        "http://www.github.com/acme/tool/issues/7/",
        "https://GitHub.com/acme/tool/issues/7#issuecomment-99",
        "https://github.com/acme/tool/issues/7?utm_source=news",
    ],
)
def test_an_address_of_a_stored_post_is_a_reference(url: str) -> None:
    story = a_post(source="hackernews", external_id="1", text=f"See ({url}).", url=None)

    assert linked(ISSUE, story) == {("hackernews:1", ISSUE.key, "url")}


def test_a_storys_own_link_to_a_stored_post_is_a_reference() -> None:
    story = a_post(source="hackernews", external_id="2", link=ISSUE.url)

    assert (story.key, ISSUE.key, "url") in linked(ISSUE, story)


def test_the_sources_own_duplicate_mark_is_a_reference() -> None:
    copy = a_post(duplicate_of="acme/tool#7")

    assert linked(ISSUE, copy) == {(copy.key, ISSUE.key, "duplicate")}


@pytest.mark.parametrize("text", ["same as #7", "see acme/tool#7", "(#7)", "Fixes #7."])
def test_a_number_means_the_issue_of_the_same_repository(text: str) -> None:
    other = a_post(text=text)

    assert linked(ISSUE, other) == {(other.key, ISSUE.key, "mention")}


@pytest.mark.parametrize("text", ["see other/repo#7", "#77", "a&#7;", "x#7", "no number"])
def test_other_numbers_mean_nothing(text: str) -> None:
    assert linked(ISSUE, a_post(text=text)) == set()


def test_numbers_outside_a_tracker_mean_nothing() -> None:
    assert linked(ISSUE, a_post(source="reddit", external_id="t3_x", text="#7")) == set()


def test_posts_about_one_outside_page_tell_the_same_story() -> None:
    first = a_post(
        source="hackernews", external_id="3", link="https://blog.example/a", created_at=ago(3)
    )
    later = a_post(source="reddit", external_id="t3_a", link="http://www.blog.example/a/")
    front = a_post(source="reddit", external_id="t3_b", link="https://blog.example/")

    assert linked(first, later, front) == {(later.key, first.key, "same link")}


def test_the_same_words_in_two_places_are_a_cross_post() -> None:
    text = "The upload of large files stops at ninety percent and never ends."
    first = a_post(title="Upload stops", text=text, created_at=ago(4))
    later = a_post(source="reddit", external_id="t3_c", title="Upload stops!", text=text.upper())

    assert linked(first, later) == {(later.key, first.key, "same text")}


def test_short_equal_texts_are_chance() -> None:
    assert linked(a_post(title="Help", text=""), a_post(title="Help", text="")) == set()


def test_a_post_never_points_at_itself() -> None:
    own = a_post(external_id="acme/tool#9", url="https://x.org/9", text="https://x.org/9 and #9")

    assert linked(own) == set()


def test_a_reference_made_twice_is_told_once() -> None:
    found = links([a_post(text="#7 and #7")], KnownPosts.of([ISSUE]))

    assert len(found) == 1
    assert isinstance(found[0], Link)


def test_what_is_no_url_does_not_break_the_reader() -> None:
    assert canonical("https://[broken") == "https://[broken"
    assert linked(ISSUE, a_post(text="https://[broken http:// https://a.b:x/y", link="[")) == set()


def test_a_thread_and_not_its_comments_owns_the_address_they_share():
    issue = a_post(url="https://example.org/i/7", created_at=ago(3))
    comment = a_post(
        parent_id=issue.external_id, url="https://example.org/i/7#comment-1", created_at=ago(2)
    )
    story = a_post(source="hackernews", external_id="9", link="https://example.org/i/7")
    posts = [comment, story, issue]
    found = links(posts, KnownPosts.of(posts))
    assert [(link.source_key, link.target_key) for link in found] == [(story.key, issue.key)]


def test_the_same_quoted_error_is_one_fault_whatever_its_numbers():
    def quoting(message: str, days: float) -> Post:
        return a_post(text=f'It says {{"error": {{"message": "{message}"}}}}', created_at=ago(days))

    first = quoting("messages.3: tool names must be unique", 4)
    later = quoting("messages.17: Tool names must be unique", 3)
    other = quoting("Internal error", 2)
    again = quoting("Internal error", 1)
    assert linked(first, later, other, again) == {(later.key, first.key, "same error")}
