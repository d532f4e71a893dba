from __future__ import annotations

import asyncio

import pytest

from flowstudio.engine import clock, failpoints, programs
from tests.engine import house, stage


@pytest.fixture
def room():
    """The test catalogue instead of the built-in one; every failpoint and clock reading forgotten afterwards."""
    programs.use_catalogue(house.CATALOGUE)
    yield
    programs.use_catalogue(None)
    failpoints.arm("")
    clock.reset()


@pytest.fixture
def space(room, transactional_db):
    return house.workspace()


@pytest.fixture
def vendor():
    return house.Vendor()


@pytest.fixture
def drain(vendor):
    """Runs an engine until nothing is due."""

    def go(**options):
        asyncio.run(house.engine(vendor, **options).drain())

    return go


@pytest.fixture
def play(space, vendor, monkeypatch):
    """The stage for the rules: real node types and a clock that only the test moves."""
    return stage.Stage(space, vendor, monkeypatch)
