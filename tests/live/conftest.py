from __future__ import annotations

import pytest
import pytest_asyncio

from flowstudio.engine import clock, failpoints, programs
from flowstudio.live.hub import Hub
from tests.api.world import Room, room
from tests.engine import house
from tests.live.viewer import Watching


@pytest.fixture
def catalogue():
    programs.use_catalogue(house.CATALOGUE)
    yield
    programs.use_catalogue(None)
    failpoints.arm("")
    clock.reset()


@pytest.fixture
def ours(transactional_db, catalogue) -> Room:
    return room("ours")


@pytest.fixture
def vendor():
    return house.Vendor()


@pytest_asyncio.fixture
async def hub(ours):
    made = Hub()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def watching(hub, ours):
    """Opens a connection with the viewer's key."""
    return lambda **headers: Watching(hub, headers or ours.key("viewer"))
