from __future__ import annotations

from bot.store import Tagged
from tests.builders import NOW, a_post, ago


def a_release(repo: str, tag: str, days: float, **fields: object):
    named = {"external_id": f"{repo}@{tag}", "kind": "release", "venue": repo}
    return a_post(**named | {"created_at": ago(days)} | fields)


def test_releases_are_known_by_repository_the_newest_first(store):
    store.posts.save(
        [
            a_release("acme/tool", "v1.0", 9),
            a_release("acme/tool", "v1.1", 3),
            a_release("acme/tool-ui", "v0.1", 5),
            a_release("acme/tool", "v2.0", -5),
            a_post(external_id="acme/tool#7", kind="issue"),
        ]
    )
    assert store.known.releases(NOW) == [
        Tagged("acme/tool", "v1.1", ago(3)),
        Tagged("acme/tool", "v1.0", ago(9)),
        Tagged("acme/tool-ui", "v0.1", ago(5)),
    ]


def test_repositories_are_found_among_each_others_names(store):
    names = ["acme/tool#1", "acme/tool-ui#1", "acme/tool.js@v1", "acme/tool#2", "zeta/x@v1"]
    store.posts.save(a_post(external_id=name) for name in [*names, "odd", "acme/odder"])
    store.posts.save([a_post(source="reddit", external_id="acme/not#1")])
    assert store.known.repositories() == ["acme/tool", "acme/tool-ui", "acme/tool.js", "zeta/x"]


def test_places_and_labels_come_with_those_in_most_use_first(store):
    store.posts.save(
        [
            a_post(venue="r/tool", labels=("bug",)),
            a_post(venue="r/tool", labels=("bug", "p1")),
            a_post(venue="acme/tool", labels=()),
            a_post(venue="later", labels=("later",), created_at=NOW.replace(year=2027)),
        ]
    )
    assert store.known.places(NOW) == ["r/tool", "acme/tool"]
    assert store.known.labels(NOW) == ["bug", "p1"]


def test_an_empty_store_knows_no_names(store):
    assert store.known.releases(NOW) == []
    assert store.known.repositories() == []
    assert store.known.places(NOW) == []
    assert store.known.labels(NOW) == []
