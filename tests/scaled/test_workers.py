"""The same engine inside Celery workers, on PostgreSQL and Redis (RELIABILITY G2, G4, G6, G15; F1, F7)."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from flowstudio.engine.carried import effect_key
from tests.scaled.stack import check, children


def document(sink, **config):
    """Two calls in a row, the second after the first."""
    given = {"method": "POST", "body": {"who": "{{ customer.id }}"}, "idempotent": True, **config}
    nodes = [
        {"id": "enter", "type": "trigger.event", "name": "Signed up", "config": {"event": "Signed Up"}},
        {"id": "first", "type": "http.request", "name": "First", "config": {**given, "url": f"{sink.url}/first"}},
        {"id": "second", "type": "http.request", "name": "Second", "config": {**given, "url": f"{sink.url}/second"}},
        {"id": "out", "type": "exit", "name": "Done", "config": {"reason": "done"}},
    ]
    pairs = [("enter", "first"), ("first", "second"), ("second", "out")]
    edges = [
        {"id": f"e{n}", "source": a, "source_port": "out", "target": b} for n, (a, b) in enumerate(pairs)
    ]  # fmt: skip
    return {"schema": 1, "nodes": nodes, "edges": edges}


def each_effect_once(stack, sink):
    """Every step's effect is at the vendor, under its own key, and no other."""
    runs = [row[0] for row in stack.sql("SELECT id FROM store_run")]
    assert set(sink.by_key()) == {effect_key(run, node, 1) for run in runs for node in ("first", "second")}
    # Steps, not attempts: an answer that came while the database was away is asked for once more under the same key,
    # and both answers are on record.
    accepted = "SELECT count(DISTINCT step_id) FROM store_attempt WHERE state = 'accepted'"
    assert stack.one(accepted) == 2 * len(runs)


def test_the_onboarding_unit_on_a_celery_worker_with_beat(stack):
    stack.publish()
    stack.worker()
    stack.beat()
    stack.manage("demo", "traffic", "--count", "60", "--rate", "10000", "--seed", "7")
    stack.until(lambda: stack.one("SELECT count(*) FROM store_run") == 60)

    def all_ended():
        # A function of the test moves the time on: whoever sleeps until next week wakes up now.
        stack.change(
            "WITH woken AS (UPDATE store_token SET due_at = clock_timestamp() WHERE state = 'waiting' AND owner = '' "
            "AND due_at > clock_timestamp() RETURNING step_id) "
            "UPDATE store_step SET due_at = clock_timestamp() WHERE id IN (SELECT step_id FROM woken)"
        )
        return stack.ended() == 60

    stack.until(all_ended)
    check(stack, runs=60)
    paths = dict(stack.sql("SELECT node, count(*) FROM store_step GROUP BY node"))
    assert len([node for node, count in paths.items() if count < 60]) > 2, "every run went the same way"


def test_two_workers_never_do_a_step_twice(stack, sink):
    """Nothing dies here, so each request is sent exactly once, although the vendor's action is not repeatable."""
    stack.publish(document(sink, idempotent=False))
    stack.worker("one")
    stack.worker("two")
    for first in range(0, 200, 50):
        stack.sign_up(50, first=first)
    stack.until(lambda: stack.completed() == 200)
    check(stack, runs=200)
    each_effect_once(stack, sink)
    assert set(sink.by_key().values()) == {1}
    assert stack.one("SELECT count(*) FROM store_attempt") == 400


def test_f1_kill_9_of_a_worker_and_of_a_pool_process_during_200_runs(stack, sink):
    sink.delay_s = 0.1
    stack.publish(document(sink))
    first, second = stack.worker("one"), stack.worker("two")
    stack.beat()
    stack.sign_up(200)
    stack.until(lambda: stack.one("SELECT count(*) FROM store_attempt") > 10)
    # The whole worker: its pool goes with it. And one process of the other's pool, which Celery replaces.
    orphans = children(first.pid)
    first.send_signal(signal.SIGKILL)
    os.kill(children(second.pid)[0], signal.SIGKILL)
    assert stack.completed() < 200
    stack.until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans), seconds=10)
    stack.until(lambda: stack.completed() == 200)
    check(stack, runs=200)
    each_effect_once(stack, sink)
    assert max(sink.by_key().values()) <= 3


