"""Several workspaces in one process: each is told its own, and nothing of another."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import structlog
from pydantic import SecretStr

from bot import settings, workspaces
from bot.app import wall_clock
from bot.errors import SlackError, StoreError
from bot.installed import database_of
from bot.rights import Right
from bot.schedule import Reading
from bot.slack.installations import Installation, Installations
from bot.slack.oauth import OAuth
from bot.store import open_store
from bot.workspaces import Workspaces
from handlers.slack_http import SLACK, Paths
from handlers.teams import Teams, elsewhere
from tests.builders import a_post
from tests.fakes import Clock
from tests.handlers.serving_several import (
    ACME,
    EVERYTHING,
    FORM,
    OTHER,
    SECRET,
    STRANGER,
    URL,
    Process,
    Reply,
    configure,
    in_process,
    serving,
)
from tests.handlers.test_slack import wait_for
from tests.world.several import Slack, slack_of
from tests.world.site import Answer, Fault, Site


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
    """With two workspaces that may install, in which everybody may do everything."""
    configure(monkeypatch, tmp_path, slack, (ACME, OTHER))
    for team in (ACME, OTHER):
        home = tmp_path / "workspaces" / team
        home.mkdir(parents=True)
        (home / "groundswell.toml").write_text(EVERYTHING)
    with serving(tmp_path, slack, clock) as made:
        yield made


def subscriptions(process: Process, team: str) -> list[int]:
    store = open_store(database_of(process.home(team)))
    try:
        return [one.id for one in store.subscriptions.all() if one.channel == "C0NEWS"]
    finally:
        store.close()


def test_a_command_is_answered_in_its_own_workspace_from_its_own_database(process: Process):
    for team in (ACME, OTHER):
        process.install(team)
    assert process.command(ACME, "subscribe daily 09:00").status == 200
    wait_for(lambda: bool(process.answers(ACME)))
    assert "Done" in process.answers(ACME)[0]
    assert process.command(OTHER, "subscriptions").status == 200
    wait_for(lambda: bool(process.answers(OTHER)))
    assert "othing" in process.answers(OTHER)[0]
    assert (subscriptions(process, ACME), subscriptions(process, OTHER)) == ([1], [])


def test_what_is_told_in_a_workspace_is_told_with_its_own_token(process: Process, slack: Slack):
    for team in (ACME, OTHER):
        process.install(team)
        process.event(team, "app_mention", user="U0ANN", channel="C0NEWS", ts="5.5", text="help")
        wait_for(lambda its=slack.workspaces[team]: bool(its.messages))  # type: ignore[misc]  # a default has no type
    posted = [token for token, method in slack.asked if method == "chat.postMessage"]
    assert [slack.tokens[token] for token in posted] == [ACME, OTHER]


def test_what_one_workspace_read_is_found_in_no_other(process: Process):
    for team in (ACME, OTHER):
        process.install(team)
    store = open_store(database_of(process.home(ACME)))
    store.posts.save([a_post(title="Marmalade breaks the parser")])
    store.close()
    for team in (ACME, OTHER):
        process.command(team, "search marmalade")
        wait_for(lambda its=team: bool(process.answers(its)))  # type: ignore[misc]  # a default has no type
    said = json.dumps([told for _, told in process.slack.answers])
    assert said.count("Marmalade breaks the parser") == said.count("Marmalade") > 0
    assert "Marmalade" not in json.dumps([t for its, t in process.slack.answers if its == OTHER])


def test_a_command_in_which_the_word_payload_stands_finds_its_workspace(process: Process):
    """Bolt takes it for an interaction, and tells neither its team nor anything else of it."""
    process.install(ACME)
    assert process.command(ACME, "search payload 100%payload").status == 200
    wait_for(lambda: bool(process.answers(ACME)))
    assert "payload 100%payload" in json.dumps(process.slack.answers)


def test_an_event_of_a_shared_channel_goes_where_the_app_is_installed(process: Process):
    process.install(ACME)
    told = {"user": "U0ANN", "channel": "C0NEWS", "ts": "5.5", "text": "help"}
    assert process.event(ACME, "app_mention", from_team=STRANGER, **told).status == 200
    wait_for(lambda: bool(process.slack.workspaces[ACME].messages))
    assert process.event(STRANGER, "app_mention", "Ev2", from_team=ACME, **told).status == 404


@pytest.mark.parametrize(
    ("payload", "team"),
    [
        ({"type": "block_actions", "team": {"id": ACME}, "user": {"team_id": OTHER}}, ACME),
        ({"type": "view_submission", "team": {"id": ACME}, "view": {"team_id": OTHER}}, ACME),
        ({"type": "block_actions", "team": None, "user": {"team_id": ACME}}, ACME),
        ({"type": "block_actions", "team": None, "view": {"team_id": ACME}}, ACME),
        ({"type": "block_actions", "team": None}, ""),
        ({"type": "event_callback", "team_id": OTHER, "authorizations": [{"team_id": ACME}]}, ACME),
        ({"type": "event_callback", "team_id": ACME, "authorizations": []}, ACME),
        ({"type": "event_callback", "team_id": ACME}, ACME),
        ({"type": "event_callback", "authorizations": [{"team_id": None}]}, ""),
    ],
    ids=str,
)
def test_the_workspace_is_read_from_where_slack_tells_it(clock: Clock, payload: Any, team: str):
    asked = Asked()
    interaction = "event" not in payload["type"]
    body = urlencode({"payload": json.dumps(payload)}) if interaction else json.dumps(payload)
    reply = told(asked, clock, body.encode(), FORM if interaction else "application/json")
    assert (reply.status, asked.teams) == (404, [team])


class Asked:
    """Serves nobody, and knows who was asked for."""

    def __init__(self) -> None:
        self.teams: list[str] = []

    def of(self, team: str) -> None:
        self.teams.append(team)

    def expects(self, team: str) -> bool:
        return False

    def look_again(self, team: str) -> None:
        raise AssertionError("nobody is served")


def told(served: Asked, clock: Clock, body: bytes, kind: str = "application/json") -> Reply:
    teams = Teams(SECRET, served, clock)
    return Process(in_process(teams), Slack(), clock, Path()).signed(body, kind)


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"7", b"{", b"\xff", b""])
def test_what_is_no_payload_of_slack_s_has_no_effect_even_if_it_is_signed(clock: Clock, body):
    assert told(Asked(), clock, body).status in {400, 404}


@pytest.mark.parametrize("event", ["x", 7, [1], None, {"type": ["x"]}, {"type": {}}, {}], ids=str)
def test_an_event_that_is_none_has_no_effect_even_if_it_is_signed(clock: Clock, event: Any):
    body = json.dumps({"type": "event_callback", "team_id": ACME, "event": event})
    assert told(Asked(), clock, body.encode()).status == 404


@pytest.mark.parametrize("team", [STRANGER, OTHER, "", "../T0ACME", "T0ACME/", "E0ORG", "t0acme"])
def test_a_workspace_that_is_not_served_is_told_404_and_nothing_is_done(process: Process, team):
    process.install(ACME)
    asked = len(process.slack.asked)
    assert process.command(team, "subscribe daily 09:00").status == 404
    assert process.event(team, "app_mention", text="help").status == 404
    assert len(process.slack.asked) == asked
    assert sorted(path.name for path in process.folder.iterdir()) == [
        "groundswell.toml",
        "workspaces",
    ]


def test_slack_is_told_that_the_address_is_ours_before_anybody_installed_it(process: Process):
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
    assert json.loads(process.signed(body).body) == {"challenge": "3eZbrw1a"}
    assert process.ask(SLACK, "POST", body, {}).status == 401
    assert process.ask(SLACK).status == 405


def test_a_replay_is_refused_also_after_a_restart(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME,))
    with serving(tmp_path, slack, clock) as process:
        process.install(ACME)
        assert process.command(ACME, "help").status == 200
        assert process.command(ACME, "help").status == 401
    with serving(tmp_path, slack, clock) as process:
        assert process.command(ACME, "help").status == 401


def test_what_the_process_s_own_file_says_in_vain_is_told(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME,))
    path = tmp_path / "groundswell.toml"
    path.write_text(f'log_level = "info"\n{path.read_text()}')
    own = '[slack.rights]\ndecide = ["*"]\n[sources.github]\nrepos = ["a/b"]\n'
    told = []
    for words in ("", own):
        path.write_text(path.read_text() + words)
        with structlog.testing.capture_logs() as logs, serving(tmp_path, slack, clock):
            told.append([one["keys"] for one in logs if "holds for no workspace" in one["event"]])
    assert told == [[], [["slack.rights", "sources"]]]


def test_the_secrets_of_the_app_are_in_no_environment_while_workspaces_are_served(process: Process):
    """Bolt would install by itself where it sees them, and drop each workspace's token."""
    assert "SLACK_CLIENT_SECRET" not in os.environ


