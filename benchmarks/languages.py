"""Posts in other languages: is the language told, what do the heads make of them, where do they go?

    python -m benchmarks.languages

Needs the real posts in ../shared/corpus; about 3 minutes of two cores. `data/languages_read.tsv`
are posts that one person read. Those in other languages were searched for with py3langid, among
others, so that a post which all overlooked is missing there too. Nothing was learnt from them, but
the thresholds of `bot/understand/language.py` were chosen while looking at them: no held-out split.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import corpus, post_of
from bot.forms import title_of
from bot.model import Intent, Post
from bot.understand.cluster import AverageTree
from bot.understand.embed import MiniLM, words_of
from bot.understand.heads import sample_of, together
from bot.understand.kinds import general, judge_all, likeliest
from bot.understand.language import language_of
from bot.understand.spots import parts_of

SEED = 11
"""Of the random part of the posts read, and of the posts that fill the small communities."""
CORPORA = ("claude_code", "openclaw", "redash_discourse", "nlbse24_train")
READ = Path(__file__).parent / "data" / "languages_read.tsv"
FEW = 400
"""Posts in English of a community that is made to have many in other languages."""

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Known:
    """What a person says of a post; `kinds` is empty where only its language was read."""

    languages: frozenset[str]
    kinds: frozenset[str]
    complains: bool

    @property
    def other(self) -> bool:
        """Whether it is in another language than English, and not in both."""
        return "en" not in self.languages


def known() -> dict[str, Known]:
    """The posts read, by key."""
    found = {}
    for line in READ.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            key, languages, kinds, complains = line.split("\t")
            of_kind = frozenset(kinds.split("|")) - {""}
            found[key] = Known(frozenset(languages.split("|")), of_kind, complains == "1")
    return found


def posts_of(name: str) -> list[Post]:
    """The posts of a corpus."""
    with gzip.open(corpus(f"{name}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [post_of(row) for row in rows]


def told(posts: Sequence[Post], read: Mapping[str, Known]) -> None:
    """Languages, as they are told and as they were read."""
    kept = [post for post in posts if post.key in read]
    said = {post.key: language_of(post.title, post.text) for post in kept}
    print(f"{len(kept)} posts read by one person; their random part by seed {SEED}")
    print(f"{'':30}{'posts':>7}{'right':>7}{'not told':>10}{'wrong':>7}")
    groups: dict[str, list[str]] = {}
    for key in said:
        languages = read[key].languages
        name = "of two languages" if len(languages) > 1 else next(iter(languages))
        groups.setdefault(name, []).append(key)
    for name, keys in sorted(groups.items(), key=lambda group: -len(group[1])):
        right = sum(said[key] in read[key].languages for key in keys)
        silent = sum(said[key] is None for key in keys)
        print(f"{name:30}{len(keys):7}{right:7}{silent:10}{len(keys) - right - silent:7}")
    start = process_time()
    for post in posts[:6_080]:
        language_of(post.title, post.text)
    print(f"CPU time of 6,080 posts (claude_code), model loaded: {process_time() - start:.2f} s")


def kinds(posts: Sequence[Post], read: Mapping[str, Known], embedder: MiniLM) -> None:
    """What the heads say of posts in other languages, labels and prefixes of titles taken away."""
    bare = [
        replace(post, title=title_of(post.title), labels=())
        for post in posts
        if post.key in read and read[post.key].kinds
    ]
    truth = [read[post.key] for post in bare]
    rows = embedder.encode([words_of(post) for post in bare])
    parts = [parts_of(post) for post in bare]
    pairs = zip(parts, rows, strict=True)
    seen = together([sample_of(each.bare, each.text, row) for each, row in pairs])
    heads = likeliest(parts, general().kinds, general().kinds.chances(seen))
    kept = judge_all(bare, rows, general())
    print(
        f"\n{len(bare)} threads opened in other languages, kinds and complaints read by one person"
    )
    print(f"{'what the general head says':30}{'posts':>7}{'right':>7}{'by chance':>11}")
    for kind in Intent:
        named = [known for known, said in zip(truth, heads, strict=True) if said is kind]
        if named:
            right = sum(kind.value in known.kinds for known in named)
            chance = len(named) * np.mean([kind.value in known.kinds for known in truth])
            print(f"{kind.value:30}{len(named):7}{right:7}{chance:11.1f}")
    said = [reading.complaint for reading in kept]
    right = sum(a and known.complains for a, known in zip(said, truth, strict=True))
    true = sum(known.complains for known in truth)
    print(
        f"complaints: named {sum(said)}, of these right {right} (by chance "
        f"{sum(said) * true / len(truth):.1f}); {right} of {true} found"
    )
    print("kept as the kind of such a post:", dict(Counter(one.intent.value for one in kept)))


Way = Callable[[Rows, Sequence[str | None]], Rows]


def as_they_are(rows: Rows, _languages: Sequence[str | None]) -> Rows:
    """The rows that themes are found in."""
    return rows


def without_language(rows: Rows, languages: Sequence[str | None]) -> Rows:
    """The rows without what those of one language have in common beyond those in English."""
    names = np.array([language or "" for language in languages])
    english = rows[names == "en"].mean(axis=0)
    rest = rows.copy()
    for name in set(names.tolist()) - {"", "en"}:
        mine = names == name
        number = int(mine.sum())
        rest[mine] -= (rows[mine].mean(axis=0) - english) * number / (number + 20)
    return np.asarray(rest / np.linalg.norm(rest, axis=1, keepdims=True), dtype=np.float32)


WAYS: dict[str, Way] = {"as they are": as_they_are, "language taken out": without_language}


def themes(name: str, posts: Sequence[Post], vectors: Rows) -> None:
    """How many posts stand in a theme, in English and not, and what heaps there are."""
    languages = [language_of(post.title, post.text) for post in posts]
    texts = [words_of(post) for post in posts]
    english = np.array([language == "en" for language in languages])
    other = np.array([language not in {"en", None} for language in languages])
    for title, way in WAYS.items():
        labels = AverageTree().clusters(way(vectors, languages), texts)
        heaps = []
        for label in range(int(labels.max(initial=-1)) + 1):
            inside = np.flatnonzero(labels == label)
            alone = Counter(languages[i] for i in inside)
            language, number = alone.most_common(1)[0]
            if language not in {"en", None} and number > len(inside) / 2:
                heaps.append(f"{number} {language} of {len(inside)}")
        print(
            f"{name:24}{title:20}{english.sum():8}{(labels[english] >= 0).mean():8.3f}"
            f"{other.sum():8}{(labels[other] >= 0).mean():8.3f}   {', '.join(heaps) or 'none'}"
        )


def many(posts: Sequence[Post], read: Mapping[str, Known]) -> list[Post]:
    """Every post in another language, replies too, and a few openers in English."""
    others = [post for post in posts if post.key in read and read[post.key].other]
    taken = {post.key for post in others}
    rest = [p for p in posts if p.opens and p.key not in taken]
    picked = np.random.default_rng(SEED).permutation(len(rest))[:FEW]
    return others + [rest[i] for i in sorted(picked.tolist())]


def pointed_at(posts: Sequence[Post], vectors: Rows) -> None:
    """Where the topic that a poster points at stands among the nearest, by language."""
    place = {post.external_id: row for row, post in enumerate(posts)}
    languages = [language_of(post.title, post.text) for post in posts]
    with corpus("gold", "related_topics.tsv").open(encoding="utf-8") as lines:
        pairs = {
            (row["topic"], row["related_topic"]) for row in csv.DictReader(lines, delimiter="\t")
        }
    ranks: dict[str, list[int]] = {}
    for one, other in sorted(pairs):
        if one in place and other in place and place[one] != place[other]:
            a, b = place[one], place[other]
            near = vectors @ vectors[a]
            near[a] = -1
            both = {languages[a], languages[b]}
            name = "both in English" if both == {"en"} else "one or both in another"
            if None not in both:
                ranks.setdefault(name, []).append(int((near > near[b]).sum()) + 1)
    print(f"\nredash_discourse: the rank of a topic that a poster linked to, among {len(posts)}")
    for name, found in sorted(ranks.items()):
        tenth = np.mean(np.array(found) <= 10)
        print(
            f"{name:30}{len(found):5} links, median {np.median(found):6.0f}, first ten {tenth:.2f}"
        )


def main() -> None:
    read, embedder = known(), MiniLM()
    all_posts = {name: posts_of(name) for name in CORPORA}
    every = [post for posts in all_posts.values() for post in posts]
    told(every, read)
    kinds(every, read, embedder)
    print(f"\nPosts in a theme, {AverageTree().name}; heaps: themes mostly in one other language")
    print(f"{'':44}{'English':>8}{'share':>8}{'other':>8}{'share':>8}   heaps")
    for name in CORPORA[:3]:
        openers = [post for post in all_posts[name] if post.opens]
        vectors = embedder.encode([words_of(post) for post in openers])
        themes(name, openers, vectors)
        if name == "redash_discourse":
            topics, their_vectors = openers, vectors
    print(f"with every reply in another language and {FEW} openers in English (seed {SEED}):")
    for name in CORPORA[1:3]:
        mixed = many(all_posts[name], read)
        themes(name, mixed, embedder.encode([words_of(post) for post in mixed]))
    pointed_at(topics, their_vectors)


if __name__ == "__main__":
    main()
