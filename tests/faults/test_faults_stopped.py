"""An engine that stands still for longer than its lease does no harm when it goes on (F11, G9)."""

from __future__ import annotations

import signal
import time

import pytest

from flowstudio.store.models import Run, Token
from tests.engine import house, process
from tests.faults import invariants, model
from tests.faults import sink as sinks

LEASE_S = 3.0
PEOPLE = [model.Person(id=f"u{number}", flow="branch", big=number % 2 == 0) for number in range(20)]


def start(space, sink):
    house.flow(space, model.flows(sink.url)["branch"], event="branch")
    return [house.event(space, one.id, "branch", tag=one.id, big=one.big).message_id for one in PEOPLE]


def completed(count):
    return lambda: Run.objects.filter(status="completed").count() == count


def test_f11_stopped_during_its_calls_it_changes_nothing_when_it_wakes(space, sink, tmp_path):
    sink.otherwise = lambda _who, _node, number: sinks.Play(delay_s=0.0 if number else 1.0)
    sent = start(space, sink)
    with process.EngineProcess(tmp_path, sink) as sleeper:
        process.wait_until(lambda: len(sink.entries) >= 5, engine=sleeper)
        sleeper.process.send_signal(signal.SIGSTOP)
        with process.EngineProcess(tmp_path, sink) as other:
            process.wait_until(completed(len(PEOPLE)), engine=other)
            before, requests = invariants.finished(), len(sink.entries)
            sleeper.process.send_signal(signal.SIGCONT)
            time.sleep(2.0)
            invariants.i8_unchanged(before)
            assert len(sink.entries) == requests, "the woken engine called"
        # It lives, and takes up work again.
        late = model.Person(id="late", flow="branch")
        sent.append(house.event(space, late.id, "branch", tag=late.id).message_id)
        process.wait_until(completed(len(PEOPLE) + 1), engine=sleeper)
    invariants.everything([*PEOPLE, late], sink, sent, lease_s=LEASE_S)


@pytest.mark.parametrize("nth", [1, 3])
def test_f11_stopped_before_its_call_it_does_not_call_any_more(space, sink, tmp_path, nth):
    """`sending` is committed, then it stands still; the other one, to whom the run has gone, makes the call alone."""
    sent = start(space, sink)
    with process.EngineProcess(tmp_path, sink, failpoints=f"after_sending=sleep:8@{nth}") as sleeper:
        process.wait_until(lambda: Token.objects.exclude(owner="").exists(), engine=sleeper)
        with process.EngineProcess(tmp_path, sink) as other:
            process.wait_until(completed(len(PEOPLE)), engine=other)
            before, requests = invariants.finished(), len(sink.entries)
            time.sleep(8.0)
            assert sleeper.process.poll() is None
            invariants.i8_unchanged(before)
            assert len(sink.entries) == requests, "the woken engine called"
    assert set(sink.effects().values()) == {1}
    invariants.everything(PEOPLE, sink, sent, lease_s=LEASE_S)
