"""Snapshot + deltas = new snapshot (DESIGN, "How data flows" 6 and 7), with the real engine at work."""

from __future__ import annotations

import asyncio

from django.db import connection, transaction

from flowstudio.domain.errors import ConnectorError
from flowstudio.engine import bell, clock, control, recover
from flowstudio.live.hub import Hub
from flowstudio.services import flows, lifecycle, publishing
from flowstudio.services.caller import Caller
from flowstudio.store.models import Attempt, Customer, Event, Run, Token
from tests.engine import house
from tests.live.viewer import Watching

FLOW = house.graph(
    ("enter", "t.start"), ("call", "test.key", {"a": 1}), ("size", "t.branch", {"trait": "big"}),
    ("wait", "t.wait", {"seconds": 3600}), ("mail", "test.person"), ("out", "t.exit"),
    edges="enter>call call>size size.yes>wait size.else>mail wait.came>mail wait.timeout>out mail>out",
)  # fmt: skip


def caller(room) -> Caller:
    return Caller(workspace_id=room.workspace.id, workspace_slug="ours", role="admin", actor="ann")


def comparable(topic: str, state: dict) -> dict:
    """A missing count is 0; nothing else may differ."""
    if topic.startswith("flow:"):
        counts = {s: {m: n for m, n in metrics.items() if n} for s, metrics in state["counts"].items()}
        return {**state, "counts": {s: metrics for s, metrics in counts.items() if metrics}}
    if topic == "workspace":
        trimmed = {
            flow: {**head, "runs": {m: n for m, n in head["runs"].items() if n}}
            for flow, head in state["flows"].items()
        }
        return {**state, "flows": trimmed}
    return state


async def fresh(room, topics) -> dict[str, dict]:
    """The snapshots of a process that knows nothing yet."""
    hub = Hub()
    await hub.start()
    try:
        async with Watching(hub, room.key("viewer")) as viewer:
            for topic in topics:
                await viewer.subscribe(topic)
            await viewer.until(lambda v: set(v.states) == set(topics))
            return {topic: comparable(topic, viewer.states[topic]) for topic in topics}
    finally:
        await hub.stop()


async def agreed(viewer: Watching, room, topics) -> None:
    """Waits until nothing comes any more, and compares with fresh snapshots, topic by topic.

    A lost ring costs the hub a second, and a heartbeat may write meanwhile: a difference counts when it stays.
    """
    for last in (False, False, True):
        await viewer.settle(1.2 if last else 0.4)
        truth = await fresh(room, topics)
        if not last and all(comparable(topic, viewer.states[topic]) == truth[topic] for topic in topics):
            return
    for topic in topics:
        assert comparable(topic, viewer.states[topic]) == truth[topic], topic


def arrive(room, who: str, name: str = "Signed Up", **properties) -> None:
    house.event(room.workspace, who, name, **properties)
    bell.ring("engine")


async def test_all_four_topics_follow_real_runs(ours, hub, watching, vendor):
    flow = await house.db(lambda: house.flow(ours.workspace, FLOW))
    vendor.script["call"] = [house.Answer(output={}, traits={"big": True}, summary="540 employees")]
    await house.db(lambda: arrive(ours, "ada"))
    engine = house.engine(vendor)
    async with house.working(engine), watching() as viewer:
        run = await house.until(lambda: Run.objects.filter(flow=flow).first())
        person = await house.db(lambda: Customer.objects.get(id=run.customer_id))
        topics = [f"flow:{flow.id}", f"run:{run.id}", f"customer:{person.id}", "workspace"]
        for topic in topics:
            await viewer.subscribe(topic)
        for n in range(12):
            await house.db(lambda n=n: arrive(ours, f"person {n}"))
        await house.until(lambda: Run.objects.filter(flow=flow, status="completed").count() == 12)
        await house.db(lambda: arrive(ours, "ada", "Paid", plan="team"))
        await house.until(lambda: Run.objects.filter(flow=flow, status="completed").count() == 13)
        await agreed(viewer, ours, topics)
        state = viewer.states[f"run:{run.id}"]
        assert state["run"]["status"] == "completed"
        assert [step["node"] for step in sorted(state["steps"].values(), key=lambda s: s["seq"])] == [
            "enter", "call", "size", "wait", "mail", "out",
        ]  # fmt: skip
        assert viewer.states[f"flow:{flow.id}"]["counts"]["run"]["completed"] == 13
        events = viewer.states[f"customer:{person.id}"]["events"].values()
        assert {event["name"] for event in events} == {"Signed Up", "Paid"}


