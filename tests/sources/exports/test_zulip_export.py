from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Role, Visibility
from bot.sources.exports import FORMATS, Export
from bot.sources.exports.form import Told
from tests.builders import NOW
from tests.sources.exports.made import a_tar, posts, read, refused
from tests.sources.flaws import flaws

REALM: dict[str, Any] = {
    "zerver_realm": [{"id": 1, "string_id": "acme", "name": "Acme"}],
    "zerver_userprofile": [
        {"id": 1, "full_name": "Ann", "is_bot": False, "role": 400},
        {"id": 2, "full_name": "Bob", "is_bot": False, "role": 200},
        {"id": 3, "full_name": "CI", "is_bot": True, "role": 400},
        {"id": 4, "full_name": "", "email": "dan@example.org"},
    ],
    "zerver_userprofile_crossrealm": [{"id": 9, "email": "notification-bot@zulip.com"}],
    "zerver_stream": [
        {"id": 11, "name": "help", "invite_only": False},
        {"id": 12, "name": "board", "invite_only": True},
        {"id": 13, "name": "unsaid"},
    ],
    "zerver_recipient": [
        {"id": 101, "type": 2, "type_id": 11},
        {"id": 102, "type": 2, "type_id": 12},
        {"id": 103, "type": 2, "type_id": 13},
        {"id": 104, "type": 1, "type_id": 1},
        {"id": 105, "type": 3, "type_id": 1},
        {"id": 106, "type": 2, "type_id": 999},
    ],
    "zerver_subscription": [{"id": n} for n in range(50)],
}


def a_message(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "sender": 1,
        "recipient": 101,
        "subject": "It stops",
        "content": "Every **time**.",
        "date_sent": 1770000000.25,
        **fields,
    }


def an_export(folder: Path, *messages: Any, realm: Any = REALM, **files: Any) -> Path:
    """A tar.gz as Zulip makes it, its realm.json after the messages."""
    told = {
        "messages-000001.json": {"zerver_message": messages, "zerver_usermessage": [{"id": 1}]},
        **files,
        "realm.json": realm,
        "uploads/records.json": [{"path": "x"}],
    }
    return a_tar(folder / "a.tar.gz", {f"zulip-export-x/{name}": v for name, v in told.items()})


def test_a_message_is_a_post(tmp_path):
    (post,) = posts(an_export(tmp_path, a_message(7, last_edit_time=1770000060.5)))
    assert flaws(post) == []
    assert (post.source, post.kind, post.external_id) == ("zulip", "message", "acme/7")
    assert (post.title, post.text, post.venue) == ("It stops", "Every time.", "#help")
    assert (post.author, post.role, post.url) == ("Ann", Role.USER, None)
    assert post.created_at == datetime(2026, 2, 2, 2, 40, tzinfo=UTC)
    assert post.updated_at == datetime(2026, 2, 2, 2, 41, tzinfo=UTC)
    assert (post.score, post.reply_count, post.state) == (None, None, None)


def test_the_first_message_of_a_topic_opens_it_and_the_others_answer(tmp_path):
    first, second, elsewhere, other, shouted = posts(
        an_export(
            tmp_path,
            a_message(1),
            a_message(2),
            a_message(3, recipient=102),
            a_message(4, subject="Another"),
            a_message(5, subject="IT STOPS"),
        )
    )
    assert [p.parent_id for p in (first, second, elsewhere, other, shouted)] == [
        *(None, "acme/1", None, None, "acme/1")
    ]
    assert (second.title, second.root_id) == ("", "acme/1")


@pytest.mark.parametrize("other", ["messages-000002.json", "messages-000000.json"])
def test_topics_go_on_from_file_to_file_in_any_order_and_in_a_resumed_reading(tmp_path, other):
    more: dict[str, Any] = {other: {"zerver_message": [a_message(2), a_message(3)]}}
    path = an_export(tmp_path, a_message(1), **more)
    assert [post.parent_id for post in posts(path)] == [None, "acme/1", "acme/1"]
    later = an_export(tmp_path, a_message(3), **{other: {"zerver_message": [a_message(1)]}})
    assert [post.parent_id for post in posts(later)] == ["acme/1", None]
    (batch,) = Export(later, NOW, FORMATS["zulip"], Told()).fetch("1", None)
    assert [(post.external_id, post.parent_id) for post in batch.posts] == [("acme/1", None)]


