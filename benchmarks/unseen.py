"""Themes against their peers on a stream of texts on which nothing at all was chosen.

    python -m benchmarks.unseen FOLDER

FOLDER holds three public sets, each as its authors give it: `data_full.json` of clinc/oos-eval
(CLINC150: what people ask of an assistant, 150 intents, and 1,200 requests outside of these), `T`
of jackyin12/GSDMM (the titles of Google News, 152 stories) and `biomedical_true_text` of
rashadulrakib/short-text-clustering-enhancement (titles of papers). They are not ours to keep.

The stream is drawn once, by SEED: as many themes as stream_dev has and each as large, of intents
and stories by lots, among as much noise: the requests outside and titles of papers. Ours goes on as
it is; whatever of a peer has settings keeps those that gave the best theme F on the first half of
stream_dev. All figures are means over ORDERS orders of arrival.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from benchmarks.streams import SEED, labelled
from benchmarks.themes import ORDERS, methods, table
from bot.understand.embed import MiniLM
from bot.understand.measures import is_noise

Rows = list[tuple[str, str]]
"""Texts with their labels."""


def intents(folder: Path) -> tuple[Rows, list[str]]:
    """Requests of 150 intents, and requests outside of all of these."""
    told = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    rows = [(text, label) for part in ("train", "val", "test") for text, label in told[part]]
    outside = [text for part in ("train", "val", "test") for text, _ in told[f"oos_{part}"]]
    return rows, outside


def stories(folder: Path) -> Rows:
    """Titles of news, with their story."""
    lines = (folder / "T").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    return [(one["text"], f"story-{one['cluster']}") for one in told]


def papers(folder: Path) -> list[str]:
    """Titles of papers, of about twenty fields."""
    lines = (folder / "biomedical_true_text").read_text(encoding="utf-8").splitlines()
    return [line.partition("\t")[2] for line in lines]


def drawn(folder: Path, like: list[str]) -> tuple[list[str], list[str]]:
    """Texts and labels, the themes and the noise as large as those of other labels."""
    lots = np.random.default_rng(SEED)
    asked, outside = intents(folder)
    by_label: defaultdict[str, list[str]] = defaultdict(list)
    for text, label in dict.fromkeys((*asked, *stories(folder))):
        by_label[label].append(text)
    sizes = sorted(Counter(label for label in like if not is_noise(label)).values(), reverse=True)
    picked: Rows = []
    names = [str(name) for name in lots.permutation(sorted(by_label))]
    for size in sizes:
        # The first one in the order of lots that is large enough, or else the largest.
        label = next(
            (n for n in names if len(by_label[n]) >= size),
            max(names, key=lambda n: len(by_label[n])),
        )
        names.remove(label)
        own = by_label[label]
        picked += [(own[i], label) for i in lots.permutation(len(own))[:size]]
    noise, others = sum(map(is_noise, like)), sorted(set(papers(folder)))
    alone = [*outside, *(others[i] for i in lots.permutation(len(others))[: noise - len(outside)])]
    picked += [(text, f"noise-{number}") for number, text in enumerate(alone)]
    return [text for text, _ in picked], [label for _, label in picked]


def main() -> None:
    if len(sys.argv) < 2:
        print(
            "skipped: name the FOLDER that holds the three public sets (see benchmarks/unseen.py)"
        )
        return
    embedder = MiniLM()
    texts, truth = labelled("stream_dev")
    known = methods(embedder.encode(texts), truth)
    texts, truth = drawn(Path(sys.argv[1]), truth)
    themes = {label for label in truth if not is_noise(label)}
    print(f"{len(texts)} posts, {len(themes)} themes, {embedder.name}; nothing was chosen on them")
    title = f"all labels: seed {SEED}, {ORDERS} orders; settings from stream_dev's first half"
    table(known, embedder.encode(texts), texts, truth, {title: frozenset(truth)})


if __name__ == "__main__":
    main()
