"""What must hold after every fault (RELIABILITY 2, I1 to I8 and I10), by the database's rows and the sink's ledger.

One function each; a failing one names the rows. `everything` asks them all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from django.db.models import Count, Exists, F, OuterRef, Q

from flowstudio.engine import clock
from flowstudio.engine.carried import effect_key
from flowstudio.store.models import Attempt, Customer, Event, Run, Step, Token, Version
from tests.faults.model import CHOOSE, Person, expect
from tests.faults.sink import Sink

FINAL = ("done", "failed", "cancelled")
# Kinds of step that end by their timer, unless an event was faster.
TIMED = ("wait.delay", "wait.until", "wait.event", "repeat")


def i1_stored_once(sent: Iterable[str]) -> None:
    """Each acknowledged event is stored once, and none is still to be looked at."""
    wanted = set(sent)
    assert set(Event.objects.values_list("message_id", flat=True)) >= wanted
    assert not list(Event.objects.values("message_id").annotate(n=Count("id")).filter(n__gt=1))
    assert not Event.objects.filter(message_id__in=wanted, status="pending").exists()


def i2_no_run_lost(runs: int) -> None:
    """No run is missing or doubled, nor in a state that it cannot leave."""
    assert Run.objects.count() == runs
    assert not list(Run.objects.values("flow", "customer", "event_id").annotate(n=Count("id")).filter(n__gt=1))
    has_token = Exists(Token.objects.filter(run=OuterRef("id")))
    stranded = Run.objects.filter(Q(status__in=("active", "paused")) & ~has_token)
    assert not stranded.exists(), f"without a token: {list(stranded.values('id', 'status'))}"
    left = Run.objects.exclude(status__in=("active", "paused"))
    assert not left.filter(has_token).exists(), "an ended run has a token"
    assert not left.filter(ended_at=None).exists()
    assert not Step.objects.filter(run__in=left).exclude(status__in=FINAL).exists(), "an ended run has an open step"
    # A token that nobody owns and nothing will wake: neither a timer, nor an event, nor a person, nor its arms.
    stuck = Token.objects.filter(owner="", due_at=None, block__isnull=True, wake__isnull=True)
    stuck = stuck.exclude(state__in=("held", "blocked")).exclude(run__status="paused")
    assert not stuck.exists(), list(stuck.values())


def i3_effects_once(sink: Sink) -> None:
    """At most one effect for each (run, node, visit) where keys are honoured; every key belongs to a step, and each
    repeat has the body of the first. What is not repeatable was sent again only where its author said so."""
    ledger = sink.ledger()
    keys = {effect_key(*row) for row in Step.objects.values_list("run_id", "node", "visit")}
    assert {entry.key for entry in ledger} <= keys, "a request of no step"
    if sink.honours_keys:
        assert not [key for key, times in sink.effects().items() if times > 1]
    bodies: dict[str, str] = {}
    for entry in ledger:
        assert bodies.setdefault(entry.key, entry.body) == entry.body, f"{entry.key} came with another body"


def i3_sent_at_most_once(sink: Sink, nodes: Iterable[str]) -> None:
    """What must not be repeated while it is in doubt was requested once at most: after an acceptance, nothing."""
    wanted = set(nodes)
    accepted: set[str] = set()
    for entry in sink.ledger():
        if entry.node in wanted:
            assert entry.key not in accepted, f"{entry.who} was sent {entry.node} again"
            if entry.effect:
                accepted.add(entry.key)


def i4_nothing_after_the_end(sink: Sink, suppressed: Mapping[str, float] | None = None) -> None:
    """No request after its run's end, nor to a customer after the suppression was in force (`suppressed`: from when)."""
    ended = {
        effect_key(run, node, visit): at
        for run, node, visit, at in Step.objects.exclude(run__ended_at=None).values_list(
            "run_id", "node", "visit", "run__ended_at"
        )
    }
    for entry in sink.ledger():
        over = ended.get(entry.key)
        assert over is None or entry.at <= over.timestamp(), f"{entry.who}: {entry.node} after its run's end"
        forbidden = (suppressed or {}).get(entry.who)
        assert forbidden is None or entry.at <= forbidden, f"{entry.who}: {entry.node} after the suppression"


