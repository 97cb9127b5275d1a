"""A real Bolt app, told over signed HTTP what Slack tells, and a Slack on loopback to answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk import WebClient

from bot.deliveries import Asks, Message, Style
from bot.errors import StoreError
from bot.model import OPERATOR, Audience, Query, Visibility
from bot.pipeline import Pipeline
from bot.rights import EVERYBODY, Right, Rights
from bot.store import Store
from bot.store.once import Inbox
from bot.understand.cluster import AverageTree
from bot.understand.mutes import outgrown_from
from handlers.deciding import done
from handlers.desk import Desk
from handlers.slack import Handlers, register
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing
from tests.slack.blockkit import faults
from tests.world.site import Answer, Asked, Site
from tests.world.workspace import TOKEN, Workspace, lost

SECRET = "of nobody"  # noqa: S105 of nobody's
ANN, BOB = "U0ANN", "U0BOB"
CHANNEL, DIRECT = "C0NEWS", "D0ANN"


def wait_for(whether: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not whether():
        assert time.monotonic() < until, "nothing happened in time"
        time.sleep(0.01)


@dataclass
class Slack:
    """What Slack does: it tells, and keeps what it is answered."""

    app: App
    handlers: Handlers
    workspace: Workspace
    site: Site
    answers: list[dict[str, Any]]
    number: int = 0

    def say(self, payload: dict[str, Any] | str, signature: str | None = None) -> BoltResponse:
        form = not isinstance(payload, dict) or "event" not in payload
        if isinstance(payload, dict) and form:
            body = urlencode(payload)
        else:
            body = payload if isinstance(payload, str) else json.dumps(payload)
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        now = str(int(time.time()))
        base = f"v0:{now}:{body}".encode()
        right = "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
        headers: dict[str, str | Sequence[str]] = {
            "content-type": kind,
            "x-slack-request-timestamp": now,
            "x-slack-signature": signature or right,
        }
        response = self.app.dispatch(BoltRequest(body=body, headers=headers))
        self.app.listener_runner.listener_executor.submit(int).result()
        return response

    def command(self, words: str, user: str = ANN, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """The answers to a slash command."""
        before = len(self.answers)
        self.say(
            {
                "command": "/groundswell",
                "text": words,
                "user_id": user,
                "channel_id": channel,
                "team_id": "T0ACME",
                "response_url": f"{self.site.url}/respond",
            }
        )
        return self.settled(before)

    def event(self, event: dict[str, Any], event_id: str = "") -> BoltResponse:
        self.number += 1
        ts = f"{NOW.timestamp() + self.number:.6f}"
        return self.say(
            {
                "type": "event_callback",
                "team_id": "T0ACME",
                "event_id": event_id or f"Ev{self.number}",
                "event": {"ts": ts, "channel": CHANNEL, "user": ANN, **event},
            }
        )

    def press(
        self, action: dict[str, Any], user: str = ANN, channel: str = CHANNEL
    ) -> list[dict[str, Any]]:
        before = len(self.answers)
        payload = {
            "type": "block_actions",
            "user": {"id": user},
            "team": {"id": "T0ACME"},
            "channel": {"id": channel},
            "response_url": f"{self.site.url}/respond",
            "actions": [{"block_id": "b", "action_ts": "1", **action}],
        }
        self.say({"payload": json.dumps(payload)})
        return self.settled(before)

    def settled(self, before: int) -> list[dict[str, Any]]:
        """What was answered, once nobody works on it any more."""
        wait_for(lambda: len(self.answers) > before)
        time.sleep(0.05)  # in case there are more of them
        return self.answers[before:]

    def posted(self, count: int) -> list[dict[str, Any]]:
        wait_for(lambda: len(self.workspace.messages) >= count)
        return self.workspace.messages


@pytest.fixture
def desk(store: Store) -> Desk:
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    everybody = dict.fromkeys((Right.ASK, Right.SUBSCRIBE), frozenset({EVERYBODY}))
    return Desk(
        pipeline,
        Rights({**everybody, Right.DECIDE: frozenset({ANN}), Right.SOURCES: frozenset({ANN})}),
    )


@pytest.fixture
def slack(desk: Desk) -> Iterator[Slack]:
    workspace, answers = Workspace(now=lambda: NOW + timedelta(hours=1)), []

    def respond(asked: Asked) -> Answer:
        if asked.path == "/respond":
            answers.append(json.loads(asked.body))
            return Answer(body=b"ok")
        return workspace.respond(asked)

    with Site(respond) as site:
        client = WebClient(token=TOKEN, base_url=f"{site.url}/api/", retry_handlers=[])
        app = App(client=client, signing_secret=SECRET, process_before_response=True)
        yield Slack(app, register(app, desk), workspace, site, answers)
        app.listener_runner.listener_executor.shutdown()  # while there is a Slack to answer


def complaints(desk: Desk) -> str:
    """Three people with one trouble, and another; returns the theme's id."""
    words = "The walrus cache crashes on start"
    desk.pipeline.store.posts.save(
        [
            a_post(title=words, text=f"{words}: broken", external_id=f"acme/tool#9{n}")
            for n in range(3)
        ]
        # Under a name that none of the others can have got.
        + [a_post(title="An otter of its own", created_at=ago(2), external_id="acme/tool#otter")]
    )
    desk.pipeline.understand()
    (view,) = desk.pipeline.themes()
    return view.theme.id


