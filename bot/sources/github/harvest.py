"""What one answer of GitHub's holds, sorted: posts, what is none, and what is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.limits import Budget
from bot.model import Gap, Post
from bot.sources.base import Batch, NotAPost, Rejection
from bot.sources.github.graphql import Thread
from bot.sources.github.names import Name
from bot.sources.github.posts import NO_WORDS, Repo, parse_reply, parse_thread

CUT = "more answers to one comment than can be read"

Parse = Callable[[object, Repo], Post]


@dataclass(slots=True)
class Harvest:
    """Grows as rows are added; `batch` is what the pipeline is given."""

    posts: list[Post] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)
    """The openers among those that are gone: all that hung on them is gone too."""
    rejected: list[Rejection] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def add(self, parse: Parse, row: object, repo: Repo, where: str) -> None:
        """A post, or what is none, and where it stood."""
        try:
            self.posts.append(parse(row, repo))
        except NotAPost as error:
            self.rejected.append(error.at(f"github {repo.name} {where}"))

    def add_list(self, parse: Parse, rows: Sequence[object], repo: Repo, name: str) -> None:
        """The entries of a list."""
        for place, row in enumerate(rows, 1):
            self.add(parse, row, repo, f"{name}, entry {place} of {len(rows)}")

    def add_thread(self, thread: Thread, repo: Repo) -> None:
        """An opener and its replies, or the id of one that is gone."""
        where = f"thread {thread.number}"
        if thread.opener is None and thread.number:
            self.gone.append(Name(repo.name, thread.number).thread)
            self.threads += self.gone[-1:]
            return
        self.add(parse_thread, thread.opener, repo, where)
        for row in thread.replies:
            self.add(parse_reply, row, repo, where)
        if thread.cut:
            self.rejected.append(Rejection(f"github {repo.name} {where}", CUT))

    def add_again(self, thread: Thread, repo: Repo, names: Sequence[Name]) -> None:
        """Those of a thread's posts that were asked for, or the ids of those that are gone.

        With an opener that is gone the whole thread is, whichever of it was asked for.

        Where something in the thread cannot be read, or there may be more than was shown, a post
        that is not there is not called gone.
        """
        now = Harvest()
        now.add_thread(thread, repo)
        broken = [x for x in now.rejected if x.reason not in (NO_WORDS, CUT)]
        found = {post.external_id: post for post in now.posts}
        for name in names:
            if post := found.get(name.external_id):
                self.posts.append(post)
            elif not broken and (thread.opener is None or name.form in thread.whole):
                self.gone.append(name.external_id)
        self.gone += [key for key in now.threads if key not in self.gone]
        self.threads += now.threads
        self.rejected += broken

    def batch(self, cursor: str | None, budget: Budget | None = None) -> Batch:
        """All of it."""
        return Batch(
            tuple(self.posts),
            cursor,
            deleted=tuple(self.gone),
            deleted_threads=tuple(self.threads),
            rejected=tuple(self.rejected),
            gaps=tuple(self.gaps),
            budget=budget,
        )
