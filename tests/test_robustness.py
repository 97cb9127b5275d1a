"""What must not break it: bad archives, and being killed at any moment."""

from __future__ import annotations

import gzip
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from bot.pipeline.understanding import portions
from bot.sources.batches import BATCH
from tests.cli import Ran, empty_folder, groundswell

NOW = "2026-03-02T12:00:00Z"
COMPLAINTS = (
    "Push fails with E12 on big files",
    "Watching a folder eats all the memory",
    "The plan takes ages with many small files",
    "Please add a limit for the bandwidth",
)
POSTS = BATCH + 60
"""Two batches of an import, and several portions of an understanding."""
FIRST, SECOND, *_ = accumulate(map(len, portions(range(POSTS))))
"""Posts that are embedded, and then classified, when one portion is done, and two."""

TABLES = ("post", "vector", "reading", "link", "placement", "theme")


@pytest.fixture(scope="module", autouse=True)
def _alone(tmp_path_factory, minilm) -> Iterator[None]:
    with empty_folder(tmp_path_factory.mktemp("empty"), minilm):
        yield


def a_row(number: int, **fields: Any) -> dict[str, Any]:
    """An issue by a user of its own, unless told otherwise."""
    plain = {
        "source": "github",
        "kind": "issue",
        "id": f"acme/tool#{number}",
        "title": f"{COMPLAINTS[number % len(COMPLAINTS)]}, seen on machine {number}",
        "created_at": f"2026-02-{1 + number % 28:02}T08:00:00Z",
        "author": f"user{number}",
    }
    return plain | fields


def written(path: Path, *lines: dict[str, Any] | str | bytes) -> Path:
    """An archive of rows, and of lines as they stand."""
    raw = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line))
        for line in lines
    ]
    path.write_bytes(b"".join((r if isinstance(r, bytes) else r.encode()) + b"\n" for r in raw))
    return path


@pytest.fixture
def call(tmp_path) -> Callable[..., Ran]:
    def run(*arguments: object) -> Ran:
        return groundswell("--database", f"sqlite:///{tmp_path}/t.db", "--now", NOW, *arguments)

    return run


