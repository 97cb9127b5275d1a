"""What is due is told once: on time, after an outage, and with several processes at work."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.alarms import Alerts, Found
from bot.deliveries import Asks, Message, Picture, Shown, Style, Subscription
from bot.errors import StoreError
from bot.model import Answer, Digest, Sensitive
from bot.pipeline import Pipeline
from bot.pipeline.delivering import Delivering
from bot.pipeline.telling import Telling
from bot.schedule import LEASE, Courier, Reading
from bot.store import Store, open_store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post, ago
from tests.fakes import Clock, Postbox, WordHashing

CHANNEL = "C0NEWS"


class Plainly:
    """A renderer that says the headline."""

    def digest(self, digest: Digest, style: Style) -> Sequence[Message]:
        return (Message(f"{style}: {digest.headline}"),)

    def nothing_new(self, digest: Digest) -> Sequence[Message]:
        return (Message(f"nothing new since {digest.period.since:%Y-%m-%d %H:%M}"),)

    def answer(self, answer: Answer) -> Sequence[Message]:
        return (Message(" ".join(s.text for s in answer.sentences) or "nothing"),)

    def alerts(self, found: Found, alerts: Alerts, most: int) -> Sequence[Message]:
        views = [*(view for _, view in found.bursts), *found.back]
        hits = [report.hit for report in found.first]
        shows = (
            *(Shown(view.theme.id, view.theme.id) for view in views),
            *(Shown(f"p{n}", post=hit.post.key) for n, hit in enumerate(hits)),
        )
        said = [f"back: {view.theme.label}" for view in found.back]
        said += [f"burst: {view.theme.label}" for _, view in found.bursts]
        said += [f"first: {hit.post.title}" for hit in hits]
        said += [f"kept back: {found.kept_back}"] if found.kept_back else []
        return (Message("; ".join([*said, *(["held"] if found.held else [])]), shows=shows),)

    def watched(self, found: Found, words: str, most: int) -> Sequence[Message]:
        shows = tuple(Shown(f"p{n}", post=hit.post.key) for n, hit in enumerate(found.watched))
        held = ["held"] if found.held else []
        text = " ".join([*(hit.post.key for hit in found.watched), *held])
        return (Message(text, shows=shows),)

    def entrusted(self, found: Sequence[Sensitive], number: int) -> Sequence[Message]:
        shows = tuple(Shown(f"p{n}", post=one.key) for n, one in enumerate(found))
        return (Message(f"{number}: {' '.join(one.key for one in found)}", shows=shows),)


def a_courier(store: Store, poster: Postbox, clock: Clock, holder: str = "one") -> Courier:
    delivering = Delivering(store, lambda _: Telling(store, WordHashing(), clock()), Plainly())
    return Courier(store, delivering, poster, clock, holder)


def subscribe(store: Store, **fields: Any) -> Subscription:
    plain = Subscription(
        0, CHANNEL, Asks.DIGEST, "", "daily 09:00", "UTC", Style.FULL, "U0ANN", NOW
    )
    return store.subscriptions.add(replace(plain, **fields))


def complaints(store: Store, clock: Clock, days: float = 0.1, first: int = 0) -> None:
    """Three people on one trouble."""
    store.posts.save(
        [
            a_post(
                title="The walrus cache crashes on start",
                text="The walrus cache crashes on every start",
                external_id=f"acme/tool#9{first + n}",
                author=f"ann{first + n}",
                created_at=clock() - timedelta(days=days, minutes=n),
            )
            for n in range(3)
        ]
    )
    Pipeline(store, WordHashing(), AverageTree(), {}, clock).understand()


def test_a_digest_comes_when_it_is_due_and_tells_what_moved(store: Store):
    clock, box = Clock(), Postbox()
    subscribe(store)
    courier = a_courier(store, box, clock)
    assert courier.tick() == 0
    clock.now = NOW.replace(day=3, hour=9, minute=0)
    complaints(store, clock)
    assert courier.tick() == 1
    assert courier.tick() == 0
    ((channel, _, message),) = box.posted
    assert channel == CHANNEL
    assert "walrus" in message.text.lower()


@pytest.mark.parametrize(("style", "told"), [(Style.FULL, 1), (Style.SHORT, 1), (Style.CHANGES, 0)])
def test_when_nothing_moved_a_channel_hears_one_line_or_nothing(store: Store, style, told):
    clock, box = Clock(), Postbox()
    subscribe(store, style=style)
    clock.now += timedelta(days=1)
    assert a_courier(store, box, clock).tick() == 1
    assert [m.text[:11] for _, _, m in box.posted] == ["nothing new"] * told


def test_each_digest_begins_where_the_last_one_ended_also_after_three_days_down(store: Store):
    clock, box = Clock(), Postbox()
    subscribe(store)
    courier = a_courier(store, box, clock)
    for days in (1, 4, 5):
        clock.now = NOW + timedelta(days=days)
        courier.tick()
    since = [m.text.removeprefix("nothing new since ") for _, _, m in box.posted]
    assert since == ["2026-03-02 09:00", "2026-03-03 09:00", "2026-03-06 09:00"]


@pytest.mark.parametrize(
    ("cadence", "pictures"), [("weekly tue 09:00", 1), ("monthly 3 09:00", 1), ("daily 09:00", 0)]
)
def test_a_picture_comes_below_a_digest_that_comes_once_a_week_or_less(store, cadence, pictures):
    clock, box = Clock(), Postbox()
    subscribe(store, cadence=cadence)
    clock.now = NOW.replace(day=3, hour=9, minute=0)
    complaints(store, clock)
    picture = Picture(b"png", "People a week", "T1: 1 2 3")
    courier = a_courier(store, box, clock)
    delivering = replace(courier.delivering, picture=lambda _: picture)
    assert replace(courier, delivering=delivering).tick() == 1
    assert [m.picture for _, _, m in box.posted] == [None, *[picture] * pictures]
    assert all(m.in_thread for _, _, m in box.posted[1:])


def test_a_question_is_answered_again_only_when_the_answer_changed(store: Store):
    clock, box = Clock(), Postbox()
    subscribe(store, asks=Asks.QUESTION, words="what about the walrus cache?")
    courier = a_courier(store, box, clock)
    complaints(store, clock)
    for day in range(1, 6):
        if day == 4:
            complaints(store, clock, first=10)
        clock.now = NOW + timedelta(days=day)
        courier.tick()
    assert len(box.posted) == 2


def test_a_burst_is_told_at_once_and_once(store: Store):
    clock, box = Clock(), Postbox()
    store.posts.save([a_post(created_at=ago(days)) for days in range(1, 60)])
    subscribe(store, asks=Asks.BURSTS, cadence="cron */5 * * * *")
    courier = a_courier(store, box, clock)
    clock.now += timedelta(minutes=5)
    assert courier.tick() == 1
    assert box.posted == []
    clock.now += timedelta(hours=2)
    complaints(store, clock, days=0.01)
    courier.tick()
    assert ["walrus" in m.text for _, _, m in box.posted] == [True]
    clock.now += timedelta(minutes=5)
    courier.tick()
    assert len(box.posted) == 1


def test_a_burst_of_a_muted_theme_is_not_told(store: Store):
    clock, box = Clock(), Postbox()
    store.posts.save([a_post(created_at=ago(days)) for days in range(1, 60)])
    subscribe(store, asks=Asks.BURSTS, cadence="cron */5 * * * *")
    clock.now += timedelta(hours=2)
    complaints(store, clock, days=0.01)
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, clock)
    (theme,) = {v.theme.id for v in pipeline.themes() if "walrus" in v.theme.label}
    pipeline.deciding("ann").mute(theme)
    a_courier(store, box, clock).tick()
    assert box.posted == []


def test_what_is_watched_is_told_as_soon_as_it_is_read_and_once(store: Store):
    clock, box = Clock(), Postbox()
    subscribe(store, asks=Asks.WATCH, words="walrus", cadence="cron */5 * * * *")
    courier = a_courier(store, box, clock)
    for _ in range(3):
        clock.now += timedelta(minutes=5)
        courier.tick()
    assert box.posted == []
    complaints(store, clock, days=0.001)
    for _ in range(3):
        clock.now += timedelta(minutes=5)
        courier.tick()
    (posted,) = box.posted
    assert len(posted[2].shows) == 3


def test_of_many_posts_at_once_that_are_watched_each_is_told_with_one_of_the_next_looks(store):
    clock, box = Clock(), Postbox()
    subscribe(store, asks=Asks.WATCH, words="walrus", cadence="cron */5 * * * *")
    clock.now += timedelta(minutes=1)
    store.posts.save([a_post(title=f"walrus {n}", created_at=clock()) for n in range(50)])
    courier = a_courier(store, box, clock)
    for _ in range(5):
        clock.now += timedelta(minutes=5)
        courier.tick()
    told = [what.post for _, _, message in box.posted for what in message.shows]
    assert [len(message.shows) for _, _, message in box.posted] == [20, 20, 10]
    assert len(set(told)) == 50


def test_that_there_was_nothing_to_say_is_not_kept_for_ever(store: Store):
    clock, box = Clock(), Postbox()
    its = subscribe(store, asks=Asks.WATCH, words="walrus", cadence="cron 0 * * * *")
    courier = a_courier(store, box, clock)
    for _ in range(5):
        clock.now += timedelta(hours=1)
        courier.tick()
    clock.now += timedelta(days=31)
    courier.clear()
    (last,) = store.subscriptions.last_due().values()
    assert store.outbox.last_said(its.id) is not None
    assert last == NOW + timedelta(hours=5)
    assert courier.tick() == 1


def test_a_query_that_no_longer_reads_is_told_as_failed_and_stops_nothing_else(store: Store):
    clock, box = Clock(), Postbox()
    subscribe(store, words="sorce:reddit")
    subscribe(store)
    clock.now += timedelta(days=1)
    assert a_courier(store, box, clock).tick() == 2
    assert len(box.posted) == 1
    assert store.outbox.open(clock() + timedelta(days=9)) == []


def breaking_once(courier: Courier, error: Exception) -> Courier:
    """The same, but the first look at what there is to tell goes wrong."""
    told, faults = courier.delivering.telling, iter([error])

    def telling(its: Subscription) -> Telling:
        for fault in faults:
            raise fault
        return told(its)

    return replace(courier, delivering=replace(courier.delivering, telling=telling))


def test_a_fault_of_ours_in_one_digest_holds_up_no_other_and_is_kept(store: Store):
    clock, box = Clock(), Postbox()
    subscribe(store)
    subscribe(store)
    clock.now += timedelta(days=1)
    courier = breaking_once(a_courier(store, box, clock), KeyError("a stranger's words"))
    assert courier.tick() == 2
    assert len(box.posted) == 1
    assert store.outbox.open(clock() + timedelta(days=9)) == []


def test_a_digest_that_met_a_locked_database_is_told_with_the_next_look(store: Store):
    clock, box = Clock(), Postbox()
    subscribe(store)
    clock.now += timedelta(days=1)
    courier = breaking_once(a_courier(store, box, clock), StoreError("the database is locked"))
    assert courier.tick() == 0
    assert courier.tick() == 1
    assert len(box.posted) == 1


def test_what_was_cancelled_is_told_no_more(store: Store):
    clock, box = Clock(), Postbox()
    its = subscribe(store)
    assert not store.subscriptions.end(its.id, "C0OTHER", clock())
    assert store.subscriptions.end(its.id, CHANNEL, clock())
    clock.now += timedelta(days=1)
    assert a_courier(store, box, clock).tick() == 0
    assert box.posted == []


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"],
)
@pytest.mark.parametrize("time", ["01:30", "02:30"])
def test_clock_changes_double_and_skip_nothing(store: Store, zone: str, time: str):
    box = Postbox()
    clock = Clock(datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC))
    subscribe(store, zone=zone, cadence=f"daily {time}", made_at=clock())
    courier = a_courier(store, box, clock)
    told = 0
    for month, day, days in (
        (3, 6, 3),
        (3, 28, 3),
        (4, 3, 3),
        (4, 23, 3),
        (10, 2, 3),
        (10, 23, 10),
    ):
        clock.now = datetime(2026, month, day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        courier.tick()
        told += 1  # what the days between brought, at once
        for _ in range(days * 8):
            clock.now += timedelta(hours=3)
            courier.tick()
        told += days
    assert len(box.posted) == told


def test_two_processes_on_one_database_tell_each_of_1000_due_times_once(tmp_path: Path):
    url, box, clock = f"sqlite:///{tmp_path}/two.db", Postbox(), Clock()
    stores = [open_store(url), open_store(url)]
    for _ in range(100):
        subscribe(stores[0])
    couriers = [a_courier(s, box, clock, f"process {n}") for n, s in enumerate(stores)]
    for day in range(1, 11):
        clock.now = NOW + timedelta(days=day)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda courier: courier.tick(), couriers))
    for courier in couriers:
        courier.tick()
    marks = Counter(mark for _, mark, _ in box.posted)
    assert len(marks) == 1_000
    assert set(marks.values()) == {1}
    for store in stores:
        store.close()


def test_when_the_leader_dies_another_takes_over_within_half_a_minute(tmp_path: Path):
    url, box, clock = f"sqlite:///{tmp_path}/two.db", Postbox(), Clock()
    first, second = open_store(url), open_store(url)
    subscribe(first)
    leader, other = a_courier(first, box, clock, "leader"), a_courier(second, box, clock, "other")
    leader.tick()
    assert not other.leads()
    first.close()
    clock.now += LEASE + timedelta(seconds=1)
    assert timedelta(seconds=30) > LEASE + timedelta(seconds=5)
    assert other.leads()
    clock.now = NOW + timedelta(days=1)
    assert other.tick() == 1
    assert len(box.posted) == 1
    second.close()


def test_reading_is_two_commands_one_after_the_other(tmp_path: Path):
    Reading(timedelta(hours=1), a_command(tmp_path / "done", seconds=0)).read()
    assert (tmp_path / "done").read_text().split() == ["collect", "understand"]


def test_a_reading_that_is_stopped_ends_at_once_and_begins_nothing_more(tmp_path: Path):
    done = tmp_path / "done"
    reading = Reading(timedelta(hours=1), a_command(done, seconds=60))
    thread = Thread(target=reading.read)
    thread.start()
    until = time.monotonic() + 20
    while not done.exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    reading.stop()
    thread.join(10)
    assert not thread.is_alive()
    reading.read()
    assert done.read_text().split() == ["collect"]


def a_command(done: Path, seconds: int) -> list[str]:
    """What writes down that it was called, and takes so long."""
    script = "import sys, time; open(sys.argv[1], 'a').write(sys.argv[3] + ' ')"
    return [
        sys.executable,
        "-c",
        f"{script}; time.sleep(float(sys.argv[2]))",
        str(done),
        f"{seconds}",
    ]


class Stopping(Postbox):
    """What is told to stop while it posts."""

    stopping: Event

    def post(self, channel: str, message: Message, mark: str, thread: str | None) -> str:
        self.stopping.set()
        return super().post(channel, message, mark, thread)


def test_whoever_stops_ends_what_is_under_way_and_another_goes_on(store: Store):
    clock, box, others = Clock(), Stopping(), Postbox()
    subscribe(store)
    subscribe(store)
    ours, other = a_courier(store, box, clock, "ours"), a_courier(store, others, clock, "other")
    box.stopping = ours.stopping
    clock.now += timedelta(days=1)
    assert ours.tick() == 1
    assert other.tick() == 0
    ours.resign()
    assert other.tick() == 1
    assert len({mark for _, mark, _ in (*box.posted, *others.posted)}) == 2


def test_an_event_is_begun_once_and_not_when_somebody_else_has_taken_it_up(store: Store):
    for event in ("Ev1", "Ev2"):
        assert store.inbox.take(event, {"event_id": event}, NOW)
    assert store.inbox.begin("Ev1", NOW)
    assert not store.inbox.begin("Ev1", NOW)
    late = NOW + timedelta(minutes=2)
    taken = [store.inbox.overdue(late) for _ in range(2)]
    assert [its and its["event_id"] for its in taken] == ["Ev1", "Ev2"]
    assert not store.inbox.begin("Ev2", late)
    store.inbox.finish("Ev2")
    assert not store.inbox.begin("Ev2", late)


def test_an_event_is_taken_once_and_taken_up_again_if_nobody_finishes_it(store: Store):
    told = {"event_id": "Ev1", "event": {"type": "app_mention", "text": "secret words"}}
    assert store.inbox.take("Ev1", told, NOW)
    assert not store.inbox.take("Ev1", told, NOW)
    assert store.inbox.overdue(NOW + timedelta(seconds=59)) is None
    later = NOW + timedelta(seconds=61)
    assert store.inbox.overdue(later) == told
    assert store.inbox.overdue(later) is None
    store.inbox.finish("Ev1")
    assert store.inbox.overdue(later + timedelta(hours=1)) is None
    with store.engine.connect() as connection:
        assert "secret" not in str(connection.exec_driver_sql("SELECT * FROM inbox").all())
    assert not store.inbox.take("Ev1", told, later)
    assert store.inbox.clear(NOW + timedelta(days=3)) == 1
