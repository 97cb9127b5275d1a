from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_store
from bot.understand.embed import MiniLM
from tests.builders import FIRST, number_from


@pytest.fixture(autouse=True)
def _numbered() -> None:
    number_from(FIRST)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: a copy is there at once."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    shutil.copy(empty_database, tmp_path / "test.db")
    opened = open_store(f"sqlite:///{tmp_path}/test.db")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return MiniLM()
