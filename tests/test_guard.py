from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore2
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.guard import GuardedBackend, public, resolve, within
from bot.http import Http
from tests.world.site import Answer, Fault, Site

NAMES: dict[str, tuple[str, ...]] = {
    "localhost": ("127.0.0.1",),
    "localhost.": ("127.0.0.1",),
    "localhost.localdomain": ("127.0.0.1",),
    "ip6-localhost": ("::1",),
    "intern.test": ("127.0.0.1",),
    "two-faced.test": ("::1", "127.0.0.1"),
    "metadata.test": ("169.254.169.254",),
    "mixed.test": ("127.0.0.1", "10.0.0.1", "1.1.1.1", "::1"),
    "open.test": ("2606:4700:4700::1111", "1.1.1.1"),
    "127.0.0.1.name.test": ("127.0.0.1",),
    "xn--n3h.test": ("127.0.0.1",),
}

HOSTILE = (
    # The plain forms, and how else the same number may be written.
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "2130706433", "017700000001",
    "0x7f000001", "0X7F000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "0177.0.0.01", "0177.1",
    "00000177.0.0.1", "127.0x0.0.0x1", "127.00000.00000.1", "127.0.0.1.",
    "0", "0.0.0.0", "00", "0x0", "0.0.0.1", "0.1.2.3",  # noqa: S104 to refuse it, not to bind to it
    # Networks that are nobody's business.
    "10.0.0.1", "10.255.255.255", "167772161", "172.16.0.1", "172.31.255.254", "192.168.0.1",
    "192.168.1", "0xc0a80001", "100.64.0.1", "100.127.255.254", "100.100.100.200",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "169.254.0.1", "192.0.0.192", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.7", "168.63.129.16", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "4294967295",
    # IPv6, and the IPv4 addresses that lie in it.
    "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[::127.0.0.1]", "[::7f00:1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]", "[::ffff:10.0.0.1]", "[::ffff:0:0]", "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]",
    "[64:ff9b:1:7f00:0:100::]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2002:c0a8:1::1]",
    "[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[fe80::1]", "[fe80::1%lo]",
    "[fe80::1%25lo]", "[febf::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[fd12::1]",
    "[ff02::1]", "[ff0e::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[4000::1]", "[5f00::1]",
    # Names.
    "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost",
    "metadata.test", "127.0.0.1.name.test", "☃.test",
    # Digits and dots that are not ASCII.
    "\uff11\uff12\uff17.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "127\uff0e0\uff0e0\uff0e1",
    "127｡0｡0｡1", "٣", "\U0001d7cf27.0.0.1", "l\u03bfcalhost", "ⓛocalhost",
    "127.0.0.1\u200b", "127.0.0.1\u00ad",
    # Escapes, and nonsense.
    "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "127.0.0.1%00.example.org", "127.0.0.1%20", "%6cocalhost",
    "127.0.0.1.example.test", "127..0.0.1", "[127.0.0.1]", "[::1", "::1", "*", ".", "256.0.0.1",
)  # fmt: skip
"""What a stranger may write for a host that is ours."""

DISGUISED = (
    "http://example.org@127.0.0.1:{port}/", "http://example.org:80@127.0.0.1:{port}/",
    "http://example.org%40127.0.0.1:{port}/", "http://example.org%2f@127.0.0.1:{port}/",
    "http://example.org%23@127.0.0.1:{port}/", "http://127.0.0.1:{port}#@example.org/",
    "http://127.0.0.1:{port}?@example.org/", "http://127.0.0.1:{port}\\@example.org/",
    "http://example.org\\@127.0.0.1:{port}/", "http://a@b@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/http://example.org/", "HTTP://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}/", "http:127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/", "http:///127.0.0.1:{port}/", "//127.0.0.1:{port}/",
    "\thttp://127.0.0.1:{port}/", "http://127.0.0.1:{port}\t/", "ht\ntp://127.0.0.1:{port}/",
    "http://127.0.0.1\r\n:{port}/", "http://127.0.0.1:+{port}/", "http://127.0.0.1:0{port}/",
    "http://127.0.0.1: {port}/", "http://[::ffff:127.0.0.1]:{port}/", "ftp://127.0.0.1:{port}/",
    "ws://127.0.0.1:{port}/", "http+unix://127.0.0.1:{port}/", "file://127.0.0.1:{port}/etc/passwd",
)  # fmt: skip
"""Addresses that are to be taken for others."""

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
    "192.0.1.1", "192.169.0.1", "198.17.255.255", "198.20.0.1", "223.255.255.255",
    "168.63.129.15", "2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888",
    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
)  # fmt: skip