async def test_failures_retries_and_cancelled_runs_are_followed_too(ours, hub, watching, vendor):
    flow = await house.db(lambda: house.flow(ours.workspace, FLOW))
    refused = ConnectorError("No such company.", error_class="status_404", retryable=False)
    busy = ConnectorError("Busy.", error_class="status_503", retryable=True)
    vendor.script["call"] = [busy, *[house.Answer(output={}, traits={"big": n == 1}) for n in range(2)]]
    vendor.script["mail"] = [refused]
    async with house.working(house.engine(vendor)), watching() as viewer:
        await house.db(lambda: arrive(ours, "ada"))
        await house.db(lambda: arrive(ours, "bob"))
        await house.until(lambda: Run.objects.filter(flow=flow).count() == 2)
        runs = await house.db(lambda: list(Run.objects.filter(flow=flow).order_by("id")))
        topics = [f"flow:{flow.id}", "workspace", *(f"run:{run.id}" for run in runs)]
        topics += [f"customer:{run.customer_id}" for run in runs]
        for topic in topics:
            await viewer.subscribe(topic)
        failed = await house.until(lambda: Run.objects.filter(flow=flow, status="failed").first())
        await agreed(viewer, ours, topics)
        vendor.script["mail"] = [busy] * 20
        again = await house.db(lambda: control.retry_run(ours.workspace.id, failed.id, "ann"))
        topics.append(f"run:{again}")
        await viewer.subscribe(topics[-1])
        await house.until(lambda: Token.objects.filter(run_id=again, state="retrying", tries__gt=1).exists())
        for run in await house.db(lambda: list(Run.objects.filter(flow=flow, status="active"))):
            await house.db(lambda run=run: control.cancel_run(ours.workspace.id, run.id, "ann"))
        await house.until(lambda: not Run.objects.filter(flow=flow, status="active").exists())
        await agreed(viewer, ours, topics)


async def test_a_flow_that_people_change_is_followed_from_draft_to_archive(ours, hub, watching, vendor):
    me = caller(ours)
    async with watching() as viewer:
        await viewer.subscribe("workspace")
        await viewer.hear()
        made = await house.db(lambda: flows.create(me, name="Welcome"))
        topics = ["workspace", f"flow:{made.id}", f"flow:{ours.ids['flow_id']}", f"run:{ours.ids['run_id']}"]
        topics.append(f"customer:{ours.ids['customer_id']}")
        for topic in topics[1:]:
            await viewer.subscribe(topic)
        await agreed(viewer, ours, topics)
        assert viewer.states["workspace"]["flows"][made.id]["name"] == "Welcome"
        await house.db(lambda: flows.change(me, ours.ids["flow_id"], {"name": "Onboarding of all"}))
        await agreed(viewer, ours, topics)
        assert viewer.states[f"run:{ours.ids['run_id']}"]["run"]["flow"]["name"] == "Onboarding of all"
        await house.db(lambda: lifecycle.move(me, ours.ids["flow_id"], "pause"))
        await house.db(lambda: lifecycle.move(me, ours.ids["flow_id"], "stop"))
        await agreed(viewer, ours, topics)
        assert viewer.states[f"run:{ours.ids['run_id']}"]["run"]["status"] == "cancelled"
        await house.db(lambda: flows.delete(me, ours.ids["flow_id"]))
        await agreed(viewer, ours, topics)
        assert ours.ids["flow_id"] not in viewer.states["workspace"]["flows"]
        revision = viewer.states[f"flow:{ours.ids['flow_id']}"]["flow"]["draft_revision"]
        await house.db(lambda: publishing.publish(me, ours.ids["flow_id"], revision=revision))
        await agreed(viewer, ours, topics)
        back = viewer.states["workspace"]["flows"][ours.ids["flow_id"]]
        assert (back["state"], back["runs"]["cancelled"]) == ("live", 1)


