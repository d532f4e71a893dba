"""Sending e-mail by the operator's SMTP server.

An error says what the engine must know: whether the server may have taken the message (`sent="maybe"` once its text was
on its way), and whether another try may help (RELIABILITY F32).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import unquote, urlsplit

import aiosmtplib

from flowstudio.connectors import wire
from flowstudio.connectors.mailer import Mail, compose, one_recipient
from flowstudio.domain.errors import ConnectorError, Sent

_SCHEMES = ("smtp", "smtps", "smtp+starttls")
_GOODBYE_S = 2.0


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
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("FLOWSTUDIO_SMTP_URL must look like smtp://user:password@host:587 (or smtps://…).")
        try:
            one_recipient(self.sender, what="sender")
        except ConnectorError as error:
            raise ValueError(
                f"FLOWSTUDIO_MAIL_FROM must be one sender, such as Acme <hello@acme.com>. {error}"
            ) from None

    async def send(self, mail: Mail) -> str:
        """Send the mail within its deadline; a repeat carries the same Message-ID."""
        message, sender, recipient = compose(mail, self.sender)
        content = _as_data(message.as_bytes())
        slots = self._slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.concurrent))
        limit_s = max(min(self.timeout_s, mail.deadline_s), 0.001)
        until = asyncio.get_running_loop().time() + limit_s
        sent: Sent = "no"
        client = self._client(limit_s)
        try:
            async with asyncio.timeout_at(until), slots:
                await client.connect()
                await client.mail(sender)
                await client.rcpt(recipient)
                start = await client.execute_command(b"DATA")
                if start.code != 354 or client.protocol is None:
                    raise aiosmtplib.SMTPDataError(start.code, start.message)
                # From here on the server may have taken the message even when its answer never arrives.
                sent = "maybe"
                client.protocol.write(content)
                end = await client.protocol.read_response(timeout=limit_s)
                if not 200 <= end.code < 300:
                    raise aiosmtplib.SMTPDataError(end.code, end.message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            client.close()
            _raise_as_ours(error, sent, recipient, limit_s)
        # A slow goodbye must not turn a mail that was taken into one that nobody is sure of.
        with contextlib.suppress(Exception):
            async with asyncio.timeout_at(min(until, asyncio.get_running_loop().time() + _GOODBYE_S)):
                await client.quit()
        client.close()
        return str(message["Message-ID"])

    def _client(self, limit_s: float) -> aiosmtplib.SMTP:
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
            timeout=limit_s,
        )


def _as_data(raw: bytes) -> bytes:
    """The message as it goes over the wire: CRLF alone ends a line, and no line of it can end the message."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw).removesuffix(b"\r\n")
    return re.sub(rb"(?m)^\.", b"..", lines) + b"\r\n.\r\n"


def _raise_as_ours(error: Exception, sent: Sent, recipient: str, limit_s: float) -> NoReturn:
    if isinstance(error, aiosmtplib.SMTPResponseException) and 400 <= error.code < 600:
        passing = error.code < 500
        raise ConnectorError(
            f"{_said(error, recipient, passing=passing)} (code {error.code}).",
            error_class=f"smtp_{error.code}",
            retryable=passing,
            status=error.code,
            sent="answered",
            detail=str(error.message).encode("utf-8", "replace").decode()[: wire.MAX_DETAIL],
        ) from None
    late = isinstance(error, TimeoutError)
    if sent == "maybe":
        raise ConnectorError(
            "The connection to the mail server broke off after the message was handed over: it may have been sent.",
            error_class="timeout" if late else "smtp_cut",
            retryable=True,
            sent="maybe",
        ) from None
    if "AUTH extension" in str(error):
        raise ConnectorError(
            "The mail server takes no user name and password, at least not over this connection."
            " Check FLOWSTUDIO_SMTP_URL.",
            error_class="smtp_auth",
            retryable=False,
            sent="no",
        ) from None
    secure = next((one for one in _chain(error) if isinstance(one, ssl.SSLError)), None)
    if secure is not None or "STARTTLS" in str(error):
        reason = getattr(secure, "verify_message", "") or ("" if secure else "it offers no STARTTLS")
        raise ConnectorError(
            "No secure connection with the mail server could be agreed on" + (f": {reason}." if reason else "."),
            error_class="tls",
            retryable=False,
            sent="no",
        ) from None
    if late:
        raise ConnectorError(
            f"The mail server did not answer within {limit_s:g} seconds.",
            error_class="timeout", retryable=True, sent="no",
        ) from None  # fmt: skip
    if isinstance(error, aiosmtplib.SMTPResponseException):
        raise ConnectorError(
            "The mail server did not answer in proper SMTP.", error_class="bad_answer", retryable=True, sent="no"
        ) from None
    raise ConnectorError(
        "The mail server cannot be reached.", error_class="connect", retryable=True, sent="no"
    ) from None


def _said(error: aiosmtplib.SMTPResponseException, recipient: str, *, passing: bool) -> str:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        if passing:
            return "The mail server cannot check the user name and password just now"
        return "The mail server refused the user name or password. Check FLOWSTUDIO_SMTP_URL"
    if passing:
        return "The mail server asks to try again later"
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return f"The mail server takes no mail for {recipient}. Check this customer's e-mail address"
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return "The mail server does not let flowstudio send from this address. Check FLOWSTUDIO_MAIL_FROM"
    if isinstance(error, aiosmtplib.SMTPDataError):
        return "The mail server refused this message for good. Check its text, links and size"
    return "The mail server refused the connection for good"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__
