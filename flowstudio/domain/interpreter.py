"""The interpreter: from a token's place and the facts to the steps it finishes and where it stops.

Pure: the engine, the simulation and the tests call the same two functions. Nodes that need nothing from outside chain
in memory; the walk stops at a timer, a wait, a call or the end of the run (SEMANTICS 9, 10.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from flowstudio.domain import leaving, switched_off
from flowstudio.domain.decision import (
    Answered,
    Call,
    Decision,
    End,
    Failed,
    Fork,
    Gather,
    Gathered,
    Go,
    Happening,
    Sleep,
    WaitFor,
    Withheld,
)
from flowstudio.domain.errors import InputError
from flowstudio.domain.leaving import Reached
from flowstudio.domain.nodes import join as joining
from flowstudio.domain.nodes.base import View
from flowstudio.domain.program import Compiled, Program
from flowstudio.domain.walk import (
    Arm,
    Calling,
    Ended,
    Facts,
    Finished,
    Forking,
    Gathering,
    Joining,
    Sleeping,
    Standing,
    Stop,
    Waiting,
    Walk,
)

MAX_STEPS = 1_000
NOT_DELIVERED = "not_delivered"

__all__ = [
    "Arm",
    "Calling",
    "Compiled",
    "Ended",
    "Facts",
    "Finished",
    "Forking",
    "Gathering",
    "Joining",
    "Program",
    "Sleeping",
    "Standing",
    "Stop",
    "Waiting",
    "Walk",
    "arrive",
    "resume",
]


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
        self.gathered = facts.gathered
        self.counted = 0
        self.came_from = ""

    def view(self, node: str, visit: int, entered_at: datetime) -> View:
        last = self.outputs.get(node)
        body = self.program.shape.loops.get(node)
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
            zone_from=self.facts.zone_from,
            settings=self.program.settings,
            node=node,
            assigned=self.assigned.get(node, ""),
            gathered=self.gathered,
            last=last.get("output") if isinstance(last, Mapping) else None,
            returned=self.came_from in body if body is not None and self.came_from else None,
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
            if self.facts.arm is not None and at == self.facts.arm.join:
                return self.walk(Joining(node=at, arm=self.facts.arm.id, at=at))
            if self.facts.steps_so_far + len(self.finished) - self.counted >= MAX_STEPS:
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
            self.came_from, at = at, outcome
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
            case Sleep(until=until, reason=reason, given=given):
                return Sleeping(node=node, visit=visit, entered_at=entered_at, until=until, reason=reason, given=given)
            case WaitFor(branches=branches, until=until, reason=reason, starts=starts):
                return Waiting(
                    node=node, visit=visit, entered_at=entered_at, branches=branches, until=until, reason=reason,
                    restart_on=decision.restart_on, span=decision.span,
                    starts=starts,
                )  # fmt: skip
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
            case Fork():
                return self.fork(node, visit, entered_at, decision)
            case Gather(reason=reason):
                self.visits[node] = visit - 1
                return Gathering(node=node, until=self.gathered.until if self.gathered else None, reason=reason)
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
        edges: tuple[str, ...] = (),
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
                edges=edges,
                reason=go.reason,
                flagged=go.flagged,
                reads=go.reads,
                output=go.output,
                traits=go.traits,
                assigned=go.assigned,
                starts=go.starts,
                emits=go.emits,
            )
        )
        self.outputs[node] = {"output": go.output}
        if go.assigned:
            self.assigned[node] = go.assigned
        self.customer["traits"].update(go.traits)

    def go(self, node: str, visit: int, entered_at: datetime, go: Go) -> Stop | str:
        edge = self.program.edge(node, go.port)
        self.finish(node, visit, entered_at, go, edge=edge[0] if edge else "")
        return edge[1] if edge else self.over(node)

    def over(self, node: str, failed: str = "") -> Stop:
        """No way leads on, or a failure forbids it: inside a block that ends the arm, elsewhere the run."""
        if self.facts.arm is not None:
            return Joining(node=self.facts.arm.join, arm=self.facts.arm.id, at=node, failed=failed)
        return Ended(status="failed" if failed else "completed", reason=failed or "end_of_path", node=node)

    def fork(self, node: str, visit: int, entered_at: datetime, fork: Fork) -> Stop | str:
        """Each arm that leads somewhere gets a token; where enough have come at once the walk goes on at the Join."""
        block = self.program.shape.blocks.get(node)
        join = self.program.nodes.get(block.join) if block else None
        if block is None or join is None or not isinstance(join.config, joining.Join):
            why = "Its arms never meet at one Join."
            return self.failed(node, visit, entered_at, Failed(error_class="config", reason=why))
        ways = [(arm, self.program.edge(node, arm)) for arm in fork.arms]
        starts = tuple((arm, edge[1]) for arm, edge in ways if edge and edge[1] != join.id)
        within = joining.within(join.config)
        gathered = Gathered(
            arms=fork.arms,
            need=joining.needed(join.config, len(fork.arms)),
            since=self.facts.now,
            until=self.facts.now + within if within else None,
            came=tuple(arm for arm in fork.arms if arm not in dict(starts)),
        )
        edges = tuple(edge[0] for _, edge in ways if edge)
        self.finish(node, visit, entered_at, Go(port="", reason=fork.reason, output=fork.output), edge="", edges=edges)
        if gathered.state == "met":
            self.gathered = gathered
            return join.id
        return Forking(node=join.id, parallel=node, arms=starts, gathered=gathered)

    def failed(self, node: str, visit: int, entered_at: datetime, failed: Failed) -> Stop | str:
        """By the error port; without one a message stops the run and anything else goes on (SEMANTICS 10.6)."""
        compiled = self.program.nodes.get(node)
        kind = compiled.type if compiled else None
        person = kind is None or kind.effect == "person" or kind.essential
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
            return self.over(node, f"error:{failed.error_class}")
        return self.over(node)

    def withheld(self, node: str, visit: int, entered_at: datetime, found: Withheld) -> Stop | str:
        """A message that the gate kept back: the run goes on, by “not delivered” where that leads on (SEMANTICS 5.3)."""
        port = NOT_DELIVERED if self.program.edge(node, NOT_DELIVERED) else "out"
        output = {"withheld": found.check, "message": found.reason}
        outcome = self.go(node, visit, entered_at, Go(port=port, reason=found.reason, output=output))
        self.finished[-1] = replace(self.finished[-1], gate=found.gate)
        return outcome


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
    # The open step is one of those so far, and among the finished too.
    walker.counted = 1
    compiled = program.nodes.get(node)
    if compiled is not None and compiled.off is not None and not isinstance(happening, Answered | Failed | Withheld):
        # Moved here from a version in which the step was on: what it waited for is no longer asked for.
        outcome = walker.pass_through(compiled, compiled.off, visit, entered_at)
    elif isinstance(happening, Failed) or compiled is None or compiled.type is None or compiled.problem:
        lost = Failed(
            error_class="config", reason=compiled.problem if compiled else "This node is no longer in the flow."
        )
        outcome = walker.failed(node, visit, entered_at, happening if isinstance(happening, Failed) else lost)
    elif isinstance(happening, Withheld):
        outcome = walker.withheld(node, visit, entered_at, happening)
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
    walker.came_from = node
    return walker.walk(Standing(node=outcome)) if stand else walker.arrive(outcome)
