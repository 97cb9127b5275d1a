from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.app import writer as writer_of
from bot.errors import SettingsError, SourceError
from bot.model import OPERATOR, Answer, Audience, Citation, Post, Query, Sentence, Visibility
from bot.settings import load
from bot.speak.writer import Extractive
from bot.store import Cost, Store, open_store
from bot.writing import checking
from bot.writing.client import OneSite, OpenAIModel
from bot.writing.writer import Limits, ModelWriter
from tests.builders import NOW, a_post, some_coverage
from tests.cli import groundswell, set_nothing
from tests.hostile import HOSTILE, SECRETS
from tests.world.chat import Chat, Turn, refuses, says, sentences
from tests.world.site import Fault

Said = tuple[str, list[int], list[int]]
KEY = "sk-test-never-shown"
GOOD: Said = ("There were 4 complaints about push by 4 people.", [1], [])
MORE: Said = ("3 people say that push fails on big files.", [2], [])
LIMITS = Limits(8_000, 100_000, 1.0)
POSTS = tuple(
    a_post(external_id=f"a#{n}", title=f"Push fails on big files, way {n}", author=f"ann{n}")
    for n in range(4)
)


def cited(post: Post) -> Citation:
    return Citation(post.key, post.title, post.venue, post.author, post.created_at, post.url)


def an_answer(posts: tuple[Post, ...] = POSTS, label: str = "Push fails on big files") -> Answer:
    cites = tuple(map(cited, posts))
    told = (
        Sentence("4 complaints about “push” by 4 people on GitHub, 1 Mar 2026.", cites, Query()),
        Sentence(
            f"“{label}” (T1): 3 people, 3 posts on acme/tool; growing: 3 in 7 days, usually 1.5.",
            cites[1:],
            Query(themes=("T1",)),
        ),
        Sentence(f"acme/tool, 1 Mar 2026: “{posts[0].title}”", cites[:1]),
    )
    return Answer("what hurts?", Query(), told, ("T1",), some_coverage(), "extractive")


@dataclass
class Desk:
    """A writer at a server, over one store."""

    store: Store
    chat: Chat
    limits: Limits = LIMITS
    timeout_s: float = 5.0
    now: datetime = NOW
    base_url: str = ""
    writer: ModelWriter | None = None
    audience: Audience = OPERATOR

    def made(self) -> ModelWriter:
        url = self.base_url or self.chat.url
        return ModelWriter(
            "gpt-x",
            url,
            lambda: OpenAIModel("gpt-x", url, KEY, self.timeout_s),
            self.limits,
            self.store,
            lambda: self.now,
        )

    def write(self, answer: Answer | None = None) -> Answer:
        self.writer = self.writer or self.made()
        read = self.store.cited.posts
        return self.writer.write(answer or an_answer(), lambda keys: read(keys, NOW, self.audience))

    @property
    def spent(self) -> Cost:
        return self.store.spending.on(self.now.date())


@pytest.fixture
def chat() -> Iterator[Chat]:
    with Chat(lambda _: says(sentences(GOOD, MORE))) as made:
        yield made


@pytest.fixture
def desk(store: Store, chat: Chat) -> Desk:
    store.posts.save(POSTS)
    return Desk(store, chat)


# When it goes well


def test_a_model_phrases_the_answer_and_code_makes_the_links(desk):
    answer = desk.write()
    assert (answer.writer, answer.note) == ("gpt-x", "")
    assert [s.text for s in answer.sentences] == [GOOD[0], MORE[0]]
    computed = an_answer()
    assert [s.opens for s in answer.sentences] == [s.opens for s in computed.sentences[:2]]
    assert [s.cites for s in answer.sentences] == [s.cites for s in computed.sentences[:2]]
    assert (answer.coverage, answer.query, answer.themes) == (
        computed.coverage, computed.query, computed.themes,
    )  # fmt: skip


