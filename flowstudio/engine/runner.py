"""The engine: one event loop carries many runs, one writer thread commits for all of them.

It looks for work when a bell rings, when a timer comes due, and every `scan_s` in any case: correctness never depends
on a signal (SEMANTICS 3.9). The same object serves the embedded child process, a worker, and tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import random
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.connectors.base import Tools
from flowstudio.engine import bell, claim, clock, crowds, failpoints, feed, hold, match, poison, recover
from flowstudio.engine.batches import Batches
from flowstudio.engine.blackbox import BlackBox
from flowstudio.engine.calls import Actions, Caller
from flowstudio.engine.carried import Carried
from flowstudio.engine.carry import Carrier
from flowstudio.engine.commit import Committer, Job
from flowstudio.engine.moves import Move
from flowstudio.engine.slots import Slots
from flowstudio.engine.writer import GroupWriter
from flowstudio.store.ids import new_id
from flowstudio.store.secrets import decrypt as open_secret

log = structlog.get_logger("flowstudio.engine")
_MATCH_AT_ONCE = 250
# So much of what is due at a time, and no more while that many moves wait for their commit: an event that comes while ten
# thousand timers are due must not stand behind them all.
_CLAIM_AT_ONCE = 128
_GAP_S = 0.003
# From this many runs on, the file lock is left free between groups for the other writing process.
_MANY = 16


@dataclass(kw_only=True)
class _Found:
    carried: list[Carried] = field(default_factory=list)
    events: int = 0
    more: bool = False
    next_due: datetime | None = None


class Engine:
    """One engine process. `run` works until `stop`; `drain` works until nothing is due (for tests and workers).

    `examiner` is the command of the child process that tries suspects alone (10.8); without one, this engine takes
    them with the rest. `whom="suspects"` makes such a child. An event loop that hangs for `stall_s` seconds ends the
    process (0: never), so that one step cannot hold up all others for ever.
    """

    def __init__(
        self,
        *,
        tools: Tools,
        sandbox_tools: Tools,
        actions: Actions | None = None,
        decrypt: Callable[[str], str] = open_secret,
        lease_s: float | None = None,
        scan_s: float | None = None,
        retry_base_s: float | None = None,
        max_runs: int = 1_000,
        slots: Slots | None = None,
        grace_s: float = 6.0,
        chance: Callable[[], float] = random.random,
        takes_over: bool = True,
        examiner: Sequence[str] = (),
        whom: claim.Whom = "all",
        stall_s: float = 0.0,
    ) -> None:
        self.id = new_id()
        self._lease_s = settings.FLOWSTUDIO_LEASE_S if lease_s is None else lease_s
        self._scan_s = settings.FLOWSTUDIO_SCAN_S if scan_s is None else scan_s
        self._max_runs = max_runs
        self._grace_s = grace_s
        self._takes_over = takes_over
        self._whom: claim.Whom = "well" if examiner and whom == "all" else whom
        self._examiner = poison.Examiner(examiner, self._suspects_left) if examiner else None
        self._stall_s = stall_s
        self._box: BlackBox | None = None
        self._mailer = tools.mailer
        if actions is None:
            from flowstudio.connectors import registry

            actions = registry.action
        self._actions = actions
        self._caller = Caller(
            actions=actions,
            tools=tools,
            sandbox_tools=sandbox_tools,
            decrypt=decrypt,
            retry_base_s=settings.FLOWSTUDIO_RETRY_BASE_S if retry_base_s is None else retry_base_s,
            chance=chance,
        )
        self._slots = slots or Slots()
        self._writer: GroupWriter[Move | Job, Any] | None = None
        self._carrier: Carrier | None = None
        self._held: dict[str, Carried] = {}
        self._batches = Batches()
        self._tasks: set[asyncio.Task[None]] = set()
        self._bell: bell.Bell | None = None
        self._hungry = False
        self._stopping = False
        self._told = False
        self._on_hold = False

    @property
    def active(self) -> int:
        """How many runs are being carried at this moment."""
        return len(self._held)

    def stop(self) -> None:
        """Asks `run` to end: no new claims, calls under way get their grace, the rest is handed back at once (G15)."""
        self._stopping = True
        if self._carrier is not None:
            self._carrier.stopping = True
        if self._bell is not None:
            self._bell.ring_here()

    async def run(self) -> None:
        """Works until `stop`."""
        await self._open()
        keeper = asyncio.create_task(self._keep())
        try:
            async with bell.Bell("engine") as self._bell:
                while not self._stopping:
                    await self._once(self._bell)
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            await self._close()

    async def _once(self, bell_: bell.Bell) -> None:
        try:
            found = await self._look()
        except Exception:
            # The database is away, or a bug in matching: nothing is lost, look again after the scan interval.
            log.exception("look.broke")
            await bell_.wait(self._scan_s)
            return
        if found.more and self._room():
            return
        self._hungry = found.more
        pause = self._scan_s
        if found.next_due is not None:
            pause = min(pause, max(0.0, (found.next_due - clock.now()).total_seconds()))
        await bell_.wait(pause)

    async def drain(self, *, rounds: int = 10_000, keep: bool = False) -> None:
        """Works until no event is pending and nothing is due or under way; renews its leases where it may take long."""
        await self._open()
        keeper = asyncio.create_task(self._keep()) if keep else None
        try:
            for _ in range(rounds):
                if self._stopping:
                    return
                found = await self._look()
                if self._tasks:
                    await asyncio.wait(self._tasks, timeout=self._scan_s, return_when=asyncio.FIRST_COMPLETED)
                elif not (found.carried or found.events or found.more):
                    return
            raise RuntimeError("there is always something due")
        finally:
            if keeper is not None:
                keeper.cancel()
                await asyncio.gather(keeper, return_exceptions=True)
            await self._close()

    # -- beginning and end

    async def _open(self) -> None:
        self._stopping = False
        committer = Committer(owner=self.id, lease_s=self._lease_s)

        def flush(cursor: CursorWrapper, items: Any) -> list[Any]:
            self._told = self._told or any(isinstance(item, Move) for item in items)
            return committer.flush(cursor, items)

        self._writer = GroupWriter(
            flush, gap_s=self._gap, patience_s=30.0, after_commit=self._after_commit, name="engine-writer"
        )
        self._carrier = Carrier(
            write=self._writer.write,
            caller=self._caller,
            slots=self._slots,
            owner=self.id,
            lease_s=self._lease_s,
            batches=self._batches,
            begin=self._start,
            hurry=self._hurry,
        )
        if hasattr(self._mailer, "bind"):
            self._mailer.bind(self._writer.write)
        if self._takes_over:
            self._box = BlackBox(poison.page(self.id), whole=self._whom == "suspects")
        await self._writer.write(self._register)
        log.info("engine.started", engine=self.id, pid=os.getpid(), after_s=recover.age_s())

    def _register(self, cursor: CursorWrapper) -> None:
        clock.sync(cursor)
        now, host, pid = clock.now(), socket.gethostname(), os.getpid()
        cursor.execute("SELECT 1 FROM store_engine WHERE id = %s", [self.id])
        if cursor.fetchone() is None:
            recover.register(cursor, self.id, host=host, pid=pid, now=now)
        if self._takes_over:
            released = recover.take_over(cursor, self.id, host=host, pid=pid, now=now)
            if released:
                log.info("engine.took_over", engine=self.id, leases=released)
        recover.release_expired(cursor, now)
        self._hold(cursor)

    def _hold(self, cursor: CursorWrapper) -> None:
        """After a restore nothing moves until a person has decided what to take for sent (G14)."""
        held = hold.held(cursor)
        if held and not self._on_hold:
            log.warning("engine.held", engine=self.id, why="a backup was restored and nobody has decided yet")
        self._on_hold = held
        if self._carrier is not None:
            self._carrier.sent_before = hold.taken_for_done(cursor)

    async def _close(self) -> None:
        if self._writer is None:
            return
        if self._examiner is not None:
            await self._examiner.end()
        if self._carrier is not None:
            self._carrier.stopping = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._grace_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)
        try:
            given = await asyncio.wait_for(
                self._writer.write(lambda cursor: recover.sign_off(cursor, self.id, clock.now())), timeout=1.5
            )
            log.info("engine.stopped", engine=self.id, handed_back=given)
        except Exception:
            # The leases end by themselves.
            log.exception("engine.sign_off_failed", engine=self.id)
        if hasattr(self._mailer, "bind"):
            self._mailer.bind(None)
        await asyncio.to_thread(self._writer.close, 2.0)
        self._writer, self._held = None, {}
        if self._stall_s:
            faulthandler.cancel_dump_traceback_later()
        if self._box is not None:
            self._box.close()
            self._box = None

    # -- work

    def _room(self) -> int:
        return max(0, self._max_runs - len(self._held))

    async def _look(self) -> _Found:
        """Events first, then what is due; one transaction."""
        if self._writer is None:
            raise RuntimeError("the engine is not open")
        room = self._room()
        found: _Found = await self._writer.write(lambda cursor: self._find(cursor, room))
        for one in found.carried:
            self._start(one)
        return found

    def _find(self, cursor: CursorWrapper, room: int) -> _Found:
        now = clock.now()
        until = now + timedelta(seconds=self._lease_s)
        found = _Found()
        if self._on_hold:
            self._hold(cursor)
        if self._on_hold:
            return found
        if not room:
            found.more = True
            return found
        limit = min(_MATCH_AT_ONCE, room)
        self._batches.look(cursor)
        unfinished, look_at = False, None
        if self._whom != "suspects":
            unfinished, look_at = crowds.work(cursor, now, self._batches)
            self._match(cursor, found, now, until, limit)
        left = min(_CLAIM_AT_ONCE, max(0, room - len(found.carried)))
        if self._writer is not None and self._writer.unsettled > _CLAIM_AT_ONCE:
            left = 0
        due = claim.claim(cursor, owner=self.id, now=clock.now(), lease_until=until, limit=left, whom=self._whom)
        found.carried += due
        found.more = unfinished or found.events >= limit or len(due) >= left
        self._told = self._told or unfinished
        if not found.more:
            found.next_due = min(filter(None, (claim.next_due(cursor, now), look_at)), default=None)
        return found

    def _match(self, cursor: CursorWrapper, found: _Found, now: datetime, until: datetime, limit: int) -> None:
        matched = match.match(cursor, now=now, limit=limit, owner=self.id, lease_until=until)
        found.events = matched.events
        if matched.events:
            failpoints.hit("after_match")
        self._told = self._told or bool(matched.events)
        found.carried = claim.load(cursor, matched.admitted, owner=self.id)

    def _start(self, one: Carried) -> None:
        if self._carrier is None:
            return
        held = self._held.get(one.token)
        if held is not None and held.fence == one.fence:
            return
        # A lease that was lost and claimed anew by this same engine: what still carries the old one is refused by its
        # fence, and the run goes on at once instead of after the new lease.
        self._held[one.token] = one
        work = self._carrier.carry(one)
        task = asyncio.create_task(work if self._box is None else self._box.watched(work, one.token))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._done(done, one))

    def _done(self, task: asyncio.Task[None], one: Carried) -> None:
        self._tasks.discard(task)
        if self._held.get(one.token) is one:
            del self._held[one.token]
        if self._hungry and self._bell is not None:
            self._hungry = False
            self._bell.ring_here()

    def _hurry(self) -> None:
        if self._bell is not None:
            self._bell.ring_here()

    # -- keeping

    async def _keep(self) -> None:
        """Heartbeat, renewals and recovery, a few times within each lease."""
        pause = min(5.0, self._lease_s / 4)
        while True:
            if self._stall_s:
                # A thread of C's: it ends this process also where Python's lock is never let go.
                faulthandler.dump_traceback_later(self._stall_s, exit=True)
            await asyncio.sleep(pause)
            if self._writer is None:
                return
            tokens = list(self._held)
            until = clock.now() + timedelta(seconds=self._lease_s)
            try:
                kept, freed, suspects = await self._writer.write(lambda cursor: self._upkeep(cursor, tokens, until))  # noqa: B023
            except Exception:
                log.exception("keep.broke", engine=self.id)
                continue
            for token in tokens:
                one = self._held.get(token)
                if one is not None and token in kept:
                    one.lease_until = max(one.lease_until, until)
            if suspects and self._examiner is not None:
                self._examiner.begin()
            if freed and self._bell is not None:
                log.info("leases.expired", count=freed)
                self._bell.ring_here()

    def _upkeep(self, cursor: CursorWrapper, tokens: list[str], until: datetime) -> tuple[set[str], int, bool]:
        clock.sync(cursor)
        now = clock.now()
        recover.beat(cursor, self.id, now)
        kept = claim.renew(cursor, tokens, owner=self.id, lease_until=until)
        freed = recover.release_expired(cursor, now)
        recover.close_orphans(cursor, now, self._lease_s)
        feed.prune(cursor, now)
        return kept, freed, poison.any_due(cursor, now)

    async def _suspects_left(self) -> bool:
        if self._writer is None:
            return False
        return bool(await self._writer.write(self._after_a_suspect))

    def _after_a_suspect(self, cursor: CursorWrapper) -> bool:
        now = clock.now()
        recover.take_over(cursor, self.id, host=socket.gethostname(), pid=os.getpid(), now=now)
        if self._bell is not None:
            # What died once too often is ended by this engine.
            self._bell.ring_here()
        return poison.any_due(cursor, now)

    def _gap(self) -> float:
        return _GAP_S if len(self._held) >= _MANY and connection.vendor == "sqlite" else 0.0

    def _after_commit(self) -> None:
        if self._told:
            failpoints.hit("after_commit")
            self._told = False
            with contextlib.suppress(OSError):
                bell.ring("viewers")
