"""What a plain question leaves out: "except Reddit", "not about docs", "without praise"."""

from __future__ import annotations

import re

from bot.speak.draft import BEFORE, BEHIND, ENDS, MARK, Draft, Pattern, whole
from bot.speak.kinds import KIND_WORDS, kind_of
from bot.speak.places import LANGUAGE, LIST, languages_of, sources_of
from bot.speak.spans import span

_NOT = (
    r"(?:,\s*)?(?:(?:but|and|just) )?(?:not|nothing|no|except(?:ing)?(?: for)?|excluding|exclude"
    r"|other than|apart from|aside from|besides|ignoring|ignore|leav(?:e|ing) out|without"
    r"|skip(?:ping)?|outside(?: of)?|(?:anywhere|everywhere|anything|everything|all) but)"
)
_SO = r"(?:that (?:are|is) )?"
_IN = r"(?: (?:on|in|from|at|via|the|our|any|about))*"
_AND = r"(?:\s*,\s*(?:and |or )?|\s+(?:and|or|nor)\s+(?:about )?|\s*[/&]\s*)"
_OR = r"(?:,?\s+(?:and|or|nor)\s+(?:about )?)"
_KIND = "|".join(KIND_WORDS)

_ENDED = (
    r"(?!(?:on|in|from|at|by|since|until|this|last|over|during|that|which|who|with|and|or|nor|but"
    r"|for|please|to|is|are|was|were|anymore|what|who|how|why)\b)"
)
"""Before a word that may belong to what is left out."""
_WORD = rf'{_ENDED}[^\s,;?!"`{MARK}]*[^\s,;?!"`{MARK}.]'
_THING = rf'(?:(?:the|our|any|an?) )?(?:"[^"]+"|`[^`]+`|{_WORD}(?: {_WORD}){{0,2}})'
_THINGS = rf"{_THING}(?:(?:,\s*{_THING})*{_OR}{_THING})?"
_ABOUT_NOT = (
    r"(?:(?:,\s*)?(?:but |and |just )?(?:nothing about|not (?:about|on|in|for|with|from))"
    r"|(?:,\s*)?(?:but )?(?:except(?:ing)?(?: for)?|excluding|exclude|other than|apart from"
    r"|aside from|ignoring|leav(?:e|ing) out|besides)(?: (?:anything |posts |those )?about)?"
    r"|(?:,\s*)?but not)"
)

_SOURCES = Pattern(rf"{BEFORE}{_NOT}{_IN} (?P<names>{LIST}){BEHIND}{ENDS}")
_VENUE = re.compile(
    rf"{BEFORE}{_NOT}{_IN} (?:(?P<name>r/\w+|#[A-Za-z][\w-]*)|(?P<other>[\w.-]+[/.][\w.-]*\w))"
    rf"{BEHIND}",
    re.IGNORECASE,
)
_LANGUAGE = whole(
    rf"{_SO}{_NOT} (?:(?:written )?in (?P<names>(?:{LANGUAGE})(?:{_AND}(?:in )?(?:{LANGUAGE}))*)"
    rf"|(?:written )?(?P<name>{LANGUAGE})(?= posts|\s*[,.?!{MARK}]|\s*$))"
)
_AUTHOR = whole(
    rf"{_NOT}(?: (?:by|from|those by|posts by) @?(?P<name>[\w.-]*\w)| @(?P<handle>[\w.-]*\w))"
)
_LABEL = re.compile(
    rf"{BEFORE}{_SO}{_NOT}(?: those)?(?: the| a)? ?"
    r"(?:labell?ed(?: as| with)?|tagged(?: as| with)?|with (?:the )?label|label) "
    r'(?:"(?P<quoted>[^"]+)"|(?P<bare>[\w./:-]*\w))',
    re.IGNORECASE,
)
_STATE = whole(
    rf"{_SO}(?:not|except|excluding|without)(?: yet| the)? "
    r"(?P<state>closed|merged|open|resolved|solved)(?: ones| issues| threads)?"
)
_KINDS = Pattern(
    rf"{BEFORE}{_SO}{_NOT}{_IN} (?P<names>(?:{_KIND})(?:{_AND}(?:{_KIND}))*){BEHIND}{ENDS}"
)
_WORDS = re.compile(rf"{BEFORE}{_ABOUT_NOT} (?P<names>{_THINGS})", re.IGNORECASE)
_DASHED = re.compile(r'(?<!\S)-(?P<word>"[^"]+"|[A-Za-z][\w.]*)(?!\S)')


def left_out(draft: Draft) -> None:
    """Read what must not hold off a question."""
    for match in draft.take(_LABEL):
        draft.more("excluded", ("label", match["quoted"] or match["bare"]))
    for match in draft.take(_SOURCES):
        for name, source in sources_of(match["names"]):
            if source is None:
                draft.lose(name)
            else:
                draft.more("excluded", ("source", source))
    _venues(draft)
    for match in draft.take(_LANGUAGE):
        names = re.split(rf"{_AND}(?:in )?", match["names"] or match["name"])
        codes = [code for name in names for code in languages_of(name)]
        draft.more("excluded", *(("lang", code) for code in codes))
    for match in draft.take(_AUTHOR):
        draft.more("excluded", ("author", match["name"] or match["handle"]))
    for match in draft.take(_STATE):
        draft.more("excluded", ("state", match["state"].lower()))
    for match in draft.take(_KINDS):
        names = re.split(_AND, match["names"])
        draft.more("excluded", *(("kind", kind_of(name)) for name in names))
    _words(draft)


def _venues(draft: Draft) -> None:
    known = {venue.casefold(): venue for venue in draft.at.venues}
    for match in list(_VENUE.finditer(draft.text)):
        name = match["name"] or match["other"]
        if match["name"] or name.casefold() in known:
            draft.text = draft.text.replace(match[0], f" {MARK} ", 1)
            draft.more("excluded", ("venue", known.get(name.casefold(), name)))


def _words(draft: Draft) -> None:
    for match in draft.take(_WORDS):
        for name in re.split(_AND, match["names"]):
            bare = re.sub(r"^(?:the|our|any|an?) ", "", name.strip(), flags=re.IGNORECASE)
            word = bare.strip('"`')
            if span(word, draft.at):  # a query has one span of time, and leaves none out of it
                draft.lose(word)
            elif word:
                draft.more("without", word)
    for match in draft.take(_DASHED):
        draft.more("without", match["word"].strip('"'))
