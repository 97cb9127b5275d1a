from __future__ import annotations

import gzip
import json
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from math import isfinite
from unittest.mock import patch

import pytest
import stamina
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import __version__
from bot.answers import REST_MOST_S, Validators, retry_after, shown_url
from bot.errors import SourceError
from bot.http import ATTEMPTS, REDIRECTS, Http, _same_site
from bot.limits import WAIT_MOST_S, Pace
from tests.world.site import Answer, Asked, Fault, Site, json_answer

CAP = 1_000_000
SECRET = "sekret"  # noqa: S105 it is what no message may hold
GZIP = {"content-encoding": "gzip"}


@pytest.fixture(scope="module")
def sites():
    """Two, of one host: what differs is the port. Starting one takes longer than most tests."""
    with Site(hello) as one, Site(hello) as other:
        yield one, other


@pytest.fixture
def site(sites):
    return fresh(sites[0])


@pytest.fixture
def elsewhere(sites):
    return fresh(sites[1])


def hello(asked: Asked) -> Answer:
    return Answer(body=b"hello")


def fresh(site: Site) -> Site:
    site.asked.clear()
    site.respond = hello
    return site


@pytest.fixture
def http(client):
    """As if it had never asked anybody: no site has asked it for rest."""
    client._rests.clear()
    return client


@pytest.fixture(scope="module")
def client():
    client = Http(
        contact="https://example.org/bot",
        allowed_hosts=frozenset({"127.0.0.1"}),
        max_bytes=CAP,
        read_s=5.0,
        total_s=10.0,
        every_site=100_000,
    )
    yield client
    client.close()


@pytest.fixture
def hasty():
    """Waits for nobody."""
    client = Http(
        allowed_hosts=frozenset({"127.0.0.1"}),
        max_bytes=10 * CAP,
        read_s=0.2,
        total_s=0.4,
        every_site=100_000,
    )
    yield client
    client.close()


@pytest.fixture(autouse=True)
def no_waits():
    """As many attempts as in earnest, without the pauses between them."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def slept(monkeypatch):
    """The pauses that would be made in earnest."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    with stamina.set_testing(False):
        yield pauses


def says(site: Site, *answers: Answer) -> None:
    """The site gives these answers in turn, and the last one from then on."""
    left = list(answers)
    site.respond = lambda asked: left.pop(0) if len(left) > 1 else left[0]


def refused(http: Http, url: str, **options) -> SourceError:
    with pytest.raises(SourceError) as caught:
        http.get(url, **options)
    return caught.value


def moved(to: str, status: int = 302) -> Answer:
    return Answer(status, headers={"location": to})


def packed(*members: bytes) -> Answer:
    return Answer(body=b"".join(map(gzip.compress, members)), headers=GZIP)


