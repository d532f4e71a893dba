"""What a commit tells viewers: counter deltas and feed rows, summed over a group and written with it.

The same deltas go into the counters (total and hour) and into the feed, so that *snapshot + deltas = new snapshot*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import clock, feed, rows

MAX_LINES = 50
# A level rather than a flow of things: an hour's bucket of it would mean nothing.
_LEVELS = frozenset({"inside", "active", "held"})
_COLUMNS = ("workspace_id", "flow_id", "version", "bucket", "subject", "metric", "value")


@dataclass(kw_only=True, slots=True)
class _FlowTally:
    workspace: str
    counts: dict[tuple[int, str, str], int] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    sampled: bool = False


@dataclass(kw_only=True, slots=True)
class Tally:
    """Collects while a group is prepared; `write` adds everything in the group's transaction."""

    flows: dict[str, _FlowTally] = field(default_factory=dict)
    customers: dict[str, set[str]] = field(default_factory=dict)
    told: list[feed.Fact] = field(default_factory=list)

    def _flow(self, workspace: str, flow: str) -> _FlowTally:
        found = self.flows.get(flow)
        if found is None:
            found = self.flows[flow] = _FlowTally(workspace=workspace)
        return found

    def count(self, workspace: str, flow: str, version: int, subject: str, metric: str, delta: int = 1) -> None:
        """Adds to one number of a flow."""
        counts = self._flow(workspace, flow).counts
        key = (version, subject, metric)
        counts[key] = counts.get(key, 0) + delta

    def run(self, workspace: str, flow: str, run: str, customer: str) -> None:
        """A run changed."""
        self._flow(workspace, flow).runs[run] = customer

    def step(self, workspace: str, flow: str, step: str, run: str) -> None:
        """A step was made or changed."""
        self._flow(workspace, flow).steps[step] = run

    def line(self, workspace: str, flow: str, line: Mapping[str, Any]) -> None:
        """The newest sentence about a run for the stream at the canvas' side; the first 50 of a group are kept."""
        mine = self._flow(workspace, flow)
        if line["run"] not in mine.lines and len(mine.lines) >= MAX_LINES:
            mine.sampled = True
            return
        mine.lines[line["run"]] = dict(line)

    def customer(self, workspace: str, customer: str) -> None:
        """A customer's traits changed."""
        self.customers.setdefault(workspace, set()).add(customer)

    def tell(self, fact: feed.Fact) -> None:
        """A fact of another kind, in its turn."""
        self.told.append(fact)

    def write(self, cursor: CursorWrapper, now: datetime) -> None:
        """Counters, then feed rows (last, see `feed`); inside `together`, at its end."""
        whole = _whole.get()
        if whole is not None and whole is not self:
            whole._absorb(self)
            return
        hour = int(now.timestamp()) // 3600
        counted: list[tuple[Any, ...]] = []
        facts: list[feed.Fact] = []
        for flow, mine in self.flows.items():
            shown: dict[tuple[str, str], int] = {}
            for (version, subject, metric), delta in mine.counts.items():
                if not delta:
                    continue
                shown[subject, metric] = shown.get((subject, metric), 0) + delta
                counted.append((mine.workspace, flow, version, 0, subject, metric, delta))
                if metric not in _LEVELS:
                    counted.append((mine.workspace, flow, version, hour, subject, metric, delta))
            facts.append(
                feed.Fact(
                    workspace_id=mine.workspace,
                    kind="engine",
                    flow_id=flow,
                    facts={
                        "counts": [[subject, metric, delta] for (subject, metric), delta in shown.items() if delta],
                        "runs": list(mine.runs.items()),
                        "steps": list(mine.steps.items()),
                        "lines": list(mine.lines.values()),
                        "sampled": mine.sampled,
                        "hour": hour,
                    },
                )
            )
        facts += [
            feed.Fact(workspace_id=workspace, kind="customer", flow_id="", facts={"customers": sorted(ids)})
            for workspace, ids in self.customers.items()
        ]
        facts += self.told
        add(cursor, counted)
        feed.append_all(cursor, facts)

    def _absorb(self, other: Tally) -> None:
        for flow, theirs in other.flows.items():
            mine = self._flow(theirs.workspace, flow)
            for key, delta in theirs.counts.items():
                mine.counts[key] = mine.counts.get(key, 0) + delta
            mine.runs.update(theirs.runs)
            mine.steps.update(theirs.steps)
            mine.sampled = mine.sampled or theirs.sampled
            for line in theirs.lines.values():
                self.line(theirs.workspace, flow, line)
        for workspace, customers in other.customers.items():
            self.customers.setdefault(workspace, set()).update(customers)
        self.told += other.told


_whole: ContextVar[Tally | None] = ContextVar("tally_whole", default=None)


@contextmanager
def together(cursor: CursorWrapper) -> Iterator[None]:
    """Every tally that is written inside is written at the end, as one.

    Counters and the feed's lock are what every writer takes last. Where one transaction does several things, the first
    one's must not be held while the next one waits for a run: on PostgreSQL whoever cancels that run holds it and waits
    for them.
    """
    whole = Tally()
    token = _whole.set(whole)
    try:
        yield
    finally:
        _whole.reset(token)
    whole.write(cursor, clock.now())


def add(cursor: CursorWrapper, deltas: list[tuple[Any, ...]]) -> None:
    """Adds deltas (workspace, flow, version, bucket, subject, metric, delta), each number once, in one fixed order.

    The order keeps two engines on PostgreSQL from waiting for each other's rows.
    """
    one = "(" + ", ".join(["%s"] * len(_COLUMNS)) + ")"
    for chunk in rows.chunks(sorted(deltas)):
        cursor.execute(
            f"INSERT INTO store_counter ({', '.join(_COLUMNS)}) VALUES {', '.join([one] * len(chunk))} "  # noqa: S608
            "ON CONFLICT (flow_id, bucket, version, subject, metric) "
            "DO UPDATE SET value = store_counter.value + excluded.value",
            [value for row in chunk for value in row],
        )
