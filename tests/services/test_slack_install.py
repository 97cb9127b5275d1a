"""Installing the app in a Slack that was not written for it: the npm package `emulate`.

It asks who somebody is where Slack asks whether the app may come in, and cannot take a token back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot import settings, workspaces
from bot.app import wall_clock
from bot.slack.installations import Installations
from bot.slack.manifest import INSTALL, REDIRECT, scopes
from handlers.slack_http import Paths
from handlers.teams import elsewhere
from tests.fakes import Clock
from tests.handlers.serving_several import (
    URL,
    Browser,
    Idle,
    Process,
    configure,
    in_process,
    over_http,
)
from tests.handlers.test_slack import wait_for
from tests.services.emulating import emulated, needs_emulator
from tests.world.several import CLIENT_ID, CLIENT_SECRET, Slack
from tests.world.site import Answer, Site

SEED = f"""
slack:
  team: {{name: Acme, domain: acme}}
  users:
    - {{name: ann, real_name: Ann Example, email: ann@example.org}}
  oauth_apps:
    - client_id: "{CLIENT_ID}"
      client_secret: {CLIENT_SECRET}
      name: Groundswell
      redirect_uris: ["{URL}{REDIRECT}"]
"""

pytestmark = needs_emulator


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with emulated("slack", SEED, tmp_path_factory.mktemp("emulator")) as found:
        yield found


@pytest.fixture
def team(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the one workspace there is."""
    headers = {"authorization": "Bearer xoxb-anybody"}
    told = over_http(f"http://127.0.0.1:{port}", "/api/auth.test", "POST", b"", headers)
    (found,) = re.findall(r'"team_id":"(T[A-Z0-9]+)"', told.body)
    slack = Slack(url=f"http://127.0.0.1:{port}")
    configure(monkeypatch, tmp_path, slack, (found,))
    monkeypatch.setattr(workspaces, "Reading", Idle)
    return str(found)


def allowed(browser: Browser, port: int) -> str:
    """Where the emulator sends somebody back to who says there that they are Ann."""
    page = browser.get(browser.get(INSTALL).headers["location"])
    assert page.status == 200, page.body
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.body)
    body = urlencode({name: unescape(value) for name, value in hidden}).encode()
    told = {"content-type": "application/x-www-form-urlencoded"}
    where = f"http://127.0.0.1:{port}"
    back = over_http(where, "/oauth/v2/authorize/callback", "POST", body, told)
    return back.headers["location"]


def test_it_is_installed_and_answers_there(port: int, team: str, tmp_path: Path):
    with workspaces.several(settings.load(), Clock(wall_clock())) as ours:
        ask = in_process(Paths(ours, elsewhere))
        browser = Browser(ask)
        back = allowed(browser, port)
        page = browser.get(back)
        assert (page.status, "installed in Acme" in page.body) == (200, True)
        kept = Installations(tmp_path / "workspaces").of(team)
        assert kept
        assert set(kept.scopes) == scopes()
        assert browser.get(back).status == 400
        answers: list[Any] = []

        def respond(asked: Any) -> Answer:
            answers.append(asked.body.decode())
            return Answer(body=b"ok")

        with Site(respond) as site:
            process = Process(ask, Slack(url=site.url), Clock(wall_clock()), tmp_path)
            assert process.command(team, "help").status == 200
            wait_for(lambda: bool(answers))
        assert "What you can ask" in answers[0]


def test_a_code_that_it_did_not_give_installs_nothing(port: int, team: str, tmp_path: Path):
    with workspaces.several(settings.load(), Clock(wall_clock())) as ours:
        browser = Browser(in_process(Paths(ours, elsewhere)))
        back = re.sub(r"code=[^&]*", "code=invented", allowed(browser, port))
        page = browser.get(back)
    assert (page.status, "invalid_code" in page.body) == (400, True)
    assert Installations(tmp_path / "workspaces").teams() == []
