"""Real mail servers on loopback for tests: aiosmtpd as it is, and a raw one that breaks off where a test says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as AS_SMTP
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Post:
    """An aiosmtpd handler: keeps what arrives, or answers a stage with the words a test gave."""

    says: dict[str, str] = field(default_factory=dict)
    arrived: list[Envelope] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = self.says.get("DATA", "250 OK, kept")
        if said.startswith("250"):
            self.arrived.append(envelope)
        return said

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.password)
        return AuthResult(success=data == LoginPassword(b"ada", b"p@ss/word"), handled=False)

    def raw(self) -> bytes:
        """The one message that arrived, as it came over the wire."""
        assert len(self.arrived) == 1
        content = self.arrived[0].original_content
        assert content is not None
        return content

    def message(self) -> EmailMessage:
        """The one message that arrived, as a mail program reads it."""
        read = message_from_bytes(self.raw(), policy=AS_SMTP)
        assert isinstance(read, EmailMessage)
        assert not read.defects
        return read


@asynccontextmanager
async def post_office(
    says: dict[str, str] | None = None, *, implicit: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[Post]:
    """aiosmtpd on a free loopback port."""
    post = Post(says or {})
    options.setdefault("authenticator", post.authenticate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(post, hostname="mail.test", loop=loop, **options), "127.0.0.1", 0, ssl=implicit
    )
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()
        await server.wait_closed()


CUT = ""
SILENT = "…"


@dataclass
class Script:
    """A raw server: what it says at each stage (of a list: one after the other, and the last one stays). `CUT` closes
    the connection instead, `SILENT` never answers."""

    says: dict[str, str | list[str]]
    port: int = 0
    heard: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def scripted(**says: str | list[str]) -> AsyncIterator[Script]:
    """Stages: hello (the greeting), EHLO, MAIL, RCPT, DATA, end (after the message's last line), QUIT."""
    script = Script(says)
    tasks: set[asyncio.Task[None]] = set()
    usual = {"hello": "220 mail.test", "DATA": "354 go on", "QUIT": "221 bye"}

    async def answer(writer: asyncio.StreamWriter, stage: str) -> bool:
        said = says.get(stage, usual.get(stage, "250 OK"))
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        if said == CUT:
            return False
        if said == SILENT:
            await asyncio.sleep(60)
        writer.write(said.encode("utf-8", "surrogateescape") + b"\r\n")
        await writer.drain()
        return not said.startswith("421")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            going = await answer(writer, "hello")
            while going and (line := await reader.readline()):
                verb = line[:4].decode("latin-1").strip().upper()
                script.heard.append(verb)
                going = await answer(writer, verb)
                if going and verb == "DATA" and "DATA" not in says:
                    script.bodies.append(await reader.readuntil(b"\r\n.\r\n"))
                    going = await answer(writer, "end")
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for 127.0.0.1 (self-signed), and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(secret + pem)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(folder / "both.pem")
    return served, ssl.create_default_context(cadata=pem.decode())
