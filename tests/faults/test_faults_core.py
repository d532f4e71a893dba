"""kill -9 of a real engine under load, at random and at every named point: all invariants hold (F1, F3, F5, F12)."""

from __future__ import annotations

import signal
import time

import pytest

from flowstudio.store.models import Engine
from tests.engine import process
from tests.faults import sink as sinks
from tests.faults.conftest import ALL
from tests.faults.load import Load

LEASE_S = 3.0
KILLS, PEOPLE, ROUNDS = (30, 200, 4) if ALL else (9, 60, 1)


def finish(load, folder, sink):
    """An engine that nobody kills takes everything to its end."""
    load.enter(len(load.people))
    with process.EngineProcess(folder, sink) as engine:
        done = load.drive(60, lambda: engine.process.poll() is None)
        if not done:
            raise AssertionError(f"not over\n{load.said()}\n{engine.log.read_text()[-3_000:]}")
    load.check(lease_s=LEASE_S)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_f1_random_kills_under_load_leave_every_run_where_the_model_says(space, sink, tmp_path, seed, round_):
    seed += round_
    sink.otherwise = sinks.drawn(seed)
    load = Load(space, sink, people=PEOPLE, seed=seed)
    for _ in range(KILLS):
        load.enter(max(1, PEOPLE // KILLS))
        with process.EngineProcess(tmp_path, sink) as engine:
            if load.chance.random() < 0.2:
                # While it starts, or recovers what the last one left.
                time.sleep(load.chance.random() * 2)
            else:
                before = Engine.objects.count()
                process.wait_until(lambda before=before: Engine.objects.count() > before, engine=engine)
                load.drive(load.chance.random() * 1.5)
            engine.kill()
        load.check_meanwhile()
    finish(load, tmp_path, sink)


# Each point of the engine that this load comes to, and at its how manieth time it kills.
POINTS = {
    "after_match": (1, 3),
    "before_commit": (2, 9),
    "after_writes": (3, 11),
    "after_commit": (1, 4),
    "after_sending": (2, 7),
    "after_answer": (2, 9),
    "before_join": (1, 3),
    "carry:again": (2,),
    "carry:nap": (1,),
    "answered:after": (1,),
    "answered:ping": (2,),
}
CORE = [f"{name}=kill@{times[0]}" for name, times in POINTS.items()]
REST = [f"{name}=kill@{n}" for name, times in POINTS.items() for n in times[1:]]


@pytest.mark.parametrize("point", CORE + (REST if ALL else []))
def test_f1_a_kill_at_each_named_point_under_load(space, sink, tmp_path, seed, point):
    sink.otherwise = sinks.drawn(seed)
    load = Load(space, sink, people=PEOPLE if ALL else 20, seed=seed)
    load.enter(len(load.people) // 2)
    with process.EngineProcess(tmp_path, sink, failpoints=point) as engine:
        load.drive(12, lambda: engine.process.poll() is None)
        died = engine.process.poll()
        assert died == -signal.SIGKILL, f"{load.said()}\n{engine.log.read_text()[-3_000:]}"
    load.check_meanwhile()
    finish(load, tmp_path, sink)
