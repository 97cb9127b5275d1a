"""Mail as a source: an mbox file, a Maildir folder, or a folder of an account over IMAP."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import SourceError
from bot.model import Post, Visibility
from bot.replay import Tape
from bot.sources.base import Batch, NotAPost
from bot.sources.mail.account import READ_S, STEP_S, Account
from bot.sources.mail.files import Maildir, Mbox
from bot.sources.mail.imap import ImapFolder
from bot.sources.mail.posts import Letter, posts_of

IMAPS = 993


@dataclass(frozen=True, slots=True)
class Mail:
    """One mailbox. Mails cannot be edited, and that one was thrown away does not unsay it."""

    now: Callable[[], datetime]
    box: str
    """The mailbox's name in the settings."""
    path: Path | None = None
    """An mbox file or a Maildir folder; without one, IMAP is read."""
    host: str | None = None
    port: int = IMAPS
    user: str | None = None
    folder: str = "INBOX"
    private: bool = False
    """Whether all of it is: a closed list, a private repository's notifications."""
    password: str | None = field(default=None, repr=False)
    allowed_hosts: frozenset[str] = frozenset()
    """Hosts that may have a private address."""
    context: Callable[[], ssl.SSLContext] | None = ssl.create_default_context
    tape: Tape | None = field(default=None, repr=False)
    """A recording between us and the account."""

    @property
    def name(self) -> str:
        """`mail/BOX`."""
        return f"mail/{self.box}"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Yield what the mailbox took in since the last run.

        Without a cursor or `since`, a file or a folder on disk is read from its beginning, an
        account for its last 30 days.
        """
        now = self.now()
        try:
            for letters, place in self._letters(_read_cursor(cursor), since, now):
                yield self._batch(letters, json.dumps(place), since, now)
        except OSError as error:
            what = error.strerror or type(error).__name__
            raise SourceError(f"{self.name}: {self.path}: cannot be read: {what}") from error

    def _letters(
        self, kept: Mapping[str, Any], since: datetime | None, now: datetime
    ) -> Iterator[tuple[list[Letter], dict[str, Any]]]:
        if self.path is None:
            return self._account().read(kept, since, now)
        path = self.path.expanduser()
        if path.is_dir():
            if not all((path / part).is_dir() for part in ("new", "cur")):
                raise SourceError(
                    f"{self.name}: {path} is no Maildir: it has no folders new and cur",
                    permanent=True,
                )
            return Maildir(self.name, path).read(kept)
        if not path.exists():
            raise SourceError(f"{self.name}: {path}: there is no such file", permanent=True)
        return Mbox(self.name, path).read(kept)

    def _account(self) -> ImapFolder:
        if not self.password:
            raise SourceError(f"{self.name}: set MAIL_PASSWORD", permanent=True)
        account = Account(
            name=self.name,
            host=self.host or "",
            port=self.port,
            user=self.user or "",
            password=self.password,
            allowed_hosts=self.allowed_hosts,
            context=self.context,
            read_s=READ_S,
            step_s=STEP_S,
            tape=self.tape,
        )
        return ImapFolder(account, self.folder)

    def _batch(
        self, letters: Sequence[Letter], cursor: str, since: datetime | None, now: datetime
    ) -> Batch:
        posts: list[Post] = []
        rejected = []
        for letter in letters:
            try:
                posts += posts_of(letter, self.box, now)
            except NotAPost as error:
                rejected.append(error.at(f"{self.name} {letter.where}"))
        kept = (post for post in posts if since is None or post.created_at >= since)
        shown = tuple(replace(post, visibility=self._visibility(post)) for post in kept)
        return Batch(shown, cursor, rejected=tuple(rejected))

    def _visibility(self, post: Post) -> Visibility:
        return Visibility.PRIVATE if self.private else post.visibility


def _read_cursor(cursor: str | None) -> Mapping[str, Any]:
    """The place that was kept; nothing if nothing was. Each kind of mailbox takes what it knows."""
    try:
        kept = json.loads(cursor or "")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}
