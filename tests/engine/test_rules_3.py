"""Waiting (SEMANTICS 3): what tests/engine/test_match.py and test_runs.py do not show yet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import parse
from flowstudio.domain.validate import validate
from flowstudio.engine import bell
from flowstudio.store.models import Event, Run, Step
from tests.engine import house
from tests.engine.stage import START, sketch


def wait(*events, timeout="30d", **more):
    branches = [{"id": f"b{n}", "name": "", "event": event, "filter": ""} for n, event in enumerate(events)]
    return ("wait", "wait.event", {"branches": branches, "timeout": timeout, **more})


@pytest.mark.parametrize("timeout", ["", "366d", "soon", None])
def test_r3_1_a_finite_timeout_of_at_most_365_days_is_compulsory(timeout):
    name, kind, config = wait("Paid")
    config = {**config, "timeout": timeout} if timeout is not None else {"branches": config["branches"]}
    issues = validate(parse(sketch((name, kind, config), edges="enter>wait")), CATALOGUE)
    assert [(i.severity, i.field) for i in issues if i.node == "wait" and i.severity == "error"] == [
        ("error", "timeout")
    ]


def test_r3_1_a_wait_leaves_by_its_branch_or_by_its_timeout(play):
    play.flow(sketch(wait("Paid", "Cancelled"), edges="enter>wait", reentry="parallel"))
    for who in ("ada", "bob", "cyd"):
        play.send(who)
    play.go()
    play.send("ada", "Paid")
    play.send("bob", "Cancelled")
    play.go(days=1)
    play.go(days=29)
    ports = dict(Step.objects.filter(node="wait").values_list("run__customer__external_id", "port"))
    assert ports == {"ada": "b0", "bob": "b1", "cyd": "timeout"}
    assert Step.objects.get(node="wait", port="timeout").left_at == START + timedelta(days=30)


def test_r3_3_of_events_that_are_there_already_the_first_that_occurred_wins(play):
    """Both arrive while the run is still before its wait: read again at the arrival, the order of occurrence counts."""
    seen = {}

    async def meanwhile(_request):
        seen["late"] = await house.db(lambda: Event.objects.create(**row("Paid", 1)))
        seen["early"] = await house.db(lambda: Event.objects.create(**row("Cancelled", 2)))

    def row(name, seconds):
        who = Run.objects.get().customer
        made = house.event(play.space, who.external_id, name, at=play.now - timedelta(seconds=seconds))
        values = {f.attname: getattr(made, f.attname) for f in Event._meta.fields if f.attname != "id"}
        made.delete()
        return {**values, "status": "done", "customer_id": who.id}

    play.vendor.script["ask"] = [meanwhile]
    play.flow(sketch(("ask", "test.key"), wait("Paid", "Cancelled"), edges="enter>ask ask>wait"))
    play.send("ada")
    play.go()
    play.go()
    assert seen["late"].id < seen["early"].id
    assert play.step("wait").port == "b1"


def test_r3_4_order_a_is_not_ended_by_order_bs_payment(play):
    name, kind, config = wait("Paid")
    config["branches"][0]["filter"] = "event.properties.order == run.event.properties.order"
    play.flow(sketch((name, kind, config), edges="enter>wait", correlation="event.properties.order"))
    play.send("ada", order="A")
    play.send("ada", order="B")
    play.go()
    play.send("ada", "Paid", order="B")
    play.go(hours=1)
    assert dict(Run.objects.values_list("correlation", "status")) == {"A": "active", "B": "completed"}


def test_r3_9_due_work_is_found_without_any_bell(play, monkeypatch):
    monkeypatch.setattr(bell, "ring", lambda *_args, **_more: None)
    play.flow(sketch(wait("Paid"), ("nap", "wait.delay", {"for": "1h"}), edges="enter>wait wait.b0>nap"))
    play.send("ada")
    play.go()
    play.send("ada", "Paid")
    play.go(minutes=1)
    play.go(hours=1)
    assert house.path(play.run()) == ["enter:done:out", "wait:done:b0", "nap:done:out"]


def test_a_late_event_inside_an_expired_wait_does_not_bring_it_back(play):
    play.flow(sketch(wait("Paid", timeout="1h"), edges="enter>wait"))
    play.send("ada")
    play.go()
    play.go(hours=2)
    play.send("ada", "Paid", occurred=START + timedelta(minutes=30))
    play.go()
    assert play.step("wait").port == "timeout"
