"""How a new SQLite database is made: by one script that says what all the migrations come to.

`python -m bot.store.migrations` writes it anew, after a migration was added. Alembic is slow to
load, and whoever begins should not wait for nineteen steps to where they all end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

SCRIPT = Path(__file__).with_name("newest.sql")


def make(connection: Connection) -> bool:
    """Make the tables if there are none at all, in the transaction at hand; whether it did."""
    if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar():
        return False
    for statement in _statements(SCRIPT.read_text(encoding="utf-8")):
        connection.exec_driver_sql(statement)
    return True


def script_of(database: sqlite3.Connection) -> str:
    """What makes a database with the same tables and the same version, in an order that works."""
    parts = [
        sql.strip()
        for name, sql in database.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
        )
        if not name.startswith("post_index_") or sql.startswith("CREATE TRIGGER")
    ]
    [(version,)] = database.execute("SELECT version_num FROM alembic_version")
    parts.append(f"INSERT INTO alembic_version VALUES ('{version}')")  # noqa: S608 our own word
    return "".join(f"{part};\n\n" for part in parts).rstrip("\n") + "\n"


def _statements(script: str) -> Iterator[str]:
    """One after the other; those of a trigger hold several semicolons."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
