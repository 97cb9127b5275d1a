"""Messages as a web page that looks about as Slack shows them: for docs, and for a look before."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader

from bot.deliveries import Message


def preview(messages: Sequence[Message], title: str) -> str:
    """The page: one file, no script, nothing loaded. Whatever a stranger wrote is escaped."""
    environment = Environment(loader=PackageLoader("bot.slack"), autoescape=True)
    return environment.get_template("preview.html").render(messages=messages, title=title)
