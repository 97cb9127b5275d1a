from __future__ import annotations

import pytest

from bot.errors import SourceError
from bot.pipeline import Pipeline
from bot.prompt import answer
from bot.sources.base import Batch, Rejection
from bot.understand.cluster import AverageTree
from handlers.commands import SLASH, Help, Told, respond
from tests.builders import NOW, a_post
from tests.fakes import Scripted, WordHashing

URL = "https://a.example/1"
POST = a_post(url=URL)


class Knowing(Scripted):
    """A source that has one post, at its address."""

    found: Batch | SourceError = Batch((POST,), None)

    def owns(self, url: str) -> bool:
        return url.startswith("https://a.example/")

    def find(self, url: str) -> Batch:
        if isinstance(self.found, SourceError):
            raise self.found
        assert url == URL
        return self.found


@pytest.fixture
def source() -> Knowing:
    return Knowing("a")


@pytest.fixture
def pipeline(store, source) -> Pipeline:
    return Pipeline(store, WordHashing(), AverageTree(), {"a": source}, lambda: NOW)


@pytest.mark.parametrize("pasted", [URL, f"<{URL}>", f"<{URL}|a.example/1>"])
def test_a_link_is_added_as_people_paste_it_and_as_slack_writes_it(pipeline, pasted):
    assert respond(pipeline, f"{SLASH} add {pasted}") == Told("Added.")
    assert pipeline.store.posts.count(NOW) == 1
    assert respond(pipeline, f"{SLASH} add {pasted}") == Told(
        "Known already, and now as it stands there."
    )


def test_no_link_asks_back(pipeline):
    assert respond(pipeline, f"{SLASH} add") == Help("add which post? Paste its address")


def test_a_link_that_nobody_knows_is_told_and_not_raised(pipeline):
    reply = respond(pipeline, f"{SLASH} add https://b.example/1")
    assert isinstance(reply, Told)
    assert not reply.done
    assert "no configured source knows the address https://b.example/1" in reply.text


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (SourceError("a: nothing is there"), "a: nothing is there"),
        (Batch((), None, rejected=(Rejection("a 1", "no words"),)), "no words"),
    ],
)
def test_what_cannot_be_added_is_told(pipeline, source, found, says):
    source.found = found
    assert respond(pipeline, f"{SLASH} add {URL}") == Told(says, done=False)


def test_the_prompt_says_it(pipeline):
    assert str(answer(pipeline, f"{SLASH} add {URL}")) == "Added."
