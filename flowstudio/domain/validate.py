"""Everything wrong with a graph, at once: code, place, sentence and how to mend it. Never raises, linear in the graph.

`simple_cycles` is never used: a complete graph of 14 nodes has millions of cycles. A strongly connected component names
one representative cycle instead (SECURITY S15).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import networkx as nx
from pydantic import BaseModel, ValidationError

from flowstudio.domain import blocks, expression, flow_settings_check, lints, sources, switched_off, template
from flowstudio.domain.errors import InputError
from flowstudio.domain.graph import Graph, Node
from flowstudio.domain.issue import Issue
from flowstudio.domain.nodes.base import Catalogue, NodeType
from flowstudio.domain.rules import to_cel
from flowstudio.domain.structure import BODY, REPEAT

__all__ = ["Issue", "validate"]


def validate(graph: Graph, catalogue: Catalogue) -> tuple[Issue, ...]:
    """All issues, in the order of the document: structure first, then each node's own."""
    links = _links(graph)
    shape = tuple(blocks.issues(graph, catalogue))
    # Inside a block a way that leads nowhere does not end the run, and is said once.
    said = {issue.node for issue in shape if issue.code in ("arm_open", "arm_leads_nowhere")}
    return (
        *_triggers(graph, catalogue),
        *_edges(graph, catalogue),
        *_reach(graph, catalogue, links),
        *_cycles(graph),
        *shape,
        *(one for one in _nodes(graph, catalogue, links) if one.code != "dead_end" or one.node not in said),
        *_settings(graph),
        *lints.lint(graph, catalogue, links),
    )


def _settings(graph: Graph) -> Iterator[Issue]:
    for one in flow_settings_check.problems(graph.settings):
        place = f"settings.{one.field}"
        yield Issue(code="setting_invalid", severity="error", message=one.message, field=place, fix=one.fix)


def _name(node: Node) -> str:
    return node.name or node.id


def _links(graph: Graph) -> nx.DiGraph[str]:
    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_nodes_from(node.id for node in graph.nodes)
    links.add_edges_from(
        (edge.source, edge.target) for edge in graph.edges if edge.source in links and edge.target in links
    )
    return links


def _triggers(graph: Graph, catalogue: Catalogue) -> Iterator[Issue]:
    triggers = [node for node in graph.nodes if (kind := catalogue.get(node.type)) and kind.trigger]
    if not triggers:
        yield Issue(
            code="no_trigger",
            severity="error",
            message="Nothing starts this flow.",
            fix="Drag a trigger onto the canvas and connect it to the first step.",
        )
    for extra in triggers[1:]:
        yield Issue(
            code="many_triggers",
            severity="error",
            message=f"“{_name(extra)}” is a second trigger; a flow has one.",
            node=extra.id,
            fix="Delete it, or move it to a flow of its own.",
        )


def _edges(graph: Graph, catalogue: Catalogue) -> Iterator[Issue]:
    by_id = {node.id: node for node in graph.nodes}
    taken: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        source, target = by_id.get(edge.source), by_id.get(edge.target)
        if source is None or target is None:
            yield Issue(
                code="dangling_edge",
                severity="error",
                message=f"A line leads {'to' if source else 'from'} a node that is not there.",
                edge=edge.id,
                fix="Delete the line.",
            )
            continue
        taken[edge.source, edge.source_port] += 1
        if taken[edge.source, edge.source_port] == 2:
            yield Issue(
                code="double_edge",
                severity="error",
                message=f"Two lines leave “{_name(source)}” by the same way.",
                node=source.id,
                edge=edge.id,
                fix="Delete one of them; use Parallel to do two things at once.",
            )
        kind, ends = catalogue.get(source.type), catalogue.get(target.type)
        if kind and edge.source_port not in {port.id for port in kind.ports(source.config)}:
            yield Issue(
                code="unknown_port",
                severity="error",
                message=f"“{_name(source)}” has no way out called “{edge.source_port}” any more.",
                node=source.id,
                edge=edge.id,
                fix="Delete the line or connect it to another way out.",
            )
        if ends and ends.trigger:
            yield Issue(
                code="edge_to_trigger",
                severity="error",
                message=f"A line leads into the trigger “{_name(target)}”.",
                node=target.id,
                edge=edge.id,
                fix="Delete the line: only events start a trigger.",
            )


