"""Live topics: each holds its state once for all viewers and turns what the feed says into changes of it.

A topic notes what rows say (`tell…`) and moves only in `changes`, all at once: whoever looks in between sees the state
as it was at its cursor. No IO here; what must be read again is named in `wanted` and handed in as `found`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flowstudio.services.live import LINES, NEWEST, Found, Wanted

type Change = dict[str, Any]
type State = dict[str, Any]

_HEAD = ("name", "state", "version", "draft_revision")
_NOTHING: Any = object()


class Gone(Exception):
    """What the topic is about is no more."""


class Reload(Exception):
    """The state must be read whole: the facts do not carry what changed."""


def put(path: list[Any], value: Any) -> Change:
    """A change that sets what stands at the path."""
    return {"op": "set", "path": path, "value": value}


def plus(path: list[Any], value: int) -> Change:
    """A change that adds to the number at the path."""
    return {"op": "add", "path": path, "value": value}


def minus(path: list[Any]) -> Change:
    """A change that removes what stands at the path."""
    return {"op": "remove", "path": path}


def difference(path: list[Any], old: State, new: State) -> list[Change]:
    """Changes, one level deep, that turn `old` into `new`."""
    made = [minus([*path, key]) for key in old if key not in new]
    made += [put([*path, key], value) for key, value in new.items() if old.get(key, _NOTHING) != value]
    return made


class Topic:
    """One thing that is watched, in one workspace. `seen` is the cursor up to which rows are in the state."""

    def __init__(self, workspace: str, name: str, seen: int, state: State) -> None:
        self.workspace = workspace
        self.name = name
        self.seen = seen
        self.state = state

    def wanted(self, parts: Wanted) -> None:
        """Adds to `parts` what must be read again before `changes`."""

    def changes(self, cursor: int, found: Found) -> list[Change]:
        """Moves the state to `cursor` and gives the changes; raises Gone or Reload."""
        raise NotImplementedError


class FlowTopic(Topic):
    """A flow's head, its counts, and the newest line of each of its newest runs."""

    def __init__(self, workspace: str, name: str, seen: int, state: State) -> None:
        super().__init__(workspace, name, seen, state)
        self._head: Mapping[str, Any] = {}
        self._added: dict[tuple[str, str], int] = {}
        self._lines: dict[str, Any] = {}
        self._thinned: set[str] = set(state["stream"]) if state["sampled"] else set()

    def tell_head(self, facts: Mapping[str, Any]) -> None:
        """The flow's name, state, version or draft moved."""
        self._head = facts

    def tell(self, facts: Mapping[str, Any]) -> None:
        """A group commit of the engine."""
        added = self._added
        for subject, metric, delta in facts["counts"]:
            added[subject, metric] = added.get((subject, metric), 0) + delta
        for line in facts["lines"]:
            run = line["run"]
            self._lines.pop(run, None)
            self._lines[run] = line
            if facts["sampled"]:
                self._thinned.add(run)
            else:
                self._thinned.discard(run)

    def changes(self, cursor: int, found: Found) -> list[Change]:
        """Counts are added up whole; of the lines only the newest of each run, at most 40, is told."""
        head, self._head = self._head, {}
        made = _move_head(["flow"], self.state["flow"], head)
        counts = self.state["counts"]
        for (subject, metric), delta in self._added.items():
            if delta:
                mine = counts.setdefault(subject, {})
                mine[metric] = mine.get(metric, 0) + delta
                made.append(plus(["counts", subject, metric], delta))
        self._added = {}
        made += self._stream()
        return made

    def _stream(self) -> list[Change]:
        made: list[Change] = []
        stream: State = self.state["stream"]
        told = list(self._lines.items())
        self._lines = {}
        for run, line in told[-LINES:]:
            stream.pop(run, None)
            stream[run] = line
            made.append(put(["stream", run], line))
            if len(told) > LINES:
                self._thinned.add(run)
        while len(stream) > LINES:
            oldest = next(iter(stream))
            del stream[oldest]
            made.append(minus(["stream", oldest]))
        self._thinned &= stream.keys()
        if bool(self._thinned) != self.state["sampled"]:
            self.state["sampled"] = bool(self._thinned)
            made.append(put(["sampled"], self.state["sampled"]))
        return made