def test_f7_the_broker_is_killed_and_comes_back(stack, sink, broker):
    """With no patrol at all: only rings and beat wake the worker, so it must consume again by itself."""
    stack.publish(document(sink))
    stack.worker()
    stack.beat()
    stack.sign_up(20)
    stack.until(lambda: stack.completed() == 20)
    broker.kill()
    stack.sign_up(20, first=20)
    time.sleep(1.0)
    broker.start()
    stack.until(lambda: stack.completed() == 40, seconds=40)
    stack.sign_up(20, first=40)
    stack.until(lambda: stack.completed() == 60, seconds=30)
    check(stack, runs=60)
    each_effect_once(stack, sink)


def test_f8_the_connections_to_the_broker_are_reset_three_times(stack, sink, broker):
    """With neither beat nor patrol: the ring of the last sign-ups must come through a worker that consumes again."""
    stack.publish(document(sink))
    stack.worker()
    stack.sign_up(5)
    stack.until(lambda: stack.completed() == 5)
    for _ in range(3):
        broker.cut()
        time.sleep(1.0)
    # Listeners are back once they have subscribed again.
    stack.until(lambda: broker.listeners("flowstudio:engine") == 2, seconds=15)
    stack.sign_up(5, first=5)
    stack.until(lambda: stack.completed() == 10, seconds=15)
    check(stack, runs=10)
    each_effect_once(stack, sink)


def test_f7_the_broker_is_emptied_under_load(stack, sink, broker):
    sink.delay_s = 0.05
    stack.publish(document(sink))
    stack.worker()
    stack.beat()
    for first in range(0, 90, 30):
        stack.sign_up(30, first=first)
        broker.flush()
    stack.until(lambda: stack.completed() == 90)
    check(stack, runs=90)
    each_effect_once(stack, sink)


def test_f7_without_a_broker_the_worker_patrols(stack, sink, broker):
    stack.env["FLOWSTUDIO_PATROL_S"] = "1"
    stack.publish(document(sink))
    stack.worker()
    broker.kill()
    stack.sign_up(20)
    stack.until(lambda: stack.completed() == 20, seconds=30)
    check(stack, runs=20)
    each_effect_once(stack, sink)


def test_g6_a_timer_fires_on_time_with_neither_beat_nor_patrol(stack):
    wait = {"id": "wait", "type": "wait.delay", "name": "Wait", "config": {"for": "2s"}}
    graph = {
        "schema": 1,
        "nodes": [
            {"id": "enter", "type": "trigger.event", "name": "Signed up", "config": {"event": "Signed Up"}},
            wait,
            {"id": "out", "type": "exit", "name": "Done", "config": {"reason": "done"}},
        ],
        "edges": [
            {"id": "e1", "source": "enter", "source_port": "out", "target": "wait"},
            {"id": "e2", "source": "wait", "source_port": "out", "target": "out"},
        ],
    }
    stack.publish(graph)
    stack.worker()
    stack.sign_up(5)
    stack.until(lambda: stack.completed() == 5, seconds=30)
    early, late = stack.sql(
        "SELECT extract(epoch FROM min(left_at - due_at)), extract(epoch FROM max(left_at - due_at)) "
        "FROM store_step WHERE node = 'wait'"
    )[0]
    assert early >= 0
    assert late < 2


@pytest.mark.parametrize("tell", [os.kill, os.killpg], ids=["the worker", "its whole group"])
def test_g15_sigterm_hands_everything_back(stack, sink, tell):
    sink.delay_s = 2.0
    stack.publish(document(sink))
    worker = stack.worker()
    stack.sign_up(10)
    stack.until(lambda: stack.one("SELECT count(*) FROM store_attempt WHERE state = 'sending'") == 10)
    began = time.monotonic()
    tell(worker.pid, signal.SIGTERM)
    assert worker.wait(timeout=30) == 0
    assert time.monotonic() - began < 20
    assert stack.sql("SELECT DISTINCT owner FROM store_token") == [("",)]
    assert stack.engines() == 0
    # The calls under way were let finish: nothing is in doubt.
    assert stack.sql("SELECT DISTINCT state FROM store_attempt") == [("accepted",)]
    sink.delay_s = 0.0
    stack.worker("two")
    stack.until(lambda: stack.completed() == 10)
    check(stack, runs=10)
    each_effect_once(stack, sink)


def test_many_rings_are_one_task(stack, broker):
    said = stack.manage(
        "shell", "-v0", "-c",
        "import flowstudio.celery; from flowstudio.engine import tasks; [tasks.wake() for _ in range(100)]",
    )  # fmt: skip
    assert said == ""
    assert broker.length("flowstudio") == 1
