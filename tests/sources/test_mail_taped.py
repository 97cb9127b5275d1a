"""Recordings of a mail account: the same mails again without it, and no secret on disk."""

from __future__ import annotations

import base64
import json
import quopri
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.errors import SourceError
from bot.http import Http, guarded_transport
from bot.model import Post
from bot.replay import Tape, record, replay
from bot.scrub import REMOVED, Scrubber
from bot.sources.base import Batch, NotAPost
from bot.sources.mail.posts import Letter, posts_of
from bot.sources.mail.taped import READ, scrubbed
from tests.builders import NOW
from tests.sources.mutations import mutated
from tests.world.imap import ANSWERS, PASSWORD, USER, ImapFault
from tests.world.mail import ImapWorld
from tests.world.site import Answer, Site

MAIL = (
    b"Received: from mx.private.example (10.0.0.9)\r\n by x; Mon, 02 Mar 2026 11:00:00 +0000\r\n"
    b"Reply-To: reply+canary@reply.example\r\n"
    b"To: Bob\r\n <bob@private.example>\r\n"
    b"From: Ann <ann@tool.example>\r\n"
    b"Subject: It broke\r\n"
    b"Message-ID: <1@tool.example>\r\n"
    b"List-Unsubscribe: <https://list.example/canary>\r\n"
    b"\r\nEvery time.\r\nTo: nobody\r\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recording"


@pytest.fixture
def world() -> Iterator[ImapWorld]:
    world = ImapWorld()
    with world.site:
        yield world
    assert world.site.changes == []


def reading(world: ImapWorld, tape: Tape, moments: Sequence[datetime] = ()) -> list[Batch | str]:
    """What a run gives, and what it failed with; one run at each of the moments."""
    given: list[Batch | str] = []
    cursor: str | None = None
    for moment in moments or (world.now,):
        world.now = moment
        try:
            for batch in replace(world.source(), tape=tape).fetch(cursor, None):
                given.append(batch)
                cursor = batch.cursor
        except SourceError as error:
            given.append(f"{error}, permanent: {error.permanent}")
    return given


def posts(given: Sequence[Batch | str]) -> list[Post]:
    return [post for batch in given if isinstance(batch, Batch) for post in batch.posts]


def replayed(world: ImapWorld, folder: Path, moments: Sequence[datetime] = ()) -> list[Batch | str]:
    """What the recording gives; it dials nobody."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("create_connection", "getaddrinfo"):
            patch.setattr(socket, name, lambda *_, **__: pytest.fail("went out"))
        return reading(world, replay(folder), moments)


def on_disk(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.iterdir()))


def exchanges(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("0*.json"))]


# A replay is the same reading


def test_a_replay_gives_exactly_the_posts_of_the_recording_without_the_server(world, folder):
    tape, moments = record(folder, NOW, ()), []
    first: list[Batch | str] = []
    cursor = None
    for amount in (45, 0, 3):
        world.populate(amount)
        moments.append(world.now)
        for batch in replace(world.source(), tape=tape).fetch(cursor, None):
            first.append(batch)
            cursor = batch.cursor
    assert len(posts(first)) == 48
    assert replayed(world, folder, moments) == first


def test_neither_password_nor_user_is_on_disk_wherever_they_come_up(world, folder):
    for place in (USER, PASSWORD, json.dumps(PASSWORD), base64.b64encode(PASSWORD.encode())):
        world.say(f"tool says {place!r} and goes on")
    world.site.folder = "Alerts"
    tape = record(folder, NOW, ())
    (batch,) = replace(world.source(), folder="Alerts", tape=tape).fetch(None, None)
    packed = base64.b64encode(PASSWORD.encode())[:16]
    assert len(batch.posts) == 4
    assert REMOVED.encode() in on_disk(folder)
    assert not any(
        secret in on_disk(folder)
        for secret in (
            PASSWORD.encode(),
            json.dumps(PASSWORD)[1:-1].encode(),
            packed,
            USER.encode(),
        )
    )
    assert any(PASSWORD.replace('"', r"\"") in asked for asked in world.site.asked)


def test_a_server_that_says_the_log_in_back_does_not_bring_it_into_the_recording(
    world, folder, monkeypatch
):
    says_back = lambda site, command, tag: f"{tag} NO I do not know {command}\r\n"  # noqa: E731 as its neighbours
    monkeypatch.setitem(ANSWERS, "LOGIN", says_back)
    first = reading(world, record(folder, NOW, ()))
    assert "refused the log-in" in str(first)
    assert b"nobody" not in on_disk(folder)
    assert USER.encode() not in on_disk(folder)
    assert replayed(world, folder) == first


@pytest.mark.parametrize("step", ["GREETING", "LOGIN", "EXAMINE", "SEARCH", "FETCH", "LOGOUT"])
@pytest.mark.parametrize(
    "what", [each for each in ImapFault if each not in {ImapFault.STALL, ImapFault.DRIP}]
)
def test_a_failure_is_the_same_again(world, folder, step, what):
    world.populate(3)
    world.site.faults[step] = what
    first = reading(world, record(folder, NOW, ()))
    assert replayed(world, folder) == first
    assert first


@pytest.mark.parametrize("step", ["GREETING", "SEARCH"])
def test_that_it_took_too_long_is_told_again(world, folder, monkeypatch, step):
    monkeypatch.setattr("bot.sources.mail.adapter.READ_S", 0.2)
    world.site.faults[step] = ImapFault.STALL
    first = reading(world, record(folder, NOW, ()))
    assert "took too long" in str(first)
    assert replayed(world, folder) == first


def test_a_host_that_is_not_reached_is_not_reached_again(world, folder):
    tape = record(folder, NOW, ())
    refused = replace(world.source(), tape=tape, allowed_hosts=frozenset())
    with pytest.raises(SourceError, match="is a private address") as first:
        list(refused.fetch(None, None))
    (again,) = replayed(world, folder)
    assert again == f"{first.value}, permanent: True"
    assert world.site.asked == []


def test_two_folders_of_an_account_are_told_apart(world, folder):
    tape = record(folder, NOW, ())
    given = {}
    for name in ("INBOX", "Lists"):
        world.site.folder = name
        world.populate(2)
        given[name] = list(replace(world.source(), folder=name, tape=tape).fetch(None, None))
    tape = replay(folder)
    for name in ("Lists", "INBOX"):
        again = replace(world.source(), folder=name, tape=tape).fetch(None, None)
        assert posts(list(again)) == posts(given[name])
    assert [len(posts(batches)) for batches in given.values()] == [2, 4]


def test_what_was_not_recorded_is_told(world, folder):
    record(folder, NOW, ())
    (told,) = replayed(world, folder)
    assert f"CONNECT imap://127.0.0.1:{world.site.port}/INBOX was not recorded in" in str(told)


def test_whoever_replays_needs_neither_the_password_nor_the_user(world, folder):
    world.populate(3)
    first = reading(world, record(folder, NOW, ()))
    source = replace(world.source(), user="bob", password="any", tape=replay(folder))  # noqa: S106 that is the test
    assert list(source.fetch(None, None)) == first


# What is kept


def test_a_command_is_a_file_that_people_can_read(world, folder):
    world.say("Größe")
    reading(world, record(folder, NOW, ()))
    place = f"imap://127.0.0.1:{world.site.port}/INBOX"
    connect, login, examine, search, fetch, logout = exchanges(folder)
    assert connect["asked"] == {"method": "CONNECT", "url": place}
    assert login["asked"] == {"method": "LOGIN", "url": place}
    assert examine == {
        "asked": {"method": "EXAMINE", "url": place, "body": '"INBOX"'},
        "answered": {"answer": "OK", "data": [{"body": "7"}]},
    }
    assert search["answered"] == {"answer": "OK", "data": [{"body": "1"}]}
    (about, mail), *_ = fetch["answered"]["data"]
    assert "UID 1" in about["body"]
    assert "Subject: Mail 1" in mail["body"]
    assert logout["asked"]["method"] == "LOGOUT"


def test_of_headers_that_nobody_reads_only_the_names_are_kept():
    kept = scrubbed(MAIL, Scrubber())
    assert b"canary" not in kept
    assert b"private.example" not in kept
    assert kept.count(b"REMOVED") == 4
    assert kept.endswith(b"\r\n\r\nEvery time.\r\nTo: nobody\r\n")
    assert kept.startswith(b"Received: REMOVED; Mon, 02 Mar 2026 11:00:00 +0000\r\n")


@pytest.mark.parametrize(
    "wrapped",
    [
        base64.encodebytes(b"x" * 40 + PASSWORD.encode() + b"y" * 40),
        quopri.encodestring(b"x" * 70 + PASSWORD.encode()),
        quopri.encodestring(PASSWORD.encode(), quotetabs=True),
        f"{PASSWORD[:9]}\r\n{PASSWORD[9:]}".encode(),
    ],
    ids=["base64", "a soft break", "quoted-printable", "two lines"],
)
def test_a_mail_that_hides_the_password_as_only_mails_do_is_not_kept(wrapped):
    assert PASSWORD.encode() not in wrapped
    scrubber = Scrubber([PASSWORD])
    assert scrubbed(MAIL + wrapped, scrubber) == REMOVED.encode()
    assert scrubbed(MAIL + b"innocent", scrubber).endswith(b"innocent")


def made_of(raw: bytes) -> tuple[Post, ...] | str:
    try:
        return posts_of(Letter(raw, "here", NOW), "inbox", NOW)
    except NotAPost as error:
        return error.reason


def a_mail(number: int) -> bytes:
    mail = EmailMessage()
    mail["Received"] = "from a by b; Mon, 02 Mar 2026 10:00:00 +0000"
    mail["To"], mail["From"] = "bob@x.example", f"Ann {number} <ann@x.example>"
    mail["Subject"] = "Re: Größe" * number
    mail["In-Reply-To"] = f"<{number - 1}@x.example>"
    mail["List-Id"] = "Users <users.x.example>"
    mail["Archived-At"] = f"<https://list.example/{number}>"
    mail["Auto-Submitted"], mail["X-Mailer"] = "no", "z" * 200
    mail.set_content(f"> said\n\nIt breaks {number} ☃\n-- \nann")
    if number % 2:
        mail.add_alternative("<p>It breaks</p>", "html")
    return mail.as_bytes()


def test_what_is_kept_of_a_mail_makes_the_same_posts_however_broken_it_is():
    scrubber = Scrubber([PASSWORD])
    whole = [MAIL, MAIL.replace(b"\r\n", b"\n"), b"From x\r\n" + MAIL, *map(a_mail, range(1, 5))]
    for seed in range(400):
        raw = whole[seed % len(whole)]
        raw = raw if seed < len(whole) else mutated(raw, Random(seed))
        assert made_of(scrubbed(raw, scrubber)) == made_of(raw), seed


def test_the_headers_that_are_kept_are_those_that_are_read():
    """Else a replay would read less than the recording did."""
    code = Path(__file__).parents[2] / "bot" / "sources" / "mail"
    asked = set[str]()
    for path in code.glob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            for start in ('header(mail, "', 'header(part, "', '_first_id(mail, "'):
                asked |= {piece.partition('"')[0] for piece in line.split(start)[1:]}
    kept = {name.decode() for name in READ} | {"received"}
    assert len(asked) > 8
    assert asked <= kept


TAMPERED = [
    {},
    {"answered": 5},
    {"answered": {"answer": "OK"}},
    {"answered": {"answer": "OK", "data": 5}},
    {"answered": {"answer": "OK", "data": [5]}},
    {"answered": {"answer": "OK", "data": [{"body": 5}]}},
    {"answered": {"answer": "OK", "data": [{"base64": "a"}]}},
    {"answered": {"answer": "OK", "data": [[{"body": "a"}]]}},
    {"failed": 5},
    {"failed": "SystemExit: now"},
]


@pytest.mark.parametrize("came", TAMPERED, ids=str)
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_file_whose_answer_was_tampered_with_is_a_source_error(world, folder, came, number):
    world.populate(2)
    reading(world, record(folder, NOW, ()))
    path = folder / f"{number:05}.json"
    path.write_text(json.dumps({"asked": json.loads(path.read_text())["asked"], **came}))
    (told,) = replayed(world, folder)
    assert isinstance(told, str)


def test_a_recording_can_hold_mail_and_http_side_by_side(world, folder):
    tape = record(folder, NOW, ())
    world.populate(2)
    transport = tape.over(guarded_transport(frozenset({"127.0.0.1"})))
    with Site(lambda _: Answer()) as site, closing(Http(transport=transport)) as http:
        http.get(site.url)
    first = reading(world, tape)
    assert len(exchanges(folder)) == 7
    assert replayed(world, folder) == first
