"""What is drawn soundly and still cannot be meant: the checks beyond structure, each with its code (docs/rules.md)."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from flowstudio.domain.graph import Graph
from flowstudio.domain.issue import Issue
from flowstudio.domain.lints import branches, loops, messages, order, waits
from flowstudio.domain.lints.view import View
from flowstudio.domain.nodes.base import Catalogue

CODES = (
    "case_never",
    "case_repeated",
    "wait_never",
    "message_without_category",
    "message_twice",
    "held_too_long",
    "window_in_quiet_hours",
    "paid_in_loop",
    "not_on_every_way",
)


def lint(graph: Graph, catalogue: Catalogue, links: nx.DiGraph[str]) -> Iterator[Issue]:
    """Every such issue, linear in the graph; steps that are switched off say nothing."""
    view = View(graph, catalogue, links)
    for rule in (branches.issues, waits.issues, messages.issues, loops.issues, order.issues):
        yield from rule(view)
