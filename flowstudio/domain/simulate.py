"""A run as it would go: the engine's own interpreter with a clock that jumps and a world that is made up.

Pure: values in, the path out, nothing leaves the house. Waits take no time, calls end as `flowstudio.domain.outcomes`
says. A simulation with the outcomes and events of a real run gives that run's path (tests/engine/test_simulation.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flowstudio.domain import expression, schedule
from flowstudio.domain.because import because
from flowstudio.domain.decision import EventCame, Failed, Happening, TimerFired
from flowstudio.domain.errors import ExpressionError, ScheduleError
from flowstudio.domain.graph import Graph
from flowstudio.domain.interpreter import (
    Calling,
    Ended,
    Facts,
    Finished,
    Program,
    Sleeping,
    Standing,
    Waiting,
    Walk,
    arrive,
    resume,
)
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.domain.outcomes import Outcome, Outcomes, Played, check, play
from flowstudio.domain.simulated import End, Happened, Person, Simulation, Stepped

LONGEST = timedelta(days=3_653)
# As the engine has it: an event sent a moment before the arrival at a wait still counts (SEMANTICS 3.2).
SLACK = timedelta(seconds=5)
_GRACE, _MOST_GRACE = timedelta(minutes=5), timedelta(minutes=30)


def simulate(
    graph: Graph,
    catalogue: Catalogue,
    *,
    person: Person,
    event: Happened,
    later: Sequence[Happened] = (),
    outcomes: Outcomes | None = None,
    recorded: Outcomes | None = None,
    timezone: str = "",
    seed: int = 0,
    flow: str = "",
    version: int = 0,
    keep: Callable[[Any], Any] = lambda value: value,
    refuses: Callable[[Calling], Failed | None] = lambda _calling: None,
    assigned: Mapping[str, str] | None = None,
) -> Simulation:
    """The path of `person` whom `event` brings, with the events that arrive `later`.

    `outcomes` are the author's choices by node and visit, `recorded` is what stands in where nothing was chosen;
    `keep` bounds outputs as the engine's rows do, `refuses` says which calls could not even be made,
    `assigned` are the arms that the person has by node (SEMANTICS 6.2). The seed gives the run its id: the same question has the same answer.
    Raises InputError for an outcome that cannot be.
    """
    check(outcomes or {}, graph, catalogue)
    made = _Journey(graph, catalogue, person, event, later, timezone=timezone, keep=keep)
    made.chosen, made.recorded, made.refuses = outcomes or {}, recorded or {}, refuses
    made.assigned = dict(assigned or {})
    made.run = {
        "id": hashlib.sha256(f"simulation {seed}".encode()).hexdigest()[:26],
        "flow": flow,
        "version": version,
        "correlation": "",
        "started_at": event.at,
    }
    return made.travel()


class _Journey:
    """The state of one simulated run, kept as the engine keeps that of a real one (`engine.carried`)."""

    chosen: Outcomes
    recorded: Outcomes
    refuses: Callable[[Calling], Failed | None]
    run: dict[str, Any]
    assigned: dict[str, str]

    def __init__(
        self,
        graph: Graph,
        catalogue: Catalogue,
        person: Person,
        event: Happened,
        later: Sequence[Happened],
        *,
        timezone: str,
        keep: Callable[[Any], Any],
    ) -> None:
        self.nodes = {node.id: node for node in graph.nodes}
        self.program = Program.build(graph, catalogue)
        self.person, self.event = person, event
        self.timezone, self.keep = timezone, keep
        self.start = self.now = event.at
        self.email = person.email
        self.traits: dict[str, Any] = {}
        self.coming = sorted(later, key=lambda one: one.at)
        self.seen = 0
        self.used: set[int] = set()
        self.outputs: dict[str, Any] = {}
        self.visits: dict[str, int] = {}
        self.seq = 0
        self.open: tuple[str, int] | None = None
        self.steps: list[Stepped] = []
        self.write(person.traits)
        self.write(event.traits)

    def write(self, traits: Mapping[str, Any]) -> None:
        """New values of traits; a null takes the trait away."""
        self.traits = {name: value for name, value in {**self.traits, **traits}.items() if value is not None}

    def advance(self, to: datetime) -> None:
        """Lets the clock jump; what events on the way say of the customer is known from then on."""
        self.now = max(self.now, to)
        while self.seen < len(self.coming) and self.coming[self.seen].at <= self.now:
            self.write(self.coming[self.seen].traits)
            self.seen += 1
        email = self.traits.get("email")
        self.email = email if isinstance(email, str) and email else self.email

    def customer(self) -> dict[str, Any]:
        """The customer as expressions see them."""
        return {
            "id": self.person.id,
            "email": self.email or None,
            "name": self.person.name or None,
            "traits": self.traits,
        }

    def facts(self) -> Facts:
        """The snapshot of this instant."""
        zone, _ = schedule.zone_for(self.traits, str(self.program.settings.get("timezone") or ""), self.timezone)
        return Facts(
            now=self.now,
            customer=self.customer(),
            event=self.event.subject,
            run=self.run,
            steps=self.outputs,
            visits=self.visits,
            timezone=zone.key,
            steps_so_far=self.seq,
            assigned=self.assigned,
        )

    def travel(self) -> Simulation:
        """From the trigger to the end."""
        self.advance(self.start)
        node, refused = self.entrance()
        if refused:
            return self.over("not_started", refused, node)
        self.run["started_at"] = self.now
        self.run["correlation"] = self.correlation()
        walk = arrive(self.program, node, self.facts())
        self.take(walk.steps)
        while not isinstance(walk.stop, Ended):
            stop = walk.stop
            if isinstance(stop, Standing):
                raise AssertionError("a simulation has one version")
            self.seq += 1
            self.visits[stop.node] = stop.visit
            self.open = (stop.node, stop.visit)
            if isinstance(stop, Calling):
                walk = self.call(stop)
                continue
            if stop.until - self.start > LONGEST:
                self.steps.append(
                    Stepped(
                        node=stop.node, visit=stop.visit, entered_at=stop.entered_at, left_at=None, status="waiting",
                        reason=stop.reason, sentence=stop.reason,
                    )
                )  # fmt: skip
                return self.over("unfinished", "ten_years", stop.node)
            walk = self.rest(stop)
        return self.over(walk.stop.status, walk.stop.reason, walk.stop.node)

    def over(self, status: str, reason: str, node: str) -> Simulation:
        return Simulation(
            steps=tuple(self.steps),
            end=End(status=status, reason=reason, node=node, at=self.now),
            traits=dict(self.traits),
        )

    def entrance(self) -> tuple[str, str]:
        """The trigger, and why the event would not begin a run there; '' when it does (SEMANTICS 1.4)."""
        if not self.program.triggers:
            return "", "Nothing starts this flow: it has no trigger."
        node = self.program.triggers[0]
        config = self.program.nodes[node].config
        wanted, name = str(getattr(config, "event", "") or ""), str(self.event.subject.get("name") or "")
        if wanted and wanted != name:
            return node, f"Not started: this flow begins with “{wanted}”, not with “{name}”."
        condition = str(getattr(config, "filter", "") or "")
        reason = self.refusal(condition)
        last = self.start + self.grace()
        # A trait that arrives a moment later still counts (`match_grace`).
        for event in self.coming[self.seen :]:
            if not reason or event.at > last:
                break
            self.advance(event.at)
            reason = self.refusal(condition)
        return node, reason

    def refusal(self, condition: str) -> str:
        if not condition.strip():
            return ""
        scope = {"customer": self.customer(), "event": self.event.subject, "now": self.now}
        verdict = expression.judge(condition, scope)
        why = verdict.reason or verdict.flagged or "the filter did not match"
        return "" if verdict.matched else f"Not started: {why}."

    def grace(self) -> timedelta:
        try:
            return min(schedule.parse_duration(self.program.settings.get("match_grace") or "5m"), _MOST_GRACE)
        except ScheduleError:
            return _GRACE

    def correlation(self) -> str:
        source = self.program.settings.get("correlation")
        if not isinstance(source, str) or not source.strip():
            return ""
        try:
            scope = {"customer": self.customer(), "event": self.event.subject, "now": self.now}
            value = expression.compile(source).evaluate(scope)
        except ExpressionError:
            return ""
        return "" if value is None else str(value)[:255]

    def take(self, finished: Sequence[Finished], params: Any = None, played: Played | None = None) -> None:
        """Keeps what a walk finished: the open step, if there is one, comes first and is the one that was `played`."""
        for done in finished:
            opened = self.open == (done.node, done.visit)
            if not opened:
                self.seq += 1
            output = self.keep(done.output)
            self.steps.append(
                Stepped(
                    node=done.node, visit=done.visit, entered_at=done.entered_at, left_at=done.left_at,
                    status=done.status, port=done.port, edge=done.edge, reason=done.reason, sentence=self.spelled(done),
                    flagged=done.flagged,
                    reads=done.reads, input=params if opened else None, output=output, traits=done.traits,
                    cost=played.cost if played and opened else 0.0,
                    origin=played.origin if played and opened else "flow",
                    assumed=bool(played and opened and played.assumed),
                )
            )  # fmt: skip
            self.outputs[done.node] = {"output": output}
            self.visits[done.node] = done.visit
            self.write(done.traits)
            if done.assigned:
                self.assigned[done.node] = done.assigned
            if opened:
                self.open = None

    def spelled(self, done: Finished) -> str:
        compiled = self.program.nodes.get(done.node)
        return (because(compiled.config, done.port, done.reads) if compiled else "") or done.reason

    def go_on(self, stop: Calling | Sleeping | Waiting, happening: Happening) -> Walk:
        return resume(self.program, stop.node, stop.entered_at, stop.visit, self.facts(), happening)

    def call(self, stop: Calling) -> Walk:
        """A call ends as it was chosen or is assumed to."""
        kind = self.program.nodes[stop.node].type
        if kind is None:
            raise RuntimeError("a node without a type calls nobody")
        chosen = _of_visit(self.chosen, stop)
        played = play(
            stop,
            kind,
            self.nodes[stop.node].config,
            chosen=chosen,
            recorded=_of_visit(self.recorded, stop),
            refused=None if chosen else self.refuses(stop),
            known=self.traits,
        )
        walk = self.go_on(stop, played.happening)
        self.take(walk.steps, stop.params, played)
        return walk

    def rest(self, stop: Sleeping | Waiting) -> Walk:
        """The clock jumps to the timer, or to the first event that ends a wait (SEMANTICS 3.2 to 3.7)."""
        happening = self.awaited(stop) if isinstance(stop, Waiting) else None
        if happening is None:
            self.advance(stop.until)
            happening = TimerFired(at=stop.until)
        walk = self.go_on(stop, happening)
        self.take(walk.steps)
        return walk

    def awaited(self, stop: Waiting) -> Happening | None:
        for number, event in enumerate(self.coming):
            if number in self.used or not stop.entered_at - SLACK <= event.at <= stop.until:
                continue
            self.advance(event.at)
            for branch in stop.branches:
                if branch.event == event.subject.get("name") and self.satisfies(branch.filter, event):
                    self.used.add(number)
                    return EventCame(branch=branch.id, event=event.subject)
        return None

    def satisfies(self, condition: str, event: Happened) -> bool:
        if not condition.strip():
            return True
        run = {"id": self.run["id"], "correlation": self.run["correlation"], "event": self.event.subject}
        scope = {"customer": self.customer(), "event": event.subject, "run": run, "now": self.now}
        return expression.judge(condition, scope).matched


def _of_visit(outcomes: Outcomes, stop: Calling) -> Outcome | None:
    answers = outcomes.get(stop.node, ())
    return answers[stop.visit - 1] if stop.visit <= len(answers) else None
