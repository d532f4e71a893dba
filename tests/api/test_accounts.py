"""Signing in and out, sessions, and what a wrong try may learn (SECURITY S39, S40)."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from flowstudio.services import accounts
from flowstudio.store.models import AuditEntry, Membership, SignInLink, User, Workspace
from tests.api.world import PASSWORD, Room, room, session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_throttle_left_over() -> None:
    cache.clear()


@pytest.fixture
def ours() -> Room:
    return room("ours")


def browser() -> tuple[Client, dict[str, str]]:
    client = Client(enforce_csrf_checks=True)
    return client, {"X-CSRFToken": client.get("/api/v1/auth/session/").json()["csrf"]}


def sign_in(client: Client, headers: dict[str, str], email: str, password: str = PASSWORD) -> int:
    return client.post(
        "/api/v1/auth/signin/", {"email": email, "password": password}, content_type="application/json", headers=headers
    ).status_code


def test_a_password_signs_in_and_the_session_is_a_fresh_one(ours: Room) -> None:
    client, headers = browser()
    assert client.get("/api/v1/me/").status_code == 401
    assert sign_in(client, headers, "Editor@Ours.example") == 204
    me = client.get("/api/v1/me/").json()
    assert (me["user"]["email"], me["role"], me["workspace"]["slug"]) == ("editor@ours.example", "editor", "ours")
    first = client.cookies["flowstudio_session"].value
    assert client.cookies["flowstudio_session"]["httponly"]
    assert client.cookies["flowstudio_session"]["samesite"] == "Lax"
    session = client.get("/api/v1/auth/session/").json()
    assert session["authenticated"] is True
    headers = {"X-CSRFToken": session["csrf"]}
    assert client.post("/api/v1/auth/signout/", headers=headers).status_code == 204
    assert client.get("/api/v1/me/").status_code == 401
    assert client.get("/api/v1/auth/session/").json()["authenticated"] is False
    client.cookies["flowstudio_session"] = first
    assert client.get("/api/v1/me/").status_code == 401


def test_every_wrong_pair_gives_the_same_answer(ours: Room) -> None:
    client, headers = browser()
    answers = set()
    for email, password in (
        ("editor@ours.example", "wrong"), ("nobody@ours.example", PASSWORD), ("' or 1=1", "x"),
    ):  # fmt: skip
        answer = client.post(
            "/api/v1/auth/signin/", {"email": email, "password": password}, content_type="application/json",
            headers=headers,
        )  # fmt: skip
        answers.add((answer.status_code, answer.content))
    User.objects.filter(email="viewer@ours.example").update(is_active=False)
    inactive = client.post(
        "/api/v1/auth/signin/", {"email": "viewer@ours.example", "password": PASSWORD},
        content_type="application/json", headers=headers,
    )  # fmt: skip
    answers.add((inactive.status_code, inactive.content))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 403


def test_guessing_is_slowed_down(ours: Room) -> None:
    client, headers = browser()
    codes = [sign_in(client, headers, "editor@ours.example", "wrong") for _ in range(12)]
    assert codes[-1] == 429
    assert 403 in codes
    assert client.post(
        "/api/v1/auth/signin/", {"email": "editor@ours.example", "password": PASSWORD},
        content_type="application/json", headers=headers,
    )["Retry-After"]  # fmt: skip


def test_signing_in_from_another_site_is_refused(ours: Room) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, {}, "editor@ours.example") == 403
    assert client.get("/api/v1/auth/signout/").status_code == 405


def test_a_link_works_once_and_opening_it_does_not_use_it_up(ours: Room) -> None:
    token = accounts.make_link(ours.users["admin"])
    client, headers = browser()
    assert token not in str(SignInLink.objects.values())
    client.get("/signin/link")

    def spend(who: Client, csrf: dict[str, str]) -> int:
        sent = {"token": token}
        return who.post("/api/v1/auth/link/", sent, content_type="application/json", headers=csrf).status_code

    assert spend(client, headers) == 204
    assert client.get("/api/v1/me/").json()["role"] == "admin"
    again, headers = browser()
    assert spend(again, headers) == 403
    late = accounts.make_link(ours.users["admin"])
    SignInLink.objects.filter(used_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    refused = again.post("/api/v1/auth/link/", {"token": late}, content_type="application/json", headers=headers)
    assert refused.status_code == 403


def test_a_new_password_ends_the_other_sessions(ours: Room) -> None:
    here, there = session(ours.users["editor"]), session(ours.users["editor"])
    set_it = "/api/v1/auth/password/"
    new = {"password": "a very new passphrase"}
    assert here.post(set_it, new, content_type="application/json").status_code == 400
    assert here.post(set_it, {**new, "current": "wrong"}, content_type="application/json").status_code == 400
    assert (
        here.post(set_it, {"password": "short", "current": PASSWORD}, content_type="application/json").status_code
        == 400
    )
    assert here.post(set_it, {**new, "current": PASSWORD}, content_type="application/json").status_code == 204
    assert here.get("/api/v1/me/").status_code == 200
    assert there.get("/api/v1/me/").status_code == 401
    assert AuditEntry.objects.filter(verb="password.changed").count() == 1
    key = Client(headers={"authorization": f"Bearer {ours.keys['admin']}"})
    assert key.post(set_it, new, content_type="application/json").status_code == 403


def test_who_came_by_link_need_not_know_the_old_password(ours: Room) -> None:
    client, headers = browser()
    token = accounts.make_link(ours.users["editor"])
    client.post("/api/v1/auth/link/", {"token": token}, content_type="application/json", headers=headers)
    headers = {"X-CSRFToken": client.get("/api/v1/auth/session/").json()["csrf"]}
    answer = client.post(
        "/api/v1/auth/password/",
        {"password": "a very new passphrase"},
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code == 204


def test_a_person_sees_only_the_workspaces_they_belong_to(ours: Room) -> None:
    theirs = room("theirs")
    client = session(ours.users["viewer"])
    assert client.get("/api/v1/me/", headers={"X-Workspace": "theirs"}).status_code == 403
    assert client.get("/api/v1/me/", headers={"X-Workspace": "nowhere"}).content == client.get(
        "/api/v1/me/", headers={"X-Workspace": "theirs"}
    ).content.replace(b"theirs", b"nowhere")
    Membership.objects.create(workspace=theirs.workspace, user=ours.users["viewer"], role="admin")
    assert client.get("/api/v1/me/").json()["role"] == "viewer"
    there = client.get("/api/v1/me/", headers={"X-Workspace": "theirs"}).json()
    assert (there["workspace"]["slug"], there["role"]) == ("theirs", "admin")
    assert [room_["slug"] for room_ in there["workspaces"]] == ["ours", "theirs"]
    Membership.objects.filter(workspace=theirs.workspace, user=ours.users["viewer"]).delete()
    assert client.get("/api/v1/me/", headers={"X-Workspace": "theirs"}).status_code == 403


def test_a_revoked_key_is_closed_at_once(ours: Room) -> None:
    admin = session(ours.users["admin"])
    made = admin.post("/api/v1/api-keys/", {"name": "n", "role": "viewer"}, content_type="application/json").json()
    bearer = {"authorization": f"Bearer {made['key']}"}
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 200
    assert admin.post(f"/api/v1/api-keys/{made['id']}/revoke/").json()["revoked_at"]
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 401
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        "api_key.created",
        "api_key.revoked",
    ]


def test_the_command_line_makes_keys_and_links() -> None:
    out = StringIO()
    call_command("signin", stdout=out)
    address, _, token = out.getvalue().strip().partition("#token=")
    assert address.endswith("/signin/link")
    assert Workspace.objects.get().slug == "main"
    client, headers = browser()
    answer = client.post("/api/v1/auth/link/", {"token": token}, content_type="application/json", headers=headers)
    assert answer.status_code == 204
    out = StringIO()
    call_command("apikey", "create", "--role", "viewer", stdout=out)
    assert len(out.getvalue().split()) == 1
    bearer = {"authorization": f"Bearer {out.getvalue().strip()}"}
    assert Client().get("/api/v1/me/", headers=bearer).json()["role"] == "viewer"
    with pytest.raises(CommandError, match="no workspace"):
        call_command("apikey", "create", "--role", "viewer", "--workspace", "nope")
    with pytest.raises(CommandError, match="no member"):
        call_command("signin", "--email", "x@y.example")
