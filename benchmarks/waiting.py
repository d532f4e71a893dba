"""A million runs waiting: what a look for work and an event cost then, beside a thousand; ten thousand timers in one second.

Run: python -m benchmarks.waiting [--few 1000] [--many 1000000] [--timers 10000]. SQLite with `synchronous=FULL` in a folder
of its own (about 3 GB for a million). One run is made by the product itself and its rows are copied, so that every index
is as it would be. Then a real engine process drains the timers while new events come in. The plans of the hot path's
queries are printed last: no table is read from end to end.
"""

# ruff: noqa: E402
from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(tempfile.mkdtemp(prefix="flowstudio-bench-"))
os.environ |= {"FLOWSTUDIO_DATA": str(FOLDER), "DJANGO_SETTINGS_MODULE": "flowstudio.settings"}
os.environ.pop("DATABASE_URL", None)
os.environ.pop("REDIS_URL", None)

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from benchmarks.machine import about, cut, rss_of
from flowstudio.engine import admission, arrivals, bell, claim, clock, fair, ingest, match, waking
from flowstudio.engine.ingest import Incoming
from flowstudio.store.ids import new_id
from flowstudio.store.models import Run, Workspace
from flowstudio.store.sql import db_time

ROOT = Path(__file__).resolve().parent.parent
GRAPH: dict[str, Any] = {
    "schema": 1, "notes": [], "settings": {"reentry": "parallel"},
    "nodes": [
        {"id": "enter", "type": "trigger.event", "name": "Signed up", "config": {"event": "Signed Up"}},
        {"id": "wait", "type": "wait.event", "name": "Paid?", "config": {
            "branches": [{"id": "paid", "event": "Paid"}], "timeout": "30d"}},
        {"id": "end", "type": "exit", "name": "Done", "config": {"reason": "done"}},
    ],
    "edges": [
        {"id": "e1", "source": "enter", "source_port": "out", "target": "wait"},
        {"id": "e2", "source": "wait", "source_port": "paid", "target": "end"},
        {"id": "e3", "source": "wait", "source_port": "timeout", "target": "end"},
    ],
}  # fmt: skip


def prepare() -> Workspace:
    """A published flow, and one run that the engine brought to its wait."""
    from flowstudio.engine.runner import Engine
    from flowstudio.engines import build
    from flowstudio.services import flows, publishing
    from flowstudio.services.caller import Caller

    call_command("migrate", verbosity=0)
    space = Workspace.objects.create(slug="bench", name="Bench")
    caller = Caller(workspace_id=space.id, workspace_slug="bench", role="editor", actor="bench")
    flow = flows.create(caller, name="Bench", graph=GRAPH)
    publishing.publish(caller, flow.id, revision=1)
    send(space, ["model"], "Signed Up")
    asyncio.run(build(Engine).drain())
    if Run.objects.filter(status="active").count() != 1:
        raise SystemExit("the first run does not wait")
    return space


