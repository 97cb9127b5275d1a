"""What is tried on a copy changes nothing in the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.errors import StoreError
from bot.model import Query
from bot.store import Store, copying, open_store
from bot.store.copying import copy_to
from tests.builders import NOW, a_post


def test_a_copy_holds_what_the_database_holds_and_goes_its_own_way(store: Store, tmp_path: Path):
    store.posts.save([a_post(title="fonts are tiny")])
    copy = open_store(copy_to(store.url, tmp_path / "copy.db"))
    assert copy.posts.count(NOW, Query()) == 1
    copy.posts.save([a_post(title="fonts are huge")])
    copy.close()
    assert store.posts.count(NOW, Query()) == 1


def test_a_database_of_another_kind_is_not_changed_but_refused(tmp_path: Path, monkeypatch):
    engine = create_engine("sqlite://")
    monkeypatch.setattr(engine.dialect, "name", "postgresql")
    monkeypatch.setattr(copying, "connect", lambda _url: engine)
    with pytest.raises(StoreError, match="postgresql database cannot be copied"):
        copy_to("postgresql://db/x", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []
