"""Effects once, retries, unknown answers, bulkheads (SEMANTICS 10)."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from flowstudio.connectors.base import Answer
from flowstudio.domain.errors import ConnectorError
from flowstudio.engine import clock, control
from flowstudio.engine.slots import Slots
from flowstudio.store.models import Attempt, Flow, Run, Step, Token
from tests.engine import house


def one(kind, *more, edges="enter>call", **config):
    return house.graph(("enter", "t.start"), ("call", kind, config), *more, edges=edges)


def fault(word="status_503", **fields):
    fields.setdefault("retryable", True)
    return ConnectorError("It said no.", error_class=word, **fields)


def attempts(node="call"):
    return list(
        Attempt.objects.filter(step__node=node).order_by("number").values_list("number", "state", "error_class")
    )


def test_r10_6_failed_tries_are_repeated_with_the_same_key_until_one_is_accepted(space, vendor, drain):
    vendor.script["call"] = [fault(), fault("status_429")]
    house.flow(space, one("test.key"))
    house.event(space, "ada")
    drain_all(drain)
    assert attempts() == [(1, "rejected", "status_503"), (2, "rejected", "status_429"), (3, "accepted", "")]
    assert len({request.key for request in vendor.calls}) == 1
    assert [request.attempt for request in vendor.calls] == [1, 2, 3]
    assert Run.objects.get().status == "completed"


def drain_all(drain, **options):
    """Drains until no retry is open any more."""
    drain(**options)
    for _ in range(50):
        if not Token.objects.filter(state="retrying").exists():
            return
        time.sleep(0.03)
        drain(**options)
    raise AssertionError("retries never end")


def test_r10_6_retry_after_is_a_floor_and_the_backoff_grows(space, vendor, drain):
    vendor.script["call"] = [fault(retry_after=300.0)]
    house.flow(space, one("test.key"))
    house.event(space, "ada")
    before = clock.now()
    drain()
    due = Token.objects.get().due_at
    assert timedelta(seconds=300) <= due - before <= timedelta(seconds=335)
    step = Step.objects.get(node="call")
    assert (step.status, step.reason) == ("retrying", "It said no.")
    assert step.due_at == due


def test_r10_6_a_final_error_is_not_repeated_and_takes_the_error_port(space, vendor, drain):
    vendor.script["call"] = [fault("status_404", retryable=False, status=404)]
    document = one("test.key", ("sorry", "test.key"), ("fine", "t.exit"), edges="enter>call call>fine call.error>sorry")
    house.flow(space, document)
    house.event(space, "ada")
    drain()
    assert house.path(Run.objects.get()) == ["enter:done:out", "call:failed:error", "sorry:done:out"]
    assert attempts() == [(1, "rejected", "status_404")]


def test_r10_6_exhausted_enrichment_goes_on_and_a_message_stops_the_run(space, vendor, drain):
    vendor.script["call"] = [fault() for _ in range(10)]
    house.flow(space, one("test.key", ("fine", "t.exit"), edges="enter>call call>fine", retry=2))
    house.event(space, "ada")
    drain_all(drain)
    assert house.path(Run.objects.get()) == ["enter:done:out", "call:failed:out", "fine:done"]
    assert len(attempts()) == 2
    Flow.objects.all().delete()
    house.flow(space, one("test.person", ("fine", "t.exit"), edges="enter>call call>fine", retry=2))
    house.event(space, "bob")
    drain_all(drain)
    run = Run.objects.get()
    assert (run.status, run.reason) == ("failed", "error:status_503")


@pytest.mark.parametrize("kind", ["test.plain", "test.person"])
def test_r10_3_a_lost_answer_parks_what_must_not_be_doubled(space, vendor, drain, kind):
    vendor.script["call"] = [fault("timeout", sent="maybe")]
    house.flow(space, one(kind, ("fine", "t.exit"), edges="enter>call call>fine"))
    house.event(space, "ada")
    drain()
    token = Token.objects.get()
    assert (token.state, token.due_at, token.owner) == ("held", None, "")
    assert attempts() == [(1, "unknown", "timeout")]
    assert Step.objects.get(node="call").status == "held"
    drain()
    assert len(vendor.calls) == 1
    control.retry_run(space.id, Run.objects.get().id, "mia")
    drain()
    assert attempts()[-1] == (2, "accepted", "")
    assert vendor.calls[0].key == vendor.calls[1].key
    assert Run.objects.get().status == "completed"


def test_r10_3_the_author_may_choose_otherwise(space, vendor, drain):
    house.flow(space, one("test.plain", ("fine", "t.exit"), edges="enter>call call>fine", unknown="assume_done"))
    vendor.script["call"] = [fault("timeout", sent="maybe")]
    house.event(space, "ada")
    drain()
    assert Run.objects.get().status == "completed"
    assert attempts() == [(1, "unknown", "timeout")]
    Flow.objects.all().delete()
    house.flow(space, one("test.plain", unknown="retry"))
    vendor.script["call"] = [fault("timeout", sent="maybe")]
    house.event(space, "bob")
    drain_all(drain)
    assert attempts() == [(1, "unknown", "timeout"), (2, "accepted", "")]


@pytest.mark.parametrize(
    ("config", "then"),
    [
        ({"idempotent": True}, "again"),
        ({"idempotent": False}, "held"),
        ({}, "held"),
        ({"method": "GET"}, "again"),
        ({"method": "POST", "idempotent": True, "unknown": "park"}, "again"),
        ({"method": "POST", "unknown": "assume_done"}, "completed"),
        ({"method": "POST", "unknown": "retry"}, "again"),
        ({"method": "POST", "unknown": "nonsense"}, "held"),
        ({"method": "POST", "idempotent": "yes"}, "held"),
    ],
)
@pytest.mark.parametrize("how", ["lost answer", "dead engine"])
def test_r10_3_the_author_says_whether_the_other_side_knows_a_repeat(space, vendor, drain, config, then, how):
    """An action that leaves it to the author (any HTTP request): the node's `idempotent`, then its `unknown`."""
    house.flow(space, one("test.plain", **config))
    house.event(space, "ada")
    if how == "lost answer":
        vendor.script["call"] = [fault("timeout", sent="maybe")]
        drain()
    else:
        died_while_calling(vendor)
        drain()
    if then == "held":
        assert (Token.objects.get().state, len(vendor.calls)) == ("held", 1)
        assert [state for _, state, _ in attempts()] == ["unknown"]
        return
    drain_all(drain)
    assert Run.objects.get().status == "completed"
    wanted = ["unknown", "accepted"] if then == "again" else ["unknown"]
    assert [state for _, state, _ in attempts()] == wanted
    assert len({request.key for request in vendor.calls}) == 1