def bomb(megabytes: int) -> bytes:
    """Zeros in gzip. After a full flush each megabyte packs to the same thousand bytes."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1_000_000)
    first, again = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (megabytes - 1)


class TestWhatIsAsked:
    def test_an_answer_is_its_body_its_type_and_where_it_came_from(self, http, site):
        says(site, Answer(body=b"hello", headers={"content-type": "text/plain; charset=utf-8"}))
        reply = http.get(f"{site.url}/page")
        assert (reply.body, reply.content_type) == (b"hello", "text/plain; charset=utf-8")
        assert reply.url == f"{site.url}/page"
        assert not reply.not_modified

    def test_site_owners_learn_whom_to_write_to(self, http, site):
        http.get(site.url)
        agent = site.asked[0].headers["user-agent"]
        assert agent == f"Groundswell/{__version__} (+https://example.org/bot)"

    def test_without_a_contact_the_bot_still_says_its_name(self, hasty, site):
        hasty.get(site.url)
        assert site.asked[0].headers["user-agent"] == f"Groundswell/{__version__}"

    def test_params_come_on_top_of_those_that_the_address_has(self, http, site):
        http.get(f"{site.url}/?a=1&b=2", params={"b": 3, "words": "ä & ü"})
        assert dict(site.asked[0].query) == {"a": "1", "b": "3", "words": "ä & ü"}

    @pytest.mark.parametrize("params", [None, {}])
    def test_without_params_the_address_keeps_its_own(self, http, site, params):
        http.get(f"{site.url}/?a=1", params=params)
        assert dict(site.asked[0].query) == {"a": "1"}

    def test_headers_are_sent(self, http, site):
        http.get(site.url, headers={"Authorization": "Bearer abc", "Accept": "text/xml"})
        assert site.asked[0].headers["authorization"] == "Bearer abc"
        assert site.asked[0].headers["accept"] == "text/xml"

    def test_only_gzip_is_asked_for(self, http, site):
        http.get(site.url)
        assert site.asked[0].headers["accept-encoding"] == "gzip"

    def test_a_user_in_the_address_logs_in_and_is_not_handed_on(self, http, site):
        reply = http.get(site.url.replace("//", f"//me:{SECRET}@"))
        assert site.asked[0].headers["authorization"].startswith("Basic ")
        assert reply.url.rstrip("/") == site.url

    def test_proxies_and_passwords_of_the_environment_are_not_used(
        self, site, elsewhere, monkeypatch, tmp_path
    ):
        netrc = tmp_path / "netrc"
        netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        client = Http(allowed_hosts=frozenset({"127.0.0.1"}))
        assert client.get(site.url).body == b"hello"
        client.close()
        assert elsewhere.asked == []
        assert "authorization" not in site.asked[0].headers

    def test_links_and_limits_are_told(self, http, site):
        headers = {
            "link": '<https://example.org/?page=2>; rel="next", <https://example.org>; rel="last"',
            "x-ratelimit-remaining": "41",
            "x-ratelimit-limit": "60",
        }
        says(site, Answer(headers=headers))
        reply = http.get(site.url)
        assert reply.links["next"] == "https://example.org/?page=2"
        assert reply.budget is not None
        assert (reply.budget.remaining, reply.budget.limit) == (41, 60)

    @pytest.mark.parametrize(
        "link", ["", ";", "<", ",", "x; rel=next", "<>; rel", '<x>; rel="a"=b', "<,<,<"]
    )
    def test_a_link_header_may_be_garbage(self, http, site, link):
        says(site, Answer(body=b"hello", headers={"link": link, "x-ratelimit-remaining": link}))
        reply = http.get(site.url)
        assert reply.body == b"hello"
        assert reply.budget is None

    def test_threads_share_a_client(self, http, site):
        site.respond = lambda asked: Answer(body=asked.path.encode())
        paths = [f"/{number}" for number in range(40)]
        with ThreadPoolExecutor(8) as threads:
            bodies = list(threads.map(lambda path: http.get(site.url + path).body, paths))
        assert bodies == [path.encode() for path in paths]


class TestAskingWhetherItHasChanged:
    def test_what_the_server_gave_is_handed_on_and_sent_back(self, http, site):
        date = "Tue, 24 Nov 2026 10:00:00 GMT"
        says(site, Answer(body=b"x", headers={"etag": '"v1"', "last-modified": date}), Answer(304))
        first = http.get(site.url)
        assert first.validators == Validators('"v1"', date)
        second = http.get(site.url, validators=first.validators)
        assert second.not_modified
        assert second.body == b""
        assert site.asked[1].headers["if-none-match"] == '"v1"'
        assert site.asked[1].headers["if-modified-since"] == date

    def test_what_the_server_did_not_give_is_not_sent(self, http, site):
        first = http.get(site.url)
        http.get(site.url, validators=first.validators)
        assert not {"if-none-match", "if-modified-since"} & site.asked[1].headers.keys()

    @pytest.mark.parametrize("etag", ['"naïve"', '"a\tb"', '"日本"'])
    def test_a_validator_that_cannot_be_sent_costs_only_the_304(self, http, site, etag):
        reply = http.get(site.url, validators=Validators(etag))
        assert reply.body == b"hello"
        assert "if-none-match" not in site.asked[0].headers

    def test_a_304_that_names_an_address_is_no_redirect(self, http, site):
        says(site, moved("/elsewhere", 304))
        assert http.get(site.url, validators=Validators('"v1"')).not_modified
        assert len(site.asked) == 1


class TestHowMuchIsRead:
    def test_gzip_is_unpacked(self, http, site):
        says(site, packed(b"words " * 1_000))
        assert http.get(site.url).body == b"words " * 1_000

    def test_gzip_may_come_in_several_members(self, http, site):
        says(site, packed(b"first, ", b"", b"second"))
        assert http.get(site.url).body == b"first, second"

    @pytest.mark.parametrize("padding", [b"\0" * 600, b"-- \n"])
    def test_padding_after_gzip_is_no_part_of_it(self, http, site, padding):
        says(site, Answer(body=gzip.compress(b"hello") + padding, headers=GZIP))
        assert http.get(site.url).body == b"hello"

    def test_an_empty_answer_needs_no_unpacking(self, http, site):
        says(site, Answer(headers=GZIP))
        assert http.get(site.url).body == b""

    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
    def test_what_just_fits_is_read_and_a_byte_more_is_not(self, http, site, pack):
        headers = GZIP if pack is gzip.compress else {}
        says(site, Answer(body=pack(bytes(CAP)), headers=headers))
        assert len(http.get(site.url).body) == CAP
        says(site, Answer(body=pack(bytes(CAP + 1)), headers=headers))
        assert "larger than 1,000,000 bytes" in str(refused(http, site.url))

    def test_the_bomb_of_these_tests_is_gzip(self):
        unpack = zlib.decompressobj(wbits=31)
        assert unpack.decompress(bomb(3)) == bytes(3_000_000)

    def test_a_gigabyte_of_zeros_is_never_held(self, http, site):
        says(site, Answer(body=bomb(1_000), headers=GZIP))
        peak, error = peak_of(lambda: refused(http, site.url))
        assert "larger than" in str(error)
        assert len(site.asked) == 1, "trying again would not make it smaller"
        assert peak < 6 * CAP

    def test_a_body_without_an_end_is_cut_short(self, http, site):
        says(site, Answer(body=b"x", fault=Fault.ENDLESS))
        peak, error = peak_of(lambda: refused(http, site.url))
        assert "larger than" in str(error)
        assert peak < 6 * CAP

    def test_gzip_that_never_becomes_a_byte_takes_time_but_no_memory(self, hasty, site):
        says(site, Answer(body=gzip.compress(b""), headers=GZIP, fault=Fault.ENDLESS))
        with stamina.set_testing(True, attempts=1):
            peak, error = peak_of(lambda: refused(hasty, site.url))
        assert "in time" in str(error)
        assert peak < 6 * CAP

    def test_padding_without_an_end_is_not_waited_for(self, http, site):
        body = gzip.compress(b"hello") + bytes(100)
        says(site, Answer(body=body, headers=GZIP, fault=Fault.ENDLESS))
        peak, reply = peak_of(lambda: http.get(site.url))
        assert reply.body == b"hello"
        assert peak < 20 * CAP, "the site itself holds 8 MB"

    @pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "not-for-eyes"])
    def test_an_unknown_packing_is_refused(self, http, site, encoding):
        says(site, Answer(body=b"\x0b\x02", headers={"content-encoding": encoding}))
        error = refused(http, site.url)
        assert "with something else than gzip" in str(error)
        assert "not-for-eyes" not in str(error)


def peak_of(do):
    """The most memory that Python held at once while doing it, and what came of it."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        result = do()
        return tracemalloc.get_traced_memory()[1] - before, result
    finally:
        tracemalloc.stop()