def test_whoever_asks_elsewhere_is_told_that_nothing_is_there_or_that_all_is_well(process: Process):
    assert process.ask("/health").body == "ok\n"
    assert process.ask("/health", "POST").status == 404
    assert process.ask("/github/webhooks", "POST").status == 404


# The end of an installation, and another beginning


def test_an_uninstalled_workspace_is_served_no_more_and_its_data_stay(process: Process, slack):
    process.install(ACME)
    process.command(ACME, "subscribe daily 09:00")
    wait_for(lambda: bool(process.answers(ACME)))
    slack.uninstall(ACME)
    with structlog.testing.capture_logs() as logs:
        assert process.event(ACME, "app_uninstalled").status == 200
        wait_for(lambda: any("uninstalled" in one["event"] for one in logs))
    (told,) = (one for one in logs if "uninstalled" in one["event"])
    assert told["where"] == str(Path("workspaces") / ACME)
    assert not (process.home(ACME) / "installation.json").exists()
    assert process.command(ACME, "help").status == 404
    assert subscriptions(process, ACME) == [1]
    # Slack may tell the rest of it later.
    assert process.event(ACME, "tokens_revoked", "Ev2").status == 200


def test_installed_again_it_goes_on_with_what_it_had(process: Process, slack: Slack):
    process.install(ACME)
    process.command(ACME, "subscribe daily 09:00")
    wait_for(lambda: bool(process.answers(ACME)))
    slack.uninstall(ACME)
    process.event(ACME, "app_uninstalled")
    wait_for(lambda: not (process.home(ACME) / "installation.json").exists())
    assert process.install(ACME).status == 200
    process.command(ACME, "subscriptions")
    wait_for(lambda: len(process.answers(ACME)) > 1)
    assert "daily 09:00" in process.answers(ACME)[1]


