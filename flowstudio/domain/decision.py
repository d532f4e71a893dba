"""What a node may answer when a run arrives at it or something happens there.

A node type never saves, sleeps or calls: it returns one of these decisions and the engine acts (the shape of httpx's
auth protocol). `happening` values are what the engine hands back to a node that slept, waited or called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Effect = Literal["internal", "vendor", "person"]
Idempotence = Literal["by_nature", "by_key", "no"]
EndStatus = Literal["completed", "goal", "exited", "cancelled", "failed", "expired"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Begin a run of another flow for the same customer, in the same commit.

    `told` is the name under which its end is announced to whoever waits for it, '' when nobody does; `depth` counts
    flows that started one another.
    """

    flow: str
    properties: Mapping[str, Any]
    told: str
    depth: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Emitted:
    """An event that a step sends about its customer; `depth` counts the flows that led to it."""

    event: str
    properties: Mapping[str, Any]
    depth: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Go:
    """Leave by `port` now.

    `reason` is the sentence shown on the step ("employees 540 > 100"), `reads` the values it was judged on
    (SEMANTICS 9.6), `traits` what to write to the customer in the same commit, `flagged` a problem that did not stop
    the run (SEMANTICS 9.7), `assigned` the arm that this customer keeps at this node for ever (SEMANTICS 6.2), `emits` the events
    to store in the same commit.
    """

    port: str
    reason: str = ""
    output: Any = None
    reads: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    flagged: str = ""
    starts: Start | None = None
    assigned: str = ""
    emits: tuple[Emitted, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sleep:
    """Stay here until an instant (UTC); then the node is asked again with `TimerFired`.

    `given` is what the instant was reckoned from (the zone and its source, SEMANTICS 4.1); it is kept as the step's input.
    """

    until: datetime
    reason: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitBranch:
    """One way to end a wait: an event by name with an optional CEL filter over it, or (`when`) a condition in CEL over
    the customer, judged again when a trait that it reads changes (SEMANTICS 3.2).

    `since_entry`: an event that came before the arrival counts, too. `consume`: an event ends one wait only (3.5).
    """

    id: str
    event: str = ""
    filter: str = ""
    when: str = ""
    since_entry: bool = False
    consume: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitFor:
    """Stay here until one of `branches` happens or `until` (UTC) passes (SEMANTICS 3).

    Each event of `restart_on` makes it wait for `span` from that event on (3.6).
    """

    branches: tuple[WaitBranch, ...]
    until: datetime
    reason: str = ""
    restart_on: tuple[str, ...] = ()
    span: timedelta = timedelta(0)
    starts: Start | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """Ask the engine to perform connector `action` ("clearbit.enrich") with rendered `params`."""

    action: str
    params: Mapping[str, Any]
    effect: Effect
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """The run is over here; `words` say on the step why, where the reason alone does not."""

    status: EndStatus
    reason: str
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fork:
    """Go on by all of these ports at once; the arms meet again at the matching Join (SEMANTICS 9.2)."""

    arms: tuple[str, ...]
    reason: str = ""
    output: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Gather:
    """A Join that is not satisfied yet: the run goes on when enough arms have come or its time is over."""

    reason: str = ""


Decision = Go | Sleep | WaitFor | Call | End | Fork | Gather


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """What is known of a block's arms at its Join: all of them, who has come (in that order) and who failed and why.

    `until` is when the Join's time is over, None where it waits for ever.
    """

    arms: tuple[str, ...]
    need: int
    since: datetime
    until: datetime | None = None
    came: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Literal["open", "met", "lost"]:
        """Whether enough arms have come (`met`), still may (`open`), or none is on its way any more (`lost`)."""
        if len(self.came) >= self.need:
            return "met"
        return "open" if len(self.came) + len(self.failed) < len(self.arms) else "lost"


@dataclass(frozen=True, kw_only=True, slots=True)
class Withheld:
    """The delivery gate did not let a message pass; `gate` are its verdicts as they are kept (SEMANTICS 5.3)."""

    check: str
    reason: str
    gate: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TimerFired:
    """The instant of a `Sleep` or the timeout of a `WaitFor` has come."""

    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EventCame:
    """An event satisfied `branch` of a `WaitFor`; `event` is the plain event value, empty where a condition did."""

    branch: str
    event: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A `Call` was accepted: the action's port, output, traits to write, and a short sentence ("14 traits")."""

    port: str
    output: Any
    traits: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """A `Call` failed for good: retries are exhausted or pointless (SEMANTICS 10.6)."""

    error_class: str
    reason: str
    output: Any = None


Happening = TimerFired | EventCame | Answered | Failed | Withheld
