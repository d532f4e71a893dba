"""Real servers for tests: a PostgreSQL cluster and a Redis of our own, on free ports, gone afterwards.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` win; then the machine's binaries; when nothing is found the tests fail, they
are never skipped in silence. `python -m tests.servers COMMAND…` runs a command whose environment names both.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

USER = "postgres"


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_bin() -> Path | None:
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found.sort(key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path).parent if on_path else None


def _as_user(command: list[str]) -> list[str]:
    return ["runuser", "-u", USER, "--", *command] if os.geteuid() == 0 else command


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[-1] if len(command) < 3 else command[4]} failed: {done.stderr or done.stdout}")


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL database whose server lives as long as the block (fsync off)."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        yield given
        return
    binaries = _postgres_bin()
    if binaries is None:
        raise RuntimeError("No PostgreSQL found: install the package postgresql, or set TEST_DATABASE_URL.")
    folder = Path(tempfile.mkdtemp(prefix="flowstudio-pg-"))
    data, port = folder / "data", free_port()
    if os.geteuid() == 0:
        account = pwd.getpwnam(USER)
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        _run(
            _as_user([str(binaries / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"])
        )
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
            " -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
        )
        log = str(folder / "log")
        _run(_as_user([str(binaries / "pg_ctl"), "-D", str(data), "-l", log, "-w", "-t", "30", "-o", options, "start"]))
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            _run(_as_user([str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Redis:
    """A Redis of our own that keeps nothing on disk; a test may kill it and start it again on the same port."""

    def __init__(self) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise RuntimeError("No Redis found: install the package redis-server, or set TEST_REDIS_URL.")
        self._folder, self._port = tempfile.mkdtemp(prefix="flowstudio-redis-"), free_port()
        self._command = [binary, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                         "--dir", self._folder]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Starts it, empty; returns once it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                    return
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise RuntimeError("redis-server did not start.") from None
                time.sleep(0.02)

    def kill(self) -> None:
        """kill -9, as a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)

    def flush(self) -> None:
        """Empties it."""
        self._ask("flushall")

    def length(self, key: str) -> int:
        """How long a list is (a queue of Celery)."""
        return int(self._ask("llen", key))

    def _ask(self, *command: str) -> Any:
        import redis

        with redis.Redis.from_url(self.url) as client:
            return client.execute_command(*command)

    def __enter__(self) -> Redis:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
        shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The URL of an empty Redis that lives as long as the block."""
    given = os.environ.get("TEST_REDIS_URL", "")
    if given:
        yield given
        return
    with Redis() as made:
        yield made.url


def main(command: list[str]) -> int:
    """Runs `command` on both servers: the exit code is its own, Ctrl-C is for it as well."""
    if not command:
        raise SystemExit("python -m tests.servers COMMAND…")
    with postgres() as database_url, redis() as redis_url, tempfile.TemporaryDirectory(prefix="flowstudio-") as data:
        # Without a pool: a pooled session keeps the test database from being dropped.
        more = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "FLOWSTUDIO_DB_POOL": "0",
            "FLOWSTUDIO_DATA": data,
        }
        with subprocess.Popen(command, env={**os.environ, **more}) as process:
            while True:
                try:
                    return process.wait()
                except KeyboardInterrupt:
                    continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
