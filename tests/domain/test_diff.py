"""The difference of two drawings: complete (it can be applied), symmetric, deterministic, and said in words."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.diff import ABSENT, Diff, FieldChange, diff, order_left, same
from flowstudio.domain.graph import Graph, Node, Note, Position, parse, serialise
from flowstudio.domain.samples import onboarding_unit
from tests.domain.drawing_lots import lots, plain_json

IDS = ("a", "b", "c", "d")
THINGS = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from(IDS)}, optional={"name": st.text(max_size=3), "when": plain_json}),
    max_size=4,
)
VALUES = (
    plain_json
    | THINGS
    | st.sampled_from(["2d", "3d", "x" * 90, {"all": [{"field": "customer.traits.n", "op": "gt", "value": 1}]}])
    | st.dictionaries(st.sampled_from(["x", "y", "z"]), plain_json, max_size=3)
)
CONFIGS = st.dictionaries(st.sampled_from(["cases", "traits", "for", "body", "e v e n"]), VALUES, max_size=4)
PLACES = st.none() | st.builds(Position, x=st.integers(0, 3), y=st.integers(0, 3))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    nodes = [
        Node(
            id=identity,
            type=draw(st.sampled_from(["branch", "customer.update", "wait.delay", "gone.away"])),
            name=draw(st.sampled_from(["", "One", "Two"])),
            config=draw(CONFIGS),
            position=draw(PLACES),
        )
        for identity in draw(st.lists(st.sampled_from(IDS), unique=True))
    ]
    ends = st.sampled_from([*IDS, "lost"])
    lines = draw(st.lists(st.tuples(ends, st.sampled_from(["out", "else"]), ends), max_size=6))
    notes = [
        Note(id=identity, text=draw(st.sampled_from(["", "Hi"])), position=draw(PLACES) or Position(x=9, y=9))
        for identity in draw(st.lists(st.sampled_from(["n", "m"]), unique=True))
    ]
    document = serialise(Graph(nodes=tuple(nodes), notes=tuple(notes), settings=draw(CONFIGS)))
    prefix = draw(st.sampled_from(["e", "f"]))
    document["edges"] = [
        {"id": f"{prefix}{number}", "source": source, "source_port": port, "target": target}
        for number, (source, port, target) in enumerate(lines)
    ]
    return parse(document)


# -- a difference applied: what it says is put onto the old drawing, and nothing else


def put(fields: tuple[FieldChange, ...], value: Any) -> Any:
    made = copy.deepcopy(dict(value))
    for one in fields:
        holder: Any = made
        for key in one.path[:-1]:
            holder = next(i for i in holder if i["id"] == key) if isinstance(holder, list) else holder[key]
        key = one.path[-1]
        if one.kind == "reordered":
            things = {item["id"]: item for item in holder[key]}
            assert set(things) == set(one.after)
            holder[key] = [things[identity] for identity in one.after]
        elif isinstance(holder, list):
            at = next((n for n, item in enumerate(holder) if item["id"] == key), len(holder))
            assert (at == len(holder)) == (one.kind == "added")
            holder[at : at + 1] = [] if one.kind == "removed" else [one.after]
        elif one.after is ABSENT:
            assert same(holder.pop(key), one.before)
        else:
            assert same(holder.get(key, ABSENT), one.before) or (one.before is ABSENT and key not in holder)
            holder[key] = one.after
    return made


def applied(change: Diff, before: Graph) -> dict[str, Any]:
    nodes = {node.id: node for node in before.nodes}
    for gone in change.removed:
        del nodes[gone.id]
    documents = serialise(Graph(nodes=tuple(nodes.values())))["nodes"]
    by_id = {document["id"]: document for document in documents}
    for one in (*change.changed, *change.moved):
        document = put(one.fields, by_id[one.after.id])
        document.pop("position", None)
        if one.after.position is not None:
            document["position"] = {"x": one.after.position.x, "y": one.after.position.y}
        by_id[one.after.id] = document
    by_id |= {document["id"]: document for document in serialise(Graph(nodes=change.added))["nodes"]}
    lines = ends(before)
    for edge in change.edges:
        if edge.before:
            lines[edge.before.source, edge.before.source_port, edge.before.target] -= 1
        if edge.after:
            lines[edge.after.source, edge.after.source_port, edge.after.target] += 1
    notes = {note.id: note for note in before.notes}
    for note in change.notes:
        if note.before:
            del notes[note.before.id]
        if note.after:
            notes[note.after.id] = note.after
    return {
        "nodes": [by_id[key] for key in sorted(by_id)],
        "lines": +lines,
        "notes": notes,
        "settings": put(change.settings, before.settings),
    }


def ends(graph: Graph) -> Counter[tuple[str, str, str]]:
    return Counter((edge.source, edge.source_port, edge.target) for edge in graph.edges)


def whole(graph: Graph) -> dict[str, Any]:
    document = serialise(graph)
    return {
        "nodes": document["nodes"],
        "lines": ends(graph),
        "notes": {note.id: note for note in graph.notes},
        "settings": document["settings"],
    }


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (
        same(one["nodes"], other["nodes"])
        and same(one["settings"], other["settings"])
        and one["lines"] == other["lines"]
        and one["notes"] == other["notes"]
    )


@given(graphs(), graphs())
@lots(200)
def test_applied_to_the_old_drawing_it_gives_the_new_one(before: Graph, after: Graph) -> None:
    assert alike(applied(diff(before, after, CATALOGUE), before), whole(after))


@given(graphs(), graphs())
@lots(120)
def test_there_and_back_say_the_same_the_other_way_round(before: Graph, after: Graph) -> None:
    there, back = diff(before, after, CATALOGUE), diff(after, before, CATALOGUE)
    assert there.added == back.removed
    assert there.removed == back.added
    assert [one.after for one in there.changed] == [one.before for one in back.changed]
    assert [one.after for one in there.moved] == [one.before for one in back.moved]
    assert Counter(repr((e.before, e.after)) for e in there.edges) == Counter(
        repr((e.after, e.before)) for e in back.edges
    )
    assert [(n.before, n.after) for n in there.notes] == [(n.after, n.before) for n in back.notes]
    opposite = {"added": "removed", "removed": "added", "changed": "changed", "reordered": "reordered"}
    for one, other in zip(there.changed, back.changed, strict=True):
        said = {(f.path, f.kind): (repr(f.before), repr(f.after)) for f in one.fields}
        assert said == {(f.path, opposite[f.kind]): (repr(f.after), repr(f.before)) for f in other.fields}
    assert there.same == back.same
    assert there.behaves_differently == back.behaves_differently


@given(graphs())
@lots(80)
def test_a_drawing_and_itself_are_the_same_in_any_order_and_with_other_ids_of_lines(graph: Graph) -> None:
    document = serialise(graph)
    for rows in (document["nodes"], document["edges"], document["notes"]):
        rows.reverse()
    for number, edge in enumerate(document["edges"]):
        edge["id"] = f"other{number}"
    found = diff(graph, parse(document), CATALOGUE)
    assert found.same
    assert not found.behaves_differently
    assert found.sentence == "Nothing is different."


@given(graphs(), graphs())
@lots(80)
def test_it_is_deterministic_and_every_change_has_a_sentence(before: Graph, after: Graph) -> None:
    found = diff(before, after, CATALOGUE)
    assert repr(found) == repr(diff(before, after, CATALOGUE))
    fields = [*found.settings, *(one for change in found.changed for one in change.fields)]
    for sentence in [*(one.sentence for one in fields), *(one.sentence for one in found.edges), found.sentence]:
        assert sentence.strip()
        assert "ABSENT" not in sentence
    assert found.sentence.endswith(".")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (None, False, False),
        ("1", 1, False),
        ([1, {"a": None}], [1.0, {"a": None}], True),
        ({"a": None}, {}, False),
        (float("nan"), float("nan"), True),
    ],
)
def test_values_are_compared_as_json(one: Any, other: Any, is_same: bool) -> None:
    assert same(one, other) is is_same
    assert same(other, one) is is_same


def test_the_order_that_is_left() -> None:
    assert order_left(["a", "b", "c"], ["c", "x", "a"]) == ["a", "c", "x"]


def sentences(change: Any) -> list[str]:
    """A sample flow, changed by `change`, and what is said of it."""
    document = copy.deepcopy(onboarding_unit())
    change(document)
    found = diff(parse(onboarding_unit()), parse(document), CATALOGUE)
    fields = [one for node in found.changed for one in node.fields]
    return [one.sentence for one in (*fields, *found.edges, *found.settings)]


def node(document: Any, identity: str) -> Any:
    return next(one for one in document["nodes"] if one["id"] == identity)


def config(identity: str, **values: Any) -> Any:
    return lambda document: node(document, identity)["config"].update(values)


def case(when: Any = None, **values: Any) -> Any:
    def change(document: Any) -> None:
        (big,) = node(document, "size")["config"]["cases"]
        big.update(values)
        if when is not None:
            big["when"] = {"all": when}

    return change


MORE = {"field": "customer.traits.employees", "op": "gt", "value": 500}
WORDS: list[tuple[Any, list[str]]] = [
    (config("wait_1", **{"for": "36h"}), ["Wait for: 2 days → 36 hours"]),
    (config("mail_1", subject="Hello"), ["Subject: “Connect what you already use” → “Hello”"]),
    (config("mail_1", body="Another\ntext"), ["Body: written anew"]),
    (config("enrich", write_traits=False), ["Write to the customer: on → off"]),
    (config("enrich", domain="{{ customer.traits.domain }}"), ["Domain: set to “{{ customer.traits.domain }}”"]),
    (
        lambda document: node(document, "save_stack")["config"]["row"].update(plan="x", technologies=3),
        ["Row, “plan”: set to “x”", "Row, “technologies”: “{{ customer.traits.technologies }}” → 3"],
    ),
    (lambda document: node(document, "save_stack")["config"].pop("key"), ["Key columns: “customer_id” taken out"]),
    (case([MORE]), ["Cases, “> 100 employees”, condition: Employees > 100 → Employees > 500"]),
    (case(name="Big"), ["Cases, “Big”, name: “> 100 employees” → “Big”"]),
    (
        lambda document: node(document, "size")["config"]["cases"].insert(
            0, {"id": "huge", "name": "Huge", "when": "true"}
        ),
        ["Cases: “Huge” added", "Cases: the order is now “Huge”, “> 100 employees”"],
    ),
    (lambda document: node(document, "size").update(name="Size"), ["Renamed from “Company size” to “Size”"]),
    (
        lambda document: node(document, "no_integration").update(type="wait.delay"),
        ["Now “For a time” instead of “Exit”"],
    ),
    (lambda document: document["settings"].update(reentry="never"), ["Re-entry: “after_exit” → “never”"]),
    (lambda document: document["settings"].update(timezone="Europe/Berlin"), ["Time zone: set to “Europe/Berlin”"]),
    (
        lambda document: document["edges"][6].update(target="mail_1"),
        ["“Company size”, Everyone else, leads to “E-mail 1” instead of “Technographics”"],
    ),
    (lambda document: document["edges"].pop(16), ["“Three days” no longer leads to “E-mail 3”"]),
    (
        lambda document: document["edges"].append(
            {"id": "x", "source": "mail_1", "source_port": "error", "target": "size"}
        ),
        ["“E-mail 1”, error, leads to “Company size”"],
    ),
]


@pytest.mark.parametrize(("change", "said"), WORDS, ids=[row[1][0] for row in WORDS])
def test_changes_are_said_as_a_marketer_would(change: Any, said: list[str]) -> None:
    assert sentences(change) == said


def test_groups_that_begin_alike_are_told_apart_by_the_whole_condition() -> None:
    first = {"field": "customer.traits.employees", "op": "gt", "value": 100}
    other = {"field": "customer.traits.country", "op": "eq", "value": "PT"}

    def two(document: Any, value: str) -> Any:
        return case([first, {**other, "value": value}])(document)

    before, after = copy.deepcopy(onboarding_unit()), copy.deepcopy(onboarding_unit())
    two(before, "PT")
    two(after, "DE")
    found = diff(parse(before), parse(after), CATALOGUE)
    assert found.changed[0].fields[0].sentence == (
        'Cases, “> 100 employees”, condition: employees > 100 && country == "PT" → employees > 100 && country == "DE"'
    )


def test_moving_cards_is_said_and_nothing_that_customers_notice() -> None:
    before, after = copy.deepcopy(onboarding_unit()), copy.deepcopy(onboarding_unit())
    node(before, "size")["position"] = {"x": 0, "y": 0}
    node(after, "size")["position"] = {"x": 10, "y": 0}
    after["notes"] = [{"id": "s", "text": "Hi", "position": {"x": 0, "y": 0}}]
    found = diff(parse(before), parse(after), CATALOGUE)
    assert [one.after.id for one in found.moved] == ["size"]
    assert (found.same, found.behaves_differently) == (False, False)
    assert found.sentence == "1 card moved and 1 note changed."


def test_how_much_is_different_in_a_sentence() -> None:
    document = onboarding_unit()
    document["nodes"] = [one for one in document["nodes"] if one["id"] != "mail_3"]
    document["edges"].pop()
    node(document, "wait_1")["config"]["for"] = "9d"
    document["settings"]["reentry"] = "never"
    found = diff(parse(onboarding_unit()), parse(document), CATALOGUE)
    assert found.sentence == "1 step removed, 1 step changed, 1 line changed and 1 setting changed."
