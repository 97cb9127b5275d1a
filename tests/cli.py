"""The command line as a test calls it: in this process, with what it wrote and its exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import stamina
import structlog

from bot.__main__ import main
from bot.settings import Secrets
from bot.understand.embed import Embedder, MiniLM
from tests.fakes import Remembering


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """All of stdout as JSON; fails if anything else stands there."""
        return json.loads(self.out)


@cache
def remembering(embedder: Embedder) -> Embedder:
    """The one memory of an embedder: every text is embedded once, whoever asks."""
    return Remembering(embedder)


def set_nothing(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Work in a folder, with no configuration but what it holds and no secrets."""
    patch.chdir(folder)
    for name in Secrets.model_fields:
        patch.delenv(name.upper(), raising=False)


@contextmanager
def empty_folder(folder: Path, embedder: MiniLM) -> Iterator[None]:
    """No configuration and no secrets but a test's own; the embedder, with a memory."""
    with pytest.MonkeyPatch.context() as alone:
        for where in ("bot.app", "bot.checks"):
            alone.setattr(f"{where}.MiniLM", lambda: remembering(embedder))
        set_nothing(alone, folder)
        yield


def groundswell(*arguments: object, stdin: str | None = "") -> Ran:
    """Run a command line to its end. Nobody is at the keyboard; None is a closed stdin."""
    out, err = StringIO(), StringIO()
    words = ["groundswell", *map(str, arguments)]
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "argv", words),
        patch.object(sys, "stdin", None if stdin is None else StringIO(stdin)),
        logs_left_alone(),
    ):
        code = _code()
    return Ran(code, out.getvalue(), err.getvalue())


def _code() -> int:
    """The exit code as the shell sees it."""
    try:
        main()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    return 0


@contextmanager
def logs_left_alone() -> Iterator[None]:
    """Take back what a command sets for its whole process."""
    try:
        yield
    finally:
        structlog.reset_defaults()
        stamina.instrumentation.set_on_retry_hooks(None)
