"""The links by which recipients unsubscribe: opaque, sealed, good for as long as the encryption keys are (S29).

Nothing is stored for a message: the link itself says, under the house's key, whom it is about.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.conf import settings

from flowstudio.store.secrets import SecretUnreadable, decrypt, encrypt

PREFIX = "/u/"
_MARK = "unsubscribe"
_LONGEST = 1_600


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Whom a link is about."""

    workspace_id: str
    customer_id: str
    address: str


def address(workspace_id: str, customer_id: str, to: str) -> str:
    """The URL for one recipient; '' where the address is too long for a header."""
    sealed = encrypt(json.dumps([_MARK, workspace_id, customer_id, to], ensure_ascii=True, separators=(",", ":")))
    token = sealed.rstrip("=")
    return f"{settings.FLOWSTUDIO_PUBLIC_URL}{PREFIX}{token}" if len(token) <= _LONGEST else ""


def read(token: str) -> Recipient | None:
    """Whom the link is about; None for anything that this house did not make."""
    if len(token) > _LONGEST or not token.isascii():
        return None
    try:
        said = json.loads(decrypt(token + "=" * (-len(token) % 4)))
    except (SecretUnreadable, ValueError):
        return None
    if not (isinstance(said, list) and len(said) == 4 and said[0] == _MARK and all(isinstance(s, str) for s in said)):
        return None
    return Recipient(workspace_id=said[1], customer_id=said[2], address=said[3])
