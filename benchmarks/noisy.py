"""A noisy workspace beside a small one (RELIABILITY F19): a hundred thousand events pending, and one event a second.

Run: python -m benchmarks.noisy [--backlog 100000] [--seconds 40]. SQLite with `synchronous=FULL`, a real engine process. The
flow waits for an event; what is measured is the time from an event's arrival to its customer's arrival at the wait.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time

# First: it sets up a folder and Django for the benchmark.
from benchmarks.waiting import FOLDER, GRAPH, ROOT, prepare, send

# isort: split
from django.db import connection

from benchmarks.machine import about, cut, rss_of
from flowstudio.engine import bell
from flowstudio.services import flows, publishing
from flowstudio.services.caller import Caller
from flowstudio.store.models import Event, Workspace


def small_one() -> Workspace:
    """A second workspace with the same flow."""
    space = Workspace.objects.create(slug="small", name="Small")
    caller = Caller(workspace_id=space.id, workspace_slug="small", role="editor", actor="bench")
    flow = flows.create(caller, name="Small", graph=GRAPH)
    publishing.publish(caller, flow.id, revision=1)
    return space


def lags(events: list[str]) -> list[float]:
    """Milliseconds from each event's arrival to its customer's arrival at the wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (julianday(s.entered_at) - julianday(e.received_at)) * 86400000 FROM store_step s "
            "JOIN store_run r ON r.id = s.run_id JOIN store_event e ON e.id = r.event_id "
            f"WHERE s.node = 'wait' AND e.id IN ({', '.join(['%s'] * len(events))})",
            events,
        )
        return [float(row[0]) for row in cursor.fetchall()]


def main() -> None:
    """Prints the small workspace's lag while the backlog is worked off."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--backlog", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=40)
    options = parser.parse_args()
    try:
        noisy, small = prepare(), small_one()
        for start in range(0, options.backlog, 1_000):
            send(noisy, [f"n{number}" for number in range(start, min(start + 1_000, options.backlog))], "Signed Up")
        with (FOLDER / "engine.log").open("w") as log:
            engine = subprocess.Popen([sys.executable, "manage.py", "engine"], cwd=ROOT, stdout=log, stderr=log)
        events: list[str] = []
        try:
            while not Event.objects.filter(workspace=noisy, status="done").count() > 1:
                time.sleep(0.2)
            began = time.monotonic()
            for number in range(options.seconds):
                events += send(small, [f"s{number}"], "Signed Up")
                bell.ring("engine")
                time.sleep(max(0.0, began + number + 1 - time.monotonic()))
            left = Event.objects.filter(workspace=noisy, status="pending").count()
            time.sleep(3)
            rss = rss_of(engine.pid)
        finally:
            engine.send_signal(signal.SIGTERM)
            engine.wait(30)
        found = lags(events)
        if len(found) != len(events):
            raise SystemExit(f"{len(events)} events of the small workspace, but {len(found)} runs wait")
        p50, p95 = cut(found, 0.5, 0.95)
        print(
            f"{options.backlog:,} events pending in one workspace, one a second in another: the other's customers began in p50 "
            f"{p50:.0f} ms, p95 {p95:.0f} ms, worst {max(found):.0f} ms; {left:,} of the backlog were left after "
            f"{options.seconds} s; the engine held {rss:.0f} MB"
        )
        print(about())
    finally:
        connection.close()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
