"""Writes the script by which a new database is made: what all the migrations come to.

python -m bot.store.migrations
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine

from bot.store.database import migrate, set_up_sqlite
from bot.store.newest import SCRIPT, script_of


def script() -> str:
    """Of a database that the migrations made."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        engine = create_engine(f"sqlite:///{path}")
        set_up_sqlite(engine)
        migrate(engine, None)
        engine.dispose()
        with closing(sqlite3.connect(path)) as database:
            return script_of(database)


if __name__ == "__main__":
    SCRIPT.write_text(script(), encoding="utf-8")
