"""Search: nDCG@10 and recall@10 on two communities' own links, ours beside other rules.

    python -m benchmarks.search

A query is the title of a post; relevant are the posts that stand in its group: on redash the
topics that its posters linked to (`gold/related_topics.tsv`), on openclaw the issues known to tell
the same story (`gold/duplicates.tsv`). The post itself is left out. Both lists are of links that
somebody made, so what is not in them may be relevant as well: only the order between methods tells
anything. Groups are split in halves by SEED. What weighs how much was chosen by the first half; the
second was seen at each try, so it is no untouched test.

BM25 alone: FTS5 over title and text, any of the words, stop words too, a title weighing three times
as much. Vectors alone: the cosine to every post. Reciprocal rank fusion: of these two, 60 as its
constant. obsei's rule (1.1.1): the 30 nearest by vector, and if there are fewer, what holds one of
the question's three longest words; no filters. Its record is a post's title and text as they stand,
its vectors by default counts of hashed runs of three letters; told also with our embedder.
"""

from __future__ import annotations

import csv
import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import corpus
from benchmarks.duplicates import read as read_duplicates
from bot.model import Post, Query
from bot.pipeline.searching import Searching
from bot.sources.archive import Archive
from bot.store import Store, open_store
from bot.store.words import match_any
from bot.understand.embed import MiniLM, words_of
from bot.understand.measures import DEPTH, SearchTally, whole

SEED = 7
RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""
LONG = 200
"""How far down the rankings go that are fused."""

Rows = NDArray[np.float32]
Rule = Callable[[int], Sequence[int]]
"""For the title of one post the places of all, best first; the post itself may be among them."""


@dataclass(frozen=True, slots=True)
class Community:
    """Posts, and of some of them the others that are relevant for their title."""

    name: str
    posts: list[Post]
    relevant: Mapping[int, set[int]]
    group: Mapping[int, int]
    """Of each query: queries of one group are in one half."""

    def halves(self) -> list[list[int]]:
        """The queries in two halves, groups kept together, by SEED."""
        names = sorted(set(self.group.values()))
        order = np.random.default_rng(SEED).permutation(names)
        mine = [set(half.tolist()) for half in np.array_split(order, 2)]
        return [[q for q in sorted(self.relevant) if self.group[q] in half] for half in mine]

    def asked(self, place: int) -> tuple[str, ...]:
        """The words of a title."""
        return tuple(w for w in self.posts[place].title.split() if any(map(str.isalnum, w)))


