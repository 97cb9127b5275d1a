"""Makes the general heads in bot/understand/data from invented posts: the same bytes each time.

python -m benchmarks.train_kinds
"""

from __future__ import annotations

from datetime import UTC, datetime

from benchmarks.invented import Invented, invented
from bot.model import Post
from bot.understand.embed import MiniLM, words_of
from bot.understand.heads import Head, fit, look, save
from bot.understand.kinds import DATA

SEED = 7
EACH = 250
"""Invented posts of each group."""
PENALTY = 3.0
"""Ten times that of a project's own head: invented posts must not be believed too far."""


def train() -> tuple[Head, Head]:
    """The head of kinds and the head of complaints."""
    posts = invented(EACH, SEED)
    rows = MiniLM(1).encode([words_of(_post(post)) for post in posts])
    samples = [look(p.title, p.text, row) for p, row in zip(posts, rows, strict=True)]
    hurts = ["yes" if post.complaint else "no" for post in posts]
    return (
        fit(samples, [post.kind for post in posts], penalty=PENALTY),
        fit(samples, hurts, penalty=PENALTY),
    )


def _post(post: Invented) -> Post:
    return Post(
        source="manual",
        external_id="",
        kind="post",
        title=post.title,
        text=post.text,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        venue="",
    )


def main() -> None:
    print(f"{EACH} invented posts of each group, seed {SEED}")
    for name, head in zip(("kinds", "complaint"), train(), strict=True):
        path = DATA / f"{name}.npz"
        save(head, path)
        print(f"{path}: {path.stat().st_size:,} bytes, classes {', '.join(head.classes)}")


if __name__ == "__main__":
    main()
