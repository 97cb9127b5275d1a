"""What broke: asks for new complaints, most often those since a release."""

from __future__ import annotations

import re

from bot.speak.moments import RELEASE, VERSION, release
from bot.speak.standpoint import Standpoint

UNKNOWN_DAYS = 14
"""What broke in a release that is not known is told of so long."""

_DID = r"what(?: all)?(?:'s| has| have| is| got)?"
_BROKE = re.compile(rf"^(?:and )?{_DID} (?:broke|(?:been )?regressed)\b", re.IGNORECASE)
_IN_RELEASE = re.compile(
    rf"^(?:and )?{_DID} (?:broke|(?:been )?(?:broken|regressed)) (?:in|with|by|since|after) "
    rf"(?:(?:version|release) )?(?P<name>{RELEASE}|{VERSION})(?![\w.]*\w)",
    re.IGNORECASE,
)


def broken(text: str, at: Standpoint) -> tuple[str, tuple[str, ...]]:
    """A question for what broke, as one for new complaints, and the release that is not known.

    Any other question is left as it is.
    """
    if found := _IN_RELEASE.match(text):
        name, rest = found["name"], text[found.end() :]
        if release(name, at):
            return f"new complaints since {name}{rest}", ()
        bare = re.sub("^the ", "", name, flags=re.IGNORECASE)
        return f"new complaints in the last {UNKNOWN_DAYS} days{rest}", (bare,)
    return _BROKE.sub("new complaints", text, count=1), ()
