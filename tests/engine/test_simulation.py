"""A simulation cannot lie: with the outcomes and events of a real run it gives that run's path, reasons and times.

Random graphs are driven by the real engine, whose clock is put forward from timer to timer; what it recorded goes into
the simulation, and the two paths are compared step by step.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowstudio.domain import graph as graphs
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.outcomes import Outcome
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person, Simulation
from flowstudio.engine import clock
from flowstudio.engine.arrivals import arrival
from flowstudio.engine.programs import use_catalogue
from flowstudio.engine.runner import Engine
from flowstudio.engines import build
from flowstudio.sandbox import traffic
from flowstudio.services import flows, publishing, simulation, templates
from flowstudio.store.ids import new_id
from flowstudio.store.models import Customer, Event, Run, Step, Token
from tests.domain.drawing_lots import TIMES
from tests.engine import house

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
# What the engine's own work may add to an instant, on a busy machine.
MARGIN = timedelta(seconds=60)
CALLS = ("test.key", "test.plain", "test.person", "box.call")
KINDS = (*["t.branch"] * 3, *["t.update"] * 2, "t.sleep", *["t.wait"] * 5, *CALLS, "t.exit")
PORTS = {
    "t.start": ("out",),
    "t.branch": ("yes", "else"),
    "t.update": ("out",),
    "t.sleep": ("out",),
    "t.wait": ("came", "timeout"),
    "t.exit": (),
    **dict.fromkeys(CALLS, ("out", "error")),
}
TRAITS = ("big", "paying", "new")


@pytest.fixture(autouse=True)
def own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's clock stays what the test made it: PostgreSQL's own is not asked."""
    monkeypatch.setattr(clock, "sync", lambda cursor: None)


def put_clock(to: datetime) -> None:
    clock._Reading.anchor = (to, time.monotonic())


def drawing(chance: random.Random) -> dict[str, Any]:
    """A random graph without circles, through which most paths are long."""
    kinds = ["t.start", *chance.choices(KINDS, k=chance.randint(5, 16))]
    nodes, edges = [], []
    for at, kind in enumerate(kinds):
        config: dict[str, Any] = {}
        if kind == "t.branch":
            config = {"trait": chance.choice(TRAITS)}
        elif kind == "t.update":
            config = {"traits": {chance.choice(TRAITS): chance.choice([True, False, None])}}
        elif kind == "t.sleep":
            config = {"seconds": chance.randint(2, 40) * 3600}
        elif kind == "t.wait":
            config = {"seconds": chance.randint(2, 40) * 3600, "event": chance.choice(["Paid", "Asked"])}
            if chance.random() < 0.4:
                config["filter"] = chance.choice(["event.properties.n > 2", "customer.traits.big == true"])
        nodes.append((f"n{at}", kind, config))
        last = len(kinds) - 1
        edges += [
            f"n{at}.{port}>n{chance.randint(at + 1, min(at + 3, last))}"
            for port in PORTS[kind]
            if at < last and chance.random() < 0.95
        ]
    return house.graph(*nodes, edges=" ".join(edges), reentry="parallel")


def answer(chance: random.Random) -> Any:
    """What a vendor says: mostly an answer, which may write traits or leave by a way that no line leads from."""
    if chance.random() < 0.25:
        return ConnectorError("It said no.", error_class="status_400", retryable=False, status=400)
    traits = {chance.choice(TRAITS): chance.choice([True, False])} if chance.random() < 0.6 else {}
    port = "out" if chance.random() < 0.9 else "not_found"
    return house.Answer(output={"n": chance.randint(0, 9)}, traits=traits, port=port, summary="as asked", cost=0.5)


def send(space: Any, name: str, chance: random.Random, kind: str = "track") -> None:
    event = house.event(space, "ada", name, n=chance.randint(0, 5))
    said = {chance.choice(TRAITS): chance.choice([True, False, None])}
    if kind == "identify":
        event.type, event.name = "identify", "identify"
        event.payload = {"type": "identify", "userId": "ada", "traits": {**said, "email": "new@example.com"}}
    elif chance.random() < 0.5:
        event.payload["context"] = {"traits": said}
    event.save()


def live(space: Any, document: dict[str, Any], chance: random.Random) -> Run:
    """One customer's real run to its end; events come in while it waits, some wanted and some not."""
    vendor = house.Vendor()
    for node in document["nodes"]:
        vendor.script[node["id"]] = [answer(chance)]
        if chance.random() < 0.2:
            busy = ConnectorError("Busy.", error_class="status_503", retryable=True, status=503)
            vendor.script[node["id"]].insert(0, busy)
    house.flow(space, document)
    put_clock(BEGIN)
    send(space, "Signed Up", chance)
    for _ in range(60):
        asyncio.run(house.engine(vendor, retry_base_s=0.01).drain())
        token = Token.objects.first()
        if token is None:
            return Run.objects.get()
        if token.state != "waiting":
            put_clock(max(token.due_at or clock.now(), clock.now()) + timedelta(seconds=1))
            continue
        assert token.due_at is not None
        left = token.due_at - clock.now()
        if left > timedelta(minutes=30) and chance.random() < 0.75:
            put_clock(clock.now() + left * chance.uniform(0.1, 0.7))
            send(
                space,
                chance.choice(["Paid", "Paid", "Asked", "Asked", "Other"]),
                chance,
                chance.choice(["track"] * 4 + ["identify"]),
            )
        else:
            put_clock(token.due_at)
    raise AssertionError("the run never ended")


