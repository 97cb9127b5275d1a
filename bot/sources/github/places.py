"""How far each of GitHub's lists has been read: the adapter's cursor."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.answers import Validators
from bot.sources.github.times import stamp

VERSION = 1
"""Of the cursor's form: another one counts as none."""


@dataclass(slots=True)
class Places:
    """By list: the time it has been read up to, and what GitHub gave to ask for changes."""

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None) -> Places:
        """What was kept; nothing if nothing was, or nothing that this version understands."""
        try:
            kept = json.loads(cursor or "")
            places = kept["places"] if kept["version"] == VERSION else {}
            return cls({str(name): dict(place) for name, place in places.items()})
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()

    def written(self) -> str:
        """The cursor."""
        return json.dumps({"version": VERSION, "places": self.kept})

    def put(self, name: str, **place: Any) -> bool:  # noqa: ANN401 what JSON holds
        """Keep a place; whether that changes anything."""
        now = {key: stamp(x) if isinstance(x, datetime) else x for key, x in place.items()}
        changed = self.kept.get(name) != now
        self.kept[name] = now
        return changed

    def get(self, name: str, key: str) -> Any:  # noqa: ANN401 what JSON holds
        """One thing that was kept of a list."""
        return self.kept.get(name, {}).get(key)

    def moment(self, name: str, key: str) -> datetime | None:
        """A time that was kept of a list."""
        try:
            return datetime.fromisoformat(self.get(name, key)).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            return None

    def validators(self, name: str) -> Validators | None:
        """What to ask with whether a list has changed."""
        etag = self.get(name, "etag")
        return Validators(etag) if isinstance(etag, str) else None
