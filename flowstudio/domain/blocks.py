"""What is wrong with a graph's parallel blocks and loops (SEMANTICS 9.2, 9.4): a sentence, a place and a fix for each.

A block is sound when its Parallel has one Join, nothing enters or leaves it in the middle, its arms share no step, and
every way of every arm comes to the Join or ends the run on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from flowstudio.domain.graph import Edge, Graph, Node
from flowstudio.domain.issue import Issue
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.domain.structure import JOIN, PARALLEL, Block, Structure, structure


class _Drawn:
    def __init__(self, graph: Graph, catalogue: Catalogue) -> None:
        self.nodes = {node.id: node for node in graph.nodes}
        self.catalogue = catalogue
        self.into: dict[str, list[Edge]] = defaultdict(list)
        self.out: dict[str, list[Edge]] = defaultdict(list)
        for edge in graph.edges:
            if edge.source in self.nodes and edge.target in self.nodes:
                self.into[edge.target].append(edge)
                self.out[edge.source].append(edge)

    def name(self, node: str) -> str:
        return f"“{self.nodes[node].name or node}”"

    def label(self, node: Node, port: str) -> str:
        kind = self.catalogue.get(node.type)
        return next((one.label for one in kind.ports(node.config) if one.id == port), port) if kind else port

    def open_ways(self, node: Node) -> list[str]:
        """Ways on that lead nowhere and are no failure: those may stay open (SEMANTICS 0.2)."""
        kind = self.catalogue.get(node.type)
        used = {edge.source_port for edge in self.out[node.id]}
        ports = kind.ports(node.config) if kind else ()
        return [port.id for port in ports if port.kind != "error" and port.id != "not_found" and port.id not in used]


def issues(graph: Graph, catalogue: Catalogue) -> Iterator[Issue]:
    """Everything wrong with the blocks and loops of a graph."""
    shape = structure(graph)
    drawn = _Drawn(graph, catalogue)
    for node in graph.nodes:
        if node.type == PARALLEL:
            yield from _parallel(node, shape, drawn)
        elif node.type == JOIN and node.id in shape.stray:
            yield from _stray(node, drawn)
        elif node.id in shape.loops:
            yield from _repeat(node, shape, drawn)


def _stray(node: Node, drawn: _Drawn) -> Iterator[Issue]:
    name = drawn.name(node.id)
    yield Issue(
        code="join_without_parallel",
        severity="error",
        message=f"{name} waits for arms, but no Parallel comes before it: each customer arrives by one way only.",
        node=node.id,
        fix="Delete it and connect the lines to what follows: lines that merge need no Join. Or begin with a Parallel.",
    )


def _parallel(node: Node, shape: Structure, drawn: _Drawn) -> Iterator[Issue]:
    name, joins = drawn.name(node.id), shape.joins.get(node.id, ())
    if not joins:
        yield Issue(
            code="parallel_without_join",
            severity="error",
            message=f"The arms of {name} never come together again.",
            node=node.id,
            fix="Add a Join and lead every arm to it.",
        )
        return
    if len(joins) > 1:
        said = " and ".join(drawn.name(join) for join in joins[:3])
        yield Issue(
            code="parallel_with_many_joins",
            severity="error",
            message=f"{name} has more than one Join: {said}.",
            node=node.id,
            fix="Lead every arm to the same Join; put a Parallel of its own before the other one.",
        )
        return
    if node.id in shape.deep:
        yield Issue(
            code="parallel_too_deep",
            severity="error",
            message=f"{name} has too many parallel blocks inside one another.",
            node=node.id,
            fix="Move inner blocks to a flow of their own.",
        )
        return
    yield from _block(node, shape.blocks[node.id], drawn)


def _block(node: Node, block: Block, drawn: _Drawn) -> Iterator[Issue]:
    name, join = drawn.name(node.id), drawn.name(block.join)
    inside, within = block.inside, {*block.inside, node.id}
    yield from _shared(node, block, drawn)
    for port, arm in block.arms.items():
        comes = any(edge.target == block.join for at in (*arm,) for edge in drawn.out[at]) or any(
            edge.source_port == port and edge.target == block.join for edge in drawn.out[node.id]
        )
        if not comes and not any(drawn.nodes[at].type == "exit" for at in arm):
            yield Issue(
                code="arm_without_join",
                severity="error",
                message=f"The arm “{drawn.label(node, port)}” of {name} never comes to {join}.",
                node=node.id,
                fix=f"Connect its last step to {join}.",
            )
    for port in drawn.open_ways(node):
        yield Issue(
            code="arm_open",
            severity="error",
            message=f"Nothing is done in the arm “{drawn.label(node, port)}” of {name}.",
            node=node.id,
            fix="Add its first step, or delete the arm.",
        )
    for at in sorted(inside):
        if drawn.nodes[at].type == "exit":
            yield Issue(
                code="exit_in_arm",
                severity="hint",
                message=f"{drawn.name(at)} ends the whole run, with every arm of {name}.",
                node=at,
                fix=f"To end this arm alone, lead it to {join}.",
            )
        for port in drawn.open_ways(drawn.nodes[at]):
            yield Issue(
                code="arm_leads_nowhere",
                severity="error",
                message=f"{drawn.name(at)} is inside the block of {name} and leads nowhere by “{drawn.label(drawn.nodes[at], port)}”.",
                node=at,
                fix=f"Connect it to {join}, or to an Exit to end the whole run.",
            )
        for edge in drawn.out[at]:
            if edge.target in block.after or edge.target == node.id:
                yield Issue(
                    code="line_leaves_block",
                    severity="error",
                    message=f"A line leads from {drawn.name(at)} out of the middle of the block of {name}.",
                    node=at,
                    edge=edge.id,
                    fix=f"Lead it to {join}: arms are left there only.",
                )
    for at in (*sorted(inside), block.join):
        for edge in drawn.into[at]:
            if edge.source not in within:
                yield Issue(
                    code="line_enters_block",
                    severity="error",
                    message=f"A line leads from {drawn.name(edge.source)} into the middle of the block of {name}.",
                    node=at,
                    edge=edge.id,
                    fix=f"Lead it to {name}: a block is entered there only.",
                )


def _shared(node: Node, block: Block, drawn: _Drawn) -> Iterator[Issue]:
    owner: dict[str, str] = {}
    for port, arm in block.arms.items():
        first = next((at for at in sorted(arm) if at in owner and _enters(at, arm, owner, drawn)), "")
        if first:
            labels = f"“{drawn.label(node, owner[first])}” and “{drawn.label(node, port)}”"
            yield Issue(
                code="arms_meet",
                severity="error",
                message=f"The arms {labels} of {drawn.name(node.id)} share {drawn.name(first)}.",
                node=first,
                fix=f"Give each arm its own steps: arms meet at {drawn.name(block.join)} only.",
            )
        owner.update(dict.fromkeys(arm - owner.keys(), port))


def _enters(at: str, arm: frozenset[str], owner: Mapping[str, str], drawn: _Drawn) -> bool:
    """Whether this is where an arm runs into another: what comes before it is not shared."""
    return any(edge.source not in owner or edge.source not in arm for edge in drawn.into[at])


def _repeat(node: Node, shape: Structure, drawn: _Drawn) -> Iterator[Issue]:
    name = drawn.name(node.id)
    if not shape.loops[node.id]:
        yield Issue(
            code="repeat_without_loop",
            severity="error",
            message=f"What {name} repeats does not lead back to it, so it is done once.",
            node=node.id,
            fix=f"Lead the last step of “Each time” back to {name}.",
        )
    for at in sorted(shape.intruders.get(node.id, ())):
        for edge in drawn.into[at]:
            if edge.source not in shape.loops[node.id] and edge.source != node.id:
                yield Issue(
                    code="line_enters_loop",
                    severity="error",
                    message=f"A line leads from {drawn.name(edge.source)} into the middle of what {name} repeats.",
                    node=at,
                    edge=edge.id,
                    fix=f"Lead it to {name}: a loop is entered there only.",
                )
