"""Credentials: write-only (G21). Sealed at rest, bound to the connector's hosts, tested by one harmless call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from flowstudio.connectors.base import Connector, Tools
from flowstudio.connectors.registry import CONNECTORS
from flowstudio.domain.errors import ConnectorError, CredentialMissing, InputError
from flowstudio.domain.graph import Graph
from flowstudio.services import audit, tools
from flowstudio.services.caller import Caller
from flowstudio.services.people import person
from flowstudio.store.models import Credential
from flowstudio.store.queries import credentials as queries
from flowstudio.store.secrets import SecretUnreadable, decrypt, encrypt


@transaction.atomic
def create(caller: Caller, *, connector: str, name: str, secret: Mapping[str, Any]) -> Credential:
    """Keeps a new secret for a connector; from now on its sandbox is left."""
    kind = _connector(connector)
    values = _checked(kind, secret)
    row = Credential.objects.create(
        workspace_id=caller.workspace_id,
        connector=kind.id,
        name=name,
        secret_encrypted=encrypt(json.dumps(values)),
        hint=_hint(kind, values),
        hosts=_hosts(kind, values),
        created_by_id=caller.user_id,
    )
    audit.record(caller, "credential.created", "credential", row.id, {"connector": kind.id, "name": name})
    return row


@transaction.atomic
def change(caller: Caller, credential_id: str, *, name: str | None, secret: Mapping[str, Any] | None) -> Credential:
    """Renames a credential or replaces its secret; the connector never changes."""
    row = queries.one(caller.workspace_id, credential_id)
    detail: dict[str, Any] = {}
    if name is not None and name != row.name:
        detail["name"] = {"before": row.name, "after": name}
        row.name = name
    if secret is not None:
        kind = _connector(row.connector)
        values = _checked(kind, secret)
        row.hosts = _hosts(kind, values)
        row.secret_encrypted, row.hint = encrypt(json.dumps(values)), _hint(kind, values)
        row.tested_at, row.test_result = None, ""
        detail["secret"] = "changed"  # noqa: S105 a word of the API, no secret
    if detail:
        row.save()
        audit.record(caller, "credential.changed", "credential", row.id, detail)
    return row


@transaction.atomic
def delete(caller: Caller, credential_id: str) -> None:
    """Forgets a secret for good."""
    row = queries.one(caller.workspace_id, credential_id)
    audit.record(caller, "credential.deleted", "credential", row.id, {"connector": row.connector, "name": row.name})
    row.delete()


def test(caller: Caller, credential_id: str) -> dict[str, Any]:
    """Proves a credential by the connector's own harmless call; the answer is a sentence, kept with the credential.

    The call is made outside any transaction.
    """
    row = queries.one(caller.workspace_id, credential_id)
    kind = _connector(row.connector)
    try:
        ok, message = True, _prove(kind, opened(row))
    except ConnectorError as error:
        ok, message = False, error.message
    row.tested_at, row.test_result = timezone.now(), message[:255]
    Credential.objects.filter(id=row.id).update(tested_at=row.tested_at, test_result=row.test_result)
    return {"ok": ok, "message": message, "tested_at": row.tested_at}


def _prove(kind: Connector, values: Mapping[str, str]) -> str:
    prove = kind.test
    if prove is None:
        return f"{kind.name} offers no test call; the credential is kept and used as it stands."

    async def run() -> str:
        async with tools.real() as at_hand:
            return await _call(at_hand)

    async def _call(at_hand: Tools) -> str:
        return await prove(values, at_hand)

    return async_to_sync(run)()


def opened(row: Credential) -> dict[str, str]:
    """The secret in clear, for a call alone; CredentialMissing when no present key opens it."""
    try:
        return dict(json.loads(decrypt(row.secret_encrypted)))
    except SecretUnreadable:
        raise CredentialMissing(
            f"The credential {row.name} was sealed with another encryption key. Enter its secret again."
        ) from None


def issues_of(workspace_id: str, graph: Graph) -> list[dict[str, Any]]:
    """An error for each node that names a credential which is not this workspace's or not this connector's (S21)."""
    named = [(node, str(node.config["credential"])) for node in graph.nodes if node.config.get("credential")]
    if not named:
        return []
    present = queries.connectors_by_id(workspace_id)
    issues = []
    for node, credential_id in named:
        connector = node.type.split(".", 1)[0]
        if present.get(credential_id) != connector:
            label = node.name or node.id
            issues.append(
                {
                    "code": "credential_unknown",
                    "severity": "error",
                    "message": f"{label} names a credential that is not there.",
                    "node": node.id,
                    "edge": "",
                    "field": "credential",
                    "fix": "Choose one of the workspace's credentials, or none for the sandbox.",
                }
            )
    return issues


def _connector(connector_id: str) -> Connector:
    kind = CONNECTORS.get(connector_id)
    if kind is None:
        raise InputError(f"There is no connector {connector_id[:40]!r}.", field="connector")
    if kind.credential is None:
        raise InputError(f"{kind.name} needs no credential.", field="connector")
    return kind


def _checked(kind: Connector, secret: Mapping[str, Any]) -> dict[str, Any]:
    """The secret by the connector's own model; what is wrong is said without repeating any value."""
    model = kind.credential
    assert model is not None
    try:
        return model.model_validate(dict(secret)).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{place or 'secret'}: {first['msg']}", field=f"secret.{place}".rstrip(".")) from None


def _hosts(kind: Connector, values: Mapping[str, Any]) -> list[str]:
    """Where this secret may be sent: the vendor's hosts, or the one that was entered with it (S21)."""
    own = values.get("host")
    return list(kind.hosts) or ([str(own).strip().lower()] if own else [])


def _hint(kind: Connector, values: Mapping[str, Any]) -> str:
    """The last four characters of the secret field, and only when that gives away no more than a third of it."""
    model = kind.credential
    assert model is not None
    for name, value in values.items():
        extra = model.model_fields[name].json_schema_extra if name in model.model_fields else None
        secret = isinstance(extra, dict) and extra.get("x-widget") == "password"
        if secret and isinstance(value, str) and len(value) >= 12:
            return value[-4:]
    return ""


def item(row: Credential) -> dict[str, Any]:
    """A credential as answers show it: never its secret."""
    return {
        "id": row.id,
        "connector": row.connector,
        "name": row.name,
        "hint": row.hint,
        "hosts": row.hosts,
        "created_by": person(row.created_by),
        "created_at": row.created_at,
        "tested_at": row.tested_at,
        "test_result": row.test_result,
    }
