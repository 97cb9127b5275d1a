from __future__ import annotations

import numpy as np
import pytest

from bot.model import Query, Role
from bot.pipeline.searching import Searching, gist, meant, telling
from bot.speak.search import passages, snippet
from bot.understand.embed import words_of
from tests.builders import NOW, a_post, ago
from tests.fakes import WordHashing


@pytest.fixture
def search(store):
    embedder = WordHashing()

    def searched(posts, *words: str, now=NOW, limit=10, **narrowed):
        store.posts.save(posts)
        missing = store.vectors.missing(embedder.name, NOW)
        found = store.posts.by_rows(missing)
        store.vectors.save(
            embedder.name, missing, embedder.encode([words_of(found[i][0]) for i in missing])
        )
        return Searching(store, embedder, now).search(Query(words=words, **narrowed), limit)

    return searched


@pytest.mark.parametrize(
    ("asked", "said", "beside"),
    [
        (("--no-cache",), "Use --no-cache here", "There is no cache here"),
        (("2.4.1",), "Broken since 2.4.1", "Read 2, 4 and 1 again"),
        (("useState()",), "A loop of useState() calls", "We use state of calls in a loop"),
        (("src/main.py",), "It ends in src/main.py", "src, main and py are words"),
        (("torch.compile",), "torch.compile is slow", "My torch will compile slowly"),
    ],
)
def test_a_piece_of_code_comes_first_where_it_stands_to_the_letter(search, asked, said, beside):
    hits = search([a_post(title="One", text=beside), a_post(title="Two", text=said)], *asked)
    assert hits[0].post.text == said


def test_a_post_is_found_by_its_words_and_by_its_meaning_and_the_best_by_both(search):
    both = a_post(title="docker login fails")
    word = a_post(title="login " + "other words about nothing " * 3)
    hits = search([word, both, a_post(title="a theme that is dark")], "docker", "login", "fails")
    assert [hit.post.key for hit in hits][:2] == [both.key, word.key]
    assert hits[0].score > hits[1].score


def test_filters_hold_before_the_ranking(search):
    many = [a_post(title="docker login fails", author="bo") for _ in range(250)]
    rare = a_post(title="so long a title of which only docker is asked", author="ann")
    hits = search([*many, rare], "docker", "login", authors=("ann",))
    assert [hit.post.key for hit in hits] == [rare.key]


def test_posts_after_now_do_not_exist(search):
    old, young = a_post(title="docker", created_at=ago(5)), a_post(title="docker login")
    hits = search([old, young], "docker", "login", now=ago(3))
    assert [hit.post.key for hit in hits] == [old.key]


def test_what_a_query_without_words_finds_is_told_newest_first(search):
    posts = [a_post(title=f"n{n}", created_at=ago(n)) for n in range(5)]
    assert [hit.post.title for hit in search(posts, limit=3)] == ["n0", "n1", "n2"]


def test_a_purged_post_is_found_by_neither_word_nor_meaning(store, search):
    gone = a_post(title="docker login fails", author="ann")
    assert search([gone, a_post(title="fonts are tiny")], "docker", "login")[0].post == gone
    store.posts.forget("ann", NOW)
    assert gone.key not in {hit.post.key for hit in search([], "docker", "login")}


def test_all_that_says_the_words_comes_before_what_is_only_near(search):
    saying = [a_post(title="docker login", text=f"case {n} " + "word " * n) for n in range(60)]
    near = [a_post(title="docker among other things here")]
    hits = search([*near, *saying], "docker", "login", limit=61)
    assert len(hits) == 61
    assert hits[-1].post == near[0]


def test_what_looks_like_a_vulnerability_is_not_shown_before_it_is_read(search):
    told = "Remote code execution: anyone can steal tokens, here is the exploit"
    assert not search([a_post(title=told, role=Role.USER)], "exploit")


def test_a_long_text_is_taken_for_the_error_that_it_tells_of():
    head = 'Traceback (most recent call last): File "a.py", line 3, in run return self.call(it)'
    trace = f"{head} ValueError: too many values to unpack (expected 2)".split()
    assert gist(trace) == "ValueError: too many values to unpack (expected 2)"
    assert gist(["ValueError:", "short"]) == "ValueError: short"
    assert gist(["word"] * 40) == " ".join(["word"] * 40)


def test_words_without_a_subject_are_not_asked_for_unless_there_are_no_others():
    assert telling(("the", "docker", "is", "docker")) == ("docker",)
    assert telling(("how", "to")) == ("how", "to")


def test_what_is_meant_moves_towards_the_best_posts_and_keeps_its_length():
    rows = np.eye(3, dtype=np.float32)
    asked = rows[0]
    moved = meant(asked, rows[1:2], np.ones(1, dtype=np.float32))
    assert moved[1] > 0
    assert np.linalg.norm(moved) == pytest.approx(1)
    assert np.array_equal(meant(asked, rows[:0], np.empty(0, dtype=np.float32)), asked)


def test_a_snippet_is_the_sentence_with_most_of_the_words():
    post = a_post(
        text="The login page is blue. After the update the docker login fails. Docker is fine."
    )
    assert snippet(post, ("docker", "login", "fails")).startswith("… After the update the docker")


def test_a_line_of_code_is_shown_whole():
    text = 'I ran it.\n  File "app/main.py", line 3. in run()\nThen it stopped. E0502 came.'
    assert 'File "app/main.py", line 3. in run()' in passages(text)
    assert snippet(a_post(text=text), ("app/main.py",)).startswith('… File "app/main.py", line 3.')


@pytest.mark.parametrize("spelled", ["VS Code", "VSCode", "vscode"])
def test_a_name_of_two_parts_is_shown_however_it_is_spelled(spelled):
    post = a_post(text=f"The login page is blue. It hangs in {spelled} alone.")
    assert snippet(post, ("VSCode",)) == f"… It hangs in {spelled} alone."


def test_a_snippet_of_a_long_passage_begins_shortly_before_the_word():
    post = a_post(text="word " * 100 + "needle " + "word " * 100)
    told = snippet(post, ("needle",))
    assert told.startswith("… ")
    assert "needle" in told
    assert len(told) <= 160


class Alike(WordHashing):
    """Takes a container for docker."""

    def encode(self, texts):
        return super().encode([text.lower().replace("container", "docker") for text in texts])


def test_what_is_found_by_meaning_alone_shows_the_passage_that_means_it_most(store, search):
    text = "Hello all there. The container stops. Many thanks to you."
    search([a_post(title="Trouble", text=text)], "anything")
    [hit] = Searching(store, Alike(), NOW).search(Query(words=("docker",)), 1)
    assert hit.snippet.startswith("… The container stops.")


def test_a_post_without_the_words_shows_its_beginning():
    assert snippet(a_post(text="One thing. Another."), ("docker",)) == "One thing. Another."
    assert snippet(a_post(title="Only a title", text=""), ("docker",)) == "Only a title"
