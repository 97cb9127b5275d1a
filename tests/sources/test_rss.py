from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Post
from bot.sources.base import Batch
from bot.sources.rss import MAX_ENTRIES, Rss
from tests.builders import NOW, ago
from tests.shared import shared
from tests.sources.contract import SourceContract, WebContract, answers, run
from tests.sources.flaws import flaws
from tests.sources.mutations import mutated
from tests.world.feed import FeedWorld
from tests.world.site import Answer, Site, json_answer

Reader = Callable[..., Batch]

RSS = "application/rss+xml"
KINDS = (RSS, "text/xml", "application/xml; charset=utf-8", "text/html", "application/json", "")


@pytest.fixture
def world(http):
    with FeedWorld(http, "atom") as world:
        yield world


class TestContract(WebContract):
    pass


class TestOtherForms(SourceContract):
    @pytest.fixture(params=["rss", "json"])
    def world(self, http, request):
        with FeedWorld(http, request.param) as world:
            yield world


@pytest.fixture
def site():
    with Site(lambda _: Answer()) as site:
        yield site


@pytest.fixture
def read(http, site) -> Reader:
    """Reads a feed of these bytes; its one batch."""

    def read(body: bytes, kind: str = RSS, cursor: str | None = None, **headers: str) -> Batch:
        site.respond = lambda _: Answer(body=body, headers={"content-type": kind, **headers})
        source = Rss(http, lambda: NOW, f"{site.url}/blog/feed?token=secret", "blog")
        [batch] = source.fetch(cursor, None)
        assert [flaw for post in batch.posts for flaw in flaws(post)] == []
        return batch

    return read


def rss(*items: str, head: str = "<title>The blog</title>") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel>{head}{inside}</channel></rss>'.encode()


def atom(*entries: str, head: str = "<title>The blog</title>") -> bytes:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{inside}</feed>'.encode()


def json_feed(*items: Any, **fields: Any) -> bytes:
    whole = {"version": "https://jsonfeed.org/version/1.1", "title": "The blog", "items": items}
    return json_answer(whole | fields).body


def only(batch: Batch) -> Post:
    [post] = batch.posts
    return post


def titles(batch: Batch) -> list[str]:
    return [post.title for post in batch.posts]


# Coming back


def test_the_validators_of_the_last_answer_are_sent_with_the_next_question(read, site):
    date = "Mon, 02 Mar 2026 10:00:00 GMT"
    cursor = read(rss("<title>One</title>"), etag='"1"', **{"last-modified": date}).cursor
    read(rss("<title>One</title>"), cursor=cursor)
    sent = site.asked[-1].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"1"', date)


def test_an_unchanged_feed_costs_one_304_a_run(store, http):
    with FeedWorld(http, "rss") as world:
        world.populate(9)
        run(store, world)
        with answers(world) as given:
            reports = [run(store, world) for _ in range(10)]
    assert [answer.status for answer in given] == [304] * 10
    assert {(report.error, report.read) for report in reports} == {(None, 0)}


def test_without_validators_only_entries_with_other_words_come_again(read):
    one, two = "<guid>1</guid><title>One</title>", "<guid>2</guid><title>Two</title>"
    first = read(rss(one, two))
    same = read(rss(two, one), cursor=first.cursor)
    other = read(rss(one, two.replace("Two", "Two!")), cursor=same.cursor)
    back = read(rss(one, two), cursor=other.cursor)
    assert (titles(same), titles(other), titles(back)) == ([], ["Two!"], ["Two"])
    assert only(other).external_id == first.posts[0].external_id


def test_only_the_first_entries_of_a_long_feed_are_read_and_the_reader_is_told(read):
    batch = read(rss(*(f"<title>Entry {n}</title>" for n in range(MAX_ENTRIES + 1))))
    assert len(batch.posts) == MAX_ENTRIES
    assert "Entry 0" in titles(batch)
    [rejection] = batch.rejected
    assert rejection.reason == "over the entry cap"
    assert rejection.detail == f"{MAX_ENTRIES + 1} entries, {MAX_ENTRIES} read"


