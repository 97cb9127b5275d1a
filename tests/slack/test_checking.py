"""`groundswell check` in Slack: what is wrong is told with how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from slack_sdk import WebClient

from bot.slack.checking import Look, looks
from bot.slack.manifest import scopes
from tests.world.site import Answer, Site, json_answer
from tests.world.workspace import TOKEN, Workspace


@contextmanager
def looked(
    slack: Workspace, channels: tuple[str, ...] = (), off: timedelta = timedelta()
) -> Iterator[dict[str, Look]]:
    with Site(slack.respond) as site:
        client = WebClient(token=TOKEN, base_url=f"{site.url}/api/", retry_handlers=[])
        now = datetime.now(UTC) + off  # the site tells the time of the wall clock
        yield {look.what: look for look in looks(client, "xapp-1", channels, now)}


def signed_in(given: frozenset[str]) -> Answer:
    told = {"ok": True, "user": "groundswell", "team": "Acme"}
    return json_answer(told, 200, **{"x-oauth-scopes": ",".join(sorted(given))})


def test_when_all_is_well_nothing_needs_mending():
    slack = Workspace()
    slack.instead["auth.test"] = signed_in(scopes())
    slack.instead["conversations.info"] = json_answer({"ok": True, "channel": {"is_member": True}})
    with looked(slack, ("C1",)) as found:
        assert list(found) == ["bot token", "scopes", "clock", "app token", "channel C1"]
        assert all(look.ok and not look.fix for look in found.values())


def test_a_token_that_is_revoked_is_told_first_and_alone():
    slack = Workspace()
    slack.refuse("auth.test", "token_revoked")
    with looked(slack) as found:
        (look,) = found.values()
    assert (look.ok, look.detail) == (False, "token_revoked")
    assert "OAuth" in look.fix


def test_missing_scopes_are_named():
    slack = Workspace()
    slack.instead["auth.test"] = signed_in(scopes() - {"chat:write", "commands"})
    with looked(slack) as found:
        assert found["scopes"].detail == "missing: chat:write, commands"
        assert "install the app again" in found["scopes"].fix


def test_a_clock_that_is_off_is_told():
    slack = Workspace()
    slack.instead["auth.test"] = signed_in(scopes())
    with looked(slack, off=timedelta(minutes=4)) as found:
        assert not found["clock"].ok
        assert found["clock"].detail in {f"{n} s off" for n in range(237, 244)}
        assert "NTP" in found["clock"].fix


def test_an_app_token_of_the_wrong_kind_is_told():
    slack = Workspace()
    slack.refuse("apps.connections.open", "not_allowed_token_type")
    with looked(slack) as found:
        assert found["app token"].detail == "not_allowed_token_type"
        assert "connections:write" in found["app token"].fix


def test_channels_that_cannot_be_posted_to_are_told_each():
    slack = Workspace()
    for channel, detail in (({"is_archived": True}, "archived"), ({}, "not in it")):
        slack.instead["conversations.info"] = json_answer({"ok": True, "channel": channel})
        with looked(slack, ("C1",)) as found:
            assert detail in found["channel C1"].detail
            assert found["channel C1"].fix
    slack.refuse("conversations.info", "channel_not_found")
    with looked(slack, ("C1",)) as found:
        assert found["channel C1"].detail == "channel_not_found"


def test_a_slack_that_cannot_be_reached_is_told():
    client = WebClient(token=TOKEN, base_url="http://127.0.0.1:1/api/", retry_handlers=[])
    (look,) = looks(client, "xapp-1", (), datetime.now(UTC))
    assert look.what == "reachable"
    assert not look.ok
    assert look.detail == "no answer from 127.0.0.1: Connection refused"
