"""Crashes of a real engine process (RELIABILITY F1, F3): each run finishes once, each effect happens once."""

from __future__ import annotations

import json
import random
import signal
import time

import pytest

from flowstudio.engine.carried import effect_key
from flowstudio.store.models import Attempt, Counter, Engine, Event, Run, Step, Token
from tests.engine import house, process


@pytest.fixture
def space(transactional_db):
    return house.workspace()


@pytest.fixture
def sink():
    with process.sink() as made:
        yield made


def document(sink, **config):
    given = {"method": "POST", "body": {"who": "{{ customer.id }}"}, "idempotent": True, **config}
    return house.graph(
        ("enter", "trigger.event", {"event": "Signed Up"}),
        ("first", "http.request", {**given, "url": f"{sink.url}/first"}),
        ("second", "http.request", {**given, "url": f"{sink.url}/second"}),
        ("out", "exit", {"reason": "done"}),
        edges="enter>first first>second second>out",
    )


def check(sink, runs, *, nodes=("first", "second")):
    """I1 to I3, I7, and the counters."""
    assert Run.objects.count() == runs
    assert set(Run.objects.values_list("status", flat=True)) == {"completed"}
    assert not Token.objects.exists()
    assert not Event.objects.filter(status="pending").exists()
    wanted = {effect_key(run, node, 1) for run in Run.objects.values_list("id", flat=True) for node in nodes}
    assert set(sink.by_key()) == wanted
    assert not Attempt.objects.filter(state="sending").exists()
    assert Attempt.objects.filter(state="accepted").count() == runs * len(nodes)
    assert Step.objects.exclude(status="done").count() == 0
    assert Step.objects.count() == runs * (len(nodes) + 2)

    def total(subject, metric):
        return Counter.objects.get(bucket=0, subject=subject, metric=metric).value

    assert (total("run", "completed"), total("run", "active")) == (runs, 0)
    for node in nodes:
        assert (total(f"node:{node}", "done"), total(f"node:{node}", "inside")) == (runs, 0)


def test_f1_kill_9_during_500_runs_each_finishes_once(space, sink, tmp_path):
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    house.flow(space, document(sink))
    for number in range(500):
        house.event(space, f"u{number}")
    kills = 0
    while kills < 6 and Run.objects.filter(status="completed").count() < 500:
        with process.EngineProcess(tmp_path, sink) as engine:
            before = Run.objects.exclude(status="active").count()
            process.wait_until(
                lambda before=before: Run.objects.filter(status="completed").count() > before, engine=engine
            )
            time.sleep(chance.random() * 0.4)
            engine.kill()
            kills += 1
    assert kills > 1
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(lambda: Run.objects.filter(status="completed").count() == 500, engine=engine)
    check(sink, 500)


POINTS = (
    "after_match=kill",
    "before_commit=kill@1",
    "before_commit=kill@2",
    "after_writes=kill@1",
    "after_writes=kill@2",
    "after_writes=kill@3",
    "after_commit=kill@1",
    "after_commit=kill@2",
    "after_sending=kill@1",
    "after_sending=kill@4",
    "after_answer=kill@1",
    "after_answer=kill@4",
)


@pytest.mark.parametrize("point", POINTS)
def test_f1_a_crash_at_each_named_point_leaves_the_old_state_or_the_new(space, sink, tmp_path, point):
    house.flow(space, document(sink))
    for number in range(3):
        house.event(space, f"u{number}")
    with process.EngineProcess(tmp_path, sink, failpoints=point) as engine:
        assert engine.wait_dead() == -signal.SIGKILL
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(lambda: Run.objects.filter(status="completed").count() == 3, engine=engine)
    check(sink, 3)
    # At most those calls that were under way are repeated, and only they are ever in doubt.
    doubtful = {a.key for a in Attempt.objects.filter(state="unknown")}
    assert {key for key, count in sink.by_key().items() if count > 1} <= doubtful
    if not point.startswith(("after_sending", "after_answer", "after_commit", "before_commit", "after_writes")):
        assert not doubtful


@pytest.mark.parametrize("point", ["after_sending=kill", "after_answer=kill"])
def test_f3_what_may_have_happened_and_cannot_be_repeated_is_parked_and_shown(space, sink, tmp_path, point):
    house.flow(space, document(sink, idempotent=False))
    house.event(space, "ada")
    with process.EngineProcess(tmp_path, sink, failpoints=point) as engine:
        assert engine.wait_dead() == -signal.SIGKILL
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(lambda: Token.objects.filter(state="held").exists(), engine=engine)
    assert Attempt.objects.get().state == "unknown"
    assert Step.objects.get(node="first").status == "held"
    assert len(sink.requests) <= 1


def test_g15_sigterm_hands_back_and_ends_in_time(space, sink, tmp_path):
    sink.delay_s = 3.0
    house.flow(space, document(sink))
    for number in range(10):
        house.event(space, f"u{number}")
    with process.EngineProcess(tmp_path, sink, FLOWSTUDIO_LEASE_S="30") as engine:
        process.wait_until(lambda: Attempt.objects.filter(state="sending").count() == 10, engine=engine)
        code, seconds = engine.terminate()
    assert (code, seconds < 8) == (0, True)
    assert set(Token.objects.values_list("owner", flat=True)) <= {""}
    assert Engine.objects.get().stopped_at is not None
    # The calls under way were let finish; nothing is in doubt.
    assert not Attempt.objects.filter(state__in=("sending", "unknown")).exists()
    sink.delay_s = 0.0
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(lambda: Run.objects.filter(status="completed").count() == 10, engine=engine)
    check(sink, 10)
    assert set(sink.by_key().values()) == {1}


def test_logs_carry_verbs_and_ids_and_no_payload(space, sink, tmp_path):
    house.flow(space, document(sink, body={"secret": "hush-hush"}))
    house.event(space, "ada")
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(lambda: Run.objects.filter(status="completed").exists(), engine=engine)
        engine.terminate()
        said = engine.log.read_text()
    began = next(json.loads(line) for line in said.splitlines() if '"event": "engine.started"' in line)
    assert 0 < began["after_s"] < 60
    assert "hush-hush" not in said
