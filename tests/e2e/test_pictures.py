"""The pictures of README and docs: taken from the running product, light and dark.

They are written to `test-results/pictures`, or with UPDATE_PICTURES=1 to `docs/pictures`, where they are committed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import RESULTS, sign_in
from tests.e2e.product import ROOT, Product, running

FOLDER = ROOT / "docs" / "pictures" if os.environ.get("UPDATE_PICTURES") == "1" else RESULTS / "pictures"
PEOPLE = 40


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The sample workspace after a few minutes of sign-ups."""
    with running(tmp_path_factory.mktemp("busy")) as product:
        product.manage("demo", "traffic", "--count", str(PEOPLE), "--rate", "20", "--seed", "11")
        with product.client("viewer") as client:
            until = time.monotonic() + 60
            while client.get("/api/v1/home/").json()["moving"] or _runs(client) < PEOPLE:
                assert time.monotonic() < until, "the sample's runs did not come to rest"
                time.sleep(0.2)
        yield product


def _runs(client) -> int:  # type: ignore[no-untyped-def]
    (flow,) = client.get("/api/v1/flows/").json()["results"]
    return int(client.get(f"/api/v1/flows/{flow['id']}/stats/").json()["runs"]["entered"])


def test_pictures(browser: Browser, busy: Product) -> None:
    state = sign_in(browser, busy)
    with busy.client("viewer") as client:
        (flow,) = client.get("/api/v1/flows/").json()["results"]
        waiting = client.get("/api/v1/runs/", params={"status": "active"}).json()["results"][0]
    pages = {
        "home": "/",
        "build": f"/flows/{flow['id']}",
        "live": f"/flows/{flow['id']}?mode=live",
        "run": f"/flows/{flow['id']}?mode=live&run={waiting['id']}",
        "customer": f"/customers/{waiting['customer']['id']}",
        "runs": "/runs",
        "connectors": "/connectors",
        "events": "/events",
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        context = browser.new_context(
            base_url=busy.url, storage_state=state, viewport={"width": 1440, "height": 900}, color_scheme=theme,
            reduced_motion="reduce",
        )  # fmt: skip
        page = context.new_page()
        for name, path in pages.items():
            page.goto(path)
            settle(page)
            page.screenshot(path=FOLDER / f"{name}-{theme}.png")
            assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        context.close()
    taken = {path.name for path in Path(FOLDER).glob("*.png")}
    assert {f"{name}-{theme}.png" for name in pages for theme in ("light", "dark")} <= taken


def settle(page: Page) -> None:
    """Waits until the page shows its content: nothing loads, nothing moves."""
    expect(page.locator("main, .main").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text(re.compile(r"^Loading"))).to_have_count(0)
    page.wait_for_timeout(700)