@pytest.mark.parametrize("event", ["app_uninstalled", "tokens_revoked"])
def test_an_end_that_is_told_after_a_new_beginning_ends_nothing(process: Process, slack, event):
    process.install(ACME)
    slack.uninstall(ACME)
    process.install(ACME)
    assert process.event(ACME, event, tokens={"bot": ["U0GROUND"]}).status == 200
    assert process.command(ACME, "help").status == 200
    assert (process.home(ACME) / "installation.json").exists()


@pytest.mark.parametrize(
    "instead", [Answer(500), Answer(fault=Fault.RESET), Answer(body=b"<html>")], ids=str
)
def test_an_end_that_cannot_be_looked_into_is_not_acknowledged(process: Process, slack, instead):
    process.install(ACME)
    slack.workspaces[ACME].instead["auth.test"] = instead
    assert process.event(ACME, "app_uninstalled").status == 503
    assert process.command(ACME, "help").status == 200
    slack.uninstall(ACME)
    assert process.event(ACME, "app_uninstalled").status == 200
    wait_for(lambda: process.command(ACME, "help again").status == 404)


# Beginning


def test_a_restart_brings_all_workspaces_back(tmp_path, monkeypatch, slack: Slack, clock: Clock):
    configure(monkeypatch, tmp_path, slack, (ACME, OTHER))
    with serving(tmp_path, slack, clock) as process:
        assert [process.install(team).status for team in (ACME, OTHER)] == [200, 200]
    with serving(tmp_path, slack, clock) as process:
        for team in (ACME, OTHER):
            assert process.command(team, "help").status == 200
            wait_for(lambda its=team: bool(process.answers(its)))  # type: ignore[misc]  # a default has no type


