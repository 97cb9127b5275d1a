"""What the tables say to each database, and what a start does not load for the other."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import create_mock_engine

from bot.store import open_store
from bot.store.migrations.__main__ import script
from bot.store.newest import SCRIPT, script_of
from bot.store.schema import metadata

OF_SOME = {
    "ix_post_visibility": "ON post (visibility) WHERE visibility != 'public'",
    "ix_reading_sensitive": "ON reading (post_id) WHERE sensitive IS NOT NULL",
}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_an_index_of_some_rows_is_one_in_both_databases(dialect):
    said: list[str] = []

    def keep(statement: Any, *_: object, **__: object) -> None:
        said.append(str(statement.compile(dialect=engine.dialect)).strip())

    engine = create_mock_engine(f"{dialect}://", keep)
    metadata.create_all(engine, checkfirst=False)
    for name, what in OF_SOME.items():
        assert f"CREATE INDEX {name} {what}" in said


def test_a_store_in_sqlite_loads_nothing_of_other_databases(tmp_path):
    loaded = "[m for m in sys.modules if m.startswith('sqlalchemy.dialects.')]"
    code = f"import sys, bot.store; bot.store.open_store(sys.argv[1]).close(); print({loaded})"
    url = f"sqlite:///{tmp_path}/own.db"
    for _ in range(2):  # alembic, which makes the tables, knows them all: so the second time counts
        ran = subprocess.run(  # noqa: S603 our own words
            [sys.executable, "-c", code, url], capture_output=True, text=True, check=True
        )
    assert "postgresql" not in ran.stdout
    assert "sqlite" in ran.stdout


def test_a_new_database_is_what_all_the_migrations_come_to():
    assert SCRIPT.read_text(encoding="utf-8") == script(), "run python -m bot.store.migrations"


def test_a_new_database_is_made_without_alembic_and_stays_as_it_is(tmp_path):
    path = tmp_path / "new.db"
    code = "import sys, bot.store; bot.store.open_store(sys.argv[1]).close(); print(*sys.modules)"
    command = [sys.executable, "-c", code, f"sqlite:///{path}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 our own
    assert "alembic" not in ran.stdout.split()
    open_store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as database:
        assert script_of(database) == script()


def test_a_database_that_holds_something_else_is_not_taken_for_a_new_one(tmp_path):
    path = tmp_path / "own.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE mine (words TEXT)")
        database.commit()
    open_store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert {"mine", "post", "alembic_version"} <= names
