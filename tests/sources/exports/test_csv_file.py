from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SettingsError, SourceError
from bot.model import Post, Role
from bot.sources.exports import csv_file
from bot.sources.exports.csv_columns import FIELDS, Columns, columns
from tests.sources.exports.made import a_file, a_tar, posts, read, refused
from tests.sources.flaws import flaws

MORNING = datetime(2026, 2, 1, 10, 0, tzinfo=UTC)


def a_table(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    return a_file(folder / "table.csv", "\r\n".join(lines).encode(encoding))


def mapped(path: Path, text: str) -> list[Post]:
    return posts(path, "csv", columns=columns(text))


def test_columns_that_are_called_what_they_are_need_no_map(tmp_path):
    (post,) = posts(
        a_table(
            tmp_path,
            "Id,Subject,Message,Date,From,Link,Tags,Votes,Status,Channel",
            '7,It stops,"Every time, <b>really</b>",2026-02-01T10:00:00Z,Ann,'
            "https://a.example/7,bug;watch,1200,open,survey",
        )
    )
    assert flaws(post) == []
    assert (post.source, post.kind, post.external_id) == ("manual", "entry", "7")
    assert (post.title, post.text) == ("It stops", "Every time, really")
    assert (post.created_at, post.author, post.url) == (MORNING, "Ann", "https://a.example/7")
    assert (post.labels, post.score, post.state) == (("bug", "watch"), 1200, "open")
    assert (post.venue, post.reply_count) == ("survey", None)


def test_a_map_says_which_column_is_what_and_what_is_the_same_for_all(tmp_path):
    path = a_table(tmp_path, "Betreff,Wann,Wer,id", "It stops,2026-02-01,ann,9")
    (post,) = mapped(
        path, "title=Betreff, created_at=Wann,author=Wer,source:=reddit,kind:=post,role:=team"
    )
    assert (post.title, post.author, post.source, post.kind) == (
        "It stops",
        "ann",
        "reddit",
        "post",
    )
    assert post.role is Role.TEAM
    assert post.external_id != "9"  # with a map, nothing is guessed


def test_a_map_in_a_file_may_hold_any_name(tmp_path):
    path = a_table(tmp_path, '"Subject, short",When=?', "It stops,2026-02-01")
    toml = a_file(
        tmp_path / "map.toml",
        b'title = "Subject, short"\ncreated_at = "When=?"\n[constants]\nvenue = "the survey"\n',
    )
    (post,) = mapped(path, str(toml))
    assert (post.title, post.venue) == ("It stops", "the survey")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_spreadsheets_of_every_kind_are_read(tmp_path, delimiter, encoding):
    lines = [delimiter.join(row) for row in (("Date", "Text"), ("2026-02-01", "Größe: 5 µm"))]
    (post,) = posts(a_table(tmp_path, *lines, "", encoding=encoding))
    assert post.text == "Größe: 5 µm"


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("2026-02-01T10:00:00Z", None),
        ("2026-02-01T11:00:00+01:00", None),
        ("2026-02-01 10:00", None),
        ("Sun, 01 Feb 2026 10:00:00 +0000", None),
        ("1769940000", None),
        ("1769940000123", None),
        ("1769940000.5", None),
        ("01.02.2026 10:00", "%d.%m.%Y %H:%M"),
        ("02/01/2026 10:00 AM", "%m/%d/%Y %I:%M %p"),
    ],
)
def test_times_are_read_as_people_and_programs_write_them(tmp_path, written, form):
    text = "created_at=t,body=b" + (f",date_format:={form}" if form else "")
    (post,) = mapped(a_table(tmp_path, "t;b", f"{written};words"), text)
    assert post.created_at == MORNING


@pytest.mark.parametrize("written", ["01/02/2026", "soon", "32.1.2026", "99999999999999", "0"])
def test_a_time_is_not_guessed_at(tmp_path, written):
    path = a_table(tmp_path, "date,text", f"{written},words", "2026-02-01,words")
    assert refused(path) == [("2", "date unreadable")]


def test_a_row_without_an_id_is_known_by_its_address_or_its_words(tmp_path):
    path = a_table(
        tmp_path,
        "date,text,url",
        "2026-02-01,one,https://a.example/1",
        "2026-02-01,two,",
        "2026-02-01,three,",
        "2026-02-01,two,",
    )
    one, two, three, again = posts(path)
    assert one.external_id == "https://a.example/1"
    assert two.external_id == again.external_id != three.external_id
    assert posts(path) == [one, two, three, again]


