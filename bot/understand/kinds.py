"""What kind of post it is, whether it complains, about what and how strongly: no language model.

What is certain decides first: the tracker's own label, then the prefix of the title. Then a head:
the project's own where its tracker has labels enough to learn from, else the general one, which
comes with the product. The words of a post (`cue_weights`) are weighed in beside the general head.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.model import Basis, Criterion, Ground, Intent, Post, Reading, Role
from bot.understand.classify import START, cue_weights, prefixed
from bot.understand.complaint import hurts
from bot.understand.criteria import grounds, sensitive
from bot.understand.heads import Head, Sample, fit, load, sample_of, together
from bot.understand.language import language_of
from bot.understand.spots import Cue, Parts, parts_of

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Heads:
    """The general heads, and the projects' own by venue."""

    kinds: Head
    complaint: Head
    own: Mapping[str, Head]


_PRESENTED = re.compile(
    r"^\W*(?:(?:show|launch) hn\b|introducing\b|announcing\b"
    r"|(?:i|we)(?:['\u2019]ve| have)?(?: just)? (?:built|created|released|open.?sourced)\b"
    r"|(?:i|we)(?:['\u2019]ve| have)?(?: just)? (?:made|wrote)\b(?! (?:a |this )?(?:mistake|bad)))",
    re.IGNORECASE,
)
"""A title that shows what its author made."""

_CUE_WEIGHT = 0.3
"""A point of `cue_weights` against the general head's log-odds."""
_SPAM = 0.7
"""Spam hides a post: to be called that takes more than being the likeliest."""

LEAST = 30
"""Labelled posts that a kind needs for a project's own head to know it."""
MOST = 500
"""The newest labelled posts are learnt from, no more: twice as many gain less than 0.005 of macro
F1 and take half a second longer."""


@cache
def general() -> Heads:
    """The heads that come with the product."""
    return Heads(load(DATA / "kinds.npz"), load(DATA / "complaint.npz"), {})


_AREA = re.compile(
    r"^(?:area|component|module|topic|scope|lang\w*|platform|os|a|c)\s*[:/]|^r/", re.IGNORECASE
)
_LABELS = (
    (None, r"\b(?:not|no|non)[ _-]?(?:a[ _-])?bug|invalid|wont ?fix|duplicate"),
    (Intent.SPAM, r"\bspam\b"),
    (Intent.ANNOUNCEMENT, r"\b(?:announce|announcement|release notes)\b"),
    (Intent.BUG, r"\b(?:bug|defect|regression|crash)"),
    (Intent.REQUEST, r"\b(?:enhancement|feature|improvement|idea|proposal|wish|feat\b)"),
    (Intent.QUESTION, r"\b(?:question|support\b|how.?to|usage|help$|q&a)"),
    (Intent.DISCUSSION, r"\b(?:discussion|rfc)\b"),
)
_NAMES = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _LABELS)


def kind_of(labels: Sequence[str]) -> Intent | None:
    """The kind that a tracker's labels name; None where they name none, or two.

    A label names a kind if a word of it starts like one of the usual names, whatever stands
    before it ("bug", "type: bug", "kind/bug", "C-bug", "confirmed-bug"). Labels of areas, and
    what says that a report is void, name none.
    """
    named = {_named(label) for label in labels} - {None}
    return named.pop() if len(named) == 1 else None


def _named(label: str) -> Intent | None:
    if _AREA.search(label):
        return None
    words = label.replace("_", " ")
    return next((kind for kind, pattern in _NAMES if pattern.search(words)), None)


def own_head(posts: Sequence[Post], rows: NDArray[np.float32]) -> Head | None:
    """A project's own head, learnt from the labels of its tracker; None with too few of them.

    `posts` are of one venue, `rows` their embeddings, in order. Takes only openers with labels
    that name one kind, and only kinds that at least `LEAST` of them have. Deterministic.
    """
    named = [(post, row, kind_of(post.labels)) for post, row in zip(posts, rows, strict=True)]
    known = [(post, row, kind) for post, row, kind in named if kind and not post.parent_id]
    counts = Counter(kind for _, _, kind in known)
    known = [(post, row, kind) for post, row, kind in known if counts[kind] >= LEAST]
    known.sort(key=lambda entry: (entry[0].created_at, entry[0].key))
    known = known[-MOST:]
    if len({kind for _, _, kind in known}) < 2:  # noqa: PLR2004 one kind is no choice
        return None
    samples = [_sample(parts_of(post), row) for post, row, _ in known]
    return fit(samples, [kind for _, _, kind in known])


