"""A backup is restored (G14, F27): the engine is held, what was sent since is listed, and nothing of it is sent again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.product import Product, running
from tests.engine.process import Sink, sink

PEOPLE = 12


def graph(url: str) -> dict[str, Any]:
    call = {"method": "POST", "url": f"{url}/parcel", "body": {"to": "{{ customer.id }}"}, "idempotent": False}
    return {
        "schema": 1,
        "nodes": [
            {"id": "enter", "type": "trigger.event", "name": "Ordered", "config": {"event": "Ordered"}},
            {"id": "pack", "type": "wait.delay", "name": "Pack", "config": {"for": "15s"}},
            {"id": "send", "type": "http.request", "name": "Send the parcel", "config": call},
        ],
        "edges": [
            {"id": "e1", "source": "enter", "source_port": "out", "target": "pack"},
            {"id": "e2", "source": "pack", "source_port": "out", "target": "send"},
        ],
        "notes": [],
        "settings": {},
    }


def soon(holds: Callable[[], Any], within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


def counts(client: httpx.Client, flow: str) -> dict[str, Any]:
    return dict(client.get(f"/api/v1/flows/{flow}/stats/").json()["runs"])


def begin(product: Product, client: httpx.Client, vendor: Sink) -> str:
    key = product.key("ingest")
    flow = client.post("/api/v1/flows/", json={"name": "Parcels", "graph": graph(vendor.url)}).json()
    published = client.post(f"/api/v1/flows/{flow['id']}/publish/", json={"revision": flow["draft_revision"]})
    assert published.status_code in (200, 201), published.text
    events = [{"type": "track", "event": "Ordered", "userId": f"u{n}", "messageId": f"m{n}"} for n in range(PEOPLE)]
    sent = httpx.post(f"{product.url}/v1/batch", json={"batch": events}, auth=(key, ""), trust_env=False)
    assert sent.status_code == 200, sent.text
    return str(flow["id"])


@pytest.mark.parametrize("choice", ["done", "again"])
def test_f27_a_restored_backup_is_held_lists_what_was_sent_and_does_as_is_decided(tmp_path: Path, choice: str) -> None:
    copy = tmp_path / "copy.sqlite3"
    settings = {"DEMO": "0"}
    with sink() as vendor:
        settings["FLOWSTUDIO_EGRESS_ALLOW"] = f"127.0.0.1:{vendor.port}"
        with running(tmp_path, **settings) as product, product.client("admin") as client:
            flow = begin(product, client, vendor)
            soon(lambda: counts(client, flow).get("active") == PEOPLE)
            product.manage("backup", str(copy))
            assert not vendor.requests
            soon(lambda: counts(client, flow).get("completed") == PEOPLE)
            with pytest.raises(AssertionError, match="runs already"):
                product.manage("restore", str(copy))
        keys = {key for key, _ in vendor.requests}
        assert len(keys) == PEOPLE
        said = product.manage("restore", str(copy))
        assert f"{PEOPLE} effects" in said
        (replaced,) = (tmp_path / "backups").glob("replaced-*.sqlite3")
        assert replaced.stat().st_mode & 0o077 == 0
        with sqlite3.connect(tmp_path / "flowstudio.sqlite3") as connection:
            listed = {row[0] for row in connection.execute("SELECT key FROM store_doubt")}
        connection.close()
        assert listed == keys
        with running(tmp_path, **settings) as product, product.client("admin") as client:
            # Everybody's time has come; nothing moves.
            with sqlite3.connect(tmp_path / "flowstudio.sqlite3") as connection:
                due = connection.execute("SELECT max(unixepoch(due_at)) FROM store_token").fetchone()[0]
            connection.close()
            soon(lambda: time.time() > due + 3)
            assert counts(client, flow)["active"] == PEOPLE
            assert len(vendor.requests) == PEOPLE
            assert "held" in client.get("/readyz").json()["engine"]
            assert client.get("/api/v1/me/").json()["held"] is True
            found = client.get("/api/v1/restored/").json()
            assert (found["held"], found["complete"], found["count"]) == (True, True, PEOPLE)
            assert {(d["flow_name"], d["node_name"], d["state"]) for d in found["doubts"]} == {
                ("Parcels", "Send the parcel", "accepted")
            }
            decided = client.post("/api/v1/restored/", json={"choice": choice})
            assert decided.status_code == 200, decided.text
            assert decided.json()["held"] is False
            soon(lambda: counts(client, flow).get("completed") == PEOPLE)
            assert client.post("/api/v1/restored/", json={"choice": choice}).status_code == 409
            assert len(vendor.requests) == (PEOPLE if choice == "done" else 2 * PEOPLE)
            assert {key for key, _ in vendor.requests} == keys
            if choice == "done":
                run = client.get(f"/api/v1/runs/?flow={flow}").json()["results"][0]
                step = client.get(f"/api/v1/runs/{run['id']}/").json()["steps"][-1]
                assert step["reason"] == "Not sent again: it was sent before the backup was restored."


def test_a_file_that_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, DEMO="0") as product:
        pass
    before = (data / "flowstudio.sqlite3").read_bytes()
    wrong = tmp_path / "wrong.sqlite3"
    wrong.write_text("nothing")
    for file, why in ((wrong, "no backup"), (tmp_path / "none.sqlite3", "no file")):
        with pytest.raises(AssertionError, match=why):
            product.manage("restore", str(file))
    assert (data / "flowstudio.sqlite3").read_bytes() == before
