"""What we ask GitHub, held against its own descriptions: OpenAPI for REST, the schema for GraphQL.

    npm i @stoplight/prism-cli @octokit/openapi --ignore-scripts
    GROUNDSWELL_PRISM="node_modules/.bin/prism \
        node_modules/@octokit/openapi/generated/api.github.com.json" pytest tests/services

    npm i graphql @octokit/graphql-schema --ignore-scripts
    GROUNDSWELL_GITHUB_SCHEMA="node_modules" pytest tests/services

Prism answers with the description's own examples and refuses what the description does not allow.
It has no GraphQL, no state and takes 15 s to start.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stamina

from bot.errors import SourceError
from bot.http import Http
from bot.model import Post
from bot.sources.github import queries
from bot.sources.github.adapter import Github
from bot.sources.github.graphql import ALL, DISCUSSIONS_AT_ONCE
from bot.sources.github.names import FORMS
from tests.world.site import Answer, Asked, Site, json_answer

PRISM = os.environ.get("GROUNDSWELL_PRISM", "").split()
SCHEMA = os.environ.get("GROUNDSWELL_GITHUB_SCHEMA", "")

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SINCE = datetime(2010, 1, 1, tzinfo=UTC)
"""Before the examples of the description."""

with_prism = pytest.mark.skipif(
    not PRISM,
    reason="no OpenAPI mock: `npm i @stoplight/prism-cli @octokit/openapi --ignore-scripts`, then "
    'set GROUNDSWELL_PRISM="node_modules/.bin/prism '
    'node_modules/@octokit/openapi/generated/api.github.com.json"',
)
with_schema = pytest.mark.skipif(
    not SCHEMA,
    reason="no GraphQL schema: `npm i graphql @octokit/graphql-schema --ignore-scripts`, then set "
    'GROUNDSWELL_GITHUB_SCHEMA="node_modules"',
)

VALIDATE = """
const fs = require("fs");
const {buildSchema, parse, validate} = require(process.argv[1] + "/graphql");
const text = fs.readFileSync(process.argv[1] + "/@octokit/graphql-schema/schema.graphql", "utf8");
const schema = buildSchema(text, {assumeValidSDL: true});
const queries = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(queries.flatMap(q => validate(schema, parse(q)).map(e => e.message))));
"""


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    command, description = PRISM
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(  # noqa: S603 whoever runs the tests named it
        [command, "mock", "-h", "127.0.0.1", "-p", str(port), description],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if "is listening" in line:
                break
        # What it goes on to say must be read, or it waits for a reader.
        with subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL):  # noqa: S607 any cat will do
            yield f"http://127.0.0.1:{port}"
            process.terminate()


@pytest.fixture
def http() -> Iterator[Http]:
    with (
        stamina.set_testing(True, attempts=1),
        closing(Http(allowed_hosts=frozenset({"127.0.0.1"}))) as client,
    ):
        yield client


def read(github: Github) -> list[Post]:
    return [post for batch in github.fetch(None, SINCE) for post in batch.posts]


def reader(http: Http, url: str, **settings: Any) -> Github:
    return Github(http=http, now=lambda: NOW, api_url=url, **settings)


@with_prism
def test_every_list_that_we_read_is_asked_for_as_github_allows(prism, http):
    posts = read(reader(http, prism, repos=("octocat/Hello-World",), orgs=("github",)))
    # The description's example of a remark has no address that GitHub would give it.
    assert {post.kind for post in posts} == {"pull", "comment", "release"}


@with_prism
@pytest.mark.parametrize(
    "page",
    [
        "issues/1347",
        "issues/1347#issuecomment-1",
        "pull/1347#discussion_r1",
        "pull/12#pullrequestreview-80",
        "releases/tag/v1.0.0",
    ],
)
def test_every_single_post_is_asked_for_as_github_allows(prism, http, page):
    try:
        [post] = reader(http, prism).find(f"{prism}/octocat/Hello-World/{page}").posts
    except SourceError as error:
        # Not every example is a whole one; what matters is that the question was allowed.
        assert "is no post" in f"{error}"  # noqa: PT017 either will do
    else:
        assert post.external_id.startswith("octocat/Hello-World")


@with_prism
def test_notifications_are_asked_for_as_github_allows(prism, http):
    """GraphQL, which the mock has not, shows what a notification leads to."""
    asked: list[Asked] = []

    def relay(question: Asked) -> Answer:
        asked.append(question)
        if question.path == "/graphql":
            return json_answer({"data": {"repository": {"isPrivate": False, "t1": None}}})
        reply = http.get(
            f"{prism}{question.path}",
            params=dict(question.query),
            headers={"Accept": question.headers["accept"], "Authorization": "Bearer x"},
        )
        return Answer(body=reply.body, headers={"content-type": reply.content_type})

    with Site(relay) as site:
        github = reader(http, site.url, notifications=True, token="x")  # noqa: S106 of nobody's
        with pytest.raises(SourceError, match="thread"):
            read(github)
    assert [question.path for question in asked] == ["/notifications", "/graphql"]


@with_prism
def test_the_mock_refuses_what_github_does_not_allow(prism, http):
    with pytest.raises(SourceError, match="422"):
        http.get(f"{prism}/repos/a/b/issues", params={"sort": "nonsense"})


@with_schema
def test_githubs_schema_allows_every_query():
    forms: list[tuple[str, ...]] = [(), *((form,) for form in FORMS), FORMS, tuple(sorted(ALL))]
    selections = [f"{queries.thread(12, some)} {queries.thread(13, some)}" for some in forms]
    selections.append(queries.discussions(DISCUSSIONS_AT_ONCE))
    selections.append(f"discussion(number: 3) {{ {queries.REPLIES['discussioncomment-']} }}")
    selections.append(queries.release("r0", "v1"))
    asked = json.dumps(
        [
            queries.last_discussions(["acme/tool", "acme/other"]),
            *(queries.of_repository(selection) for selection in selections),
        ]
    )
    told = subprocess.run(  # noqa: S603 whoever runs the tests named the folder
        ["node", "-e", VALIDATE, str(Path(SCHEMA).resolve())],  # noqa: S607 any node will do
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == []
