"""The product as a user starts it: `scripts/run.sh`, a data folder of its own, a free port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"^flowstudio is ready: (\S+)$", re.MULTILINE)


@dataclass(kw_only=True)
class Product:
    """A running flowstudio."""

    url: str
    link: str
    data: Path
    env: dict[str, str]
    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)

    def manage(self, *arguments: str) -> str:
        """What `manage.py …` prints, run beside the server."""
        done = subprocess.run(
            [str(ROOT / ".venv/bin/python"), "manage.py", *arguments],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def key(self, role: str) -> str:
        """A new API key."""
        return self.manage("apikey", "create", "--role", role)

    def client(self, role: str) -> httpx.Client:
        """A caller of the API with a new key of this role."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.key(role)}"}, timeout=30, trust_env=False
        )

    def onboarding(self, name: str) -> str:
        """The id of a new flow made from the template and published."""
        with self.client("editor") as client:
            made = client.post("/api/v1/flows/", json={"name": name, "template": "onboarding"})
            assert made.status_code == 201, made.text
            flow = made.json()
            revision = {"revision": flow["draft_revision"]}
            published = client.post(f"/api/v1/flows/{flow['id']}/publish/", json=revision)
            assert published.status_code in (200, 201), published.text
        return str(flow["id"])

    def log(self) -> str:
        """What the server has printed so far."""
        return "".join(self.output)


@contextmanager
def running(data: Path, **settings: str) -> Iterator[Product]:
    """Starts the product and waits for its ready line; ends it as Ctrl-C would."""
    port = settings.pop("PORT", "") or str(free_port())
    env = {key: value for key, value in os.environ.items() if not key.startswith("FLOWSTUDIO_")}
    env = {
        key: value for key, value in env.items() if key not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    }
    env |= {"FLOWSTUDIO_DATA": str(data), "PORT": port, **settings}
    process = subprocess.Popen(
        ["scripts/run.sh"], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    product = Product(url=f"http://127.0.0.1:{port}", link="", data=data, env=env, process=process)
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: product.output.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        until = time.monotonic() + 300
        while not (found := READY.search(product.log())):
            assert process.poll() is None, f"it ended with {process.returncode}:\n{product.log()}"
            assert time.monotonic() < until, f"no ready line:\n{product.log()}"
            time.sleep(0.05)
        product.link = found.group(1)
        yield product
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        finally:
            # Whatever is left would hold the port and the data folder of the next test.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            reader.join(timeout=5)
            process.stdout.close()
