"""An engine that is told when to look: a worker process keeps one for its whole life, tasks tell it (decision 0005)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from flowstudio.engine import bell, clock
from flowstudio.engine.carried import Carried
from flowstudio.engine.runner import Engine


class _Inward(bell.Bell):
    """What the engine rings when it wants another look: asks for one instead of looking by itself."""

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__("engine")
        self._wake = wake

    def ring_here(self) -> None:
        self._wake()


class KeptEngine(Engine):
    """`begin` once, `advance` whenever there may be work, `end` once; all from one event loop.

    Between two looks the loop carries on what was taken, beats and renews leases.
    """

    _keeper: asyncio.Task[None] | None = None
    _settled: Callable[[], None] | None = None
    taken = 0
    """How many events and runs its looks have taken so far."""

    async def begin(self, wake: Callable[[], None], settled: Callable[[], None]) -> None:
        """Registers and starts to beat. In the loop, `wake` is called when a look is worth while (leases ran out), and
        `settled` when a run left these hands: it may sleep now, with a timer that no look has seen yet."""
        self._bell, self._settled = _Inward(wake), settled
        try:
            await self._open()
        except BaseException:
            await self._close()
            raise
        self._keeper = asyncio.create_task(self._keep())

    async def advance(self, budget_s: float, *, more: Callable[[], None]) -> float | None:
        """Takes what is due until nothing is, or for `budget_s`; the calls it began go on after it has returned.

        `more` is called when a look left something over (another worker may help). Gives the seconds to the next
        timer: 0 when something is due still, None when there is none.
        """
        until = time.monotonic() + budget_s
        while not self._stopping:
            found = await self._look()
            self.taken += found.events + len(found.carried)
            if not found.more:
                if found.next_due is None:
                    return None
                return max(0.0, (found.next_due - clock.now()).total_seconds())
            left = until - time.monotonic()
            if left <= 0:
                return 0.0
            more()
            if not self._room():
                await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        return None

    def _done(self, task: asyncio.Task[None], one: Carried) -> None:
        super()._done(task, one)
        if self._settled is not None and not self._stopping:
            self._settled()

    async def end(self) -> None:
        """No new claims, calls under way get their grace, every lease goes back (G15)."""
        self.stop()
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await self._close()
