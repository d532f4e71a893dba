"""Journeys a second through the real product (web process, engine process, SQLite), beside the same calls written plainly.

Run: python -m benchmarks.engine [--journeys 3000] [--rounds 3] [--slow 20]. A journey is one event over HTTP and five calls
one after the other, to a vendor on loopback that answers at once. Beside it: (a) asyncio and httpx with nothing stored,
(b) the same with event and every step committed before it goes on (`benchmarks.plain`). All run in turn, so that what
else the machine does falls on each. A viewer watches the flow meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEY, VIEWER = "fs_in_bench", "fs_view_bench"
_TICKS = os.sysconf("SC_CLK_TCK")
_CONNECTIONS = 50


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
    """A web process and an engine process on a data folder of their own."""

    def __init__(self, vendor: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="flowstudio-bench-"))
        self.port = free_port()
        self.env = {
            **os.environ, "FLOWSTUDIO_DATA": str(self.folder), "DJANGO_SETTINGS_MODULE": "flowstudio.settings",
            "FLOWSTUDIO_EGRESS_ALLOW": f"127.0.0.1:{vendor}",
        }  # fmt: skip
        self.env.pop("DATABASE_URL", None)
        self.flow = subprocess.run(
            [sys.executable, "-c", PREPARE, KEY, VIEWER], input=json.dumps(graph(f"http://127.0.0.1:{vendor}")),
            capture_output=True, text=True, check=True, env=self.env, cwd=ROOT,
        ).stdout.strip()  # fmt: skip
        self.web = self.start(
            "-m", "uvicorn", "flowstudio.asgi:application", "--port", str(self.port), "--log-level", "warning",
            "--no-access-log", "--no-proxy-headers", "--ws", "websockets-sansio",
        )  # fmt: skip
        self.engine = self.start("manage.py", "engine")
        self.wait_ready()

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "bench.log").open("a")
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def wait_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            log = (self.folder / "bench.log").read_text()
            with socket.socket() as probe:
                if "engine.started" in log and probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit((self.folder / "bench.log").read_text()[-3_000:])

    def ended(self) -> int:
        with sqlite3.connect(f"file:{self.folder / 'flowstudio.sqlite3'}?mode=ro", uri=True) as file:
            return int(file.execute("SELECT count(*) FROM store_run WHERE status = 'completed'").fetchone()[0])

    def check(self, calls: int) -> str:
        """What is on record, in a sentence: every event a run, every run its steps, each call accepted once."""
        with sqlite3.connect(f"file:{self.folder / 'flowstudio.sqlite3'}?mode=ro", uri=True) as file:
            events, runs, steps, tries, keys = file.execute(
                "SELECT (SELECT count(*) FROM store_event), (SELECT count(*) FROM store_run WHERE status = 'completed'), "
                "(SELECT count(*) FROM store_step WHERE status = 'done'), (SELECT count(*) FROM store_attempt), "
                "(SELECT count(DISTINCT key) FROM store_attempt WHERE state = 'accepted')"
            ).fetchone()
        right = runs == events and steps == runs * (calls + 3) and tries == keys == runs * calls
        if not right:
            raise SystemExit(f"wrong: {events} events, {runs} runs, {steps} steps, {tries} tries, {keys} effects")
        return f"{events:,} events, as many runs completed, {steps:,} steps, {keys:,} calls, none lost or doubled"

    def cpu_s(self) -> tuple[float, float]:
        return cpu_of(self.web.pid), cpu_of(self.engine.pid)

    def peak_mb(self) -> tuple[float, float]:
        return peak_of(self.web.pid), peak_of(self.engine.pid)

    def close(self) -> None:
        for one in (self.engine, self.web):
            one.send_signal(signal.SIGTERM)
        for one in (self.engine, self.web):
            one.wait(15)
        shutil.rmtree(self.folder, ignore_errors=True)


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_of(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


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


async def watch(port: int, flow: str, told: list[int]) -> None:
    """A viewer of the flow, as a browser would be."""
    from websockets.asyncio.client import connect

    headers = {"Authorization": f"Bearer {VIEWER}"}
    async with connect(f"ws://127.0.0.1:{port}/ws/live/", additional_headers=headers, max_size=None) as viewer:
        await viewer.send(json.dumps({"subscribe": f"flow:{flow}"}))
        async for _ in viewer:
            told[0] += 1


async def burst(product: Product, first: int, journeys: int, told: list[int]) -> dict[str, float]:
    """Fifty connections send as fast as they are answered; over when every run is."""
    viewer = asyncio.create_task(watch(product.port, product.flow, told))
    await asyncio.sleep(0.5)
    done_before, cpu = product.ended(), product.cpu_s()
    numbers = iter(range(first, first + journeys))
    began = time.monotonic()
    sent: dict[int, float] = {}
    await asyncio.gather(*(send(product.port, numbers, sent) for _ in range(_CONNECTIONS)))
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


async def slow(product: Product, vendor: int, first: int, seconds: float) -> list[float]:
    """Five events a second; milliseconds from sending an event to its mail at the vendor."""
    sent: dict[int, float] = {}
    count = int(seconds * 5)
    for number in range(first, first + count):
        await send(product.port, [number], sent)
        await asyncio.sleep(0.2)
    await asyncio.sleep(2)
    mails = ledger(vendor)["mails"]
    return sorted((mails[str(number)] - at) * 1000 for number, at in sent.items())


def ledger(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ledger") as answer:
        return dict(json.loads(answer.read()))


def plain(kind: str, vendor: int, journeys: int) -> dict[str, float]:
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.plain", kind, f"http://127.0.0.1:{vendor}", str(journeys)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return dict(json.loads(said.stdout))


def sync_ms() -> float:
    """The machine's disk sync, the median of a hundred."""
    times = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(100):
            file.write(b"x" * 4096)
            began = time.monotonic()
            file.flush()
            os.fsync(file.fileno())
            times.append((time.monotonic() - began) * 1000)
    return statistics.median(times)


