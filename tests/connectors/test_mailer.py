"""Addresses: exactly one recipient, on every Python (SECURITY S11)."""

from __future__ import annotations

import pytest

from flowstudio.connectors.mailer import one_recipient
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