def _reach(graph: Graph, catalogue: Catalogue, links: nx.DiGraph[str]) -> Iterator[Issue]:
    triggers = [node.id for node in graph.nodes if (kind := catalogue.get(node.type)) and kind.trigger]
    reached = set(triggers)
    frontier = list(triggers)
    while frontier:
        frontier = [after for node in frontier for after in links.successors(node) if after not in reached]
        frontier = list(dict.fromkeys(frontier))
        reached.update(frontier)
    if not triggers:
        return
    for node in graph.nodes:
        if node.id not in reached:
            yield Issue(
                code="unreachable",
                severity="error",
                message=f"No customer can ever reach “{_name(node)}”.",
                node=node.id,
                fix="Connect it to a step before it, or delete it.",
            )


def _cycles(graph: Graph) -> Iterator[Issue]:
    """Circles that no Repeat counts: what is left without the ways into what Repeats repeat (SEMANTICS 9.4)."""
    names = {node.id: _name(node) for node in graph.nodes}
    repeats = {node.id for node in graph.nodes if node.type == REPEAT}
    uncounted = [edge for edge in graph.edges if edge.source not in repeats or edge.source_port != BODY]
    links = _links(replace(graph, edges=tuple(uncounted)))
    for component in nx.strongly_connected_components(links):
        start = min(component)
        if len(component) == 1 and not links.has_edge(start, start):
            continue
        path = [start]
        if len(component) > 1:
            inside = links.subgraph(component)
            after = min(inside.successors(start))
            path = [start, *nx.shortest_path(inside, after, start)[:-1]] if after != start else [start]
        said = " → ".join([*(f"“{names[node]}”" for node in path[:8]), *(["…"] if len(path) > 8 else [])])
        yield Issue(
            code="cycle",
            severity="error",
            message=f"Customers would go in a circle: {said} → “{names[start]}”.",
            node=start,
            fix="Remove one of these lines; use Repeat to do something several times.",
        )


def _nodes(graph: Graph, catalogue: Catalogue, links: nx.DiGraph[str]) -> Iterator[Issue]:
    used: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges:
        used[edge.source].add(edge.source_port)
    ids = {node.id for node in graph.nodes}
    before = _before(links)
    for node in graph.nodes:
        kind = catalogue.get(node.type)
        if node.disabled and switched_off.may_be(kind):
            continue  # nothing in it is asked or said
        if node.disabled:
            said = f"“{_name(node)}” cannot be switched off."
            yield Issue(code="cannot_switch_off", severity="error", message=said, node=node.id, fix="Switch it on.")
        if kind is None:
            yield Issue(
                code="unknown_type",
                severity="error",
                message=f"“{_name(node)}” is of a kind that flowstudio does not know ({node.type[:60]}).",
                node=node.id,
                fix="Replace it, or connect the vendor it belongs to.",
            )
            continue
        yield from _ports(node, kind, used[node.id])
        yield from _config(node, kind)
        yield from _texts(node, kind, ids, before)


def _ports(node: Node, kind: NodeType, used: set[str]) -> Iterator[Issue]:
    ports = kind.ports(node.config)
    open_ports = [port for port in ports if port.id not in used]
    for port in open_ports:
        if port.kind == "error":
            yield Issue(
                code="error_port_open",
                severity="hint",
                message=f"Nothing happens when “{_name(node)}” fails.",
                node=node.id,
                fix="Connect its error way, for example to an alert.",
            )
        elif kind.trigger:
            yield Issue(
                code="port_open",
                severity="error",
                message=f"Nothing follows “{_name(node)}”.",
                node=node.id,
                fix="Add the first step with the + below it.",
            )
        # That nothing was found is an answer like any other: its way may stay open, and the run ends there.
        elif port.id != "not_found" and (len(ports) == 1 or port.id != "out"):
            yield Issue(
                code="dead_end",
                severity="hint",
                message=f"Customers who leave “{_name(node)}” by “{port.label}” end here.",
                node=node.id,
                fix="Connect it, or add an Exit to say why they end.",
            )