def main() -> None:
    """Prints one table, and the latency at five events a second."""
    from rich.console import Console
    from rich.table import Table

    parser = argparse.ArgumentParser()
    parser.add_argument("--journeys", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow", type=float, default=20.0, help="seconds at five events a second")
    options = parser.parse_args()
    vendor = free_port()
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.vendor", str(vendor)], cwd=ROOT)
    time.sleep(1)
    product = Product(vendor)
    told = [0]
    found: dict[str, list[dict[str, float]]] = {"a": [], "b": [], "flowstudio": []}
    try:
        asyncio.run(burst(product, 10_000_000, 200, told))
        for number in range(options.rounds):
            found["flowstudio"].append(asyncio.run(burst(product, number * options.journeys, options.journeys, told)))
            found["a"].append(plain("a", vendor, options.journeys))
            found["b"].append(plain("b", vendor, options.journeys))
        waits = asyncio.run(slow(product, vendor, 20_000_000, options.slow)) if options.slow else []
        peaks = product.peak_mb()
        checked = product.check(5)
        seen = ledger(vendor)
    finally:
        product.close()
        server.terminate()
        server.wait()
    table = Table("program", "journeys/s", "× (b)", "accepted/s", "CPU ms a journey", "× (b)", "peak MB")
    base = {key: statistics.median(one[key] for one in found["b"]) for key in ("rate", "cpu_ms")}
    for name, title in (("a", "(a) stores nothing"), ("b", "(b) commits each step"), ("flowstudio", "flowstudio")):
        mine = {key: statistics.median(one[key] for one in found[name]) for key in found[name][0]}
        peak = f"{mine['peak_mb']:.0f}" if "peak_mb" in mine else f"web {peaks[0]:.0f}, engine {peaks[1]:.0f}"
        used = f"{mine['cpu_ms']:.2f}"
        if name == "flowstudio":
            used += f" (web {mine['web_ms']:.2f}, engine {mine['engine_ms']:.2f})"
        table.add_row(
            title, f"{mine['rate']:,.0f}", f"{mine['rate'] / base['rate']:.2f}",
            f"{mine['accepted']:,.0f}" if "accepted" in mine else "", used,
            f"{mine['cpu_ms'] / base['cpu_ms']:.2f}", peak,
        )  # fmt: skip
    console = Console(width=130)
    console.print(table)
    console.print(
        f"flowstudio: {checked}; the vendor got {seen['requests'] - seen['keys']} requests twice, over all programs;"
    )
    console.print(f"the viewer was told {told[0]:,} times")
    if waits:
        cut = [waits[min(len(waits) - 1, int(len(waits) * q))] for q in (0.5, 0.99)]
        console.print(
            f"at 5 events/s, event to fifth call: p50 {cut[0]:.0f} ms, p99 {cut[1]:.0f} ms ({len(waits)} journeys)"
        )
    console.print(f"a disk sync takes {sync_ms():.2f} ms; {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
