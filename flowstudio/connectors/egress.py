"""Where flows may call: the judge of every address before anything connects (SECURITY S1, S2, S4, S7).

The *address* is judged, never the text of a name: `getaddrinfo` turns `127.1`, `0x7f.1` and circled digits into
loopback. Whatever is refused gets one and the same `EgressRefused`, before any connection, so that neither words nor
time tell what lies behind an inner address.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from flowstudio.domain.errors import ConnectorError, EgressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Lookup = Callable[[str, int], Awaitable[list[str]]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")
# `is_global` has changed between Python releases; what must never be reached is said here as well.
_NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
# Above 1023, but never a web server: databases, caches, remote shells and cluster managers.
DENIED_PORTS = frozenset(
    {1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 5900, 6000, 6379, 6380, 9042, 11211, 27017}
)
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
MAX_URL = 8 * 1024


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or address in _V4_COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


@functools.lru_cache(maxsize=4_096)
def is_public(address: Address) -> bool:
    """True when the address, unwrapped from IPv4-mapped, NAT64 and 6to4 forms, belongs to the public internet."""
    for one in (address, _unwrapped(address)):
        inner_form = one is address and one != _unwrapped(address)
        if one.is_multicast or any(one.version == net.version and one in net for net in _NEVER):
            return False
        if not inner_form and not one.is_global:
            return False
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """One entry of FLOWSTUDIO_EGRESS_ALLOW: a name or a network, with a port or any port that is allowed anyway."""

    name: str = ""
    network: Network | None = None
    port: int | None = None


def parse_exemption(text: str) -> Exemption:
    """Read `host`, `host:port`, `net/len` or `net/len:port` (IPv6 in brackets before a port); ValueError with a
    sentence when it cannot be read."""
    raw = text.strip()
    match = re.fullmatch(r"\[(?P<six>[^\]]+)\](?::(?P<p6>\d+))?|(?P<host>[^:]+)(?::(?P<p4>\d+))?", raw)
    six_bare = match is None and raw.count(":") > 1
    if match is None and not six_bare:
        raise ValueError(f"FLOWSTUDIO_EGRESS_ALLOW: cannot read {text!r}; write host, host:port or network/length.")
    host = raw if match is None else (match["six"] or match["host"])
    port_text = None if match is None else (match["p6"] or match["p4"])
    port = int(port_text) if port_text else None
    if port is not None and not 0 < port < 65536:
        raise ValueError(f"FLOWSTUDIO_EGRESS_ALLOW: {port} in {text!r} is not a port.")
    try:
        return Exemption(network=ipaddress.ip_network(host, strict=False), port=port)
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", host):
            raise ValueError(
                f"FLOWSTUDIO_EGRESS_ALLOW: {host!r} in {text!r} is neither a host name nor a network."
            ) from None
        return Exemption(name=host.lower(), port=port)


class Guard:
    """The judge: which ports, which addresses, and what the operator has allowed besides."""

    def __init__(self, allow: Iterable[str] = (), *, denied_ports: Iterable[int] = DENIED_PORTS) -> None:
        self._allow = tuple(parse_exemption(entry) for entry in allow if entry.strip())
        self._denied = frozenset(denied_ports)

    def port(self, host: str, port: int) -> None:
        """Refuse a port that no web server uses, unless the operator listed this host (or a network) with it."""
        if not 0 < port < 65536:
            raise EgressRefused
        if (port in (80, 443) or port >= 1024) and port not in self._denied:
            return
        for entry in self._allow:
            if entry.port == port and (entry.network is not None or entry.name == host):
                return
        raise EgressRefused

    def address(self, host: str, address: Address, port: int) -> None:
        """Refuse an address that is neither public nor allowed."""
        if is_public(address):
            self._port_of_public(host, address, port)
            return
        if not any(self._exempts(entry, host, address, port) for entry in self._allow):
            raise EgressRefused

    def _port_of_public(self, host: str, address: Address, port: int) -> None:
        usual = (port in (80, 443) or port >= 1024) and port not in self._denied
        if not usual and not any(self._exempts(entry, host, address, port) for entry in self._allow):
            raise EgressRefused

    @staticmethod
    def _exempts(entry: Exemption, host: str, address: Address, port: int) -> bool:
        if entry.port is not None and entry.port != port:
            return False
        if entry.network is None:
            return entry.name == host
        inner = _unwrapped(address)
        return any(one.version == entry.network.version and one in entry.network for one in (address, inner))


async def system_lookup(host: str, port: int) -> list[str]:
    """Every address the system's resolver knows for the name, in its order."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class JudgedResolver(AbstractResolver):
    """aiohttp's resolver: looks a name up once, judges *all* its addresses, and hands on only those judged.

    The connector connects to what this returns, so a second lookup (DNS rebinding) never happens.
    """

    def __init__(self, guard: Guard, lookup: Lookup = system_lookup) -> None:
        self._guard = guard
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The judged addresses of `host`; EgressRefused when one of them is not allowed."""
        addresses = await self.judged(host, port)
        return [
            {
                "hostname": host,
                "host": str(address),
                "port": port,
                "family": socket.AF_INET if address.version == 4 else socket.AF_INET6,
                "proto": socket.IPPROTO_TCP,
                "flags": int(socket.AI_NUMERICHOST | socket.AI_NUMERICSERV),
            }
            for address in addresses
        ]

    async def judged(self, host: str, port: int) -> list[Address]:
        """Look up and judge; a name that does not exist is a `dns` error that may be tried again."""
        name = host.lower().rstrip(".")
        try:
            found = await self._lookup(name, port)
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise ConnectorError(
                f"The host {name[:120]} cannot be found. Check the spelling of the address.",
                error_class="dns",
                retryable=True,
                sent="no",
            )
        addresses: list[Address] = []
        for text in found:
            address = ipaddress.ip_address(text)
            self._guard.address(name, address, port)
            addresses.append(address)
        return addresses

    async def close(self) -> None:
        """Nothing is held open."""


@functools.lru_cache(maxsize=4_096)
def literal(host: str) -> Address | None:
    """The address when the host is one written out, else None (a name, or a short form for the resolver to judge)."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def check_url_text(url: Any) -> str:
    """Refuse what no honest URL holds: control characters, blanks inside, backslashes, excess length."""
    text = str(url).strip()
    if not text:
        raise ConnectorError("The address (URL) is empty.", error_class="input", retryable=False, sent="no")
    if len(text) > MAX_URL or _CONTROL.search(text):
        raise EgressRefused
    return text
