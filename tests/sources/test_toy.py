"""CONTRIBUTING says what a new source costs: here one is added to a copy of the house, and read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.builders import NOW
from tests.world.site import Site, json_answer

ROOT = Path(__file__).resolve().parents[2]

MODULE = '''
"""A toy: lines of a guest book. The API is that of tests/sources/test_toy.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.http import Http
from bot.model import Post
from bot.sources import fields
from bot.sources.base import Batch, NotAPost


@dataclass(frozen=True, slots=True)
class Toy:
    http: Http
    now: Callable[[], datetime]
    token: str | None
    url: str

    @property
    def name(self) -> str:
        return "toy"

    def fetch(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        headers = {"Authorization": f"Bearer {self.token}"}
        lines = self.http.get_json(self.url, params={"after": cursor or 0}, headers=headers)
        posts, rejected = [], []
        for number, line in enumerate(lines):
            try:
                posts.append(parse(line))
            except NotAPost as error:
                rejected.append(error.at(f"{self.url} line {number}"))
        if lines:
            yield Batch(tuple(posts), str(len(lines)), rejected=tuple(rejected))


def parse(value: Any) -> Post:
    row = fields.row(value)
    return Post(
        source="toy",
        external_id=str(fields.number(row, "id")),
        kind="line",
        title=fields.line(fields.text(row, "said")) or "",
        text="",
        created_at=fields.moment(row, "at"),
        venue="guest book",
        author=fields.named(row.get("who")),
    )
'''
ADDED = {
    "bot/sources/__init__.py": {'    "github": ': '    "toy": "bot.sources.toy:Toy",\n'},
    "bot/model/posts.py": {'    "github",\n': '    "toy",\n'},
    "bot/source_settings.py": {
        "class SourcesSettings(Part)": "class ToySettings(Part):\n    url: Address\n\n\n",
        "    hackernews: HackerNewsSettings": "    toy: ToySettings | None = None\n",
    },
    "bot/settings.py": {"    github_token: ": "    toy_token: SecretStr | None = None\n"},
}
"""What is written into a file, and before what."""


def test_a_source_costs_the_files_that_contributing_lists_and_no_other(tmp_path: Path):
    listed = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    house = tmp_path / "house"
    for part in ("bot", "handlers"):
        shutil.copytree(ROOT / part, house / part, ignore=shutil.ignore_patterns("__pycache__"))
    (house / "bot/sources/toy.py").write_text(MODULE.lstrip(), encoding="utf-8")
    for name, additions in ADDED.items():
        assert f"`{name}`" in listed
        text = (house / name).read_text(encoding="utf-8")
        for before, added in additions.items():
            assert text.count(before) == 1, (name, before)
            text = text.replace(before, added + before)
        (house / name).write_text(text, encoding="utf-8")

    at = int(NOW.timestamp())
    lines = [{"id": 1, "said": "Lovely place", "at": at, "who": "ann"}, {"id": "no number"}]
    with Site(lambda asked: json_answer(lines)) as site:
        config = f'[http]\nallowed_hosts = ["127.0.0.1"]\n[sources.toy]\nurl = "{site.url}/book"\n'
        (house / "groundswell.toml").write_text(config, encoding="utf-8")
        found = groundswell(house, "collect", "--json")
        assert site.asked[0].headers["authorization"] == "Bearer s3cret"
    [toy] = found
    assert (toy["source"], toy["new"], toy["rejected"], toy["error"]) == ("toy", 1, 1, None)
    [post] = groundswell(house, "search", "source:toy", "lovely", "--json")
    assert post["key"] == "toy:1"


def groundswell(house: Path, *command: str):
    """What a command of the copy prints as JSON."""
    environment = {"PYTHONPATH": str(house), "TOY_TOKEN": "s3cret", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603 our own interpreter
        [sys.executable, "-m", "bot", *command],
        cwd=house,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
