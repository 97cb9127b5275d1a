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

from bot.model import Post, Reading, Role
from bot.text import one_line
from bot.understand.criteria import sensitive
from bot.understand.label import STOP_WORDS, stem
from bot.understand.references import prose

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
class Dissent:
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
class _Rule:
    """One way to contradict: its words, and what they can be said against."""

    over: str
    weight: float
    against: re.Pattern[str]
    claim: re.Pattern[str]
    """What the other side must have said."""
    ties: frozenset[str]
    """How the later post may be tied to the earlier; see `_TIES`."""
    shared: bool = False
    """Whether the claim must share a word with the contradiction, if that names anything at all."""
    asked: bool = False
    """Whether a question can be such a claim: "Could we have that?"."""


_TIES = {"quoted": 1.2, "reply": 0.8, "named": 0.7, "follows": 0.5, "opener": 0.3, "thread": 0.3}
"""How one post answers another, and what that is worth: it quotes the sentence, is written as a
reply to it, names its author, comes next in the thread; the other one opened the thread, or is the
last there to have said such a thing."""
_QUOTED = frozenset({"quoted"})
_DIRECT = _QUOTED | {"reply", "named", "follows"}
_OPENED = _DIRECT | {"opener"}
_THREAD = _DIRECT | {"thread"}


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_DOUBT = r"\bi (?:\w+ ){0,2}(?:do not|don't) (?:think|believe)(?: that)?"
_LY = r"(?:\w+ly |just |quite |even )?"
_IT = r"(?:that|this|it)"

_HAVE = "see|seeing|have|having|get|getting|experiencing|facing|hitting"

_SAID = _words(r"\w")
_HELD = _words(
    r"\b(?:i|we) (?:\w+ )?(?:think|believe|guess|suggest|propose|prefer|feel|suspect|assume)\b",
    r"\b(?:should(?:n't)?|must|could|might|may|would be|needs? to|ha(?:s|ve) to)\b",
    r"\b(?:better|worse|wrong|right|bug|broken|fault|problem|issue|cause[ds]?|because|related)\b",
    r"\b(?:obviously|clearly|definitely|certainly|probably|likely|never|always|impossible)\b",
    r"\b(?:confusing|useless|useful|unnecessary|overkill|safe|unsafe|secure|insecure)\b",
    r"\b(?:seems?|looks like|appears|is not|isn't|are not|aren't|does not|doesn't|no longer)\b",
    r"\b(?:easy|easier|hard|harder|nice|great|good|bad|sense|same|enough|expected)\b",
)
"""An opinion, a verdict, a guess."""
_CAUSE = _words(
    r"\b(?:could|might|may|must|has to|seems?|probably|likely|i (?:think|suspect|guess)|maybe)\b"
    r".{0,60}\b(?:issue|problem|bug|cause|error|fault|due to|because|related)\b",
    r"\b(?:issue|problem|cause|reason) (?:is|was|might|could|may|seems)\b",
)
_FAULT = _words(
    r"\b(?:seems?|looks?|is|be|like|as|think|possibl[ey]|this) (?:\w+ ){0,3}bugs?\b",
    r"\bbugs? (?:in|with|when|that)\b|\bbroken\b|\bregression\b|\bbehaves? (?:\w+ )?unexpected",
    r"\bshould(?:n't| not)\b|\bis (?:\w+ )?wrong\b|\bincorrect(?:ly)?\b|^\W*bug\b",
)
_BREAKS = _words(
    r"\b(?:doesn't|does not|don't|do not|isn't|is not|not|stopped|never) (?:\w+ )?work",
    r"\b(?:fails?|failing|crash(?:es)?|hangs?|freez(?:es|ing)|broken|breaks|bug|regression)\b",
)
_SAME = _words(
    r"\bduplicated?(?: of)?\b|\bdupe\b|\bsame (?:\w+ )?(?:issue|bug|problem|thing|root cause) as\b",
    r"\bsame as #\d",
)
_DONE = _words(
    r"\b(?:is|was|been|are|it's|now|got|already|should be|marking as) (?:now |already |been )?"
    r"(?:fixed|resolved|solved|addressed)\b(?! it\b)",
    r"^(?:fixed|resolved|solved)\b|\bfix (?:is in|has been|was|landed|is merged|is released)\b",
    r"^clos(?:ed|ing)\b|\bclosing (?:this|it|as|since|due)\b|\bno longer (?:an issue|a problem)\b",
)
_FINE = _words(
    r"\bworks? (?:\w+ )?for me\b|\b(?:can't|cannot|couldn't|unable to) reproduce\b",
    rf"\b(?:{_IT}|everything) works? (?:fine|great|perfectly|well) (?:here|on my|with|in)\b",
    r"\bno (?:issues?|problems?) (?:here|on my|for me)\b",
)
_STILL = (
    r"\b(?:not|isn't|wasn't|hasn't been|never) (?:\w+ly |been )?(?:fixed|resolved|solved)\b",
    r"\bstill (?:broken|fail(?:s|ing)|happen(?:s|ing))\b",
    r"\bstill (?:not|isn't|doesn't) (?:\w+ )?(?:work\w*|fixed|solved|resolved)\b",
    rf"\bstill (?:\w+ )?(?:{_HAVE}) (?:\w+ ){{0,2}}(?:same|issue|problem|error|bug|this|it)\b",
    r"\bstill (?:occurs?|occurring|reproduc\w+|an issue|the case|persists?)\b",
    r"\b(?:issue|problem|bug|error) (?:still )?(?:persists|remains|exists)\b",
)
_REMOVAL = _words(
    r"\b(?:remov(?:e|ing)|drop(?:ping)?|deprecat(?:e|ing)|delete|get rid of|replace|disable)\b",
    r"\bchang(?:e|ing) the (?:default|behaviou?r)\b",
)
_REOPEN = _words(
    r"\bplease re-?open\b|\b(?:can|could|would) (?:you|we|someone) (?:please )?re-?open\b",
    r"\bshould (?:\w+ )?be re-?opened\b",
)
_CLOSED = _words(r"^clos(?:ed|ing)\b|\bclosing (?:this|it|as|since|due)\b|^duplicate of #\d")
_WISH = _words(
    r"\b(?:should|would be|would love|would like|it'd be|'d like|could we|can we|please|i wish)\b",
    r"\b(?:feature request|ability to|add|allow|support|remove|drop|make|replace|deprecate)\b",
    r"\b(?:by default|the default|need|want|proposal|suggest|propose|instead of)\b",
)

