"""Mail on disk: an mbox file, as lists and mail programs keep archives, or a Maildir folder.

https://www.rfc-editor.org/rfc/rfc4155
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.errors import SourceError
from bot.model import Post
from bot.sources.base import NotAPost
from bot.sources.exports.form import Form, Item, Look, Told
from bot.sources.exports.packed import Pack, is_on_disk

_BEGINNING = re.compile(rb"From [^\r\n]{0,300}\d\d?:\d\d")
"""`From SENDER Sat Jan  3 01:05:34 1996`."""


def _detects(look: Look) -> bool:
    maildir = look.is_folder and any(name.startswith(("cur/", "new/")) for name in look.names)
    return maildir or bool(_BEGINNING.match(look.head))


def _items(pack: Pack, told: Told) -> Iterator[Item]:
    """What the source `mail` makes of it, called after the file."""
    if not is_on_disk(pack):
        raise SourceError(
            f"{pack.path}: mail is read from an mbox file or a Maildir folder as it is: unpack it",
            permanent=True,
        )
    from bot.sources.mail.adapter import Mail  # noqa: PLC0415 mail servers are slow to import

    mail = Mail(now=lambda: told.now, box=pack.path.stem or "mail", path=pack.path)
    for batch in mail.fetch(None, None):
        for post in batch.posts:
            yield Item(f"{pack.path}", post, _as_it_is)
        for rejection in batch.rejected:
            place = rejection.where.removeprefix(f"{mail.name} ")
            error = NotAPost(rejection.reason, rejection.detail)
            yield Item(f"{pack.path}: {place}", error, _as_it_is)


def _as_it_is(post: Post) -> Post:
    return post


FORM = Form(_detects, _items)