def _config(node: Node, kind: NodeType) -> Iterator[Issue]:
    try:
        config = kind.config.model_validate(dict(node.config))
    except ValidationError as error:
        problems = {
            flow_settings_check.place(node.config, problem["loc"]): problem for problem in reversed(error.errors()[:20])
        }
        for path, problem in reversed(problems.items()):
            # pydantic also finds a list too short whose rows are all wrong: the rows say it better.
            if any(other.startswith(f"{path}.") for other in problems):
                continue
            yield _config_issue(node, kind, path, problem["type"], problem["msg"])
        return
    for found in kind.check(config):
        yield Issue(
            code=found.code,
            severity=found.severity,
            message=found.message,
            node=node.id,
            field=found.field,
            fix=found.fix,
        )


def _config_issue(node: Node, kind: NodeType, path: str, problem: str, message: str) -> Issue:
    empty = problem in {"missing", "string_too_short", "too_short"}
    code = "config_invalid"
    if kind.type.startswith("wait.") and path in {"timeout", "for"}:
        code = "wait_without_timeout"
    elif kind.type == "email.send" and path == "to":
        code = "email_without_recipient"
    title = _title(kind.config, path)
    said = f"“{_name(node)}” needs “{title}”." if empty else f"“{title}” of “{_name(node)}”: {_clean(message)}"
    return Issue(
        code=code, severity="error", message=said, node=node.id, field=path, fix=f"Fill in “{title}” in the panel."
    )


def _clean(message: str) -> str:
    text = message.removeprefix("Value error, ").strip()
    return text if text.endswith(".") else f"{text}."


def _title(model: type[BaseModel], path: str) -> str:
    first = path.split(".", maxsplit=1)[0]
    for name, info in model.model_fields.items():
        if first in {name, info.alias}:
            return info.title or first
    return first or "settings"


def _texts(node: Node, kind: NodeType, ids: set[str], before: Mapping[str, set[str]]) -> Iterator[Issue]:
    for path, how, text in sources.of(node, kind):
        try:
            source = to_cel(text) if isinstance(text, Mapping) else text
            read = expression.references(source) if how == "cel" else template.references(source)
        except InputError as error:
            yield Issue(
                code="expression_invalid" if how == "cel" else "template_invalid",
                severity="error",
                message=f"“{_name(node)}”: {error.message}",
                node=node.id,
                field=path,
                fix=error.fix,
            )
            continue
        yield from _variables(node, path, read, ids, before)


def _variables(
    node: Node, path: str, read: frozenset[str], ids: set[str], before: Mapping[str, set[str]]
) -> Iterator[Issue]:
    for name in sorted(read):
        root, _, rest = name.partition(".")
        if root not in expression.ROOTS:
            yield Issue(
                code="unknown_variable",
                severity="error",
                message=f"“{_name(node)}” reads “{name[:80]}”, which does not exist.",
                node=node.id,
                field=path,
                fix="Start with customer, event, run, steps or now.",
            )
        elif root == "steps" and rest:
            step = rest.split(".")[0]
            if step not in ids:
                yield Issue(
                    code="unknown_variable",
                    severity="error",
                    message=f"“{_name(node)}” reads the step “{step}”, which is not in this flow.",
                    node=node.id,
                    field=path,
                    fix="Choose a step of this flow.",
                )
            elif step not in before.get(node.id, set()):
                yield Issue(
                    code="later_variable",
                    severity="error",
                    message=f"“{_name(node)}” reads “{step}”, which does not come before it.",
                    node=node.id,
                    field=path,
                    fix="Choose an earlier step.",
                )


def _before(links: nx.DiGraph[str]) -> Mapping[str, set[str]]:
    """Ancestors of the nodes, looked up lazily: most nodes read no other step."""

    class _Ancestors(dict[str, set[str]]):
        def get(self, key: str, default: Any = None) -> set[str]:
            if key not in self:
                self[key] = nx.ancestors(links, key) if key in links else set()
            return self[key]

    return _Ancestors()
