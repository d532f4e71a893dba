"""Published versions compiled once: graph, conditions and templates ready to run, kept while they are in use."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flowstudio.domain import graph as graphs
from flowstudio.domain.errors import NotFound
from flowstudio.domain.interpreter import Program
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.store.models import Version

_CAPACITY = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A compiled version with what the engine itself reads of it."""

    program: Program
    nodes: Mapping[str, graphs.Node]
    settings: Mapping[str, Any]

    def name(self, node: str) -> str:
        """What the author calls the node, or its type's name, or its id."""
        found = self.nodes.get(node)
        if found is None:
            return node
        kind = catalogue().get(found.type)
        return found.name or (kind.name if kind else found.type)


class _Shelf:
    """What this process has compiled, least recently used first."""

    lock: ClassVar[threading.Lock] = threading.Lock()
    kept: ClassVar[OrderedDict[str, Entry]] = OrderedDict()
    catalogue: ClassVar[Catalogue | None] = None


def catalogue() -> Catalogue:
    """Every node type that this process can run."""
    if _Shelf.catalogue is None:
        from flowstudio.connectors.registry import CATALOGUE

        _Shelf.catalogue = CATALOGUE
    return _Shelf.catalogue


def use_catalogue(types: Catalogue | None) -> None:
    """Runs another catalogue (None: the built-in one) and forgets what was compiled."""
    with _Shelf.lock:
        _Shelf.catalogue = types
        _Shelf.kept.clear()


def entry(version_id: str) -> Entry:
    """A published version, compiled; one read of the database at its first use. Raises NotFound, or what is wrong."""
    with _Shelf.lock:
        found = _Shelf.kept.get(version_id)
        if found is not None:
            _Shelf.kept.move_to_end(version_id)
            return found
    document = Version.objects.filter(id=version_id).values_list("graph", flat=True).first()
    if document is None:
        raise NotFound("This version of the flow is gone.")
    graph = graphs.parse(document)
    built = Entry(
        program=Program.build(graph, catalogue()),
        nodes={node.id: node for node in graph.nodes},
        settings=graph.settings,
    )
    with _Shelf.lock:
        _Shelf.kept[version_id] = built
        while len(_Shelf.kept) > _CAPACITY:
            _Shelf.kept.popitem(last=False)
    return built


def program(version_id: str) -> Program:
    """The compiled program of a published version."""
    return entry(version_id).program


def orders(flow_id: str, since: str, number: int) -> tuple[Mapping[str, Any], ...]:
    """What was chosen for the customers inside at each publishing after version `since`, up to the one with `number`."""
    began = Version.objects.filter(id=since).values_list("number", flat=True).first()
    found = Version.objects.filter(flow_id=flow_id, number__gt=began or 0, number__lte=number).order_by("number")
    return tuple(found.values_list("orders", flat=True))