def redash() -> Community:
    batches = Archive(corpus("redash_discourse.jsonl.gz"), datetime.now(UTC)).fetch(None, None)
    posts = [post for batch in batches for post in batch.posts if post.opens]
    place = {post.external_id: i for i, post in enumerate(posts)}
    relevant: dict[int, set[int]] = {}
    with corpus("gold", "related_topics.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            one, other = place.get(row["topic"]), place.get(row["related_topic"])
            if one is not None and other is not None and one != other:
                relevant.setdefault(one, set()).add(other)
    return Community("redash", posts, relevant, {q: q for q in relevant})


def openclaw() -> Community:
    known = read_duplicates(corpus("openclaw.jsonl.gz"), corpus("gold", "duplicates.tsv"))
    queries = sorted({place for link in known.links for place in link})
    relevant = {
        q: {o for o in queries if o != q and known.group[o] == known.group[q]} for q in queries
    }
    return Community("openclaw", known.posts, relevant, {q: int(known.group[q]) for q in queries})


# The rules.


def ours(store: Store, embedder: MiniLM, community: Community) -> Rule:
    searching = Searching(store, embedder, datetime.now(UTC))
    place = {post.key: i for i, post in enumerate(community.posts)}

    def rule(q: int) -> list[int]:
        hits = searching.search(Query(words=community.asked(q)), DEPTH + 1)
        return [place[hit.post.key] for hit in hits]

    return rule


def bm25(community: Community) -> Rule:
    base = sqlite3.connect(":memory:")
    tokens = "porter unicode61 remove_diacritics 2 tokenchars '_'"
    base.execute(f'CREATE VIRTUAL TABLE i USING fts5(title, text, tokenize="{tokens}")')
    rows = ((n, post.title, post.text) for n, post in enumerate(community.posts))
    base.executemany("INSERT INTO i(rowid, title, text) VALUES (?, ?, ?)", rows)
    statement = "SELECT rowid FROM i WHERE i MATCH ? ORDER BY bm25(i, 3.0, 1.0), rowid LIMIT ?"

    def rule(q: int) -> list[int]:
        words = match_any(community.asked(q))
        return [row for (row,) in base.execute(statement, (words, LONG))] if words else []

    return rule


def by_vector(rows: Rows, asked: Mapping[int, Rows], most: int = LONG) -> Rule:
    return lambda q: np.argsort(-(rows @ asked[q]), kind="stable")[:most].tolist()


def fused(rules: Sequence[Rule]) -> Rule:
    def rule(q: int) -> list[int]:
        scores: dict[int, float] = {}
        for one in rules:
            for rank, found in enumerate(one(q), 1):
                scores[found] = scores.get(found, 0.0) + 1 / (RRF_K + rank)
        return sorted(scores, key=lambda found: (-scores[found], found))

    return rule


def obsei(community: Community, rows: Rows, asked: Mapping[int, Rows]) -> Rule:
    near = by_vector(rows, asked, 30)
    texts = [plain(post).casefold() for post in community.posts]

    def rule(q: int) -> list[int]:
        found = dict.fromkeys(near(q))
        words = sorted(set(community.posts[q].title.split()), key=len, reverse=True)
        for word in words[:3]:
            holding = (i for i, text in enumerate(texts) if word.casefold() in text)
            found |= dict.fromkeys(i for i in holding if len(found) < 30)
        return list(found)[:30]

    return rule


def plain(post: Post) -> str:
    return f"{post.title}\n\n{post.text}"


def hashed(texts: Sequence[str]) -> Rows:
    """Signed counts of runs of three letters in 512 places, at unit length."""
    rows = np.zeros((len(texts), 512), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        line = f" {' '.join(text.casefold().split())} "
        for i in range(max(1, len(line) - 2)):
            digest = hashlib.blake2b(line[i : i + 3].encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "little")
            row[number % 512] += 1 if number >> 63 else -1
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def rules(community: Community, embedder: MiniLM, store: Store) -> dict[str, Rule]:
    queries = sorted(community.relevant)
    titles = [community.posts[q].title for q in queries]
    texts = [plain(post) for post in community.posts]

    def asked(encode: Callable[[Sequence[str]], Rows]) -> dict[int, Rows]:
        return dict(zip(queries, encode(titles), strict=True))

    rows = embedder.encode([words_of(post) for post in community.posts])
    keep(store, community.posts, embedder.name, rows)
    words, meaning = bm25(community), by_vector(rows, asked(embedder.encode))
    return {
        "BM25 alone": words,
        "vectors alone": meaning,
        "reciprocal rank fusion": fused((words, meaning)),
        "obsei's rule, its vectors": obsei(community, hashed(texts), asked(hashed)),
        "obsei's rule, our embedder": obsei(
            community, embedder.encode(texts), asked(embedder.encode)
        ),
        "ours": ours(store, embedder, community),
    }


def keep(store: Store, posts: Sequence[Post], embedder: str, rows: Rows) -> None:
    store.posts.save(posts)
    missing = store.vectors.missing(embedder, datetime.now(UTC))
    found = store.posts.by_rows(missing)
    place = {post.key: i for i, post in enumerate(posts)}
    store.vectors.save(embedder, missing, rows[[place[found[i][0].key] for i in missing]])


def figures(community: Community, rule: Rule, queries: Sequence[int]) -> tuple[float, float]:
    """nDCG@10 and recall@10."""
    hits = [[i in community.relevant[q] for i in rule(q) if i != q] for q in queries]
    relevant = tuple(len(community.relevant[q]) for q in queries)
    told = whole(SearchTally(tuple(np.array(some, dtype=np.bool_) for some in hits), relevant))
    return told["ndcg_at_10"], told["recall_at_10"]


def main() -> None:
    embedder = MiniLM()
    print(f"seed {SEED}; chosen by the first half")
    print(f"{'':30}{'first half':>18}{'second half':>18}")
    print(f"{'':30}" + 2 * f"{'nDCG@10':>9}{'rec.@10':>9}")
    for community in (redash(), openclaw()):
        first, second = community.halves()
        counts = f"{len(first)} + {len(second)} queries"
        print(f"{community.name}: {len(community.posts):,} posts, {counts}")
        with (
            tempfile.TemporaryDirectory() as folder,
            closing(open_store(f"sqlite:///{folder}/search.db")) as store,
        ):
            for name, rule in rules(community, embedder, store).items():
                told = partial(figures, community, rule)
                line = "".join(f"{n:9.3f}" for half in (first, second) for n in told(half))
                print(f"  {name:28}{line}", flush=True)


if __name__ == "__main__":
    main()
