"""A Join closes once: arms that arrive at one instant on two engines of a PostgreSQL, and a kill while it closes (F1)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from flowstudio.engine.carried import effect_key
from flowstudio.store.models import Attempt, Counter, Run, Step, Token
from tests import servers
from tests.engine import house, process
from tests.engine.process import ROOT

_RACE = """
import asyncio, threading
import django
django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.db import connection, transaction
from flowstudio.connectors.registry import CATALOGUE
from flowstudio.engine import blocks, claim, clock, programs
from flowstudio.engine.advance import begin, moved
from flowstudio.engine.commit import Committer
from flowstudio.store.models import Run, Step, Token
from tests.engine import house

call_command("migrate", verbosity=0)
space, vendor = house.workspace(), house.Vendor()
programs.use_catalogue({**CATALOGUE, **house.CATALOGUE})
document = house.graph(
    ("enter", "trigger.event", {"event": "Signed Up"}),
    ("fork", "parallel", {"arms": [{"id": arm} for arm in "abcd"]}),
    *[(f"n{arm}", "wait.delay", {"for": "1h"}) for arm in "abcd"],
    ("meet", "join", {"mode": MODE}), ("after", "test.key"),
    edges="enter>fork " + " ".join(f"fork.{arm}>n{arm} n{arm}>meet" for arm in "abcd") + " meet>after",
)
house.flow(space, document)
for number in range(10):
    house.event(space, f"u{number}")
asyncio.run(house.engine(vendor).drain())
Token.objects.filter(parent__gt="").update(due_at=clock.now() - timedelta(seconds=1))

def arms_of(owner, arms):
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        ids = list(Token.objects.filter(arm__in=arms).values_list("id", flat=True))
        Token.objects.filter(id__in=ids).update(owner=owner, lease_until=now + timedelta(minutes=1), fence=9)
        return claim.load(cursor, ids, owner=owner)

gate = threading.Barrier(4)
outcomes = []

def engine(owner, arms):
    try:
        mine = arms_of(owner, arms)
        committer = Committer(owner=owner, lease_s=60)
        gate.wait()
        for group in range(0, len(mine), 4):
            moves = [moved(one, begin(one, clock.now()), clock.now()) for one in mine[group:group + 4]]
            for single in (moves, *([move] for move in moves)):
                try:
                    with transaction.atomic(), connection.cursor() as cursor:
                        committer.flush(cursor, single)
                    if single is moves:
                        break
                except Exception as error:
                    if type(error).__name__ not in ("Stale", "Unfit"):
                        outcomes.append(f"{type(error).__name__}: {error}")
    finally:
        connection.close()

threads = [threading.Thread(target=engine, args=(f"engine-{arm}", arm)) for arm in "abcd"]
for thread in threads: thread.start()
for thread in threads: thread.join()
parents = Token.objects.filter(state="ready", block__isnull=False).count()
asyncio.run(house.engine(vendor).drain())
print(outcomes, parents, sorted(set(Run.objects.values_list("status", flat=True))), Step.objects.filter(node="meet").count(),
    len(vendor.of("after")), Token.objects.count(), Step.objects.exclude(status__in=["done", "cancelled"]).count())
"""


@pytest.mark.parametrize("mode", ["all", "any"])
def test_r9_2_arms_that_arrive_at_one_instant_on_four_engines_close_their_join_once(tmp_path, mode):
    with servers.postgres() as url:
        env = {
            **os.environ, "DATABASE_URL": url, "FLOWSTUDIO_DATA": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0",
            "DJANGO_SETTINGS_MODULE": "flowstudio.settings", "FLOWSTUDIO_DB_POOL": "0",
        }  # fmt: skip
        code = _RACE.replace("MODE", repr(mode))
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr[-3_000:]
    assert done.stdout.strip().splitlines()[-1] == "[] 10 ['completed'] 10 10 0 0"


@pytest.fixture
def space(transactional_db):
    return house.workspace()


def test_f1_kill_9_while_a_join_closes(space, tmp_path):
    """The engine dies between an arm's arrival and its commit, many times; each Join closes once, each effect is one."""
    with process.sink() as sink:
        given = {"method": "POST", "body": {"who": "{{ customer.id }}"}, "idempotent": True}
        house.flow(
            space,
            house.graph(
                ("enter", "trigger.event", {"event": "Signed Up"}),
                ("fork", "parallel", {"arms": [{"id": "a"}, {"id": "b"}]}),
                ("left", "http.request", {**given, "url": f"{sink.url}/left"}),
                ("right", "http.request", {**given, "url": f"{sink.url}/right"}),
                ("meet", "join", {"mode": "all"}),
                ("after", "http.request", {**given, "url": f"{sink.url}/after"}),
                edges="enter>fork fork.a>left fork.b>right left>meet right>meet meet>after",
            ),
        )
        for number in range(20):
            house.event(space, f"u{number}")
        for nth in (1, 6, 12):
            with process.EngineProcess(tmp_path, sink, failpoints=f"before_join=kill@{nth}") as engine:
                process.wait_until(lambda engine=engine: engine.process.poll() is not None)
        with process.EngineProcess(tmp_path, sink) as engine:
            process.wait_until(lambda: Run.objects.filter(status="completed").count() == 20, engine=engine)
        runs = set(Run.objects.values_list("id", flat=True))
        assert set(sink.by_key()) == {effect_key(run, node, 1) for run in runs for node in ("left", "right", "after")}
    assert Step.objects.filter(node="meet").count() == 20
    assert not Token.objects.exists() and not Attempt.objects.filter(state="sending").exists()
    assert Step.objects.count() == 20 * 6 and not Step.objects.exclude(status="done").exists()
    assert {r.steps for r in Run.objects.all()} == {6}
    inside = Counter.objects.filter(bucket=0, metric="inside").values_list("subject", "value")
    assert not [subject for subject, value in inside if value]
