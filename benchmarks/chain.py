"""What a team with Celery would write: program (c), the same journey as a chain on Redis, one task a step.

`python -m benchmarks.chain URL JOURNEYS` prints one JSON line. Redis and a worker of two processes are started here and
ended; chains are sent from memory, four at a time, which favours this program. No step is stored anywhere: what is in
Redis is lost with it, and what a worker had in its hands when it died is lost or done twice. CPU is that of all three.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from celery import Celery, chain

from benchmarks.machine import cpu_of, family, peak_of
from flowstudio.management.servers import Redis

_PROCESSES = 2
app = Celery("chain", broker=os.environ.get("BENCH_REDIS", "redis://127.0.0.1:1/0"))
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False, broker_connection_retry_on_startup=True)


@functools.cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=30)


def _call(journey: dict[str, Any], node: str, path: str, body: Any) -> dict[str, Any]:
    http = _client()
    headers = {"Idempotency-Key": f"{journey['run']}-{node}"}
    answer = http.post(f"{journey['url']}/{path}/{journey['number']}", json=body, headers=headers)
    answer.raise_for_status()
    return {**journey, node: answer.json()}


@app.task(name="enrich")
def enrich(journey: dict[str, Any]) -> dict[str, Any]:
    return _call(journey, "enrich", "enrich", {"email": f"u{journey['number']}@example.com"})


@app.task(name="save")
def save(journey: dict[str, Any]) -> dict[str, Any]:
    return _call(journey, "save", "save", {"row": journey["enrich"]})


@app.task(name="branch")
def branch(journey: dict[str, Any]) -> dict[str, Any]:
    if journey["enrich"]["employees"] > 100:
        return _call(journey, "tell", "alert", {"text": f"{journey['enrich']['company']} signed up"})
    return _call(journey, "tell", "technographics", {"domain": "example.com"})


@app.task(name="save_again")
def save_again(journey: dict[str, Any]) -> dict[str, Any]:
    return _call(journey, "again", "save", {"row": journey["tell"]})


@app.task(name="mail")
def mail(journey: dict[str, Any]) -> None:
    _call(journey, "mail", "mail", {"to": f"u{journey['number']}@example.com"})
    _counter().incr("done")


@functools.cache
def _counter() -> Any:
    import redis

    return redis.Redis.from_url(app.conf.broker_url)


def main(url: str, journeys: int) -> None:
    """Starts what is needed, runs the journeys, and says how long they took."""
    import redis

    with tempfile.TemporaryDirectory() as folder, Redis(Path(folder)) as server:
        environ = {**os.environ, "BENCH_REDIS": server.url}
        app.conf.broker_url = server.url
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "--quiet", "-A", "benchmarks.chain", "worker", "-c", str(_PROCESSES),
             "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"],
            env=environ, cwd=Path(__file__).resolve().parent.parent, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        client = redis.Redis.from_url(server.url)
        try:
            run(client, url, range(100))
            pids = [os.getpid(), worker.pid, *family(worker.pid), client.info()["process_id"]]
            cpu, began = sum(map(cpu_of, pids)), time.monotonic()
            run(client, url, range(journeys))
            took = time.monotonic() - began
            used = sum(map(cpu_of, pids)) - cpu
            peak = sum(map(peak_of, pids[1:]))
        finally:
            worker.terminate()
            worker.wait(20)
    print(json.dumps({"rate": journeys / took, "cpu_ms": used * 1000 / journeys, "peak_mb": peak}))


def run(client: Any, url: str, numbers: range) -> None:
    """Sends a chain for each number; over when the last task of each is done."""
    client.set("done", 0)
    for number in numbers:
        journey = {"run": uuid.uuid4().hex, "number": number, "url": url}
        chain(enrich.s(journey), save.s(), branch.s(), save_again.s(), mail.s()).apply_async()
    deadline = time.monotonic() + 300
    while int(client.get("done")) < len(numbers):
        if time.monotonic() > deadline:
            raise SystemExit("the chains never end")
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
