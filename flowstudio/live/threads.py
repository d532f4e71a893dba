"""Where the live room waits for the database: never in the event loop, and never behind Django's one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from flowstudio.domain.errors import Overloaded

_ASKERS = 3


class Threads:
    """One thread that follows the feed, and a few that read snapshots and judge callers."""

    def __init__(self, asking: int) -> None:
        self._most = asking
        self._under_way = 0
        self._feed = ThreadPoolExecutor(1, thread_name_prefix="live-feed")
        self._askers = ThreadPoolExecutor(_ASKERS, thread_name_prefix="live-ask")

    async def follow[**P, T](self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `read` in the feed's thread."""
        return await self._run(self._feed, lambda: _kept_open(lambda: read(*args, **kwargs)))

    async def ask[**P, T](self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `read` in one of the other threads; Overloaded when very many wait already."""
        if self._under_way >= self._most:
            raise Overloaded("Very many viewers are coming at once. Try again in a moment.")
        self._under_way += 1
        try:
            return await self._run(self._askers, lambda: _closed_after(lambda: read(*args, **kwargs)))
        finally:
            self._under_way -= 1

    async def _run[T](self, pool: ThreadPoolExecutor, read: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, read)

    async def close(self) -> None:
        """Waits for what is under way and closes the connections."""
        await self._run(self._feed, lambda: connection.close())  # noqa: PLW0108 - that thread's connection
        for pool in (self._feed, self._askers):
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)


def _kept_open[T](read: Callable[[], T]) -> T:
    # Ten looks a second: SQLite's connection is kept, a server's goes back to the pool.
    try:
        answer = read()
    except BaseException:
        connection.close()
        raise
    if connection.vendor != "sqlite":
        connection.close()
    return answer


def _closed_after[T](read: Callable[[], T]) -> T:
    try:
        return read()
    finally:
        connection.close()
