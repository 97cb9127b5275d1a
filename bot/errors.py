"""What can go wrong, as the one family of errors that may cross a border.

Every message says what went wrong, where, and, when it is known, how to mend it: it is shown to
people as it stands. Nothing a stranger wrote belongs in one.
"""

from __future__ import annotations


class GroundswellError(Exception):
    """Anything we raise on purpose; the command line prints its message and exits 1."""


class SettingsError(GroundswellError):
    """The configuration is wrong. The message names the file, the key and the fix."""


class QueryError(GroundswellError):
    """A query could not be understood. The message shows the place with a caret."""


class SourceError(GroundswellError):
    """A source could not be read.

    `permanent` means that trying again with the same settings cannot help (a wrong token, a page
    that is gone). `retry_after` is the number of seconds that the source asked us to stay away,
    or None where it named none. `status` is that of the HTTP answer, if that is what failed.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.status = status


class CadenceError(GroundswellError):
    """What was written is no schedule, or names no time zone."""


class SlackError(GroundswellError):
    """Slack did not do what it was asked.

    `permanent`: it will refuse it again. `retry_after`: the seconds for which it wants to be left
    alone. `uncertain`: it may have done it all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        uncertain: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.uncertain = uncertain


class StoreError(GroundswellError):
    """The database could not be opened, read or written."""


class EmbedderError(GroundswellError):
    """The embedder's weights are missing or are not the ones we know."""