@pytest.mark.parametrize(
    ("sender", "author", "role"),
    [
        (2, "Bob", Role.TEAM),
        (3, "CI", Role.BOT),
        (4, None, Role.USER),
        (9, "notification-bot@zulip.com", Role.BOT),
        (77, None, Role.USER),
        (None, None, Role.USER),
    ],
)
def test_people_are_who_the_export_says_they_are(tmp_path, sender, author, role):
    (post,) = posts(an_export(tmp_path, a_message(sender=sender)))
    assert (post.author, post.role) == (author, role)


@pytest.mark.parametrize(
    ("recipient", "visibility"),
    [(101, Visibility.PUBLIC), (102, Visibility.PRIVATE), (103, Visibility.PRIVATE)],
)
def test_a_channel_that_does_not_say_that_it_is_public_is_private(tmp_path, recipient, visibility):
    (post,) = posts(an_export(tmp_path, a_message(recipient=recipient)))
    assert post.visibility is visibility


@pytest.mark.parametrize("recipient", [104, 105, 106, 999])
def test_what_people_say_to_each_other_is_not_read(tmp_path, recipient):
    (post,) = posts(an_export(tmp_path, a_message(1, recipient=recipient), a_message(2)))
    assert post.external_id == "acme/2"


def test_a_resolved_topic_is_the_same_topic_in_another_state(tmp_path):
    first, second = posts(an_export(tmp_path, a_message(1), a_message(2, subject="✔ It stops")))
    assert (second.parent_id, second.state, first.state) == ("acme/1", "resolved", None)
    assert posts(an_export(tmp_path, a_message(subject="✔ It stops")))[0].title == "It stops"


def test_mentions_read_as_people_read_them(tmp_path):
    said = "@**Ann|12** and @_**Bob** say #**help>start** is `@**code**`"
    (post,) = posts(an_export(tmp_path, a_message(content=said)))
    assert post.text == "@Ann and @Bob say #help>start is @code"


def test_with_the_address_of_the_organisation_messages_have_theirs(tmp_path):
    (post,) = posts(an_export(tmp_path, a_message(7)), site="https://acme.zulipchat.com")
    assert post.url == "https://acme.zulipchat.com/#narrow/id/7"


def test_what_is_no_message_is_named_with_its_file_and_place(tmp_path):
    broken: list[dict[str, Any]] = [
        {"id": None},
        {"recipient": None},
        {"content": " "},
        {"date_sent": None},
    ]
    broken += [{"date_sent": "soon"}, {"date_sent": 1e30}, {"subject": 5}, {"sender": "ann"}]
    path = an_export(tmp_path, "words", *(a_message(n, **f) for n, f in enumerate(broken)))
    where = "messages-000001.json"
    assert refused(path) == [
        (f"{where}:1", "not an object"),
        (f"{where}:2", "missing field: id"),
        (f"{where}:3", "missing field: recipient"),
        (f"{where}:4", "no words"),
        (f"{where}:5", "missing field: date_sent"),
        (f"{where}:6", "missing field: date_sent"),
        (f"{where}:7", "date unreadable"),
        (f"{where}:8", "wrong type: subject"),
        (f"{where}:9", "wrong type: sender"),
    ]


def test_a_file_of_messages_that_is_broken_costs_itself_alone(tmp_path):
    more = {
        "messages-000002.json": b'{"zerver_message": [',
        "messages-000003.json": {"zerver_message": [a_message(3)]},
        "messages-000004.json": [a_message(4)],
    }
    path = an_export(tmp_path, a_message(1), **more)
    assert [getattr(item, "external_id", None) for item in read(path)][:2] == ["acme/1", "acme/3"]
    assert refused(path) == [
        ("messages-000002.json:1", "not JSON"),
        ("messages-000004.json:1", "not JSON"),
    ]


@pytest.mark.parametrize("realm", [b"", [], b'{"zerver_stream": [{"id', {"zerver_stream": ["x"]}])
def test_without_a_sound_realm_nothing_has_a_place_and_that_is_told(tmp_path, realm):
    with pytest.raises(SourceError, match=r"a\.tar\.gz:realm\.json: not"):
        read(an_export(tmp_path, a_message(), realm=realm))
