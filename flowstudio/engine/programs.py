"""Published versions compiled once: graph, conditions and templates ready to run, kept while they are in use."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import ClassVar

from flowstudio.domain import graph as graphs
from flowstudio.domain.errors import NotFound
from flowstudio.domain.interpreter import Program
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.store.models import Version

_CAPACITY = 256


class _Shelf:
    """What this process has compiled, least recently used first."""

    lock: ClassVar[threading.Lock] = threading.Lock()
    kept: ClassVar[OrderedDict[str, Program]] = OrderedDict()
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


def program(version_id: str) -> Program:
    """The compiled program of a published version; one read of the database at its first use. Raises NotFound."""
    with _Shelf.lock:
        found = _Shelf.kept.get(version_id)
        if found is not None:
            _Shelf.kept.move_to_end(version_id)
            return found
    row = Version.objects.filter(id=version_id).values_list("graph", flat=True).first()
    if row is None:
        raise NotFound("This version of the flow is gone.")
    built = Program.build(graphs.parse(row), catalogue())
    with _Shelf.lock:
        _Shelf.kept[version_id] = built
        while len(_Shelf.kept) > _CAPACITY:
            _Shelf.kept.popitem(last=False)
    return built