def test_a_row_that_is_no_post_is_named_with_its_line(tmp_path):
    path = a_table(
        tmp_path,
        "date,text,score",
        '2026-02-01,"two\nlines",1',
        "2026-02-01,,1",
        ",words,1",
        "",
        "2026-02-01,words,many",
        "2026-02-01,words,1,and more",
        "2026-02-01,words",
    )
    assert len(read(path)) == 6
    assert refused(path) == [
        ("4", "no words"),
        ("5", "missing field: created_at"),
        ("7", "wrong type: score"),
        ("8", "wrong number of columns"),
    ]


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "CELL_MOST", 1_000)
    path = a_table(tmp_path, "date,text", "2026-02-01,one", '2026-02-01,"two', *["x" * 99] * 50)
    with pytest.raises(SourceError, match=r"table\.csv:3: not CSV .* quotation mark") as caught:
        read(path)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title=Betreff", "which column holds the time, and which the words?"),
        ("created_at=Wann", "which column holds the time, and which the words?"),
        ("created_at=When,title=Betreff", "there is no column 'When'; there are: Betreff, Wann"),
    ],
)
def test_a_map_that_does_not_fit_is_told_with_the_columns_there_are(tmp_path, text, says):
    with pytest.raises(SourceError) as caught:
        mapped(a_table(tmp_path, "Betreff,Wann", "a,2026-02-01"), text)
    assert says in str(caught.value)
    assert "Betreff, Wann" in str(caught.value)


def test_columns_that_tell_nothing_are_told_with_an_example_of_a_map(tmp_path):
    with pytest.raises(SourceError, match="--map title=Subject"):
        read(a_table(tmp_path, "a,b", "1,2"))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\0\0\0"])
def test_an_empty_table_is_told(tmp_path, content):
    with pytest.raises(SourceError):
        read(a_file(tmp_path / "a.csv", content), "csv")


def test_of_several_files_one_is_read_if_it_is_the_only_table(tmp_path):
    table = b"date,text\n2026-02-01,words\n"
    path = a_tar(tmp_path / "a.tar.gz", {"readme.txt": b"x", "data.CSV": table})
    assert len(posts(path, "csv")) == 1
    with pytest.raises(SourceError, match="one CSV file is read at a time"):
        read(a_tar(tmp_path / "b.tar.gz", {"a.csv": table, "b.csv": table}), "csv")


# The map


def test_a_map_is_read():
    assert columns(" title = My Subject ,venue:=a:b,, body=x=y") == Columns(
        {"title": "My Subject", "body": "x=y"}, {"venue": "a:b"}
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title", "'title' is no FIELD=COLUMN; as in --map title=Subject"),
        ("=Subject", "is no FIELD=COLUMN"),
        ("titel=Subject", "there is no field 'titel'; there are title, body"),
        ("nothing.toml", "--map nothing.toml: No such file"),
    ],
)
def test_a_map_that_says_nothing_is_told_with_the_mend(text, says):
    with pytest.raises(SettingsError) as caught:
        columns(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a = [", "not TOML"),
        (b"\xff", "not TOML"),
        (b"title = 5", 'every value is a text, as in title = "Subject"'),
        (b"constants = 5", "every value is a text"),
        (b"[constants]\nvenue = []", "every value is a text"),
        (b'titel = "x"', "there is no field 'titel'"),
    ],
)
def test_a_file_that_is_no_map_is_told(tmp_path, content, says):
    with pytest.raises(SettingsError) as caught:
        columns(str(a_file(tmp_path / "map.toml", content)))
    assert says in str(caught.value)


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=80, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=4), max_size=5))
def test_whatever_stands_in_the_cells_there_are_sound_posts_or_reasons(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("cells") / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["date", "text", "author"], *rows, ["2026-02-01", "end", "ann"]]
        )
    found: list[Any] = read(path)
    assert found
    assert [flaw for post in found if isinstance(post, Post) for flaw in flaws(post)] == []


def test_every_field_that_can_be_mapped_reaches_the_post(tmp_path):
    told = {name: f"{name}-value" for name in FIELDS} | {
        "created_at": "2026-02-01",
        "date_format": "%Y-%m-%d",
        "score": "1",
        "reply_count": "2",
        "role": "team",
        "source": "reddit",
        "url": "https://a.example/",
    }
    path = a_table(tmp_path, ",".join(f"c-{name}" for name in told), ",".join(told.values()))
    (post,) = mapped(path, ",".join(f"{name}=c-{name}" for name in told))
    assert post == Post(
        source="reddit",
        external_id="id-value",
        kind="kind-value",
        title="title-value",
        text="body-value",
        created_at=datetime(2026, 2, 1, tzinfo=UTC),
        venue="venue-value",
        author="author-value",
        role=Role.TEAM,
        url="https://a.example/",
        parent_id="parent_id-value",
        score=1,
        reply_count=2,
        state="state-value",
        labels=("labels-value",),
    )
