"""Two hundred questions to real communities: nothing said that the stored posts do not say.

The checks trust nothing in the answering code: what a question limits is written beside it, posts
are read from the archive's lines and the database's tables, and numbers are counted here.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from bot.model import Aim, Answer, Audience, Sentence
from bot.pipeline import Pipeline
from bot.sources.archive import Archive
from bot.store import open_store
from bot.understand.cluster import AverageTree
from bot.understand.embed import MiniLM
from tests.shared import shared

PRIVATE = "r/claude"
"""A place that is made private, and that no answer may cite."""


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a question asks for, as a reader of it would say."""

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    language: str | None = None
    venue: str | None = None

    def hold(self, post: Post) -> bool:
        return (
            (self.since is None or post.at >= self.since)
            and (self.until is None or post.at < self.until)
            and self.source in {None, post.source}
            and self.venue in {None, post.venue}
            and self.language in {None, post.language}
        )


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it stands in the database's table."""

    source: str
    venue: str
    author: str | None
    role: str
    at: datetime
    words: str
    language: str | None
    complains: bool


@dataclass(frozen=True, slots=True)
class Community:
    """A part of a corpus, the moment it is asked at, and how its people speak."""

    corpus: str
    since: str
    until: str
    now: datetime
    one_of: int
    """So many posts of the corpus one is taken of."""
    times: tuple[tuple[str, Limits], ...]
    places: tuple[tuple[str, Limits], ...]
    subjects: tuple[str, ...]


CLAUDE = Community(
    "claude_code",
    "2025-11-27",
    "2025-12-17",
    day("2025-12-17"),
    4,
    (
        ("last week", Limits(day("2025-12-08"), day("2025-12-15"))),
        ("since 10 December", Limits(day("2025-12-10"))),
        ("yesterday", Limits(day("2025-12-16"), day("2025-12-17"))),
        ("in the last 2 weeks", Limits(day("2025-12-03"))),
        ("in december", Limits(day("2025-12-01"))),
        ("until the end of november", Limits(until=day("2025-12-01"))),
        ("between 2025-12-05 and 2025-12-08", Limits(day("2025-12-05"), day("2025-12-09"))),
        ("this week", Limits(day("2025-12-15"))),
    ),
    (
        ("", Limits()),
        ("on GitHub", Limits(source="github")),
        ("on Reddit", Limits(source="reddit")),
        ("in r/ClaudeAI", Limits(venue="r/ClaudeAI")),
        ("on hn", Limits(source="hackernews")),
        ("", Limits()),
        ("in anthropics/claude-code", Limits(venue="anthropics/claude-code")),
        ("in english", Limits(language="en")),
    ),
    ("mcp", "windows", "usage limits", "hooks", "compact", "terminal flicker", "opus"),
)
REDASH = Community(
    "redash_discourse",
    "2018-03-01",
    "2018-07-01",
    day("2018-07-01"),
    3,
    (
        ("in may", Limits(day("2018-05-01"), day("2018-06-01"))),
        ("since 1 june", Limits(day("2018-06-01"))),
        ("in the last 30 days", Limits(day("2018-06-01"))),
        ("before june", Limits(until=day("2018-06-01"))),
        ("from 10 april to 20 may", Limits(day("2018-04-10"), day("2018-05-21"))),
        ("last month", Limits(day("2018-06-01"), day("2018-07-01"))),
        ("in Q2", Limits(day("2018-04-01"))),
    ),
    (("", Limits()), ("on the forum", Limits(source="discourse")), ("", Limits())),
    ("docker", "mongodb", "dashboard filters", "google sheets", "query parameters", "bigquery"),
)

