"""Stored events as the matcher sees them: the value that expressions read, and what they say about their customer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.domain import expression
from flowstudio.domain.errors import ExpressionError
from flowstudio.engine import fair, rows
from flowstudio.store.models import Event
from flowstudio.store.sql import db_time, from_db_json, from_db_time

# A hook's body names its customer by the first of these that it has (CONTRACT, `trigger.webhook`).
_HOOK_IDS = ("userId", "user_id", "id", "email")
_LIMIT = 255


@dataclass(kw_only=True, slots=True)
class Arrival:
    """One pending event while it is matched; `outcome`, `customer` and `status` are what is written back.

    `again`: it was matched before, and only what its filters refused is judged once more (`flowstudio.engine.grace`).
    """

    id: str
    workspace_id: str
    source: str
    type: str
    name: str
    user_id: str
    anonymous_id: str
    occurred_at: datetime
    received_at: datetime
    payload: Mapping[str, Any]
    customer: str = ""
    status: str = "done"
    problem: str = ""
    again: bool = False
    outcome: list[dict[str, Any]] = field(default_factory=list)

    @property
    def previous_id(self) -> str:
        """An alias' old name."""
        value = self.payload.get("previousId") if self.type == "alias" else None
        return str(value)[:_LIMIT] if value is not None else ""

    @property
    def imported(self) -> bool:
        """Whether its sender says that it is history: kept and counted, and no reason to start anything (11.2)."""
        context = self.payload.get("context")
        return isinstance(context, Mapping) and context.get("import") is True

    def subject(self) -> dict[str, Any]:
        """The event as expressions and templates see it (CONTRACT, "The graph document")."""
        found = self.payload.get("traits" if self.type in ("identify", "group") else "properties")
        properties = dict(found) if isinstance(found, Mapping) else {}
        if self.type in ("page", "screen") and self.payload.get("name"):
            properties.setdefault("name", self.payload["name"])
        if self.type == "group":
            properties.setdefault("groupId", self.payload.get("groupId"))
        context = self.payload.get("context")
        return {
            "id": self.id,
            "name": "" if self.type in ("hook", "start") else self.name,
            "type": self.type,
            "properties": properties,
            "context": dict(context) if isinstance(context, Mapping) else {},
            "occurred_at": self.occurred_at.astimezone(UTC).isoformat(),
            "received_at": self.received_at.astimezone(UTC).isoformat(),
        }

    def traits(self) -> dict[str, Any]:
        """What the event says about its customer: traits of `identify`, `context.traits`, a `group` with its traits."""
        said: dict[str, Any] = {}
        context = self.payload.get("context")
        inside = context.get("traits") if isinstance(context, Mapping) else None
        if isinstance(inside, Mapping):
            said.update(inside)
        own = self.payload.get("traits")
        if self.type == "identify" and isinstance(own, Mapping):
            said.update(own)
        if self.type == "group":
            said["group"] = {**(own if isinstance(own, Mapping) else {}), "id": self.payload.get("groupId")}
        if self.type == "hook":
            said.update(self._hook_traits)
        return said

    @property
    def _hook_traits(self) -> Mapping[str, Any]:
        found = self.payload.get("_traits")
        return found if isinstance(found, Mapping) else {}


# The status stands in the words: a partial index is used only where its condition does.
_SELECT = (
    "SELECT id, workspace_id, source, type, name, user_id, anonymous_id, occurred_at, received_at, payload, "
    "customer_id, status, outcome FROM store_event "
)
_PENDING = _SELECT + "WHERE status = 'pending' ORDER BY id LIMIT %s"
_PENDING_OF = _SELECT + "WHERE workspace_id = %s AND status = 'pending' ORDER BY id LIMIT %s"


def pending(cursor: CursorWrapper, limit: int) -> list[Arrival]:
    """The events that wait to be matched, in the order received; with more than fit, some of every workspace (F19)."""
    cursor.execute(_PENDING, [limit])
    oldest = cursor.fetchall()
    if len(oldest) == limit:
        oldest = _fair(cursor, oldest, limit)
    return [_read(row) for row in oldest]


