from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from bot.model import Query
from bot.store import database, open_store
from bot.store.index import RANKED_MOST
from bot.store.words import code_words, forms, is_code, pieces
from tests.builders import NOW, a_post, ago

SAID = {
    "dotted": a_post(title="Compile fails", text="It raises torch._dynamo.exc.Unsupported: call"),
    "code": a_post(title="Borrow checker", text="error[E0502]: cannot borrow as mutable"),
    "option": a_post(title="Builds", text="With --no-cache it takes an hour"),
    "version": a_post(title="Since v2.4.1", text="nothing starts"),
    "camel": a_post(title="Hooks", text="Calling useState() in a loop"),
    "snake": a_post(title="Limits", text="max_retries is ignored"),
    "path": a_post(title="A file", text="see src/app/main.py line 3"),
    "prose": a_post(title="Plain words", text="We use state machines and no cache at all"),
}


@pytest.fixture
def index(store):
    store.posts.save(SAID.values())
    by_key = {post.key: row for row, post, _ in store.posts.find(Query(), NOW)}
    names = {by_key[post.key]: name for name, post in SAID.items()}

    def best(*words: str, query: Query = Query(), now=NOW) -> list[str]:  # noqa: B008 it is frozen
        return [names.get(row, "other") for row, _ in store.index.best(words, query, now, 10)]

    return best


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("torch._dynamo.exc.Unsupported", "dotted"),
        ("_dynamo", "dotted"),
        ("dynamo", "dotted"),
        ("Unsupported", "dotted"),
        ("E0502", "code"),
        ("--no-cache", "option"),
        ("2.4.1", "version"),
        ("v2.4.1", "version"),
        ("useState()", "camel"),
        ("usestate", "camel"),
        ("retries", "snake"),
        ("maxRetries", "snake"),
        ("src/app/main.py", "path"),
        ("main.py", "path"),
    ],
)
def test_code_is_found_as_it_is_written(index, asked, first):
    assert index(asked)[0] == first


def test_the_parts_of_a_name_in_capitals_are_found_as_words(index):
    assert set(index("use state")) == {"camel", "prose"}


def test_a_whole_name_comes_before_its_parts(index, store):
    store.posts.save([a_post(title="Unsupported hardware", text="exc exc exc torch")])
    assert index("torch._dynamo.exc.Unsupported")[0] == "dotted"


def test_what_is_to_the_letter_is_told_from_what_only_sounds_alike(store, index):
    rows = {post.key: row for row, post, _ in store.posts.find(Query(), NOW)}
    found = store.index.literally(list(rows.values()), ["--no-cache"])
    assert found == {rows[SAID["option"].key]}
    assert store.index.literally([], ["--no-cache"]) == set()
    assert store.index.literally(list(rows.values()), []) == set()


def test_a_filter_holds_before_the_ranking(store):
    many = [a_post(title="crash crash", author="bo") for _ in range(300)]
    store.posts.save([*many, a_post(title="a long title about one crash of many", author="ann")])
    found = store.index.best(["crash"], Query(authors=("ann",)), NOW, 5)
    [(row_id, _)] = found
    assert store.posts.by_rows([row_id])[row_id][0].author == "ann"


def test_posts_after_now_are_not_found(store):
    store.posts.save([a_post(title="crash", created_at=ago(1))])
    assert store.index.best(["crash"], Query(), ago(2), 5) == []


def test_a_pasted_trace_is_asked_for_by_its_rarest_words(index):
    trace = 'Traceback (most recent call last): File "a.py", line 3, in run ' + "the call is " * 60
    assert index(*trace.split(), "torch._dynamo.exc.Unsupported:")[0] == "dotted"


def test_of_common_words_those_posts_count_that_say_two_of_them(store, monkeypatch):
    monkeypatch.setattr("bot.store.index.RANKED_MOST", 3)
    store.posts.save([a_post(title="red") for _ in range(9)] + [a_post(title="blue")] * 1)
    store.posts.save([a_post(title="blue") for _ in range(9)] + [a_post(title="red blue")])
    [(row_id, _)] = store.index.best(["red", "blue"], Query(), NOW, 5)
    assert store.posts.by_rows([row_id])[row_id][0].title == "red blue"
    assert RANKED_MOST > 3