def test_of_two_entries_with_one_id_the_upper_one_has_the_last_word(read):
    batch = read(rss("<guid>1</guid><title>New</title>", "<guid>1</guid><title>Old</title>"))
    assert {post.external_id: post.title for post in batch.posts}.popitem()[1] == "New"


# What makes an entry itself


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("<guid>1</guid><link>http://a.example/</link>", "<guid>1</guid>", True),
        ("<link>http://a.example/</link>", "<link>http://a.example/</link>", True),
        ("<guid>1</guid>", "<guid>2</guid>", False),
        ("", "", True),
        ("<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>", "", False),
    ],
)
def test_an_entry_is_known_by_its_id_then_its_link_then_its_title_and_date(
    read, before, after, same
):
    title = "<title>One</title>"
    ids = {only(read(rss(title + entry))).external_id for entry in (before, after)}
    assert len(ids) == (1 if same else 2)


def test_entries_with_nothing_but_words_are_told_apart_by_them(read):
    batch = read(rss("<description>First</description>", "<description>Second</description>"))
    assert len({post.external_id for post in batch.posts}) == 2


def test_an_entry_without_words_is_rejected(read):
    batch = read(rss("<guid>1</guid><description><![CDATA[<img src='x.png'>]]></description>"))
    assert [(r.where, r.reason) for r in batch.rejected] == [("rss/blog entry 1", "no words")]


# When


@pytest.mark.parametrize(
    ("dates", "created"),
    [
        ("<pubDate>Sun, 01 Mar 2026 12:00:00 +0200</pubDate>", "2026-03-01T10:00:00+00:00"),
        (
            "<pubDate>soon</pubDate><updated>2026-03-01T10:00:00Z</updated>",
            "2026-03-01T10:00:00+00:00",
        ),
        ("", NOW.isoformat()),
        ("<pubDate>soon</pubDate>", NOW.isoformat()),
        ("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", NOW.isoformat()),
        ("<pubDate>Mon, 01 Jan 0001 00:00:00 GMT</pubDate>", NOW.isoformat()),
        ("<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>", NOW.isoformat()),
    ],
)
def test_an_entry_is_as_old_as_it_says_or_as_its_reading(read, dates, created):
    assert only(read(rss(f"<title>One</title>{dates}"))).created_at.isoformat() == created


def test_since_leaves_out_what_is_older(http, site):
    old, new = "<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>", "<title>New</title>"
    site.respond = lambda _: Answer(body=rss(f"<title>Old</title>{old}", new))
    [batch] = Rss(http, lambda: NOW, site.url, "blog").fetch(None, ago(1))
    assert titles(batch) == ["New"]


# Words


@pytest.mark.parametrize(
    ("feed", "title"),
    [
        (atom("<title>Vec&lt;T&gt; is &amp;amp; was slow</title>"), "Vec<T> is & was slow"),
        (atom('<title type="html">Less &lt;b&gt;noise&lt;/b&gt;</title>'), "Less noise"),
        (atom("<title>&#8238;Turned round</title>"), "Turned round"),
        (rss("<title>Vec&lt;T&gt; is slow</title>"), "Vec<T> is slow"),
        (rss("<title><![CDATA[Less <b>noise</b> &amp; more]]></title>"), "Less noise & more"),
        (json_feed({"title": "Vec<T> is slow"}), "Vec<T> is slow"),
        (json_feed({"title": "One\nline\ud800"}), "One line\ufffd"),
    ],
)
def test_a_title_keeps_its_words_and_loses_its_mark_up(read, feed, title):
    assert only(read(feed)).title == title


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"content_html": "<p>Vec&lt;T&gt;</p><p>slow</p>"}, "Vec<T>\n\nslow"),
        ({"content_text": "Vec<T> & <div>\nslow"}, "Vec<T> & <div>\nslow"),
        ({"content_html": 5, "summary": "Short"}, "Short"),
    ],
)
def test_the_body_of_a_json_feed_is_html_only_where_it_says_so(read, item, text):
    assert only(read(json_feed(item))).text == text


