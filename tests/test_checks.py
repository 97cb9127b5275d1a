from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import stamina
from pydantic import SecretStr

from bot import checks
from bot.app import wall_clock
from bot.checks import Check, check_all, checks_drawing
from bot.settings import load
from bot.slack.installations import Installation, Installations
from bot.store import open_store
from bot.terminal import stdout
from bot.understand.embed import MiniLM
from tests.cli import groundswell, set_nothing
from tests.fakes import WordHashing
from tests.world.site import Answer, Fault, Site
from tests.world.workspace import Workspace

FEED = b'<rss version="2.0"><channel><title>News</title>%s</channel></rss>'
ITEM = b"<item><guid>1</guid><title>Release 1</title></item>"
CONTACT = '[http]\ncontact = "me@example.org"\nallowed_hosts = ["127.0.0.1"]\n'

Checked = Callable[..., dict[str, Check]]


@pytest.fixture(autouse=True)
def nothing_set(tmp_path, monkeypatch):
    set_nothing(monkeypatch, tmp_path)
    monkeypatch.setattr("bot.checks.MiniLM", WordHashing)


@pytest.fixture
def checked(tmp_path) -> Checked:
    """Every check, by its name, with this configuration and this database."""

    def run(toml: str | None = None, database: str = "") -> dict[str, Check]:
        if toml is not None:
            (tmp_path / "groundswell.toml").write_text(toml)
        found = check_all(load(), database or f"sqlite:///{tmp_path}/t.db", wall_clock)
        assert len({one.check for one in found}) == len(found)
        return {one.check: one for one in found}

    return run


def a_feed(site: Site, name: str = "news") -> str:
    return f'[[sources.rss]]\nname = "{name}"\nurl = "{site.url}/{name}"\n'


def test_with_nothing_set_up_only_the_sources_are_wrong(checked):
    found = checked()
    assert all(one.detail for one in found.values())
    assert [name for name, one in found.items() if not one.ok] == ["sources"]
    assert "groundswell init --repo owner/name" in found["sources"].fix
    assert [name for name, one in found.items() if one.fix] == ["slack tokens", "sources"]
    assert {"python", "configuration", "database", "embedder"} <= found.keys()


def test_a_configuration_is_named_by_its_file(checked):
    assert "groundswell.toml" in checked('log_level = "info"')["configuration"].detail


# Slack's tokens


