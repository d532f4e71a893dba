"""The interpreter: from a token's place and the facts to the steps it finishes and where it stops.

Pure: the engine, the simulation and the tests call the same two functions. Nodes that need nothing from outside chain
in memory; the walk stops at a timer, a wait, a call or the end of the run (SEMANTICS 9, 10.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from flowstudio.domain import leaving, switched_off
from flowstudio.domain.decision import (
    Answered,
    Call,
    Decision,
    Effect,
    End,
    EndStatus,
    Failed,
    Go,
    Happening,
    Idempotence,
    Sleep,
    WaitBranch,
    WaitFor,
)
from flowstudio.domain.endings import checked
from flowstudio.domain.errors import InputError
from flowstudio.domain.flow_settings import FlowSettings
from flowstudio.domain.flow_settings import read as read_settings
from flowstudio.domain.graph import Graph
from flowstudio.domain.leaving import Reached
from flowstudio.domain.nodes.base import Catalogue, NodeType, View

MAX_STEPS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """One node ready to run: its type and validated config, or the sentence that says why it cannot.

    `off` is the way out of a step that is switched off, None while it is on.
    """

    id: str
    type: NodeType | None
    config: Any = None
    problem: str = ""
    off: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A version compiled once: nodes with validated configs and edges by (node, port)."""

    nodes: Mapping[str, Compiled]
    edges: Mapping[tuple[str, str], tuple[str, str]]
    settings: Mapping[str, Any]
    triggers: tuple[str, ...]
    experiments: tuple[str, ...] = ()
    rules: FlowSettings = field(default_factory=FlowSettings)
    states: bool = False

    @classmethod
    def build(cls, graph: Graph, catalogue: Catalogue) -> Program:
        """Compiles a graph; a node that is unknown or wrongly configured fails only the runs that reach it."""
        nodes: dict[str, Compiled] = {}
        for node in graph.nodes:
            kind = catalogue.get(node.type)
            if node.disabled and switched_off.may_be(kind):
                nodes[node.id] = Compiled(id=node.id, type=kind, off=switched_off.way(kind, node.config))
                continue
            if kind is None:
                nodes[node.id] = Compiled(id=node.id, type=None, problem=f"There is no node type “{node.type}” here.")
                continue
            try:
                nodes[node.id] = Compiled(id=node.id, type=kind, config=kind.config.model_validate(dict(node.config)))
            except ValidationError as error:
                nodes[node.id] = Compiled(
                    id=node.id, type=kind, problem=f"Its settings are wrong: {error.errors()[0]['msg']}."
                )
        edges: dict[tuple[str, str], tuple[str, str]] = {}
        for edge in graph.edges:
            edges.setdefault((edge.source, edge.source_port), (edge.id, edge.target))
        triggers = tuple(node.id for node in graph.nodes if (kind := catalogue.get(node.type)) and kind.trigger)
        experiments = tuple(node.id for node in graph.nodes if (kind := catalogue.get(node.type)) and kind.experiment)
        rules = read_settings(graph.settings)
        return cls(
            nodes=nodes, edges=edges, settings=graph.settings, triggers=triggers, experiments=experiments, rules=rules,
            states=leaving.judges_states(rules),
        )  # fmt: skip

    def edge(self, node: str, port: str) -> tuple[str, str] | None:
        """(edge id, target node) behind a port, or None when it is open."""
        return self.edges.get((node, port))


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The snapshot on which everything is judged (SEMANTICS 9.6). `visits` counts finished and open arrivals; `assigned`
    holds the customer's arms by node (SEMANTICS 6.2)."""

    now: datetime
    customer: Mapping[str, Any]
    event: Mapping[str, Any]
    run: Mapping[str, Any]
    steps: Mapping[str, Any]
    visits: Mapping[str, int]
    timezone: str = "UTC"
    steps_so_far: int = 0
    assigned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """A step that is over."""

    node: str
    visit: int
    entered_at: datetime
    left_at: datetime
    status: Literal["done", "failed"]
    port: str = ""
    edge: str = ""
    reason: str = ""
    flagged: str = ""
    reads: Mapping[str, Any] = field(default_factory=dict)
    input: Any = None
    output: Any = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    assigned: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sleeping:
    """Stays at `node` until an instant."""

    node: str
    visit: int
    entered_at: datetime
    until: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Stays at `node` until one of the branches' events, or the timeout."""

    node: str
    visit: int
    entered_at: datetime
    branches: tuple[WaitBranch, ...]
    until: datetime
    reason: str = ""


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


