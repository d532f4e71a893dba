"""A flow in plain English: a sentence a node, in the order in which customers meet them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.explain import explain, sentences
from flowstudio.domain.graph import parse
from flowstudio.domain.samples import onboarding_unit
from tests.domain.drawing_lots import lots
from tests.domain.drawn import graphs


def document(*rows: tuple[str, str, dict[str, Any]], lines: str = "") -> Any:
    edges = []
    for number, line in enumerate(lines.split(", ") if lines else []):
        source, _, target = line.partition(" ")
        node, _, port = source.partition(":")
        edges.append({"id": f"e{number}", "source": node, "source_port": port or "out", "target": target})
    nodes = [{"id": i, "type": kind, "name": i.title(), "config": config} for i, kind, config in rows]
    return parse({"nodes": nodes, "edges": edges})


def test_the_sample_is_told_from_its_trigger_each_step_after_one_that_leads_to_it() -> None:
    graph = parse(onboarding_unit())
    told = [sentence.node for sentence in sentences(graph, CATALOGUE)]
    assert told[0] == "signed_up"
    assert sorted(told) == sorted(node.id for node in graph.nodes)
    before: dict[str, set[str]] = {node.id: set() for node in graph.nodes}
    for edge in graph.edges:
        before[edge.target].add(edge.source)
    for number, node in enumerate(told[1:], start=1):
        assert before[node] & set(told[:number]), node
    text = explain(graph, CATALOGUE)
    assert "> 100 employees: “Alert sales”" in text
    assert "if it fails, “Company size”" in text
    assert "Wait 2 days" in text


def test_a_branch_names_its_ways_in_their_order() -> None:
    graph = document(
        ("start", "trigger.event", {"event": "Go"}),
        (
            "size",
            "branch",
            {"cases": [{"id": "b", "name": "Big", "when": "true"}, {"id": "a", "name": "Small", "when": "true"}]},
        ),
        ("one", "exit", {}),
        ("two", "exit", {}),
        lines="start size, size:else one, size:a two, size:b one",
    )
    assert explain(graph, CATALOGUE).splitlines() == [
        "Start: When a customer does “Go”, then “Size”.".replace(", then", "; then"),
        "Size: Choose the first that fits: Big, Small; otherwise everyone else; Big: “One”, Small: “Two”, Everyone else: “One”.",
        "One: End.",
        "Two: End.",
    ]


def test_a_kind_that_is_not_known_and_a_line_to_nowhere_are_told_too() -> None:
    graph = document(("odd", "gone.away", {}), ("end", "exit", {"reason": "done"}), lines="odd end, odd:x nowhere")
    assert explain(graph, CATALOGUE) == "Odd: a step of a kind that is not known here.\nEnd: done."


@given(graphs(most=10))
@lots(40)
def test_any_graph_has_one_sentence_a_node_and_the_same_again(graph: Any) -> None:
    told = sentences(graph, CATALOGUE)
    assert sorted(sentence.node for sentence in told) == sorted(node.id for node in graph.nodes)
    assert told == sentences(graph, CATALOGUE)
    assert all(sentence.text.endswith(".") for sentence in told)
    assert all(a.node != b.node for a, b in pairwise(told))
