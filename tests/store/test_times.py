from __future__ import annotations

from datetime import timedelta

from bot.model import Query
from bot.store import Store
from tests.builders import NOW, a_post, ago


def test_hours_are_told_of_the_time_asked_for_and_of_what_was_before_only_the_last(store: Store):
    at = NOW.replace(minute=30)
    store.posts.save(
        [
            *(a_post(source="reddit", created_at=at - timedelta(days=n)) for n in (9, 8, 7)),
            *(a_post(source="reddit", created_at=at - timedelta(minutes=n)) for n in (1, 2)),
            a_post(source="reddit", created_at=at - timedelta(minutes=3), parent_id="x"),
            a_post(source="github", created_at=at - timedelta(days=8)),
            a_post(source="github", created_at=at + timedelta(days=1)),
        ]
    )
    since = at - timedelta(days=2)

    hour = at.replace(minute=0, second=0, microsecond=0)
    told = {"reddit": [at - timedelta(days=7), hour, hour], "github": [at - timedelta(days=8)]}
    assert store.times.hourly(Query(), at, since) == told
    assert store.times.hourly(Query(sources=("github",)), at, since).keys() == {"github"}
    assert store.times.hourly(Query(venues=("nowhere",)), at, since) == {}


def test_the_last_of_so_many_newest_posts_is_known_by_its_time_if_there_are_more(store: Store):
    store.posts.save([a_post(created_at=ago(days)) for days in (1, 2, 3, 4)])
    assert store.times.newest_before(Query(), NOW, 2) == ago(2)
    assert store.times.newest_before(Query(), NOW, 3) == ago(3)
    assert store.times.newest_before(Query(), NOW, 4) is None
    assert store.times.newest_before(Query(), ago(2), 2) == ago(3)
