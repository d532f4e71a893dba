"""Leases, fencing, takeover, hand-back (SEMANTICS 10.5, 10.9; RELIABILITY G9, G15)."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from flowstudio.domain.errors import Stale
from flowstudio.engine import claim, clock, recover
from flowstudio.engine.advance import let_go
from flowstudio.engine.commit import Committer
from flowstudio.engine.writer import GroupWriter
from flowstudio.store.models import Attempt, Engine, Flow, Run, Token
from tests.engine import house

CALL = house.graph(("enter", "t.start"), ("call", "test.key"), ("out", "t.exit"), edges="enter>call call>out")
NAP = house.graph(("enter", "t.start"), ("nap", "t.sleep"), ("out", "t.exit"), edges="enter>nap nap>out")


def waiting(space, drain, count=1):
    house.flow(space, NAP)
    for number in range(count):
        house.event(space, f"u{number}")
    drain()
    Token.objects.update(due_at=clock.now() - timedelta(seconds=1))


def claimed(owner, limit=100, *, lease=60.0):
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        return claim.claim(cursor, owner=owner, now=now, lease_until=now + timedelta(seconds=lease), limit=limit)


def test_r10_5_a_claim_gives_lease_owner_and_a_new_fence(space, drain):
    waiting(space, drain, 3)
    before = dict(Token.objects.values_list("id", "fence"))
    mine = claimed("a", 2)
    theirs = claimed("b", 2)
    assert (len(mine), len(theirs)) == (2, 1)
    assert not {c.token for c in mine} & {c.token for c in theirs}
    for one in mine + theirs:
        assert one.fence == before[one.token] + 1
    assert claimed("c") == []


def test_claims_are_oldest_first_and_skip_halted_flows(space, drain):
    waiting(space, drain, 4)
    order = list(Token.objects.order_by("id").values_list("id", flat=True))
    for age, token in enumerate(order):
        Token.objects.filter(id=token).update(due_at=clock.now() - timedelta(seconds=age + 1))
    assert [c.token for c in claimed("a", 2)] == [order[3], order[2]] or {c.token for c in claimed("z", 0)} == set()
    Flow.objects.update(state="paused")
    assert claimed("b") == []


def commit(owner, *moves):
    committer = Committer(owner=owner, lease_s=60)

    async def main():
        writer = GroupWriter(committer.flush)
        try:
            return await asyncio.gather(*(writer.put(move) for move in moves), return_exceptions=True)
        finally:
            await asyncio.to_thread(writer.close)

    return asyncio.run(main())


def test_r10_5_a_stale_writer_is_refused_and_its_neighbours_are_not(space, drain):
    waiting(space, drain, 3)
    now = clock.now()
    mine = claimed("a", lease=-1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE store_token SET lease_until = %s WHERE id = %s", ["2000-01-01", mine[0].token])
        cursor.execute("UPDATE store_token SET lease_until = '2999-01-01' WHERE id <> %s", [mine[0].token])
        assert recover.release_expired(cursor, now) == 1
    again = claimed("b")
    assert [c.token for c in again] == [mine[0].token]
    results = commit("a", *(let_go(one, now, due_at=now + timedelta(hours=1)) for one in mine))
    assert isinstance(results[0], Stale)
    assert not any(isinstance(result, Exception) for result in results[1:])
    held = Token.objects.get(id=mine[0].token)
    assert (held.owner, held.fence) == ("b", again[0].fence)
    assert Token.objects.filter(owner="").count() == 2


def test_r10_5_the_slow_worker_returns_and_its_result_is_recorded_but_moves_nothing(space, vendor, drain):
    """The lease expires during the call, another engine finishes the run; the late answer is only put on record."""
    vendor.slow = None
    house.flow(space, house.graph(("enter", "t.start"), ("call", "slow.call"), edges="enter>call"))
    house.event(space, "ada")
    slow, quick = house.Vendor(), house.Vendor()

    async def main():
        slow.slow = asyncio.Event()
        first = house.engine(slow, lease_s=30.0)
        async with house.working(first):
            await house.until(lambda: Attempt.objects.filter(state="sending").exists())

            def taken_over():
                # Again and again: on a busy machine the first one may renew its lease before the second has started.
                late = clock.now() - timedelta(seconds=1)
                Token.objects.filter(owner=first.id).update(lease_until=late)
                return Run.objects.get().status == "completed"

            async with house.working(house.engine(quick, lease_s=8.0)):
                await house.until(taken_over)
            slow.slow.set()
            await asyncio.sleep(0.3)

    asyncio.run(main())
    states = list(Attempt.objects.order_by("number").values_list("number", "state"))
    assert states == [(1, "unknown"), (2, "accepted")]
    assert slow.calls[0].key == quick.calls[0].key
    assert Run.objects.get().steps == 2


def test_r10_5_an_engine_that_lost_a_lease_and_claims_it_itself_goes_on_at_once(space):
    house.flow(space, house.graph(("enter", "t.start"), ("call", "slow.call"), edges="enter>call"))
    house.event(space, "ada")
    vendor = house.Vendor()

    async def main():
        vendor.slow = asyncio.Event()
        async with house.working(house.engine(vendor, lease_s=30.0)) as _:
            await house.until(lambda: Attempt.objects.filter(state="sending").exists())
            await house.db(
                lambda: Token.objects.update(owner="", lease_until=None, fence=F("fence") + 1, due_at=clock.now())
            )
            await house.until(lambda: Attempt.objects.count() == 2, seconds=5)
            vendor.slow.set()
            await house.until(lambda: Run.objects.get().status == "completed", seconds=5)
            await asyncio.sleep(0.1)

    asyncio.run(main())
    assert sorted(Attempt.objects.values_list("number", "state")) == [(1, "unknown"), (2, "accepted")]
    assert len({request.key for request in vendor.calls}) == 1


def test_r10_5_held_leases_are_renewed_and_a_long_call_keeps_its_run(space, vendor):
    house.flow(space, house.graph(("enter", "t.start"), ("call", "test.key"), edges="enter>call"))
    house.event(space, "ada")

    async def later(_request):
        await asyncio.sleep(0.9)
        return house.Answer(output={})

    vendor.script["call"] = [later]

    async def main():
        async with house.working(house.engine(vendor, lease_s=1.6), house.engine(house.Vendor(), lease_s=1.6)):
            await house.until(lambda: Run.objects.filter(status="completed").exists())

    asyncio.run(main())
    assert [a.state for a in Attempt.objects.all()] == ["accepted"]
    assert len(vendor.calls) <= 1


def test_two_engines_share_the_work_and_each_effect_happens_once(space, vendor):
    house.flow(space, CALL)
    for number in range(120):
        house.event(space, f"u{number}")

    async def main():
        async with house.working(house.engine(vendor), house.engine(vendor)):
            await house.until(lambda: Run.objects.filter(status="completed").count() == 120)

    asyncio.run(main())
    assert len(vendor.calls) == 120
    assert set(vendor.accepted.values()) == {1}


def test_g15_a_clean_stop_hands_everything_back_at_once(space, vendor):
    house.flow(space, house.graph(("enter", "t.start"), ("call", "slow.call"), edges="enter>call"))
    for number in range(5):
        house.event(space, f"u{number}")

    async def main():
        vendor.slow = asyncio.Event()
        engine = house.engine(vendor, grace_s=0.3)
        began = 0.0
        async with house.working(engine):
            await house.until(lambda: Attempt.objects.filter(state="sending").count() == 5)
            began = time.monotonic()
        assert time.monotonic() - began < 3

    asyncio.run(main())
    assert set(Token.objects.values_list("owner", flat=True)) == {""}
    assert Engine.objects.get().stopped_at is not None
    quick = house.Vendor()
    asyncio.run(house.engine(quick).drain())
    assert Run.objects.filter(status="completed").count() == 5
    assert Attempt.objects.filter(state="unknown").count() == 5
    assert {request.attempt for request in quick.calls} == {2}


def test_r10_9_the_leases_of_a_dead_engine_on_this_machine_are_released_at_once(space, drain, vendor):
    waiting(space, drain, 2)
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    alive = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "engine"])
    try:
        rows = {}
        for name, pid, host in (
            ("dead", dead.pid, socket.gethostname()),
            ("alive", alive.pid, socket.gethostname()),
            ("far", dead.pid, "another-machine"),
        ):
            rows[name] = Engine.objects.create(host=host, pid=pid, started_at=clock.now(), beat_at=clock.now())
        ids = list(Token.objects.values_list("id", flat=True))
        Token.objects.filter(id=ids[0]).update(owner=rows["dead"].id, lease_until=clock.now() + timedelta(hours=1))
        Token.objects.filter(id=ids[1]).update(owner=rows["alive"].id, lease_until=clock.now() + timedelta(hours=1))
        with transaction.atomic(), connection.cursor() as cursor:
            released = recover.take_over(cursor, "me", host=socket.gethostname(), pid=os.getpid(), now=clock.now())
        assert released == 1
        assert Token.objects.get(id=ids[0]).owner == ""
        assert Token.objects.get(id=ids[1]).owner == rows["alive"].id
        stopped = {name: Engine.objects.get(id=row.id).stopped_at is not None for name, row in rows.items()}
        assert stopped == {"dead": True, "alive": False, "far": False}
    finally:
        alive.kill()
        alive.wait()


def test_i7_an_attempt_that_nobody_can_finish_becomes_unknown(space, vendor, drain):
    house.flow(space, CALL)
    house.event(space, "ada")
    drain()
    Attempt.objects.update(state="sending", started_at=clock.now() - timedelta(minutes=10))
    with transaction.atomic(), connection.cursor() as cursor:
        assert recover.close_orphans(cursor, clock.now(), 60.0) == 1
    assert Attempt.objects.get().state == "unknown"


@pytest.mark.parametrize("waits", [1, 40])
def test_r3_7_event_and_timer_race_and_each_wait_ends_once(space, vendor, waits):
    document = house.graph(
        ("enter", "t.start"), ("wait", "t.wait", {"seconds": 0.4}), ("paid", "test.key"), ("late", "test.key"),
        edges="enter>wait wait.came>paid wait.timeout>late",
    )  # fmt: skip
    house.flow(space, document)
    for number in range(waits):
        house.event(space, f"u{number}")

    async def main():
        async with house.working(house.engine(vendor), house.engine(vendor)):
            await house.until(lambda: Run.objects.count() == waits)
            await asyncio.sleep(0.2)
            for number in range(waits):
                await house.db(lambda n=number: house.event(space, f"u{n}", "Paid"))
            await house.until(lambda: Run.objects.filter(status="completed").count() == waits)

    asyncio.run(main())
    assert len(vendor.calls) == waits
    for run in Run.objects.all():
        assert house.path(run)[1] in ("wait:done:came", "wait:done:timeout")
        assert len(house.path(run)) == 3
