"""Talk with a mail server: the few commands that only read.

Nothing is changed there: folders are opened with EXAMINE, mails are fetched with BODY.PEEK.
https://www.rfc-editor.org/rfc/rfc9051
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.sources.mail.body import date_of
from bot.sources.mail.posts import MAIL_MOST, Letter
from bot.sources.mail.talk import Talk, told

UID_MOST = 2**32

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')
_PASSING = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]")


@dataclass(frozen=True, slots=True)
class Server:
    """One conversation: every step fails with a SourceError."""

    where: str
    """How errors begin."""
    talk: Talk

    def log_in(self, user: str, password: str) -> None:
        """Connect, and say who we are."""
        self.talk.ask("CONNECT")
        if not (user + password).isascii() or not (user + password).isprintable():
            raise SourceError(
                f"{self.where}: user or MAIL_PASSWORD holds what a log-in cannot send",
                permanent=True,
            )
        with self._step("broke off at the log-in"):
            try:
                self.talk.ask("LOGIN", _quoted(user), password)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                passing = bool(_PASSING.search(str(error)[:500]))
                raise SourceError(
                    f"{self.where} refused the log-in: look at user in groundswell.toml and at "
                    "MAIL_PASSWORD; many providers want a password made for the app",
                    permanent=not passing,
                ) from error

    def examined(self, folder: str) -> int:
        """Open a folder to read only; the number under which it numbers its mails."""
        with self._step("broke off as the folder was opened"):
            answer, validity = self.talk.ask("EXAMINE", _quoted(folder))
            if answer == "OK":
                return int(validity[0] or b"")
        raise SourceError(f"{self.where} has no such folder: look at folder", permanent=True)

    def uids_after(self, last: int, floor: datetime) -> list[int]:
        """The mails that came after one and not before a day, in their order."""
        # A day earlier: servers count days in their own zone.
        day = floor - timedelta(days=1)
        since = f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        with self._step("broke off as mails were looked for; a nearer --since makes fewer"):
            answer, data = self.talk.ask("SEARCH", "UID", f"{last + 1}:*", "SINCE", since)
            found = {int(uid) for part in data if part for uid in part.split()}
        self._check(answer, "could not look for mails")
        # "6:*" is 5 as well where 5 is the last.
        return sorted(uid for uid in found if last < uid < UID_MOST)

    def letters(self, uids: Sequence[int]) -> list[Letter]:
        """The mails with these numbers, the beginning of each; those that are gone are left out."""
        wanted = ",".join(map(str, uids))
        with self._step("broke off as mails were read"):
            answer, data = self.talk.ask(
                "FETCH", wanted, f"(UID INTERNALDATE BODY.PEEK[]<0.{MAIL_MOST}>)"
            )
            found = dict(_fetched(data))
        self._check(answer, "could not give its mails")
        return [found[uid] for uid in uids if uid in found]

    def log_out(self) -> None:
        """Say goodbye; that nobody answers harms nobody."""
        with suppress(SourceError), self._step("broke off at the log-out"):
            self.talk.ask("LOGOUT")

    def _check(self, answer: str, failing: str) -> None:
        if answer != "OK":
            raise SourceError(f"{self.where} {failing}")

    def _step(self, failing: str) -> AbstractContextManager[None]:
        return told(f"{self.where} {failing}")


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def _fetched(data: Sequence[Any]) -> Iterator[tuple[int, Letter]]:
    """The mails in an answer to FETCH, by UID; what else the server tells is passed over."""
    for number, part in enumerate(data):
        if not isinstance(part, tuple):
            continue
        after = data[number + 1] if number + 1 < len(data) else b""
        about = part[0] + b" " + (after if isinstance(after, bytes) else b"")
        uid, arrived = _UID.search(about), _ARRIVED.search(about)
        if uid:
            moment = date_of(arrived[1].decode("ascii", "replace")) if arrived else None
            yield int(uid[1]), Letter(part[1], f"uid {int(uid[1])}", moment)
