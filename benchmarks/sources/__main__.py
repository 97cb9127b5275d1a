"""`python -m benchmarks.sources`."""

from __future__ import annotations

from benchmarks.sources import main

main()
