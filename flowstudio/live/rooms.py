"""The watched topics of one workspace, and which of them a row of the feed concerns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from flowstudio.live.topics import CustomerTopic, FlowTopic, RunTopic, WorkspaceTopic
from flowstudio.live.watched import Watched
from flowstudio.store.queries.feed import Row


class Room:
    """Topics by name, and by what they are about."""

    def __init__(self) -> None:
        self._all: dict[str, Watched] = {}
        self._flows: dict[str, Watched] = {}
        self._runs: dict[str, Watched] = {}
        self._customers: dict[str, Watched] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Watched]:
        return iter(list(self._all.values()))

    def get(self, name: str) -> Watched | None:
        """The topic of this name, if it is watched."""
        return self._all.get(name)

    def add(self, watched: Watched) -> None:
        """From now on rows are told to this topic."""
        name = watched.topic.name
        kind, _, thing = name.partition(":")
        self._all[name] = watched
        if kind != "workspace":
            self._by_kind(kind)[thing] = watched

    def drop(self, watched: Watched) -> None:
        """Nobody watches this topic any more."""
        name = watched.topic.name
        kind, _, thing = name.partition(":")
        self._all.pop(name, None)
        if kind != "workspace":
            self._by_kind(kind).pop(thing, None)

    def _by_kind(self, kind: str) -> dict[str, Watched]:
        return {"flow": self._flows, "run": self._runs, "customer": self._customers}[kind]

    def tell(self, row: Row) -> None:
        """Tells a row to every topic that it concerns."""
        whole = self._all.get("workspace")
        if whole is not None and whole.hears(row.id):
            cast(WorkspaceTopic, whole.topic).tell(row.kind, row.flow_id, row.facts)
        if row.kind == "engine":
            self._engine(row)
        elif row.kind == "flow":
            self._flow(row)
        elif row.kind == "customer":
            self._customer(row)

    def _engine(self, row: Row) -> None:
        facts = row.facts
        flow = self._flows.get(row.flow_id)
        if flow is not None and flow.hears(row.id):
            cast(FlowTopic, flow.topic).tell(facts)
        if self._runs:
            self._run_facts(row.id, facts)
        if self._customers:
            told: dict[str, list[str]] = {}
            for run, customer in facts["runs"]:
                if customer in self._customers:
                    told.setdefault(customer, []).append(run)
            for customer, runs in told.items():
                watched = self._customers[customer]
                if watched.hears(row.id):
                    for run in runs:
                        cast(CustomerTopic, watched.topic).tell_run(run)

    def _run_facts(self, row: int, facts: Mapping[str, Any]) -> None:
        told: dict[str, list[str]] = {run: [] for run, _ in facts["runs"] if run in self._runs}
        for step, run in facts["steps"]:
            if run in self._runs:
                told.setdefault(run, []).append(step)
        for run, steps in told.items():
            watched = self._runs[run]
            if watched.hears(row):
                topic = cast(RunTopic, watched.topic)
                topic.tell()
                for step in steps:
                    topic.tell_step(step)

    def _flow(self, row: Row) -> None:
        flow = self._flows.get(row.flow_id)
        if flow is not None and flow.hears(row.id):
            cast(FlowTopic, flow.topic).tell_head(row.facts)
        # Runs and customers show the flow's name.
        named = {row.flow_id}
        for watched in self._runs.values():
            run = cast(RunTopic, watched.topic)
            if run.concerns(named, ()) and watched.hears(row.id):
                run.tell()
        for watched in self._customers.values():
            customer = cast(CustomerTopic, watched.topic)
            if customer.concerns(named) and watched.hears(row.id):
                customer.tell()

    def _customer(self, row: Row) -> None:
        named = set(row.facts["customers"])
        for customer_id in named & self._customers.keys():
            watched = self._customers[customer_id]
            if watched.hears(row.id):
                cast(CustomerTopic, watched.topic).tell()
        # Runs show the customer's name and address.
        for watched in self._runs.values():
            run = cast(RunTopic, watched.topic)
            if run.concerns((), named) and watched.hears(row.id):
                run.tell()