@pytest.mark.parametrize(
    ("bot", "app", "wrong"),
    [
        ("xoxb-1-secretive", "xapp-1-secretive", []),
        ("xoxb-1-secretive", "", ["SLACK_APP_TOKEN"]),
        ("", "xapp-1-secretive", ["SLACK_BOT_TOKEN"]),
        ("xapp-1-secretive", "xoxb-1-secretive", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]),
        ("xoxp-1-secretive", "xapp-1-secretive", ["SLACK_BOT_TOKEN"]),
        ("Bearer xoxb-1-secretive", "", ["SLACK_BOT_TOKEN"]),
        ("xoxb-1 secretive", "xapp-1-secretive", ["SLACK_BOT_TOKEN"]),
        ("xoxb-1-secretive", "secretive", ["SLACK_APP_TOKEN"]),
    ],
)
def test_tokens_are_judged_by_their_form_and_never_shown(checked, monkeypatch, bot, app, wrong):
    monkeypatch.setenv("SLACK_BOT_TOKEN", bot)
    monkeypatch.setenv("SLACK_APP_TOKEN", app)
    found = checked()["slack tokens"]
    assert found.ok is not bool(wrong)
    assert bool(found.fix) is bool(wrong)
    named = [n for n in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN") if n in found.detail]
    assert found.ok or named == wrong
    assert "secretive" not in repr(found)


def test_no_tokens_are_a_note_with_how_to_set_them(checked):
    found = checked()["slack tokens"]
    assert (found.ok, "groundswell init" in found.fix) == (True, True)
    with stdout.capture() as told:
        stdout.print(checks_drawing([found]), width=80)
    first, *below = told.get().splitlines()
    assert first.startswith("note   slack tokens: no SLACK_BOT_TOKEN and no SLACK_APP_TOKEN")
    assert len(below) > 1
    assert all(line.startswith(" " * 7) for line in below)


def test_over_http_one_token_and_the_secret_are_enough(checked, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "secretive")
    assert checked()["slack tokens"].ok


@pytest.mark.parametrize(("bot", "app"), [("xoxp-1", "xapp-1"), ("xoxb-1", "xoxb-1")])
def test_run_tells_a_token_of_the_wrong_form_without_asking_slack(monkeypatch, bot, app):
    monkeypatch.setenv("SLACK_BOT_TOKEN", bot)
    monkeypatch.setenv("SLACK_APP_TOKEN", app)
    ran = groundswell("run")
    assert ran.code == 1
    assert "is not one word that begins with" in ran.err
    assert "copy it anew" in ran.err


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_no_check_prints_a_token_or_a_password(tmp_path, monkeypatch, form):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxp-secretive")
    (tmp_path / ".env").write_text("SLACK_APP_TOKEN=secretive\n")
    toml = tmp_path / "c.toml"
    with Site(lambda _: Answer(403)) as site:
        address = site.url.replace("//", "//me:secretive@") + "/feed?key=secretive"
        toml.write_text(f'{CONTACT}[[sources.rss]]\nname = "x"\nurl = "{address}"\n')
        ran = groundswell("--config", toml, "check", *form)
    assert ran.code == 1
    assert "403" in ran.out
    assert "secretive" not in ran.out + ran.err


# The contact


def test_a_source_without_a_contact_is_wrong(checked):
    with Site(lambda _: Answer(body=FEED % ITEM)) as site:
        found = checked('[http]\nallowed_hosts = ["127.0.0.1"]\n' + a_feed(site))["contact"]
    assert (found.ok, "contact = " in found.fix) == (False, True)


def test_the_contact_of_the_example_is_refused(checked):
    found = checked('[http]\ncontact = "you@example.org"\n')["contact"]
    assert (found.ok, "placeholder" in found.detail, "your own" in found.fix) == (False, True, True)


def test_a_contact_is_shown_and_none_is_needed_where_nothing_goes_out(checked):
    assert checked(CONTACT)["contact"] == Check("contact", ok=True, detail="me@example.org")
    assert checked("")["contact"].ok


# Sources


def test_a_source_that_answers_is_right(checked):
    with Site(lambda _: Answer(body=FEED % ITEM)) as site:
        found = checked(CONTACT + a_feed(site))
    assert found["source rss/news"].ok
    assert "1 post" in found["source rss/news"].detail
    assert all(one.ok for one in found.values())


def test_a_source_with_nothing_in_it_is_right(checked):
    with Site(lambda _: Answer(body=FEED % b"")) as site:
        assert checked(CONTACT + a_feed(site))["source rss/news"].ok


def test_a_source_tells_how_it_reads(checked):
    with Site(lambda _: Answer(body=FEED % b"")) as site:
        reddit = (
            f'[sources.reddit]\nsubreddits = ["tool"]\nusername = "ann"\nsite_url = "{site.url}"'
        )
        found = checked(CONTACT + reddit)["source reddit"]
    assert found.ok
    assert "by RSS, without REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET" in found.detail


def test_checking_a_source_saves_nothing(checked, tmp_path):
    with Site(lambda _: Answer(body=FEED % ITEM)) as site:
        checked(CONTACT + a_feed(site))
    with closing(open_store(f"sqlite:///{tmp_path}/t.db")) as store:
        assert store.posts.count(wall_clock()) == 0
        assert store.sources.states() == ()


@pytest.mark.parametrize(
    ("answer", "says", "fix"),
    [
        (Answer(404), "answered 404", "groundswell.toml"),
        (Answer(401), "answered 401", "groundswell.toml"),
        (Answer(410), "answered 410", "groundswell.toml"),
        (Answer(503), "answered 503", "later"),
        (Answer(fault=Fault.RESET), "could not be read", "later"),
        (Answer(body=b"<html><body>Hello</body></html>"), "not a feed", "groundswell.toml"),
    ],
)
def test_a_source_that_does_not_answer_is_wrong_and_stops_no_other_check(
    checked, answer, says, fix
):
    def respond(asked):
        return answer if asked.path == "/gone" else Answer(body=FEED % ITEM)

    with Site(respond) as site, stamina.set_testing(True, attempts=1):
        found = checked(CONTACT + a_feed(site, "gone") + a_feed(site, "news"))
    assert not found["source rss/gone"].ok
    assert says in found["source rss/gone"].detail
    assert fix in found["source rss/gone"].fix
    assert found["source rss/news"].ok


def test_a_source_that_asks_to_be_left_alone_is_to_be_tried_later(checked):
    with Site(lambda _: Answer(429, headers={"retry-after": "3600"})) as site:
        found = checked(CONTACT + a_feed(site))["source rss/news"]
        assert len(site.asked) == 1
    assert (found.ok, found.fix) == (False, "try again later")
    assert "3600" in found.detail


def test_nobody_at_the_address_is_wrong(checked):
    with Site(lambda _: Answer()) as site:
        gone = a_feed(site)
    with stamina.set_testing(True, attempts=1):
        found = checked(CONTACT + gone)["source rss/news"]
    assert (found.ok, found.fix) == (False, "try again later")


def test_a_private_address_that_is_not_allowed_is_wrong_and_says_how_to_allow_it(checked):
    with Site(lambda _: Answer(body=FEED % ITEM)) as site:
        found = checked('[http]\ncontact = "me@example.org"\n' + a_feed(site))["source rss/news"]
        assert site.asked == []
    assert (found.ok, "allowed_hosts" in found.detail) == (False, True)


# The database and the embedder


def test_a_database_that_opens_is_right_and_shows_its_schema(checked, tmp_path):
    found = checked()["database"]
    assert found.ok
    assert "schema 0" in found.detail
    assert (tmp_path / "t.db").exists()


@pytest.mark.parametrize("how", ["no database", "no folder", "cut off", "newer", "no address"])
def test_a_broken_database_is_wrong_and_the_other_checks_go_on(checked, tmp_path, how):
    path = tmp_path / "broken.db"
    open_store(f"sqlite:///{path}").close()
    database = f"sqlite:///{path}"
    if how == "no database":
        path.write_bytes(b"Buy milk. " * 500)
    elif how == "no folder":
        database = f"sqlite:///{tmp_path}/no/such.db"
    elif how == "cut off":
        path.write_bytes(path.read_bytes()[:5000])
    elif how == "newer":
        with closing(sqlite3.connect(path)) as opened, opened:
            opened.execute("UPDATE alembic_version SET version_num = '9999'")
    else:
        database = "broken.db"
    found = checked(database=database)
    assert not found["database"].ok
    assert found["database"].fix
    assert [name for name, one in found.items() if not one.ok] == ["database", "sources"]


def test_the_embedder_that_ships_is_right(checked, monkeypatch):
    monkeypatch.setattr("bot.checks.MiniLM", MiniLM)
    found = checked()["embedder"]
    assert (found.ok, found.fix) == (True, "")
    assert "384 dimensions" in found.detail


def test_weights_that_are_not_the_ones_we_know_are_wrong(checked, monkeypatch):
    monkeypatch.setattr("bot.checks.MiniLM", MiniLM)
    monkeypatch.setattr("bot.understand.embed.MODEL_SHA256", "0" * 64)
    found = checked()["embedder"]
    assert (found.ok, bool(found.fix)) == (False, True)
    assert "SHA-256" in found.detail


# What it says of itself


def test_one_wrong_check_makes_the_command_fail_and_shows_the_mend(tmp_path, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxp-1")
    database = ("--database", f"sqlite:///{tmp_path}/t.db")
    machine, person = (groundswell(*database, "check", *form) for form in (("--json",), ()))
    assert (machine.code, person.code) == (1, 1)
    wrong, _no_source = (one for one in machine.json if not one["ok"])
    assert wrong["check"] == "slack tokens"
    assert wrong["fix"] in person.out
    assert (machine.err, person.err) == ("", "")


def test_the_drawing_has_a_line_a_check():
    found = [Check("one", ok=True, detail="fine"), Check("two", ok=False, detail="bad", fix="mend")]
    assert checks.checks_data(found) == [
        {"check": "one", "ok": True, "detail": "fine", "fix": ""},
        {"check": "two", "ok": False, "detail": "bad", "fix": "mend"},
    ]


def test_the_example_configuration_is_sound(checked, tmp_path):
    example = Path(__file__).parents[1] / "groundswell.toml.example"
    text = example.read_text(encoding="utf-8").partition("[sources")[0]
    assert checked(text)["configuration"].ok


# Several workspaces

OAUTH = '[slack.oauth]\nurl = "https://bot.example"\nteams = ["T0ACME"]\n'


@pytest.fixture
def several(monkeypatch) -> None:
    """The secrets of an app that several workspaces install."""
    for name in ("SIGNING_SECRET", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"SLACK_{name}", "secretive")


def installed(folder: Path, team: str = "T0ACME", own: str = "") -> None:
    one = Installation(
        team=team,
        name="Acme",
        token=SecretStr("xoxb-secretive"),
        bot_user="U0GROUND",
        scopes=(),
        installed_by="U0ANN",
        installed_at=wall_clock(),
    )
    Installations(folder / "workspaces").save(one)
    (folder / "workspaces" / team / "groundswell.toml").write_text(own)


def test_for_several_workspaces_what_is_missing_or_too_much_is_told(checked, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secretive")
    monkeypatch.setenv("SLACK_CLIENT_ID", " ")
    found = checked(OAUTH)["slack oauth"]
    assert not found.ok
    assert "SLACK_BOT_TOKEN is set beside [slack.oauth]" in found.detail
    assert "remove it" in found.detail
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"):
        assert f"{name} is missing" in found.detail
    assert "secretive" not in repr(found)


def test_a_workspace_that_may_install_it_is_told_where(checked, several):
    found = checked(OAUTH)
    assert found["slack oauth"].ok
    assert found["T0ACME installed"].fix == "open https://bot.example/slack/install"
    assert all(one.ok for one in found.values())


def test_several_workspaces_without_one_are_wrong(checked, several):
    assert not checked(OAUTH.replace('"T0ACME"', ""))["slack teams"].ok


@pytest.mark.parametrize(("answers", "ok"), [(True, True), (False, False)])
def test_each_workspace_is_looked_at_with_its_own_token_and_sources(
    checked, several, tmp_path, answers, ok
):
    slack = Workspace()
    if not answers:
        slack.refuse("auth.test", "token_revoked")
    with Site(slack.respond) as site, Site(lambda _: Answer(body=FEED % ITEM)) as feed:
        api = f'[slack]\napi_url = "{site.url}/api/"\n'
        installed(tmp_path, own=CONTACT + a_feed(feed))
        found = checked(api + OAUTH)
    assert (found["T0ACME source rss/news"].ok, found["T0ACME contact"].ok) == (True, True)
    token = found["T0ACME slack bot token"]
    assert token.ok is ok
    assert token.fix == ("" if ok else "open https://bot.example/slack/install")
    assert "secretive" not in repr(found)


def test_a_workspace_whose_own_file_is_not_sound_or_that_may_not_any_more_is_wrong(
    checked, several, tmp_path
):
    installed(tmp_path, own="databse = 1")
    installed(tmp_path, "T0OTHER")
    found = checked(OAUTH)
    assert "databse: there is no such key" in found["T0ACME configuration"].detail
    assert "not served" in found["T0OTHER installed"].detail
    assert [one.ok for name, one in found.items() if name.startswith("T0")] == [False, False]


def test_run_leaves_several_workspaces_to_serve(tmp_path):
    (tmp_path / "groundswell.toml").write_text(OAUTH)
    ran = groundswell("run")
    assert (ran.code, "groundswell serve" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("serve",), "SLACK_CLIENT_ID is missing"),
        (("--database", "sqlite://", "serve"), "one of its own"),
    ],
)
def test_serve_tells_what_several_workspaces_lack(tmp_path, words, says):
    (tmp_path / "groundswell.toml").write_text(OAUTH)
    ran = groundswell(*words)
    assert (ran.code, says in ran.err) == (1, True)
