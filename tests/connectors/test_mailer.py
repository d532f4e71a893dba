"""Addresses and headers: exactly one recipient, and no text becomes a header, on every Python (SECURITY S11)."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.policy import SMTP

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowstudio.connectors.mailer import Mail, compose, one_recipient
from flowstudio.domain.errors import ConnectorError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@acme.example", "ada@acme.example"),
        (" Ada Lovelace <ada@ACME.example> ", "ada@acme.example"),
        ('"Ada (work)" <ada@acme.example>', "ada@acme.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_one_address_is_read(text: str, address: str) -> None:
    assert one_recipient(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@acme.example, bob@acme.example",
        "ada@acme.example; bob@acme.example",
        "ada@acme.example <bob@acme.example>",
        "ada@acme.example)bob@acme.example",
        "Ada <ada@acme.example> <bob@acme.example>",
        "ada@acme.example\r\nBcc: bob@acme.example",
        "a@b@acme.example",
        "x" * 330 + "@acme.example",
    ],
)
def test_s11_anything_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        one_recipient(text)
    assert refused.value.message.startswith("The recipient")
    assert not refused.value.retryable


_LINE = st.text(min_size=1, max_size=300).map(str.strip).filter(lambda text: text.isprintable() and text != "")


@settings(max_examples=300, deadline=None)
@given(_LINE)
@example("=?utf-8?q?a=0D=0ABcc:_x?= hi")
@example("=?utf-8?b?YQ0KQmNjOiB4?=")
@example("a" * 76 + " " + "b" * 76)
@example("a " * 400 + "x")
@example("🚀" * 300)
def test_s11_any_line_is_a_subject_and_nothing_else(subject: str) -> None:
    mail = Mail(
        key="k", workspace="w", run="r", node="n", customer="c", to="a@b.co", subject=subject, html="", text="x\n"
    )
    raw = compose(mail, "flowstudio <hello@flowstudio.example>")[0].as_bytes()
    head = raw.split(b"\r\n\r\n")[0]
    assert re.findall(rb"(?m)^([A-Za-z-]+):", head) == [
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version",
    ]  # fmt: skip
    assert raw.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 998
    # As a careful reader takes it, and as Python's own does.
    as_read = str(make_header(decode_header(BytesParser().parsebytes(raw)["Subject"])))
    assert re.sub(r"\r?\n", "", as_read) == subject
    assert str(message_from_bytes(raw, policy=SMTP)["Subject"]) == subject or "=?" in subject
