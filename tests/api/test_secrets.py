"""A canary in a credential is nowhere to be found afterwards (SECURITY S24), and keys can be rotated (S26)."""

from __future__ import annotations

import base64
import logging
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection
from django.test import Client

from flowstudio.connectors.registry import CONNECTORS
from flowstudio.domain.errors import CredentialMissing, EgressRefused
from flowstudio.services import credentials
from flowstudio.store import secrets
from flowstudio.store.models import AuditEntry, Credential
from tests.api.test_matrix import ROUTES, ask
from tests.api.world import Room, room, session

pytestmark = pytest.mark.django_db

CANARY = "sk_canary_7f3a/9+c2=e1 b8d4"
FORMS = {CANARY, base64.b64encode(CANARY.encode()).decode(), quote(CANARY), quote(CANARY, safe="")}


@pytest.fixture
def ours() -> Room:
    return room("ours")


def secret_of(connector: str, canary: str) -> dict[str, str]:
    """A secret with the canary in its password field."""
    model = CONNECTORS[connector].credential
    assert model is not None
    made = {}
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("x-widget") == "password":
            made[name] = canary
    assert made
    return made


def keep(client: Client, canary: str = CANARY) -> Any:
    return client.post(
        "/api/v1/credentials/",
        {"connector": "clearbit", "name": "Live key", "secret": secret_of("clearbit", canary)},
        content_type="application/json",
    )


