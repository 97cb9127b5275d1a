"""What lies in files: mail, archives and exports, of real posts where there are any."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from perceval.backends.core.mbox import MBox

from benchmarks.corpora import corpus
from benchmarks.sources.forums import recorded_topics
from benchmarks.sources.github import recorded_pairs
from benchmarks.sources.measured import NOW, Case
from benchmarks.sources.talk import recorded_messages
from bot.http import Http
from bot.sources.archive import Archive
from bot.sources.exports import FORMATS, Export
from bot.sources.exports.form import Told
from tests.sources.exports.test_zulip_export import a_message, an_export
from tests.world.export import write
from tests.world.mail import ImapWorld, MboxWorld

POSTS = 600


@contextmanager
def mail(_: Http) -> Iterator[list[Case]]:
    with TemporaryDirectory() as folder:
        world = MboxWorld(Path(folder, "list.mbox"))
        world.populate(POSTS)
        theirs = MBox("list", folder)
        yield [Case("mail, mbox", world.source, "invented", lambda: len(list(theirs.fetch())))]


@contextmanager
def mailbox(_: Http) -> Iterator[list[Case]]:
    world = ImapWorld()
    world.populate(POSTS)
    with world.site:
        yield [Case("mail, IMAP", world.source, "invented")]


@contextmanager
def archive(_: Http) -> Iterator[list[Case]]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "posts.jsonl")
        path.write_text("".join(json.dumps(row) + "\n" for row in _real_posts()))
        about = f"real: the first {POSTS} lines of corpus/claude_code.jsonl.gz"
        yield [Case("archive, JSON lines", lambda: Archive(path, NOW), about)]


def _real_posts() -> list[dict[str, Any]]:
    with gzip.open(corpus("claude_code.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, POSTS)]


@contextmanager
def exports(_: Http) -> Iterator[list[Case]]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        yield [
            _export("slack", _slack(folder), "recorded: slack/perceval, repeated"),
            _export("discourse", _discourse(folder), "recorded: discourse/perceval, repeated"),
            _export("github", _github(folder), "recorded: github/perceval, repeated"),
            _export("zulip", _zulip(folder), "invented"),
            _export("csv", _csv(folder), "real: corpus/claude_code.jsonl.gz as a table"),
        ]


def _export(form: str, path: Path, made_of: str) -> Case:
    told = Told("https://forum.example.org")
    return Case(f"export, {form}", lambda: Export(path, NOW, FORMATS[form], told), made_of)


def _slack(folder: Path) -> Path:
    days: defaultdict[str, list[Any]] = defaultdict(list)
    for message in recorded_messages():
        days[f"{datetime.fromtimestamp(float(message['ts']), UTC):%Y-%m-%d}"].append(message)
    said = {f"help/{day}.json": messages for day, messages in days.items()}
    about = {"channels.json": [{"id": "C0000000001", "name": "help"}], "users.json": []}
    return write(folder / "slack.zip", about | said)


def _discourse(folder: Path) -> Path:
    return _json(folder / "topics.json", recorded_topics())


def _github(folder: Path) -> Path:
    return _json(folder / "backup.json", [row for pair in recorded_pairs() for row in pair])


def _zulip(folder: Path) -> Path:
    words = "Every **time** it stops, see `log` and [this](https://tool.example)."
    messages = (
        a_message(n, content=words, date_sent=1_700_000_000 + n) for n in range(1, POSTS + 1)
    )
    return an_export(folder, *messages)


def _csv(folder: Path) -> Path:
    columns = ("id", "created_at", "author", "title", "body", "url", "score")
    path = folder / "posts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(_real_posts())
    return path


def _json(path: Path, rows: list[Any]) -> Path:
    path.write_text(json.dumps(rows))
    return path
