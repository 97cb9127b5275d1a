"""The app as Slack is told to make it.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PATH = Path(__file__).with_name("manifest.json")

EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"
"""Where Slack and people come, over HTTP."""
ENDS = frozenset({"app_uninstalled", "tokens_revoked"})
"""Events after which a workspace's token may be none any more."""


def manifest(url: str = "") -> dict[str, Any]:
    """The manifest; with an address, of an app that several workspaces install from there."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    if url:
        request = {"request_url": url + EVENTS}
        asked, (slash,) = found["settings"], found["features"]["slash_commands"]
        slash["url"] = url + EVENTS
        found["oauth_config"]["redirect_urls"] = [url + REDIRECT]
        asked["event_subscriptions"] |= request
        asked["event_subscriptions"]["bot_events"] += sorted(ENDS)
        asked["interactivity"] |= request
        asked["socket_mode_enabled"] = False
    return found


def scopes() -> frozenset[str]:
    """What the bot's token must be allowed; docs/slack.md says what each is for."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


def address(url: str = "") -> str:
    """Where a person makes the app, with the manifest filled in."""
    told = {"new_app": "1", "manifest_json": json.dumps(manifest(url), separators=(",", ":"))}
    return f"https://api.slack.com/apps?{urlencode(told)}"
