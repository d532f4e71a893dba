"""`manage.py serve`: the whole product on its embedded default, in the foreground, until Ctrl-C or SIGTERM.

The web server runs in this process, the engine in a supervised child. `make run` ends here.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from flowstudio import engines, loops
from flowstudio.logs import log_as_json
from flowstudio.management import database
from flowstudio.management.children import Child
from flowstudio.services import accounts, samples
from flowstudio.store.models import User

# An engine gives calls under way 6 s; every child is gone within 8 s.
_PATIENCE_S = 7.0
_REQUESTS_S = 4
_FIRST_LINK = "/signin/link#token="


class Command(BaseCommand):
    help = "Serve the product: pages, API, events, live view, and an engine."
    # Checked below, once the database is there.
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dev", action="store_true", help="reload everything when its source changes")

    def handle(self, *_: Any, **options: Any) -> None:
        log_as_json("web")
        with alone(), address():
            url = self._prepare()
            children = _development() if options["dev"] else [_engine()]
            loops.run(_run(children, url, serves=not options["dev"]))
        self.stdout.write("flowstudio has stopped.")

    def _prepare(self) -> str:
        """Database, keys and sample workspace; answers the address to open."""
        copy = database.migrate()
        if copy is not None:
            self.stdout.write(f"  The database was copied to {copy} before it was changed.")
        try:
            # What the engine would stumble over in its own process, again and again, is said here once.
            engines.tools()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        problems = [str(message.msg) for message in run_checks() if message.is_serious()]
        if problems:
            raise CommandError(" ".join(problems))
        _, admin = samples.first_workspace(sample=os.environ.get("DEMO", "1") != "0")
        return settings.FLOWSTUDIO_PUBLIC_URL + way_in(admin)


def way_in(admin: User) -> str:
    """A one-time sign-in link as long as nobody could sign in otherwise; after that the plain address."""
    if admin.last_login is None and not admin.has_usable_password():
        return _FIRST_LINK + accounts.make_link(admin)
    return "/"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Holds the data folder: two servers on one would each start an engine and write each other's address."""
    descriptor = os.open(Path(settings.DATA_DIR) / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"flowstudio runs already on the data folder {settings.DATA_DIR}. Stop it first, or name another "
                "folder: FLOWSTUDIO_DATA=/path/to/folder make run"
            ) from None
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def address() -> Iterator[None]:
    """Tells commands in other terminals where the server is, after making sure that its port is free."""
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except OSError as error:
            raise CommandError(
                f"{settings.HOST}:{settings.PORT} cannot be served ({error.strerror}). Stop what runs there, or choose "
                f"another port: PORT={min(settings.PORT + 1, 65_535)} make run"
            ) from None
    path: Path = settings.ADDRESS_FILE
    path.write_text(settings.FLOWSTUDIO_PUBLIC_URL)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _engine() -> Child:
    return Child("engine", [sys.executable, "manage.py", "engine", "--with-parent"], cwd=settings.BASE_DIR)


def _development() -> list[Child]:
    """Web server, engine and the front end's own server, each reloading by itself."""
    root: Path = settings.BASE_DIR
    listen = ["--host", settings.HOST, "--port", str(settings.PORT)]
    web = [sys.executable, "-m", "uvicorn", "flowstudio.asgi:application", "--reload", "--reload-dir", "flowstudio"]
    watch = [sys.executable, "-m", "watchfiles", "--filter", "python", f"{sys.executable} manage.py engine"]
    vite = [str(root / "frontend" / "node_modules" / ".bin" / "vite"), "--strictPort"]
    backend = {"FLOWSTUDIO_BACKEND": f"http://{settings.HOST}:{settings.PORT}"}
    return [
        Child("web", [*web, *listen, "--no-proxy-headers", "--log-level", "warning"], cwd=root),
        Child("engine", [*watch, "flowstudio"], cwd=root),
        Child("front end", vite, cwd=root / "frontend", env=backend),
    ]


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: one place decides who ends when."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server() -> _Server:
    return _Server(
        uvicorn.Config(
            "flowstudio.asgi:application",
            host=settings.HOST,
            port=settings.PORT,
            ws="websockets-sansio",
            ws_max_size=64 * 1024,
            # Every viewer would be compressed for anew.
            ws_per_message_deflate=False,
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            lifespan="on",
            timeout_graceful_shutdown=_REQUESTS_S,
        )
    )


async def _run(children: list[Child], url: str, *, serves: bool) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, told.set)
    keepers = [asyncio.create_task(child.keep()) for child in children]
    server = _server() if serves else None
    serving = asyncio.create_task(server.serve()) if server else None
    ready = asyncio.create_task(_say_when_ready(url, server))
    stopping = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({stopping, *([serving] if serving else [])}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ready.cancel()
        if server is not None:
            server.should_exit = True
        await asyncio.gather(*(child.stop(_PATIENCE_S) for child in children), *([serving] if serving else []))
        for task in (*keepers, stopping):
            task.cancel()


async def _say_when_ready(url: str, server: _Server | None) -> None:
    """One line once the server answers."""
    started = time.monotonic()
    while not (server.started if server else await _answers()):
        await asyncio.sleep(0.05)
        if time.monotonic() - started > 60:
            sys.stderr.write("The server has not answered for a minute; the lines above say why.\n")
            return
    sys.stdout.write(f"flowstudio is ready: {url}\n")
    if not url.startswith(settings.FLOWSTUDIO_PUBLIC_URL + _FIRST_LINK):
        sys.stdout.write("  Locked out? `.venv/bin/python manage.py signin` prints a one-time link.\n")
    sys.stdout.flush()


async def _answers() -> bool:
    try:
        _, writer = await asyncio.open_connection(settings.HOST, settings.PORT)
    except OSError:
        return False
    writer.close()
    return True
