from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from bot.http import Http
from bot.store import Store, open_store


@pytest.fixture(scope="session")
def http() -> Iterator[Http]:
    """The way to every site of the tests: making one costs more than a whole test of the contract.

    A stalled answer costs `read_s`, and a busy machine must not look like one.
    """
    # Our own sites need no sparing.
    client = Http(
        allowed_hosts=frozenset({"127.0.0.1"}), read_s=0.5, total_s=5, every_site=1_000_000
    )
    yield client
    client.close()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: the migrations cost more than most tests."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    shutil.copy(empty_database, tmp_path / "test.db")
    opened = open_store(f"sqlite:///{tmp_path}/test.db")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _one_attempt() -> Iterator[None]:
    """What fails is not tried again in the same run, which would take its time."""
    with stamina.set_testing(True, attempts=1):
        yield
