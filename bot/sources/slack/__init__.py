"""Slack: channels of the workspace, by their history and by events; both meet in posts."""

from __future__ import annotations

from bot.sources.slack.adapter import Slack

__all__ = ["Slack"]
