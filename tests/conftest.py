from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_store
from bot.understand.embed import MiniLM


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/test.db")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return MiniLM()