def send(space: Workspace, users: list[str], name: str) -> list[str]:
    """Events as the door stores them; their ids."""
    now = datetime.now(UTC)
    made = [
        Incoming(
            id=new_id(), workspace_id=space.id, source="k" * 26, message_id=new_id(), type="track", name=name, user_id=user,
            anonymous_id="", payload=json.dumps({"type": "track", "event": name, "userId": user, "properties": {}}),
            digest="", occurred_at=now, received_at=now,
        )
        for user in users
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        ingest.flush(cursor, [[event] for event in made])
    return [event.id for event in made]


def copies(first: int, last: int) -> None:
    """Copies of the one run, numbered: every row that it has, in every table."""
    identity = "'{kind}' || printf('%025d', n)"

    def number(kind: str) -> str:
        return identity.format(kind=kind)

    fresh = {
        "store_customer": {"id": number("c"), "external_id": "'u' || n"},
        "store_alias": {"id": "NULL", "value": "'u' || n", "customer_id": number("c")},
        "store_event": {"id": number("e"), "message_id": "'m' || n", "user_id": "'u' || n", "customer_id": number("c")},
        "store_run": {"id": number("r"), "customer_id": number("c"), "event_id": number("e"), "exclusive": number("r")},
        "store_token": {"id": number("t"), "run_id": number("r"), "step_id": number("s")},
        "store_step": {"id": number("s"), "run_id": number("r"), "customer_id": number("c")},
        "store_wait": {
            "id": "NULL", "run_id": number("r"), "token_id": number("t"), "step_id": number("s"), "customer_id": number("c"),
        },
    }  # fmt: skip
    model = Run.objects.exclude(id__startswith="r0").order_by("id").first()
    assert model is not None
    keys = {"store_customer": ("id", model.customer_id), "store_alias": ("customer_id", model.customer_id),
            "store_event": ("id", model.event_id), "store_run": ("id", model.id)}  # fmt: skip
    with connection.cursor() as cursor:
        for start in range(first, last, 50_000):
            end = min(last, start + 50_000) - 1
            with transaction.atomic():
                for table, changed in fresh.items():
                    cursor.execute(f"SELECT name FROM pragma_table_info('{table}')")
                    columns = [row[0] for row in cursor.fetchall()]
                    values = ", ".join(changed.get(column, f"x.{column}") for column in columns)
                    key, value = keys.get(table, ("run_id", model.id))
                    only = "AND x.node = 'wait' " if table == "store_step" else ""
                    cursor.execute(
                        f"WITH RECURSIVE c(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM c WHERE n < {end}) "
                        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM c, {table} x "
                        f"WHERE x.{key} = %s {only}",
                        [value],
                    )
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def timed(times: list[float]) -> Iterator[CursorWrapper]:
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        yield cursor
    times.append((time.perf_counter() - began) * 1000)


def looks(space: Workspace, numbers: list[int], rounds: int) -> dict[str, float]:
    """Medians in milliseconds, commits included: events for some who wait, their match, and the claim of their runs."""
    times: dict[str, list[float]] = {}
    waiting = iter(random.sample(numbers, len(numbers)))
    for size, said in [(1, "one"), (50, "fifty")] * rounds:
        now = clock.now()
        until = now + timedelta(seconds=600)
        with timed(times.setdefault("a look in vain", [])) as cursor:
            match.match(cursor, now=now, limit=250, owner="bench", lease_until=until)
            claim.claim(cursor, owner="bench", now=now, lease_until=until, limit=500)
            claim.next_due(cursor, now)
        send(space, [f"u{next(waiting)}" for _ in range(size)], "Paid")
        now = clock.now()
        with timed(times.setdefault(f"{said} matched", [])) as cursor:
            woken = match.match(cursor, now=now, limit=250, owner="bench", lease_until=until).woken
        with timed(times.setdefault(f"{said} claimed", [])) as cursor:
            claimed = claim.claim(cursor, owner="bench", now=clock.now(), lease_until=until, limit=500)
        if (len(woken), len(claimed)) != (size, size):
            raise SystemExit(f"of {size} waits {len(woken)} were woken and {len(claimed)} claimed")
    return {name: statistics.median(some) for name, some in times.items()}


def timers(space: Workspace, count: int) -> str:
    """So many runs come due within one second, in front of a real engine; events come in meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store_token SET owner = '', lease_until = NULL WHERE owner = 'bench'")
        cursor.execute("SELECT id, step_id FROM store_token WHERE wake IS NULL AND state = 'waiting' LIMIT %s", [count])
        tokens = cursor.fetchall()
        base = datetime.now(UTC) + timedelta(seconds=15)
        dues = [db_time(base + timedelta(seconds=place / len(tokens))) for place in range(len(tokens))]
        with transaction.atomic():
            for table, column in (("store_token", 0), ("store_step", 1)):
                rows = [(due, ids[column]) for due, ids in zip(dues, tokens, strict=True)]
                cursor.executemany(f"UPDATE {table} SET due_at = %s WHERE id = %s", rows)
        cursor.execute("SELECT count(*) FROM store_run WHERE status = 'completed'")
        before = cursor.fetchone()[0]
    log = (FOLDER / "engine.log").open("w")
    engine = subprocess.Popen([sys.executable, "manage.py", "engine"], cwd=ROOT, stdout=log, stderr=log)
    events: list[str] = []
    peak, done, ended = 0.0, 0, base
    try:
        time.sleep(max(0.0, (base - datetime.now(UTC)).total_seconds() - 1))
        while done < count:
            events += send(space, [f"new{len(events)}"], "Signed Up")
            bell.ring("engine")
            time.sleep(0.1)
            peak = max(peak, rss_of(engine.pid))
            done = Run.objects.filter(status="completed").count() - before
            ended = datetime.now(UTC)
            if (ended - base).total_seconds() > 120:
                raise SystemExit(f"only {done} of {count} timers fired: {(FOLDER / 'engine.log').read_text()[-2000:]}")
        time.sleep(2)
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(20)
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(events))
        cursor.execute(
            "SELECT (julianday(s.entered_at) - julianday(e.received_at)) * 86400000 FROM store_step s "
            f"JOIN store_run r ON r.id = s.run_id JOIN store_event e ON e.id = r.event_id "
            f"WHERE s.node = 'wait' AND e.id IN ({marks})",
            events,
        )
        waits = [float(row[0]) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT s.due_at, r.ended_at FROM store_step s JOIN store_run r ON r.id = s.run_id "
            "WHERE s.node = 'wait' AND s.due_at >= %s AND s.due_at <= %s AND r.status = 'completed' ORDER BY s.due_at",
            [db_time(base), db_time(base + timedelta(seconds=1))],
        )
        fired = [(_at(due), _at(end)) for due, end in cursor.fetchall()]
    if len(waits) != len(events):
        raise SystemExit(f"{len(events)} new events, but {len(waits)} new runs wait")
    newest, behind = fired[0][1], 0.0
    for _, end in fired:
        newest = max(newest, end)
        behind = max(behind, (newest - end).total_seconds())
    early = sum(end < due for due, end in fired)
    p50, p95 = cut(waits, 0.5, 0.95)
    return (
        f"{count:,} timers due in one second: the last one fired {(newest - base).total_seconds():.1f} s after the first was "
        f"due, {early} early, none more than {behind:.2f} s behind one that was due later; {len(events)} events meanwhile "
        f"began their runs in p50 {p50:.0f} ms, p95 {p95:.0f} ms; the engine held at most {peak:.0f} MB"
    )


def _at(value: Any) -> datetime:
    read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return read.replace(tzinfo=UTC)


def plans() -> list[tuple[str, list[str]]]:
    """How SQLite answers each query of the hot path."""
    one = {"columns": "w.id", "customers": "%s", "names": "%s", "spaces": "%s"}
    asked = {
        "events to be matched": arrivals._PENDING,
        "events of a workspace": arrivals._PENDING_OF,
        "workspaces with events": fair._HEADS.format(table="store_event", condition="status = 'pending'"),
        "names of customers": "SELECT customer_id FROM store_alias WHERE workspace_id IN (%s) AND kind IN ('user', 'anon') "
        "AND value IN (%s)",
        "triggers that want an event": admission._ENTRANCES.format(workspaces="%s", events="%s"),
        "a customer's earlier runs": admission._PAST.format(customers="%s", flows="%s"),
        "waits for an event": waking._REGISTERED.format(**one),
        "waits of runs taken over": waking._OWNED.format(**one),
        "what is due": claim._DUE.format(whom=""),
        "what is due in a workspace": claim._DUE_OF.format(whom=""),
        "workspaces with timers": fair._HEADS.format(
            table="store_token", condition="owner = '' AND due_at IS NOT NULL"
        ),
        "the next timer": claim._NEXT,
        "runs to be carried": claim._LOAD.format(marks="%s"),
        "their steps": "SELECT node FROM store_step WHERE run_id IN (%s) ORDER BY seq",
        "tries of their open step": "SELECT id FROM store_attempt WHERE step_id IN (%s) ORDER BY number",
        "a token's move": "UPDATE store_token SET node = %s WHERE id = %s AND owner = %s AND fence = %s",
        "leases that ran out": "UPDATE store_token SET owner = '' WHERE NOT (owner = '') AND lease_until < %s",
        "an engine's own leases": "UPDATE store_token SET owner = '' WHERE owner = %s AND NOT (owner = '') AND lease_until > %s",
        "calls under way": "SELECT id FROM store_attempt WHERE state = 'sending' AND started_at < %s",
        "what viewers missed": "SELECT id FROM store_feed WHERE workspace_id = %s AND id > %s ORDER BY id LIMIT 500",
    }
    found = []
    with connection.cursor() as cursor:
        for name, sql in asked.items():
            cursor.execute("EXPLAIN QUERY PLAN " + sql, ["x"] * sql.count("%s"))
            found.append((name, [row[3] for row in cursor.fetchall()]))
    return found


def main() -> None:
    """Prints one table, a sentence about timers, and the plans."""
    from rich.console import Console
    from rich.table import Table

    parser = argparse.ArgumentParser()
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--timers", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=19)
    options = parser.parse_args()
    console = Console(width=150)
    try:
        space = prepare()
        copies(0, options.few)
        few = looks(space, list(range(options.few)), options.rounds)
        copies(options.few, options.many)
        many = looks(space, list(range(options.few, options.many)), options.rounds)
        table = Table("milliseconds, the commit included", f"{options.few:,} waiting", f"{options.many:,} waiting", "×")
        for name, before in few.items():
            table.add_row(name, f"{before:.2f}", f"{many[name]:.2f}", f"{many[name] / before:.2f}")
        console.print(table)
        console.print(timers(space, options.timers))
        console.print(f"the file has {(FOLDER / 'flowstudio.sqlite3').stat().st_size / 1e9:.1f} GB")
        scans = 0
        for name, plan in plans():
            console.print(f"[bold]{name}[/bold]: {'; '.join(plan)}", highlight=False)
            scans += any(step.startswith("SCAN store_") and "INDEX" not in step for step in plan)
        console.print(f"{scans} of them read a table from end to end")
        console.print(about())
    finally:
        connection.close()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    main()
