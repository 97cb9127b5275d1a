from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Post, Role
from bot.pipeline.collecting import Collecting
from bot.sources.archive import MAX_LINE, Archive, parse
from bot.sources.base import Batch, NotAPost
from bot.sources.batches import BATCH
from tests.builders import NOW, ago
from tests.sources.contract import SourceContract, stored
from tests.sources.flaws import flaws
from tests.sources.mutations import VALUES, mutated
from tests.world.archive import ArchiveWorld


@pytest.fixture
def world(tmp_path):
    return ArchiveWorld(tmp_path / "issues.jsonl")


class TestContract(SourceContract):
    pass


@pytest.fixture
def path(tmp_path):
    return tmp_path / "posts.jsonl"


def a_row(**fields: Any) -> dict[str, Any]:
    row = {
        "id": "acme/tool#1",
        "source": "github",
        "kind": "issue",
        "created_at": "2026-02-01T10:00:00Z",
        "title": "It stops",
        "body": "Every time.",
    }
    return row | fields


def lines(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def numbered(count: int) -> bytes:
    return lines(*(a_row(id=f"acme/tool#{n}") for n in range(1, count + 1)))


def read(path, cursor: str | None = None, since=None) -> list[Batch]:
    return list(Archive(path, NOW).fetch(cursor, since))


def ids(batches: list[Batch]) -> list[str]:
    return [post.external_id.rpartition("#")[2] for batch in batches for post in batch.posts]


def of(row: dict[str, Any]) -> Post:
    post = parse(row, NOW)
    assert flaws(post) == []
    return post


@pytest.mark.parametrize(
    "packed",
    [
        numbered(3),
        numbered(3).rstrip(),
        numbered(3).replace(b"\n", b"\r\n"),
        numbered(3).replace(b"\n", b"\n\n  \n"),
        b"\xef\xbb\xbf" + numbered(3),
        gzip.compress(numbered(3)),
        gzip.compress(numbered(2)) + gzip.compress(lines(a_row(id="acme/tool#3"))),
    ],
    ids=["plain", "no last newline", "crlf", "empty lines", "bom", "gzip", "gzip in two members"],
)
def test_one_archive_in_many_wrappings(path, packed):
    path.write_bytes(packed)
    [batch] = read(path)
    assert ids([batch]) == ["1", "2", "3"]
    assert batch.rejected == ()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, "missing field: id"),
        ({"id": ""}, "missing field: id"),
        ({"id": "\u200e"}, "missing field: id"),
        ({"id": 7}, "wrong type: id"),
        ({"id": "x" * 513}, "too long: id"),
        ({"kind": None}, "missing field: kind"),
        ({"kind": "k" * 33}, "too long: kind"),
        ({"source": "myspace"}, "unknown source"),
        ({"source": "GitHub"}, "unknown source"),
        ({"created_at": None}, "missing field: created_at"),
        ({"created_at": 1767225600}, "wrong type: created_at"),
        ({"created_at": "yesterday"}, "date unreadable"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "date unreadable"),
        ({"created_at": "1601-01-01"}, "date unreadable"),
        ({"created_at": "2026-03-03T00:00:01Z"}, "date in the future"),
        ({"title": ["It", "stops"]}, "wrong type: title"),
        ({"body": 5}, "wrong type: body"),
        ({"author": {"login": "ann"}}, "wrong type: author"),
        ({"score": "12"}, "wrong type: score"),
        ({"score": True}, "wrong type: score"),
        ({"score": 1.5}, "wrong type: score"),
        ({"score": 2**63}, "wrong type: score"),
        ({"reply_count": -(10**30)}, "wrong type: reply_count"),
        ({"labels": "bug"}, "wrong type: labels"),
        ({"extra": []}, "wrong type: extra"),
        ({"parent_id": "x" * 513}, "too long: parent_id"),
        ({"title": "", "body": ""}, "no words"),
        ({"title": " \u200e ", "body": "<!-- template -->"}, "no words"),
    ],
)
def test_a_row_that_is_no_post_says_why(fields, reason):
    with pytest.raises(NotAPost) as caught:
        parse(a_row(**fields), NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not JSON", "not JSON"),
        (b'{"id": "1"', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
    ],
    ids=lambda value: str(value[:12]),
)
def test_a_line_that_is_no_row_is_named_and_the_others_are_kept(path, line, reason):
    path.write_bytes(numbered(1) + line + b"\n" + lines(a_row(id="acme/tool#3")))
    [batch] = read(path)
    assert ids([batch]) == ["1", "3"]
    [rejection] = batch.rejected
    assert (rejection.where, rejection.reason) == (f"{path}:2", reason)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_line_of_five_megabytes_is_refused_without_losing_count(path, pack):
    long = lines(a_row(body="x" * 5_000_000))
    path.write_bytes(pack(numbered(1) + long + b"oops\n" + lines(a_row(id="acme/tool#4"))))
    [batch] = read(path)
    assert ids([batch]) == ["1", "4"]
    found = [(r.where, r.reason) for r in batch.rejected]
    assert found == [(f"{path}:2", "line too long"), (f"{path}:3", "not JSON")]