def linkable(desk: Desk) -> set[str]:
    """The addresses of all that is stored: no other may be linked."""
    return {post.url or "" for _, post, _ in desk.pipeline.store.posts.find(Query(), NOW)}


def texts(said: list[dict[str, Any]]) -> str:
    return json.dumps(said, ensure_ascii=False)


def test_a_command_is_answered_to_whoever_wrote_it_alone(slack: Slack, desk: Desk):
    theme = complaints(desk)
    (answer,) = slack.command("themes")
    assert answer["response_type"] == "ephemeral"
    assert theme in texts([answer])
    assert "walrus" in texts([answer])


@pytest.mark.parametrize(
    "words",
    ["", "help", "digest since:30d", "sources", "search walrus", "what hurts?", "untracked"],
)
def test_every_command_is_answered_in_blocks_that_slack_takes(slack: Slack, desk: Desk, words):
    complaints(desk)
    addresses = linkable(desk)
    answers = slack.command(words)
    assert answers
    for answer in answers:
        message = Message(answer["text"], tuple(answer["blocks"]))
        assert faults(message, addresses) == []


def test_what_is_wrong_in_a_query_is_pointed_at(slack: Slack):
    (answer,) = slack.command("themes sorce:reddit")
    assert "sorce" in answer["text"]
    assert "^" in texts([answer])


