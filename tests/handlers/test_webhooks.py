"""The WSGI application, called as a server calls it, on a real database."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.errors import SourceError, StoreError
from bot.http import Http
from bot.model import Query
from bot.pipeline import Pipeline
from bot.sources.base import Batch, Source
from bot.sources.github.adapter import Github
from bot.store import Store
from bot.understand.cluster import AverageTree
from handlers.webhooks import BODY_MOST, GITHUB, HEALTH, STATUS, Seen, Webhooks, is_signed
from tests.builders import NOW, a_post
from tests.fakes import Scripted, WordHashing
from tests.sources.mutations import mutated

SECRET = "it is no secret here"  # noqa: S105 of nobody's
WEB = "https://github.example/acme/tool"
MARK = "zqxjkvb"
"""A word that a stranger sends and that must not come back."""


@dataclass(frozen=True)
class Got:
    """What the application answered."""

    status: int
    words: str
    headers: dict[str, str]


@dataclass
class Hearing(Scripted):
    """A source that says what it is told to when it hears something."""

    answers: list[Batch | Exception] = field(default_factory=list)

    def heard(self, event: str, payload: object, cursor: str | None = None) -> Batch:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    client = Http()
    yield client
    client.close()


def an_application(store: Store, source: Source, secret: str = SECRET) -> Webhooks:
    sources = {source.name: source}
    return Webhooks(Pipeline(store, WordHashing(), AverageTree(), sources, lambda: NOW), secret)


@pytest.fixture
def application(store, http) -> Webhooks:
    return an_application(store, Github(http=http, now=lambda: NOW, repos=("acme/tool",)))


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def a_request(body: bytes = b"", **changes: Any) -> dict[str, Any]:
    """A sound delivery of the body as a WSGI environment; what is changed to None is left out."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": GITHUB,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_HUB_SIGNATURE_256": signed(body),
        "HTTP_X_GITHUB_EVENT": "issues",
        "wsgi.input": io.BytesIO(body),
    }
    environ |= changes
    environ = {name: value for name, value in environ.items() if value is not None}
    setup_testing_defaults(environ)
    return environ


def ask(application: Callable[..., Any], environ: dict[str, Any]) -> Got:
    """Ask as a server does, which reads the answer to its end and closes it."""
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        told.append((status, headers))
        return lambda _: None

    answer = application(environ, start)
    body = b"".join(answer)
    if close := getattr(answer, "close", None):
        close()
    ((status, headers),) = told
    return Got(int(status.split()[0]), body.decode(), dict(headers))


def deliver(application: Webhooks, payload: Any, event: str = "issues", **changes: Any) -> Got:
    body = json.dumps(payload).encode()
    return ask(validator(application), a_request(body, HTTP_X_GITHUB_EVENT=event, **changes))


def an_issue(action: str = "opened", **fields: Any) -> dict[str, Any]:
    issue = {
        "number": 12,
        "title": "It crashes",
        "body": f"Always, {MARK}",
        "user": {"login": "ann"},
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T10:00:00Z",
        "html_url": f"{WEB}/issues/12",
        **fields,
    }
    repository = {"full_name": "acme/tool", "private": False}
    return {"action": action, "issue": issue, "repository": repository}


BODY = json.dumps(an_issue()).encode()


def count(application: Webhooks) -> int:
    return application.pipeline.store.posts.count(NOW)


# What is taken


def test_a_signed_delivery_is_a_post(application):
    assert deliver(application, an_issue()).status == 202
    ((_, post, _),) = application.pipeline.store.posts.find(Query(), NOW)
    assert (post.key, post.title) == ("github:acme/tool#12", "It crashes")


def test_a_deletion_takes_it_out_again(application):
    deliver(application, an_issue())
    assert deliver(application, an_issue("deleted")).status == 202
    assert count(application) == 0


def test_what_was_heard_belongs_to_the_source_and_moves_no_cursor(application):
    store = application.pipeline.store
    store.posts.save([], place=("github", "here"))
    before = store.sources.state("github")
    deliver(application, an_issue())
    assert store.posts.to_check("github", NOW, 5) == ["acme/tool#12"]
    assert store.sources.state("github") == before


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_content_type_may_say_more(application, kind):
    assert deliver(application, an_issue(), CONTENT_TYPE=kind).status == 202
    assert count(application) == 1


def test_a_form_is_read_too_and_signed_as_it_came(application):
    body = urlencode({"payload": json.dumps(an_issue(title="a&b=c;d%41"))}).encode()
    kind = "application/x-www-form-urlencoded"
    assert ask(validator(application), a_request(body, CONTENT_TYPE=kind)).status == 202
    ((_, post, _),) = application.pipeline.store.posts.find(Query(), NOW)
    assert post.title == "a&b=c;d%41"


