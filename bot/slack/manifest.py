"""The app as Slack is told to make it.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PATH = Path(__file__).with_name("manifest.json")


def manifest() -> dict[str, Any]:
    """The manifest."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def scopes() -> frozenset[str]:
    """What the bot's token must be allowed; docs/slack.md says what each is for."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


def address() -> str:
    """Where a person makes the app, with the manifest filled in."""
    told = {"new_app": "1", "manifest_json": json.dumps(manifest(), separators=(",", ":"))}
    return f"https://api.slack.com/apps?{urlencode(told)}"
