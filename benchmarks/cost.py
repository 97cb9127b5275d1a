"""What importing and understanding cost beside the embedder alone, in time and memory.

    python -m benchmarks.cost [ARCHIVE]

Each figure is of a process of its own on the same posts: the embedder alone over the same texts,
then the commands as people run them, start-up included, from code that was compiled before, as an
installation leaves it. Rounds in turn, and medians. The target is for the total against the
embedder alone; that ratio drifts with the machine, so its span is told too. Against `understand`'s
own embedding step, which loads the model and reads the posts as well, the total is told beside it:
it drifts less, but it is the easier measure.
"""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import bot
import handlers
from benchmarks.corpora import corpus

ROUNDS = 3

EMBED_ALONE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bot.sources.archive import Archive
from bot.understand.embed import MiniLM, words_of

archive = Archive(Path(sys.argv[1]), datetime.now(UTC))
texts = [words_of(post) for batch in archive.fetch(None, None) for post in batch.posts]
from time import perf_counter
embedder = MiniLM()
embedder.encode(texts[:8])
start = perf_counter()
embedder.encode(texts)
print(perf_counter() - start)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One process: its seconds, its peak memory in MB, and what it printed."""

    seconds: float
    peak_mb: float
    output: str


def run(*command: str) -> Run:
    start = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Run(perf_counter() - start, usage.ru_maxrss / 1024, output)


def groundswell(database: Path, *command: str) -> Run:
    return run(
        sys.executable, "-m", "bot", "--database", f"sqlite:///{database}", *command, "--json"
    )


def main() -> None:
    archive = Path(sys.argv[1]) if len(sys.argv) > 1 else corpus("claude_code.jsonl.gz")
    for package in (bot, handlers):  # as pip does, also where Python is told to write no bytecode
        compileall.compile_dir(Path(*package.__path__), quiet=1)
    inside, beside, rows = [], [], []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            alone = run(sys.executable, "-c", EMBED_ALONE, str(archive))
            embed = float(alone.output)
            database = Path(folder) / "cost.db"
            imported = groundswell(database, "import", str(archive))
            understood = groundswell(database, "understand")
            empty = groundswell(database, "understand")
            again = groundswell(database, "import", str(archive))
            digest = groundswell(database, "digest", "--since", "7d")
        total = imported.seconds + understood.seconds
        step = json.loads(understood.output)["seconds"]["embed"]
        inside.append(total / step)
        beside.append(total / embed)
        peak = max(r.peak_mb for r in (imported, understood, empty, digest))
        rows.append(
            (embed, imported.seconds, understood.seconds, empty.seconds, again.seconds, peak)
        )
        print(
            f"round {number + 1}: total {total:.1f} s, its embedding {step:.1f} s, "
            f"the embedder alone {embed:.1f} s",
            flush=True,
        )
    names = (
        "embedder alone, s",
        "import, s (whole process)",
        "understand, s (whole process)",
        "understand again, nothing new, s",
        "import again, nothing new, s",
        "peak memory of any command, MB",
    )
    print(f"{archive.name}: medians of {ROUNDS} rounds")
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        print(f"  {name:36}{median(values):10.2f}")
    print(f"  {'(import + understand) / embedding':36}{median(inside):10.3f}")
    print(
        f"  {'(import + understand) / embedder alone':36}{median(beside):8.3f}   "
        f"({min(beside):.3f} to {max(beside):.3f})   target 1.25"
    )


if __name__ == "__main__":
    main()
