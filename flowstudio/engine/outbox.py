"""The embedded default of e-mail: mails are kept in the product, one row for each effect key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.connectors.mailer import Mail, compose, message_id
from flowstudio.engine import clock, rows
from flowstudio.engine.writer import GroupWriter
from flowstudio.store.ids import new_id
from flowstudio.store.sql import db_json, db_time

_COLUMNS = (
    "id", "workspace_id", "key", "run_id", "node", "customer_id", "sender", "to", "subject", "html", "text", "headers",
    "delivered_by", "created_at",
)  # fmt: skip

Write = Callable[[Callable[[CursorWrapper], Any]], Awaitable[Any]]


class OutboxMailer:
    """A `Mailer` that writes a row; a repeat with the same key changes nothing and gets the same Message-ID.

    `keeps_keys` tells the engine that a try whose answer was lost may be repeated without a second mail.
    """

    keeps_keys = True

    def __init__(self, sender: str) -> None:
        self._sender = sender
        self._write: Write | None = None
        self._own: GroupWriter[Mail, None] | None = None

    def bind(self, write: Write | None) -> None:
        """Lets the mails share the engine's group commits (None: a writer of its own again)."""
        self._write = write

    async def send(self, mail: Mail) -> str:
        """Keeps the mail and answers once it is committed; refuses what could not be sent as a mail either."""
        compose(mail, self._sender)
        if self._write is not None:
            await self._write(lambda cursor: self._keep(cursor, [mail]))
        else:
            if self._own is None:
                self._own = GroupWriter(self._keep, name="outbox")
            await self._own.write(mail)
        return message_id(mail.key, mail.sender or self._sender)

    def close(self) -> None:
        """Ends its own writer, if it has one."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def _keep(self, cursor: CursorWrapper, mails: Sequence[Mail]) -> Sequence[None]:
        now = db_time(clock.now())
        columns = [f'"{name}"' for name in _COLUMNS]
        rows.insert(
            cursor,
            "store_outboxmail",
            columns,
            [
                (
                    new_id(), mail.workspace, mail.key, mail.run, mail.node, mail.customer, mail.sender or self._sender,
                    mail.to, mail.subject, mail.html, mail.text, db_json(dict(mail.headers)), "outbox", now,
                )
                for mail in mails
            ],
            skip_conflicts=True,
        )  # fmt: skip
        return [None] * len(mails)