_RULES = (
    _Rule(
        "an opinion",
        1.6,
        _words(
            r"\bi (?:\w+ )?(?:disagree|object to)\b(?! more)",
            r"\bi (?:\w+ )?(?:don't|do not|can't|cannot) (?:\w+ )?agree\b",
            r"\bweak argument\b|\bbeg to differ\b",
            r"^(?:\w+,? )?(?:you(?:'re| are)|that's|that is|this is|it's) "
            rf"{_LY}(?:wrong|mistaken|incorrect|false|nonsense)[,.!]?(?:$| )(?!negative)",
            rf"^(?:\w+,? )?{_IT}(?:(?:'s| is) not|(?:'s| is)n't| isn't| wasn't) "
            rf"{_LY}(?:true|correct|right|accurate|the case)\b",
            r"^(?:sorry,? )?(?:but )?(?:absolutely |definitely )?not true\b",
            r"^-1(?:[,.!]? (?:to|for|on|from|as|since|this|i)\b|[.!]?$)",
            r"\bi(?:'m| am) (?:\w+ )?(?:against|opposed to)\b",
        ),
        _HELD,
        _DIRECT,
    ),
    _Rule(
        "an opinion",
        1.2,
        _words(
            rf"^(?:\w+,? )?{_DOUBT}|^(?:but )?why would (?:you|we|anyone|one|i)\b",
            r"^(?:actually|no|nope|nah|well)[,.:] (?:\w+ )?(?:it|that|this|there|you)\b",
            rf"^but (?:{_IT}|there)(?:'s not| is not| isn't| doesn't| does not| won't)\b",
            r"\bdefeats? the (?:whole )?purpose\b|\bis a bad idea\b|\bmakes? no sense\b",
            r"\b(?:doesn't|does not|wouldn't) make (?:\w+ )?sense\b",
            r"\bi (?:disagree|do not agree|don't agree)\b",
        ),
        _SAID,
        _QUOTED,
    ),
    _Rule(
        "an opinion",
        1.4,
        _words(
            rf"{_DOUBT} {_IT}(?:'s| is| would be|'d be) (?:an? |the )?(?:\w+ly )?"
            r"(?:correct|right|good|best|better|necessary|needed|useful|worth|true|wise|enough)\b",
            r"^(?:but )?why would (?:you|anyone|we) (?:\w+ )?want\b",
            r"^on the contrary\b|^(?:no, )?quite the opposite\b",
            rf"^(?:but )?{_IT} (?:\w+ )?(?:defeats? the (?:whole )?purpose|makes? no sense)\b",
            rf"^(?:but )?{_IT}(?:'s| is) (?:\w+ly )?a (?:\w+ )?bad idea\b",
        ),
        _HELD,
        _DIRECT,
        shared=True,
    ),
    _Rule(
        "the cause",
        1.6,
        _words(
            rf"{_DOUBT} {_IT}(?:'s| is| would be|'d be) (?:\w+ )?(?:the |an? )?"
            r"(?:issue|problem|cause|reason)\b(?! but)",
            rf"^(?:\w+,? )?{_IT}(?:'s| is) (?:\w+ly )?not (?:the )?"
            r"(?:issue|problem|cause|reason)\b",
        ),
        _CAUSE,
        _DIRECT,
    ),
    _Rule(
        "a bug or not",
        1.6,
        _words(
            r"\b(?:not|isn't) (?:\w+ly |quite )?an? (?:\w+ )?bug\b",
            r"^(?:status: )?not a bug\b",
            r"\b(?:not|isn't) (?:an? )?(?:\w+ )?(?:bug|issue|problem) (?:with|in) (?!this)",
            rf"{_DOUBT} {_IT}(?:'s| is) an? (?:\w+ )?bug\b|\bworking as (?:intended|designed)\b",
            rf"^(?:\w+,? )?{_IT}(?:'s| is| works| behaves) (?:\w+ly )?(?:by design|as (?:intended|"
            r"designed)|(?:the )?(?:expected|intended|intentional|deliberate)\b)",
        ),
        _FAULT,
        _OPENED,
    ),
    _Rule(
        "the same or not",
        1.6,
        _words(
            rf"\b(?:not|isn't) {_LY}(?:an? )?(?:exact )?(?:duplicated?|dupe)\b",
            rf"{_DOUBT} {_IT}(?:'s| is) (?:an? )?(?:\w+ )?(?:duplicated?|dupe|the same)\b",
            rf"\b(?:not|isn't) {_LY}the same (?:\w+ )?(?:issue|bug|problem|thing|error)\b",
            rf"\b{_IT}(?:'s| is| seems| looks like) (?:\w+ )?an? (?:\w+ )?"
            r"different (?:issue|bug|problem)\b",
        ),
        _SAME,
        _THREAD,
    ),
    _Rule("closed or not", 1.6, _REOPEN, _CLOSED, _THREAD),
    _Rule("fixed or not", 1.6, _words(*_STILL), _DONE, _THREAD),
    _Rule(
        "works or not",
        1.4,
        _words(
            *_STILL,
            r"\b(?:doesn't|does not|didn't|did not|not) work(?:ing)? "
            r"(?:for (?:me|us)|here|at all)\b",
        ),
        _FINE,
        _DIRECT,
    ),
    _Rule(
        "works or not",
        1.4,
        _words(
            rf"^(?:\w+,? )?(?:(?:{_IT}|mine|same version) )?works? "
            r"(?:fine |well |great |perfectly )?(?:for me|here|on my)\b(?! (?:now|after|again))",
            r"\b(?:can't|cannot|can not|couldn't|could not|unable to|not able to) (?:\w+ )?"
            r"reproduce (?:this|it|the (?:issue|bug|problem))\b",
        ),
        _BREAKS,
        _OPENED,
    ),
    _Rule(
        "wanted or not",
        1.6,
        _words(
            r"\bwe (?:\w+ )?(?:depend|rely) on (?:this|it|that)\b",
            r"\b(?:leave|keep) (?:it|this) (?:as|the way) (?:it|this)\b",
            r"\b(?:strongly|very much) against (?:this|it|that)\b",
        ),
        _REMOVAL,
        _OPENED,
        asked=True,
    ),
    _Rule(
        "wanted or not",
        1.6,
        _words(
            r"\bplease (?:don't|do not) (?:\w+ )?(?:change|remove|drop|add|make|deprecate|merge)\b",
            r"\bshould(?:n't| not) (?:be (?:(?:the|a) default|removed|changed))\b",
            r"\bshould(?:n't| not) (?:remove|change|drop|add)\b",
            r"\b(?:i|we)(?:'d| would) (?:much |really )?rather (?:not|keep)\b",
            r"\b(?:i|we)(?:'d| would) (?:much )?prefer (?:not to|to keep)\b",
            rf"{_DOUBT} (?:we|you) (?:should|need|want)\b",
            r"\bdon't see why (?:we|you|anyone) (?:\w+ )?needs?\b",
        ),
        _WISH,
        _OPENED,
        shared=True,
        asked=True,
    ),
    _Rule(
        "wanted or not",
        1.6,
        _words(
            r"\b(?:we|i)(?:'re| are|'m| am)? (?:won't|will not|not going to|not planning to"
            r"|(?:currently )?have no plans? to) (?:be )?"
            r"(?:add|make|implement|support|merge|accept|reopen)\w*\b",
            r"\bno plans? to (?:add|implement|support)\b",
            r"\bnot something we(?:'d| would| will| want| are)",
        ),
        _WISH,
        _OPENED,
        asked=True,
    ),
)