def _fair(cursor: CursorWrapper, oldest: list[Any], limit: int) -> list[Any]:
    spaces = fair.workspaces(cursor, "store_event", "status = 'pending'")
    if len(spaces) < 2:
        return oldest
    chosen, each = fair.turn(spaces, limit)
    cursor.execute(fair.union(_PENDING_OF, len(chosen)), [value for space in chosen for value in (space, each)])
    found = {row[0]: row for row in cursor.fetchall()}
    ids = fair.merged([row[0] for row in oldest], list(found), limit)
    found.update({row[0]: row for row in oldest})
    return [found[one] for one in sorted(ids)]


def matched(
    cursor: CursorWrapper, customers: Collection[str], names: Collection[str], since: datetime
) -> list[Arrival]:
    """Events of these customers that have been matched, in the order in which they occurred."""
    found: list[Arrival] = []
    for chunk in rows.chunks(sorted(customers)):
        # An event that has its customer has been matched, also where it is to be judged once more (`grace`).
        cursor.execute(
            f"{_SELECT} WHERE customer_id IN ({rows.marks(len(chunk))}) AND name IN ({rows.marks(len(names))}) "
            "AND occurred_at >= %s AND status IN ('done', 'pending')",
            [*chunk, *sorted(names), db_time(since)],
        )
        found += map(_read, cursor.fetchall())
    return sorted(found, key=lambda event: (event.occurred_at, event.id))


def _read(row: Sequence[Any]) -> Arrival:
    identity, workspace, source, kind, name, user, anonymous, occurred, received, payload, customer, status, outcome = (
        row
    )
    occurred_at, received_at = from_db_time(occurred), from_db_time(received)
    if occurred_at is None or received_at is None:
        raise ValueError("an event has both its times")
    said, done = from_db_json(payload), from_db_json(outcome) or []
    return Arrival(
        id=identity, workspace_id=workspace, source=source, type=kind, name=name, user_id=user, anonymous_id=anonymous,
        occurred_at=occurred_at, received_at=received_at, payload=said if isinstance(said, Mapping) else {},
        customer=customer, again=status == "pending" and bool(done), outcome=done,
    )  # fmt: skip


def arrival(event: Event) -> Arrival:
    """The row as it is matched."""
    return Arrival(
        id=event.id,
        workspace_id=event.workspace_id,
        source=event.source,
        type=event.type,
        name=event.name,
        user_id=event.user_id,
        anonymous_id=event.anonymous_id,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        payload=event.payload if isinstance(event.payload, Mapping) else {},
        customer=event.customer_id,
        again=event.status == "pending" and bool(event.outcome),
        outcome=list(event.outcome),
    )


def identify_hook(found: Arrival, source: str, now: datetime) -> None:
    """Finds whose event a webhook's body is: by the trigger's `identify` expression, else by the usual names.

    The expression gives an id, or an object with `id`, `email` and `traits`. What it cannot find leaves the event
    without a customer, with the reason in `problem`.
    """
    subject = found.subject()
    value: Any
    if source.strip():
        try:
            value = expression.compile(source).evaluate({"event": subject, "now": now})
        except ExpressionError as error:
            found.problem = f"The webhook's identify expression failed: {error.message}"
            return
    else:
        body = subject["properties"]
        known = next((body[name] for name in _HOOK_IDS if isinstance(body.get(name), str | int) and body[name]), None)
        email = body.get("email")
        value = {"id": known, "email": email if isinstance(email, str) else None}
    if not isinstance(value, Mapping):
        value = {"id": value}
    email = value.get("email")
    who = value.get("id") or email
    if isinstance(who, bool) or not isinstance(who, str | int | float) or not str(who):
        found.problem = "The body does not say whose event it is: no userId, user_id, id or email was found in it."
        return
    found.user_id = str(who)[:_LIMIT]
    traits = dict(value["traits"]) if isinstance(value.get("traits"), Mapping) else {}
    if isinstance(email, str) and email:
        traits.setdefault("email", email)
    found.payload = {**found.payload, "_traits": traits}
