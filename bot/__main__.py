"""`python -m bot`, and the script `groundswell`: the command line is in `bot/cli/`."""

from __future__ import annotations

from bot.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