class Canary:
    """Listens on loopback; whoever connects is noticed, whether or not they say anything."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]

    @property
    def disturbed(self) -> bool:
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._listener.close()


class Recording(httpcore2.NetworkBackend):
    """A network on which nobody answers but those who are said to."""

    def __init__(self, *answering: str) -> None:
        self.tried: list[str] = []
        self._answering = answering

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        self.tried.append(host)
        if host not in self._answering:
            raise httpcore2.ConnectError("nobody answers")
        return httpcore2.MockStream([b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"])


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """A resolver that asks no server: it knows NAMES and, as ever, what is a number."""
    known = dict(NAMES)
    really = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **options):
        try:
            addresses = known.get(host.encode("idna").decode().lower(), (host,))
        except UnicodeError:
            addresses = (host,)
        options["flags"] = socket.AI_NUMERICHOST
        return [entry for each in addresses for entry in really(each, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture(autouse=True)
def one_attempt():
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def canary():
    canary = Canary()
    yield canary
    assert not canary.disturbed
    canary.close()


@pytest.fixture
def site():
    with Site(lambda asked: Answer(body=b"hello")) as site:
        yield site


@pytest.fixture(scope="module")
def http():
    """As an operator allows a host of their own: by its name, and by that alone."""
    client = Http(allowed_hosts=frozenset({"intern.test"}), read_s=2.0, every_site=100_000)
    yield client
    client.close()


@pytest.fixture(scope="module")
def redirecting():
    """A site of the operator's own on which somebody else may write."""
    with Site(lambda asked: Answer(302, headers={"location": asked.query["to"]})) as site:
        yield site


def literals(hosts: Iterable[str]) -> list[str]:
    """Those that are addresses as they stand, without brackets and scopes."""
    bare = (host.strip("[]").partition("%")[0] for host in hosts)
    return [text for text in bare if _is_literal(text)]


def _is_literal(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def port_of(site: Site) -> str:
    return site.url.rpartition(":")[2]


def on(network: Recording, http: Http) -> Http:
    """The client on another network than the machine's."""
    transport: Any = http._client._transport
    transport._pool._network_backend._network = network
    return http


class TestWhatIsRefused:
    def test_the_canary_notices_a_mere_connection(self):
        canary = Canary()
        socket.create_connection(("127.0.0.1", canary.port)).close()
        assert canary.disturbed
        canary.close()

    @pytest.mark.parametrize("host", HOSTILE)
    def test_no_form_of_a_private_address_is_connected_to(self, http, canary, host):
        with pytest.raises(SourceError):
            http.get(f"http://{host}:{canary.port}/")
        assert not canary.disturbed

    @pytest.mark.parametrize("url", DISGUISED)
    def test_no_disguise_is_connected_to(self, http, canary, url):
        with pytest.raises(SourceError):
            http.get(url.format(port=canary.port))
        assert not canary.disturbed

    @pytest.mark.parametrize("host", [host for host in HOSTILE if host.isascii()])
    def test_no_redirect_to_one_is_followed(self, http, redirecting, canary, host):
        redirecting.asked.clear()
        to = f"http://{host}:{canary.port}/"
        with pytest.raises(SourceError):
            http.get(f"http://intern.test:{port_of(redirecting)}/", params={"to": to})
        assert len(redirecting.asked) == 1
        assert not canary.disturbed

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "2130706433", "[::1]", "localhost", "metadata.test", "10.0.0.1"]
    )
    def test_the_message_tells_the_mend(self, http, host):
        with pytest.raises(SourceError, match="is a private address") as caught:
            http.get(f"http://{host}/?token=sekret")
        assert "allowed_hosts in [http] of groundswell.toml" in str(caught.value)
        assert "sekret" not in str(caught.value)
        assert caught.value.permanent

    def test_refusals_use_up_no_connections(self, site):
        http = Http(allowed_hosts=frozenset({"127.0.0.1"}))
        for number in range(40):
            with pytest.raises(SourceError):
                http.get(f"http://10.0.0.{number}/")
        assert http.get(site.url).body == b"hello"
        http.close()

    @pytest.mark.parametrize(
        "host", ["nowhere.test", "a" * 64 + ".test", "a..b", "a\0b", "", "\ud800"]
    )
    def test_a_name_without_an_address_is_no_connection(self, host):
        backend = GuardedBackend(frozenset({host}))
        with pytest.raises(httpcore2.ConnectError, match="no address known"):
            backend.connect_tcp(host, 80)