def test_a_fault_of_ours_is_told_by_a_reference_and_without_its_words(slack, desk, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(type(desk.pipeline), "themes", broken)
    (answer,) = slack.command("themes")
    assert "in the log under" in answer["text"]
    assert "hunter2" not in texts([answer])


def test_a_mention_is_answered_once_in_its_thread(slack: Slack, desk: Desk):
    complaints(desk)
    told = {"type": "app_mention", "text": "<@U0GROUND> what about the walrus cache?", "ts": "5.5"}
    for _ in range(4):
        assert slack.event(told, "Ev9").status == 200
    (message,) = slack.posted(1)
    time.sleep(0.1)
    assert len(slack.workspace.messages) == 1
    assert message["thread_ts"] == "5.5"
    assert "walrus" in texts([message])


def test_a_direct_message_is_answered_and_the_bot_does_not_answer_itself(slack: Slack):
    direct = {"type": "message", "channel_type": "im", "channel": DIRECT, "text": "help"}
    slack.event({**direct, "bot_id": "B0GROUND"})
    slack.event({**direct, "subtype": "message_changed"})
    slack.event(direct)
    (message,) = slack.posted(1)
    assert message["channel"] == DIRECT


def test_an_answer_that_could_not_be_posted_is_posted_later(slack: Slack, desk: Desk):
    slack.workspace.refuse("chat.postMessage", "internal_error")
    slack.event({"type": "app_mention", "text": "help"}, "Ev1")
    wait_for(lambda: bool(slack.workspace.calls))
    slack.workspace.instead.clear()
    late = replace(desk.pipeline, clock=lambda: NOW + timedelta(minutes=2))
    Handlers(replace(desk, pipeline=late)).overdue(slack.app.client)
    assert len(slack.workspace.messages) == 1


def test_an_answer_that_slack_took_before_the_connection_broke_is_not_posted_again(slack, desk):
    first = iter([lost()])
    slack.workspace.faults = lambda method, _: next(first, None) if "post" in method else None
    slack.event({"type": "app_mention", "text": "help"}, "Ev1")
    slack.posted(1)
    late = replace(desk.pipeline, clock=lambda: NOW + timedelta(minutes=2))
    Handlers(replace(desk, pipeline=late)).overdue(slack.app.client)
    Handlers(replace(desk, pipeline=late)).overdue(slack.app.client)
    assert len(slack.workspace.messages) == 1


def test_an_event_that_waited_for_a_worker_until_it_was_overdue_is_answered_once(slack, desk):
    told = {"type": "app_mention", "text": "help", "ts": "5.5", "channel": CHANNEL, "user": ANN}
    body = {"type": "event_callback", "event_id": "Ev1", "event": told}
    desk.pipeline.store.inbox.take("Ev1", body, NOW - timedelta(minutes=2))
    slack.handlers.overdue(slack.app.client)
    slack.handlers.event(body, slack.app.client)
    slack.handlers.event({**body, "event_id": "of nobody"}, slack.app.client)
    assert len(slack.workspace.messages) == 1


def test_an_event_that_cannot_be_kept_is_not_acknowledged_so_that_slack_tells_it_again(
    slack, desk, monkeypatch
):
    def locked(*_: object) -> bool:
        raise StoreError("the database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "take", locked)
        told = {"type": "message", "channel_type": "im", "text": "help", "channel": DIRECT}
        assert slack.event(told, "Ev5").status == 503
    assert slack.event(told, "Ev5").status == 200
    slack.posted(1)


PRESSES = [
    {"type": "button", "action_id": "theme_posts", "value": "{theme}"},
    {"type": "button", "action_id": "open_query", "value": "walrus"},
    {"type": "button", "action_id": "follow_question", "value": "what hurts most?"},
    {"type": "button", "action_id": "alert_snooze", "value": "{theme}"},
    {"type": "overflow", "action_id": "theme_menu", "selected_option": {"value": "why {theme}"}},
]


@pytest.mark.parametrize("action", PRESSES, ids=lambda action: str(action["action_id"]))
def test_whoever_may_not_ask_is_told_nothing_by_a_button_not_even_alone(slack, desk, action):
    told = json.dumps(action).replace("{theme}", complaints(desk))
    nobody = replace(desk.rights, given={})
    object.__setattr__(desk, "rights", nobody)
    answer = texts(slack.press(json.loads(told), user=BOB, channel=DIRECT))
    assert "you may not ask here" in answer
    assert "walrus" not in answer
    assert desk.pipeline.store.subscriptions.all() == []


def test_what_was_decided_about_what_not_everybody_may_read_is_neither_told_nor_taken_back(
    slack, desk
):
    theme = complaints(desk)
    hidden = [
        a_post(text="An orca leaks", external_id=f"acme/den#{n}", visibility=Visibility.PRIVATE)
        for n in range(3)
    ]
    desk.pipeline.store.posts.save(hidden)
    desk.pipeline.understand()
    (secret,) = {view.theme.id for view in desk.pipeline.themes()} - {theme}
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, audience=Audience()))
    operator = replace(desk.pipeline, audience=OPERATOR).deciding("operator")
    made = operator.rename(secret, "Orca leak at Acme")
    for words in ("undo", f"undo {made.decision.id}"):
        answer = texts(slack.command(words))
        assert "Orca" not in answer
        assert "cannot be taken back here" in answer
    assert desk.pipeline.store.decisions.all()[-1].stands
    assert "there is no theme" in texts(slack.command(f"merge {theme} \n{secret}"))


def test_posts_that_not_everybody_may_read_are_in_no_number_of_a_decision(slack, desk):
    theme = complaints(desk)
    hidden = {"title": "The walrus cache crashes on start", "visibility": Visibility.PRIVATE}
    desk.pipeline.store.posts.save(
        a_post(external_id=f"acme/den#{n}", author=f"h{n}", created_at=ago(hours=n), **hidden)
        for n in range(9)
    )
    desk.pipeline.understand()
    object.__setattr__(desk, "pipeline", replace(desk.pipeline, audience=Audience()))
    (shown,) = desk.pipeline.telling().named([theme])
    least = outgrown_from(shown.members, NOW)
    assert f"until {least} people speak of it" in texts(slack.command(f"quiet {theme}"))
    taken = desk.pipeline.deciding(f"slack:{ANN}").acknowledge(theme)
    alike = ("github:acme/den#1", "github:acme/den#2", "github:acme/tool#90")
    (said,) = done(desk, replace(taken, alike=alike), {})
    assert "1 more post looks like it." in json.dumps(said.blocks)


