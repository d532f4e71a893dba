"""Django behind the ASGI server: whole bodies first, then a thread of a pool (DEPENDENCIES §2).

Django's own ASGI handler starts a thread for every request. Here a request takes a thread of a fixed pool, and only once
its body is complete: a slow sender costs memory that is bounded, never a thread (SECURITY S18).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import msgspec
from a2wsgi import WSGIMiddleware

from flowstudio.api.door import body as bodies
from flowstudio.api.errors import body as problem_body
from flowstudio.domain.errors import TooLarge

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Above Django's own limit, which answers with a sentence of its own for what lies between.
MAX_BODY = 10 * 1024 * 1024
DEADLINE_S = 30.0
THREADS = 8
# What may stand in a query as it is; everything else outside ASCII is percent-encoded.
_AS_IT_IS = "".join(map(chr, range(0x21, 0x7F)))


class Bridge:
    """An ASGI app for HTTP that calls a WSGI app in a pool of threads."""

    def __init__(self, wsgi: Any, *, threads: int = THREADS, deadline_s: float = DEADLINE_S) -> None:
        self._app = WSGIMiddleware(wsgi, workers=threads)
        self._deadline_s = deadline_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; a body that is too large or too slow gets 413 or 408 with a problem document."""
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        try:
            body = await bodies.read(
                receive,
                limit=MAX_BODY,
                declared=int(declared) if declared.isdigit() else 0,
                deadline_s=self._deadline_s,
            )
        except TooLarge as error:
            await _problem(send, 413, "too_large", str(error))
            return
        except bodies.TooSlow:
            await _problem(send, 408, "too_slow", "The request took too long to arrive. Send it again.")
            return
        except bodies.Gone:
            return
        query = quote(scope["query_string"], safe=_AS_IT_IS).encode()
        await self._app({**scope, "query_string": query}, _once(body), send)  # type: ignore[arg-type]

    def close(self) -> None:
        """Lets requests under way end and takes no more."""
        self._app.executor.shutdown(wait=True, cancel_futures=True)


def _once(body: bytes) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _problem(send: Send, status: int, code: str, message: str) -> None:
    content = msgspec.json.encode(problem_body(status, code, message))
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
