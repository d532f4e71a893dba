"""Group commits: many small writes share one transaction, one disk sync and one wake-up of the event loop.

One thread, one Django connection. Items that arrive while a group commits form the next group, so the group grows with
the load by itself; `gap_s` leaves SQLite's one writers' lock free between groups, for the other writing process.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

logger = logging.getLogger("flowstudio.engine.writer")


class Unfit(Exception):
    """Raised by a flush that knows which items spoil the group: `errors` maps their index to what they get instead."""

    def __init__(self, errors: dict[int, Exception]) -> None:
        super().__init__(f"{len(errors)} items refused")
        self.errors = errors


class _Entry[T, R]:
    __slots__ = ("future", "item", "loop")

    def __init__(self, item: T, loop: asyncio.AbstractEventLoop, future: asyncio.Future[R]) -> None:
        self.item = item
        self.loop = loop
        self.future = future


type _Outcome[T, R] = tuple[_Entry[T, R], R | None, BaseException | None]


class GroupWriter[T, R]:
    """`await write(item)` returns the flush's result for the item, after the COMMIT that holds it.

    `flush(cursor, items)` runs in one transaction and returns one result for each item. When it raises, the group is
    rolled back and tried again item by item, so that only the bad one fails (or the ones an `Unfit` names, the rest
    going again together). A database that is away is asked again for `patience_s` seconds before the items fail.
    `after_commit` is called in the writer's thread after each COMMIT (to ring a bell); it must not raise.
    """

    def __init__(
        self,
        flush: Callable[[CursorWrapper, Sequence[T]], Sequence[R]],
        *,
        max_items: int = 500,
        gap_s: float | Callable[[], float] = 0.0,
        patience_s: float = 5.0,
        after_commit: Callable[[], None] | None = None,
        name: str = "writer",
    ) -> None:
        self._flush = flush
        self._max_items = max_items
        self._gap = gap_s if callable(gap_s) else lambda: gap_s
        self._patience_s = patience_s
        self._after_commit = after_commit
        self._queue: queue.SimpleQueue[_Entry[T, R] | None] = queue.SimpleQueue()
        self._put = 0
        self._settled = 0
        self._closed = False
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many items wait for their group (for back pressure)."""
        return self._queue.qsize()

    @property
    def unsettled(self) -> int:
        """How many items were handed over and have no answer yet: queued, or in the group under way."""
        return self._put - self._settled

    def put(self, item: T) -> asyncio.Future[R]:
        """Hands an item over at once; the future is done after its COMMIT. From a running event loop only."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        with self._guard:
            if self._closed:
                raise RuntimeError("The writer is closed: the process is shutting down.")
            self._put += 1
            self._queue.put(_Entry(item, loop, future))
        return future

    async def write(self, item: T) -> R:
        """The flush's result for `item`, once it is committed."""
        return await self.put(item)

    def close(self, timeout_s: float | None = None) -> None:
        """Takes nothing more, commits what is queued, ends thread and connection. Blocks; safe to call twice."""
        with self._guard:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join(timeout_s)

    def _work(self) -> None:
        try:
            last = False
            freed_at = 0.0
            while not last:
                entry = self._queue.get()
                if entry is None:
                    break
                rest = freed_at + self._gap() - time.monotonic()
                if rest > 0:
                    time.sleep(rest)
                group, last = self._gather(entry)
                self._deliver(self._commit(group))
                freed_at = time.monotonic()
        finally:
            connection.close()

    def _gather(self, first: _Entry[T, R]) -> tuple[list[_Entry[T, R]], bool]:
        group = [first]
        while len(group) < self._max_items:
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                break
            if entry is None:
                return group, True
            group.append(entry)
        return group, False

    def _transact(self, group: Sequence[_Entry[T, R]]) -> Sequence[R]:
        with transaction.atomic(), connection.cursor() as cursor:
            results = self._flush(cursor, [entry.item for entry in group])
            if len(results) != len(group):
                raise RuntimeError(f"flush gave {len(results)} results for {len(group)} items")
        if self._after_commit is not None:
            self._after_commit()
        return results

    def _patiently(self, group: Sequence[_Entry[T, R]]) -> Sequence[R]:
        deadline = time.monotonic() + self._patience_s
        pause = 0.05
        while True:
            try:
                return self._transact(group)
            except (OperationalError, InterfaceError) as error:
                # The database is away, busy or read-only: a fresh connection later may work.
                connection.close()
                if time.monotonic() + pause > deadline:
                    raise
                logger.warning("database away, trying again: %s", type(error).__name__)
                time.sleep(pause)
                pause = min(pause * 2, 1.0)

    def _commit(self, group: Sequence[_Entry[T, R]]) -> list[_Outcome[T, R]]:
        try:
            return [(entry, result, None) for entry, result in zip(group, self._patiently(group), strict=True)]
        except Unfit as unfit:
            refused: list[_Outcome[T, R]] = [(group[i], None, error) for i, error in unfit.errors.items()]
            rest = [entry for index, entry in enumerate(group) if index not in unfit.errors]
            return refused + (self._commit(rest) if rest else [])
        except (OperationalError, InterfaceError) as error:
            return [(entry, None, error) for entry in group]
        except Exception as error:
            if len(group) == 1:
                return [(group[0], None, error)]
            logger.exception("a group of %d failed, going item by item", len(group))
            return [outcome for entry in group for outcome in self._commit([entry])]

    def _deliver(self, outcomes: Sequence[_Outcome[T, R]]) -> None:
        self._settled += len(outcomes)
        by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome[T, R]]] = {}
        for outcome in outcomes:
            by_loop.setdefault(outcome[0].loop, []).append(outcome)
        for loop, mine in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle, mine)
            except RuntimeError:
                # The loop is closed: nobody waits any more; what is committed stays committed.
                logger.info("%d results came after their loop had closed", len(mine))


def _settle[T, R](outcomes: Sequence[_Outcome[T, R]]) -> None:
    for entry, result, error in outcomes:
        if entry.future.done():
            continue
        if error is not None:
            entry.future.set_exception(error)
        else:
            entry.future.set_result(result)  # type: ignore[arg-type]
