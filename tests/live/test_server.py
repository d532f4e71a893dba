"""Behind a real server, with a real client and raw sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import os

import pytest
import pytest_asyncio
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from flowstudio.engine import bell
from flowstudio.live.asgi import websocket
from flowstudio.live.hub import Hub
from flowstudio.live.limits import Limits
from flowstudio.store.models import Event
from tests.api.world import session
from tests.engine import house
from tests.live.test_protocol import commit
from tests.live.viewer import reduced
from tests.servers import free_port


class Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):
        yield


@contextlib.asynccontextmanager
async def serving(hub: Hub):
    port = free_port()
    config = uvicorn.Config(
        websocket(hub), port=port, ws="websockets-sansio", ws_max_size=64 * 1024, lifespan="off", log_config=None,
        ws_per_message_deflate=False, timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = Quiet(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield port
    server.should_exit = True
    await task


@pytest_asyncio.fixture
async def port(hub):
    async with serving(hub) as port:
        yield port


@pytest.fixture
def flow(ours) -> str:
    return f"flow:{ours.ids['flow_id']}"


def url(port: int) -> str:
    return f"ws://127.0.0.1:{port}/ws/live/"


async def test_a_browser_signs_in_watches_and_comes_back(ours, port, flow):
    client = await house.db(lambda: session(ours.users["viewer"]))
    cookie = {"Cookie": f"flowstudio_session={client.cookies['flowstudio_session'].value}"}
    origin = f"http://127.0.0.1:{port}"
    state, cursor = None, None
    for n in range(1, 3):
        async with connect(url(port), additional_headers=cookie, origin=origin) as line:
            await line.send(json.dumps({"subscribe": flow} if cursor is None else {"subscribe": flow, "after": cursor}))
            if cursor is None:
                first = json.loads(await line.recv())
                state, cursor = first["state"], first["cursor"]
            await house.db(lambda: commit(ours))
            delta = json.loads(await line.recv())
            state, cursor = reduced(state, delta["changes"]), delta["cursor"]
            assert state["counts"]["node:pause"]["entered"] == n
    for other in (f"http://127.0.0.1:{port + 1}", None, "null"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url(port), additional_headers=cookie, origin=other)
        assert refused.value.response.status_code == 403


async def test_a_message_that_is_too_large_for_the_server_ends_that_connection_alone(ours, port, flow):
    key = {"Authorization": f"Bearer {ours.keys['viewer']}"}
    async with connect(url(port), additional_headers=key) as large, connect(url(port), additional_headers=key) as other:
        await large.send("x" * 70_000)
        with pytest.raises(ConnectionClosed):
            await large.recv()
        await other.send(json.dumps({"subscribe": flow}))
        assert json.loads(await other.recv())["type"] == "snapshot"


async def raw(port: int, key: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**12)
    nonce = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /ws/live/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {nonce}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    )
    assert b"101" in await reader.readline()
    return reader, writer


def frame(text: str) -> bytes:
    data = text.encode()
    assert len(data) < 126
    return bytes([0x81, 0x80 | len(data)]) + b"\0\0\0\0" + data


async def test_a_viewer_that_takes_nothing_holds_up_nobody_and_is_cut_off(ours, flow, caplog):
    hub = Hub(Limits(send_s=0.5))
    await hub.start()
    large = f"customer:{ours.ids['customer_id']}"

    def arrive() -> None:
        for _ in range(50):
            event = house.event(ours.workspace, "ours-1", note="x" * 20_000)
            Event.objects.filter(id=event.id).update(customer_id=ours.ids["customer_id"], status="done")

    await house.db(arrive)
    async with serving(hub) as port:
        reader, writer = await raw(port, ours.keys["viewer"])
        reader._transport.pause_reading()
        async with connect(url(port), additional_headers={"Authorization": f"Bearer {ours.keys['editor']}"}) as line:
            await line.send(json.dumps({"subscribe": flow}))
            state = json.loads(await line.recv())["state"]
            for n in range(1, 60):
                # A megabyte each, until the kernel keeps no more of them for a socket that nobody reads.
                writer.write(frame(json.dumps({"subscribe": large})))
                await house.db(lambda: commit(ours))
                async with asyncio.timeout(5):
                    delta = json.loads(await line.recv())
                state = reduced(state, delta["changes"])
                assert state["counts"]["node:pause"]["entered"] == n
                if sum(hub._viewers.values()) == 1:
                    break
            assert sum(hub._viewers.values()) == 1
        writer.transport.abort()
    await hub.stop()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_clients_that_vanish_leave_nothing_behind(ours, hub, port, flow, caplog):
    for how in range(12):
        _, writer = await raw(port, ours.keys["viewer"])
        writer.write(frame(json.dumps({"subscribe": flow})))
        if how % 3:
            await asyncio.sleep(0.02 * (how % 5))
        if how % 2:
            writer.transport.abort()
        else:
            writer.close()
        await house.db(lambda: commit(ours))
    async with asyncio.timeout(5):
        while hub._viewers:
            bell.ring("viewers")
            await asyncio.sleep(0.05)
    assert not next(iter(hub._rooms[ours.workspace.id])).viewers
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
