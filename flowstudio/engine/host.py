"""One event loop for the life of a worker process, with one engine in it (HTTP connections last, leases are kept).

A thread of its own, started after the fork. Looks come from tasks; rings and timers are turned into tasks by `wake`;
and when no task has come for `patrol_s`, because the broker is away or the worker has stopped consuming, the host
looks by itself: losing Redis costs delay, never work (G2).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError

import structlog

from flowstudio import loops
from flowstudio.engine.bell import Bell
from flowstudio.engine.kept import KeptEngine

log = structlog.get_logger("flowstudio.engine.host")
BUDGET_S = 5.0
_RETRY_S = 1.0
_TICK_S = 0.25
# Runs come to rest in crowds: one look for their timers.
_CROWD_S = 0.2


class Host:
    """`start` after the fork, `advance` from a task, `stop` before the process ends."""

    def __init__(self, build: Callable[[], KeptEngine], wake: Callable[[], None], *, patrol_s: float) -> None:
        self._build = build
        self._wake = wake
        self._patrol_s = patrol_s
        self._guard = threading.Lock()
        self._turn = asyncio.Lock()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: KeptEngine | None = None
        self._stopping = False
        self._looked_at = 0.0
        self._wanted: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        self._looks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Starts the loop; at once and without waiting for the database. Again: only if the loop has died."""
        with self._guard:
            if self._stopping or (self._thread is not None and self._thread.is_alive()):
                return
            self._ready.clear()
            self._thread = threading.Thread(target=self._live, name="engine-host", daemon=True)
            self._thread.start()

    def advance(self) -> None:
        """One bounded look from another thread; returns when nothing more is due, or after about `BUDGET_S`."""
        self.start()
        if not self._ready.wait(BUDGET_S):
            log.warning("host.not_ready")
            return
        loop = self._loop
        if loop is None or self._stopping:
            return
        look = asyncio.run_coroutine_threadsafe(self._look_calmly(), loop)
        try:
            look.result(BUDGET_S * 3)
        except CancelledError:
            # The process ends.
            return
        except TimeoutError:
            # It goes on in the loop; what it waits for is the database.
            log.warning("host.slow_look", seconds=BUDGET_S * 3)

    def stop(self, timeout_s: float) -> None:
        """Hands every lease back and ends the loop; waits `timeout_s` for it."""
        self._stopping = True
        loop, thread, wanted = self._loop, self._thread, self._wanted
        if loop is not None and wanted is not None and thread is not None and thread.is_alive():
            loop.call_soon_threadsafe(wanted.set)
        if thread is not None:
            thread.join(timeout_s)

    def _live(self) -> None:
        try:
            loops.run(self._serve())
        except Exception:
            log.exception("host.broke")
        finally:
            self._ready.clear()
            self._loop = None

    async def _serve(self) -> None:
        self._turn = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        engine = await self._opened()
        if engine is None:
            return
        self._engine, self._looked_at = engine, time.monotonic()
        self._ready.set()
        listener = asyncio.create_task(self._listen())
        try:
            while not self._stopping:
                await self._patrol()
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
            for handle in (self._timer, self._again):
                if handle is not None:
                    handle.cancel()
            await engine.end()

    async def _opened(self) -> KeptEngine | None:
        while not self._stopping:
            engine = self._build()
            try:
                await engine.begin(self._wake_soon, self._settled)
            except Exception:
                log.exception("host.database_away")
                await asyncio.sleep(_RETRY_S)
            else:
                return engine
        return None

    async def _look(self) -> None:
        engine = self._engine
        if engine is None:
            return
        async with self._turn:
            self._looked_at = time.monotonic()
            due_in = await engine.advance(BUDGET_S, more=self._wake_soon)
            self._looked_at = time.monotonic()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        # Further timers are found by the looks that come meanwhile.
        if due_in is not None and due_in < self._patrol_s:
            self._timer = asyncio.get_running_loop().call_later(due_in, self._wake_soon)

    async def _patrol(self) -> None:
        assert self._wanted is not None
        try:
            async with asyncio.timeout(min(_TICK_S, self._patrol_s)):
                await self._wanted.wait()
            return
        except TimeoutError:
            pass
        if time.monotonic() - self._looked_at < self._patrol_s:
            return
        engine = self._engine
        before = engine.taken if engine is not None else 0
        await self._look_calmly()
        if engine is not None and engine.taken > before:
            # Nothing to worry about once; again and again it says that tasks do not come through.
            log.warning("host.work_without_a_task", seconds=self._patrol_s)

    async def _look_calmly(self) -> None:
        try:
            await self._look()
        except Exception:
            # The database is away: nothing is lost, the next look comes.
            log.exception("look.broke")
            self._looked_at = time.monotonic()

    def _settled(self) -> None:
        if self._again is None:
            self._again = asyncio.get_running_loop().call_later(_CROWD_S, self._look_again)

    def _look_again(self) -> None:
        self._again = None
        look = asyncio.create_task(self._look_calmly())
        self._looks.add(look)
        look.add_done_callback(self._looks.discard)

    async def _listen(self) -> None:
        """Turns rings into tasks: those that come while one is being sent are one ring."""
        async with Bell("engine") as bell:
            while True:
                if await bell.wait(None):
                    await asyncio.to_thread(self._wake)

    def _wake_soon(self) -> None:
        asyncio.get_running_loop().run_in_executor(None, self._wake)
