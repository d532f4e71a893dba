"""Anything may happen while people watch, come and go; at the end everybody has seen the same, which is the truth."""

from __future__ import annotations

import random

import pytest
from django.db import transaction

from flowstudio.domain.errors import Conflict, ConnectorError
from flowstudio.engine import bell, control
from flowstudio.live.hub import Hub
from flowstudio.live.limits import Limits
from flowstudio.services import flows, lifecycle
from flowstudio.store.models import Customer, Draft, Event, Run
from tests.engine import house
from tests.live.test_truth import agreed, caller
from tests.live.viewer import Watching

FLOW = house.graph(
    ("enter", "t.start"), ("call", "test.key", {"a": 1}), ("size", "t.branch", {"trait": "big"}),
    ("wait", "t.wait", {"seconds": 1}), ("note", "t.update", {"traits": {"seen": True}}), ("mail", "test.person"),
    ("out", "t.exit"),
    edges="enter>call call>size size.yes>wait size.else>note wait.came>mail wait.timeout>out note>mail mail>out",
)  # fmt: skip
PEOPLE = [f"person {n}" for n in range(6)]


class Storm:
    """Chooses what happens next, always the same for one seed."""

    def __init__(self, room, flow, vendor, seed: int) -> None:
        self.room, self.flow, self.vendor = room, flow, vendor
        self.chance = random.Random(seed)

    def step(self) -> None:
        deeds = [self.arrive] * 8 + [self.pay] * 3 + [self.meet, self.cancel, self.retry, self.rename, self.move]
        self.chance.choice(deeds)()
        self.vendor.script["call"] = [self._answer() for _ in range(4)]
        self.vendor.script["mail"] = [self._answer() for _ in range(4)]

    def _answer(self):
        sort = self.chance.random()
        if sort < 0.15:
            return ConnectorError("No.", error_class="status_400", retryable=False)
        if sort < 0.3:
            return ConnectorError("Busy.", error_class="status_503", retryable=True)
        return house.Answer(output={}, traits={"big": sort < 0.7, "name": f"N{sort:.1f}"})

    def _send(self, name: str, **fields) -> None:
        with transaction.atomic():
            event = house.event(self.room.workspace, "")
            Event.objects.filter(id=event.id).update(name=name, **fields)
        bell.ring("engine")

    def arrive(self) -> None:
        who = {"user_id": self.chance.choice(PEOPLE)} if self.chance.random() < 0.7 else {"anonymous_id": "a"}
        self._send("Signed Up", **who)

    def pay(self) -> None:
        self._send("Paid", user_id=self.chance.choice(PEOPLE))

    def meet(self) -> None:
        self._send("Looked", user_id=self.chance.choice(PEOPLE), anonymous_id="a")

    def _some_run(self, **fields) -> Run | None:
        return self.chance.choice([*Run.objects.filter(flow=self.flow, **fields).order_by("id"), None])

    def cancel(self) -> None:
        self._try(lambda run: control.cancel_run(run.workspace_id, run.id, "ann"), self._some_run(status="active"))

    def retry(self) -> None:
        self._try(lambda run: control.retry_run(run.workspace_id, run.id, "ann"), self._some_run())

    def _try(self, deed, run: Run | None) -> None:
        if run is None:
            return
        try:
            deed(run)
        except Conflict:
            return

    def rename(self) -> None:
        flows.change(caller(self.room), self.flow.id, {"name": f"Flow {self.chance.random():.2f}"})

    def move(self) -> None:
        try:
            lifecycle.move(
                caller(self.room), self.flow.id, self.chance.choice(["pause", "resume", "close-entry", "open-entry"])
            )
        except Conflict:
            return

    def topics(self) -> list[str]:
        runs = [f"run:{run}" for run in Run.objects.filter(flow=self.flow).values_list("id", flat=True)]
        people = Customer.objects.filter(workspace=self.room.workspace).values_list("id", flat=True)
        return [*runs, *(f"customer:{person}" for person in people)]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_storm(ours, hub, watching, vendor, seed):
    flow = await house.db(lambda: house.flow(ours.workspace, FLOW))
    await house.db(lambda: Draft.objects.create(flow=flow, graph=FLOW))
    storm = Storm(ours, flow, vendor, seed)
    # Another process, with little memory for those who come back.
    second = Hub(Limits(gap_s=0.02, ring_messages=3, queue_messages=2, linger_s=0.1))
    await second.start()
    always = [f"flow:{flow.id}", "workspace"]
    viewers = [Watching(place, ours.key("viewer")) for place in (hub, second, second)]
    for viewer in viewers:
        await viewer.__aenter__()
        for topic in always:
            await viewer.subscribe(topic)
    async with house.working(house.engine(vendor)):
        for number in range(70):
            await house.db(storm.step)
            viewer = storm.chance.choice(viewers)
            known = await house.db(storm.topics)
            if known and number % 2:
                topic = storm.chance.choice(known)
                await viewer.subscribe(topic, after=viewer.cursors.get(topic))
            if number % 9 == 8:
                await returns(viewers, storm, hub, second, ours)
            if number % 3 == 2:
                await viewer.settle(0.01)
    for viewer in viewers:
        await viewer.settle()
        watched = [topic for topic in viewer.states if viewer.last(topic)["type"] != "error"]
        assert set(always) <= set(watched)
        await agreed(viewer, ours, watched)
        await viewer.__aexit__()
    await second.stop()


async def returns(viewers: list[Watching], storm: Storm, hub: Hub, second: Hub, room) -> None:
    """One viewer loses its line and comes back, to either process, with the cursors it has."""
    place = storm.chance.randrange(len(viewers))
    old = viewers[place]
    await old.settle(0.01)
    await old.__aexit__()
    await house.db(storm.step)
    new = viewers[place] = Watching(storm.chance.choice([hub, second]), room.key("viewer"))
    new.states, new.cursors = dict(old.states), dict(old.cursors)
    await new.__aenter__()
    for topic in list(new.states):
        if old.last(topic)["type"] == "error":
            del new.states[topic], new.cursors[topic]
        else:
            await new.subscribe(topic, after=new.cursors[topic])
