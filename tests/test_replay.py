from __future__ import annotations

import base64
import gzip
import json
import socket
import stat
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx2
import pytest
import stamina
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import GroundswellError, SourceError
from bot.exchange import BODY_MOST
from bot.http import Http, guarded_transport
from bot.model import Post
from bot.replay import Reader, Recording, Replaying, Writer, record, replay
from bot.scrub import REMOVED, Scrubber
from tests.builders import NOW
from tests.world.base import WebWorld
from tests.world.feed import FORMS, FeedWorld
from tests.world.hackernews import HackerNewsWorld
from tests.world.site import Answer, Asked, Fault, Site, json_answer

HOSTS = frozenset({"127.0.0.1"})
CANARY = "xoxb-canary/of+a&b=secret-9"
"""Holds what an address, JSON, HTML and base64 each write differently."""


@pytest.fixture(autouse=True)
def _one_attempt():
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recording"


def going_through(transport: httpx2.BaseTransport, **options) -> Http:
    return Http(transport=transport, read_s=0.5, total_s=5, **options)


@contextmanager
def recorded(folder: Path, *secrets: str, **options) -> Iterator[Http]:
    """A way out that is recorded."""
    tape = record(folder, NOW, secrets)
    with closing(going_through(tape.over(guarded_transport(HOSTS)), **options)) as http:
        yield http


@contextmanager
def replayed(folder: Path, **options) -> Iterator[Http]:
    """The recording instead of the world."""
    transport = replay(folder).over(httpx2.MockTransport(lambda _: pytest.fail("went out")))
    with closing(going_through(transport, **options)) as http:
        yield http


