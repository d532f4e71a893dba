"""How many events a second the door accepts, committed: singly and in batches, beside one insert per request.

Run: FLOWSTUDIO_DATA=/tmp/bench python benchmarks/door.py [--seconds 5]. It makes its own database in that folder. The
server has a process of its own; the load comes from this one, so on two cores they share little but the disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("FLOWSTUDIO_DATA", tempfile.mkdtemp(prefix="flowstudio-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowstudio.settings")

import django

django.setup()

KEY = "bench-key"


def _prepare() -> None:
    from django.core.management import call_command

    from flowstudio.store.models import ApiKey, Workspace
    from flowstudio.store.secrets import digest

    call_command("migrate", verbosity=0)
    workspace, _ = Workspace.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    ApiKey.objects.get_or_create(
        token_hash=digest(KEY), defaults={"workspace": workspace, "name": "b", "role": "ingest", "last4": "-key"}
    )


class Lifespan:
    """The door alone, started and stopped with the server."""

    def __init__(self, door):
        self.door = door

    async def __call__(self, scope, receive, send):
        if scope["type"] != "lifespan":
            await self.door(scope, receive, send)
            return
        await receive()
        await self.door.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.door.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _door():
    from flowstudio.api.events import EventsDoor

    return Lifespan(EventsDoor())


def _plain():
    """What a view would do: DRF parses, a serializer checks, the ORM inserts and commits, one request at a time."""
    from django.conf import settings

    settings.REST_FRAMEWORK = {}
    from django.core.asgi import get_asgi_application
    from django.urls import path
    from rest_framework import serializers
    from rest_framework.decorators import api_view, authentication_classes, permission_classes
    from rest_framework.response import Response

    from flowstudio.store.ids import new_id
    from flowstudio.store.models import ApiKey, Event
    from flowstudio.store.secrets import digest

    class Message(serializers.Serializer):
        event = serializers.CharField(max_length=255)
        userId = serializers.CharField(max_length=255)
        messageId = serializers.CharField(max_length=100)
        properties = serializers.DictField(required=False)

    @api_view(["POST"])
    @authentication_classes([])
    @permission_classes([])
    def track(request):
        from django.utils import timezone

        key = ApiKey.objects.get(token_hash=digest(KEY), revoked_at=None)
        message = Message(data=request.data)
        message.is_valid(raise_exception=True)
        data, now = message.validated_data, timezone.now()
        Event.objects.get_or_create(
            workspace_id=key.workspace_id, source=key.id, message_id=data["messageId"],
            defaults={
                "id": new_id(), "type": "track", "name": data["event"], "user_id": data["userId"],
                "payload": dict(data), "digest": "", "occurred_at": now, "received_at": now,
            },
        )  # fmt: skip
        return Response({"success": True})

    module = type(sys)("bench_urls")
    module.urlpatterns = [path("v1/track", track)]
    sys.modules["bench_urls"] = module
    settings.ROOT_URLCONF = "bench_urls"
    return get_asgi_application()


def _serve(kind: str, port: int) -> None:
    import uvicorn

    app = _door() if kind == "door" else _plain()
    lifespan = "on" if kind == "door" else "off"
    uvicorn.run(app, port=port, log_level="error", lifespan=lifespan, access_log=False, proxy_headers=False)


def _document(batch: int, serial: int) -> bytes:
    def message(n: int) -> dict:
        return {
            "type": "track", "event": "Signed Up", "userId": f"u{serial}-{n}", "messageId": f"{time.time_ns()}-{n}",
            "properties": {"plan": "pro", "source": "search", "email": f"u{serial}@example.com"},
            "context": {"library": {"name": "bench", "version": "1"}},
        }  # fmt: skip

    document = message(0) if batch == 1 else {"batch": [message(n) for n in range(batch)]}
    return json.dumps(document).encode()


async def _client(port: int, batch: int, until: float, times: list[float], number: int) -> None:
    import base64

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    auth = base64.b64encode(f"{KEY}:".encode()).decode()
    route = "/v1/track" if batch == 1 else "/v1/batch"
    serial = number * 1_000_000
    while time.monotonic() < until:
        serial += 1
        body = _document(batch, serial)
        head = (
            f"POST {route} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {auth}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        started = time.monotonic()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        assert answer.startswith(b"HTTP/1.1 200"), answer
        times.append(time.monotonic() - started)
    writer.close()


async def _load(port: int, batch: int, connections: int, seconds: float) -> tuple[float, list[float]]:
    times: list[float] = []
    started = time.monotonic()
    await asyncio.gather(*(_client(port, batch, started + seconds, times, n) for n in range(connections)))
    return time.monotonic() - started, sorted(times)


def main() -> None:
    """Prints one table."""
    from rich.console import Console
    from rich.table import Table

    from benchmarks.machine import about

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    _prepare()
    table = Table("path", "messages a request", "connections", "events/s", "requests/s", "p50 ms", "p95 ms")
    cases = [("door", 1, 1), ("door", 1, 64), ("door", 100, 8), ("plain view", 1, 1), ("plain view", 1, 64)]
    for kind, batch, connections in cases:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = multiprocessing.get_context("spawn").Process(target=_serve, args=(kind, port), daemon=True)
        server.start()
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        took, times = asyncio.run(_load(port, batch, connections, seconds))
        rate = len(times) / took
        spread = [f"{times[int(len(times) * q)] * 1000:.1f}" for q in (0.5, 0.95)]
        table.add_row(kind, str(batch), str(connections), f"{rate * batch:,.0f}", f"{rate:,.0f}", *spread)
        server.terminate()
        server.join(10)
    console = Console(width=110)
    console.print(table)
    console.print(about())


if __name__ == "__main__":
    main()
