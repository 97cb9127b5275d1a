from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.model import Role, Visibility
from bot.sources.slack.posts import Channel, Person, parse
from tests.sources.exports.made import posts, read, refused
from tests.sources.flaws import flaws
from tests.world.export import write

USERS = [
    {"id": "U1", "name": "ann.k", "profile": {"display_name": "Ann", "real_name": "Ann Kay"}},
    {"id": "U2", "name": "bob", "profile": {"display_name": "", "real_name": "Bob Ray"}},
    {"id": "U3", "name": "ci", "is_bot": True, "profile": {"real_name": "CI"}},
    {"id": "U4", "name": "gone", "deleted": True},
    {"name": "without an id"},
    None,
]
TS = "1770000000.000100"


def a_message(**fields: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "text": "It stops.", "ts": TS, **fields}


def an_export(folder: Path, *messages: Any, **files: Any) -> Path:
    """With these messages on one day of #help, and these files beside it."""
    return write(
        folder / "export.zip",
        {
            "channels.json": [{"id": "C1", "name": "help"}, {"id": "C2", "name": "random"}],
            "users.json": USERS,
            "help/2026-02-02.json": list(messages),
            **{name.replace("__", "/"): value for name, value in files.items()},
        },
    )


def test_a_message_is_the_post_that_the_adapter_makes_of_it(tmp_path):
    message = a_message(
        text="<@U2> it &lt;stops&gt;, see <https://a.example|this>",
        reactions=[{"name": "+1", "count": 3, "users": ["U2"]}],
        edited={"user": "U1", "ts": "1770000060.000000"},
        reply_count=2,
    )
    (post,) = posts(an_export(tmp_path, message))
    people = {"U1": Person("Ann"), "U2": Person("Bob Ray")}
    assert post == parse(message, Channel("C1", "help"), people)
    assert flaws(post) == []
    assert (post.external_id, post.venue, post.author) == (f"C1/{TS}", "#help", "Ann")
    assert (post.score, post.reply_count, post.visibility) == (3, 2, Visibility.PUBLIC)


@pytest.mark.parametrize(
    ("user", "author", "role"),
    [
        ("U1", "Ann", Role.USER),
        ("U2", "Bob Ray", Role.USER),
        ("U3", "CI", Role.BOT),
        ("U4", "gone", Role.USER),
        ("U9", "U9", Role.USER),
        (None, None, Role.USER),
    ],
)
def test_people_are_called_what_slack_shows(tmp_path, user, author, role):
    (post,) = posts(an_export(tmp_path, a_message(user=user)))
    assert (post.author, post.role) == (author, role)


def test_a_reply_hangs_on_what_opened_its_thread(tmp_path):
    opener = a_message(thread_ts=TS)
    reply = a_message(ts="1770000001.000000", thread_ts=TS)
    first, second = posts(an_export(tmp_path, opener, reply))
    assert (first.parent_id, first.root_id) == (None, None)
    assert (second.parent_id, second.root_id) == (f"C1/{TS}", f"C1/{TS}")


@pytest.mark.parametrize(
    "message",
    [
        a_message(subtype="channel_join", text="<@U1> has joined the channel"),
        a_message(subtype="pinned_item"),
        a_message(subtype="tombstone", text="This message was deleted."),
        a_message(subtype="file_share", text=""),
        a_message(text=""),
    ],
)
def test_what_nobody_said_is_no_post_and_no_fault(tmp_path, message):
    assert len(posts(an_export(tmp_path, message, a_message()))) == 1


def test_what_somebody_said_in_another_way_is_a_post(tmp_path):
    said = [
        a_message(ts=f"177000000{n}.000000", subtype=subtype)
        for n, subtype in enumerate(["me_message", "thread_broadcast", "file_share"])
    ]
    assert len(posts(an_export(tmp_path, *said))) == 3


def test_a_private_channel_is_read_as_private_and_what_people_say_in_private_not_at_all(tmp_path):
    files = {
        "groups.json": [{"id": "G1", "name": "board"}],
        "channels.json": [{"id": "C1", "name": "help"}],
        "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
        "mpims.json": [{"id": "G2", "name": "mpdm-a--b-1"}],
        "users.json": USERS,
        "board/2026-02-02.json": [a_message()],
        "D1/2026-02-02.json": [a_message()],
        "mpdm-a--b-1/2026-02-02.json": [a_message()],
        "help/attachments/notes.txt": b"words",
    }
    (post,) = posts(write(tmp_path / "export.zip", files))
    assert (post.external_id, post.visibility) == (f"G1/{TS}", Visibility.PRIVATE)


def test_with_the_workspaces_address_messages_have_theirs(tmp_path):
    path = an_export(tmp_path, a_message())
    assert posts(path)[0].url is None
    (post,) = posts(path, site="https://acme.slack.com")
    assert post.url == "https://acme.slack.com/archives/C1/p1770000000000100"


def test_every_day_of_every_channel_is_read(tmp_path):
    path = an_export(
        tmp_path,
        a_message(),
        **{
            "help/2026-02-01.json": [a_message(ts="1769900000.000000")],
            "random/2026-02-01.json": [a_message()],
        },
    )
    assert {post.external_id for post in posts(path)} == {
        *("C1/1769900000.000000", f"C1/{TS}", f"C2/{TS}")
    }


def test_what_is_no_message_is_named_with_its_day_and_place(tmp_path):
    path = an_export(tmp_path, a_message(), "words", a_message(ts="soon"), a_message(text=7))
    assert refused(path) == [
        ("help/2026-02-02.json:2", "not an object"),
        ("help/2026-02-02.json:3", "wrong type: ts"),
        ("help/2026-02-02.json:4", "wrong type: text"),
    ]


@pytest.mark.parametrize("lists", [b"no JSON", [], {}, [{"id": 5, "name": []}], b""])
def test_a_list_of_channels_or_people_that_cannot_be_used_is_no_crash(tmp_path, lists):
    assert posts(an_export(tmp_path, a_message(), **{"users.json": lists}))[0].author == "U1"
    files = {"channels.json": lists, "users.json": [], "help/2026-02-02.json": [a_message()]}
    with pytest.raises(Exception, match="there are no posts in it"):
        read(write(tmp_path / "b.zip", files))
