"""Values of a simulation: who travels, what happens to them, and the path that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flowstudio.domain.outcomes import Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who travels: a stored customer or an invented one."""

    id: str
    email: str = ""
    name: str = ""
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """An event: the value that expressions see, what it says of the customer's traits, and when it happens."""

    subject: Mapping[str, Any]
    at: datetime
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stepped:
    """One step of the path. `left_at` is None for the one at which the simulation was given up; `edges` are the lines
    that several arms took at once.

    `reason` is the engine's own, `sentence` the same at length where that can be said (`flowstudio.domain.because`).
    """

    node: str
    visit: int
    entered_at: datetime
    left_at: datetime | None
    status: str
    port: str = ""
    edge: str = ""
    edges: tuple[str, ...] = ()
    reason: str = ""
    sentence: str = ""
    flagged: str = ""
    reads: Mapping[str, Any] = field(default_factory=dict)
    input: Any = None
    output: Any = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    cost: float = 0.0
    origin: Origin = "flow"
    assumed: bool = False
    gate: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """A goal that the run reached, by a rule of the flow's settings or at a Goal node."""

    id: str
    name: str
    sentence: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """How it ends: a run's own status and reason, `not_started` (its trigger would not begin a run; the reason is a
    sentence), or `unfinished` (ten years are over)."""

    status: str
    reason: str
    node: str
    at: datetime
    sentence: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """The path, the goals that were reached on it, and the customer's traits after it."""

    steps: tuple[Stepped, ...]
    end: End
    traits: Mapping[str, Any]
    goals: tuple[Goal, ...] = ()

    @property
    def edges(self) -> tuple[str, ...]:
        """The lines that were taken, in order, each as often as it was taken."""
        return tuple(edge for step in self.steps for edge in (step.edge, *step.edges) if edge)

    @property
    def cost(self) -> float:
        """What the calls would have cost."""
        return round(sum(step.cost for step in self.steps), 6)
