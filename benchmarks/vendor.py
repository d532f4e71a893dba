"""A vendor on loopback that answers at once: it counts requests by Idempotency-Key and notes when mails come in.

`python -m benchmarks.vendor PORT` serves until it is killed. POST anything; GET /ledger gives what it has seen.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

_SEEN: dict[bytes, int] = {}
_MAILS: dict[str, float] = {}


class Vendor(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, just enough of it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.data = b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head, rest = self.data[:end], self.data[end + 4 :]
            lower = head.lower()
            at = lower.find(b"content-length:")
            length = (
                int(lower[at + 15 : (lower.find(b"\r\n", at) if lower.find(b"\r\n", at) > 0 else None)])
                if at > 0
                else 0
            )
            if len(rest) < length:
                return
            self.data = rest[length:]
            self.answer(head, lower)

    def answer(self, head: bytes, lower: bytes) -> None:
        path = head.split(b" ", 2)[1]
        if path == b"/ledger":
            body = json.dumps({"keys": len(_SEEN), "requests": sum(_SEEN.values()), "mails": _MAILS}).encode()
        else:
            at = lower.find(b"idempotency-key:")
            if at > 0:
                key = lower[at + 16 : lower.find(b"\r\n", at)].strip()
                _SEEN[key] = _SEEN.get(key, 0) + 1
            kind, _, who = path[1:].decode().partition("/")
            if kind == "mail":
                _MAILS.setdefault(who, time.monotonic())
            employees = 500 if int(who or 0) % 2 else 20
            body = b'{"ok":true,"company":"Bench Ltd","employees":%d,"technologies":["Segment"]}' % employees
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )


async def main(port: int) -> None:
    """Serves for ever."""
    server = await asyncio.get_running_loop().create_server(Vendor, "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