def test_whoever_may_not_decide_is_told_who_can_allow_it(slack: Slack, desk: Desk):
    theme = complaints(desk)
    (answer,) = slack.command(f"mute {theme}", user=BOB)
    assert "you may not decide" in answer["text"]
    (answer,) = slack.press(
        {
            "type": "overflow",
            "action_id": "theme_menu",
            "selected_option": {"value": f"mute {theme}"},
        },
        user=BOB,
    )
    assert "you may not decide" in answer["text"]
    assert desk.pipeline.deciding("x").log() == []


def test_a_theme_is_muted_from_its_menu_and_that_is_taken_back_by_a_button(slack, desk):
    theme = complaints(desk)
    chosen = {"selected_option": {"value": f"mute {theme}"}}
    (answer,) = slack.press({"type": "overflow", "action_id": "theme_menu", **chosen})
    assert theme in answer["text"]
    (undo,) = [e for b in answer["blocks"] if b["type"] == "actions" for e in b["elements"]]
    assert desk.pipeline.themes()[0].mute is not None
    slack.press({"type": "button", **undo})
    assert desk.pipeline.themes()[0].mute is None
    (muted,) = desk.pipeline.deciding("x").log()
    assert (muted.by, muted.undone_by) == (f"slack:{ANN}", f"slack:{ANN}")


def test_the_posts_behind_a_number_are_shown(slack: Slack, desk: Desk):
    theme = complaints(desk)
    (answer,) = slack.press({"type": "button", "action_id": "theme_posts", "value": theme})
    assert answer["text"].startswith("3 posts")
    (why,) = slack.press(
        {
            "type": "overflow",
            "action_id": "theme_menu",
            "selected_option": {"value": f"why {theme}"},
        }
    )
    assert "Words that set it apart" in texts([why])


def test_a_channel_subscribes_sees_it_and_ends_it(slack: Slack, desk: Desk):
    (answer,) = slack.command("subscribe daily 09:00 Europe/Berlin style:short kind:complaint")
    assert "First on Tue 03 Mar, 09:00" in answer["text"]
    (its,) = desk.pipeline.store.subscriptions.all(CHANNEL)
    assert (its.asks, its.style, its.words) == (Asks.DIGEST, Style.SHORT, "kind:complaint")
    assert f"#{its.id}" in slack.command("subscriptions")[0]["text"]
    assert "no subscription" in slack.command(f"unsubscribe {its.id}", channel="C0OTHER")[0]["text"]
    slack.command(f"unsubscribe {its.id}")
    assert desk.pipeline.store.subscriptions.all(CHANNEL) == []


@pytest.mark.parametrize(
    "words",
    [
        "subscribe sometimes",
        "subscribe daily 09:00 Europe/Atlantis",
        "subscribe daily 09:00 sorce:reddit",
        "subscribe cron 0 9 31 2 *",
    ],
)
def test_a_subscription_that_could_not_be_kept_is_refused_with_why(slack, desk, words):
    (answer,) = slack.command(words)
    assert answer["text"].startswith("Sorry: ")
    assert desk.pipeline.store.subscriptions.all() == []


def test_alerts_say_what_they_would_have_told_and_how_often_in_error(slack: Slack, desk: Desk):
    complaints(desk)
    (answer,) = slack.command("alerts people:4 within:1d source:github")
    assert "4 or more people within 24 hours" in answer["text"]
    assert "times a month" in answer["text"]
    (its,) = desk.pipeline.store.subscriptions.all(CHANNEL)
    assert (its.asks, its.words) == (Asks.BURSTS, "people:4 within:1d source:github")
    assert "as soon as it is read" in slack.command("subscriptions")[0]["text"]


def test_a_question_is_kept_by_a_button_and_told_when_its_answer_changes(slack, desk):
    complaints(desk)
    (answer,) = slack.command("what hurts most this month?")
    (keep,) = [
        e
        for b in answer["blocks"]
        if b["type"] == "actions"
        for e in b["elements"]
        if e["action_id"] == "follow_question"
    ]
    (told,) = slack.press({"type": "button", **keep})
    assert "when the answer changed" in told["text"]
    (its,) = desk.pipeline.store.subscriptions.all(CHANNEL)
    assert (its.asks, its.words) == (Asks.QUESTION, "what hurts most this month?")


def test_in_a_thread_a_question_goes_on_from_the_one_before_and_elsewhere_not(slack, desk):
    complaints(desk)
    thread = {"type": "app_mention", "thread_ts": "5.5"}
    slack.event({**thread, "text": "<@U0GROUND> how many posts about walrus on github?"}, "Ev1")
    slack.posted(1)
    slack.event({**thread, "text": "<@U0GROUND> and on reddit?"}, "Ev2")
    second = slack.posted(2)[1]
    assert "walrus" in texts([second])
    assert "reddit" in texts([second]).lower()
    slack.event({"type": "app_mention", "text": "<@U0GROUND> and on reddit?"}, "Ev3")
    assert "walrus" not in texts([slack.posted(3)[2]])


