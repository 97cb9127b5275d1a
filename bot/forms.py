"""What issue forms, logs and trackers add to what a person says, and how to take it away again."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

TITLE_TAGS = re.compile(r"^(?:\s*(?:\[[^\]]{1,40}\]|【[^】]{1,40}】)\s*[:\-\u2013]?)+\s*(?=\S)")
"""Bracketed prefixes, "[BUG]" or "[Feature Request]:", in front of a title that goes on."""

TITLE_WORDS = re.compile(
    r"^(?:bug(?: report)?|feature(?: request)?|enhancement|request|question|issue|docs?|rfc"
    r"|proposal|regression)\s*(?:[:\uff1a]|\s[-\u2013\u2014]\s)\s*(?=\S)",
    re.IGNORECASE,
)

_BODY_READ = 4_000
"""Characters of a body that are looked at; enough to get past any issue form's preamble."""


_ANSWERS = (
    r"environment info(?:rmation)?|environment|system info(?:rmation)?|[\w./\- ]{0,30}version"
    r"|operating system|os|platform|terminal(?:/shell)?|shell|\w{1,15} model|model"
    r"|is this a regression\?|can you reproduce this\?|priority|severity|feature category|area"
    r"|labels|type of [\w ]{1,20}|permission mode|install(?:ation)? method|related(?: issues)?"
    r"|references"
)
"""Form headings whose answers name a machine or a choice on the form, not the trouble."""

_HEADINGS = (
    r"preflight checklist|bug description|bug report|feature request|description|summary"
    r"|(?:relevant )?error messages?/logs|error messages?|logs or \w+|relevant log output|logs"
    r"|errors?|what['\u2019]?s wrong\?|what (?:happened|should happen"
    r"|went wrong|did you expect to happen)\?"
    r"|(?:minimal )?steps to reproduce|to reproduce|reproduction steps|reproduction"
    r"|repro steps|repro"
    r"|(?:what is the )?(?:expected|actual|current|observed|desired) (?:behaviou?r|result)\??"
    r"|expected|actual|current|observed|additional (?:information|context|info|notes)"
    r"|problem (?:statement|description)|describe the (?:bug|issue|problem)|bug|issue|problem"
    r"|(?:proposed|suggested) (?:solution|fix|change)(?:e?s)?|alternative solutions"
    r"|alternatives considered|alternatives|use cases? example|use cases?|impact"
    r"|(?:current )?workarounds?|root cause analysis|root cause|context|notes|motivation|background"
    r"|evidence|configuration|acceptance criteria|benefits|suggestion"
)

_IN_PROSE = (
    r"Preflight Checklist|Bug Description|What's Wrong\?|What Should Happen\?|Error Messages/Logs"
    r"|Steps to Reproduce|(?:Expected|Actual|Current) Behaviou?r|Additional (?:Information|Context)"
    r"|Problem Statement|Proposed Solution|Alternative Solutions|Use Case Example"
    r"|Environment(?: Info(?:rmation)?)?(?=:? +-)|Is this a regression\?"
)
"""Headings told from prose by their capitals alone, where the mark-up is gone."""

_TOLD_BY = (
    *("Preflight", "Bug Desc", "What's Wrong", "What Should", "Error Mess", "Steps to", "Behavio"),
    *("Additional ", "Problem St", "Proposed S", "Alternative S", "Use Case", "Environment"),
    "Is this a regr",
)
"""Parts of them, of which each has one."""

_FIELDS = (
    r"(?:[\w.]{1,15} )?version|platform|terminal|os|operating system|shell|feedback id"
    r"|node(?:\.js)?|architecture|arch|kernel|install(?:ation)?(?: method)?"
    r"|channel|model|browser|python|date"
    r"|severity|priority|python version|os platform and distribution"
)

