"""What could not be read of GitHub in a run that went on all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.errors import SourceError
from bot.sources.github.api import Everywhere

IN_A_ROW_MOST = 3
"""After so many failures without a success between them the run ends."""
TOLD_MOST = 3


@dataclass(slots=True)
class Failures:
    """Errors by the list that they kept from being read."""

    errors: dict[str, SourceError] = field(default_factory=dict)
    read: int = 0
    """Lists that were read without trouble."""
    in_a_row: int = 0

    @contextmanager
    def kept(self, what: str) -> Iterator[None]:
        """An error inside keeps only this list from being read, unless it is one for all."""
        try:
            yield
        except Everywhere:
            raise
        except SourceError as error:
            self.errors[what] = error
            self.in_a_row += 1
            if self.in_a_row >= IN_A_ROW_MOST:
                self.tell()
        else:
            self.read += 1
            self.in_a_row = 0

    def tell(self) -> None:
        """Raise SourceError for all that went wrong, if anything did."""
        if not self.errors:
            return
        told = [f"{what}: {error}" for what, error in self.errors.items()]
        more = f"; and {len(told) - TOLD_MOST} more" if len(told) > TOLD_MOST else ""
        raise SourceError(
            f"github: {'; '.join(told[:TOLD_MOST])}{more}",
            permanent=not self.read and all(error.permanent for error in self.errors.values()),
            # What goes well must not rest because something else is broken.
            retry_after=0.0 if self.read and self.in_a_row < IN_A_ROW_MOST else None,
        )
