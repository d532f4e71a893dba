"""The calls of a simulated run: the gate before a message, and how each call ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flowstudio.domain import simulated_gate
from flowstudio.domain.decision import Failed, Happening, Withheld
from flowstudio.domain.graph import Node
from flowstudio.domain.interpreter import Calling, Facts, Finished, Sleeping, Waiting, Walk
from flowstudio.domain.leaving import Reached
from flowstudio.domain.outcomes import Outcome, Outcomes, Played, play
from flowstudio.domain.simulated import Goal
from flowstudio.domain.simulated_place import Place
from flowstudio.domain.simulated_world import World


class Calls(World):
    """What a journey does where it calls somebody; how it goes on is the journey's."""

    chosen: Outcomes
    recorded: Outcomes
    refuses: Callable[[Calling], Failed | None]
    nodes: Mapping[str, Node]
    reached: dict[str, Goal]

    def facts(self, place: Place) -> Facts:
        """The snapshot of this instant."""
        raise NotImplementedError

    def resume(self, place: Place, stop: Calling | Sleeping | Waiting, happening: Happening) -> Walk:
        """The walk of a token to which something happened."""
        raise NotImplementedError

    def take(
        self, place: Place, finished: Sequence[Finished], params: Any = None, played: Played | None = None
    ) -> None:
        """Keeps what a walk finished."""
        raise NotImplementedError

    def call(self, place: Place, stop: Calling) -> Walk:
        """A call ends as it was chosen or is assumed to."""
        kind = self.program.nodes[stop.node].type
        if kind is None:
            raise RuntimeError("a node without a type calls nobody")
        chosen, place.held = _of_visit(self.chosen, stop), None
        if stop.effect == "person":
            passage, judged = simulated_gate.passes(
                self, self.facts(place), stop, stop.entered_at, chosen=chosen is not None
            )
            if passage.last.outcome != "pass":
                return self.turned_away(place, stop, simulated_gate.turned_away(passage, judged, stop))
        played = play(
            stop,
            kind,
            self.nodes[stop.node].config,
            chosen=chosen,
            recorded=_of_visit(self.recorded, stop),
            refused=None if chosen else self.refuses(stop),
            known=self.traits,
        )
        walk = self.resume(place, stop, played.happening)
        self.take(place, walk.steps, stop.params, played)
        return walk

    def turned_away(self, place: Place, stop: Calling, found: Walk | Withheld) -> Walk:
        """The gate keeps a message back (SEMANTICS 5)."""
        if isinstance(found, Walk):
            if isinstance(found.stop, Sleeping):
                place.held, place.note = stop, found.stop.reason
            return found
        walk = self.resume(place, stop, found)
        self.take(place, walk.steps, stop.params)
        return walk

    def reach(self, reached: Sequence[Reached]) -> None:
        """A goal counts once a run (SEMANTICS 2.5)."""
        for one in reached:
            self.reached.setdefault(one.goal, Goal(id=one.goal, name=one.name, sentence=one.sentence, at=self.now))


def _of_visit(outcomes: Outcomes, stop: Calling) -> Outcome | None:
    answers = outcomes.get(stop.node, ())
    return answers[stop.visit - 1] if stop.visit <= len(answers) else None
