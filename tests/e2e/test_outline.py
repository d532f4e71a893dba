"""The outline in a real Chromium: the drawing read and changed by keys alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.product import Product


def test_a_flow_is_begun_in_the_outline_without_a_mouse(page: Page, product: Product) -> None:
    with product.client("editor") as client:
        flow = client.post("/api/v1/flows/", json={"name": "By keys"}).json()
    page.goto(f"/flows/{flow['id']}")
    expect(page.get_by_test_id("canvas")).to_be_visible()
    page.keyboard.press("u")
    outline = page.get_by_role("tree", name="Steps of the flow")
    for kind in ("event", "enrich", "branch"):
        page.keyboard.press("n")
        expect(page.get_by_test_id("picker")).to_be_visible()
        page.keyboard.type(kind)
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("picker")).to_have_count(0)
    rows = outline.get_by_role("treeitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_be_focused()
    expect(rows.nth(2)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("node-name")).to_be_focused()
    rows.nth(1).focus()
    page.keyboard.press("Delete")
    expect(rows).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(3)


def test_branches_are_read_by_their_names(page: Page, product: Product) -> None:
    flow = product.onboarding("Read aloud")
    page.goto(f"/flows/{flow}")
    expect(page.get_by_test_id("canvas")).to_be_visible()
    page.keyboard.press("u")
    sales = page.get_by_role("treeitem", name="> 100 employees: Alert sales")
    expect(sales).to_have_attribute("aria-level", "2")
    expect(page.get_by_role("treeitem", name="goes on at").first).to_be_visible()
