"""A thousand sign-ups at once: accepted in seconds, all of them finish, and the page they appear on stays fluid."""

from __future__ import annotations

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
from playwright.sync_api import Page, expect

from flowstudio.sandbox import traffic
from tests.e2e.product import Product

PEOPLE = 1_000
# Frames are counted by the page itself: how many, and the longest gap between two.
COUNT_FRAMES = """() => {
  window.frames_ = { count: 0, worst: 0, started: performance.now() };
  let last = performance.now();
  const next = (now) => {
    window.frames_.worst = Math.max(window.frames_.worst, now - last);
    window.frames_.count += 1;
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}"""
READ_FRAMES = """() => ({ worst: window.frames_.worst,
  rate: window.frames_.count / (performance.now() - window.frames_.started) * 1000 })"""


def test_a_thousand_at_once(page: Page, product: Product) -> None:
    flow = product.onboarding("A thousand at once")
    page.goto(f"/flows/{flow}?mode=live")
    expect(page.get_by_test_id("total-entered")).to_have_text("0")
    page.evaluate(COUNT_FRAMES)

    people = itertools.groupby(traffic.signups(7), lambda message: message["userId"])
    messages = [message for _, person in itertools.islice(people, PEOPLE) for message in person]
    key = product.key("ingest")
    started = time.monotonic()
    with httpx.Client(base_url=product.url, auth=(key, ""), timeout=60) as client:
        with ThreadPoolExecutor(8) as pool:
            batches = [messages[at : at + 100] for at in range(0, len(messages), 100)]
            answers = list(pool.map(lambda batch: client.post("/v1/batch", json={"batch": batch}), batches))
        accepted_s = time.monotonic() - started
        assert {answer.status_code for answer in answers} == {200}
        assert accepted_s < 20

    with product.client("viewer") as client:
        until = time.monotonic() + 120
        while True:
            runs = client.get(f"/api/v1/flows/{flow}/stats/").json()
            waiting = runs["nodes"].get("wait_1", {}).get("inside", 0)
            ended = runs["runs"]["completed"] + runs["runs"]["failed"]
            if ended + waiting == PEOPLE:
                break
            assert time.monotonic() < until, runs
            time.sleep(0.2)
        finished_s = time.monotonic() - started
        assert runs["runs"]["entered"] == PEOPLE
        assert runs["runs"]["failed"] == 0

    # What the page shows is complete, too, without having been asked again.
    expect(page.get_by_test_id("total-entered")).to_have_text("1,000")
    expect(page.get_by_test_id("total-completed")).to_have_text(f"{ended:,}")
    frames = page.evaluate(READ_FRAMES)
    print(f"\n1,000 sign-ups: accepted in {accepted_s:.1f} s, finished in {finished_s:.1f} s, {frames}")
    # A machine shared with the engine, a browser without a graphics card: fluid means that nothing ever hangs.
    assert frames["worst"] < 1_000
