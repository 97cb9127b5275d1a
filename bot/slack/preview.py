"""Messages as a web page that looks about as Slack shows them: for docs, and for a look before."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader

from bot.deliveries import Message
from bot.slack.views import View


def preview(messages: Sequence[Message], title: str) -> str:
    """The page: one file, no script, nothing loaded. Whatever a stranger wrote is escaped."""
    return _page(messages=messages, title=title)


def view_preview(view: View, title: str) -> str:
    """The same of a window or of the Home of the app."""
    return _page(view=view, title=title)


def _page(**shown: object) -> str:
    environment = Environment(loader=PackageLoader("bot.slack"), autoescape=True)
    return environment.get_template("preview.html").render(**shown)
