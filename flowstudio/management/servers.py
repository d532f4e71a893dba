"""PostgreSQL and Redis of our own, from the machine's binaries: for `manage.py scale` and for tests.

A PostgreSQL cluster keeps what it holds in its folder; Redis keeps nothing (it is a doorbell). Servers lead sessions of
their own, so that Ctrl-C in the terminal ends them in our order.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

USER = "postgres"


class Missing(RuntimeError):
    """A server could not be had; the text says what to do."""


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binaries() -> Path:
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found.sort(key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
    on_path = shutil.which("initdb")
    if found:
        return found[-1]
    if on_path:
        return Path(on_path).parent
    raise Missing("No PostgreSQL found: install the package postgresql, or name a server by its URL.")


def _run(command: list[str], *, timeout_s: float = 60.0) -> None:
    """PostgreSQL refuses to run as root: then it runs as its own user."""
    user = USER if os.geteuid() == 0 else None
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        command, capture_output=True, text=True, timeout=timeout_s, check=False, cwd="/", user=user, group=user,
        start_new_session=True,
    )  # fmt: skip
    if done.returncode:
        raise Missing(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")


def enters(folder: Path) -> bool:
    """Whether PostgreSQL's own user can come to this folder (asked by root)."""
    try:
        _run(["test", "-x", str(folder)])
    except (Missing, KeyError):
        return False
    return True


class Postgres:
    """A cluster in `folder`, made at the first time; it can be stopped and started again on the same port."""

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._port = free_port()
        self._options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **(options or {})}
        self._binaries = _binaries()
        self._data = folder / "data"

    @property
    def url(self) -> str:
        """Where its database `postgres` is."""
        return f"postgresql://{USER}@127.0.0.1:{self._port}/postgres"

    def prepare(self) -> None:
        """Makes the cluster if there is none; ends a server that outlived its launcher."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.geteuid() == 0:
            try:
                account = pwd.getpwnam(USER)
            except KeyError:
                raise Missing(f"PostgreSQL does not run as root, and there is no user {USER} here.") from None
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        if not (self._data / "PG_VERSION").exists():
            binary = str(self._binaries / "initdb")
            _run([binary, "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"])
        elif (self._data / "postmaster.pid").exists():
            with contextlib.suppress(Missing):
                self.stop()

    def start(self) -> None:
        """Starts it; returns once it takes connections."""
        settings = " ".join(f"-c {name}='{value}'" for name, value in self._options.items())
        self._control("-t", "30", "-l", str(self._folder / "log"), "-o", f"-p {self._port} {settings}", "start")

    def stop(self, mode: str = "fast") -> None:
        """Ends it; `immediate` is a crash."""
        self._control("-m", mode, "stop")

    def _control(self, *words: str) -> None:
        _run([str(self._binaries / "pg_ctl"), "-D", str(self._data), "-w", *words])

    def __enter__(self) -> Postgres:
        self.prepare()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Redis:
    """A Redis that keeps nothing on disk; it can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise Missing("No Redis found: install the package redis-server, or name a server by its URL.")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._port = free_port()
        self._command = [binary, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                         "--dir", str(folder)]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Starts it, empty; returns once it answers."""
        self._process = subprocess.Popen(  # noqa: S603 - our own words, no shell
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                    return
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise Missing("redis-server did not start.") from None
                time.sleep(0.02)

    def kill(self) -> None:
        """kill -9, as a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)

    def stop(self) -> None:
        """Ends it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)

    def __enter__(self) -> Redis:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
