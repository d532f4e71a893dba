"""The sandbox as an httpx transport: requests to the vendors' own hosts are answered in this process.

It stands where the network stands, so that connectors run exactly the code that they run against the real vendors.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import httpx

from flowstudio.sandbox import slack
from flowstudio.sandbox.enrichment import Clearbit, datanyze
from flowstudio.sandbox.slack import Slack

Fault = Literal["500", "503", "429", "401", "402", "nonsense", "html", "silent", "reset"]
_FAULTS: tuple[Fault, ...] = ("500", "503", "429", "401", "402", "nonsense", "html", "silent", "reset")
HOSTS = {
    "company.clearbit.com": "clearbit",
    "person.clearbit.com": "clearbit",
    "api.datanyze.com": "datayze",
    "slack.com": "slack",
    "hooks.slack.com": "slack",
}


@dataclass(slots=True)
class Faults:
    """Which vendor fails, how, and for which share of its requests; may be changed while running."""

    by_vendor: dict[str, tuple[Fault, float]] = field(default_factory=dict)
    _asked: dict[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Read `clearbit:503:0.3,slack:429` (the share is 1 when left out); ValueError with a sentence otherwise."""
        faults = cls()
        for entry in filter(None, (part.strip() for part in text.split(","))):
            vendor, _, rest = entry.partition(":")
            name, _, share = rest.partition(":")
            found = next((fault for fault in _FAULTS if fault == name), None)
            if vendor not in HOSTS.values() or found is None:
                raise ValueError(
                    f"Sandbox faults: cannot read {entry!r}; write <vendor>:<{'|'.join(_FAULTS)}>[:<share>]."
                )
            try:
                faults.set(vendor, found, float(share) if share else 1.0)
            except ValueError:
                raise ValueError(f"Sandbox faults: {share!r} in {entry!r} is no share from 0 to 1.") from None
        return faults

    def set(self, vendor: str, fault: Fault, share: float = 1.0) -> None:
        """Let this share of a vendor's requests fail."""
        if not 0 <= share <= 1:
            raise ValueError("a share lies between 0 and 1")
        self.by_vendor[vendor] = (fault, share)

    def clear(self, vendor: str = "") -> None:
        """Heal one vendor, or all."""
        if vendor:
            self.by_vendor.pop(vendor, None)
        else:
            self.by_vendor.clear()

    def next(self, vendor: str) -> Fault | None:
        """What befalls this vendor's next request: evenly spread, so that a share of 0.25 is every fourth."""
        fault, share = self.by_vendor.get(vendor, ("500", 0.0))
        number = self._asked[vendor] = self._asked.get(vendor, 0) + 1
        return fault if int(number * share) > int((number - 1) * share) else None


@dataclass(slots=True)
class SandboxTransport(httpx.AsyncBaseTransport):
    """Routes by host to the stand-in vendors; any other host cannot be reached from the sandbox.

    `latency_s` are the shortest and longest answer times; which one a request gets depends on its text alone.
    """

    latency_s: tuple[float, float] = (0.03, 0.18)
    faults: Faults = field(default_factory=Faults)
    slack: Slack = field(default_factory=Slack)
    clearbit: Clearbit = field(default_factory=Clearbit)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the vendor would, after its latency and with its faults."""
        vendor = HOSTS.get(request.url.host)
        if vendor is None:
            raise httpx.ConnectError("the sandbox knows no such host", request=request)
        await request.aread()
        await asyncio.sleep(self._latency(request))
        fault = self.faults.next(vendor)
        if fault is not None:
            return await self._failed(fault, request)
        handlers: dict[str, Callable[[httpx.Request], httpx.Response]] = {
            "clearbit": self.clearbit,
            "datayze": datanyze,
            "slack": self.slack,
        }
        return _streamed(handlers[vendor](request))

    def _latency(self, request: httpx.Request) -> float:
        low, high = self.latency_s
        digest = hashlib.sha256(f"{request.method} {request.url}".encode() + request.content).digest()
        return low + (high - low) * digest[0] / 255

    async def _failed(self, fault: Fault, request: httpx.Request) -> httpx.Response:
        if fault == "silent":
            await asyncio.sleep(3600)
        if fault == "reset":
            raise httpx.ReadError("the sandbox cut the connection", request=request)
        if fault == "nonsense":
            return _streamed(httpx.Response(200, headers={"content-type": "application/json"}, content=b'{"id": NaN, '))
        if fault == "html":
            return _streamed(httpx.Response(200, html="<html><script>alert(1)</script>Welcome</html>"))
        if HOSTS[request.url.host] == "slack":
            return _streamed(slack.failed(fault, hook=request.url.host == "hooks.slack.com"))
        headers = {"retry-after": "2"} if fault == "429" else {}
        return _streamed(httpx.Response(int(fault), headers=headers, json={"error": {"type": f"sandbox_{fault}"}}))


class _Stream(httpx.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self):  # type: ignore[no-untyped-def]  # an async generator by nature
        yield self._body


def _streamed(response: httpx.Response) -> httpx.Response:
    """The same answer as a stream that is still to be read, as one from the network."""
    return httpx.Response(response.status_code, headers=response.headers, stream=_Stream(response.content))
