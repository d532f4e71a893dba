"""The guarded client: redirects (S3), environment (S5), sizes (S6), the total deadline (F13), Retry-After (F15), TLS (F31)."""

from __future__ import annotations

import asyncio
import base64
import gzip
import os
import ssl
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from flowstudio.connectors import wire
from flowstudio.connectors.http import Http
from flowstudio.connectors.reading import MAX_BODY
from flowstudio.domain.errors import ConnectorError, EgressRefused
from tests.connectors.conftest import Dns, Reply, answering, client, loopback

HERE = ["127.0.0.1"]


def sending(data: bytes, *, then_close: bool = True) -> Reply:
    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _raw: bytes) -> None:
        writer.write(data)
        await writer.drain()
        if then_close:
            writer.close()

    return reply


async def failing(reply: Reply, *, deadline_s: float = 5.0, method: str = "GET") -> ConnectorError:
    async with loopback(reply) as server, client(allow=HERE) as http:
        with pytest.raises(ConnectorError) as caught:
            await http.request(method, f"{server.url}/", deadline_s=deadline_s)
    return caught.value


async def test_a_whole_answer() -> None:
    async with loopback(answering(201, b'{"id": 7}', {"X-One": "1"})) as server, client(allow=HERE) as http:
        got = await http.request("POST", f"{server.url}/a", json={"ä": 1}, params={"q": "a b&c"}, headers={"X-K": "v"})
    assert (got.status, got.json(), got.headers["x-one"]) == (201, {"id": 7}, "1")
    head = server.requests[0]
    assert head.startswith(b"POST /a?q=a+b%26c HTTP/1.1") or head.startswith(b"POST /a?q=a%20b%26c HTTP/1.1")
    assert b"x-k: v" in head.lower()
    assert b"content-type: application/json" in head.lower()
    assert head.endswith('{"ä":1}'.encode())


async def test_connections_are_reused_and_cookies_are_not_kept() -> None:
    async with (
        loopback(answering(headers={"Set-Cookie": "session=secret; Path=/"})) as server,
        client(allow=HERE) as http,
    ):
        for _ in range(3):
            await http.request("GET", f"{server.url}/")
    assert server.connections == 1
    assert all(b"cookie" not in raw.lower() for raw in server.requests)


# S3


def redirecting(to: str, status: int = 302) -> Reply:
    return answering(status, b"", {"Location": to})


async def test_s3_same_origin_redirect_keeps_headers() -> None:
    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        first = raw.startswith(b"GET /start")
        await (redirecting("/end") if first else answering(body=b"end"))(_reader, writer, raw)

    async with loopback(reply) as server, client(allow=HERE) as http:
        got = await http.request("GET", f"{server.url}/start", headers={"Authorization": "Bearer x"})
    assert got.body == b"end"
    assert b"authorization: bearer x" in server.requests[1].lower()


async def test_s3_no_credential_crosses_an_origin() -> None:
    secret = {"Authorization": "Bearer top", "X-Api-Key": "top", "Cookie": "a=top", "X-Anything": "top"}
    async with loopback(answering(body=b"other")) as other, loopback(redirecting(f"{other.url}/b")) as first:
        async with client(allow=HERE) as http:
            got = await http.request(
                "GET", f"{first.url}/a", headers={**secret, "Accept": "text/plain"}, params={"k": "top"}
            )
    assert got.body == b"other"
    assert first.requests[0].count(b"top") == 5
    assert b"top" not in other.requests[0]
    assert b"accept: text/plain" in other.requests[0].lower()


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/", "http://2130706433/", "file:///etc/passwd",
     "http://u:p@127.0.0.1/", "http://inner.example/", "gopher://127.0.0.1/", "http://127.0.0.1:6379/"],
)  # fmt: skip
async def test_s3_each_hop_is_judged(target: str) -> None:
    async with loopback(redirecting(target)) as server:
        async with client(allow=[f"127.0.0.1:{server.port}"], lookup=Dns(inner_example=["10.0.0.1"])) as http:
            with pytest.raises(EgressRefused):
                await http.request("GET", f"{server.url}/")


async def test_s3_loops_and_long_chains_end_after_three() -> None:
    async with loopback(redirecting("/again")) as server, client(allow=HERE) as http:
        with pytest.raises(ConnectorError) as caught:
            await http.request("GET", f"{server.url}/")
    assert (caught.value.error_class, caught.value.retryable, len(server.requests)) == ("redirects", False, 4)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_s3_changing_methods_are_not_followed(status: int) -> None:
    async with loopback(redirecting("/next", status)) as server, client(allow=HERE) as http:
        got = await http.request("POST", f"{server.url}/", json={"pay": 1})
    assert (got.status, len(server.requests)) == (status, 1)