_HINT = _words(
    r"n't|\b(?:no|nope|nah|not|never|cannot|doubt|against|object|oppos|disagree|differ|contrary)",
    r"\b(?:opposite|wrong|mistaken|incorrect|false|nonsense|weak|why would|actually|well|purpose)",
    r"\b(?:bad idea|design|intended|expected|intentional|deliberate|unable|depend|rely|rather)",
    r"\b(?:still|persist|remain|exists|re-?open|works?|prefer|leave|keep)|^-1",
)
"""What no contradiction is without: looked for first, since most sentences have none of it."""
_HEDGED = _words(
    r"\bif (?:i'm|i am|that's|this|that is|it's|it is|you are|you're) "
    r"(?:\w+ )?(?:wrong|mistaken|not)",
    r"\b(?:if|whether|when)\b.{0,80}\b(?:still|persists?|remains)\b|\bforgive\b|\bnot mistaken\b",
    r"\b(?:let me know|update here|correct me|in case|unless)\b|\bnot (?:\w+ )?(?:a )?bad idea\b",
    r"\bi (?:\w+ )?agree\b|\byou're right\b|\bagreed\b|\beither\b|\bbut (?:it|it's) possible\b",
)
"""What takes a contradiction back, or makes it a condition."""


_PLEADS = _words(r"\bwhy would\b", r"\bre-?open")
"""Questions that contradict all the same."""
_OPEN = _words(
    r"\b(?:until|once|whether|not sure|hopefully)\b|^(?:if|when) |\bif (?:there|it|this)\b",
    r"\bi (?:\w+ )?(?:tried|was|had|did|found)\b(?! (?:that|what|a bug|not work))|:$",
)
"""What is no claim yet: a condition, an attempt, or the announcement of what follows."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    low: str
    stems: frozenset[str]

    @property
    def asks(self) -> bool:
        return self.text.endswith("?")


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
    claims: dict[int, tuple[_Said, _Sentence]] = field(default_factory=dict)
    """The last claim for each rule that reaches over a whole thread, by its place in `_RULES`."""

    def add(self, said: _Said) -> None:
        """Take in a post that is later than all before."""
        if self.last and self.last.post.author != said.post.author:
            self.other = self.last
        self.opener, self.last = self.opener or said, said
        self.by_id[said.post.external_id] = said
        self.by_author[(said.post.author or "").lower()] = said
        for sentence in said.own:
            if key := _key(sentence.low):
                self.quotable.setdefault(key, (said, sentence))
            for number, rule in enumerate(_RULES):
                if "thread" in rule.ties and _claims(rule, sentence):
                    self.claims[number] = (said, sentence)

    def before(self, author: str | None) -> _Said | None:
        """The last post by somebody else."""
        return self.last if self.last and self.last.post.author != author else self.other


def sharpest(
    posts: Iterable[Post], readings: Mapping[str, Reading] | None = None
) -> Dissent | None:
    """The sharpest disagreement inside the threads of some posts, or None, which is usual.

    See `dissents`.
    """
    return next(iter(dissents(posts, readings)), None)


def dissents(posts: Iterable[Post], readings: Mapping[str, Reading] | None = None) -> list[Dissent]:
    """The sharpest disagreement of each thread that has one, the sharpest first.

    `posts` are openers and replies of any threads, in any order, as far as the reader may see
    them. Bots, unknown authors, and threads of which a post looks like an undisclosed
    vulnerability are left out; `readings`, by key, save the looking. Takes time in proportion to
    the length of the posts, of which the first few thousand characters are read.
    """
    known = readings or {}
    best = ((_of_thread(thread), thread) for thread in _threads(posts))
    found = (dissent for dissent, thread in best if dissent and not _secret(thread, known))
    return sorted(
        found, key=lambda d: (-d.sharpness, d.against.post.created_at, d.against.post.key)
    )


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


def _secret(thread: Sequence[Post], readings: Mapping[str, Reading]) -> bool:
    """Whether any post of a thread looks like an undisclosed vulnerability."""
    return any(
        (readings[post.key].sensitive if post.key in readings else sensitive(post)) is not None
        for post in thread
    )


def _of_thread(posts: Sequence[Post]) -> Dissent | None:
    """The sharpest disagreement of one thread; between equals the one that came first."""
    thread = _Thread()
    best: Dissent | None = None
    for post in posts:
        if post.role is Role.BOT or post.author is None:
            continue
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
        low = text.lower().replace("\u2019", "'")
        if (known := quotable.get(_key(low))) and known[0].post.author != post.author:
            quoted.append(known)
            continue
        if quoted:
            said.answers[len(said.own)], quoted = quoted, []
        said.own.append(_Sentence(text, low, _stems(low)))
    return said


_END = re.compile(r"(?<=[.!?])[\"')\u201d\u2019]?\s+|\n+")
_WORD = re.compile(r"[^\W_][\w.#/-]*[\w#]|[^\W_]")


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


def _plain(text: str) -> bool:
    """Whether a line is a sentence and no code, log or list of numbers."""
    letters = sum(c.isalpha() or c in " ',.\u2019" for c in text)
    long_enough = len(text) >= _SHORTEST or text.startswith("-1")
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


def _claims(rule: _Rule, sentence: _Sentence) -> re.Match[str] | None:
    """What a rule's contradiction can be said against; never a question, nor one itself."""
    words = rule.claim.search(sentence.low)
    if not words or (sentence.asks and not rule.asked) or rule.against.search(sentence.low):
        return None
    short = sentence.low.count(" ") < _WORDS - 1
    return None if short or _OPEN.search(sentence.low) else words


