"""Reading a request's body: bounded while it comes, bounded while it is unpacked, and with a time limit."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from flowstudio.domain.errors import InputError, TooLarge

MAX_RAW = 5 * 1024 * 1024
MAX_UNPACKED = 10 * 1024 * 1024
DEADLINE_S = 20.0

Receive = Callable[[], Awaitable[dict[str, Any]]]


class TooSlow(Exception):
    """The body did not come within its time (SECURITY S18)."""


class Gone(Exception):
    """The client went away before its body was complete; there is nobody to answer."""


async def read(
    receive: Receive, *, limit: int, declared: int, deadline_s: float = DEADLINE_S, keep: bool = True
) -> bytes:
    """The whole body as sent, or TooLarge, TooSlow, Gone. With `keep=False` it is read and thrown away."""
    if declared > limit:
        raise TooLarge(f"The body has more than {limit:,} bytes.")
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(deadline_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                part = message.get("body", b"")
                size += len(part)
                if size > limit:
                    raise TooLarge(f"The body has more than {limit:,} bytes.")
                if keep and part:
                    parts.append(part)
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
    except TimeoutError:
        raise TooSlow from None


def unpack(body: bytes, encoding: str, *, limit: int = MAX_UNPACKED) -> bytes:
    """The body without its Content-Encoding; counted while it grows, so that no bomb goes off (F17)."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        # RudderStack's clients once forgot the header; the first two bytes cannot begin a JSON text.
        if not body.startswith(b"\x1f\x8b"):
            if len(body) > limit:
                raise TooLarge(f"The body has more than {limit:,} bytes.")
            return body
    elif encoding not in ("gzip", "x-gzip"):
        raise InputError(f"The Content-Encoding {encoding[:40]!r} is not understood. Use gzip, or none.")
    out: list[bytes] = []
    size = 0
    rest = body
    try:
        while rest:
            member = zlib.decompressobj(wbits=31)
            part = member.decompress(rest, limit + 1 - size)
            size += len(part)
            if size > limit:
                raise TooLarge(f"The body has more than {limit:,} bytes when unpacked.")
            out.append(part)
            if not member.eof:
                raise InputError("The gzip body ends too early.")
            rest = member.unused_data.lstrip(b"\x00")
    except zlib.error:
        raise InputError("The body is not gzip, although Content-Encoding says so.") from None
    return b"".join(out)
