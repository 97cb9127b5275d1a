from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.settings import FileSettings
from bot.sources import opml
from bot.sources.opml import Feed, blocks, subscriptions


def a_list(folder: Path, outlines: str, head: str = '<?xml version="1.0"?>') -> Path:
    path = folder / "feeds.opml"
    path.write_text(f'{head}<opml version="2.0"><body>{outlines}</body></opml>', encoding="utf-8")
    return path


def feed(title: str, url: str) -> str:
    return f'<outline text="{title}" type="rss" xmlUrl="{url}"/>'


def found(path: Path, **configured: set[str]) -> list[tuple[str, str]]:
    return [(one.name, one.url) for one in subscriptions(path, **configured).feeds]


def test_feeds_are_found_in_folders_at_any_depth_in_their_order(tmp_path):
    path = a_list(
        tmp_path,
        feed("One", "https://a.example/1")
        + f'<outline text="Folder"><outline text="Deeper">{feed("Two", "https://a.example/2")}'
        + f"</outline></outline>{feed('Three', 'https://a.example/3')}",
    )
    assert found(path) == [
        ("one", "https://a.example/1"),
        ("two", "https://a.example/2"),
        ("three", "https://a.example/3"),
    ]
    assert subscriptions(path).skipped == ()


def test_ten_thousand_folders_deep_is_no_trouble(tmp_path):
    deep = (
        '<outline text="f">' * 10_000 + feed("Deep", "https://a.example/") + "</outline>" * 10_000
    )
    assert found(a_list(tmp_path, deep)) == [("deep", "https://a.example/")]


@pytest.mark.parametrize(
    ("outline", "name"),
    [
        ('<outline title="A Title" text="b" xmlUrl="https://x.example/f"/>', "a-title"),
        ('<outline text="Caf&#233; &amp; Bar" xmlUrl="https://x.example/f"/>', "cafe-bar"),
        ('<outline text="  " xmlUrl="https://x.example/f"/>', "x-example"),
        ('<outline xmlUrl="https://x.example/f"/>', "x-example"),
        ('<outline text="日本語" xmlUrl="https://x.example/f"/>', "x-example"),
        (f'<outline text="{"long " * 50}" xmlUrl="https://x.example/f"/>', "long-" * 7 + "long"),
        ('<OUTLINE TEXT="Loud" XMLURL="https://x.example/f"/>', "loud"),
        ('<outline text="x" xmlUrl="feed://x.example/f"/>', "x"),
        ('<outline text="x" xmlUrl="feed:https://x.example/f"/>', "x"),
    ],
)
def test_a_feed_is_named_after_its_title_or_else_its_host(tmp_path, outline, name):
    (one,) = found(a_list(tmp_path, outline))
    assert one[0] == name
    assert one[1] in {"https://x.example/f", "http://x.example/f"}


def test_names_differ_from_each_other_and_from_those_there_are(tmp_path):
    path = a_list(tmp_path, "".join(feed("Blog", f"https://a.example/{n}") for n in range(3)))
    assert [name for name, _ in found(path)] == ["blog", "blog-2", "blog-3"]
    assert [name for name, _ in found(path, names={"blog", "blog-3"})] == [
        "blog-2",
        "blog-4",
        "blog-5",
    ]


def test_an_address_comes_once_and_not_if_it_is_configured(tmp_path):
    one, two = feed("One", "https://a.example/1"), feed("Two", "https://a.example/2")
    path = a_list(tmp_path, one + two + one + two)
    made = subscriptions(path, urls={"https://a.example/2"})
    assert made.feeds == (Feed("one", "https://a.example/1"),)
    assert made.known == ("https://a.example/2",)


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="A link" type="link" url="https://a.example/"/>',
        '<outline text="A link" xmlUrl=""/>',
        '<outline text="A link" xmlUrl="javascript:alert(1)"/>',
        '<outline text="A link" xmlUrl="file:///etc/passwd"/>',
        '<outline text="A link" xmlUrl="/relative.xml"/>',
        '<outline text="A link"/>',
    ],
)
def test_an_entry_without_a_feeds_address_is_passed_over_and_told(tmp_path, outline):
    made = subscriptions(a_list(tmp_path, outline + feed("One", "https://a.example/1")))
    assert [one.name for one in made.feeds] == ["one"]
    assert made.skipped == ("A link",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_lists_are_read_in_the_encoding_that_they_name(tmp_path, encoding):
    body = f"<opml><body>{feed('Größe', 'https://a.example/')}</body></opml>"
    text = f'<?xml version="1.0" encoding="{encoding}"?>{body}'
    (tmp_path / "a.opml").write_bytes(text.encode(encoding))
    assert found(tmp_path / "a.opml") == [("groe", "https://a.example/")]


BOMB = """<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>"""
FILE = """<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>"""


@pytest.mark.parametrize("head", [BOMB, FILE])
def test_a_list_that_declares_entities_is_refused(tmp_path, head):
    with pytest.raises(SourceError, match="it declares entities") as caught:
        subscriptions(a_list(tmp_path, '<outline text="&a;" xmlUrl="https://a.example/"/>', head))
    assert caught.value.permanent


def test_a_plain_document_type_is_no_harm(tmp_path):
    head = '<?xml version="1.0"?><!DOCTYPE opml SYSTEM "http://a.example/opml.dtd">'
    assert len(found(a_list(tmp_path, feed("One", "https://a.example/1"), head))) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not well-formed XML in line 1"),
        (b"words", "not well-formed XML in line 1"),
        (b"<opml>\n<body>\n<outline text='a & b'/></body></opml>", "not well-formed XML in line 3"),
        (b"<opml><body>", "not well-formed XML"),
        (b"<html><outline xmlUrl='https://a.example/'/></html>", "it is other XML"),
        (b"<rss version='2.0'/>", "it is other XML"),
        (b'<?xml version="1.0" encoding="klingon"?><opml/>', "no OPML"),
        (b"\xff\xfe\x00", "not well-formed XML"),
    ],
)
def test_what_is_no_list_is_told_with_the_place(tmp_path, content, says):
    (tmp_path / "a.opml").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        subscriptions(tmp_path / "a.opml")
    assert str(caught.value).startswith(f"{tmp_path}/a.opml: no OPML")
    assert says in str(caught.value)


def test_a_file_that_is_not_there_or_too_large_is_told(tmp_path, monkeypatch):
    with pytest.raises(SourceError, match="No such file"):
        subscriptions(tmp_path / "nothing.opml")
    monkeypatch.setattr(opml, "FILE_MOST", 100)
    with pytest.raises(SourceError, match="larger than 100 bytes"):
        subscriptions(a_list(tmp_path, feed("One", "https://a.example/1")))


TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


@settings(max_examples=60, deadline=None)
@given(titles=st.lists(TITLES, max_size=8), paths=st.lists(TITLES, max_size=8))
def test_whatever_the_titles_are_the_blocks_are_settings_that_can_be_read(titles, paths):
    taken: set[str] = set()
    feeds = []
    for title, path in zip(titles, paths, strict=False):
        feeds.append(
            Feed(opml._name(title, "https://a.example/", taken), f"https://a.example/{path}")
        )
        taken.add(feeds[-1].name)
    read = FileSettings.model_validate(tomllib.loads(blocks(feeds))).sources.rss
    assert [(one.feed, one.url) for one in read] == [(one.name, one.url) for one in feeds]
