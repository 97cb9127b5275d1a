"""GitHub's notification mails: what people say in issues, pull requests, discussions and releases.

https://docs.github.com/en/subscriptions-and-notifications/concepts/about-notifications
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.model import Post, Role
from bot.sources import fields
from bot.sources.base import NotAPost
from bot.sources.mail.body import Mail, author, raw_header, subject, text_of
from bot.sources.mail.words import own_words
from bot.text import plain_markdown

GITHUB = re.compile(
    r"(?P<repository>\w[\w.-]{0,38}/[\w.-]{1,100})/(?P<form>[a-z-]+)/(?P<number>\w[\w.-]{0,99})"
    r"(?P<rest>(?:/[\w.-]+)*)@github\.com",
    re.ASCII,
)
_FORMS = {
    "issues": ("issue", "/issues/{}"),
    "pull": ("pull", "/pull/{}"),
    "repo-discussions": ("discussion", "/discussions/{}"),
    "discussions": ("discussion", "/discussions/{}"),
    "commit": ("commit", "/commit/{}"),
    "releases": ("release", "/releases"),
}
"""By the Message-ID's word for it: its kind, and where it stands on the site."""
_ANCHORS = {
    "/": "issuecomment-",
    "/c": "issuecomment-",
    "/r": "discussion_r",
    "/review/": "pullrequestreview-",
    "/comments/": "discussioncomment-",
}
"""By what follows in the Message-ID where somebody answers. Anything else is no answer: a label
was set, a branch pushed, a test has failed."""
_ANSWER = re.compile(r"(/|/c|/r|/review/|/comments/)([0-9]{1,20})")
_NUMBER = re.compile(r" \((?:Issue|PR|Discussion)? ?#[0-9]+\)$")


def parse_github(mail: Mail, on_github: re.Match[str], frame: Post) -> Post:
    """What was said on GitHub, as its Message-ID has it. Raises NotAPost.

    It stays a mail: anybody can write one that looks like it, and it knows neither state nor
    labels, so it must not take the place of what GitHub itself tells.
    """
    kind, place = _FORMS.get(on_github["form"], ("", ""))
    answer = _ANSWER.fullmatch(on_github["rest"])
    if not kind or (on_github["rest"] and not answer):
        raise NotAPost("a notice", "of GitHub's, in which nobody speaks")
    repository = on_github["repository"]
    title = "" if answer else _title(mail, repository)
    text = plain_markdown(own_words(text_of(mail), answers=bool(answer)))
    if not title and not text:
        raise NotAPost("no words")
    login = fields.named(raw_header(mail, "x-github-sender"))
    page = f"https://github.com/{repository}{place.format(on_github['number'])}"
    return replace(
        frame,
        kind="comment" if answer else kind,
        title=title,
        text=text,
        venue=repository,
        author=login or author(mail),
        role=Role.BOT if login and login.endswith("[bot]") else Role.USER,
        url=f"{page}#{_ANCHORS[answer[1]]}{answer[2]}" if answer else page,
        link=page,
    )


def _title(mail: Mail, repository: str) -> str:
    return _NUMBER.sub("", subject(mail).removeprefix(f"[{repository}]").strip())
