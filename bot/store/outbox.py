"""The ledger of what is due, what was written for it, and what of that stands in Slack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, update

from bot.deliveries import AT_ONCE, Asks, Delivery, Message, Picture, Shown, Stage, delivery_id
from bot.store.filters import theme_number
from bot.store.rows import by_source
from bot.store.schema import delivery, message, picture, post, shown, subscription
from bot.store.themes import theme_named

OPEN = (Stage.DUE.value, Stage.SENDING.value)


@dataclass(frozen=True, slots=True)
class Written:
    """A message of a delivery, and what is known of its being in Slack."""

    delivery: str
    part: int
    channel: str
    message: Message
    begun_at: datetime | None
    """From then on it may stand there; None: it was never sent."""
    ts: str | None
    """Slack's name for it, once it is known to stand there."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Every method is one transaction."""

    engine: Engine

    def due(self, number: int, channel: str, due_at: datetime, since: datetime | None) -> bool:
        """Take up one occurrence of a subscription; False if that was done before."""
        its = delivery_id(number, due_at)
        with self.engine.execution_options(writes=True).begin() as connection:
            if connection.execute(select(delivery.c.id).where(delivery.c.id == its)).first():
                return False
            values = {
                "id": its,
                "subscription_id": number,
                "due_at": due_at,
                "since": since,
                "channel": channel,
                "stage": Stage.DUE.value,
            }
            connection.execute(insert(delivery).values(values))
            return True

    def open(self, now: datetime) -> list[Delivery]:
        """What is to be sent now, the longest due first."""
        statement = (
            select(delivery)
            .where(delivery.c.stage.in_(OPEN))
            .order_by(delivery.c.due_at, delivery.c.id)
        )
        with self.engine.connect() as connection:
            rows = connection.execute(statement).all()
        return [_delivery(row) for row in rows if row.not_before is None or row.not_before <= now]

    def last_said(self, number: int, *, sent: bool = True) -> Delivery | None:
        """The last occurrence of a subscription that was dealt with to its end, or only written."""
        done = [Stage.SENT.value, Stage.QUIET.value, *([] if sent else [Stage.SENDING.value])]
        statement = (
            select(delivery)
            .where(delivery.c.subscription_id == number, delivery.c.stage.in_(done))
            .order_by(delivery.c.due_at.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            row = connection.execute(statement).first()
        return _delivery(row) if row else None

    def alerted_themes(self, channel: str, since: datetime) -> dict[str, datetime]:
        """The themes that a channel was alerted of since then, and when of each last."""
        statement = (
            select(shown.c.theme, func.max(delivery.c.due_at))
            .join_from(shown, delivery, shown.c.delivery_id == delivery.c.id)
            .join(subscription)
            .where(*_alerts(channel, since), shown.c.theme.is_not(None))
            .group_by(shown.c.theme)
        )
        with self.engine.connect() as connection:
            return {f"T{theme}": at for theme, at in connection.execute(statement)}

    def alerted_posts(self, channel: str, since: datetime) -> set[str]:
        """The keys of the posts that alerts in a channel have shown since then."""
        statement = (
            select(shown.c.post_key)
            .join_from(shown, delivery, shown.c.delivery_id == delivery.c.id)
            .join(subscription)
            .where(*_alerts(channel, since), shown.c.post_key.is_not(None))
        )
        with self.engine.connect() as connection:
            return set(connection.execute(statement).scalars())

    def entrusted(self, channel: str) -> set[str]:
        """The keys of the posts that a security contact was shown, or is about to be."""
        statement = (
            select(shown.c.post_key)
            .join_from(shown, delivery, shown.c.delivery_id == delivery.c.id)
            .join(subscription)
            .where(delivery.c.channel == channel, delivery.c.stage != Stage.FAILED.value)
            .where(subscription.c.asks == Asks.SECURITY.value, shown.c.post_key.is_not(None))
        )
        with self.engine.connect() as connection:
            return set(connection.execute(statement).scalars())

    def alerts(self, channel: str, since: datetime) -> int:
        """How many alerts a channel was told since then."""
        statement = select(func.count()).select_from(delivery.join(subscription))
        told = delivery.c.stage.in_((Stage.SENDING.value, Stage.SENT.value))
        with self.engine.connect() as connection:
            return connection.execute(statement.where(*_alerts(channel, since), told)).scalar_one()

    def at(self, channel: str, ts: str) -> Written | None:
        """The message that stands in a channel under Slack's name; None if it is none of these."""
        found = self._written((message.c.ts == ts) & (delivery.c.channel == channel))
        return found[0] if found else None

    def clear(self, before: datetime) -> int:
        """Forget what was due before then and had nothing to say; returns how much."""
        old = (delivery.c.stage == Stage.QUIET.value, delivery.c.due_at < before)
        latest = select(func.max(delivery.c.due_at)).group_by(delivery.c.subscription_id)
        with self.engine.execution_options(writes=True).begin() as connection:
            gone = delivery.delete().where(*old, delivery.c.due_at.not_in(latest))
            return connection.execute(gone).rowcount

    def write(self, its: Delivery, messages: Sequence[Message], said: str) -> None:
        """Keep what is to be posted, before any of it is; what was written before stands."""
        with self.engine.execution_options(writes=True).begin() as connection:
            known = select(message.c.part).where(message.c.delivery_id == its.id).limit(1)
            if connection.execute(known).first():
                return
            for part, one in enumerate(messages):
                values = {
                    "text": one.text,
                    "blocks": list(one.blocks),
                    "in_thread": one.in_thread,
                }
                key = {"delivery_id": its.id, "part": part}
                connection.execute(insert(message).values(**key, **values))
                for what in one.shows:
                    connection.execute(insert(shown).values(**key, **_shown_row(what)))
                if its_picture := one.picture:
                    connection.execute(insert(picture).values(**key, **asdict(its_picture)))
            connection.execute(
                update(delivery)
                .where(delivery.c.id == its.id)
                .values(stage=Stage.SENDING.value, said=said)
            )

    def written(self, its: str) -> list[Written]:
        """The messages of a delivery, in the order in which they are posted."""
        return self._written(message.c.delivery_id == its)

    def begin(self, its: str, part: int, at: datetime) -> None:
        """It may stand in Slack from now on."""
        self._set_message(its, part, begun_at=at)

    def posted(self, its: str, part: int, ts: str) -> None:
        """It stands in Slack, under that name."""
        self._set_message(its, part, ts=ts)

    def finish(self, its: str, stage: Stage, said: str | None = None, error: str = "") -> None:
        """That was all of it; a picture is needed no longer."""
        values: dict[str, Any] = {"stage": stage.value, "error": error or None, "not_before": None}
        values |= {"said": said} if said is not None else {}
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(update(delivery).where(delivery.c.id == its).values(**values))
            connection.execute(delete(picture).where(picture.c.delivery_id == its))

    def later(self, its: Delivery, until: datetime, error: str) -> None:
        """It could not be sent, and is tried again then."""
        self._set(its.id, tries=its.tries + 1, not_before=until, error=error)

    def showing(self, theme: str) -> list[Written]:
        """The messages in Slack that show a theme, the newest delivery last."""
        its = select(shown.c.delivery_id, shown.c.part).where(shown.c.theme == theme_number(theme))
        with self.engine.connect() as connection:
            found = connection.execute(its.distinct()).all()
        return [w for one, part in found for w in self.written(one) if w.part == part and w.ts]

    def orphaned(self) -> list[tuple[Written, tuple[str, ...]]]:
        """The messages that quote posts which are gone, each with the blocks that do."""
        quoting = select(
            shown.c.delivery_id, shown.c.part, shown.c.block_id, shown.c.post_key
        ).where(shown.c.post_key.is_not(None))
        with self.engine.connect() as connection:
            every = connection.execute(quoting).all()
            there = _standing(connection, {row.post_key for row in every})
        rows = sorted(row for row in every if row.post_key not in there)
        blocks: dict[tuple[str, int], list[str]] = {}
        for row in rows:
            blocks.setdefault((row.delivery_id, row.part), []).append(row.block_id)
        return [
            (one, tuple(blocks[its, part]))
            for its, part in blocks
            for one in self.written(its)
            if one.part == part
        ]

    def rewrite(self, one: Written, changed: Message) -> None:
        """Keep a message as it stands in Slack now."""
        key = (shown.c.delivery_id == one.delivery, shown.c.part == one.part)
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(
                update(message)
                .where(message.c.delivery_id == one.delivery, message.c.part == one.part)
                .values(text=changed.text, blocks=list(changed.blocks))
            )
            connection.execute(shown.delete().where(*key))
            for what in changed.shows:
                row = {"delivery_id": one.delivery, "part": one.part, **_shown_row(what)}
                connection.execute(insert(shown).values(row))

    def _written(self, condition: Any) -> list[Written]:  # noqa: ANN401 SQLAlchemy's conditions
        statement = (
            select(message, delivery.c.channel)
            .join_from(message, delivery)
            .where(condition)
            .order_by(message.c.part)
        )
        with self.engine.connect() as connection:
            rows = connection.execute(statement).all()
            kept = connection.execute(
                select(shown).where(shown.c.delivery_id.in_({row.delivery_id for row in rows}))
            ).all()
            drawn = connection.execute(
                select(picture).where(picture.c.delivery_id.in_({row.delivery_id for row in rows}))
            ).all()
        pictures = {(p.delivery_id, p.part): Picture(p.png, p.title, p.words) for p in drawn}
        shows: dict[tuple[str, int], list[Shown]] = {}
        for row in kept:
            theme = theme_named(row.theme)
            shows.setdefault((row.delivery_id, row.part), []).append(
                Shown(row.block_id, theme, row.post_key)
            )
        return [
            Written(
                row.delivery_id,
                row.part,
                row.channel,
                Message(
                    row.text,
                    tuple(row.blocks),
                    tuple(shows.get((row.delivery_id, row.part), ())),
                    row.in_thread,
                    pictures.get((row.delivery_id, row.part)),
                ),
                row.begun_at,
                row.ts,
            )
            for row in rows
        ]

    def _set(self, its: str, **values: object) -> None:
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(update(delivery).where(delivery.c.id == its).values(**values))

    def _set_message(self, its: str, part: int, **values: object) -> None:
        with self.engine.execution_options(writes=True).begin() as connection:
            connection.execute(
                update(message)
                .where(message.c.delivery_id == its, message.c.part == part)
                .values(**values)
            )


def _alerts(channel: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Deliveries of what a channel is told at once; needs `subscription` joined."""
    return (
        delivery.c.channel == channel,
        delivery.c.due_at > since,
        subscription.c.asks.in_([one.value for one in AT_ONCE]),
    )


def _standing(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of some keys whose posts are stored, looked up one by one in the index of keys."""
    found: set[str] = set()
    for source, ids in by_source(keys):
        its = (post.c.source == source, post.c.external_id.in_(ids))
        statement = select(post.c.external_id).where(*its)
        found |= {f"{source}:{one}" for one in connection.execute(statement).scalars()}
    return found


def _shown_row(what: Shown) -> dict[str, Any]:
    number = theme_number(what.theme) if what.theme else None
    return {"block_id": what.block_id, "theme": number, "post_key": what.post}


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.id,
        row.subscription_id,
        row.due_at,
        row.since,
        row.channel,
        Stage(row.stage),
        row.tries,
        row.said,
        row.error,
    )
