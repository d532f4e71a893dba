"""The onboarding unit from sign-up to last mail: a real engine process, stand-in vendors, sign-ups as they come in.

What each customer should live through is computed here from the companies alone, not by the product.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections import Counter as Bag
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from flowstudio.api.door.app import deliver
from flowstudio.api.door.keys import Source
from flowstudio.engine import bell, ingest
from flowstudio.sandbox import companies, traffic
from flowstudio.services import flows, publishing, stats, templates
from flowstudio.store.ids import new_id
from flowstudio.store.models import Attempt, Counter, Event, Feed, OutboxMail, Run, Step, Token
from tests.engine import house, process

PEOPLE = 30
INTEGRATED = {"Salesforce", "HubSpot", "Segment", "Snowflake"}
ENDS = ("alert_sales", "no_integration", "mail_3")


@pytest.fixture
def space(transactional_db):
    return house.workspace()


def signups(space, number):
    """So many sign-ups, through the door's own reading and into the database as the door writes them; who they are."""
    messages = list(itertools.islice(traffic.signups(11), number * 2))
    source = Source(id=new_id(), workspace_id=space.id)
    delivery = deliver("/v1/batch", {"batch": messages}, source, new_id(), datetime.now(UTC))
    with transaction.atomic(), connection.cursor() as cursor:
        ingest.flush(cursor, [delivery])
    bell.ring("engine")
    return {message["userId"]: message["traits"]["email"] for message in messages if message["type"] == "identify"}


def expected(email):
    """Where the flow ends for somebody with this address."""
    company = companies.find(email.partition("@")[2])
    if company is None:
        return "no_integration"
    if company.employees > 100:
        return "alert_sales"
    return "mail_3" if INTEGRATED & set(company.technologies) else "no_integration"


def warehouse(folder, table):
    with sqlite3.connect(f"file:{folder / 'warehouse.sqlite3'}?mode=ro", uri=True) as file:
        file.row_factory = sqlite3.Row
        return {row["customer_id"]: dict(row) for row in file.execute(f"SELECT * FROM {table}")}


def counters_say_what_rows_say():
    """Each number of the canvas against the rows it counts, and the feed's deltas against the counters."""
    totals = {(s, m): v for s, m, v in Counter.objects.filter(bucket=0).values_list("subject", "metric", "value")}
    for node in set(Step.objects.values_list("node", flat=True)):
        steps = Step.objects.filter(node=node)
        wanted = {
            "entered": steps.count(),
            "done": steps.filter(status="done").count(),
            "failed": steps.filter(status="failed").count(),
            "inside": steps.filter(left_at=None).count(),
        }
        assert {metric: totals.get((f"node:{node}", metric), 0) for metric in wanted} == wanted, node
    for status in ("active", "completed", "failed", "cancelled"):
        assert totals.get(("run", status), 0) == Run.objects.filter(status=status).count()
    assert totals["run", "entered"] == Run.objects.count()
    summed = Bag()
    for facts in Feed.objects.filter(kind="engine").values_list("facts", flat=True):
        for subject, metric, delta in facts["counts"]:
            summed[subject, metric] += delta
    assert {k: v for k, v in summed.items() if v} == {k: v for k, v in totals.items() if v}


def test_the_onboarding_unit_from_sign_up_to_last_mail(space, tmp_path):
    caller = house.caller(space)
    flow = flows.create(caller, name="Onboarding", graph=templates.graph_of("onboarding"))
    publishing.publish(caller, flow.id, revision=flow.draft.revision)
    people = signups(space, PEOPLE)
    ends = {user: expected(email) for user, email in people.items()}
    assert set(ends.values()) == set(ENDS), "the sign-ups do not take every branch: choose another seed"
    assert any(companies.find(email.partition("@")[2]) is None for email in people.values())

    with process.sink() as sink, process.EngineProcess(tmp_path, sink) as engine:
        mailed = sum(end == "mail_3" for end in ends.values())
        process.wait_until(lambda: settled(mailed), engine=engine)
        after_the_first_stop(flow, ends, people, caller, tmp_path)
        for _ in range(2):
            # A letter is written a moment before its run lies down to wait for the next one.
            process.wait_until(lambda: settled(mailed), engine=engine)
            before = OutboxMail.objects.count()
            Step.objects.filter(status="waiting").update(due_at=F("due_at") - timedelta(days=4))
            Token.objects.filter(state="waiting").update(due_at=F("due_at") - timedelta(days=4))
            bell.ring("engine")
            process.wait_until(lambda before=before: OutboxMail.objects.count() == before + mailed, engine=engine)
        process.wait_until(lambda: not Token.objects.exists(), engine=engine)
        code, _ = engine.terminate()
    assert code == 0
    at_the_end(ends, people)


