"""What only two writers at once can get wrong: the matcher beside a step's commit, on a PostgreSQL of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests import servers
from tests.engine.process import ROOT

_RACE = """
import threading
import django
django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.db import connection, transaction
from flowstudio.engine import clock, grace, match, traits
from flowstudio.engine.identity import People
from flowstudio.store.models import Customer, Event, Run
from tests.engine import house

call_command("migrate", verbosity=0)
space = house.workspace()
document = house.graph(("enter", "trigger.event", {"event": "Signed Up", "filter": "customer.traits.employees > 100"}))
house.flow(space, document)

def go():
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        match.match(cursor, now=now, limit=100, owner="m", lease_until=now + timedelta(minutes=1))

house.event(space, "ada", "Seen")
go()
ada = Customer.objects.get()

def step():
    now = clock.now()
    change = traits.Change(workspace_id=space.id, customer_id=ada.id, values={"employees": 540}, source="clearbit",
        occurred_at=now, reference="s1")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            grace.judge_again(traits.write_all(cursor, [change], now=now), now)
    finally:
        connection.close()

def between(self, cursor, real=People.save_seen):
    # The step commits after the matcher has read the customer, and before it holds the row.
    thread = threading.Thread(target=step)
    thread.start()
    thread.join()
    People.save_seen = real
    real(self, cursor)

People.save_seen = between
event = house.event(space, "ada", "Signed Up")
event.payload = {**event.payload, "context": {"traits": {"plan": "pro"}}}
event.save()
go()
ada.refresh_from_db()
event.refresh_from_db()
print(sorted(ada.traits.items()), event.status, Run.objects.count())
"""


def test_r11_3_a_trait_that_a_step_writes_while_events_are_matched_is_neither_lost_nor_overlooked(tmp_path):
    with servers.postgres() as url:
        env = {
            **os.environ, "DATABASE_URL": url, "FLOWSTUDIO_DATA": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0",
            "DJANGO_SETTINGS_MODULE": "flowstudio.settings", "FLOWSTUDIO_DB_POOL": "0",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", _RACE], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.strip() == "[('employees', 540), ('plan', 'pro')] done 1"


_MOVE = """
import asyncio
import django
django.setup()
from django.core.management import call_command
from unittest.mock import patch
from flowstudio.domain.errors import FlowstudioError
from flowstudio.services import lifecycle
from flowstudio.store.models import Batch, Draft, Flow, Run, Token, Wait
from tests.engine import house, stage

class Patch:
    def setattr(self, place, name, value):
        setattr(place, name, value)

call_command("migrate", verbosity=0)
vendor = house.Vendor()
play = stage.Stage(house.workspace(), vendor, Patch())

def wait(event, timeout):
    branches = [{"id": "came", "name": "", "event": event, "filter": ""}]
    return ("wait", "wait.event", {"branches": branches, "timeout": timeout})

def sketch(*nodes, edges):
    return stage.sketch(*nodes, edges=edges, reentry="parallel")

flow = play.flow(sketch(wait("Paid", "9d"), ("nap", "wait.delay", {"for": "5d"}), edges="enter>wait wait.came>nap"))
Draft.objects.create(flow=flow, graph={})
for who in ("ada", "bob", "cyd"):
    play.send(who)
play.go()
play.go(hours=1)
play.send("bob", "Paid")
play.send("ada", "Booked")
play.go(days=1)
play.publish(flow, sketch(wait("Booked", "7d"), ("end", "exit"), edges="enter>wait wait.came>end"), choice="move")
play.go()
play.go(seconds=5)
runs = sorted((r.customer.external_id, r.status, r.reason, r.number) for r in Run.objects.select_related("customer"))
print(runs, Batch.objects.get().finished_at is not None, Wait.objects.count())
lifecycle.move(house.caller(play.space), flow.id, "pause")
play.go(days=9)
lifecycle.move(house.caller(play.space), flow.id, "resume", choice="shift")
play.go()
print(Flow.objects.get().state, (Token.objects.get().due_at - stage.START).days)
lifecycle.move(house.caller(play.space), flow.id, "pause")
play.go(days=9)
lifecycle.move(house.caller(play.space), flow.id, "resume")
play.go()
print(Flow.objects.get().state, Run.objects.filter(status="active").count())
"""


def test_r8_3_and_r13_2_customers_are_moved_and_resumed_as_on_sqlite(tmp_path):
    with servers.postgres() as url:
        env = {
            **os.environ, "DATABASE_URL": url, "FLOWSTUDIO_DATA": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0",
            "DJANGO_SETTINGS_MODULE": "flowstudio.settings", "FLOWSTUDIO_DB_POOL": "0",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", _MOVE], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr[-2_000:]
    said = [line for line in done.stdout.splitlines() if not line.startswith("20")]
    assert said == [
        "[('ada', 'completed', 'exit', 2), ('bob', 'cancelled', 'node_removed', 1), ('cyd', 'active', '', 2)] True 1",
        "live 16",
        "live 0",
    ]
