"""Building in a real Chromium: every way to change a drawing, by hand and by key, each of it undoable."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawing import Drawing, drag, middle, node_ids
from tests.e2e.product import Product

Document = dict[str, Any]


def node(identity: str, kind: str, x: int, y: int, **config: Any) -> Document:
    return {"id": identity, "type": kind, "name": identity.title(), "config": config, "position": {"x": x, "y": y}}


def edge(source: str, target: str, port: str = "out") -> Document:
    return {"id": f"{source}_{port}", "source": source, "source_port": port, "target": target}


def document() -> Document:
    """start → size → (big: alert | else: pause → end)."""
    cases = [{"id": "big", "name": "Big", "when": "customer.traits.employees > 100"}]
    return {
        "schema": 1,
        "nodes": [
            node("start", "trigger.event", 0, 0, event="Signed Up"),
            node("size", "branch", 0, 116, cases=cases),
            node("alert", "slack.message", -280, 248, channel="#sales", text="Hello"),
            node("pause", "wait.delay", 0, 248, **{"for": "2d"}),
            node("end", "exit", 0, 328, reason="over"),
        ],
        "edges": [
            edge("start", "size"),
            edge("size", "alert", "big"),
            edge("size", "pause", "else"),
            edge("pause", "end"),
        ],
        "notes": [],
        "settings": {},
    }


@pytest.fixture(scope="module")
def editor_client(product: Product) -> Iterator[httpx.Client]:
    with product.client("editor") as client:
        yield client


class Built(Drawing):
    """A flow of its own, open in the editor, and its draft as the server has it."""

    def __init__(self, page: Page, client: httpx.Client, graph: Document | None = None) -> None:
        super().__init__(page)
        self.client = client
        made = client.post("/api/v1/flows/", json={"name": "Building", "graph": graph or document()})
        assert made.status_code == 201, made.text
        self.flow = made.json()["id"]
        self.open()

    def open(self) -> None:
        self.page.goto(f"/flows/{self.flow}")
        expect(self.page.get_by_test_id("canvas")).to_be_visible()

    def draft(self) -> Document:
        self.saved()
        answer: Document = self.client.get(f"/api/v1/flows/{self.flow}/draft/").json()["graph"]
        return answer

    def links(self) -> set[str]:
        return {f"{e['source']}.{e['source_port']}>{e['target']}" for e in self.draft()["edges"]}

    def pick(self, *ids: str) -> None:
        """Chooses cards, the first alone, the others added."""
        for number, identity in enumerate(ids):
            self.page.get_by_test_id(f"node-{identity}").click(
                modifiers=["Shift"] if number else [], position={"x": 60, "y": 20}
            )

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def undone(self, act: Callable[[], None], label: str) -> None:
        """What was done is named, and undone exactly."""
        before = self.draft()
        act()
        expect(self.page.get_by_test_id("undo")).to_have_attribute("aria-label", f"Undo: {label}")
        assert self.draft() != before
        self.press("Control+z")
        expect(self.page.get_by_test_id("undo")).not_to_have_attribute("aria-label", f"Undo: {label}")
        assert self.draft() == before
        self.press("Control+Shift+z")
        expect(self.page.get_by_test_id("undo")).to_have_attribute("aria-label", f"Undo: {label}")


@pytest.fixture
def built(page: Page, editor_client: httpx.Client) -> Built:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return Built(page, editor_client)


def test_a_step_is_renamed_in_place_by_key_and_by_double_click(built: Built) -> None:
    def rename() -> None:
        built.pick("pause")
        built.press("F2")
        built.page.keyboard.type("A rest")
        built.press("Enter")

    built.undone(rename, "Rename")
    assert {n["id"]: n["name"] for n in built.draft()["nodes"]}["pause"] == "A rest"
    built.page.get_by_test_id("node-alert").dblclick(position={"x": 80, "y": 20})
    built.page.get_by_test_id("rename").fill("Tell sales")
    built.press("Escape")
    expect(built.page.get_by_test_id("node-alert")).to_contain_text("Alert")


def test_a_step_is_replaced_and_keeps_its_lines(built: Built) -> None:
    def replace() -> None:
        built.pick("pause")
        built.press("r")
        built.page.keyboard.type("Update cust")
        built.press("Enter")

    before = built.links()
    built.undone(replace, "Replace Pause with Update customer")
    assert built.links() == before
    kinds = {n["id"]: n["type"] for n in built.draft()["nodes"]}
    assert kinds["pause"] == "customer.update"


def test_a_step_is_switched_off_and_on(built: Built) -> None:
    def off() -> None:
        built.pick("alert")
        built.press("o")

    built.undone(off, "Switch off Alert")
    assert [n["id"] for n in built.draft()["nodes"] if n.get("disabled")] == ["alert"]
    expect(built.page.get_by_test_id("node-alert")).to_contain_text("Off, customers pass through")
    built.press("o")
    assert not any(n.get("disabled") for n in built.draft()["nodes"])
    built.pick("start")
    built.press("o")
    assert not any(n.get("disabled") for n in built.draft()["nodes"])


def test_a_whole_branch_is_chosen_moved_and_copied(built: Built) -> None:
    built.pick("pause")
    built.press("b")
    expect(built.page.get_by_role("heading", name="2 steps")).to_be_visible()

    def move() -> None:
        built.pick("pause")
        built.press("m")
        expect(built.page.get_by_test_id("picking")).to_contain_text("Where does the branch “Pause” go?")
        built.page.get_by_test_id("port-plus-alert-out").click()

    built.undone(move, "Move Pause and 1 more")
    assert built.links() == {"start.out>size", "size.big>alert", "alert.out>pause", "pause.out>end"}
    built.press("Control+z")

    def copy() -> None:
        built.pick("pause")
        built.press("Shift+M")
        built.pick("alert")

    built.undone(copy, "Copy Pause and 1 more")
    assert {"alert.out>pause_2", "pause_2.out>end_2", "size.else>pause"} <= built.links()


def test_a_line_leads_elsewhere_by_hand_and_by_key(built: Built) -> None:
    page = built.page

    def by_hand() -> None:
        page.get_by_test_id("edge-size_big").click(force=True)
        grip = page.locator(".react-flow__edgeupdater-target")
        drag(page, middle(grip), middle(page.get_by_test_id("node-end")))

    built.undone(by_hand, "Lead to End")
    assert "size.big>end" in built.links()

    def by_key() -> None:
        page.locator('.react-flow__edge[data-id="size_big"]').focus()
        built.press("Enter", "l")
        expect(page.get_by_test_id("picking")).to_be_visible()
        page.locator('.react-flow__node[data-id="alert"]').focus()
        built.press("Enter")

    built.undone(by_key, "Lead to Alert")
    assert "size.big>alert" in built.links()
    page.get_by_test_id("edge-size_big").click(force=True)
    built.press("Delete")
    assert not any(link.startswith("size.big") for link in built.links())


def test_parts_travel_as_text_between_flows_and_bad_text_gets_a_sentence(
    built: Built, editor_client: httpx.Client
) -> None:
    page = built.page
    built.pick("pause", "end")
    built.press("Control+c")
    text = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert {n["id"] for n in text["nodes"]} == {"pause", "end"}
    other = Built(page, editor_client, {"schema": 1, "nodes": [], "edges": [], "notes": [], "settings": {}})
    page.get_by_test_id("canvas").click(position={"x": 300, "y": 500})
    built.press("Control+v")
    expect(page.get_by_test_id("node-pause")).to_be_visible()
    assert other.links() == {"pause.out>end"}
    before = len(other.draft()["nodes"])
    page.evaluate("text => navigator.clipboard.writeText(text)", json.dumps({"graph": document(), "revision": 3}))
    built.press("Control+v")
    expect(page.get_by_test_id("undo")).to_have_attribute("aria-label", "Undo: Paste 5 steps")
    assert len(other.draft()["nodes"]) == before + 5
    for bad, sentence in (("hello", "is text, not steps"), ('{"nodes": [', "not whole"), ('{"a": 1}', "no “nodes”")):
        page.evaluate("text => navigator.clipboard.writeText(text)", bad)
        built.press("Control+v")
        expect(page.get_by_text(re.compile(sentence)).first).to_be_visible()
    assert len(other.draft()["nodes"]) == before + 5


def test_what_was_copied_follows_a_card_when_it_is_pasted_after_it(built: Built) -> None:
    built.pick("pause")
    built.press("Control+c")
    built.pick("alert")
    built.press("Control+Shift+v")
    expect(built.page.get_by_test_id("undo")).to_have_attribute("aria-label", "Undo: Paste after a card")
    assert "alert.out>pause_2" in built.links()


def test_cards_are_chosen_by_a_frame_and_lined_up(built: Built) -> None:
    page = built.page
    boxes = [page.get_by_test_id(f"node-{name}").bounding_box() for name in ("alert", "end")]
    assert boxes[0] is not None
    assert boxes[1] is not None
    page.keyboard.down("Shift")
    drag(page, (boxes[0]["x"] - 12, boxes[0]["y"] - 12), (boxes[1]["x"] + boxes[1]["width"] + 12, boxes[1]["y"] + 60))
    page.keyboard.up("Shift")
    expect(page.get_by_role("heading", name="3 steps")).to_be_visible()
    places = {n["id"]: n["position"] for n in built.draft()["nodes"]}
    built.undone(lambda: built.press("Alt+a"), "Align left")
    now = {n["id"]: n["position"] for n in built.draft()["nodes"]}
    assert {now[name]["x"] for name in ("alert", "pause", "end")} == {-280}
    assert now["size"] == places["size"]
    built.undone(lambda: built.press("Alt+Shift+v"), "Space evenly down")


def test_only_the_chosen_are_tidied(built: Built) -> None:
    built.pick("pause", "end")
    built.press("Shift+ArrowRight", "Shift+ArrowRight")
    built.pick("end")
    built.press("Shift+ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight")
    before = {n["id"]: n["position"] for n in built.draft()["nodes"]}
    built.pick("pause", "end")
    built.press("Shift+t")
    expect(built.page.get_by_test_id("undo")).to_have_attribute("aria-label", "Undo: Tidy up 2 steps")
    now = {n["id"]: n["position"] for n in built.draft()["nodes"]}
    assert now["end"] == {"x": now["pause"]["x"], "y": now["pause"]["y"] + 80}
    assert {name: now[name] for name in ("start", "size", "alert")} == {
        name: before[name] for name in ("start", "size", "alert")
    }


def test_a_group_is_made_named_collapsed_moved_and_opened(built: Built) -> None:
    page = built.page

    def group() -> None:
        built.pick("pause", "end")
        built.press("Control+g")
        page.get_by_test_id("rename").press("Escape")

    built.undone(group, "Group 2 steps")
    page.locator(".frame-head").dblclick()
    page.get_by_test_id("rename").fill("The rest")
    built.press("Enter")
    assert built.draft()["groups"] == [{"id": "group", "name": "The rest", "nodes": ["end", "pause"]}]
    before = {n["id"]: n["position"] for n in built.draft()["nodes"]}
    x, y = middle(page.locator(".frame-name"))
    drag(page, (x, y), (x + 160, y + 40))
    after = {n["id"]: n["position"] for n in built.draft()["nodes"]}
    by = {name: (after[name]["x"] - before[name]["x"], after[name]["y"] - before[name]["y"]) for name in before}
    assert by["pause"] == by["end"] != (0, 0)
    assert by["size"] == (0, 0)
    built.undone(lambda: built.press("c"), "Collapse The rest")
    expect(page.get_by_test_id("group-group")).to_contain_text("2 steps")
    expect(page.get_by_test_id("node-pause")).to_have_count(0)
    expect(page.get_by_test_id("edge-size_else")).to_be_attached()
    page.reload()
    expect(page.get_by_test_id("group-group")).to_contain_text("1 way in, no ways out")
    built.saved()
    picture = built.client.get(f"/api/v1/flows/{built.flow}/export/?as=svg").text
    assert "The rest" in picture
    assert ">Pause<" not in picture
    page.get_by_test_id("open-group").click()
    expect(page.get_by_test_id("node-pause")).to_be_visible()
    built.undone(lambda: built.press("Control+Shift+g"), "Ungroup The rest")
    assert "groups" not in built.draft()


def test_a_note_is_written_in_markdown_coloured_and_sized(built: Built) -> None:
    page = built.page
    built.press("s")
    page.keyboard.type("# Why\nAsk **sales**\n- [x] done\n[here](javascript:alert(1))")
    built.press("Escape")
    note = page.get_by_test_id("note-note")
    expect(note.locator("strong")).to_have_text("sales")
    expect(note.locator(".md-h1")).to_have_text("Why")
    expect(note.locator("a")).to_have_count(0)
    built.undone(lambda: page.get_by_test_id("note-blue").click(), "Colour a note")
    corner = middle(note.locator(".react-flow__resize-control.bottom.right"))
    built.undone(lambda: drag(page, corner, (corner[0] + 80, corner[1] + 60)), "Resize a note")
    kept = built.draft()["notes"][0]
    assert (kept["color"], kept["size"]["w"] > 300) == ("blue", True)


def test_search_goes_from_find_to_find_and_ends_at_the_card(built: Built) -> None:
    page = built.page
    built.press("Control+f")
    page.get_by_test_id("search-field").fill("#sales")
    expect(page.get_by_test_id("search-count")).to_have_text("1 of 1")
    expect(page.get_by_test_id("search-where")).to_contain_text("Alert")
    page.get_by_test_id("search-field").fill("e")
    expect(page.get_by_test_id("search-count")).to_contain_text("1 of ")
    built.press("Enter")
    expect(page.get_by_test_id("search-count")).to_contain_text("2 of ")
    page.get_by_test_id("search-field").fill("pause")
    expect(page.locator("[data-testid=node-pause].now")).to_be_visible()
    built.press("Escape")
    expect(page.get_by_test_id("search")).to_have_count(0)
    expect(page.get_by_test_id("node-name")).to_have_value("Pause")


def test_the_history_is_gone_through_by_its_names(built: Built) -> None:
    page = built.page
    start = built.draft()
    built.pick("alert")
    built.press("o", "Control+d", "Delete")
    page.get_by_test_id("history").click()
    for label in ("Opened", "Switch off Alert", "Duplicate Alert", "Delete Alert"):
        expect(page.locator(".history").get_by_text(label)).to_be_visible()
    page.get_by_test_id("step-0").click()
    expect(page.get_by_test_id("step-3")).to_contain_text("undone")
    assert built.draft() == start
    page.get_by_test_id("step-2").click()
    expect(page.get_by_test_id("node-alert_2")).to_be_visible()


def test_the_menu_offers_what_can_be_done_here_and_works_by_key(built: Built) -> None:
    page = built.page
    page.get_by_test_id("node-alert").click(button="right")
    expect(page.get_by_test_id("menu-off")).to_contain_text("Switch off")
    expect(page.get_by_test_id("menu-inline")).to_have_count(0)
    built.press("Escape")
    expect(page.get_by_test_id("context-menu")).to_have_count(0)
    # The key that closes the menu leaves chosen what is chosen.
    expect(page.get_by_test_id("node-name")).to_have_value("Alert")
    page.locator('.react-flow__node[data-id="pause"]').focus()
    built.press("Shift+F10")
    expect(page.get_by_test_id("menu-rename")).to_be_visible()
    page.get_by_test_id("menu-off").click()
    assert [n["id"] for n in built.draft()["nodes"] if n.get("disabled")] == ["pause"]


def test_where_one_looked_is_remembered_for_each_flow(built: Built) -> None:
    page = built.page
    built.pick("pause")
    built.press("Shift+f")
    page.wait_for_timeout(400)
    place = page.locator(".react-flow__viewport").evaluate("one => one.style.transform")
    page.goto("/")
    built.open()
    expect(page.locator(".react-flow__viewport")).to_have_attribute("style", re.compile(re.escape(place)))


def test_every_key_on_the_sheet_is_a_command(built: Built) -> None:
    built.press("?")
    sheet = built.page.get_by_test_id("keys")
    for words in (
        "Replace with another step",
        "Switch off or on",
        "Move the branch to…",
        "Group",
        "Search in this flow",
    ):
        expect(sheet.get_by_text(words, exact=True)).to_be_visible()


def test_a_step_is_added_and_inserted_without_the_mouse(built: Built) -> None:
    page = built.page
    page.locator('.react-flow__edge[data-id="pause_out"]').focus()
    built.press("Enter", "n")
    page.keyboard.type("Update cust")
    built.press("Enter")
    new = (node_ids(page) - {"start", "size", "alert", "pause", "end"}).pop()
    assert {f"pause.out>{new}", f"{new}.out>end"} <= built.links()


def renamed(built: Built, identity: str, name: str) -> None:
    """Somebody else saves another name for a step."""
    answer = built.client.get(f"/api/v1/flows/{built.flow}/draft/").json()
    for one in answer["graph"]["nodes"]:
        if one["id"] == identity:
            one["name"] = name
    put = built.client.put(
        f"/api/v1/flows/{built.flow}/draft/", json={"graph": answer["graph"], "revision": answer["revision"]}
    )
    assert put.status_code == 200, put.text


def test_two_who_build_see_each_other_and_each_others_changes(built: Built) -> None:
    page = built.page
    expect(page.get_by_test_id("people")).to_have_count(0)
    second = page.context.new_page()
    second.goto(f"/flows/{built.flow}")
    second.get_by_test_id("node-alert").click(position={"x": 60, "y": 20})
    expect(page.get_by_test_id("person")).to_have_attribute("aria-label", "You, at another page: Alert")
    expect(page.get_by_test_id("other-alert")).to_contain_text("You, elsewhere")
    expect(second.get_by_test_id("person")).to_be_visible()
    built.pick("pause")
    built.press("o")
    expect(second.get_by_test_id("node-pause")).to_contain_text("Off")
    second.get_by_test_id("node-name").fill("Tell them")
    expect(page.get_by_test_id("node-alert")).to_contain_text("Tell them")
    # Going back takes back one's own step, and leaves the other's.
    built.press("Control+z")
    expect(second.get_by_test_id("node-pause")).not_to_contain_text("Off")
    expect(page.get_by_test_id("node-alert")).to_contain_text("Tell them")
    second.close()
    expect(page.get_by_test_id("people")).to_have_count(0)


def test_what_both_changed_is_shown_from_both_sides_and_chosen_one_by_one(built: Built) -> None:
    page = built.page
    built.saved()
    # The server does not answer: what is drawn waits in the browser.
    page.route("**/draft/", lambda route: None if route.request.method == "PUT" else route.continue_())
    for identity, name in (("pause", "My rest"), ("end", "My end")):
        built.pick(identity)
        page.get_by_test_id("node-name").fill(name)
        page.get_by_test_id("node-name").press("Enter")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saving")
    renamed(built, "pause", "Their rest")
    renamed(built, "end", "Their end")
    renamed(built, "alert", "Their alert")
    # Nothing is lost by a reload, either.
    page.reload()
    expect(page.get_by_test_id("conflict")).to_be_visible()
    page.unroute("**/draft/")
    expect(page.get_by_test_id("clash-pause")).to_contain_text("named “My rest”")
    expect(page.get_by_test_id("clash-pause")).to_contain_text("named “Their rest”")
    expect(page.get_by_test_id("clash-alert")).to_have_count(0)
    page.get_by_test_id("theirs-pause").check()
    page.get_by_test_id("keep-mine").click()
    built.saved()
    names = {n["id"]: n["name"] for n in built.draft()["nodes"]}
    assert (names["pause"], names["end"], names["alert"]) == ("Their rest", "My end", "Their alert")


def test_a_branch_becomes_a_flow_of_its_own_and_comes_back(built: Built) -> None:
    page = built.page
    before = built.links()
    built.pick("pause")
    built.press("b", "Control+e")
    page.get_by_test_id("subflow-name").fill("The rest")
    page.get_by_test_id("subflow-make").click()
    expect(page.get_by_test_id("node-start_2")).to_be_visible()
    assert built.links() == {"start.out>size", "size.big>alert", "size.else>start_2"}
    (start,) = [n for n in built.draft()["nodes"] if n["id"] == "start_2"]
    other = built.client.get(f"/api/v1/flows/{start['config']['flow']}/draft/").json()["graph"]
    assert {n["type"] for n in other["nodes"]} == {"trigger.manual", "wait.delay", "exit"}
    assert built.client.get(f"/api/v1/flows/{start['config']['flow']}/").json()["name"] == "The rest"
    built.pick("start_2")
    built.press("Control+Shift+e")
    expect(page.get_by_test_id("node-pause")).to_be_visible()
    assert built.links() == before
    built.pick("start", "size")
    built.press("Control+e")
    expect(page.get_by_text("The trigger stays here").first).to_be_visible()


def test_a_collapsed_group_is_looked_into_where_nothing_may_be_changed(built: Built) -> None:
    page = built.page
    draft = document()
    draft["groups"] = [{"id": "rest", "name": "Rest", "nodes": ["pause", "end"], "collapsed": True}]
    made = built.client.post("/api/v1/flows/", json={"name": "Watched", "graph": draft}).json()
    answer = built.client.post(f"/api/v1/flows/{made['id']}/publish/", json={"revision": made["draft_revision"]})
    assert answer.status_code in (200, 201), answer.text
    page.goto(f"/flows/{made['id']}?mode=live")
    expect(page.get_by_test_id("group-rest")).to_contain_text("2 steps")
    page.get_by_test_id("open-rest").click()
    expect(page.get_by_test_id("node-pause")).to_be_visible()
    page.get_by_test_id("collapse-rest").click()
    expect(page.get_by_test_id("node-pause")).to_have_count(0)
    graph = built.client.get(f"/api/v1/flows/{made['id']}/draft/").json()["graph"]
    assert graph["groups"][0]["collapsed"] is True
