"""What somebody would write instead: the same five calls, with nothing stored (a) or with every step committed (b).

`python -m benchmarks.plain a|b URL JOURNEYS` prints one JSON line. Events come from memory, not by HTTP, which favours
these programs. One httpx client with ten connections; fifty journeys at once.
"""

from __future__ import annotations

import asyncio
import json
import queue
import resource
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

_AT_ONCE = 50


class Store:
    """Group commits to SQLite by one thread: a caller goes on once its group is on disk."""

    def __init__(self, path: Path) -> None:
        self.loop = asyncio.get_running_loop()
        self.queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.file.execute("PRAGMA journal_mode=WAL")
        self.file.execute("PRAGMA synchronous=FULL")
        self.file.execute("CREATE TABLE event (id TEXT PRIMARY KEY, body TEXT)")
        self.file.execute("CREATE TABLE step (run TEXT, node TEXT, body TEXT, at REAL, PRIMARY KEY (run, node))")
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    async def write(self, sql: str, row: tuple[Any, ...]) -> None:
        done = self.loop.create_future()
        self.queue.put((sql, row, done))
        await done

    def work(self) -> None:
        while True:
            group = [self.queue.get()]
            while not self.queue.empty() and len(group) < 200:
                group.append(self.queue.get())
            if None in group:
                return
            self.file.execute("BEGIN IMMEDIATE")
            for sql, row, _ in group:
                self.file.execute(sql, row)
            self.file.execute("COMMIT")
            self.loop.call_soon_threadsafe(self.tell, [done for _, _, done in group])

    def tell(self, group: list[asyncio.Future[None]]) -> None:
        for done in group:
            done.set_result(None)


async def journey(http: httpx.AsyncClient, url: str, number: int, store: Store | None) -> None:
    """One customer: enrich, save, alert or technographics, save, mail."""
    run = uuid.uuid4().hex
    event = {"event": "Signed Up", "userId": f"u{number}", "properties": {"n": number}}
    if store:
        await store.write("INSERT INTO event VALUES (?, ?)", (run, json.dumps(event)))

    async def call(node: str, path: str, body: Any) -> Any:
        answer = await http.post(f"{url}/{path}/{number}", json=body, headers={"Idempotency-Key": f"{run}-{node}"})
        answer.raise_for_status()
        found = answer.json()
        if store:
            row = (run, node, json.dumps(found), time.time())
            await store.write("INSERT INTO step VALUES (?, ?, ?, ?)", row)
        return found

    company = await call("enrich", "enrich", {"email": f"u{number}@example.com"})
    await call("save", "save", {"row": company})
    if company["employees"] > 100:
        found = await call("alert", "alert", {"text": f"{company['company']} signed up"})
    else:
        found = await call("technographics", "technographics", {"domain": "example.com"})
    await call("save_again", "save", {"row": found})
    await call("mail", "mail", {"to": f"u{number}@example.com"})


async def main(kind: str, url: str, journeys: int) -> None:
    """Runs them all and says how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "plain.sqlite3") if kind == "b" else None
        limits = httpx.Limits(max_connections=10, max_keepalive_connections=10)
        numbers = iter(range(journeys))
        async with httpx.AsyncClient(limits=limits, timeout=30) as http:
            began, cpu = time.monotonic(), time.process_time()

            async def worker() -> None:
                for number in numbers:
                    await journey(http, url, number, store)

            await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))
            took, used = time.monotonic() - began, time.process_time() - cpu
        if store:
            store.queue.put(None)
            store.thread.join()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": journeys / took, "cpu_ms": used * 1000 / journeys, "peak_mb": peak}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