def test_the_longest_body_of_an_entry_is_read_and_scripts_are_not(read):
    long = "<content type='html'>&lt;script&gt;x()&lt;/script&gt;Long and good</content>"
    assert only(read(atom(f"<summary>Short</summary>{long}"))).text == "Long and good"
    script = f"<content type='html'>&lt;script&gt;{'x();' * 50}&lt;/script&gt;</content>"
    assert only(read(atom(f"<summary>Short</summary>{script}"))).text == "Short"


def test_the_venue_is_the_feeds_title_or_else_its_name(read):
    entry = "<title>One</title>"
    assert only(read(rss(entry))).venue == "The blog"
    assert only(read(rss(entry, head="<title> </title>"))).venue == "blog"
    assert len(only(read(rss(entry, head=f"<title>{'long ' * 99}</title>"))).venue) <= 256


def test_who_wrote_it_and_under_which_labels(read):
    entry = "<title>One</title><author><name>Ann</name></author>"
    post = only(read(atom(f'{entry}<category term="c++"/><category term=" "/>')))
    assert (post.author, post.labels) == ("Ann", ("c++",))
    assert only(read(json_feed({"title": "One", "author": {"name": "Ann"}}))).author == "Ann"


# Addresses


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("<link href='https://a.example/1'/>", "https://a.example/1"),
        ("<link href='/1'/>", "{site}/1"),
        ("<link href='1'/>", "{site}/blog/1"),
        ("<link xml:base='https://a.example/b/' href='1'/>", "https://a.example/b/1"),
        ("<link href='javascript:alert(1)'/>", None),
        ("<link href='http://[bad/1'/>", None),
        ("", None),
    ],
)
def test_a_relative_link_is_read_from_where_the_feed_is(read, site, entry, url):
    post = only(read(atom(f"<title>One</title>{entry}")))
    assert post.url == (url and url.format(site=site.url))


@pytest.mark.parametrize(
    ("link", "hint"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/feed.xml">', "{site}/feed.xml"),
        ("<LINK TYPE='application/atom+xml' HREF='feed?a=1&amp;b'>", "{site}/blog/feed?a=1&b"),
        ('<link type="application/rss+xml" href="javascript:alert(1)">', None),
        ('<link type="application/rss+xml" href="http://[bad/x">', None),
        ('<link type="application/rss+xml" href="/feed <!channel>">', None),
        ('<link type="text/css" href="/style.css">', None),
    ],
)
def test_a_web_page_is_refused_with_the_address_of_its_feed(read, site, link, hint):
    with pytest.raises(SourceError) as caught:
        read(f"<!doctype html><html><head>{link}</head></html>".encode(), "text/html")
    told = f"; it says its feed is at {hint.format(site=site.url)}" if hint else ""
    assert str(caught.value) == f"{site.url}/blog/feed is a web page, not a feed{told}"
    assert caught.value.permanent


# JSON feeds


def test_an_id_may_be_a_number(read):
    one, two = (only(read(json_feed({"id": id_, "title": "One"}))) for id_ in (1, "1"))
    assert one.external_id == two.external_id


def test_no_item_of_a_json_feed_loses_its_neighbours(read):
    odd: list[Any] = [
        5,
        None,
        "words",
        [],
        {},
        {"title": 5},
        {"tags": 5, "authors": 5, "title": "Fine"},
    ]
    odd += [{"title": "Fine", "authors": [5], "tags": [5, "x"], "date_published": 5, "url": 5}]
    batch = read(json_feed({"title": "First"}, *odd, {"title": "Last"}))
    assert titles(batch) == ["Last", "Fine", "First"]
    assert [r.where for r in batch.rejected] == [f"rss/blog entry {n}" for n in range(2, 8)]


