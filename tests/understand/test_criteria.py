from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Criterion
from bot.understand.criteria import grounds, sensitive
from tests.builders import a_post


def met(title: str = "", text: str = "") -> dict[Criterion, str]:
    """The criteria of an issue, with the words that meet them."""
    found = grounds(a_post(title=title or "Report", text=text))
    return {ground.criterion: ground.words for ground in found}


@pytest.mark.parametrize(
    ("title", "criterion", "words"),
    [
        ("Editor crashes on save", Criterion.CRASH, "crashes"),
        ("Segmentation fault in the parser", Criterion.CRASH, "Segmentation fault"),
        ("Worker exited with code 139", Criterion.CRASH, "Worker exited"),
        ("Filters silently dropped in the export", Criterion.WRONG_RESULT, "silently dropped"),
        ("Chart shows wrong totals", Criterion.WRONG_RESULT, "shows wrong"),
        ("Paste no longer works", Criterion.REGRESSION, "no longer works"),
        ("Sync stopped working", Criterion.REGRESSION, "stopped working"),
        ("Login fails after upgrading to 4.2", Criterion.REGRESSION, "fails after upgrading"),
        ("Auth bypass in the web hook", Criterion.SECURITY, "Auth bypass"),
        ("API keys exposed in the log", Criterion.SECURITY, "API keys exposed"),
        ("It deleted my whole project", Criterion.DATA_LOSS, "deleted my whole project"),
        ("Update overwrites my config", Criterion.DATA_LOSS, "overwrites my config"),
        ("Unable to install on Debian", Criterion.CANNOT_INSTALL, "Unable to install"),
        ("npm install fails with EACCES", Criterion.CANNOT_INSTALL, "npm install fails"),
    ],
)
def test_a_criterion_is_named_with_the_words_that_meet_it(
    title: str, criterion: Criterion, words: str
) -> None:
    assert met(title).get(criterion) == words


@pytest.mark.parametrize(
    "title",
    [
        "The editor does not crash any more",
        "Runs for days without crashing",
        "This could crash the worker",
        "What happens if it crashes?",
        "The crash on start is fixed",
        "Crash reports cannot be opened by mail",
        "How to avoid data loss",
        "I deleted my whole project",
        "Please delete my account",
        "I built a tool that prevents data loss",
        "Linear regression of the totals",
        "Add regression tests",
        "Messages are not lost",
        "Show HN: never lose your work again",
        "Rotate API keys",
        "Option to bypass permissions",
        "The CSRF token is missing",
        "Unable to upgrade to the annual plan",
    ],
)
def test_trouble_denied_supposed_over_or_meant_meets_no_criterion(title: str) -> None:
    assert met(title) == {}


def test_the_body_counts_as_well_but_only_its_start() -> None:
    assert Criterion.CRASH in met(text="On start the app crashes.")
    far = " ".join(f"word{number}" for number in range(100))
    assert met(text=f"{far} then the app crashes.") == {}


def test_what_a_form_asks_is_not_what_the_author_says() -> None:
    assert met(text="### Is this a regression?\n\nNo\n\n### Severity\n\nData loss\n") == {}


def test_one_post_may_meet_several_criteria_once_each() -> None:
    found = grounds(a_post(title="Crashes after the update and crashes again, lost all my notes"))

    assert [(ground.criterion, ground.words) for ground in found] == [
        (Criterion.CRASH, "Crashes"),
        (Criterion.REGRESSION, "Crashes after the update"),
        (Criterion.DATA_LOSS, "lost all my notes"),
    ]


@pytest.mark.parametrize(
    "title",
    [
        "RCE through the image name",
        "I can read other users' messages",
        "Session tokens leaked in the debug log",
        "Login bypass with an empty password",
        "An attacker can read any file",
        "Path traversal in the download endpoint",
        "[Security] Weak random numbers",
        "Passwords are stored in plain text",
    ],
)
def test_what_looks_like_an_undisclosed_weakness_is_sensitive(title: str) -> None:
    post = a_post(title=title)
    words = sensitive(post)

    assert words
    assert words.lower() in post.title.lower()


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("CVE-2026-12345 fixed in 4.2", "It was a path traversal."),
        ("Security advisory GHSA-aaaa-bbbb-cccc", "Patched: an RCE in the parser."),
        ("Tokens are counted twice", "The usage page shows 20 tokens."),
        ("npm audit", "found 3 vulnerabilities, 1 moderate severity vulnerability"),
        ("Dark mode", "It would be nice."),
    ],
)
def test_published_weaknesses_and_plain_posts_are_not_sensitive(title: str, text: str) -> None:
    assert sensitive(a_post(title=title, text=text)) is None


def test_a_published_number_alone_does_not_make_a_weakness_public() -> None:
    assert sensitive(a_post(title="CVE-2026-12345 also works in 4.3: RCE, nobody knows"))


def test_a_trackers_security_label_makes_a_post_sensitive() -> None:
    assert sensitive(a_post(title="Odd redirect", labels=("security",)))
    assert not sensitive(a_post(title="Odd redirect", labels=("area:security",)))


def test_news_about_the_weaknesses_of_others_is_not_sensitive() -> None:
    news = a_post(source="hackernews", kind="story", title="Vulnerabilities found in 48 projects")

    assert sensitive(news) is None


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_read_and_the_words_stand_in_it(title: str, text: str) -> None:
    post = a_post(title=title, text=text)

    assert all(ground.words for ground in grounds(post))
    words = sensitive(post)
    assert words is None or words in f"{title}\n{text}"


def test_a_text_made_to_be_slow_is_read_in_time() -> None:
    post = a_post(title="not " * 75, text="when the data was " * 2_000 + "deleted my " * 2_000)

    assert grounds(post) == ()
