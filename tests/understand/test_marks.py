from __future__ import annotations

import pytest

from bot.model import Link, Post
from bot.understand.addresses import canonical
from bot.understand.marks import EVIDENCE, marks_of
from tests.builders import a_post, ago
from tests.links import links, strongest


def linked(*posts: Post) -> set[tuple[str, str, str]]:
    return {(link.source_key, link.target_key, link.how) for link in links(posts)}


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
    copy = a_post(external_id="acme/tool#70", duplicate_of="acme/tool#7")

    assert linked(ISSUE, copy) == {(copy.key, ISSUE.key, "duplicate")}


@pytest.mark.parametrize("text", ["like #7", "see Acme/Tool#7", "(#7)", "Fixes #7.", "GH-7"])
def test_a_number_means_the_issue_of_the_same_repository(text: str) -> None:
    other = a_post(external_id="acme/tool#70", text=text)

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
    marks = marks_of(a_post(text="#7 and #7"))

    assert [mark.how for mark in marks].count("mention") == 1


def test_what_is_no_url_does_not_break_the_reader() -> None:
    assert canonical("https://[broken") == "https://[broken"
    assert linked(ISSUE, a_post(text="https://[broken http:// https://a.b:x/y", link="[")) == set()


def test_a_thread_and_not_its_comments_owns_the_address_they_share():
    issue = a_post(url="https://example.org/i/7", created_at=ago(3))
    comment = a_post(
        parent_id=issue.external_id, url="https://example.org/i/7#comment-1", created_at=ago(2)
    )
    story = a_post(source="hackernews", external_id="9", link="https://example.org/i/7")
    assert linked(comment, story, issue) == {(story.key, issue.key, "url")}


def test_the_same_quoted_error_is_one_fault_whatever_its_numbers():
    def quoting(message: str, days: float) -> Post:
        return a_post(text=f'It says {{"error": {{"message": "{message}"}}}}', created_at=ago(days))

    first = quoting("messages.3: tool names must be unique", 4)
    later = quoting("messages.17: Tool names must be unique", 3)
    other = quoting("Internal error", 2)
    again = quoting("Internal error", 1)
    assert linked(first, later, other, again) == {(later.key, first.key, "same error")}


def test_a_comment_that_says_duplicate_speaks_for_its_thread() -> None:
    thread = a_post(external_id="acme/tool#80", created_at=ago(3))
    comment = a_post(
        external_id="acme/tool#80-5",
        parent_id=thread.external_id,
        text="Closing in favour of #7, see there.",
    )

    found = linked(ISSUE, thread, comment)
    assert found == {
        (comment.key, ISSUE.key, "mention"),
        (thread.key, ISSUE.key, "said duplicate"),
    }


def test_a_comment_whose_thread_is_not_stored_says_nothing_of_it() -> None:
    comment = a_post(external_id="acme/tool#81-5", parent_id="acme/tool#81", text="Duplicate of #7")

    assert linked(ISSUE, comment) == {(comment.key, ISSUE.key, "mention")}


def test_a_duplicate_may_be_named_by_its_address_from_anywhere() -> None:
    story = a_post(source="hackernews", external_id="8", text=f"Duplicate of {ISSUE.url}")

    assert linked(ISSUE, story) == {
        (story.key, ISSUE.key, "url"),
        (story.key, ISSUE.key, "said duplicate"),
    }


def test_a_pull_request_points_at_what_it_closes() -> None:
    pull = a_post(external_id="acme/tool#90", kind="pull", closes=("acme/tool#7", "acme/tool#999"))

    assert linked(ISSUE, pull) == {(pull.key, ISSUE.key, "closes")}


def test_release_notes_point_at_the_threads_they_name() -> None:
    release = a_post(external_id="acme/tool@v2.4.1", kind="release", text="Push no longer stops #7")

    assert linked(ISSUE, release) == {(release.key, ISSUE.key, "mention")}


def test_the_short_address_of_a_stored_post_is_a_reference() -> None:
    reddit = a_post(
        source="reddit",
        external_id="t3_1abcd2",
        url="https://www.reddit.com/r/tools/comments/1abcd2/upload_stops/",
        created_at=ago(2),
    )
    issue = a_post(external_id="acme/tool#91", text="From https://redd.it/1abcd2.")

    assert linked(reddit, issue) == {(issue.key, reddit.key, "url")}


def test_a_title_in_quotes_is_a_reference_if_one_thread_alone_has_it() -> None:
    titled = a_post(title="[Bug] Upload stops at ninety percent", created_at=ago(4))
    quoting = a_post(
        source="reddit", external_id="t3_q", text='See "upload stops at ninety percent!"'
    )
    copy = a_post(title="Upload stops at ninety percent", created_at=ago(3))

    assert linked(titled, quoting) == {(quoting.key, titled.key, "quotes title")}
    assert linked(titled, copy, quoting) == set()


def test_short_titles_in_quotes_are_chance() -> None:
    titled = a_post(title="Internal authentication malfunction", created_at=ago(4))
    quoting = a_post(text='It says "Internal authentication malfunction".')

    assert linked(titled, quoting) == set()


@pytest.mark.parametrize("form", ["`{}`", "```\nGET {}\n```", "> see {}"])
def test_code_and_quoted_mail_point_at_nothing(form: str) -> None:
    other = a_post(external_id="acme/tool#92", text=form.format(ISSUE.url))

    assert linked(ISSUE, other) == set()


def test_the_same_remark_under_two_threads_makes_them_no_story() -> None:
    words = "This was closed since nobody answered within the last thirty days."
    remarks = [
        a_post(external_id=f"acme/tool#{n}-1", parent_id=f"acme/tool#{n}", title="", text=words)
        for n in (93, 94)
    ]

    assert linked(*remarks) == set()


def test_of_several_links_between_two_posts_the_strongest_evidence_is_kept() -> None:
    found = [Link("a", "b", how) for how in ("mention", "duplicate", "url")]
    other = Link("b", "a", "mention")

    assert strongest([*found, other]) == {("a", "b", "duplicate"), ("b", "a", "mention")}


def test_every_evidence_has_its_strength() -> None:
    pull = a_post(external_id="acme/tool#95", kind="pull", closes=("acme/tool#7",), link=ISSUE.url)
    copy = a_post(
        external_id="acme/tool#96",
        text="Duplicate of #7",
        duplicate_of="acme/tool#7",
        link=ISSUE.url,
    )

    assert {how for _, _, how in linked(ISSUE, pull, copy)} <= set(EVIDENCE)
    assert {how for _, _, how in strongest(links([ISSUE, pull, copy]))} == {
        "closes",
        "duplicate",
        "same link",
    }
