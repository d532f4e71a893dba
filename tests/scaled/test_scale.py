"""`manage.py scale`, which is `make scale`: everything up with one command, everything gone after one signal."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests import servers
from tests.scaled.stack import ROOT, Stack


def family(pid: int) -> list[int]:
    """A process and all that descends from it."""
    found = [pid]
    for one in found:
        done = subprocess.run(["pgrep", "-P", str(one)], capture_output=True, text=True, check=False)
        found += [int(line) for line in done.stdout.split()]
    return found


def words(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")


class Launched:
    """A launcher and what it says."""

    def __init__(self, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "scale", "--workers", "2"], cwd=ROOT, env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.lines: list[str] = []

    def ready(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.match(r"flowstudio is ready: (\S+)", line):
                return found[1]
        raise AssertionError("".join(self.lines))

    def stop(self, signum: int) -> float:
        """Signals the first process alone; the seconds until it and all its children are gone."""
        everybody = family(self.process.pid)
        began = time.monotonic()
        self.process.send_signal(signum)
        rest, _ = self.process.communicate(timeout=40)
        self.lines.append(rest)
        took = time.monotonic() - began
        left = [pid for pid in everybody if Path(f"/proc/{pid}").exists()]
        assert not left, [words(pid) for pid in left]
        return took

    def close(self) -> None:
        for pid in family(self.process.pid) if self.process.poll() is None else []:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=10)


@pytest.fixture
def launch():
    launched = []

    def go(env):
        launched.append(Launched(env))
        return launched[-1]

    yield go
    for one in launched:
        one.close()


def test_given_servers_the_door_takes_events_and_workers_finish_the_runs(cluster, migrated, stack: Stack, launch):
    port = servers.free_port()
    stack.env |= {"PORT": str(port), "FLOWSTUDIO_PUBLIC_URL": f"http://127.0.0.1:{port}", "DEMO": "1"}
    product = launch(stack.env)
    url = product.ready()
    assert url.startswith(f"http://127.0.0.1:{port}/signin/link#token=")
    assert [pid for pid in family(product.process.pid) if "engine" in words(pid)] == []
    key = stack.manage("apikey", "create", "--role", "ingest")
    batch = [
        {"type": "track", "event": "Signed Up", "userId": f"p{n}", "messageId": f"s{n}", "properties": {}}
        for n in range(20)
    ]
    answer = httpx.post(f"http://127.0.0.1:{port}/v1/batch", json={"batch": batch}, auth=(key, ""), timeout=10)
    assert answer.status_code == 200
    stack.until(lambda: stack.one("SELECT count(*) FROM store_run") == 20, seconds=20)
    stack.until(lambda: stack.one("SELECT count(*) FROM store_step WHERE status IN ('done', 'failed')") > 40)
    assert product.stop(signal.SIGTERM) < 30
    assert product.process.returncode == 0
    assert stack.engines() == 0
    assert stack.one("SELECT count(*) FROM store_token WHERE owner <> ''") == 0


@pytest.fixture
def cleanup():
    """Removes folders afterwards: as root the cluster may lie outside the data folder."""
    folders: list[Path] = []
    yield folders.append
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()


def test_without_addresses_it_starts_the_servers_and_keeps_the_data(cleanup, launch, tmp_path):
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    port = servers.free_port()
    env = kept | {"FLOWSTUDIO_DATA": str(tmp_path / "data"), "PORT": str(port), "DEMO": "0"}
    first = launch(env)
    first.ready()
    said = "".join(first.lines)
    cluster = re.search(r"PostgreSQL keeps its data in (\S+)\.\n", said)
    assert cluster is not None
    cleanup(Path(cluster[1]))
    told = re.search(r"export DATABASE_URL=(\S+) REDIS_URL=(\S+)", said)
    assert told is not None
    commands = env | {"DATABASE_URL": told[1], "REDIS_URL": told[2]}
    made = subprocess.run(
        [sys.executable, "manage.py", "apikey", "create", "--role", "viewer"],
        cwd=ROOT, env=commands, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    assert first.stop(signal.SIGINT) < 30
    second = launch(env)
    second.ready()
    headers = {"Authorization": f"Bearer {made}"}
    assert httpx.get(f"http://127.0.0.1:{port}/api/v1/flows/", headers=headers, timeout=10).status_code == 200
    assert second.stop(signal.SIGTERM) < 30
