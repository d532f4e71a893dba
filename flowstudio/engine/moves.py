"""What one commit changes for one run: plain values made by `advance`, written by `commit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from flowstudio.domain.decision import Emitted, Start
from flowstudio.domain.endings import checked
from flowstudio.domain.errors import Stale
from flowstudio.domain.leaving import Reached
from flowstudio.engine.carried import Carried
from flowstudio.engine.waits import WaitRow

Count = tuple[str, str, int]


class Leaving(Stale):
    """An exit or goal came while the run's call was under way: what is known is written, then the run ends so."""

    def __init__(self, how: Mapping[str, Any]) -> None:
        super().__init__(str(how.get("sentence") or "The run ends."))
        self.how = how


@dataclass(kw_only=True, slots=True)
class StepRow:
    """A step to insert (`new`) or to bring up to date; JSON columns as text."""

    id: str
    new: bool
    node: str
    visit: int
    seq: int
    status: str
    entered_at: datetime
    due_at: datetime | None = None
    left_at: datetime | None = None
    port: str = ""
    reason: str = ""
    flagged: str = ""
    reads: str = "{}"
    input: str | None = None
    output: str | None = None
    traits: str = "{}"
    cost: float = 0.0
    gate: str | None = None


@dataclass(kw_only=True, slots=True)
class Sending:
    """An attempt to insert as `sending`; the commit says whether it goes to the sandbox, and with which credential."""

    id: str
    step: str
    number: int
    key: str
    connector: str
    has_sandbox: bool
    credential: str
    started_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How an attempt ended."""

    attempt: str
    state: Literal["accepted", "rejected", "unknown", "not_sent"]
    ended_at: datetime
    status: int | None = None
    error_class: str = ""
    message: str = ""
    cost: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """The run's terminal status and why: one of the closed list (SEMANTICS 2.6), and perhaps a sentence."""

    status: str
    reason: str
    at: datetime
    sentence: str = ""

    def __post_init__(self) -> None:
        checked(self.status, self.reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewArm:
    """The token of one arm of a block, already leased to whoever forks."""

    token: str
    arm: str
    node: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fork:
    """The token waits before the Join from now on; `block` is what it knows of its arms, each of which gets a token."""

    block: Mapping[str, Any]
    arms: tuple[NewArm, ...]
    meets: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """An arm is over: the token goes, and its parent is told. `failed` is the reason where it failed, at `node`."""

    arm: str
    node: str
    failed: str = ""
    step: str = ""


@dataclass(kw_only=True, slots=True)
class Move:
    """Everything that one commit does for one run. With `keep` the token stays leased to us, else it is let go.

    `cleared`: a suspect step was finished, and its engine lives (10.8). `leaves`: the token that waited for the arms of
    a block goes on, and what is left of them is stopped (9.3). `starts` are runs of other flows that begin: step, node, and
    what to start.
    """

    carried: Carried
    at: datetime
    node: str
    visit: int
    state: str
    due_at: datetime | None
    keep: bool
    step_id: str = ""
    tries: int = 0
    steps: list[StepRow] = field(default_factory=list)
    outcome: Outcome | None = None
    sending: Sending | None = None
    waits: tuple[WaitRow, ...] = ()
    close_waits: str = ""
    traits: list[tuple[str, Mapping[str, Any], datetime, str]] = field(default_factory=list)
    assigned: list[tuple[str, str]] = field(default_factory=list)
    emits: list[tuple[str, int, Emitted]] = field(default_factory=list)
    ending: Ending | None = None
    cost: float = 0.0
    counts: list[Count] = field(default_factory=list)
    note: str = ""
    halted: bool = False
    cleared: bool = False
    starts: list[tuple[str, str, Start]] = field(default_factory=list)
    fork: Fork | None = None
    joined: Joined | None = None
    leaves: bool = False
    line: Mapping[str, Any] | None = None
    reached: tuple[Reached, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Committed:
    """What a move's commit found.

    `halted`: the flow is paused, the attempt was left out and the token let go. `read_at` is the monotonic instant of
    that judgement, `secret` the sealed credential, `traits` the customer's traits as they stand now. `joins`: a Join was
    closed, so that its run is due at once.
    """

    read_at: float
    lease_until: datetime
    halted: bool = False
    secret: str = ""
    sandbox: bool = False
    traits: Mapping[str, Any] | None = None
    woken: bool = False
    joins: bool = False
