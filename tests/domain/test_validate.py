"""Everything wrong with a graph, at once: each code with a graph that has it and one that has not."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import validate as rules
from flowstudio.domain.explain import explain
from flowstudio.domain.graph import Graph, parse
from flowstudio.domain.samples import onboarding_unit
from flowstudio.domain.validate import Issue, validate
from tests.domain.drawing_lots import lots, plain_json

Document = dict[str, Any]


def start(config: Document | None = None) -> Document:
    return {"id": "start", "type": "trigger.event", "name": "Start", "config": config or {"event": "Signed Up"}}


def node(identity: str, kind: str, **config: Any) -> Document:
    return {"id": identity, "type": kind, "name": identity, "config": config}


def flow(*nodes: Document, edges: tuple[str, ...] | None = None) -> Document:
    """The nodes in a row, or joined as "a:port b" lines say."""
    lines = edges
    if lines is None:
        lines = tuple(f"{a['id']} {b['id']}" for a, b in pairwise(nodes))
    rows = []
    for number, line in enumerate(lines):
        source, _, target = line.partition(" ")
        identity, _, port = source.partition(":")
        rows.append({"id": f"e{number}", "source": identity, "source_port": port or "out", "target": target})
    return {"schema": 1, "nodes": list(nodes), "edges": rows}


END = node("end", "exit")
PAUSE = node("pause", "wait.delay", **{"for": "2d"})
MAIL = {"to": "{{ customer.email }}", "subject": "Hello", "body": "Hi"}


def branch(when: Any) -> Document:
    row = node("split", "branch", cases=[{"id": "a", "name": "A", "when": when}])
    return flow(start(), row, END, edges=("start split", "split:a end", "split:else end"))


def update(value: str) -> Document:
    return flow(start(), node("write", "customer.update", traits={"x": value}), END)


def mail(**config: Any) -> Document:
    return flow(
        start(),
        node("mail", "email.send", **{**MAIL, **config}),
        END,
        edges=("start mail", "mail end", "mail:error end"),
    )


# code: (a graph that has it, where it is, the same graph mended)
TABLE: dict[str, tuple[Document, str, Document]] = {
    "setting_invalid": (
        {**flow(start(), PAUSE, END), "settings": {"timezone": "Nowhere"}},
        "",
        {**flow(start(), PAUSE, END), "settings": {"timezone": "Europe/Berlin"}},
    ),
    "no_trigger": (flow(PAUSE, END), "", flow(start(), PAUSE, END)),
    "many_triggers": (
        flow(start(), {**start(), "id": "second"}, END, edges=("start end", "second end")),
        "second",
        flow(start(), END),
    ),
    "cannot_switch_off": (
        flow({**start(), "disabled": True}, PAUSE, END),
        "start",
        flow(start(), {**PAUSE, "disabled": True}, END),
    ),
    "dangling_edge": (flow(start(), END, edges=("start end", "gone end")), "e1", flow(start(), END)),
    "double_edge": (
        flow(start(), PAUSE, END, edges=("start pause", "start end", "pause end")),
        "start",
        flow(start(), PAUSE, END),
    ),
    "unknown_port": (
        flow(start(), PAUSE, END, edges=("start pause", "pause:later end")),
        "pause",
        flow(start(), PAUSE, END),
    ),
    "edge_to_trigger": (
        flow(start(), PAUSE, edges=("start pause", "pause start")),
        "start",
        flow(start(), PAUSE, END),
    ),
    "unreachable": (flow(start(), END, PAUSE, edges=("start end",)), "pause", flow(start(), PAUSE, END)),
    "cycle": (
        flow(start(), PAUSE, {**PAUSE, "id": "again"}, edges=("start again", "again pause", "pause again")),
        "again",
        flow(start(), PAUSE, {**PAUSE, "id": "again"}, END),
    ),
    "unknown_type": (flow(start(), node("odd", "gone.away")), "odd", flow(start(), END)),
    "error_port_open": (
        flow(start(), node("mail", "email.send", **MAIL), END),
        "mail",
        mail(),
    ),
    "port_open": (flow(start()), "start", flow(start(), END)),
    "dead_end": (flow(start(), PAUSE), "pause", flow(start(), PAUSE, END)),
    "config_invalid": (flow(start({"event": ""}), END), "start", flow(start(), END)),
    "wait_without_timeout": (
        flow(start(), node("pause", "wait.delay", **{"for": "soon"}), END),
        "pause",
        flow(start(), PAUSE, END),
    ),
    "email_without_recipient": (mail(to=""), "mail", mail()),
    "email_recipient": (mail(to="a@example.com, b@example.com"), "mail", mail()),
    "email_fixed_recipient": (mail(to="a@example.com"), "mail", mail()),
    "expression_invalid": (branch("customer.traits.x >"), "split", branch("customer.traits.x > 1")),
    "template_invalid": (update("{{ customer.id"), "write", update("{{ customer.id }}")),
    "unknown_variable": (branch("employees > 1"), "split", branch("customer.traits.employees > 1")),
    "later_variable": (
        flow(start(), node("write", "customer.update", traits={"x": "{{ steps.pause.output }}"}), PAUSE, END),
        "write",
        flow(start(), PAUSE, node("write", "customer.update", traits={"x": "{{ steps.pause.output }}"}), END),
    ),
}


def issues(document: Document) -> tuple[Issue, ...]:
    return validate(parse(document), CATALOGUE)


def codes_in_source() -> set[str]:
    """Every code that validate.py can give, read from its text."""
    found = set()
    for item in ast.walk(ast.parse(inspect.getsource(rules))):
        if isinstance(item, ast.keyword | ast.Assign):
            named = item.arg if isinstance(item, ast.keyword) else getattr(item.targets[0], "id", "")
            if named == "code":
                found |= {
                    c.value for c in ast.walk(item.value) if isinstance(c, ast.Constant) and isinstance(c.value, str)
                }
    return {code for code in found if code != "cel"}


def test_every_code_of_the_validator_is_in_the_table() -> None:
    assert codes_in_source() <= set(TABLE)


@pytest.mark.parametrize("code", sorted(TABLE))
def test_a_graph_that_has_it_and_one_that_has_not(code: str) -> None:
    bad, place, good = TABLE[code]
    found = [issue for issue in issues(bad) if issue.code == code]
    assert found
    assert place in (found[0].node, found[0].edge)
    assert [issue.code for issue in issues(good) if issue.code == code] == []


@pytest.mark.parametrize("code", sorted(TABLE))
def test_every_issue_says_what_where_and_how_to_mend_it(code: str) -> None:
    document = TABLE[code][0]
    ids = {item["id"] for item in (*document["nodes"], *document["edges"])}
    for issue in issues(document):
        assert issue.message[0] in "“" or issue.message[0].isupper()
        assert issue.message.endswith(".")
        assert issue.fix.endswith(".") or "}}" in issue.fix
        assert issue.node in ids or issue.edge in ids or issue.code in {"no_trigger", "setting_invalid"}
        assert set(issue.as_dict()) == {"code", "severity", "message", "node", "edge", "field", "fix"}


def test_an_issue_in_a_config_names_the_field_itself() -> None:
    def fields(document: Document) -> list[str]:
        return [issue.field for issue in issues(document) if issue.severity == "error"]

    assert fields(branch("customer.traits.x >")) == ["cases.0.when"]
    assert fields(branch({"all": [{"field": "", "op": "eq", "value": 1}]})) == ["cases.0.when"]
    assert fields(branch(3)) == ["cases.0.when"]
    assert fields(update("{{ x")) == ["traits.x"]
    wait = node("w", "wait.event", branches=[{"id": "a", "event": "X", "filter": "1 +"}, {"id": "b"}], timeout="3d")
    assert fields(flow(start(), wait, END, edges=("start w", "w:a end", "w:b end", "w:timeout end"))) == [
        "branches.1.event",
        "branches.0.filter",
    ]
    assert fields(flow(start({"event": "X", "filter": "a.b"}), END)) == ["filter"]


def test_an_unfinished_rule_says_what_is_missing() -> None:
    (issue,) = [i for i in issues(branch({"all": [{"field": "", "op": "eq", "value": 1}]})) if i.severity == "error"]
    assert issue.message == "“split”: A condition has no field."
    assert issue.fix == "Choose what is compared, for example Employees."


def test_names_of_loops_and_of_the_texts_own_are_no_variables() -> None:
    for document in (
        branch("customer.traits.list.exists(t, t.name == 'x')"),
        update("{% for t in customer.traits.list %}{{ t.name }}{{ forloop.index }}{% endfor %}"),
        update("{% assign x = customer.id %}{{ x.y }}{% capture z %}a{% endcapture %}{{ z }}"),
    ):
        assert [issue.code for issue in issues(document)] == []


def test_all_issues_come_at_once_and_the_sample_has_none() -> None:
    document = flow(
        start({"event": ""}),
        node("a", "branch", cases=[{"id": "x", "when": "("}]),
        node("b", "gone.away"),
        node("c", "customer.update", traits={"x": "{{ foo.bar }}"}),
        edges=("start a", "a:x b", "a:x b", "nowhere c", "a:else a"),
    )
    assert {issue.code for issue in issues(document)} == {
        "config_invalid",
        "expression_invalid",
        "unknown_type",
        "unknown_variable",
        "unreachable",
        "double_edge",
        "dangling_edge",
        "cycle",
        "dead_end",
    }
    assert [issue for issue in issues(onboarding_unit()) if issue.severity == "error"] == []


def test_r9_4_a_cycle_names_its_nodes() -> None:
    (issue,) = [issue for issue in issues(TABLE["cycle"][0]) if issue.code == "cycle"]
    assert issue.message == "Customers would go in a circle: “pause” → “pause” → “pause”."
    ring = [node(f"n{number}", "wait.delay", **{"for": "1d"}) for number in range(40)]
    edges = ("start n0", *(f"n{a} n{(a + 1) % 40}" for a in range(40)))
    (issue,) = [i for i in issues(flow(start(), *ring, edges=edges)) if i.code == "cycle"]
    assert "…" in issue.message
    assert len(issue.message) < 300


def configs(kind: str) -> st.SearchStrategy[Document]:
    names = [info.alias or name for name, info in CATALOGUE[kind].config.model_fields.items()] or ["x"]
    texts = st.sampled_from(
        ["{{ steps.n1.output }}", "{{", "steps.n2.x == 1", "1 +", "2d", "", "a@example.com", "{{ a | b }}"]
    )
    rows = st.lists(
        st.fixed_dictionaries(
            {}, optional={"id": st.sampled_from(["a", "b", "else", ""]), "when": texts, "event": texts}
        ),
        max_size=3,
    )
    return st.dictionaries(st.sampled_from([*names, "odd"]), texts | rows | plain_json, max_size=4)


@st.composite
def any_graphs(draw: st.DrawFn) -> Document:
    """Graphs of every node type with any config and any edges."""
    kinds = draw(st.lists(st.sampled_from([*CATALOGUE, "gone.away"]), max_size=6))
    nodes = [
        {
            "id": f"n{number}",
            "type": kind,
            "name": draw(st.text(max_size=5)),
            "config": draw(configs(kind)) if kind in CATALOGUE else {},
        }
        for number, kind in enumerate(kinds)
    ]
    ends = st.integers(0, 6).map(lambda number: f"n{number}")
    ports = st.sampled_from(["out", "else", "error", "a", "timeout", "", "é"])
    lines = draw(st.lists(st.tuples(ends, ports, ends), max_size=8))
    edges = [
        {"id": f"e{at}", "source": source, "source_port": port, "target": target}
        for at, (source, port, target) in enumerate(lines)
    ]
    return {"nodes": nodes, "edges": edges}


@given(any_graphs())
@lots(80)
def test_any_graph_is_judged_and_explained_without_an_error(document: Document) -> None:
    graph = parse(document)
    found = validate(graph, CATALOGUE)
    assert found == validate(graph, CATALOGUE)
    ids = {item["id"] for item in (*document["nodes"], *document["edges"])}
    for issue in found:
        assert issue.message
        assert issue.fix
        assert {issue.node, issue.edge} <= ids | {""}
    text = explain(graph, CATALOGUE)
    assert len(text.splitlines()) >= len(graph.nodes)


def wide(count: int) -> Graph:
    """A complete graph: every node leads to every other one (SECURITY S15)."""
    nodes = [start(), *(node(f"n{number}", "wait.delay", **{"for": "1d"}) for number in range(count))]
    edges = ["start n0", *(f"n{a}:p{b} n{b}" for a in range(count) for b in range(count))]
    return parse(flow(*nodes, edges=tuple(edges)))


@pytest.mark.parametrize("make", [lambda: wide(14), lambda: wide(60)])
def test_s15_a_complete_graph_has_one_cycle(make: Callable[[], Graph]) -> None:
    assert [issue.code for issue in validate(make(), CATALOGUE)].count("cycle") == 1


def test_s15_a_long_chain_is_judged() -> None:
    chain = [node(f"n{number}", "wait.delay", **{"for": "1d"}) for number in range(2_000)]
    graph = parse(flow(start(), *chain, END))
    assert validate(graph, CATALOGUE) == ()
    assert len(explain(graph, CATALOGUE).splitlines()) == 2_002
