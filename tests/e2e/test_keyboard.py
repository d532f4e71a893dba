"""The onboarding unit built by keys alone: from an empty canvas to published, and no hand on the mouse."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, expect

from tests.e2e.product import Product
from tests.e2e.test_onboarding import INTEGRATED

FOCUSED = "all => all.includes(document.activeElement)"


class Keys:
    """What can be done with ten fingers; there is no pointer in here."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, place: str, key: str = "Tab", most: int = 150) -> None:
        """Goes on with Tab until the keyboard is at what this selector names."""
        wanted = self.page.locator(place)
        expect(wanted.first).to_be_visible()
        for _ in range(most):
            if wanted.evaluate_all(FOCUSED):
                return
            self.press(key)
        raise AssertionError(f"{place} is not reached with {most} times {key}")

    def add(self, kind: str, name: str) -> None:
        """Adds a step behind the chosen one, and says what it is called."""
        self.press("n")
        expect(self.page.get_by_test_id("picker")).to_be_visible()
        self.page.keyboard.type(kind)
        self.press("Enter")
        expect(self.page.get_by_test_id("picker")).to_have_count(0)
        expect(self.page.get_by_test_id("node-name")).to_be_visible()
        self.reach("[data-testid='node-name']", "Shift+Tab")
        self.press("Control+a")
        self.page.keyboard.type(name)
        self.press("Enter")
        self.away()

    def away(self) -> None:
        """Back from the panel to the chosen row of the outline, where the keys of the editor work."""
        self.reach("[role='treeitem'][aria-selected='true']", "Shift+Tab")

    def choose(self, name: str) -> None:
        """Finds a card by its name in the palette of everything."""
        self.press("Control+k")
        expect(self.page.get_by_role("combobox", name="What do you want to do?")).to_be_focused()
        self.page.keyboard.type(name)
        first = self.page.get_by_test_id("palette-commands").get_by_role("option").first
        expect(first).to_contain_text("In this flow")
        self.press("Enter")
        expect(self.page.get_by_test_id("node-name")).to_have_value(name)

    def lead(self, source: str, target: str) -> None:
        """Leads the next open way of a card to another card."""
        self.choose(source)
        self.away()
        self.press("l")
        expect(self.page.get_by_test_id("picking")).to_be_visible()
        row = self.page.get_by_role("treeitem", name=target).and_(self.page.locator("[data-testid^='outline-']"))
        card = str(row.first.get_attribute("data-testid")).removeprefix("outline-")
        self.reach(f".react-flow__node[data-id='{card}']")
        self.press("Enter")
        expect(self.page.get_by_test_id("picking")).to_have_count(0)

    def write(self, place: str, text: str) -> None:
        """Writes into what this selector names, instead of what stands there."""
        self.reach(place, "Shift+Tab")
        self.press("Control+a")
        self.page.keyboard.insert_text(text)

    def fill(self, name: str, text: str) -> None:
        """Writes into a field of the chosen step's form."""
        field = f"[data-testid='field-{name}']"
        self.write(f"{field} :is(input, textarea, .cm-content)", text)

    def case(self, name: str, condition: str) -> None:
        """Says who takes the only case of the chosen branch."""
        self.write("[aria-label='Name of case 1']", name)
        self.reach("[data-testid='edit-as-cel']", "Tab")
        self.press("Enter")
        self.write("[data-testid='cases'] .cm-content", condition)


def build(keys: Keys) -> None:
    """Every card and line; a new step follows the chosen one by its main way, or by the next that is open."""
    for kind, name in (
        ("trigger.event", "Signed up"), ("clearbit.enrich", "Enrich company"), ("warehouse.save", "Save company"),
        ("branch", "Company size"), ("datayze", "Technographics"), ("warehouse.save", "Save stack"),
        ("branch", "Integration"), ("exit", "No integration"),
    ):  # fmt: skip
        keys.add(kind, name)
    keys.choose("Integration")
    keys.away()
    for kind, name in (
        ("email.send", "E-mail 1"), ("wait.delay", "Two days"), ("email.send", "E-mail 2"),
        ("wait.delay", "Three days"), ("email.send", "E-mail 3"),
    ):  # fmt: skip
        keys.add(kind, name)
    keys.choose("Company size")
    keys.away()
    keys.add("slack.message", "Alert sales")
    for source, target in (("Enrich company", "Company size"), ("Technographics", "No integration")):
        for _ in ("not found", "error"):
            keys.lead(source, target)


def configure(keys: Keys) -> None:
    """Fills the forms, as far as their defaults do not say it already."""
    keys.choose("Signed up")
    keys.fill("event", "Signed Up")
    for name, table, trait in (
        ("Save company", "company_profile", "employees"),
        ("Save stack", "company_stack", "technologies"),
    ):
        keys.choose(name)
        row = {"customer_id": "{{ customer.id }}", trait: f"{{{{ customer.traits.{trait} }}}}"}
        keys.fill("row", json.dumps(row))
        keys.fill("key", "customer_id")
        keys.fill("table", table)
    keys.choose("Company size")
    keys.case("> 100 employees", "customer.traits.employees > 100")
    keys.choose("Alert sales")
    keys.fill("text", "{{ customer.traits.company_name }} signed up.")
    keys.fill("channel", "#sales")
    keys.choose("Integration")
    keys.case("Integrates", f"customer.traits.technologies.exists(t, t in {json.dumps(INTEGRATED)})")
    for number in (1, 2, 3):
        keys.choose(f"E-mail {number}")
        keys.fill("body", f"Hello {{{{ customer.traits.name | default: 'there' }}}}, this is e-mail {number}.")
        keys.fill("subject", f"Number {number}")
    for name, days in (("Two days", "2"), ("Three days", "3")):
        keys.choose(name)
        keys.write("[data-testid='field-for'] input:not([aria-label^='Unit'])", days)


def test_the_onboarding_unit_is_built_and_published_by_keys_alone(page: Page, product: Product) -> None:
    keys = Keys(page)
    page.goto("/")
    expect(page.get_by_role("button", name="New flow").first).to_be_visible()
    keys.reach("button:text-is('New flow')")
    keys.press("Enter")
    expect(page.get_by_test_id("canvas")).to_be_visible()
    keys.press("u")
    expect(page.get_by_test_id("outline")).to_be_visible()
    build(keys)
    configure(keys)
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    expect(page.get_by_test_id("issues-button")).to_have_count(0)
    keys.reach("[data-testid='publish']")
    keys.press("Enter")
    expect(page.get_by_test_id("published")).to_be_visible()
    flow = re.search(r"/flows/([^/?]+)", page.url)
    assert flow
    with product.client("editor") as client:
        graph = client.get(f"/api/v1/flows/{flow.group(1)}/draft/").json()["graph"]
    assert (len(graph["nodes"]), len(graph["edges"])) == (14, 17)
    config = {node["name"]: node["config"] for node in graph["nodes"]}
    assert (config["Two days"]["for"], config["Three days"]["for"]) == ("2d", "3d")
    assert config["E-mail 3"]["subject"] == "Number 3"
