"""The product in processes of its own, and the load of a benchmark: embedded, or on PostgreSQL, Redis and Celery."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import cpu_of, family, free_port, peak_of

ROOT = Path(__file__).resolve().parent.parent
KEY, VIEWER = "fs_in_bench", "fs_view_bench"
CONNECTIONS = 50


def graph(url: str) -> dict[str, Any]:
    """Enrich, save, branch on the answer (alert or technographics), save, mail; all by HTTP with our key."""
    n = "{{ event.properties.n }}"

    def call(node: str, path: str, body: Any) -> dict[str, Any]:
        config = {"method": "POST", "url": f"{url}/{path}/{n}", "body": body, "idempotent": True}
        return {"id": node, "type": "http.request", "name": node, "config": config}

    nodes = [
        {"id": "enter", "type": "trigger.event", "name": "Signed up", "config": {"event": "Signed Up"}},
        call("enrich", "enrich", {"email": "{{ event.properties.email }}"}),
        call("save", "save", {"row": "{{ steps.enrich.output.body }}"}),
        {
            "id": "size", "type": "branch", "name": "Size",
            "config": {"cases": [{"id": "big", "name": "big", "when": "steps.enrich.output.body.employees > 100"}]},
        },
        call("alert", "alert", {"text": "{{ steps.enrich.output.body.company }} signed up"}),
        call("technographics", "technographics", {"domain": "example.com"}),
        call("save_again", "save", {"row": "{{ customer.id }}"}),
        call("mail", "mail", {"to": "{{ event.properties.email }}"}),
        {"id": "end", "type": "exit", "name": "Done", "config": {"reason": "done"}},
    ]  # fmt: skip
    lines = [
        ("enter", "out", "enrich"), ("enrich", "out", "save"), ("save", "out", "size"), ("size", "big", "alert"),
        ("size", "else", "technographics"), ("alert", "out", "save_again"), ("technographics", "out", "save_again"),
        ("save_again", "out", "mail"), ("mail", "out", "end"),
    ]  # fmt: skip
    edges = [{"id": f"e{i}", "source": s, "source_port": p, "target": t} for i, (s, p, t) in enumerate(lines)]
    return {"schema": 1, "nodes": nodes, "edges": edges, "notes": [], "settings": {"reentry": "parallel"}}


PREPARE = """
import json, os, sys
import django
django.setup()
from django.core.management import call_command
from flowstudio.services import flows, publishing
from flowstudio.services.caller import Caller
from flowstudio.store.models import ApiKey, Workspace
from flowstudio.store.secrets import digest
call_command("migrate", verbosity=0)
space = Workspace.objects.create(slug="bench", name="Bench")
for key, role in ((sys.argv[1], "ingest"), (sys.argv[2], "viewer")):
    ApiKey.objects.create(workspace=space, name=role, role=role, token_hash=digest(key), last4=key[-4:])