FRAMES: tuple[tuple[Aim, str], ...] = (
    (Aim.HURTS, "what are people complaining about {place} {time}?"),
    (Aim.HURTS, "complaints about {subject} {place} {time}"),
    (Aim.HURTS, "what hurts most {place} {time}?"),
    (Aim.NEW, "what is new {place} {time}?"),
    (Aim.NEW, "new problems with {subject} {place} {time}"),
    (Aim.CHANGED, "what changed {place} {time}?"),
    (Aim.CHANGED, "what is getting worse about {subject} {time}?"),
    (Aim.PROBLEM, "is there a problem with {subject} {place} {time}?"),
    (Aim.PROBLEM, "is {subject} broken?"),
    (Aim.PROBLEM, "is {subject} support any good {place}?"),
    (Aim.PROBLEM, "is {subject} startup broken?"),
    (Aim.WHO, "who is hit by {subject} {place} {time}?"),
    (Aim.WHO, "who talks about {subject}?"),
    (Aim.PRAISE, "what do people like {place} {time}?"),
    (Aim.PRAISE, "praise for {subject}"),
    (Aim.FIXED, "is {subject} fixed {place}?"),
    (Aim.UNANSWERED, "what is unanswered {place} {time}?"),
    (Aim.UNANSWERED, "unanswered questions about {subject} {place}"),
    (Aim.COUNT, "how many complaints {place} {time}?"),
    (Aim.COUNT, "how many people mention {subject} {place} {time}?"),
    (Aim.SHOW, "show me the posts about {subject} {place} {time}"),
    (Aim.SHOW, "list bugs {place} {time}"),
    (Aim.OVERVIEW, "what do people say about {subject} {place} {time}"),
    (Aim.OVERVIEW, "questions {place} {time}"),
    (Aim.OVERVIEW, "anything about {subject}"),
)
EACH = 100


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    aim: Aim
    limits: Limits


def questions(community: Community) -> list[Asked]:
    """Frames, times, places and subjects, so that each meets many of the others."""
    times, places = cycle(community.times), cycle(community.places)
    subjects, frames = cycle(community.subjects), cycle(FRAMES)
    found = []
    for _ in range(EACH):
        (aim, frame), subject = next(frames), next(subjects)
        time = next(times) if "{time}" in frame else ("", Limits())
        place = next(places) if "{place}" in frame else ("", Limits())
        words = frame.format(subject=subject, time=time[0], place=place[0])
        limits = replace(
            time[1],
            source=place[1].source,
            venue=place[1].venue,
            language=place[1].language,
        )
        if not time[0] and "{subject}" not in frame:
            limits = replace(limits, since=community.now - timedelta(days=30))
        found.append(Asked(" ".join(words.split()), aim, limits))
    return found


@pytest.fixture(scope="module", params=[CLAUDE, REDASH], ids=lambda one: one.corpus)
def community(request: pytest.FixtureRequest) -> Community:
    chosen: Community = request.param
    return chosen


