"""Sending e-mail: the `Mailer` port, and one that speaks SMTP.

`engine.outbox.OutboxMailer` is the embedded default and keeps mails in the product; `SmtpMailer` sends them. An error
says what the engine must know: whether the server may have taken the message (`sent="maybe"` once the body was on its
way), and whether another try may help (RELIABILITY F32).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import ssl
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import NoReturn, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from flowstudio.connectors import wire
from flowstudio.domain.errors import ConnectorError, Sent

MAX_MAIL = 512 * 1024
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
# `a@b.example` or `Name <a@b.example>`; parseaddr is lax on some Pythons of 3.12 (its `strict` came late).
_ONE = re.compile(r'(?:"[^"]*"\s*|[^<>@"()]*)<\s*([^<>\s"()]+)\s*>|([^<>\s"()]+)')
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """One e-mail to one recipient. `key` is the step's effect key; `sender` '' means the mailer's own sender."""

    key: str
    workspace: str
    run: str
    node: str
    customer: str
    to: str
    subject: str
    html: str
    text: str
    sender: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """Takes one mail and answers with its Message-ID; raises ConnectorError."""

    async def send(self, mail: Mail) -> str:
        """Send (or keep) the mail; the same key gives the same Message-ID."""
        ...


def one_recipient(text: str, *, what: str = "recipient") -> str:
    """The one address in the text, its domain in ASCII; a sentence for everything that is not exactly one."""
    raw = text.strip()
    if not raw:
        raise wire.input_error(f"The {what} is empty: this customer has no e-mail address here.")
    if _CONTROL.search(raw) or len(raw) > 320:
        raise wire.input_error(f"The {what} is not one e-mail address (it is too long or holds line breaks).")
    one = _ONE.fullmatch(raw)
    address = (one[1] or one[2]) if one else ""
    if not address or "," in raw or ";" in raw:
        raise wire.input_error(f"The {what} {raw[:80]!r} is not exactly one e-mail address.")
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_domain = ""
    if not _LOCAL.fullmatch(local) or len(local) > 64 or not _DOMAIN.fullmatch(ascii_domain):
        raise wire.input_error(f"The {what} {raw[:80]!r} is not a valid e-mail address.")
    return f"{local}@{ascii_domain}"


def message_id(key: str, sender: str) -> str:
    """A Message-ID that is the same for every try of a step, so that a repeat can be recognised (F32)."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "flowstudio.invalid"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def compose(mail: Mail, default_sender: str) -> tuple[EmailMessage, str, str]:
    """The message, its envelope sender and recipient; refuses headers that hold line breaks (SECURITY S11)."""
    sender = mail.sender or default_sender
    name, _ = parseaddr(sender)
    from_address = one_recipient(sender, what="sender")
    to_address = one_recipient(mail.to)
    for header, value in (("subject", mail.subject), *mail.headers.items()):
        if _CONTROL.search(value) or not re.fullmatch(r"[A-Za-z0-9-]{1,76}", header):
            raise wire.input_error(f"The {header[:40]} holds a line break or control character, which a header cannot.")
    message = EmailMessage(policy=SMTP)
    from_local, _, from_domain = from_address.rpartition("@")
    message["From"] = Address(display_name=name, username=from_local, domain=from_domain)
    message["To"] = to_address
    message["Subject"] = mail.subject
    message["Message-ID"] = message_id(mail.key, sender)
    for header, value in mail.headers.items():
        if header.lower() in ("from", "to", "cc", "bcc", "subject", "message-id", "sender", "reply-to"):
            raise wire.input_error(f"The header {header} is set by flowstudio itself.")
        message[header] = value
    try:
        message.set_content(mail.text)
        if mail.html:
            message.add_alternative(mail.html, subtype="html")
    except UnicodeError:
        raise wire.input_error("The e-mail holds characters that cannot be written as UTF-8.") from None
    if len(mail.html) + len(mail.text) > MAX_MAIL:
        raise wire.input_error("The e-mail is larger than 512 KiB after rendering.")
    return message, from_address, to_address


@dataclass(slots=True)
class SmtpMailer:
    """Sends through the operator's SMTP server.

    `smtp://user:password@host:587` upgrades to TLS where offered, `smtp+starttls://` insists on it, `smtps://` speaks
    TLS from the start. Only the operator sets this address, so no guard stands before it.
    """

    url: str
    sender: str
    timeout_s: float = 30.0
    concurrent: int = 8
    tls: ssl.SSLContext | None = None
    _slots: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = field(
        init=False, default_factory=weakref.WeakKeyDictionary
    )

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
            raise ValueError("FLOWSTUDIO_SMTP_URL must look like smtp://user:password@host:587 (or smtps://…).")
        one_recipient(self.sender, what="sender in FLOWSTUDIO_MAIL_FROM")

    async def send(self, mail: Mail) -> str:
        """Send the mail; a repeat carries the same Message-ID."""
        message, sender, recipient = compose(mail, self.sender)
        slots = self._slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.concurrent))
        sent: Sent = "no"
        client = self._client()
        try:
            async with asyncio.timeout(self.timeout_s), slots:
                await client.connect()
                await client.mail(sender)
                await client.rcpt(recipient)
                # From here on the server may have taken the message even when its answer never arrives.
                sent = "maybe"
                await client.data(message.as_bytes())
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            _raise_as_ours(error, sent)
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await client.quit()
            client.close()
        return str(message["Message-ID"])

    def _client(self) -> aiosmtplib.SMTP:
        parts = urlsplit(self.url)
        implicit = parts.scheme == "smtps"
        return aiosmtplib.SMTP(
            hostname=parts.hostname,
            port=parts.port or (465 if implicit else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=implicit,
            start_tls={"smtp": None, "smtp+starttls": True}.get(parts.scheme, False),
            tls_context=self.tls,
            timeout=self.timeout_s,
        )


def _raise_as_ours(error: Exception, sent: Sent) -> NoReturn:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException) and not isinstance(error, aiosmtplib.SMTPServerDisconnected):
        code = error.code
        passing = 400 <= code < 500
        said = {
            True: "The mail server asks to try again later",
            False: "The mail server refused the message for good",
        }[passing]
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            said = "The mail server refused the user name or password"
        raise ConnectorError(
            f"{said} (code {code}).",
            error_class=f"smtp_{code}",
            retryable=passing,
            status=code,
            sent="answered",
            detail=str(error.message)[: wire.MAX_DETAIL],
        ) from None
    if sent == "maybe":
        raise ConnectorError(
            "The connection to the mail server broke off after the message was handed over: it may have been sent.",
            error_class="smtp_cut",
            retryable=True,
            sent="maybe",
        ) from None
    raise ConnectorError(
        "The mail server cannot be reached.", error_class="connect", retryable=True, sent="no"
    ) from None
