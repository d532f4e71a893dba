"""A run while this process carries it: what was read from the database, kept up to date move by move."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flowstudio.domain.decision import Gathered
from flowstudio.domain.interpreter import Arm, Facts
from flowstudio.domain.schedule import zone_for
from flowstudio.engine.programs import Entry

if TYPE_CHECKING:
    from flowstudio.engine.moves import NewArm


def effect_key(run: str, node: str, visit: int) -> str:
    """The key of one step's effect, the same for every try, sent as `Idempotency-Key` (SEMANTICS 10.1)."""
    return "fs-" + hashlib.sha256(f"{run}\x1f{node}\x1f{visit}".encode()).hexdigest()[:40]


def gathered(block: Mapping[str, Any]) -> Gathered:
    """What a waiting token's row says of its arms, as the interpreter wants it."""
    until = block.get("until")
    return Gathered(
        arms=tuple(block["arms"]),
        need=int(block["need"]),
        since=datetime.fromisoformat(block["since"]),
        until=datetime.fromisoformat(until) if until else None,
        came=tuple(block["came"]),
        failed={lost["arm"]: lost["reason"] for lost in block["failed"]},
    )


@dataclass(kw_only=True, slots=True)
class OpenStep:
    """The step in which the token stands; `kept_input` is what its row says was rendered for the call.

    `tried_since` is when its effect's key was first used, where that was in a run that this one goes on from.
    `version` is the one under which it began and under which it ends (SEMANTICS 8.5).
    """

    id: str
    entered_at: datetime
    due_at: datetime | None = None
    status: str = "running"
    kept_input: Any = None
    tried_since: datetime | None = None
    version: str = ""


@dataclass(kw_only=True, slots=True)
class Tried:
    """The newest attempt of the open step, and when its first one began."""

    id: str
    number: int
    state: str
    sandbox: bool
    first_at: datetime


@dataclass(kw_only=True, slots=True)
class Carried:
    """One token and its run. `fence` is what every write must still find in the row (SEMANTICS 10.5).

    `deaths` counts engines that died while this step was executing (10.8).
    `gate` are the verdicts on the message that is to be sent next, to be kept with its step. `first` is the run whose id effect keys carry: itself, or the one that its retries began with. `stays`: it was
    chosen to finish on its version. `entry` is what the open step runs under, which may be an older version than
    `newer`, to which the publishings of `chain` lead (8.5). `parent`, `arm`
    and `meets` say in which arm of a block the token is, `block` what it knows of the arms that it waits for.
    """

    token: str
    run: str
    workspace: str
    flow: str
    version: str
    number: int
    customer: str
    external_id: str
    email: str
    name: str
    traits: dict[str, Any]
    event: Mapping[str, Any]
    correlation: str
    started_at: datetime
    workspace_zone: str
    node: str
    visit: int
    state: str
    due_at: datetime
    tries: int
    wake: Mapping[str, Any] | None
    fence: int
    lease_until: datetime
    retry_of: str = ""
    deaths: int = 0
    first: str = ""
    stays: bool = False
    newer: Entry | None = None
    chain: tuple[Mapping[str, Any], ...] = ()
    parent: str = ""
    arm: str = ""
    meets: str = ""
    block: Mapping[str, Any] | None = None
    step: OpenStep | None = None
    tried: Tried | None = None
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    assigned: dict[str, str] = field(default_factory=dict)
    seq: int = 0
    entry: Entry | None = None
    trouble: str = ""
    leaving: Mapping[str, Any] | None = None
    shadow: bool = False
    gate: list[dict[str, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The effect key of the open step."""
        return self.key_of(self.node, self.visit)

    def key_of(self, node: str, visit: int) -> str:
        """The effect key of a step."""
        return effect_key(self.first or self.run, node, visit)

    @property
    def behind(self) -> bool:
        """Whether the open step began under an older version than the run has now."""
        return self.step is not None and self.step.version not in ("", self.version)

    def into(self, arm: NewArm, lease_until: datetime, *, meets: str, at: datetime) -> Carried:
        """The same run in one of the arms that begin where it stands now; from here on each goes its own way."""
        return replace(
            self,
            token=arm.token, node=arm.node, visit=1, state="ready", due_at=at, tries=0, wake=None, fence=1,
            lease_until=lease_until, deaths=0, parent=self.token, arm=arm.arm, meets=meets, block=None, step=None,
            tried=None, outputs=dict(self.outputs), visits=dict(self.visits), traits=dict(self.traits),
        )  # fmt: skip

    @property
    def held(self) -> bool:
        """Whether the open step, which waits, is a message that the gate holds: it passes the whole gate again (5.2)."""
        compiled = self.program().program.nodes.get(self.node)
        return (
            compiled is not None and compiled.off is None and compiled.type is not None and compiled.type.resume is None
        )

    def used_events(self) -> set[str]:
        """Ids of the events that moved this run already: its trigger, and what ended its waits."""
        used = {str(self.event.get("id", ""))}
        for kept in self.outputs.values():
            output = kept.get("output")
            if isinstance(output, Mapping):
                inner = output.get("event")
                used.add(str((inner if isinstance(inner, Mapping) else output).get("id", "")))
        return used - {""}

    def program(self) -> Entry:
        """The compiled version; only asked where `trouble` is empty."""
        if self.entry is None:
            raise RuntimeError(f"run {self.run} is carried without its program")
        return self.entry

    def facts(self, now: datetime, *, back: int = 0) -> Facts:
        """The snapshot on which the interpreter judges (SEMANTICS 9.6).

        `back` arrivals at the present node are left out, to arrive there once more as if for the first time.
        """
        visits = dict(self.visits)
        if back:
            visits[self.node] = max(0, visits.get(self.node, 0) - back)
        flow_zone = str(self.program().settings.get("timezone") or "")
        zone, zone_from = zone_for(self.traits, flow_zone, self.workspace_zone)
        return Facts(
            now=now,
            customer={
                "id": self.customer,
                "email": self.email or None,
                "name": self.name or None,
                "traits": self.traits,
            },
            event=self.event,
            run={
                "id": self.run,
                "flow": self.flow,
                "version": self.number,
                "correlation": self.correlation,
                "started_at": self.started_at,
            },
            steps=self.outputs,
            visits=visits,
            timezone=zone.key,
            zone_from=zone_from,
            steps_so_far=self.seq - back,
            assigned=self.assigned,
            arm=Arm(id=self.arm, join=self.meets) if self.parent else None,
            gathered=gathered(self.block) if self.block is not None else None,
        )