async def test_s3_https_to_http_is_refused(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    served, trusting = tls
    async with loopback(answering()) as plain, loopback(redirecting(f"{plain.url}/"), ssl=served) as secure:
        async with client(allow=HERE, tls=trusting, lookup=Dns(localhost_test=["127.0.0.1"])) as http:
            with pytest.raises(EgressRefused, match="https to http"):
                await http.request("GET", f"https://localhost.test:{secure.port}/")
    assert plain.connections == 0


async def test_a_bound_credential_goes_nowhere_else() -> None:
    async with client() as http:
        with pytest.raises(EgressRefused, match=r"api\.acme\.com only"):
            await http.request("GET", "https://evil.example/", allowed_hosts=("api.acme.com",))


# S5


async def test_s5_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password canary\n")
    async with loopback(answering(body=b"proxy")) as proxy, loopback(answering(body=b"direct")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
        async with client(allow=HERE) as http:
            got = await http.request("GET", f"{server.url}/")
    assert got.body == b"direct"
    assert proxy.connections == 0
    assert b"authorization" not in server.requests[0].lower()
    assert os.environ["SSL_CERT_FILE"] == "/nonexistent"


async def test_s5_an_explicit_proxy_is_used_and_targets_are_still_judged() -> None:
    async with loopback(answering(body=b"by proxy")) as proxy:
        dns = Dns(shop_example=["93.184.215.14"], inner_example=["10.0.0.1"])
        async with client(proxy=proxy.url, lookup=dns) as http:
            got = await http.request("GET", "http://shop.example/x")
            assert got.body == b"by proxy"
            for refused in ("http://inner.example/", "http://127.0.0.1/", "http://0x7f.1/"):
                with pytest.raises(EgressRefused):
                    await http.request("GET", refused)
    assert proxy.requests[0].startswith(b"GET http://shop.example/x ")
    assert len(proxy.requests) == 1


async def test_a_proxys_password_is_for_the_proxy() -> None:
    async with loopback(answering(body=b"by proxy")) as proxy:
        address = proxy.url.replace("//", "//me:s%40fe@")
        async with client(proxy=address, lookup=Dns(shop_example=["93.184.215.14"])) as http:
            assert (await http.request("GET", "http://shop.example/x")).body == b"by proxy"
            with pytest.raises(ConnectorError):
                # A CONNECT that is not understood: the vendor's own request never left.
                await http.request("GET", "https://shop.example/x", headers={"x-key": "secret"}, deadline_s=2)
    plain, tunnel = (request.lower() for request in proxy.requests)
    wanted = b"proxy-authorization: basic " + base64.b64encode(b"me:s@fe").lower()
    assert wanted in plain
    assert plain.startswith(b"get http://shop.example/x ")
    assert wanted in tunnel
    assert tunnel.startswith(b"connect shop.example:443 ")
    assert b"secret" not in tunnel


# S6


@pytest.mark.parametrize("size", [MAX_BODY - 1, MAX_BODY])
async def test_s6_up_to_the_bound(size: int) -> None:
    async with loopback(answering(body=b"a" * size)) as server, client(allow=HERE) as http:
        assert len((await http.request("GET", f"{server.url}/")).body) == size


async def test_s6_over_the_bound() -> None:
    error = await failing(answering(body=b"a" * (MAX_BODY + 1)))
    assert (error.error_class, error.retryable, error.sent) == ("too_large", False, "answered")


async def test_s6_a_body_without_end() -> None:
    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _raw: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"a" * 65536 + b"\r\n")
            await writer.drain()

    assert (await failing(reply)).error_class == "too_large"


BOMB = gzip.compress(b"\0" * (50 * 1024 * 1024), compresslevel=9)


@pytest.mark.parametrize(
    ("body", "encoding", "error_class"),
    [
        (BOMB, "gzip", "too_large"),
        (gzip.compress(BOMB), "gzip, gzip", "too_large"),
        (gzip.compress(b"a" * MAX_BODY), "gzip", ""),
        (gzip.compress(b"a" * (MAX_BODY + 1)), "gzip", "too_large"),
        (zlib.compress(b"fine"), "deflate", ""),
        (zlib.compress(b"fine")[2:-4], "deflate", ""),
        (b"plain", "gzip", "bad_answer"),
        (gzip.compress(b"x" * 999)[:-12], "gzip", "bad_answer"),
        (b"plain", "br", "bad_answer"),
        (gzip.compress(b"x"), "gzip, gzip, gzip", "bad_answer"),
    ],
)
async def test_s6_compressed_answers(body: bytes, encoding: str, error_class: str) -> None:
    began = time.perf_counter()
    async with (
        loopback(answering(body=body, headers={"Content-Encoding": encoding})) as server,
        client(allow=HERE) as http,
    ):
        if error_class:
            with pytest.raises(ConnectorError) as caught:
                await http.request("GET", f"{server.url}/")
            assert caught.value.error_class == error_class
        else:
            assert (await http.request("GET", f"{server.url}/")).status == 200
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: 1\r\n" % number for number in range(10_000)),
        b"X-Long: " + b"a" * (1024 * 1024) + b"\r\n",
        b"no colon here\r\n",
    ],
)
async def test_s6_headers_beyond_measure(head: bytes) -> None:
    error = await failing(sending(b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: 0\r\n\r\n"))
    assert error.error_class in ("bad_answer", "reset")
    assert error.retryable


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"HTTP/9.9 abc\r\n\r\n", b"", b"\0\0\0\0\r\n\r\n"])
async def test_what_is_no_http(data: bytes) -> None:
    error = await failing(sending(data))
    assert error.error_class in ("bad_answer", "reset")
    assert error.sent == "maybe"


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b'{"a": Infinity}',
        b"-Infinity",
        b"1e999",
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 5000,
        b'{"a": 1} x',
    ],
)
def test_strict_json(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wire.parse_json(body)


def test_json_with_a_byte_order_mark() -> None:
    assert wire.parse_json(b'\xef\xbb\xbf{"a": [1.5, null]}') == {"a": [1.5, None]}


# F13


async def test_f13_a_dripping_answer_ends_at_the_total_deadline() -> None:
    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _raw: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    began = time.perf_counter()
    error = await failing(reply, deadline_s=0.5)
    assert time.perf_counter() - began < 1.5
    assert (error.error_class, error.retryable, error.sent) == ("timeout", True, "maybe")


async def test_f13_headers_that_never_end() -> None:
    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _raw: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1000):
            writer.write(b"X-%d: 1\r\n" % number)
            await writer.drain()
            await asyncio.sleep(0.05)

    error = await failing(reply, deadline_s=0.4)
    assert (error.error_class, error.sent) == ("timeout", "maybe")


