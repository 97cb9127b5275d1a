"""What no contradiction is without: plain words, looked for before any pattern is tried."""

from __future__ import annotations

from collections.abc import Sequence

from bot.understand.stances import RULES

_DOUBT = ("don't think", "do not think", "don't believe", "do not believe")
_UNFIXED = tuple(
    f"{how} {what}"
    for how in ("not", "n't", "been", "never", "ly")
    for what in ("fixed", "resolved", "solved")
)
_STILL = (*_UNFIXED, "still ", "persists", "remains", "exists")
_WORKS = tuple(
    f"{how} {where}"
    for how in ("work", "works", "fine", "well", "great", "perfectly")
    for where in ("for me", "here", "on my")
)
_SAME = tuple(f"{how} the same" for how in ("not", "isn't", "ly", "just", "quite", "even"))
_DIFFERENT = tuple(f"different {what}" for what in ("issue", "bug", "problem"))
_FAULT_IN = tuple(f"{what} {how}" for what in ("bug", "issue", "problem") for how in ("with", "in"))
_NOT_THE = tuple(f"not {what}" for what in ("the", "issue", "problem", "cause", "reason"))

# In the order of `RULES`: what matches a rule's `against` holds one of its cues.
_CUES: tuple[tuple[str, ...], ...] = (
    (
        *("disagree", "object to", "agree", "weak argument", "beg to differ", "wrong", "mistaken"),
        *("incorrect", "false", "nonsense", "'s not", "is not", "'sn't", "isn't", "wasn't"),
        *("not true", "-1", "against", "opposed to"),
    ),
    (
        *(*_DOUBT, "why would", "actually", "no,", "no.", "no:", "nope", "nah", "well,", "well."),
        *("well:", "but it", "but that", "but this", "but there", "defeat", "bad idea", "sense"),
        "agree",
    ),
    (*_DOUBT, "why would", "on the contrary", "the opposite", "defeat", "no sense", "bad idea"),
    (*_DOUBT, *_NOT_THE),
    (
        *(*_DOUBT, *_FAULT_IN, "not a", "isn't a", "ly a", "quite a", "working as", "by design"),
        *("as intended", "as designed", "expected", "intended", "intentional", "deliberate"),
    ),
    (*_DOUBT, *_SAME, *_DIFFERENT, "duplicate", "dupe"),
    ("reopen", "re-open"),
    _STILL,
    (*_STILL, "not work", "n't work"),
    (*_WORKS, "reproduce"),
    ("depend on", "rely on", "leave it", "leave this", "keep it", "keep this", "against"),
    (
        *(*_DOUBT, "please don't", "please do not", "shouldn't", "should not", "rather not"),
        *("rather keep", "prefer not", "prefer to keep", "see why"),
    ),
    ("won't", "will not", "not going to", "not planning", "no plan", "not something we"),
)

_EVERY = tuple(range(len(RULES)))


def worth_trying(low: str, among: Sequence[int] = _EVERY) -> list[int]:
    """The places in `RULES` of those that may find a contradiction in a text, in order.

    The text is in lower case, with single blanks between its words. What is worth trying in a
    sentence is so in all of the text.
    """
    return [number for number in among if any(cue in low for cue in _CUES[number])]
