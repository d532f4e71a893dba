"""A real `manage.py engine` on the test's database, and a vendor on loopback that keeps a ledger."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Sink:
    """Counts requests by key; the first with a key is the effect (it honours keys)."""

    port: int = 0
    requests: list[tuple[str, str]] = field(default_factory=list)
    delay_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def by_key(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        with self.lock:
            for key, _ in self.requests:
                counts[key] = counts.get(key, 0) + 1
        return counts


@contextlib.contextmanager
def sink() -> Iterator[Sink]:
    ledger = Sink()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with ledger.lock:
                ledger.requests.append((self.headers.get("Idempotency-Key", ""), self.path))
            if ledger.delay_s:
                time.sleep(ledger.delay_s)
            body = json.dumps({"ok": True}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_):
            pass

        def handle(self):
            with contextlib.suppress(OSError):
                super().handle()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, request, client_address):
            """A client that was killed in the middle is what these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    ledger.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ledger
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def environment(folder: Path, sink_: Sink | None = None, **more: str) -> dict[str, str]:
    """The child's environment: its own data folder, the test's database."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWSTUDIO_", "DATABASE_URL"))}
    env |= {
        "FLOWSTUDIO_DATA": str(folder),
        "FLOWSTUDIO_EGRESS_ALLOW": f"127.0.0.1:{sink_.port}" if sink_ else "",
        "FLOWSTUDIO_LEASE_S": "3",
        "FLOWSTUDIO_SCAN_S": "0.2",
        "FLOWSTUDIO_RETRY_BASE_S": "0.1",
        **more,
    }
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        for suffix in ("", ".writer"):
            link = folder / f"flowstudio.sqlite3{suffix}"
            if not link.is_symlink():
                link.symlink_to(Path(name + suffix).resolve())
    else:
        base, _, _ = str(settings.DATABASE_URL).rpartition("/")
        env["DATABASE_URL"] = f"{base}/{name}"
    return env


class EngineProcess:
    """`manage.py engine` as the launcher starts it."""

    def __init__(self, folder: Path, sink_: Sink, *, failpoints: str = "", **more: str) -> None:
        self.log = folder / "engine.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "engine"],
                cwd=ROOT, stderr=log, stdout=log, env=environment(folder, sink_, FLOWSTUDIO_FAILPOINTS=failpoints, **more),
            )  # fmt: skip

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def terminate(self) -> tuple[int, float]:
        """SIGTERM; the exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20), time.monotonic() - began

    def wait_dead(self, seconds: float = 40.0) -> int:
        return self.process.wait(timeout=seconds)

    def __enter__(self) -> EngineProcess:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


class WebProcess:
    """The web process as the launcher serves it, on a port that its successors take over."""

    def __init__(self, folder: Path, port: int, *, failpoints: str = "") -> None:
        self.log = folder / "web.log"
        self.url = f"http://127.0.0.1:{port}"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "flowstudio.asgi:application", "--port", str(port), "--log-level",
                 "warning", "--lifespan", "on"],
                cwd=ROOT, stderr=log, stdout=log, env=environment(folder, FLOWSTUDIO_FAILPOINTS=failpoints),
            )  # fmt: skip

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def wait_ready(self, port: int, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.02)
        raise AssertionError(f"the web process does not listen\n{self.log.read_text()[-3_000:]}")

    def __enter__(self) -> WebProcess:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def wait_until(ask, *, seconds: float = 60.0, engine: EngineProcess | None = None):
    """Asks until it is true; says what the engine logged when it never is."""
    deadline = time.monotonic() + seconds
    while not (found := ask()):
        if time.monotonic() > deadline or (engine is not None and engine.process.poll() is not None):
            said = engine.log.read_text()[-3_000:] if engine else ""
            raise AssertionError(f"never came true\n{said}")
        time.sleep(0.05)
    return found
