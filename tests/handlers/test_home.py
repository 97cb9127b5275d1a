"""The App Home: what one sees, and what its buttons do, by a real Bolt app."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.added_sources import Added, added
from bot.configured import Configured
from bot.deliveries import Asks, Style, Subscription
from bot.model import Audience, Visibility
from bot.rights import Right, Rights
from bot.source_settings import SourcesSettings
from bot.store import Preferences
from handlers.desk import Desk
from tests.builders import NOW, a_post, ago
from tests.handlers.test_modals import ADDRESSES, Person, View, field_of, themes
from tests.handlers.test_slack import (
    ANN,
    BOB,
    CHANNEL,
    DIRECT,
    Slack,
    complaints,
    desk,
    slack,
    texts,
    wait_for,
)
from tests.slack.blockkit import view_faults

__all__ = ["desk", "field_of", "slack"]


@pytest.fixture
def ann(slack: Slack) -> Person:
    return Person(slack)


def homes(slack: Slack) -> list[dict[str, Any]]:
    return [given for method, given in slack.workspace.calls if method == "views.publish"]


def opened(slack: Slack, user: str = ANN) -> View:
    """The Home that somebody sees who opens it."""
    before = len(homes(slack))
    slack.event({"type": "app_home_opened", "tab": "home", "user": user, "channel": DIRECT})
    wait_for(lambda: len(homes(slack)) > before)
    view: View = homes(slack)[-1]["view"]
    assert view_faults(view, ADDRESSES) == []
    return {**view, "id": "V0HOME", "hash": "h"}


def at(desk: Desk, **later: float) -> None:
    """Let the clock go on."""
    now = NOW + timedelta(**later)
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, clock=lambda: now))


def button(view: View, action: str, number: int = 0) -> dict[str, Any]:
    elements = [
        element
        for block in view["blocks"]
        for element in (*block.get("elements", ()), *filter(None, [block.get("accessory")]))
        if element.get("action_id") == action
    ]
    found: dict[str, Any] = elements[number]
    return found


def titles(view: View) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]


def direct(slack: Slack, number: int) -> str:
    """What was said in the direct messages."""
    return texts([slack.posted(number)[number - 1]])


def test_home_shows_nothing_yet_to_whoever_comes_first(slack: Slack):
    view = opened(slack)
    assert titles(view) == ["What you are told", "What people say today", "Sources"]
    assert "subscribe daily 09:00" in texts([view])


def test_home_shows_what_waits_for_me_and_what_moved_since_i_looked(slack: Slack, desk: Desk):
    opened(slack)
    theme = complaints(desk)
    desk.pipeline.deciding("x").assign(theme, f"slack:{ANN}", "Ann")
    at(desk, hours=3)
    view = opened(slack)
    assert titles(view)[1] == "Your queue"
    assert titles(view)[2] == "Since you last looked, Mon 02 Mar 12:00"
    at(desk, hours=3, minutes=10)
    assert titles(opened(slack))[2] == "Since you last looked, Mon 02 Mar 12:00"
    at(desk, hours=9)
    assert titles(opened(slack))[2] == "Since you last looked, Mon 02 Mar 15:10"
    assert "Your queue" not in titles(opened(slack, BOB))


def test_a_subscription_is_stopped_by_its_button_and_only_by_its_maker(ann: Person, desk: Desk):
    ann.slack.command("subscribe weekly mon 09:00 kind:bug")
    view = opened(ann.slack)
    stop = button(view, "home_stop")
    seen = len(homes(ann.slack))
    Person(ann.slack, BOB).act(stop, view=view)
    wait_for(lambda: len(homes(ann.slack)) > seen)
    assert len(desk.pipeline.store.subscriptions.all()) == 1
    ann.act(stop, view=view)
    wait_for(lambda: desk.pipeline.store.subscriptions.all() == [])
    wait_for(lambda: "Nothing yet" in texts(homes(ann.slack)[-1:]))


def test_whoever_may_not_subscribe_any_more_is_shown_no_stop_and_refused_it(ann, desk):
    ann.slack.command("subscribe weekly mon 09:00 kind:bug")
    view = opened(ann.slack)
    stop = button(view, "home_stop")
    rights = replace(desk.rights, given={"ask": frozenset({"*"})})
    object.__setattr__(desk, "rights", rights)

    again = opened(ann.slack)
    assert "Whoever may subscribe a channel can change it" in texts([again])
    assert "home_stop" not in texts([again])
    ann.act(stop, view=view)
    wait_for(lambda: "you may not subscribe a channel here" in direct(ann.slack, 1))
    assert len(desk.pipeline.store.subscriptions.all()) == 1


def test_whoever_may_only_ask_stops_what_they_alone_are_told(ann, desk):
    its = Subscription(0, "D0ANN", Asks.DIGEST, "", "daily 09:00", "UTC", Style.FULL, ANN, NOW)
    desk.pipeline.store.subscriptions.add(its)
    object.__setattr__(desk, "rights", replace(desk.rights, given={"ask": frozenset({"*"})}))
    view = opened(ann.slack)
    ann.act(button(view, "home_stop"), view=view)
    wait_for(lambda: desk.pipeline.store.subscriptions.all() == [])


def retime(ann: Person, view: View) -> View:
    ann.act(button(view, "home_change"), view=view)
    form = ann.settled()
    assert view_faults(form, ADDRESSES) == []
    return form


def test_a_subscription_is_changed_under_its_number(ann: Person, desk: Desk):
    ann.slack.command("subscribe weekly mon 09:00 kind:bug")
    (before,) = desk.pipeline.store.subscriptions.all()
    view = opened(ann.slack)
    retime(ann, view)
    given = {
        "when": "daily 08:00",
        "zone": "Europe/Berlin",
        "style": "short",
        "words": "kind:praise",
    }
    assert ann.submit(given) == {}
    wait_for(lambda: desk.pipeline.store.subscriptions.all() != [before])
    (its,) = desk.pipeline.store.subscriptions.all()
    assert its == replace(
        before, cadence="daily 08:00", zone="Europe/Berlin", style=Style.SHORT, words="kind:praise"
    )
    assert "Done: #" in direct(ann.slack, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [("when", "sometimes"), ("zone", "Europe/Atlantis"), ("words", "sorce:reddit")],
)
def test_what_cannot_be_told_so_is_refused_at_its_field(ann, desk, field, value):
    ann.slack.command("subscribe weekly mon 09:00 kind:bug")
    retime(ann, opened(ann.slack))
    right = {"when": "daily 08:00", "zone": "UTC", "style": "full", "words": ""}
    told = ann.submit({**right, field: value})
    assert list(told["errors"]) == [field]
    time.sleep(0.1)
    (its,) = desk.pipeline.store.subscriptions.all()
    assert its.cadence == "weekly mon 09:00"


def test_a_fault_behind_a_button_is_told_by_a_reference(ann: Person, desk: Desk, monkeypatch):
    ann.slack.command("subscribe weekly mon 09:00 kind:bug")
    view = opened(ann.slack)
    with monkeypatch.context() as patch:
        patch.setattr("handlers.home.mine", broken)
        ann.act(button(view, "home_change"), view=view)
        assert "went wrong on our side" in texts([ann.settled()])
        ann.act(button(view, "home_stop"), view=view)
        assert "went wrong on our side" in direct(ann.slack, 1)
    assert len(desk.pipeline.store.subscriptions.all()) == 1


def broken(*_: object) -> None:
    raise KeyError("a stranger's words")


def test_another_s_subscription_cannot_be_changed_with_their_form(ann: Person, desk: Desk):
    ann.slack.command("subscribe weekly mon 09:00 kind:bug")
    form = retime(ann, opened(ann.slack))
    given = {"when": "daily 08:00", "zone": "UTC", "style": "full", "words": ""}
    told = Person(ann.slack, BOB).submit(given, form)
    assert "told no more" in told["errors"]["words"]


def test_what_is_told_to_somebody_alone_is_theirs_to_change_as_long_as_they_may_ask(ann, desk):
    theme = complaints(desk)
    home = opened(ann.slack)
    own = {**home, "private_metadata": ""}  # Slack did not tell where they speak with the bot
    follow = {"type": "overflow", "selected_option": {"value": f"follow {theme}"}}
    ann.act({"action_id": "theme_menu", **follow}, view=own)
    wait_for(lambda: len(desk.pipeline.store.subscriptions.all()) == 1)
    view = opened(ann.slack)
    retime(ann, view)
    object.__setattr__(desk, "rights", Rights({Right.ASK: frozenset({ANN})}))
    given = {"when": "daily 08:00", "zone": "UTC", "style": "full", "words": "kind:praise"}
    assert ann.submit(given) == {}
    wait_for(lambda: desk.pipeline.store.subscriptions.all()[0].words == "kind:praise")
    retime(ann, view)
    object.__setattr__(desk, "rights", Rights({}))
    assert "you may not ask here" in texts([ann.submit({**given, "words": "kind:bug"})])
    assert desk.pipeline.store.subscriptions.all()[0].words == "kind:praise"


def test_a_home_that_slack_does_not_take_holds_up_nothing_that_waits_behind_it(slack, desk):
    inbox = desk.pipeline.store.inbox
    for number, event in enumerate(
        (
            {"type": "app_home_opened", "tab": "home", "user": ANN, "channel": DIRECT},
            {"type": "app_mention", "text": "<@U0GROUND> help", "user": ANN, "channel": CHANNEL},
        )
    ):
        told = {"event_id": f"Ev{number}", "event": {"ts": f"{NOW.timestamp():.6f}", **event}}
        inbox.take(told["event_id"], told, NOW + timedelta(seconds=number))
    slack.workspace.refuse("views.publish", "internal_error")
    at(desk, minutes=5)
    slack.handlers.overdue(slack.app.client)
    assert "What you can ask" in direct(slack, 1)


@pytest.mark.parametrize("words", ["alerts people:4 source:github", 'watch "walrus"'])
def test_what_is_told_at_once_has_no_times_to_change(ann: Person, words: str):
    ann.slack.command(words)
    form = retime(ann, opened(ann.slack))
    assert [block["block_id"] for block in form["blocks"]] == ["words"]


def test_a_button_in_home_is_answered_in_a_modal(ann: Person, desk: Desk):
    theme = complaints(desk)
    view = opened(ann.slack)
    ann.act(button(view, "theme_posts"), view=view)
    assert "3 posts" in texts([ann.settled()])
    chosen = {"type": "overflow", "selected_option": {"value": f"mute {theme}"}}
    ann.act({"action_id": "theme_menu", **chosen}, view=view)
    muted = ann.settled()
    wait_for(lambda: "is left out" in texts([ann.view]))
    undo = button(ann.view, "undo")
    ann.act(undo, view={**muted, "type": "modal"})
    wait_for(lambda: "Taken back" in texts([ann.view]))
    assert "views.push" in [method for method, _ in ann.slack.workspace.calls]


def test_a_theme_that_is_given_back_leaves_the_queue_at_once(ann: Person, desk: Desk):
    theme = complaints(desk)
    desk.pipeline.deciding("x").assign(theme, f"slack:{ANN}", "Ann")
    view = opened(ann.slack)
    before = len(homes(ann.slack))
    ann.act(button(view, "triage_give_back"), view=view)
    assert "nobody" in texts([ann.settled()])
    wait_for(lambda: len(homes(ann.slack)) > before)
    assert "Your queue" not in titles(homes(ann.slack)[-1]["view"])


def test_what_cannot_be_shown_in_a_modal_is_told_directly(ann: Person, desk: Desk):
    complaints(desk)
    view = opened(ann.slack)
    ann.slack.workspace.refuse("views.open", "expired_trigger_id")
    ann.act(button(view, "theme_posts"), view=view)
    assert "3 posts" in direct(ann.slack, 1)


def test_what_is_followed_from_home_is_told_in_the_direct_messages(ann: Person, desk: Desk):
    theme = complaints(desk)
    view = opened(ann.slack)
    chosen = {"type": "overflow", "selected_option": {"value": f"follow {theme}"}}
    ann.act({"action_id": "theme_menu", **chosen}, view=view)
    wait_for(lambda: len(desk.pipeline.store.subscriptions.all()) > 0)
    (its,) = desk.pipeline.store.subscriptions.all()
    assert its.channel == DIRECT


def test_a_theme_is_changed_from_home(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    at(desk)
    view = opened(ann.slack)
    ann.menu(theme, view=view, channel=None)
    ann.act({"action_id": "theme_change", "value": "rename"}, view=ann.view)
    ann.settled()
    ann.submit({"label": "Crash at start"})
    assert "Crash at start" in direct(ann.slack, 1)
    assert ann.slack.workspace.messages[0]["channel"] == DIRECT


def test_what_may_not_be_read_is_in_nobody_s_home(slack: Slack, desk: Desk):
    secret = "Zebrafish vault leaks"  # noqa: S105 no password
    desk.pipeline.store.posts.save(
        [
            a_post(title=secret, text=secret, visibility=Visibility.PRIVATE, venue="#vault")
            for _ in range(4)
        ]
    )
    opened(slack)
    desk.pipeline.understand()
    (theme,) = [view.theme.id for view in desk.pipeline.themes()]
    desk.pipeline.deciding("x").assign(theme, f"slack:{ANN}", "Ann")
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, audience=Audience()))
    at(desk, hours=3)
    assert "ebrafish" not in texts([opened(slack)])


def test_whoever_may_ask_nothing_sees_only_that(slack: Slack, desk: Desk):
    complaints(desk)
    object.__setattr__(desk, "rights", replace(desk.rights, given={}))
    view = opened(slack)
    assert "you may not ask" in texts([view])
    assert "walrus" not in texts([view])


# What is read


def add(ann: Person, view: View, kind: str, what: str, name: str = "") -> dict[str, Any]:
    ann.act(button(view, "home_add_source"), view=view)
    form = ann.settled()
    if kind != "github":
        form = ann.change({"type": "static_select", "action_id": "kind_in"}, {"kind": kind})
    assert view_faults(form, ADDRESSES) == []
    return ann.submit({"kind": kind, "what": what, **({"name": name} if name else {})})


def standing(desk: Desk) -> list[Added]:
    return [one for _, one in added(desk.pipeline.store.configuration.standing())]


@pytest.mark.parametrize(
    ("kind", "what", "name", "kept"),
    [
        ("github", "https://github.com/acme/tool.git", "", Added("github", "acme/tool")),
        (
            "rss",
            "https://blog.example.org/feed.xml",
            "",
            Added("rss", "https://blog.example.org/feed.xml", "blog.example.org"),
        ),
        ("reddit", "r/python", "ann", Added("reddit", "python", "ann")),
        ("hackernews", "acme tool", "", Added("hackernews", "acme tool")),
        (
            "discourse",
            "https://talk.example.org",
            "talk",
            Added("discourse", "https://talk.example.org", "talk"),
        ),
        ("stackexchange", "stackoverflow", "acme", Added("stackexchange", "stackoverflow", "acme")),
    ],
)
def test_a_source_of_each_kind_is_added_and_that_taken_back(ann, desk, kind, what, name, kept):
    view = opened(ann.slack)
    assert add(ann, view, kind, what, name) == {}
    said = ann.slack.posted(1)[0]
    assert "is read from the next reading on" in said["text"]
    assert standing(desk) == [kept]
    wait_for(lambda: "Added in Slack" in texts(homes(ann.slack)[-1:]))
    (undo,) = [e for b in said["blocks"] if b["type"] == "actions" for e in b["elements"]]
    (told,) = ann.slack.press({"type": "button", **undo})
    assert "Taken back" in told["text"]
    assert standing(desk) == []
    (again,) = ann.slack.press({"type": "button", **undo})
    assert "taken back already" in again["text"]
    changes = desk.pipeline.store.configuration.log()
    assert [(one.by, one.value is None) for one in changes] == [
        (f"slack:{ANN}", False),
        (f"slack:{ANN}", True),
    ]


@pytest.mark.parametrize(
    ("given", "field", "why"),
    [
        (("github", "acme", ""), "what", "is no repository"),
        (("rss", "feed.xml", ""), "what", "http"),
        (("rss", "https://e.example/f", "no / name"), "name", "signs"),
        (("reddit", "r/python", ""), "name", "who asks"),
        (("reddit", "r/a b", "ann"), "what", "subreddit"),
        (("stackexchange", "stackoverflow", ""), "name", "signs"),
        (("hackernews", "x", ""), "what", "2 characters"),
    ],
)
def test_what_the_file_would_not_take_is_refused_at_its_field(ann, desk, given, field, why):
    told = add(ann, opened(ann.slack), *given)
    assert list(told["errors"]) == [field]
    assert why in told["errors"][field]
    time.sleep(0.1)
    assert desk.pipeline.store.configuration.log() == []


def filed(desk: Desk, **sources: Any) -> None:
    """Let a configuration file name some sources."""
    configured = Configured(
        SourcesSettings.model_validate(sources), desk.pipeline.store.configuration, lambda _: []
    )
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, sources=configured))


def test_what_the_file_names_is_not_added_again(ann: Person, desk: Desk):
    filed(desk, github={"repos": ["acme/tool"]})
    told = add(ann, opened(ann.slack), "github", "https://github.com/acme/tool")
    assert "is read already" in told["errors"]["what"]


def settled(slack: Slack) -> View:
    """The Home once it is drawn no more: after a deed it is drawn anew, whenever that may be."""
    opened(slack)
    shown = -1
    while shown != len(homes(slack)):
        shown = len(homes(slack))
        time.sleep(0.3)
    return {**homes(slack)[-1]["view"], "id": "V0HOME", "hash": "h"}


def test_what_was_added_is_switched_off_on_and_removed(ann: Person, desk: Desk):
    add(ann, opened(ann.slack), "github", "acme/tool")
    ann.slack.posted(1)
    for step, (deed, on) in enumerate((("off", [False]), ("on", [True]), ("gone", [])), 2):
        view = settled(ann.slack)
        menu = button(view, "home_source")
        (option,) = [o for o in menu["options"] if o["value"].startswith(deed)]
        ann.act({**menu, "selected_option": option}, view=view)
        ann.slack.posted(step)
        assert [one.on for one in standing(desk)] == on
    ann.act({**menu, "selected_option": option}, view=view)
    assert "meanwhile" in direct(ann.slack, 5)


def test_what_is_switched_off_is_not_added_beside_that(ann: Person, desk: Desk):
    store = desk.pipeline.store.configuration
    off = Added("github", "acme/tool", on=False)
    store.set(off.kept_as, off.value(), "x", NOW)
    told = add(ann, opened(ann.slack), "github", "acme/tool")
    assert "switch it on" in told["errors"]["what"]


def test_whoever_may_not_change_sources_sees_no_button_and_changes_nothing(ann, desk):
    view = opened(ann.slack)
    other = opened(ann.slack, BOB)
    assert "home_add_source" in texts([view])
    assert "home_add_source" not in texts([other])
    bob = Person(ann.slack, BOB)
    bob.act(button(view, "home_add_source"), view=other)
    assert "you may not" in texts([bob.settled()])
    ann.act(button(view, "home_add_source"), view=view)
    form = ann.settled()
    told = bob.submit({"kind": "github", "what": "acme/tool"}, form)
    assert "you may not" in told["errors"]["what"]
    time.sleep(0.1)
    assert desk.pipeline.store.configuration.log() == []


def test_whoever_may_not_change_sources_turns_none_off_and_takes_nothing_back(ann, desk):
    add(ann, opened(ann.slack), "github", "acme/tool")
    said = ann.slack.posted(1)[0]
    wait_for(lambda: "Added in Slack" in texts(homes(ann.slack)[-1:]))
    view = {**homes(ann.slack)[-1]["view"], "id": "V0HOME", "hash": "h"}
    menu = button(view, "home_source")
    bob = Person(ann.slack, BOB)
    for option in menu["options"]:
        bob.act({**menu, "selected_option": option}, view=view)
    wait_for(lambda: len(ann.slack.workspace.messages) == 1 + len(menu["options"]))
    assert all("you may not" in one["text"] for one in ann.slack.workspace.messages[1:])
    (undo,) = [e for b in said["blocks"] if b["type"] == "actions" for e in b["elements"]]
    (told,) = ann.slack.press({"type": "button", **undo}, user=BOB)
    assert "you may not" in told["text"]
    assert len(desk.pipeline.store.configuration.log()) == 1


def settings(ann: Person) -> View:
    view = opened(ann.slack)
    ann.act(button(view, "home_settings"), view=view)
    return ann.settled()


def test_the_zone_is_set_for_whoever_names_none_and_that_taken_back(ann: Person, desk: Desk):
    kept = Preferences(desk.pipeline.store.configuration)
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, preferences=kept))
    settings(ann)
    assert "Atlantis" in ann.submit({"zone": "Europe/Atlantis"})["errors"]["zone"]
    assert ann.submit({"zone": "Europe/Berlin"}) == {}
    said = ann.slack.posted(1)[0]
    ann.slack.command("subscribe daily 09:00", channel=CHANNEL)
    (its,) = desk.pipeline.store.subscriptions.all()
    assert its.zone == "Europe/Berlin"
    (undo,) = [e for b in said["blocks"] if b["type"] == "actions" for e in b["elements"]]
    ann.slack.press({"type": "button", **undo})
    assert desk.pipeline.local_zone() == "UTC"


@pytest.mark.parametrize(
    ("value", "reaction"), [(":inbox_tray:", "inbox_tray"), ("off", ""), ("office", "office")]
)
def test_the_reaction_that_files_a_message_is_set(ann, desk, value: str, reaction: str):
    kept = Preferences(desk.pipeline.store.configuration)
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, preferences=kept))
    settings(ann)
    assert "emoji" in ann.submit({"capture": "two words"})["errors"]["capture"]
    assert ann.submit({"capture": value}) == {}
    ann.slack.posted(1)
    assert desk.reaction == reaction
    settings(ann)
    ann.submit({})
    ann.slack.posted(2)
    assert desk.reaction == desk.capture


def test_what_is_refused_stands_at_a_field_that_is_there(ann: Person, desk: Desk):
    kept = Preferences(desk.pipeline.store.configuration, {"zone": "Europe/Paris"})
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, preferences=kept))
    form = settings(ann)
    told = Person(ann.slack, BOB).submit({"capture": "eyes"}, form)
    assert "you may not" in told["errors"]["capture"]
    assert desk.pipeline.store.configuration.log() == []


def test_what_the_file_sets_is_shown_and_cannot_be_set(ann: Person, desk: Desk):
    filed = {"zone": "Europe/Paris", "capture": ""}
    kept = Preferences(desk.pipeline.store.configuration, filed)
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, preferences=kept))
    form = settings(ann)
    assert "Europe/Paris, as groundswell.toml says" in texts([form])
    assert "submit" not in form
    assert "Reaction that files a message: not set, as" in texts([form])
    assert desk.pipeline.local_zone() == "Europe/Paris"
    assert desk.reaction == ""


def test_how_each_source_is_stands_in_home(slack: Slack, desk: Desk):
    store = desk.pipeline.store.sources
    store.read("github", ago(0, minutes=12))
    store.failed("rss/blog", ago(0), "the feed is gone (404)", NOW + timedelta(hours=1))
    store.read("github@2026-01-01", ago(3))
    shown = texts([opened(slack)])
    assert "read 12 minutes ago" in shown
    assert "Not read: the feed is gone (404); left alone until 13:00 UTC" in shown
    assert "@2026" not in shown
    (answer,) = slack.command("sources")
    assert "read 12 minutes ago" in texts([answer])
    assert "the feed is gone" in texts([answer])
