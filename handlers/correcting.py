"""What was understood, corrected with a tap: the question is asked anew as it was meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.deliveries import Message
from bot.errors import QueryError
from bot.rights import Right
from bot.speak.talk import question_data, uncarried
from handlers.desk import Asker, Desk
from handlers.replies import messages

Body = dict[str, Any]


def correct(desk: Desk, asker: Asker, carries: str, place: str) -> Sequence[Message]:
    """The answer to what was meant; in a named `place` the next question goes on from it.

    What a choice carries is read as a query that anybody could have written, for whoever asks.

    Raises:
        QueryError: it cannot be read any more.
    """
    desk.demand(asker, Right.ASK)
    pipeline = desk.pipeline
    meant = uncarried(carries, pipeline.telling().standpoint())
    if meant is None:
        raise QueryError("this can be read no more; ask again in your own words")
    answer = pipeline.answer(meant)
    if place and answer.asked is not None:
        pipeline.store.talks.keep(place, question_data(answer.asked), pipeline.clock())
    return messages(answer)


def thread_of(body: Body) -> str:
    """The thread in which something was pressed; empty outside of any."""
    message, container = body.get("message") or {}, body.get("container") or {}
    return str(message.get("thread_ts") or container.get("thread_ts") or "")


def talk_of(body: Body) -> str:
    """The thread in which a question goes on from what was pressed, by its channel.

    Below a message there may be one yet; below what one person alone sees there is none.
    """
    message, container = body.get("message") or {}, body.get("container") or {}
    alone = container.get("is_ephemeral") or message.get("is_ephemeral")
    thread = thread_of(body) or ("" if alone else message.get("ts"))
    channel = (body.get("channel") or {}).get("id")
    return f"{channel}/{thread}" if channel and thread else ""