def died_while_calling(vendor):
    """An engine that is cut off in the middle of a call, as kill -9 does it: the attempt stays `sending`."""

    async def main():
        dying = house.engine(vendor)
        vendor.script["call"] = [lambda _request: asyncio.sleep(3600)]
        task = asyncio.create_task(dying.run())
        await house.until(lambda: Attempt.objects.filter(state="sending").exists())
        await house.until(lambda: vendor.calls)
        for one in dying._tasks:
            one.cancel()
        await asyncio.gather(*dying._tasks, return_exceptions=True)
        dying.stop()
        await task

    asyncio.run(main())
    assert attempts() == [(1, "sending", "")]
    vendor.script.clear()


def test_r10_3_an_idempotent_call_is_repeated_but_not_after_its_key_is_forgotten(space, vendor, drain):
    vendor.script["call"] = [fault("timeout", sent="maybe") for _ in range(2)]
    house.flow(space, one("test.key"))
    house.event(space, "ada")
    drain(retry_base_s=600)
    assert Token.objects.get().state == "retrying"
    Attempt.objects.update(started_at=clock.now() - timedelta(hours=21))
    Token.objects.update(due_at=clock.now())
    drain()
    assert Token.objects.get().state == "held"
    assert len(vendor.calls) == 2


def test_f13_a_drip_feeding_vendor_is_cut_at_the_total_deadline(space, vendor, drain):
    async def drip(_request):
        for _ in range(400):
            await asyncio.sleep(0.05)

    vendor.script["call"] = [drip]
    house.flow(space, one("test.plain"))
    house.event(space, "ada")
    began = time.monotonic()
    drain(lease_s=2.0)
    assert time.monotonic() - began < 4
    assert attempts() == [(1, "unknown", "timeout")]


