"""A workspace that keeps what is posted, and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.slack.poster import SlackPoster
from tests.fakes import Clock
from tests.world.workspace import Workspace, serving


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return Workspace(now=clock)


@pytest.fixture
def poster(workspace: Workspace) -> Iterator[SlackPoster]:
    with serving(workspace) as made:
        yield made
