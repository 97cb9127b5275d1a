from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.sources.exports import format_of
from bot.sources.mail.adapter import Mail
from tests.builders import NOW
from tests.sources.exports.made import a_file, a_folder, posts, read, refused

MAIL = (
    "From ann@example.org Sun Feb  1 10:00:00 2026\n"
    "From: Ann <ann@example.org>\n"
    "Date: Sun, 01 Feb 2026 10:00:00 +0000\n"
    "Subject: [tool] It stops\n"
    "Message-ID: <1@example.org>\n"
    "List-Id: The tool <tool.lists.example.org>\n"
    "\n"
    "Every time.\n"
    "\n"
)
EMPTY = "From bob@example.org Sun Feb  1 11:00:00 2026\nFrom: Bob <bob@example.org>\n\n\n"


def a_box(folder: Path, *mails: str) -> Path:
    return a_file(folder / "2026-02.txt", "".join(mails).encode())


def test_an_mbox_is_known_by_how_it_begins_and_a_maildir_by_its_folders(tmp_path):
    maildir = a_folder(
        tmp_path / "dir", {"new/1.x": MAIL.encode(), "cur/2.x:2,S": b"", "tmp/x": b""}
    )
    assert format_of(a_box(tmp_path, MAIL)) == format_of(maildir) == "mbox"
    assert format_of(a_file(tmp_path / "letter.txt", b"From Ann, with love\n")) is None


def test_mails_are_those_that_the_source_makes_of_them(tmp_path):
    path = a_box(tmp_path, MAIL, MAIL.replace("<1@", "<2@"))
    (batch,) = Mail(now=lambda: NOW, box="2026-02", path=path).fetch(None, None)
    assert posts(path) == list(batch.posts)
    assert [post.title for post in batch.posts] == ["It stops", "It stops"]


def test_a_maildir_is_read_too(tmp_path):
    mail = MAIL.partition("\n")[2].encode()
    (post,) = posts(a_folder(tmp_path / "dir", {"new/1.x": mail, "cur/.keep": b""}))
    assert (post.source, post.external_id) == ("mail", "1@example.org")


def test_what_is_no_mail_is_named_with_its_place(tmp_path):
    path = a_box(tmp_path, MAIL, EMPTY)
    ((where, reason),) = refused(path)
    assert (where.strip(), reason) == (f"byte {len(MAIL)}", "no words")


def test_a_packed_mailbox_is_told(tmp_path):
    path = a_file(tmp_path / "2026-02.txt.gz", gzip.compress(MAIL.encode()))
    with pytest.raises(SourceError, match="unpack it"):
        read(path)
