"""Carrying one run: decide, commit, call, decide again, until it rests, ends or is let go (DESIGN "How data flows", 4).

The result of a call and the `sending` of the next share one commit when only pure nodes lie between; the call's slot is
taken before that commit, and the right to call is checked once more after it (SEMANTICS 10.2).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from flowstudio.connectors.base import Answer, Connector
from flowstudio.domain import moving
from flowstudio.domain.decision import Answered, Failed, Withheld
from flowstudio.domain.errors import ConnectorError, FlowstudioError, Stale
from flowstudio.domain.gate import Passage
from flowstudio.domain.interpreter import Calling, Standing, Walk, arrive, resume
from flowstudio.domain.leaving import Judged
from flowstudio.engine import (
    advance,
    aside,
    calls,
    claim,
    clock,
    crossing,
    departures,
    failpoints,
    gating,
    late,
    poison,
    subflows,
    transfer,
)
from flowstudio.engine.batches import Batches
from flowstudio.engine.calls import Caller
from flowstudio.engine.carried import Carried
from flowstudio.engine.moves import Committed, Leaving, Move, Outcome
from flowstudio.engine.slots import Slots
from flowstudio.engine.work import DIED, Work, Write, lost, moved

log = structlog.get_logger("flowstudio.engine")
# Younger than this, the commit's own judgement of lease, run and flow still counts as "right before the call".
_FRESH_S = 0.25
_CROWD_S = 0.5
# So old may the gate's verdict on a message be when it leaves.
_GATED_S = 2.0


class Carrier:
    """Carries runs in one event loop, for one owner of leases.

    `begin` carries the arms of a block, each for itself; `hurry` asks for a look at what is due at once.
    """

    def __init__(
        self,
        *,
        write: Write,
        caller: Caller,
        slots: Slots,
        owner: str,
        lease_s: float,
        batches: Batches,
        begin: Callable[[Carried], None] = lambda _arm: None,
        hurry: Callable[[], None] = lambda: None,
    ) -> None:
        self._write = write
        self._caller = caller
        self._slots = slots
        self._owner = owner
        self._lease_s = lease_s
        self._batches = batches
        self._begin = begin
        self._hurry = hurry
        self.stopping = False
        # Keys of effects that left the house before a backup was restored (G14).
        self.sent_before: frozenset[str] = frozenset()

    async def carry(self, carried: Carried) -> None:
        """Takes a run as far as it goes now; whatever goes wrong concerns this run alone."""
        try:
            if carried.trouble:
                await self._set_aside(carried, carried.trouble)
                return
            if carried.deaths > poison.DEATHS_ALONE:
                now = clock.now()
                await self._commit(advance.poisoned(carried, now, outcome=lost(carried, now)))
                return
            failpoints.hit_at("carry", carried.node)
            work = await self._first(carried)
            while work is not None:
                work = await self._step(carried, work)
        except Stale:
            log.info("run.lost", run=carried.run, token=carried.token)
        except FlowstudioError as error:
            log.warning("run.blocked", run=carried.run, node=carried.node, error=error.code)
            await self._set_aside(carried, error.message)
        except Exception as error:
            log.exception("run.broke", run=carried.run, node=carried.node)
            await self._set_aside(carried, f"This step cannot be carried out ({type(error).__name__}).")

    async def _set_aside(self, carried: Carried, message: str) -> None:
        now = clock.now()
        try:
            await self._write(
                lambda cursor: aside.set_aside(cursor, carried, owner=self._owner, now=now, message=message)
            )
        except Exception:
            # The lease ends by itself, then the run is taken up again.
            log.exception("run.aside_failed", run=carried.run)

    async def _commit(self, move: Move) -> Committed:
        try:
            committed: Committed = await self._write(move)
        except Leaving as found:
            await self._leave_run(move.carried, found.how, move.outcome, move)
            raise
        except Stale:
            if move.outcome is not None:
                # What was handed to a vendor is on record, whoever holds the run now (2.2).
                await self._write(lambda cursor: late.record(cursor, move))
            raise
        carried = move.carried
        carried.lease_until = committed.lease_until
        if move.fork is not None:
            for arm in move.fork.arms:
                self._begin(carried.into(arm, committed.lease_until, meets=move.fork.meets, at=move.at))
        if committed.joins or move.starts or (move.ending is not None and subflows.told(carried.event)):
            self._hurry()
        if committed.traits is not None:
            carried.traits = dict(committed.traits)
        return committed

    async def _leave_run(self, one: Carried, how: Mapping[str, Any], said: Outcome | None, move: Move | None) -> None:
        now, mine = clock.now(), self._owner
        await self._write(lambda cur: departures.leave(cur, one, how, owner=mine, outcome=said, move=move, now=now))

    async def _first(self, carried: Carried) -> Work | None:
        now = clock.now()
        if carried.leaving is not None:
            await self._leave_run(carried, carried.leaving, lost(carried, now), None)
            return None
        step, tried = carried.step, carried.tried
        way = self._batches.way(carried)
        if way is not None and (step is None or (step.status == "waiting" and carried.wake is None)):
            # It is claimed while its flow's customers are taken to another version: it goes over first (8.3).
            taken = await self._write(lambda cursor: transfer.own(cursor, way, carried, self._owner, now))
            if not taken:
                return None
            carried.stays = True
        if step is not None and step.status == "running" and tried is not None:
            return await self._after_death(carried, now)
        if step is not None and step.status == "waiting" and carried.wake is None and (step.due_at or now) > now:
            await self._commit(advance.let_go(carried, now, due_at=step.due_at or now))
            return None
        stand = await self._stands(carried, way)
        walk = advance.begin(carried, now, stand=stand)
        return Work(walk=crossing.onward(carried, walk, way) if walk is not None and stand else walk)

    async def _stands(self, carried: Carried, way: transfer.Way | None) -> bool:
        """Whether another version carries the run on after its open step (8.5); one that stays says so for good."""
        if crossing.stands(carried, way):
            return True
        if way is not None and moving.verdict(way.orders, carried.node)[0] == "finish":
            carried.stays = True
            await self._write(lambda cursor: transfer.stay(cursor, carried.run))
        return False

    async def _after_death(self, carried: Carried, now: datetime) -> Work | None:
        """The open step was executing when its engine died: the answer of its call is lost (10.3)."""
        outcome = lost(carried, now)
        again = advance.begin(carried, now)
        if again is not None:
            # The node does not ask for a call any more (its template cannot be filled in now, say).
            return Work(walk=again, outcome=outcome)
        calling = advance.calling_again(carried, now)
        return await self._failed(carried, calling, DIED, outcome, now, at_once=True)

    async def _step(self, carried: Carried, work: Work) -> Work | None:
        now = clock.now()
        connector: Connector | None = None
        if work.walk is not None and isinstance(work.walk.stop, Calling) and self._batches.way(carried) is not None:
            stops = Standing(node=work.walk.stop.node)
            work = Work(
                walk=Walk(steps=work.walk.steps, stop=stops), outcome=work.outcome, secrets=work.secrets, slot=work.slot
            )
        try:
            calling = advance.calling_again(carried, now) if work.walk is None else work.walk.stop
            if isinstance(calling, Calling):
                if self.sent_before and self._sent_before(carried, calling):
                    return await self._not_again(carried, work, now)
                connector = self._caller.connector(calling.action)
        finally:
            keeps = connector is not None and connector.id == work.slot and not self.stopping
            if work.slot and not keeps:
                self._slots.free(work.slot)
        if connector is None or not isinstance(calling, Calling):
            if work.walk is None:
                raise RuntimeError("without a walk there is a call to be tried")
            await self._commit(moved(carried, work, now))
            return None
        if keeps or (not self.stopping and self._slots.take(connector.id)):
            return await self._call(carried, work, calling, connector, now)
        return await self._queue(carried, work, connector, now)

    def _sent_before(self, carried: Carried, calling: Calling) -> bool:
        """Whether this call was made after the backup was taken, and must not be made twice: what a vendor knows by its
        key, and what changes nothing, is asked again for its answer."""
        repeats = calling.effect != "person" and calling.idempotent != "no"
        return not repeats and carried.key_of(calling.node, calling.visit) in self.sent_before

    async def _not_again(self, carried: Carried, work: Work, now: datetime) -> Work:
        outcome = work.outcome
        if work.walk is not None and (work.walk.steps or outcome):
            await self._commit(
                advance.moved(carried, work.walk, now, outcome=outcome, secrets=work.secrets, slot=False)
            )
            outcome = None
        elif work.walk is not None and isinstance(work.walk.stop, Calling):
            carried.node, carried.visit = work.walk.stop.node, work.walk.stop.visit
        done = Answered(port="out", output=None, reason="Not sent again: it was sent before the backup was restored.")
        return Work(walk=await self._resume(carried, done, now), outcome=outcome)

    async def _queue(self, carried: Carried, work: Work, connector: Connector, now: datetime) -> Work | None:
        """No slot at once: what is known is committed, then the run waits here, or outside where there is a crowd."""
        if self.stopping or self._slots.crowded(connector.id, carried.workspace):
            wait = self._slots.turn_s(connector.id) + _CROWD_S * self._caller.chance()
            later = now if self.stopping else now + timedelta(seconds=max(_CROWD_S, wait))
            await self._leave(carried, work, now, later)
            return None
        # The place is taken before the commit, so that a crowd that arrives together sees itself.
        place = self._slots.ask(connector.id, carried.workspace)
        try:
            if work.walk is not None and (work.walk.steps or work.outcome):
                move = moved(carried, work, now, slot=False)
                committed = await self._commit(move)
                if committed.halted:
                    self._slots.withdraw(connector.id, place)
                    return None
            await place
        except BaseException:
            self._slots.withdraw(connector.id, place)
            raise
        now = clock.now()
        again = Work(walk=None, outcome=work.outcome)
        if work.walk is not None and self._batches.way(carried) is not None:
            self._slots.free(connector.id)
            await self._commit(advance.let_go(carried, now, due_at=now))
            return None
        if work.walk is not None:
            # The customer may have changed while waiting: the step is judged on the snapshot of its arrival (9.6).
            again = Work(walk=arrive(carried.program().program, carried.node, carried.facts(now)))
        calling = again.walk.stop if again.walk is not None else advance.calling_again(carried, now)
        if isinstance(calling, Calling) and self._caller.connector(calling.action) is connector and not self.stopping:
            return await self._call(carried, again, calling, connector, now)
        self._slots.free(connector.id)
        return again

    async def _leave(self, carried: Carried, work: Work, now: datetime, later: datetime) -> None:
        """Commits what is known and lets the run go, to be looked at again."""
        if work.walk is not None and (work.walk.steps or work.outcome):
            move = moved(carried, work, now, slot=False)
            move.keep, move.due_at = False, later
        elif work.outcome is not None:
            message = work.outcome.message
            move = advance.retry_later(carried, now, outcome=work.outcome, due_at=later, message=message)
        else:
            move = advance.let_go(carried, now, due_at=later)
        await self._commit(move)

    async def _call(
        self, carried: Carried, work: Work, calling: Calling, connector: Connector, now: datetime
    ) -> Work | None:
        """Commits `sending`, checks once more, calls; the slot is ours, and goes back unless the run goes on with it."""
        kept, gated_at = False, 0.0
        try:
            if calling.effect == "person":
                gated_at, channel = time.monotonic(), self._caller.channel(calling.action)
                passage, judged = await gating.ask(self._write, carried, calling, channel)
                if passage.last.outcome not in ("pass", "stop"):
                    return await self._turned_away(carried, work, calling, passage, judged)
                carried.gate = passage.kept()
            if work.walk is None:
                move = advance.again(carried, calling, now, outcome=work.outcome, connector=connector)
            else:
                move = moved(carried, work, now, connector=connector)
            committed = await self._commit(move)
            failpoints.hit("after_sending")
            if committed.halted or carried.tried is None:
                return None
            carried.tried.sandbox = committed.sandbox
            if not await self._allowed(carried, committed, gated_at):
                return None
            left = (carried.lease_until - clock.now()).total_seconds()
            deadline = min(calls.LONGEST_S, left - max(0.5, self._lease_s * 0.1))
            ended = await self._caller.perform(carried, calling, committed, deadline_s=deadline, now=clock.now)
            failpoints.hit("after_answer")
            failpoints.hit_at("answered", carried.node)
            if ended.answer is not None:
                work = await self._answered(carried, ended.answer, ended, connector)
                kept = True
                return work
        finally:
            if not kept:
                self._slots.free(connector.id)
        return await self._failed(carried, calling, ended.error or DIED, ended.outcome, clock.now())

    async def _turned_away(
        self, carried: Carried, work: Work, calling: Calling, passage: Passage, judged: Judged
    ) -> Work | None:
        """The gate does not let the message pass: it is held, or the run goes on without it, or ends (5.2, 5.3)."""
        now, last, outcome = clock.now(), passage.last, work.outcome
        if work.walk is not None:
            standing = moved(carried, work, now, slot=False) if work.walk.steps or work.outcome else None
            if standing is not None and (await self._commit(standing)).halted:
                return None
            carried.node, carried.visit, outcome = calling.node, calling.visit, None
        if last.outcome == "leave":
            return Work(walk=gating.departure(calling.node, judged), outcome=outcome)
        if last.outcome == "hold":
            await self._commit(gating.held(carried, calling, passage, now, outcome=outcome))
            return None
        withheld = Withheld(check=last.check, reason=last.sentence, gate=tuple(passage.kept()))
        return Work(walk=await self._resume(carried, withheld, now), outcome=outcome)

    async def _allowed(self, carried: Carried, committed: Committed, gated_at: float) -> bool:
        """Lease, run and flow once more after the commit; a call that is forbidden now never leaves (10.2, 10.5)."""
        why = ""
        if time.monotonic() - committed.read_at > _FRESH_S:
            why = await self._write(lambda cursor: claim.still_mine(cursor, carried, owner=self._owner))
        now = clock.now()
        # Was the database away between gate and commit, who unsubscribed meanwhile must not get the message (G11).
        old = gated_at and time.monotonic() - gated_at > _GATED_S
        if not why and (old or (carried.lease_until - now).total_seconds() < max(1.0, self._lease_s * 0.2)):
            why = "late"
        if not why or carried.tried is None:
            return True
        outcome = Outcome(attempt=carried.tried.id, state="not_sent", ended_at=now, error_class=why)
        log.info("call.not_sent", run=carried.run, node=carried.node, why=why)
        if why == "lost":
            await self._write(lambda cursor: late.not_sent(cursor, carried, outcome))
        else:
            move = advance.retry_later(carried, now, outcome=outcome, due_at=now, message="", counted=False)
            await self._commit(move)
        return False

    async def _answered(self, carried: Carried, answer: Answer, ended: calls.Ended, connector: Connector) -> Work:
        happening = Answered(port=answer.port, output=answer.output, traits=answer.traits, reason=answer.summary)
        walk = await self._resume(carried, happening, clock.now())
        written = (answer.output, ended.written)
        return Work(walk=walk, outcome=ended.outcome, secrets=ended.secrets, written=written, slot=connector.id)

    async def _resume(self, carried: Carried, happening: Answered | Failed | Withheld, now: datetime) -> Walk:
        entered_at = carried.step.entered_at if carried.step else now
        way = self._batches.way(carried)
        stand = await self._stands(carried, way)
        walk = resume(
            carried.program().program, carried.node, entered_at, carried.visit, carried.facts(now), happening,
            stand=stand,
        )  # fmt: skip
        return crossing.onward(carried, walk, way) if stand else walk

    async def _failed(
        self,
        carried: Carried,
        calling: Calling,
        error: ConnectorError,
        outcome: Outcome | None,
        now: datetime,
        *,
        at_once: bool = False,
    ) -> Work | None:
        message = outcome.message if outcome else error.message
        unknown = error.sent == "maybe"
        verdict = self._caller.judge(carried, calling, error=error, unknown=unknown, now=now)
        log.info(
            "call.failed", run=carried.run, node=carried.node, action=calling.action, error=error.error_class,
            then=verdict.then,
        )  # fmt: skip
        if verdict.then == "retry":
            if at_once:
                return Work(walk=None, outcome=outcome)
            due_at = now + timedelta(seconds=verdict.delay_s)
            await self._commit(advance.retry_later(carried, now, outcome=outcome, due_at=due_at, message=message))
            return None
        if verdict.then == "park":
            await self._commit(advance.hold(carried, now, outcome=outcome, message=f"May have been done: {message}"))
            return None
        if verdict.then == "assume_done":
            done = Answered(port="out", output=None, reason="Assumed done: the answer was lost.")
            return Work(walk=await self._resume(carried, done, now), outcome=outcome)
        failed = Failed(
            error_class=error.error_class, reason=message, output={"error": error.error_class, "message": message}
        )
        return Work(walk=await self._resume(carried, failed, now), outcome=outcome)
