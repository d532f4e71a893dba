"""A watched run."""

from __future__ import annotations

from collections.abc import Collection

from flowstudio.live.topics.base import Change, Gone, State, Topic, difference
from flowstudio.services.live import Found, Wanted


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
