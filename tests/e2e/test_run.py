"""`make run` as CONTRACT promises it: one line, one engine, nothing left behind."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.product import ROOT, Product, running
from tests.servers import free_port


def commands() -> dict[int, str]:
    """The command line of every process, by its id."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[int(path.parent.name)] = path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
    return found


def children(process: int) -> dict[int, str]:
    """The processes below one, with their command lines."""
    every = commands()
    parents: dict[int, int] = {}
    for pid in every:
        try:
            stat = (Path("/proc") / str(pid) / "stat").read_text()
        except OSError:
            continue
        parents[pid] = int(stat.rsplit(")", 1)[1].split()[1])

    def below(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid]
            if pid == process:
                return True
        return False

    return {pid: every[pid] for pid in every if below(pid)}


def soon(holds: Callable[[], bool], within_s: float) -> bool:
    until = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def engine_of(product: Product) -> int:
    """The engine's process; there is exactly one, and no other process is named like it."""
    (pid,) = [pid for pid, line in children(product.process.pid).items() if "engine" in line]
    return pid


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("sample")) as product:
        yield product


def test_the_first_start_signs_in_and_shows_the_sample(sample: Product) -> None:
    assert sample.link.startswith(f"{sample.url}/signin/link#token=")
    with sample.client("viewer") as client:
        (flow,) = client.get("/api/v1/flows/").json()["results"]
        assert (flow["name"], flow["state"]) == ("Onboarding", "live")
    # Other terminals find the server without being told its port.
    env = {key: value for key, value in sample.env.items() if key != "PORT"}
    done = subprocess.run(
        [str(ROOT / ".venv/bin/python"), "manage.py", "signin"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith(sample.url)


def test_a_dead_engine_comes_back(sample: Product) -> None:
    dead = engine_of(sample)
    os.kill(dead, signal.SIGKILL)
    assert soon(lambda: any("engine" in line for pid, line in children(sample.process.pid).items() if pid != dead), 5)
    assert engine_of(sample) != dead
    assert soon(lambda: httpx.get(f"{sample.url}/readyz", trust_env=False).status_code == 200, 20)


def test_a_second_server_on_the_same_folder_or_port_says_so(sample: Product, tmp_path: Path) -> None:
    for changed, said in (
        ({"PORT": str(free_port())}, "runs already on the data folder"),
        ({"FLOWSTUDIO_DATA": str(tmp_path)}, "choose another port"),
    ):
        done = subprocess.run(
            ["scripts/run.sh"],
            cwd=ROOT,
            env=sample.env | changed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode != 0
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_everything_ends_with_make(tmp_path: Path) -> None:
    # SIGTERM to make itself, the first process of `make run`.
    env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    port = str(free_port())
    process = subprocess.Popen(
        ["make", "run"], cwd=ROOT, env=env | {"FLOWSTUDIO_DATA": str(tmp_path), "PORT": port, "DEMO": "0"},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        assert soon(lambda: any("engine" in line for line in children(process.pid).values()), 60)
        assert soon(lambda: _answers(port), 60)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            assert client.get("/healthz").status_code == 200
        family = set(children(process.pid))
        process.send_signal(signal.SIGTERM)
        assert soon(lambda: process.poll() is not None and not family & set(commands()), 8)
    finally:
        for pid in children(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()


def test_an_engine_does_not_outlive_a_killed_server(tmp_path: Path) -> None:
    with running(tmp_path, DEMO="0") as product:
        engine = engine_of(product)
        product.process.kill()
        assert soon(lambda: engine not in commands(), 10)


def test_the_database_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    with running(tmp_path, DEMO="0"):
        assert not (tmp_path / "backups").exists()
    database = tmp_path / "flowstudio.sqlite3"
    with sqlite3.connect(database) as connection:
        # As if the newest migration had come with this version.
        connection.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'sessions')"
        )
        connection.execute("DROP TABLE django_session")
    connection.close()
    with running(tmp_path, DEMO="0") as product:
        (copy,) = (tmp_path / "backups").glob("before-migration-*.sqlite3")
        assert str(copy) in product.log()
        assert copy.stat().st_mode & 0o077 == 0
        with sqlite3.connect(copy) as connection:
            assert connection.execute("SELECT count(*) FROM store_workspace WHERE slug = 'main'").fetchone() == (1,)
        connection.close()
        with product.client("viewer") as client:
            assert client.get("/api/v1/flows/").json()["results"] == []


def test_a_backup_holds_everything_and_overwrites_nothing(sample: Product, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite3"
    assert str(target) in sample.manage("backup", str(target))
    with sqlite3.connect(target) as connection:
        assert connection.execute("SELECT name FROM store_flow").fetchall() == [("Onboarding",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    before = target.read_bytes()
    with pytest.raises(AssertionError, match="exists already"):
        sample.manage("backup", str(target))
    assert target.read_bytes() == before


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith("FLOWSTUDIO_")}
    for name, value in (("FLOWSTUDIO_SANDBOX_FAULTS", "clearbit:boom"), ("FLOWSTUDIO_SMTP_URL", "nonsense://x")):
        done = subprocess.run(
            ["scripts/run.sh"],
            cwd=ROOT, env=env | {"FLOWSTUDIO_DATA": str(tmp_path), "PORT": str(free_port()), name: value},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert name in done.stderr
        assert "Traceback" not in done.stderr


def test_a_stand_in_that_fails_sends_customers_down_the_error_way(tmp_path: Path) -> None:
    with running(tmp_path, FLOWSTUDIO_SANDBOX_FAULTS="clearbit:401") as product:
        product.manage("demo", "traffic", "--count", "3", "--rate", "10", "--seed", "3")
        with product.client("viewer") as client:

            def settled() -> bool:
                counts = client.get(f"/api/v1/flows/{flow['id']}/stats/").json()["nodes"]
                return counts.get("size", {}).get("done") == 3

            (flow,) = client.get("/api/v1/flows/").json()["results"]
            assert soon(settled, 30), product.log()
            counts = client.get(f"/api/v1/flows/{flow['id']}/stats/").json()["nodes"]
            assert counts["enrich"]["failed"] == 3
            assert "save_company" not in counts
            run = client.get("/api/v1/runs/").json()["results"][0]
            steps = client.get(f"/api/v1/runs/{run['id']}/").json()["steps"]
            (tried,) = next(step for step in steps if step["node"] == "enrich")["attempts"]
            assert (tried["sandbox"], tried["state"], tried["status"]) == (True, "rejected", 401)


def _answers(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
