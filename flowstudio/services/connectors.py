"""Who sells what: the connectors, how each is connected in this workspace, and their actions."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flowstudio.connectors.base import Action, Connector
from flowstudio.connectors.registry import CONNECTORS
from flowstudio.services import credentials
from flowstudio.services.caller import Caller
from flowstudio.store.queries import credentials as queries


def listed(caller: Caller) -> list[dict[str, Any]]:
    """Every connector with its mode in this workspace: one query."""
    kept: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in queries.listed(caller.workspace_id).order_by("id"):
        kept[row.connector].append(credentials.item(row))
    return [_item(kind, kept[kind.id]) for kind in CONNECTORS.values()]


def in_sandbox(workspace_id: str) -> bool:
    """Whether any connector answers from its sandbox here."""
    used = set(queries.connectors_by_id(workspace_id).values())
    return any(kind.sandbox and kind.id not in used for kind in CONNECTORS.values())


def _item(kind: Connector, kept: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": kind.name,
        "letter": kind.letter,
        "help": kind.help,
        "docs_url": kind.docs_url,
        "mode": _mode(kind, bool(kept)),
        "can_test": kind.test is not None,
        "actions": [_action(kind, action) for action in kind.actions],
        "credential_schema": kind.credential.model_json_schema() if kind.credential else None,
        "credentials": kept,
    }


def _mode(kind: Connector, connected: bool) -> str:
    if connected:
        return "connected"
    if kind.sandbox:
        return "sandbox"
    return "builtin" if kind.credential is None or kind.optional else "needs_credential"


def _action(kind: Connector, action: Action) -> dict[str, Any]:
    return {
        "id": f"{kind.id}.{action.name}",
        "name": action.title,
        "help": action.help,
        "icon": action.icon,
        "category": action.category,
        "effect": action.effect,
        "idempotent": action.idempotent,
        "capability": action.capability,
        "price": action.price,
    }