class RunTopic(Topic):
    """A run and its steps."""

    def __init__(self, workspace: str, name: str, seen: int, state: State) -> None:
        super().__init__(workspace, name, seen, state)
        self.id = name.partition(":")[2]
        self._named = False
        self._steps: set[str] = set()

    def tell(self) -> None:
        """The run changed."""
        self._named = True

    def tell_step(self, step: str) -> None:
        """A step of it changed."""
        self._named = True
        self._steps.add(step)

    def concerns(self, flows: Collection[str], customers: Collection[str]) -> bool:
        """Whether the run shows any of these flows or customers by name."""
        run = self.state["run"]
        return run["flow"]["id"] in flows or run["customer"]["id"] in customers

    def wanted(self, parts: Wanted) -> None:
        """The run, and the steps that were named."""
        if self._named:
            parts.runs.add(self.id)
            parts.steps |= self._steps

    def changes(self, cursor: int, found: Found) -> list[Change]:
        """What differs from before, field by field and step by step."""
        if not self._named:
            return []
        run = found.runs.get(self.id)
        if run is None:
            raise Gone
        made = difference(["run"], self.state["run"], run)
        steps = dict(self.state["steps"])
        for step in sorted(self._steps):
            if step in found.steps:
                steps[step] = found.steps[step]
            else:
                steps.pop(step, None)
        made += difference(["steps"], self.state["steps"], steps)
        self.state = {"run": run, "steps": steps}
        self._named, self._steps = False, set()
        return made


class CustomerTopic(Topic):
    """A customer, the newest runs and the newest events."""

    def __init__(self, workspace: str, name: str, seen: int, state: State) -> None:
        super().__init__(workspace, name, seen, state)
        self.id = name.partition(":")[2]
        self._named = False
        self._runs: set[str] = set()

    def tell(self) -> None:
        """The customer, or what arrived for it, changed."""
        self._named = True

    def tell_run(self, run: str) -> None:
        """A run of the customer changed."""
        self._runs.add(run)

    def concerns(self, flows: Collection[str]) -> bool:
        """Whether a run or an event shows any of these flows by name."""
        state = self.state
        return any(run["flow"]["id"] in flows for run in state["runs"].values()) or any(
            part.get("flow") in flows for event in state["events"].values() for part in event["outcome"]
        )

    def wanted(self, parts: Wanted) -> None:
        """Everything, or the runs that were named."""
        if self._named:
            parts.customers.add(self.id)
        else:
            parts.runs |= self._runs

    def changes(self, cursor: int, found: Found) -> list[Change]:
        """What differs from before, item by item."""
        if self._named:
            new = found.customers.get(self.id)
            if new is None:
                raise Gone
        elif self._runs:
            runs = {key: run for key, run in self.state["runs"].items() if key not in self._runs}
            runs |= {
                key: run for key, run in found.runs.items() if key in self._runs and run["customer"]["id"] == self.id
            }
            new = {**self.state, "runs": {key: runs[key] for key in sorted(runs, reverse=True)[:NEWEST]}}
        else:
            return []
        made: list[Change] = []
        for part in ("customer", "runs", "events"):
            made += difference([part], self.state[part], new[part])
        self.state = new
        self._named, self._runs = False, set()
        return made


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
                made += _move_head(["flows", flow], flows[flow], facts)
            elif facts["version"] is None:
                flows[flow] = {**{key: facts[key] for key in _HEAD}, "runs": {}}
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


def _move_head(path: list[Any], head: State, facts: Mapping[str, Any]) -> list[Change]:
    made = []
    for key in _HEAD:
        if key in facts and head[key] != facts[key]:
            head[key] = facts[key]
            made.append(put([*path, key], facts[key]))
    return made


KINDS: dict[str, type[Topic]] = {
    "flow": FlowTopic,
    "run": RunTopic,
    "customer": CustomerTopic,
    "workspace": WorkspaceTopic,
}
