"""Real servers for tests: a PostgreSQL cluster and a Redis of our own, on free ports, gone afterwards.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` win; then the machine's binaries; when nothing is found the tests fail, they
are never skipped in silence. `python -m tests.servers COMMAND…` runs a command whose environment names both.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowstudio.management import servers
from flowstudio.management.servers import free_port

__all__ = ["Redis", "free_port", "postgres", "redis"]
# Nothing that these hold must outlive the test.
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"flowstudio-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL database whose server lives as long as the block (fsync off)."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        yield given
        return
    with own_postgres() as made:
        yield made.url


@contextlib.contextmanager
def own_postgres(**options: str) -> Iterator[servers.Postgres]:
    """A PostgreSQL of this block's own, whatever the environment says; it may be stopped and started again."""
    with _folder("pg") as folder, servers.Postgres(folder, options={**_CARELESS, **options}) as made:
        yield made


class Redis(servers.Redis):
    """A Redis that a test may kill, empty and ask."""

    def flush(self) -> None:
        """Empties it."""
        self._ask("flushall")

    def length(self, key: str) -> int:
        """How long a list is (a queue of Celery)."""
        return int(self._ask("llen", key))

    def cut(self) -> None:
        """Resets every connection, listeners' too."""
        for kind in ("normal", "pubsub"):
            self._ask("client", "kill", "type", kind, "skipme", "yes")

    def listeners(self, channel: str) -> int:
        """How many subscribe to a channel."""
        return int(self._ask("pubsub", "numsub", channel)[1])

    def pause(self, milliseconds: int) -> None:
        """Answers nobody for so long."""
        self._ask("client", "pause", str(milliseconds))

    def _ask(self, *command: str) -> Any:
        import redis as client

        with client.Redis.from_url(self.url) as connection:
            return connection.execute_command(*command)


@contextlib.contextmanager
def own_redis() -> Iterator[Redis]:
    """A Redis of this block's own, whatever the environment says."""
    with _folder("redis") as folder, Redis(folder) as made:
        yield made


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The URL of an empty Redis that lives as long as the block."""
    given = os.environ.get("TEST_REDIS_URL", "")
    if given:
        yield given
        return
    with own_redis() as made:
        yield made.url


def main(command: list[str]) -> int:
    """Runs `command` on both servers: the exit code is its own, Ctrl-C is for it as well."""
    if not command:
        raise SystemExit("python -m tests.servers COMMAND…")
    with postgres() as database_url, redis() as redis_url, _folder("data") as data:
        # Without a pool: a pooled session keeps the test database from being dropped.
        more = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "FLOWSTUDIO_DB_POOL": "0"}
        with subprocess.Popen(command, env={**os.environ, **more, "FLOWSTUDIO_DATA": str(data)}) as process:
            while True:
                try:
                    return process.wait()
                except KeyboardInterrupt:
                    continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
