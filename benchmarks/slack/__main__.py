"""`python -m benchmarks.slack`."""

from __future__ import annotations

from benchmarks.slack import main

if __name__ == "__main__":  # the processes that are killed load this module under another name
    main()
