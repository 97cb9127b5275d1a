"""A mailing list in a mailbox of each kind: what was sent stays as it was sent."""

from __future__ import annotations

import re
from abc import abstractmethod
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from pathlib import Path

from bot.sources.mail.adapter import Mail
from tests.builders import NOW
from tests.world.base import Said, World
from tests.world.imap import PASSWORD, USER, ImapSite


class MailWorld(World):
    """Each third mail answers the one before it, and quotes it; each second is HTML alone."""

    kind = "mail"
    shows_edits = False
    shows_deletions = False

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[int, bytes] = {}

    def external_id(self, said: Said) -> str:
        return f"{said.number}@tool.example"

    def say(self, words: str | None = None, author: str | None = "ann") -> Said:
        said = super().say(words, author)
        self.sent[said.number] = letter(said)
        self.deliver(said.number, self.sent[said.number])
        return said

    def delete(self, said: Said) -> None:
        super().delete(said)
        del self.sent[said.number]
        self.throw_away(said.number)

    def spoil(self) -> int:
        for number, raw in enumerate(SPOILT, 1):
            self.deliver(10_000 + number, raw)
        return len(SPOILT)

    @abstractmethod
    def deliver(self, number: int, raw: bytes) -> None:
        """The mail comes in."""

    @abstractmethod
    def throw_away(self, number: int) -> None:
        """It is taken out of the mailbox."""


class MboxWorld(MailWorld):
    """One file, to which mails are appended."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._lying: dict[int, tuple[bytes, datetime]] = {}

    def source(self) -> Mail:
        return Mail(now=self.clock, box="list", path=self.path)

    def deliver(self, number: int, raw: bytes) -> None:
        self._lying[number] = (raw, self.now)
        with self.path.open("ab") as file:
            file.write(entry(raw, self.now))

    def throw_away(self, number: int) -> None:
        del self._lying[number]
        self.path.write_bytes(b"".join(entry(*lying) for lying in self._lying.values()))


class MaildirWorld(MailWorld):
    """A folder with a file a mail."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        for part in ("tmp", "new", "cur"):
            (path / part).mkdir(parents=True)

    def source(self) -> Mail:
        return Mail(now=self.clock, box="list", path=self.path)

    def deliver(self, number: int, raw: bytes) -> None:
        seconds = int(self.now.timestamp())
        (self.path / "new" / f"{seconds}.M{number}.host").write_bytes(raw)

    def throw_away(self, number: int) -> None:
        for part in ("new", "cur"):
            for path in (self.path / part).glob(f"*.M{number}.host*"):
                path.unlink()


class ImapWorld(MailWorld):
    """An account on a server."""

    secrets = (PASSWORD, USER)

    def __init__(self) -> None:
        super().__init__()
        self.site = ImapSite()
        self._uids: dict[int, int] = {}

    def source(self) -> Mail:
        return Mail(
            now=self.clock,
            box="list",
            host="127.0.0.1",
            port=self.site.port,
            user=USER,
            password=PASSWORD,
            allowed_hosts=frozenset({"127.0.0.1"}),
            context=None,
        )

    def deliver(self, number: int, raw: bytes) -> None:
        self._uids[number] = self.site.add(raw, self.now).uid

    def throw_away(self, number: int) -> None:
        uid = self._uids[number]
        self.site.mails = [mail for mail in self.site.mails if mail.uid != uid]


def entry(raw: bytes, at: datetime = NOW) -> bytes:
    """A mail as an mbox file has it that took it in then."""
    escaped = re.sub(rb"^(>*From )", rb">\1", raw, flags=re.MULTILINE)
    return f"From list@tool.example {at:%a %b %d %H:%M:%S %Y}\n".encode() + escaped + b"\n\n"


def letter(said: Said) -> bytes:
    """A mail to the list, with what mails have around their words."""
    mail = EmailMessage()
    mail["Message-ID"] = f"<{said.number}@tool.example>"
    mail["Date"] = format_datetime(said.at)
    mail["Subject"] = f"Mail {said.number}"
    mail["List-Id"] = "Tool users <users.tool.example>"
    if said.author:
        mail["From"] = f"{said.author} <{said.author}@private.example>"
    body = f"{said.words}\n\nFrom here on: ☃\n\n-- \nSent from my tool\n"
    if said.number % 3 == 0:
        mail["In-Reply-To"] = f"<{said.number - 1}@tool.example>"
        mail["References"] = f"<{said.number - 1}@tool.example>"
        body = f"On Monday, 2 March, somebody wrote:\n> another tool\n>> again\n\n{body}"
    if said.number % 2:
        mail.set_content(body)
    else:
        html = body.replace("-- \n", "<br>")
        mail.set_content(f"<p>{escape(said.words)}</p><script>x</script><i>{html[:0]}</i>", "html")
    return mail.as_bytes()


SPOILT = (
    b"",
    b"no headers at all",
    b"Subject:  \nMessage-ID: <empty@tool.example>\n\n \n",
    b"Message-ID: <acme/tool/check-suites/CS_1/1@github.com>\nSubject: [acme/tool] x\n\nRed.\n",
    b"Message-ID: <acme/tool/issue/1/issue_event/2@github.com>\nSubject: x\n\nClosed #1.\n",
    b"Message-ID: <file@tool.example>\nContent-Disposition: attachment\n\nlog\n",
    b"Message-ID: <deep@tool.example>\n"
    + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 200,
)
"""What is no post."""
