"""The onboarding unit end to end, as a marketer and their customers live it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import segment.analytics as segment
from playwright.sync_api import Page, expect

from flowstudio.sandbox import companies
from tests.e2e.drawing import Drawing
from tests.e2e.product import Product

TALL = {"width": 1920, "height": 1760}
INTEGRATED = ["Salesforce", "HubSpot", "Segment", "Snowflake"]
LEFT, MAIN, RIGHT = 250, 645, 1040
# Type, place of the card's middle on the canvas, name.
CARDS = {
    "start": ("trigger.event", MAIN, 70, "Signed up"),
    "enrich": ("clearbit.enrich", MAIN, 195, "Enrich company"),
    "save": ("warehouse.save", MAIN, 325, "Save company"),
    "size": ("branch", MAIN, 455, "Company size"),
    "alert": ("slack.message", LEFT, 595, "Alert sales"),
    "techno": ("datayze.technographics", MAIN, 595, "Technographics"),
    "stack": ("warehouse.save", MAIN, 725, "Save stack"),
    "uses": ("branch", MAIN, 855, "Integration"),
    "mail1": ("email.send", MAIN, 995, "E-mail 1"),
    "wait1": ("wait.delay", MAIN, 1125, "Two days"),
    "mail2": ("email.send", MAIN, 1240, "E-mail 2"),
    "wait2": ("wait.delay", MAIN, 1370, "Three days"),
    "mail3": ("email.send", MAIN, 1485, "E-mail 3"),
    "end": ("exit", RIGHT, 995, "No integration"),
}
LINKS = [
    ("start", "out", "enrich"), ("enrich", "out", "save"), ("enrich", "not_found", "size"), ("enrich", "error", "size"),
    ("save", "out", "size"), ("size", "case_1", "alert"), ("size", "else", "techno"), ("techno", "out", "stack"),
    ("techno", "not_found", "end"), ("techno", "error", "end"), ("stack", "out", "uses"), ("uses", "case_1", "mail1"),
    ("uses", "else", "end"), ("mail1", "out", "wait1"), ("wait1", "out", "mail2"), ("mail2", "out", "wait2"),
    ("wait2", "out", "mail3"),
]  # fmt: skip


def draw(drawing: Drawing) -> dict[str, str]:
    """Drags every card onto the canvas and connects them; answers the ids by our names."""
    ids = {key: drawing.place(*card) for key, card in CARDS.items()}
    for source, port, target in LINKS:
        drawing.connect(ids[source], port, ids[target])
    return ids


def configure(drawing: Drawing, ids: dict[str, str]) -> None:
    """Fills the forms, as far as their defaults do not say it already."""
    page = drawing.page
    drawing.choose(ids["start"])
    drawing.fill("event", "Signed Up")
    drawing.choose(ids["save"])
    drawing.fill("table", "company_profile")
    drawing.fill("key", "customer_id")
    drawing.fill(
        "row",
        json.dumps({"customer_id": "{{ customer.id }}", "employees": "{{ customer.traits.employees }}"}),
    )
    drawing.choose(ids["size"])
    case = page.get_by_test_id("cases")
    case.get_by_label("Name of case 1").fill("> 100 employees")
    case.get_by_label("Field").fill("employees")
    case.get_by_label("Comparison").select_option("gt")
    case.get_by_label("Value").fill("100")
    drawing.choose(ids["alert"])
    drawing.fill("channel", "#sales")
    drawing.fill("text", "{{ customer.traits.company_name }} signed up: {{ customer.traits.employees }} employees.")
    drawing.choose(ids["stack"])
    drawing.fill("table", "company_stack")
    drawing.fill("key", "customer_id")
    drawing.fill(
        "row",
        json.dumps({"customer_id": "{{ customer.id }}", "technologies": "{{ customer.traits.technologies }}"}),
    )
    drawing.choose(ids["uses"])
    page.get_by_label("Name of case 1").fill("Uses a technology we integrate")
    page.get_by_test_id("edit-as-cel").click()
    page.locator("[data-testid='cases'] .cm-content").click()
    page.keyboard.insert_text(f"customer.traits.technologies.exists(t, t in {json.dumps(INTEGRATED)})")
    for number, subject in ((1, "Connect what you already use"), (2, "Your first journey"), (3, "Shall we talk?")):
        drawing.choose(ids[f"mail{number}"])
        drawing.fill("subject", subject)
        drawing.fill("body", f"Hello {{{{ customer.traits.name | default: 'there' }}}}, this is e-mail {number}.")
    drawing.choose(ids["wait1"])
    drawing.fill("for", "2")
    drawing.choose(ids["wait2"])
    drawing.fill("for", "3")


def signing_up(company: companies.Company, user: str) -> dict[str, object]:
    """What the site knows of somebody of this company."""
    return {"user_id": user, "traits": {"email": f"{user}@{company.domain}", "name": f"Person {user}"}}


def company(*, big: bool) -> companies.Company:
    """A company that the sandbox vendors know: of more than 100 people, or a small one that uses what we integrate."""
    return next(
        one
        for one in companies.known()
        if (one.employees > 100 if big else one.employees <= 100 and set(one.technologies) & set(INTEGRATED))
    )


@pytest.mark.parametrize("page", [TALL], indirect=True)
def test_drawn_from_nothing_and_watched_live(page: Page, product: Product, tmp_path: Path) -> None:
    page.goto("/")
    page.get_by_role("button", name="New flow").first.click()
    expect(page.get_by_test_id("canvas")).to_be_visible()
    drawing = Drawing(page)
    ids = draw(drawing)
    configure(drawing, ids)
    drawing.saved()
    expect(page.get_by_test_id("issues-button")).to_have_count(0)
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("published")).to_be_visible()
    page.get_by_test_id("watch-live").click()
    expect(page.get_by_test_id("live-strip").first).to_be_visible()

    client = segment.Client(product.key("ingest"), host=product.url, max_retries=3, gzip=True)
    big, small = company(big=True), company(big=False)
    for one, user in ((big, "big-1"), (small, "small-1")):
        person = signing_up(one, user)
        client.identify(**person)
        client.track(person["user_id"], "Signed Up", {"plan": "trial"})
    client.shutdown()

    expect(page.get_by_test_id("total-completed")).to_have_text("1", timeout=30_000)
    expect(page.get_by_test_id("total-entered")).to_have_text("2")
    expect(page.get_by_test_id(f"node-{ids['alert']}")).to_contain_text("1")
    expect(page.get_by_test_id(f"node-{ids['wait1']}")).to_contain_text("1")
    expect(page.get_by_test_id(f"node-{ids['end']}")).not_to_contain_text("1")

    stream = page.get_by_test_id("live-stream")
    stream.get_by_role("button", name=re.compile("big-1")).click()
    expect(page.get_by_test_id(f"run-step-{ids['size']}")).to_contain_text(f"employees {big.employees} > 100")
    for key in ("start", "enrich", "save", "size", "alert"):
        expect(page.get_by_test_id(f"run-step-{ids[key]}")).to_have_attribute("data-status", "done")
    expect(page.get_by_test_id(f"run-step-{ids['techno']}")).to_have_count(0)

    page.goto(page.url.split("?")[0])
    with page.expect_download() as download:
        page.get_by_test_id("flow-menu").click()
        page.get_by_test_id("export-svg").click()
    drawn = tmp_path / "flow.svg"
    download.value.save_as(drawn)
    text = " ".join(ET.parse(drawn).getroot().itertext())
    missing = [name for _, _, _, name in CARDS.values() if name not in text]
    assert not missing, missing
