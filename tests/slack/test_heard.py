"""What people write in Slack, whatever Slack put around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient

from bot.slack.heard import nameless, people, plain
from bot.slack.people import People
from tests.world.site import Site
from tests.world.workspace import TOKEN, Workspace


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("assign T1 <@U0BOB|bob>", "assign T1 <@U0BOB>"),
        ("see <https://a.example/x?a=1&amp;b=2|the page>", "see https://a.example/x?a=1&b=2"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<tel:+1234|1234>", "+1234"),
        ("in <#C012AB|general> and <#C34>", "in #general and #C34"),
        ("<!here> <!subteam^S1|@team> <!date^1^x|May>", "@here @team May"),
        ("if a &lt; b &amp;&amp; c &gt; d", "if a < b && c > d"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("source:reddit “torch.compile” a < b > c", "source:reddit “torch.compile” a < b > c"),
        ("", ""),
    ],
)
def test_mark_up_is_taken_away_and_people_stay(written, said):
    assert plain(written) == said


@given(st.text())
def test_any_text_is_taken(text):
    assert isinstance(plain(text), str)


def test_people_are_found_and_left_out():
    words = plain("triage rota <@U0ANN|ann>  <@W0BOB> weekly mon")
    assert people(words) == ["U0ANN", "W0BOB"]
    assert nameless(words) == "triage rota weekly mon"
    assert people("@ann") == []


def test_a_name_is_asked_for_once_and_where_slack_tells_none_the_id_stands_for_it():
    workspace = Workspace()
    with Site(workspace.respond) as site:
        named = People(WebClient(token=TOKEN, base_url=f"{site.url}/api/", retry_handlers=[]))
        assert [named("U0ANN") for _ in range(3)] == ["Ann"] * 3
        assert [method for method, _ in workspace.calls] == ["users.info"]
        workspace.refuse("users.info", "user_not_found")
        assert named("U0BOB") == "U0BOB"
