"""A watched customer."""

from __future__ import annotations

from collections.abc import Collection

from flowstudio.live.topics.base import Change, Gone, State, Topic, difference
from flowstudio.services.live import NEWEST, Found, Wanted


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
