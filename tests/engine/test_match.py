"""Matching: each test carries the number of the rule it proves (SEMANTICS)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from flowstudio.engine import ingest, match
from flowstudio.engine.ingest import Incoming
from flowstudio.store.ids import new_id
from flowstudio.store.models import (
    Alias,
    Counter,
    Customer,
    Event,
    Feed,
    Flow,
    Hook,
    Run,
    Step,
    Token,
    TraitValue,
    TriggerIndex,
    Version,
    Wait,
    Workspace,
)

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return Workspace.objects.create(slug="match", name="Match")


def flow(workspace, event="Signed Up", *, state="live", condition="", hook=None, identify="", **settings):
    made = Flow.objects.create(workspace=workspace, name="Onboarding", state=state, version=1)
    if hook:
        node = {"id": "start", "type": "trigger.webhook", "config": {"identify": identify}}
    else:
        node = {"id": "start", "type": "trigger.event", "config": {"event": event, "filter": condition}}
    graph = {"schema": 1, "nodes": [node], "edges": [], "settings": settings}
    Version.objects.create(flow=made, number=1, graph=graph, draft_revision=1)
    TriggerIndex.objects.create(workspace=workspace, flow=made, node="start", event=event)
    return made


def send(workspace, kind="track", *, at=NOW, received=None, source="k" * 26, message_id=None, **message):
    payload = {"type": kind, **message}
    event = Incoming(
        id=new_id(),
        workspace_id=workspace.id,
        source=source,
        message_id=message_id or new_id(),
        type=kind,
        name=message.get("event", kind),
        user_id=message.get("userId", ""),
        anonymous_id=message.get("anonymousId", ""),
        payload=json.dumps(payload),
        digest="0" * 32,
        occurred_at=at,
        received_at=received or at,
    )
    with transaction.atomic(), connection.cursor() as cursor:
        ingest.flush(cursor, [[event]])
    return event.id


def go(now=NOW, limit=500):
    with transaction.atomic(), connection.cursor() as cursor:
        return match.match(cursor, now=now, limit=limit, owner="me", lease_until=now + MINUTE)


def outcome(event_id):
    return Event.objects.get(id=event_id).outcome


def test_an_event_starts_a_run_with_a_leased_token(workspace):
    made = flow(workspace)
    event = send(workspace, event="Signed Up", userId="u1", properties={"plan": "pro"})
    matched = go()
    run, token = Run.objects.get(), Token.objects.get()
    assert (matched.events, matched.admitted, matched.woken) == (1, [token.id], [])
    assert (token.run_id, token.node, token.state, token.owner, token.fence) == (run.id, "start", "ready", "me", 1)
    assert run.subject["properties"] == {"plan": "pro"} and run.flow_id == made.id and run.number == 1
    assert outcome(event) == [{"flow": made.id, "run": run.id}]
    assert Counter.objects.get(flow=made, bucket=0, subject="run", metric="entered").value == 1
    facts = Feed.objects.get(kind="engine").facts
    assert ["run", "active", 1] in facts["counts"] and facts["runs"] == [[run.id, run.customer_id]]
    assert go().events == 0


def test_one_event_starts_a_run_in_each_flow_that_wants_it(workspace):
    first, second = flow(workspace), flow(workspace)
    flow(workspace, "Something else")
    send(workspace, event="Signed Up", userId="u1")
    assert len(go().admitted) == 2
    assert set(Run.objects.values_list("flow_id", flat=True)) == {first.id, second.id}


def test_another_workspaces_flow_never_starts(workspace):
    flow(Workspace.objects.create(slug="other", name="Other"))
    send(workspace, event="Signed Up", userId="u1")
    assert go().admitted == []


@pytest.mark.parametrize(("reentry", "runs"), [("never", 1), ("after_exit", 1), ("parallel", 3)])
def test_r1_2_while_inside_only_parallel_enters_again(workspace, reentry, runs):
    flow(workspace, reentry=reentry)
    events = [send(workspace, event="Signed Up", userId="u1") for _ in range(3)]
    go()
    assert Run.objects.count() == runs
    if runs == 1:
        assert outcome(events[1])[0]["refused"] == (
            "Not started: the customer was in this flow before, and it is entered once only."
            if reentry == "never"
            else "Not started: the customer is still in this flow."
        )


def test_r1_2_after_exit_enters_again_and_never_does_not(workspace):
    after, never = flow(workspace, reentry="after_exit"), flow(workspace, reentry="never")
    send(workspace, event="Signed Up", userId="u1")
    go()
    Run.objects.update(status="completed")
    send(workspace, event="Signed Up", userId="u1")
    go()
    assert Run.objects.filter(flow=after).count() == 2
    assert Run.objects.filter(flow=never).count() == 1


def test_r1_2_correlation_tells_runs_apart(workspace):
    flow(workspace, "Order", correlation="event.properties.order")
    for order in ("A", "B", "A"):
        send(workspace, event="Order", userId="u1", properties={"order": order})
    go()
    assert sorted(Run.objects.values_list("correlation", flat=True)) == ["A", "B"]


def test_r1_3_the_constraint_has_the_last_word(workspace):
    made = flow(workspace)
    send(workspace, event="Signed Up", userId="u1")
    go()
    run = Run.objects.get()
    # Somebody else's run of the same identity that the history cannot show: the row is of another customer.
    other = Customer.objects.create(workspace=workspace, created_at=NOW, seen_at=NOW)
    Run.objects.update(customer=other)
    event = send(workspace, event="Signed Up", userId="u1")
    assert go().admitted == [] and Run.objects.get().id == run.id
    assert outcome(event)[0]["flow"] == made.id and "still in this flow" in outcome(event)[0]["refused"]


@pytest.mark.parametrize("state", ["closed", "paused", "draining", "stopped", "archived"])
def test_r1_4_a_flow_that_is_not_live_refuses_and_counts(workspace, state):
    made = flow(workspace, state=state)
    event = send(workspace, event="Signed Up", userId="u1")
    assert go().admitted == []
    assert outcome(event)[0]["code"] == "state" and outcome(event)[0]["refused"].startswith("Not started: ")
    for subject in ("run", "node:start"):
        assert Counter.objects.get(flow=made, bucket=0, subject=subject, metric="refused").value == 1


def test_r1_4_state_is_judged_before_age_and_age_before_the_filter(workspace):
    flow(workspace, condition="customer.traits.vip == true")
    event = send(workspace, event="Signed Up", userId="u1", at=NOW - timedelta(hours=25), received=NOW)
    go()
    assert outcome(event)[0]["code"] == "too_late"


def test_r1_4_a_false_filter_says_why(workspace):
    flow(workspace, condition="customer.traits.employees > 100")
    event = send(workspace, event="Signed Up", userId="u1")
    go()
    assert outcome(event)[0]["refused"] == "Not started: employees is unknown."


@pytest.mark.parametrize("late", [False, True])
def test_r1_4_match_grace_takes_a_trait_that_arrives_a_moment_later(workspace, late):
    made = flow(workspace, condition="customer.traits.employees > 100", match_grace="5m")
    event = send(workspace, event="Signed Up", userId="u1")
    go()
    after = NOW + (6 * MINUTE if late else 4 * MINUTE)
    send(workspace, "identify", userId="u1", traits={"employees": 540}, at=after)
    assert len(go(after).admitted) == (0 if late else 1)
    if not late:
        assert outcome(event) == [{"flow": made.id, "run": Run.objects.get().id}]
        assert Counter.objects.get(flow=made, bucket=0, subject="run", metric="refused").value == 0


def test_r1_4_track_before_identify_in_one_batch(workspace):
    flow(workspace, condition="customer.traits.employees > 100")
    send(workspace, event="Signed Up", userId="u1")
    send(workspace, "identify", userId="u1", traits={"employees": 540})
    assert len(go().admitted) == 1


def test_r1_1_cooldown_max_entries_max_parallel(workspace):
    cooled = flow(workspace, cooldown="1h")
    limited = flow(workspace, reentry="parallel", max_entries=2)
    crowded = flow(workspace, reentry="parallel", max_parallel=1)
    for minute in range(3):
        at = NOW + minute * MINUTE
        send(workspace, event="Signed Up", userId="u1", at=at)
        go(at)
        Run.objects.filter(flow=cooled).update(status="completed")
    counts = [Run.objects.filter(flow=one).count() for one in (cooled, limited, crowded)]
    assert counts == [1, 2, 1]
    send(workspace, event="Signed Up", userId="u1", at=NOW + 61 * MINUTE)
    go(NOW + 61 * MINUTE)
    assert Run.objects.filter(flow=cooled).count() == 2


def waiting(workspace, run, *, since, due, branches=(("paid", "Paid", ""),)):
    token = Token.objects.get(run=run)
    step = Step.objects.create(
        run=run, workspace=workspace, flow=run.flow, version=run.version, customer_id=run.customer_id, node="wait",
        visit=1, seq=1, status="waiting", entered_at=since, due_at=due,
    )  # fmt: skip
    Token.objects.filter(id=token.id).update(step_id=step.id, state="waiting", due_at=due, owner="", node="wait")
    for place, (branch, event, condition) in enumerate(branches):
        Wait.objects.create(
            workspace=workspace, customer_id=run.customer_id, event=event, run=run, token_id=token.id,
            step_id=step.id, branch=branch, place=place, filter=condition, since=since,
        )  # fmt: skip
    return token


def enter(workspace, **who):
    flow(workspace)
    send(workspace, event="Signed Up", **(who or {"userId": "u1"}))
    go()
    return Run.objects.get()


@pytest.mark.parametrize(("offset", "counts"), [(-6, False), (-5, True), (0, True), (60, True)])
def test_r3_2_only_events_since_five_seconds_before_arrival(workspace, offset, counts):
    token = waiting(workspace, enter(workspace), since=NOW, due=NOW + 60 * MINUTE)
    at = NOW + timedelta(seconds=offset)
    event = send(workspace, event="Paid", userId="u1", at=at, received=NOW + MINUTE, properties={"sum": 3})
    assert go(NOW + MINUTE).woken == ([token.id] if counts else [])
    token.refresh_from_db()
    if counts:
        assert token.wake["branch"] == "paid" and token.wake["event"]["properties"] == {"sum": 3}
        assert (token.due_at, token.owner, token.fence) == (NOW + MINUTE, "", 2)
        assert outcome(event)[0]["woke"] == token.run_id
    else:
        assert token.wake is None and token.fence == 1


def test_r3_3_the_first_branch_wins(workspace):
    branches = (("big", "Paid", "event.properties.sum > 100"), ("any", "Paid", ""), ("more", "Paid", ""))
    token = waiting(workspace, enter(workspace), since=NOW, due=NOW + 60 * MINUTE, branches=branches)
    send(workspace, event="Paid", userId="u1", properties={"sum": 3})
    go()
    token.refresh_from_db()
    assert token.wake["branch"] == "any"


def test_r3_3_the_first_event_wins_and_a_wait_ends_once(workspace):
    token = waiting(workspace, enter(workspace), since=NOW, due=NOW + 60 * MINUTE)
    first = send(workspace, event="Paid", userId="u1")
    second = send(workspace, event="Paid", userId="u1")
    assert go().woken == [token.id]
    send(workspace, event="Paid", userId="u1")
    assert go().woken == []
    token.refresh_from_db()
    assert token.wake["event"]["id"] == first and outcome(second) == [] and token.fence == 2


def test_r3_4_a_filter_may_read_the_trigger_event_and_the_correlation(workspace):
    flow(workspace, correlation="event.properties.order")
    for order in ("A", "B"):
        send(workspace, event="Signed Up", userId="u1", properties={"order": order})
    go()
    condition = "event.properties.order == run.correlation && run.event.properties.order == run.correlation"
    tokens = {
        run.correlation: waiting(workspace, run, since=NOW, due=NOW + MINUTE, branches=(("paid", "Paid", condition),))
        for run in Run.objects.all()
    }
    send(workspace, event="Paid", userId="u1", properties={"order": "B"})
    assert go().woken == [tokens["B"].id]


def test_r3_5_one_event_may_end_many_waits(workspace):
    flow(workspace, reentry="parallel")
    for _ in range(3):
        send(workspace, event="Signed Up", userId="u1")
    go()
    tokens = [waiting(workspace, run, since=NOW, due=NOW + MINUTE) for run in Run.objects.all()]
    event = send(workspace, event="Paid", userId="u1")
    assert sorted(go().woken) == sorted(token.id for token in tokens)
    assert len(outcome(event)) == 3


@pytest.mark.parametrize(("late", "wins"), [(0, True), (1, False)])
def test_r3_7_event_wins_a_tie_with_the_timer(workspace, late, wins):
    due = NOW + 10 * MINUTE
    token = waiting(workspace, enter(workspace), since=NOW, due=due)
    # An engine has claimed it to fire the timer: the event takes it away, by the fencing number.
    Token.objects.filter(id=token.id).update(owner="timer", fence=7)
    at = due + timedelta(microseconds=late)
    send(workspace, event="Paid", userId="u1", at=at)
    assert bool(go(at).woken) is wins
    token.refresh_from_db()
    assert (token.owner, token.fence) == (("", 8) if wins else ("timer", 7))


def test_r3_7_a_step_that_has_moved_on_is_not_woken(workspace):
    token = waiting(workspace, enter(workspace), since=NOW, due=NOW + MINUTE)
    Token.objects.filter(id=token.id).update(step_id="another")
    send(workspace, event="Paid", userId="u1")
    assert go().woken == []


@pytest.mark.parametrize(("hours", "runs"), [(24, 1), (25, 0)])
def test_r11_2_an_old_event_starts_nothing(workspace, hours, runs):
    flow(workspace)
    event = send(workspace, event="Signed Up", userId="u1", at=NOW - timedelta(hours=hours), received=NOW)
    go()
    assert Run.objects.count() == runs
    assert Event.objects.get(id=event).status == ("done" if runs else "too_late")


def test_r11_2_an_engine_that_was_away_does_not_make_events_old(workspace):
    flow(workspace)
    send(workspace, event="Signed Up", userId="u1")
    assert len(go(NOW + timedelta(days=3)).admitted) == 1


def test_r11_3_the_latest_occurrence_wins_whatever_the_arrival(workspace):
    send(workspace, "identify", userId="u1", traits={"plan": "pro", "city": "Porto"}, at=NOW)
    go()
    send(workspace, "identify", userId="u1", traits={"plan": "free", "age": 3}, at=NOW - MINUTE, received=NOW)
    go()
    customer = Customer.objects.get()
    assert customer.traits == {"plan": "pro", "city": "Porto", "age": 3}
    history = TraitValue.objects.filter(name="plan").order_by("id").values_list("value", "won")
    assert list(history) == [("pro", True), ("free", False)]
    send(workspace, "identify", userId="u1", traits={"plan": "team"}, at=NOW + MINUTE)
    go()
    assert Customer.objects.get().traits["plan"] == "team"
    assert list(TraitValue.objects.filter(name="plan", won=True).values_list("value", flat=True)) == ["team"]


def test_r11_3_a_value_said_again_beats_what_happened_in_between(workspace):
    for at, value in ((NOW, "x"), (NOW + 3 * MINUTE, "x"), (NOW + 2 * MINUTE, "y")):
        send(workspace, "identify", userId="u1", traits={"t": value}, at=at)
        go()
    assert Customer.objects.get().traits == {"t": "x"}
    assert TraitValue.objects.count() == 2


def test_r11_3_in_one_batch_too(workspace):
    for offset in (3, 1, 2):
        send(workspace, "identify", userId="u1", traits={"t": offset}, at=NOW + offset * MINUTE)
    go()
    assert Customer.objects.get().traits == {"t": 3}
    assert list(TraitValue.objects.order_by("id").values_list("value", "won")) == [(3, True), (1, False), (2, False)]


def test_r11_3_null_takes_a_trait_away_and_group_and_context_traits_count(workspace):
    send(workspace, "identify", userId="u1", traits={"email": "a@b.co", "firstName": "Ada", "lastName": "Byron"})
    send(workspace, "group", userId="u1", groupId="g1", traits={"n": 1})
    send(workspace, "identify", userId="u1", context={"traits": {"lang": "pt"}})
    go()
    customer = Customer.objects.get()
    assert (customer.email, customer.name) == ("a@b.co", "Ada Byron")
    assert customer.traits["group"] == {"n": 1, "id": "g1"} and customer.traits["lang"] == "pt"
    send(workspace, "identify", userId="u1", traits={"email": None}, at=NOW + MINUTE)
    go()
    customer.refresh_from_db()
    assert customer.email == "" and "email" not in customer.traits


def test_r11_4_events_of_one_customer_in_the_order_received(workspace):
    flow(workspace, condition="customer.traits.vip == true", match_grace="1s")
    send(workspace, event="Signed Up", userId="u1", received=NOW - MINUTE, at=NOW - MINUTE)
    send(workspace, "identify", userId="u1", traits={"vip": True})
    second = send(workspace, event="Signed Up", userId="u1")
    go()
    assert Run.objects.get().event_id == second


def test_r12_an_anonymous_customer_that_is_identified_keeps_its_row_and_waits(workspace):
    token = waiting(workspace, enter(workspace, anonymousId="a1"), since=NOW, due=NOW + 60 * MINUTE)
    send(workspace, "identify", userId="u1", anonymousId="a1", traits={"email": "a@b.co"})
    send(workspace, event="Paid", userId="u1")
    assert go().woken == [token.id]
    customer = Customer.objects.get()
    assert (customer.external_id, customer.email) == ("u1", "a@b.co")


@pytest.mark.parametrize("how", ["identify", "alias"])
@pytest.mark.parametrize("together", [True, False])
def test_r12_an_anonymous_customer_whose_user_is_known_already_wakes_too(workspace, how, together):
    send(workspace, "identify", userId="u1", traits={"plan": "pro"}, at=NOW - MINUTE)
    go()
    run = enter(workspace, anonymousId="a1")
    send(workspace, "identify", anonymousId="a1", traits={"plan": "old", "ref": "ad"}, at=NOW - 2 * MINUTE)
    go()
    token = waiting(workspace, run, since=NOW, due=NOW + 60 * MINUTE)
    if how == "alias":
        send(workspace, "alias", userId="u1", previousId="a1")
    else:
        send(workspace, "identify", userId="u1", anonymousId="a1")
    woken = [] if together else go().woken
    send(workspace, event="Paid", userId="u1")
    assert woken + go().woken == [token.id]
    customer = Customer.objects.get()
    assert customer.traits == {"plan": "pro", "ref": "ad"} and customer.external_id == "u1"
    run.refresh_from_db()
    assert run.customer_id == customer.id
    assert set(Event.objects.values_list("customer_id", flat=True)) == {customer.id}
    assert set(Alias.objects.values_list("kind", "value")) == {("user", "u1"), ("anon", "a1")}
    assert TraitValue.objects.filter(name="plan", won=True).get().value == "pro"


def test_r12_both_active_in_one_flow_both_still_wake(workspace):
    flow(workspace)
    send(workspace, event="Signed Up", userId="u1")
    send(workspace, event="Signed Up", anonymousId="a1")
    go()
    tokens = [waiting(workspace, run, since=NOW, due=NOW + 60 * MINUTE) for run in Run.objects.all()]
    send(workspace, "identify", userId="u1", anonymousId="a1")
    go()
    send(workspace, event="Paid", userId="u1")
    assert sorted(go().woken) == sorted(token.id for token in tokens)


def test_r12_two_users_are_never_joined(workspace):
    send(workspace, "identify", userId="u1", anonymousId="a1")
    send(workspace, "identify", userId="u2", anonymousId="a1")
    go()
    assert sorted(Customer.objects.values_list("external_id", flat=True)) == ["u1", "u2"]
    send(workspace, event="x", anonymousId="a1")
    go()
    assert Customer.objects.get(id=Event.objects.latest("id").customer_id).external_id == "u1"


def hook_event(workspace, flow_hook, body):
    event = Incoming(
        id=new_id(), workspace_id=workspace.id, source=flow_hook.id, message_id=new_id(), type="hook",
        name=f"hook:{flow_hook.id}", user_id="", anonymous_id="",
        payload=json.dumps({"type": "hook", "properties": body}), digest="0" * 32, occurred_at=NOW, received_at=NOW,
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        ingest.flush(cursor, [[event]])
    return event.id


@pytest.mark.parametrize(
    ("identify", "body", "who", "email"),
    [
        ("", {"userId": "u1", "email": "a@b.co"}, "u1", "a@b.co"),
        ("", {"id": 7}, "7", ""),
        ("", {"email": "a@b.co"}, "a@b.co", "a@b.co"),
        ("event.properties.who.id", {"who": {"id": "w1"}}, "w1", ""),
        (
            "{'id': event.properties.n, 'email': event.properties.m, 'traits': {'plan': 'pro'}}",
            {"n": "x", "m": "x@y.co"},
            "x",
            "x@y.co",
        ),
        ("event.properties.missing.id", {"id": "x"}, None, ""),
        ("", {"nobody": 1}, None, ""),
    ],
)
def test_a_webhook_identifies_its_customer(workspace, identify, body, who, email):
    made = flow(workspace, event="?", hook=True, identify=identify)
    hook = Hook.objects.create(workspace=workspace, flow=made, node="start", token_hash="h", token_encrypted="t")
    TriggerIndex.objects.filter(flow=made).update(event=f"hook:{hook.id}")
    event = Event.objects.get(id=hook_event(workspace, hook, body))
    admitted = go().admitted
    event.refresh_from_db()
    assert event.status == "done"
    if who is None:
        assert admitted == [] and event.problem
    else:
        assert len(admitted) == 1
        customer = Customer.objects.get()
        assert (customer.external_id, customer.email) == (who, email)
        assert Run.objects.get().subject["properties"] == body


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(workspace, django_assert_max_num_queries):
    flow(workspace, condition="customer.traits.n >= 0")

    def many(start, count):
        for n in range(start, start + count):
            send(workspace, "identify", userId=f"u{n}", traits={"n": n, "email": f"{n}@x.co"})
            send(workspace, event="Signed Up", userId=f"u{n}")

    many(0, 100)
    with django_assert_max_num_queries(34):
        assert len(go().admitted) == 100
    many(100, 5)
    with django_assert_max_num_queries(34):
        assert len(go().admitted) == 5


def test_limit_takes_the_oldest_first(workspace):
    first = [send(workspace, event="x", userId="u1") for _ in range(5)][:3]
    assert go(limit=3).events == 3
    assert list(Event.objects.filter(status="done").order_by("id").values_list("id", flat=True)) == first
