"""Publishing with customers inside, as values: which places matter, what is chosen unasked, and what is kept (8.2 to 8.4)."""

from __future__ import annotations

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import moving
from flowstudio.domain.errors import InputError
from flowstudio.domain.graph import Edge, Graph, Node
from flowstudio.domain.moving import Inside

MAIL = {"to": "{{ customer.email }}", "subject": "Hi", "body": "Hello", "category": "news"}


def graph(*nodes: tuple[str, str, dict], edges: str) -> Graph:
    lines = []
    for number, part in enumerate(edges.split()):
        source, _, target = part.partition(">")
        name, _, port = source.partition(".")
        lines.append(Edge(id=f"e{number}", source=name, source_port=port or "out", target=target))
    made = tuple(Node(id=key, type=kind, name=key.title(), config=config) for key, kind, config in nodes)
    return Graph(nodes=made, edges=tuple(lines))


START = ("start", "trigger.event", {"event": "X"})
NAP = ("nap", "wait.delay", {"for": "7d"})
REST = ("rest", "wait.delay", {"for": "2d"})
SEND = ("send", "email.send", MAIL)
END = ("end", "exit", {})


def places(before: Graph, after: Graph, **inside: Inside) -> dict[str, moving.Place]:
    return {place.node: place for place in moving.places(before, after, CATALOGUE, inside, old=7, new=8)}


def test_a_name_or_a_place_is_no_change_for_customers():
    before = graph(START, NAP, END, edges="start>nap nap>end")
    after = Graph(
        nodes=tuple(Node(id=node.id, type=node.type, name="Other", config=node.config) for node in before.nodes),
        edges=before.edges,
    )
    assert places(before, after) == {}


def test_r8_4_survivors_are_looked_for_through_other_removed_nodes():
    before = graph(START, NAP, REST, SEND, END, edges="start>nap nap>rest rest>send send>end")
    after = graph(START, END, edges="start>end")
    found = places(before, after, nap=Inside(count=3, waiting=3))
    assert {node: place.to for node, place in found.items() if place.kind == "removed"} == {
        "nap": "end", "rest": "end", "send": "end",
    }  # fmt: skip
    assert (found["nap"].choice, found["nap"].then["move"]) == ("move", "They go on at “End” at once.")


def test_r8_2_what_would_send_is_never_chosen_unasked():
    before = graph(START, NAP, SEND, END, edges="start>nap nap>send send>end")
    shorter = graph(START, ("nap", "wait.delay", {"for": "3d"}), SEND, END, edges="start>nap nap>send send>end")
    nobody_due = places(before, shorter, nap=Inside(count=9, waiting=9))["nap"]
    assert (nobody_due.choice, nobody_due.reaches) == ("move", "")
    some_due = places(before, shorter, nap=Inside(count=9, waiting=9, due=4))["nap"]
    assert (some_due.choice, some_due.reaches) == ("", "Send")
    assert some_due.then["move"] == (
        "Time counts from when each arrived. 4 are past the new end and go on at once, and “Send” is sent to them. "
        "5 get a new end."
    )
    # Another wait comes first: nobody gets anything by it.
    rested = graph(
        START, ("nap", "wait.delay", {"for": "3d"}), REST, SEND, END, edges="start>nap nap>rest rest>send send>end"
    )
    assert places(before, rested, nap=Inside(count=9, waiting=9, due=4))["nap"].choice == "move"


def test_places_with_customers_come_first_then_the_way_through_the_drawing():
    before = graph(START, NAP, REST, SEND, END, edges="start>nap nap>rest rest>send send>end")
    after = graph(START, END, edges="start>end")
    order = [
        place.node
        for place in moving.places(before, after, CATALOGUE, {"rest": Inside(count=1, waiting=1)}, old=1, new=2)
    ]
    assert order == ["rest", "start", "nap", "send"]


def test_orders_name_every_removed_node_and_nothing_strange():
    before = graph(START, NAP, END, edges="start>nap nap>end")
    after = graph(START, END, edges="start>end")
    found = moving.places(before, after, CATALOGUE, {}, old=1, new=2)
    assert moving.orders(found, {}, after)["nodes"]["nap"] == {"choice": "move", "to": "end"}
    assert moving.orders(found, {"choice": "finish"}, after)["nodes"]["nap"] == {"choice": "finish", "to": ""}
    with pytest.raises(InputError, match="neither changed nor removed"):
        moving.orders(found, {"nodes": {"end": {"choice": "exit"}}}, after)
    with pytest.raises(InputError, match="no such node"):
        moving.orders(found, {"nodes": {"nap": {"choice": "move", "to": "moon"}}}, after)


def test_a_run_at_several_places_takes_the_strongest_choice():
    assert moving.together(["move", "finish", "move"]) == "finish"
    assert moving.together(["finish", "exit"]) == "exit"
    assert moving.together(["move"]) == "move"


def test_a_place_is_followed_through_several_publishings():
    first = {"nodes": {"a": {"choice": "move", "to": "b"}}}
    second = {"nodes": {"b": {"choice": "move", "to": "c"}}}
    assert moving.onward([first, second], "a") == "c"
    assert moving.onward([first], "z") == "z"
