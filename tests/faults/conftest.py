"""A workspace, the vendor, and how much is tried: `FAULTS=all` is the nightly list, else its core."""

from __future__ import annotations

import os
import random

import pytest

from tests.engine import house
from tests.faults import sink as sinks

ALL = os.environ.get("FAULTS") == "all"


@pytest.fixture
def space(transactional_db):
    return house.workspace()


@pytest.fixture
def sink(tmp_path):
    with sinks.sink(tmp_path / "ledger.jsonl") as made:
        yield made


@pytest.fixture
def seed(request):
    """A new one each time, printed with every failure; `FAULTS_SEED` repeats one."""
    chosen = int(os.environ.get("FAULTS_SEED") or random.randrange(10**6))
    print(f"FAULTS_SEED={chosen}")
    return chosen