def on_disk(folder: Path) -> bytes:
    """All that the recording holds, each byte of it."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def exchanges(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("0*.json"))]


# A replay of a recording is the same reading


def reading(world: WebWorld, moments: Iterable[datetime]) -> list[Post]:
    """What the source gives in one run after the other, each at its moment."""
    posts: list[Post] = []
    cursor: str | None = None
    for world.now in moments:
        for batch in world.source().fetch(cursor, None):
            posts += batch.posts
            cursor = batch.cursor or cursor
    return posts


def happening(world: WebWorld) -> Iterator[datetime]:
    """A world with posts, then with an edit, a deletion and more of them, then as it was."""
    said = world.populate(6)
    yield world.now
    world.edit(said[0])
    world.delete(said[1])
    world.populate(3)
    yield world.now
    yield world.now


def noting(moments: Iterable[datetime], noted: list[datetime]) -> Iterator[datetime]:
    for moment in moments:
        noted.append(moment)
        yield moment


WORLDS: dict[str, Callable[[Http], WebWorld]] = {
    "hackernews": HackerNewsWorld,
    **{f"rss, {form}": partial(FeedWorld, form=form) for form in FORMS},
}


@pytest.mark.parametrize("make", WORLDS.values(), ids=WORLDS.keys())
def test_a_replay_gives_exactly_the_posts_of_the_recording_with_the_network_off(
    folder, make, monkeypatch
):
    moments: list[datetime] = []
    with recorded(folder) as http, make(http) as world:
        first = reading(world, noting(happening(world), moments))
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("went out"))
    with replayed(folder) as world.http:
        again = reading(world, moments)
    assert len(first) > 9
    assert again == first
    assert world.secrets == () or all(s.encode() not in on_disk(folder) for s in world.secrets)


def asked_twice(http: Http, url: str) -> list[object]:
    """The two answers, or what each of them failed with."""
    told: list[object] = []
    for _ in range(2):
        try:
            told.append(http.get(url))
        except SourceError as error:
            told.append((str(error), error.permanent, round(error.retry_after or 0)))
    return told


ANSWERS = {
    "text": Answer(body="schön".encode(), headers={"content-type": "text/plain"}),
    "bytes that are no text": Answer(body=b"\xff\xfe\x00", headers={"etag": '"1"'}),
    "gzip though not asked for": Answer(
        body=gzip.compress(b"packed" * 999), headers={"content-encoding": "gzip"}
    ),
    "limits and links": Answer(
        headers={
            "x-ratelimit-remaining": "7",
            "x-ratelimit-limit": "60",
            "link": '<https://a.example/?page=2>; rel="next"',
            "last-modified": "Tue, 24 Nov 2026 09:00:00 GMT",
        }
    ),
    "404": Answer(404, b"not here"),
    "429": Answer(429, headers={"retry-after": "600"}),
    "500": Answer(500),
    "a time-out": Answer(fault=Fault.STALL),
    "a reset": Answer(fault=Fault.RESET),
    "a cut": Answer(body=b"half of it", fault=Fault.TRUNCATED),
    "too much": Answer(body=b"x" * 2_000),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_or_a_failure_is_the_same_again(folder, answer):
    # Packed, it is not too much, and unpacked it is: gzip counts by what it unpacks to.
    options = {"max_bytes": 10_000 if answer.headers.get("content-encoding") else 1_000}
    with Site(lambda _: answer) as site, recorded(folder, **options) as http:
        first = asked_twice(http, f"{site.url}/page")
    with replayed(folder, **options) as http:
        assert asked_twice(http, f"{site.url}/page") == first


def test_the_same_question_gets_its_answers_in_order_and_then_the_last_again(folder):
    bodies = iter([b"one", b"two", b"three"])
    with Site(lambda _: Answer(body=next(bodies))) as site, recorded(folder) as http:
        for _ in range(3):
            http.get(site.url)
    with replayed(folder) as http:
        assert [http.get(site.url).body for _ in range(5)] == [
            *(b"one", b"two", b"three"),
            *(b"three", b"three"),
        ]


def test_questions_that_differ_in_their_body_are_different_questions(folder):
    with Site(lambda asked: Answer(body=asked.body)) as site, recorded(folder) as http:
        for n in range(3):
            http.post_json(site.url, {"query": n})
    with replayed(folder) as http:
        assert [http.post_json(site.url, {"query": n}).body for n in (2, 0, 1)] == [
            *(b'{"query": 2}', b'{"query": 0}', b'{"query": 1}')
        ]


def test_a_redirect_is_followed_again(folder):
    def respond(asked: Asked) -> Answer:
        moved = Answer(302, headers={"location": "/there?token=canary-of-a-location"})
        return moved if asked.path == "/here" else Answer(body=b"found")

    with Site(respond) as site, recorded(folder) as http:
        http.get(f"{site.url}/here")
    with replayed(folder) as http:
        assert http.get(f"{site.url}/here").body == b"found"
    assert b"canary" not in on_disk(folder)


def test_what_was_not_recorded_is_named_without_its_query(folder):
    with Site(lambda _: Answer()) as site, recorded(folder) as http:
        http.get(f"{site.url}/this")
    with replayed(folder) as http, pytest.raises(SourceError) as caught:
        http.get(f"{site.url}/that?token={CANARY}")
    assert caught.value.permanent
    assert f"GET {site.url}/that was not recorded in {folder}" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_side_by_side_every_exchange_has_a_file_of_its_own(folder):
    with (
        Site(lambda asked: Answer(body=asked.path.encode())) as site,
        recorded(folder) as http,
        ThreadPoolExecutor(8) as threads,
    ):
        list(threads.map(lambda n: http.get(f"{site.url}/{n}"), range(20)))
    assert len(exchanges(folder)) == 20
    with replayed(folder) as http:
        assert [http.get(f"{site.url}/{n}").body for n in range(20)] == [
            f"/{n}".encode() for n in range(20)
        ]


# What is kept


def test_an_exchange_is_a_file_that_people_can_read(folder):
    answer = Answer(body="Größe".encode(), headers={"content-type": "text/plain", "etag": '"7"'})
    with Site(lambda _: answer) as site, recorded(folder) as http:
        http.get(f"{site.url}/page", params={"q": "a b"}, headers={"Accept": "text/plain"})
    (found,) = exchanges(folder)
    assert found == {
        "asked": {
            "method": "GET",
            "url": f"{site.url}/page?q=a+b",
            "headers": {"accept": "text/plain"},
        },
        "answered": {
            "status": 200,
            "headers": {"content-type": "text/plain", "etag": '"7"'},
            "body": "Größe",
        },
    }
    assert "Größe" in on_disk(folder).decode()
    assert site.asked[0].headers["accept-encoding"] == "identity"


def test_no_more_of_a_body_is_kept_than_is_ever_read(folder, monkeypatch):
    monkeypatch.setattr("bot.exchange.BODY_MOST", 70_000)
    endless = Answer(body=b"more ", fault=Fault.ENDLESS)
    with (
        Site(lambda _: endless) as site,
        recorded(folder, max_bytes=200_000) as http,
        pytest.raises(SourceError, match="larger than"),
    ):
        http.get(site.url)
    (found,) = exchanges(folder)
    assert len(found["answered"]["body"]) == 70_000
    assert BODY_MOST > 10_000_000


def test_a_bomb_is_not_unpacked_whole(folder, monkeypatch):
    monkeypatch.setattr("bot.exchange.BODY_MOST", 100_001)
    bomb = Answer(body=gzip.compress(bytes(9_000_000)), headers={"content-encoding": "gzip"})
    with (
        Site(lambda _: bomb) as site,
        recorded(folder, max_bytes=100_000) as http,
        pytest.raises(SourceError, match="larger than"),
    ):
        http.get(site.url)
    assert len(on_disk(folder)) < 700_000
    with (
        replayed(folder, max_bytes=100_000) as http,
        pytest.raises(SourceError, match="larger than"),
    ):
        http.get(site.url)


@pytest.mark.parametrize("packed", [b"no gzip", gzip.compress(b"words" * 99, mtime=0)[:-9]])
def test_what_cannot_be_unpacked_cannot_be_looked_through_and_is_not_kept(folder, packed):
    answer = Answer(body=packed, headers={"content-encoding": "gzip"})
    with Site(lambda _: answer) as site, recorded(folder) as http, pytest.raises(SourceError):
        http.get(site.url)
    (found,) = exchanges(folder)
    assert {*found["answered"]} == {"status", "headers", "unreadable"}
    with replayed(folder) as http, pytest.raises(SourceError, match="was not kept"):
        http.get(site.url)


def test_nobody_but_the_owner_can_read_a_recording(folder):
    with Site(lambda _: Answer()) as site, recorded(folder) as http:
        http.get(site.url)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {folder.name: 0o700, "recording.json": 0o600, "00001.json": 0o600}


def test_a_folder_that_holds_something_is_not_recorded_into(folder):
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(GroundswellError, match="name a new folder"):
        record(folder, NOW, ())
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_made_is_told(folder):
    folder.write_text("a file")
    with pytest.raises(GroundswellError, match="cannot be written"):
        record(folder, NOW, ())


@pytest.mark.parametrize("about", [None, "", "[]", "{}", '{"now": 5}', '{"now": "soon"}'])
def test_what_is_no_recording_is_told(folder, about):
    folder.mkdir()
    if about is not None:
        (folder / "recording.json").write_text(about)
    with pytest.raises(GroundswellError, match="is no recording"):
        replay(folder)


@pytest.mark.parametrize("said", ["", "[]", "{}", '{"asked": 5}', '{"asked": {"method": "GET"}}'])
def test_a_file_that_is_no_exchange_is_named(folder, said):
    record(folder, NOW, ())
    (folder / "00001.json").write_text(said)
    with pytest.raises(SourceError, match=r"00001\.json"):
        replay(folder)


@pytest.mark.parametrize(
    "came", [{}, {"answered": 5}, {"answered": {"status": "x"}}, {"failed": "Exception"}]
)
def test_a_file_whose_answer_was_tampered_with_is_a_source_error(folder, came):
    record(folder, NOW, ())
    asked = {"method": "GET", "url": "https://a.example/", "headers": {}}
    (folder / "00001.json").write_text(json.dumps({"asked": asked, **came}))
    with replayed(folder) as http, pytest.raises(SourceError):
        http.get("https://a.example/")


# Secrets


def everywhere(secret: str) -> dict[str, Answer]:
    """Answers that say a secret back, each in its own way."""
    basic = base64.b64encode(f"client:{secret}".encode()).decode()
    return {
        "in the text": Answer(body=f"you sent {secret}".encode()),
        "as JSON": json_answer({"echo": secret}),
        "in an address": Answer(body=f"https://a.example/?x={quote(secret, safe='')}".encode()),
        "as HTML": Answer(body=f"<a href='{escape(secret)}'>".encode()),
        "packed": Answer(body=f"Authorization: Basic {basic}".encode()),
        "in UTF-16": Answer(body=secret.encode("utf-16")),
        "among bytes that are no text": Answer(body=b"\xff" + secret.encode() + b"\xff"),
        "in gzip": Answer(
            body=gzip.compress(secret.encode()), headers={"content-encoding": "gzip"}
        ),
        "in a header": Answer(headers={"link": f'<https://a.example/?k={secret}>; rel="next"'}),
        "in a cookie": Answer(headers={"set-cookie": f"session={secret}"}),
    }


def holds(said: dict[str, Any]) -> bool:
    """Whether an exchange holds the canary in any form, its body unpacked."""
    told = json.dumps(said, ensure_ascii=False).encode()
    told += base64.b64decode(said.get("answered", {}).get("base64", ""))
    text = told.decode("latin-1") + told.replace(b"\0", b"").decode("latin-1")
    return "canary" in text or BASIC[-12:] in text or BASIC[8:20] in text


def ask_all(http: Http, **sent: Any) -> None:
    """Ask for every answer that says the secret back, sending it along."""
    ways = everywhere(CANARY)
    with Site(lambda asked: ways[unquote(asked.path[1:])]) as site:
        for way in ways:
            http.get(f"{site.url}/{quote(way)}", **sent)


def test_a_configured_secret_is_never_on_disk_however_it_comes_back(folder):
    with recorded(folder, CANARY) as http:
        ask_all(http, params={"q": CANARY}, headers={"Authorization": f"Bearer {CANARY}"})
    assert [said["asked"]["url"] for said in exchanges(folder) if holds(said)] == []
    assert not any(CANARY.encode() in path.read_bytes() for path in folder.iterdir())
    assert REMOVED in on_disk(folder).decode()


BASIC = base64.b64encode(f"client:{CANARY}".encode()).decode()


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"Authorization": f"Bearer {CANARY}"}},
        {"headers": {"Authorization": f"token {CANARY}"}},
        {"headers": {"Authorization": f"Basic {BASIC}"}},
        {"headers": {"Api-Key": CANARY, "Api-Username": "ann"}},
        {"params": {"key": CANARY}},
        {"params": {"access_token": CANARY}},
        {"params": {"client_secret": CANARY}},
    ],
)
def test_a_secret_that_is_only_seen_to_be_sent_is_never_on_disk_either(folder, sent):
    with recorded(folder) as http:
        ask_all(http, **sent)
    assert [said["asked"]["url"] for said in exchanges(folder) if holds(said)] == []


def test_a_user_in_an_address_is_not_on_disk(folder):
    with Site(lambda _: Answer(body=CANARY.encode())) as site, recorded(folder) as http:
        http.get(site.url.replace("//", f"//ann:{quote(CANARY, safe='')}@"))
    assert not any(map(holds, exchanges(folder)))
    assert b"ann" not in on_disk(folder)


def test_a_token_that_an_answer_gives_out_is_not_on_disk_then_or_later(folder):
    given = json_answer({"access_token": CANARY, "refresh_token": "canary", "expires_in": 60})
    answers = iter([given, Answer(body=f"hello {CANARY}".encode())])
    with Site(lambda _: next(answers)) as site, recorded(folder) as http:
        http.post_json(site.url, {"client_secret": "canary-3", "grant_type": "password"})
        http.get(site.url)
    assert not any(map(holds, exchanges(folder)))
    assert json.loads(exchanges(folder)[0]["answered"]["body"])["expires_in"] == 60


def test_a_failure_tells_no_secret_either(folder):
    with (
        Site(lambda _: Answer(fault=Fault.RESET)) as site,
        recorded(folder, CANARY) as http,
        pytest.raises(SourceError),
    ):
        http.get(site.url, params={"token": CANARY}, headers={"X-Token": CANARY})
    assert exchanges(folder)[0]["failed"]
    assert not any(map(holds, exchanges(folder)))


def test_with_its_secrets_removed_a_recording_answers_somebody_with_other_secrets(folder):
    def respond(asked: Asked) -> Answer:
        return Answer(body=asked.path.encode())

    with Site(respond) as site, recorded(folder, "secret-of-ann") as http:
        http.get(f"{site.url}/1", params={"key": "secret-of-ann", "page": 2})
    with replayed(folder) as http:
        assert http.get(f"{site.url}/1", params={"key": "of-bob", "page": 2}).body == b"/1"


@pytest.mark.parametrize("text", ["a key is a key", '{"key": "value"}', "?page=2&q=key", "tok"])
def test_innocent_words_stay(text):
    scrubber = Scrubber(["tok", ""])
    scrubber.learn("page=2")
    assert scrubber.text(text) == text


def test_what_is_said_about_secrets_in_a_post_stays():
    said = json.dumps({"text": 'I set "access_token": "abc" and ?token=abc, and it broke'})
    assert Scrubber().text(said) == said


@settings(max_examples=200, deadline=None)
@given(secret=st.text(min_size=8, max_size=40), before=st.text(max_size=9), after=st.text())
def test_a_known_secret_is_found_in_whatever_stands_around_it(secret, before, after):
    scrubbed = Scrubber([secret]).data(f"{before}{secret}{after}".encode("utf-8", "replace"))
    assert secret.encode("utf-8", "replace") not in scrubbed or secret in REMOVED * 3


@settings(max_examples=200, deadline=None)
@given(secret=st.text(min_size=9, max_size=40), before=st.binary(max_size=9), after=st.binary())
def test_a_known_secret_is_found_in_base64_wherever_it_stands(secret, before, after):
    plain = secret.encode("utf-8", "replace")
    packed = base64.b64encode(before + plain + after)
    scrubbed = Scrubber([secret]).data(packed)
    if REMOVED.encode() not in scrubbed:
        pytest.fail(f"{packed!r} stands there still")


def test_addresses_keep_all_that_is_no_secret():
    url = "https://ann:pw@a.example:8080/p;x/?page=2&TOKEN=abc&flag&q=a%26b#part"
    assert Scrubber().url(url) == f"https://a.example:8080/p;x/?page=2&TOKEN={REMOVED}&flag&q=a%26b"


def test_the_transports_close_what_is_below(folder):
    class Below(httpx2.BaseTransport):
        closed = False

        def close(self) -> None:
            self.closed = True

    below = Below()
    folder.mkdir()
    Recording(below, Writer(folder, Scrubber())).close()
    assert below.closed
    Replaying(Reader(folder)).close()
