"""What may be read of GitHub, how fast, and what is told where it may not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.app import sources, wall_clock
from bot.errors import SettingsError, SourceError
from bot.limits import Pace
from bot.model import Role, Visibility
from bot.pipeline.collecting import Collecting
from bot.settings import load
from bot.sources.github.adapter import Github
from tests.sources.contract import answers, breaking, fetched, gaps, run, stored
from tests.world.github import well_treated
from tests.world.github_things import (
    ANSWER,
    COMMENT,
    DISCUSSION,
    ISSUE,
    PULL,
    RELEASE,
    REMARK,
    REPO,
    REVIEW,
)
from tests.world.site import Answer, Asked, json_answer


@pytest.fixture
def world(http):
    with well_treated(http) as world:
        yield world


# Without a token


def test_without_a_token_graphql_is_not_asked_and_the_rest_comes(store, world):
    world.token = None
    world.populate(12)
    report = run(store, world)
    assert report.error is None
    assert "/graphql" not in world.site.paths
    kinds = {found.kind for found in stored(store).values()}
    assert kinds == {"issue", "pull", "comment", "release"}


def test_the_token_goes_with_every_question_and_stands_in_no_repr(world):
    world.populate(12)
    fetched(world, None)
    given = {asked.headers.get("authorization") for asked in world.site.asked}
    assert given == {f"Bearer {world.token}"}
    assert str(world.token) not in f"{world.source()!r}"


# Repositories


def test_posts_of_a_private_repository_are_private(world):
    world.private = True
    world.populate(12)
    assert {found.visibility for found in fetched(world, None).values()} == {Visibility.PRIVATE}
    world.private = False
    assert {found.visibility for found in fetched(world, None).values()} == {Visibility.PUBLIC}


def test_a_repository_that_does_not_say_whether_it_is_private_is_not_read(world):
    world.put(ISSUE)
    with (
        breaking(world, json_answer({"full_name": REPO})),
        pytest.raises(SourceError, match="shape"),
    ):
        fetched(world, None)


def test_a_repository_is_called_as_github_spells_it(world):
    world.settings = {"repos": ("Acme/Tool",)}
    issue = world.put(ISSUE)
    whole = world.answer

    def respond(asked: Asked):
        return whole(replace(asked, path=asked.path.replace("Acme/Tool", REPO)))

    with world.answering(respond):
        assert list(fetched(world, None)) == [world.external_id(issue)]


def test_a_repository_that_was_renamed_keeps_the_ids_of_its_posts(store, world):
    world.populate(6)
    run(store, world)
    world.full_name = "acme/renamed"
    world.populate(3)
    run(store, world)
    assert gaps(store, world) == {}


def test_a_repository_that_moved_is_followed(world):
    issue = world.put(ISSUE)

    def respond(asked: Asked):
        if asked.path == f"/repos/{REPO}":
            return Answer(301, headers={"location": f"{world.site.url}/repositories/7"})
        path = f"/repos/{REPO}" if asked.path == "/repositories/7" else asked.path
        return world.answer(replace(asked, path=path))

    with world.answering(respond):
        assert list(fetched(world, None)) == [world.external_id(issue)]


def test_an_organisation_stands_for_its_repositories_but_the_archived(store, world):
    world.settings = {"orgs": ("acme",)}
    world.populate(12)
    run(store, world)
    assert gaps(store, world) == {}
    assert not any("acme/old" in path for path in world.site.paths)
    with answers(world) as given:
        run(store, world)
    assert given[0].status == 304


def test_a_repository_named_twice_is_read_once(world):
    world.settings = {"repos": (REPO, REPO), "orgs": ("acme",)}
    world.populate(3)
    fetched(world, None)
    assert world.site.paths.count(f"/repos/{REPO}/issues/comments") == 1


def test_one_repository_that_is_gone_keeps_no_other_from_being_read(store, world):
    world.settings = {"repos": ("acme/gone", REPO)}
    world.populate(9)
    report = run(store, world)
    assert report.error
    assert "acme/gone: " in report.error
    assert "404" in report.error
    assert gaps(store, world) == {}
    # The other one does not have to wait for a person to mend this.
    assert store.sources.state("github").rests_until <= world.now


def test_when_all_fail_the_run_ends_early(store, world):
    world.settings = {"repos": tuple(f"acme/gone{n}" for n in range(20))}
    report = run(store, world)
    assert report.error
    assert "acme/gone2: " in report.error
    assert len([path for path in world.site.paths if "gone" in path]) == 3


# Limits


@dataclass
class Watch:
    """A clock that a pace's waiting moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_no_minute_sees_more_than_900_requests(world):
    watch = Watch()
    world.clock_s = watch
    world.put(ISSUE)
    reader = world.source()
    assert (reader.pace.requests, reader.pace.seconds) == (900, 60.0)
    assert (reader.graphql_pace.requests, reader.graphql_pace.seconds) == (2_000, 60.0)
    reader = replace(reader, pace=Pace(900, 60.0, watch, watch.sleep), discussions=False)
    for _ in range(181):
        list(reader.fetch(None, None))
    assert len(world.site.asked) == 905
    assert watch.seconds == 60


