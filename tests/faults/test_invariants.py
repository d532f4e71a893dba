"""The invariants see what is wrong: each is broken once by hand, and must say so."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.engine import clock, programs
from flowstudio.engine.carried import effect_key
from flowstudio.store.models import Attempt, Event, Run, Step, Token
from tests.engine import house
from tests.faults import invariants, model

PEOPLE = [model.Person(id="ada", flow="branch", big=True), model.Person(id="bob", flow="branch")]


@pytest.fixture
def done(space, sink):
    """Two customers who went through the branch flow, with a vendor whose ledger says so."""
    programs.use_catalogue({**CATALOGUE, **house.CATALOGUE})
    document = model.flows(sink.url)["branch"]
    for node in document["nodes"]:
        if node["type"] == "http.request":
            node["type"] = "test.key"
    house.flow(space, document, event="branch")
    sent = [house.event(space, one.id, "branch", tag=one.id, big=one.big).message_id for one in PEOPLE]
    asyncio.run(house.engine(house.Vendor()).drain())
    for run, node in Step.objects.filter(node__in=("gold", "plain")).values_list("run_id", "node"):
        sink.receive(effect_key(run, node, 1), node, "", b"")
    # The model knows the kind that calls by HTTP.
    for node in document["nodes"]:
        if node["type"] == "test.key":
            node["type"] = "http.request"
    Run.objects.get(customer__external_id="ada").version.__class__.objects.update(graph=document)
    Run.objects.update(ended_at=clock.now() + timedelta(seconds=1))
    return sent


def judge(sink, sent):
    invariants.everything(PEOPLE, sink, sent, lease_s=3.0)


def test_all_is_well(done, sink):
    judge(sink, done)


def lost_event(sink):
    Event.objects.filter(user_id="ada").delete()


def pending_event(sink):
    Event.objects.update(status="pending")


def lost_token(sink):
    Run.objects.filter(customer__external_id="ada").update(status="active")


def open_step(sink):
    Step.objects.filter(node="gold").update(status="waiting")


def two_effects(sink):
    sink.honours_keys = False
    sink.receive(sink.entries[0].key, "gold", "", b"")
    sink.honours_keys = True


def another_body(sink):
    sink.receive(sink.entries[0].key, "gold", "", b"other")


def after_the_end(sink):
    Run.objects.update(ended_at=clock.now() - timedelta(seconds=60))


def of_no_step(sink):
    sink.receive("fs-nobody", "gold", "", b"")


def wrong_way(sink):
    Step.objects.filter(node="fork", port="big").update(port="else")


def wrong_end(sink):
    Run.objects.filter(customer__external_id="bob").update(status="exited")


def one_step_less(sink):
    Step.objects.filter(node="out").first().delete()


def never_ended(sink):
    Attempt.objects.update(state="sending", started_at=clock.now() - timedelta(minutes=1))


@pytest.mark.parametrize(
    "harm",
    [lost_event, pending_event, lost_token, open_step, two_effects, another_body, after_the_end, of_no_step, wrong_way,
     wrong_end, one_step_less, never_ended],
)  # fmt: skip
def test_each_harm_is_seen(done, sink, harm):
    harm(sink)
    with pytest.raises(AssertionError):
        judge(sink, done)


def test_i5_a_timer_that_fired_early_is_seen(done, sink):
    step = Step.objects.get(node="gold")
    graph = step.version.graph
    next(node for node in graph["nodes"] if node["id"] == "gold")["type"] = "wait.delay"
    type(step.version).objects.update(graph=graph)
    invariants.i5_no_timer_early()
    Step.objects.filter(id=step.id).update(due_at=step.left_at + timedelta(seconds=1))
    with pytest.raises(AssertionError, match="was left at"):
        invariants.i5_no_timer_early()


def test_i8_a_finished_row_that_changes_is_seen(done, sink):
    before = invariants.finished()
    invariants.i8_unchanged(before)
    Step.objects.filter(node="gold").update(reason="another")
    with pytest.raises(AssertionError, match="finished rows changed"):
        invariants.i8_unchanged(before)


def test_a_token_that_nothing_wakes_is_seen(done, sink):
    run = Run.objects.get(customer__external_id="ada")
    Run.objects.filter(id=run.id).update(status="active", ended_at=None)
    Token.objects.create(run=run, workspace=run.workspace, flow=run.flow, node="gold", state="ready", due_at=None)
    with pytest.raises(AssertionError):
        invariants.i2_no_run_lost(2)
