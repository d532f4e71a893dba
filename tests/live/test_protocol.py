"""CONTRACT "Live", from outside: what is asked, what comes, and what bounds it (SECURITY S18)."""

from __future__ import annotations

import asyncio
import json
import logging
import time

import pytest
from django.db import connection, transaction

from flowstudio.engine import bell
from flowstudio.engine.tally import Tally
from flowstudio.live.hub import Hub
from flowstudio.live.limits import Limits
from flowstudio.store.models import Feed, Flow, Run
from tests.engine import house
from tests.live.viewer import Watching


def commit(room, *, times: int = 1, subject: str = "node:pause", lines: int = 0, ring: bool = True) -> None:
    """`times` group commits as the engine makes them, each with one customer entering a node."""
    for number in range(times):
        with transaction.atomic(), connection.cursor() as cursor:
            tally = Tally()
            tally.count(room.workspace.id, room.ids["flow_id"], 1, subject, "entered")
            for n in range(lines):
                who = {"id": f"c{number}x{n}", "name": "Ann", "email": "ann@example.com"}
                line = {"run": f"r{number}x{n}", "customer": who, "node": "pause", "status": "active", "state": "ready",
                        "sentence": "Entered", "at": "2026-03-02T09:00:00+00:00"}  # fmt: skip
                tally.line(room.workspace.id, room.ids["flow_id"], line)
            tally.write(cursor, house.clock.now())
    if ring:
        bell.ring("viewers")


def entered(viewer, topic: str, subject: str = "node:pause") -> int:
    return viewer.states[topic]["counts"].get(subject, {}).get("entered", 0)


@pytest.fixture
def flow(ours) -> str:
    return f"flow:{ours.ids['flow_id']}"


async def test_a_snapshot_comes_first_and_deltas_follow_in_cursor_order(ours, watching, flow):
    async with watching() as viewer:
        await viewer.subscribe(flow)
        first = await viewer.hear()
        assert (first["topic"], first["type"], first["cursor"]) == (flow, "snapshot", 0)
        assert first["state"]["flow"] == {
            "id": ours.ids["flow_id"], "name": "ours flow", "state": "live", "version": 1, "draft_revision": 3,
        }  # fmt: skip
        assert first["state"]["counts"] == {"run": {"active": 1}}
        (line,) = first["state"]["stream"].values()
        assert (line["run"], line["node"], line["status"], line["state"]) == (
            ours.ids["run_id"], "pause", "active", "waiting",
        )  # fmt: skip
        assert line["customer"] == {"id": ours.ids["customer_id"], "name": "Ann", "email": "ann@ours.example"}
        for n in range(1, 4):
            await house.db(lambda: commit(ours))
            delta = await viewer.hear()
            assert (delta["topic"], delta["type"]) == (flow, "delta")
            assert delta["changes"] == [{"op": "add", "path": ["counts", "node:pause", "entered"], "value": 1}]
            assert entered(viewer, flow) == n


async def test_a_ring_wakes_at_once_and_a_lost_one_costs_a_second(ours, watching, flow):
    async with watching() as viewer:
        await viewer.subscribe(flow)
        await viewer.hear()
        await asyncio.sleep(0.2)
        await house.db(lambda: commit(ours))
        rung = time.monotonic()
        await viewer.hear()
        assert time.monotonic() - rung < 0.5
        await house.db(lambda: commit(ours, ring=False))
        await viewer.hear(timeout=3)
        assert entered(viewer, flow) == 2


async def test_many_commits_are_told_at_most_ten_times_a_second_and_counts_are_complete(ours, watching, flow):
    async with watching() as viewer:
        await viewer.subscribe(flow)
        await viewer.hear()
        began = time.monotonic()
        at: list[float] = []
        async with asyncio.TaskGroup() as group:
            group.create_task(house.db(lambda: [commit(ours, subject="node:a") for _ in range(400)]))
            while entered(viewer, flow, "node:a") < 400:
                await viewer.hear()
                at.append(time.monotonic() - began)
        for n, moment in enumerate(at[10:]):
            assert moment - at[n] > 0.95, "eleven messages need more than a second"
        assert entered(viewer, flow, "node:a") == 400