def test_a_used_up_limit_is_told_with_the_time_at_which_it_is_there_again(store, world):
    world.populate(3)
    world.rest.remaining = 0
    report = run(store, world)
    assert report.error
    assert "s of rest" in report.error
    rest = store.sources.state("github").rests_until - world.now
    assert timedelta(minutes=25) < rest < timedelta(minutes=31)
    assert len(world.site.asked) == 1


def test_with_the_last_request_of_the_hour_the_run_ends_before_it_is_refused(store, world):
    world.populate(9)
    world.rest.remaining = 3
    with answers(world) as given:
        report = run(store, world)
    assert report.error
    assert "1" in report.error
    assert 403 not in {one.status for one in given}
    world.rest.remaining = 5_000
    run(store, world)
    assert gaps(store, world) == {}


def test_graphqls_limit_is_another_one(store, world):
    world.populate(9)
    world.graphql.remaining = 1
    with answers(world) as given:
        report = run(store, world)
    assert report.error
    assert 403 not in {one.status for one in given}
    assert world.rest.remaining > 0


def test_graphql_tells_of_a_used_up_limit_in_its_answer(world):
    world.populate(9)
    refused = json_answer({"errors": [{"type": "RATE_LIMITED", "message": "later"}]})
    with breaking(world, refused, healthy=2), pytest.raises(SourceError) as error:
        fetched(world, None)
    assert error.value.retry_after == 3_600


@pytest.mark.parametrize(
    "kind", ["FORBIDDEN", "INSUFFICIENT_SCOPES", "SERVICE_UNAVAILABLE", None, 5]
)
def test_what_graphql_refuses_is_told_without_a_strangers_words(store, world, kind):
    world.put(DISCUSSION)
    refused = json_answer({"errors": [{"type": kind, "message": "<!channel> look"}], "data": None})

    def respond(asked: Asked):
        return refused if asked.path == "/graphql" else world.answer(asked)

    with world.answering(respond):
        report = run(store, world)
    assert report.error
    assert report.error.startswith("github: ")
    assert "look" not in report.error
    assert ("FORBIDDEN" in report.error) == (kind == "FORBIDDEN")


def test_what_is_left_of_the_limit_is_kept(store, world):
    world.populate(3)
    run(store, world)
    budget = store.sources.state("github").budget
    assert budget["limit"] == 5_000
    assert budget["remaining"] < 5_000


def test_where_nothing_can_be_read_not_every_repository_is_tried(store, world):
    world.settings = {"repos": tuple(f"acme/tool{n}" for n in range(20))}
    with breaking(world, Answer(502)):
        report = run(store, world)
    assert report.error
    assert "502" in report.error
    assert len(world.site.asked) == 3


# One post by its address


@pytest.mark.parametrize("token", [True, False], ids=["with a token", "without"])
@pytest.mark.parametrize(
    "kind", [ISSUE, PULL, COMMENT, REVIEW, REMARK, RELEASE, DISCUSSION, ANSWER]
)
def test_a_post_is_found_by_its_address(world, kind, token):
    thread = {COMMENT: ISSUE, REVIEW: PULL, REMARK: PULL, ANSWER: DISCUSSION}.get(kind)
    said = world.put(kind, world.put(thread) if thread else None)
    world.token = world.token if token else None
    reader = replace(world.source(), api_url=world.site.url)
    url = world.address(said.number).replace("https://github.example", world.site.url)
    assert reader.owns(url)
    if not token and kind in (DISCUSSION, ANSWER):
        with pytest.raises(SourceError, match="GITHUB_TOKEN"):
            reader.find(url)
        return
    [found] = reader.find(url).posts
    assert found.external_id == world.external_id(said)
    assert found.visibility is Visibility.PUBLIC


