"""A model's prompt: our rules as they stand in files, and everything else behind a fence."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from importlib.resources import files
from string import Template

from bot.speak.words import day
from bot.writing.material import Material, Shown
from bot.writing.replies import Prompt
from bot.writing.secrets import without_secrets

SCHEMA = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "facts": {"type": "array", "items": {"type": "integer"}},
                    "posts": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "facts", "posts"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
"""The form of a reply, within what strict structured outputs allow."""


def prompt(material: Material) -> Prompt:
    """The prompt for some material, fenced anew each time."""
    fence = _fence(material)
    facts = [
        _item(f"fact {n}", without_secrets(fact.text), fence)
        for n, fact in enumerate(material.facts, 1)
    ]
    posts = [_item(f"post {n}{_where(p)}", p.words, fence) for n, p in enumerate(material.posts, 1)]
    asked = Template(_file("answer")).substitute(
        fence=fence,
        question=_item("question", material.question, fence),
        facts="\n".join(facts),
        posts="\n".join(posts) or "None.",
    )
    return Prompt(_file("rules"), asked)


@cache
def version() -> str:
    """Of the rules: another word in them makes another."""
    said = f"{_file('rules')}\n{_file('answer')}".encode()
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def _item(name: str, words: str, fence: str) -> str:
    return f"<<{fence} {name}>>\n{words}\n<<{fence} end>>"


def _where(post: Shown) -> str:
    venue = without_secrets(post.cite.venue).replace("\n", " ")
    return f", {venue}, {day(post.cite.created_at)}"


def _fence(material: Material) -> str:
    """A word that stands nowhere in the material, and that nobody can have guessed."""
    said = "\n".join(
        (
            material.question,
            *(fact.text for fact in material.facts),
            *(f"{post.words}\n{post.cite.venue}" for post in material.posts),
        )
    )
    while (fence := secrets.token_hex(8)) in said:
        continue
    return fence


@cache
def _file(name: str) -> str:
    path = files("bot.speak") / "prompts" / f"{name}.md"
    return path.read_text(encoding="utf-8").strip()
