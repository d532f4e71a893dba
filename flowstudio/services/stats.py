"""What happened on each node and edge of a flow, from the counters the engine keeps."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flowstudio.domain import histogram
from flowstudio.services.caller import Caller
from flowstudio.store.queries import flows as queries

NODE_METRICS = ("entered", "inside", "done", "failed", "held", "withheld", "held_out", "converted")
_REFUSED = "refused:"
# Entered and retried together are active and ended: a retry is a run of its own, but nobody entered.
RUN_METRICS = (
    "entered", "retried", "active", "completed", "goal", "exited", "cancelled", "failed", "expired", "refused",
)  # fmt: skip


def read(caller: Caller, flow_id: str) -> dict[str, Any]:
    """Counts of nodes, edges and runs over all versions, with the median and 95th percentile of each node's time."""
    flow = queries.one(caller.workspace_id, flow_id)
    nodes: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NODE_METRICS, 0))
    spread: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    edges: dict[str, dict[str, int]] = defaultdict(lambda: {"count": 0})
    goals: dict[str, int] = defaultdict(int)
    refusals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    runs = dict.fromkeys(RUN_METRICS, 0)
    for subject, metric, value in queries.counters(flow.id):
        kind, _, name = subject.partition(":")
        if kind == "node" and metric in NODE_METRICS:
            nodes[name][metric] += value
        elif kind == "node" and metric.startswith(_REFUSED):
            refusals[name][metric.removeprefix(_REFUSED)] += value
        elif kind == "node" and metric.startswith("d"):
            spread[name][int(metric[1:])] += value
        elif kind == "edge":
            edges[name]["count"] += value
        elif kind == "goal" and metric == "reached":
            goals[name] += value
        elif kind == "run" and metric in runs:
            runs[metric] += value
    return {
        "nodes": {
            name: {
                **counts,
                "refusals": {code: count for code, count in refusals[name].items() if count},
                "p50_s": histogram.quantile(spread.get(name, {}), 0.5),
                "p95_s": histogram.quantile(spread.get(name, {}), 0.95),
            }
            for name, counts in ((name, nodes[name]) for name in [*nodes, *(refusals.keys() - nodes.keys())])
        },
        "edges": dict(edges),
        "goals": dict(goals),
        "runs": runs,
    }
