from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Post, Role, Visibility
from bot.sources.base import NotAPost
from bot.sources.mail.posts import Letter, posts_of
from bot.sources.mail.words import own_words
from tests.builders import NOW, a_post
from tests.links import links
from tests.sources.flaws import flaws
from tests.sources.mutations import mutated

DATE = "Mon, 02 Mar 2026 11:00:00 +0000"
SAID_AT = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def raw(body: str | bytes = "It broke.\n", **headers: str) -> bytes:
    """A mail as it lies in a mailbox; underscores in names of headers become hyphens."""
    given = {"from": "Ann <ann@private.example>", "date": DATE, "message_id": "<1@x.example>"}
    given |= {"subject": "It broke"} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items() if value]
    text = body.encode() if isinstance(body, str) else body
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + text


def read(data: bytes, arrived: datetime | None = None) -> tuple[Post, ...]:
    posts = posts_of(Letter(data, "here", arrived), "inbox", NOW)
    assert [flaw for post in posts for flaw in flaws(post)] == []
    return posts


def only(data: bytes, arrived: datetime | None = None) -> Post:
    (post,) = read(data, arrived)
    return post


def outcome(data: bytes) -> object:
    """Sound posts, or the reason why there is none."""
    try:
        return read(data)
    except NotAPost as error:
        return error.reason


class TestAnyMail:
    def test_it_is_a_post_of_its_mailbox(self):
        post = only(raw())
        assert (post.source, post.external_id, post.kind) == ("mail", "1@x.example", "mail")
        assert (post.title, post.text, post.author) == ("It broke", "It broke.", "Ann")
        assert (post.venue, post.created_at, post.role) == ("inbox", SAID_AT, Role.USER)
        assert (post.url, post.parent_id, post.root_id) == (None, None, None)

    @pytest.mark.parametrize(
        ("sender", "author"),
        [
            ("Ann Example <ann@private.example>", "Ann Example"),
            ('"Example, Ann" <ann@private.example>', "Example, Ann"),
            ("ann@private.example", "ann"),
            ("<ann@private.example>", "ann"),
            ("ann@private.example <ann@private.example>", "ann"),
            ('"ann@private.example (work)" <x@private.example>', "ann"),
            ("ann@private.example (Ann Example)", "Ann Example"),
            ("ann at private.example (Ann Example)", "Ann Example"),
            ("'Ann Example' via Tool users <users@tool.example>", "Ann Example"),
            ("=?utf-8?q?J=C3=BCrgen?= <j@private.example>", "Jürgen"),
            ("=?iso-8859-1?q?J=FCrgen?= <j@private.example>", "Jürgen"),
            ("=?x-none?b?////?= <j@private.example>", "ÿÿÿ"),
            ("=?utf-8?q?Ann=0D=0ABcc=3A_victim?= <a@private.example>", "Ann Bcc: victim"),
            ("no-reply@private.example", None),
            ("", None),
            ("@", None),
        ],
    )
    def test_the_author_is_a_name_and_never_an_address(self, sender, author):
        post = only(raw(**{"from": sender}))
        assert post.author == author
        assert "private.example" not in repr(post)

    def test_raw_bytes_in_a_header_are_read_as_what_they_may_be(self):
        data = raw(subject="SUBJECT")
        assert only(data.replace(b"SUBJECT", "naïve ☃".encode())).title == "naïve ☃"
        assert only(data.replace(b"SUBJECT", b"na\xefve")).title == "naïve"

    @pytest.mark.parametrize(
        ("subject", "title"),
        [
            ("Re: It broke", "It broke"),
            ("AW: Re[2]: It broke", "It broke"),
            ("=?utf-8?q?It?= =?utf-8?q?_broke?=", "It broke"),
            ("It\r\n broke", "It broke"),
            ("=?utf-8?b?A?=", "=?utf-8?b?A?="),
            ("Reader: it broke", "Reader: it broke"),
        ],
    )
    def test_a_subject_becomes_a_title(self, subject, title):
        assert only(raw(subject=subject)).title == title

    def test_a_mail_without_an_id_has_one_that_lasts_and_tells_it_from_others(self):
        one, again, other = raw(message_id=""), raw(message_id=""), raw("No.\n", message_id="")
        assert only(one).external_id == only(again).external_id != only(other).external_id

    @pytest.mark.parametrize("message_id", ["x" * 500 + "@x", "\u202e1@x", "1@x\x07"])
    def test_an_id_that_cannot_be_kept_is_digested(self, message_id):
        assert only(raw(message_id=f"<{message_id}>")).external_id.startswith("digest/")

    @pytest.mark.parametrize("said", ["auto-replied", "auto-generated; owner=x", "Auto-Notified"])
    def test_what_a_machine_sent_is_a_bot_s(self, said):
        assert only(raw(auto_submitted=said)).role is Role.BOT
        assert only(raw(auto_submitted="no")).role is Role.USER

    @pytest.mark.parametrize(
        "data", [b"", b"\n\n", b"words", raw("", subject=""), raw(" \n", subject=" ")]
    )
    def test_what_holds_no_words_is_no_post(self, data):
        with pytest.raises(NotAPost, match=r"no (headers|words)"):
            read(data)