# Encodings and other traps


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{xml}", "text/xml"),
        ("{xml}", "text/xml; charset=utf-8"),
        ("{xml}", "application/xml; charset=bogus"),
        ("\ufeff{xml}", "text/xml; charset=utf-8"),
        ("<?xml version='1.0' encoding='utf-8'?>{xml}", "text/html"),
        ("<?xml version='1.0' encoding='us-ascii'?>{xml}", "text/xml"),
    ],
)
def test_utf_8_is_read_whatever_is_said_about_it(read, body, kind):
    xml = rss("<title>Größe 漢字</title>").decode()
    assert only(read(body.format(xml=xml).encode(), kind)).title == "Größe 漢字"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16", "cp037"])
@pytest.mark.parametrize("kind", [RSS, "application/xml"])
def test_other_encodings_are_read_as_they_are_declared(read, encoding, kind):
    xml = f"<?xml version='1.0' encoding='{encoding}'?>" + rss("<title>Größe</title>").decode()
    assert only(read(xml.encode(encoding), kind)).title == "Größe"


def test_a_file_of_ours_does_not_come_in_through_an_entity(read, tmp_path):
    (tmp_path / "secret").write_text("root:x:0")
    doctype = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    post = only(read(doctype.encode() + rss("<title>One &x; two</title>")))
    assert "root" not in post.title


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-7"])
@pytest.mark.parametrize(
    "entities",
    [
        "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(9, 0, -1)),
        '<!ENTITY e1 "&#38;e0;&#38;e0;">',
        f"<!ENTITY e9\n'{'lol' * 99}'>",
        '<!ENTITY % p "x">',
        "<!ENTITY % p 'x'>",
    ],
    ids=["nested", "nested in disguise", "long", "parameter", "parameter in other quotes"],
)
def test_a_feed_whose_entities_may_grow_is_not_read(read, entities, encoding):
    doctype = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE r [<!ENTITY e0 "lol">{entities}]>'
    )
    feed = doctype + rss("<title>One</title><description>&e9;</description>").decode()
    with pytest.raises(SourceError, match="entities that may grow"):
        read(feed.encode(encoding), "application/xml")


def test_entities_for_single_letters_are_read(read):
    doctype = """<!DOCTYPE r [
        <!ENTITY % lat PUBLIC "-//W3C//ENTITIES Latin 1//EN" "lat.ent">
        <!ENTITY ouml "&#246;">
        <!ENTITY lt "&#38;#60;">
        <!ENTITY us "Tool, Inc.">
        ]>"""
    post = only(read(doctype.encode() + rss("<title>K&ouml;ln &lt; &us;</title>")))
    assert post.title == "Köln < Tool, Inc."


def test_what_breaks_off_in_the_middle_gives_what_came_before(read):
    whole = rss("<guid>1</guid><title>One</title>", "<guid>2</guid><title>Two</title>")
    assert "One" in titles(read(whole[: whole.index(b"Two")]))


# Real feeds


def real_feeds() -> list[Path]:
    folder = shared("payloads", "rss")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def outcome(read: Reader, body: bytes, kind: str) -> tuple[Batch | None, str]:
    """The batch, or what the error said."""
    try:
        return read(body, kind), ""
    except SourceError as error:
        return None, str(error)


def test_every_real_feed_ends_in_sound_posts_or_in_a_source_error(read):
    with_posts = 0
    for number, path in enumerate(real_feeds()):
        batch, error = outcome(read, path.read_bytes(), KINDS[number % len(KINDS)])
        assert batch or "/blog/feed " in error, path
        with_posts += bool(batch and batch.posts)
    assert with_posts > 50


def test_mutated_real_feeds_end_in_sound_posts_or_in_a_source_error(read):
    feeds = [body for path in real_feeds() if len(body := path.read_bytes()) < 20_000]
    for seed in range(200):
        random = Random(seed)
        batch, error = outcome(read, mutated(random.choice(feeds), random), random.choice(KINDS))
        assert batch or "/blog/feed " in error, seed


def test_a_feed_that_is_gone_says_what_to_do(http, site):
    site.respond = lambda _: Answer(410)
    with pytest.raises(SourceError, match=r"gone for good: remove it from groundswell\.toml"):
        list(Rss(http, lambda: NOW, site.url, "blog").fetch(None, None))
