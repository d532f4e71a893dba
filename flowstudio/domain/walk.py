"""What the interpreter is given and what it answers: facts, finished steps, and where a token's walk stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from flowstudio.domain.decision import Effect, Emitted, EndStatus, Gathered, Idempotence, Start, WaitBranch
from flowstudio.domain.endings import checked
from flowstudio.domain.leaving import Reached


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """The arm of a block in which a token is, and the Join where that ends."""

    id: str
    join: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The snapshot on which everything is judged (SEMANTICS 9.6). `visits` counts finished and open arrivals.

    `assigned` holds the customer's arms by node (SEMANTICS 6.2). `arm` is where the token is while inside a block;
    `gathered` what is known of the arms of the token that waits for them.
    """

    now: datetime
    customer: Mapping[str, Any]
    event: Mapping[str, Any]
    run: Mapping[str, Any]
    steps: Mapping[str, Any]
    visits: Mapping[str, int]
    timezone: str = "UTC"
    zone_from: str = "default"
    steps_so_far: int = 0
    assigned: Mapping[str, str] = field(default_factory=dict)
    arm: Arm | None = None
    gathered: Gathered | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """A step that is over. `edges` are the lines that several tokens took at once."""

    node: str
    visit: int
    entered_at: datetime
    left_at: datetime
    status: Literal["done", "failed"]
    port: str = ""
    edge: str = ""
    edges: tuple[str, ...] = ()
    reason: str = ""
    flagged: str = ""
    reads: Mapping[str, Any] = field(default_factory=dict)
    input: Any = None
    output: Any = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    assigned: str = ""
    emits: tuple[Emitted, ...] = ()
    gate: tuple[Mapping[str, str], ...] = ()
    starts: Start | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sleeping:
    """Stays at `node` until an instant."""

    node: str
    visit: int
    entered_at: datetime
    until: datetime
    reason: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Stays at `node` until one of the branches' events, or the timeout."""

    node: str
    visit: int
    entered_at: datetime
    branches: tuple[WaitBranch, ...]
    until: datetime
    reason: str = ""
    restart_on: tuple[str, ...] = ()
    span: timedelta = timedelta(0)
    starts: Start | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Calling:
    """Asks for a connector's action."""

    node: str
    visit: int
    entered_at: datetime
    action: str
    params: Mapping[str, Any]
    effect: Effect
    idempotent: Idempotence


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """The run is over, at `node`; the reason is one of the closed list (SEMANTICS 2.6)."""

    status: EndStatus
    reason: str
    node: str
    sentence: str = ""

    def __post_init__(self) -> None:
        checked(self.status, self.reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Stands before `node`, which it has not entered: it goes on from there by another version (SEMANTICS 8.5)."""

    node: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Forking:
    """The token goes to `node`, the Join, and waits there; each arm gets a token of its own (SEMANTICS 9.2).

    `gathered` has what came already: arms that lead nowhere or straight to the Join have nothing to wait for.
    """

    node: str
    parallel: str
    arms: tuple[tuple[str, str], ...]
    gathered: Gathered


@dataclass(frozen=True, kw_only=True, slots=True)
class Joining:
    """An arm's token is over: it came to the Join, `node`, or ended at a way that leads nowhere.

    `failed` is the end reason of an arm that failed, at `at`: the others go on, and the Join judges (SEMANTICS 10.6).
    """

    node: str
    arm: str
    at: str
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathering:
    """The token stays at the Join, `node`: not enough arms have come yet."""

    node: str
    until: datetime | None
    reason: str = ""


Stop = Sleeping | Waiting | Calling | Ended | Standing | Forking | Joining | Gathering


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """What was finished on the way, which goals were reached, and where it stopped."""

    steps: tuple[Finished, ...]
    stop: Stop
    reached: tuple[Reached, ...] = ()
