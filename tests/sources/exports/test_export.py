from __future__ import annotations

import gzip
import json
import tracemalloc
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Post
from bot.sources.base import Rejection
from bot.sources.batches import BATCH
from bot.sources.exports import FORMATS, Export, format_of
from bot.sources.exports.form import Told
from tests.builders import NOW, ago
from tests.sources.contract import SourceContract
from tests.sources.exports.made import (
    a_file,
    a_folder,
    a_tar,
    an_issue,
    as_bytes,
    below,
    read,
    spoilt,
)
from tests.sources.flaws import flaws
from tests.world.export import SlackExportWorld, write


@pytest.fixture
def world(tmp_path):
    return SlackExportWorld(tmp_path / "export.zip")


class TestContract(SourceContract):
    pass


ISSUES = [an_issue(n) for n in range(1, 4)]
MESSAGES = [{"type": "message", "text": "It stops.", "ts": "1770000000.000001"}]
SLACK: dict[str, Any] = {"channels.json": [{"id": "C1", "name": "help"}], "users.json": []}
SLACK["help/2026-02-01.json"] = MESSAGES
REALM = {
    "zerver_stream": [{"id": 1, "name": "help", "invite_only": False}],
    "zerver_recipient": [{"id": 7, "type": 2, "type_id": 1}],
}
SENT = {"id": 1, "recipient": 7, "sender": 1, "subject": "a", "content": "b", "date_sent": 1.77e9}
ZULIP: dict[str, Any] = {"realm.json": REALM, "messages-000001.json": {"zerver_message": [SENT]}}
A_POST = {"topic_id": 5, "post_number": 1, "cooked": "<p>b</p>", "created_at": "2026-02-01"}
TOPIC = {"id": 5, "title": "a", "post_stream": {"posts": [A_POST]}}
OURS = {
    "source": "github",
    "kind": "comment",
    "id": "acme/tool#1-2",
    "created_at": "2026-02-01T10:00:00Z",
    "body": "It stops.",
    "url": "https://github.com/acme/tool/issues/1#issuecomment-2",
}


# Which form it is


FORMS = {
    "slack": {
        "a zip": lambda path: write(path, SLACK),
        "a zip of a folder": lambda path: write(path, below("Acme Slack export", SLACK)),
        "a folder": lambda path: a_folder(path, SLACK),
        "a zip by macOS": lambda path: write(
            path, {**below("Acme", SLACK), "__MACOSX/._x": b"\0", "Acme/.DS_Store": b"\0"}
        ),
        "only private channels": lambda path: write(
            path, {"groups.json": SLACK["channels.json"], "users.json": []}
        ),
    },
    "zulip": {
        "a tar.gz": lambda path: a_tar(path, below("zulip-export-x", ZULIP)),
        "a tar.bz2": lambda path: a_tar(path, ZULIP, "w:bz2"),
        "a folder": lambda path: a_folder(path, ZULIP),
        "a zip": lambda path: write(path, ZULIP),
    },
    "discourse": {
        "a topic": lambda path: a_file(path, as_bytes(TOPIC)),
        "a packed topic": lambda path: a_file(path, gzip.compress(as_bytes(TOPIC))),
        "a folder of topics": lambda path: a_folder(path, {"5.json": TOPIC, "notes.txt": b"x"}),
        "a zip of topics": lambda path: write(path, {"5.json": TOPIC}),
        "a page of posts": lambda path: a_file(path, as_bytes({"latest_posts": [A_POST]})),
        "a user's archive": lambda path: write(path, {"user_archive.csv": b"a,b\n"}),
        "a user's table": lambda path: a_file(
            path, b"\xef\xbb\xbftopic_title,categories,is_pm,post,like_count,url,created_at\r\n"
        ),
    },
    "github": {
        "an array": lambda path: a_file(path, as_bytes(ISSUES)),
        "lines": lambda path: a_file(path, b"\n".join(map(as_bytes, ISSUES))),
        "packed lines": lambda path: a_file(path, gzip.compress(as_bytes(ISSUES[0]) + b"\n")),
        "one array after the other": lambda path: a_file(path, as_bytes(ISSUES) * 2),
        "pages": lambda path: a_file(path, as_bytes([ISSUES, ISSUES])),
        "comments": lambda path: a_file(
            path, as_bytes([{"issue_url": "https://api.github.com/repos/acme/tool/issues/1"}])
        ),
        "a folder": lambda path: a_folder(path, {"issues/1.json": ISSUES[0]}),
        "UTF-16, as PowerShell writes": lambda path: a_file(
            path, json.dumps(ISSUES).encode("utf-16")
        ),
    },
    "csv": {
        "commas": lambda path: a_file(path, b"Date,Subject\n2026-02-01,It stops\n"),
        "semicolons": lambda path: a_file(path, b"created;Body\n2026-02-01;It stops\n"),
        "packed": lambda path: a_file(path, gzip.compress(b"text\tdate\nx\t2026-02-01\n")),
    },
}
CASES = [
    pytest.param(form, make, id=f"{form}, {what}")
    for form, makes in FORMS.items()
    for what, make in makes.items()
]


