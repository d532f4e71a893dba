"""Where a run goes on by a newer version, once the step that it finished under an older one is over (SEMANTICS 8.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowstudio.domain import moving
from flowstudio.domain.interpreter import Ended, Finished, Standing, Walk
from flowstudio.engine.carried import Carried
from flowstudio.engine.programs import Entry, catalogue
from flowstudio.engine.transfer import Way


def stands(carried: Carried, way: Way | None) -> bool:
    """Whether the run goes no further than to the end of its open step, and on by another version then."""
    return carried.behind or (way is not None and moving.verdict(way.orders, carried.node)[0] == "move")


def onward(carried: Carried, walk: Walk, way: Way | None) -> Walk:
    """The walk as it ends in the newer version: by that one's lines where it still has the step and its way out."""
    # An arm goes over with its siblings, so it only comes to stand.
    newer, stop = carried.newer or (way.after if way and not carried.parent else None), walk.stop
    chain = carried.chain or ((way.orders,) if way else ())
    if newer is None or not walk.steps or not isinstance(stop, Standing | Ended):
        return walk
    last = walk.steps[-1]
    if isinstance(stop, Ended) and stop.reason != "end_of_path":
        return walk
    return Walk(steps=walk.steps, stop=_next(chain, newer, last, stop))


def _next(chain: Sequence[Mapping[str, Any]], newer: Entry, last: Finished, stop: Standing | Ended) -> Standing | Ended:
    way = newer.program.edge(last.node, last.port)
    if way is not None:
        return Standing(node=way[1])
    if isinstance(stop, Ended):
        return stop
    if last.node in newer.nodes:
        if last.port in _ports(newer, last.node):
            return Ended(status="completed", reason="end_of_path", node=last.node)
        to = moving.onward(chain, stop.node)
    else:
        to = moving.onward(chain, last.node)
        to = to if to in newer.nodes else moving.onward(chain, stop.node)
    if to in newer.nodes:
        return Standing(node=to)
    return Ended(status="cancelled", reason="node_removed", node=last.node)


def _ports(entry: Entry, node: str) -> set[str]:
    drawn = entry.nodes[node]
    kind = catalogue().get(drawn.type)
    return {port.id for port in kind.ports(drawn.config)} if kind else set()