async def test_single_steps_are_sampled_at_volume_and_say_so(ours, watching, flow):
    async with watching() as viewer:
        await viewer.subscribe(flow)
        assert (await viewer.hear())["state"]["sampled"] is False
        await house.db(lambda: commit(ours, times=3, lines=60))
        await viewer.settle()
        state = viewer.states[flow]
        assert (len(state["stream"]), state["sampled"]) == (40, True)
        assert entered(viewer, flow) == 3


async def test_who_comes_back_with_a_cursor_misses_nothing_and_gets_no_snapshot(ours, hub, watching, flow):
    async with watching() as stays, watching() as goes:
        for viewer in (stays, goes):
            await viewer.subscribe(flow)
            await viewer.hear()
        await house.db(lambda: commit(ours))
        await goes.hear()
        await goes.say({"unsubscribe": flow})
        for _ in range(3):
            await house.db(lambda: commit(ours))
            await stays.settle(0.2)
        assert await goes.silent(0.1)
        cursor = goes.cursors[flow]
        async with watching() as back:
            back.states[flow], back.cursors[flow] = goes.states[flow], cursor
            await back.subscribe(flow, after=cursor)
            await back.until(lambda v: entered(v, flow) == 4)
            assert {m["type"] for m in back.messages} == {"delta"}
            assert back.states == {flow: stays.states[flow]}
            # Nothing was missed since: nothing comes.
            await back.say({"unsubscribe": flow})
            await back.subscribe(flow, after=back.cursors[flow])
            assert await back.silent()
            await house.db(lambda: commit(ours))
            assert (await back.hear())["type"] == "delta"


@pytest.mark.parametrize("after", [10**12, -1, "x", None, True, 1.5, {"a": 1}])
async def test_a_cursor_that_says_nothing_gives_a_snapshot(ours, watching, flow, after):
    async with watching() as viewer:
        await viewer.say({"subscribe": flow, "after": after})
        assert (await viewer.hear())["type"] == "snapshot"


async def test_asking_again_for_what_is_watched_brings_nothing_twice(ours, watching, flow):
    async with watching() as viewer:
        await viewer.subscribe(flow)
        await viewer.hear()
        for _ in range(3):
            await house.db(lambda: commit(ours))
            await viewer.settle(0.2)
        await viewer.subscribe(flow, after=viewer.of(flow)[0]["cursor"])
        assert await viewer.silent()
        await viewer.subscribe(flow)
        assert (await viewer.hear())["type"] == "snapshot"
        assert entered(viewer, flow) == 3


async def test_a_cursor_inside_a_delta_gives_a_snapshot(ours, watching, flow):
    async with watching() as first, watching() as second:
        await first.subscribe(flow)
        await first.hear()
        await house.db(lambda: commit(ours, times=3))
        await first.hear()
        inside = await house.db(lambda: Feed.objects.order_by("id")[1].id)
        assert inside < first.cursors[flow]
        await second.subscribe(flow, after=inside)
        assert (await second.hear())["type"] == "snapshot"
        assert second.states == first.states


async def test_after_a_restart_a_viewer_gets_the_truth(ours, flow):
    states = []
    cursor = None
    for n in range(2):
        hub = Hub()
        await hub.start()
        async with Watching(hub, ours.key("viewer")) as viewer:
            await viewer.subscribe(flow, after=cursor)
            first = await viewer.hear()
            assert first["type"] == "snapshot"
            assert entered(viewer, flow) == n * 2
            await house.db(lambda: commit(ours))
            await viewer.hear()
            cursor = viewer.cursors[flow]
            states.append(viewer.states[flow])
        await hub.stop()
        await house.db(lambda: commit(ours))
    assert entered(viewer, flow) == 3