def test_what_does_not_hold_is_dropped_and_the_rest_is_told(desk):
    wrong: Said = ("9 people complain about push.", [2], [])
    desk.chat.respond = lambda _: says(sentences(wrong, GOOD, MORE, wrong, GOOD))
    assert [s.text for s in desk.write().sentences] == [GOOD[0], MORE[0]]


def test_the_request_asks_for_our_schema_streamed_and_bounded(desk):
    desk.write()
    (asked,) = desk.chat.asked
    assert asked["model"] == "gpt-x"
    assert asked["stream"] is True
    assert asked["max_tokens"] == LIMITS.reply_tokens
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert [m["role"] for m in asked["messages"]] == ["system", "user"]
    assert not {"tools", "functions"} & asked.keys()
    assert desk.chat.paths == ["/v1/chat/completions"]


def test_nothing_of_the_environment_or_the_machine_goes_along(desk, monkeypatch):
    for name, value in {
        "OPENAI_ORG_ID": "org-secret",
        "OPENAI_PROJECT_ID": "project-secret",
        "OPENAI_CUSTOM_HEADERS": "X-Secret: s\nAuthorization: Bearer stolen",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/other",
        "OPENAI_API_KEY": "stolen",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    assert desk.write().writer == "gpt-x"
    (headers,) = desk.chat.headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers.keys() == {
        *("host", "authorization", "user-agent", "accept", "accept-encoding"),
        *("content-type", "content-length", "connection"),
    }  # fmt: skip
    assert headers["user-agent"].startswith("Groundswell/")
    assert "secret" not in f"{headers}"


def test_without_a_key_none_is_sent(desk):
    model = OpenAIModel("gpt-x", desk.chat.url, None, 5.0)
    made = desk.made()
    desk.writer = ModelWriter(made.name, made.where, lambda: model, LIMITS, desk.store, made.clock)
    assert desk.write().writer == "gpt-x"
    assert "authorization" not in desk.chat.headers[0]


def test_the_same_question_costs_once(desk):
    first = desk.write()
    spent = desk.spent
    assert spent == Cost(1_000, 0)
    desk.writer = None
    assert desk.write() == first
    assert len(desk.chat.asked) == 1
    assert desk.spent == spent


@pytest.mark.parametrize("change", ["post", "fact", "question", "purge", "days"])
def test_what_changed_is_asked_anew(desk, change):
    desk.write()
    answer = an_answer()
    if change == "post":
        desk.store.posts.save([replace(POSTS[0], text="an edit")])
    elif change == "fact":
        first = answer.sentences[0]
        edited = replace(first, text=first.text.replace("GitHub", "GitHub and Reddit"))
        answer = replace(answer, sentences=(edited, *answer.sentences[1:]))
    elif change == "question":
        answer = replace(answer, question="what else?")
    elif change == "purge":
        desk.store.posts.save([], deleted=[(POSTS[3].source, POSTS[3].external_id)])
    else:
        desk.now += timedelta(days=8)
    assert desk.write(answer).writer == "gpt-x"
    assert len(desk.chat.asked) == 2


def test_a_cached_sentence_is_held_against_the_rules_again(desk, monkeypatch):
    desk.write()
    monkeypatch.setattr(checking, "LONGEST", 10)
    answer = desk.write()
    assert answer.note == "written without the model: answered nonsense"
    assert len(desk.chat.asked) == 2


# When it does not


def one(turn: Turn) -> Callable[[dict[str, Any]], Turn]:
    return lambda _: turn


def chunk(**fields: object) -> bytes:
    return f"data: {json.dumps(fields)}\n\n".encode()


OVERFLOW = refuses(400, "This model's maximum context length is 8192", "context_length_exceeded")
LLAMA_OVERFLOW = Turn(
    status=400,
    error={"error": {"message": "the request exceeds the available context size", "code": 400}},
)
RATE = refuses(429, "Slow down <!channel>", retry_after="7")
GOOD_PIECES = (json.dumps(sentences(GOOD)),)
FAILURES = {
    "rate limited": (RATE, "rate limited"),
    "rate limited without a time": (refuses(429, "no"), "rate limited"),
    "server error": (refuses(500, "https://evil.example <!channel>"), "the server answered 500"),
    "bad gateway": (Turn(status=502, error={}), "the server answered 502"),
    "redirect": (
        Turn(status=307, headers={"location": "http://127.0.0.1:9/v1"}),
        "the server answered 307",
    ),
    "unauthorised": (refuses(401, "Bad key"), "its key was refused; correct OPENAI_API_KEY"),
    "no such model": (
        refuses(404, "no model"),
        "no such model or address; see [writer] in groundswell.toml",
    ),
    "context overflow": (OVERFLOW, "too long for the model"),
    "context overflow elsewhere": (LLAMA_OVERFLOW, "too long for the model"),
    "too large": (refuses(413, "too large"), "too long for the model"),
    "reset at once": (Turn(before=Fault.RESET), "its answer broke off"),
    "reset within": (Turn(GOOD_PIECES, fault=Fault.RESET), "its answer broke off"),
    "truncated": (Turn(GOOD_PIECES, fault=Fault.TRUNCATED), "its answer broke off"),
    "never finished": (says(sentences(GOOD), finish=None), "its answer broke off"),
    "length stop": (says(sentences(GOOD), finish="length"), "it ran out of tokens"),
    "refusal": (says("", finish="content_filter"), "it refused"),
    "tool call": (says("", finish="tool_calls"), "it refused"),
    "empty": (says(""), "answered nonsense"),
    "prose": (says("Push is broken, I think."), "answered nonsense"),
    "invalid JSON": (says('{"sentences": [{"text": "x", '), "answered nonsense"),
    "another schema": (says({"answer": "push is broken"}), "answered nonsense"),
    "a list": (says([1, 2, 3]), "answered nonsense"),
    "too deep": (says("[" * 40_000), "answered nonsense"),
    "without end": (says(" " * 60_000), "answered nonsense"),
    "our key": (says(f"the key is {KEY}"), "answered nonsense"),
    "events of no JSON": (Turn(raw=b"data: {nonsense\n\n"), "answered nonsense"),
    "events of no form": (
        Turn(raw=chunk(choices=[{"delta": {"content": 7}}])),
        "answered nonsense",
    ),
    "choices of no form": (Turn(raw=chunk(choices=7)), "answered nonsense"),
    "events that are lists": (Turn(raw=b"data: [1]\n\n"), "answered nonsense"),
    "events that are texts": (Turn(raw=b'data: "x"\n\n'), "answered nonsense"),
    "an error within": (
        Turn(raw=b'data: {"error": {"message": "<!channel> overloaded"}}\n\n'),
        "it failed while it answered",
    ),
    "no events": (Turn(raw=b""), "its answer broke off"),
    "web page": (Turn(raw=b"<html>hello</html>"), "its answer broke off"),
    "wrong numbers": (says(sentences(("9 people.", [1], []))), "answered nonsense"),
    "unknown items": (says(sentences((GOOD[0], [9], []))), "answered nonsense"),
    "only the second fact": (says(sentences(MORE)), "too little of it held"),
    "the first fact without its numbers": (
        says(sentences(("There are complaints about push.", [1], []))),
        "too little of it held",
    ),
    "mark-up": (says(sentences((f"**{GOOD[0]}**", [1], []))), "answered nonsense"),
    "addresses": (
        says(sentences((f"{GOOD[0]} https://evil.example", [1], []))),
        "answered nonsense",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def failing(tmp_path_factory) -> Iterator[Desk]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('failing')}/test.db")
    store.posts.save(POSTS)
    with Chat(lambda _: Turn()) as chat:
        yield Desk(store, chat, replace(LIMITS, day_tokens=10**9))
    store.close()


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_ends_in_the_computed_answer_with_its_reason(failing, name):
    turn, why = FAILURES[name]
    failing.writer, failing.chat.respond = None, one(turn)
    assert failing.write() == replace(an_answer(), note=f"written without the model: {why}")


STALLS = {
    "no answer": Turn(before=Fault.STALL),
    "no first word": Turn(fault=Fault.STALL),
    "no next word": Turn(GOOD_PIECES, fault=Fault.STALL),
    "signs of life alone": Turn(GOOD_PIECES, fault=Fault.DRIP),
    "signs of life from the start": Turn(fault=Fault.DRIP),
}


@pytest.mark.parametrize("name", STALLS)
def test_a_server_that_stalls_is_left_in_time(desk, name):
    desk.timeout_s = 0.6
    desk.chat.respond = one(STALLS[name])
    began = time.monotonic()
    assert desk.write().note == "written without the model: timed out"
    assert time.monotonic() - began < 3


def test_many_slow_words_do_not_outlast_the_whole_time(desk):
    desk.timeout_s = 0.6

    class Slowly(list[str]):
        def __iter__(self) -> Iterator[str]:
            while not desk.chat.closing.wait(0.1):
                yield " "

    desk.chat.respond = lambda _: Turn(Slowly())
    began = time.monotonic()
    assert desk.write().note == "written without the model: timed out"
    assert time.monotonic() - began < 3


def test_a_server_that_is_not_there_is_told(desk):
    desk.base_url = "http://127.0.0.1:1/v1"
    assert desk.write().note == "written without the model: it could not be reached"
    assert desk.spent == Cost(0, 0)


def test_a_server_that_asks_for_rest_gets_it(desk):
    desk.chat.respond = one(RATE)
    desk.write()
    desk.chat.respond = one(says(sentences(GOOD)))
    assert desk.write().note == "written without the model: rate limited"
    assert len(desk.chat.asked) == 1
    desk.writer = None
    assert desk.write().writer == "gpt-x"


def test_where_the_schema_is_refused_plain_json_is_asked_for_from_then_on(desk):
    def picky(asked: dict[str, Any]) -> Turn:
        if "response_format" in asked or "stream_options" in asked:
            return refuses(400, "Unknown parameter: response_format")
        return says(sentences(GOOD))

    desk.chat.respond = picky
    assert desk.write().writer == "gpt-x"
    assert desk.write(replace(an_answer(), question="again?")).writer == "gpt-x"
    assert ["response_format" in asked for asked in desk.chat.asked] == [True, False, False]
    assert desk.spent.tokens == 2_000


def test_only_the_configured_address_is_ever_asked(desk):
    site = OneSite(desk.chat.url, KEY)
    for url in (
        "http://127.0.0.1:1/v1/chat/completions",
        f"{desk.chat.url}/../admin",
        "http://localhost/v1/x",
        "https://api.openai.com/v1/x",
    ):
        with pytest.raises(SourceError, match="own address"):
            site.handle_request(httpx2.Request("GET", url))
    assert desk.chat.paths == []


# Budget


def test_the_day_s_tokens_are_a_hard_stop(desk):
    desk.limits = replace(LIMITS, day_tokens=5_000)
    notes = []
    for n in range(8):
        notes.append(desk.write(replace(an_answer(), question=f"q{n}?")).note)
        assert desk.spent.tokens <= 5_000
    assert notes[0] == ""
    assert notes[-1] == "written without the model: budget spent"
    assert len(desk.chat.asked) == notes.count("")
    desk.now += timedelta(days=1)
    assert desk.write().writer == "gpt-x"


def test_the_day_s_money_is_a_hard_stop(desk):
    desk.limits = replace(LIMITS, price_in=2.0, price_out=10.0, day_money=0.03)
    desk.write()
    assert desk.spent == Cost(1_000, 900 * 2 + 100 * 10)
    assert desk.made().spent().money == pytest.approx(0.0028)
    notes = [desk.write(replace(an_answer(), question=f"q{n}?")).note for n in range(12)]
    assert notes[-1] == "written without the model: budget spent"
    assert desk.spent.micros <= 30_000


def test_a_budget_of_nothing_asks_nobody(desk):
    desk.limits = replace(LIMITS, day_tokens=0)
    assert desk.write().note == "written without the model: budget spent"
    assert desk.chat.asked == []


def test_the_tokens_of_an_answer_bound_its_prompt_and_its_reply(desk):
    posts = tuple(replace(post, text="many words " * 1_000) for post in POSTS)
    desk.store.posts.save(posts)
    for tokens in (2_500, 4_000, 8_000):
        desk.limits = replace(LIMITS, answer_tokens=tokens)
        desk.writer = None
        desk.write(replace(an_answer(), question=f"{tokens}?"))
        asked = desk.chat.asked[-1]
        size = sum(len(m["content"].encode()) for m in asked["messages"])
        assert size // 2 + asked["max_tokens"] <= tokens


def test_what_cannot_be_known_is_paid_in_full_and_a_refusal_is_free(desk):
    desk.chat.respond = one(refuses(422, "no"))
    desk.write()
    assert desk.spent == Cost(0, 0)
    desk.chat.respond = one(Turn(GOOD_PIECES, fault=Fault.TRUNCATED))
    desk.write()
    assert desk.spent.tokens > LIMITS.reply_tokens


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"prompt_tokens": -5, "completion_tokens": 1}, {"prompt_tokens": "9"},
     {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": 10**12,
      "completion_tokens": 1}],
)  # fmt: skip
def test_a_count_that_cannot_be_true_does_not_make_it_free(desk, usage):
    desk.chat.respond = one(says(sentences(GOOD), usage=usage))
    assert desk.write().writer == "gpt-x"
    assert LIMITS.reply_tokens < desk.spent.tokens < LIMITS.answer_tokens


