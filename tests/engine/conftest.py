from __future__ import annotations

import asyncio

import pytest

from flowstudio.engine import clock, failpoints, programs
from tests.engine import house


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