BROKEN = {
    "reset": (Answer(fault=Fault.RESET), "could not be read"),
    "truncated": (Answer(body=b"hel", fault=Fault.TRUNCATED), "broke off"),
    "truncated gzip": (
        Answer(body=gzip.compress(b"hello " * 99)[:-9], headers=GZIP),
        "broke off",
    ),
    "gzip truncated before the first byte": (
        Answer(body=gzip.compress(b"hello")[:11], headers=GZIP),
        "broke off",
    ),
    "no gzip": (Answer(body=b"hello", headers=GZIP), "garbled"),
    "broken gzip": (Answer(body=gzip.compress(b"hello")[:-8] + bytes(8), headers=GZIP), "garbled"),
    "broken second member": (
        Answer(body=gzip.compress(b"hello") + b"\x1f\x8bnot-for-eyes", headers=GZIP),
        "garbled",
    ),
    "a header that is none": (Answer(headers={"x-odd": "not-for-\0eyes"}), "garbled"),
    "headers without an end": (Answer(headers={"x-long": "x" * 300_000}), "garbled"),
    "chunks that are none": (
        Answer(body=b"not-for-eyes\r\n" * 9, headers={"transfer-encoding": "chunked"}),
        "garbled",
    ),
}


class TestQuestionsWithABody:
    def test_they_are_sent_as_json(self, http, site):
        says(site, json_answer({"data": 1}))
        reply = http.post_json(site.url, {"query": "ä"}, headers={"Authorization": "Bearer abc"})
        assert reply.body == b'{"data": 1}'
        (asked,) = site.asked
        assert asked.method == "POST"
        assert json.loads(asked.body) == {"query": "ä"}
        assert asked.headers["content-type"] == "application/json"
        assert asked.headers["authorization"] == "Bearer abc"

    def test_a_form_is_sent_as_one(self, http, site):
        http.post_form(site.url, [("grant_type", "a b&c")], headers={"Authorization": "Basic abc"})
        (asked,) = site.asked
        assert (asked.method, asked.body) == ("POST", b"grant_type=a+b%26c")
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert asked.headers["authorization"] == "Basic abc"

    def test_they_are_asked_again_where_that_may_help(self, http, site):
        says(site, Answer(502), Answer(fault=Fault.RESET), json_answer({}))
        http.post_json(site.url, {"query": "x"})
        assert [json.loads(asked.body) for asked in site.asked] == [{"query": "x"}] * 3

    def test_they_are_sent_to_no_other_address(self, http, site, elsewhere):
        says(site, moved(elsewhere.url, 307))
        with pytest.raises(SourceError, match="change its address") as caught:
            http.post_json(f"{site.url}/?token={SECRET}", {})
        assert caught.value.permanent
        assert SECRET not in str(caught.value)
        assert elsewhere.asked == []


