"""Suppression and consent by the API, and one-click unsubscribe (SECURITY S29, S30; RELIABILITY G11, G25)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from flowstudio.connectors.base import Request
from flowstudio.connectors.email.connector import CONNECTOR
from flowstudio.connectors.mailer import compose
from flowstudio.services import reach
from flowstudio.store import suppression, unsubscribing
from flowstudio.store.models import AuditEntry, Consent, Counter, Customer, Suppression, Workspace
from tests.api.world import Room, room

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def mine() -> Room:
    return room("mine")


def customer(workspace: Workspace, email: str = "ada@example.com") -> Customer:
    now = timezone.now()
    return Customer.objects.create(
        workspace=workspace, external_id="ada", email=email, traits={"email": email}, created_at=now, seen_at=now
    )


def member(mine: Room, role: str) -> Client:
    return Client(headers=mine.key(role))


def link(ada: Customer) -> str:
    return urlsplit(unsubscribing.address(ada.workspace_id, ada.id, ada.email)).path


def suppressed(ada: Customer) -> bool:
    return bool(suppression.found(ada.workspace_id, [("email", ada.email)]))


def test_s29_opening_the_link_changes_nothing_and_the_button_unsubscribes(mine):
    ada = customer(mine.workspace)
    visitor = Client(enforce_csrf_checks=True)
    for verb in (visitor.get, visitor.head):
        answer = verb(link(ada))
        assert answer.status_code == 200 and not answer.cookies and not suppressed(ada)
    page = visitor.get(link(ada)).content.decode()
    assert "ada@example.com" in page and 'name="List-Unsubscribe" value="One-Click"' in page
    answer = visitor.post(link(ada), ONE_CLICK)
    assert answer.status_code == 200 and "You are unsubscribed" in answer.content.decode()
    assert not answer.cookies and suppressed(ada)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_s29_a_mail_program_posts_a_form_without_cookie_login_or_redirect(mine, kind):
    ada = customer(mine.workspace)
    body = "List-Unsubscribe=One-Click"
    if kind.startswith("multipart"):
        body = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    answer = Client(enforce_csrf_checks=True).generic("POST", link(ada), body, content_type=kind)
    assert answer.status_code == 200 and suppressed(ada)


def test_s29_the_same_again_changes_nothing_and_the_first_reason_stays(mine):
    ada = customer(mine.workspace)
    for _ in range(3):
        assert Client().post(link(ada), ONE_CLICK).status_code == 200
    assert Suppression.objects.count() == 2
    assert AuditEntry.objects.filter(verb="customer.unsubscribed", actor="the recipient").count() == 1


@pytest.mark.parametrize("token", ["x", "x" * 3_000, "gAAAAABl", "%F0%9F%98%80"])
def test_s29_a_token_that_is_not_ours_is_not_known(mine, token):
    assert Client().get(f"/u/{token}").status_code == 404
    assert Client().post(f"/u/{token}", ONE_CLICK).status_code == 404


def test_s29_a_changed_token_or_another_secret_of_ours_opens_nothing(mine):
    ada = customer(mine.workspace)
    path = link(ada)
    assert Client().post(path[:-4] + "AAAA", ONE_CLICK).status_code == 404
    other = unsubscribing.encrypt('["hook","a","b","c"]').rstrip("=")
    assert Client().post(f"/u/{other}", ONE_CLICK).status_code == 404
    assert not Suppression.objects.exists()


def test_s29_a_post_that_does_not_say_one_click_changes_nothing(mine):
    ada = customer(mine.workspace)
    answer = Client().post(link(ada), {"anything": "else"})
    assert answer.status_code == 400 and "Nothing was changed" in answer.content.decode() and not suppressed(ada)


def test_s29_the_link_is_opaque_and_never_the_same_twice(mine):
    ada = customer(mine.workspace)
    links = {link(ada) for _ in range(3)}
    assert len(links) == 3 and all("ada" not in one and ada.id not in one for one in links)


class Kept:
    def __init__(self) -> None:
        self.mails = []

    async def send(self, mail):
        self.mails.append(mail)
        return "<id@x>"


async def test_s29_a_message_carries_both_headers_and_a_link_at_its_end():
    kept = Kept()
    tools = type("Tools", (), {"mailer": kept})()
    params = {"to": "ada@example.com", "subject": "Hi", "body": "Hello *you*", "format": "markdown"}
    address = "https://flows.example.com/u/abc"
    request = Request(
        params=params, credential=None, key="k", workspace="w", customer="c", run="r", node="n", unsubscribe=address
    )
    await CONNECTOR.actions[0].call(request, tools)
    (mail,) = kept.mails
    message, _, _ = compose(mail, "us@example.com")
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f'href="{address}"' in mail.html and mail.text.endswith(f"Unsubscribe ({address})\n")
    await CONNECTOR.actions[0].call(Request(**{**_fields(request), "unsubscribe": ""}), tools)
    assert not kept.mails[1].headers and "Unsubscribe" not in kept.mails[1].html


def _fields(request: Request) -> dict:
    return {name: getattr(request, name) for name in Request.__slots__}


def test_a_customer_is_suppressed_and_let_in_again_by_people_alone(mine):
    ada = customer(mine.workspace)
    path = f"/api/v1/customers/{ada.id}/"
    editor, admin = member(mine, "editor"), member(mine, "admin")
    assert editor.get(path).json()["reach"] == {
        "suppressed": False, "reason": "", "sentence": "Messages may reach this customer", "since": None, "consents": [],
    }  # fmt: skip
    answer = editor.post(f"{path}suppress/").json()["reach"]
    assert (answer["suppressed"], answer["reason"]) == (True, "by_hand") and suppressed(ada)
    assert editor.post(f"{path}unsuppress/").status_code == 403
    assert admin.post(f"{path}unsuppress/").json()["reach"]["suppressed"] is False and not suppressed(ada)
    again = admin.post(f"{path}unsuppress/")
    assert again.status_code == 409 and again.json()["theirs"] == {"suppressed": False}
    verbs = list(AuditEntry.objects.filter(subject="customer").order_by("id").values_list("verb", flat=True))
    assert verbs == ["customer.suppressed", "customer.unsuppressed"]


def test_consent_is_recorded_by_category_and_can_be_forgotten(mine):
    ada = customer(mine.workspace)
    path = f"/api/v1/customers/{ada.id}/consent/"
    editor = member(mine, "editor")
    sent = {"category": "newsletter", "state": "denied"}
    answer = editor.post(path, sent, content_type="application/json").json()
    assert [(c["category"], c["state"]) for c in answer["reach"]["consents"]] == [("newsletter", "denied")]
    editor.post(path, {**sent, "state": "unset"}, content_type="application/json")
    assert not Consent.objects.exists()
    assert AuditEntry.objects.filter(verb="customer.consent").count() == 2
    assert editor.post(path, {**sent, "state": "maybe"}, content_type="application/json").status_code == 400


def test_s30_an_unsubscribe_outlives_a_new_address_and_knows_the_old_one(mine):
    ada = customer(mine.workspace)
    found = reach.recipient(link(ada).removeprefix("/u/"))
    assert found is not None
    reach.unsubscribe(found[0])
    Customer.objects.filter(id=ada.id).update(email="new@example.com")
    ada.refresh_from_db()
    assert reach.state(ada)["suppressed"]
    other = customer(mine.workspace, "ADA@example.com")
    assert reach.state(other)["reason"] == "unsubscribed"


def test_what_a_trigger_refused_and_a_message_withheld_is_counted_by_reason(mine):
    flow, counted = mine.ids["flow_id"], [("signed_up", "refused:consent", 2), ("signed_up", "refused:reentry", 1)]
    counted += [("hello", "withheld", 3), ("hello", "converted", 1)]
    for node, metric, value in counted:
        Counter.objects.create(
            workspace=mine.workspace,
            flow_id=flow,
            version=1,
            bucket=0,
            subject=f"node:{node}",
            metric=metric,
            value=value,
        )
    Counter.objects.create(
        workspace=mine.workspace, flow_id=flow, version=1, bucket=0, subject="goal:sale", metric="reached", value=4
    )
    stats = member(mine, "viewer").get(f"/api/v1/flows/{flow}/stats/").json()
    assert stats["nodes"]["signed_up"]["refusals"] == {"consent": 2, "reentry": 1}
    assert (stats["nodes"]["hello"]["withheld"], stats["nodes"]["hello"]["converted"]) == (3, 1)
    assert stats["goals"] == {"sale": 4}