def test_a_workspace_that_may_not_any_more_is_not_served_after_a_restart(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME, OTHER))
    with serving(tmp_path, slack, clock) as process:
        process.install(OTHER)
    configure(monkeypatch, tmp_path, slack, (ACME,))
    with structlog.testing.capture_logs() as logs, serving(tmp_path, slack, clock) as process:
        assert process.command(OTHER, "help").status == 404
    assert [one["team"] for one in logs if "not in [slack.oauth] teams" in one["event"]] == [OTHER]
    assert (process.home(OTHER) / "installation.json").exists()


def test_one_that_was_uninstalled_while_nothing_ran_is_told_and_can_be_installed_again(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME, OTHER))
    with serving(tmp_path, slack, clock) as process:
        assert [process.install(team).status for team in (ACME, OTHER)] == [200, 200]
    slack.uninstall(ACME)
    with structlog.testing.capture_logs() as logs, serving(tmp_path, slack, clock) as process:
        assert process.command(OTHER, "help").status == 200
        assert process.command(ACME, "help").status == 503
        assert process.install(ACME).status == 200
        assert process.command(ACME, "help").status == 200
    (told,) = (one["error"] for one in logs if one["log_level"] == "error")
    assert told == (
        "Slack does not take the bot's token: token_revoked. "
        f"Install the app again: {URL}/slack/install"
    )


def test_while_slack_is_out_of_reach_it_is_tried_again(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME,))
    monkeypatch.setattr(workspaces, "TRIED_EVERY_S", 0.05)
    with serving(tmp_path, slack, clock) as process:
        process.install(ACME)
    slack.workspaces[ACME].instead["auth.test"] = Answer(fault=Fault.RESET)
    with serving(tmp_path, slack, clock) as process:
        assert process.command(ACME, "help").status == 503
        del slack.workspaces[ACME].instead["auth.test"]
        wait_for(lambda: process.command(ACME, "help").status == 200)


@pytest.mark.parametrize(
    "instead",
    [
        Answer(500),
        Answer(body=b"[]"),
        Answer(body=b"\xff"),
        Answer(body=b"<html>"),
        Answer(body=b'{"ok": tr', fault=Fault.TRUNCATED),
    ],
    ids=str,
)
def test_a_broken_answer_about_one_workspace_keeps_no_other_from_being_served(
    tmp_path, monkeypatch, slack: Slack, clock: Clock, instead: Answer
):
    configure(monkeypatch, tmp_path, slack, (ACME, OTHER))
    monkeypatch.setattr(workspaces, "TRIED_EVERY_S", 0.05)
    with serving(tmp_path, slack, clock) as process:
        assert [process.install(team).status for team in (ACME, OTHER)] == [200, 200]
    slack.workspaces[ACME].instead["auth.test"] = instead
    with serving(tmp_path, slack, clock) as process:
        assert process.command(OTHER, "help").status == 200
        assert process.command(ACME, "help").status == 503
        del slack.workspaces[ACME].instead["auth.test"]
        wait_for(lambda: process.command(ACME, "help").status == 200)


def kept(folder: Path, *teams: str) -> Installations:
    """What these workspaces installed."""
    made = Installations(folder)
    for team in teams:
        made.save(
            Installation(
                team=team,
                name=team,
                token=SecretStr(f"xoxb-not-for-eyes-{team}"),
                bot_user="U0GROUND",
                scopes=(),
                installed_by="U0ANN",
                installed_at=wall_clock(),
            )
        )
    return made