def _against(said: _Said, thread: _Thread) -> Iterator[Dissent]:
    """Everything that a post contradicts."""
    for place, sentence in enumerate(said.own):
        if not _HINT.search(sentence.low) or (sentence.asks and not _PLEADS.search(sentence.low)):
            continue
        for number, rule in enumerate(_RULES):
            match = rule.against.search(sentence.low)
            if match and not _HEDGED.search(sentence.low):
                yield from _pairs(said, place, number, match, thread)


def _pairs(
    said: _Said, place: int, number: int, match: re.Match[str], thread: _Thread
) -> Iterator[Dissent]:
    """What one contradiction can be set against."""
    rule, sentence = _RULES[number], said.own[place]
    denied = _stems(sentence.low[match.end() :])
    for whose, claim, tie in _answered(said, place, number, thread):
        if tie not in rule.ties or not (words := _claims(rule, claim)):
            continue
        if rule.shared and denied and not denied & claim.stems:
            continue
        shared = sorted(claim.stems & sentence.stems)
        yield Dissent(
            Side(whose.post, claim.text),
            Side(said.post, _quote(said, place)),
            rule.over,
            round(rule.weight + _TIES[tie] + 0.2 * min(len(shared), 4), 2),
            (match[0], words[0], tie, *shared),
        )


def _quote(said: _Said, place: int) -> str:
    """A sentence, with the next one where it is short."""
    text = said.own[place].text
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
    if claim := thread.claims.get(number):
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
