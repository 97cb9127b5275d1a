"""Opening a database: one engine, SQLite's safety settings, and the schema brought up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import (
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from bot.errors import StoreError
from bot.store import newest

HEAD = "0019"
"""The newest migration. Compared before alembic is loaded, which would cost every start 0.2 s."""

BUSY_MS = 30_000


def connect(url: str) -> Engine:
    """Open the database at a SQLAlchemy URL and bring its schema up to date.

    Raises:
        StoreError: the URL is wrong, the file cannot be opened, or it is newer than this code.
    """
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise StoreError(
            "database: that is no database URL, or one whose driver is not installed. "
            "Example: sqlite:///groundswell.db"
        ) from error
    event.listen(engine, "handle_error", _told)
    if engine.dialect.name == "sqlite":
        set_up_sqlite(engine)
    _upgrade(engine)
    return engine


def _told(context: ExceptionContext) -> None:
    """A database that fails is told in its own words, without the statement and what it held."""
    error = context.original_exception
    if type(context.sqlalchemy_exception) not in {OperationalError, DatabaseError}:
        return  # a mistake of ours: its traceback is wanted
    where = context.engine.url.render_as_string() if context.engine else "?"
    raise StoreError(
        f"database {where}: {error}. Check that the folder exists, that the file is a Groundswell "
        "database, that you may write to it, and that nobody else holds it."
    ) from error


def set_up_sqlite(engine: Engine) -> None:
    """Have every connection be safe, and every transaction begun at once."""

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        # Transactions are begun by hand below: the driver's own habit of beginning them late
        # lets two writers deadlock instead of queueing.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL can lose the last commit at power loss
            "foreign_keys=ON",
            "secure_delete=ON",  # what was purged must not stay behind in free pages
            f"busy_timeout={BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(engine: Engine) -> None:
    version = _version(engine)
    if version is None and engine.dialect.name == "sqlite":
        with engine.execution_options(writes=True).begin() as connection:
            if newest.make(connection):
                return
    if version != HEAD:
        migrate(engine, version)


def migrate(engine: Engine, version: str | None) -> None:
    """Take a database from a version, or from nothing, to HEAD, one migration after the other.

    Raises:
        StoreError: the version is of a newer Groundswell.
    """
    from alembic import command  # noqa: PLC0415 slow to import, needed once per database
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"the database is at version {version}, which this Groundswell does not know. "
                "It was written by a newer one: upgrade Groundswell."
            ) from error


def _version(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found: str | None = connection.execute(
            text("SELECT version_num FROM alembic_version")
        ).scalar()
    return found