def among(installations: Installations, open_: Any) -> Workspaces:
    """Workspaces that are opened so, with no Slack that could be asked."""
    slack = OAuth("1.2", "client-not-for-eyes", "http://127.0.0.1:1/api/", URL)
    return Workspaces(installations, installations.teams(), open_, slack)


def test_a_bug_that_one_workspace_meets_keeps_no_other_from_being_served_or_ended(tmp_path):
    ended = []

    @contextmanager
    def opened(one: Installation) -> Iterator[Any]:
        if one.team == ACME:
            raise KeyError(one.token.get_secret_value())
        try:
            yield one
        finally:
            ended.append(one.team)
            if one.team == OTHER:
                raise KeyError(one.token.get_secret_value())
            raise StoreError("no space left on device")

    several = among(kept(tmp_path, ACME, OTHER, STRANGER), opened)
    with structlog.testing.capture_logs() as logs, several.serving():
        assert [bool(several.of(team)) for team in (ACME, OTHER, STRANGER)] == [False, True, True]
    assert ended == [OTHER, STRANGER]
    assert [one["team"] for one in logs if one["log_level"] == "error"] == [ACME, OTHER, STRANGER]
    assert "not-for-eyes" not in str(logs)


def test_a_workspace_whose_database_is_gone_at_its_end_is_begun_anew_all_the_same(tmp_path):
    begun = []

    @contextmanager
    def opened(one: Installation) -> Iterator[Any]:
        begun.append(one)
        yield one
        raise StoreError("no space left on device")

    several = among(kept(tmp_path, ACME), opened)
    with several.serving():
        again = begun[0].model_copy(update={"token": SecretStr("xoxb-2")})
        several.install(again)
        assert several.of(ACME)
    assert begun[1:] == [again]


def test_whoever_stops_it_before_all_are_begun_ends_those_that_are(tmp_path):
    ended = []

    @contextmanager
    def opened(one: Installation) -> Iterator[Any]:
        if one.team == OTHER:
            raise KeyboardInterrupt
        try:
            yield one
        finally:
            ended.append(one.team)

    several = among(kept(tmp_path, ACME, OTHER), opened)
    with pytest.raises(KeyboardInterrupt), several.serving():
        raise AssertionError("it was stopped before")
    assert ended == [ACME]


def test_whoever_stops_it_does_not_wait_for_all_that_are_out_of_reach(tmp_path, monkeypatch):
    monkeypatch.setattr(workspaces, "TRIED_EVERY_S", 0.01)
    tried, trying, released = [], threading.Event(), threading.Event()

    def opened(one: Installation) -> Any:
        tried.append(one.team)
        if len(tried) > 2:
            trying.set()
            released.wait(20)
        raise SlackError("Slack is out of reach")

    with among(kept(tmp_path, ACME, OTHER), opened).serving():
        assert trying.wait(20)
        threading.Timer(0.2, released.set).start()
    assert tried == [ACME, OTHER, ACME]


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ('[[sources.mail]]\nname = "a"\npath = "mail"', "sources.mail.path: mail: write all of it"),
        ("databse = 'x'", "databse: there is no such key"),
        ('database = "sqlite:///../T0OTHER/groundswell.db"', "database: take it out"),
        (f'[slack.oauth]\nurl = "{URL}"', "slack.oauth: belongs in the process's own file"),
        ("[", "not TOML"),
    ],
)
def test_a_workspace_whose_file_is_not_sound_keeps_no_other_from_being_served(
    tmp_path, monkeypatch, slack: Slack, clock: Clock, own: str, says: str
):
    configure(monkeypatch, tmp_path, slack, (ACME, OTHER))
    with serving(tmp_path, slack, clock) as process:
        process.install(ACME)
        process.install(OTHER)
    (process.home(ACME) / "groundswell.toml").write_text(own)
    with structlog.testing.capture_logs() as logs, serving(tmp_path, slack, clock) as process:
        assert process.command(ACME, "help").status == 503
        assert process.command(OTHER, "help").status == 200
    (told,) = (one["error"] for one in logs if one["log_level"] == "error")
    assert says in told
    assert str(Path("workspaces") / ACME / "groundswell.toml") in told