@pytest.mark.parametrize(("form", "make"), CASES)
def test_the_form_is_seen_from_what_is_inside_whatever_the_file_is_called(tmp_path, form, make):
    for name in ("export", "posts.jsonl", "x.csv"):
        assert format_of(make(tmp_path / name)) == form


OTHERS: dict[str, bytes] = {
    "our own lines": as_bytes(OURS) + b"\n",
    "our own lines after a broken one": b'{"source": \n' + as_bytes(OURS),
    "our own lines, packed": gzip.compress(as_bytes(OURS)),
    "lines of no known form": b'{"a": 1}\n',
    "empty": b"",
    "blank": b" \n\n",
    "words": b"hello, world\n",
    "an empty array": b"[]",
    "numbers": b"[1, 2]",
    "half a JSON": b'[{"number": 1, "title',
    "deep JSON": b"[" * 100_000,
    "bytes": bytes(range(256)) * 9,
    "half a gzip": gzip.compress(b"[]" * 99)[:20],
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS.keys())
def test_anything_else_is_left_to_our_own_form(tmp_path, content):
    assert format_of(a_file(tmp_path / "posts.json", content)) is None


def test_a_folder_without_an_export_and_no_file_at_all_are_left_to_our_own_form_too(tmp_path):
    assert format_of(a_folder(tmp_path / "folder", {"notes.txt": b"x", "a.json": []})) is None
    assert format_of(tmp_path / "nothing") is None


@pytest.mark.parametrize("make", [write, a_tar])
def test_a_packed_file_without_an_export_is_told(tmp_path, make):
    with pytest.raises(SourceError, match="holds none of the exports that are read"):
        format_of(make(tmp_path / "letter.docx", {"word/document.xml": b"<xml/>"}))


def test_an_import_reads_each_form_as_what_it_is(tmp_path):
    sources = {
        post.source
        for make in (
            lambda: write(tmp_path / "a", SLACK),
            lambda: a_tar(tmp_path / "b", ZULIP),
            lambda: a_file(tmp_path / "c", as_bytes(ISSUES)),
            lambda: a_file(tmp_path / "d", as_bytes({**OURS, "source": "reddit"})),
            lambda: a_file(tmp_path / "e", b"Date,Subject\n2026-02-01,It stops\n"),
        )
        for post in read(make())
        if isinstance(post, Post)
    }
    assert sources == {"slack", "zulip", "github", "reddit", "manual"}


# Reading


def test_posts_come_in_batches_and_a_cursor_goes_on_from_there(tmp_path):
    path = a_file(tmp_path / "a", as_bytes([an_issue(n) for n in range(1, 2 * BATCH + 6)]))
    source = Export(path, NOW, FORMATS["github"], Told())
    first, *others = source.fetch(None, None)
    assert [len(batch.posts) for batch in (first, *others)] == [BATCH, BATCH, 5]
    assert [batch.posts for batch in source.fetch(first.cursor, None)] == [b.posts for b in others]
    assert list(source.fetch(others[-1].cursor, None)) == []


def test_what_was_written_before_since_is_left_out(tmp_path):
    dated = [an_issue(n, created_at=ago(n).isoformat()) for n in range(1, 9)]
    source = Export(a_file(tmp_path / "a", as_bytes(dated)), NOW, FORMATS["github"], Told())
    (batch,) = source.fetch(None, ago(3))
    assert [post.external_id for post in batch.posts] == [f"acme/tool#{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("created_at", "reason"),
    [("2999-01-01T00:00:00Z", "date in the future"), ("1969-01-01T00:00:00Z", "date unreadable")],
)
def test_a_time_that_cannot_be_is_refused(tmp_path, created_at, reason):
    path = a_file(tmp_path / "a", as_bytes([an_issue(1, created_at=created_at), an_issue(2)]))
    post, rejection = read(path)
    assert isinstance(post, Post)
    assert isinstance(rejection, Rejection)
    assert (rejection.reason, rejection.where) == (reason, f"{path}:1")


@pytest.mark.parametrize(
    "path_of",
    [
        lambda folder: write(folder / "a.zip", {**SLACK, "help/2026-02-01.json": []}),
        lambda folder: write(
            folder / "a.zip",
            {**SLACK, "help/2026-02-01.json": [MESSAGES[0] | {"subtype": "channel_join"}]},
        ),
    ],
)
def test_an_export_without_a_post_is_told(tmp_path, path_of):
    with pytest.raises(SourceError, match="there are no posts in it"):
        read(path_of(tmp_path))


def broken(path: Path, **options: Any) -> tuple[list[Post | Rejection], SourceError]:
    """What was read before the error, and the error."""
    found: list[Post | Rejection] = []
    try:
        for batch in Export(path, NOW, FORMATS[options["form"]], Told()).fetch(None, None):
            found += (*batch.posts, *batch.rejected)
    except SourceError as error:
        return found, error
    pytest.fail("it was read to its end")


