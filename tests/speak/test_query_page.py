"""docs/query.md against the code: every example, every key, and the grammar itself."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from bot.errors import QueryError
from bot.model import Aim
from bot.speak.query import KEYS, parse, written
from bot.speak.question import understand
from bot.speak.subject import DROPPED
from tests.speak.quill import AT

PAGE = (Path(__file__).parents[2] / "docs" / "query.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| .+ \| (.+) \|$", PAGE, re.MULTILINE)
EXAMPLES = [example for row in ROWS for example in re.findall(r"`([^`]+)`", row[1])]
TIMES = PAGE.partition("## Times")[2].partition("## Grammar")[0]
(GRAMMAR,) = re.findall(r"```ebnf\n(.+?)```", PAGE, re.DOTALL)
SIGNS = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w-]+|[=|;(){}\[\]])""")


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_read_and_comes_back_as_it_was_written(example):
    query = parse(example, AT)
    assert query != parse("", AT)
    assert parse(written(query), AT) == query


def test_every_key_has_a_row_and_an_example():
    named = {match for row in ROWS for match in re.findall(r"`(\w+):`", row[0])}
    shown = {match for example in EXAMPLES for match in re.findall(r"^-?(\w+):", example)}
    assert named == set(KEYS)
    assert shown == set(KEYS)


@pytest.mark.parametrize(
    "time",
    re.findall(
        r"`([^`]+)`",
        "".join(row.split("|")[1] for row in TIMES.splitlines() if row.startswith("| `")),
    ),
)
def test_every_time_on_the_page_is_one(time):
    assert parse(f"since:{time}", AT).since is not None


def test_the_words_that_are_dropped_are_listed():
    (listed,) = re.findall(r"```words\n(.+?)```", PAGE, re.DOTALL)
    assert set(listed.split()) == DROPPED


def test_every_intent_is_explained():
    told = PAGE.partition("### What it wants to know")[2].partition("###")[0]
    assert set(re.findall(r"^\| ([a-z ]+?) \|", told, re.MULTILINE)) - {"intent"} == set(Aim)


@pytest.mark.parametrize("seed", range(300))
def test_whatever_the_grammar_makes_is_read_and_comes_back(seed):
    text = Sentences(GRAMMAR, Random(seed)).made("query")
    try:
        query = parse(text, AT)
    except QueryError as error:
        assert "is not before until" in str(error), text  # noqa: PT017 no grammar tells that
        return
    assert parse(written(query), AT) == query, text


def test_the_grammar_has_every_key():
    assert {key for key in KEYS if f"{key}:" in GRAMMAR} == set(KEYS)


def test_a_question_on_the_page_becomes_what_is_shown_there():
    assert understand("is --no-cache slow", AT).query == parse('"--no-cache" slow', AT)
    assert understand("GitHub Actions", AT).query == parse("GitHub Actions", AT)
    assert understand("crashes without GPU", AT).query == parse("criterion:crash GPU", AT)
    assert understand("crash on 2.4.1", AT).query == parse("crash 2.4.1", AT)


class Sentences:
    """Makes sentences of a grammar in EBNF, by chance."""

    def __init__(self, grammar: str, random: Random) -> None:
        self.random = random
        self.rules: dict[str, list[str]] = {}
        for rule in re.split(r";\n", grammar.strip() + "\n"):
            if rule.strip():
                name, _, body = rule.partition("=")
                self.rules[name.strip()] = SIGNS.findall(body)

    def made(self, rule: str) -> str:
        text, rest = self._choice(list(self.rules[rule]))
        assert not rest, rest
        return text

    def _choice(self, signs: list[str]) -> tuple[str, list[str]]:
        """One of the alternatives up to a closing bracket; all are made, to find where it ends."""
        made, signs = self._sequence(signs)
        choices = [made]
        while signs and signs[0] == "|":
            made, signs = self._sequence(signs[1:])
            choices.append(made)
        return self.random.choice(choices), signs

    def _sequence(self, signs: list[str]) -> tuple[str, list[str]]:
        text = ""
        while signs and signs[0] not in {"|", ")", "]", "}"}:
            sign, signs = signs[0], signs[1:]
            if sign in {"(", "[", "{"}:
                inner = signs
                made, signs = self._choice(inner)
                times = {"(": 1, "[": self.random.randint(0, 1), "{": self.random.randint(0, 3)}
                again = [self._choice(inner)[0] for _ in range(times[sign] - 1)]
                text += "".join([made, *again]) if times[sign] else ""
                signs = signs[1:]
            elif sign[0] in "\"'":
                text += sign[1:-1]
            else:
                text += self.made(sign)
        return text, signs
