"""Which themes lie close to one: those that say alike come first, and none that may not be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Audience, Visibility
from bot.pipeline import Pipeline
from bot.store import Store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post
from tests.fakes import WordHashing

UPLOAD, DOWNLOAD, SEARCH, SECRET = (
    "The upload stalls on big files",
    "The download stalls on big files",
    "Search finds nothing any more",
    "Zebrafish stalls on big files",
)


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    made = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    for words, many in ((UPLOAD, 4), (DOWNLOAD, 3), (SEARCH, 3), ("An otter", 1), ("Newts", 1)):
        store.posts.save([a_post(title=words, text=f"{words} here") for _ in range(many)])
    hidden = {"visibility": Visibility.PRIVATE, "venue": "#vault"}
    store.posts.save([a_post(title=SECRET, text=f"{SECRET} here", **hidden) for _ in range(3)])
    made.understand()
    # The three that stall may be one theme: a person parts them.
    for words in (DOWNLOAD, SECRET):
        whole = next(
            v.theme for v in made.themes() if any(m.title == words for m in v.theme.members)
        )
        apart = [m.key for m in whole.members if m.title == words]
        if len(apart) < len(whole.members):
            made.deciding("x").split(whole.id, apart)
    return made


def near(pipeline: Pipeline, label: str) -> list[str]:
    (theme,) = [v.theme for v in pipeline.themes() if v.theme.label == label]
    return [one.label for one in pipeline.near(theme, 10)]


def test_what_says_alike_comes_first_and_the_theme_itself_is_not_among_them(pipeline: Pipeline):
    found = near(replace(pipeline, audience=Audience()), UPLOAD)
    assert found[0] == DOWNLOAD
    assert UPLOAD not in found


def test_what_may_not_be_read_is_not_offered(pipeline: Pipeline):
    everything = near(pipeline, UPLOAD)
    public = near(replace(pipeline, audience=Audience()), UPLOAD)
    assert any("ebrafish" in label for label in everything)
    assert not any("ebrafish" in label for label in public)


def test_no_more_are_offered_than_are_asked_for(pipeline: Pipeline):
    (theme, *_) = [v.theme for v in pipeline.themes()]
    assert len(pipeline.near(theme, 1)) == 1
    assert pipeline.near(theme, 0) == []


def test_themes_are_looked_up_plainly_and_those_that_are_not_there_left_out(pipeline: Pipeline):
    telling = pipeline.telling()
    (theme, *_) = [v.theme for v in pipeline.themes()]
    assert telling.named([theme.id, "T999", "walrus", ""]) == [theme]
    assert telling.named([]) == []
