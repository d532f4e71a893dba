"""Child processes that are kept alive: started again when they end by themselves, ended when we are."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

log = structlog.get_logger("flowstudio.children")
# A child that lived this long was well: it comes back at once. One that ends sooner waits longer each time.
_WELL_S = 10.0
_FIRST_PAUSE_S = 0.2
_LAST_PAUSE_S = 10.0


class Child:
    """One supervised process. `keep` runs until `stop`; the process ends with us, however we end.

    Each is given a pipe as standard input that nobody writes to: it closes when this process is gone. It leads a session
    of its own, so that Ctrl-C in the terminal reaches us alone and we end it in good order.
    """

    def __init__(self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._command = list(command)
        self._cwd = cwd
        self._env = {**os.environ, **env} if env else None
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The running process, or None."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def keep(self) -> None:
        """Starts the process, and again whenever it ends, until `stop`."""
        pause = _FIRST_PAUSE_S
        while not self._stopping:
            started = time.monotonic()
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._cwd, env=self._env, stdin=asyncio.subprocess.PIPE, start_new_session=True
            )
            code = await self._process.wait()
            if self._stopping:
                return
            lived = time.monotonic() - started
            pause = _FIRST_PAUSE_S if lived >= _WELL_S else min(pause * 2, _LAST_PAUSE_S)
            log.error("child.ended", child=self.name, code=code, lived_s=round(lived, 1), again_in_s=pause)
            await asyncio.sleep(pause)

    async def stop(self, patience_s: float) -> None:
        """Ends the process: SIGTERM to its group, and SIGKILL after `patience_s` seconds."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), patience_s)
        except TimeoutError:
            log.error("child.killed", child=self.name, after_s=patience_s)
            self._signal(signal.SIGKILL)
            await process.wait()

    def _signal(self, signum: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signum)
