"""Words that name a part of a product, and words that look so and name none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.forms import title_of
from bot.understand.keywords import STOP_WORDS, TOKEN, stem

Stems = tuple[str, ...]

_NAME = re.compile(r"/?[^\W\d_][^_]*[^\W_]")
"""What can name something, of words: no letter alone, no number, and no `name_in_code`."""
READ = 400
"""Characters of a text that are looked at."""

FAMILY = re.compile(
    r"^(?:area|component|comp|module|mod|pkg|package|plugin|subsystem|scope|topic|team|feature"
    r"|product|lib|library|crate|domain|integration|section|extensions?|ext|app|service|viz)s?"
    r"\s*[:/]\s*(?=\S)",
    re.IGNORECASE,
)
"""How trackers begin the labels that name a part: "area:mcp", "component/parser", "pkg: cli"."""
NO_PART = frozenset(
    """
    announcements bug bugs community core dependencies development discussion docs documentation
    duplicate enhancement external feature general good help idea ideas in progress invalid issue
    jobs meta misc needs oncall other question questions r regression release releases request
    requests roadmap self hosted showcase site solved stale support tips triage uncategorized
    usage v wontfix
    """.split()  # noqa: SIM905 a list of sixty quoted words is no easier to read
)
"""Words of categories and tags that say what kind of post it is, or nothing at all."""
LOGGED = re.compile(r"\b(?:\w+ )?api errors?\b(?: occurred)?", re.IGNORECASE)
"""What a program says of any failure: it tells nothing of the part that failed."""
TROUBLE = frozenset(
    map(
        stem,
        """
        ability able access actual add added adding allow already anthropic api-error app apps ask
        bad based bad behavior best better big bit break breaks broken bug bugs build built call
        cause change changes check close code coding command complete config connect connection
        correct crash crashes create created creating current data day days default delete detail
        details different display does easy edit enable environment error errors exist expected
        experience fail failed failing fails failure false feature features feedback figure file
        files find fine fix fixed fixes follow found free full game guide happen happening hard
        help hit hope hour hours idea image improve include incorrect info input instead invalid
        issue issues know latest line list local long love main make making megathread message
        messages minutes miss missing mode month months move multiple name new not number old open
        option output page people persist play please post problem problems product project
        projects question questions reason recent release remove report request requests require
        result results return run running save seem server set setup share show showing similar
        simple single slow source start started state status step steps stop stuck summary support
        system tell test testing text thing time times title today tool tools tried trouble true
        try trying turn type unable update updated upgrade use user users using value version view
        wait way week weeks work working works world worth write wrong year years question vs
        windows macos mac linux ubuntu platform install installation module import
        compare comparison discussion thoughts finally amazing great good awesome ai llm
        block blocked creative exception fetch handler internal invalid missing null orphaned
        promise rejected rejection spawn timeout timed traceback undefined unexpected unhandled
        directory folder location max path plus premium pro vibe web
        """.split(),  # noqa: SIM905 as above
    )
)
"""Words of troubles, wishes and talk, which name no part of any product when they stand alone."""


def parts_of(labels: Sequence[str]) -> frozenset[str]:
    """The parts of the product that a post's labels name."""
    return _tidy(FAMILY.sub("", label) for label in labels if FAMILY.match(label))


def topics_of(tags: Sequence[str]) -> frozenset[str]:
    """The parts of the product that a post's category and tags name."""
    return frozenset(
        topic for topic in _tidy(tags) if NO_PART.isdisjoint(topic.replace(",", "").split())
    )


def _tidy(names: Iterable[str]) -> frozenset[str]:
    """In lower case, with blanks between the words."""
    plain = (" ".join(re.split(r"[\s_-]+", name.casefold())).strip() for name in names)
    return frozenset(name for name in plain if name)


def headline_of(text: str) -> str:
    """The first line, without what trackers put before it."""
    return title_of(text[:READ].split("\n", 1)[0])


def written(text: str) -> dict[Stems, str]:
    """The words and pairs of words that can name something, by their stems."""
    found: dict[Stems, str] = {}
    before: tuple[str, str] | None = None
    for token in TOKEN.findall(LOGGED.sub("|", text)):
        low = token.casefold()
        if low in STOP_WORDS or not _NAME.fullmatch(low):
            before = None
            continue
        own = stem_of(low)
        found.setdefault((own,), token)
        if before and before[0] != own:
            found.setdefault((before[0], own), f"{before[1]} {token}")
        before = (own, token)
    return found


def stems_of(name: str) -> Stems:
    """What a name is known by, however it is written."""
    return tuple(stem_of(word.casefold()) for word in name.split())


def stem_of(word: str) -> str:
    """A word in lower case without its ending: "query" for "queries", too."""
    return stem(f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word)  # noqa: PLR2004 "dies" is no plural