async def test_f13_silence_after_accepting() -> None:
    async def reply(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _raw: bytes) -> None:
        await asyncio.sleep(60)

    error = await failing(reply, deadline_s=0.4, method="POST")
    assert (error.error_class, error.sent) == ("timeout", "maybe")


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 O",
    ],
)
async def test_f13_cut_in_the_middle(data: bytes) -> None:
    error = await failing(sending(data), method="POST")
    assert error.error_class in ("reset", "bad_answer")
    assert (error.retryable, error.sent) == (True, "maybe")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
async def test_f16_the_client_never_sends_again_by_itself(method: str) -> None:
    async def cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _raw: bytes) -> None:
        writer.close()

    async with loopback(cut) as server, client(allow=HERE) as http:
        with pytest.raises(ConnectorError) as caught:
            await http.request(method, server.url)
    assert (caught.value.error_class, caught.value.sent, len(server.requests)) == ("reset", "maybe", 1)


async def test_nobody_listens() -> None:
    async with loopback(answering()) as server:
        port = server.port
    async with client(allow=HERE) as http:
        with pytest.raises(ConnectorError) as caught:
            await http.request("POST", f"http://127.0.0.1:{port}/", deadline_s=3)
    assert (caught.value.error_class, caught.value.retryable, caught.value.sent) == ("connect", True, "no")


async def test_a_name_that_does_not_exist() -> None:
    async with client(lookup=Dns()) as http:
        with pytest.raises(ConnectorError) as caught:
            await http.request("GET", "http://nothing.example/", deadline_s=3)
    assert (caught.value.error_class, caught.value.retryable, caught.value.sent) == ("dns", True, "no")


async def test_a_slow_vendor_holds_up_no_other() -> None:
    async def slow(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _raw: bytes) -> None:
        await asyncio.sleep(60)

    async with loopback(slow) as stuck, loopback(answering()) as quick, client(allow=HERE) as http:
        holding = [asyncio.ensure_future(http.request("GET", f"{stuck.url}/", deadline_s=4)) for _ in range(32)]
        await asyncio.sleep(0.2)
        queued = [asyncio.ensure_future(http.request("POST", f"{stuck.url}/", deadline_s=1.5)) for _ in range(20)]
        began = time.perf_counter()
        await http.request("GET", f"{quick.url}/")
        assert time.perf_counter() - began < 2
        held, waited = (
            await asyncio.gather(*holding, return_exceptions=True),
            await asyncio.gather(*queued, return_exceptions=True),
        )
    assert {result.error_class for result in (*held, *waited) if isinstance(result, ConnectorError)} == {"timeout"}
    assert {result.sent for result in held if isinstance(result, ConnectorError)} == {"maybe"}
    # Those that never got a connection have certainly sent nothing.
    assert {result.sent for result in waited if isinstance(result, ConnectorError)} == {"no"}


