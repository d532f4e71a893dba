"""What a list says about a flow's drawing without reading it each time: thumbnail, issues, opening sentence.

A sketch depends on the draft alone, so it is kept in memory by (flow, revision); only drafts that moved are read again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.errors import FlowstudioError
from flowstudio.domain.explain import sentences
from flowstudio.domain.graph import CARD_HEIGHT, CARD_WIDTH, SLIM_HEIGHT, Graph
from flowstudio.services import graphs
from flowstudio.store.models import Flow
from flowstudio.store.queries import flows as queries

_KEPT = 2_000
_lock = Lock()
_sketches: OrderedDict[tuple[str, int], Sketch] = OrderedDict()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """A draft at a glance."""

    drawing: Mapping[str, Any]
    errors: int
    warnings: int
    first_issue: str
    opening: str
    names: Mapping[str, str]


def of_flows(flows: list[Flow]) -> dict[str, Sketch]:
    """The sketch of each flow's draft, with at most one query for those not in memory."""
    keys = {flow.id: (flow.id, flow.draft.revision) for flow in flows}
    with _lock:
        found = {flow_id: _sketches[key] for flow_id, key in keys.items() if key in _sketches}
    for flow_id, document in queries.draft_graphs([flow_id for flow_id in keys if flow_id not in found]).items():
        found[flow_id] = of_document(document)
        with _lock:
            _sketches[keys[flow_id]] = found[flow_id]
            while len(_sketches) > _KEPT:
                _sketches.popitem(last=False)
    return found


def of_document(document: object) -> Sketch:
    """The sketch of one stored document; a damaged one is drawn empty and says so."""
    try:
        graph = graphs.placed(graphs.parse(document))
    except FlowstudioError as error:
        return Sketch(drawing=_EMPTY, errors=1, warnings=0, first_issue=error.message, opening="", names={})
    issues = graphs.issues_of(graph)
    errors = [issue for issue in issues if issue.severity == "error"]
    warnings = [issue for issue in issues if issue.severity == "warning"]
    first = next(iter([*errors, *warnings]), None)
    said = sentences(graph, CATALOGUE)
    return Sketch(
        drawing=drawing(graph),
        errors=len(errors),
        warnings=len(warnings),
        first_issue=first.message if first else "",
        opening=said[0].text if said else "",
        names={node.id: node.name or node.id for node in graph.nodes},
    )


_EMPTY: Mapping[str, Any] = {"width": 0, "height": 0, "nodes": [], "edges": []}


def drawing(graph: Graph) -> dict[str, Any]:
    """Boxes and straight edges at the stored places, moved to the origin; small enough for a list."""
    boxes: dict[str, dict[str, Any]] = {}
    for node in graph.nodes:
        kind = CATALOGUE.get(node.type)
        at = node.position
        boxes[node.id] = {
            "id": node.id,
            "x": at.x if at else 0.0,
            "y": at.y if at else 0.0,
            "w": CARD_WIDTH,
            "h": SLIM_HEIGHT if kind and kind.slim else CARD_HEIGHT,
            "kind": kind.kind if kind else "data",
        }
    if not boxes:
        return dict(_EMPTY)
    left = min(box["x"] for box in boxes.values())
    top = min(box["y"] for box in boxes.values())
    for box in boxes.values():
        box["x"] -= left
        box["y"] -= top
    ends = [(boxes[e.source], boxes[e.target]) for e in graph.edges if e.source in boxes and e.target in boxes]
    return {
        "width": max(box["x"] + box["w"] for box in boxes.values()),
        "height": max(box["y"] + box["h"] for box in boxes.values()),
        "nodes": list(boxes.values()),
        "edges": [[a["x"] + a["w"] / 2, a["y"] + a["h"], b["x"] + b["w"] / 2, b["y"]] for a, b in ends],
    }
