"""A mail's own words: without what it quotes, its signature, and what a list hangs below it."""

from __future__ import annotations

import re

LINES_MOST = 5_000

_BELOW = re.compile(
    r"-- ?|\u2014"  # a signature, or what GitHub hangs below
    r"|_{20,}.*"  # a list's footer, or the mail that is answered
    r"|-{2,} ?(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original"
    r"|Messaggio originale|Forwarded message|Weitergeleitete Nachricht) ?-{2,}.*"
    r"|Reply to this email directly\b.*"
    r"|You(?: are receiving| received) this (?:because|message because|email because)\b.*",
    re.IGNORECASE,
)
"""What begins with such a line, and is not the author's."""
_QUOTED = re.compile(r"[ \t]{0,3}>")
_OUTLOOK = re.compile(r"\*?(?:From|Von|De|Da):\*? \S")
_SENT = re.compile(r"\*?(?:Sent|Date|Gesendet|Envoyé|Enviado|Inviato|Datum):\*? \S")
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|écrit|escribió|escreveu|scritto|skrev|napisał|schreef|kirjoitti"
    r"|пишет|написал)\b.{0,200}:$|写道[:\uff1a]$",
    re.IGNORECASE,
)
_ON = re.compile(r"(?:On|Am|Le|El|Em|Il|Op|Den)\b.{0,400}[0-9@].{0,300}:$")
"""`On Monday, Ann wrote:`, in the languages that mail programs speak most."""
_LINES_OF_ATTRIBUTION = 4


def own_words(text: str, *, answers: bool) -> str:
    """What the author wrote. Only a mail that answers another quotes it with ">"."""
    lines = text.splitlines()[:LINES_MOST]
    lines = _above_the_rest(lines)
    return "\n".join(_unquoted(lines) if answers else lines)


def _above_the_rest(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if _BELOW.fullmatch(line.rstrip("\r")[:300]):
            return lines[:number]
        following = " \n".join(lines[number + 1 : number + 4])
        if _OUTLOOK.match(line) and any(map(_SENT.match, following.splitlines())):
            return lines[:number]
    return lines


def _unquoted(lines: list[str]) -> list[str]:
    """Without quoted lines, and without the line above them that says whose they are."""
    kept: list[str] = []
    for line in lines:
        if not _QUOTED.match(line):
            kept.append(line)
        elif kept:
            _take_attribution(kept)
    _take_attribution(kept)
    return kept


def _take_attribution(kept: list[str]) -> None:
    """Remove an attribution, which may run over some lines, from the end of what was kept."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end or not kept[end - 1].rstrip().endswith((":", "\uff1a")):
        return
    start = end
    while start and end - start < _LINES_OF_ATTRIBUTION and kept[start - 1].strip():
        start -= 1
    spans = [" ".join(map(str.strip, kept[at:end]))[:1_000] for at in range(start, end)]
    # The longest that begins like one, else the shortest that ends like one.
    begins = [start + at for at, span in enumerate(spans) if _ON.match(span)]
    ends = [start + at for at, span in enumerate(spans) if _WROTE.search(span)]
    if begins or ends:
        del kept[begins[0] if begins else ends[-1] :]