async def test_a_cursor_of_another_process_goes_on_in_this_one(ours, hub, watching, flow):
    """Cursors are ids of the feed, so it does not matter which process gave them."""
    other = Hub()
    await other.start()
    async with watching() as here, Watching(other, ours.key("viewer")) as there:
        for viewer in (here, there):
            await viewer.subscribe(flow)
            await viewer.hear()
        for _ in range(3):
            await house.db(lambda: commit(ours))
            await here.settle(0.15)
        await there.settle(0.15)
        await house.db(lambda: commit(ours))
        await here.settle()
        async with watching() as back:
            back.states[flow], back.cursors[flow] = there.states[flow], there.cursors[flow]
            await back.subscribe(flow, after=there.cursors[flow])
            await back.settle()
            assert back.states[flow] == here.states[flow]
        await there.settle()
        assert here.states[flow] == there.states[flow]
    await other.stop()


async def test_a_viewer_that_is_far_behind_gets_one_snapshot(ours, flow):
    hub = Hub(Limits(rows=5))
    await hub.start()
    async with Watching(hub, ours.key("viewer")) as viewer:
        await viewer.subscribe(flow)
        await viewer.hear()
        await house.db(lambda: commit(ours, times=30))
        assert (await viewer.hear())["type"] == "snapshot"
        await viewer.settle()
        assert entered(viewer, flow) == 30
    await hub.stop()


async def test_a_slow_reader_is_given_a_snapshot_instead_of_a_pile(ours, watching, flow):
    """The connection takes nothing for a while: what waits for it stays bounded, and the truth comes out."""
    hub = Hub(Limits(gap_s=0.001, queue_messages=5))
    await hub.start()
    gate = asyncio.Event()
    viewer = Watching(hub, ours.key("viewer"))
    inner = viewer.line.application

    async def stuck(scope, receive, send):
        async def slow(message):
            if message["type"] == "websocket.send" and viewer.messages:
                await gate.wait()
            await send(message)

        await inner(scope, receive, slow)

    viewer.line.application = stuck
    async with viewer:
        await viewer.subscribe(flow)
        await viewer.hear()
        for _ in range(60):
            await house.db(lambda: commit(ours))
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)
        gate.set()
        await viewer.settle()
        assert entered(viewer, flow) == 60
        assert len(viewer.of(flow, "snapshot")) >= 2
        assert len(viewer.messages) < 12
    await hub.stop()


async def test_nothing_is_read_while_nobody_watches(ours, flow, monkeypatch):
    from flowstudio.store.queries import feed

    looks = []
    real = feed.since
    monkeypatch.setattr(feed, "since", lambda *args: looks.append(1) or real(*args))
    hub = Hub(Limits(linger_s=0.2, poll_s=0.05))
    await hub.start()
    await house.db(lambda: commit(ours))
    await asyncio.sleep(0.3)
    assert not looks
    async with Watching(hub, ours.key("viewer")) as viewer:
        await viewer.subscribe(flow)
        await viewer.hear()
        await asyncio.sleep(0.3)
        assert looks
    await asyncio.sleep(0.6)
    looks.clear()
    await house.db(lambda: commit(ours))
    await asyncio.sleep(0.3)
    assert not looks
    await hub.stop()


async def test_fifty_viewers_cost_one_look(ours, hub, watching, flow, monkeypatch):
    from flowstudio.services import live

    reads = []
    real = live.snapshot
    monkeypatch.setattr(live, "snapshot", lambda *args: reads.append(args) or real(*args))
    viewers = [watching() for _ in range(50)]
    for viewer in viewers:
        await viewer.__aenter__()
        await viewer.subscribe(flow)
    for viewer in viewers:
        await viewer.hear()
    assert len(reads) == 1
    await house.db(lambda: commit(ours))
    for viewer in viewers:
        await viewer.hear()
        assert entered(viewer, flow) == 1
        await viewer.__aexit__()


BAD = [
    "{", "", "nonsense", "[]", "null", "1", '"flow:1"', "{}", '{"subscribe": 1}', '{"subscribe": null}',
    '{"subscribe": "flow"}', '{"subscribe": "flow:"}', '{"subscribe": "flow:a b"}', '{"subscribe": "flow:\\u0000"}',
    '{"subscribe": "teapot:1"}', '{"subscribe": "workspace:1"}', '{"subscribe": "workspace", "unsubscribe": "workspace"}',
    '{"unsubscribe": ["workspace"]}', "[" * 2000, '{"subscribe": "' + "x" * 5000 + '"}', b"\x00\xff", "9" * 2000,
]  # fmt: skip


