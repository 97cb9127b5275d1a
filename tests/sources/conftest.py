from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from bot.http import Http


@pytest.fixture(scope="session")
def http() -> Iterator[Http]:
    """The way to every site of the tests: making one costs more than a whole test of the contract.

    A stalled answer costs `read_s`, and a busy machine must not look like one.
    """
    # Our own sites need no sparing.
    client = Http(
        allowed_hosts=frozenset({"127.0.0.1"}), read_s=1.5, total_s=15, every_site=1_000_000
    )
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _one_attempt() -> Iterator[None]:
    """What fails is not tried again in the same run, which would take its time."""
    with stamina.set_testing(True, attempts=1):
        yield
