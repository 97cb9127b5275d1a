"""The adapter against a GitHub that was not written for it: the npm package `emulate`.

It has neither tags (so no 304) nor GraphQL, its list of issues leaves pull requests out, the list
of a repository's comments is shadowed by another route, and it compares times letter by letter.
The last two are mended on the way. It is read without a token and written to with one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import stamina

from bot.http import Http
from bot.model import Role
from bot.pipeline.collecting import Collected, Collecting
from bot.sources.github.adapter import Github
from bot.store import Store
from tests.services.emulating import emulated, needs_emulator
from tests.sources.contract import stored
from tests.sources.flaws import flaws
from tests.world.site import Answer, Asked, Site, json_answer

SEED = """
tokens:
  ghp_ann: {login: ann, scopes: [repo]}
  ghp_bob: {login: bob, scopes: [repo]}
github:
  users:
    - {login: ann, name: Ann Example}
    - {login: bob, name: Bob Example}
  repos:
    - {owner: ann, name: tool, auto_init: true}
    - {owner: ann, name: many, auto_init: true}
"""

pytestmark = needs_emulator


@dataclass(frozen=True, slots=True)
class Emulator:
    """The running service."""

    url: str

    def write(self, method: str, path: str, who: str = "ann", **fields: Any) -> dict[str, Any]:
        """Somebody changes something; what came of it."""
        request = Request(  # noqa: S310 a fixed address on loopback
            f"{self.url}/{path}",
            method=method,
            data=json.dumps(fields).encode(),
            headers={"Authorization": f"Bearer ghp_{who}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=10) as answer:  # noqa: S310 see above
            made: dict[str, Any] = json.loads(answer.read() or b"{}")
        return made

    def read(self, path: str, query: Mapping[str, str]) -> Answer:
        """What it answers without a token."""
        # To GitHub a second is a second; here 10:00:00Z comes after 10:00:00.5Z.
        since = {"since": query["since"].removesuffix("Z")} if "since" in query else {}
        address = f"{self.url}{path}?{urlencode({**query, **since})}"
        with urlopen(address, timeout=10) as answer:  # noqa: S310 a fixed address on loopback
            link = {"link": answer.headers["link"]} if "link" in answer.headers else {}
            return Answer(200, answer.read(), {"content-type": "application/json", **link})

    def relay(self, asked: Asked) -> Answer:
        """A question passed on; the comments of a repository gathered from its issues."""
        found = re.fullmatch(r"(/repos/[^/]+/[^/]+)/(issues|pulls)/comments", asked.path)
        try:
            if not found:
                return self.read(asked.path, asked.query)
            issues = json.loads(self.read(f"{found[1]}/issues", {"state": "all"}).body)
            pages = [
                json.loads(self.read(f"{found[1]}/issues/{issue['number']}/comments", {}).body)
                for issue in issues
                if found[2] == "issues"
            ]
            return json_answer(sorted(chain(*pages), key=lambda row: row["updated_at"]))
        except HTTPError as error:
            return Answer(error.code)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulated("github", SEED, tmp_path_factory.mktemp("emulator")) as port:
        yield Emulator(f"http://127.0.0.1:{port}")


@pytest.fixture
def site(emulator: Emulator) -> Iterator[Site]:
    with Site(emulator.relay) as site:
        yield site


@pytest.fixture
def http() -> Iterator[Http]:
    with (
        stamina.set_testing(True, attempts=1),
        closing(Http(allowed_hosts=frozenset({"127.0.0.1"}), every_site=100_000)) as client,
    ):
        yield client


def run(store: Store, http: Http, site: Site, repo: str, **settings: Any) -> Collected:
    now = datetime.now(UTC)
    github = Github(http=http, now=lambda: now, repos=(repo,), api_url=site.url, **settings)
    return Collecting(store, now).one(github)


def test_what_people_write_there_is_read_and_read_again_when_they_change_it(
    emulator, site, http, store
):
    place = "repos/ann/tool"
    emulator.write("POST", f"{place}/labels", name="bug", color="ff0000")
    issue = emulator.write(
        "POST", f"{place}/issues", "bob", title="It crashes", body="**Always** & <b>now</b>"
    )
    emulator.write("POST", f"{place}/issues/{issue['number']}/labels", labels=["bug"])
    comment = emulator.write(
        "POST", f"{place}/issues/{issue['number']}/comments", body="With `v1`?"
    )
    emulator.write("POST", f"{place}/releases", tag_name="v1", name="One", body="## New")
    report = run(store, http, site, "ann/tool")
    assert (report.error, report.rejected, report.new) == (None, [], 3)

    found = stored(store)
    assert [flaw for post in found.values() for flaw in flaws(post)] == []
    opener = found[f"ann/tool#{issue['number']}"]
    answer = found[f"ann/tool#{issue['number']}-{comment['id']}"]
    assert (opener.title, opener.text, opener.labels) == ("It crashes", "Always & now", ("bug",))
    assert (opener.author, opener.role, opener.state) == ("bob", Role.USER, "open")
    assert (opener.score, opener.reply_count) == (0, 1)
    assert (answer.author, answer.role) == ("ann", Role.TEAM)
    assert (answer.parent_id, answer.root_id) == (opener.external_id, opener.external_id)
    assert found["ann/tool@v1"].title == "One"

    again = run(store, http, site, "ann/tool")
    assert (again.new, again.updated, again.deleted) == (0, 0, 0)

    emulator.write("PATCH", f"{place}/issues/{issue['number']}", state="closed", title="It hangs")
    emulator.write("PATCH", f"{place}/issues/comments/{comment['id']}", body="With v2?")
    assert run(store, http, site, "ann/tool").updated == 2
    found = stored(store)
    assert (found[opener.external_id].title, found[opener.external_id].state) == (
        "It hangs",
        "closed",
    )
    assert found[answer.external_id].text == "With v2?"


def test_more_issues_of_one_second_than_a_page_holds_are_all_read(emulator, site, http, store):
    for number in range(57):
        emulator.write("POST", "repos/ann/many/issues", title=f"It crashes {number}")
    report = run(store, http, site, "ann/many", per_page=10)
    assert (report.error, len(stored(store))) == (None, 57)


def test_an_issue_there_is_found_by_its_address(emulator, http):
    issue = emulator.write("POST", "repos/ann/many/issues", title="Findable")
    github = Github(http=http, now=lambda: datetime.now(UTC), api_url=emulator.url)
    url = issue["html_url"].replace("localhost", "127.0.0.1")
    assert github.owns(url)
    [post] = github.find(url).posts
    assert post.title == "Findable"


def test_a_repository_that_is_not_there_is_told(site, http, store):
    report = run(store, http, site, "ann/nowhere")
    assert report.error
    assert "404" in report.error
    assert "ann/nowhere" in report.error
