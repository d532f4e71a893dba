"""Routes: orthogonal, from a port to the middle of a top, beside cards rather than under them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings

from flowstudio.domain.graph import Edge, Graph, Node, Position
from flowstudio.domain.layout import layout
from flowstudio.domain.layout.route import Router, place_ports, route
from tests.domain.drawn import CATALOGUE, graph, graphs


@given(graphs())
@settings(max_examples=80, deadline=None)
def test_every_edge_is_orthogonal_and_joins_its_cards(drawn: Graph) -> None:
    places = layout(drawn, CATALOGUE)
    router = Router(drawn, CATALOGUE, places)
    for edge in drawn.edges:
        points = router.route(edge)
        assert points[0] == router.starts[edge.source, edge.source_port]
        assert points[-1] == (places[edge.target].x + 124, places[edge.target].y)
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))


def test_the_first_bend_is_28_below_the_source() -> None:
    drawn = graph("b:c0 x", "b:else y", types={"b": "branch"})
    places = {"b": Position(x=0, y=0), "x": Position(x=-280, y=132), "y": Position(x=0, y=132)}
    lines = route(drawn, CATALOGUE, places)
    assert lines["e0"] == [(49.6, 76.0), (49.6, 104.0), (-156.0, 104.0), (-156.0, 132)]
    assert lines["e1"] == [(124.0, 76), (124.0, 132)]


def test_a_card_in_the_way_is_passed_by() -> None:
    drawn = Graph(
        nodes=tuple(Node(id=i, type="wait.delay") for i in "abc"),
        edges=(Edge(id="e", source="a", source_port="out", target="c"),),
    )
    places = {"a": Position(x=0, y=0), "b": Position(x=0, y=120), "c": Position(x=0, y=240)}
    points = route(drawn, CATALOGUE, places)["e"]
    for (ax, ay), (bx, by) in pairwise(points):
        inside = min(ax, bx) < 248 and max(ax, bx) > 0 and min(ay, by) < 160 and max(ay, by) > 120
        assert not inside, points


def test_a_way_back_runs_round_the_side() -> None:
    drawn = graph("a b", "b a", types={"a": "wait.delay", "b": "wait.delay"})
    places = layout(drawn, CATALOGUE)
    points = route(drawn, CATALOGUE, places)["e1"]
    assert min(x for x, _ in points) < 0 or max(x for x, _ in points) > 248
    assert points[-2][1] < points[-1][1], "it comes in from above"


def test_an_edge_to_nowhere_has_no_route() -> None:
    drawn = Graph(nodes=(Node(id="a", type="call"),), edges=(Edge(id="e", source="a", source_port="out", target="z"),))
    assert route(drawn, CATALOGUE, layout(drawn, CATALOGUE)) == {"e": []}


def test_ports_are_placed_as_on_the_canvas() -> None:
    assert place_ports([None]) == [0.5]
    assert place_ports([-280, 0]) == [0.2, 0.5]
    assert place_ports([0, 280]) == [0.5, 0.8]
    assert place_ports([-280, 0, 280]) == [0.2, 0.5, 0.8]
    assert place_ports([280, -280]) == [0.8, 0.2]
    assert place_ports([None, None, None]) == [0.2, 0.5, 0.8]
