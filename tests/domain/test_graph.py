"""The graph document: any JSON value gives a graph or GraphMalformed; one deterministic form (CONTRACT)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain.errors import GraphMalformed
from flowstudio.domain.graph import MAX_NODES, is_id, parse, serialise
from tests.domain.drawing_lots import hostile, lots

ids = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,8}\Z").filter(is_id)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
places = st.fixed_dictionaries({"x": st.integers(-9999, 9999) | st.floats(-1e6, 1e6), "y": st.integers(-9999, 9999)})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A well-formed document in any order."""
    nodes = draw(st.lists(ids, max_size=5, unique=True))
    return {
        "schema": 1,
        "nodes": [
            {
                "id": node,
                "type": draw(st.sampled_from(["branch", "exit", "gone.away"])),
                "name": draw(st.text(max_size=9)),
                "config": draw(st.dictionaries(st.text(max_size=5), values, max_size=3)),
                **({"position": draw(places)} if draw(st.booleans()) else {}),
            }
            for node in nodes
        ],
        "edges": [
            {"id": edge, "source": draw(ids), "source_port": draw(st.text(max_size=9)), "target": draw(ids)}
            for edge in draw(st.lists(ids, max_size=4, unique=True))
        ],
        "notes": [
            {"id": note, "text": draw(hostile), "position": draw(places), "size": {"w": 200, "h": 90.5}}
            for note in draw(st.lists(ids, max_size=2, unique=True))
        ],
        "settings": draw(st.dictionaries(st.text(max_size=5), values, max_size=3)),
    }


def written(document: Any) -> str:
    return json.dumps(serialise(parse(document)))


@given(documents())
@lots(25)
def test_what_is_read_is_written_back_and_read_again(document: dict[str, Any]) -> None:
    again = serialise(parse(document))
    assert repr(parse(again)) == repr(parse(serialise(parse(again))))
    assert json.dumps(again) == written(again)
    for key in ("nodes", "edges", "notes"):
        by_id = {item["id"]: item for item in again[key]}
        for item in document[key]:
            assert json.dumps(by_id[item["id"]], sort_keys=True) == json.dumps(item, sort_keys=True)
    assert json.dumps(again["settings"], sort_keys=True) == json.dumps(document["settings"], sort_keys=True)


@given(documents(), st.randoms(use_true_random=False))
@lots(30)
def test_the_same_graph_is_written_the_same_in_whatever_order_it_came(document: dict[str, Any], random: Any) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            keys = list(value)
            random.shuffle(keys)
            return {key: shuffled(value[key]) for key in keys}
        return value

    other = shuffled(document)
    for key in ("nodes", "edges", "notes"):
        other[key] = [shuffled(item) for item in document[key]]
        random.shuffle(other[key])
    assert written(other) == written(document)


@given(values | st.dictionaries(st.sampled_from(["schema", "nodes", "edges", "notes", "settings"]), values))
@lots(150)
def test_any_json_value_is_a_graph_or_malformed(value: Any) -> None:
    try:
        parse(value)
    except GraphMalformed as error:
        assert error.problems
        assert all(sentence.endswith(".") for _, sentence in error.problems)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A well-formed document with one value somewhere replaced by any other, or taken out."""
    document = json.loads(json.dumps(draw(documents())))
    at = document
    while True:
        steps = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not steps:
            return document
        step = draw(st.sampled_from(steps))
        if isinstance(at[step], dict | list) and at[step] and draw(st.booleans()):
            at = at[step]
            continue
        if draw(st.booleans()):
            at[step] = draw(values)
        else:
            del at[step]
        return document


@given(damaged())
@lots(60)
def test_a_damaged_document_is_a_graph_or_malformed(document: Any) -> None:
    try:
        graph = parse(document)
    except GraphMalformed as error:
        for path, _ in error.problems:
            # The place is there: its parent can be found in the document.
            at = document
            for part in path.split(".")[:-1] if path else []:
                at = at[int(part)] if isinstance(at, list) else at.get(part, {})
    else:
        assert json.loads(json.dumps(serialise(graph))) == json.loads(written(serialise(graph)))


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(GraphMalformed) as caught:
        parse(
            {
                "schema": 2,
                "nodes": [
                    {"id": "1x", "type": 3},
                    {"id": "a", "type": "exit", "position": {"x": "left"}},
                    {"id": "a", "type": "x"},
                    7,
                ],
                "edges": [{"id": "for", "source": "a", "target": None}],
                "notes": "none",
                "settings": [],
            }
        )
    assert {path for path, _ in caught.value.problems} == {
        "schema",
        "nodes.0.id",
        "nodes.0.type",
        "nodes.1.position.x",
        "nodes.1.position.y",
        "nodes.2",
        "nodes.3",
        "edges.0.id",
        "edges.0.target",
        "notes",
        "settings",
    }


@pytest.mark.parametrize("identity", ["a", "_", "Z9", "x" * 64, "trueish"])
def test_ids_that_always_are_an_expression(identity: str) -> None:
    assert is_id(identity)


@pytest.mark.parametrize("identity", ["", "1a", "a-b", "a.b", "é", "x" * 65, "true", "in", "for", "a\n", None, 3])
def test_ids_that_are_refused(identity: object) -> None:
    assert not is_id(identity)


def test_too_many_nodes_are_one_problem() -> None:
    with pytest.raises(GraphMalformed) as caught:
        parse({"nodes": [{}] * (MAX_NODES + 1)})
    assert [path for path, _ in caught.value.problems] == ["nodes"]
    with pytest.raises(GraphMalformed) as caught:
        parse({"nodes": [{}] * MAX_NODES})
    assert len(caught.value.problems) == 200
