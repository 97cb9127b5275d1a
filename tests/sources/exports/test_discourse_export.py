from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Role, Visibility
from bot.sources.discourse.forum import Categories, Forum
from bot.sources.discourse.posts import Topic, parse
from tests.shared import shared
from tests.sources.exports.made import a_file, a_folder, as_bytes, posts, read, refused
from tests.sources.flaws import flaws
from tests.world.export import write

SITE = "https://forum.example.org"


def a_post(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": 1000 + number,
        "topic_id": 5,
        "post_number": number,
        "username": "ann",
        "cooked": "<p>It <b>stops</b>.</p>",
        "created_at": "2026-02-01T10:00:00.000Z",
        **fields,
    }


def a_topic(*of: Any, **fields: Any) -> dict[str, Any]:
    return {
        "id": 5,
        "title": "Watch stops",
        "posts_count": 3,
        "tags": ["watch"],
        "closed": False,
        "post_stream": {"posts": list(of), "stream": [1001, 1002]},
        **fields,
    }


def test_a_topics_posts_are_those_that_the_adapter_makes_of_them(tmp_path):
    rows = [a_post(1), a_post(2, reply_to_post_number=None), a_post(3, reply_to_post_number=2)]
    topic = a_topic(*rows)
    found = posts(a_file(tmp_path / "5.json", as_bytes(topic)), site=SITE)
    about = Topic.of(topic, Categories({}))
    assert found == [parse(row, about, Forum(SITE)) for row in rows]
    assert [flaw for post in found for flaw in flaws(post)] == []
    assert found[0].external_id == "forum.example.org/5"
    assert (found[0].title, found[0].labels, found[0].reply_count) == ("Watch stops", ("watch",), 2)
    assert found[2].parent_id == "forum.example.org/5/2"


def test_a_page_of_the_newest_posts_names_its_topics_itself(tmp_path):
    page = {"latest_posts": [a_post(1, topic_title="Watch stops"), a_post(2)]}
    first, second = posts(a_file(tmp_path / "posts.json", as_bytes(page)), site=SITE)
    assert (first.title, second.title) == ("Watch stops", "")


def test_many_topics_come_from_lines_from_a_folder_or_from_a_zip(tmp_path):
    topics = [a_topic(a_post(topic_id=n), id=n) for n in range(1, 4)]
    files = {f"t/{n}.json": topic for n, topic in enumerate(topics)}
    for path in (
        a_file(tmp_path / "a", b"\n".join(map(as_bytes, topics))),
        a_file(tmp_path / "b", as_bytes(topics)),
        a_folder(tmp_path / "c", files),
        write(tmp_path / "d", files),
    ):
        found = posts(path, site=SITE)
        assert [post.external_id for post in found] == [f"forum.example.org/{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "withdrawn",
    [{"hidden": True}, {"user_deleted": True}, {"deleted_at": "2026-02-02"}, {"post_type": 3}],
)
def test_what_was_withdrawn_is_no_post_and_no_fault(tmp_path, withdrawn):
    path = a_file(tmp_path / "5.json", as_bytes(a_topic(a_post(1), a_post(2, **withdrawn))))
    assert len(posts(path, site=SITE)) == 1


def test_without_the_forums_address_nothing_is_read_and_what_to_add_is_told(tmp_path):
    with pytest.raises(SourceError, match=r"--site https://forum\.example\.org"):
        read(a_file(tmp_path / "5.json", as_bytes(a_topic(a_post()))))


def test_what_is_no_topic_or_no_post_is_named_with_its_place(tmp_path):
    files = {
        "1.json": a_topic(a_post(1), "words", a_post(2, created_at="soon"), a_post(3, cooked="")),
        "2.json": {"id": 7},
        "3.json": ["words"],
        "4.json": b"{",
        "5.json": {"post_stream": {"posts": 5}},
        "6.json": a_topic(a_post(topic_id=None), a_post(4)),
    }
    assert refused(write(tmp_path / "a.zip", files), site=SITE) == [
        ("1.json:1, post 2", "not an object"),
        ("1.json:1, post 3", "date unreadable"),
        ("1.json:1, post 4", "no words"),
        ("2.json:1", "not a topic"),
        ("3.json:1", "not a topic"),
        ("4.json:1", "not JSON"),
        ("5.json:1", "not a topic"),
        ("6.json:1, post 1", "missing field: topic_id or post_number"),
    ]