class TestWhatMayPass:
    @pytest.mark.parametrize(("answer", "words"), BROKEN.values(), ids=BROKEN.keys())
    def test_what_breaks_is_tried_again(self, http, site, answer, words):
        says(site, answer, Answer(body=b"whole"))
        assert http.get(site.url).body == b"whole"

    @pytest.mark.parametrize(("answer", "words"), BROKEN.values(), ids=BROKEN.keys())
    def test_what_stays_broken_is_told_without_quoting_it(self, http, site, answer, words):
        says(site, answer)
        error = refused(http, site.url)
        assert words in str(error)
        assert "not-for-" not in str(error)
        assert not error.permanent
        assert len(site.asked) == ATTEMPTS

    def test_nobody_listening_is_told(self, http):
        with Site(lambda asked: Answer()) as site:
            url = site.url
        error = refused(http, url)
        assert "could not be read" in str(error)
        assert not error.permanent

    @pytest.mark.parametrize("fault", [Fault.STALL, Fault.DRIP])
    def test_neither_silence_nor_a_trickle_is_waited_for(self, hasty, site, fault):
        says(site, Answer(body=b"x", fault=fault), Answer(body=b"whole"))
        started = time.monotonic()
        assert hasty.get(site.url).body == b"whole"
        assert time.monotonic() - started < 3.0

    def test_a_trickle_ends_with_the_time_for_the_whole_request(self, hasty, site):
        says(site, Answer(body=b"x", fault=Fault.DRIP))
        with stamina.set_testing(True, attempts=1):
            error = refused(hasty, site.url)
        assert "did not answer in time" in str(error)
        assert not error.permanent

    def test_each_attempt_has_the_whole_time(self, hasty, site):
        says(site, *[Answer(fault=Fault.DRIP)] * (ATTEMPTS - 2), Answer(body=b"whole"))
        assert hasty.get(site.url).body == b"whole"

    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
    def test_a_status_that_may_pass_is_tried_again(self, http, site, status):
        says(site, Answer(status), Answer(status), Answer(body=b"at last"))
        assert http.get(site.url).body == b"at last"
        assert len(site.asked) == 3

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_attempts_are_bounded(self, http, site, status):
        says(site, Answer(status))
        error = refused(http, site.url)
        assert f"answered {status}" in str(error)
        assert not error.permanent
        assert error.retry_after is None
        assert len(site.asked) == ATTEMPTS

    def test_pauses_grow_and_are_bounded(self, http, site, slept):
        says(site, Answer(503))
        refused(http, site.url)
        assert len(slept) == ATTEMPTS - 1
        assert min(slept) >= 0.5
        assert max(slept) <= 10.0


