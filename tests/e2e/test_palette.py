"""The command palette in a real Chromium: by keys alone, from any page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.product import Product


def ask(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="What do you want to do?")).to_be_focused()


def test_everything_is_found_by_typing(page: Page, product: Product) -> None:
    product.onboarding("By typing")
    page.goto("/")
    expect(page.get_by_role("link", name="By typing")).to_be_visible()
    ask(page)
    page.keyboard.type("by typ")
    expect(page.get_by_role("option").first).to_contain_text("By typing")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("canvas")).to_be_visible()
    ask(page)
    page.keyboard.type("alert sales")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("delete")).to_be_visible()
    ask(page)
    page.keyboard.type("simulate")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Simulate")).to_have_attribute("aria-selected", "true")
    ask(page)
    page.keyboard.type("look dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    ask(page)
    page.keyboard.type("words mean")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("glossary")).to_contain_text("One customer going once through one flow.")
