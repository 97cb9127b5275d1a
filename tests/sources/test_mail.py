from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import sources
from bot.errors import SettingsError, SourceError
from bot.model import Visibility
from bot.pipeline.collecting import Collecting
from bot.replay import record
from bot.settings import Settings, load
from bot.sources.mail.adapter import Mail
from bot.sources.mail.posts import MAIL_MOST
from tests.builders import NOW
from tests.sources.contract import SourceContract, fetched, gaps, run, stored
from tests.world.base import Said
from tests.world.imap import ImapFault, ImapSite
from tests.world.mail import ImapWorld, MaildirWorld, MailWorld, MboxWorld, entry, letter


@pytest.fixture(params=["mbox", "maildir", "imap"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MailWorld]:
    if request.param == "mbox":
        yield MboxWorld(tmp_path / "list.mbox")
    elif request.param == "maildir":
        yield MaildirWorld(tmp_path / "list")
    else:
        yield from imap_world()


def imap_world() -> Iterator[ImapWorld]:
    world = ImapWorld()
    with world.site:
        yield world
    assert world.site.changes == []


class TestContract(SourceContract):
    pass


def fault(source: Mail) -> SourceError:
    with pytest.raises(SourceError) as caught:
        list(source.fetch(None, None))
    return caught.value


def last_cursor(world: MailWorld, cursor: str | None = None) -> str | None:
    for batch in world.source().fetch(cursor, None):
        cursor = batch.cursor
    return cursor


class TestEveryMailbox:
    def test_threads_quotes_and_signatures(self, world):
        said = world.populate(3)
        posts = fetched(world, None)
        reply = posts[world.external_id(said[2])]
        assert reply.parent_id == reply.root_id == world.external_id(said[1])
        assert "another tool" not in reply.text
        assert "Sent from" not in reply.text
        assert {post.venue for post in posts.values()} == {"Tool users"}

    def test_the_cursor_stays_small(self, world):
        world.populate(230)
        assert len(last_cursor(world) or "") < 120

    def test_a_cursor_of_another_kind_of_mailbox_counts_as_none(self, world):
        world.populate(3)
        for kept in ({"offset": 5, "mark": "x"}, {"changed": "x"}, {"validity": 7, "uid": "x"}):
            assert fetched(world, json.dumps(kept)).keys() == world.expected().keys()

    def test_what_was_thrown_away_in_the_mailbox_is_not_unsaid(self, world, store):
        said, *_ = world.populate(3)
        run(store, world)
        world.delete(said)
        assert run(store, world).deleted == 0
        assert world.external_id(said) in stored(store)

    def test_a_private_mailbox_makes_private_posts(self, world):
        world.populate(3)
        shown = {post.visibility for post in fetched(world, None).values()}
        batches = replace(world.source(), private=True).fetch(None, None)
        hidden = {post.visibility for batch in batches for post in batch.posts}
        assert (shown, hidden) == ({Visibility.PUBLIC}, {Visibility.PRIVATE})

    def test_no_address_of_anybody_is_kept(self, world):
        world.populate(6)
        assert "private.example" not in repr(fetched(world, None))

    def test_the_same_mail_in_two_mailboxes_is_one_post(self, world, store):
        world.populate(3)
        collecting = Collecting(store, world.now)
        reports = [collecting.one(replace(world.source(), box=box)) for box in ("one", "two")]
        assert [(report.new, report.updated) for report in reports] == [(3, 0), (0, 0)]


class TestMbox:
    @pytest.fixture
    def world(self, tmp_path):
        return MboxWorld(tmp_path / "list.mbox")

    def test_what_was_read_is_not_read_again_but_for_the_last_mail(self, world):
        world.populate(250)
        cursor = last_cursor(world)
        new = world.say()
        assert fetched(world, cursor).keys() == {"250@tool.example", world.external_id(new)}

    def test_a_mail_that_was_still_being_written_is_read_whole_later(self, world, store):
        world.populate(2)
        whole = world.path.read_bytes()
        world.path.write_bytes(whole[:-60])
        run(store, world)
        world.path.write_bytes(whole)
        run(store, world)
        assert gaps(store, world) == {}

    @pytest.mark.parametrize(
        "change", [lambda b: b[300:], lambda b: b"x" + b[1:], lambda b: b[:90]]
    )
    def test_a_file_that_was_rewritten_is_read_from_its_beginning(self, world, change):
        world.populate(5)
        cursor = last_cursor(world)
        world.path.write_bytes(entry(letter(world.say("other"))) + change(world.path.read_bytes()))
        assert "6@tool.example" in fetched(world, cursor)

    def test_lines_that_begin_with_from_do_not_begin_a_mail(self, world):
        words = "It says:\n\nFrom here on: 12:00 it fails\n>From there too"
        world.say(words)
        (post,) = fetched(world, None).values()
        assert "From here on: 12:00 it fails\n>From there too" in post.text

    def test_prose_after_an_empty_line_does_not_begin_one_either(self, world):
        raw = letter(world.say("x")).replace(b"x\n", b"\nFrom the docs I learn nothing.\n", 1)
        world.path.write_bytes(b"From a Mon Mar  2 12:00:00 2026\n" + raw)
        (post,) = fetched(world, None).values()
        assert "From the docs I learn nothing." in post.text

    @pytest.mark.parametrize("end", [b"\n", b"\r\n"])
    def test_either_end_of_lines_will_do(self, world, end):
        world.populate(4)
        world.path.write_bytes(world.path.read_bytes().replace(b"\n", end))
        assert fetched(world, None).keys() == world.expected().keys()

    def test_a_very_long_line_is_not_held_whole(self, world):
        world.say("tool a")
        with world.path.open("ab") as file:
            file.write(b"x" * (5 * MAIL_MOST) + b"\nFrom x y 1:00\n\n")
        world.say("tool b")
        posts = fetched(world, None)
        assert posts.keys() == world.expected().keys()

    def test_undated_mails_are_as_old_as_their_separator_says(self, world):
        raw = b"Subject: x\nMessage-ID: <1@x>\n\nwords\n"
        world.path.write_bytes(b"From ann Sat Jan  3 01:05:34 2026\n" + raw)
        (post,) = fetched(world, None).values()
        assert f"{post.created_at:%d.%m. %H:%M}" == "03.01. 01:05"

    def test_an_empty_file_holds_nothing(self, world):
        world.path.touch()
        assert list(world.source().fetch(None, None)) == []

    def test_what_is_no_mailbox_is_told(self, world, tmp_path):
        world.path.write_bytes(b"Subject: x\n\nwords\n")
        assert 'does not begin with "From "' in str(fault(world.source()))
        assert "there is no such file" in str(fault(replace(world.source(), path=tmp_path / "no")))
        error = fault(replace(world.source(), path=tmp_path))
        assert "no folders new and cur" in str(error)
        assert error.permanent

    def test_a_file_that_may_not_be_read_is_told(self, world):
        world.path.symlink_to("/proc/self/mem")
        assert "cannot be read" in str(fault(world.source()))

    def test_the_home_folder_may_be_short(self, world, monkeypatch):
        monkeypatch.setenv("HOME", str(world.path.parent))
        world.say()
        source = replace(world.source(), path=Path("~") / world.path.name)
        assert len(list(source.fetch(None, None))) == 1


class TestMaildir:
    @pytest.fixture
    def world(self, tmp_path):
        return MaildirWorld(tmp_path / "list")

    def test_a_mail_that_was_read_in_a_mail_program_stays_the_same_post(self, world, store):
        world.populate(4)
        run(store, world)
        for path in (world.path / "new").iterdir():
            path.rename(world.path / "cur" / f"{path.name}:2,S")
        report = run(store, world)
        assert (report.new, report.updated, report.error) == (0, 0, None)

    def test_mails_that_are_still_being_delivered_and_hidden_files_are_left_alone(self, world):
        world.say()
        (world.path / "tmp" / "1.x").write_bytes(letter(world.say("unfinished")))
        (world.path / "new" / ".hidden").write_bytes(b"x")
        (world.path / "cur" / "folder").mkdir()
        (batch,) = world.source().fetch(None, None)
        assert (len(batch.posts), batch.rejected) == (2, ())

    def test_a_file_that_vanishes_while_it_is_read_harms_nobody(self, world):
        world.populate(3)
        (world.path / "new" / "1.gone").symlink_to(world.path / "nowhere")
        assert fetched(world, None).keys() == world.expected().keys()

    def test_what_came_with_an_old_date_is_found(self, world, store):
        world.populate(3)
        run(store, world)
        world.now -= timedelta(days=400)
        world.say()
        assert run(store, world).new == 1

    def test_a_large_file_is_read_at_its_beginning(self, world):
        said = world.say("tool x")
        (path,) = (world.path / "new").iterdir()
        path.write_bytes(path.read_bytes() + b"y" * (3 * MAIL_MOST))
        assert fetched(world, None).keys() == {world.external_id(said)}


class TestImap:
    @pytest.fixture
    def world(self) -> Iterator[ImapWorld]:
        yield from imap_world()

    def test_only_what_is_new_is_fetched(self, world, store):
        world.populate(50)
        run(store, world)
        world.site.asked.clear()
        run(store, world)
        assert not any("FETCH" in command for command in world.site.asked)
        world.say()
        run(store, world)
        assert sum("FETCH" in command for command in world.site.asked) == 1

    def test_nothing_is_changed_there(self, world, store):
        world.populate(3)
        run(store, world)
        verbs = [" ".join(command.split()[:2]) for command in world.site.asked]
        assert 'EXAMINE "INBOX"' in world.site.asked
        assert not any(verb.startswith(("SELECT", "UID STORE")) for verb in verbs)

    def test_it_goes_back_30_days_and_no_further(self, world):
        old = world.say()
        world.now += timedelta(days=33)
        new = world.say()
        assert fetched(world, None).keys() == {world.external_id(new)}
        assert fetched(world, None, since=NOW).keys() == ids(world, old, new)

    def test_a_folder_that_is_numbered_anew_is_read_again(self, world, store):
        world.populate(30)
        run(store, world)
        world.site.validity = 8
        for mail in world.site.mails:
            mail.uid += 1_000
        new = world.say()
        world.site.mails[-1].uid = 5
        report = run(store, world)
        assert (report.new, report.updated) == (1, 0)
        assert world.external_id(new) in stored(store)

    def test_mails_that_go_while_they_are_read_are_left_out(self, world):
        said = world.populate(5)

        def expunge(command: str) -> None:
            if "FETCH" in command:
                world.site.mails = world.site.mails[2:]

        world.site.before = expunge
        assert fetched(world, None).keys() == ids(world, *said[2:])

    def test_a_large_mail_is_asked_for_at_its_beginning_only(self, world):
        world.say()
        world.site.mails[0].raw += b"y" * (2 * MAIL_MOST)
        assert len(fetched(world, None)) == 1
        assert any(f"BODY.PEEK[]<0.{MAIL_MOST}>" in command for command in world.site.asked)

    def test_undated_mails_are_as_old_as_the_server_says(self, world):
        world.site.add(b"Subject: x\r\nMessage-ID: <9@x>\r\n\r\nwords\r\n", NOW)
        assert fetched(world, None)["9@x"].created_at == NOW

    def test_another_folder_is_named_as_it_is(self, world):
        world.site.folder = 'Lists "tool"'
        said = world.say()
        source = replace(world.source(), folder='Lists "tool"')
        (batch,) = source.fetch(None, None)
        assert {post.external_id for post in batch.posts} == ids(world, said)

    # What goes wrong

    @pytest.mark.parametrize("step", ["GREETING", "LOGIN", "EXAMINE", "SEARCH", "FETCH", "LOGOUT"])
    @pytest.mark.parametrize(
        "what", [each for each in ImapFault if each not in {ImapFault.STALL, ImapFault.DRIP}]
    )
    def test_every_fault_is_told_and_costs_no_mail(self, world, store, step, what):
        world.populate(3)
        world.site.faults[step] = what
        report = run(store, world)
        assert (report.error is None) == (step == "LOGOUT")
        assert report.error is None or report.error.startswith("mail/list: 127.0.0.1 ")
        assert not any(word in str(report) for word in (*world.secrets, "<!channel>", "nonsense"))
        world.site.faults.clear()
        assert run(store, world).error is None
        assert gaps(store, world) == {}

    @pytest.mark.parametrize("step", ["GREETING", "LOGIN", "SEARCH", "FETCH"])
    @pytest.mark.parametrize("what", [ImapFault.STALL, ImapFault.DRIP])
    def test_a_server_that_never_ends_is_left(self, world, monkeypatch, step, what):
        monkeypatch.setattr("bot.sources.mail.adapter.READ_S", 0.2)
        monkeypatch.setattr("bot.sources.mail.adapter.STEP_S", 0.4)
        world.say()
        world.site.faults[step] = what
        started = time.perf_counter()
        assert "took too long" in str(fault(world.source()))
        assert time.perf_counter() - started < 3.0

    def test_a_wrong_password_lasts_and_is_not_repeated(self, world):
        error = fault(replace(world.source(), password="wr0ng"))  # noqa: S106 that is the test
        assert "refused the log-in: look at user" in str(error)
        assert "MAIL_PASSWORD" in str(error)
        assert error.permanent
        assert "wr0ng" not in f"{error!r} {world.source()!r}"

    def test_a_server_that_is_busy_does_not(self, world):
        world.site.faults["LOGIN"] = ImapFault.UNAVAILABLE
        assert not fault(world.source()).permanent

    @pytest.mark.parametrize("password", ["pässwort", "line\r\nA1 DELETE INBOX"])
    def test_a_password_that_cannot_be_sent_is_no_command(self, world, password):
        error = fault(replace(world.source(), password=password))
        assert "holds what a log-in cannot send" in str(error)
        assert not any("LOGIN" in command for command in world.site.asked)

    def test_without_a_password_nobody_is_asked(self, world):
        assert "set MAIL_PASSWORD" in str(fault(replace(world.source(), password=None)))
        assert world.site.asked == []

    def test_a_folder_that_is_not_there_is_told(self, world):
        error = fault(replace(world.source(), folder="Nowhere"))
        assert "has no such folder" in str(error)
        assert error.permanent

    def test_a_folder_without_numbers_that_last_cannot_be_read(self, world):
        world.site.validity = None
        assert "broke off as the folder was opened" in str(fault(world.source()))

    def test_a_private_host_is_refused_before_anybody_is_asked(self, world):
        error = fault(replace(world.source(), allowed_hosts=frozenset({"other.example"})))
        assert "is a private address" in str(error)
        assert "allowed_hosts in [http]" in str(error)
        assert error.permanent
        assert world.site.asked == []

    def test_a_host_that_does_not_answer_is_told(self, world):
        with ImapSite() as closed:
            port = closed.port
        assert "could not be reached" in str(fault(replace(world.source(), port=port)))

    def test_a_server_without_tls_is_not_talked_to_in_the_clear(self, world):
        error = fault(replace(world.source(), context=ssl.create_default_context))
        assert "could not be reached over TLS" in str(error)
        assert world.site.asked == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that proves to be 127.0.0.1 to whoever trusts it, and its key."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl here: a certificate cannot be made")
    folder = tmp_path_factory.mktemp("tls")
    paths = (folder / "cert.pem", folder / "key.pem")
    options = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test".split()  # noqa: SIM905 as one would type it
    more = ["-addext", "subjectAltName=IP:127.0.0.1"]
    more += ["-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run([openssl, *options, *more], check=True, capture_output=True)  # noqa: S603 a command of our own
    return paths


class TestTls:
    @pytest.fixture
    def world(self, certificate: tuple[Path, Path]) -> Iterator[ImapWorld]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        world = ImapWorld()
        world.site.context = context
        with world.site:
            yield world

    def test_a_server_that_proves_who_it_is_is_read(self, world, certificate):
        said = world.say()
        trusting = replace(
            world.source(), context=lambda: ssl.create_default_context(cafile=certificate[0])
        )
        (batch,) = trusting.fetch(None, None)
        assert {post.external_id for post in batch.posts} == ids(world, said)

    def test_one_that_cannot_learns_nothing(self, world):
        error = fault(replace(world.source(), context=ssl.create_default_context))
        assert "cannot prove who it is" in str(error)
        assert error.permanent
        assert world.site.asked == []

    def test_nor_does_one_by_another_name(self, world, certificate):
        source = replace(
            world.source(),
            host="localhost",
            allowed_hosts=frozenset({"localhost"}),
            context=lambda: ssl.create_default_context(cafile=certificate[0]),
        )
        assert "cannot prove who it is" in str(fault(source))
        assert world.site.asked == []


class TestSettings:
    def load(self, tmp_path: Path, text: str) -> Settings:
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return load(path)

    def test_they_build_a_source_a_mailbox(self, tmp_path, monkeypatch, http):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("MAIL_PASSWORD", "secretive")
        text = """
            [[sources.mail]]
            name = "lists"
            path = "lists.mbox"
            [[sources.mail]]
            name = "alerts"
            host = "imap.example.org"
            user = "reader"
        """
        tape = record(tmp_path / "recording", NOW, ())
        on_disk, account = sources(self.load(tmp_path, text), lambda: NOW, http, tape)
        assert isinstance(on_disk, Mail)
        assert isinstance(account, Mail)
        assert (on_disk.name, on_disk.path) == ("mail/lists", Path("lists.mbox"))
        assert (account.name, account.folder, account.port) == ("mail/alerts", "INBOX", 993)
        assert account.tape is tape
        assert account.password == "secretive"  # noqa: S105 it is not one
        assert "secretive" not in repr(account)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("name='a'", "'a' needs either path, or host and user"),
            ("name='a'\npath='x'\nhost='h'\nuser='u'", "'a' needs either path, or host and user"),
            ("name='a'\nhost='h'", "'a' has a host but no user"),
            ("name='a'\nhost='http://h'\nuser='u'", "sources.mail.0.host:"),
            ('name="a"\nhost="h"\nuser="u"\nfolder="a\\r\\nb"', "sources.mail.0.folder:"),
            (
                "name='a'\npath='x'\n[[sources.mail]]\nname='a'\npath='y'",
                "two mailboxes are called",
            ),
            (
                "name='a'\nhost='h'\nuser='u'\n[[sources.mail]]\nname='b'\nhost='h'\nuser='v'",
                "MAIL_PASSWORD is one account's",
            ),
        ],
    )
    def test_a_fault_names_the_key_and_the_mend(self, tmp_path, text, says):
        with pytest.raises(SettingsError) as caught:
            self.load(tmp_path, f"[[sources.mail]]\n{text}")
        assert says in str(caught.value)


def ids(world: MailWorld, *said: Said) -> set[str]:
    return {world.external_id(one) for one in said}