class TestWhatTryingAgainCannotMend:
    @pytest.mark.parametrize(
        ("status", "mend"),
        [
            (401, "token is missing, wrong or expired"),
            (403, "may not read this"),
            (404, "check the address"),
            (410, "remove it from groundswell.toml"),
            (400, "answered 400"),
            (451, "answered 451"),
        ],
    )
    def test_it_is_told_at_once_and_with_the_mend(self, http, site, status, mend):
        says(site, Answer(status, body=b"not-for-eyes"))
        error = refused(http, site.url)
        assert error.permanent
        assert mend in str(error)
        assert "not-for-eyes" not in str(error)
        assert len(site.asked) == 1

    @pytest.mark.parametrize("status", [202, 204, 206, 300, 501, 505, 999])
    def test_an_odd_status_is_no_answer_but_may_be_one_next_time(self, http, site, status):
        says(site, Answer(status))
        error = refused(http, site.url)
        assert f"answered {status}" in str(error)
        assert not error.permanent
        assert len(site.asked) == 1

    @pytest.mark.parametrize(
        "token", [f"{SECRET}\n", f"{SECRET}é", f"{SECRET}\0", f"{SECRET}\r\n x"]
    )
    def test_a_token_that_cannot_be_sent_is_told_but_not_shown(self, http, site, token):
        error = refused(http, site.url, headers={"Authorization": f"Bearer {token}"})
        assert error.permanent
        assert "perhaps the token, holds characters that cannot be sent" in str(error)
        assert SECRET not in str(error)
        assert site.asked == []


