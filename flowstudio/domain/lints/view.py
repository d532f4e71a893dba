"""A graph as the lints look at it: the nodes that run, their types, and what follows what."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

import networkx as nx

from flowstudio.domain import flow_settings, switched_off
from flowstudio.domain.flow_settings import FlowSettings
from flowstudio.domain.graph import Edge, Graph, Node
from flowstudio.domain.nodes.base import Catalogue, NodeType


class View:
    """Look-ups that more than one rule needs, each made once."""

    def __init__(self, graph: Graph, catalogue: Catalogue, links: nx.DiGraph[str]) -> None:
        self.graph, self.links = graph, links
        self.nodes = {node.id: node for node in graph.nodes}
        self.kinds: dict[str, NodeType] = {}
        for node in graph.nodes:
            kind = catalogue.get(node.type)
            if kind is not None and not (node.disabled and switched_off.may_be(kind)):
                self.kinds[node.id] = kind

    @cached_property
    def settings(self) -> FlowSettings:
        """The flow's settings, as far as they can be read."""
        return flow_settings.read(self.graph.settings)

    @cached_property
    def out(self) -> dict[str, list[Edge]]:
        """The lines that leave each node."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.graph.edges:
            if edge.source in self.nodes and edge.target in self.nodes:
                found[edge.source].append(edge)
        return found

    @cached_property
    def into(self) -> dict[str, list[Edge]]:
        """The lines that come to each node."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.graph.edges:
            if edge.source in self.nodes and edge.target in self.nodes:
                found[edge.target].append(edge)
        return found

    def running(self) -> list[tuple[Node, NodeType]]:
        """The nodes that are not switched off and whose type is known, in the order of the document."""
        return [(node, self.kinds[node.id]) for node in self.graph.nodes if node.id in self.kinds]

    def name(self, node: Node) -> str:
        """A node as sentences name it."""
        return f"“{node.name or node.id}”"