def i5_no_timer_early() -> None:
    """No timer was released before it was due; a wait that an event ended has no such bound."""
    kinds = {
        (version, node["id"]): (node["type"], [branch["id"] for branch in node["config"].get("branches", ())])
        for version, graph in Version.objects.values_list("id", "graph")
        for node in graph["nodes"]
    }
    early = Step.objects.filter(status="done", due_at__isnull=False, left_at__lt=F("due_at"))
    for version, node, port, due, left in early.values_list("version_id", "node", "port", "due_at", "left_at"):
        kind, branches = kinds[version, node]
        assert kind not in TIMED or port in branches, f"{node} was left at {left}, due at {due}"


def i6_ends_as_the_model_says(people: Iterable[Person], sink: Sink) -> None:
    """Status, reason, steps and traits of every run, and the effects at the vendor, are those of the reference model:
    no more, no fewer."""
    runs = {run.customer.external_id: run for run in Run.objects.select_related("customer", "version")}
    kinds = {
        (run.id, node["id"]): node["type"] for run in runs.values() for node in run.version.graph["nodes"]
    }  # fmt: skip
    steps: dict[str, set[tuple[str, int, str]]] = {}
    for run, node, visit, port, status in Step.objects.values_list("run_id", "node", "visit", "port", "status"):
        assert status == "done", f"{node} of {run} is {status}"
        steps.setdefault(run, set()).add((node, visit, port if kinds[run, node] in CHOOSE else ""))
    traits = dict(Customer.objects.values_list("external_id", "traits"))
    effects: set[str] = set()
    for person in people:
        mine, end = runs[person.id], expect(runs[person.id].version.graph, person)
        assert (mine.status, mine.reason) == (end.status, end.reason), person
        assert steps[mine.id] == end.steps, person
        assert mine.steps == len(end.steps), person
        assert end.traits.items() <= traits[person.id].items(), person
        effects |= {effect_key(mine.id, node, visit) for node, visit in end.effects}
    assert set(sink.effects()) == effects
    assert set(Attempt.objects.filter(state="accepted").values_list("key", flat=True)) == effects


def i7_every_attempt_has_an_end(lease_s: float) -> None:
    """Every attempt is accepted, rejected, unknown or was never sent; none is `sending` for longer than a lease."""
    open_ = Attempt.objects.filter(state="sending", started_at__lt=clock.now() - timedelta(seconds=lease_s))
    assert not open_.exists(), list(open_.values("id", "key", "started_at"))
    assert not Attempt.objects.exclude(state="sending").filter(ended_at=None).exists()


Finished = dict[str, str]


def finished() -> Finished:
    """A checksum of every row that must not change any more: finished steps, ended runs, attempts that were answered."""
    rows = [
        *Step.objects.filter(status__in=FINAL).values(),
        *Run.objects.exclude(status__in=("active", "paused")).values(),
        *Attempt.objects.filter(state__in=("accepted", "rejected")).values(),
    ]
    return {row["id"]: hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest() for row in rows}


def i8_unchanged(before: Finished) -> None:
    """What was finished then is the same now."""
    now = finished()
    changed = [one for one, checksum in before.items() if now.get(one) != checksum]
    assert not changed, f"finished rows changed: {changed[:10]}"


def i10_nothing_secret(logs: Iterable[Path], secrets: Iterable[str]) -> None:
    """No log names what nobody may read there."""
    for path in logs:
        said = path.read_text()
        assert not [secret for secret in secrets if secret in said], path.name


def everything(people: list[Person], sink: Sink, sent: Iterable[str], *, lease_s: float) -> None:
    """I1 to I7, once all runs are over."""
    i1_stored_once(sent)
    i2_no_run_lost(len(people))
    i3_effects_once(sink)
    i4_nothing_after_the_end(sink)
    i5_no_timer_early()
    i6_ends_as_the_model_says(people, sink)
    i7_every_attempt_has_an_end(lease_s)
