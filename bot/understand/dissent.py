"""The sharpest disagreement in some threads: what two people said against each other.

Only posts of one thread are set against each other, and only where the later one answers the
earlier: it quotes it, is a reply to it, names its author, or comes next. What it says must be a
contradiction in words that a rule knows, and what it contradicts a claim that such words can be
said against. Most threads hold none, and then there is nothing to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.model import Post, Role
from bot.text import one_line
from bot.understand.contradicting import worth_trying
from bot.understand.criteria import sensitive
from bot.understand.keywords import STOP_WORDS, stem
from bot.understand.references import prose
from bot.understand.stances import HEDGED, PLEADS, RULES, TIES, UNDECIDED, Rule

_READ = 6_000
"""Characters of a post that are looked at."""
_SENTENCES = 60
_SHORTEST, _LONGEST = 10, 260
"""Characters of a sentence that can be quoted whole."""
_CURT = 30
"""A sentence shorter than this is quoted with the one that follows it."""
_LETTERS = 0.7
"""Share of letters and blanks from which a line is prose."""
_KEY = 5
"""Words by which a sentence that somebody quotes is known again."""
_WORDS = 3
"""Words of the shortest claim; headings of forms have fewer."""
_NEAR = 2
"""Sentences after a quote that answer it."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two said: a sentence of a post, or two, as they stand there."""

    post: Post
    quote: str

    @property
    def role(self) -> Role:
        """Whether a user or the team speaks."""
        return self.post.role


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two people on opposite sides of one thing."""

    claim: Side
    """What was said first."""
    against: Side
    """What was said against it."""
    over: str
    """What kind of thing it is about, as in "a bug or not"."""
    sharpness: float
    """From 1.7 to 3.6: how plainly it is said, how surely it answers, how much they share."""
    grounds: tuple[str, ...]
    """What spoke for it: the words of both, how they are tied, and the words they share."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    low: str
    key: str
    """See `_key`."""

    @property
    def asks(self) -> bool:
        return self.text.endswith("?")

    @property
    def stems(self) -> frozenset[str]:
        return _stems(self.low)


@dataclass(frozen=True, slots=True)
class _Said:
    """A post as it is set against the others."""

    post: Post
    own: list[_Sentence] = field(default_factory=list)
    answers: dict[int, list[tuple[_Said, _Sentence]]] = field(default_factory=dict)
    """What is quoted right before a sentence, by the sentence's place among the own ones."""


@dataclass(slots=True)
class _Thread:
    """What was said in a thread so far, as far as a later post can answer it."""

    opener: _Said | None = None
    last: _Said | None = None
    other: _Said | None = None
    """The last post by somebody else than the author of `last`."""
    by_id: dict[str, _Said] = field(default_factory=dict)
    by_author: dict[str, _Said] = field(default_factory=dict)
    quotable: dict[str, tuple[_Said, _Sentence]] = field(default_factory=dict)
    said: list[_Said] = field(default_factory=list)
    """All of it, oldest first."""
    claims: dict[int, tuple[int, tuple[_Said, _Sentence] | None]] = field(default_factory=dict)
    """For rules that reach over a whole thread: how much was looked at, and the last claim."""

    def add(self, said: _Said) -> None:
        """Take in a post that is later than all before."""
        if self.last and self.last.post.author != said.post.author:
            self.other = self.last
        self.opener = said if said.post.opens else self.opener
        self.last = said
        self.said.append(said)
        self.by_id[said.post.external_id] = said
        self.by_author[(said.post.author or "").lower()] = said
        for sentence in said.own:
            if sentence.key:
                self.quotable.setdefault(sentence.key, (said, sentence))

    def before(self, author: str | None) -> _Said | None:
        """The last post by somebody else."""
        return self.last if self.last and self.last.post.author != author else self.other

    def last_claim(self, number: int) -> tuple[_Said, _Sentence] | None:
        """The last thing said anywhere that a rule's contradiction can be said against.

        Looked for when somebody contradicts so, which is seldom, in what came since the last time.
        """
        looked, claim = self.claims.get(number, (0, None))
        every = ((said, s) for said in reversed(self.said[looked:]) for s in reversed(said.own))
        latest = next(((said, s) for said, s in every if _claims(RULES[number], s)), claim)
        self.claims[number] = (len(self.said), latest)
        return latest


