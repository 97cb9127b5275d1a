from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.rota import Person, Rota
from bot.store import Capture
from tests.builders import NOW, a_post

ROTA = Rota((Person("U0ANN", "Ann"), Person("U0BOB", "Bob")), "mon", "UTC", "U0ANN", NOW)
LATER = NOW + timedelta(days=3)


def test_one_rota_stands_at_a_time_and_an_earlier_moment_knows_the_one_of_then(store):
    assert store.rotas.standing(NOW) is None
    assert not store.rotas.end(NOW)
    store.rotas.set(ROTA)
    other = replace(ROTA, people=ROTA.people[:1], made_at=LATER)
    store.rotas.set(other)
    assert store.rotas.standing(NOW) == ROTA
    assert store.rotas.standing(LATER) == other
    assert store.rotas.end(LATER + timedelta(days=1))
    assert store.rotas.standing(LATER) == other
    assert store.rotas.standing(LATER + timedelta(days=1)) is None


def test_a_message_is_filed_once_until_it_is_taken_back(store):
    assert store.captures.begin("C1", "1.5", "U0ANN", NOW)
    assert store.captures.begin("C1", "1.5", "U0ANN", NOW), "nobody finished it"
    assert not store.captures.begin("C1", "1.5", "U0BOB", NOW)
    assert store.captures.begin("C1", "1.5", "U0BOB", LATER), "given up"
    assert store.captures.begin("C1", "1.6", "U0ANN", NOW)
    assert store.captures.begin("C1", "1.5", "U0BOB", LATER)
    begun = store.captures.of("C1", "1.5")
    assert store.captures.end(begun, LATER)
    assert not store.captures.answered("C1", "1.5", "2.5"), "it was taken back before"
    assert store.captures.begin("C1", "1.5", "U0ANN", NOW)
    assert store.captures.answered("C1", "1.5", "2.5")
    assert not store.captures.end(begun, LATER), "it was answered since"
    assert not store.captures.begin("C1", "1.5", "U0BOB", LATER)
    assert not store.captures.begin("C1", "1.5", "U0ANN", NOW)
    assert store.captures.of("C1", "1.5") == Capture("C1", "1.5", "U0ANN", None, "2.5")
    assert store.captures.end(store.captures.of("C1", "1.5"), NOW)
    assert store.captures.of("C1", "1.5") is None
    assert store.captures.begin("C1", "1.5", "U0BOB", NOW)


def test_a_filed_post_that_is_gone_is_named_no_more(store):
    post = a_post()
    store.posts.save([post])
    store.captures.begin("C1", "1.5", "U0ANN", NOW)
    store.captures.brought("C1", "1.5", post.key)
    assert store.captures.of("C1", "1.5").post == post.key
    assert store.captures.begin("C1", "1.5", "U0BOB", LATER), "given up"
    assert store.captures.of("C1", "1.5").post == post.key, "whoever goes on answers for it"
    store.posts.forget(post.author, NOW)
    assert store.captures.of("C1", "1.5") == Capture("C1", "1.5", "U0BOB")
