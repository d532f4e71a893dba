"""A simulation cannot lie: with the outcomes and events of a real run it gives that run's path, reasons and times.

Random graphs are driven by the real engine, whose clock is put forward from timer to timer; what it recorded goes into
the simulation, and the two paths are compared step by step.
"""

from __future__ import annotations

import asyncio
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
