"""Where and by whom, in a plain question: sources, venues, languages, authors and labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from string import ascii_lowercase

from bot.speak.draft import BEFORE, BEHIND, ENDS, MARK, POSTS, Draft, Pattern, whole
from bot.speak.languages import language_name
from bot.speak.moments import VERSION
from bot.speak.subject import DROPPED

_SOURCES = {
    "github": r"git ?hub|(?:the |our )?(?:issue |bug )?tracker",
    "reddit": r"reddit|(?:the )?subreddits?",
    "hackernews": r"hacker ?news|hn",
    "discourse": r"(?:the |our )?forums?|discourse",
    "stackexchange": r"stack ?(?:overflow|exchange)",
    "rss": r"(?:the |our )?(?:rss|rss feeds?|feeds|blogs?)",
    "slack": r"(?:the |our )?slack",
    "zulip": r"(?:the |our )?zulip",
    "x": r"twitter|(?-i:X)",
    "mail": r"(?:the |our )?(?:mailing[ -]?lists?|mail)",
}
_ELSEWHERE = (
    r"mastodon|discord|lemmy|bluesky|linkedin|youtube|tiktok|facebook|instagram|threads|telegram"
    r"|gitter|matrix|irc|lobste\.?rs|lobsters|quora|medium|dev\.to|gitlab|bitbucket|jira"
    r"|product ?hunt|trustpilot|g2|whatsapp|wechat|weibo|the app store|the play store|app reviews"
)
"""Places that people talk in and that no source of ours reads."""
_ANY = "|".join(f"(?:{pattern})" for pattern in (*_SOURCES.values(), _ELSEWHERE))
_AND = r"(?:\s*,\s*(?:and |or )?|\s+(?:and|or)\s+(?:on |in |from )?|\s*[/&]\s*)"
LIST = rf"(?:{_ANY})(?:{_AND}(?:{_ANY}))*"
IN = r"(?:over on|on|in|from|at|via|across|of)"
_SPEAK = (
    r"(?:say|says|saying|said|think|thinks|thinking|complain\w*|talk\w*|wants?|likes?|loves?|hates?"
    r"|mention\w*|ask\w*|report\w*)"
)
_NAME = r"[A-Za-z0-9](?:[\w.-]*\w)?"

_ON_SOURCES = Pattern(
    rf"{BEFORE}(?:(?:also|too) )?{IN} (?:the )?(?P<names>{LIST})(?:'s)?"
    rf"(?: (?:site|channels?|community|crowd|folks|users|people|posts|threads|comments))?"
    rf"{BEHIND}{ENDS}"
)
_OF_SOURCES = whole(rf"(?P<names>{LIST})(?:'s)?(?=\s+(?:biggest |top |worst )?{POSTS}\b)")
_SOURCES_SAY = whole(rf"(?P<names>{LIST})(?=\s+{_SPEAK}\b)")
_AND_SOURCES = Pattern(rf"{MARK}\s+(?:and|or) (?:on |in )?(?P<names>{LIST}){BEHIND}")
_GITHUB_ISSUES = whole(r"github issues")

_SUBREDDIT = re.compile(
    rf"{BEFORE}(?:{IN} )?(?:the )?(?P<name>r/\w{{2,30}})(?: subreddit)?{BEHIND}", re.IGNORECASE
)
_CHANNEL = re.compile(
    r"(?<!\S)(?:in|on|from) (?:the )?(?P<name>#[A-Za-z][\w-]*)(?: channel)?", re.IGNORECASE
)
_REPOSITORY = re.compile(
    rf"{BEFORE}(?:{IN} |for )?(?:the )?(?P<name>[\w.-]+/[\w.-]*\w)(?P<repo> repo(?:sitory)?)?"
    rf"{BEHIND}",
    re.IGNORECASE,
)
_NAMED_REPO = whole(rf"{IN} (?:the )?(?P<name>{_NAME}) repo(?:sitory)?")
_OTHER_REPO = Pattern(
    rf"{BEFORE}(?:in|from) (?:the )?(?P<name>[A-Za-z][\w-]*/[A-Za-z][\w-]*){BEHIND}{ENDS}"
)

_LANGUAGES = {
    name.lower(): code
    for code in map("".join, product(ascii_lowercase, repeat=2))
    if (name := language_name(code)) != code
}
LANGUAGE = "|".join(_LANGUAGES)
"""The names of languages, as one pattern."""
_IN_LANGUAGE = Pattern(
    rf"{BEFORE}(?:written )?in (?P<names>(?:{LANGUAGE})(?:{_AND}(?:{LANGUAGE}))*){BEHIND}{ENDS}"
)
_OF_LANGUAGE = Pattern(
    rf"{BEFORE}(?P<non>non-)?(?P<names>{LANGUAGE})(?:[- ](?:speaking|language))?(?=\s+{POSTS}\b)"
)

_NOBODY = frozenset(
    """
    a accident all an any anybody anyone are area at bots chance customers day default design
    developers devs each everybody everyone far folks hand her him his how it its itself kind
    language law maintainers many me mistake more most much my myself nature no nobody now one
    our ours people person persons place reading running someone source team that the their them
    theme themselves these they this those time topic trying u us user users using venue version
    week what which who whom you your
    """.split()  # noqa: SIM905 a list of quoted words is no easier to read
)
_SAID = (
    r"(?:posts?|written|posted|reported|said|opened|filed|raised|asked|started|made|something"
    r"|anything|everything|stuff|that)"
)
_HANDLE = r"@?[A-Za-z0-9](?:[\w.-]*\w)?"
_BY = re.compile(
    rf"(?:(?<=\s)|^)(?:(?P<said>{_SAID}|{POSTS}) )?(?P<by>by|from) "
    rf"(?P<names>{_HANDLE}(?:{_AND}{_HANDLE})*){BEHIND}",
    re.IGNORECASE,
)
_WRITTEN = whole(rf"{_SAID}|{POSTS}")
_DONE = re.compile(r"(?:ed|en|hit|hurt|run|shown|thrown|done|made|sent|put) $", re.IGNORECASE)
"""Before "by" somebody or something that did it, and did not write it: "caused by webpack"."""
_DID = re.compile(
    rf"\b(?:did|does|has) (?P<name>@?(?!(?:{'|'.join(sorted(_NOBODY | DROPPED))})\b)"
    r"[A-Za-z0-9][\w-]*) "
    r"(?:say|write|report|complain|post|ask|file|open|want|said|written|reported|posted|asked"
    r"|filed)\b",
    re.IGNORECASE,
)
_VALUE = r'(?:"(?P<quoted>[^"]+)"|(?P<bare>[^\s,;?!"]*[^\s,;?!".]))'
_LABELLED = re.compile(
    rf"{BEFORE}(?:that (?:are|is) |which (?:are|is) )?"
    rf"(?:labell?ed(?: as| with)?|tagged(?: as| with)?|with (?:the )?(?:label|tag)) {_VALUE}",
    re.IGNORECASE,
)
_SHORT = 2
"""Letters of an abbreviation at most, where it is not in capitals."""
_LITTLE = r"(?:by|an?|any|the|which|every|each|this|that|what|per|of|in|is|are|with|and|or)\b"
_AREA = whole(
    rf"(?:{IN} )?(?:the )?area (?:of )?(?P<after>(?!{_LITTLE}){_NAME})"
    rf"|(?:{IN}|for) (?:the )?(?P<before>(?!{_LITTLE}){_NAME}(?: {_NAME}){{0,2}}) area"
)
_SORTED = whole(
    r"(?:by|per|for each) (?P<what>area|source|venue|version|day|week|month|theme|label|language"
    r"|person|author)"
)
_THEME = re.compile(
    rf"{BEFORE}(?:(?:in|of|about|from|to) )?"
    rf"(?:theme T?(?P<number>\d{{1,6}})|(?:theme )?(?-i:T(?P<id>\d{{1,6}}))){BEHIND}",
    re.IGNORECASE,
)


def sources_of(names: str) -> list[tuple[str, str | None]]:
    """Each name of a list with the source that it means, None for a place that is read by none."""
    said = (name.strip() for name in re.split(_AND, names))
    return [(name, _source(name)) for name in said]


def _source(name: str) -> str | None:
    fitting = (s for s, said in _SOURCES.items() if re.fullmatch(said, name, re.IGNORECASE))
    return next(fitting, None)


def venues(draft: Draft) -> None:
    """Subreddits, channels, repositories and whatever else is known as a place."""
    for pattern in (_SUBREDDIT, _CHANNEL):
        for match in draft.take(pattern):
            draft.more("venues", _known(match["name"], draft))
    for match in list(_REPOSITORY.finditer(draft.text)):
        if match["repo"] or _is_known(match["name"], draft):
            draft.text = draft.text.replace(match[0], f" {MARK} ", 1)
            draft.more("venues", _known(match["name"], draft))
    for venue in sorted(draft.at.venues, key=len, reverse=True):
        if venue.casefold() in draft.text.casefold():
            _known_venue(draft, venue)
    _named_repositories(draft)


def _known_venue(draft: Draft, venue: str) -> None:
    """A place by its whole name; one that looks like a word only after "in" or "on"."""
    if any(re.fullmatch(pattern, venue, re.IGNORECASE) for pattern in _SOURCES.values()):
        return  # "Hacker News" is a source
    optional = "?" if re.search(r"\w[/.]\w", venue) else ""
    ends = "" if optional else ENDS
    pattern = rf"{BEFORE}(?:(?:{IN}|for) ){optional}(?:the )?{re.escape(venue)}{BEHIND}{ends}"
    for _ in draft.take(re.compile(pattern, re.IGNORECASE)):
        draft.more("venues", venue)


def _named_repositories(draft: Draft) -> None:
    for match in draft.take(_NAMED_REPO):
        name = match["name"].casefold()
        same = [v for v in draft.at.venues if v.casefold().rpartition("/")[2] == name and "/" in v]
        if len(same) == 1:
            draft.more("venues", same[0])
        else:
            draft.lose(match["name"])
    for match in list(_OTHER_REPO.compiled.finditer(draft.text)):
        if not _abbreviates(match["name"]):
            draft.text = draft.text.replace(match[0], f" {MARK} ", 1)
            draft.lose(match["name"])


def _abbreviates(name: str) -> bool:
    """Whether `a/b` is a subject, as CI/CD and ui/ux are, and no repository nobody knows."""
    parts = name.split("/")
    return any(part.isupper() for part in parts) or all(len(part) <= _SHORT for part in parts)


def _is_known(name: str, draft: Draft) -> bool:
    return name.casefold() in {venue.casefold() for venue in draft.at.venues}


def _known(name: str, draft: Draft) -> str:
    """A place as it is known, whatever case it was written in."""
    return next((v for v in draft.at.venues if v.casefold() == name.casefold()), name)


def sources(draft: Draft) -> None:
    """Whole kinds of places: "on Reddit", "HN complaints", "what does the forum say"."""
    for _ in draft.take(_GITHUB_ISSUES):
        draft.more("sources", "github")
        draft.more("kinds", "issue")
    for pattern in (_ON_SOURCES, _OF_SOURCES, _SOURCES_SAY, _AND_SOURCES):
        for match in draft.take(pattern):
            for name, source in sources_of(match["names"]):
                if source is None or not _fits(source, draft):
                    draft.lose(name)
                else:
                    draft.more("sources", source)


def _fits(source: str, draft: Draft) -> bool:
    """Whether a source can be asked for beside the venues: both must hold at once."""
    within = {_source_of(venue) for venue in draft.query.venues}
    return not within or None in within or source in within


def _source_of(venue: str) -> str | None:
    """The source of a venue whose name tells it."""
    if venue.startswith("r/"):
        return "reddit"
    if venue.startswith("#"):
        return "slack"
    return "github" if re.fullmatch(r"[\w.-]+/[\w.-]+", venue) else None


def languages(draft: Draft) -> None:
    """Such as "in German", "Chinese posts" and "non-English complaints"."""
    for match in draft.take(_IN_LANGUAGE):
        draft.more("languages", *languages_of(match["names"]))
    for match in draft.take(_OF_LANGUAGE):
        codes = languages_of(match["names"])
        if match["non"]:
            draft.more("excluded", *(("lang", code) for code in codes))
        else:
            draft.more("languages", *codes)


def languages_of(names: str) -> list[str]:
    """The codes of languages, by their names in a list; other words are left out."""
    parts = (name.strip().lower() for name in re.split(_AND, names))
    return [_LANGUAGES[name] for name in parts if name in _LANGUAGES]


def people(draft: Draft) -> None:
    """Who wrote: "posts by alice", "from @bob", "what did carol say"."""
    for match in list(_BY.finditer(draft.text)):
        listed = re.split(_AND, match["names"])
        sure = _wrote(match, draft.text) or all("@" in name for name in listed)
        if sure and (names := _handles(listed)):
            draft.text = draft.text.replace(match[0], f"{match['said'] or ''} {MARK} ", 1)
            draft.more("authors", *names)
    for match in draft.take(_DID):
        draft.more("authors", *_handles([match["name"]]))


def _wrote(match: re.Match[str], text: str) -> bool:
    """Whether "by" names who wrote: behind a word for posts, or at the end of what they are."""
    if match["by"].lower() != "by" or match["said"]:
        return match["by"].lower() == "by"
    before = text[: match.start()]
    ends = re.match(ENDS, text[match.end() :])
    return bool(ends and _WRITTEN.search(before) and not _DONE.search(before))


def _handles(names: Iterable[str]) -> list[str]:
    """Names of people, if every one is one: "by far" and "by using" name nobody."""
    found = [name.strip() for name in names]
    return [name.lstrip("@") for name in found] if not any(map(_nobody, found)) else []


def _nobody(name: str) -> bool:
    lower = name.lower()
    odd = lower in _NOBODY or lower in DROPPED or lower.endswith("ing") or lower.isdecimal()
    return odd or bool(re.fullmatch(VERSION, lower))


def labels(draft: Draft) -> None:
    """Such as "labelled regression", "theme T12" and "in the parser area"."""
    for match in draft.take(_LABELLED):
        draft.more("labels", match["quoted"] or match["bare"])
    for match in draft.take(_THEME):
        draft.more("themes", f"T{match['number'] or match['id']}")
    for match in draft.take(_SORTED):
        draft.lose(match[0])
    for match in draft.take(_AREA):
        draft.more("areas", match["after"] or match["before"])
