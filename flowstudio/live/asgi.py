"""The live room's door: an ASGI application for scopes of type "websocket".

Wired by the composition root: one `Hub` a process, started and stopped by the application's lifespan in the event loop
that serves (`await hub.start()`, `await hub.stop()`), and `websocket(hub)` called for every websocket scope. It finds
callers itself: wrap it in no session or origin middleware. Serve with small frames in and no compression, which would
be done anew for every viewer (uvicorn: `--ws-max-size 65536 --ws-per-message-deflate false`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flowstudio.live.hub import Hub
from flowstudio.live.socket import ViewerSocket

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/ws/live/"
_NOT_HERE = 4404


def websocket(hub: Hub) -> App:
    """The application; every path but `/ws/live/` is refused at the handshake."""
    viewer: App = ViewerSocket.as_asgi(hub=hub)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in {PATH, PATH.rstrip("/")}:
            await viewer(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": _NOT_HERE})

    return app
