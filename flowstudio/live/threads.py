"""Where the live room waits for the database: never in the event loop, and never behind Django's one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from flowstudio.domain.errors import Overloaded

_ASKERS = 3
_GREETERS = 2


class _Askers:
    """A few threads, and a bound on what may wait for them."""

    def __init__(self, threads: int, most: int, name: str) -> None:
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = most
        self._under_way = 0

    async def ask[T](self, read: Callable[[], T]) -> T:
        """Runs `read` in one of the threads; Overloaded when very many wait already."""
        if self._under_way >= self._most:
            raise Overloaded("Very many viewers are coming at once. Try again in a moment.")
        self._under_way += 1
        try:
            return await _run(self.pool, lambda: _closed_after(read))
        finally:
            self._under_way -= 1


class Threads:
    """One thread that follows the feed, a few that greet, and a few for those who are inside.

    Whoever knocks with wrong keys keeps other newcomers waiting, never a viewer.
    """

    def __init__(self, asking: int) -> None:
        self._feed = ThreadPoolExecutor(1, thread_name_prefix="live-feed")
        self._inside = _Askers(_ASKERS, asking, "live-ask")
        self._door = _Askers(_GREETERS, asking, "live-door")

    async def follow[**P, T](self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `read` in the feed's thread."""
        return await _run(self._feed, lambda: _kept_open(lambda: read(*args, **kwargs)))

    async def ask[**P, T](self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `read` for a viewer; Overloaded when very many wait already."""
        return await self._inside.ask(lambda: read(*args, **kwargs))

    async def greet[T](self, read: Callable[[], T]) -> T:
        """Runs `read` for somebody at the door; Overloaded when very many wait there."""
        return await self._door.ask(read)

    async def close(self) -> None:
        """Waits for what is under way and closes the connections."""
        await _run(self._feed, lambda: connection.close())  # noqa: PLW0108 - that thread's connection
        for pool in (self._feed, self._inside.pool, self._door.pool):
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)


async def _run[T](pool: ThreadPoolExecutor, read: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, read)


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
