"""A step tried out in a real Chromium: its answer, and a value of it taken along."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.product import Product


def test_a_step_is_called_once_and_its_values_can_be_taken_along(page: Page, product: Product) -> None:
    flow = product.onboarding("Tried out")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/flows/{flow}")
    page.get_by_test_id("node-enrich").click()
    page.get_by_test_id("test-step").click()
    page.get_by_test_id("test-run").click()
    told = page.get_by_test_id("test-told")
    expect(told).to_contain_text("Sandbox")
    page.get_by_role("button", name="metrics.employees").first.click()
    expect(page.get_by_label("Copied")).to_be_visible()
    taken = page.evaluate("navigator.clipboard.readText()")
    assert taken == "{{ steps.enrich.output.metrics.employees }}"
    with product.client("viewer") as client:
        assert client.get(f"/api/v1/runs/?flow={flow}").json()["results"] == []
    page.get_by_test_id("node-alert_sales").click()
    expect(page.get_by_test_id("test-step")).to_be_visible()
