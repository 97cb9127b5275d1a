"""What a plain question is about: its quoted words, its pieces of code, and what is left of it."""

from __future__ import annotations

import re

from bot.speak.draft import MARK, Draft

DROPPED = frozenset(
    """
    a about actually add affected affecting affects after again against all already also
    am an and any anybody anymore anyone anything are aren't around as ask asked asking
    asks at be became become becoming been before being better between big biggest but
    by came can can't cannot change changed changes come comes coming common community
    compare compared concern concerning concerns could count current currently customer
    customers day days describe developers devs did didn't difference differences
    different discussed discussing discussion do does doesn't doing don't done during
    else emerging especially every everybody everyone everything explain feedback feel
    feeling fewer find first fix fixed folks for from get gets getting give go going got
    grow growing had happen happened happening happens has hasn't have haven't having
    hear heard help here hit hits hitting hour hours how i i'm i've if important in
    interesting into is isn't issue issues it it's its just keep keeps kind know known
    largest last lately later latest least less let like likes list lot lots main many
    matter matters may maybe me mention mentioned mentioning mentions might month months
    mood more most mostly much must my need new newest news no nobody none not now
    number of off often okay on one ones only opinion opinions or other others our out
    over overview part people please popular post posted posting posts problem problems
    raised rather really recent recently regarding related report reported reporting
    reports resolved said same say saying says see seeing seem seems seen sentiment she
    should show since so solved some somebody someone something sort started starting
    still stuff such summarise summarize summary talk talked talking talks tell than
    that that's the their them themes there there's these they they're thing things
    think thinking thinks this those thread threads to today together told too top topic
    topics towards trend trending trouble troubles until up us use used user users uses
    using very view want wanted wanting wants was wasn't way we week weeks well went
    were weren't what what's when where whether which while who who's whole whom whose
    why will with within without won't work working works worse worst would wrong year
    years yes yesterday yet you your
    """.split()  # noqa: SIM905 a list of quoted words is no easier to read
)
"""Words that say how something is asked, not about what; docs/query.md lists them."""

_QUOTED = re.compile(r'"([^"]+)"|`([^`]+)`')
_FLAG = re.compile(r"(?<![\w-])--[A-Za-z][\w-]*(?:=[\w./-]*\w)?")
_SAYS_HOW = re.compile(
    r"\bfor the (?:very )?first time\b|^(?:please |can you |could you )?search for\b", re.IGNORECASE
)
"""What says how something is asked in words that may be a subject elsewhere."""
_NOT_DOING = re.compile(r"\bnot (?P<verb>[a-z]+ing)\b", re.IGNORECASE)
_BETWEEN = re.compile(rf"[\s,;{MARK}]+")
_AROUND = "\"'`([{<>}])*_~!?:.…—–-"


def subject(draft: Draft) -> None:
    """Read what is left as the subject: phrases as they stand, and single words."""
    for match in draft.take(_QUOTED):
        draft.more("phrases", match[1] or match[2])
    for match in draft.take(_FLAG):  # as a word it would be read back as one to leave out
        draft.more("phrases", match[0])
    for _ in draft.take(_SAYS_HOW):
        pass
    undone = {match["verb"].lower() for match in _NOT_DOING.finditer(draft.text)}
    for word in map(_stripped, _BETWEEN.split(draft.text)):
        if word.lower() in DROPPED - undone or not re.search(r"\w", word):
            continue
        field = "phrases" if re.match(r"[A-Za-z]+:(?!:|//?)", word) else "words"
        draft.more(field, word)


def _stripped(chunk: str) -> str:
    """A word without the punctuation around it, which pieces of code keep where it is theirs."""
    word = (
        chunk.replace('"', "").rstrip("!?,;:.…'").lstrip(_AROUND.replace("_", "").replace("<", ""))
    )
    word = re.sub(r"'s$", "", word)
    if re.search(r"\w\([^()]*\)$", word):
        return word
    return word.rstrip(_AROUND.replace("_", "").replace(">", "") + ("" if "<" in word else ">"))
