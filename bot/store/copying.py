"""A copy of a database, to try something on that must change nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StoreError
from bot.store.database import connect


def copy_to(url: str, path: Path) -> str:
    """Copy the database at a SQLAlchemy URL into a new file; returns the URL of the copy.

    Raises:
        StoreError: it cannot be opened, or is no SQLite database: others are not copied.
    """
    engine = connect(url)
    try:
        if engine.dialect.name != "sqlite":
            raise StoreError(
                f"a {engine.dialect.name} database cannot be copied to try this on it, and it "
                "would change something: ask something that changes nothing"
            )
        with closing(engine.raw_connection()) as pooled, closing(sqlite3.connect(path)) as copy:
            source = pooled.driver_connection
            assert isinstance(source, sqlite3.Connection)  # noqa: S101 so says the dialect
            source.backup(copy)
    finally:
        engine.dispose()
    return f"sqlite:///{path}"
