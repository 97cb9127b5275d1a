"""The kinds that people said posts are of, written over what was read, and taken back."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select, update

from bot.model import Decision, Part
from bot.store.schema import decided_post, decision, reading


def hold_kinds(connection: Connection, which: ColumnElement[bool]) -> None:
    """Write the last decided kind over what was read, and keep what was read for an undo."""
    statement = (
        select(
            decided_post.c.decision_id,
            decided_post.c.post_id,
            decision.c.arguments,
            reading.c.intent,
        )
        .join_from(decided_post, decision)
        .join(reading, reading.c.post_id == decided_post.c.post_id)
        .where(decided_post.c.part == Part.KIND.value, which)
        .order_by(decision.c.id)
    )
    last = {row.post_id: row for row in connection.execute(statement)}
    for row in last.values():
        kind = row.arguments["kind"]
        if kind == row.intent:
            continue
        _set_intent(connection, row.post_id, kind)
        connection.execute(
            update(decided_post)
            .where(
                decided_post.c.decision_id == row.decision_id,
                decided_post.c.post_id == row.post_id,
            )
            .values(intent=row.intent)
        )


def release_kinds(connection: Connection, gone: Decision) -> None:
    """Give posts back the kind that was read before a person said otherwise."""
    statement = select(decided_post.c.post_id, decided_post.c.intent).where(
        decided_post.c.decision_id == gone.id, decided_post.c.intent.is_not(None)
    )
    for row in connection.execute(statement).all():
        _set_intent(connection, row.post_id, row.intent)


def _set_intent(connection: Connection, row_id: int, intent: str) -> None:
    connection.execute(update(reading).where(reading.c.post_id == row_id).values(intent=intent))