def file(slack: Slack, text: str, channel: str = "help", user: str = ANN) -> dict[str, Any]:
    before = len(slack.answers)
    payload = {
        "type": "message_action",
        "callback_id": "file_signal",
        "user": {"id": user},
        "team": {"id": "T0ACME", "domain": "acme"},
        "channel": {"id": CHANNEL, "name": channel},
        "response_url": f"{slack.site.url}/respond",
        "message": {"type": "message", "user": "U0EVE", "ts": "1772400000.000100", "text": text},
    }
    slack.say({"payload": json.dumps(payload)})
    (answer,) = slack.settled(before)
    return answer


def test_a_message_that_says_the_same_joins_its_theme_when_it_is_filed(slack: Slack, desk: Desk):
    theme = complaints(desk)
    answer = file(slack, "The walrus cache crashes on start: broken")
    assert f"({theme})" in answer["text"]
    (hit,) = desk.pipeline.search("source:manual", 5)
    assert hit.post.author == "U0EVE"
    assert hit.post.url == f"https://acme.slack.com/archives/{CHANNEL}/p1772400000000100"


def test_a_message_that_nobody_said_before_is_kept(slack: Slack, desk: Desk):
    complaints(desk)
    assert "nobody said so before" in file(slack, "Penguins would like dark mode")["text"]
    assert len(desk.pipeline.search("source:manual", 5)) == 1


def test_what_comes_near_is_asked_about_and_attached_by_a_person(slack, desk, monkeypatch):
    monkeypatch.setattr("bot.pipeline.capturing.MIDDLING", 0.1)
    others = (
        "penguins like snow",
        "otters eat fish daily",
        "seals bark loudly",
        "whales sing songs",
    )
    desk.pipeline.store.posts.save([a_post(title=f"{words} {n}") for n, words in enumerate(others)])
    theme = complaints(desk)
    answer = file(slack, "Is there a walrus sticker for my laptop that one could buy somewhere?")
    assert f"({theme})?" in answer["text"]
    (yes,) = [e for b in answer["blocks"] if b["type"] == "actions" for e in b["elements"]]
    (refused,) = slack.press({"type": "button", **yes}, user=BOB)
    assert "you may not decide" in refused["text"]
    slack.press({"type": "button", **yes})
    assert desk.pipeline.theme(theme).crowd.posts == 4


@pytest.mark.parametrize("channel", ["privategroup", "directmessage"])
def test_a_message_of_a_private_conversation_is_kept_private(slack, desk, channel):
    file(slack, "Penguins would like dark mode", channel)
    public = replace(desk.pipeline, audience=Audience())
    assert len(desk.pipeline.search("source:manual", 5)) == 1
    assert public.search("source:manual", 5) == []


def test_whoever_may_add_nothing_may_file_nothing(slack: Slack, desk: Desk):
    assert "you may not add posts" in file(slack, "Dark mode", user=BOB)["text"]
    assert "no words" in file(slack, "   ")["text"]
    assert desk.pipeline.search("", 5) == []


def test_a_watch_shows_what_it_would_have_told(slack: Slack, desk: Desk):
    complaints(desk)
    first, then = slack.command("watch walrus kind:issue")
    assert "would have been 3 posts" in first["text"]
    assert "walrus" in texts([then])
    (refused,) = slack.command("watch sorce:reddit")
    assert refused["text"].startswith("Sorry: ")
    assert len(desk.pipeline.store.subscriptions.all(CHANNEL)) == 1


def test_the_home_shows_what_one_is_told_and_what_people_say(slack: Slack, desk: Desk):
    complaints(desk)
    slack.command("subscribe weekly mon 09:00 kind:bug")
    slack.event({"type": "app_home_opened", "tab": "home"})
    wait_for(lambda: any(method == "views.publish" for method, _ in slack.workspace.calls))
    (view,) = [given for method, given in slack.workspace.calls if method == "views.publish"]
    shown = json.dumps(view)
    assert "weekly mon 09:00" in shown
    assert "walrus" in shown


@pytest.mark.parametrize("signature", ["v0=0000", "nonsense", "v0="])
def test_what_is_not_signed_by_slack_is_refused(slack: Slack, signature: str):
    told = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_mention"}}
    assert slack.say(told, signature).status == 401
    assert slack.workspace.messages == []