@pytest.mark.parametrize("event", ["ping", "push", "", None, MARK])
def test_a_ping_and_all_other_events_are_accepted_and_bring_nothing(application, event):
    with capture_logs() as logs:
        got = ask(validator(application), a_request(BODY, HTTP_X_GITHUB_EVENT=event))
    assert (got.status, count(application)) == (202, 0)
    assert MARK not in repr((got, logs))


@pytest.mark.parametrize("payload", [None, 5, "words", [], {}, an_issue(number="x")])
def test_what_has_an_odd_shape_is_accepted_and_counted(application, payload):
    with capture_logs() as logs:
        assert deliver(application, payload).status == 202
    assert count(application) == 0
    assert [sum(log["rejected"].values()) for log in logs] == [1]


def test_a_body_is_read_however_small_its_pieces_come(application):
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(7, size or 0))

    assert ask(application, a_request(BODY, **{"wsgi.input": Dripping(BODY)})).status == 202
    assert count(application) == 1


def test_no_more_is_read_than_the_length_says(application):
    more = io.BytesIO(BODY + b"GET / HTTP/1.1")
    ask(application, a_request(BODY, **{"wsgi.input": more}))
    assert more.read() == b"GET / HTTP/1.1"


# Twice


def test_a_delivery_that_comes_again_is_accepted_without_a_second_effect(application):
    first = deliver(application, an_issue(), HTTP_X_GITHUB_DELIVERY="a-1")
    deliver(application, an_issue("deleted"), HTTP_X_GITHUB_DELIVERY="a-2")
    assert deliver(application, an_issue(), HTTP_X_GITHUB_DELIVERY="a-1") == first
    assert count(application) == 0


@pytest.mark.parametrize("delivery", [None, "", "x" * 65, "ä", "a b"])
def test_one_without_an_id_that_can_be_one_is_harmless_when_it_comes_again(application, delivery):
    for _ in range(3):
        assert deliver(application, an_issue(), HTTP_X_GITHUB_DELIVERY=delivery).status == 202
    assert count(application) == 1
    assert not application.seen._ids


def test_what_could_not_be_kept_may_be_delivered_again(store):
    post = Batch((a_post(),), None)
    source = Hearing("github", answers=[StoreError("the disk is full"), post])
    application = an_application(store, source)
    assert deliver(application, {}, HTTP_X_GITHUB_DELIVERY="a-1").status == 503
    assert deliver(application, {}, HTTP_X_GITHUB_DELIVERY="a-1").status == 202
    assert count(application) == 1


def test_the_oldest_delivery_is_forgotten_first():
    seen = Seen(most=2)
    for delivery in ("a", "b", "b", "c"):
        seen.add(delivery)
    assert [delivery for delivery in ("a", "b", "c") if delivery in seen] == ["b", "c"]


# Late


def stands(application: Webhooks) -> list[str]:
    return [post.title for _, post, _ in application.pipeline.store.posts.find(Query(), NOW)]


def test_an_older_delivery_that_comes_late_does_not_undo_a_newer_one(application):
    deliver(application, an_issue(title="Third", updated_at="2026-03-01T12:00:00Z"))
    late = an_issue(title="Second", updated_at="2026-03-01T11:00:00Z")
    assert deliver(application, late).status == 202
    assert stands(application) == ["Third"]
    deliver(application, an_issue(title="Fourth", updated_at="2026-03-01T12:00:00Z"))
    assert stands(application) == ["Fourth"]


def test_what_a_delivery_does_not_tell_stays_as_it_was_read(application):
    deliver(application, an_issue(reactions={"+1": 7}, state="open", comments=2))
    deliver(application, an_issue("edited", title="Anew"))
    ((_, post, _),) = application.pipeline.store.posts.find(Query(), NOW)
    assert (post.title, post.score, post.state, post.reply_count) == ("Anew", 7, "open", 2)