class TestBeingAskedToWait:
    @pytest.mark.parametrize("status", [403, 429, 503])
    def test_the_pause_asked_for_is_kept(self, http, site, slept, status):
        says(site, Answer(status, headers={"retry-after": "7"}), Answer(body=b"rested"))
        assert http.get(site.url).body == b"rested"
        assert slept == [7.0]

    def test_a_date_is_waited_for_too(self, http, site, slept):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
        says(site, Answer(429, headers={"retry-after": date}), Answer(body=b"rested"))
        assert http.get(site.url).body == b"rested"
        assert 30 < slept[0] <= 40

    def test_the_longest_pause_is_still_kept(self, http, site, slept):
        says(site, Answer(429, headers={"retry-after": f"{WAIT_MOST_S:.0f}"}), Answer())
        http.get(site.url)
        assert slept == [WAIT_MOST_S]

    @pytest.mark.parametrize("status", [403, 429, 503])
    def test_a_longer_pause_is_told_instead(self, http, site, slept, status):
        says(site, Answer(status, headers={"retry-after": "3600"}))
        error = refused(http, site.url)
        assert error.retry_after == 3600
        assert "asks for 3600 s of rest" in str(error)
        assert not error.permanent
        assert slept == []
        assert len(site.asked) == 1

    def test_a_pause_that_did_not_help_is_told(self, http, site, slept):
        says(site, Answer(403, headers={"retry-after": "3"}))
        error = refused(http, site.url)
        assert error.retry_after == 3
        assert slept == [3.0] * (ATTEMPTS - 1)

    def test_while_a_site_rests_it_is_asked_nothing_and_others_are(self, http, site, elsewhere):
        says(site, Answer(429, headers={"retry-after": "3600"}), Answer())
        refused(http, site.url)
        error = refused(http, f"{site.url}/other?token={SECRET}")
        assert 3_500 < (error.retry_after or 0) <= 3_600
        assert SECRET not in str(error)
        assert len(site.asked) == 1
        assert http.get(elsewhere.url).body == b"hello"

    @pytest.mark.parametrize("status", [403, 429])
    def test_a_limit_that_is_used_up_is_waited_for_where_no_pause_is_named(
        self, http, site, slept, status
    ):
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"}
        says(site, Answer(status, headers=headers), Answer(body=b"rested"))
        assert http.get(site.url).body == b"rested"
        assert slept == [pytest.approx(30, abs=1)]

    def test_a_refusal_with_something_left_of_the_limit_asks_for_no_pause(self, http, site):
        headers = {"x-ratelimit-remaining": "5", "x-ratelimit-reset": "3000"}
        says(site, Answer(403, headers=headers))
        assert refused(http, site.url).permanent

    def test_a_pace_rests_where_an_answer_says_that_nothing_is_left(self, http, site):
        headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{time.time() + 50:.0f}"}
        says(site, Answer(headers=headers))
        waits: list[float] = []
        pace = Pace(100, 1.0, sleep=waits.append)
        http.get(site.url, pace=pace)
        assert waits == []
        http.get(site.url, pace=pace)
        assert waits == [pytest.approx(50, abs=2)]

    def test_garbage_is_no_pause(self, http, site):
        says(site, Answer(429, headers={"retry-after": "not-for-eyes"}), Answer(body=b"rested"))
        assert http.get(site.url).body == b"rested"


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            (None, None),
            ("0", 0),
            ("120", 120),
            (" 5 ", 5),
            ("-5", None),
            ("1.5", None),
            ("1e3", None),
            ("inf", None),
            ("nan", None),
            ("", None),
            ("soon", None),
            ("١٢", None),
            ("9" * 400, REST_MOST_S),
            ("9" * 5_000, REST_MOST_S),
            ("Mon, 01 Jan 2001 00:00:00 GMT", 0),
            ("Mon, 01 Jan 2001 00:00:00", 0),
            ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
            ("Fri, 31 Dec 9999 23:59:59 GMT", REST_MOST_S),
            ("Mon, 01 Jan 2024 00:00:00 +9999999999999", None),
            ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ],
    )
    def test_it_is_a_number_a_date_or_nothing(self, value, seconds):
        assert retry_after(value) == seconds

    @given(
        st.text()
        | st.integers().map(str)
        | st.from_regex(
            r"\A(?:Mon, )?-?\d{1,25} (?:Jan|Feb|x) -?\d{1,25} \d{1,12}:\d{1,12}(?::\d{1,12})? "
            r"(?:GMT|EST|[+-]\d{1,25}|)\Z"
        )
    )
    def test_nothing_breaks_it_and_nobody_waits_for_less_than_nothing(self, value):
        seconds = retry_after(value)
        assert seconds is None or (isfinite(seconds) and 0 <= seconds <= REST_MOST_S)


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("to", ["/there", "there", "{site}/there", "//{host}/there", "?q=1"])
    def test_they_are_followed(self, http, site, status, to):
        to = to.format(site=site.url, host=site.url.removeprefix("http://"))
        says(site, moved(to, status), Answer(body=b"found"))
        reply = http.get(f"{site.url}/here")
        assert reply.body == b"found"
        where = "/here?q=1" if to == "?q=1" else "/there"
        assert reply.url == site.url + where

    def test_params_are_not_sent_twice(self, http, site):
        says(site, moved("/there"), Answer())
        http.get(site.url, params={"q": "words"})
        assert [dict(asked.query) for asked in site.asked] == [{"q": "words"}, {}]

    def test_as_many_as_allowed_are_followed(self, http, site):
        says(site, *[moved(f"/{number}") for number in range(REDIRECTS)], Answer(body=b"found"))
        assert http.get(site.url).body == b"found"

    def test_a_loop_ends(self, http, site):
        says(site, moved("/again?token=sekret"))
        error = refused(http, site.url)
        assert str(error) == f"{site.url}/again: more than {REDIRECTS} redirects"
        assert error.permanent
        assert len(site.asked) == REDIRECTS + 1

    def test_what_is_secret_stays_on_its_site(self, http, site, elsewhere):
        says(site, moved("/there"), moved(elsewhere.url))
        headers = {
            "authorization": f"Bearer {SECRET}",
            "X-Api-Key": SECRET,
            "Cookie": f"session={SECRET}",
            "Accept": "text/xml",
        }
        http.get(site.url, headers=headers, validators=Validators('"v1"'))
        assert SECRET in site.asked[1].headers["authorization"]
        assert SECRET not in str(elsewhere.asked[0].headers)
        assert elsewhere.asked[0].headers["accept"] == "text/xml"
        assert elsewhere.asked[0].headers["if-none-match"] == '"v1"'

    def test_what_is_secret_does_not_come_back_after_a_detour(self, http, site, elsewhere):
        says(site, moved(elsewhere.url), Answer())
        says(elsewhere, moved(site.url))
        http.get(site.url, headers={"Authorization": f"Bearer {SECRET}"})
        assert "authorization" not in site.asked[1].headers

    def test_the_user_in_an_address_stays_on_its_site(self, http, site, elsewhere):
        says(site, moved(elsewhere.url))
        http.get(site.url.replace("//", f"//me:{SECRET}@"))
        assert "authorization" not in elsewhere.asked[0].headers

    @pytest.mark.parametrize(
        ("before", "after", "same"),
        [
            ("https://a.org/x", "https://a.org/y?z", True),
            ("https://a.org", "https://A.ORG:443/", True),
            ("http://a.org", "https://a.org/", True),
            ("http://a.org:8080", "https://a.org:8080/", True),
            ("https://a.org", "http://a.org/", False),
            ("https://a.org", "https://a.org:8443/", False),
            ("https://a.org", "https://b.a.org/", False),
            ("https://a.org", "https://a.org.evil.org/", False),
            ("https://a.org", "https://a.org@evil.org/", False),
            ("https://a.org", "https://evil.org\\@a.org:1/", False),
            ("https://a.org", "https://[/", False),
            ("https://a.org", "https://a.org\ud800/", False),
        ],
    )
    def test_a_site_is_a_host_and_a_port_and_never_less_safe(self, before, after, same):
        assert _same_site(before, after) == same

    @pytest.mark.parametrize(
        "to",
        ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:70/x", "data:text/html,x",
         "javascript:alert(1)", "unix:/run/x.sock", "http+unix://x"],
    )  # fmt: skip
    def test_only_the_web_is_followed(self, http, site, to):
        says(site, moved(to))
        error = refused(http, site.url)
        assert "only http and https are read" in str(error)
        assert error.permanent

    @pytest.mark.parametrize(
        "to",
        ["http://localhost:{port}/", "http://2130706433:{port}/", "http://[::1]:{port}/",
         "http://[::ffff:127.0.0.1]:{port}/", "http://169.254.169.254/latest/meta-data/",
         "http://10.0.0.1/", "//0.0.0.0:{port}/"],
    )  # fmt: skip
    def test_a_private_host_is_not_followed_to(self, http, site, elsewhere, to):
        says(site, moved(to.format(port=elsewhere.url.rpartition(":")[2])))
        error = refused(http, site.url)
        assert "is a private address" in str(error)
        assert error.permanent
        assert elsewhere.asked == []

    @pytest.mark.parametrize(
        "to",
        [
            "http://[",
            "http://[::1",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:x/",
            "http://x:-1/",
        ],
    )
    def test_a_malformed_address_is_not_followed(self, http, site, to):
        says(site, moved(to))
        error = refused(http, site.url)
        assert "malformed" in str(error)
        assert error.permanent

    def test_a_redirect_to_nowhere_is_told(self, http, site):
        says(site, Answer(302))
        assert "answered 302" in str(refused(http, site.url))

    def test_one_that_leads_through_trouble_is_tried_again_from_the_start(self, http, site):
        says(site, moved("/there"), Answer(503), moved("/there"), Answer(body=b"found"))
        assert http.get(f"{site.url}/here").body == b"found"
        assert [asked.path for asked in site.asked] == ["/here", "/there"] * 2


