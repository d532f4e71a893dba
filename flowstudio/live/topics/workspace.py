"""A watched workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.live.topics.base import HEAD, Change, Reload, State, Topic, minus, move_head, plus, put
from flowstudio.services.live import Found


class WorkspaceTopic(Topic):
    """Every flow with its numbers of runs, and a cursor that moves with whatever happens."""

    def __init__(self, workspace: str, name: str, seen: int, state: State) -> None:
        super().__init__(workspace, name, seen, state)
        self._heads: dict[str, Mapping[str, Any]] = {}
        self._added: dict[tuple[str, str], int] = {}
        self._moved = False

    def tell(self, kind: str, flow: str, facts: Mapping[str, Any]) -> None:
        """Any row of the workspace."""
        self._moved = True
        if kind == "flow":
            self._heads[flow] = facts
        elif kind == "engine":
            for subject, metric, delta in facts["counts"]:
                if subject == "run":
                    self._added[flow, metric] = self._added.get((flow, metric), 0) + delta

    def changes(self, cursor: int, found: Found) -> list[Change]:
        """Heads, then numbers, then the cursor. A flow that comes back with a history must be read."""
        if not self._moved:
            return []
        heads, added = self._heads, self._added
        self._heads, self._added, self._moved = {}, {}, False
        made: list[Change] = []
        flows = self.state["flows"]
        for flow, facts in heads.items():
            if facts["state"] == "archived":
                if flows.pop(flow, None) is not None:
                    made.append(minus(["flows", flow]))
            elif flow in flows:
                made += move_head(["flows", flow], flows[flow], facts)
            elif facts["version"] is None:
                flows[flow] = {**{key: facts[key] for key in HEAD}, "runs": {}}
                made.append(put(["flows", flow], {**flows[flow], "runs": {}}))
            else:
                raise Reload
        for (flow, metric), delta in added.items():
            if flow in flows and delta:
                runs = flows[flow]["runs"]
                runs[metric] = runs.get(metric, 0) + delta
                made.append(plus(["flows", flow, "runs", metric], delta))
        self.state["moved"] = cursor
        made.append(put(["moved"], cursor))
        return made
