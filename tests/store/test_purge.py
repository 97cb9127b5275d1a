from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.model import Intent, Query, Reading
from bot.pipeline import Pipeline
from bot.store import Name, Placement, open_store
from bot.understand.cluster import AverageTree
from tests.builders import NOW, a_post
from tests.fakes import WordHashing

SAID = "the walrus sings at midnight"


def a_store_with_a_theme(url: str):
    store = open_store(url)
    said = a_post(author="Wilhelmina", title=SAID, text="About the walrus and its song.")
    others = [a_post(title=f"a song at midnight, number {n}") for n in range(3)]
    store.posts.save([said, *others])
    ids = store.readings.missing(NOW)
    store.readings.save((i, Reading(Intent.BUG, strength=1)) for i in ids)
    store.vectors.save("e", ids, np.ones((4, 2), dtype=np.float32))
    store.themes.save(
        [Placement(i, "T1", 1.0) for i in ids], [Name("T1", SAID, ("walrus",))], {}, NOW
    )
    return store, said


def test_whoever_is_forgotten_leaves_no_word_in_the_file(tmp_path: Path):
    path = tmp_path / "kept.db"
    store, _ = a_store_with_a_theme(f"sqlite:///{path}")
    assert store.posts.forget("WILHELMINA", NOW) == 1
    store.close()
    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes().lower()
    assert b"midnight" in content
    assert b"walrus" not in content
    assert b"wilhelmina" not in content


def test_whoever_is_forgotten_does_not_come_back(tmp_path: Path):
    store, said = a_store_with_a_theme(f"sqlite:///{tmp_path}/kept.db")
    store.posts.forget("wilhelmina", NOW)
    store.posts.save(
        [said, replace(said, author="WilhelMina", external_id="other"), a_post(author="bo")]
    )
    authors = {post.author for _, post, _ in store.posts.find(Query(), NOW)}
    assert not {"Wilhelmina", "WilhelMina"} & authors
    assert "bo" in authors
    store.close()


def test_a_theme_whose_label_went_is_named_by_the_posts_that_stay(tmp_path: Path):
    store, said = a_store_with_a_theme(f"sqlite:///{tmp_path}/kept.db")
    store.posts.save([], deleted=[(said.source, said.external_id)])
    pipeline = Pipeline(store, WordHashing(), AverageTree(), {}, lambda: NOW)
    [view] = pipeline.themes()
    assert "song at midnight" in view.theme.label
    assert "walrus" not in view.theme.label
    assert view.crowd.posts == 3
    store.close()


def test_forgetting_nobody_changes_nothing(store):
    store.posts.save([a_post(author="ann"), a_post(author=None)])
    assert store.posts.forget("zoe", NOW) == 0
    assert store.posts.count(NOW) == 2
