"""A disagreement in words: what it is over, and both sides in their own."""

from __future__ import annotations

from bot.model import Citation, Dissent, Role
from bot.speak.languages import spoken
from bot.speak.words import day


def dissent_title(dissent: Dissent) -> str:
    """`They disagree (a bug or not):`."""
    return f"They disagree ({dissent.over}):"


def sides(dissent: Dissent) -> tuple[tuple[Citation, str], tuple[Citation, str]]:
    """Both quotes in the order in which they were said, each with who says it, where and when."""
    return (
        (dissent.claim, _who(dissent.claim, dissent.claim_by)),
        (dissent.against, _who(dissent.against, dissent.against_by)),
    )


def dissent_text(dissent: Dissent) -> str:
    """The disagreement in one sentence."""
    (claim, first), (against, then) = sides(dissent)
    return f"{dissent_title(dissent)} “{claim.quote}” ({first}), but “{against.quote}” ({then})"


def _who(cite: Citation, role: Role) -> str:
    team = " of the team" if role is Role.TEAM else ""
    return f"{cite.author}{team}, {cite.venue}, {day(cite.created_at)}{spoken(cite)}"