@pytest.mark.parametrize(
    ("url", "owned"),
    [
        ("https://github.com/acme/tool/issues/12", True),
        ("https://www.github.com/acme/tool/pull/12/files", True),
        ("https://github.com/acme/tool/discussions/12#discussioncomment-5", True),
        ("https://github.com/acme/tool/releases/tag/v1.0%2B2", True),
        ("https://github.com/acme/tool", False),
        ("https://github.com/acme/tool/wiki/12", False),
        ("https://github.com/acme/tool/issues", False),
        ("https://github.com.evil.example/acme/tool/issues/12", False),
        ("https://evil.example/https://github.com/acme/tool/issues/12", False),
        ("acme/tool#12", False),
        ("http://[", False),
    ],
)
def test_which_addresses_it_owns(http, world, url, owned):
    assert Github(http=http, now=world.clock).owns(url) is owned


def test_an_enterprise_server_has_its_pages_and_its_graphql_beside_its_api(http, world):
    reader = Github(http=http, now=world.clock, api_url="https://git.example/api/v3")
    assert reader.owns("https://git.example/acme/tool/issues/12")
    said = world.put(DISCUSSION)

    def respond(asked: Asked):
        path = asked.path.removeprefix("/api/v3").removeprefix("/api")
        assert asked.path == "/api/graphql" or asked.path.startswith("/api/v3/repos/"), asked
        return world.answer(replace(asked, path=path))

    with world.answering(respond):
        reader = replace(world.source(), api_url=f"{world.site.url}/api/v3/")
        found = [one for batch in reader.fetch(None, None) for one in batch.posts]
    assert [one.external_id for one in found] == [world.external_id(said)]


def test_an_issue_that_was_moved_to_another_repository_is_not_taken_for_one_of_this(world):
    issue = world.put(ISSUE, number=77)
    with pytest.raises(SourceError, match="moved"):
        world.source().find(f"{world.site.url}/{REPO}/issues/{issue.number}")


def test_a_page_where_nothing_is_is_no_post(world):
    with pytest.raises(SourceError, match="404"):
        world.source().find(f"{world.site.url}/{REPO}/issues/77")


# Who speaks


def test_roles_come_from_github_and_the_configured_list_goes_before_them(store, world):
    world.put(ISSUE, author_association="COLLABORATOR")
    world.put(ISSUE, author="bob", author_association="MEMBER")
    Collecting(store, world.now, roles={"bob": Role.USER}).one(world.source())
    roles = {found.author: found.role for found in stored(store).values()}
    assert roles == {"ann": Role.TEAM, "bob": Role.USER}


# Settings


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "name repos or orgs"),
        ('repos = ["acme"]', "owner/name"),
        ('repos = ["acme/tool/issues"]', "owner/name"),
        ('orgs = ["acme/tool"]', "orgs"),
        ('api_url = "api.github.com"\nrepos = ["acme/tool"]', "http"),
        ('branch = "main"', "no such key"),
    ],
)
def test_what_is_wrong_with_the_settings_is_told_with_its_key(tmp_path, lines, told):
    path = tmp_path / "groundswell.toml"
    path.write_text(f"[sources.github]\n{lines}\n")
    with pytest.raises(SettingsError, match=told) as error:
        load(path)
    assert "sources.github" in f"{error.value}"


def test_the_settings_become_a_source_with_its_token(tmp_path, monkeypatch, http):
    monkeypatch.setenv("GITHUB_TOKEN", "of-nobody")
    path = tmp_path / "groundswell.toml"
    path.write_text('[sources.github]\nrepos = ["https://github.com/acme/tool.git"]\n')
    [made] = sources(load(path), wall_clock, http)
    assert isinstance(made, Github)
    assert (made.repos, made.token, made.name) == (("acme/tool",), "of-nobody", "github")