def again(run: Run, document: dict[str, Any]) -> Simulation:
    """The same by simulation, from what the real run left in the database."""
    outcomes: dict[str, list[Outcome]] = {}
    for step in Step.objects.filter(run=run, attempts__isnull=False).distinct().order_by("visit"):
        failed = step.status == "failed"
        outcomes.setdefault(step.node, []).append(
            Outcome(
                port="error" if failed else step.port,
                output=step.output,
                traits=step.traits,
                reason=step.reason,
                cost=step.cost,
            )
        )
    first, *others = [arrival(event) for event in Event.objects.order_by("id")]
    customer = Customer.objects.get()
    return simulate(
        graphs.parse(document),
        house.CATALOGUE,
        person=Person(id=customer.id),
        event=Happened(subject=first.subject(), at=first.occurred_at, traits=first.traits()),
        later=[Happened(subject=one.subject(), at=one.occurred_at, traits=one.traits()) for one in others],
        outcomes=outcomes,
    )


@pytest.mark.parametrize("seed", range(30 * TIMES))
def test_a_simulation_gives_the_real_runs_path(space, seed, monkeypatch):
    chance = random.Random(seed)
    document = drawing(chance)
    # The test's vendors answer by a port that their nodes do not draw, too.
    monkeypatch.setattr("flowstudio.domain.simulate.check", lambda *_: None)
    run = live(space, document, chance)
    real = list(Step.objects.filter(run=run).order_by("seq", "id"))
    made = again(run, document)

    def told(step: Any) -> tuple[Any, ...]:
        return (
            step.node, step.visit, step.status, step.port, step.reason, step.flagged, step.reads, step.output,
            step.traits, step.input or None,
        )  # fmt: skip

    assert [told(step) for step in made.steps] == [told(step) for step in real]
    for ours, theirs in zip(made.steps, real, strict=True):
        assert abs(ours.entered_at - theirs.entered_at) < MARGIN
        assert abs(ours.left_at - theirs.left_at) < MARGIN
    assert (made.end.status, made.end.reason) == (run.status, run.reason)
    assert made.cost == pytest.approx(run.cost)
    assert not any(step.assumed for step in made.steps)
    assert made.traits == Customer.objects.get().traits


def onboarded(space: Any, settings: Any, folder: Any) -> list[tuple[Any, Run]]:
    """Eight sign-ups through the sample flow: the real engine, connectors and stand-in vendors, to the last mail."""
    settings.DATA_DIR = folder
    caller = house.caller(space)
    made = flows.create(caller, name="Onboarding", graph=templates.graph_of("onboarding"))
    publishing.publish(caller, made.id, revision=made.draft.revision)
    put_clock(BEGIN)
    for message in itertools.islice(traffic.signups(11), 16):
        said = {key: message[key] for key in ("event", "properties", "traits", "context") if key in message}
        kind = message["type"]
        Event.objects.create(
            workspace=space, source="test", message_id=new_id(), type=kind, name=message.get("event", kind),
            user_id=message["userId"], payload={"type": kind, **said}, digest="", occurred_at=clock.now(),
            received_at=clock.now(),
        )  # fmt: skip
    for _ in range(4):
        asyncio.run(build(Engine, scan_s=0.05, lease_s=10.0, takes_over=False).drain())
        due = Token.objects.filter(state="waiting").order_by("-due_at").values_list("due_at", flat=True).first()
        if due is not None:
            put_clock(due + timedelta(seconds=1))
    return [(caller, run) for run in Run.objects.select_related("customer").order_by("id")]


def test_the_sample_flow_is_simulated_as_it_was_travelled(space, settings, tmp_path):
    use_catalogue(None)
    ends = set()
    for caller, run in onboarded(space, settings, tmp_path):
        real = list(Step.objects.filter(run=run).order_by("seq", "id"))
        called = [step for step in real if step.attempts.exists()]
        outcomes = {
            step.node: [
                {
                    "port": step.port,
                    "output": step.output,
                    "traits": step.traits,
                    "reason": step.reason,
                    "cost": step.cost,
                }
            ]
            for step in called
        }
        first = Event.objects.get(id=run.event_id)
        told = Event.objects.filter(user_id=first.user_id, type="identify").get().payload["traits"]
        sent = {
            "customer": {"id": run.customer_id, "traits": told},
            "event": {"name": first.name, "properties": first.payload.get("properties", {})},
            "at": BEGIN.isoformat(),
            "version": 1,
        }
        made = simulation.of_flow(caller, run.flow_id, {**sent, "outcomes": outcomes})
        assert [
            (s["node"], s["port"], s["status"], s["reason"], s["input"], s["output"], s["traits"])
            for s in made["steps"]
        ] == [(s.node, s.port, s.status, s.reason, s.input, s.output, s.traits) for s in real]
        assert (made["end"]["status"], made["end"]["reason"]) == (run.status, run.reason)
        assert made["traits"] == run.customer.traits
        assert made["cost"] == pytest.approx(run.cost)
        # With nothing chosen, what this flow's runs recorded for the customer stands in: the same way again.
        stored = simulation.of_flow(caller, run.flow_id, {**sent, "customer": run.customer_id})
        assert [step["node"] for step in stored["steps"]] == [step.node for step in real]
        assert stored["assumed"] == len(called)
        ends.add(run.reason if run.reason == "no integration" else real[-1].node)
    assert ends == {"alert_sales", "no integration", "mail_3"}
