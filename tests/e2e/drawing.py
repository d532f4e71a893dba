"""A marketer's hands: dragging from the palette, connecting ports, filling the panel."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def middle(locator: Locator) -> tuple[float, float]:
    """Where the middle of something is on the screen."""
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Presses, moves in steps as a hand does, lets go."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + (end[0] - start[0]) / 3, start[1] + (end[1] - start[1]) / 3, steps=4)
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def node_ids(page: Page) -> set[str]:
    """The ids of the cards on the canvas."""
    found = page.locator("[data-testid^='node-']").evaluate_all("all => all.map(one => one.dataset.testid)")
    return {name.removeprefix("node-") for name in found if name not in ("node-name", "node-form")}


class Drawing:
    """The editor of one flow."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def place(self, kind: str, x: float, y: float, name: str) -> str:
        """Drags a new node of this type so that its card's middle lies at x, y of the canvas; answers its id."""
        before = node_ids(self.page)
        canvas = self.page.get_by_test_id("canvas").bounding_box()
        assert canvas is not None
        drag(self.page, middle(self.page.get_by_test_id(f"palette-{kind}")), (canvas["x"] + x, canvas["y"] + y))
        expect(self.page.get_by_test_id("node-name")).to_be_visible()
        (new,) = node_ids(self.page) - before
        self.name(name)
        return new

    def name(self, name: str) -> None:
        """Renames the chosen node in the panel."""
        field = self.page.get_by_test_id("node-name")
        field.fill(name)
        field.press("Enter")

    def connect(self, source: str, port: str, target: str) -> None:
        """Drags from a port to a card."""
        edges = self.page.locator("path[data-testid^='edge-']")
        before = edges.count()
        start = middle(self.page.get_by_test_id(f"port-{source}-{port}"))
        drag(self.page, start, middle(self.page.get_by_test_id(f"node-{target}")))
        expect(edges).to_have_count(before + 1)

    def choose(self, node: str) -> None:
        """Clicks a card, which opens its panel."""
        self.page.get_by_test_id(f"node-{node}").click()
        expect(self.page.get_by_test_id("node-form")).to_be_visible()

    def field(self, name: str) -> Locator:
        """A field of the chosen node's form."""
        return self.page.get_by_test_id(f"field-{name}")

    def fill(self, name: str, text: str) -> None:
        """Types into a field, whether it is an input or a code editor."""
        place = self.field(name)
        code = place.locator(".cm-content")
        if code.count():
            code.click()
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(text)
        else:
            place.locator("input, textarea").first.fill(text)

    def saved(self) -> None:
        """Waits until the draft is saved."""
        expect(self.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