async def test_whatever_is_sent_gets_a_sentence_and_the_connection_lives(ours, watching, flow, caplog):
    with caplog.at_level(logging.WARNING):
        async with watching() as viewer:
            for bad in BAD:
                await viewer.say(bad)
                answer = await viewer.hear()
                assert answer["type"] == "error", bad
                assert answer["message"][0].isupper()
                assert answer["message"].endswith(".")
                assert len(json.dumps(answer)) < 500
            await viewer.say({"unsubscribe": flow})
            await viewer.subscribe(flow)
            assert (await viewer.hear())["type"] == "snapshot"
    assert not caplog.records


async def test_a_flood_is_closed_with_a_reason(ours, flow):
    hub = Hub(Limits(burst=30, per_second=1))
    await hub.start()
    async with Watching(hub, ours.key("viewer")) as viewer:
        await viewer.subscribe(flow)
        await viewer.hear()
        for _ in range(40):
            await viewer.say({"unsubscribe": "workspace"})
        answer = await viewer.hear()
        assert (answer["topic"], answer["type"]) == (flow, "error")
        assert "too many" in answer["message"]
        assert await viewer.hear() == {}
        assert viewer.code == 4429
    await hub.stop()


async def test_a_connection_watches_two_hundred_topics_and_no_more(ours, hub, watching):
    ids = await house.db(lambda: [Flow.objects.create(workspace=ours.workspace, name="x").id for _ in range(201)])
    async with watching() as viewer:
        for each in ids:
            await viewer.subscribe(f"flow:{each}")
        for _ in ids:
            await viewer.hear()
        refused = [m for m in viewer.messages if m["type"] == "error"]
        assert [m["topic"] for m in refused] == [f"flow:{ids[-1]}"]
        assert "200" in refused[0]["message"]
        assert len(viewer.states) == 200


async def test_one_caller_has_so_many_connections_and_the_process_too(ours):
    for bound in ("connections", "connections_each"):
        hub = Hub(Limits(**{bound: 2}))
        await hub.start()
        async with Watching(hub, ours.key("viewer")), Watching(hub, ours.key("viewer")) as second:
            assert await Watching(hub, ours.key("viewer")).refused()
            assert await second.silent(0.05)
        async with Watching(hub, ours.key("viewer")):
            pass
        await hub.stop()


async def test_an_idle_connection_is_closed(ours, flow):
    hub = Hub(Limits(idle_s=1, recheck_s=0.1))
    await hub.start()
    async with Watching(hub, ours.key("viewer")) as busy, Watching(hub, ours.key("viewer")) as idle:
        await busy.subscribe(flow)
        await busy.hear()
        assert (await idle.hear())["type"] == "error"
        assert await idle.hear() == {}
        assert idle.code == 4408
        assert await busy.silent()
    await hub.stop()


async def test_what_is_deleted_is_refused_from_then_on(ours, watching):
    topic = f"run:{ours.ids['run_id']}"
    async with watching() as viewer:
        await viewer.subscribe(topic)
        await viewer.hear()

        def prune() -> None:
            Run.objects.filter(id=ours.ids["run_id"]).delete()
            with transaction.atomic(), connection.cursor() as cursor:
                tally = Tally()
                tally.run(ours.workspace.id, ours.ids["flow_id"], ours.ids["run_id"], ours.ids["customer_id"])
                tally.write(cursor, house.clock.now())
            bell.ring("viewers")

        await house.db(prune)
        answer = await viewer.hear()
        assert (answer["topic"], answer["type"]) == (topic, "error")


async def test_the_database_may_be_away_for_a_while(ours, hub, watching, flow, monkeypatch):
    from django.db import OperationalError

    from flowstudio.store.queries import feed

    real = feed.since
    away = {"left": 2}

    def sometimes(*args):
        if away["left"]:
            away["left"] -= 1
            raise OperationalError("gone")
        return real(*args)

    async with watching() as viewer:
        await viewer.subscribe(flow)
        await viewer.hear()
        monkeypatch.setattr(feed, "since", sometimes)
        await house.db(lambda: commit(ours, times=2))
        await viewer.hear(timeout=10)
        assert entered(viewer, flow) == 2
