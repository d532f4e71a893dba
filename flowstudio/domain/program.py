"""A version compiled once, ready to be walked: the interpreter's program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from flowstudio.domain import leaving, switched_off
from flowstudio.domain.flow_settings import FlowSettings
from flowstudio.domain.flow_settings import read as read_settings
from flowstudio.domain.graph import Graph
from flowstudio.domain.nodes.base import Catalogue, NodeType
from flowstudio.domain.structure import Structure, structure


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """One node ready to run: its type and validated config, or the sentence that says why it cannot.

    `off` is the way out of a step that is switched off, None while it is on.
    """

    id: str
    type: NodeType | None
    config: Any = None
    problem: str = ""
    off: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A version compiled once: nodes with validated configs, edges by (node, port), and what the lines mean."""

    nodes: Mapping[str, Compiled]
    edges: Mapping[tuple[str, str], tuple[str, str]]
    settings: Mapping[str, Any]
    triggers: tuple[str, ...]
    experiments: tuple[str, ...] = ()
    rules: FlowSettings = field(default_factory=FlowSettings)
    states: bool = False
    shape: Structure = field(default_factory=lambda: Structure(joins={}, blocks={}, loops={}))

    @classmethod
    def build(cls, graph: Graph, catalogue: Catalogue) -> Program:
        """Compiles a graph; a node that is unknown or wrongly configured fails only the runs that reach it."""
        nodes: dict[str, Compiled] = {}
        for node in graph.nodes:
            kind = catalogue.get(node.type)
            if node.disabled and switched_off.may_be(kind):
                nodes[node.id] = Compiled(id=node.id, type=kind, off=switched_off.way(kind, node.config))
                continue
            if kind is None:
                nodes[node.id] = Compiled(id=node.id, type=None, problem=f"There is no node type “{node.type}” here.")
                continue
            try:
                nodes[node.id] = Compiled(id=node.id, type=kind, config=kind.config.model_validate(dict(node.config)))
            except ValidationError as error:
                nodes[node.id] = Compiled(
                    id=node.id, type=kind, problem=f"Its settings are wrong: {error.errors()[0]['msg']}."
                )
        edges: dict[tuple[str, str], tuple[str, str]] = {}
        for edge in graph.edges:
            edges.setdefault((edge.source, edge.source_port), (edge.id, edge.target))
        triggers = tuple(node.id for node in graph.nodes if (kind := catalogue.get(node.type)) and kind.trigger)
        experiments = tuple(node.id for node in graph.nodes if (kind := catalogue.get(node.type)) and kind.experiment)
        rules = read_settings(graph.settings)
        return cls(
            nodes=nodes, edges=edges, settings=graph.settings, triggers=triggers, experiments=experiments, rules=rules,
            states=leaving.judges_states(rules), shape=structure(graph),
        )  # fmt: skip

    def edge(self, node: str, port: str) -> tuple[str, str] | None:
        """(edge id, target node) behind a port, or None when it is open."""
        return self.edges.get((node, port))