# Signatures


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        "sha256",
        signed(BODY)[:-1],
        signed(BODY) + "0",
        signed(BODY) + "\n",
        " " + signed(BODY),
        signed(BODY).upper(),
        signed(BODY).removeprefix("sha256="),
        signed(BODY).replace("sha256=", "sha1="),
        "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest(),
        "sha256=" + hashlib.sha256(BODY).hexdigest(),
        "sha256=" + "g" * 64,
        "sha256=" + "é" * 64,
        "sha256=" + "0" * 64,
        signed(BODY, "another secret"),
        signed(BODY, ""),
        signed(BODY + b" "),
        signed(b""),
    ],
)
def test_a_missing_or_wrong_signature_is_turned_away(application, signature):
    got = ask(application, a_request(BODY, HTTP_X_HUB_SIGNATURE_256=signature))
    assert (got.status, count(application)) == (401, 0)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_changed_body_and_no_changed_signature_is_taken(application, data):
    place = data.draw(st.integers(0, len(BODY) - 1))
    with_byte = BODY[:place] + bytes([data.draw(st.integers(0, 255))]) + BODY[place + 1 :]
    body = data.draw(st.sampled_from([BODY, with_byte, BODY[:place], BODY + BODY[:place]]))
    right = signed(BODY)
    at = data.draw(st.integers(0, len(right) - 1))
    letter = data.draw(st.characters(max_codepoint=255))
    other = right[:at] + letter + right[at + 1 :]
    signature = data.draw(st.sampled_from([right, other, right[:at]]) | st.text(max_size=80))
    assume((body, signature) != (BODY, right))
    got = ask(application, a_request(body, HTTP_X_HUB_SIGNATURE_256=signature))
    assert (got.status, count(application)) == (401, 0)


