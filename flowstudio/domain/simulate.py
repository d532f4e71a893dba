"""A run as it would go: the engine's own interpreter with a clock that jumps and a world that is made up.

Pure: values in, the path out, nothing leaves the house. Waits take no time, calls end as `flowstudio.domain.outcomes`
says. A simulation with the outcomes and events of a real run gives that run's path (tests/engine/test_simulation.py).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flowstudio.domain import schedule, simulated_gate, simulated_waits
from flowstudio.domain.because import because
from flowstudio.domain.decision import EventCame, Failed, Happening, TimerFired
from flowstudio.domain.graph import Graph
from flowstudio.domain.interpreter import (
    Arm,
    Calling,
    Ended,
    Facts,
    Finished,
    Forking,
    Gathering,
    Joining,
    Program,
    Sleeping,
    Waiting,
    Walk,
    arrive,
    resume,
)
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.domain.outcomes import Outcomes, Played, check
from flowstudio.domain.simulated import End, Happened, Person, Simulation, Stepped
from flowstudio.domain.simulated_calls import Calls
from flowstudio.domain.simulated_place import Place

LONGEST = timedelta(days=3_653)


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


class _Journey(Calls):
    """The state of one simulated run, kept as the engine keeps that of a real one (`engine.carried`)."""

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
        super().__init__(Program.build(graph, catalogue), person, event, later, timezone=timezone)
        self.nodes = {node.id: node for node in graph.nodes}
        self.reached = {}
        self.keep = keep
        self.used: set[int] = set()
        self.moved: set[int] = set()
        self.eaten: set[int] = set()
        self.outputs: dict[str, Any] = {}
        self.visits: dict[str, int] = {}
        self.seq = 0
        self.places: list[Place] = []
        self.ready: deque[tuple[Place, Callable[[], Walk]]] = deque()
        self.judged = 0
        self.ended: tuple[str, str, str] | None = None
        self.sentence = ""
        self.steps: list[Stepped] = []

    def facts(self, place: Place) -> Facts:
        """The snapshot of this instant, as one token has it."""
        zone, zone_from = schedule.zone_for(
            self.traits, str(self.program.settings.get("timezone") or ""), self.timezone
        )
        return Facts(
            now=self.now,
            customer=self.customer(),
            event=self.event.subject,
            run=self.run,
            steps=self.outputs,
            visits=self.visits,
            timezone=zone.key,
            zone_from=zone_from,
            steps_so_far=self.seq,
            assigned=self.assigned,
            arm=place.arm,
            gathered=place.gathered,
        )

    def travel(self) -> Simulation:
        """From the trigger to the end."""
        self.advance(self.start)
        node, refused = self.entrance()
        if refused:
            return self.over("not_started", refused, node)
        self.run["started_at"] = self.now
        self.run["correlation"] = self.correlation()
        root = Place()
        self.places.append(root)
        self.come_to(root, node)
        while self.ended is None:
            if self.ready:
                place, walk = self.ready.popleft()
                if place in self.places:
                    self.walked(place, walk())
            else:
                self.happens()
        self.stop(list(self.places), self.sentence or "The run ended in another arm")
        return self.over(*self.ended)

    def come_to(self, place: Place, node: str) -> None:
        self.ready.append((place, lambda: arrive(self.program, node, self.facts(place))))

    def walked(self, place: Place, walk: Walk) -> None:
        """Keeps what a token's walk finished and puts it where the walk stopped."""
        self.take(place, walk.steps)
        self.reach(walk.reached)
        if any(done.traits for done in walk.steps):
            self.came_true()
        while isinstance(walk.stop, Calling):
            if place.open != (walk.stop.node, walk.stop.visit):
                self.rest_at(place, walk.stop)
            walk = self.call(place, walk.stop)
            self.reach(walk.reached)
        stop = walk.stop
        if place.gathered is not None and not isinstance(stop, Gathering):
            self.stop(self.below(place), "Not needed any more: the run has gone on")
            place.gathered = None
        if isinstance(stop, Ended):
            self.places.remove(place)
            self.ended, self.sentence = (stop.status, str(stop.reason), stop.node), stop.sentence
        elif isinstance(stop, Forking):
            place.join, place.gathered = stop.node, stop.gathered
            for arm, node in stop.arms:
                inner = Place(arm=Arm(id=arm, join=stop.node), parent=place)
                self.places.append(inner)
                self.come_to(inner, node)
        elif isinstance(stop, Joining):
            self.places.remove(place)
            self.arm_over(place, stop.failed, stop.at)
        elif isinstance(stop, Sleeping | Waiting):
            if place.held is None:
                self.rest_at(place, stop)
            place.stop = stop
            happening = self.already(stop) if isinstance(stop, Waiting) else None
            if isinstance(stop, Waiting) and stop.starts is not None:
                # The other flow is not rehearsed: it is taken to end at once.
                ended = {"status": "completed", "reason": "end_of_path", "run": ""}
                happening = EventCame(branch=stop.branches[0].id, event={"properties": ended})
            if happening is not None:
                self.go_on(place, happening)

    def rest_at(self, place: Place, stop: Calling | Sleeping | Waiting) -> None:
        self.seq += 1
        self.visits[stop.node] = stop.visit
        place.open = (stop.node, stop.visit)
        place.given = dict(stop.given) or None if isinstance(stop, Sleeping) else None
        place.restarts = 0

    def go_on(self, place: Place, happening: Happening) -> None:
        stop, place.stop = place.stop, None
        if stop is not None:
            self.ready.append((place, lambda: self.resume(place, stop, happening)))

    def resume(self, place: Place, stop: Calling | Sleeping | Waiting, happening: Happening) -> Walk:
        if place.held is not None and isinstance(happening, TimerFired):
            # The quiet is over: the message passes the whole gate again (SEMANTICS 5.2).
            return Walk(steps=(), stop=place.held)
        return resume(self.program, stop.node, stop.entered_at, stop.visit, self.facts(place), happening)

    def below(self, place: Place) -> list[Place]:
        """The tokens of a block's arms, those of blocks inside them included."""
        inner = [one for one in self.places if one.parent is place]
        return inner + [deeper for one in inner for deeper in self.below(one)]

    def stop(self, places: Sequence[Place], why: str) -> None:
        """What arms were doing is given up (SEMANTICS 9.3)."""
        for place in places:
            self.places.remove(place)
            if place.stop is not None:
                self.unfinished(place.stop, "cancelled", why, left_at=self.now)

    def unfinished(self, stop: Sleeping | Waiting, status: str, why: str, *, left_at: datetime | None = None) -> None:
        self.steps.append(
            Stepped(
                node=stop.node, visit=stop.visit, entered_at=stop.entered_at, left_at=left_at, status=status,
                reason=why, sentence=why,
            )
        )  # fmt: skip

    def arm_over(self, place: Place, failed: str, node: str) -> None:
        """An arm is over: its Join closes, waits on, or fails what is around it, as the engine's does (9.2, 10.6)."""
        at = place
        while at.parent is not None and at.arm is not None:
            waiting, arm = at.parent, at.arm.id
            known = waiting.gathered
            if known is None or known.state != "open":
                return
            lost = {**known.failed, arm: failed} if failed else known.failed
            waiting.gathered = replace(known, came=known.came if failed else (*known.came, arm), failed=lost)
            if waiting.gathered.state == "open":
                return
            came, arms = len(waiting.gathered.came), len(known.arms)
            self.stop(self.below(waiting), f"Not needed any more: {came} of {arms} arms have come")
            if waiting.gathered.state == "met":
                self.come_to(waiting, waiting.join)
                return
            failed = next(iter(lost.values()))
            self.places.remove(waiting)
            at = waiting
        self.ended = ("failed", failed, node)

    def happens(self) -> None:
        """The clock jumps to the next event or timer, whichever comes first; at equality the event wins (3.7)."""
        timers = [(place.until, number) for number, place in enumerate(self.places) if place.until is not None]
        until, number = min(timers, default=(None, -1))
        if self.judged < len(self.coming) and (until is None or self.coming[self.judged].at <= until):
            self.judged += 1
            self.arrives(self.judged - 1)
            return
        if until is None:
            raise RuntimeError("a simulated run waits for nothing")
        place = self.places[number]
        if until - self.start > LONGEST:
            self.places.remove(place)
            node = place.join
            if place.stop is not None:
                node = place.stop.node
                self.unfinished(place.stop, "waiting", place.stop.reason)
            self.ended = ("unfinished", "ten_years", node)
            return
        self.advance(until)
        if place.stop is None:
            self.come_to(place, place.join)
        else:
            self.go_on(place, TimerFired(at=until))

    def over(self, status: str, reason: str, node: str) -> Simulation:
        return Simulation(
            steps=tuple(self.steps),
            end=End(status=status, reason=reason, node=node, at=self.now, sentence=self.sentence),
            goals=tuple(self.reached.values()),
            traits=dict(self.traits),
        )

    def take(
        self, place: Place, finished: Sequence[Finished], params: Any = None, played: Played | None = None
    ) -> None:
        """Keeps what a walk finished: the open step, if there is one, comes first and is the one that was `played`."""
        for done in finished:
            opened = place.open == (done.node, done.visit)
            if not opened:
                self.seq += 1
            output = self.keep(done.output)
            self.steps.append(
                Stepped(
                    node=done.node, visit=done.visit, entered_at=done.entered_at, left_at=done.left_at,
                    status=done.status, port=done.port, edge=done.edge, edges=done.edges, reason=done.reason, sentence=self.spelled(done, place.note if opened else ""),
                    flagged=done.flagged,
                    reads=done.reads, input=(params or place.given) if opened else None, output=output, traits=done.traits,
                    cost=played.cost if played and opened else 0.0,
                    origin=played.origin if played and opened else "flow",
                    assumed=bool(played and opened and played.assumed), gate=done.gate,
                )
            )  # fmt: skip
            self.outputs[done.node] = {"output": output}
            self.visits[done.node] = done.visit
            self.write(done.traits)
            self.sends(done.emits, self.judged)
            self.assigned.update({done.node: done.assigned} if done.assigned else {})
            if opened:
                place.open, place.note = None, ""

    def spelled(self, done: Finished, note: str) -> str:
        compiled = self.program.nodes.get(done.node)
        said = (because(compiled.config, done.port, done.reads) if compiled else "") or done.reason
        return f"{note}; then {said}" if note else said

    def already(self, stop: Waiting) -> Happening | None:
        """An event from before the arrival that ends the wait at once (SEMANTICS 3.2)."""
        for number in range(self.judged):
            happening = self.ends(stop, number, fresh=False)
            if happening is not None:
                self.used.add(number)
                return happening
        return None

    def arrives(self, number: int) -> None:
        """An event ends every wait that it satisfies, or begins its time anew (SEMANTICS 3.2 to 3.6)."""
        event = self.coming[number]
        self.advance(event.at)
        judged = simulated_gate.on_event(self, event)
        self.reach(judged.reached)
        if judged.left is not None:
            # Exits go before any wait (SEMANTICS 2.1).
            node = next((place.stop.node for place in self.places if place.stop is not None), "")
            self.sentence = judged.left.sentence
            self.ended = (judged.left.status, str(judged.left.reason), node)
            return
        for place in self.places:
            stop = place.stop
            if not isinstance(stop, Waiting):
                continue
            happening = self.ends(stop, number, fresh=True)
            if happening is None:
                again = simulated_waits.anew(stop, event, place.restarts)
                if again is not None:
                    place.stop, place.restarts = again, place.restarts + 1
                continue
            if simulated_waits.takes(stop, happening):
                self.eaten.add(number)
            if happening.event:
                self.moved.add(number)
            self.go_on(place, happening)
        self.used |= self.moved

    def ends(self, stop: Waiting, number: int, *, fresh: bool) -> EventCame | None:
        if number in self.used:
            return None
        return simulated_waits.ended(
            stop, self.coming[number], self.holds, began=self.start, fresh=fresh, eaten=number in self.eaten
        )

    def holds(self, condition: str, event: Happened | None) -> bool:
        return self.satisfies(condition, event or self.event)

    def came_true(self) -> None:
        """A step wrote a trait: waits of other arms may be over (SEMANTICS 3.2)."""
        for place in self.places:
            happening = simulated_waits.came_true(place.stop, self.holds) if isinstance(place.stop, Waiting) else None
            if happening is not None:
                self.go_on(place, happening)