class TestJson:
    def test_it_is_read(self, http, site):
        says(site, json_answer({"posts": [1, "ä", None]}))
        assert http.get_json(site.url, params={"page": 2}) == {"posts": [1, "ä", None]}
        assert site.asked[0].query["page"] == "2"

    @pytest.mark.parametrize("type_", ["text/html; charset=utf-8", "Text/HTML"])
    def test_a_web_page_is_told_from_it(self, http, site, type_):
        says(site, Answer(body=b"<html>not-for-eyes", headers={"content-type": type_}))
        assert str(json_fault(http, site)).endswith("answered with a web page instead of JSON")

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"not-for-eyes", b'{"a": "not-for-eyes', b"\xff\xfe\xfa", b"[" * 100_000,
         b"[" * 100_000 + b"]" * 100_000, b"9" * 5_000, b'"\\u12"'],
        ids=lambda body: repr(body[:12]),
    )  # fmt: skip
    def test_what_is_broken_is_told_without_quoting_it(self, http, site, body):
        says(site, Answer(body=body, headers={"content-type": "application/json"}))
        error = json_fault(http, site)
        assert "answered with broken JSON" in str(error)
        assert "not-for-eyes" not in str(error)
        assert not error.permanent

    def test_a_permanent_fault_stays_one(self, http, site):
        says(site, json_answer({"error": "not-for-eyes"}, 401))
        assert json_fault(http, site).permanent

    @settings(deadline=None)  # a request takes as long as the machine is busy
    @given(st.binary(max_size=60))
    def test_whatever_comes_is_json_or_a_source_error(self, sites, client, body):
        site, _ = sites
        says(site, Answer(body=body))
        try:
            value = client.get_json(site.url)
        except SourceError:
            return
        assert value == json.loads(body) or value != value  # noqa: PLR0124 JSON may say NaN