def test_a_secret_is_write_only(ours: Room, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    client = session(ours.users["admin"])
    seen: list[bytes] = []
    made = keep(client)
    assert made.status_code == 201, made.content
    seen.append(made.content)
    ids = {**ours.ids, "credential_id": made.json()["id"]}
    assert made.json()["hint"] == CANARY[-4:]
    # A wrong one is refused without being repeated.
    refused = client.post(
        "/api/v1/credentials/",
        {"connector": "clearbit", "name": "x", "secret": {"nope": CANARY, CANARY: 1}},
        content_type="application/json",
    )
    assert refused.status_code == 400
    seen.append(refused.content)
    changed = client.patch(
        f"/api/v1/credentials/{ids['credential_id']}/",
        {"secret": secret_of("clearbit", CANARY), "name": "Renamed"},
        content_type="application/json",
    )
    assert changed.status_code == 200
    seen.append(changed.content)
    for verb, path in ROUTES:
        if verb == "get":
            seen.append(ask(client, verb, path, ids).content)
    client.delete(f"/api/v1/credentials/{ids['credential_id']}/")
    everything = b"\n".join(seen).decode() + caplog.text + "".join(capfd.readouterr())
    for form in FORMS:
        assert form not in everything
    assert Credential.objects.filter(id=ids["credential_id"]).count() == 0
    details = list(AuditEntry.objects.filter(subject="credential").order_by("id").values_list("verb", "detail"))
    assert [verb for verb, _ in details] == ["credential.created", "credential.changed", "credential.deleted"]
    assert details[1][1]["secret"] == "changed"


def test_the_database_holds_it_sealed_alone(ours: Room) -> None:
    row = Credential.objects.get(id=keep(session(ours.users["admin"])).json()["id"])
    assert credentials.opened(row) == credentials.opened(row)
    assert CANARY in credentials.opened(row).values()
    with connection.cursor() as cursor:
        for model in apps.get_app_config("store").get_models():
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            dump = repr(cursor.fetchall())
            for form in FORMS:
                assert form not in dump, model


def test_a_viewer_and_an_editor_keep_no_secrets(ours: Room) -> None:
    for role in ("viewer", "editor"):
        assert keep(session(ours.users[role])).status_code == 403
    assert keep(Client()).status_code == 401


def test_a_connector_that_is_none_is_refused(ours: Room) -> None:
    client = session(ours.users["admin"])
    for connector in ("nope", "warehouse", "__class__", ""):
        answer = client.post(
            "/api/v1/credentials/", {"connector": connector, "name": "x", "secret": {}}, content_type="application/json"
        )
        assert answer.status_code == 400, connector
        assert answer.json()["errors"][0]["field"] == "connector"


def test_testing_a_credential_says_what_came_of_it(ours: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    client = session(ours.users["admin"])
    made = keep(client).json()["id"]
    asked: list[Any] = []

    async def refuse(self: Any, method: str, url: str, **kwargs: Any) -> Any:
        asked.append((method, url, kwargs.get("allowed_hosts")))
        raise EgressRefused

    monkeypatch.setattr("flowstudio.connectors.http.Http.request", refuse)
    answer = client.post(f"/api/v1/credentials/{made}/test/")
    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert answer.json()["message"] == EgressRefused().message
    assert asked
    assert client.get(f"/api/v1/credentials/{made}/").json()["test_result"] == EgressRefused().message
    for form in FORMS:
        assert form not in answer.content.decode()


def test_connecting_leaves_the_sandbox(ours: Room) -> None:
    client = session(ours.users["admin"])
    Credential.objects.filter(workspace=ours.workspace).delete()

    def mode() -> str:
        rows = client.get("/api/v1/connectors/").json()["results"]
        found: str = next(row["mode"] for row in rows if row["id"] == "clearbit")
        return found

    assert mode() == "sandbox"
    assert client.get("/api/v1/me/").json()["sandbox"] is True
    made = keep(client).json()["id"]
    assert mode() == "connected"
    client.delete(f"/api/v1/credentials/{made}/")
    assert mode() == "sandbox"


@pytest.fixture
def own_keys(tmp_path: Any, settings: Any) -> Any:
    settings.DATA_DIR = tmp_path
    secrets._leave_mark.cache_clear()
    yield settings
    secrets._leave_mark.cache_clear()


def test_keys_rotate_and_a_lost_key_is_said(own_keys: Any) -> None:
    own_keys.FLOWSTUDIO_ENCRYPTION_KEYS = []
    sealed = secrets.encrypt("one")
    kept = (own_keys.DATA_DIR / secrets.KEY_FILE).read_text()
    assert oct((own_keys.DATA_DIR / secrets.KEY_FILE).stat().st_mode)[-3:] == "600"
    new = Fernet.generate_key().decode()
    own_keys.FLOWSTUDIO_ENCRYPTION_KEYS = [new, kept]
    assert secrets.keys_problem() == ""
    assert secrets.decrypt(sealed) == "one"
    resealed = secrets.reseal(sealed)
    own_keys.FLOWSTUDIO_ENCRYPTION_KEYS = [new]
    assert secrets.decrypt(resealed) == "one"
    with pytest.raises(secrets.SecretUnreadable):
        secrets.decrypt(sealed)
    assert "FLOWSTUDIO_ENCRYPTION_KEYS" in secrets.keys_problem()
    own_keys.FLOWSTUDIO_ENCRYPTION_KEYS = ["short"]
    assert "Fernet" in secrets.keys_problem()


def test_a_wrong_key_stops_the_start(own_keys: Any) -> None:
    from django.core.checks import run_checks

    own_keys.FLOWSTUDIO_ENCRYPTION_KEYS = []
    assert not [each for each in run_checks() if each.id == "flowstudio.E001"]
    own_keys.FLOWSTUDIO_ENCRYPTION_KEYS = ["short"]
    found = [each for each in run_checks() if each.id == "flowstudio.E001"]
    assert len(found) == 1
    assert "Fernet" in found[0].msg


def test_an_unreadable_secret_is_said_where_it_is_used(ours: Room, own_keys: Any) -> None:
    own_keys.FLOWSTUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    row = Credential.objects.get(id=ours.ids["credential_id"])
    with pytest.raises(CredentialMissing, match="Enter its secret again"):
        credentials.opened(row)
    answer = session(ours.users["admin"]).post(f"/api/v1/credentials/{row.id}/test/")
    assert answer.json()["ok"] is False