def test_f17_a_connector_that_breaks_inside_harms_its_own_step_only(space, vendor, drain):
    vendor.script["call"] = [ZeroDivisionError("vendor nonsense")]
    house.flow(space, one("test.plain"))
    house.flow(space, house.graph(("enter", "t.start"), ("other", "test.key"), edges="enter>other"))
    house.event(space, "ada")
    drain()
    assert attempts() == [(1, "unknown", "internal")]
    assert attempts("other") == [(1, "accepted", "")]


def test_g10_a_slow_vendor_fills_only_its_own_slots(space, vendor):
    house.flow(space, one("slow.call"), event="Slow")
    house.flow(space, one("test.key"), event="Quick")
    for number in range(60):
        house.event(space, f"s{number}", "Slow")

    async def main():
        vendor.slow = asyncio.Event()
        slots = Slots(each=5, queue=10)
        async with house.working(house.engine(vendor, slots=slots, max_runs=40)):
            await house.until(lambda: Attempt.objects.filter(state="sending").count() == 5)
            for number in range(20):
                await house.db(lambda n=number: house.event(space, f"q{n}", "Quick"))
            began = time.monotonic()
            await house.until(lambda: Run.objects.filter(status="completed").count() == 20)
            assert time.monotonic() - began < 5
            assert await house.db(lambda: Attempt.objects.filter(state="sending").count()) == 5
            vendor.slow.set()
            await house.until(lambda: Run.objects.filter(status="completed").count() == 80)

    asyncio.run(main())
    assert max(vendor.accepted.values()) == 1
    assert len(vendor.accepted) == 80


def test_r10_2_a_run_keeps_its_slot_while_others_wait_in_line(space, vendor, monkeypatch):
    """Also in a crowd the result of a call and the next `sending` are one commit, and the first come are done first."""
    from flowstudio.engine.commit import Committer

    shared = []
    kept = Committer._moves

    def watched(self, cursor, moves, items):
        shared.extend((m.outcome is not None, m.sending is not None) for m in moves)
        return kept(self, cursor, moves, items)

    monkeypatch.setattr(Committer, "_moves", watched)
    house.flow(space, house.graph(("enter", "t.start"), ("a", "test.key"), ("b", "test.key"), edges="enter>a a>b"))
    for number in range(30):
        house.event(space, f"u{number}")
    asyncio.run(house.engine(vendor, slots=Slots(each=2, queue=100)).drain())
    assert Run.objects.filter(status="completed").count() == 30
    assert shared.count((True, True)) == 30
    nodes = [request.node for request in vendor.calls]
    assert nodes.index("b") < 6
    assert set(vendor.accepted.values()) == {1}


def test_g10_those_who_find_a_crowd_get_turns_as_fast_as_slots_come_free():
    async def main():
        slots = Slots(each=10, queue=2)
        for _ in range(10):
            assert slots.take("x")
        places = [slots.ask("x") for _ in range(2)]
        assert slots.crowded("x")
        turns = [slots.turn_s("x") for _ in range(5)]
        assert turns == sorted(turns)
        # Nothing has come free: ten slots, a second each.
        assert turns[4] - turns[0] == pytest.approx(0.4, abs=0.05)
        assert max(slots.turn_s("x") for _ in range(500)) <= 5.0
        for place in places:
            slots.withdraw("x", place)
        for _ in range(10):
            slots.free("x")
        assert slots.take("x")

    asyncio.run(main())


