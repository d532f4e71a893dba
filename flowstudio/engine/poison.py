"""Poison: a step that was executing when its engine died is tried again alone, in a child process (SEMANTICS 10.8).

Claims that were not begun never count, nor does a step that only waited for its vendor's answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.db.backends.utils import CursorWrapper

from flowstudio.engine import blackbox
from flowstudio.store.sql import db_time

log = structlog.get_logger("flowstudio.engine.poison")
# The death in company makes a suspect; after so many more, alone, the step is set aside.
DEATHS_ALONE = 3
CRASHED = f"This step stopped the engine {DEATHS_ALONE} times while it ran alone, so it was set aside."
_FIRST_PAUSE_S = 0.2
_LAST_PAUSE_S = 30.0


def page(engine: str) -> Path:
    """Where the black box of an engine of this machine is."""
    return Path(settings.DATA_DIR) / "engines" / engine


def blame(cursor: CursorWrapper, engine: str) -> None:
    """Counts the death of an engine that is gone against the run it was working on, if it was working on one."""
    token = blackbox.suspect(page(engine))
    if not token:
        return
    cursor.execute(
        "UPDATE store_token SET deaths = deaths + 1 WHERE id = %s AND owner = %s RETURNING run_id, node, deaths",
        [token, engine],
    )
    for run, node, deaths in cursor.fetchall():
        log.warning("run.suspect", run=run, node=node, deaths=deaths)


def any_due(cursor: CursorWrapper, now: datetime) -> bool:
    """Whether a suspect waits to be tried alone."""
    cursor.execute(
        "SELECT 1 FROM store_token t JOIN store_flow f ON f.id = t.flow_id WHERE t.deaths > 0 AND t.deaths <= %s "
        "AND t.owner = '' AND t.due_at <= %s AND f.state NOT IN ('paused', 'stopped', 'archived') LIMIT 1",
        [DEATHS_ALONE, db_time(now)],
    )
    return cursor.fetchone() is not None


class Examiner:
    """Keeps one child process at work while there are suspects. `command` starts it; `left` says whether any is left,
    after it has taken over what a child that died was holding."""

    def __init__(self, command: Sequence[str], left: Callable[[], Awaitable[bool]]) -> None:
        self._command = tuple(command)
        self._left = left
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """There are suspects; does nothing while a child is at work on them."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def end(self) -> None:
        """Ends the child, which hands back what it holds."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            # The pipe to its standard input closes when this process is gone, however it goes.
            child = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, start_new_session=True
            )
            try:
                code = await child.wait()
            except asyncio.CancelledError:
                with contextlib.suppress(ProcessLookupError):
                    child.send_signal(signal.SIGTERM)
                raise
            try:
                if not await self._left():
                    return
            except Exception:
                # The database is away; the suspects are still there afterwards.
                log.exception("suspects.broke")
            if code == 0:
                pause = _FIRST_PAUSE_S
            else:
                log.warning("suspect.killed_its_process", code=code)
            await asyncio.sleep(pause)
            pause = min(_LAST_PAUSE_S, pause * 1.5)
