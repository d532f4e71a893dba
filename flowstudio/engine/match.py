"""Pending events to what they mean: customers, traits, new runs, woken waits (DESIGN "How data flows", 2).

One matcher runs at a time, and it takes events in the order received, so that one customer's events are processed one
after the other (SEMANTICS 11.4, G7). A whole batch is read, judged in memory and written with a fixed number of
statements, in the transaction of the caller: after a crash the events are pending as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.engine import admission, crowds, exits, membership, rows, subflows, waking
from flowstudio.engine.admission import Entrance, Entry, History, Refusal
from flowstudio.engine.arrivals import Arrival, arrival, identify_hook, pending
from flowstudio.engine.doors import Doors
from flowstudio.engine.grace import refused_by_filter
from flowstudio.engine.identity import People
from flowstudio.engine.tally import Tally
from flowstudio.engine.traits import Change, Ledger, absorb, save_customers, shown
from flowstudio.store.models import Event
from flowstudio.store.sql import db_json

_ADVISORY_LOCK = 0x6D617463  # "matc"
_GRACE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """What a batch did. `admitted` tokens are leased to the caller with fence 1; `woken` ones are free and due now."""

    events: int = 0
    admitted: list[str] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)


def match(cursor: CursorWrapper, *, now: datetime, limit: int, owner: str, lease_until: datetime) -> Matched:
    """Processes up to `limit` pending events in the running transaction. A second matcher at once does nothing."""
    if connection.vendor == "postgresql":
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        if not cursor.fetchone()[0]:
            return Matched()
    events = pending(cursor, limit)
    if not events:
        return Matched()
    batch = _Batch(cursor=cursor, now=now, events=events)
    batch.find_customers()
    batch.judge()
    admitted = batch.start(owner, lease_until)
    batch.leave()
    woken = batch.wake()
    batch.save()
    batch.belong()
    return Matched(events=len(events), admitted=admitted, woken=[one.token_id for one in woken])


@dataclass(kw_only=True)
class _Batch:
    cursor: CursorWrapper
    now: datetime
    events: list[Arrival]
    people: People = field(default_factory=People)
    ledger: Ledger = field(default_factory=Ledger)
    history: History = field(default_factory=History)
    entries: list[Entry] = field(default_factory=list)
    doors: Doors = field(init=False)
    counts: Tally = field(default_factory=Tally)
    wanted: dict[tuple[str, str], list[Entrance]] = field(default_factory=dict)
    changed: dict[str, set[str]] = field(default_factory=dict)
    earlier: list[Arrival] = field(default_factory=list)
    inherited: list[Change] = field(default_factory=list)
    notes: list[subflows.Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.doors = Doors(now=self.now)

    def find_customers(self) -> None:
        """Step 1: whose events these are; new customers and taken-over ones are written at once."""
        self.wanted = admission.entrances(self.cursor, {(e.workspace_id, e.name) for e in self.events})
        for event in self.events:
            if event.type == "hook":
                entrance = next(iter(self.wanted.get((event.workspace_id, event.name), ())), None)
                identify_hook(event, entrance.identify if entrance else "", self.now)
        self.people.load(self.cursor, (name for event in self.events for name in _names(event)))
        self.people.load_known(self.cursor, {event.customer for event in self.events if event.customer})
        for event in self.events:
            if _own(event):
                # The engine's own events say whose they are.
                event.customer = event.customer if event.customer in self.people.by_id else ""
                continue
            person = self.people.resolve(
                event.workspace_id, event.user_id, event.anonymous_id, event.received_at, previous=event.previous_id
            )
            person = person or self.people.known(event.customer)
            event.customer = person.id if person else ""
        into = dict(self.people.taken)
        for event in self.events:
            while event.customer in into:
                event.customer = into[event.customer]
        self.people.save_new(self.cursor)
        self.people.save_seen(self.cursor)
        if connection.vendor == "postgresql":
            # On SQLite there is one writer, so nobody can have come in between.
            self.people.read_again(self.cursor)
        self.people.move(self.cursor)

    def judge(self) -> None:
        """Step 2: traits and admission, event by event, in memory."""
        said = {event.id: {} if event.again else event.traits() for event in self.events if event.customer}
        present = {person.id: person.traits for person in self.people.by_id.values()}
        names = {name for traits in said.values() for name in traits}
        for change in absorb(self.cursor, self.people.taken):
            names.update(change.values)
            self.inherited.append(change)
        self.people.drop(self.cursor)
        self.ledger.load(present, names)
        for change in self.inherited:
            self._apply(change)
        self._read_history()
        self._read_doors(said)
        for event in self.events:
            if not event.customer:
                continue
            if said[event.id]:
                self._apply(
                    Change(
                        workspace_id=event.workspace_id,
                        customer_id=event.customer,
                        values=said[event.id],
                        source="event",
                        occurred_at=event.occurred_at,
                        reference=event.id,
                    )
                )
            for entrance in self._entrances(event):
                (self._second_chance if event.again else self._admit)(event, entrance)
        self._judge_again()

    def _entrances(self, event: Arrival) -> Sequence[Entrance]:
        """The triggers that want an event; those for starts want the engine's own alone, whatever is sent to the door."""
        if event.name.startswith(subflows.entrance("")) and event.type != subflows.START:
            return ()
        if event.name.startswith(_RESERVED) and not _own(event):
            return ()
        return self.wanted.get((event.workspace_id, event.name), ())

    def _apply(self, change: Change) -> None:
        found = self.ledger.apply(change, self.now)
        if found:
            self.changed.setdefault(change.customer_id, set()).update(found)

    def _read_history(self) -> None:
        flows = {entrance.flow_id for group in self.wanted.values() for entrance in group}
        self.history.load(self.cursor, flows, {event.customer for event in self.events if event.customer})

    def _read_doors(self, said: Mapping[str, Mapping[str, Any]]) -> None:
        """Only for those who may enter something; with the addresses that their own events give them."""
        entering = [e for e in self.events if e.customer and self.wanted.get((e.workspace_id, e.name))]
        wanting = {event.customer: event.workspace_id for event in entering}
        emails: dict[str, set[str]] = {
            customer: {shown(self.ledger.traits.get(customer, {}))[0]} - {""} for customer in wanting
        }
        for event in self.events:
            given = said.get(event.id, {}).get("email")
            if event.customer in emails and isinstance(given, str) and given:
                emails[event.customer].add(given)
        self.doors.load(((wanting[one], one, found) for one, found in emails.items()), self._categories())

    def _categories(self) -> set[str]:
        return {entrance.rules.consent for group in self.wanted.values() for entrance in group} - {""}

    def _scope(self, event: Arrival) -> dict[str, Any]:
        return {"customer": self._customer(event.customer), "event": event.subject(), "now": self.now}

    def _customer(self, customer_id: str) -> dict[str, Any]:
        traits = self.ledger.traits.get(customer_id, {})
        return {"id": customer_id, "email": shown(traits)[0], "traits": traits}

    def _admit(self, event: Arrival, entrance: Entrance) -> None:
        verdict = admission.judge(entrance, event, self._scope(event), self.history, self.doors, self.now)
        if isinstance(verdict, Refusal):
            self._refuse(event, entrance, verdict)
        else:
            self.entries.append(verdict)

    def _refuse(self, event: Arrival, entrance: Entrance, refusal: Refusal) -> None:
        event.outcome.append({"flow": entrance.flow_id, "refused": refusal.sentence, "code": refusal.code})
        self._count_refused(entrance, refusal.code, 1)
        self._not_started(event, refusal.sentence)

    def _not_started(self, event: Arrival, why: str) -> None:
        note = subflows.ended(event.workspace_id, event.customer, event.subject(), "", "not_started", why)
        if note is not None:
            self.notes.append(note)

    def _count_refused(self, entrance: Entrance, code: str, delta: int) -> None:
        """On the run and on the trigger, and there by the reason, too."""
        node = f"node:{entrance.node}"
        for subject, metric in (("run", "refused"), (node, "refused"), (node, f"refused:{code}")):
            self.counts.count(entrance.workspace_id, entrance.flow_id, entrance.version, subject, metric, delta)

    def _judge_again(self) -> None:
        """Filters that were false a moment ago, for customers whose traits have changed since (1.4, `match_grace`)."""
        waiting = [e for e in self.events if e.customer in self.changed and refused_by_filter(e.outcome)]
        known = {event.id for event in self.events}
        for chunk in rows.chunks(sorted(self.changed)):
            query = Event.objects.filter(
                customer_id__in=chunk, received_at__gte=self.now - admission.MAX_GRACE, status="done"
            ).order_by("id")
            self.earlier += [e for e in map(arrival, query) if e.id not in known and refused_by_filter(e.outcome)]
        waiting = sorted([*waiting, *self.earlier], key=lambda event: event.id)
        missing = {(e.workspace_id, e.name) for e in self.earlier} - set(self.wanted)
        if missing:
            self.wanted.update(admission.entrances(self.cursor, missing))
            self._read_history_of(missing)
        if self.earlier:
            known_as = [(e.workspace_id, e.customer, (self._customer(e.customer)["email"],)) for e in self.earlier]
            self.doors.load(known_as, self._categories())
        for event in waiting:
            for entrance in self.wanted.get((event.workspace_id, event.name), ()):
                self._second_chance(event, entrance)

    def _read_history_of(self, missing: set[tuple[str, str]]) -> None:
        flows = {entrance.flow_id for pair in missing for entrance in self.wanted.get(pair, ())}
        self.history.load(self.cursor, flows, set(self.changed))

    def _second_chance(self, event: Arrival, entrance: Entrance) -> None:
        grace = min(entrance.duration("match_grace", _GRACE), admission.MAX_GRACE)
        old = next((o for o in event.outcome if o.get("flow") == entrance.flow_id and o.get("code") == "filter"), None)
        if old is None or self.now - event.received_at > grace:
            return
        verdict = admission.judge(entrance, event, self._scope(event), self.history, self.doors, self.now)
        if isinstance(verdict, Entry):
            event.outcome.remove(old)
            self._count_refused(entrance, "filter", -1)
            self.entries.append(verdict)

    def start(self, owner: str, lease_until: datetime) -> list[str]:
        """Step 3: traits, then the runs."""
        self.ledger.save(self.cursor)
        save_customers(self.cursor, {customer: self.ledger.traits[customer] for customer in self.changed})
        began = admission.start(self.cursor, self.entries, now=self.now, owner=owner, lease_until=lease_until)
        for entry in self.entries:
            if entry.run_id in began:
                self._began(entry)
            else:
                refusal = Refusal(code="reentry", sentence="Not started: the customer is still in this flow.")
                self._refuse(entry.event, entry.entrance, refusal)
        return [entry.token_id for entry in self.entries if entry.run_id in began]

    def _began(self, entry: Entry) -> None:
        entrance = entry.entrance
        entry.event.outcome.append(
            {"flow": entrance.flow_id, "run": entry.run_id, **({"shadow": True} if entry.shadow else {})}
        )
        if entry.shadow:
            subject = f"node:{entrance.node}"
            self.counts.count(entrance.workspace_id, entrance.flow_id, entrance.version, subject, "held_out")
        for metric in ("entered", "active"):
            self.counts.count(entrance.workspace_id, entrance.flow_id, entrance.version, "run", metric)
        email, name = shown(self.ledger.traits.get(entry.customer, {}))
        line = {
            "run": entry.run_id,
            "customer": {"id": entry.customer, "name": name, "email": email},
            "node": entrance.node,
            "status": "active",
            "state": "ready",
            "sentence": _entered(entry.event),
            "at": self.now.isoformat(),
        }
        self.counts.run(entrance.workspace_id, entrance.flow_id, entry.run_id, entry.customer)
        self.counts.line(entrance.workspace_id, entrance.flow_id, line)

    def leave(self) -> None:
        """Step 4: goals that these events and traits reach, then runs that they end: before any wait goes on (2.1)."""
        told = exits.on_events(self.cursor, self._fresh(), self._customers(), self.counts, now=self.now)
        by_id = {event.id: event for event in self.events}
        for one in told:
            outcome = by_id[one.event_id].outcome
            outcome += [{"flow": one.flow_id, "run": one.run_id, "goal": goal} for goal in one.goals]
            if one.left:
                outcome.append({"flow": one.flow_id, "left": one.run_id, "sentence": one.left})
        workspaces = {event.workspace_id for event in self.events}
        exits.on_traits(self.cursor, workspaces, self.changed, self.counts, self.now)

    def _fresh(self) -> list[Arrival]:
        # What is judged once more has ended its waits and runs already. Ends of runs are the engine's own to tell.
        return [
            event
            for event in self.events
            if not event.again and (event.type == subflows.ENDED or not event.name.startswith("ended:"))
        ]

    def _customers(self) -> dict[str, dict[str, Any]]:
        return {event.customer: self._customer(event.customer) for event in self.events if event.customer}

    def wake(self) -> Sequence[waking.Woken]:
        """Step 5: waits that these events and the traits they brought end."""
        people = self._customers()
        people.update({customer: self._customer(customer) for customer in self.changed})
        woken = waking.wake(self.cursor, self._fresh(), people, now=self.now, changed=self._changes())
        by_id = {event.id: event for event in self.events}
        for one in woken:
            if one.event_id:
                by_id[one.event_id].outcome.append({"flow": one.flow_id, "woke": one.run_id})
        return woken

    def _changes(self) -> dict[str, waking.Changed]:
        """What changed of whom, as of the last event that may have brought it."""
        at: dict[str, tuple[str, datetime]] = {}
        for event in self.events:
            if event.customer in self.changed:
                last = at.get(event.customer, (event.workspace_id, event.occurred_at))[1]
                at[event.customer] = (event.workspace_id, max(last, event.occurred_at))
        return {
            customer: waking.Changed(workspace=workspace, names=self.changed[customer], at=moment)
            for customer, (workspace, moment) in at.items()
        }

    def belong(self) -> None:
        """Last: segments that these events and traits may have changed; a merge tells nothing (12.3)."""
        merged = {customer for _, customer in self.people.taken}
        named: dict[str, tuple[str, set[str]]] = {}
        for event in self._fresh():
            if event.customer and not _own(event):
                named.setdefault(event.customer, (event.workspace_id, set()))[1].add(event.name)
        membership.touched(
            self.cursor,
            {
                customer: membership.Touched(
                    workspace=workspace, traits=self.changed.get(customer, ()), events=names, quiet=customer in merged
                )
                for customer, (workspace, names) in named.items()
            },
            self.now,
        )

    def save(self) -> None:
        """Step 6: what became of each event, the counters, and last the feed."""
        for event in self.events:
            if event.type == subflows.START and not event.outcome:
                event.problem = (
                    "There is nothing to start: the flow is not published, or does not begin with “Started by hand”."
                )
                self._not_started(event, event.problem)
        subflows.put(self.cursor, self.notes, self.now)
        rows.update(
            self.cursor,
            "store_event",
            ["customer_id", "user_id", "status", "problem", "outcome"],
            [
                (e.id, e.customer, e.user_id, _status(e), e.problem, db_json(e.outcome))
                for e in [*self.events, *self.earlier]
            ],
            types=["text", "text", "text", "text", "text", "jsonb"],
        )
        for event in self.events:
            if event.customer:
                self.counts.customer(event.workspace_id, event.customer)
        for old, _ in self.people.taken:
            # Whoever watches the anonymous one, or a run that showed it, learns that it is somebody else's now.
            self.counts.customer(self.people.by_id[old].workspace_id, old)
        self.counts.write(self.cursor, self.now)


_OWN = frozenset({subflows.START, subflows.ENDED, crowds.CROWD, membership.SEGMENT})
_RESERVED = (crowds.brought(""), "segment:")


def _own(event: Arrival) -> bool:
    return event.type in _OWN


def _entered(event: Arrival) -> str:
    if event.type == subflows.START:
        return "Started by hand" if event.source == subflows.BY_HAND else "Started by another flow"
    if event.type in (crowds.CROWD, membership.SEGMENT):
        return "Entered as one of a segment" if event.subject()["properties"].get("segment") else "Entered on schedule"
    return "Entered by a webhook" if event.type == "hook" else f"Entered by {event.name}"


def _names(event: Arrival) -> list[tuple[str, str, str]]:
    named = [("user", event.user_id), ("anon", event.anonymous_id)]
    if event.previous_id:
        named += [("anon", event.previous_id), ("user", event.previous_id)]
    return [(event.workspace_id, kind, value) for kind, value in named if value]


def _status(event: Arrival) -> str:
    refused = [outcome for outcome in event.outcome if outcome.get("code") == "too_late"]
    return "too_late" if refused and len(refused) == len(event.outcome) else "done"