def test_it_is_the_signature_that_github_documents():
    """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_signed(b"Hello, World!", signature, "It's a Secret to Everybody")


def test_nothing_is_parsed_before_the_signature_is_right(application):
    got = ask(application, a_request(b"{", HTTP_X_HUB_SIGNATURE_256=None, CONTENT_TYPE=MARK))
    assert got.status == 401


@pytest.mark.parametrize("secret", ["", " ", "\t\n"])
def test_without_a_secret_nothing_is_taken_and_the_log_says_how_to_mend_it(store, http, secret):
    source = Github(http=http, now=lambda: NOW, repos=("acme/tool",))
    application = an_application(store, source, secret)
    with capture_logs() as logs:
        got = ask(application, a_request(BODY, HTTP_X_HUB_SIGNATURE_256=signed(BODY, secret)))
    assert (got.status, count(application)) == (503, 0)
    assert "GITHUB_WEBHOOK_SECRET" in logs[0]["mend"]
    assert "GITHUB_WEBHOOK_SECRET" not in got.words


@pytest.mark.parametrize("name", ["github", "hackernews"])
def test_where_github_is_not_read_nothing_is_taken(store, name):
    application = an_application(store, Scripted(name))
    with capture_logs() as logs:
        assert ask(application, a_request(BODY)).status == 503
    assert "[sources.github]" in logs[0]["mend"]


# What is no delivery


@pytest.mark.parametrize("path", ["", "/", GITHUB + "/", GITHUB.upper(), f"/{MARK}", "/../health"])
def test_elsewhere_there_is_nothing(application, path):
    got = ask(application, a_request(BODY, PATH_INFO=path))
    assert (got.status, count(application)) == (404, 0)
    assert MARK not in got.words


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_a_post_delivers(application, method):
    got = ask(validator(application), a_request(BODY, REQUEST_METHOD=method))
    assert (got.status, got.headers["Allow"], count(application)) == (405, "POST", 0)
    assert bool(got.words) is (method != "HEAD")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"CONTENT_LENGTH": None}, 411),
        ({"CONTENT_LENGTH": ""}, 411),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": "1e3"}, 400),
        ({"CONTENT_LENGTH": "٣"}, 400),
        ({"CONTENT_LENGTH": "9" * 5_000}, 400),
        ({"CONTENT_LENGTH": str(len(BODY) + 1)}, 400),
        ({"CONTENT_LENGTH": str(len(BODY) - 1)}, 401),
        ({"CONTENT_LENGTH": "0"}, 401),
        ({"CONTENT_TYPE": "text/plain"}, 415),
        ({"CONTENT_TYPE": None}, 415),
        ({"CONTENT_TYPE": f"application/{MARK}"}, 415),
        ({"CONTENT_TYPE": "application/x-www-form-urlencoded"}, 400),
    ],
)
def test_a_request_in_an_odd_shape_is_turned_away_in_words_of_ours(application, changes, status):
    got = ask(application, a_request(BODY, **changes))
    assert (got.status, count(application)) == (status, 0)
    assert MARK not in got.words


def test_a_body_that_is_too_large_is_not_read(application):
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

    for length, status in ((BODY_MOST + 1, 413), (10**14, 413)):
        changes = {"CONTENT_LENGTH": str(length), "wsgi.input": Unread()}
        assert ask(application, a_request(BODY, **changes)).status == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 5_000,
        b"\x00" * 10,
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_what_is_no_json_is_turned_away_even_if_it_is_signed(application, body, kind):
    assert ask(application, a_request(body, CONTENT_TYPE=kind)).status == 400


@pytest.mark.parametrize(
    "form",
    [
        "payload=",
        "payload",
        "payload=%ff",
        "payload={}&payload={}",
        "payload={}&more=1",
        "other={}",
        "&" * 1_000,
    ],
)
def test_a_form_that_is_not_githubs_is_turned_away(application, form):
    kind = "application/x-www-form-urlencoded"
    assert ask(application, a_request(form.encode(), CONTENT_TYPE=kind)).status == 400


def test_nothing_that_a_stranger_sends_comes_back_or_stands_in_the_log(application):
    names = ("QUERY_STRING", "HTTP_HOST", "HTTP_USER_AGENT", "HTTP_X_GITHUB_EVENT", "REMOTE_ADDR")
    strange = dict.fromkeys((*names, "HTTP_X_GITHUB_DELIVERY", "HTTP_X_FORWARDED_FOR"), MARK)
    stranger = {"HTTP_X_HUB_SIGNATURE_256": MARK}
    kinds: list[dict[str, Any]] = [
        *({}, stranger, {"PATH_INFO": f"/{MARK}"}, {"REQUEST_METHOD": MARK}),
        *({"CONTENT_TYPE": MARK}, {"CONTENT_LENGTH": MARK}),
    ]
    with capture_logs() as logs:
        answers = [ask(application, a_request(BODY, **strange, **kind)) for kind in kinds]
    assert [got.status for got in answers] == [202, 401, 404, 405, 415, 400]
    assert MARK not in repr((answers, logs))
    assert SECRET not in repr((answers, logs, application))


# Faults of ours


def test_a_bug_is_told_by_a_reference_and_nothing_of_what_was_sent(store):
    source = Hearing("github", answers=[ValueError(f"unexpected {MARK}")])
    with capture_logs() as logs:
        got = ask(an_application(store, source), a_request(BODY))
    assert got.status == 500
    assert logs[0]["reference"] in got.words
    assert (logs[0]["kind"], "heard" in logs[0]["where"]) == ("ValueError", True)
    assert MARK not in repr((got, logs))


def test_a_source_that_cannot_say_is_tried_again_by_whoever_delivers(store):
    application = an_application(store, Hearing("github", answers=[SourceError("x: is down")]))
    with capture_logs() as logs:
        got = ask(application, a_request(BODY))
    assert (got.status, logs[0]["error"]) == (503, "x: is down")
    assert "down" not in got.words


def test_no_payload_that_is_rightly_signed_ends_in_a_fault_of_ours(application):
    random = Random(7)
    comment = {"html_url": f"{WEB}/issues/12#issuecomment-3"}
    sound = [
        ("issues", an_issue()),
        ("issues", an_issue("deleted")),
        ("issue_comment", an_issue() | {"comment": an_issue()["issue"] | comment}),
        ("release", an_issue("edited") | {"release": {"tag_name": "v1", "name": "One"}}),
        ("pull_request", an_issue() | {"pull_request": an_issue()["issue"]}),
    ]
    statuses = set()
    for turn in range(5_000):
        event, payload = sound[turn % len(sound)]
        body = mutated(json.dumps(payload).encode(), random)
        got = ask(application, a_request(body, HTTP_X_GITHUB_EVENT=event))
        statuses.add(got.status)
        assert got.status in {202, 400}, body
    assert statuses == {202, 400}


# Health


def test_health_is_told_to_anybody_and_tells_nothing_else(store):
    application = an_application(store, Scripted("rss"), "")
    request = a_request(REQUEST_METHOD="GET", PATH_INFO=HEALTH, HTTP_X_HUB_SIGNATURE_256=None)
    got = ask(validator(application), request)
    assert (got.status, got.words) == (200, "ok\n")


def test_health_takes_nothing(application):
    got = ask(validator(application), a_request(BODY, PATH_INFO=HEALTH))
    assert (got.status, got.headers["Allow"]) == (405, "GET")


def test_every_answer_says_how_long_it_is_and_what_it_is(application):
    for changes in ({}, {"PATH_INFO": "/"}, {"HTTP_X_HUB_SIGNATURE_256": ""}):
        got = ask(validator(application), a_request(BODY, **changes))
        assert int(got.headers["Content-Length"]) == len(got.words)
        assert got.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert all(int(line.split()[0]) == status for status, line in STATUS.items())
