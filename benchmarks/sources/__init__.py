"""How fast every source is read and stored, beside GrimoireLab Perceval where it reads the same.

    python -m benchmarks.sources [WORD ...]      # those whose name holds one of the words

A server on loopback gives both the same recorded answers, ROUNDS times in turn. Where a recording
holds few posts it is repeated under other ids; where there is none, the posts are those of the
source's loopback service in the tests, and the line says "invented". Ours are told twice: read to
plain text, and stored too. Perceval's are fetched into memory as they came: neither parsed to
plain text nor stored. Medians, with their spans; the ratios are taken round by round.
"""

from __future__ import annotations

import sys

from benchmarks.sources import feeds, files, forums, github, talk
from benchmarks.sources.measured import told
from bot.http import Http

WORLDS = (
    feeds.feeds,
    github.github,
    forums.discourse,
    forums.stackexchange,
    talk.hackernews,
    talk.reddit,
    talk.reddit_feed,
    talk.slack,
    talk.x,
    files.mail,
    files.mailbox,
    files.archive,
    files.exports,
)


def main() -> None:
    words = sys.argv[1:] if sys.argv[0].endswith("sources/__main__.py") else []
    http = Http(allowed_hosts=frozenset({"127.0.0.1"}), every_site=1_000_000)
    for world in WORLDS:
        with world(http) as cases:
            for case in cases:
                if not words or any(word in case.name for word in words):
                    print(told(case), flush=True)
    http.close()