def settled(mailed):
    """Every sign-up is matched, and every run is over or asleep."""
    return (
        not Event.objects.filter(status="pending").exists()
        and Run.objects.count() == PEOPLE
        and Token.objects.filter(state="waiting", owner="").count() == mailed == Token.objects.count()
    )


def after_the_first_stop(flow, ends, people, caller, folder):
    runs = {run.customer.external_id: run for run in Run.objects.select_related("customer")}
    assert set(runs) == set(ends)
    for user, run in runs.items():
        last = Step.objects.filter(run=run).order_by("seq").last()
        if ends[user] == "mail_3":
            assert (run.status, last.node, last.status) == ("active", "wait_1", "waiting"), user
            assert timedelta(hours=47) < last.due_at - last.entered_at <= timedelta(days=2)
        else:
            assert (run.status, last.node) == ("completed", ends[user]), (user, last.reason)

    # Sales hears of companies with more than 100 employees, of each sign-up once, and of nobody else.
    alerts = {step.run_id: step for step in Step.objects.filter(node="alert_sales")}
    big = {user for user, end in ends.items() if end == "alert_sales"}
    assert set(alerts) == {runs[user].id for user in big}
    for user in big:
        company = companies.find(people[user].partition("@")[2])
        step = alerts[runs[user].id]
        assert company.employees > 100
        assert step.input["text"] == f"{company.name} signed up: {company.employees} employees."
        assert step.output["ok"] is True
        assert step.attempts.get().state == "accepted"

    # The warehouse file holds a row for each company that is known, and its stack where it is small.
    known = {user for user, email in people.items() if companies.find(email.partition("@")[2])}
    profiles, stacks = warehouse(folder, "company_profile"), warehouse(folder, "company_stack")
    assert set(profiles) == {runs[user].customer_id for user in known}
    assert set(stacks) == {runs[user].customer_id for user in known - big}
    for user in known:
        company = companies.find(people[user].partition("@")[2])
        row = profiles[runs[user].customer_id]
        assert (row["company"], int(row["employees"])) == (company.name, company.employees)

    # Mails are kept in the product; the vendors were stand-ins, and each attempt says so.
    assert set(OutboxMail.objects.values_list("to", flat=True)) == {people[u] for u, e in ends.items() if e == "mail_3"}
    outside = Attempt.objects.filter(step__node__in=("enrich", "technographics", "alert_sales"))
    assert set(outside.values_list("sandbox", flat=True)) == {True}
    assert not Attempt.objects.exclude(state__in=("accepted", "rejected")).exists()
    counters_say_what_rows_say()
    shown = stats.read(caller, flow.id)
    assert (shown["runs"]["entered"], shown["runs"]["failed"]) == (PEOPLE, 0)
    assert shown["nodes"]["wait_1"]["inside"] == sum(end == "mail_3" for end in ends.values())


def at_the_end(ends, people):
    assert set(Run.objects.values_list("status", flat=True)) == {"completed"}
    mails = Bag(OutboxMail.objects.values_list("to", "subject"))
    assert len(mails) == 3 * sum(end == "mail_3" for end in ends.values())
    assert set(mails.values()) == {1}
    assert set(Step.objects.filter(node="mail_1").values_list("status", flat=True)) == {"done"}
    keys = list(Attempt.objects.filter(state="accepted").values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    counters_say_what_rows_say()
