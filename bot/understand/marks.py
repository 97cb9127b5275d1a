"""Marks of a post: the names by which others find it, and those by which it finds others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.forms import fault_in, title_of
from bot.model import Mark, Post
from bot.understand.addresses import canonical, leads_inside, urls_in
from bot.understand.references import Said, mentions, prose, quoted_titles, said_duplicates

EVIDENCE = (
    "duplicate",
    "said duplicate",
    "closes",
    "same text",
    "same error",
    "url",
    "same link",
    "quotes title",
    "mention",
)
"""What a link may rest on (`Link.how`), the strongest first."""

_REPO = re.compile(r"^[\w.-]+/[\w.-]+$")

_WORD = re.compile(r"\w+")

_SHORTEST_STORY = 40
"""Letters and digits that title and text must have to be the same by more than chance."""
_SHORTEST_FAULT = 3
"""Words that an error message must have to tell one fault from another."""
_SHORTEST_TITLE = 4
"""Words that a title must have to be known again when somebody quotes it."""


def marks_of(post: Post) -> tuple[Mark, ...]:
    """The names that a post bears and those that it points at, each once.

    Borne: its "key", its "address", and a thread its "title", which leads to it only while no other
    thread has the same. Evidence of what it points at (`Link.how`): "url" a post's address, in
    whichever form; "duplicate" the source's own mark; "said duplicate" somebody's words ("duplicate
    of #7", "closing in favour of #7"), which speak for the thread that they stand in: a reply
    "speaks for" one; "closes" a pull request and what it closes; "mention" `owner/repo#1`, or `#1`
    in the same repository; "quotes title" a thread's title between quotes; "same link" the same
    outside page; "same text" title and text alike letter for letter in another place; "same error"
    a quoted error message alike but for its numbers. The last three are borne, too. Code and quoted
    mail are not read. Linear in the length of the text.
    """
    return *_borne(post), *dict.fromkeys(_pointers(post))


def _borne(post: Post) -> Iterator[Mark]:
    # Of posts that share an address, as a thread and its comments do, the opener owns it.
    rank = 0 if post.opens else 1
    yield Mark("key", _key(post.source, post.external_id), rank)
    if post.url:
        yield Mark("address", _page(post.url), rank)
    if post.opens and (words := _title(post.title)):
        yield Mark("title", f"title {words}", 0)
    if page := _outside(post):
        yield Mark("same link", f"outside {page}", 0)
    if story := _story(post):
        yield Mark("same text", f"story {story}", 0)
    if fault := _fault(post):
        yield Mark("same error", f"fault {fault}", 0)


def _pointers(post: Post) -> Iterator[Mark]:
    if post.duplicate_of:
        yield Mark("duplicate", _key(post.source, post.duplicate_of))
    for closed in post.closes:
        yield Mark("closes", _key(post.source, closed))
    if post.link:
        yield Mark("url", _page(post.link))
    text = prose(f"{post.title}\n{post.text}")
    for url in urls_in(text):
        yield Mark("url", _page(url))
    for title in quoted_titles(text):
        if words := _title(title):
            yield Mark("quotes title", f"title {words}")
    for said in mentions(text):
        if name := _meant(said, post):
            yield Mark("mention", name)
    yield from _said(text, post)


def _said(text: str, post: Post) -> Iterator[Mark]:
    """What a post calls a duplicate of what, and the thread that it says so of."""
    for said in said_duplicates(text):
        if name := _meant(said, post):
            yield Mark("said duplicate", name)
            if opener := post.root_id or post.parent_id:
                yield Mark("speaks for", _key(post.source, opener))


def _meant(said: Said, post: Post) -> str | None:
    """The name of what words point at; a bare number means a thread of the same repository."""
    if said.url:
        return _page(said.url)
    repo = re.split("[#@]", post.external_id, maxsplit=1)[0]
    if not _REPO.match(repo):
        return None
    return _key(post.source, f"{said.repo or repo}#{said.number}")


def name_of(words: str) -> str | None:
    """The name borne by the post that a person points at; None if the words point at none.

    An address in whichever form, `owner/name#7` of GitHub, or a key such as `github:owner/name#7`.
    """
    if re.match(r"https?://", words, re.IGNORECASE):
        return _page(words)
    if re.fullmatch(r"[\w.-]+/[\w.-]+#\d{1,9}", words):
        return _key("github", words)
    source, colon, external_id = words.partition(":")
    return _key(source, external_id) if colon and source and external_id else None


def _key(source: str, external_id: str) -> str:
    """Letter case does not count."""
    return f"key {source}:{external_id}".lower()


def _page(url: str) -> str:
    return f"page {canonical(url)}"


def _outside(post: Post) -> str | None:
    """The outside page a post points at, unless it is a site's front page."""
    page = canonical(post.link) if post.link else ""
    return page if leads_inside(page) else None


def _story(post: Post) -> str | None:
    """A thread's title and text, letters and digits only; None when too short to be no chance."""
    if not post.opens:
        return None
    letters = _letters(f"{post.title} {post.text}")
    return letters if len(letters) >= _SHORTEST_STORY else None


def _title(title: str) -> str | None:
    """A title without tracker prefixes, letters and digits only; None when it is too short."""
    letters = _letters(title_of(title))
    return letters if len(letters.split()) >= _SHORTEST_TITLE else None


def _fault(post: Post) -> str | None:
    """The error message that a post quotes, letters only; None for none and for a bare code."""
    letters = re.sub(r"[\W\d_]+", " ", fault_in(post.text).casefold()).split()
    return " ".join(letters) if len(letters) >= _SHORTEST_FAULT else None


def _letters(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
