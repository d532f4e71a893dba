"""The web process: the events door first, then websockets, then Django in a pool of threads.

Serve it with uvicorn, `proxy_headers=False` unless the proxy in front is named (SECURITY S16), lifespan on.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowstudio.settings")

from django.core.wsgi import get_wsgi_application

# Django must be set up before anything that imports its models.
# ruff: noqa: E402
_django = get_wsgi_application()

from flowstudio.api.bridge import Bridge, Receive, Scope, Send
from flowstudio.api.events import EventsDoor
from flowstudio.live.asgi import websocket
from flowstudio.live.hub import Hub

door = EventsDoor()
hub = Hub()
_live = websocket(hub)
_bridge = Bridge(_django)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: one request, websocket or lifespan."""
    if scope["type"] == "http":
        if not await door.handle(scope, receive, send):
            await _bridge(scope, receive, send)
    elif scope["type"] == "websocket":
        await _live(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await door.start()
    await hub.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await hub.stop()
    # What was accepted is committed before the process ends.
    await door.stop()
    _bridge.close()
    await send({"type": "lifespan.shutdown.complete"})
