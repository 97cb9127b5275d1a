"""A folder of a mail account, over IMAP and TLS: what is new in it, and how far it was read.

https://www.rfc-editor.org/rfc/rfc9051
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sources.mail.account import Account, opened
from bot.sources.mail.posts import Letter
from bot.sources.mail.server import UID_MOST

FIRST_DAYS = 30
"""How far back the first run goes, if not told."""
AT_ONCE = 20
"""Mails that are asked for at once."""

Place = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ImapFolder:
    """One folder of one account."""

    account: Account
    folder: str

    def read(
        self, kept: Mapping[str, Any], since: datetime | None, now: datetime
    ) -> Iterator[tuple[list[Letter], Place]]:
        """Yield the mails after the place that was kept, the oldest first, and the place then.

        The place is the folder's UIDVALIDITY, the last UID, and the day before which nothing is
        read. If the server numbers the folder anew, all of it since that day comes again.
        """
        with opened(self.account, self.folder) as server:
            validity = server.examined(self.folder)
            floor, last = _place(kept, validity)
            floor = floor or since or now - timedelta(days=FIRST_DAYS)
            uids = server.uids_after(last, floor)
            for start in range(0, len(uids), AT_ONCE):
                chunk = uids[start : start + AT_ONCE]
                place = {"validity": validity, "uid": chunk[-1], "floor": floor.isoformat()}
                yield server.letters(chunk), place


def _place(kept: Mapping[str, Any], validity: int) -> tuple[datetime | None, int]:
    """The first day and the last UID; 0 if the folder is numbered anew, or was never read."""
    try:
        floor = datetime.fromisoformat(kept["floor"])
        same = kept["validity"] == validity and 0 <= int(kept["uid"]) < UID_MOST
        return (floor, int(kept["uid"])) if same else (floor, 0)
    except (KeyError, TypeError, ValueError):
        return None, 0