def test_a_line_may_be_just_as_long_as_is_allowed(path):
    bare = len(lines(a_row(body=""))) - 1
    path.write_bytes(lines(a_row(body="x" * (MAX_LINE - bare))))
    assert ids(read(path)) == ["1"]
    path.write_bytes(lines(a_row(body="x" * (MAX_LINE - bare + 1))))
    assert ids(read(path)) == []


def test_posts_come_in_batches_and_each_names_its_line(path):
    path.write_bytes(b"\n" + numbered(BATCH + 1))
    batches = read(path)
    assert [(len(batch.posts), batch.cursor) for batch in batches] == [
        (BATCH, str(BATCH + 1)),
        (1, str(BATCH + 2)),
    ]


def test_reading_goes_on_after_the_line_of_the_cursor(path):
    path.write_bytes(numbered(3))
    [batch] = read(path)
    path.write_bytes(numbered(5))
    assert ids(read(path, batch.cursor)) == ["4", "5"]
    assert read(path, "5") == []


def test_since_leaves_out_what_is_older_but_still_counts_what_is_broken(path):
    old = a_row(id="acme/tool#1", created_at="2026-01-31T23:59:59Z")
    new = a_row(id="acme/tool#2", created_at="2026-02-01T00:00:00Z")
    path.write_bytes(lines(old, new) + b"oops\n")
    [batch] = read(path, since=ago(29, hours=12))
    assert ids([batch]) == ["2"]
    assert [r.reason for r in batch.rejected] == ["not JSON"]


def test_an_archive_with_nothing_since_then_is_not_called_empty(path):
    path.write_bytes(numbered(3))
    assert read(path, since=ago(1)) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"\x1f\x8b", ":1: the gzip file is broken off or damaged"),
        (
            gzip.compress(numbered(2), mtime=0) + b"more",
            ":3: the gzip file is broken off or damaged",
        ),
    ],
)
def test_an_archive_that_cannot_be_read_says_what_is_wrong(path, content, says):
    path.write_bytes(content)
    with pytest.raises(SourceError, match=says) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert caught.value.permanent


def test_a_path_that_is_no_file_says_so(tmp_path):
    with pytest.raises(SourceError, match="there is no such file"):
        read(tmp_path / "nothing.jsonl")
    with pytest.raises(SourceError, match="this is a folder; name the archive files in it"):
        read(tmp_path)
    (tmp_path / "file").write_bytes(b"{}")
    with pytest.raises(SourceError, match="cannot be read: Not a directory"):
        read(tmp_path / "file" / "posts.jsonl")


