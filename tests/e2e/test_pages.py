"""Every page but the canvas, as a marketer walks through them: light and dark, wide and narrow, by mouse and keyboard."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.e2e.conftest import RESULTS, sign_in
from tests.e2e.product import ROOT, Product, running

FOLDER = RESULTS / "pages"
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 1024, "height": 768}}
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
PEOPLE = 12
# Elements whose right edge lies outside the window, and that nothing scrolls or cuts.
OUTSIDE = """() => [...document.querySelectorAll('.place *')].filter((each) => {
  const box = each.getBoundingClientRect();
  if (box.width === 0 || box.right <= innerWidth + 1) return false;
  for (let above = each.parentElement; above; above = above.parentElement) {
    if (above.matches('.place')) return true;
    if (getComputedStyle(above).overflowX !== 'visible') return false;
  }
  return true;
}).map((each) => each.outerHTML.slice(0, 120))"""
SHOWN = """() => document.querySelector('main') && !document.querySelector('[aria-busy=true]')
  && document.fonts.status === 'loaded'"""
# What measures itself draws once more after the window has changed.
DRAWN = """async () => { for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame) }"""
# Only the contrast differs between the themes.
VIOLATIONS = """async (theme) => (await axe.run(document, { resultTypes: ['violations'],
    ...(theme === 'dark' && { runOnly: ['color-contrast'] }) })).violations
  .filter((each) => ['serious', 'critical'].includes(each.impact))
  .map((each) => `${each.id}: ${each.nodes.map((node) => node.target).slice(0, 3).join(' | ')}`)"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The sample workspace, as `make run` starts it."""
    with running(tmp_path_factory.mktemp("pages")) as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(browser: Browser, product: Product) -> str:
    """The cookies of the first person in."""
    return sign_in(browser, product)


def test_the_first_minute(page: Page, product: Product) -> None:
    """A fresh workspace says what to do; its button sends a sign-up and leads to the run it started."""
    page.goto("/")
    minute = page.get_by_role("complementary", name="The first minute")
    expect(minute).to_contain_text("Onboarding is live")
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / "first-minute.png")
    minute.get_by_role("button", name="Send a sign-up now").click()
    link = minute.get_by_role("link", name="Watch them in Onboarding")
    expect(link).to_be_visible()
    (name,) = re.findall(r"(\S+ \S+) of \S+ \S+ signed up\.", minute.inner_text())
    link.click()
    page.wait_for_url(re.compile(r"mode=live&run="))
    expect(page.get_by_text(name).first).to_be_visible()

    page.goto("/")
    page.get_by_role("button", name="Hide it").click()
    expect(minute).to_have_count(0)
    page.reload()
    expect(page.get_by_role("row", name=re.compile("Onboarding"))).to_be_visible()
    expect(minute).to_have_count(0)


def test_a_journey_follows_live(page: Page, product: Product) -> None:
    """What a customer does shows on their page without a reload."""
    with httpx.Client(base_url=product.url, trust_env=False) as client:
        key = (product.key("ingest"), "")
        sent = {"userId": "u_live", "type": "identify", "traits": {"name": "Ada Live", "email": "ada@big-live.example"}}
        assert client.post("/v1/batch", json={"batch": [sent]}, auth=key).status_code == 200
        page.goto("/customers?q=ada@big-live.example")
        page.get_by_role("link", name="Ada Live").click()
        log = page.get_by_role("region", name="In order")
        expect(log).to_contain_text("identify")
        track = {"userId": "u_live", "type": "track", "event": "Signed Up"}
        assert client.post("/v1/batch", json={"batch": [track]}, auth=key).status_code == 200
    expect(log).to_contain_text("Posted to #sales")
    expect(page.get_by_role("region", name="Journey")).to_contain_text("Completed")


