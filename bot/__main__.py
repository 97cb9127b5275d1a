"""`python -m bot`, and the script `groundswell`: the command line is in `bot/cli/`."""

from __future__ import annotations

import gc

gc.disable()  # what is imported stays: to look through it for garbage is a tenth of the start

from bot.cli import main  # noqa: E402 see above

gc.freeze()
gc.enable()

__all__ = ["main"]

if __name__ == "__main__":
    main()
