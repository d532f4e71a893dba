"""Simulate in a real Chromium: a path through the drawing as it stands, other answers, steps back and forth."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.product import Product


@pytest.fixture
def simulated(page: Page, product: Product) -> Page:
    flow = product.onboarding("Simulated")
    page.goto(f"{product.url}/flows/{flow}?mode=simulate")
    expect(page.get_by_test_id("sim-step-size")).to_be_visible()
    return page


def invent(page: Page, employees: str) -> None:
    page.get_by_test_id("sim-who").click()
    page.get_by_role("tab", name="Invent one").click()
    page.get_by_label("Name", exact=True).fill("Fennmark Tools")
    page.get_by_label("E-mail address").fill("it@fennmark.example")
    page.get_by_label("employees", exact=True).fill(employees)
    page.get_by_role("button", name="Send them through").click()


def test_a_customer_is_sent_through_and_every_branch_says_why(simulated: Page) -> None:
    page = simulated
    page.get_by_test_id("sim-step-enrich").get_by_role("button").first.click()
    page.get_by_test_id("sim-answer-enrich").click()
    page.get_by_role("option", name="not found").click()
    invent(page, "540")
    panel = page.get_by_test_id("sim-panel")
    expect(panel.get_by_role("heading", name="Fennmark Tools")).to_be_visible()
    expect(panel.get_by_test_id("sim-step-size")).to_contain_text("Employees is 540, more than 100")
    expect(panel.get_by_test_id("sim-step-alert_sales")).to_be_visible()
    invent(page, "12")
    expect(panel.get_by_test_id("sim-step-alert_sales")).to_have_count(0)
    expect(panel.get_by_test_id("sim-step-technographics")).to_be_visible()


def test_steps_go_back_and_forth_by_the_arrow_keys(simulated: Page) -> None:
    page = simulated
    bar = page.get_by_role("navigation", name="Steps of the simulation")
    last = bar.locator("li").count() - 1
    expect(bar.locator("li").nth(last).get_by_role("button")).to_have_attribute("aria-current", "step")
    page.keyboard.press("ArrowLeft")
    expect(bar.locator("li").nth(last - 1).get_by_role("button")).to_have_attribute("aria-current", "step")
    page.keyboard.press("ArrowRight")
    expect(bar.locator("li").nth(last).get_by_role("button")).to_have_attribute("aria-current", "step")
    bar.locator("li").first.get_by_role("button").click()
    page.keyboard.press("End")
    expect(bar.locator("li").nth(last).get_by_role("button")).to_have_attribute("aria-current", "step")
    page.get_by_test_id("sim-play").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()


def test_nothing_was_sent_and_nobody_is_in_the_flow(simulated: Page, product: Product) -> None:
    flow = simulated.url.split("/flows/")[1].split("?")[0]
    with product.client("viewer") as client:
        # Other tests share the workspace.
        mails = client.get("/api/v1/outbox/").json()["results"]
        simulated.get_by_test_id("sim-again").click()
        expect(simulated.get_by_role("button", name="Stop")).to_be_visible()
        assert client.get("/api/v1/outbox/").json()["results"] == mails
        assert client.get(f"/api/v1/runs/?flow={flow}").json()["results"] == []


def test_an_empty_drawing_says_what_to_do(page: Page, product: Product) -> None:
    with product.client("editor") as client:
        flow = client.post("/api/v1/flows/", json={"name": "Nothing yet"}).json()
    page.goto(f"{product.url}/flows/{flow['id']}?mode=simulate")
    expect(page.get_by_test_id("sim-trouble")).to_contain_text("nothing to go through yet")
    page.get_by_role("button", name="Mend it in Build").click()
    expect(page.get_by_role("tab", name="Build")).to_have_attribute("aria-selected", "true")
