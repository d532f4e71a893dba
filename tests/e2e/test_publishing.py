"""Publishing with customers inside, history and resuming, as a marketer does them in a browser (SEMANTICS 8 and 13.2)."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.product import ROOT, Product

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
VIOLATIONS = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .filter((each) => ['serious', 'critical'].includes(each.impact))
  .map((each) => `${each.id}: ${each.nodes.map((node) => node.target).slice(0, 3).join(' | ')}`)"""
PEOPLE = 6


def node(identity: str, kind: str, name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"id": identity, "type": kind, "name": name, "config": config}


def edge(source: str, target: str, port: str = "out") -> dict[str, Any]:
    return {"id": f"{source}_{port}", "source": source, "source_port": port, "target": target}


def graph(*, days: int, gone: bool) -> dict[str, Any]:
    """A trial: a wait for a demo, then a rest that the second drawing leaves out."""
    branches = [{"id": "booked", "name": "Booked", "event": "Demo Booked", "filter": ""}]
    nodes = [
        node("start", "trigger.event", "Started", {"event": "Trial Started"}),
        node("demo", "wait.event", "Demo", {"branches": branches, "timeout": f"{days}d"}),
        node("done", "exit", "Done", {}),
    ]
    if gone:
        return {
            "schema": 1, "nodes": nodes, "settings": {},
            "edges": [edge("start", "demo"), edge("demo", "done", "booked"), edge("demo", "done", "timeout")],
        }  # fmt: skip
    return {
        "schema": 1, "settings": {}, "nodes": [*nodes, node("rest", "wait.delay", "Rest", {"for": "2d"})],
        "edges": [
            edge("start", "demo"), edge("demo", "rest", "booked"), edge("demo", "rest", "timeout"), edge("rest", "done"),
        ],
    }  # fmt: skip


def axe(page: Page) -> None:
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS) == []


def until(ask: Any) -> Any:
    deadline = time.monotonic() + 20
    while not (found := ask()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)
    return found


def test_customers_are_moved_versions_compared_and_a_pause_ends_calmly(page: Page, product: Product) -> None:
    with product.client("editor") as client:
        made = client.post("/api/v1/flows/", json={"name": "Trial", "graph": graph(days=5, gone=False)}).json()
        flow = made["id"]
        address = f"/api/v1/flows/{flow}/"
        assert client.post(f"{address}publish/", json={"revision": made["draft_revision"]}).status_code == 200
        key = product.key("ingest")
        events = [
            {"type": "track", "event": "Trial Started", "userId": f"p{number}", "messageId": f"m{number}"}
            for number in range(PEOPLE)
        ]
        with httpx.Client(base_url=product.url, trust_env=False) as door:
            assert door.post("/v1/batch", json={"batch": events}, auth=(key, "")).status_code == 200
        until(lambda: client.get(f"{address}publish-plan/").json()["inside"] == PEOPLE)
        booked = {"type": "track", "event": "Demo Booked", "userId": "p0", "messageId": "booked"}
        with httpx.Client(base_url=product.url, trust_env=False) as door:
            door.post("/v1/track", json=booked, auth=(key, ""))
        until(lambda: client.get(f"{address}stats/").json()["nodes"].get("rest", {}).get("inside") == 1)
        draft = client.get(f"{address}draft/").json()
        sent = client.put(f"{address}draft/", json={"graph": graph(days=3, gone=True), "revision": draft["revision"]})
        assert sent.status_code == 200, sent.text

        page.goto(f"/flows/{flow}")
        page.get_by_test_id("publish").click()
        dialog = page.get_by_test_id("publish-dialog")
        expect(dialog).to_contain_text("6 customers are inside v1")
        expect(dialog.get_by_test_id("place-demo")).to_contain_text("At most: 5 days → 3 days")
        expect(dialog.get_by_test_id("place-demo")).to_have_attribute("data-choice", "move")
        expect(dialog.get_by_test_id("place-rest")).to_contain_text("They go on at “Done” at once.")
        axe(page)
        dialog.get_by_role("radiogroup", name="Customers at Rest").get_by_role("radio", name="Finish on v1").click()
        expect(dialog.get_by_test_id("place-rest")).to_have_attribute("data-choice", "finish")
        dialog.get_by_role("textbox", name="What changed and why").fill("A shorter trial")
        dialog.get_by_test_id("publish-confirm").click()
        expect(page.get_by_test_id("published")).to_contain_text("5 customers inside move to v2")
        runs = until(
            lambda: (
                (found := client.get("/api/v1/runs/", params={"flow": flow, "status": "active"}).json()["results"])
                and sorted(run["version"] for run in found) == [1, 2, 2, 2, 2, 2]
                and found
            )
        )
        assert {run["node"]["id"] for run in runs if run["version"] == 1} == {"rest"}

        page.keyboard.press("Escape")
        page.get_by_test_id("mode-history").click()
        expect(page.get_by_test_id("version-2")).to_contain_text("A shorter trial")
        expect(page.get_by_test_id("change-rest")).to_have_attribute("data-mark", "removed")
        expect(page.get_by_test_id("node-rest")).to_have_class(re.compile("m-removed"))
        expect(page.get_by_test_id("node-demo")).to_have_class(re.compile("m-changed"))
        axe(page)
        page.get_by_test_id("version-1").click()
        page.get_by_test_id("restore").click()
        expect(page.get_by_test_id("node-rest")).to_be_visible()
        until(lambda: len(client.get(f"{address}draft/").json()["graph"]["nodes"]) == 4)
        expect(page.get_by_test_id("publish")).to_have_text("Publish v3")

        assert client.post(f"{address}pause/").json()["state"] == "paused"
        page.reload()
        page.get_by_test_id("flow-menu").click()
        page.get_by_test_id("flow-resume").click()
        expect(page.get_by_test_id("resume-dialog")).to_contain_text("nobody's time came meanwhile")
        page.get_by_test_id("resume-confirm").click()
        expect(page.get_by_test_id("resume-dialog")).to_have_count(0)
        until(lambda: client.get(address).json()["state"] == "live")
