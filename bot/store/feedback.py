"""How good people found the answers they were given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, func, insert, select

from bot.deliveries import Feedback, Verdicts
from bot.store.schema import feedback as table


@dataclass(frozen=True, slots=True)
class Feedbacks:
    """Every method is one transaction."""

    engine: Engine

    def keep(self, given: Feedback) -> None:
        """Keep what somebody says of an answer, in place of what they said before."""
        its = (table.c.answer == given.answer, table.c.by == given.by)
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(delete(table).where(*its))
            connection.execute(
                insert(table).values(
                    answer=given.answer,
                    by=given.by,
                    question=given.question,
                    good=given.good,
                    at=given.at,
                )
            )

    def all(self, since: datetime | None = None) -> list[Feedback]:
        """What was said, oldest first."""
        statement = select(table).order_by(table.c.at, table.c.answer, table.c.by)
        if since is not None:
            statement = statement.where(table.c.at >= since)
        with self.engine.connect() as connection:
            rows = connection.execute(statement).all()
        return [Feedback(row.answer, row.question, row.good, row.by, row.at) for row in rows]

    def verdicts(self) -> Verdicts:
        """How many said good, and how many bad."""
        with self.engine.connect() as connection:
            counts = select(table.c.good, func.count()).group_by(table.c.good)
            found = {row[0]: row[1] for row in connection.execute(counts)}
        return Verdicts(found.get(True, 0), found.get(False, 0))