def test_every_page(page: Page, product: Product) -> None:
    """No page overflows, complains or breaks a rule of accessibility, whichever the theme and the window."""
    product.manage("demo", "traffic", "--count", str(PEOPLE), "--rate", "100", "--seed", "3")
    with product.client("admin") as client:
        until = time.monotonic() + 30
        while client.get("/api/v1/home/").json()["moving"] or len(_listed(client, "runs/")) < PEOPLE:
            assert time.monotonic() < until, "the runs did not come to rest"
            time.sleep(0.2)
        waiting = next(run for run in _listed(client, "runs/") if run["status"] == "active")
        done = next(run for run in _listed(client, "runs/") if run["status"] == "completed")
        event, mail = _listed(client, "events/")[0], _listed(client, "outbox/")[0]
        flow = waiting["flow"]["id"]
    pages = {
        "home": "/",
        "home-none": "/?q=nothing+like+it",
        "runs": "/runs",
        "runs-none": "/runs?q=nobody",
        "run": f"/runs?run={done['id']}",
        "events": "/events",
        "events-none": "/events?q=nothing",
        "event": f"/events?event={event['id']}",
        "customers": "/customers",
        "customers-none": "/customers?q=nobody",
        "customer": f"/customers/{waiting['customer']['id']}",
        "connectors": "/connectors",
        "connector": "/connectors?connector=clearbit",
        "outbox": "/outbox",
        "mail": f"/outbox?mail={mail['id']}",
        "settings": "/settings",
        "not-found": "/nowhere",
        "restored": "/restored",
        "segments": "/segments",
        "history": f"/flows/{flow}?mode=history",
        "simulate": f"/flows/{flow}?mode=simulate",
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    axe = AXE.read_text()
    wrong: list[str] = []
    for name, path in pages.items():
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(SIZES["wide"])
        page.goto(path)
        settle(page)
        page.evaluate(axe)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            for width, size in SIZES.items():
                page.set_viewport_size(size)
                page.evaluate(DRAWN)
                page.screenshot(path=FOLDER / f"{name}-{theme}-{width}.png")
                at = f"{name}, {theme}, {width}"
                if page.evaluate("document.scrollingElement.scrollWidth > innerWidth"):
                    wrong.append(f"{at}: the page is wider than the window")
                wrong += [f"{at}: outside the window: {each}" for each in page.evaluate(OUTSIDE)]
            wrong += [f"{name}, {theme}: {each}" for each in page.evaluate(VIOLATIONS, theme)]
    assert not wrong, "\n".join(wrong)


def test_a_list_by_keyboard_and_its_address(page: Page, product: Product) -> None:
    """Rows move and open by keys, what is open and chosen stands in the address, and Escape closes it."""
    page.goto("/runs?status=completed")
    rows = page.get_by_role("table", name="Runs").get_by_role("row")
    expect(rows.nth(2)).to_be_visible()
    rows.nth(1).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"status=completed.*run="))
    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("Completed")
    page.reload()
    expect(panel).to_contain_text("Completed")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/runs\?status=completed$"))


def test_a_dialog_asks_before_a_new_key_is_gone(page: Page, product: Product) -> None:
    """A key shows once: closing it asks; and the page's policy lets the dialog's own styles through."""
    page.goto("/settings")
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Website")
    dialog.get_by_role("button", name="Make the key").click()
    once = page.get_by_role("status").filter(has_text="Copy “Website” now")
    expect(once).to_contain_text(re.compile(r"fs_in_[\w-]{30,}"))
    once.get_by_role("button", name="Close").click()
    page.get_by_role("dialog", name="Have you kept the key?").get_by_role("button", name="I have it").click()
    expect(once).to_have_count(0)
    expect(page.get_by_role("row", name=re.compile("Website"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"fs_in_[\w-]{30,}"))).to_have_count(0)


def test_a_long_list_comes_in_pages(page: Page, product: Product) -> None:
    """The button for more brings the next page of the list, and nothing twice."""
    with httpx.Client(base_url=product.url, trust_env=False) as client:
        batch = [{"userId": f"many-{n:03}", "type": "track", "event": "Page Viewed"} for n in range(120)]
        assert client.post("/v1/batch", json={"batch": batch}, auth=(product.key("ingest"), "")).status_code == 200
    asked: list[Response] = []
    page.on("response", lambda answer: asked.append(answer) if "/events/?" in answer.url else None)
    page.goto("/events?name=Page+Viewed")
    rows = page.get_by_role("table", name="Events").get_by_role("row").filter(has_text="Page Viewed")
    expect(rows.first).to_be_visible()
    shown = rows.count()
    assert shown < 120
    while page.get_by_role("button", name="Show more").count():
        page.get_by_role("button", name="Show more").click()
        expect(rows.nth(shown)).to_be_visible()
        shown = rows.count()
    assert shown == 120
    people = rows.evaluate_all("all => all.map((row) => row.children[2].textContent)")
    assert len(set(people)) == 120
    assert all(answer.status == 200 for answer in asked)


def test_who_is_not_signed_in_is_led_to_the_door(browser: Browser, product: Product) -> None:
    """The door remembers the page that was wanted, and a one-time link opens it, without a complaint in the console."""
    context = browser.new_context(base_url=product.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.goto("/runs?status=failed")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.endswith("/signin?next=%2Fruns%3Fstatus%3Dfailed")
    link = product.manage("signin").split("/signin/link")[1]
    page.goto(f"/signin/link{link}")
    page.get_by_role("button", name="Sign in on this device").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    assert not complaints, complaints
    context.close()


def _listed(client, path: str) -> list[dict]:  # type: ignore[no-untyped-def,type-arg]
    return list(client.get(f"/api/v1/{path}", params={"limit": 100}).json()["results"])


def settle(page: Page) -> None:
    """Waits until the page shows what it has: nothing is fetched, nothing is a skeleton."""
    page.wait_for_function(SHOWN)
    page.evaluate(DRAWN)