def dissents(posts: Iterable[Post]) -> list[Contradiction]:
    """The sharpest disagreement of each thread that has one, the sharpest first.

    `posts` are openers and replies of any threads, in any order, as far as the reader may see
    them. Bots, unknown authors, and threads of which a post looks like an undisclosed
    vulnerability are left out. Takes time in proportion to the length of the posts, of which the
    first few thousand characters are read.
    """
    best = ((_of_thread(thread), thread) for thread in _threads(posts))
    found = (dissent for dissent, thread in best if dissent and not any(map(_secret, thread)))
    return sorted(
        found, key=lambda d: (-d.sharpness, d.against.post.created_at, d.against.post.key)
    )


def _secret(post: Post) -> bool:
    return sensitive(post) is not None


def _threads(posts: Iterable[Post]) -> list[list[Post]]:
    """The posts by thread, each in time order; a thread of one is none."""
    known = {post.key: post for post in posts}
    roots: dict[str, str] = {}
    threads: dict[str, list[Post]] = {}
    for post in sorted(known.values(), key=lambda p: (p.created_at, not p.opens, p.key)):
        threads.setdefault(_root(post, known, roots), []).append(post)
    return [thread for thread in threads.values() if len(thread) > 1]


def _root(post: Post, known: Mapping[str, Post], roots: dict[str, str]) -> str:
    """The key of the post that opened the thread, as far up as is known."""
    key, passed = post.key, dict[str, None]()
    while key not in roots and key not in passed:
        passed[key] = None
        above = known.get(key)
        up = above and (above.root_id or above.parent_id)
        if not above or not up:
            break
        key = f"{above.source}:{up}"
    root = roots.get(key, key)
    roots |= dict.fromkeys(passed, root)
    return root


def _of_thread(posts: Sequence[Post]) -> Contradiction | None:
    """The sharpest disagreement of one thread; between equals the one that came first."""
    people = [post for post in posts if post.role is not Role.BOT and post.author is not None]
    if not _disputed(people[1:]):
        return None
    thread = _Thread()
    best: Contradiction | None = None
    for post in people:
        said = _read(post, thread.quotable)
        for dissent in _against(said, thread):
            if best is None or dissent.sharpness > best.sharpness:
                best = dissent
        thread.add(said)
    return best


def _read(post: Post, quotable: Mapping[str, tuple[_Said, _Sentence]]) -> _Said:
    """A post cut into its own sentences, and what it quotes of the others."""
    said = _Said(post)
    quoted: list[tuple[_Said, _Sentence]] = []
    for text in _sentences(post):
        low = _low(text)
        key = _key(low)
        if (known := quotable.get(key)) and known[0].post.author != post.author:
            quoted.append(known)
            continue
        if quoted:
            said.answers[len(said.own)], quoted = quoted, []
        said.own.append(_Sentence(text, low, key))
    return said


_END = re.compile(r"(?<=[.!?])[\"')\u201d\u2019]?\s+|\n+")
_WORD = re.compile(r"[^\W_][\w.#/-]*[\w#]|[^\W_]")
_ODD = re.compile(r"[^\w ',.\u2019]|[\d_]")
"""What is no letter, and seldom in prose."""


def _sentences(post: Post) -> Iterator[str]:
    """The title, and the sentences of the text that are prose and can be quoted whole."""
    if 0 < len(post.title) <= _LONGEST:
        yield one_line(post.title)
    count = 0
    for part in _END.split(prose(post.text[:_READ])):
        text = one_line(part).lstrip("*\u2022> ").removeprefix("- ")
        if len(text) <= _LONGEST and _plain(text):
            yield text
            count += 1
            if count == _SENTENCES:
                return


def _low(text: str) -> str:
    """In lower case, with one kind of apostrophe."""
    return text.lower().replace("\u2019", "'")


def _plain(text: str) -> bool:
    """Whether a line is a sentence and no code, log or list of numbers."""
    long_enough = len(text) >= _SHORTEST or text.startswith("-1")
    letters = len(text) - len(_ODD.findall(text))
    return long_enough and " " in text and letters >= _LETTERS * len(text)


def _key(low: str) -> str:
    """What a sentence is known by when it is quoted; "" for one too short to be sure of."""
    words = _WORD.findall(low)
    return " ".join(words[:_KEY]) if len(words) >= _KEY - 1 else ""


def _stems(low: str) -> frozenset[str]:
    """The words that carry a subject, without their endings."""
    words = _WORD.findall(low)
    return frozenset(stem(w) for w in words if w not in STOP_WORDS and len(w) > 2) - _EMPTY  # noqa: PLR2004 words of two letters tell nothing


