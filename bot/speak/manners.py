"""How people speak around a question: greetings, thanks, polite openings and short forms.

None of it asks for anything, so it goes before a question is read; what stands in quotes stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_FRIENDS = r"(?: (?:all|there|team|everyone|everybody|folks|guys|bot|groundswell))"
_ASKS = r"(?:what|who|which|how|why|is|are|any|do|does|did|can|could|please|show|list|find)"
_HELLO = rf"(?:hi|hello|hey|hiya|dear|greetings|good (?:morning|afternoon|evening)){_FRIENDS}?"
_THANKS = r"(?:thanks|thank you|cheers|thx|tnx|ty|tia)"
_MUCH = r"(?: (?:a lot|so much|very much|again|in advance|all|team|folks|everyone))*"
_KNOW = r"(?:know|hear|see|understand|learn|find out)"
_OF = r"(?: (?:about|more about|if|whether|from you))?"

_OPENING = re.compile(
    rf"^(?:{_HELLO}(?:\s*[,.!:–—-]+\s*|{_FRIENDS}\s+|\s+(?={_ASKS}\b)|\s*$)"
    rf"|(?:{_THANKS}{_MUCH}|please|(?:quick )?question|btw|by the way|ok|okay|so)"
    r"\s*[,.!:–—-]+\s*)+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rf"(?:[\s,.;!?–—-]+(?:{_THANKS}{_MUCH}|please|pls|plz))+[\s.!]*$", re.IGNORECASE
)
_QUOTED = r'(?P<quoted>"[^"]*"|“[^”]*”|`[^`]*`)'


def _outside(pattern: str) -> re.Pattern[str]:
    """What a pattern finds outside quotes; what stands in them is found as `quoted`."""
    return re.compile(rf"{_QUOTED}|(?<![\w'/.-])(?:{pattern})(?![\w'/-])", re.IGNORECASE)


_POLITE = _outside(
    r",?\s*\(?(?:asking for a friend|just (?:curious|wondering|asking)|out of curiosity)\)?"
    rf"|(?:i|we)(?:'d|’d|d| would) (?:like|love) to {_KNOW}{_OF}"
    rf"|(?:(?:the|our|my) \w+ )?would (?:like|love) to know{_OF}"
    rf"|^would (?:like|love) to {_KNOW}{_OF}"
    rf"|(?:i|we)(?:'m|’m| am|'re| are| was| were)? wonder(?:ing)?{_OF}"
    r"|pls|plz|thx|tnx"
)
_BARE = {
    **{f"{word}s": f"{word}'s" for word in ("what", "who", "where", "that", "there", "how")},
    **{
        f"{word}nt": f"{word}n't"
        for word in ("do", "does", "did", "is", "are", "was", "has", "have", "could", "should")
    },
    "cant": "can't",
    "im": "i'm",
    "ive": "i've",
}
"""Contractions as they are typed in haste."""
_HASTE = _outside("|".join(_BARE))

_FORTNIGHT = _outside(
    r"(?P<ago>(?:a|one) fortnight ago)|(?:the |this |these )?(?:last|past|previous|this) fortnight"
)
_UNITS = {"wk": "week", "mth": "month", "mo": "month", "yr": "year", "hr": "hour", "qtr": "quarter"}
_SHORT = _outside(
    r"(?P<before>\d{1,4} ?|(?:last|this|past|previous|next|an?|few|couple of|two|three|four) )"
    rf"(?P<unit>{'|'.join(_UNITS)})(?P<many>s?)"
)

_VS_CODE = _outside(r"(?-i:VS) code|vs (?-i:code)|vscode")
"""A name that holds "vs" and compares nothing, in two words or in one."""
_TWO_THINGS = re.compile(r"\S+ vs code[\s?.!]*", re.IGNORECASE)
"""All of a question that sets something against code."""


def plainly(text: str) -> str:
    """A question without manners, its short forms spelled out; empty where it was nothing else."""
    said = text.strip()
    said = _replaced(_HASTE, lambda m: _BARE[m[0].lower()], said)
    said = _replaced(_FORTNIGHT, _two_weeks, said)
    said = _replaced(_SHORT, _spelled, said)
    said = said if _TWO_THINGS.fullmatch(said) else _replaced(_VS_CODE, lambda _: "VSCode", said)
    bare = _CLOSING.sub("", _OPENING.sub("", said))
    bare = " ".join(_replaced(_POLITE, lambda _: " ", bare).split()).lstrip(",.;: ")
    return _CLOSING.sub("", _OPENING.sub("", bare)).strip()


def _replaced(pattern: re.Pattern[str], by: Callable[[re.Match[str]], str], text: str) -> str:
    return pattern.sub(lambda m: m[0] if m["quoted"] else by(m), text)


def _two_weeks(match: re.Match[str]) -> str:
    return "two weeks ago" if match["ago"] else "the last two weeks"


def _spelled(match: re.Match[str]) -> str:
    before = match["before"].strip()
    return f"{before} {_UNITS[match['unit'].lower()]}{match['many']}"