def judge(post: Post, row: NDArray[np.float32], heads: Heads) -> Reading:
    """What a post is. Pure; `row` is its embedding. Team and bots never complain."""
    return judge_all([post], row[None], heads)[0]


def judge_all(posts: Sequence[Post], rows: NDArray[np.float32], heads: Heads) -> list[Reading]:
    """What each post is, in their order: as `judge` says of each, but faster than one by one.

    `rows` are their embeddings: (posts, dims).
    """
    if not posts:
        return []
    parts = [parts_of(post) for post in posts]
    samples = [_sample(each, row) for each, row in zip(parts, rows, strict=True)]
    seen = together(samples)
    own = _own_kinds(posts, samples, heads)
    kinds = heads.kinds.chances(seen)
    said = likeliest(parts, heads.kinds, kinds)
    chances = zip(
        heads.complaint.chances(seen)[:, heads.complaint.classes.index("yes")].tolist(),
        kinds[:, heads.kinds.classes.index(Intent.BUG)].tolist(),
        strict=True,
    )
    languages = [language_of(post.title, post.text) for post in posts]
    return [
        _judge(
            post,
            each,
            _kind(post, own.get(place), said[place], languages[place]),
            pain,
            languages[place],
        )
        for place, (post, each, pain) in enumerate(zip(posts, parts, chances, strict=True))
    ]


def _judge(
    post: Post,
    parts: Parts,
    found: tuple[Intent, Basis],
    pain: tuple[float, float],
    language: str | None,
) -> Reading:
    """`pain` is how likely the heads call it a complaint, and how likely a bug."""
    kind, basis = found
    complaint = post.role is Role.USER and hurts(post, parts, kind, *pain)
    met = grounds(post, parts) if complaint or kind is Intent.BUG else ()
    strength = _strength(parts, kind, met) if complaint else 0
    about = _about(parts.bare.text) if complaint else ""
    return Reading(kind, strength, about, met, sensitive(post, parts), basis, language)


def _sample(parts: Parts, row: NDArray[np.float32]) -> Sample:
    """What a head sees of a post: not what trackers put in front of a title."""
    return sample_of(parts.bare, parts.text, row)


def _own_kinds(posts: Sequence[Post], samples: Sequence[Sample], heads: Heads) -> dict[int, Intent]:
    """What the projects' own heads make of the openers among the posts, by place."""
    found: dict[int, Intent] = {}
    for venue, head in heads.own.items():
        places = [place for place, post in enumerate(posts) if post.venue == venue and post.opens]
        if places:
            chances = head.chances(together([samples[place] for place in places]))
            best = chances.argmax(axis=1).tolist()
            found |= {p: Intent(head.classes[b]) for p, b in zip(places, best, strict=True)}
    return found


def _kind(
    post: Post, own: Intent | None, general: Intent, language: str | None
) -> tuple[Intent, Basis]:
    if labelled := kind_of(post.labels):
        return labelled, Basis.LABEL
    if titled := prefixed(post.title):
        return titled, Basis.TITLE
    if _PRESENTED.search(post.title):
        return Intent.ANNOUNCEMENT, Basis.TITLE
    kind, basis = (general, Basis.GENERAL) if own is None else (own, Basis.OWN)
    if kind is not Intent.BUG and language not in {"en", None}:
        # Heads know English. Errors and code are English everywhere, so what they call a bug in
        # another language is one; the rest of what they say is no better than chance.
        kind = Intent.DISCUSSION
    return kind, basis


def likeliest(
    parts: Sequence[Parts],
    head: Head,
    chances: NDArray[np.float32],
    among: Collection[Intent] = frozenset(Intent),
) -> list[Intent]:
    """For each post the kind that the general head and the words of the post favour together.

    `chances` are what the head gives each class: (posts, classes).
    """
    odds = np.log(chances + 1e-9)
    for row, each in zip(odds, parts, strict=True):
        for intent, weight in cue_weights(each.title, each.text).items():
            if weight:
                row[head.classes.index(intent)] += _CUE_WEIGHT * weight
    spam = head.classes.index(Intent.SPAM)
    odds[chances[:, spam] < _SPAM, spam] = -np.inf
    odds[:, [name not in among for name in head.classes]] = -np.inf
    return [Intent(head.classes[best]) for best in odds.argmax(axis=1)]