_EMPTY = frozenset(map(stem, ("don", "doesn", "isn", "issue", "problem", "bug", "work", "think")))
"""Words of contradictions themselves: sharing them shows nothing."""


def _claims(rule: Rule, sentence: _Sentence) -> re.Match[str] | None:
    """What a rule's contradiction can be said against; no question, heading, or contradiction."""
    words = rule.claim.search(sentence.low)
    if not words or (sentence.asks and not rule.asked) or rule.against.search(sentence.low):
        return None
    if sentence.text.startswith("#"):
        return None
    short = sentence.low.count(" ") < _WORDS - 1
    return None if short or UNDECIDED.search(sentence.low) else words


def _against(said: _Said, thread: _Thread) -> Iterator[Contradiction]:
    """Everything that a post contradicts."""
    worth = _worth(said.post)
    for place, sentence in enumerate(said.own):
        for number, match in _contradictions(sentence, worth):
            yield from _pairs(said, place, number, match, thread)


def _worth(post: Post) -> list[int]:
    """The rules that are worth trying on the sentences of a post."""
    return worth_trying(" ".join(_low(f"{post.title} {post.text[:_READ]}").split()))


def _contradictions(
    sentence: _Sentence, worth: Sequence[int]
) -> Iterator[tuple[int, re.Match[str]]]:
    """The places in `RULES` of those by which a sentence contradicts, with its words."""
    low = sentence.low
    if not worth or (sentence.asks and not PLEADS.search(low)):
        return
    for number in worth_trying(low, worth):
        match = RULES[number].against.search(low)
        if match and not HEDGED.search(low):
            yield number, match


def _disputed(posts: Sequence[Post]) -> bool:
    """Whether any post contradicts, whatever the others say: most threads need no more looking."""
    return any(
        any(_contradictions(_Sentence(text, _low(text), ""), worth))
        for post in posts
        if (worth := _worth(post))
        for text in _sentences(post)
    )


def _pairs(
    said: _Said, place: int, number: int, match: re.Match[str], thread: _Thread
) -> Iterator[Contradiction]:
    """What one contradiction can be set against."""
    rule, sentence = RULES[number], said.own[place]
    denied = _stems(sentence.low[match.end() :])
    for whose, claim, tie in _answered(said, place, number, thread):
        if tie not in rule.ties or not (words := _claims(rule, claim)):
            continue
        if rule.shared and denied and not denied & claim.stems:
            continue
        shared = sorted(claim.stems & sentence.stems)
        yield Contradiction(
            Side(whose.post, claim.text),
            Side(said.post, _quote(said, place)),
            rule.over,
            round(rule.weight + TIES[tie] + 0.2 * min(len(shared), 4), 2),
            (match[0], words[0], tie, *shared),
        )


def _quote(said: _Said, place: int) -> str:
    """A sentence, with the next one where it is short."""
    text = said.own[place].text.lstrip("# ")
    if len(text) >= _CURT or place + 1 == len(said.own) or place + 1 in said.answers:
        return text
    both = f"{text} {said.own[place + 1].text}"
    return both if both in one_line(said.post.text[:_READ]) else text


def _answered(
    said: _Said, place: int, number: int, thread: _Thread
) -> Iterator[tuple[_Said, _Sentence, str]]:
    """The sentences of others that one may answer, and how it is tied to them."""
    nearest = max((i for i in said.answers if i <= place), default=None)
    if nearest is not None:
        if place - nearest < _NEAR:
            yield from ((whose, sentence, "quoted") for whose, sentence in said.answers[nearest])
        return
    if claim := thread.last_claim(number) if "thread" in RULES[number].ties else None:
        yield from ([(*claim, "thread")] if claim[0].post.author != said.post.author else ())
    for whose, tie in _addressed(said, thread).values():
        yield from ((whose, sentence, tie) for sentence in whose.own)


def _addressed(said: _Said, thread: _Thread) -> dict[str, tuple[_Said, str]]:
    """The posts of others that one may answer as a whole, by key, each by its surest tie."""
    post, author = said.post, said.post.author
    names = re.findall(r"@([\w-]{1,60})", post.text[:_READ])
    parent = thread.by_id.get(post.parent_id or "")
    found = [
        (thread.opener, "opener"),
        (thread.before(author), "follows"),
        *((thread.by_author.get(name.lower()), "named") for name in names[:3]),
        (parent if parent and not parent.post.opens else None, "reply"),
    ]
    return {s.post.key: (s, tie) for s, tie in found if s and s.post.author != author}
