"""An e-mail while it is written: as one customer would get it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.world import room, session

pytestmark = pytest.mark.django_db

LETTER: dict[str, Any] = {
    "subject": "Hello {{ customer.email }}",
    "preheader": "{{ customer.traits.employees }} <b>people</b>",
    "body": "# Hi\n\n{{ customer.traits.employees }} of you, [look](https://a.example/?q=1)",
    "format": "markdown",
}


def test_an_email_is_shown_as_a_customer_would_get_it() -> None:
    ours = room("ours")
    client = session(ours.users["viewer"])
    answer = client.post("/api/v1/emails/preview/", LETTER, content_type="application/json").json()
    assert answer["subject"].startswith("Hello ") and "@" in answer["subject"]
    assert "<h1>Hi</h1>" in answer["html"] and "540 of you" in answer["html"]
    assert "display:none" in answer["html"] and "540 &lt;b&gt;people&lt;/b&gt;" in answer["html"]
    assert "https://a.example/?q=1" in answer["text"] and "people" not in answer["text"]
    assert "Unsubscribe" in answer["html"] and answer["size"] == len(answer["html"].encode())
    assert answer["clipped"] is False and answer["customer"]["id"]
    quiet = client.post(
        "/api/v1/emails/preview/", LETTER | {"transactional": True}, content_type="application/json"
    ).json()
    assert "Unsubscribe" not in quiet["html"]


def test_a_long_email_says_that_mailboxes_cut_it_and_a_wrong_one_what_is_wrong() -> None:
    client = session(room("ours").users["viewer"])
    long = LETTER | {"body": "word " * 30_000}
    assert client.post("/api/v1/emails/preview/", long, content_type="application/json").json()["clipped"] is True
    wrong = client.post(
        "/api/v1/emails/preview/", LETTER | {"body": "{{ customer.email "}, content_type="application/json"
    )
    assert wrong.status_code == 400 and "cannot be filled in" in wrong.json()["detail"]


def test_a_foreign_customer_is_nobody() -> None:
    ours, theirs = room("ours"), room("theirs")
    client = session(ours.users["viewer"])
    foreign = LETTER | {"customer": theirs.ids["customer_id"]}
    assert client.post("/api/v1/emails/preview/", foreign, content_type="application/json").status_code == 404


def test_an_email_in_blocks_is_shown_while_it_is_written() -> None:
    client = session(room("ours").users["viewer"])
    sent = {
        "subject": "Hi",
        "format": "blocks",
        "blocks": [
            {"id": "a", "kind": "heading", "text": "{{ customer.traits.employees }} of you"},
            {"id": "b", "kind": "button", "text": "Go", "url": ""},
        ],
    }
    answer = client.post("/api/v1/emails/preview/", sent, content_type="application/json").json()
    assert "540 of you</h1>" in answer["html"] and "540 of you" in answer["text"]
    assert answer["text"].rstrip().endswith("Unsubscribe (#)")
    sent["blocks"] = [{"id": "a", "kind": "frame"}]
    wrong = client.post("/api/v1/emails/preview/", sent, content_type="application/json")
    assert wrong.status_code == 400 and "Block 0" in wrong.json()["detail"]
