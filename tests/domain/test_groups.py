"""Groups of cards: kept by the document, by the layout and by every export (CONTRACT, `groups`)."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.diff import diff
from flowstudio.domain.drawing.dot import dot
from flowstudio.domain.drawing.groups import fold
from flowstudio.domain.drawing.mermaid import mermaid
from flowstudio.domain.drawing.svg import svg
from flowstudio.domain.errors import GraphMalformed
from flowstudio.domain.graph import Graph, Group, parse, serialise
from flowstudio.domain.layout import layout
from flowstudio.domain.layout.clusters import around, boxes_of, card_of
from flowstudio.domain.samples import onboarding_unit
from flowstudio.domain.validate import validate
from tests.domain.drawing_lots import lots
from tests.domain.drawn import graphs


def grouped(**more: Any) -> Graph:
    document = onboarding_unit()
    names = [node["id"] for node in document["nodes"]]
    document["groups"] = [{"id": "g", "name": "Enrich <us>", "nodes": names[2:5], **more}]
    return parse(document)


def test_a_group_is_written_back_and_only_where_there_is_one() -> None:
    written = serialise(grouped())
    assert written["groups"] == [{"id": "g", "name": "Enrich <us>", "nodes": sorted(grouped().groups[0].nodes)}]
    assert serialise(parse(written)) == written
    assert serialise(grouped(collapsed=True))["groups"][0]["collapsed"] is True
    assert "groups" not in serialise(parse(onboarding_unit()))


def test_a_card_is_in_one_group_and_what_is_gone_is_dropped() -> None:
    document = {
        "nodes": [{"id": "a", "type": "exit"}, {"id": "b", "type": "exit"}],
        "groups": [
            {"id": "one", "nodes": ["a", "a", "gone"]},
            {"id": "two", "nodes": ["a", "b"]},
            {"id": "none", "nodes": ["gone"]},
        ],
    }
    assert parse(document).groups == (Group(id="one", nodes=("a",)), Group(id="two", nodes=("b",)))


@pytest.mark.parametrize(
    "group", [{"id": "while"}, {"id": "g", "nodes": "a"}, {"id": "g", "nodes": [1]}, {"id": "g", "collapsed": "no"}]
)
def test_a_group_that_is_none_is_refused_with_its_place(group: dict[str, Any]) -> None:
    with pytest.raises(GraphMalformed) as refused:
        parse({"groups": [group]})
    assert refused.value.problems[0][0].startswith("groups.0")


def test_groups_are_neither_an_issue_nor_a_change_for_customers() -> None:
    plain = parse(onboarding_unit())
    assert validate(grouped(), CATALOGUE) == validate(plain, CATALOGUE)
    found = diff(plain, grouped(), CATALOGUE)
    assert not found.same
    assert not found.behaves_differently
    assert found.sentence == "1 group changed."
    assert diff(grouped(), grouped(collapsed=True), CATALOGUE).same


@given(graphs(), st.data())
@lots(25)
def test_a_laid_out_group_holds_its_own_cards_and_no_other(graph: Graph, data: st.DataObject) -> None:
    names = [node.id for node in graph.nodes]
    first = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=6)) if names else []
    groups = [Group(id="g_1", nodes=tuple(first))] if first else []
    left = [name for name in names if name not in first]
    if left:
        second = data.draw(st.lists(st.sampled_from(left), unique=True, min_size=1, max_size=6))
        groups.append(Group(id="g_2", nodes=tuple(second)))
    drawn = Graph(nodes=graph.nodes, edges=graph.edges, groups=tuple(groups))
    places = layout(drawn, CATALOGUE)
    assert places.keys() == set(names)
    assert places == layout(drawn, CATALOGUE)
    boxes = boxes_of(drawn, places, CATALOGUE)
    frames = [(set(group.nodes), around(group.nodes, boxes)) for group in groups]
    for members, frame in frames:
        assert [name for name in names if name not in members and _overlap(boxes[name], frame)] == []
    assert not any(_overlap(one, other) for (_, one), (_, other) in combinations(frames, 2))
    assert not any(_overlap(boxes[one], boxes[other]) for one, other in combinations(names, 2))


def test_a_collapsed_group_takes_the_room_of_one_card() -> None:
    graph = grouped(collapsed=True)
    places = layout(graph, CATALOGUE)
    folded, frames = fold(graph, CATALOGUE, places)
    assert frames == ()
    boxes = [(n.position.x, n.position.y, n.position.x + 248, n.position.y + 40) for n in folded.nodes if n.position]
    assert len(boxes) == len(graph.nodes) - 2
    assert not any(_overlap(one, other) for one, other in combinations(boxes, 2))
    at = card_of(graph.groups[0], boxes_of(graph, places, CATALOGUE))
    assert [n.position for n in folded.nodes if n.id == "g"] == [at]


def test_every_export_shows_an_open_group_as_a_frame() -> None:
    graph = grouped()
    drawing = svg(graph, CATALOGUE)
    assert ">Enrich &lt;us&gt;<" in drawing
    assert drawing.count("<title>") == svg(parse(onboarding_unit()), CATALOGUE).count("<title>")
    assert 'subgraph g1["Enrich #60;us#62;"]' in mermaid(graph, CATALOGUE)
    assert "subgraph cluster_1" in dot(graph, CATALOGUE)


def test_every_export_shows_a_collapsed_group_as_one_card_with_its_lines() -> None:
    graph = grouped(collapsed=True)
    folded, _ = fold(graph, CATALOGUE, layout(graph, CATALOGUE))
    inside = set(graph.groups[0].nodes)
    crossing = [e for e in graph.edges if (e.source in inside) != (e.target in inside)]
    assert {e.id for e in folded.edges if "g" in (e.source, e.target)} == {e.id for e in crossing}
    drawing = svg(graph, CATALOGUE)
    assert "3 steps" in drawing
    for name in (node.name for node in graph.nodes if node.id in inside):
        assert f">{name}<" not in drawing
    for text in (mermaid(graph, CATALOGUE), dot(graph, CATALOGUE)):
        assert text.count("->") + text.count("-->") >= len(folded.edges)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