def test_an_array_that_breaks_off_gives_what_came_before_and_is_told_with_the_place(tmp_path):
    whole = as_bytes([an_issue(n) for n in range(1, 21)])
    found, error = broken(a_file(tmp_path / "a.json", whole[: len(whole) // 2]), form="github")
    assert 8 <= len(found) <= 10
    assert f"a.json:{len(found) + 1}: the file is broken off or damaged" in str(error)
    assert f"the {len(found)} items before it were kept" in str(error)
    assert error.permanent


def test_a_line_that_is_no_json_costs_itself_alone(tmp_path):
    lines = [as_bytes(an_issue(1)), b'{"number": 2, "title": "half', as_bytes(an_issue(3)), b"{]"]
    *posts, one, two = read(a_file(tmp_path / "a", b"\n".join([*lines, as_bytes(an_issue(5))])))
    assert [post.external_id for post in posts if isinstance(post, Post)] == [
        *("acme/tool#1", "acme/tool#3", "acme/tool#5")
    ]
    assert isinstance(one, Rejection)
    assert isinstance(two, Rejection)
    assert (one.reason, two.reason) == ("not JSON", "not JSON")
    assert [one.where[-2:], two.where[-2:]] == [":2", ":4"]


def test_a_broken_file_among_others_is_named_and_costs_itself_alone(tmp_path):
    files = {**SLACK, "help/2026-01-31.json": b'[{"type": "message", ', "help/2026-02-02.json": b""}
    post, rejection = read(write(tmp_path / "a.zip", files))
    assert isinstance(post, Post)
    assert isinstance(rejection, Rejection)
    assert rejection.where == f"{tmp_path}/a.zip:help/2026-01-31.json:1"
    assert rejection.reason == "not JSON"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_packed_file_that_is_damaged_gives_what_came_before_and_is_told(tmp_path, cut):
    items = [an_issue(n, body=f"{n**7}" * 20) for n in range(1, 400)]
    for name, whole in (
        ("a.gz", gzip.compress(as_bytes(items))),
        (
            "a.tar.gz",
            a_tar(tmp_path / "whole", {"1.json": items[:200], "2.json": items}).read_bytes(),
        ),
    ):
        path = a_file(tmp_path / name, whole[: int(len(whole) * cut)])
        _, error = broken(path, form="github")
        assert str(error).startswith(f"{path}")
        assert "broken off or damaged" in str(error)


def test_a_zip_with_a_damaged_file_gives_what_came_before_and_is_told(tmp_path):
    path = write(
        tmp_path / "a.zip", {"1.json": [an_issue(1)], "2.json": [an_issue(2, body="x" * 999)]}
    )
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("2.json").header_offset
    data[start + 60 : start + 70] = bytes(10)
    path.write_bytes(data)
    found, error = broken(path, form="github")
    assert len(found) == 1
    assert "broken off or damaged" in str(error)


def test_a_file_that_is_not_there_is_told(tmp_path):
    _, error = broken(tmp_path / "nothing.zip", form="slack")
    assert str(error) == f"{tmp_path}/nothing.zip: there is no such file"


# Large exports


def test_a_large_export_is_never_in_memory(tmp_path):
    """6 MB in one array, packed: read at once, it would be all of that and more."""
    issue = json.dumps(an_issue(1, body="word " * 300))
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("issues.json", "w") as file,
    ):
        for n in range(1, 4_001):
            file.write(b"[" if n == 1 else b",")
            file.write(issue.replace('"number": 1', f'"number": {n}').encode())
        file.write(b"]")
    source = Export(tmp_path / "a.zip", NOW, FORMATS["github"], Told())
    tracemalloc.start()
    count = sum(len(batch.posts) for batch in source.fetch(None, None))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4_000
    assert peak < 4_000_000  # most of it the 500 posts of a batch


# What nobody expects


SOUND: dict[str, dict[str, Any]] = {
    "slack": SLACK,
    "zulip": ZULIP,
    "discourse": {"5.json": TOPIC, "6.json": [TOPIC, {"latest_posts": [A_POST]}]},
    "github": {"1.json": ISSUES, "2.json": an_issue(4, comment_data=[OURS], user={}, labels=[])},
}


def is_sound(path: Path, form: str) -> bool:
    """Whether nothing but sound posts and a SourceError that names the file come of it."""
    try:
        found = read(path, form, site="https://forum.example.org")
    except SourceError as error:
        return str(path) in str(error)
    return not [flaw for post in found if isinstance(post, Post) for flaw in flaws(post)]


@pytest.mark.parametrize("form", SOUND)
def test_mutated_exports_end_in_sound_posts_or_in_a_source_error(tmp_path, form):
    for seed in range(60):
        random = Random(seed)
        files = {name: spoilt(value, random) for name, value in SOUND[form].items()}
        assert is_sound(write(tmp_path / f"{seed}.zip", files), form), seed


@pytest.mark.parametrize("make", [write, a_tar, lambda path, files: a_file(path, as_bytes(ISSUES))])
def test_mutated_bytes_end_in_sound_posts_or_in_a_source_error(tmp_path, make):
    whole = make(tmp_path / "whole", {"1.json": ISSUES, "2.json": ISSUES}).read_bytes()
    for seed in range(120):
        assert is_sound(a_file(tmp_path / f"{seed}", spoilt(whole, Random(seed))), "github"), seed