async def test_an_anonymous_customer_that_turns_out_to_be_known_is_followed(ours, hub, watching, vendor):
    """Its runs and events go to the known one; its own page ends."""
    flow = await house.db(lambda: house.flow(ours.workspace, FLOW))
    vendor.script["call"] = [house.Answer(output={}, traits={"big": True})] * 2

    def send(**fields) -> None:
        # In one transaction: an engine that looks in between would match an event that is not finished yet.
        with transaction.atomic():
            event = house.event(ours.workspace, fields.get("user_id", ""))
            Event.objects.filter(id=event.id).update(**fields)
        bell.ring("engine")

    async with house.working(house.engine(vendor)), watching() as viewer:
        await house.db(lambda: send(anonymous_id="a1", name="Signed Up"))
        run = await house.until(lambda: Run.objects.filter(flow=flow).first())
        await house.until(lambda: Token.objects.filter(run=run, state="waiting").exists())
        await house.db(lambda: send(user_id="zoe", name="Looked"))
        zoe = await house.until(lambda: Customer.objects.filter(external_id="zoe").first())
        topics = [f"run:{run.id}", f"customer:{zoe.id}", f"flow:{flow.id}"]
        for topic in [*topics, f"customer:{run.customer_id}"]:
            await viewer.subscribe(topic)
        await viewer.until(lambda v: len(v.states) == 4)
        assert viewer.states[f"run:{run.id}"]["run"]["customer"]["id"] != zoe.id
        await house.db(lambda: send(user_id="zoe", anonymous_id="a1", name="Looked"))
        await house.until(lambda: Run.objects.get(id=run.id).customer_id == zoe.id)
        await agreed(viewer, ours, topics)
        assert viewer.states[f"run:{run.id}"]["run"]["customer"]["id"] == zoe.id
        assert list(viewer.states[f"customer:{zoe.id}"]["runs"]) == [run.id]
        assert viewer.of(f"customer:{run.customer_id}", "error")


async def test_a_call_whose_run_was_cancelled_meanwhile_is_shown_as_it_ended(ours, hub, watching, vendor):
    vendor.slow = asyncio.Event()
    document = house.graph(("enter", "t.start"), ("call", "slow.call"), edges="enter>call")
    flow = await house.db(lambda: house.flow(ours.workspace, document))
    async with house.working(house.engine(vendor)), watching() as viewer:
        await house.db(lambda: arrive(ours, "ada"))
        sent = await house.until(lambda: Attempt.objects.filter(run__flow=flow, state="sending").first())
        topic = f"run:{sent.run_id}"
        await viewer.subscribe(topic)
        await viewer.hear()
        await house.db(lambda: control.cancel_run(ours.workspace.id, sent.run_id, "ann"))
        await viewer.settle()
        assert viewer.states[topic]["run"]["status"] == "cancelled"
        vendor.slow.set()
        await house.until(lambda: Attempt.objects.get(id=sent.id).state == "accepted")
        await viewer.settle(1.2)
        await agreed(viewer, ours, [topic])


async def test_a_call_that_nobody_can_finish_is_shown_as_unknown(ours, hub, watching):
    run = await house.db(lambda: Run.objects.get(id=ours.ids["run_id"]))
    topic = f"run:{run.id}"

    def orphaned() -> None:
        Attempt.objects.filter(run=run).update(state="sending")

    def closed() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            assert recover.close_orphans(cursor, clock.now(), 60) == 1
        bell.ring("viewers")

    await house.db(orphaned)
    async with watching() as viewer:
        await viewer.subscribe(topic)
        await viewer.hear()
        await house.db(closed)
        await agreed(viewer, ours, [topic])
        states = [attempt["state"] for step in viewer.states[topic]["steps"].values() for attempt in step["attempts"]]
        assert states == ["unknown"]
