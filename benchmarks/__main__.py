"""Every benchmark, one after the other: `make bench`."""

from __future__ import annotations

from benchmarks import (
    bursts,
    choose_odds,
    clean,
    cost,
    duplicates,
    identity,
    isolation,
    kinds,
    languages,
    latency,
    regroup,
    scale,
    search,
    slack,
    sources,
    themes,
    unseen,
)

for part in (
    cost,
    sources,
    isolation,
    themes,
    choose_odds,
    unseen,
    clean,
    identity,
    duplicates,
    bursts,
    kinds,
    languages,
    slack,
    search,
    latency,
    regroup,
    scale,
):
    print(f"\n== {part.__name__}: {(part.__doc__ or '').splitlines()[0]}\n", flush=True)
    part.main()