Stop = Sleeping | Waiting | Calling | Ended | Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """What was finished on the way, which goals were reached, and where it stopped."""

    steps: tuple[Finished, ...]
    stop: Stop
    reached: tuple[Reached, ...] = ()


class _Walker:
    """One walk: facts that grow as steps finish."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self.program = program
        self.facts = facts
        self.visits = dict(facts.visits)
        self.outputs = dict(facts.steps)
        self.assigned = dict(facts.assigned)
        self.customer = {**facts.customer, "traits": dict(facts.customer.get("traits") or {})}
        self.finished: list[Finished] = []
        self.reached: list[Reached] = []

    def view(self, node: str, visit: int, entered_at: datetime) -> View:
        return View(
            now=self.facts.now,
            scope={
                "customer": self.customer,
                "event": self.facts.event,
                "run": self.facts.run,
                "steps": self.outputs,
                "now": self.facts.now,
            },
            entered_at=entered_at,
            visit=visit,
            timezone=self.facts.timezone,
            settings=self.program.settings,
            node=node,
            assigned=self.assigned.get(node, ""),
        )

    def walk(self, stop: Stop) -> Walk:
        if isinstance(stop, Ended) and stop.status == "completed":
            stop = self.leaves(stop.node, over=True) or stop
        return Walk(steps=tuple(self.finished), stop=stop, reached=tuple(self.reached))

    def leaves(self, node: str, *, over: bool = False) -> Ended | None:
        """Goals and exits that are conditions, at the boundary before `node` (SEMANTICS 2.1); at the end goals alone."""
        if not self.program.states:
            return None
        judged = leaving.at_boundary(
            self.program.rules, self.customer, self.facts.event, self.facts.run, self.facts.now
        )
        known = {one.goal for one in self.reached}
        self.reached += [one for one in judged.reached if one.goal not in known]
        left = judged.left
        if left is None or (over and left.status == "exited"):
            return None
        return Ended(status=left.status, reason=left.reason, node=node, sentence=left.sentence)

    def arrive(self, node: str) -> Walk:
        at: str | None = node
        while at is not None:
            if self.facts.steps_so_far + len(self.finished) >= MAX_STEPS:
                return self.walk(Ended(status="failed", reason="runaway", node=at))
            compiled = self.program.nodes.get(at)
            if at not in self.program.triggers and (left := self.leaves(at)) is not None:
                return self.walk(left)
            visit = self.visits.get(at, 0) + 1
            self.visits[at] = visit
            if compiled is not None and compiled.off is not None:
                outcome = self.pass_through(compiled, compiled.off, visit, self.facts.now)
            elif compiled is not None and compiled.type is None:
                # A newer flowstudio drew this: the run must be set aside and wait, not fail (RELIABILITY F24).
                raise InputError(compiled.problem)
            elif compiled is None or compiled.type is None or compiled.problem:
                problem = compiled.problem if compiled else "This node is no longer in the flow."
                outcome = self.failed(at, visit, self.facts.now, Failed(error_class="config", reason=problem))
            else:
                try:
                    decision = compiled.type.decide(compiled.config, self.view(at, visit, self.facts.now))
                except InputError as error:
                    outcome = self.failed(at, visit, self.facts.now, Failed(error_class="input", reason=error.message))
                else:
                    outcome = self.follow(compiled, visit, self.facts.now, decision)
            if not isinstance(outcome, str):
                return self.walk(outcome)
            at = outcome
        raise AssertionError("a walk always stops")

    def pass_through(self, compiled: Compiled, port: str, visit: int, entered_at: datetime) -> Stop | str:
        """Through a step that is switched off: it does nothing and says so (CONTRACT, `disabled`)."""
        return self.go(compiled.id, visit, entered_at, Go(port=port, reason=switched_off.REASON))

    def follow(self, compiled: Compiled, visit: int, entered_at: datetime, decision: Decision) -> Stop | str:
        """The next node, or the stop."""
        node = compiled.id
        match decision:
            case Go():
                return self.go(node, visit, entered_at, decision)
            case Sleep(until=until, reason=reason):
                return Sleeping(node=node, visit=visit, entered_at=entered_at, until=until, reason=reason)
            case WaitFor(branches=branches, until=until, reason=reason):
                return Waiting(
                    node=node, visit=visit, entered_at=entered_at, branches=branches, until=until, reason=reason
                )
            case Call():
                return Calling(
                    node=node,
                    visit=visit,
                    entered_at=entered_at,
                    action=decision.action,
                    params=decision.params,
                    effect=decision.effect,
                    idempotent=compiled.type.idempotent if compiled.type else "no",
                )
            case End(status=status, reason=reason, words=words):
                self.finish(node, visit, entered_at, Go(port="", reason=words or reason), edge="")
                if status == "goal":
                    name = getattr(compiled.config, "name", "") or node
                    self.reached.append(Reached(goal=node, name=name, sentence=f"Reached “{name}”"))
                return Ended(status=status, reason=reason, node=node)

    def finish(
        self,
        node: str,
        visit: int,
        entered_at: datetime,
        go: Go,
        *,
        edge: str,
        status: Literal["done", "failed"] = "done",
    ) -> None:
        self.finished.append(
            Finished(
                node=node,
                visit=visit,
                entered_at=entered_at,
                left_at=self.facts.now,
                status=status,
                port=go.port,
                edge=edge,
                reason=go.reason,
                flagged=go.flagged,
                reads=go.reads,
                output=go.output,
                traits=go.traits,
                assigned=go.assigned,
            )
        )
        self.outputs[node] = {"output": go.output}
        if go.assigned:
            self.assigned[node] = go.assigned
        self.customer["traits"].update(go.traits)

    def go(self, node: str, visit: int, entered_at: datetime, go: Go) -> Stop | str:
        edge = self.program.edge(node, go.port)
        self.finish(node, visit, entered_at, go, edge=edge[0] if edge else "")
        return edge[1] if edge else Ended(status="completed", reason="end_of_path", node=node)

    def failed(self, node: str, visit: int, entered_at: datetime, failed: Failed) -> Stop | str:
        """By the error port; without one a message stops the run and anything else goes on (SEMANTICS 10.6)."""
        compiled = self.program.nodes.get(node)
        person = compiled is None or compiled.type is None or compiled.type.effect == "person"
        output = failed.output if failed.output is not None else {"error": failed.error_class, "message": failed.reason}
        port = "error"
        edge = self.program.edge(node, "error")
        if edge is None and not person:
            port, edge = "out", self.program.edge(node, "out")
        if edge is None:
            port = ""
        go = Go(port=port, reason=failed.reason, output=output)
        self.finish(node, visit, entered_at, go, edge=edge[0] if edge else "", status="failed")
        if edge is not None:
            return edge[1]
        if person or (compiled is not None and compiled.problem):
            return Ended(status="failed", reason=f"error:{failed.error_class}", node=node)
        return Ended(status="completed", reason="end_of_path", node=node)


def arrive(program: Program, node: str, facts: Facts) -> Walk:
    """The walk of a token that arrives at `node`, which it has not entered yet."""
    return _Walker(program, facts).arrive(node)


def resume(
    program: Program,
    node: str,
    entered_at: datetime,
    visit: int,
    facts: Facts,
    happening: Happening,
    *,
    stand: bool = False,
) -> Walk:
    """The walk of a token whose open step at `node` something happened to; with `stand` it ends behind that step."""
    walker = _Walker(program, facts)
    walker.visits[node] = max(visit, walker.visits.get(node, 0))
    compiled = program.nodes.get(node)
    if compiled is not None and compiled.off is not None and not isinstance(happening, Answered | Failed):
        # Moved here from a version in which the step was on: what it waited for is no longer asked for.
        outcome = walker.pass_through(compiled, compiled.off, visit, entered_at)
    elif isinstance(happening, Failed) or compiled is None or compiled.type is None or compiled.problem:
        lost = Failed(
            error_class="config", reason=compiled.problem if compiled else "This node is no longer in the flow."
        )
        outcome = walker.failed(node, visit, entered_at, happening if isinstance(happening, Failed) else lost)
    elif isinstance(happening, Answered):
        go = Go(port=happening.port, reason=happening.reason, output=happening.output, traits=happening.traits)
        outcome = walker.go(node, visit, entered_at, go)
    else:
        ask = compiled.type.resume
        if ask is None:
            raise ValueError(f"node type {compiled.type.type} never waits, so nothing can happen to it")
        outcome = walker.follow(
            compiled, visit, entered_at, ask(compiled.config, walker.view(node, visit, entered_at), happening)
        )
    if not isinstance(outcome, str):
        return walker.walk(outcome)
    return walker.walk(Standing(node=outcome)) if stand else walker.arrive(outcome)
