"""Modals as Slack has them: opened by a press, filled in, refused at a field, and done."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.errors import GroundswellError
from bot.model import Audience, Intent, Visibility
from bot.slack.modals import PAGE, TICKED, mark
from bot.slack.views import HELD, Held, held
from handlers.desk import Asker, Desk
from handlers.theme_forms import FORMS
from handlers.views import Asked, asked_of, opened
from tests.builders import a_post, ago
from tests.fakes import Repositories
from tests.handlers.test_slack import ANN, BOB, CHANNEL, Slack, desk, slack, texts, wait_for
from tests.slack.blockkit import view_faults
from tests.world.workspace import TOKEN

__all__ = ["desk", "slack"]

View = dict[str, Any]
ADDRESSES = {f"https://example.org/{n}" for n in range(10_000)}


@dataclass
class Person:
    """Somebody in Slack, with the modal that they look at."""

    slack: Slack
    user: str = ANN
    numbers = count(1)

    @property
    def view(self) -> View:
        """The modal that was opened last, as it is now."""
        view: View = self.slack.workspace.views[f"V{len(self.slack.workspace.views)}"]
        return view

    def menu(self, theme: str, **more: Any) -> View:
        """Choose `Change…` of a card; returns the modal once it shows more than "one moment"."""
        chosen = {"type": "overflow", "selected_option": {"value": f"change {theme}"}}
        self.act({"action_id": "theme_menu", **chosen}, **{"channel": {"id": CHANNEL}, **more})
        return self.settled()

    def form(self, theme: str, what: str) -> View:
        self.menu(theme)
        self.act({"action_id": "theme_change", "value": what}, view=self.view)
        view = self.settled()
        assert view["callback_id"] == "theme_form", view
        assert view_faults(view, ADDRESSES) == []
        return view

    def act(self, action: Mapping[str, Any], **more: Any) -> None:
        payload = {
            "type": "block_actions",
            "user": {"id": self.user},
            "team": {"id": "T0ACME"},
            "trigger_id": f"trigger{next(self.numbers)}",
            "actions": [{"type": "button", "block_id": "b", "action_ts": "1", **action}],
            **more,
        }
        assert self.slack.say({"payload": json.dumps(payload)}).status == 200

    def change(self, action: Mapping[str, Any], values: Mapping[str, Any]) -> View:
        """Do something in a view that changes it there."""
        before = self.view["hash"]
        self.act(action, view=filled_in(self.view, values))
        wait_for(lambda: self.view["hash"] != before)
        return self.view

    def submit(self, values: Mapping[str, Any], view: View | None = None) -> dict[str, Any]:
        """Send the form; returns what Slack is answered."""
        payload = {
            "type": "view_submission",
            "user": {"id": self.user},
            "team": {"id": "T0ACME"},
            "view": filled_in(view or self.view, values),
        }
        response = self.slack.say({"payload": json.dumps(payload)})
        assert response.status == 200
        told: dict[str, Any] = json.loads(response.body or "{}")
        return told

    def told(self, number: int = 1) -> str:
        """What they alone were told."""
        wait_for(lambda: len(self.slack.workspace.whispers) >= number)
        whisper = self.slack.workspace.whispers[number - 1]
        assert (whisper["user"], whisper["channel"]) == (self.user, CHANNEL)
        return texts([whisper])

    def settled(self) -> View:
        wait_for(lambda: self.slack.workspace.views != {} and self.view["hash"] != "1")
        return self.view


def filled_in(view: View, values: Mapping[str, Any]) -> View:
    """A view as it comes back, with some fields filled in: a value each, or a list of ticks."""
    state: dict[str, Any] = {}
    for name, value in values.items():
        (block,) = [one for one in view["blocks"] if one.get("block_id") == name]
        element = block["element"]
        given: dict[str, Any] = {"type": element["type"]}
        if element["type"] == "plain_text_input":
            given["value"] = value
        elif element["type"] == "users_select":
            given["selected_user"] = value
        elif element["type"] == "static_select":
            (option,) = [one for one in element["options"] if one["value"] == value]
            given["selected_option"] = option
        else:
            given["selected_options"] = [o for o in element["options"] if o["value"] in value]
        state[name] = {element["action_id"]: given}
    return {**view, "state": {"values": state}}


@pytest.fixture
def ann(slack: Slack) -> Person:
    return Person(slack)


def themes(desk: Desk) -> list[str]:
    """Two themes, of four and of three posts; returns their ids."""
    for words, many in (("The walrus cache crashes on start", 4), ("Otter login is refused", 3)):
        desk.pipeline.store.posts.save(
            [a_post(title=words, text=f"{words}: broken", created_at=ago(2)) for _ in range(many)]
        )
    desk.pipeline.store.posts.save([a_post(title=f"Alone {word}") for word in ("ibis", "newt")])
    desk.pipeline.understand()
    found = {view.theme.label: view.theme.id for view in desk.pipeline.themes()}
    return [found["The walrus cache crashes on start"], found["Otter login is refused"]]


def log(desk: Desk) -> list[Any]:
    return desk.pipeline.deciding("x").log()


def decided(desk: Desk) -> Any:
    wait_for(lambda: bool(log(desk)))
    return log(desk)[-1]


def test_a_menu_opens_a_modal_with_every_change_that_there_is(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    view = ann.menu(theme)
    assert view_faults(view, ADDRESSES) == []
    assert "The walrus cache crashes on start" in texts([view])
    offered = [b["accessory"]["value"] for b in view["blocks"] if "accessory" in b]
    assert offered == ["merge", "split", "rename", "kind", "link", "assign", "mute"]
    assert held(view["private_metadata"]).channel == CHANNEL


def test_two_themes_are_merged_after_a_look_at_what_that_moves(ann: Person, desk: Desk):
    theme, other = themes(desk)
    names = {view.theme.id: view.theme.label for view in desk.pipeline.themes()}
    ann.form(theme, "merge")
    chosen = {"type": "static_select", "action_id": "to_in"}
    view = ann.change(chosen, {"to": other})
    assert f"Moves 4 posts of {theme} into {other}, which then has 7." in texts([view])
    assert ann.submit({"to": other}) == {"response_action": "clear"}
    assert f"{theme} “{names[theme]}” goes into {other} “{names[other]}”: moves 4" in ann.told()
    (left,) = desk.pipeline.themes()
    assert (left.theme.id, left.crowd.posts) == (other, 7)
    (undo,) = [
        e
        for b in ann.slack.workspace.whispers[0]["blocks"]
        if b["type"] == "actions"
        for e in b["elements"]
    ]
    ann.slack.press({"type": "button", **undo})
    assert len(desk.pipeline.themes()) == 2


@pytest.mark.parametrize(
    ("named", "why"),
    [("T999", "there is no theme T999"), ("walrus", "there is no theme"), ("", "choose a theme")],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_done(ann, desk, named, why):
    theme, _ = themes(desk)
    ann.form(theme, "merge")
    told = ann.submit({"named": named})
    assert told["response_action"] == "errors"
    assert why in told["errors"]["named"]
    time.sleep(0.1)
    assert log(desk) == []
    assert ann.slack.workspace.whispers == []


def test_a_theme_cannot_go_into_itself(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    ann.form(theme, "merge")
    assert "is this one" in ann.submit({"named": theme.lower()})["errors"]["named"]


def test_a_theme_is_called_what_a_person_says(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    view = ann.form(theme, "rename")
    assert "“" not in texts([view])
    assert "a name has 1 to" in ann.submit({"label": "x" * 121})["errors"]["label"]
    ann.submit({"label": "Crash at start"})
    assert "Crash at start" in ann.told()
    assert desk.pipeline.theme(theme).theme.label == "Crash at start"


def ticks(desk: Desk, theme: str, number: int) -> list[str]:
    return [mark(one.key) for one in desk.pipeline.theme(theme).theme.members[:number]]


def field_of(view: View, mark_: str) -> str:
    (name,) = [
        str(block["block_id"])
        for block in view["blocks"]
        for option in (block.get("element") or {}).get("options") or ()
        if option["value"] == mark_
    ]
    return name


def test_posts_become_a_theme_of_their_own(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    view = ann.form(theme, "split")
    chosen = ticks(desk, theme, 2)
    assert "tick the posts" in ann.submit({"to": "new"}, view)["errors"]["to"]
    ann.submit({"to": "new", field_of(view, chosen[0]): chosen}, view)
    ann.told()
    split = decided(desk)
    assert desk.pipeline.theme(split.into).crowd.posts == 2
    assert desk.pipeline.theme(theme).crowd.posts == 2


@pytest.mark.parametrize("by_number", [False, True])
def test_posts_go_to_another_theme_as_one_decision(ann: Person, desk: Desk, by_number: bool):
    theme, other = themes(desk)
    view = ann.form(theme, "split")
    chosen = ticks(desk, theme, 2)
    to = {"named": other, "to": "new"} if by_number else {"to": other}
    ann.submit({**to, field_of(view, chosen[0]): chosen}, view)
    assert "moves 2 posts" in ann.told()
    assert desk.pipeline.theme(other).crowd.posts == 5
    assert len(log(desk)) == 1
    desk.pipeline.deciding("x").undo()
    assert desk.pipeline.theme(theme).crowd.posts == 4


def test_posts_go_to_no_theme(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    view = ann.form(theme, "split")
    (chosen,) = ticks(desk, theme, 1)
    ann.submit({"to": "none", field_of(view, chosen): [chosen]}, view)
    ann.told()
    assert desk.pipeline.theme(theme).crowd.posts == 3


def test_what_is_ticked_on_one_page_is_kept_on_the_others(ann: Person, desk: Desk):
    words = "The walrus cache crashes on start"
    desk.pipeline.store.posts.save(
        [a_post(title=words, text=f"{words}: broken") for _ in range(PAGE + 5)]
        + [a_post(title="An otter of its own"), a_post(title="A newt")]
    )
    desk.pipeline.understand()
    (only,) = desk.pipeline.themes()
    first = ann.form(only.theme.id, "split")
    options = [o["value"] for b in first["blocks"] for o in b.get("element", {}).get("options", ())]
    marks = [one for one in options if one not in {"new", "none"}]
    assert len(marks) == PAGE
    on = {"action_id": "theme_page_on", "value": "1"}
    second = ann.change(on, {field_of(first, marks[0]): marks[:3]})
    assert "3 ticked on other pages" in texts([second])
    last = [
        o["value"] for b in second["blocks"][4:] for o in b.get("element", {}).get("options", ())
    ]
    assert len(last) == 5
    ann.submit({"to": "new", field_of(second, last[0]): last[:1]}, second)
    ann.told()
    assert desk.pipeline.theme(decided(desk).into).crowd.posts == 4


def test_a_page_that_is_turned_back_to_shows_what_was_ticked(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    view = ann.form(theme, "split")
    (chosen,) = ticks(desk, theme, 1)
    again = ann.change(
        {"action_id": "theme_page_back", "value": "0"}, {field_of(view, chosen): [chosen]}
    )
    ticked = [
        o["value"]
        for b in again["blocks"]
        for o in (b.get("element") or {}).get("initial_options") or ()
    ]
    assert ticked == [chosen]


def test_a_post_that_left_its_theme_meanwhile_is_not_moved(ann: Person, desk: Desk):
    theme, other = themes(desk)
    view = ann.form(theme, "split")
    (chosen,) = ticks(desk, theme, 1)
    desk.pipeline.deciding("x").move(desk.pipeline.theme(theme).theme.members[0].key, other)
    told = ann.submit({"to": "new", field_of(view, chosen): [chosen]}, view)
    assert "any more" in told["errors"]["to"]


@pytest.mark.parametrize("some", [0, 2])
def test_posts_are_of_the_kind_that_a_person_says(ann: Person, desk: Desk, some: int):
    theme, _ = themes(desk)
    view = ann.form(theme, "kind")
    chosen = ticks(desk, theme, some)
    fields = {field_of(view, chosen[0]): chosen} if chosen else {}
    ann.submit({"kind": "praise", **fields}, view)
    ann.told()
    members = desk.pipeline.theme(theme).theme.members
    assert sum(one.reading.intent is Intent.PRAISE for one in members) == (some or 4)


@pytest.mark.parametrize(("how", "weekly"), [("weeks", False), ("grows", True), ("always", False)])
def test_a_theme_is_muted_in_each_way(ann: Person, desk: Desk, how: str, weekly: bool):
    theme, _ = themes(desk)
    ann.form(theme, "mute")
    ann.submit({"how": how})
    ann.told()
    mute = decided(desk)
    assert (mute.until is not None, mute.weekly is not None) == (how == "weeks", weekly)


def test_a_person_says_which_issue_tracks_a_theme(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    ann.form(theme, "link")
    assert "issue" in ann.submit({"issue": "which"})["errors"]
    ann.submit({"issue": "https://github.com/acme/tool/issues/77"})
    ann.told()
    assert decided(desk).issue == "https://github.com/acme/tool/issues/77"


def test_where_no_issue_is_there_yet_one_can_be_made_in_any_repository_that_is_read(
    ann: Person, desk: Desk
):
    theme, _ = themes(desk)
    desk.pipeline.store.posts.save([a_post(external_id="acme/site#1", venue="acme/site")])
    repos = Repositories(("acme/tool", "acme/site", "acme/unread"))
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, sources={"github": repos}))
    view = ann.form(theme, "link")
    offered = {b["text"]["text"]: b["accessory"]["url"] for b in view["blocks"] if "accessory" in b}
    assert [text.rpartition("In ")[2] for text in offered] == ["acme/tool:", "acme/site:"]
    urls = list(offered.values())
    assert urls[1].startswith("https://github.com/acme/site/issues/new?title=The+walrus")
    ann.submit({"issue": "https://github.com/acme/tool/issues/77"})
    ann.told()
    view = ann.form(theme, "link")
    assert not any("accessory" in block for block in view["blocks"])


def test_a_theme_is_given_to_somebody_and_to_nobody(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    ann.form(theme, "assign")
    ann.submit({"who": BOB})
    ann.told()
    assert decided(desk).to == f"slack:{BOB}"
    view = ann.form(theme, "assign")
    assert BOB in texts([view])
    ann.submit({})
    ann.told(2)
    assert decided(desk).to is None


def test_whoever_may_not_decide_opens_no_form_and_sends_none(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    form = ann.form(theme, "rename")
    bob = Person(ann.slack, BOB)
    assert "you may not decide" in texts([bob.menu(theme)])
    told = bob.submit({"label": "Mine"}, form)
    assert "you may not decide" in told["errors"]["label"]
    time.sleep(0.1)
    assert log(desk) == []


def test_what_may_not_be_read_cannot_be_asked_for(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    secret = "Zebrafish vault leaks"  # noqa: S105 no password
    desk.pipeline.store.posts.save(
        [
            a_post(title=secret, text=secret, visibility=Visibility.PRIVATE, venue="#vault")
            for _ in range(3)
        ]
    )
    desk.pipeline.understand()
    hidden = next(v.theme.id for v in desk.pipeline.themes() if "ebrafish" in v.theme.label)
    public = replace(desk.pipeline, audience=Audience())
    object.__setattr__(desk, "pipeline", public)
    assert "there is no theme" in texts([ann.menu(hidden)])
    form = ann.form(theme, "merge")
    assert "ebrafish" not in texts([form])
    assert "there is no theme" in ann.submit({"named": hidden}, form)["errors"]["named"]


def test_what_a_view_carries_is_read_however_it_comes():
    for carried in ("", "{", "[]", "null", '{"page": "x", "ticked": 3}', '{"page": -4}'):
        body = {"user": {"id": ANN}, "view": {"private_metadata": carried}}
        asked = asked_of(body)
        assert asked.carries.page == 0
        assert asked.carries.theme == ""


def test_whoever_presses_too_late_is_told(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    ann.slack.workspace.refuse("views.open", "expired_trigger_id")
    chosen = {"type": "overflow", "selected_option": {"value": f"change {theme}"}}
    ann.act({"action_id": "theme_menu", **chosen}, channel={"id": CHANNEL})
    assert "press again" in ann.told()


def test_where_the_bot_is_not_one_is_told_directly(ann: Person, desk: Desk):
    theme, _ = themes(desk)
    ann.slack.workspace.refuse("chat.postEphemeral", "channel_not_found")
    ann.form(theme, "rename")
    ann.submit({"label": "Crash at start"})
    (message,) = ann.slack.posted(1)
    assert message["channel"] == ANN


def test_a_view_that_changed_or_was_closed_meanwhile_is_left_alone(ann: Person, desk: Desk, caplog):
    theme, _ = themes(desk)
    view = ann.form(theme, "split")
    turn = {"action_id": "theme_page_on", "value": "1"}
    for stale in ({**view, "hash": "old"}, {**view, "id": "V0CLOSED"}):
        ann.act(turn, view=stale)
    calls = ann.slack.workspace.calls
    wait_for(lambda: [method for method, _ in calls].count("views.update") == 4)
    assert ann.view["hash"] == view["hash"]
    assert "a callback failed" not in caplog.text


@pytest.mark.parametrize("what", ["teleport", ""])
def test_a_form_of_another_version_says_so(ann: Person, desk: Desk, what: str):
    theme, _ = themes(desk)
    form = ann.form(theme, "rename")
    carried = json.dumps({"theme": theme, "channel": CHANNEL, "what": what})
    told = ann.submit({"label": "New"}, {**form, "private_metadata": carried})
    assert "another version" in told["errors"]["label"]
    ann.act({"action_id": "theme_change", "value": what or "x"}, view=form)
    assert "another version" in texts([ann.settled()])


def test_no_more_posts_are_ticked_than_a_form_can_carry(desk: Desk):
    theme, _ = themes(desk)
    ticked = tuple(mark(str(n)) for n in range(TICKED + 1))
    asked = Asked(Asker(ANN, CHANNEL), Held(theme, what="split"), {"to": "new"}, ticked)
    with pytest.raises(GroundswellError, match="at most"):
        FORMS["split"].read(desk, asked)
    most = Held(theme, CHANNEL, "1772400000.000100", 99, ticked[:TICKED], "split")
    assert len(most.written()) < HELD
    assert held(most.written()) == most


def test_slack_waits_no_longer_for_an_acknowledgement_than_it_does_for_a_modal():
    waited: list[int] = []

    class Slow(WebClient):
        def views_open(self, **_: Any) -> Any:
            waited.append(self.timeout)
            raise TimeoutError

    client = Slow(token=TOKEN, timeout=30)
    assert not opened({"trigger_id": "1.2"}, client)
    assert waited[0] < 3
    assert client.timeout == 30