# F15

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0), ("0", 0.0), (" 12 ", 12.0), ("-1", None), ("abc", None), ("", None), (None, None), ("1.5", None),
        ("315360000", 86400.0), ("9" * 400, None), (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=3650), usegmt=True), 86400.0), ("Tue, 99 Foo 2026 99:99:99 GMT", None),
        ("tomorrow", None), ("²", None),
    ],
)  # fmt: skip
def test_f15_retry_after(value: str | None, seconds: float | None) -> None:
    assert wire.retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (401, False), (403, False), (404, False), (408, True), (409, True), (410, False), (422, False),
     (425, True), (429, True), (500, True), (501, True), (503, True), (302, False)],
)  # fmt: skip
def test_r10_6_which_statuses_are_final(status: int, *, retryable: bool) -> None:
    error = wire.status_error("Acme", status, {"retry-after": "5"}, "x" * 9_999)
    assert (error.retryable, error.error_class, error.status) == (retryable, f"status_{status}", status)
    assert error.retry_after == 5.0
    assert len(error.detail) == wire.MAX_DETAIL


# F31


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for `localhost.test` (self-signed), and a client's that trusts it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost.test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    plain_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(plain_key + pem)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(folder / "both.pem")
    return served, ssl.create_default_context(cadata=pem.decode())


async def test_f31_sni_and_certificate_by_the_name_not_the_address(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    served, trusting = tls
    names: list[str | None] = []
    served.sni_callback = lambda _socket, name, _context: names.append(name)  # type: ignore[assignment]
    async with loopback(answering(body=b"secure"), ssl=served) as server:
        async with client(allow=HERE, tls=trusting, lookup=Dns(localhost_test=["127.0.0.1"])) as http:
            got = await http.request("GET", f"https://localhost.test:{server.port}/")
    assert got.body == b"secure"
    assert names == ["localhost.test"]


async def test_f31_self_signed_and_wrong_name_are_refused_with_the_reason(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    served, trusting = tls
    async with loopback(answering(), ssl=served) as server:
        for context, host in ((None, "localhost.test"), (trusting, "other.test")):
            dns = Dns()
            dns.set(host, ["127.0.0.1"])
            async with client(allow=HERE, tls=context, lookup=dns) as http:
                with pytest.raises(ConnectorError, match="certificate") as caught:
                    await http.request("GET", f"https://{host}:{server.port}/")
            assert (caught.value.error_class, caught.value.retryable, caught.value.sent) == ("tls", False, "no")
    assert server.requests == []


async def test_f31_plain_text_behind_https() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, client(allow=HERE) as http:
        with pytest.raises(ConnectorError) as caught:
            await http.request("GET", f"https://127.0.0.1:{port}/", deadline_s=3)
    assert (caught.value.error_class, caught.value.retryable, caught.value.sent) == ("tls", True, "no")


# Other bounds


async def test_bodies_that_cannot_be_sent() -> None:
    async with client() as http:
        for body in (float("nan"), {"a": object()}, {"a": "\ud800"}, "x" * (1024 * 1024)):
            with pytest.raises(ConnectorError) as caught:
                await http.request("POST", "http://example.com/", json=body)
            assert (caught.value.error_class, caught.value.sent) == ("input", "no")
        with pytest.raises(ConnectorError, match="not an HTTP method"):
            await http.request("BREW", "http://example.com/")


async def test_one_client_serves_many_loops() -> None:
    http = Http(transport=httpx.MockTransport(lambda _request: httpx.Response(200, stream=httpx.ByteStream(b"ok"))))
    assert (await http.request("GET", "http://a.example/")).body == b"ok"

    def elsewhere() -> bytes:
        async def once() -> bytes:
            async with http.lent():
                return (await http.request("GET", "http://a.example/")).body

        return asyncio.run(once())

    assert await asyncio.to_thread(elsewhere) == b"ok"


# S24: secrets are taken out of whatever is kept


def test_s24_every_form_of_a_secret_is_masked() -> None:
    import base64
    from urllib.parse import quote

    secret = "s3cr3t/value+with=signs"
    scrubber = wire.Scrubber({"api_key": secret})
    coded = base64.b64encode(secret.encode()).decode()
    within = [base64.b64encode(b"user" + b"x" * pad + b":" + secret.encode() + b"!").decode() for pad in range(3)]
    echoed = {
        "headers": {"auth": f"Bearer {secret}", secret: 1},
        "list": [quote(secret, safe=""), coded, *within, 5, None],
    }
    kept = str(scrubber.value(echoed))
    assert secret not in kept
    assert coded.rstrip("=")[4:-4] not in kept
    for text in within:
        assert text[8:-8] not in kept
    assert scrubber.text(f"a {secret} b") == f"a {wire.MASK} b"
    assert wire.Scrubber(None).value(echoed) is echoed
