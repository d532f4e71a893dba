"""SECURITY S1, S2, S4, S7: what may be called at all."""

from __future__ import annotations

import ipaddress
import time

import pytest

from flowstudio.connectors.egress import Guard, is_public, parse_exemption
from flowstudio.domain.errors import ConnectorError, EgressRefused
from tests.connectors.conftest import Dns, answering, client, loopback

S1_TARGETS = [
    "127.0.0.1", "localhost", "[::1]", "0", "0.0.0.0", "127.1", "2130706433", "0x7f.1", "017700000001", "①②⑦.⓪.⓪.①",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "100.64.0.1",
    "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "[fd00::1]", "[fe80::1%25lo]", "[::]", "[::7f00:1]",
    "[64:ff9b:1::7f00:1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "[fec0::1]", "[2001:0:7f00:1::]", "localhost.",
]  # fmt: skip
ADDRESSES = [
    "127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "169.254.169.254", "100.64.0.1", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "fd00::1", "fe80::1",
    "::7f00:1", "64:ff9b:1::7f00:1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "fec0::1", "ff02::1", "240.0.0.1",
    "2001:db8::1", "64:ff9b::a00:1", "2002:c0a8:101::1", "192.88.99.1", "64:ff9b::e000:1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::101:101", "2002:101:101::1", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("text", ADDRESSES)
def test_s1_inner_addresses_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("host", S1_TARGETS)
async def test_s1_targets_are_refused_with_one_sentence(host: str) -> None:
    async with client() as http:
        with pytest.raises(EgressRefused) as caught:
            await http.request("GET", f"http://{host}/", deadline_s=5)
    assert caught.value.message == EgressRefused().message
    assert (caught.value.error_class, caught.value.retryable, caught.value.sent) == ("egress", False, "no")


@pytest.mark.parametrize("address", ADDRESSES)
async def test_s1_names_that_resolve_to_them(address: str) -> None:
    async with client(lookup=Dns(inner_example=[address])) as http:
        with pytest.raises(EgressRefused, match="public addresses only"):
            await http.request("GET", "http://inner.example/", deadline_s=5)


async def test_s1_one_private_among_several_refuses_all() -> None:
    async with client(lookup=Dns(mixed_example=["1.1.1.1", "10.0.0.7"])) as http:
        with pytest.raises(EgressRefused):
            await http.request("GET", "http://mixed.example/", deadline_s=5)


async def test_s2_a_second_look_up_never_happens() -> None:
    async with loopback(answering(body=b"inner")) as inner:
        dns = Dns()
        # First allowed (by the operator's list), then loopback: connecting by a second look-up would reach `inner`.
        dns.set("rebind.example", [["127.0.0.2"], ["127.0.0.1"]])
        async with client(lookup=dns, allow=["127.0.0.2/32"]) as http:
            with pytest.raises(ConnectorError) as caught:
                await http.request("GET", f"http://rebind.example:{inner.port}/", deadline_s=3)
            assert caught.value.error_class == "connect"
            assert dns.asked == ["rebind.example"]
            assert inner.connections == 0
            with pytest.raises(EgressRefused):
                await http.request("GET", f"http://rebind.example:{inner.port}/", deadline_s=3)
        assert inner.connections == 0


async def test_s2_host_header_is_kept_when_connecting_to_the_judged_address() -> None:
    async with (
        loopback(answering()) as server,
        client(lookup=Dns(shop_example=["127.0.0.1"]), allow=["127.0.0.1"]) as http,
    ):
        await http.request("GET", f"http://shop.example:{server.port}/x", deadline_s=3)
    assert f"host: shop.example:{server.port}".encode() in server.requests[0].lower()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://1.1.1.1/", "ftp://1.1.1.1/", "data:text/plain,hi", "unix:/run/x.sock",
        "//1.1.1.1/", "1.1.1.1/", "javascript:alert(1)", "http://good@127.0.0.1/", "http://u:p@example.com/",
        "http://127.0.0.1:80\\@good/", "http://exa\r\nmple.com/", "http://example.com/\tx", "http://example.com/a b",
        "http://example.com:22/", "http://example.com:25/", "http://example.com:5432/", "http://example.com:6379/",
        "http://example.com:0/", "http://example.com:99999/", "http://", "http:///x", "http://[::1", "https://%31/",
        "http://example.com/" + "a" * 9000,
    ],
)  # fmt: skip
async def test_s4_urls_that_are_refused(url: str) -> None:
    dns = Dns(example_com=["93.184.215.14"])
    async with client(lookup=dns) as http:
        with pytest.raises(EgressRefused):
            await http.request("GET", url, deadline_s=3)
    assert dns.asked == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "a\x00b"),
        ("X A", "1"),
        ("X-A:", "1"),
        ("X\r\nB", "1"),
        ("X-A", "ключ"),
        ("", "1"),
    ],
)
async def test_s4_header_characters(name: str, value: str) -> None:
    async with client() as http:
        with pytest.raises(ConnectorError, match="header") as caught:
            await http.request("GET", "http://example.com/", headers={name: value}, deadline_s=3)
    assert (caught.value.error_class, caught.value.sent) == ("input", "no")


