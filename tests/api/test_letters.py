"""An e-mail while it is written: as one customer would get it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from flowstudio.store.models import AuditEntry, OutboxMail
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


def test_a_test_goes_to_the_signed_in_member_alone_and_is_on_record() -> None:
    cache.clear()
    ours = room("ours")
    client = session(ours.users["editor"])
    before = set(OutboxMail.objects.values_list("id", flat=True))
    sent = client.post("/api/v1/emails/test/", LETTER | {"to": "someone@else.example"}, content_type="application/json")
    assert sent.status_code == 200, sent.content
    assert sent.json() == {"to": ours.users["editor"].email, "outbox": True}
    [mail] = OutboxMail.objects.exclude(id__in=before)
    assert (mail.to, mail.workspace_id) == (ours.users["editor"].email, ours.workspace.id)
    assert mail.subject.startswith("Test: Hello ") and "540 of you" in mail.html
    assert (mail.run_id, mail.customer_id) == ("", "")
    entry = AuditEntry.objects.get(verb="email.tested")
    assert entry.detail["to"] == mail.to and entry.workspace_id == ours.workspace.id
    assert client.get("/api/v1/outbox/").status_code == 200
    assert client.get(f"/api/v1/outbox/{mail.id}/").status_code == 200


def test_a_viewer_and_a_key_send_no_tests() -> None:
    cache.clear()
    ours = room("ours")
    before = OutboxMail.objects.count()
    viewer = session(ours.users["viewer"])
    assert viewer.post("/api/v1/emails/test/", LETTER, content_type="application/json").status_code == 403
    key = viewer.post("/api/v1/emails/test/", LETTER, content_type="application/json", headers=ours.key("editor"))
    assert key.status_code == 403
    assert OutboxMail.objects.count() == before


def test_tests_are_bounded_by_member() -> None:
    """S16."""
    cache.clear()
    client = session(room("ours").users["editor"])
    codes = [
        client.post("/api/v1/emails/test/", LETTER, content_type="application/json").status_code for _ in range(11)
    ]
    assert codes == [200] * 10 + [429]
    cache.clear()
