"""Secrets at rest: Fernet under the operator's keys, and the digest by which a token is found.

`FLOWSTUDIO_ENCRYPTION_KEYS` holds the keys (the first encrypts, all decrypt); without it one is made at the first use
and kept in the data folder. Every process of the house reads the same keys, so this lives in the store.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_FILE = "encryption-key"
MARK_FILE = "encryption-key.mark"


class SecretUnreadable(Exception):
    """None of the present keys opens this secret: the key was lost or another one is configured (S26)."""


def digest(token: str) -> str:
    """SHA-256 of a random token; enough for 256 random bits, and the only thing kept of an API key."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def encrypt(text: str) -> str:
    """The text under the first key."""
    keys = _keys()
    _leave_mark(keys[0])
    return _box(keys).encrypt(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """The text again, or SecretUnreadable."""
    try:
        return _box(_keys()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable("No present encryption key opens this secret.") from None


def reseal(sealed: str) -> str:
    """The same secret under the first key (rotation)."""
    try:
        return _box(_keys()).rotate(sealed.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable("No present encryption key opens this secret.") from None


def keys_problem() -> str:
    """A sentence when the configured keys cannot be those that sealed what is stored, else ''."""
    try:
        keys = _keys()
        _box(keys)
    except ImproperlyConfigured as error:
        return str(error)
    mark = Path(settings.DATA_DIR) / MARK_FILE
    if mark.exists() and mark.read_text().strip() not in {_mark(key) for key in keys}:
        return (
            "The stored credentials were sealed with another encryption key. Put that key back into "
            f"FLOWSTUDIO_ENCRYPTION_KEYS (after the new one) or into {KEY_FILE} in the data folder. If it is lost, "
            f"remove {MARK_FILE}; every credential and webhook address must then be entered or made anew."
        )
    return ""


def _keys() -> tuple[str, ...]:
    given = tuple(key.strip() for key in settings.FLOWSTUDIO_ENCRYPTION_KEYS if key.strip())
    return given or (_kept(Path(settings.DATA_DIR) / KEY_FILE),)


def _kept(path: Path) -> str:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(fd, "w") as file:
        file.write(key := Fernet.generate_key().decode())
    return key


@functools.cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except (ValueError, TypeError):
        raise ImproperlyConfigured(
            "FLOWSTUDIO_ENCRYPTION_KEYS must be Fernet keys (32 random bytes in URL-safe base64), separated by commas."
        ) from None


def _mark(key: str) -> str:
    return hashlib.sha256(b"flowstudio key mark:" + key.encode()).hexdigest()[:32]


@functools.cache
def _leave_mark(key: str) -> None:
    (Path(settings.DATA_DIR) / MARK_FILE).write_text(_mark(key))
