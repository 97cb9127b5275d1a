"""Mail: files and accounts are read alike, posts are made of what the mails are."""

from __future__ import annotations

from bot.sources.mail.adapter import Mail

__all__ = ["Mail"]
