"""Triage as people do it in Slack: the queue, its buttons, whose week it is, and each decision."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.deliveries import Asks, Message, Stage, Style, Subscription
from bot.model import Digest, Intent, Visibility
from bot.slack.blocks import digest_messages
from bot.slack.outbox import Sender
from bot.slack.people import People
from bot.slack.poster import SlackPoster
from bot.tracking import State
from handlers.desk import Desk
from tests.builders import NOW, a_post, ago
from tests.handlers.test_slack import ANN, BOB, Slack, complaints, desk, linkable, slack, texts
from tests.slack.blockkit import faults

__all__ = ["desk", "slack"]

ISSUE = "https://github.com/acme/tool/issues/7"


@pytest.fixture
def named(desk: Desk, slack: Slack) -> Desk:
    """The desk, where people are called as Slack calls them."""
    object.__setattr__(desk, "named", People(slack.app.client))
    return desk


def buttons(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = [e for b in answer["blocks"] if b["type"] == "actions" for e in b["elements"]]
    return {e["text"]["text"]: e for e in rows if e["type"] == "button"}


def test_the_queue_shows_what_nobody_took_and_what_slack_takes(slack: Slack, desk: Desk):
    theme = complaints(desk)
    (answer,) = slack.command("triage")
    assert answer["text"].startswith("1 theme of high priority, since")
    assert theme in texts([answer])
    message = Message(answer["text"], tuple(answer["blocks"]))
    assert faults(message, linkable(desk)) == []
    assert {"Acknowledge", "Assign to me", "Show 3 posts"} <= buttons(answer).keys()


def test_what_somebody_has_seen_leaves_the_queue_and_comes_back_when_that_is_undone(slack, named):
    theme = complaints(named)
    (answer,) = slack.command("triage")
    (told,) = slack.press({"type": "button", **buttons(answer)["Acknowledge"]})
    assert theme in told["text"]
    assert "was seen" in told["text"]
    assert slack.command("triage")[0]["text"].startswith("Nothing waits")
    assert "Seen by Ann on" in texts(slack.command("themes"))
    slack.press({"type": "button", **buttons(told)["Undo"]})
    assert theme in texts(slack.command("triage"))


def test_what_somebody_takes_is_theirs_until_they_give_it_back(slack, named):
    theme = complaints(named)
    (answer,) = slack.command("triage")
    (told,) = slack.press({"type": "button", **buttons(answer)["Assign to me"]})
    assert "is assigned to Ann" in told["text"]
    assert slack.command("triage")[0]["text"].startswith("Nothing waits")
    assert slack.command("triage mine", user=BOB)[0]["text"] == "Nothing is assigned to you."
    (mine,) = slack.command("triage mine")
    assert mine["text"] == "1 theme assigned to you"
    slack.press({"type": "button", **buttons(mine)["Give back"]})
    assert theme in texts(slack.command("triage"))


@pytest.mark.parametrize("who", [f"<@{BOB}>", f"<@{BOB}|bob>"])
def test_a_theme_is_given_to_whoever_is_named(slack, named, who):
    theme = complaints(named)
    (told,) = slack.command(f"assign {theme} {who}")
    assert "is assigned to Bob" in told["text"]
    (view,) = named.pipeline.assigned(f"slack:{BOB}")
    assert view.theme.id == theme
    assert slack.command("triage mine", user=BOB)[0]["text"] == "1 theme assigned to you"
    slack.event({"type": "app_mention", "text": f"<@U0GROUND> assign {theme} <@{ANN}>"})
    slack.posted(1)
    assert [v.theme.id for v in named.pipeline.assigned(f"slack:{ANN}")] == [theme]


def test_whoever_is_given_a_theme_is_told_and_whoever_takes_one_not(slack, named):
    poster = SlackPoster(slack.app.client)
    object.__setattr__(named, "sender", Sender(named.pipeline.store, poster, lambda: NOW))
    theme = complaints(named)
    slack.command(f"assign {theme} me")
    slack.command(f"assign {theme} <@{BOB}>")
    (told,) = slack.workspace.in_channel(BOB)
    assert told["text"].startswith(f"Ann gave you this: {theme} ")
    assert slack.workspace.in_channel(ANN) == []


def test_messages_that_show_a_theme_say_what_stands_of_it_after_each_decision(slack, named):
    poster = SlackPoster(slack.app.client)
    sender = Sender(named.pipeline.store, poster, lambda: NOW)
    object.__setattr__(named, "sender", sender)
    theme = complaints(named)
    posted(named, sender, named.pipeline.digest())
    for words, says in (
        (f"assign {theme} me", "is assigned to Ann"),
        (f"acknowledge {theme}", "was seen"),
        ("undo", "is assigned to Ann"),
        ("undo", ""),
    ):
        slack.command(words)
        (digest,) = slack.workspace.in_channel("C0NEWS")
        notes = [e for b in digest["blocks"] if b.get("block_id") == theme for e in b["elements"]]
        assert says in texts(notes[1:])
        assert bool(notes[1:]) is bool(says)


def posted(desk: Desk, sender: Sender, digest: Digest) -> None:
    """Let a digest stand in the channel, as if it had been subscribed to."""
    its = Subscription(0, "C0NEWS", Asks.DIGEST, "", "daily 09:00", "UTC", Style.FULL, ANN, ago(1))
    made = desk.pipeline.store.subscriptions.add(its)
    desk.pipeline.store.outbox.due(made.id, "C0NEWS", NOW, None)
    [due] = desk.pipeline.store.outbox.open(NOW)
    desk.pipeline.store.outbox.write(due, digest_messages(digest), "")
    [due] = desk.pipeline.store.outbox.open(NOW)
    assert sender.send(due) is Stage.SENT


@pytest.mark.parametrize("who", ["", "@bob", f"<@{ANN}> <@{BOB}>"])
def test_who_is_meant_must_be_picked(slack, desk, who):
    theme = complaints(desk)
    (answer,) = slack.command(f"assign {theme} {who}")
    assert "Pick a person from the list that @ opens" in answer["text"]
    assert desk.pipeline.deciding("x").log() == []


def test_an_issue_is_linked_by_its_number_and_by_an_address_as_slack_writes_it(slack, desk):
    theme = complaints(desk)
    issue = a_post(external_id="acme/tool#7", url=ISSUE, state="open", title="Otters of their own")
    desk.pipeline.store.posts.save([issue])
    desk.pipeline.understand()
    (told,) = slack.command(f"link {theme} #7")
    assert "is tracked in acme/tool#7." in told["text"]
    assert desk.pipeline.theme(theme).tracking.issue.key == issue.key
    slack.command(f"link {theme} <https://linear.example/ENG-5|ENG-5>")
    assert desk.pipeline.theme(theme).tracking.state is State.LINKED
    assert slack.command("triage")[0]["text"].startswith("Nothing waits")
    assert "to which issue?" in slack.command(f"link {theme}")[0]["text"]


def test_a_post_is_said_to_be_of_another_kind_and_a_question_that_begins_so_is_asked(slack, desk):
    complaints(desk)
    slack.command("kind github:acme/tool#90 praise")
    (hit,) = desk.pipeline.search("kind:praise", 5)
    assert (hit.post.key, hit.intent) == ("github:acme/tool#90", Intent.PRAISE)
    assert "they are" in slack.command("kind github:acme/tool#90 odd")[0]["text"]
    assert "which kind" not in slack.command("kind of slow lately?")[0]["text"]


def test_what_not_everybody_may_read_is_neither_named_nor_decided_about(slack, desk):
    theme = complaints(desk)
    secret = {"visibility": Visibility.PRIVATE, "venue": "acme/secret", "url": ISSUE}
    desk.pipeline.store.posts.save([a_post(external_id="acme/secret#7", **secret)])
    desk.pipeline.understand()
    public = replace(desk.pipeline, audience=type(desk.pipeline.audience)())
    object.__setattr__(desk, "pipeline", public)
    assert "no issue of that name" in slack.command(f"link {theme} #7")[0]["text"]
    assert "no post of that" in slack.command("kind github:acme/secret#7 bug")[0]["text"]
    assert public.deciding("x").log() == []


def test_the_likely_issue_is_linked_by_its_button_and_then_nobody_is_asked_for_another(slack, desk):
    words = "The walrus cache crashes on start"
    posts = (a_post(title=words, text=f"{words}: {n}", external_id=f"acme/tool#{n}") for n in "123")
    desk.pipeline.store.posts.save([replace(post, state="open") for post in posts])
    desk.pipeline.understand()

    offered = buttons(slack.command("themes")[0])
    button = next(one for text, one in offered.items() if text.startswith("Link to #"))
    names = list(offered)
    assert names.index(button["text"]["text"]) < names.index("Make an issue")
    (told,) = slack.press({"type": "button", **button})
    assert button["value"].rpartition(" ")[2].removeprefix("github:") in told["text"]

    left = buttons(slack.command("themes")[0])
    assert not any(text.startswith(("Link to", "Make an issue")) for text in left)


@pytest.mark.parametrize("words", ["acknowledge", "assign {} me", "link {} #7", "triage rota"])
def test_whoever_may_not_is_refused_and_nothing_is_done(slack, desk, words):
    theme = complaints(desk)
    rights = replace(desk.rights, given={"ask": frozenset({"*"})})
    object.__setattr__(desk, "rights", rights)
    asked = "triage rota <@U0BOB>" if "rota" in words else words.replace("{}", theme)
    asked = f"acknowledge {theme}" if asked == "acknowledge" else asked
    assert "you may not" in slack.command(asked, user=BOB)[0]["text"]
    assert desk.pipeline.deciding("x").log() == []
    assert desk.pipeline.store.rotas.standing(desk.pipeline.clock()) is None


def test_people_take_turns_and_the_queue_and_the_digest_say_whose_week_it_is(slack, named):
    complaints(named)
    assert "Nobody takes turns yet" in slack.command("triage rota")[0]["text"]
    (told,) = slack.command(f"triage rota <@{ANN}> <@{BOB}|bob> weekly tue Europe/Berlin")
    assert "Ann and Bob, a week each from Tuesday on (Europe/Berlin)" in told["text"]
    duty = "On duty: Ann, until Tue 3 Mar; then Bob"
    assert duty in told["text"]
    assert duty in texts(slack.command("triage"))
    assert duty in texts(slack.command("digest"))
    assert duty in slack.command("triage rota")[0]["text"]
    slack.command("triage rota off")
    assert "On duty" not in texts(slack.command("digest"))
    assert "Nobody takes turns." in slack.command("triage rota off")[0]["text"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("@ann @bob weekly mon", "who takes turns?"),
        ("<@U0ANN> weekly someday", "on which day"),
        ("<@U0ANN> weekly mon Europe/Atlantis", "no time zone"),
        ("<@U0ANN> weekly mon UTC daily", "on which day"),
    ],
)
def test_a_rota_that_cannot_be_is_refused_with_why(slack, desk, words, says):
    assert says in slack.command(f"triage rota {words}")[0]["text"]
    assert desk.pipeline.store.rotas.standing(desk.pipeline.clock()) is None


def test_the_queue_can_be_narrowed_and_a_wrong_query_is_pointed_at(slack, desk):
    complaints(desk)
    assert slack.command("triage source:reddit")[0]["text"].startswith("Nothing waits")
    assert "sorce" in json.dumps(slack.command("triage sorce:reddit"))