def json_fault(http: Http, site: Site) -> SourceError:
    with pytest.raises(SourceError) as caught:
        http.get_json(f"{site.url}/?token={SECRET}")
    assert SECRET not in str(caught.value)
    return caught.value


FAULTS = {
    **{name: answer for name, (answer, _) in BROKEN.items()},
    **{str(status): Answer(status) for status in (204, 400, 401, 403, 404, 410, 429, 500, 503)},
    "rest": Answer(429, headers={"retry-after": "3600"}),
    "too large": Answer(body=bytes(CAP + 1)),
    "packing": Answer(headers={"content-encoding": "br"}),
    "loop": moved(f"?token={SECRET}"),
    "with a user": moved(f"http://me:{SECRET}@10.0.0.1/?{SECRET}#{SECRET}"),
    "with a port that is none": moved(f"http://127.0.0.1:{SECRET}/"),
    "to a file": moved(f"file://me:{SECRET}@x/?{SECRET}"),
    "to a user without a host": moved(f"ftp:me:{SECRET}@example.org/"),
}

MALFORMED = (
    "http://", "http:///x", "http:x", "http://[", "http://[::1", "http://127.0.0.1:99999/",
    "http://127.0.0.1:-1/", "http://127.0.0.1:x/", "http://127.0.0.1/\n", "http://127.0.0.1/\x1b[2J",
    "http://\ud800/", "http://127.0.0.1/\ud800", "http://127.0.0.1/?\ud800", " http://127.0.0.1/",
    "http://x" + "y" * 70_000, f"http://me:{SECRET}/{SECRET}@127.0.0.1/",
    f" http://me:{SECRET}@127.0.0.1/", f"http://me:{SECRET}@127.0.0.1:{SECRET}/",
    f"http://me:{SECRET}@[::1/",
)  # fmt: skip


class TestSecrets:
    @pytest.mark.parametrize("answer", FAULTS.values(), ids=FAULTS.keys())
    def test_no_message_holds_a_query_string_or_a_user(self, http, site, answer):
        says(site, answer)
        url = site.url.replace("//", f"//me:{SECRET}@") + f"/page?token={SECRET}#{SECRET}"
        error = refused(http, url, params={"key": SECRET})
        assert SECRET not in str(error)
        assert "?" not in str(error)

    @pytest.mark.parametrize("url", MALFORMED, ids=lambda url: repr(url[:50]))
    def test_a_malformed_address_is_told_but_not_its_secrets(self, http, url):
        error = refused(http, url, params={"key": SECRET})
        assert "malformed" in str(error)
        assert SECRET not in str(error)
        assert error.permanent

    @pytest.mark.parametrize(
        "url", ["", "x", "//x", "mailto:a@b", f"ftp:me:{SECRET}@x", "HTTPX://x"]
    )
    def test_another_protocol_is_told(self, http, url):
        error = refused(http, url)
        assert "only http and https are read" in str(error)
        assert SECRET not in str(error)
        assert error.permanent

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://me:pw@example.org:8443/a/b?q=1#f", "https://example.org:8443/a/b"),
            ("https://example.org", "https://example.org"),
            ("http://[::1]:80/x", "http://[::1]:80/x"),
            ("http://example.org/" + "x" * 999, "http://example.org/" + "x" * 181),
            ("http://example.org/\u202egnp.exe", "the address"),
            ("http:me:pw@example.org", "the address"),
        ],
    )
    def test_an_address_is_shown_short_and_bare(self, url, shown):
        assert shown_url(url) == shown

    @settings(deadline=None)  # a request takes as long as the machine is busy
    @given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=10))
    def test_whatever_the_address_only_a_source_error_leaves(self, client, rest, query, user):
        def nowhere(*_args: object, **_options: object) -> None:
            raise OSError

        marked = f"http://{user}:{SECRET}@{rest}?{SECRET}{query}"
        with patch("socket.getaddrinfo", nowhere):
            for url in (f"http://{rest}", f"{rest}?{SECRET}{query}"):
                assert SECRET not in str(refused(client, url))
            error = refused(client, marked)
        assert "?" not in str(error)