class TestDates:
    ARRIVED = SAID_AT + timedelta(minutes=3)

    @pytest.mark.parametrize(
        "date",
        ["", "yesterday", "Thu, 01 Jan 1970 00:00:00 +0000", "Mon, 02 Mar 2037 11:00:00 +0000",
         "Mon, 99 Foo 2026 99:99:99 +9999", "\x00", "5" * 5_000],
    )  # fmt: skip
    def test_a_missing_or_absurd_one_is_when_the_mailbox_took_it_in(self, date):
        assert only(raw(date=date), self.ARRIVED).created_at == self.ARRIVED

    def test_else_it_is_what_the_last_server_wrote(self):
        received = "from a by b; Mon, 02 Mar 2026 11:02:00 +0000"
        assert only(raw(date="", received=received)).created_at == SAID_AT + timedelta(minutes=2)

    def test_else_it_is_now(self):
        assert only(raw(date="")).created_at == NOW

    @pytest.mark.parametrize(
        ("date", "minutes"),
        [
            ("Mon, 02 Mar 2026 13:00:00 +0200", 0), ("Mon, 2 Mar 2026 11:00 GMT", 0),
            ("2 Mar 2026 03:00:00 PST", 0), ("Mon, 02 Mar 2026 11:00:00 -0000", 0),
            ("Mon, 02 Mar 2026 11:00:00", 0), ("Mon, 02 Mar 2026 20:00:00 +0000", 540),
        ],
    )  # fmt: skip
    def test_a_sound_one_is_kept_in_utc_even_from_a_clock_that_is_ahead(self, date, minutes):
        post = only(raw(date=date), self.ARRIVED)
        assert post.created_at == SAID_AT + timedelta(minutes=minutes)


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "charset"),
        [
            ("naïve ☃".encode(), "utf-8"), ("naïve ☃".encode(), "us-ascii"),
            ("naïve ☃".encode(), "no-such-charset"), ("naïve ☃".encode("utf-16"), "utf-16"),
            ("naïve ☃".encode(), "punycode"), ("naïve ☃".encode(), ""),
            ("naïve ☃".encode("gb18030"), "gb18030"), ("naïve ☃".encode(), "zlib"),
            ("naïve ☃".encode(), "utf-8\x00"), ("naïve ☃".encode(), "undefined"),
        ],
    )  # fmt: skip
    def test_whatever_charset_is_claimed_the_words_are_read(self, body, charset):
        assert only(raw(body, content_type=f"text/plain; charset={charset}")).text == "naïve ☃"

    @pytest.mark.parametrize("charset", ["iso-8859-1", "us-ascii", "windows-1252", "utf-8"])
    def test_old_bytes_are_what_they_mostly_are(self, charset):
        post = only(raw(b"na\xefve \x93x\x94", content_type=f"text/plain; charset={charset}"))
        assert post.text == "naïve “x”"

    @pytest.mark.parametrize(
        ("body", "packed"),
        [
            ("SXQgYnJva2Uu\r\n", "base64"), ("SXQgYnJva2Uu=!", "BASE64"),
            ("It=20bro=\r\nke.", "quoted-printable"),
            ("It broke.", "7bit"), ("It broke.", "x-unknown"),
        ],
    )  # fmt: skip
    def test_however_it_is_packed_the_words_are_read(self, body, packed):
        assert only(raw(body, content_transfer_encoding=packed)).text == "It broke."

    def multipart(self, kind: str, *parts: tuple[str, str]) -> bytes:
        body = "".join(f"--b\r\n{head}\r\n\r\n{text}\r\n" for head, text in parts) + "--b--\r\n"
        return raw(body, content_type=f"multipart/{kind}; boundary=b")

    def test_plain_words_go_before_html(self):
        plain, html = ("Content-Type: text/plain", "plain"), ("Content-Type: text/html", "<p>html")
        assert only(self.multipart("alternative", plain, html)).text == "plain"
        assert only(self.multipart("alternative", html, plain)).text == "plain"
        assert only(self.multipart("alternative", html)).text == "html"

    def test_html_alone_is_read_without_what_it_quotes(self):
        html = "<style>x</style><p>Mine &amp; <b>yours</b></p><blockquote>Theirs</blockquote>"
        assert only(raw(html, content_type="text/html")).text == "Mine & yours"

    def test_a_footer_in_a_part_of_its_own_does_not_hide_the_html(self):
        html = ("Content-Type: text/html", "<p>Words</p>")
        footer = ("Content-Type: text/plain", f"{'_' * 40}\r\nusers mailing list")
        assert only(self.multipart("mixed", html, footer)).text == "Words"

    def test_attachments_and_attached_mails_are_not_read(self):
        parts = (
            ("Content-Type: text/plain", "Words"),
            ("Content-Type: text/plain; name=log.txt", "log"),
            ("Content-Type: text/plain\r\nContent-Disposition: attachment", "log"),
            ("Content-Type: text/plain\r\nContent-Disposition: inline; filename=l", "log"),
            ("Content-Type: message/rfc822", "Subject: x\r\n\r\nother"),
            ("Content-Type: image/png", "png"),
        )
        assert only(self.multipart("mixed", *parts)).text == "Words"

    def test_a_mail_that_was_cut_off_gives_what_there_is(self):
        whole = self.multipart("mixed", ("Content-Type: text/plain", "Words and more words"))
        assert only(whole[:-20]).text.startswith("Words")

    def test_a_very_long_text_is_cut(self):
        assert len(only(raw("word " * 150_000)).text) <= 100_000

    def test_parts_in_parts_without_end_are_no_mail(self):
        nested = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 3_000
        started = time.perf_counter()
        with pytest.raises(NotAPost, match="too many parts"):
            read(raw(nested))
        assert time.perf_counter() - started < 1.0

    @pytest.mark.parametrize(
        "piece",
        ["> ", "=?utf-8?q?x?= ", "<", "<blockquote>", "<a href='", "On 1 x:\n", "-- \n", "_" * 40,
         "From: x\n", "\n> x\nwrote:\n", "&amp;", "<1@x> "],
    )  # fmt: skip
    @pytest.mark.parametrize("kind", ["text/plain", "text/html"])
    def test_hostile_mails_take_no_longer_than_others(self, piece, kind):
        many = piece * (400_000 // len(piece))
        short = many[:50_000].replace("\n", " ")
        data = raw(many, content_type=kind, subject=short, references=short, in_reply_to="<2@x>")
        started = time.perf_counter()
        with suppress(NotAPost):
            read(data)
        assert time.perf_counter() - started < 3.0

    @pytest.mark.parametrize(
        "piece",
        ["<a href='https://f5bot.com/url?u=x'>", "<a href='", "Reddit Posts: x by y\n",
         "<tr itemscope>", "Keyword: ", "https://f5bot.com/url?u=https://x.example/ ", "<a href=https://google.com/url>"],
    )  # fmt: skip
    @pytest.mark.parametrize("sender", ["googlealerts-noreply@google.com", "admin@f5bot.com"])
    @pytest.mark.parametrize("kind", ["text/plain", "text/html"])
    def test_so_do_hostile_alerts(self, piece, sender, kind):
        data = raw(piece * (400_000 // len(piece)), **{"from": sender, "content_type": kind})
        started = time.perf_counter()
        assert outcome(data)
        assert time.perf_counter() - started < 3.0

    @given(st.binary(max_size=300))
    def test_any_bytes_are_a_post_or_none(self, data):
        for whole in (data, raw(data), raw(data, content_type="text/html")):
            assert outcome(whole)

    def test_damaged_mails_are_sound_posts_or_none(self):
        random = Random(11)
        sound = [raw(GOOGLE, **GOOGLE_HEADERS), raw(F5BOT, **F5BOT_HEADERS), github(), raw()]
        for _ in range(400):
            assert outcome(mutated(random.choice(sound), random))


class TestOwnWords:
    @pytest.mark.parametrize(
        ("text", "own"),
        [
            ("Mine\n> theirs\nmine too", "Mine\nmine too"),
            ("On Mon, 2 Mar 2026 at 10:00, Bob <b@x> wrote:\n> theirs\n\nMine", "\nMine"),
            ("Mine\n\nOn Mon, Mar 2, 2026 at 10 AM Bob\n<b@x.example> wrote:\n\n> t", "Mine\n"),
            ("Am 02.03.2026 um 10:00 schrieb Bob:\n> seins\nMeins", "Meins"),
            ("Le lun. 2 mars 2026, Bob a écrit :\n> x\nÀ moi", "À moi"),
            ("2026年3月2日 Bob 写道\uff1a\n> x\n我的", "我的"),
            ("Mine\n-----Original Message-----\nFrom: Bob\nTheirs", "Mine"),
            ("Mine\n________________________________\nFrom: Bob\nSent: Monday\nTheirs", "Mine"),
            ("Mine\nFrom: Bob <b@x>\nSent: Monday\nTo: Ann\nTheirs", "Mine"),
            ("Mine\n-- \nAnn Example\n+1 555", "Mine"),
            ("Mine\n_______________________________________________\nusers mailing list", "Mine"),
            ("I tried this:\n> select 1;\nand more", "I tried this:\nand more"),
            ("From: here on it fails", "From: here on it fails"),
            ("a -- b\n--- a/file\n+++ b/file", "a -- b\n--- a/file\n+++ b/file"),
            ("", ""),
        ],
    )  # fmt: skip
    def test_what_others_wrote_is_left_out(self, text, own):
        assert own_words(text, answers=True) == own

    def test_a_mail_that_answers_nothing_quotes_nobody(self):
        assert own_words(">>> import tool\n> x", answers=False) == ">>> import tool\n> x"
        assert only(raw(">>> import tool\n")).text == ">>> import tool"

    def test_mail_above_what_it_answers_keeps_its_words(self):
        quoted = "Thanks, that worked!\n\nOn Mon, 2 Mar 2026, Bob wrote:\n> try this\n> and that\n"
        assert only(raw(quoted, in_reply_to="<0@x.example>")).text == "Thanks, that worked!"

    def test_an_answer_without_words_of_its_own_is_no_post(self):
        with pytest.raises(NotAPost, match="no words"):
            read(raw("> theirs\n", in_reply_to="<0@x.example>"))

    @given(st.text(st.sampled_from("a>-_: \nOn1wrote"), max_size=120))
    def test_it_only_ever_leaves_lines_out(self, text):
        kept = iter(text.splitlines())
        assert all(line in kept for line in own_words(text, answers=True).splitlines())


class TestLists:
    LIST = "Tool users <users.tool.example>"

    def test_the_list_is_the_venue_and_its_archive_the_address(self):
        archived = "<https://lists.tool.example/users/1>"
        post = only(raw(list_id=self.LIST, archived_at=archived, subject="[users] It broke"))
        assert (post.venue, post.title) == ("Tool users", "It broke")
        assert post.url == "https://lists.tool.example/users/1"

    @pytest.mark.parametrize(
        ("list_id", "venue"),
        [
            ("<users.tool.example>", "users.tool.example"),
            ('"Tool users" <users.tool.example>', "Tool users"),
            ("=?utf-8?q?B=C3=BCcher?= <b.tool.example>", "Bücher"),
            ("nonsense", "inbox"),
            ("", "inbox"),
        ],
    )
    def test_a_list_goes_by_the_name_that_it_gives_itself(self, list_id, venue):
        assert only(raw(list_id=list_id)).venue == venue

    def test_only_the_list_s_own_tag_is_taken_off(self):
        assert only(raw(list_id=self.LIST, subject="[BUG] It broke")).title == "[BUG] It broke"
        assert only(raw(subject="[users] It broke")).title == "[users] It broke"

    def test_what_went_to_a_list_is_public_and_what_went_to_somebody_is_not(self):
        assert only(raw(list_id=self.LIST)).visibility is Visibility.PUBLIC
        assert only(raw()).visibility is Visibility.PRIVATE

    def test_a_subject_that_says_re_quotes_even_without_a_parent(self):
        post = only(raw("> theirs\nmine\n", subject="Re: It broke"))
        assert (post.text, post.opens, post.title) == ("mine", True, "It broke")

    def test_an_answer_knows_its_parent_and_the_opener(self):
        references = "<1@x.example>\r\n <2@x.example> <3@x.example>"
        post = only(raw(message_id="<4@x>", in_reply_to="<3@x.example>", references=references))
        assert (post.kind, post.title) == ("reply", "")
        assert (post.parent_id, post.root_id) == ("3@x.example", "1@x.example")

    def test_without_references_the_opener_is_unknown(self):
        post = only(raw(in_reply_to="<3@x.example>"))
        assert (post.parent_id, post.root_id) == ("3@x.example", None)

    def test_without_a_parent_the_last_reference_is_one(self):
        post = only(raw(references="<1@x.example> <2@x.example>"))
        assert (post.parent_id, post.root_id) == ("2@x.example", "1@x.example")

    def test_parents_are_named_as_they_are_themselves(self):
        strange = "x" * 500 + "@x"
        parent = only(raw(message_id=f"<{strange}>"))
        assert only(raw(in_reply_to=f"<{strange}>")).parent_id == parent.external_id


GITHUB_BODY = """### What happened

It **broke** on `macOS`.

> quoted by somebody

—
Reply to this email directly, view it on GitHub:
https://github.com/acme/tool/issues/7?email_token=SECRET
You are receiving this because you are subscribed to this thread.

Message ID: <acme/tool/issues/7@github.com>
"""


def github(
    message_id: str = "acme/tool/issues/7", body: str = GITHUB_BODY, **headers: str
) -> bytes:
    given = {
        "from": "Ann Example <notifications@github.com>",
        "subject": "[acme/tool] Crash on start (Issue #7)",
        "message_id": f"<{message_id}@github.com>",
        "list_id": "acme/tool <tool.acme.github.com>",
        "x_github_sender": "ann",
        "precedence": "list",
    }
    return raw(body, **(given | headers))


class TestGithub:
    def test_an_issue_is_a_mail_that_points_at_the_issue(self):
        post = only(github())
        assert (post.source, post.kind, post.venue) == ("mail", "issue", "acme/tool")
        assert (post.title, post.author) == ("Crash on start", "ann")
        assert post.text == "What happened\n\nIt broke on macOS.\n\nquoted by somebody"
        assert post.url == post.link == "https://github.com/acme/tool/issues/7"

    def test_nothing_of_the_footer_is_kept(self):
        assert "SECRET" not in repr(only(github()))

    @pytest.mark.parametrize(
        ("rest", "anchor"),
        [
            ("issues/7/456", "#issuecomment-456"), ("pull/7/c456", "#issuecomment-456"),
            ("pull/7/review/456", "#pullrequestreview-456"), ("pull/7/r456", "#discussion_r456"),
            ("repo-discussions/7/comments/456", "#discussioncomment-456"),
        ],
    )  # fmt: skip
    def test_an_answer_points_at_its_place_and_its_thread(self, rest, anchor):
        form, number, _ = rest.split("/", 2)
        root = f"acme/tool/{form}/{number}@github.com"
        headers = {"in_reply_to": f"<{root}>", "references": f"<{root}>"}
        post = only(github(f"acme/tool/{rest}", "Me too\n> quoted\n", subject="Re: x", **headers))
        assert (post.kind, post.title, post.text) == ("comment", "", "Me too")
        assert (post.parent_id, post.root_id) == (root, root)
        assert post.url
        assert post.url.endswith(anchor)
        assert post.link == post.url.removesuffix(anchor)

    @pytest.mark.parametrize(
        ("rest", "kind", "page"),
        [
            ("pull/7", "pull", "/pull/7"), ("repo-discussions/7", "discussion", "/discussions/7"),
            ("releases/99", "release", "/releases"), ("issues/7", "issue", "/issues/7"),
        ],
    )  # fmt: skip
    def test_each_form_has_its_kind_and_page(self, rest, kind, page):
        post = only(github(f"acme/tool/{rest}"))
        assert (post.kind, post.link) == (kind, f"https://github.com/acme/tool{page}")

    @pytest.mark.parametrize(
        "rest",
        ["issue/7/issue_event/5", "pull/7/before/a/after/b", "check-suites/CS_1/1", "pull/7/push/8",
         "security-advisories/x", "repository-invitations/5"],
    )  # fmt: skip
    def test_notices_in_which_nobody_speaks_are_no_posts(self, rest):
        with pytest.raises(NotAPost, match="a notice"):
            read(github(f"acme/tool/{rest}"))

    def test_a_bot_of_github_s_is_a_bot(self):
        post = only(github(x_github_sender="dependabot[bot]"))
        assert (post.author, post.role) == ("dependabot[bot]", Role.BOT)

    def test_it_meets_the_issue_that_github_s_api_has_brought(self):
        issue = a_post(external_id="acme/tool#7", url="https://github.com/acme/tool/issues/7")
        mail = only(github())
        (found,) = links([mail, issue])
        assert (found.target_key, found.how) == (issue.key, "url")
        assert mail.key != issue.key

    @pytest.mark.parametrize(
        "message_id",
        ["acme/tool/issues/7@github.com.evil.example", "7@github.com", "a/b/issues/../7@github.com",
         "<!channel>/tool/issues/7@github.com", "é/tool/issues/7@github.com"],
    )  # fmt: skip
    def test_what_only_looks_like_it_is_any_mail(self, message_id):
        assert only(raw(message_id=f"<{message_id}>")).link is None


def redirect(url: str) -> str:
    return f"https://www.google.com/url?rct=j&amp;sa=t&amp;url={url}&amp;ct=ga&amp;cd=x&amp;usg=y"


GOOGLE_HEADERS = {
    "from": "Google Alerts <googlealerts-noreply@google.com>",
    "subject": '=?utf-8?q?Google_Alert_-_"acme_tool"?=',
    "content_type": "text/html; charset=utf-8",
}
GOOGLE = f"""<table><tr itemscope itemtype="http://schema.org/Article"><td>
<a href="{redirect("https://blog.example/post?id%3D1")}" itemprop="url"><span itemprop="name">Why
<b>Acme Tool</b> breaks</span></a>
<div itemprop="publisher" itemscope><span itemprop="name">The Blog</span></div>
<div itemprop="description">It <b>breaks</b> daily &nbsp;...</div>
<a href="{redirect("https://blog.example/post?id%3D1")}"><img src="x"></a>
<a href="https://www.google.com/alerts/feedback?x=SECRET">Flag as irrelevant</a></td></tr>
<tr><td><a href="{redirect("https://news.example/2")}">Another page</a></td></tr>
<tr><td><a href="{redirect("javascript:alert(1)")}">Evil page</a></td></tr></table>
<a href="https://www.google.com/alerts/remove?s=SECRET">Unsubscribe</a>"""

GOOGLE_TEXT = f"""=== News - 2 new results for ["acme tool"] ===

Why Acme Tool breaks
The Blog
It breaks daily
<{redirect("https://blog.example/post?id%3D1").replace("&amp;", "&")}>

Another page
<{redirect("https://news.example/2").replace("&amp;", "&")}>

Unsubscribe: <https://www.google.com/alerts/remove?s=SECRET>
"""


class TestGoogleAlerts:
    def test_each_page_is_a_post_with_its_own_address(self):
        first, second = read(raw(GOOGLE, **GOOGLE_HEADERS))
        assert (first.kind, first.title) == ("alert", "Why Acme Tool breaks")
        assert (first.venue, first.text) == ("The Blog", "It breaks daily ...")
        assert first.url == first.link == "https://blog.example/post?id=1"
        assert (first.labels, first.author, first.created_at) == (("acme tool",), None, SAID_AT)
        assert (second.title, second.link) == ("Another page", "https://news.example/2")
        assert second.venue == "news.example"

    def test_the_plain_form_says_the_same(self):
        plain = {**GOOGLE_HEADERS, "content_type": "text/plain"}
        first, second = read(raw(GOOGLE_TEXT, **plain))
        assert (first.title, first.text) == ("Why Acme Tool breaks", "The Blog\nIt breaks daily")
        assert [post.link for post in (first, second)] == [
            "https://blog.example/post?id=1",
            "https://news.example/2",
        ]

    def test_a_page_that_several_alerts_find_is_one_post(self):
        one = read(raw(GOOGLE, **GOOGLE_HEADERS))
        other = read(raw(GOOGLE, **GOOGLE_HEADERS, message_id="<other@google.com>"))
        assert [post.external_id for post in one] == [post.external_id for post in other]

    def test_no_link_that_acts_in_the_reader_s_name_is_kept(self):
        assert "SECRET" not in repr(read(raw(GOOGLE, **GOOGLE_HEADERS)))

    def test_one_of_another_form_is_any_mail(self):
        assert only(raw("Your alert was made.", **GOOGLE_HEADERS)).kind == "mail"

    def test_a_mail_from_google_that_is_no_alert_is_any_mail(self):
        mine = {**GOOGLE_HEADERS, "from": "Ann <ann@google.com>"}
        assert only(raw(GOOGLE, **mine)).kind == "mail"


F5BOT_HEADERS = {"from": "F5Bot <admin@f5bot.com>", "subject": "F5Bot found something: acme",
                 "content_type": "text/html; charset=utf-8"}  # fmt: skip
F5BOT = """<p>F5Bot found something!</p><h2>Keyword: "acme tool"</h2>
<p style='margin-left:10px'>  Reddit Comments (/r/python/): <a
href='https://f5bot.com/url?u=https%3A%2F%2Fwww.reddit.com%2Fr%2Fpython%2Fcomments%2Fabc%2Fx%2Fdef%2F&h=SECRET'
>What
do you use?</a> by bob_1<br>
<span style='font-family: monospace'>I use <strong>acme tool</strong> and it breaks</span></p>
<h2>Keyword: "acme"</h2><p>Hacker News Posts:
<a href='https://f5bot.com/url?u=https%3A%2F%2Fnews.ycombinator.com%2Fitem%3Fid%3D42&h=SECRET'
>Acme</a> by pg<br></p>
<p>Do you have comments? <a href='https://f5bot.com/unsubscribe?h=SECRET'>Unsubscribe</a></p>"""
F5BOT_TEXT = """F5Bot found something!

Keyword: "acme tool"
  Reddit Comments (/r/python/): 'What do you use?' by bob_1
    https://f5bot.com/url?u=https%3A%2F%2Fwww.reddit.com%2Fr%2Fpython%2Fcomments%2Fabc%2Fx%2Fdef%2F&i=1
    I use acme tool and it breaks

Keyword: "acme"
  Hacker News Posts: Acme by pg
    https://news.ycombinator.com/item?id=42

Do you have comments or suggestions about F5Bot?
Unsubscribe: https://f5bot.com/unsubscribe?h=SECRET
"""


class TestF5Bot:
    @pytest.mark.parametrize(("body", "kind"), [(F5BOT, "text/html"), (F5BOT_TEXT, "text/plain")])
    def test_each_mention_is_a_post_by_whoever_wrote_it(self, body, kind):
        comment, story = read(raw(body, **{**F5BOT_HEADERS, "content_type": kind}))
        assert (comment.kind, comment.venue, comment.author) == ("mention", "r/python", "bob_1")
        assert (comment.title, comment.text) == (
            "What do you use?", "I use acme tool and it breaks",
        )  # fmt: skip
        assert comment.link == "https://www.reddit.com/r/python/comments/abc/x/def/"
        assert comment.labels == ("acme tool",)
        assert (story.venue, story.author, story.labels) == ("Hacker News", "pg", ("acme",))
        assert story.link == "https://news.ycombinator.com/item?id=42"

    @pytest.mark.parametrize(("body", "kind"), [(F5BOT, "text/html"), (F5BOT_TEXT, "text/plain")])
    def test_no_link_that_acts_in_the_reader_s_name_is_kept(self, body, kind):
        assert "SECRET" not in repr(read(raw(body, **{**F5BOT_HEADERS, "content_type": kind})))

    def test_one_of_another_form_is_any_mail(self):
        assert only(raw("Welcome to F5Bot", **F5BOT_HEADERS)).kind == "mail"

    def test_it_meets_the_post_that_the_site_s_own_source_has_brought(self):
        story = a_post(
            source="hackernews", external_id="42", url="https://news.ycombinator.com/item?id=42"
        )
        found = links([*read(raw(F5BOT, **F5BOT_HEADERS)), story])
        assert [(link.target_key, link.how) for link in found] == [("hackernews:42", "url")]


def test_what_the_standard_library_writes_is_read():
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Jürgen <j@private.example>", "Grüße ☃"
    mail.set_content("Schöne Grüße ☃\n" + "x" * 2_000 + "\n")
    mail.add_alternative("<p>Schöne Grüße</p>", subtype="html")
    mail.add_attachment(b"x" * 100, maintype="image", subtype="png", filename="x.png")
    post = only(mail.as_bytes())
    assert (post.author, post.title) == ("Jürgen", "Grüße ☃")
    assert post.text.startswith("Schöne Grüße ☃")