def test_r10_2_result_and_next_sending_share_a_commit(space, vendor, monkeypatch):
    from flowstudio.engine.commit import Committer

    groups = []
    kept = Committer._moves

    def watched(self, cursor, moves, items):
        groups.append([(m.outcome is not None, m.sending is not None) for m in moves])
        return kept(self, cursor, moves, items)

    monkeypatch.setattr(Committer, "_moves", watched)
    document = house.graph(
        ("enter", "t.start"), ("a", "test.key"), ("mid", "t.branch", {"trait": "x"}), ("b", "test.key"),
        edges="enter>a a>mid mid.else>b",
    )  # fmt: skip
    house.flow(space, document)
    house.event(space, "ada")
    asyncio.run(house.engine(vendor).drain())
    assert groups == [[(False, True)], [(True, True)], [(True, False)]]


@pytest.mark.parametrize("verb", ["cancel", "stop", "pause"])
def test_r10_2_what_is_forbidden_after_the_commit_does_not_leave(space, vendor, monkeypatch, verb):
    """The loop is late between the commit of `sending` and the call: the right to call is asked again."""
    from flowstudio.engine import carry

    flow = house.flow(space, one("test.key"))
    house.event(space, "ada")

    def meddle(name):
        if name != "after_sending":
            return
        carry._FRESH_S = -1.0
        run = Run.objects.get()
        if verb == "cancel":
            control.cancel_run(space.id, run.id, "mia")
        elif verb == "stop":
            Flow.objects.filter(id=flow.id).update(state="stopped")
            control.stop_flow(flow.id, "mia")
        else:
            Flow.objects.filter(id=flow.id).update(state="paused")

    monkeypatch.setattr(carry, "_FRESH_S", carry._FRESH_S)
    monkeypatch.setattr(carry.failpoints, "hit", lambda name: run_in_thread(meddle, name))
    asyncio.run(house.engine(vendor).drain())
    assert vendor.calls == []
    assert [state for _, state, _ in attempts()] == ["not_sent"]
    if verb == "pause":
        monkeypatch.undo()
        Flow.objects.update(state="live")
        asyncio.run(house.engine(vendor).drain())
        assert [state for _, state, _ in attempts()] == ["not_sent", "accepted"]
        assert Run.objects.get().status == "completed"
    else:
        assert Run.objects.get().status == "cancelled"


def run_in_thread(work, *args):
    import threading

    from django.db import connection

    failed = []

    def go():
        try:
            work(*args)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=go)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def test_r2_2_an_effect_already_handed_over_is_recorded_though_the_run_was_cancelled(space, vendor):
    house.flow(space, one("slow.call"))
    house.event(space, "ada")

    async def main():
        vendor.slow = asyncio.Event()
        async with house.working(house.engine(vendor)):
            run = await house.until(lambda: Attempt.objects.filter(state="sending").first() and Run.objects.get())
            await house.db(lambda: control.cancel_run(space.id, run.id, "mia"))
            vendor.slow.set()
            await house.until(lambda: Attempt.objects.get().state == "accepted")

    asyncio.run(main())
    run = Run.objects.get()
    assert (run.status, Step.objects.get(node="call").status) == ("cancelled", "cancelled")


def test_params_of_a_repeat_are_those_of_the_first_try(space, vendor, drain):
    vendor.script["call"] = [fault()]
    house.flow(space, one("test.key", a=1, headers={"Authorization": "Bearer x"}))
    house.event(space, "ada")
    drain_all(drain)
    first, second = vendor.calls
    assert first.params == second.params
    assert Step.objects.get(node="call").input == {"a": 1, "headers": {"Authorization": "•••"}}


def test_answer_is_the_same_value_before_and_after_a_restart(space, vendor, drain):
    vendor.script["a"] = [Answer(output={"n": float("nan"), "k": {1}})]
    document = house.graph(
        ("enter", "t.start"), ("a", "test.key"), ("nap", "t.sleep"), ("b", "test.key"), edges="enter>a a>nap nap>b"
    )
    house.flow(space, document)
    house.event(space, "ada")
    drain()
    assert Step.objects.get(node="a").output == {"n": None, "k": [1]}
