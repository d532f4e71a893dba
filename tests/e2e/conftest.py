"""A real product and a real Chromium for the browser tests.

Of the package, not of the session: the browser's driver keeps an event loop running, beside which no other test could
run one of its own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.product import Product, running

RESULTS = Path(__file__).resolve().parents[2] / "test-results"
# The background traffic is Chromium's own; a test machine need not reach its makers.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    assert found, "No Chromium found: install the package chromium."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An empty workspace, as `DEMO=0 make run` starts it."""
    with running(tmp_path_factory.mktemp("product"), DEMO="0") as started:
        yield started


def sign_in(browser: Browser, product: Product) -> str:
    """Signs in by the one-time link, as its first reader does; answers a file with the cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(product.link)
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(f"{product.url}/")
    kept = product.data / "browser-state.json"
    context.storage_state(path=kept)
    context.close()
    return str(kept)


@pytest.fixture(scope="package")
def signed_in(browser: Browser, product: Product) -> str:
    """The cookies of the first person in."""
    return sign_in(browser, product)


@pytest.fixture
def page(browser: Browser, product: Product, signed_in: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A signed-in page; what the browser complains about fails the test, and a failure leaves a picture behind."""
    size = getattr(request, "param", {"width": 1440, "height": 900})
    context = browser.new_context(
        base_url=product.url, storage_state=signed_in, viewport=size, accept_downloads=True, reduced_motion="reduce"
    )
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    yield opened
    failed = getattr(request.node, "failed", False)
    if failed or complaints:
        picture(context, request.node.name)
    context.close()
    if not failed:
        assert not complaints, complaints


def picture(context: BrowserContext, name: str) -> None:
    """Leaves what every open page shows in test-results/."""
    RESULTS.mkdir(exist_ok=True)
    for index, opened in enumerate(context.pages):
        opened.screenshot(path=RESULTS / f"{re.sub(r'\W+', '-', name)}-{index}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """Tells the page fixture whether its test failed."""
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report
