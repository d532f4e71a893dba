"""Runs from beginning to end: each test carries the number of the rule it proves (SEMANTICS)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from flowstudio.domain.errors import Conflict, ConnectorError, NotFound
from flowstudio.engine import clock, control
from flowstudio.services import runs
from flowstudio.store.models import Attempt, Counter, Customer, Event, Feed, Flow, Run, Step, Token, TraitValue, Wait
from tests.engine import house

LINE = house.graph(("enter", "t.start"), ("call", "test.key", {"a": 1}), ("out", "t.exit"), edges="enter>call call>out")
WAIT = house.graph(
    ("enter", "t.start"), ("wait", "t.wait"), ("paid", "t.exit", {"reason": "paid"}), ("late", "t.exit", {"reason": "late"}),
    edges="enter>wait wait.came>paid wait.timeout>late",
)  # fmt: skip
SLEEP = house.graph(("enter", "t.start"), ("nap", "t.sleep"), ("out", "t.exit"), edges="enter>nap nap>out")


def pass_time(**span):
    """Lets open timers be older by so much."""
    back = timedelta(**span)
    Token.objects.exclude(due_at=None).update(due_at=F("due_at") - back)
    Step.objects.exclude(due_at=None).filter(left_at=None).update(due_at=F("due_at") - back)


def test_r10_1_a_run_goes_through_and_each_call_carries_its_key(space, vendor, drain):
    house.flow(space, LINE)
    house.event(space, "ada")
    drain()
    run = Run.objects.get()
    assert (run.status, run.reason, run.steps) == ("completed", "done", 3)
    assert house.path(run) == ["enter:done:out", "call:done:out", "out:done"]
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.number, attempt.status, attempt.sandbox) == ("accepted", 1, 200, False)
    assert [request.key for request in vendor.calls] == [attempt.key]
    assert not Token.objects.exists()
    step = Step.objects.get(node="call")
    assert (step.input, step.output) == ({"a": 1}, {"ok": True})


def test_r1_3_one_event_twice_is_one_run(space, vendor, drain):
    house.flow(space, LINE)
    event = house.event(space, "ada")
    drain()
    Event.objects.filter(id=event.id).update(status="pending")
    drain()
    assert Run.objects.count() == 1
    assert len(vendor.calls) == 1


def test_one_event_in_two_flows_is_two_runs(space, vendor, drain):
    house.flow(space, LINE)
    house.flow(space, LINE)
    house.event(space, "ada")
    drain()
    assert Run.objects.filter(status="completed").count() == 2
    assert len({request.key for request in vendor.calls}) == 2


def test_r9_6_answered_traits_decide_the_branch_behind_a_call(space, vendor, drain):
    vendor.script["enrich"] = [house.Answer(output={}, traits={"big": True}), house.Answer(output={})]
    document = house.graph(
        ("enter", "t.start"), ("enrich", "test.key"), ("size", "t.branch", {"trait": "big"}), ("sales", "test.key"),
        ("mail", "test.person"), edges="enter>enrich enrich>size size.yes>sales size.else>mail",
    )  # fmt: skip
    house.flow(space, document)
    house.event(space, "ada")
    drain()
    house.event(space, "bob")
    drain()
    ada, bob = Run.objects.order_by("id")
    assert house.path(ada) == ["enter:done:out", "enrich:done:out", "size:done:yes", "sales:done:out"]
    assert house.path(bob) == ["enter:done:out", "enrich:done:out", "size:done:else", "mail:done:out"]
    assert ada.reason == "end_of_path"
    assert Step.objects.get(run=ada, node="size").reads == {"value": True}
    assert TraitValue.objects.get(customer=ada.customer, name="big").source == "test"
    ada.customer.refresh_from_db()
    assert ada.customer.traits["big"] is True


def test_r4_a_timer_is_released_with_its_due_time_and_wakes_after_it(space, drain):
    house.flow(space, SLEEP)
    house.event(space, "ada")
    drain()
    token = Token.objects.get()
    step = Step.objects.get(node="nap")
    assert (token.state, token.owner, token.due_at) == ("waiting", "", step.due_at)
    assert (step.status, step.reason) == ("waiting", "sleeps")
    drain()
    assert Run.objects.get().status == "active"
    pass_time(hours=2)
    drain()
    assert house.path(Run.objects.get()) == ["enter:done:out", "nap:done:out", "out:done"]


def test_r3_1_an_event_ends_a_wait(space, drain):
    house.flow(space, WAIT)
    house.event(space, "ada")
    drain()
    assert Wait.objects.get().event == "Paid"
    house.event(space, "bob", "Paid")
    drain()
    assert Run.objects.get().status == "active"
    house.event(space, "ada", "Paid", amount=3)
    drain()
    run = Run.objects.get()
    assert house.path(run) == ["enter:done:out", "wait:done:came", "paid:done"]
    assert Step.objects.get(node="wait").output["event"]["properties"] == {"amount": 3}
    assert not Wait.objects.exists()


def test_r3_1_a_wait_times_out(space, drain):
    house.flow(space, WAIT)
    house.event(space, "ada")
    drain()
    pass_time(hours=2)
    drain()
    assert Run.objects.get().reason == "late"
    assert not Wait.objects.exists()


def test_r3_7_an_event_at_the_timeout_instant_wins_once(space, drain):
    house.flow(space, WAIT)
    house.event(space, "ada")
    drain()
    pass_time(minutes=59, seconds=58)
    due = Token.objects.get().due_at
    house.event(space, "ada", "Paid", at=due)
    Token.objects.update(due_at=clock.now())
    Step.objects.filter(left_at=None).update(due_at=due)
    Token.objects.update(due_at=due)
    drain()
    run = Run.objects.get()
    assert run.reason == "paid"
    assert house.path(run).count("paid:done") == 1


def test_r3_7_an_event_after_the_timeout_loses(space, drain):
    house.flow(space, WAIT)
    house.event(space, "ada")
    drain()
    pass_time(hours=2)
    house.event(space, "ada", "Paid")
    drain()
    assert Run.objects.get().reason == "late"


def test_r3_8_an_event_that_was_matched_before_the_wait_was_registered_counts(space, vendor, drain):
    document = house.graph(
        ("enter", "t.start"), ("call", "test.key"), ("wait", "t.wait"), ("paid", "t.exit", {"reason": "paid"}),
        edges="enter>call call>wait wait.came>paid",
    )  # fmt: skip
    house.flow(space, document)
    house.event(space, "ada")
    house.event(space, "ada", "Paid")
    drain()
    assert Run.objects.get().reason == "paid"


def test_r3_8_the_trigger_itself_does_not_end_a_wait_for_the_same_event(space, drain):
    document = house.graph(
        ("enter", "t.start"), ("wait", "t.wait", {"event": "Signed Up"}), ("again", "t.exit"),
        edges="enter>wait wait.came>again",
    )  # fmt: skip
    house.flow(space, document, event="Signed Up")
    house.event(space, "ada")
    drain()
    assert Run.objects.get().status == "active"


def test_r9_5_a_run_without_end_fails_as_runaway(space, drain):
    house.flow(space, house.graph(("enter", "t.start"), ("a", "t.loop"), ("b", "t.loop"), edges="enter>a a>b b>a"))
    house.event(space, "ada")
    drain()
    run = Run.objects.get()
    assert (run.status, run.reason) == ("failed", "runaway")
    assert Step.objects.count() <= 1_001


def test_f24_a_broken_node_is_set_aside_and_harms_nobody(space, vendor, drain):
    house.flow(space, house.graph(("enter", "t.start"), ("bad", "t.bad"), edges="enter>bad"))
    house.flow(space, LINE)
    for who in ("ada", "bob", "cyd"):
        house.event(space, who)
    drain()
    assert Run.objects.filter(status="completed").count() == 3
    assert set(Token.objects.values_list("state", "owner")) == {("blocked", "")}
    assert "ZeroDivisionError" in Run.objects.filter(status="active")[0].reason
    assert counter("node:enter", "held", flow=Flow.objects.order_by("id")[0]) == 3


def test_f24_an_unknown_node_type_blocks_the_run_and_is_never_dropped(space, vendor, drain):
    document = house.graph(("enter", "t.start"), ("new", "t.from_the_future"), edges="enter>new")
    house.flow(space, document)
    house.event(space, "ada")
    drain()
    token = Token.objects.get()
    assert (token.state, token.owner) == ("blocked", "")
    assert Run.objects.get().reason


def test_f17_odd_outputs_are_kept_as_plain_json(space, vendor, drain):
    odd = {"nan": float("nan"), "inf": float("inf"), "nul": "a\x00b", "half": "\ud800", "big": 10**400, 1: {"set"}}
    vendor.script["call"] = [house.Answer(output=odd, summary="nul \x00 and half \udfff")]
    house.flow(space, LINE)
    house.event(space, "ada")
    drain()
    kept = Step.objects.get(node="call").output
    assert kept == {"nan": None, "inf": None, "nul": "a\ufffdb", "half": "\ufffd", "big": None, "1": ["set"]}
    assert Run.objects.get().status == "completed"


@pytest.mark.parametrize(("size", "cut"), [(256 * 1024 - 9, False), (256 * 1024 - 8, True)])
def test_g16_an_output_over_the_bound_is_cut_and_says_so(space, vendor, drain, size, cut):
    vendor.script["call"] = [house.Answer(output={"x": "y" * (size + 1)})]
    house.flow(space, LINE)
    house.event(space, "ada")
    drain()
    kept = Step.objects.get(node="call").output
    assert ("_cut" in kept) is cut


def test_s24_secrets_are_kept_nowhere(space, vendor, drain):
    from flowstudio.store.models import Credential

    secret = "s3cr3t-value-1"
    Credential.objects.create(
        workspace=space, connector="box", name="c", secret_encrypted=f'{{"key": "{secret}"}}', hint="ue-1"
    )
    said = ConnectorError(f"bad key {secret}", error_class="status_401", retryable=False, detail=f"you sent {secret}")
    vendor.script["a"] = [house.Answer(output={"echo": f"Bearer {secret}"}, summary=f"with {secret}")]
    vendor.script["b"] = [said]
    document = house.graph(
        ("enter", "t.start"), ("a", "box.call", {"headers": {"Authorization": "hush"}}), ("b", "box.call"),
        edges="enter>a a>b",
    )  # fmt: skip
    house.flow(space, document)
    house.event(space, "ada")
    drain()
    assert vendor.calls[0].credential == {"key": secret}
    assert vendor.sandboxed == [False, False]
    rows = [*Step.objects.values(), *Attempt.objects.values(), *Run.objects.values(), *Feed.objects.values()]
    assert secret not in repr(rows)
    assert "hush" not in repr(rows)
    assert Attempt.objects.get(step__node="b").error_class == "status_401"


def test_sandbox_answers_where_no_credential_is_entered_and_is_marked(space, vendor, drain):
    house.flow(space, house.graph(("enter", "t.start"), ("a", "box.call"), ("b", "test.key"), edges="enter>a a>b"))
    house.event(space, "ada")
    drain()
    assert vendor.sandboxed == [True, False]
    assert dict(Attempt.objects.values_list("step__node", "sandbox")) == {"a": True, "b": False}


# -- control


def test_cancel_ends_a_waiting_run_once(space, vendor, drain):
    house.flow(space, WAIT)
    house.event(space, "ada")
    drain()
    run = Run.objects.get()
    control.cancel_run(space.id, run.id, "mia@example.com")
    run.refresh_from_db()
    assert (run.status, run.reason) == ("cancelled", "cancelled_by_user")
    assert house.path(run)[-1] == "wait:cancelled"
    assert not Wait.objects.exists()
    assert not Token.objects.exists()
    with pytest.raises(Conflict):
        control.cancel_run(space.id, run.id, "mia@example.com")
    with pytest.raises(NotFound):
        control.cancel_run(house.workspace().id, run.id, "outsider@example.com")
    house.event(space, "ada", "Paid")
    drain()
    run.refresh_from_db()
    assert run.status == "cancelled"


def test_r13_1_stop_ends_all_and_pause_keeps_timers(space, drain):
    flow = house.flow(space, SLEEP)
    for who in ("ada", "bob"):
        house.event(space, who)
    drain()
    Flow.objects.update(state="paused")
    pass_time(hours=2)
    due = set(Token.objects.values_list("due_at", flat=True))
    drain()
    assert set(Token.objects.values_list("due_at", flat=True)) == due
    assert control.stop_flow(flow.id, "mia") == 2
    assert set(Run.objects.values_list("status", "reason")) == {("cancelled", "flow_stopped")}
    assert counter("run", "active") == 0
    assert counter("node:nap", "inside") == 0


def test_r13_1_a_paused_flow_goes_on_where_it_was(space, vendor, drain):
    house.flow(space, LINE)
    house.event(space, "ada")
    vendor.script["call"] = [ConnectorError("later", error_class="status_503", retryable=True)]
    drain(retry_base_s=600)
    assert Token.objects.get().state == "retrying"
    Flow.objects.update(state="paused")
    pass_time(hours=1)
    drain()
    assert len(vendor.calls) == 1
    Flow.objects.update(state="live")
    drain()
    assert len(vendor.calls) == 2
    assert Run.objects.get().status == "completed"


FAILS = house.graph(
    ("enter", "t.start"), ("a", "test.key"), ("b", "test.person", {"to": "ada", "size": 3}), ("c", "test.key"),
    edges="enter>a a>b b>c",
)  # fmt: skip
NO = ConnectorError("no such room", error_class="status_404", retryable=False)


def rows_of(run_id):
    """Everything that is on record about a run."""
    steps = list(Step.objects.filter(run_id=run_id).order_by("seq").values())
    return list(Run.objects.filter(id=run_id).values()), steps, list(Attempt.objects.filter(run_id=run_id).values())


def test_r10_7_retry_goes_on_at_the_failed_step_and_the_record_stays(space, vendor, drain):
    """G4, G8, 0.1, 0.2: the failed run's rows do not change; the effect key is that of the first try (10.1)."""
    vendor.script["a"] = [house.Answer(output={"n": 7}, traits={"big": True})]
    vendor.script["b"] = [NO, NO]
    house.flow(space, FAILS)
    house.event(space, "ada")
    drain()
    first = Run.objects.get()
    assert (first.status, first.reason) == ("failed", "error:status_404")
    record = rows_of(first.id)
    second = control.retry_run(space.id, first.id, "mia")
    with pytest.raises(Conflict, match="tried again already"):
        control.retry_run(space.id, first.id, "mia")
    drain()
    assert Run.objects.get(id=second).status == "failed"
    third = control.retry_run(space.id, second, "mia")
    drain()
    last = Run.objects.get(id=third)
    assert (last.status, last.reason, last.retry_of) == ("completed", "end_of_path", second)
    assert rows_of(first.id) == record
    assert [request.node for request in vendor.calls] == ["a", "b", "b", "b", "c"]
    assert len({request.key for request in vendor.of("b")}) == 1
    assert [request.params for request in vendor.of("b")] == [{"to": "ada", "size": 3}] * 3
    assert house.path(last) == ["b:done:out", "c:done:out"]
    assert list(Attempt.objects.filter(step__node="b").order_by("id").values_list("number", "state")) == [
        (1, "rejected"), (1, "rejected"), (1, "accepted"),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        control.retry_run(space.id, third, "mia")
    metrics = ("entered", "retried", "failed", "completed", "active")
    assert {metric: counter("run", metric) for metric in metrics} == {
        "entered": 1, "retried": 2, "failed": 2, "completed": 1, "active": 0,
    }  # fmt: skip
    assert agree()


def test_r10_7_a_retry_knows_what_the_failed_run_knew(space, vendor, drain):
    """The context is restored from the log: outputs, visits, and the steps that a page shows."""
    vendor.script["a"] = [house.Answer(output={"n": 7})]
    vendor.script["b"] = [NO]
    house.flow(space, FAILS)
    house.event(space, "ada")
    drain()
    first = Run.objects.get()
    second = runs.retry(house.caller(space), first.id)
    drain()
    shown = runs.detail(house.caller(space), second)
    assert [(step["node"], step["status"]) for step in shown["steps"]] == [
        ("enter", "done"), ("a", "done"), ("b", "failed"), ("b", "done"), ("c", "done"),
    ]  # fmt: skip
    assert (shown["retry_of"], shown["retried_as"], shown["step_count"]) == (first.id, "", 5)
    assert shown["context"]["steps"]["a"] == {"output": {"n": 7}}
    old = runs.detail(house.caller(space), first.id)
    assert (old["status"], old["retry_of"], old["retried_as"]) == ("failed", "", second)
    assert len(old["steps"]) == 3
    told = Feed.objects.filter(kind="engine").order_by("id").values_list("facts", flat=True)
    assert any({first.id, second} <= {run for run, _ in facts["runs"]} for facts in told)


def test_r10_7_what_never_left_the_house_is_asked_for_anew(space, vendor, drain):
    """A trait was missing, somebody entered it, somebody presses Retry: the new value goes out, once."""
    graph = house.graph(
        ("enter", "t.start"), ("b", "test.person", {"to": "{{ customer.traits.room }}"}), edges="enter>b"
    )
    house.flow(space, graph)
    vendor.script["b"] = [ConnectorError("There is no room.", error_class="input", retryable=False, sent="no")]
    house.event(space, "ada")
    drain()
    first = Run.objects.get()
    assert first.status == "failed"
    record = rows_of(first.id)
    Customer.objects.update(traits={"room": "attic"})
    second = control.retry_run(space.id, first.id, "mia")
    assert agree()
    drain()
    assert rows_of(first.id) == record
    assert Run.objects.get(id=second).status == "completed"
    assert house.path(Run.objects.get(id=second)) == ["b:done:out"]
    assert vendor.of("b")[-1].params["to"] == "attic"
    assert Step.objects.get(run_id=second).input["to"] == "attic"
    assert agree()


def test_r10_3_a_retry_counts_the_life_of_the_key_from_its_first_use(space, vendor, drain):
    lost = ConnectorError("cut", error_class="timeout", retryable=True, sent="maybe")
    house.flow(space, house.graph(("enter", "t.start"), ("b", "test.key", {"retry": 1}), edges="enter>b"))
    vendor.script["b"] = [NO]
    house.event(space, "ada")
    drain()
    run = Run.objects.get()
    # An enrichment goes on when it failed; here the run is one that its failure has ended.
    Run.objects.update(status="failed")
    Attempt.objects.update(started_at=clock.now() - timedelta(hours=21))
    vendor.script["b"] = [lost]
    second = control.retry_run(space.id, run.id, "mia")
    drain()
    assert Token.objects.get(run_id=second).state == "held"


def test_retry_is_refused_where_it_cannot_go_on(space, vendor, drain):
    vendor.script["b"] = [NO, NO]
    flow = house.flow(space, FAILS)
    house.event(space, "ada")
    drain()
    run = Run.objects.get()
    house.event(space, "ada")
    vendor.script["b"] = [ConnectorError("later", error_class="status_503", retryable=True)]
    drain(retry_base_s=600)
    with pytest.raises(Conflict, match="entered this flow again"):
        control.retry_run(space.id, run.id, "mia")
    other = Run.objects.get(status="active")
    control.cancel_run(space.id, other.id, "mia")
    Flow.objects.update(state="stopped")
    with pytest.raises(Conflict, match="stopped"):
        control.retry_run(space.id, run.id, "mia")
    Flow.objects.filter(id=flow.id).update(state="live")
    assert control.retry_run(space.id, run.id, "mia") != run.id
    assert agree()


def test_r1_3_a_retry_is_no_entry_but_keeps_the_next_one_out(space, vendor, drain):
    vendor.script["b"] = [NO]
    document = {**FAILS, "settings": {"max_entries": 2, "reentry": "after_exit"}}
    house.flow(space, document)
    house.event(space, "ada")
    drain()
    control.retry_run(space.id, Run.objects.get().id, "mia")
    late = house.event(space, "ada")
    drain()
    late.refresh_from_db()
    assert "still in this flow" in late.outcome[0]["refused"]
    house.event(space, "ada")
    drain()
    assert Run.objects.filter(retry_of="").count() == 2
    refused = house.event(space, "ada")
    drain()
    refused.refresh_from_db()
    assert "2 times" in refused.outcome[0]["refused"]


# -- what viewers are told


def counter(subject, metric, flow=None):
    rows = Counter.objects.filter(subject=subject, metric=metric, bucket=0)
    return sum((rows.filter(flow=flow) if flow else rows).values_list("value", flat=True))


def agree() -> bool:
    """Counters, their hours and the feed's deltas say the same, and nodes' and runs' counters what the rows say."""
    summed: dict = {}
    for facts in Feed.objects.filter(kind="engine").order_by("id").values_list("facts", flat=True):
        for subject, metric, delta in facts["counts"]:
            summed[subject, metric] = summed.get((subject, metric), 0) + delta
    totals = {(s, m): v for s, m, v in Counter.objects.filter(bucket=0).values_list("subject", "metric", "value")}
    assert {k: v for k, v in summed.items() if v} == {k: v for k, v in totals.items() if v}
    hours: dict = {}
    for subject, metric, value in Counter.objects.exclude(bucket=0).values_list("subject", "metric", "value"):
        hours[subject, metric] = hours.get((subject, metric), 0) + value
    assert hours == {k: v for k, v in totals.items() if k[1] not in ("inside", "active", "held")}
    nodes = set(Step.objects.values_list("node", flat=True))
    for node in nodes:
        steps = Step.objects.filter(node=node)
        assert counter(f"node:{node}", "entered") == steps.count()
        assert counter(f"node:{node}", "done") == steps.filter(status="done").count()
        assert counter(f"node:{node}", "failed") == steps.filter(status="failed").count()
        assert counter(f"node:{node}", "inside") == steps.filter(left_at=None).count()
    assert counter("run", "entered") == Run.objects.filter(retry_of="").count()
    assert counter("run", "retried") == Run.objects.exclude(retry_of="").count()
    for status in ("active", "completed", "cancelled", "failed"):
        assert counter("run", status) == Run.objects.filter(status=status).count()
    return True


def test_counters_hours_and_feed_agree_with_the_rows(space, vendor, drain):
    vendor.script["call"] = [ConnectorError("no", error_class="status_400", retryable=False)]
    document = house.graph(
        ("enter", "t.start"), ("call", "test.key"), ("nap", "t.sleep"), ("out", "t.exit"),
        edges="enter>call call>nap nap>out",
    )  # fmt: skip
    house.flow(space, document)
    for who in "abc":
        house.event(space, who)
    drain()
    control.cancel_run(space.id, Run.objects.order_by("id")[0].id, "mia")
    pass_time(hours=2)
    drain()
    assert {counter(f"node:{node}", "inside") for node in ("enter", "call", "nap", "out")} == {0}
    assert counter("edge:e1", "count") == 3
    assert agree()


def test_lines_are_sentences_for_people(space, vendor, drain):
    document = house.graph(
        ("enter", "t.start"),
        ("size", "t.branch", {"trait": "big"}),
        ("nap", "t.sleep"),
        edges="enter>size size.else>nap",
    )
    house.flow(space, document)
    house.event(space, "ada")
    drain()
    lines = [
        line for facts in Feed.objects.filter(kind="engine").values_list("facts", flat=True) for line in facts["lines"]
    ]
    assert lines[-1]["sentence"] == "Nap: sleeps"
    assert (lines[-1]["node"], lines[-1]["state"], lines[-1]["status"]) == ("nap", "waiting", "active")
    assert lines[-1]["run"] == Run.objects.get().id
