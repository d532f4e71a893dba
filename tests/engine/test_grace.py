"""`match_grace` and traits that the engine itself writes (SEMANTICS 1.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowstudio.connectors.base import Answer
from flowstudio.engine import clock
from flowstudio.store.models import Counter, Event, Run, Step, Token, TraitValue
from tests.engine import house

ONLY_BIG = {"filter": "customer.traits.big == true"}


def refused(flow):
    rows = Counter.objects.filter(flow=flow, bucket=0, subject="run", metric="refused")
    return sum(rows.values_list("value", flat=True))


def writes(how, value=True):
    """A flow whose step writes a trait: a step of its own, or a vendor's answer."""
    if how == "step":
        return house.graph(("enter", "t.start"), ("set", "t.update", {"traits": {"big": value}}), edges="enter>set")
    return house.graph(("enter", "t.start"), ("ask", "test.key"), edges="enter>ask")


@pytest.mark.parametrize("how", ["step", "answer"])
def test_r1_4_a_trait_that_a_step_writes_a_moment_later_counts(space, vendor, drain, how):
    vendor.script["ask"] = [Answer(output={}, traits={"big": True})]
    first = house.flow(space, writes(how))
    second = house.flow(space, house.graph(("enter", "t.start", ONLY_BIG), ("end", "t.exit"), edges="enter>end"))
    event = house.event(space, "ada")
    drain()
    assert sorted(Run.objects.values_list("flow_id", "status")) == sorted(
        [(first.id, "completed"), (second.id, "completed")]
    )
    assert refused(second) == 0
    event.refresh_from_db()
    assert event.status == "done"
    assert {part["flow"] for part in event.outcome} == {first.id, second.id}
    assert all(part.get("run") for part in event.outcome)
    # What the event itself said is not said again, and the trait is written once.
    assert TraitValue.objects.filter(name="big").count() == 1


def test_r1_4_what_stays_false_stays_refused_once(space, vendor, drain):
    house.flow(space, writes("step", value=False))
    other = house.flow(space, house.graph(("enter", "t.start", ONLY_BIG), ("end", "t.exit"), edges="enter>end"))
    event = house.event(space, "ada")
    drain()
    event.refresh_from_db()
    assert (event.status, Run.objects.count(), refused(other)) == ("done", 1, 1)
    assert [part["code"] for part in event.outcome if "code" in part] == ["filter"]


@pytest.mark.parametrize(("minutes", "runs"), [(4, 2), (6, 1)])
def test_r1_4_the_grace_ends(space, vendor, drain, minutes, runs):
    """The trait comes by a step that was asleep meanwhile."""
    house.flow(
        space,
        house.graph(
            ("enter", "t.start"), ("nap", "t.sleep", {"seconds": 1}), ("set", "t.update", {"traits": {"big": True}}),
            edges="enter>nap nap>set",
        ),
    )  # fmt: skip
    house.flow(space, house.graph(("enter", "t.start", ONLY_BIG), ("end", "t.exit"), edges="enter>end"))
    event = house.event(space, "ada")
    drain()
    assert Run.objects.count() == 1
    Event.objects.filter(id=event.id).update(received_at=clock.now() - timedelta(minutes=minutes))
    Token.objects.update(due_at=clock.now())
    Step.objects.filter(left_at=None).update(due_at=clock.now())
    drain()
    assert Run.objects.count() == runs
    assert not Event.objects.filter(status="pending").exists()


def test_r3_5_an_event_that_is_judged_again_wakes_nothing_twice(space, vendor, drain):
    """It began a run that now waits for an event of the same name: that wait is for the next one."""
    house.flow(
        space,
        house.graph(
            ("enter", "t.start"), ("set", "t.update", {"traits": {"big": True}}),
            ("wait", "t.wait", {"event": "Signed Up"}), ("again", "t.exit"), edges="enter>set set>wait wait.came>again",
        ),
    )  # fmt: skip
    house.flow(space, house.graph(("enter", "t.start", ONLY_BIG), ("end", "t.exit"), edges="enter>end"))
    house.event(space, "ada")
    drain()
    assert Run.objects.count() == 2
    assert Step.objects.get(node="wait").status == "waiting"