@pytest.mark.parametrize("name", ["Host", "Content-Length", "transfer-encoding", "Connection", "Proxy-Authorization"])
async def test_framing_headers_are_ours(name: str) -> None:
    async with client() as http:
        with pytest.raises(ConnectorError, match="set by flowstudio"):
            await http.request("GET", "http://example.com/", headers={name: "x"}, deadline_s=3)


async def test_s7_open_and_closed_inner_ports_look_the_same() -> None:
    async with loopback(answering()) as inner, client() as http:
        seen = []
        for port in (inner.port, 1025):
            began = time.perf_counter()
            with pytest.raises(EgressRefused) as caught:
                await http.request("GET", f"http://127.0.0.1:{port}/", deadline_s=3)
            seen.append((str(caught.value), time.perf_counter() - began))
        assert seen[0][0] == seen[1][0]
        assert max(took for _, took in seen) < 0.5
        assert inner.connections == 0


@pytest.mark.parametrize(
    ("entry", "host", "address", "port", "allowed"),
    [
        ("127.0.0.1:9010", "127.0.0.1", "127.0.0.1", 9010, True),
        ("127.0.0.1:9010", "127.0.0.1", "127.0.0.1", 9011, False),
        ("10.0.0.0/8", "crm.inner", "10.2.3.4", 8080, True),
        ("10.0.0.0/8", "crm.inner", "11.2.3.4", 8080, True),  # public anyway
        ("10.0.0.0/8", "crm.inner", "192.168.2.4", 8080, False),
        ("crm.inner", "crm.inner", "10.2.3.4", 8080, True),
        ("crm.inner:8080", "other.inner", "10.2.3.4", 8080, False),
        ("[::1]:9000", "::1", "::1", 9000, True),
        ("::1", "::1", "::1", 9001, True),
        ("10.0.0.0/8", "x", "::ffff:10.0.0.1", 80, True),
    ],
)
def test_the_operators_list(entry: str, host: str, address: str, port: int, *, allowed: bool) -> None:
    guard = Guard([entry])
    if allowed:
        guard.address(host, ipaddress.ip_address(address), port)
    else:
        with pytest.raises(EgressRefused):
            guard.address(host, ipaddress.ip_address(address), port)


def test_a_listed_port_opens_that_target_only() -> None:
    guard = Guard(["db.inner:5432"])
    guard.port("db.inner", 5432)
    with pytest.raises(EgressRefused):
        guard.port("example.com", 5432)
    by_network = Guard(["10.0.0.0/8:5432"])
    by_network.port("example.com", 5432)
    with pytest.raises(EgressRefused):
        by_network.address("example.com", ipaddress.ip_address("93.184.215.14"), 5432)


@pytest.mark.parametrize("text", ["http://x", "a b", "host:99999", "host:0", "1.2.3.4:x", "[::1", "-x"])
def test_unreadable_entries_say_so(text: str) -> None:
    with pytest.raises(ValueError, match="FLOWSTUDIO_EGRESS_ALLOW"):
        parse_exemption(text)