class TestWhichAddressIsConnectedTo:
    def test_it_is_the_one_that_was_checked(self):
        network = Recording("1.1.1.1")
        http = on(network, Http())
        assert http.get("http://1.1.1.1/").body == b"hi"
        assert network.tried == ["1.1.1.1"]

    def test_a_name_that_changes_its_mind_is_asked_once(self, names, canary, monkeypatch):
        network, asked = Recording("1.1.1.1"), []

        def rebinding(host, port, *args, **options):
            asked.append(host)
            address = "1.1.1.1" if len(asked) == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        url = f"http://rebinding.test:{canary.port}/"
        assert on(network, Http()).get(url).body == b"hi"
        assert asked == ["rebinding.test"]
        assert network.tried == ["1.1.1.1"]
        # Another connection is another look-up, and is refused.
        with pytest.raises(SourceError, match="is a private address"):
            Http().get(url)
        assert not canary.disturbed

    def test_it_is_checked_anew_for_every_connection(self, names):
        names["fickle.test"] = ("1.1.1.1",)
        network = Recording()
        http = on(network, Http())
        with pytest.raises(SourceError, match="could not be read"):
            http.get("http://fickle.test/")
        names["fickle.test"] = ("10.0.0.1",)
        with pytest.raises(SourceError, match="is a private address"):
            http.get("http://fickle.test/")
        assert network.tried == ["1.1.1.1"]

    def test_of_several_only_the_public_ones_are_tried(self):
        network = Recording()
        with pytest.raises(SourceError, match="could not be read"):
            on(network, Http()).get("http://mixed.test/")
        assert network.tried == ["1.1.1.1"]

    def test_where_one_does_not_answer_the_next_is_tried(self):
        network = Recording("1.1.1.1")
        assert on(network, Http()).get("http://open.test/").body == b"hi"
        assert network.tried == ["2606:4700:4700::1111", "1.1.1.1"]

    @pytest.mark.parametrize("host", ["intern.test", "Intern.TEST", "two-faced.test"])
    def test_an_allowed_host_is_connected_to_by_its_name(self, site, host):
        http = Http(allowed_hosts=frozenset({"Intern.test", "two-faced.test"}))
        assert http.get(f"http://{host}:{port_of(site)}/").body == b"hello"
        assert site.asked[0].headers["host"] == f"{host.lower()}:{port_of(site)}"
        http.close()

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "x.intern.test", "intern.test."])
    def test_allowing_a_host_allows_no_other(self, names, site, host):
        names["x.intern.test"] = names["intern.test."] = ("127.0.0.1",)
        http = Http(allowed_hosts=frozenset({"intern.test"}))
        with pytest.raises(SourceError, match="is a private address"):
            http.get(f"http://{host}:{port_of(site)}/")
        assert site.asked == []
        http.close()

    def test_a_scope_does_not_hide_an_address(self, monkeypatch):
        entry = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1%eth0", 80, 0, 2))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [entry])
        assert resolve("scoped.test", 80) == [ip_address("fe80::1")]


class TestPublic:
    @pytest.mark.parametrize("text", PUBLIC)
    def test_the_internet_is(self, text):
        assert public(ip_address(text))

    @pytest.mark.parametrize("text", literals(HOSTILE))
    def test_what_only_looks_like_it_is_not(self, text):
        assert not public(ip_address(text))

    def test_the_hostile_forms_hold_enough_of_them(self):
        assert len(literals(HOSTILE)) > 60

    @given(st.ip_addresses(v=4))
    def test_wrapping_an_address_does_not_make_it_public(self, address):
        assert isinstance(address, IPv4Address)
        number = int(address)
        for wrapped in (
            number, 0xFFFF << 32 | number, 0x2002 << 112 | number << 80,
            0x64_FF9B << 96 | number,
            0x2001_0000 << 96 | (number ^ 0xFFFF_FFFF), 0x2001_0000 << 96 | number << 64,
        ):  # fmt: skip
            if public(IPv6Address(wrapped)):
                assert public(address)

    @given(st.ip_addresses(v=6))
    def test_what_was_never_given_out_is_not(self, address):
        given_out = address in ip_network("2000::/3")
        translated = int(address) >> 32 in {0, 0xFFFF, 0x64_FF9B << 64}
        assert given_out or translated or not public(address)


class TestWithin:
    def test_no_wait_outlasts_it(self, site):
        site.respond = lambda asked: Answer(fault=Fault.STALL)
        http = Http(allowed_hosts=frozenset({"127.0.0.1"}), total_s=0.2)
        started = time.monotonic()
        with pytest.raises(SourceError, match="in time"):
            http.get(site.url)
        assert time.monotonic() - started < 2.0

    def test_once_it_is_over_nothing_is_begun(self, site):
        backend = GuardedBackend(frozenset({"127.0.0.1"}))
        with within(0.0), pytest.raises(httpcore2.TimeoutException):
            backend.connect_tcp("127.0.0.1", int(port_of(site)))

    def test_outside_of_it_there_is_no_limit(self, site):
        backend = GuardedBackend(frozenset({"127.0.0.1"}))
        with within(0.0):
            pass
        stream = backend.connect_tcp("127.0.0.1", int(port_of(site)))
        stream.write(b"GET / HTTP/1.0\r\n\r\n")
        assert stream.read(8) == b"HTTP/1.1"
        stream.close()

    def test_it_holds_for_a_connection_that_is_kept(self, site):
        http = Http(allowed_hosts=frozenset({"127.0.0.1"}), total_s=0.6)
        http.get(site.url)
        site.respond = lambda asked: Answer(body=b"x", fault=Fault.DRIP)
        with pytest.raises(SourceError, match="in time"):
            http.get(site.url)
        assert len(site.asked) == 2
        http.close()