# Bad archives


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("no json at all", "not JSON"),
        ('{"source": "github", "id": ', "not JSON"),
        (b'{"title": "caf\xe9"}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1, 2]", "not an object"),
        (a_row(9, id=None), "missing field: id"),
        (a_row(9, created_at=""), "missing field: created_at"),
        (a_row(9, kind=7), "wrong type: kind"),
        (a_row(9, score="many"), "wrong type: score"),
        (a_row(9, score=2**70), "wrong type: score"),
        (a_row(9, reply_count=2**70), "wrong type: reply_count"),
        (a_row(9, labels="bug"), "wrong type: labels"),
        (a_row(9, source="usenet"), "unknown source ('usenet'; known: github, reddit"),
        (a_row(9, title="", body="  "), "no words"),
        (a_row(9, created_at="last week"), "date unreadable"),
        (a_row(9, created_at="0001-01-01T00:00:00Z"), "date unreadable"),
        (a_row(9, created_at="2999-01-01T00:00:00Z"), "date in the future"),
        (a_row(9, body="x y " * 1_250_000), "line too long"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else type(value).__name__,
)
def test_a_bad_line_is_named_and_the_lines_around_it_are_kept(call, tmp_path, line, says):
    archive = written(tmp_path / "a.jsonl", a_row(1), line, a_row(2))
    ran = call("import", archive, "--json")
    assert ran.code == 0
    assert ran.err.startswith(f"groundswell: {archive}:2: {says}")
    assert ran.err.count("\n") == 1
    assert len(ran.err) < 600
    assert ran.json["rejected"] == sum(ran.json["reasons"].values()) == 1
    assert (ran.json["read"], ran.json["new"]) == (3, 2)
    assert keys(tmp_path) == {"github:acme/tool#1", "github:acme/tool#2"}


ODD: list[dict[str, Any]] = [
    {"author": "half\ud800"},
    {"id": "half\ud800#9"},
    {"kind": "half\udfff", "duplicate_of": "\ud800"},
    {"parent_id": "\ud800"},
    {"title": "half \ud800 a pair", "body": "nul \0 and \udead", "labels": ["\ud83d"]},
    {"source": "discourse", "url": "http://[half", "extra": {"link": "http://[::half"}},
    {"source": "discourse", "url": "https://", "body": "see http://[half or http://a:99999/"},
    {"score": -(2**63), "reply_count": 2**63 - 1, "extra": {"role": ["team"], "state": 7}},
    {"body": "E1234: " * 100_000, "labels": [1, None, {}]},
]
"""What JSON can hold and a careless exporter writes, though no database or address can."""


def test_odd_lines_are_posts_like_others_all_the_way_to_a_page(call, tmp_path):
    rows = [a_row(4 * n, **fields) for n, fields in enumerate(ODD)]
    archive = written(tmp_path / "a.jsonl", *rows)
    assert call("import", archive, "--json").json["new"] == len(ODD)
    assert call("import", archive, "--json").json.items() >= {"new": 0, "updated": 0}.items()
    assert call("understand").code == 0
    (theme,) = call("themes", "--json").json
    assert theme["posts"] >= 6
    assert call("digest", "--since", "30d", "--html", tmp_path / "page.html").code == 0
    for told in (("ask", COMPLAINTS[0]), ("search", COMPLAINTS[0]), ("themes",)):
        assert call(*told).code == 0


def test_an_archive_of_bad_lines_alone_fails_and_names_the_first_of_them(call, tmp_path):
    archive = written(tmp_path / "a.jsonl", *["{}"] * 50)
    ran = call("import", archive, "--json")
    assert (ran.code, ran.json["read"], ran.json["rejected"]) == (1, 50, 50)
    assert ran.json["reasons"] == {"missing field: id": 50}
    named = [line for line in ran.err.splitlines() if ": missing field" in line]
    assert named[0] == f"groundswell: {archive}:1: missing field: id"
    assert 10 <= len(named) < 50
    assert f"{50 - len(named)} more" in ran.err
    assert keys(tmp_path) == set()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "there is no such file"),
        (Path.mkdir, "this is a folder"),
        (Path.touch, "the archive is empty"),
        (lambda path: path.write_text("\n \n\n"), "the archive is empty"),
        (lambda path: path.write_bytes(gzip.compress(b"")), "the archive is empty"),
        (lambda path: path.write_bytes(b"\x1f\x8b"), "broken off or damaged"),
        (lambda path: path.write_bytes(b"\x1f\x8b" + bytes(5_000)), "broken off or damaged"),
    ],
)
def test_a_file_that_holds_nothing_fails_and_the_others_are_read(call, tmp_path, make, says):
    nothing, good = tmp_path / "nothing.jsonl.gz", written(tmp_path / "good.jsonl", a_row(1))
    make(nothing)
    ran = call("import", nothing, good, "--json")
    assert ran.code == 1
    assert ran.err.startswith(f"groundswell: {nothing}")
    assert says in ran.err
    assert ran.json.items() >= {"read": 1, "new": 1, "rejected": 0}.items()
    assert keys(tmp_path) == {"github:acme/tool#1"}


