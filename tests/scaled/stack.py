"""flowstudio on PostgreSQL and Redis, in processes of its own: Celery workers, beat, commands. Seen from outside, by SQL."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]


class Stack:
    """One installation for one test; everything it started is gone at its end."""

    def __init__(self, folder: Path, *, database_url: str, redis_url: str, **more: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.redis_url = redis_url
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWSTUDIO_", "DATABASE_URL", "REDIS_URL"))}
        self.env = kept | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "FLOWSTUDIO_DATA": str(folder),
            "FLOWSTUDIO_LEASE_S": "3",
            "FLOWSTUDIO_SCAN_S": "0.2",
            "FLOWSTUDIO_RETRY_BASE_S": "0.1",
            "FLOWSTUDIO_PATROL_S": "600",
            # Nobody listens there: commands write into the database themselves.
            "FLOWSTUDIO_PUBLIC_URL": "http://127.0.0.1:9",
            **more,
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        self._operator: subprocess.Popen[str] | None = None
        self._connection = psycopg.connect(database_url, autocommit=True)

    # -- what an operator does

    def start(self, *command: str, log: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{log}.out").open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.env, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self._processes.append(process)
        return process

    def worker(self, name: str = "one", *, processes: int = 2) -> subprocess.Popen[bytes]:
        """A Celery worker, once its engines have registered."""
        before = self.engines()
        options = ["-c", str(processes), "-n", f"{name}@%h", "--without-gossip", "--without-mingle"]
        process = self.start("-m", "celery", "-A", "flowstudio", "worker", *options, log=name)
        self.until(lambda: self.engines() >= before + processes or process.poll() is not None, seconds=40)
        assert process.poll() is None, self.said()
        return process

    def beat(self) -> subprocess.Popen[bytes]:
        return self.start("-m", "celery", "-A", "flowstudio", "beat", log="beat")

    def manage(self, *command: str) -> str:
        """A command of an operator; what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=self.env, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout.strip()

    def publish(self, graph: Mapping[str, Any] | None = None) -> str:
        """A workspace `main` with this flow, or the onboarding unit, live; its id."""
        return str(self._tell({"publish": graph}))

    def sign_up(self, count: int, *, first: int = 0) -> None:
        """So many people sign up; returns once their events are stored."""
        self._tell({
            "send": [
                {"type": "track", "event": "Signed Up", "userId": f"u{n}", "messageId": f"m{n}"}
                for n in range(first, first + count)
            ]
        })  # fmt: skip

    def _tell(self, command: dict[str, Any]) -> Any:
        if self._operator is None:
            self._operator = subprocess.Popen(
                [sys.executable, "-m", "tests.scaled.operator"], cwd=ROOT, env=self.env, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self._operator.stdin is not None
        assert self._operator.stdout is not None
        self._operator.stdin.write(json.dumps(command) + "\n")
        self._operator.stdin.flush()
        said = json.loads(self._operator.stdout.readline())
        assert "ok" in said, said
        return said["ok"]

    # -- what is seen

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values or None).fetchall()
        except psycopg.OperationalError:
            # The server was started again meanwhile.
            self._connection = psycopg.connect(self.database_url, autocommit=True)
            return self._connection.execute(query, values or None).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        return self.sql(query, *values)[0][0]

    def change(self, query: str) -> int:
        return self._connection.execute(query).rowcount

    def engines(self) -> int:
        """How many engines have registered so far, and not signed off."""
        return self.one("SELECT count(*) FROM store_engine WHERE stopped_at IS NULL")

    def ended(self) -> int:
        return self.one("SELECT count(*) FROM store_run WHERE status <> 'active'")

    def completed(self) -> int:
        return self.one("SELECT count(*) FROM store_run WHERE status = 'completed'")

    def said(self) -> str:
        tokens = self.sql(
            "SELECT state, node, owner <> '', due_at, count(*) FROM store_token GROUP BY 1, 2, 3, 4 LIMIT 20"
        )
        runs = self.sql("SELECT status, reason, count(*) FROM store_run GROUP BY 1, 2")
        return f"runs {runs}\ntokens {tokens}\n" + "\n".join(
            f"--- {path.name}\n{path.read_text()[-3_000:]}" for path in sorted(self.folder.glob("*.out"))
        )

    def until(self, ask: Callable[[], Any], *, seconds: float = 60.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := ask()):
            if time.monotonic() > deadline:
                raise AssertionError(f"never came true\n{self.said()}")
            time.sleep(0.05)
        return found

    def close(self) -> None:
        if self._operator is not None:
            self._operator.communicate()
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in self._processes:
            process.wait(timeout=10)
        self._connection.close()


def children(pid: int) -> list[int]:
    """The living child processes of `pid`."""
    done = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in done.stdout.split()]


def check(stack: Stack, *, runs: int) -> None:
    """I1 to I3, I5, I7: what the tables must say when all runs have ended."""
    assert stack.sql("SELECT status, count(*) FROM store_run GROUP BY status") == [("completed", runs)]
    assert stack.one("SELECT count(*) FROM store_token") == 0
    assert stack.one("SELECT count(*) FROM store_event WHERE status = 'pending'") == 0
    assert stack.one("SELECT count(*) FROM store_attempt WHERE state = 'sending'") == 0
    assert stack.one("SELECT count(*) FROM store_step WHERE status NOT IN ('done', 'failed')") == 0
    counted = stack.sql(
        "SELECT subject, metric, sum(value) FROM store_counter WHERE bucket = 0 GROUP BY subject, metric"
    )
    totals = {(subject, metric): int(value) for subject, metric, value in counted}
    assert totals["run", "completed"] == runs
    assert totals["run", "active"] == 0
    for node, entered in stack.sql("SELECT node, count(*) FROM store_step GROUP BY node"):
        numbers = {
            metric: totals.get((f"node:{node}", metric), 0) for metric in ("entered", "done", "failed", "inside")
        }
        assert numbers["entered"] == numbers["done"] + numbers["failed"] == entered, (node, numbers)
        assert numbers["inside"] == 0, node


@contextlib.contextmanager
def database(server_url: str, name: str, *, template: str = "") -> Iterator[str]:
    """The URL of a new database of the cluster, a copy of `template` if one is named."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        copy = f' TEMPLATE "{template}"' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{copy}')
        try:
            yield f"{server_url.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