def test_a_gzip_that_breaks_off_anywhere_gives_what_came_before(path, store):
    random = Random(5)
    rows = (a_row(id=f"acme/tool#{n}", body=random.randbytes(40).hex()) for n in range(700))
    whole = gzip.compress(lines(*rows))
    most = 0
    for length in range(10, len(whole), len(whole) // 20):
        path.write_bytes(whole[:length])
        report = Collecting(store, NOW).archive(Archive(path, NOW))
        assert "broken off" in (report.error or "")
        assert report.read == report.new + most
        most = report.read
    assert 500 < most <= 700


def test_a_post_comes_with_all_that_its_row_holds():
    post = of(
        a_row(
            body="## What\r\n\r\nIt **stops**.",
            author="ann",
            created_at="2026-02-01T10:00:00+02:00",
            url="https://github.example/1",
            parent_id="acme/tool#0",
            score=0,
            reply_count=3,
            labels=["bug", "  ", 5, None],
            duplicate_of="acme/tool#9",
            extra={"state": "open", "link": "https://example.org/", "role": "team"},
        )
    )
    assert (post.title, post.text) == ("It stops", "What\n\nIt stops.")
    assert post.created_at.isoformat() == "2026-02-01T08:00:00+00:00"
    assert (post.author, post.role, post.venue) == ("ann", Role.TEAM, "acme/tool")
    assert (post.score, post.reply_count, post.state, post.labels) == (0, 3, "open", ("bug",))
    assert (post.url, post.link) == ("https://github.example/1", "https://example.org/")
    assert (post.parent_id, post.duplicate_of) == ("acme/tool#0", "acme/tool#9")


@pytest.mark.parametrize(
    ("told", "closed"),
    [
        ("2026-02-01T10:00:00+02:00", datetime(2026, 2, 1, 8, tzinfo=UTC)),
        ("soon", None),
        ("9999-01-01", None),
        (7, None),
        (None, None),
    ],
)
def test_when_it_was_closed_and_for_which_milestone_stands_beside_the_state(told, closed):
    post = of(a_row(extra={"state": "closed", "closed_at": told, "milestone": "2.5"}))
    assert (post.state, post.closed_at, post.milestone) == ("closed", closed, "2.5")


def test_what_a_row_does_not_tell_stays_unknown():
    post = of(a_row(author="  ", url="javascript:alert(1)", extra={"state": "", "link": "http://"}))
    unknown = (post.author, post.url, post.score, post.reply_count, post.state, post.link)
    assert unknown == (None,) * 6
    assert of(a_row(created_at="2026-02-01")).created_at.isoformat() == "2026-02-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("fields", "venue"),
    [
        ({}, "acme/tool"),
        ({"id": "17"}, "github"),
        ({"id": "17", "project": "tool"}, "tool"),
        ({"extra": {"venue": "the lounge"}}, "the lounge"),
        ({"source": "reddit", "id": "t3_x", "labels": ["help", "r/tool"]}, "r/tool"),
        ({"source": "reddit", "id": "t3_x", "project": "tool"}, "tool"),
        ({"source": "hackernews", "id": "1"}, "Hacker News"),
        ({"source": "discourse", "id": "1", "url": "https://forum.example/t/1"}, "forum.example"),
        ({"source": "discourse", "id": "1", "url": "https://[forum/t/1"}, "discourse"),
    ],
)
def test_the_venue_is_named_as_people_name_it(fields, venue):
    assert of(a_row(**fields)).venue == venue


def test_a_bot_is_known_by_its_name():
    assert of(a_row(author="renovate[bot]")).role is Role.BOT
    assert of(a_row(author="renovate[bot]", extra={"role": "nonsense"})).role is Role.BOT


def test_whatever_stands_in_a_field_the_store_takes_it_or_it_is_rejected(path, store):
    whole = a_row(
        parent_id="p", url="https://x.example", author="a", duplicate_of="d", project="p"
    ) | {"score": 1, "reply_count": 1, "labels": ["l"], "extra": {"state": "s", "venue": "v"}}
    rows = [
        whole | {"id": f"acme/tool#{number}"} | {name: value}
        for number, (name, value) in enumerate(
            (name, value) for name in whole for value in (*VALUES, list(VALUES))
        )
    ]
    path.write_bytes(lines(*rows, a_row(id="acme/tool#end")))
    report = Collecting(store, NOW).archive(Archive(path, NOW))
    assert report.error is None
    assert report.read == len(rows) + 1
    assert "acme/tool#end" in stored(store)
    assert [flaw for post in stored(store).values() for flaw in flaws(post)] == []


def test_half_a_character_from_elsewhere_costs_no_post(path, store):
    path.write_bytes(lines(a_row()).replace(b"Every", b"\xed\xa0\x80very"))
    assert Collecting(store, NOW).archive(Archive(path, NOW)).new == 1


def test_mutated_archives_end_in_sound_posts_or_in_a_source_error(path, store):
    sound = [numbered(5), gzip.compress(numbered(5))]
    for seed in range(200):
        path.write_bytes(mutated(sound[seed % 2], Random(seed)))
        report = Collecting(store, NOW).archive(Archive(path, NOW))
        assert report.error is None or str(path) in report.error
    assert len(stored(store)) >= 5
    assert [flaw for post in stored(store).values() for flaw in flaws(post)] == []
