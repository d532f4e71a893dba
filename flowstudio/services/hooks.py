"""The secret addresses of webhook triggers: made at publishing, shown to members, rotated at will."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction

from flowstudio.domain.errors import NotFound
from flowstudio.services import audit
from flowstudio.services.caller import Caller
from flowstudio.store.models import Flow, Hook
from flowstudio.store.queries import flows as queries
from flowstudio.store.secrets import SecretUnreadable, decrypt, digest, encrypt


def keep(flow: Flow, nodes: Iterable[str]) -> dict[str, Hook]:
    """One address for each webhook node, in the running transaction; a node that has one keeps it."""
    wanted = list(nodes)
    present = {hook.node: hook for hook in queries.hooks(flow.id)}
    for node in wanted:
        if node not in present:
            present[node] = _new(flow, node)
    return {node: present[node] for node in wanted}


def _new(flow: Flow, node: str) -> Hook:
    token = secrets.token_urlsafe(32)
    return Hook.objects.create(
        workspace_id=flow.workspace_id,
        flow=flow,
        node=node,
        token_hash=digest(token),
        token_encrypted=encrypt(token),
    )


@transaction.atomic
def rotate(caller: Caller, flow_id: str, node: str) -> list[dict[str, str]]:
    """A new address for one webhook node; the old one is closed at once. The trigger itself stays the same."""
    flow = queries.locked(caller.workspace_id, flow_id)
    hook = queries.hooks(flow.id).filter(node=node).first()
    if hook is None:
        raise NotFound("This node has no webhook address. Publish the flow first.")
    token = secrets.token_urlsafe(32)
    hook.token_hash, hook.token_encrypted = digest(token), encrypt(token)
    hook.save(update_fields=["token_hash", "token_encrypted"])
    audit.record(caller, "hook.rotated", "flow", flow.id, {"node": node, "token": "changed"})
    return items(flow.id)


def items(flow_id: str) -> list[dict[str, str]]:
    """`{node, url}` of each address; an unreadable one has no url and says why."""
    return [_item(hook) for hook in queries.hooks(flow_id)]


def _item(hook: Hook) -> dict[str, Any]:
    try:
        url = f"{settings.FLOWSTUDIO_PUBLIC_URL}/hooks/{decrypt(hook.token_encrypted)}"
    except SecretUnreadable:
        return {"node": hook.node, "url": "", "problem": "The encryption key changed: rotate this address."}
    return {"node": hook.node, "url": url, "problem": ""}