_NOISE = tuple(
    (needles, re.compile(pattern, flags))
    for needles, pattern, flags in (
        (("<!--",), r"<!--.*?(?:-->|\Z)", re.DOTALL),
        (("<",), r"<(?:img|details|summary|br|/)[^>]{0,300}>", re.IGNORECASE),
        # A ticked promise ends where the next begins, at a heading, or with its line.
        (
            ("[x]", "[X]", "☑", "✅", "☒"),
            (
                r"(?:[-*•] *)?(?:\[[xX]\]|[☑✅☒])[^\n]{0,400}?"
                r"(?=(?:[-*•] *)?\[[ xX]\]|#{2,} |\n|\Z)"
            ),
            0,
        ),
        (
            ("[ ]",),
            r"(?:[-*•] *)?\[ \] (?=(?:I|This)\b)[^\n]{0,400}?(?=(?:[-*•] *)?\[|#{2,} |\n|\Z)",
            0,
        ),
        (("##",), rf"#{{2,}} +(?:{_ANSWERS}):?\s.*?(?=#{{2,}} |\Z)", re.IGNORECASE | re.DOTALL),
        (("#",), rf"#{{1,6}} +(?:{_HEADINGS}):?(?=\s|\Z)", re.IGNORECASE),
        # Before bold headings, which would take the names and leave the answers.
        (
            ("-", "*", "•"),
            rf"[-*•](?<!\S.) +\**(?:{_FIELDS})\**:\** *[^\n]{{0,60}}?(?= [-*•] |\n|\Z|[{{\[])",
            re.IGNORECASE,
        ),
        (("**",), rf"\*\*(?:{_HEADINGS}|{_ANSWERS}):?\*\*:?", re.IGNORECASE),
        (("",), rf"^(?:{_HEADINGS}|{_ANSWERS}):?[ \t]*$", re.IGNORECASE | re.MULTILINE),
        (_TOLD_BY, _IN_PROSE, 0),
        # Two headings with next to nothing between them: a form's short answer.
        (("###",), r"### [^#\n]{1,60}(?=\s### )", 0),
        (("Feedback", "response"), r"[-*] *Feedback ID: *|_?No response_?", 0),
        (("```",), r"```\w*", 0),
        (("://",), r"https?://\S+", 0),
        (("-",), r"[0-9a-fA-F]{8}-(?<=\b.{9})[0-9a-fA-F-]{20,}\b", 0),
        # What a logged error carries besides its message: frames, times, request ids, escapes.
        (
            ("at ",),
            r"(?:\\n|\s)+at (?:async |new )?(?:[^\s()]{1,120} \([^)]{1,300}\)|\w+://\S{1,300})",
            0,
        ),
        (('"',), r'\\*"(?:type|status|code)\\*" *: *\\*"?\w+\\*"?', re.IGNORECASE),
        (('"',), r'\\*"(?:timestamp|request_?id|error|message)\\*" *: *', re.IGNORECASE),
        (("req_",), r"\breq_\w{10,}", 0),
        (("T",), r"\d{4}-(?<=\b.{5})\d\d-\d\dT[\d:.]+Z?", 0),
        (("\\", "{", "}", "[", "]", '"', "|"), r"\\+[ntr]|[{}\[\]\"\\|]+", 0),
        (("",), r"\b(\w++)(?:[\s:,.]++\1\b)+(?=[\s:,.]++\1\b)", 0),
    )
)
"""What is taken out, in this order; only where one of the needles is in the text at all.

A pattern that begins with the letters themselves, and looks back from there, is searched for
several times as fast as one that begins with a look-behind or with `\\b`.
"""

_MESSAGE = re.compile(r'"message\\*" *: *\\*"([^"\\]{8,160})')
"""A message inside a quoted API error: {"error": {"message": "..."}}."""

_CLAUSE_END = re.compile(r"(?<=[,.;:!?])\s+")


def title_of(title: str) -> str:
    """The title without tracker prefixes ("[BUG]", "Feature request:"); never made empty."""
    bare = title.strip()
    for _ in range(2):
        before, bare = bare, TITLE_WORDS.sub("", TITLE_TAGS.sub("", bare)).strip()
        if bare == before:
            break
    return bare


def body_of(text: str) -> str:
    """The body without form headings, ticked promises, versions, frames and repeats, on one line.

    Only the first few thousand characters are looked at. The result depends on this text alone,
    so that a post has the same vector whatever was read with it.
    """
    return _bare(text[:_BODY_READ]) if text else ""


@lru_cache(maxsize=5_000)  # Each post is asked for again in its run, at the latest for its theme.
def _bare(text: str) -> str:
    for needles, noise in _NOISE:
        if any(needle in text for needle in needles):
            text = noise.sub(" ", text)
    return " ".join(dict.fromkeys(_CLAUSE_END.split(" ".join(text.split()))))


def fault_in(text: str) -> str:
    """The message of the error that a report quotes as JSON, the most repeated one, or ""."""
    messages = _MESSAGE.findall(text[:_BODY_READ])
    return Counter(messages).most_common(1)[0][0].strip(" .") if messages else ""
