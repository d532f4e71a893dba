"""Two workspaces with everything in them: an owner, teammates, an outsider, and keys of every role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from flowstudio.store.ids import new_id
from flowstudio.store.models import (
    Alias,
    ApiKey,
    Attempt,
    Counter,
    Credential,
    Customer,
    Draft,
    Event,
    Flow,
    Membership,
    OutboxMail,
    Run,
    Segment,
    Step,
    Token,
    TraitValue,
    User,
    Version,
    Workspace,
)
from flowstudio.store.secrets import digest, encrypt

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
# Hashed once: a deliberate half second each would be most of what these tests take.
_HASHED = make_password(PASSWORD)

GRAPH: dict[str, Any] = {
    "schema": 1,
    "nodes": [
        {
            "id": "signed_up",
            "type": "trigger.event",
            "name": "Signed up",
            "config": {"event": "Signed Up"},
            "position": {"x": 0, "y": 0},
        },
        {
            "id": "pause",
            "type": "wait.delay",
            "name": "Breathe",
            "config": {"for": "2d"},
            "position": {"x": 0, "y": 120},
        },
        {"id": "end", "type": "exit", "name": "End", "config": {"reason": "done"}, "position": {"x": 0, "y": 220}},
    ],
    "edges": [
        {"id": "e1", "source": "signed_up", "source_port": "out", "target": "pause"},
        {"id": "e2", "source": "pause", "source_port": "out", "target": "end"},
    ],
    "notes": [],
    "settings": {},
}


@dataclass
class Room:
    """One workspace and an id of each noun in it."""

    workspace: Workspace
    users: dict[str, User] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def key(self, role: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.keys[role]}"}


def room(slug: str) -> Room:
    """A workspace with members, keys, a published flow, a customer with a failed run, a mail and a credential."""
    workspace = Workspace.objects.create(slug=slug, name=slug.title(), timezone="Europe/Berlin")
    made = Room(workspace)
    for role in ("viewer", "editor", "admin"):
        user = User.objects.create(email=f"{role}@{slug}.example", password=_HASHED, name=role.title())
        made.users[role] = user
        Membership.objects.create(workspace=workspace, user=user, role=role)
    for role in ("viewer", "editor", "admin", "ingest", "revoked"):
        token = f"fs_{role}_{new_id()}{new_id()}"
        made.keys[role] = token
        row = ApiKey.objects.create(
            workspace=workspace,
            name=f"{role} key",
            role="admin" if role == "revoked" else role,
            token_hash=digest(token),
            last4=token[-4:],
            last_used_at=timezone.now(),
            revoked_at=timezone.now() if role == "revoked" else None,
        )
        made.ids["key_id"] = row.id
    flow = Flow.objects.create(
        workspace=workspace, name=f"{slug} flow", state="live", version=1, owner=made.users["editor"]
    )
    Draft.objects.create(flow=flow, graph=GRAPH, revision=3, saved_by=made.users["editor"])
    version = Version.objects.create(flow=flow, number=1, graph=GRAPH, draft_revision=2)
    customer = Customer.objects.create(
        workspace=workspace,
        external_id=f"{slug}-1",
        email=f"ann@{slug}.example",
        name="Ann",
        traits={"employees": 540},
        created_at=NOW,
        seen_at=NOW,
    )
    Alias.objects.create(workspace=workspace, kind="user", value=f"{slug}-1", customer=customer)
    for value, won in ((540, True), (480, False)):
        TraitValue.objects.create(
            workspace=workspace, customer=customer, name="employees", value=value, source="clearbit",
            occurred_at=NOW - timedelta(hours=0 if won else 1), recorded_at=NOW, won=won,
        )  # fmt: skip
    event = Event.objects.create(
        workspace=workspace, source=made.ids["key_id"], message_id=f"m-{slug}", type="track", name="Signed Up",
        customer_id=customer.id, payload={"event": "Signed Up", "properties": {"plan": "team"}}, digest="0" * 32,
        occurred_at=NOW, received_at=NOW, status="done", outcome=[{"flow": flow.id, "run": "x"}],
    )  # fmt: skip
    run = a_run(made, flow, version, customer, event.id)
    mail = OutboxMail.objects.create(
        workspace=workspace, key=new_id(), run_id=run.id, node="mail", customer_id=customer.id, sender="a@b.example",
        to=customer.email, subject="Hello", html="<b>Hello</b>", text="Hello", delivered_by="outbox", created_at=NOW,
    )  # fmt: skip
    credential = Credential.objects.create(
        workspace=workspace, connector="clearbit", name="Live", secret_encrypted=encrypt('{"api_key": "x"}'), hint="x"
    )
    Counter.objects.create(workspace=workspace, flow=flow, version=1, bucket=0, subject="run", metric="active", value=1)
    rule = {"all": [{"field": "customer.traits.plan", "op": "eq", "value": "Team"}]}
    segment = Segment.objects.create(workspace=workspace, name="Team", rule=rule, ready=True)
    made.ids |= {
        "flow_id": flow.id,
        "customer_id": customer.id,
        "event_id": event.id,
        "run_id": run.id,
        "mail_id": mail.id,
        "credential_id": credential.id,
        "segment_id": segment.id,
        "version_id": version.id,
    }
    return made


def a_run(made: Room, flow: Flow, version: Version, customer: Customer, event_id: str, status: str = "active") -> Run:
    """A run that waits at `pause` (or ended), with a trigger step and one attempt."""
    run = Run.objects.create(
        workspace=made.workspace, flow=flow, version=version, number=1, customer=customer, event_id=event_id,
        exclusive=new_id(), subject={"name": "Signed Up", "properties": {"plan": "team"}}, status=status, steps=2,
        started_at=NOW, ended_at=None if status == "active" else NOW,
    )  # fmt: skip
    shared: dict[str, Any] = {
        "run": run, "workspace": made.workspace, "flow": flow, "version": version, "customer_id": customer.id,
        "visit": 1, "entered_at": NOW,
    }  # fmt: skip
    Step.objects.create(**shared, node="signed_up", seq=1, status="done", left_at=NOW, port="out", reason="Signed Up")
    step = Step.objects.create(**shared, node="pause", seq=2, status="waiting", reason="2 days", due_at=NOW)
    Attempt.objects.create(step=step, run=run, number=1, key=new_id(), state="accepted", started_at=NOW)
    if status == "active":
        Token.objects.create(
            run=run, workspace=made.workspace, flow=flow, node="pause", step_id=step.id, state="waiting",
            due_at=NOW + timedelta(days=3650),
        )  # fmt: skip
    return run


def session(user: User, *, csrf: bool = False) -> Client:
    """A browser in which this person is signed in."""
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