@pytest.mark.parametrize("number", [1148, 1149, 1150])
def test_real_topics_are_read(number):
    path = shared("payloads", "discourse", "perceval", f"discourse_topic_{number}.json")
    found = posts(path, site="https://discourse.example.org")
    assert found
    assert [flaw for post in found for flaw in flaws(post)] == []
    assert found[0].title


# A user's own archive

HEADER = "topic_title,categories,is_pm,post_raw,post_cooked,like_count,reply_count,url,created_at"


def an_archive(path: Path, *rows: str, **files: Any) -> Path:
    table = "\n".join([HEADER, *rows]).encode()
    return write(path, {"user_archive.csv": table, "visits.csv": b"visited_at\n", **files})


def a_row(number: int = 1, pm: str = "No", url: str | None = None) -> str:
    url = url or f"https://forum.example.org/t/watch-stops/5/{number}"
    words = '"It **stops**,\nevery time.",<p>x</p>'
    return f"Watch stops,Help|Bugs,{pm},{words},4,1,{url},2026-02-01 10:00:00 UTC"


def test_a_users_archive_gives_that_users_posts(tmp_path):
    about = {"preferences.json": {"user": {"username": "ann"}}}
    first, second = posts(an_archive(tmp_path / "a.zip", a_row(1), a_row(7), **about))
    assert [flaw for post in (first, second) for flaw in flaws(post)] == []
    assert (first.external_id, first.title) == ("forum.example.org/5", "Watch stops")
    assert (first.text, first.author, first.score) == ("It stops,\nevery time.", "ann", 4)
    assert (first.labels, first.role) == (("Help", "Bugs"), Role.USER)
    assert (second.external_id, second.parent_id) == (
        *("forum.example.org/5/7", "forum.example.org/5"),
    )


def test_without_preferences_the_author_is_unknown(tmp_path):
    assert posts(an_archive(tmp_path / "a.zip", a_row()))[0].author is None


@pytest.mark.parametrize(
    ("pm", "visibility"),
    [
        ("No", Visibility.PUBLIC),
        ("Yes", Visibility.PRIVATE),
        ("Ja", Visibility.PRIVATE),
        ("", Visibility.PRIVATE),
    ],
)
def test_only_what_plainly_is_no_private_message_is_public(tmp_path, pm, visibility):
    assert posts(an_archive(tmp_path / "a.zip", a_row(pm=pm)))[0].visibility is visibility


def test_the_table_alone_and_its_older_form_are_read_too(tmp_path):
    old = HEADER.replace("post_raw,post_cooked,", "post,")
    row = 'Watch stops,Help,No,It stops.,4,1,https://forum.example.org/t/5/1,"2026-02-01T10:00:00.000Z"'
    (post,) = posts(a_file(tmp_path / "archive.csv", f"{old}\n{row}\n".encode()))
    assert (post.text, post.external_id) == ("It stops.", "forum.example.org/5")


def test_a_forum_in_a_folder_of_its_site_keeps_its_folder(tmp_path):
    url = "https://example.org/forum/t/watch-stops/5/2"
    (post,) = posts(an_archive(tmp_path / "a.zip", a_row(url=url)))
    assert (post.external_id, post.url) == (
        *("example.org/forum/5/2", "https://example.org/forum/t/5/2"),
    )


def test_a_row_that_is_no_post_is_named_with_its_line(tmp_path):
    rows = [a_row(), a_row(url="https://forum.example.org/about"), a_row(), "short"]
    assert refused(an_archive(tmp_path / "a.zip", *rows)) == [
        ("user_archive.csv:4", "wrong type: url"),
        ("user_archive.csv:8", "wrong type: url"),
    ]
