"""Exits, goals and the delivery gate of a simulated run: the engine's own rules, on a world that is made up.

Nobody is suppressed in a simulation, nobody has refused anything, and nobody is held out.
"""

from __future__ import annotations

from datetime import datetime

from flowstudio.domain import gate, leaving, schedule
from flowstudio.domain.decision import Withheld
from flowstudio.domain.gate import Passage, Standing
from flowstudio.domain.interpreter import Calling, Ended, Facts, Sleeping, Walk
from flowstudio.domain.leaving import Judged, Moment
from flowstudio.domain.simulated import Happened
from flowstudio.domain.simulated_world import World


def on_event(world: World, event: Happened) -> Judged:
    """What an event that arrives while the customer is inside means: by itself, then by the traits that it brings."""
    program = world.program
    run = {**world.run, "event": world.event.subject}
    scope = {"customer": world.customer(), "event": world.event.subject, "run": run, "now": world.now}
    started_at = world.run.get("started_at")
    moment = Moment(
        scope=scope, began=world.event.subject, at=event.at,
        started_at=started_at if isinstance(started_at, datetime) else world.start,
    )  # fmt: skip
    judged = leaving.on_event(program.rules, event.subject, moment)
    if judged.left is None and program.states:
        states = leaving.on_state(program.rules, moment)
        judged = Judged(reached=(*judged.reached, *states.reached), left=states.left)
    return judged


def passes(world: World, facts: Facts, calling: Calling, since: datetime, *, chosen: bool) -> tuple[Passage, Judged]:
    """The gate before one message. Where the author chose how the call ends, it has an address to go to."""
    program, compiled = world.program, world.program.nodes[calling.node]
    judged = Judged()
    if program.states:
        judged = leaving.at_boundary(program.rules, facts.customer, facts.event, facts.run, facts.now)
    zone, _ = schedule.zone_for(world.traits, program.rules.timezone, world.timezone)
    by_mail = compiled.type is not None and compiled.type.channel == "email"
    to = str(calling.params.get("to") or "").strip()
    standing = Standing(
        now=facts.now,
        zone=zone,
        held_since=since,
        judged=judged,
        address_problem=gate.NO_ADDRESS if by_mail and not to and not chosen else "",
        audience=str(calling.params.get("audience") or ""),
        scope={
            "customer": facts.customer, "event": facts.event, "run": facts.run, "steps": facts.steps, "now": facts.now,
        },
        transactional=calling.params.get("transactional") is True,
        quiet_hours=program.rules.quiet_hours,
    )  # fmt: skip
    return gate.judge(standing), judged


def turned_away(passage: Passage, judged: Judged, calling: Calling) -> Walk | Withheld:
    """Where the run stops instead of sending: at its end, or until the quiet is over; or it goes on without."""
    last, left = passage.last, judged.left
    if last.outcome == "leave" and left is not None:
        stop = Ended(status=left.status, reason=left.reason, node=calling.node, sentence=left.sentence)
        return Walk(steps=(), stop=stop, reached=judged.reached)
    if last.outcome == "hold" and last.until is not None:
        held = Sleeping(
            node=calling.node,
            visit=calling.visit,
            entered_at=calling.entered_at,
            until=last.until,
            reason=last.sentence,
        )
        return Walk(steps=(), stop=held)
    return Withheld(check=last.check, reason=last.sentence, gate=tuple(passage.kept()))
