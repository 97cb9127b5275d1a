"""Agents are told what everybody is told elsewhere, and can change nothing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from mcp import Client

from bot.agents import server
from bot.model import Audience, Visibility
from bot.pipeline import Pipeline
from bot.speak import data
from bot.store import Store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post
from tests.fakes import WordHashing


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    made = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    store.posts.save(
        [a_post(title="The cache crashes on start", author=f"ann{n}") for n in range(3)]
        + [a_post(title="The cache crashes, says the walrus", visibility=Visibility.PRIVATE)]
    )
    made.understand()
    return replace(made, audience=Audience())


def called(pipeline: Pipeline, tool: str, **given: Any) -> Any:
    async def call() -> Any:
        async with Client(server(pipeline)) as client:
            return await client.call_tool(tool, given)

    found = asyncio.run(call())
    assert not found.is_error, found
    return json.loads(found.content[0].text)


def test_every_tool_says_that_it_only_reads(pipeline: Pipeline):
    async def listed() -> Any:
        async with Client(server(pipeline)) as client:
            return (await client.list_tools()).tools

    tools = asyncio.run(listed())
    assert {tool.name for tool in tools} == {"ask", "themes", "search", "digest", "coverage"}
    assert all(t.annotations.read_only_hint and not t.annotations.destructive_hint for t in tools)


def test_an_agent_gets_the_answer_that_the_command_line_gives(pipeline: Pipeline):
    question = "is the cache a problem?"
    expected = json.loads(json.dumps(data.answer_data(pipeline.ask(question))))
    assert called(pipeline, "ask", question=question) == expected
    assert called(pipeline, "digest") == json.loads(
        json.dumps(data.digest_data(pipeline.digest("")))
    )


def test_what_not_everybody_could_read_is_left_out(pipeline: Pipeline):
    for tool, given in (
        ("ask", {"question": "what about the cache?"}),
        ("themes", {}),
        ("search", {"query": "walrus"}),
        ("digest", {}),
    ):
        assert "walrus, says" not in json.dumps(called(pipeline, tool, **given))
        assert "says the walrus" not in json.dumps(called(pipeline, tool, **given))


def test_lists_are_bounded_and_say_what_they_leave_out(pipeline: Pipeline):
    assert len(called(pipeline, "search", query="", limit=2)["posts"]) == 2
    assert len(called(pipeline, "search", query="", limit=10**9)["posts"]) == 3
    assert called(pipeline, "themes", limit=-5)["left_out"] == 0


def test_what_is_wrong_comes_back_in_words(pipeline: Pipeline):
    assert "sorce" in called(pipeline, "themes", query="sorce:reddit")["error"]
