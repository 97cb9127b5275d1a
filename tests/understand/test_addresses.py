from __future__ import annotations

from time import perf_counter

import pytest

from bot.understand.addresses import canonical, leads_inside, urls_in


@pytest.mark.parametrize(
    "ways",
    [
        (
            "https://github.com/Acme/Tool/issues/7",
            "https://www.github.com/acme/tool/pull/7/files",
            "http://github.com/acme/tool/pull/7/commits/",
            "https://github.com/acme/tool/discussions/7#discussioncomment-1",
        ),
        (
            "https://www.reddit.com/r/tools/comments/1abcd2/upload_stops/",
            "https://redd.it/1abcd2",
            "https://old.reddit.com/comments/1abcd2",
            "https://np.reddit.com/r/tools/comments/1abcd2/another_slug?share=1&utm_name=x",
            "https://reddit.com/gallery/1abcd2",
        ),
        (
            "https://news.ycombinator.com/item?id=42",
            "http://news.ycombinator.com/item?id=42&p=2",
            "https://news.ycombinator.com/item?goto=news&id=42#43",
        ),
        (
            "https://forum.example/t/5",
            "https://forum.example/t/upload-stops/5",
            "https://forum.example/t/upload-stops/5/1?u=ann",
            "https://forum.example/t/5/1",
        ),
        (
            "https://stackoverflow.com/q/11",
            "https://stackoverflow.com/questions/11/upload-stops",
            "https://stackoverflow.com/questions/11",
            "https://stackoverflow.com/q/11/4711",
        ),
        (
            "https://stackoverflow.com/a/12",
            "https://stackoverflow.com/questions/11/upload-stops/12#12",
            "https://stackoverflow.com/a/12/4711",
        ),
        ("https://x.com/ann/status/99", "https://twitter.com/i/status/99?s=20"),
    ],
)
def test_one_page_has_one_address_however_it_is_written(ways: tuple[str, ...]) -> None:
    assert len({canonical(way) for way in ways}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://github.com/acme/tool/issues/7", "https://github.com/acme/tool/issues/77"),
        ("https://github.com/acme/tool/issues/7", "https://git.example/acme/tool/issues/7"),
        ("https://github.com/acme/tool/issues/7", "https://github.com/acme/tool/releases/7"),
        ("https://reddit.com/comments/1abcd2", "https://reddit.com/r/tools/comments/1abcd3/x"),
        ("https://reddit.com/comments/1abcd2/x", "https://reddit.com/comments/1abcd2/x/ccc333"),
        ("https://redd.it/1abcd2", "https://reddit.com/tools1"),
        ("https://news.ycombinator.com/item?id=42", "https://news.ycombinator.com/item?id=421"),
        ("https://news.ycombinator.com/item?id=42", "https://news.ycombinator.com/user?id=42"),
        ("https://forum.example/t/x/5", "https://forum.example/t/x/5/2"),
        ("https://forum.example/t/x/5", "https://forum.example/t/x/6"),
        ("https://stackoverflow.com/q/11", "https://stackoverflow.com/a/11"),
        ("https://stackoverflow.com/q/11", "https://superuser.com/q/11"),
        ("https://x.com/ann/status/99", "https://x.com/ann"),
        ("https://blog.example/a?page=1", "https://blog.example/a?page=2"),
    ],
)
def test_different_pages_stay_apart(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_a_topics_first_post_is_the_topic() -> None:
    assert canonical("https://forum.example/t/x/5/1") == canonical("https://forum.example/t/5")
    assert canonical("https://forum.example/sub/t/x/5/3") == "forum.example/sub/t/5/3"


def test_a_front_page_leads_nowhere() -> None:
    assert not leads_inside(canonical("https://www.example.org/"))
    assert not leads_inside("")
    assert leads_inside(canonical("https://example.org/?p=3"))


def test_the_end_of_a_sentence_is_no_part_of_an_address() -> None:
    assert urls_in("See https://a.example/x, (https://b.example/y). **https://c.example/z**") == [
        "https://a.example/x",
        "https://b.example/y",
        "https://c.example/z",
    ]


@pytest.mark.parametrize("path", ["/t/" * 160, "/t/" + "9/" * 240, "/comments/" * 49, "/a" * 249])
def test_an_address_made_to_be_slow_is_read_at_once(path: str) -> None:
    for host in ("forum.example", "reddit.com", "stackoverflow.com", "x.com"):
        start = perf_counter()
        assert canonical(f"https://{host}{path}").startswith(host)
        assert perf_counter() - start < 0.5