def test_a_gzip_that_breaks_off_gives_what_came_before_and_the_whole_file_the_rest(call, tmp_path):
    rows = [a_row(n) for n in range(3 * BATCH)]
    whole = gzip.compress(written(tmp_path / "a.jsonl", *rows).read_bytes())
    archive = tmp_path / "a.jsonl.gz"
    archive.write_bytes(whole[: len(whole) // 2])
    broken = call("import", archive, "--json")
    kept = broken.json["new"]
    assert broken.code == 1
    assert 0 < kept < len(rows)
    assert f"groundswell: {archive}:{kept + 1}: the gzip file is broken off" in broken.err
    assert len(keys(tmp_path)) == kept
    archive.write_bytes(whole)
    rest = call("import", archive, "--json")
    assert (rest.code, rest.json["new"], rest.json["updated"]) == (0, len(rows) - kept, 0)


def test_a_later_line_about_a_post_is_an_edit_of_it_and_not_a_second_post(call, tmp_path):
    first = written(tmp_path / "a.jsonl", a_row(1), a_row(2))
    second = written(tmp_path / "b.jsonl", a_row(2, title="Solved: push fails"), a_row(3))
    call("import", first)
    again = call("import", second, "--json").json
    assert (again["new"], again["updated"]) == (1, 1)
    found = call("search", '"Solved: push fails"', "--json").json
    assert [hit["key"] for hit in found] == ["github:acme/tool#2"]


def test_archives_in_either_order_give_the_same_posts_and_themes(tmp_path):
    one = written(tmp_path / "one.jsonl", *(a_row(n) for n in range(0, 40, 2)))
    two = written(tmp_path / "two.jsonl", *(a_row(n) for n in range(1, 40, 2)))
    orders: list[list[tuple[Path, ...]]] = [
        [(one, two)],
        [(two, one)],
        [(one,), (two,)],
        [(two,), (one,)],
    ]
    told = []
    for number, order in enumerate(orders):
        database = f"sqlite:///{tmp_path}/{number}.db"
        for archives in order:
            groundswell("--database", database, "import", *archives)
            groundswell("--database", database, "--now", NOW, "understand")
        told.append(contents(tmp_path / f"{number}.db"))
    assert len(told[0].themes) == len(COMPLAINTS)
    assert told[1:] == told[:1] * 3


def test_a_newer_database_is_told_and_left_alone(call, tmp_path):
    call("status")
    with closing(sqlite3.connect(tmp_path / "t.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("status",), ("import", written(tmp_path / "a.jsonl", a_row(1)))):
        ran = call(*command, "--json")
        assert (ran.code, ran.out) == (1, "")
        assert "upgrade Groundswell" in ran.err
    with closing(reading(tmp_path / "t.db")) as database:
        assert counts(database)["post"] == 0


# Killed


class Contents:
    """All that may not be lost, doubled or changed by being killed."""

    def __init__(self, database: Path) -> None:
        with closing(reading(database)) as opened:
            self.posts = opened.execute(
                "SELECT source, external_id, title, created_at FROM post ORDER BY 1, 2"
            ).fetchall()
            placed = opened.execute(
                "SELECT theme, external_id FROM placement JOIN post ON post.id = post_id"
                " WHERE theme IS NOT NULL"
            ).fetchall()
            self.counts = counts(opened)
            self.sound = opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        numbers = {theme for theme, _ in placed}
        self.themes = {frozenset(k for t, k in placed if t == number) for number in numbers}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Contents) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return len(self.posts)

    def __repr__(self) -> str:
        return f"{self.counts}, themes of {sorted(map(len, self.themes))}, sound: {self.sound}"


def contents(database: Path) -> Contents:
    return Contents(database)


def reading(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)


def counts(opened: sqlite3.Connection) -> dict[str, int]:
    return {
        table: opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 our own names
        for table in TABLES
    }


def keys(folder: Path) -> set[str]:
    """The posts that a test's database holds."""
    return {f"{source}:{number}" for source, number, *_ in contents(folder / "t.db").posts}


STUCK = """
CREATE TRIGGER stuck AFTER INSERT ON {0} WHEN (SELECT count(*) FROM {0}) >= {1}
BEGIN SELECT count(*) FROM post a, post b, post c, post d, post e, post f; END
"""
"""Counts for longer than anybody waits."""


@contextmanager
def stuck_at(database: Path, table: str, row: int) -> Iterator[None]:
    """Whoever writes that many rows into a table hangs there, in the middle of a transaction."""
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute(STUCK.format(table, row))
    try:
        yield
    finally:
        with closing(sqlite3.connect(database)) as opened, opened:
            opened.execute("DROP TRIGGER stuck")


def killed(ready: Callable[[], bool], *arguments: object) -> None:
    """Start a command line of its own and kill it, with no chance to tidy up, once it is ready."""
    process = subprocess.Popen(  # noqa: S603 our own command line
        [sys.executable, "-m", "bot", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        while not ready():
            try:
                _, said = process.communicate(timeout=0.01)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail(f"it ended by itself, with {process.returncode}: {said.decode()}")
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL


def writing(database: Path, **least: int) -> Callable[[], bool]:
    """Whether these rows are committed and somebody is writing more."""

    def ready() -> bool:
        with closing(sqlite3.connect(database, isolation_level=None)) as opened:
            found = counts(opened)
            if any(found[table] < rows for table, rows in least.items()):
                return False
            opened.execute("PRAGMA busy_timeout=0")
            try:
                opened.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            opened.execute("ROLLBACK")
            return False

    return ready


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return written(
        tmp_path_factory.mktemp("archive") / "a.jsonl", *(a_row(n) for n in range(POSTS))
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, archive) -> Contents:
    database = tmp_path_factory.mktemp("undisturbed") / "t.db"
    call = ("--database", f"sqlite:///{database}", "--now", NOW)
    assert groundswell(*call, "import", archive).code == 0
    assert groundswell(*call, "understand").code == 0
    found = contents(database)
    assert len(found.posts) == POSTS
    assert len(found.themes) == len(COMPLAINTS)
    return found


def test_killed_while_the_database_is_made_an_import_begins_anew(tmp_path, archive, undisturbed):
    database = tmp_path / "t.db"
    killed(database.exists, "--database", f"sqlite:///{database}", "import", archive)
    again = groundswell("--database", f"sqlite:///{database}", "import", archive)
    assert (again.code, again.err) == (0, "")
    assert contents(database).posts == undisturbed.posts


@pytest.mark.parametrize("row", [1, BATCH + 1, POSTS])
def test_killed_while_it_imports_it_keeps_whole_batches_and_reads_the_rest_again(
    tmp_path, archive, undisturbed, row
):
    database = tmp_path / "t.db"
    call = ("--database", f"sqlite:///{database}")
    groundswell(*call, "status")
    whole = (row - 1) // BATCH * BATCH
    with stuck_at(database, "post", row):
        killed(writing(database, post=whole), *call, "import", archive)
    after = contents(database)
    assert (len(after.posts), after.sound) == (whole, True)
    again = groundswell(*call, "import", archive, "--json")
    assert again.json["new"] == len(undisturbed.posts) - whole
    assert contents(database).posts == undisturbed.posts


def test_killed_again_and_again_while_it_understands_it_ends_as_if_nothing_had_been(
    tmp_path, archive, undisturbed
):
    """Each run takes up where the one before was killed, so that every kind of write is hit."""
    database = tmp_path / "t.db"
    call = ("--database", f"sqlite:///{database}", "--now", NOW)
    groundswell(*call, "import", archive)
    kept = {"vector": 0, "reading": 0, "theme": 0, "placement": 0}
    for table, row, committed in (
        ("vector", FIRST - 100, {}),
        ("reading", FIRST - 100, {"vector": FIRST}),
        ("reading", SECOND + 1, {"vector": POSTS, "reading": SECOND}),
        ("placement", POSTS - 100, {"reading": POSTS}),
    ):
        kept |= committed
        with stuck_at(database, table, row):
            killed(writing(database, **kept), *call, "understand")
        after = contents(database)
        assert (after.posts, after.sound) == (undisturbed.posts, True)
        assert after.counts.items() >= kept.items()
    assert groundswell(*call, "understand").code == 0
    assert contents(database) == undisturbed


def test_two_imports_at_once_lose_nothing_and_double_nothing(tmp_path, archive, undisturbed):
    database = tmp_path / "t.db"
    command = [sys.executable, "-m", "bot", "--database", f"sqlite:///{database}"]
    both = [
        subprocess.Popen(  # noqa: S603 our own command line
            [*command, "import", str(archive), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    told = [(process.communicate(timeout=60), process.returncode) for process in both]
    assert [(err, code) for (_, err), code in told] == [(b"", 0)] * 2
    assert sum(json.loads(out)["new"] for (out, _), _ in told) == len(undisturbed.posts)
    assert contents(database).posts == undisturbed.posts
