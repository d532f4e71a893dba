"""A stage for the rules: the real node types, a clock that only the test moves, and everything from outside in.

Events go through `ingest`, the engine drains what is due, and the test reads rows.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import moving
from flowstudio.domain.graph import parse
from flowstudio.engine import clock, ingest, programs
from flowstudio.engine.ingest import Incoming
from flowstudio.services import passage, publishing
from flowstudio.store.ids import new_id
from flowstudio.store.models import Event, Flow, Run, Step, Version, Workspace
from tests.engine import house

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class Stage:
    """One workspace, one vendor, one clock."""

    def __init__(self, space: Workspace, vendor: house.Vendor, monkeypatch: Any) -> None:
        self.space, self.vendor, self.now = space, vendor, START
        monkeypatch.setattr(clock, "now", lambda: self.now)
        programs.use_catalogue({**CATALOGUE, **house.CATALOGUE})

    def flow(self, document: Mapping[str, Any], *, state: str = "live") -> Flow:
        """A published flow; its triggers are indexed as publishing does it."""
        made = Flow.objects.create(workspace=self.space, name="Flow", state=state, version=1)
        self.version(made, document)
        return made

    def version(self, flow: Flow, document: Mapping[str, Any]) -> None:
        """The flow's next version, in force at once."""
        number = Version.objects.filter(flow=flow).count() + 1
        made = Version.objects.create(flow=flow, number=number, graph=document, draft_revision=number)
        publishing.watch(flow, made, parse(document))
        Flow.objects.filter(id=flow.id).update(version=number)
        publishing.index(flow, parse(document))

    def publish(self, flow: Flow, document: Mapping[str, Any], **in_flight: Any) -> Version:
        """The flow's next version as a person publishes it, with what becomes of the customers inside."""
        flow.refresh_from_db()
        number = Version.objects.filter(flow=flow).count() + 1
        before, after = parse(Version.objects.get(flow=flow, number=flow.version).graph), parse(document)
        found = passage.places(flow, before, after, number)
        orders = moving.orders(found, in_flight, after)
        made = Version.objects.create(flow=flow, number=number, graph=document, draft_revision=number, orders=orders)
        passage.begin(house.caller(self.space), flow, made, flow.version, found)
        Flow.objects.filter(id=flow.id).update(version=number)
        publishing.index(flow, after)
        return made

    def send(
        self,
        who: str,
        name: str = "Signed Up",
        *,
        occurred: datetime | None = None,
        message_id: str = "",
        **properties: Any,
    ) -> str:
        """A track event at the door, not yet matched; gives its id."""
        return self._put("track", name, who, {"event": name, "properties": properties}, occurred, message_id)

    def identify(self, who: str, **traits: Any) -> str:
        """An identify event at the door."""
        return self._put("identify", "identify", who, {"traits": traits}, None, "")

    def _put(
        self, kind: str, name: str, who: str, body: Mapping[str, Any], occurred: datetime | None, message_id: str
    ) -> str:
        payload = json.dumps({"type": kind, "userId": who, **body})
        event = Incoming(
            id=new_id(), workspace_id=self.space.id, source="k" * 26, message_id=message_id or new_id(), type=kind,
            name=name, user_id=who, anonymous_id="", payload=payload, digest=str(hash(payload))[:32],
            occurred_at=occurred or self.now, received_at=self.now,
        )  # fmt: skip
        with transaction.atomic(), connection.cursor() as cursor:
            ingest.flush(cursor, [[event]])
        return event.id

    def go(self, **span: float) -> None:
        """Moves the clock on by a span and lets the engine do what is due."""
        self.now += timedelta(**span)
        asyncio.run(house.engine(self.vendor).drain())

    def run(self, who: str = "") -> Run:
        """The newest run (of a customer)."""
        found = Run.objects.filter(customer__external_id=who) if who else Run.objects.all()
        newest = found.order_by("-id").first()
        assert newest is not None
        return newest

    def step(self, node: str) -> Step:
        """The newest step at a node."""
        found = Step.objects.filter(node=node).order_by("-id").first()
        assert found is not None
        return found

    def refusals(self, event: str) -> list[str]:
        """Why an event started nothing."""
        return [part.get("code", "") for part in Event.objects.get(id=event).outcome]


def sketch(*nodes: tuple[str, str] | tuple[str, str, Mapping[str, Any]], edges: str, **settings: Any) -> dict[str, Any]:
    """A graph that begins with the trigger `enter` on “Signed Up”."""
    return house.graph(("enter", "trigger.event", {"event": "Signed Up"}), *nodes, edges=edges, **settings)