def test_the_budget_is_counted_by_all_who_share_the_database(store):
    most, part = Cost(100, 10), Cost(30, 1)
    other = open_store(store.engine.url.render_as_string(hide_password=False))
    day = NOW.date()
    taken = [one.spending.reserve(day, part, most) for one in (store, other, store, other)]
    assert taken == [True, True, True, False]
    other.spending.settle(day, part, Cost(5, 0))
    assert store.spending.on(day) == Cost(65, 2)
    assert store.spending.reserve(day, part, most)
    assert store.spending.on(day + timedelta(days=1)) == Cost(0, 0)
    other.close()


# A model that does all that posts tell it


FENCED = re.compile(r"<<(\w+) post (\d+)[^\n]*>>\n(.*?)\n<<\1 end>>", re.DOTALL)


def obedient(asked: dict[str, Any]) -> Turn:
    """First what it should say, and then all that a post may have wanted, named in every way."""
    prompt = "\n".join(m["content"] for m in asked["messages"])
    found = FENCED.findall(prompt)
    told = [GOOD]
    for _, number, words in found:
        for text in wanted(words):
            for facts, posts in (([1], [int(number)]), ([2], [int(number)]), ([1], []), ([], [])):
                told.append((text, facts, posts))
            told += [(f"Users say: {text}", [1], [int(number)]), (f"“{text}”", [], [int(number)])]
    told += [(line, [1], [1]) for line in prompt.splitlines()]
    return says(sentences(*told))