def test_an_installation_that_is_no_more_what_was_written_is_told_without_what_is_in_it(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME,))
    home = tmp_path / "workspaces" / ACME
    home.mkdir(parents=True)
    (home / "installation.json").write_text('{"token": "xoxb-not-for-eyes"')
    with structlog.testing.capture_logs() as logs, serving(tmp_path, slack, clock) as process:
        assert process.command(ACME, "help").status == 503
        assert process.install(ACME).status == 200
        assert process.command(ACME, "help").status == 200
    assert "have the app installed again" in str(logs)
    assert "not-for-eyes" not in str(logs)


def test_a_first_configuration_is_made_that_lets_nobody_decide(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    configure(monkeypatch, tmp_path, slack, (ACME,))
    with serving(tmp_path, slack, clock) as process:
        process.install(ACME)
        path = process.home(ACME) / "groundswell.toml"
        file = settings.load(path).file
        assert '# decide = ["U0ANN"]' in path.read_text()
        for words in ("subscribe daily 09:00", "help"):
            process.command(ACME, words)
        wait_for(lambda: len(process.answers(ACME)) > 1)
        assert any("you may not subscribe" in one for one in process.answers(ACME))
    rights = file.slack.rights.rights()
    assert [right for right in Right if rights.may("U0ANN", right)] == [Right.ASK]


def test_only_their_owner_can_read_what_workspaces_have(process: Process):
    process.install(ACME)
    home = process.home(ACME)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "installation.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in home.iterdir() if "groundswell.db" not in path.name) == [
        "groundswell.toml",
        "installation.json",
    ]


def test_the_sources_of_a_workspace_are_read_into_its_database_by_its_file_with_its_token(
    tmp_path, monkeypatch, slack: Slack, clock: Clock
):
    """The commands that read run as they do in earnest."""
    configure(monkeypatch, tmp_path, slack, (ACME,))
    home = tmp_path / "workspaces" / ACME
    home.mkdir(parents=True)
    item = b"<item><guid>1</guid><title>Marmalade</title><link>https://a.example/1</link></item>"
    feed = b'<rss version="2.0"><channel><title>News</title>' + item + b"</channel></rss>"
    with Site(lambda _: Answer(body=feed)) as site:
        (home / "groundswell.toml").write_text(
            '[http]\ncontact = "me@example.org"\nallowed_hosts = ["127.0.0.1"]\n'
            f'[[sources.rss]]\nname = "news"\nurl = "{site.url}/feed"\n'
        )
        with workspaces.several(settings.load(), clock) as ours:
            Process(in_process(Paths(ours, elsewhere)), slack, clock, tmp_path).install(ACME)
            wait_for(lambda: _posts(home) == 1, 60)
    assert not (tmp_path / "groundswell.db").exists()


def _posts(home: Path) -> int:
    store = open_store(database_of(home))
    try:
        return store.posts.count(wall_clock() + timedelta(days=9_999))
    finally:
        store.close()


def test_the_commands_that_read_are_told_the_token_by_their_environment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-of-another")
    tell = 'import os; open("told", "w").write(os.environ["SLACK_BOT_TOKEN"])'
    reading = Reading(
        timedelta(hours=1), [sys.executable, "-c", tell], {"SLACK_BOT_TOKEN": "xoxb-1"}
    )
    reading.read()
    assert (tmp_path / "told").read_text() == "xoxb-1"


def test_whoever_waits_for_a_turn_to_read_can_be_stopped():
    turns = threading.Semaphore()
    turns.acquire()
    reading = Reading(timedelta(hours=1), [sys.executable, "-c", "raise SystemExit"], turns=turns)
    thread = threading.Thread(target=reading.read)
    thread.start()
    reading.stop()
    thread.join(10)
    assert not thread.is_alive()
