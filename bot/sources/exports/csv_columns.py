"""Which column of a table holds which field: what `--map` says, or what the columns are called."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SettingsError

GUESSED = {
    "title": ("title", "subject", "summary", "headline"),
    "body": ("body", "text", "message", "description", "comment", "content", "feedback"),
    "created_at": ("created_at", "created at", "created", "date", "time", "timestamp"),
    "author": ("author", "from", "user", "username", "name", "reporter"),
    "url": ("url", "link", "permalink"),
    "id": ("id", "key"),
    "venue": ("venue", "channel", "category", "forum"),
    "labels": ("labels", "tags"),
    "score": ("score", "votes", "likes"),
    "reply_count": ("reply_count", "replies"),
    "state": ("state", "status"),
}
"""What a column may be called without being mapped, in any case of letters."""
FIELDS = (*GUESSED, "source", "kind", "parent_id", "role", "date_format")
EXAMPLE = "--map title=Subject,body=Text,created_at=Date,author=From,url=Link"

_PART = re.compile(r"\s*([a-z_]+)\s*(:?=)\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Columns:
    """A field's column by its name, and fields that are the same for all rows."""

    of: Mapping[str, str]
    constants: Mapping[str, str]


def columns(text: str) -> Columns:
    """What `--map` says: `title=Subject,source:=reddit`, or the name of a TOML file.

    In the file, a field is a key and its column a text; `[constants]` has what is the same for
    all rows.

    Raises:
        SettingsError: it says nothing that can be understood.
    """
    if text.endswith(".toml"):
        return _from_toml(Path(text))
    of, constants = dict[str, str](), dict[str, str]()
    for part in filter(str.strip, text.split(",")):
        match = _PART.fullmatch(part)
        if match is None:
            raise SettingsError(f"--map: {part!r} is no FIELD=COLUMN; as in {EXAMPLE}")
        (constants if match[2] == ":=" else of)[match[1]] = match[3]
    return _checked("--map", Columns(of, constants))


def guessed(header: Sequence[str]) -> dict[str, int]:
    """The place of each field whose column is called as one would call it."""
    places = {name.strip().lower(): place for place, name in reversed(list(enumerate(header)))}
    found = {
        field: next((places[name] for name in names if name in places), None)
        for field, names in GUESSED.items()
    }
    return {field: place for field, place in found.items() if place is not None}


def _from_toml(path: Path) -> Columns:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"--map {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"--map {path}: not TOML: {error}") from error
    constants = found.pop("constants", {})
    texts = [*found.values(), *(constants.values() if isinstance(constants, dict) else (None,))]
    if not all(isinstance(value, str) for value in texts):
        raise SettingsError(f'--map {path}: every value is a text, as in title = "Subject"')
    return _checked(f"--map {path}", Columns(found, constants))


def _checked(where: str, chosen: Columns) -> Columns:
    for name in (*chosen.of, *chosen.constants):
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            raise SettingsError(f"{where}: there is no field {name!r}; there are {known}")
    return chosen