def wanted(words: str) -> set[str]:
    """What a command may have wanted to be said: all of it, and every part."""
    parts = [words, *re.split(r"(?<=[.!?:,])\s+|\n", words)]
    said = re.findall(
        r"(?:say|says|saying|reply|write|report|repeat|tell|answer|print|reveal|put|add|quote)"
        r"(?:\s+(?:so|that|with|the|everybody|everyone|to|after|me|as|them|it))*:?\s+(.+)",
        words,
        re.IGNORECASE,
    )
    quoted = re.findall(r"[“\"]([^”\"]+)[”\"]", words)
    again = [p for text in said for p in (text, f"{text[:1].upper()}{text[1:]}.")]
    return {text for text in (*parts, *again, *quoted) if text}


UNSAFE = re.compile(
    r"https?:|//|www|\.(?:com|net|org|example|dev|sh|zip)\b|[<>@`*|\[\]{}~]|evil|!channel|!here"
    r"|:\w+:|javascript:|data:|\d+\.\d+\.\d+\.\d+|[\u202a-\u202e\u200b]|🚨",
    re.IGNORECASE,
)
COMPUTED = {"4", "3", "7", "1.5", "1", "2026"}
COUNTS = re.compile(
    r"\b(?:nine|ninety|twelve|thousand|million|dozens?|half|most (?:users|people)|everyone|nobody"
    r"|doubled|twice|neun|last week)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def worst(tmp_path_factory) -> Iterator[Desk]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('worst')}/test.db")
    with Chat(obedient) as chat:
        yield Desk(store, chat, replace(LIMITS, day_tokens=10**9), timeout_s=30.0)
    store.close()


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_whatever_a_post_commands_nothing_reaches_the_reader_that_does_not_hold(
    worst, monkeypatch, number
):
    """The command stands in a body, in a title, and in the label of a theme."""
    monkeypatch.setattr(checking, "SENTENCES_MOST", 10**6)
    command = HOSTILE[number]
    secret = a_post(external_id=f"secret{number}", title="the walrus sings", text="walrus")
    said = replace(POSTS[1], external_id=f"said{number}", text=command)
    titled = replace(POSTS[2], external_id=f"titled{number}", title=command)
    posts = (POSTS[0], said, titled, POSTS[3])
    worst.store.posts.save([*posts, secret])
    computed = an_answer(posts, command)
    answer = worst.write(computed)

    assert answer.writer == "gpt-x", answer.note
    asked = f"{worst.chat.asked[-1]['messages']}"
    assert "sings" not in asked
    assert KEY not in asked
    cites = {cite for told in computed.sentences for cite in told.cites}
    for told in answer.sentences:
        assert set(told.cites) <= cites
        assert_safe(told, posts)