caller = Caller(workspace_id=space.id, workspace_slug="bench", role="editor", actor="bench")
flow = flows.create(caller, name="Bench", graph=json.loads(sys.stdin.read()))
publishing.publish(caller, flow.id, revision=1)
print(flow.id)
"""


class Product:
    """A web process and engines on a data folder of their own, which goes at the end.

    `workers`: that many Celery worker processes on PostgreSQL and Redis, instead of one engine on SQLite.
    """

    def __init__(self, vendor: int, *, workers: int = 0, document: dict[str, Any] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="flowstudio-bench-"))
        self.port = free_port()
        self.ends: Callable[[], None] = lambda: None
        ours = {"DATABASE_URL", "REDIS_URL", "FLOWSTUDIO_ADDRESS", "FLOWSTUDIO_FAILPOINTS"}
        self.env = {name: value for name, value in os.environ.items() if name not in ours} | {
            "FLOWSTUDIO_DATA": str(self.folder), "DJANGO_SETTINGS_MODULE": "flowstudio.settings",
            "FLOWSTUDIO_EGRESS_ALLOW": f"127.0.0.1:{vendor}",
        }  # fmt: skip
        self.others: list[int] = []
        if workers:
            self._servers()
        self.flow = self.python(
            "-c", PREPARE, KEY, VIEWER, given=json.dumps(document or graph(f"http://127.0.0.1:{vendor}"))
        )
        self.web = self.start(
            "-m", "uvicorn", "flowstudio.asgi:application", "--port", str(self.port), "--log-level", "warning",
            "--no-access-log", "--no-proxy-headers", "--ws", "websockets-sansio",
        )  # fmt: skip
        celery = ("-m", "celery", "--quiet", "-A", "flowstudio")
        if workers:
            self.engine = self.start(*celery, "worker", "-c", str(workers), "--without-gossip", "--without-mingle")
            self.beat = self.start(*celery, "beat")
        else:
            self.engine = self.start("manage.py", "engine")
        self.workers = workers
        self.wait_ready()

    def _servers(self) -> None:
        from flowstudio.management.servers import Postgres, Redis

        self.folder.chmod(0o755)
        stack = contextlib.ExitStack()
        base = Path(tempfile.mkdtemp(prefix="flowstudio-bench-servers-"))
        base.chmod(0o755)
        stack.callback(shutil.rmtree, base, ignore_errors=True)
        postgres = stack.enter_context(Postgres(base / "postgres"))
        redis = stack.enter_context(Redis(base / "redis"))
        self.env |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        self.ends = stack.close
        self.others.append(int((base / "postgres" / "data" / "postmaster.pid").read_text().split()[0]))
        import redis as client

        self.others.append(int(client.Redis.from_url(redis.url).info()["process_id"]))

    def python(self, *arguments: str, given: str = "") -> str:
        """What a short program with the product's environment prints."""
        return subprocess.run(
            [sys.executable, *arguments], input=given, capture_output=True, text=True, check=True, env=self.env, cwd=ROOT
        ).stdout.strip()  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A process of the product that stays."""
        log = (self.folder / "bench.log").open("a")
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def wait_ready(self) -> None:
        """Until the door answers and every engine has begun."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            log = (self.folder / "bench.log").read_text()
            with socket.socket() as probe:
                if (
                    log.count("engine.started") >= max(1, self.workers)
                    and probe.connect_ex(("127.0.0.1", self.port)) == 0
                ):
                    return
            time.sleep(0.05)
        raise SystemExit((self.folder / "bench.log").read_text()[-3_000:])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Reads the product's database."""
        if self.workers:
            import psycopg

            with psycopg.connect(self.env["DATABASE_URL"]) as link:
                return link.execute(sql).fetchall()
        with contextlib.closing(
            sqlite3.connect(f"file:{self.folder / 'flowstudio.sqlite3'}?mode=ro", uri=True)
        ) as file:
            return file.execute(sql).fetchall()

    def ended(self) -> int:
        """How many runs have reached their end."""
        return int(self.rows("SELECT count(*) FROM store_run WHERE status = 'completed'")[0][0])

    def check(self, calls: int) -> str:
        """What is on record, in a sentence: every event a run, every run its steps, each call accepted once."""
        events, runs, steps, tries, keys = self.rows(
            "SELECT (SELECT count(*) FROM store_event), (SELECT count(*) FROM store_run WHERE status = 'completed'), "
            "(SELECT count(*) FROM store_step WHERE status = 'done'), (SELECT count(*) FROM store_attempt), "
            "(SELECT count(DISTINCT key) FROM store_attempt WHERE state = 'accepted')"
        )[0]
        right = runs == events and steps == runs * (calls + 3) and tries == keys == runs * calls
        if not right:
            raise SystemExit(f"wrong: {events} events, {runs} runs, {steps} steps, {tries} tries, {keys} effects")
        return f"{events:,} events, as many runs completed, {steps:,} steps, {keys:,} calls, none lost or doubled"

    def cpu_s(self) -> tuple[float, float]:
        """CPU of the web process, and of everything else: engines, and the servers that they need."""
        rest = [self.engine.pid, *self.others]
        if self.workers:
            rest += [self.beat.pid, *family(self.engine.pid), *family(self.others[0])]
        return cpu_of(self.web.pid), sum(_cpu(pid) for pid in rest)

    def peak_mb(self) -> tuple[float, float]:
        """The most memory that the web process and the engines ever held."""
        engines = [self.engine.pid] if not self.workers else family(self.engine.pid)
        return peak_of(self.web.pid), sum(map(peak_of, engines))

    def close(self) -> None:
        """Ends everything."""
        mine = [self.engine, self.web, *([self.beat] if self.workers else [])]
        for one in mine:
            one.send_signal(signal.SIGTERM)
        for one in mine:
            one.wait(30)
        self.ends()
        shutil.rmtree(self.folder, ignore_errors=True)