def test_a_rare_word_is_found_beside_a_common_one(store, monkeypatch):
    monkeypatch.setattr("bot.store.index.RANKED_MOST", 3)
    store.posts.save([a_post(title="red") for _ in range(9)])
    store.posts.save([a_post(title="odd"), a_post(title="odd red")])
    found = store.index.best(["red", "odd"], Query(), NOW, 5)
    titles = [store.posts.by_rows([row])[row][0].title for row, _ in found]
    assert titles == ["odd red", "odd"]


def test_what_is_purged_leaves_no_word_of_its_code(tmp_path: Path):
    path = tmp_path / "kept.db"
    store = open_store(f"sqlite:///{path}")
    gone = a_post(text="walrusSings() fails")
    store.posts.save([gone, a_post(text="useState() fails")])
    store.posts.save([], deleted=[(gone.source, gone.external_id)])
    assert store.index.best(["walrus sings"], Query(), NOW, 5) == []
    store.close()
    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"walrus" not in path.read_bytes().lower()


def test_an_edit_changes_what_code_a_post_is_found_by(store):
    post = a_post(text="useState()")
    store.posts.save([post])
    store.posts.save([a_post(external_id=post.external_id, text="useEffect()")])
    assert store.index.best(["use state"], Query(), NOW, 5) == []
    assert len(store.index.best(["use effect"], Query(), NOW, 5)) == 1


def test_an_old_database_finds_code_and_neighbours_after_its_migration(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/old.db"
    rows = np.eye(len(SAID), dtype=np.float32)
    _as_of_0012(url, rows)
    store = open_store(url)
    assert len(store.index.best(["use state"], Query(), NOW, 5)) == 2
    assert len(store.index.best(["retries"], Query(), NOW, 5)) == 1
    assert store.vectors.nearest("e", rows[2], Query(), NOW, 1) == [(3, 1.0)]
    store.close()


def _as_of_0012(url: str, vectors: np.ndarray) -> None:
    """A database from before the migration, with the posts of SAID."""
    config = Config()
    folder = Path(database.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        for number, (post, vector) in enumerate(zip(SAID.values(), vectors, strict=True), 1):
            values = {"title": post.title, "text": post.text, "row": vector.tobytes(), "n": number}
            connection.execute(text(OLD_POST), values)
            connection.execute(text("INSERT INTO vector VALUES (:n, 'e', :row)"), values)
    engine.dispose()


OLD_POST = """
    INSERT INTO post
    (id, source, external_id, kind, title, text, created_at, venue, role, labels, fingerprint)
    VALUES (:n, 'github', :n, 'issue', :title, :text, '2026-03-01 00:00:00.000000', 'a/b', 'user',
        '[]', '')
"""


def test_what_the_index_cannot_part_is_written_out():
    assert code_words("useState and HTTPServer", "since v2.4") == "use State\nHTTP Server\n2.4"
    assert code_words("plain words, GitHub aside") == "Git Hub"
    assert code_words("nothing here") is None


def test_forms_and_pieces_of_a_word():
    assert forms("useState()") == ["useState()", "use State()"]
    assert forms("v2.4.1") == ["v2.4.1", "2.4.1"]
    assert forms("plain") == ["plain"]
    assert pieces("torch._dynamo.exc.Unsupported") == ["torch", "dynamo", "exc", "Unsupported"]
    assert pieces("plain") == []


CODE = ("--flag", "2.4.1", "E0502", "a/b.py", "useState()", "max_retries", "torch.compile")
PROSE = ("plain", "end.", "don't", "A", "Docker", "well-known")


@pytest.mark.parametrize(("word", "code"), [(w, w in CODE) for w in (*CODE, *PROSE)])
def test_code_is_told_from_prose(word, code):
    assert is_code(word) is code