def assert_safe(told: Sentence, posts: tuple[Post, ...]) -> None:
    """Trusts nothing of the code under test."""
    assert not UNSAFE.search(told.text), told.text
    assert not [secret for secret in SECRETS if secret in told.text], told.text
    assert "fence" not in told.text
    assert "program" not in told.text
    by_key = {post.key: post for post in posts}
    cited_words = " ".join(
        f"{by_key[c.key].title}. {by_key[c.key].text}" for c in told.cites if c.key in by_key
    )
    for quote in re.findall(r"[“\"]([^”\"]+)[”\"]", told.text):
        assert quote.strip(" .,;:!?").lower() in squashed(cited_words).lower(), told.text
    outside = re.sub(r"[“\"][^”\"]*[”\"]|'[^']{2,}'", "", told.text)
    found = re.findall(r"(?<![\w#.])\d[\d,]*(?:\.\d+)?", re.sub(r"\d+\.\d+\.\d+", "", outside))
    assert set(found) <= COMPUTED, told.text
    assert not COUNTS.search(outside), told.text
    assert all(c.isascii() or c in "’“”–—…" for c in outside), told.text


def squashed(text: str) -> str:
    straight = str.maketrans("“”‘’", "\"\"''")
    return " ".join(text.translate(straight).replace('"', "").split())


