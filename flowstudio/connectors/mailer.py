"""An e-mail as a message: the `Mailer` port, addresses, and the one place where a message is composed.

`engine.outbox.OutboxMailer` is the embedded default and keeps mails in the product; `smtp.SmtpMailer` sends them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol

from flowstudio.connectors import wire

MAX_MAIL = 512 * 1024
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
# `a@b.example` or `Name <a@b.example>`; parseaddr is lax on some Pythons of 3.12 (its `strict` came late).
_ONE = re.compile(r'(?:"[^"]*"\s*|[^<>@"()]*)<\s*([^<>\s"()]+)\s*>|([^<>\s"()]+)')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class _Text(UnstructuredHeader, BaseHeader):
    """A header whose text is taken as it stands. Python's own header would decode an encoded word that is in it, and
    with it line breaks and whole headers that a customer's trait smuggles in (SECURITY S11)."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Nothing is read into the text."""
        kwds["parse_tree"], kwds["decoded"] = None, value

    def fold(self, *, policy: Policy) -> str:
        """ASCII with room to break stays readable, everything else becomes encoded words."""
        text = str(self)
        plain = text.isascii() and "=?" not in text and all(len(word) <= 50 for word in text.split(" "))
        made = Header(text, "us-ascii" if plain else "utf-8", header_name=self.name, maxlinelen=76)
        return f"{self.name}: {made.encode(linesep=policy.linesep)}{policy.linesep}"


class _AddressList(_Text):
    """A header of addresses in angle brackets breaks between them only: inside an encoded word no mail program would
    find an address (SECURITY S29)."""

    def fold(self, *, policy: Policy) -> str:
        """One address a line."""
        text = re.sub(r",\s*<", f",{policy.linesep} <", str(self))
        return f"{self.name}: {text}{policy.linesep}"


_headers = HeaderRegistry(default_class=_Text)
_headers.map_to_type("subject", _Text)
_headers.map_to_type("list-unsubscribe", _AddressList)
# 7bit: no server has to be asked whether it takes 8-bit bodies.
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_headers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """One e-mail to one recipient. `key` is the step's effect key; `sender` '' means the mailer's own sender;
    `deadline_s` is what the whole delivery may take (SEMANTICS 10.5)."""

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
    deadline_s: float = 30.0


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
    if not address or re.search(r"[,;]", re.sub(r'"[^"]*"', "", raw)):
        raise wire.input_error(f"The {what} {raw[:80]!r} is not exactly one e-mail address.")
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_domain = ""
    # `=?` would begin an encoded word in a header.
    if not _LOCAL.fullmatch(local) or "=?" in raw or len(local) > 64 or not _DOMAIN.fullmatch(ascii_domain):
        raise wire.input_error(f"The {what} {raw[:80]!r} is not a valid e-mail address.")
    return f"{local}@{ascii_domain}"


def message_id(key: str, sender: str) -> str:
    """A Message-ID that is the same for every try of a step, so that a repeat can be recognised (F32)."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    if not _DOMAIN.fullmatch(domain):
        domain = "flowstudio.invalid"
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
    if len(mail.html.encode("utf-8", "replace")) + len(mail.text.encode("utf-8", "replace")) > MAX_MAIL:
        raise wire.input_error("The e-mail is larger than 512 KiB after rendering.")
    message = EmailMessage(policy=_POLICY)
    from_local, _, from_domain = from_address.rpartition("@")
    message["From"] = Address(display_name=name, username=from_local, domain=from_domain)
    message["To"] = to_address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(wire.now())
    message["Message-ID"] = message_id(mail.key, sender)
    for header, value in mail.headers.items():
        if header.lower() in ("from", "to", "cc", "bcc", "subject", "message-id", "sender", "reply-to", "date"):
            raise wire.input_error(f"The header {header} is set by flowstudio itself.")
        if header.lower() == "list-unsubscribe" and not (value.isascii() and len(value) < 2_000):
            raise wire.input_error(
                "The address to unsubscribe at must be plain ASCII and shorter than 2,000 characters."
            )
        message[header] = value
    try:
        message.set_content(mail.text)
        if mail.html:
            message.add_alternative(mail.html, subtype="html")
    except UnicodeError:
        raise wire.input_error("The e-mail holds characters that cannot be written as UTF-8.") from None
    return message, from_address, to_address
