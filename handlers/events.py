"""What Slack tells as it happens in the channels that are read: words, edits, deletions, reactions.

https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

from bot.pipeline import Collected, Pipeline
from bot.sources.base import Hears


def take(pipeline: Pipeline, event: object) -> Collected | None:
    """Save what an event brings: the inner object of a delivery, `payload["event"]`.

    Taking one twice is harmless. None if no Slack channel is read here.

    Raises:
        SourceError: Slack had to be asked for the rest and did not answer: let it deliver again.
        StoreError: it could not be kept: likewise.
    """
    source = pipeline.sources.get("slack")
    if not isinstance(source, Hears):
        return None
    kind = event.get("type") if isinstance(event, dict) else None
    return pipeline.heard(source.name, source.heard(str(kind), event))
