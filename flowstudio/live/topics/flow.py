"""A watched flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.live.topics.base import Change, State, Topic, minus, move_head, plus, put
from flowstudio.services.live import LINES, Found


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
        made = move_head(["flow"], self.state["flow"], head)
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
