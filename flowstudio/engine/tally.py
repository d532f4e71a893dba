"""Counts of one transaction, written at its end to the counters and, the same numbers, to the feed.

A counter only ever has something added to it, so that two writers need not know of each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import feed

_LINES = 50
# How many are somewhere now; an hour has no use for it.
_PRESENT = frozenset({"inside", "active", "held"})


@dataclass(kw_only=True)
class _Flow:
    workspace_id: str
    counts: dict[tuple[int, str, str], int] = field(default_factory=lambda: defaultdict(int))
    runs: dict[str, str] = field(default_factory=dict)
    lines: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(kw_only=True)
class Entries:
    """What entering and being refused added, by flow."""

    flows: dict[str, _Flow] = field(default_factory=dict)

    def count(self, workspace_id: str, flow_id: str, version: int, subject: str, metric: str, delta: int = 1) -> None:
        """Adds to one counter."""
        self._flow(workspace_id, flow_id).counts[version, subject, metric] += delta

    def run(self, workspace_id: str, flow_id: str, run_id: str, customer_id: str, line: Mapping[str, Any]) -> None:
        """Tells viewers of one run."""
        flow = self._flow(workspace_id, flow_id)
        flow.runs[run_id] = customer_id
        flow.lines.append(line)

    def _flow(self, workspace_id: str, flow_id: str) -> _Flow:
        return self.flows.setdefault(flow_id, _Flow(workspace_id=workspace_id))

    def facts(self, now: datetime) -> list[feed.Fact]:
        """One row of the feed for each flow."""
        hour = int(now.timestamp()) // 3600
        return [
            feed.Fact(workspace_id=flow.workspace_id, kind="engine", flow_id=flow_id, facts=_facts(flow, hour))
            for flow_id, flow in self.flows.items()
        ]

    def save(self, cursor: CursorWrapper, now: datetime) -> None:
        """Writes the counters: the total, and the hour where that makes sense."""
        hour = int(now.timestamp()) // 3600
        rows = [
            (flow.workspace_id, flow_id, version, bucket, subject, metric, delta)
            for flow_id, flow in sorted(self.flows.items())
            for (version, subject, metric), delta in sorted(flow.counts.items())
            for bucket in ((0,) if metric in _PRESENT else (0, hour))
        ]
        if rows:
            one = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(rows))
            cursor.execute(
                "INSERT INTO store_counter (workspace_id, flow_id, version, bucket, subject, metric, value) "  # noqa: S608
                f"VALUES {one} ON CONFLICT (flow_id, bucket, version, subject, metric) "
                "DO UPDATE SET value = store_counter.value + excluded.value",
                [value for row in rows for value in row],
            )


def _facts(flow: _Flow, hour: int) -> dict[str, Any]:
    summed: dict[tuple[str, str], int] = defaultdict(int)
    for (_version, subject, metric), delta in flow.counts.items():
        summed[subject, metric] += delta
    return {
        "counts": [[subject, metric, delta] for (subject, metric), delta in summed.items()],
        "runs": [[run, customer] for run, customer in flow.runs.items()],
        "steps": [],
        "lines": flow.lines[-_LINES:],
        "sampled": len(flow.lines) > _LINES,
        "hour": hour,
    }
