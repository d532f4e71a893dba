"""`manage.py scale`: the product on PostgreSQL, Redis and Celery, in the foreground, until Ctrl-C or SIGTERM.

`DATABASE_URL` and `REDIS_URL` name the servers; what is not named is started here, PostgreSQL with its cluster in the
data folder. Web server, a Celery worker and beat are supervised children. `make scale` ends here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from flowstudio.logs import log_as_json
from flowstudio.management import database, servers
from flowstudio.management.children import Child
from flowstudio.management.commands.serve import address, alone, way_in
from flowstudio.services import samples

# A worker gives calls under way 20 s; every process is gone within 30 s.
_PATIENCE_S = 26.0
_REQUESTS_S = 4
_READY_S = 90.0


class Command(BaseCommand):
    help = "Serve the product on PostgreSQL and Redis, its engines in Celery workers."
    # The database may not be up yet.
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="only migrate and make the first workspace")
        parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2), help="worker processes")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["prepare"]:
            self.stdout.write(_prepared())
            return
        log_as_json("scale")
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, _leave)
        try:
            with alone(), address(), _servers(self.stdout.write) as env:
                path = _prepare(env)
                asyncio.run(_run(_children(env, options["workers"]), settings.FLOWSTUDIO_PUBLIC_URL + path))
        except servers.Missing as error:
            raise CommandError(str(error)) from None
        self.stdout.write("flowstudio has stopped.")


def _leave(signum: int, _frame: object) -> NoReturn:
    # Before the children run: whatever was started ends on the way out.
    raise SystemExit(128 + signum)


@contextlib.contextmanager
def _servers(say: Any) -> Iterator[dict[str, str]]:
    """The environment of the children: two servers' addresses, ours where none was given."""
    with contextlib.ExitStack() as stack:
        env: dict[str, str] = {}
        if settings.EMBEDDED:
            folder = _cluster_folder()
            say(f"  PostgreSQL keeps its data in {folder}.")
            env["DATABASE_URL"] = stack.enter_context(servers.Postgres(folder)).url
        if not settings.REDIS_URL:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flowstudio-redis-")))
            env["REDIS_URL"] = stack.enter_context(servers.Redis(folder)).url
        if env:
            say("  For commands in other terminals: export " + " ".join(f"{k}={v}" for k, v in env.items()))
        yield env


def _cluster_folder() -> Path:
    """In the data folder; or, as root with a data folder that PostgreSQL's own user cannot enter, beside the system's."""
    folder: Path = settings.DATA_DIR / "postgres"
    if os.geteuid() != 0:
        return folder
    Path(settings.DATA_DIR).chmod(0o711)
    folder.mkdir(exist_ok=True)
    if servers.enters(folder):
        return folder
    folder.rmdir()
    return Path("/var/lib/flowstudio") / str(settings.DATA_DIR).strip("/").replace("/", "-")


def _prepare(env: dict[str, str]) -> str:
    """Migrations and the first workspace, in a process that knows the servers; the path to open."""
    done = subprocess.run(
        [sys.executable, "manage.py", "scale", "--prepare"], cwd=settings.BASE_DIR, env={**os.environ, **env},
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CommandError("The database could not be made ready; the lines above say why.")
    return done.stdout.strip()


def _prepared() -> str:
    database.migrate()
    _, admin = samples.first_workspace(sample=os.environ.get("DEMO", "1") != "0")
    return way_in(admin)


def _children(env: dict[str, str], workers: int) -> list[Child]:
    python, root = sys.executable, settings.BASE_DIR
    celery = [python, "-m", "celery", "--quiet", "-A", "flowstudio"]
    web = [
        python, "-m", "uvicorn", "flowstudio.asgi:application", "--host", settings.HOST, "--port", str(settings.PORT),
        "--ws", "websockets-sansio", "--ws-max-size", str(64 * 1024), "--no-proxy-headers", "--no-server-header",
        "--no-access-log", "--lifespan", "on", "--log-level", "warning", "--timeout-graceful-shutdown", str(_REQUESTS_S),
    ]  # fmt: skip
    return [
        Child("web", web, cwd=root, env=env),
        Child(
            "worker",
            [*celery, "worker", "-c", str(workers), "--without-gossip", "--without-mingle"],
            cwd=root,
            env=env,
        ),
        Child("beat", [*celery, "beat"], cwd=root, env=env),
    ]


async def _run(children: list[Child], url: str) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, told.set)
    keepers = [asyncio.create_task(child.keep()) for child in children]
    ready = asyncio.create_task(_say_when_ready(url))
    try:
        await told.wait()
    finally:
        ready.cancel()
        await asyncio.gather(*(child.stop(_PATIENCE_S) for child in children))
        for task in keepers:
            task.cancel()


async def _say_when_ready(url: str) -> None:
    """One line once the server answers and an engine beats."""
    until = time.monotonic() + _READY_S
    async with httpx.AsyncClient(base_url=f"http://{settings.HOST}:{settings.PORT}", timeout=5) as client:
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get("/readyz")).status_code == 200:
                    sys.stdout.write(f"flowstudio is ready: {url}\n")
                    sys.stdout.flush()
                    return
            await asyncio.sleep(0.2)
    sys.stderr.write("Not ready after a minute and a half; the lines above say why.\n")
