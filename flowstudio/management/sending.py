"""Messages from the command line to the door: over HTTP when the server is up, else into the database directly."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from types import TracebackType
from typing import Any, Self

import httpx
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, transaction

from flowstudio.api.door.app import deliver
from flowstudio.api.door.keys import Source
from flowstudio.engine import bell, ingest
from flowstudio.store.ids import new_id
from flowstudio.store.models import ApiKey, Workspace
from flowstudio.store.secrets import digest

BATCH = 100
_TRIES = 8


def workspace(slug: str) -> Workspace:
    """The workspace with this slug, or a CommandError that names those there are."""
    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:10]) or "none yet"
        raise CommandError(f"There is no workspace “{slug}”. Known: {known}.")
    return found


def own_key(target: Workspace) -> tuple[str, ApiKey]:
    """The command line's own ingest key, kept in the data folder; made when missing, and anew once revoked."""
    path = Path(settings.DATA_DIR) / f"ingest-key-{target.slug}"
    token = path.read_text().strip() if path.exists() else ""
    key = ApiKey.objects.filter(workspace=target, token_hash=digest(token), revoked_at__isnull=True).first()
    if token and key is not None:
        return token, key
    token = f"fs_in_{token_urlsafe(32)}"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token)
    key = ApiKey.objects.create(
        workspace=target, name="Command line", role="ingest", token_hash=digest(token), last4=token[-4:]
    )
    return token, key


class Sender:
    """Sends batches to one workspace; `how` says in a few words where they go."""

    def __init__(self, target: Workspace, *, url: str = "", key: str = "") -> None:
        self._workspace = target
        self._url = (url or settings.FLOWSTUDIO_PUBLIC_URL).rstrip("/")
        self._source: Source | None = None
        if key:
            self._key = key
        else:
            self._key, row = own_key(target)
            self._source = Source(id=row.id, workspace_id=target.id)
        self._http = httpx.Client(base_url=self._url, timeout=15)
        self._up = self._is_up()
        if not self._up and (url or key):
            raise CommandError(
                f"No server answers at {self._url}. Start it with `make run`, or leave --url and --key out."
            )
        self.how = self._url if self._up else "the database directly (no server is running)"

    def _is_up(self) -> bool:
        try:
            return self._http.post("/v1/batch", json={"batch": []}, auth=(self._key, "")).status_code == 200
        except httpx.HTTPError:
            return False

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Stores the messages; returns after the COMMIT. Comes again by itself while the door is busy."""
        document = {"batch": list(messages), "sentAt": datetime.now(UTC).isoformat()}
        if self._up:
            self._post(document)
        else:
            self._write(document)

    def _post(self, document: Mapping[str, Any]) -> None:
        reason = ""
        for attempt in range(_TRIES):
            try:
                answer = self._http.post("/v1/batch", json=document, auth=(self._key, ""))
            except httpx.HTTPError as error:
                reason = f"it cannot be reached ({type(error).__name__})"
                time.sleep(min(0.25 * 2**attempt, 5))
                continue
            if answer.status_code == 200:
                return
            if answer.status_code not in (408, 429, 503):
                raise CommandError(f"The server refused the events: {_message(answer)}")
            reason = _message(answer)
            wait = answer.headers.get("retry-after", "")
            time.sleep(min(int(wait), 60) if wait.isdigit() else min(0.25 * 2**attempt, 5))
        raise CommandError(f"The server did not take the events after {_TRIES} tries: {reason}")

    def _write(self, document: Mapping[str, Any]) -> None:
        if self._source is None:
            raise CommandError("Without a server the events go in with the command line's own key; leave --key out.")
        delivery = deliver("/v1/batch", document, self._source, new_id(), datetime.now(UTC))
        with transaction.atomic(), connection.cursor() as cursor:
            ingest.flush(cursor, [delivery])
        bell.ring("engine")
        bell.ring("viewers")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