def _cpu(pid: int) -> float:
    # PostgreSQL's processes come and go.
    try:
        return cpu_of(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


async def send(port: int, numbers: Any, sent: dict[int, float]) -> None:
    """One connection that sends one event after the other, each answered before the next."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    auth = base64.b64encode(f"{KEY}:".encode()).decode()
    for number in numbers:
        message = {
            "event": "Signed Up", "userId": f"u{number}", "messageId": f"m{number}",
            "properties": {"n": number, "email": f"u{number}@example.com"},
        }  # fmt: skip
        body = json.dumps(message).encode()
        sent[number] = time.monotonic()
        writer.write(
            f"POST /v1/track HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {auth}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
    writer.close()


async def paced(port: int, first: int, rate: float, seconds: float, sent: dict[int, float]) -> None:
    """Events at a steady rate, whether those before are answered or not; over when all are."""
    free: asyncio.Queue[asyncio.Queue[Any]] = asyncio.Queue()
    lines: list[asyncio.Queue[Any]] = [asyncio.Queue() for _ in range(CONNECTIONS)]

    async def line(mine: asyncio.Queue[Any]) -> None:
        while (number := await mine.get()) is not None:
            await send(port, [number], sent)
            free.put_nowait(mine)

    tasks = [asyncio.create_task(line(mine)) for mine in lines]
    for mine in lines:
        free.put_nowait(mine)
    began = time.monotonic()
    for index in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + index / rate - time.monotonic()))
        (await free.get()).put_nowait(first + index)
    for mine in lines:
        mine.put_nowait(None)
    await asyncio.gather(*tasks)


_RUN = re.compile(r'"run":"([0-9a-z]{26})"')


async def watch(port: int, flow: str, told: list[int], seen: dict[str, float] | None = None) -> None:
    """A viewer of the flow, as a browser would be; notes when each run is seen first."""
    from websockets.asyncio.client import connect

    headers = {"Authorization": f"Bearer {VIEWER}"}
    async with connect(f"ws://127.0.0.1:{port}/ws/live/", additional_headers=headers, max_size=None) as viewer:
        await viewer.send(json.dumps({"subscribe": f"flow:{flow}"}))
        async for text in viewer:
            told[0] += 1
            now = time.monotonic()
            for run in _RUN.findall(str(text)) if seen is not None else ():
                seen.setdefault(run, now)


async def burst(product: Product, first: int, journeys: int, told: list[int]) -> dict[str, float]:
    """Fifty connections send as fast as they are answered; over when every run is."""
    viewer = asyncio.create_task(watch(product.port, product.flow, told))
    await asyncio.sleep(0.5)
    done_before, cpu = product.ended(), product.cpu_s()
    numbers = iter(range(first, first + journeys))
    began = time.monotonic()
    sent: dict[int, float] = {}
    await asyncio.gather(*(send(product.port, numbers, sent) for _ in range(CONNECTIONS)))
    accepted = time.monotonic() - began
    while await asyncio.to_thread(product.ended) < done_before + journeys:
        if time.monotonic() - began > 300:
            raise SystemExit("the journeys never end")
        await asyncio.sleep(0.05)
    took = time.monotonic() - began
    used = product.cpu_s()
    viewer.cancel()
    return {
        "rate": journeys / took,
        "accepted": journeys / accepted,
        "cpu_ms": sum(used) * 1000 / journeys - sum(cpu) * 1000 / journeys,
        "web_ms": (used[0] - cpu[0]) * 1000 / journeys,
        "engine_ms": (used[1] - cpu[1]) * 1000 / journeys,
    }


def ledger(port: int) -> dict[str, Any]:
    """What the vendor has seen."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ledger") as answer:
        return dict(json.loads(answer.read()))


def vendor() -> tuple[int, subprocess.Popen[bytes]]:
    """The vendor on loopback: its port and its process."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.vendor", str(port)], cwd=ROOT)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port, server
        time.sleep(0.05)
    raise SystemExit("the vendor does not start")
