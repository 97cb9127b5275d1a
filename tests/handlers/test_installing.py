"""Installing the app: for a workspace that may, by the browser that began it, not otherwise."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import structlog
import typer

from bot import workspaces
from bot.app import wall_clock
from bot.cli import serving as command
from bot.cli.call import options
from bot.slack import oauth
from bot.slack.installations import Installations
from bot.slack.manifest import INSTALL, REDIRECT, scopes
from handlers.installing import AT_ONCE, OPEN_MOST, TIME, Begun
from handlers.slack_http import SLACK
from tests.cli import logs_left_alone
from tests.fakes import Clock
from tests.handlers.serving_several import (
    ACME,
    OTHER,
    STRANGER,
    URL,
    Browser,
    Idle,
    Process,
    configure,
    over_http,
    serving,
)
from tests.handlers.test_slack import wait_for
from tests.test_serving import while_serving
from tests.world.several import CLIENT_ID, Slack, slack_of
from tests.world.site import Answer, Fault, json_answer


@pytest.fixture
def slack() -> Iterator[Slack]:
    with slack_of(ACME, OTHER, STRANGER) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock(wall_clock())


@pytest.fixture
def process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slack: Slack, clock: Clock
) -> Iterator[Process]:
    """Two workspaces may install it; whoever is asked in Slack allows it in the first."""
    configure(monkeypatch, tmp_path, slack, (ACME, OTHER))
    slack.choice = ACME
    with serving(tmp_path, slack, clock) as made:
        yield made


def nothing_installed(process: Process) -> bool:
    """Whether no token is kept, and nobody is served."""
    kept = [path for path in process.folder.rglob("*") if "installation" in path.name]
    return kept == [] and process.command(ACME, "help").status == 404


# The way there and back


def test_it_sends_people_to_slack_with_what_the_manifest_asks_for(process: Process, slack: Slack):
    sent = process.ask(INSTALL)
    where = urlsplit(sent.headers["location"])
    assert sent.status == 302
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{slack.url}/oauth/v2/authorize"
    asked = dict(parse_qsl(where.query))
    assert asked.pop("state")
    assert asked == {
        "client_id": CLIENT_ID,
        "scope": ",".join(sorted(scopes())),
        "redirect_uri": URL + REDIRECT,
    }


def test_the_cookie_is_for_this_host_by_tls_and_for_no_script(process: Process):
    name, *rest = process.ask(INSTALL).headers["set-cookie"].split("; ")
    assert re.fullmatch(r"__Host-groundswell=[\w-]{43}", name)
    assert set(rest) == {"Path=/", "Max-Age=600", "HttpOnly", "SameSite=Lax", "Secure"}


def test_on_loopback_it_works_without_tls(tmp_path, monkeypatch, slack: Slack, clock: Clock):
    configure(monkeypatch, tmp_path, slack, (ACME,))
    path = tmp_path / "groundswell.toml"
    path.write_text(path.read_text().replace(URL, "http://127.0.0.1:8080"))
    with serving(tmp_path, slack, clock) as process:
        sent = process.ask(INSTALL)
    assert sent.headers["set-cookie"].startswith("groundswell=")
    assert "Secure" not in sent.headers["set-cookie"]
    (back,) = parse_qs(urlsplit(sent.headers["location"]).query)["redirect_uri"]
    assert back == "http://127.0.0.1:8080/slack/oauth_redirect"


def test_what_slack_gives_is_kept_and_the_cookie_is_taken_away(process: Process, slack: Slack):
    browser = process.browser
    page = browser.follow(INSTALL)
    assert (page.status, browser.cookies) == (200, {"__Host-groundswell": ""})
    kept = Installations(process.folder / "workspaces").of(ACME)
    assert kept
    assert slack.tokens == {kept.token.get_secret_value(): ACME}
    assert (kept.bot_user, kept.installed_by) == ("U0GROUND", "U0ANN")
    assert kept.scopes == ("chat:write", "commands")
    assert kept.installed_at == process.clock()


def test_a_page_says_nothing_that_a_stranger_wrote_but_as_text_and_is_kept_nowhere(
    process: Process,
):
    page = process.install(ACME)
    assert "installed in T0ACME &amp; &lt;Sons&gt;</h1>" in page.body
    assert page.headers["content-security-policy"].startswith("default-src 'none';")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_who_opens_it_twice_can_come_back_to_either(process: Process):
    browser = process.browser
    first, second = browser.until_slack(), browser.until_slack()
    assert [browser.get(first).status, browser.get(second).status] == [200, 400]
    third = browser.until_slack()
    assert browser.get(third).status == 200


def test_installing_again_with_the_same_token_disturbs_nobody(process: Process, slack: Slack):
    process.install(ACME)
    before = [method for _, method in slack.asked].count("auth.test")
    (token,) = slack.tokens
    slack.grants = {"access_token": token}
    assert process.install(ACME).status == 200
    assert [method for _, method in slack.asked].count("auth.test") == before


# What is no way there


def _told(address: str, **changed: str | None) -> str:
    """An address with other values in it; None takes one away."""
    parts = urlsplit(address)
    told: dict[str, str | None] = {**dict(parse_qsl(parts.query)), **changed}
    return f"{parts.path}?{urlencode({k: v for k, v in told.items() if v is not None})}"


@pytest.mark.parametrize(
    "changed", [{"state": None}, {"state": ""}, {"state": "x" * 43}, {"state": "ü"}], ids=str
)
def test_a_state_that_is_missing_or_wrong_installs_nothing(process: Process, slack, changed):
    browser = process.browser
    page = browser.get(_told(browser.until_slack(), **changed))
    assert (page.status, slack.tokens) == (400, {})
    assert '<a href="install">' in page.body
    assert nothing_installed(process)


def test_a_state_is_good_once_whatever_came_of_it(process: Process, slack: Slack):
    browser = process.browser
    back = browser.until_slack()
    assert browser.get(back).status == 200
    slack.codes["another"] = ACME
    browser = process.browser
    back = browser.until_slack()
    kept = dict(browser.cookies)
    assert browser.get(_told(back, code="wrong")).status == 400
    browser.cookies = kept
    assert browser.get(_told(back, code="another")).status == 400
    assert "another" in slack.codes


def test_a_state_is_over_after_ten_minutes(process: Process, clock: Clock):
    browser = process.browser
    back = browser.until_slack()
    clock.now += TIME
    assert browser.get(back).status == 400
    assert nothing_installed(process)
    back = browser.until_slack()
    clock.now += TIME - timedelta(seconds=1)
    assert browser.get(back).status == 200


@pytest.mark.parametrize(
    "cookies",
    [{}, {"__Host-groundswell": ""}, {"__Host-groundswell": "x" * 43}, {"groundswell": "x"}],
    ids=str,
)
def test_another_browser_cannot_end_what_one_began(process: Process, slack: Slack, cookies):
    browser = process.browser
    back = browser.until_slack()
    other = Browser(process.ask, cookies)
    assert other.get(back).status == 400
    assert browser.get(back).status == 400
    assert slack.tokens == {}
    assert nothing_installed(process)


def test_a_browser_that_began_something_else_cannot_either(process: Process):
    victim, attacker = process.browser, process.browser
    back = attacker.until_slack()
    victim.until_slack()
    assert victim.get(back).status == 400
    assert nothing_installed(process)


def test_what_was_begun_before_a_restart_has_to_begin_again(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME,))
    slack.choice = ACME
    with serving(tmp_path, slack, clock) as process:
        browser = process.browser
        back = browser.until_slack()
    with serving(tmp_path, slack, clock) as process:
        browser.ask = process.ask
        assert browser.get(back).status == 400
        assert browser.follow(INSTALL).status == 200


def test_what_is_let_in_while_the_process_ends_is_kept_for_the_next_and_begins_nothing(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME,))
    slack.choice = ACME
    before = set(threading.enumerate())
    with serving(tmp_path, slack, clock) as process:
        browser = process.browser
        back = browser.until_slack()
    page = browser.get(back)
    assert (page.status, "could not be started" in page.body) == (503, True)
    assert [one.name for one in set(threading.enumerate()) - before if "Sched" in one.name] == []
    with serving(tmp_path, slack, clock) as process:
        assert process.command(ACME, "help").status == 200


def test_only_so_many_are_under_way_at_once(clock: Clock):
    begun = Begun(clock)
    first = begun.begin("a")
    assert begun.knows("a")
    for _ in range(OPEN_MOST):
        begun.begin("b")
    assert not begun.knows("a")
    assert not begun.end(first, "a")


def test_while_slack_is_slow_others_are_answered_at_once(process: Process, slack: Slack):
    """Only so many wait for it; the rest is told to come again."""
    slack.instead, slack.released = Answer(500), threading.Event()
    browsers = [process.browser for _ in range(AT_ONCE + 1)]
    backs = [browser.until_slack() for browser in browsers]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting = [
            threads.submit(one.get, back) for one, back in zip(browsers[1:], backs[1:], strict=True)
        ]
        wait_for(lambda: slack.accesses == AT_ONCE)
        page = browsers[0].get(backs[0])
        assert (page.status, "begin again" in page.body.lower()) == (503, True)
        assert process.ask(INSTALL).status == 302
        slack.released.set()
        assert {one.result().status for one in waiting} == {502}
    slack.instead = None
    assert process.browser.follow(INSTALL).status == 200


def test_whoever_is_not_allowed_in_slack_is_told_so(process: Process, slack: Slack):
    slack.choice = ""
    page = process.browser.follow(INSTALL)
    assert (page.status, "not allowed in Slack" in page.body) == (403, True)
    assert nothing_installed(process)


@pytest.mark.parametrize(
    ("error", "status"),
    [("invalid_scope", 500), ("server_error", 400), ("<script>alert(1)</script>", 400), ("", 400)],
)
def test_an_error_that_slack_sends_somebody_back_with_is_told_as_text(
    process: Process, error: str, status: int
):
    browser = process.browser
    page = browser.get(_told(browser.until_slack(), code=None, error=error))
    assert (page.status, "<script" in page.body) == (status, False)
    assert nothing_installed(process)


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT"])
def test_the_pages_are_only_read(process: Process, method: str):
    assert process.ask(INSTALL, method).status == 405
    assert process.ask(REDIRECT, method).headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("instead", "status"),
    [
        (json_answer({"ok": False, "error": "invalid_code"}), 400),
        (json_answer({"ok": False, "error": "code_already_used"}), 400),
        (json_answer({"ok": False, "error": "bad_client_secret"}), 500),
        (json_answer({"ok": False, "error": "bad_redirect_uri"}), 500),
        (json_answer({"ok": False, "error": "internal_error"}), 502),
        (json_answer({"ok": False, "error": "ratelimited"}, 429), 502),
        (json_answer({"ok": False, "error": "<b>not-for-eyes</b>"}), 502),
        (json_answer({"ok": False}), 502),
        (json_answer({"ok": True}), 502),
        (json_answer({"ok": True, "access_token": "xoxb-not-for-eyes"}), 502),
        (json_answer(["not-for-eyes"]), 502),
        (json_answer(None), 502),
        (json_answer([]), 502),
        (Answer(body=b'{"ok": true, "access_token": "xoxb-not-for-eyes'), 502),
        (Answer(body=b"<html>xoxb-not-for-eyes</html>"), 502),
        (Answer(body=b"\xff"), 502),
        (Answer(500, b"xoxb-not-for-eyes"), 502),
        (Answer(302, headers={"location": "http://127.0.0.1:1/"}), 502),
        (Answer(fault=Fault.RESET), 502),
        (Answer(body=b'{"ok": true, "access_token": "xoxb-not', fault=Fault.TRUNCATED), 502),
    ],
    ids=str,
)
def test_what_slack_does_not_give_is_told_and_nothing_is_kept(
    process: Process, slack: Slack, caplog, capfd, instead: Answer, status: int
):
    slack.instead = instead
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logs:
        page = process.browser.follow(INSTALL)
    assert page.status == status
    assert nothing_installed(process)
    told = [page.body, str(logs), caplog.text, *capfd.readouterr()]
    assert "not-for-eyes" not in "".join(told)


def test_a_slack_that_is_slow_is_not_waited_for(process: Process, slack: Slack, monkeypatch):
    monkeypatch.setattr(oauth, "TIMEOUT_S", 0.2)
    slack.instead = Answer(fault=Fault.STALL)
    assert process.browser.follow(INSTALL).status == 502
    assert nothing_installed(process)


@pytest.mark.parametrize(
    ("grants", "says"),
    [
        ({"team": None, "is_enterprise_install": True}, "a whole organisation"),
        ({"is_enterprise_install": True}, "a whole organisation"),
        ({"team": {"id": STRANGER, "name": "<b>"}}, f"not open to the workspace {STRANGER}"),
        ({"expires_in": 43_200, "refresh_token": "xoxe-1"}, "tokens rotate"),
    ],
)
def test_a_token_that_may_not_be_kept_is_given_back(process: Process, slack: Slack, grants, says):
    slack.grants = grants
    page = process.browser.follow(INSTALL)
    assert (page.status, says in page.body) == (403, True)
    assert [method for _, method in slack.asked] == ["auth.revoke"]
    assert slack.tokens == {}
    assert nothing_installed(process)


@pytest.mark.parametrize(
    "grants",
    [
        {"team": {"id": "../../etc"}},
        {"team": {"id": "T0ACME/../T0OTHER"}},
        {"team": {"id": f"{ACME}\n"}},
        {"team": "T0ACME"},
        {"bot_user_id": None},
        {"authed_user": {"id": '"]\ndecide = ["*'}},
        {"scope": None},
    ],
    ids=str,
)
def test_an_answer_that_makes_no_sense_is_given_back_too(process: Process, slack: Slack, grants):
    slack.grants = grants
    assert process.browser.follow(INSTALL).status == 502
    assert slack.tokens == {}
    assert nothing_installed(process)


def test_a_token_that_cannot_be_given_back_is_told_in_the_log(process: Process, slack: Slack):
    slack.grants = {"team": {"id": STRANGER}, "access_token": "xoxb-not-for-eyes"}
    slack.tokens["xoxb-not-for-eyes"] = STRANGER
    slack.revokes = Answer(500)
    with structlog.testing.capture_logs() as logs:
        assert process.browser.follow(INSTALL).status == 403
    assert any("could not be given back" in one["event"] for one in logs)
    assert "not-for-eyes" not in str(logs)


def test_where_nothing_can_be_written_nothing_is_installed(process: Process):
    (process.folder / "workspaces").write_text("in the way")
    with structlog.testing.capture_logs() as logs:
        assert process.install(ACME).status == 503
    assert "cannot be made" in str(logs)
    assert process.command(ACME, "help").status == 404


def test_what_is_let_in_and_cannot_be_started_is_started_once_it_can(process: Process):
    home = process.folder / "workspaces" / ACME
    home.mkdir(parents=True)
    (home / "groundswell.toml").write_text("databse = 1")
    page = process.install(ACME)
    assert (page.status, "could not be started" in page.body) == (503, True)
    assert process.command(ACME, "help").status == 503
    (home / "groundswell.toml").unlink()
    assert process.install(ACME).status == 200
    assert process.command(ACME, "help").status == 200


def test_neither_token_nor_code_nor_secret_is_told_in_any_log(
    tmp_path, monkeypatch, slack: Slack, clock: Clock, caplog, capfd
):
    """From the first page to the end of an installation, with all that may go wrong between."""
    configure(monkeypatch, tmp_path, slack, (ACME,))
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logs:
        with serving(tmp_path, slack, clock) as process:
            slack.instead = Answer(500)
            process.install(ACME)
            slack.instead = None
            process.install(STRANGER)
            process.install(ACME)
            process.command(ACME, "help")
            wait_for(lambda: bool(process.answers(ACME)))
            process.event("T0UNKNOWN", "app_mention")
            slack.uninstall(ACME)
            process.event(ACME, "tokens_revoked")
            wait_for(lambda: "uninstalled" in str(logs))
        with serving(tmp_path, slack, clock):
            pass
    told = "".join((str(logs), caplog.text, *capfd.readouterr()))
    assert "installed" in told
    assert "not-for-eyes" not in told


# The command


def serve(monkeypatch: pytest.MonkeyPatch, visit: Callable[[str], Any]) -> Any:
    """What a visitor of `groundswell serve` saw, over sockets."""
    seen: list[Any] = []

    def listening(application: Any, *_: object) -> None:
        seen.append(while_serving(application, visit))

    monkeypatch.setattr(workspaces, "Reading", Idle)
    monkeypatch.setattr(command, "listen", listening)
    cli = typer.Typer()
    cli.callback()(options)
    cli.command("serve")(command.serve)
    with logs_left_alone():
        cli(["serve"], standalone_mode=False)
    return seen[0]


def test_two_workspaces_install_it_over_http_and_a_restart_brings_both_back(
    tmp_path, monkeypatch, slack: Slack
):
    configure(monkeypatch, tmp_path, slack, (ACME, OTHER))

    def through(where: str) -> Process:
        def ask(path: str, *rest: Any, **named: Any) -> Any:
            return over_http(where, path, *rest, **named)

        return Process(ask, slack, Clock(wall_clock()), tmp_path)

    def first(where: str) -> list[int]:
        process = through(where)
        installed = [process.install(team).status for team in (ACME, OTHER, STRANGER)]
        process.command(ACME, "help")
        wait_for(lambda: bool(process.answers(ACME)))
        return installed

    def second(where: str) -> list[int]:
        process = through(where)
        asked = [process.command(team, "themes").status for team in (ACME, OTHER, STRANGER)]
        wait_for(lambda: bool(process.answers(OTHER)))
        return [*asked, process.ask("/health").status, process.ask(SLACK).status]

    assert serve(monkeypatch, first) == [200, 200, 403]
    assert {team for team, _ in slack.answers} == {ACME}
    assert serve(monkeypatch, second) == [200, 200, 404, 200, 405]