def test_there_are_at_least_a_hundred_of_them():
    assert len(set(HOSTILE)) >= 100


def test_posts_outside_the_audience_never_reach_the_model(desk):
    hidden = replace(POSTS[0], visibility=Visibility.PRIVATE, text="the walrus sings")
    desk.store.posts.save([hidden])
    desk.audience = Audience()
    assert desk.write().writer == "gpt-x"
    assert "walrus" not in f"{desk.chat.asked}"


@pytest.mark.parametrize("allowed", [True, False])
def test_private_posts_leave_only_where_that_is_allowed(desk, allowed):
    hidden = replace(POSTS[0], visibility=Visibility.PRIVATE, text="the walrus sings")
    desk.store.posts.save([hidden])
    desk.limits = replace(LIMITS, private=allowed)
    desk.audience = Audience(frozenset({hidden.venue}))
    note = "" if allowed else "written without the model: it rests on private posts"
    assert desk.write().note == note
    assert ("walrus" in f"{desk.chat.asked}") is allowed
    assert len(desk.chat.asked) == allowed


# How it is configured


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    set_nothing(monkeypatch, tmp_path)
    return tmp_path


def configured(folder: Path, text: str) -> None:
    (folder / "groundswell.toml").write_text(text)


def test_a_key_alone_changes_nothing(folder, store, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert writer_of(load(), store) == Extractive()


def test_a_model_without_a_key_is_told_of(folder, store):
    configured(folder, '[writer]\nmodel = "gpt-x"\n')
    made = writer_of(load(), store)
    assert made == Extractive("no key; set OPENAI_API_KEY")


def test_a_model_of_one_s_own_needs_no_key(folder, store):
    configured(folder, '[writer]\nmodel = "m"\nbase_url = "http://127.0.0.1:8080/v1"\n')
    made = writer_of(load(), store)
    assert isinstance(made, ModelWriter)
    assert (made.name, made.where) == ("m", "http://127.0.0.1:8080/v1")


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://", "x", "http://user:pass@host/v1", "http://host/v1?key=1"]
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(folder, url):
    configured(folder, f'[writer]\nmodel = "m"\nbase_url = "{url}"\n')
    with pytest.raises(SettingsError, match=r"writer\.base_url"):
        load()


def test_ask_and_status_tell_of_the_model(folder, chat):
    configured(
        folder,
        f'[writer]\nmodel = "m"\nbase_url = "{chat.url}"\nprice_in = 1.0\n'
        f'database = "sqlite:///{folder}/x.db"\n'.replace("database", "#"),
    )
    rows = [
        {"source": "github", "id": f"{n}", "kind": "issue", "title": f"Push fails, way {n}",
         "created_at": "2026-03-01T10:00:00Z", "author": f"ann{n}", "venue": "acme/tool"}
        for n in range(4)
    ]  # fmt: skip
    (folder / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert groundswell("import", folder / "posts.jsonl").code == 0
    told: Said = ("There are 4 posts about push by 4 people.", [1], [])
    chat.respond = lambda _: says(sentences(told))
    answer = groundswell("ask", "--json", "push").json
    assert (answer["writer"], answer["note"]) == ("m", ""), answer
    assert answer["answer"][0]["text"] == told[0]
    status = groundswell("status")
    assert "Writer m: 1,000 of 200,000 tokens today, money 0.00 of 1.00" in status.out
    assert groundswell("status", "--json").json["writer"]["tokens"] == 1_000
    chat.respond = one(RATE)
    assert "Written without the model: rate limited." in groundswell("ask", "push way").out


def test_openai_is_not_loaded_where_no_model_is_asked(folder):
    script = (
        "import sys; sys.argv = ['groundswell', 'status'];"
        "from bot.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert 'openai' not in sys.modules"
    )
    configured(folder, '[writer]\nmodel = "m"\nbase_url = "http://127.0.0.1:1/v1"\n')
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)  # noqa: S603 our own words
    assert ran.returncode == 0, ran.stderr.decode()


def test_failures_cover_what_can_be_told():
    """Else the table above would have lost its point."""
    reasons = {why for _, why in chain(FAILURES.values())}
    assert len(reasons) >= 12
