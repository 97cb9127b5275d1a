from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import GroundswellError
from bot.model import Intent
from bot.pipeline.labels import Labelled, arranged, read
from tests.builders import NOW, a_post


def lines(*rows: Any) -> bytes:
    return "\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows).encode()


def an_issue(number: int, **more: Any) -> dict[str, Any]:
    return {
        "source": "github",
        "kind": "issue",
        "id": f"acme/tool#{number}",
        "created_at": f"2026-02-{number:02}T00:00:00Z",
        "title": f"It breaks in way {number}",
        **more,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts.jsonl").write_bytes(lines(*map(an_issue, range(1, 6))))
    return tmp_path


def faults(found: Labelled) -> list[tuple[str, str]]:
    return [(Path(one.where).name, one.reason) for file in found.files for one in file.rejected]


def test_a_folder_without_labels_is_told_with_the_names_that_we_know(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(GroundswellError, match=r"themes\.jsonl.*docs/eval\.md"):
        read(tmp_path, NOW)


def test_labelled_words_become_posts(tmp_path):
    (tmp_path / "themes.jsonl").write_bytes(
        lines(
            {"text": "push fails", "label": "push"},
            {"title": "Push fails", "text": "It says error 7.", "label": 12},
            {"text": "one line\nand another", "label": "noise-1"},
        )
    )
    found = read(tmp_path, NOW)
    assert [(p.title, p.text, label) for p, label in found.themes] == [
        ("push fails", "", "push"),
        ("Push fails", "It says error 7.", "12"),
        ("", "one line\nand another", "noise-1"),
    ]
    assert len({post.key for post, _ in found.themes}) == 3
    assert faults(found) == []


def test_gzip_is_read_by_what_is_in_it_and_a_byte_order_mark_does_no_harm(tmp_path):
    row = json.dumps({"text": "push fails", "label": "push"})
    (tmp_path / "themes.jsonl.gz").write_bytes(gzip.compress(row.encode()))
    (tmp_path / "kinds.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "x y", "kind": "bug"}')
    found = read(tmp_path, NOW)
    assert (len(found.themes), len(found.kinds)) == (1, 1)


def test_labels_may_name_posts_by_key_or_by_id_alone(folder):
    (folder / "themes.jsonl").write_bytes(
        lines(
            {"post": "github:acme/tool#1", "label": "a"},
            {"id": "acme/tool#2", "label": "a"},
        )
    )
    (folder / "theme-compact.tsv").write_text("id\tcreated_at\nacme/tool#3\t2026\n")
    found = read(folder, NOW)
    assert {(post.external_id, label) for post, label in found.themes} == {
        ("acme/tool#1", "a"),
        ("acme/tool#2", "a"),
        ("acme/tool#3", "compact"),
    }


def test_an_id_that_two_sources_share_must_be_named_with_its_source(folder):
    with (folder / "posts.jsonl").open("ab") as file:
        file.write(b"\n" + lines(an_issue(1, source="reddit")))
    (folder / "themes.jsonl").write_bytes(
        lines({"post": "acme/tool#1", "label": "a"}, {"post": "reddit:acme/tool#1", "label": "a"})
    )
    found = read(folder, NOW)
    assert [post.source for post, _ in found.themes] == ["reddit"]
    assert faults(found) == [("themes.jsonl:1", "no such post")]


def test_of_two_labels_of_one_post_the_first_counts(folder):
    (folder / "themes.jsonl").write_bytes(
        lines({"post": "acme/tool#1", "label": "a"}, {"post": "acme/tool#1", "label": "b"})
    )
    assert [label for _, label in read(folder, NOW).themes] == ["a"]


def test_kinds_complaints_and_projects_are_read(tmp_path):
    (tmp_path / "kinds.jsonl").write_bytes(
        lines(
            {"text": "crashes", "kind": "Bug", "complaint": True, "project": "acme"},
            {"text": "thanks", "kind": "praise"},
        )
    )
    first, second = read(tmp_path, NOW).kinds
    assert (first.kind, first.complaint, first.post.venue) == (Intent.BUG, True, "acme")
    assert (second.kind, second.complaint) == (Intent.PRAISE, None)


def test_duplicates_come_as_a_table_or_as_lines(folder):
    (folder / "duplicates.tsv").write_text(
        'set\tid\tduplicate_of\ttitle\nx\tacme/tool#2\tacme/tool#1\ta "quote\n'
    )
    (folder / "duplicates.jsonl").write_bytes(
        lines({"id": "github:acme/tool#3", "duplicate_of": "acme/tool#1"})
    )
    assert sorted(read(folder, NOW).links) == [
        ("github:acme/tool#2", "github:acme/tool#1"),
        ("github:acme/tool#3", "github:acme/tool#1"),
    ]


def test_questions_name_their_relevant_posts(folder):
    (folder / "search.jsonl").write_bytes(
        lines({"query": "way 2", "relevant": ["acme/tool#2", "github:acme/tool#3"]})
    )
    [asked] = read(folder, NOW).questions
    assert asked.relevant == {"github:acme/tool#2", "github:acme/tool#3"}


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("themes.jsonl", "{", "not JSON"),
        ("themes.jsonl", "[1]", "not an object"),
        ("themes.jsonl", {"text": "x"}, "missing: label"),
        ("themes.jsonl", {"text": "x", "label": True}, "missing: label"),
        ("themes.jsonl", {"label": "x"}, "no words"),
        ("themes.jsonl", {"text": 7, "label": "x"}, "wrong type"),
        ("themes.jsonl", {"post": "nowhere", "label": "x"}, "no such post"),
        ("kinds.jsonl", {"text": "x", "kind": "feature"}, "unknown kind"),
        ("kinds.jsonl", {"text": "x", "kind": "bug", "complaint": "yes"}, "wrong type: complaint"),
        ("duplicates.jsonl", {"id": "acme/tool#1"}, "missing: duplicate_of"),
        ("duplicates.jsonl", {"id": "acme/tool#1", "duplicate_of": "acme/tool#1"}, "one post"),
        ("search.jsonl", {"query": "x", "relevant": []}, "missing: relevant"),
        ("search.jsonl", {"query": "since:never", "relevant": ["acme/tool#1"]}, "no query"),
        ("search.jsonl", {"query": "x", "relevant": ["nowhere"]}, "no such post"),
    ],
)
def test_a_bad_line_is_told_by_its_place_and_costs_no_other(folder, file, row, reason):
    good = {
        "themes.jsonl": {"text": "x", "label": "y"},
        "kinds.jsonl": {"text": "x", "kind": "bug"},
        "duplicates.jsonl": {"id": "acme/tool#2", "duplicate_of": "acme/tool#1"},
        "search.jsonl": {"query": "x", "relevant": ["acme/tool#1"]},
    }[file]
    (folder / file).write_bytes(lines(good, "", row))
    found = read(folder, NOW)
    assert faults(found) == [(f"{file}:3", reason)]
    kept = (found.themes, found.kinds, found.links, found.questions)
    assert [len(part) for part in kept if part] == [1]
    assert found.files[-1].rejected[0].detail


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "nothing in it"),
        (b"\xff\xfe\x00", "UTF-8"),
        (gzip.compress(b"{}" * 999, mtime=0)[:-9], "again"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_stops_no_other(tmp_path, content, says):
    (tmp_path / "themes.jsonl").write_bytes(content)
    (tmp_path / "kinds.jsonl").write_bytes(lines({"text": "x", "kind": "bug"}))
    found = read(tmp_path, NOW)
    [error] = [file.error for file in found.files if file.error]
    assert says in error
    assert str(tmp_path / "themes.jsonl") in error
    assert len(found.kinds) == 1


def test_posts_made_of_words_arrive_in_the_order_that_is_drawn_and_named_ones_stay(tmp_path):
    (tmp_path / "themes.jsonl").write_bytes(
        lines(*({"text": f"words {n}", "label": "a"} for n in range(3)))
    )
    named = a_post()
    posts = [*(post for post, _ in read(tmp_path, NOW).themes), named]
    made = arranged(posts, [2, 3, 0, 1], NOW)
    by_time = sorted((0, 1, 2), key=lambda n: made[n].created_at)
    by_key = sorted((0, 1, 2), key=lambda n: made[n].key)
    assert by_time == by_key == [2, 0, 1]
    assert [post.title for post in made] == [post.title for post in posts]
    assert made[3] == named
