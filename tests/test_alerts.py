"""Alerts: each thing once, together, not too many, and nothing that nobody may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.alarms import Alerts, Rule
from bot.deliveries import Acknowledgement, Asks, Message, Subscription
from bot.errors import QueryError, SlackError
from bot.model import Audience, Criterion, Visibility
from bot.pipeline import Pipeline
from bot.pipeline.delivering import ENTRUSTED, Delivering
from bot.pipeline.telling import Telling
from bot.schedule import Courier
from bot.slack.blocks import Blocks
from bot.speak.alerting import alerts_text, parse_alerts
from bot.store import Store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post, ago
from tests.fakes import Clock, Postbox, WordHashing
from tests.test_schedule import CHANNEL, Plainly, a_courier, subscribe

OFTEN = "cron */5 * * * *"
LEAK = (
    "Attackers can read other users' private messages: remote code execution, here is the exploit"
)


def alerting(store: Store, words: str = "", **fields) -> Subscription:
    return subscribe(store, asks=Asks.BURSTS, words=words, cadence=OFTEN, **fields)


def said(store: Store, clock: Clock, title: str, count: int = 3, days: float = 0.01) -> None:
    """So many people say the same, and it is understood."""
    store.posts.save(
        [
            a_post(title=title, text=title, created_at=clock() - timedelta(days=days, minutes=n))
            for n in range(count)
        ]
    )
    Pipeline(store, WordHashing(), AverageTree(), {}, clock).understand()


def usual(store: Store, days: int = 60) -> None:
    """What is always said: without a past nothing is a burst."""
    store.posts.save([a_post(created_at=ago(day)) for day in range(1, days)])


def told(box: Postbox) -> list[str]:
    return [message.text for _, _, message in box.posted]


def later(courier: Courier, clock: Clock, **span: float) -> None:
    clock.now += timedelta(**span)
    courier.tick()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box() -> Postbox:
    return Postbox()


def test_several_themes_at_one_look_are_one_message(store: Store, clock: Clock, box: Postbox):
    usual(store)
    alerting(store)
    courier = a_courier(store, box, clock)
    clock.now += timedelta(hours=2)
    said(store, clock, "The walrus cache crashes on start")
    said(store, clock, "Penguin uploads time out behind a proxy", 4)
    courier.tick()
    (one,) = told(box)
    assert one.count("burst: ") == 2


def test_a_theme_that_came_back_is_told_once(store: Store, clock: Clock, box: Postbox):
    usual(store, 200)
    said(store, clock, "The walrus cache crashes on start", 3, days=150)
    alerting(store, "on:back")
    courier = a_courier(store, box, clock)
    later(courier, clock, hours=2)
    assert told(box) == []
    said(store, clock, "The walrus cache crashes on start")
    for _ in range(4):
        later(courier, clock, hours=30)
    assert ["back: " in text and "walrus" in text for text in told(box)] == [True]


def test_the_first_report_of_a_crash_is_told_and_no_further_one_of_its_theme(store, clock, box):
    alerting(store, "on:crash")
    courier = a_courier(store, box, clock)
    clock.now += timedelta(hours=2)
    said(store, clock, "The walrus cache crashes on start", 1)
    said(store, clock, "Penguins would like dark mode", 1)
    courier.tick()
    assert told(box) == ["first: The walrus cache crashes on start"]
    clock.now += timedelta(hours=2)
    said(store, clock, "The walrus cache crashes on start", 3)
    courier.tick()
    said(store, clock, "The walrus cache crashes on start", 4)
    later(courier, clock, minutes=10)
    assert len({what.post for _, _, m in box.posted for what in m.shows}) == 1


def test_what_may_be_an_undisclosed_vulnerability_is_counted_and_never_shown(store, clock, box):
    alerting(store, "on:urgent")
    courier = a_courier(store, box, clock)
    courier = replace(courier, delivering=replace(courier.delivering, renderer=Blocks()))
    clock.now += timedelta(hours=2)
    said(store, clock, LEAK, 3)
    courier.tick()
    said(store, clock, LEAK, 1)
    later(courier, clock, minutes=10)
    later(courier, clock, hours=30)
    texts = [str(message) for _, _, message in box.posted]
    assert ["3 posts look like" in texts[0], "1 post looks like" in texts[1]] == [True, True]
    assert len(texts) == 2
    assert "remote code" not in str(texts).lower()
    assert "exploit" not in str(texts).lower()


class Unreachable(Postbox):
    """Slack, out of reach."""

    def post(self, channel: str, message: Message, mark: str, thread: str | None) -> str:
        raise SlackError("no answer", uncertain=True)


def test_what_is_kept_back_is_counted_once_although_slack_is_out_of_reach(store, clock):
    its = alerting(store, "on:security")
    courier = a_courier(store, Unreachable(), clock)
    clock.now += timedelta(hours=2)
    said(store, clock, LEAK, 3)
    for _ in range(3):
        later(courier, clock, minutes=6)
    waiting = [one for one in store.outbox.open(clock() + timedelta(days=1)) if one.said]
    assert [one.said for one in waiting] == ["told 3"]
    assert waiting[0].subscription == its.id


def test_that_less_is_kept_back_than_before_is_no_news(store: Store, clock: Clock, box: Postbox):
    alerting(store, "on:security")
    courier = a_courier(store, box, clock)
    clock.now += timedelta(hours=2)
    posts = [a_post(title=LEAK, text=LEAK, author="eve", created_at=clock()) for _ in range(2)]
    store.posts.save(posts)
    Pipeline(store, WordHashing(), AverageTree(), {}, clock).understand()
    courier.tick()
    store.posts.forget("eve", clock())
    later(courier, clock, minutes=6)
    assert told(box) == ["kept back: 2"]


def test_what_is_not_for_everybody_makes_no_alert(store: Store, clock: Clock, box: Postbox):
    usual(store)
    alerting(store, "on:bursts,back,urgent")
    clock.now += timedelta(hours=2)
    posts = [
        a_post(
            title=title,
            text=title,
            created_at=clock() - timedelta(minutes=n),
            visibility=Visibility.PRIVATE,
        )
        for title in ("The walrus cache crashes on start", LEAK)
        for n in range(4)
    ]
    store.posts.save(posts)
    Pipeline(store, WordHashing(), AverageTree(), {}, clock).understand()

    def telling(_: Subscription) -> Telling:
        return Telling(store, WordHashing(), clock(), audience=Audience())

    Courier(store, Delivering(store, telling, Plainly()), box, clock).tick()
    assert told(box) == []


def test_a_channel_gets_so_many_alerts_an_hour_and_the_rest_with_the_next(store, clock, box):
    alerting(store, "on:crash")
    courier = a_courier(store, box, clock)
    courier = replace(courier, delivering=replace(courier.delivering, alerts_an_hour=2))
    for title in (
        "Walrus crashes whenever it sings",
        "Segmentation fault in penguin uploads",
        "The otter gateway ran out of memory at midnight",
        "Seal segfaults after an upgrade",
        "Kernel panic with whale drivers",
    ):
        clock.now += timedelta(minutes=6)
        said(store, clock, title, 1, days=0)
        courier.tick()
    assert [text.count("first: ") for text in told(box)] == [1, 1]
    later(courier, clock, minutes=50)
    assert [text.count("first: ") for text in told(box)] == [1, 1, 3]
    assert ["held" in text for text in told(box)] == [False, False, True]
    clock.now += timedelta(hours=2)
    said(store, clock, "The narwhal crashes on start", 1)
    courier.tick()
    assert "held" not in told(box)[-1]


def test_watches_count_as_alerts(store: Store, clock: Clock, box: Postbox):
    subscribe(store, asks=Asks.WATCH, words="walrus", cadence=OFTEN)
    courier = a_courier(store, box, clock)
    courier = replace(courier, delivering=replace(courier.delivering, alerts_an_hour=1))
    for _ in range(3):
        clock.now += timedelta(minutes=6)
        said(store, clock, "The walrus sings", 1, days=0)
        courier.tick()
    later(courier, clock, minutes=60)
    assert [len(message.shows) for _, _, message in box.posted] == [1, 2]
    assert told(box)[1].endswith("held")


def test_a_theme_that_is_snoozed_is_told_when_that_is_over(
    store: Store, clock: Clock, box: Postbox
):
    usual(store)
    said(store, clock, "The walrus cache crashes on start", 3, days=80)
    alerting(store)
    courier = a_courier(store, box, clock)
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, clock)
    theme = next(v.theme.id for v in pipeline.themes() if "walrus" in v.theme.label)
    clock.now += timedelta(hours=2)
    until = clock() + timedelta(days=1)
    store.acknowledgements.add(Acknowledgement(0, CHANNEL, theme, "slack:U0ANN", clock(), until))
    said(store, clock, "The walrus cache crashes on start")
    courier.tick()
    later(courier, clock, hours=23)
    assert told(box) == []
    later(courier, clock, hours=2)
    assert "walrus" in told(box)[0]


def test_posts_of_a_theme_that_is_snoozed_are_not_watched_either(store, clock, box):
    said(store, clock, "The walrus cache crashes on start", 3, days=80)
    subscribe(store, asks=Asks.WATCH, words="walrus", cadence=OFTEN)
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, clock)
    (theme,) = (view.theme.id for view in pipeline.themes())
    until = clock() + timedelta(days=1)
    store.acknowledgements.add(Acknowledgement(0, CHANNEL, theme, "slack:U0ANN", clock(), until))
    courier = a_courier(store, box, clock)
    clock.now += timedelta(hours=2)
    said(store, clock, "The walrus cache crashes on start", 2)
    said(store, clock, "Somebody drew a walrus with a hat", 1)
    courier.tick()
    assert [len(message.shows) for _, _, message in box.posted] == [1]
    later(courier, clock, hours=23)
    assert [len(message.shows) for _, _, message in box.posted] == [1, 2]


def test_a_snooze_that_is_taken_back_holds_no_more_and_only_once(store: Store):
    log = store.acknowledgements
    made = log.add(Acknowledgement(0, CHANNEL, "T1", "slack:U1", NOW, NOW + timedelta(days=1)))
    log.add(Acknowledgement(0, CHANNEL, "T2", "slack:U1", NOW))
    assert log.snoozed(CHANNEL, NOW) == {"T1"}
    assert log.snoozed("C0OTHER", NOW) == set()
    assert log.snoozed(CHANNEL, NOW + timedelta(days=1)) == set()
    assert log.undo(made.id, "C0OTHER", "slack:U2", NOW) is None
    assert log.undo(made.id, CHANNEL, "slack:U2", NOW) == made
    assert log.undo(made.id, CHANNEL, "slack:U2", NOW) is None
    assert log.snoozed(CHANNEL, NOW) == set()


def test_two_alerts_of_one_channel_tell_a_theme_once_and_another_channel_by_itself(
    store, clock, box
):
    usual(store)
    alerting(store)
    alerting(store, "people:2")
    alerting(store, channel="C0OTHER")
    courier = a_courier(store, box, clock)
    clock.now += timedelta(hours=2)
    said(store, clock, "The walrus cache crashes on start", 4)
    courier.tick()
    assert sorted(channel for channel, _, _ in box.posted) == [CHANNEL, "C0OTHER"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", Alerts(bursts=True, back=True, criteria=(), rule=Rule(), query="")),
        (
            "on:crash,data-loss people:5 source:reddit",
            Alerts(
                bursts=False,
                back=False,
                criteria=(Criterion.CRASH, Criterion.DATA_LOSS),
                rule=Rule(people=5),
                query="source:reddit",
            ),
        ),
        (
            "ON:BACK walrus on:urgent",
            Alerts(
                bursts=False,
                back=True,
                criteria=(Criterion.CRASH, Criterion.DATA_LOSS, Criterion.SECURITY),
                rule=Rule(),
                query="walrus",
            ),
        ),
    ],
)
def test_what_a_channel_wants_alerts_of_is_read(text: str, asked: Alerts):
    assert parse_alerts(text) == asked
    assert alerts_text(asked)


@pytest.mark.parametrize("text", ["on:", "on:everything", "on:bursts,", "people:0"])
def test_alerts_that_there_are_none_of_are_refused_with_those_that_there_are(text: str):
    with pytest.raises(QueryError):
        parse_alerts(text)


def entrusting(store: Store, box: Postbox, clock: Clock, *contacts: str) -> Courier:
    courier = a_courier(store, box, clock)
    public = partial(Telling, store, WordHashing(), audience=Audience())
    made = replace(courier.delivering, telling=lambda _: public(now=clock()), contacts=contacts)
    return replace(courier, delivering=made)


def test_a_possible_vulnerability_goes_to_the_security_contact_alone_and_once(store, clock, box):
    alerting(store, "on:security")
    courier = entrusting(store, box, clock, "U0SEC")
    courier.tick()
    clock.now += timedelta(hours=2)
    hidden = a_post(title=LEAK, text=LEAK, created_at=clock(), visibility=Visibility.PRIVATE)
    store.posts.save([hidden])
    said(store, clock, LEAK, 2, days=0)
    for _ in range(3):
        later(courier, clock, minutes=6)
    keys = [one.key for one in store.readings.sensitive(clock(), Audience())]
    assert len(keys) == 2
    assert hidden.key not in keys
    by_channel = {channel: message.text for channel, _, message in box.posted}
    assert by_channel == {"U0SEC": f"2: {' '.join(keys)}", CHANNEL: "kept back: 2"}
    assert len(box.posted) == 2
    said(store, clock, f"{LEAK} Once more.", 1, days=0)
    later(courier, clock, minutes=6)
    assert [message.text[:3] for channel, _, message in box.posted if channel == "U0SEC"] == [
        "2: ",
        "1: ",
    ]


def test_who_is_no_security_contact_any_more_is_told_nothing_more(store, clock, box):
    entrusting(store, box, clock, "U0SEC", "U1SEC").tick()
    assert {its.channel for its in store.subscriptions.all()} == {"U0SEC", "U1SEC"}
    courier = entrusting(store, box, clock, "U1SEC")
    clock.now += timedelta(hours=2)
    said(store, clock, LEAK, 1, days=0)
    later(courier, clock, minutes=6)
    assert [channel for channel, _, _ in box.posted] == ["U1SEC"]
    assert {its.channel for its in store.subscriptions.all()} == {"U1SEC"}


def test_of_many_possible_vulnerabilities_the_rest_follows(store, clock, box):
    courier = entrusting(store, box, clock, "U0SEC")
    said(store, clock, LEAK, ENTRUSTED + 3)
    for _ in range(4):
        later(courier, clock, minutes=6)
    assert [text.partition(":")[0] for text in told(box)] == [f"{ENTRUSTED + 3}", "3"]
    shown = [key for text in told(box) for key in text.split()[1:]]
    assert len(set(shown)) == len(shown) == ENTRUSTED + 3