_ANGRY = Cue(
    (
        "atro awfu bull disg exto fed fuck furi garb hate holy horr infu insa nigh path refu ridi "
        "rip* scam shit terr unac unus usel wors wtf"
    ),
    r"\b(?:terrible|awful|horrible|useless|unusable|garbage|pathetic|atrocious|infuriating|insane"
    r"|ridiculous|unacceptable|nightmare|scam\w*|rip.?off|refund|worst|hate|fed up|furious"
    r"|disgust\w*|disgrace\w*|wtf|extort\w*|shit\w*|fuck\w*|bullshit|holy)\b|!!!",
    marks=("!!!",),
)
_STOPPING = Cue(
    (
        "brok can cann cras does erro fail free hang inco lost miss neve not sile stop stuc time "
        "unab wron"
    ),
    r"\b(?:crash|fail|hang|freez|stuck|broke|broken|error|not work|doesn['\u2019]t work|cannot"
    r"|unable|can['\u2019]t|never|stop(?:s|ped)|wrong|incorrect|silently|missing|lost|timeout"
    r"|times? out)",
)
_HARM = {Criterion.DATA_LOSS, Criterion.SECURITY}


def _strength(parts: Parts, kind: Intent, met: Sequence[Ground]) -> int:
    angry = parts.bare.has(_ANGRY) or parts.text.has(_ANGRY, START)
    if angry or any(ground.criterion in _HARM for ground in met):
        return 3
    stopped = parts.bare.has(_STOPPING) or (kind is Intent.BUG and parts.title.text)
    return 2 if met or stopped else 1


_WORD = r"[\w'\u2019./@#-]+"
_THING = rf"(?P<thing>(?:the |my |our |an? )?{_WORD}(?: {_WORD}){{0,3}}?)"
_FAILS = (
    r"(?:(?:is|are|was|were)(?! (?:good|great|the|a|an|my)\b)|has become|became|got|gets|keeps?"
    r"|(?:does|do|wo|ca|is)(?: not|n['\u2019]t)|cannot|not working|crash(?:es|ed|ing)?"
    r"|fail(?:s|ed|ing)?|hangs?|freezes|stopped|no longer|broken|ignores?|loses?|lost|deletes?"
    r"|deleted|leaks?|breaks?|overwrites?|returns?|shows?|missing|stuck)"
)
_ABOUT = (
    re.compile(
        rf"\b(?:trouble|problems?|issues?|disappointed|frustrated|bug|fed up|error) (?:with|in)"
        rf" {_THING}(?=[,.;:!?(]|$| (?:on|when|after|in|since|and|for|is|at|while)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:hate|sick of|tired of) {_THING}(?=[,.;:!?(]|$| (?:on|when|after|in|since|and)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:why (?:is|are|does|do) |is |are ){_THING} (?:so|down|broken|getting|not|always|keep"
        r"|that|suddenly|constantly|now)\b",
        re.IGNORECASE,
    ),
    re.compile(rf"^{_THING} {_FAILS}\b", re.IGNORECASE),
)
_NO_THING = re.compile(
    r"^(?:i|it|this|that|there|he|she|they|we|you|what|who|how|why|when|where|any\w*|every\w*|no"
    r"|not|nobody|some\w*|is|are|if|after|since|unable|cannot|error|and|but|so|here|just|to|does"
    r"|do|did|can|getting|has|have|please|for|prevent)\b|^(?:my|the|an?|user|users)$",
    re.IGNORECASE,
)


def _about(title: str) -> str:
    """The thing that a title says is troubled: short, and only where the grammar is plain."""
    for pattern in _ABOUT:
        if match := pattern.search(title):
            thing = re.sub(r" (?:\w+ly|just|get|sometimes?)$", "", match["thing"]).strip(
                " .'\u2019-"
            )
            return "" if _NO_THING.search(thing) else thing
    return ""
