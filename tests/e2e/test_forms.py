"""Forms in a real browser: a rule of two rows in a group, and an e-mail seen as a customer gets it."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.drawing import Drawing
from tests.e2e.product import Product
from tests.e2e.test_pages import AXE, VIOLATIONS

GRAPH = {
    "schema": 1,
    "nodes": [
        {"id": "start", "type": "trigger.event", "name": "Signed up", "config": {"event": "Signed Up"}},
        {
            "id": "size",
            "type": "branch",
            "name": "Size",
            "config": {"cases": [{"id": "big", "name": "Big", "when": {"all": [{"field": "", "op": "eq"}]}}]},
        },
        {"id": "mail", "type": "email.send", "name": "Welcome", "config": {"to": "{{ customer.email }}"}},
    ],
    "edges": [
        {"id": "e1", "source": "start", "source_port": "out", "target": "size"},
        {"id": "e2", "source": "size", "source_port": "big", "target": "mail"},
    ],
    "notes": [],
    "settings": {},
}


def clean(page: Page) -> None:
    """No axe violation in what is shown now, in light and dark."""
    page.evaluate(AXE.read_text())
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert page.evaluate(VIOLATIONS, theme) == []


def test_a_rule_and_an_email_are_written_and_seen(page: Page, product: Product) -> None:
    person = {"userId": "ada-1", "traits": {"email": "ada@ship.example", "name": "Ada", "employees": 540}}
    httpx.post(f"{product.url}/v1/identify", json=person, auth=(product.key("ingest"), "")).raise_for_status()
    with product.client("editor") as api:
        made = api.post("/api/v1/flows/", json={"name": "Forms", "graph": GRAPH}).raise_for_status().json()
    page.goto(f"/flows/{made['id']}")
    drawing = Drawing(page)

    drawing.choose("size")
    case = page.get_by_test_id("case-big")
    case.get_by_label("Field").fill("Employees")
    case.get_by_label("Comparison").select_option("gt")
    case.get_by_label("Value").fill("100")
    case.get_by_test_id("add-group").click()
    inner = case.locator(".rule-group")
    inner.get_by_label("Field").fill("customer.email")
    inner.get_by_label("Comparison").select_option("ends_with")
    inner.get_by_label("Value").fill("@ship.example")
    inner.get_by_label("Value").press("Tab")
    expect(case.get_by_test_id("reading")).to_contain_text("Employees is over 100 and")
    expect(case.get_by_test_id("cel")).to_have_text(
        'customer.traits.employees > 100 && customer.email.endsWith("@ship.example")'
    )
    case.get_by_role("button", name="Move row 2 of 2").press("ArrowUp")
    expect(case.get_by_test_id("cel")).to_have_text(
        'customer.email.endsWith("@ship.example") && customer.traits.employees > 100'
    )

    drawing.choose("mail")
    page.get_by_test_id("edit-email").click()
    editor = page.get_by_test_id("email-editor")
    for field, text in (
        ("subject", "Welcome, {{ customer.traits.name }}"),
        ("preheader", "For your {{ customer.traits.employees }} people"),
        ("body", "# Hello {{ customer.traits.name }}\n\nTwo minutes is *all*."),
    ):
        editor.get_by_test_id(f"letter-{field}-source").locator(".cm-content").click()
        page.keyboard.insert_text(text)
    expect(page.get_by_test_id("letter-subject")).to_have_text("Welcome, Ada")
    expect(page.get_by_test_id("letter-preheader")).to_have_text("For your 540 people")
    letter = page.frame_locator("[data-testid='letter-frame']")
    expect(letter.get_by_role("heading", name="Hello Ada")).to_be_visible()
    expect(letter.get_by_text("Unsubscribe")).to_be_visible()
    clean(page)
    page.get_by_role("radio", name="Phone").click()
    page.get_by_role("button", name="Close the e-mail editor").click()
    expect(editor).to_have_count(0)
    expect(drawing.field("body").locator(".cm-content")).to_contain_text("Two minutes is *all*.")
    drawing.saved()
    clean(page)
