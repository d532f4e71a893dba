"""What viewers see: the state of a live topic together with its cursor, and single parts of it read again.

A state and its cursor come from one consistent look at the database, so that *snapshot + deltas = new snapshot*. Every
query is bound to the workspace: another workspace's id is as unknown as an id that never was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowstudio.domain.errors import NotFound
from flowstudio.engine import sentences
from flowstudio.services import customers, events, runs
from flowstudio.store.models import Run, Step
from flowstudio.store.queries import customers as customer_queries
from flowstudio.store.queries import events as event_queries
from flowstudio.store.queries import feed
from flowstudio.store.queries import flows as flow_queries
from flowstudio.store.queries import runs as run_queries
from flowstudio.store.sql import reading

LINES = 40
NEWEST = 50
_WINDOW = 5_000
_FACTS = 500
_CHUNK = 500

type Items = dict[str, dict[str, Any]]


def snapshot(workspace_id: str, kind: str, thing: str) -> tuple[int, dict[str, Any]]:
    """Cursor and state of a topic (`flow`, `run`, `customer`, `workspace`), or NotFound."""
    with reading():
        cursor = feed.last_id(workspace_id)
        if kind == "flow":
            return cursor, _flow(workspace_id, thing)
        if kind == "run":
            return cursor, _run(workspace_id, thing)
        if kind == "customer":
            return cursor, _customer(workspace_id, thing)
        return cursor, _workspace(workspace_id, cursor)


def _flow(workspace_id: str, flow_id: str) -> dict[str, Any]:
    flow = flow_queries.one(workspace_id, flow_id)
    stream, sampled = _stream(workspace_id, flow_id)
    draft = getattr(flow, "draft", None)
    return {
        "flow": {
            "id": flow.id,
            "name": flow.name,
            "state": flow.state,
            "version": flow.version,
            "draft_revision": draft.revision if draft else 0,
        },
        "counts": feed.totals(flow_id),
        "stream": stream,
        "sampled": sampled,
    }


def _stream(workspace_id: str, flow_id: str) -> tuple[Items, bool]:
    """The newest line of each of the newest 40 runs, the oldest line first, and whether some were left out.

    Lines come from the feed, word for word as viewers were told them; runs of long ago get theirs from their rows.
    """
    newest: Items = {}
    sampled = False
    for facts in feed.engine_facts(workspace_id, flow_id, window=_WINDOW, limit=_FACTS):
        for line in reversed(facts["lines"]):
            if line["run"] not in newest and len(newest) < LINES:
                newest[line["run"]] = line
                sampled = sampled or bool(facts["sampled"])
        if len(newest) >= LINES:
            break
    if len(newest) < LINES:
        newest.update(_old_lines(workspace_id, flow_id, newest))
    return dict(reversed(newest.items())), sampled


def _old_lines(workspace_id: str, flow_id: str, known: Collection[str]) -> Items:
    rows = run_queries.listed(workspace_id, flow=flow_id).exclude(id__in=list(known)).order_by("-id")
    found = list(rows[: LINES - len(known)])
    if not found:
        return {}
    steps = run_queries.steps_by_id([last for run in found if (last := getattr(run, "last_step", None))])
    lines = [_line(run, item, steps) for run, item in zip(found, runs.items(found), strict=True)]
    return {line["run"]: line for line in sorted(lines, key=lambda line: str(line["at"]), reverse=True)}


def _line(run: Run, item: Mapping[str, Any], steps: Mapping[str, Step]) -> dict[str, Any]:
    step = steps.get(getattr(run, "last_step", None) or "")
    at = run.ended_at or (step.left_at or step.entered_at if step else run.started_at)
    return sentences.plain_line(
        run=run.id,
        customer=item["customer"],
        node=item["node"]["id"] if item["node"] else "",
        status=run.status,
        state=item["state"],
        sentence=item["sentence"],
        at=at,
    )


def _run(workspace_id: str, run_id: str) -> dict[str, Any]:
    run = run_queries.one(workspace_id, run_id)
    return {"run": runs.items([run])[0], "steps": {step.id: runs.step_item(step) for step in runs.path(run)}}


def _customer(workspace_id: str, customer_id: str) -> dict[str, Any]:
    customer = customer_queries.one(workspace_id, customer_id)
    return {
        "customer": customers.item(customer),
        "runs": _by_id(runs.items(run_queries.of_customer(workspace_id, customer_id, NEWEST))),
        "events": _by_id(
            events.items(workspace_id, event_queries.of_customer(workspace_id, customer_id, NEWEST)),
        ),
    }


def _workspace(workspace_id: str, cursor: int) -> dict[str, Any]:
    totals = feed.run_totals(workspace_id)
    flows = {flow: {**head, "runs": totals.get(flow, {})} for flow, head in feed.heads(workspace_id).items()}
    return {"flows": flows, "moved": cursor}


def _by_id(items: Sequence[dict[str, Any]]) -> Items:
    return {item["id"]: item for item in items}


@dataclass(kw_only=True, slots=True)
class Wanted:
    """Parts of one workspace's topics that the feed has named since they were read last."""

    runs: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.runs or self.steps or self.customers)


@dataclass(kw_only=True, slots=True)
class Found:
    """The wanted parts as they stand now; what is gone is not in it."""

    runs: Items = field(default_factory=dict)
    steps: Items = field(default_factory=dict)
    customers: Items = field(default_factory=dict)


def again(wanted: Mapping[str, Wanted]) -> dict[str, Found]:
    """Reads the wanted parts of each workspace: a few queries for all runs and steps, a few more a customer."""
    with reading():
        return {workspace: _again(workspace, parts) for workspace, parts in wanted.items() if parts}


def _again(workspace_id: str, wanted: Wanted) -> Found:
    found = Found()
    for ids in _chunks(wanted.runs):
        found.runs.update(_by_id(runs.items(list(run_queries.of_workspace(workspace_id).filter(id__in=ids)))))
    for ids in _chunks(wanted.steps):
        found.steps.update({step.id: runs.step_item(step) for step in feed.steps(workspace_id, ids)})
    for customer in sorted(wanted.customers):
        try:
            found.customers[customer] = _customer(workspace_id, customer)
        except NotFound:
            continue
    return found


def _chunks(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK)]
