"""The rules of the house that no linter holds."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from bot import __version__, cli
from bot.settings import FileSettings, Secrets, load
from handlers.asking import OWN
from handlers.commands import COMMANDS
from handlers.deciding import DEEDS
from tests.cli import groundswell, set_nothing

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))

IMAGINED = re.compile(r"NAME|\.\.\.|[*<>{}]")
"""Stands for a name that the reader fills in."""


def text(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """The files that git knows; without git there is nothing to hold."""
    listed = subprocess.run(  # noqa: S603 a fixed command
        ["git", "-C", str(ROOT), "ls-files", "-z"],  # noqa: S607 whichever git there is
        capture_output=True,
        check=False,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: no list of tracked files")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


# What the pages name


def code(page: str) -> str:
    """All that stands in code on a page, blocks and spans."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    spans = re.findall(
        r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    )
    return "\n".join((*blocks, *spans))


def paths_in_code(page: str) -> set[str]:
    """The paths below the checkout that a page writes as code."""
    tops = {path.name for path in ROOT.iterdir()}
    found = re.findall(r"`([\w.-]+(?:/[\w.*<>-]+)*/?)`", page)
    return {
        name
        for name in found
        if name.partition("/")[0] in tops and "/" in name and not IMAGINED.search(name)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_folder_that_a_page_names_is_there(page):
    written = page.read_text(encoding="utf-8")
    links = [
        (page.parent / target.partition("#")[0]).resolve()
        for target in re.findall(r"\]\(([^)\s]+)\)", written)
        if "//" not in target and not target.startswith("#")
    ]
    named = [ROOT / name for name in paths_in_code(written)]
    assert [str(path) for path in (*links, *named) if not path.exists()] == []


def test_the_pages_do_name_files():
    """Else the test above would hold nothing."""
    assert len(set(chain.from_iterable(map(paths_in_code, map(Path.read_text, PAGES))))) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_shows_is_one(page):
    shown = code(page.read_text(encoding="utf-8"))
    known = cli.COMMANDS.keys() | COMMANDS.keys() | OWN.keys() | DEEDS.keys()
    called = re.findall(r"groundswell(?: --[a-z]+ \S+)* ([a-z]+)\b", shown)
    assert [command for command in called if command not in known] == []


def test_every_make_target_that_is_shown_is_one():
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    shown = "\n".join(map(code, map(Path.read_text, PAGES)))
    called = set(re.findall(r"\bmake ([a-z]+)\b", shown + text(".ci", "run")))
    assert {"test", "demo"} <= called
    assert called <= targets


# Settings and their examples


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The settings models that an annotation speaks of, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def keys_of(model: type[BaseModel], table: str = "") -> Iterator[tuple[str, str]]:
    """(table, key) of every setting."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        inner = list(models_in(field.annotation))
        if not inner:
            yield table, key
        for part in inner:
            yield from keys_of(part, f"{table}.{key}".lstrip("."))


def keys_shown(toml: str) -> set[tuple[str, str]]:
    """(table, key) of every line of an example, commented out or not."""
    table, found = "", set()
    for line in re.sub(r"^#\s?", "", toml, flags=re.MULTILINE).splitlines():
        if header := re.fullmatch(r"\[\[?([\w.]+)\]\]?", line.strip()):
            table = header[1]
        elif key := re.match(r"([a-z_]+) = \S", line):
            found.add((table, key[1]))
    return found


def test_the_example_configuration_is_read_as_it_stands_and_holds_known_keys_only(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    example = ROOT / "groundswell.toml.example"
    assert load(example).file.model_dump() != FileSettings().model_dump()
    assert keys_shown(example.read_text(encoding="utf-8")) - set(keys_of(FileSettings)) == set()


def test_the_example_configuration_shows_every_setting():
    """But where a source's API is: only a mirror or a test sets that."""
    missing = set(keys_of(FileSettings)) - keys_shown(text("groundswell.toml.example"))
    assert {(table, key) for table, key in missing if not key.endswith("_url")} == set()


def test_the_example_configuration_comes_to_life_line_by_line(tmp_path, monkeypatch):
    """What is commented out is sound as well: it is what people will uncomment."""
    monkeypatch.chdir(tmp_path)
    lines = [
        re.sub(r"^#\s?(?=\[|[a-z_]+ = )", "", line)
        for line in text("groundswell.toml.example").splitlines()
    ]
    (tmp_path / "all.toml").write_text("\n".join(lines), encoding="utf-8")
    assert load(tmp_path / "all.toml").file.sources


def test_the_example_of_secrets_shows_exactly_those_there_are():
    shown = re.findall(r"^#?\s*([A-Z][A-Z_]+)=", text(".env.example"), re.MULTILINE)
    assert sorted(shown) == sorted(name.upper() for name in Secrets.model_fields)


def test_the_example_of_secrets_holds_none(tmp_path, monkeypatch):
    set_nothing(monkeypatch, tmp_path)
    (tmp_path / ".env").write_text(
        re.sub("^# ?(?=[A-Z_]+=)", "", text(".env.example"), flags=re.MULTILINE)
    )
    secrets = load().secrets.model_dump(exclude={"groundswell_database"})
    assert [name for name, value in secrets.items() if value] == []


def test_secrets_are_of_a_type_that_hides_itself():
    """All but the database, whose address is shown without its password."""
    fields = Secrets.model_fields
    plain = {name for name, field in fields.items() if SecretStr not in get_args(field.annotation)}
    assert plain == {"groundswell_database"}


# Requirements


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_and_locked_by_hash(lock):
    requirements = re.sub(r"\\\n\s*", "", lock.read_text(encoding="utf-8")).splitlines()
    wrong = [
        line
        for line in requirements
        if not re.fullmatch(
            r"[\w.-]+(?:\[[\w,-]+\])?==[\w.!+]+(?: ; [^@#/]+?)?(?: --hash=sha256:[0-9a-f]{64})+",
            line,
        )
    ]
    assert len(requirements) > 20
    assert wrong == []


def test_each_lock_holds_what_the_smaller_one_holds():
    run, dev, bench = (
        set(re.findall(r"^([\w.-]+==\S+)", text("requirements", f"{name}.txt"), re.MULTILINE))
        for name in ("run", "dev", "bench")
    )
    assert run < dev < bench


def test_every_requirement_of_the_project_is_locked():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    locked = set(re.findall(r"^([\w.-]+)==", text("requirements", "run.txt"), re.MULTILINE))
    names = {re.split(r"[\[<>=!~ ]", line)[0] for line in project["dependencies"]}
    assert names - locked == set()


def test_no_tracked_file_says_where_packages_come_from(tracked):
    """That is the installer's own configuration, which differs from place to place."""
    option = re.compile(
        r"--(?:extra-)?index-url|--find-links|--trusted-host|(?:UV|PIP)_\w*(?:INDEX|LINKS)"
    )
    told = [path for path in tracked if path != Path(__file__) and option.search(read(path))]
    assert told == []


def test_no_tracked_file_holds_a_path_of_this_machine(tracked):
    here = [str(ROOT), f"{Path.home()}/"]
    assert [path for path in tracked if any(place in read(path) for place in here)] == []


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


# The container


@pytest.fixture(scope="module")
def steps() -> ModuleType:
    spec = importlib.util.spec_from_file_location("steps", ROOT / ".ci" / "docker_steps.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_step_of_the_dockerfile_can_be_taken_natively(steps):
    found = steps.instructions(text("Dockerfile"))
    lines = re.sub(r"\\\n", "", text("Dockerfile")).splitlines()
    assert len(found) == sum(bool(line.strip()) and not line.startswith("#") for line in lines)
    assert next(word for word, _ in found) == "FROM"


def test_a_step_that_is_not_known_is_an_error_and_not_skipped(steps):
    with pytest.raises(SystemExit, match="ONBUILD"):
        steps.instructions("FROM scratch\nONBUILD RUN true\n")


def test_what_the_dockerfile_copies_is_tracked(steps, tracked):
    copied = [
        rest.split()[:-1] for word, rest in steps.instructions(text("Dockerfile")) if word == "COPY"
    ]
    for name in chain.from_iterable(copied):
        assert any(path == ROOT / name or ROOT / name in path.parents for path in tracked), name


def test_the_container_starts_with_a_command_that_there_is(steps):
    (command,) = (rest for word, rest in steps.instructions(text("Dockerfile")) if word == "CMD")
    assert command.strip('[]"') in cli.COMMANDS


# Version and changes


def test_the_version_is_what_the_command_prints():
    ran = groundswell("--version")
    assert (ran.code, ran.out, ran.err) == (0, f"groundswell {__version__}\n", "")
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?", __version__)


def test_the_version_stands_in_one_place():
    project = tomllib.loads(text("pyproject.toml"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "bot/__init__.py"


def test_the_changelog_begins_with_what_is_unreleased_and_dates_the_rest():
    heads = re.findall(r"^## (.+)$", text("CHANGELOG.md"), re.MULTILINE)
    kinds = set(re.findall(r"^### (.+)$", text("CHANGELOG.md"), re.MULTILINE))
    assert heads[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", head) for head in heads[1:])
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


# Lint ignores


def test_every_lint_ignore_has_its_reason_beside_it(tracked):
    """On its own line, or on one of the three above it, where one reason stands for several."""
    ignore = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b.*")
    reasoned = re.compile(
        r"#\s*(?:noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|type: ignore\[[\w, -]+\]) +\S+ \S+"
    )
    bare = []
    for path in (path for path in tracked if path.suffix == ".py" and path != Path(__file__)):
        lines = read(path).splitlines()
        for number, line in enumerate(lines):
            found = ignore.search(line)
            near = [line, *(x for x in lines[max(0, number - 3) : number] if "#" in x)]
            commented = [x for x in near if reasoned.search(x) or re.match(r"\s*# \w", x)]
            if found and not commented:
                bare.append(f"{path.relative_to(ROOT)}:{number + 1}: {line.strip()}")
    assert bare == []
