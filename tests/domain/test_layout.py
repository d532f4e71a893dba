"""Layout: any graph gets places, nothing overlaps, the picture is the same each time and reads as drawn."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowstudio.domain.graph import CARD_WIDTH, Graph, Position
from flowstudio.domain.layout import layout
from flowstudio.domain.layout.acyclic import backward
from flowstudio.domain.layout.frame import Direction, height
from flowstudio.domain.layout.ranks import longest_path, ranks
from tests.domain.drawn import CATALOGUE, graph, graphs


def overlapping(drawn: Graph, places: dict[str, Position]) -> list[tuple[str, str]]:
    found = []
    for a, b in combinations(drawn.nodes, 2):
        p, q = places[a.id], places[b.id]
        high_p, high_q = height(a.type, CATALOGUE), height(b.type, CATALOGUE)
        if abs(p.x - q.x) < CARD_WIDTH and p.y < q.y + high_q and q.y < p.y + high_p:
            found.append((a.id, b.id))
    return found


@given(graphs(), st.sampled_from(["down", "right"]))
@settings(max_examples=150, deadline=None)
def test_any_graph_is_laid_out_without_overlaps(drawn: Graph, direction: Direction) -> None:
    places = layout(drawn, CATALOGUE, direction)
    assert set(places) == {node.id for node in drawn.nodes}
    assert overlapping(drawn, places) == []


@given(graphs())
@settings(max_examples=50, deadline=None)
def test_the_same_graph_gives_the_same_picture(drawn: Graph) -> None:
    assert layout(drawn, CATALOGUE) == layout(drawn, CATALOGUE)


@given(st.integers(2, 40), st.data())
@settings(max_examples=60, deadline=None)
def test_ranks_go_down_and_are_never_longer_than_the_longest_path_ranking(count: int, data: st.DataObject) -> None:
    edges = [(data.draw(st.integers(0, node - 1)), node, 1) for node in range(1, count)]
    found = ranks(count, edges, pivots=1_000)
    plain = longest_path(count, edges)
    assert min(found) == 0
    assert all(found[target] > found[source] for source, target, _ in edges)
    assert sum(found[t] - found[s] for s, t, _ in edges) <= sum(plain[t] - plain[s] for s, t, _ in edges)


def test_the_main_path_is_straight_and_starts_at_the_origin() -> None:
    drawn = graph("t a", "a b", "b:c0 x", "b:else c", "c d", "d e", types={"t": "trigger.event", "b": "branch"})
    places = layout(drawn, CATALOGUE)
    assert places["t"] == Position(x=0, y=0)
    assert {places[name].x for name in "tabcde"} == {0}
    assert places["x"].x < 0, "the case before the main branch stands left of it"


def test_gaps_are_those_of_the_looks() -> None:
    drawn = graph(
        "t a", "a w", "w b", "b:else c", "b:c0 x", types={"t": "trigger.event", "w": "wait.delay", "b": "branch"}
    )
    places = layout(drawn, CATALOGUE)
    assert [places[name].y for name in "tawb"] == [0, 116, 232, 312]
    assert places["c"].y == places["x"].y == 312 + 76 + 56
    assert abs(places["c"].x - places["x"].x) == CARD_WIDTH + 32


def test_branches_stand_in_the_order_of_their_ports() -> None:
    drawn = graph("t b", "b:c0 p", "b:c1 q", "b:c2 r", "b:else s", types={"t": "trigger.event", "b": "branch"})
    places = layout(drawn, CATALOGUE)
    assert places["p"].x < places["q"].x < places["r"].x < places["s"].x


def test_reading_to_the_right_turns_the_axes() -> None:
    drawn = graph("t a", "a w", types={"t": "trigger.event", "w": "wait.delay"})
    places = layout(drawn, CATALOGUE, "right")
    assert places["t"].x < places["a"].x < places["w"].x
    assert places["w"].y + 20 == places["a"].y + 38, "slim and tall cards share their middle line"


def test_an_edge_back_does_not_turn_the_flow_round() -> None:
    drawn = graph("t a", "a b", "b c", "c a", types={"t": "trigger.event"})
    places = layout(drawn, CATALOGUE)
    assert places["t"].y < places["a"].y < places["b"].y < places["c"].y


def test_breaking_cycles_leaves_none() -> None:
    outs = [[1], [2], [0, 3], [1]]
    assert backward(outs, [0]) == {(2, 0), (3, 1)}


@pytest.mark.parametrize("count", [1, 40])
def test_islands_stand_beside_each_other(count: int) -> None:
    drawn = graph("t a", *[f"i{n}" for n in range(count)], types={"t": "trigger.event"})
    places = layout(drawn, CATALOGUE)
    assert overlapping(drawn, places) == []
    assert places["t"] == Position(x=0, y=0)
    assert all(places[f"i{n}"].x > CARD_WIDTH for n in range(count))


def test_a_chain_of_thousands_does_not_exhaust_the_stack() -> None:
    drawn = graph(*[f"n{n} n{n + 1}" for n in range(3_000)])
    places = layout(drawn, CATALOGUE)
    assert len({place.x for place in places.values()}) == 1
    assert places["n3000"].y == 3_000 * 116


def test_nothing_is_laid_out_as_nothing() -> None:
    assert layout(Graph(), CATALOGUE) == {}