@pytest.fixture(scope="module")
def database(community: Community, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("receipts") / "posts.db"


@pytest.fixture(scope="module")
def pipeline(community: Community, database: Path, minilm: MiniLM) -> Iterator[Pipeline]:
    """A part of the corpus, read and understood; one place in it is private."""
    part = database.with_suffix(".jsonl")
    with gzip.open(shared("corpus", f"{community.corpus}.jsonl.gz"), "rt") as lines:
        rows = (line for line in lines if _within(line, community))
        part.write_text("".join(rows), encoding="utf-8")
    store = open_store(f"sqlite:///{database}")
    made = Pipeline(store, minilm, AverageTree(), {}, lambda: community.now, audience=Audience())
    made.import_archives([Archive(part, community.now + timedelta(days=9999))])
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE post SET visibility = 'private' WHERE venue = ?", (PRIVATE,))
    made.understand()
    yield made
    store.close()


def _within(line: str, community: Community) -> bool:
    """Some of the posts of the time: enough to ask about, and soon understood."""
    row = json.loads(line)
    chosen = zlib.crc32(row["id"].encode()) % community.one_of == 0
    return chosen and community.since <= row["created_at"] < community.until


@pytest.fixture(scope="module")
def posts(pipeline: Pipeline, database: Path) -> dict[str, Post]:
    """Every stored post, straight from the tables."""
    statement = (
        "SELECT source, external_id, venue, author, role, created_at, title, text, language, "
        "strength > 0 AND intent NOT IN ('announcement', 'spam') FROM post "
        "LEFT JOIN reading ON reading.post_id = post.id"
    )
    with sqlite3.connect(database) as connection:
        rows = connection.execute(statement).fetchall()
    return {
        f"{source}:{name}": Post(
            source, venue, author, role, day(at), f"{title}\n{text}", language, bool(complains)
        )
        for source, name, venue, author, role, at, title, text, language, complains in rows
    }


@pytest.fixture(scope="module")
def answers(community: Community, pipeline: Pipeline) -> list[tuple[Asked, Answer]]:
    return [(asked, pipeline.ask(asked.question)) for asked in questions(community)]


def test_most_questions_of_each_kind_are_answered(answers):
    answered = [asked for asked, answer in answers if answer.sentences]
    assert len(answered) >= 0.6 * EACH
    assert len({asked.aim for asked in answered}) >= len(Aim) - 2  # COMPARE is asked apart
    for asked, answer in answers:
        assert answer.asked is not None
        assert answer.asked.aim is asked.aim, asked.question
        assert not answer.not_understood, (asked.question, answer.not_understood)


def test_every_cited_post_exists_and_lies_in_the_time_and_the_places_asked_for(
    community, posts, answers
):
    for asked, answer in answers:
        limits = widened(asked, community)
        for sentence in answer.sentences:
            assert sentence.cites, (asked.question, sentence.text)
            for cite in sentence.cites:
                post = posts[cite.key]
                assert post.venue != PRIVATE
                assert post.at <= community.now
                assert limits.hold(post), (asked.question, sentence.text, cite.key)


def widened(asked: Asked, community: Community) -> Limits:
    """What changed is told against a time of the same length just before."""
    limits = asked.limits
    if asked.aim in {Aim.NEW, Aim.CHANGED} and limits.since is None:
        until = limits.until or community.now
        limits = replace(limits, since=until - timedelta(days=30))
    if asked.aim is Aim.CHANGED and limits.since:
        until = min(limits.until or community.now, community.now)
        limits = replace(limits, since=limits.since - (until - limits.since))
    return limits


def test_numbers_are_those_of_the_posts_that_are_cited(posts, answers):
    checked = 0
    for asked, answer in answers:
        for sentence in answer.sentences:
            if sentence.opens is not None:
                told = list(miscounted(sentence, posts))
                assert not told, (asked.question, sentence.text, told)
                checked += 1
    assert checked > EACH


NOUN = r"(?:posts?|complaints?|bug reports?|requests?|questions?|threads?|posts? of praise)"


def miscounted(sentence: Sentence, posts: dict[str, Post]) -> Iterator[str]:
    """What a sentence counts otherwise than its citations do."""
    keys = [cite.key for cite in sentence.cites]
    cited = [posts[key] for key in keys]
    text = re.sub(r"“.*?”", "“”", sentence.text)
    if len(set(keys)) != len(keys):
        yield "cites a post twice"
    if " in the " not in text:  # what moved is counted in two times, each by itself
        if first(rf"(\d[\d,]*) {NOUN}\b", text) not in {None, len(keys)}:
            yield f"is about {len(keys)} posts"
        people, unknown = voices(cited)
        if first(r"(\d[\d,]*) (?:people|person)\b", text) not in {None, people}:
            yield f"is about {people} people"
        if first(r"(\d[\d,]*)(?: posts?)? by unknown authors", text) not in {None, unknown}:
            yield f"is about {unknown} posts by unknown authors"
    complaints = sum(post.complains for post in cited)
    if (first(r"\((\d+) complaints?\)", text) or 0) > complaints:
        yield f"has {complaints} complaints"
    for venue, number in re.findall(r"(?:on|,|:) ([\w-]+/[\w-]+) (\d+)(?=[,;.])", text):
        if int(number) != sum(post.venue == venue for post in cited):
            yield f"{number} in {venue}"
    yield from miscounted_parts(text, len(keys))


def voices(cited: list[Post]) -> tuple[int, int]:
    """The different known users, and the posts of users who are not known."""
    users = [post for post in cited if post.role == "user"]
    known = {(post.source, post.author) for post in users if post.author}
    return len(known), sum(post.author is None for post in users)


def miscounted_parts(text: str, cited: int) -> Iterator[str]:
    """Parts of what is cited can be no more than that; parts that are listed make up all of it."""
    if listed := re.match(r"By (?:source|week[^:]*): (.+)\.$", text):
        numbers = [int(n.replace(",", "")) for n in re.findall(r" (\d[\d,]*)(?=,|$)", listed[1])]
        numbers += [int(n) for n in re.findall(r"(\d+) before", listed[1])]
        if sum(numbers) != cited:
            yield f"{numbers} for {cited}"
    for number in re.findall(
        r"(\d[\d,]*) (?:of (?:these|them)|say so|is an issue|are issues)", text
    ):
        if int(number.replace(",", "")) > cited:
            yield f"a part of {number} in {cited}"


def first(pattern: str, text: str) -> int | None:
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else None


def test_what_changed_is_counted_in_each_of_the_two_times(community, posts, answers):
    moved = re.compile(r": (.+?) in (\d+) days?, (.+?) in the \d+ days? before\.$")
    checked = 0
    for asked, answer in answers:
        if asked.aim is not Aim.CHANGED:
            continue
        limits = asked.limits
        since = limits.since or (limits.until or community.now) - timedelta(days=30)
        for sentence in answer.sentences:
            text = re.sub(r"“.*?”", "“”", sentence.text)
            if not text.startswith("“”") or not (told := moved.search(text)):
                continue
            cited = [posts[cite.key] for cite in sentence.cites]
            assert told[1] == spoken_by([post for post in cited if post.at >= since])
            assert told[3] == spoken_by([post for post in cited if post.at < since])
            checked += 1
    assert checked


def spoken_by(posts: list[Post]) -> str:
    """`12 people`, `2 people + 3 posts by unknown authors`, `nobody`."""
    people, unknown = voices(posts)
    parts = [f"{people} {'person' if people == 1 else 'people'}"] if people else []
    parts += [f"{unknown} post{'s' * (unknown != 1)} by unknown authors"] if unknown else []
    return " + ".join(parts) or "nobody"


def test_quotes_are_the_words_of_the_post_that_is_cited(posts, answers):
    quoted = 0
    for asked, answer in answers:
        for sentence in answer.sentences:
            if sentence.opens is None and len(sentence.cites) == 1:
                (words,) = re.findall(r"“(.*)”$", sentence.text)
                said = bare(posts[sentence.cites[0].key].words)
                assert bare(words) in said, (asked.question, sentence.text)
                quoted += 1
    assert quoted > EACH


def bare(text: str) -> str:
    """Words without what shortens them, and without spaces."""
    return "".join(text.removeprefix("…").removesuffix("…").split()).casefold()


def test_two_sides_are_each_cited_within_their_own_time(community, pipeline, posts):
    sides = list(zip(community.times, community.times[1:], strict=False))
    for (one, first_limits), (other, second_limits) in sides:
        if first_limits == second_limits or re.search("until|between|from", one + other):
            continue
        answer = pipeline.ask(f"compare complaints {one} with complaints {other}")
        assert answer.asked is not None
        assert answer.asked.aim is Aim.COMPARE
        for sentence in answer.sentences:
            cited = [posts[cite.key] for cite in sentence.cites]
            within = [
                all(limits.hold(post) for post in cited) for limits in (first_limits, second_limits)
            ]
            assert any(within), sentence.text
            assert not list(miscounted(sentence, posts)) or sentence.opens is None, sentence.text
