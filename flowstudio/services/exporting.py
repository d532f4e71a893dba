"""A stored flow as a file: which graph, under which name, with which counts."""

from __future__ import annotations

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.services import graphs, stats
from flowstudio.services.caller import Caller
from flowstudio.services.export import export as draw
from flowstudio.store.queries import flows as queries


def export(
    caller: Caller, flow_id: str, *, fmt: str, version: int | None = None, counts: bool = False, theme: str = "light"
) -> tuple[bytes, str, str]:
    """The draft, or a published version, as bytes, media type and file name."""
    flow = queries.one(caller.workspace_id, flow_id)
    if version is None:
        document = queries.draft(caller.workspace_id, flow_id).graph
    else:
        document = queries.version(flow.id, version).graph
    return draw(
        graphs.parse(document),
        CATALOGUE,
        name=flow.name,
        fmt=fmt,
        counts=stats.read(caller, flow_id) if counts else None,
        theme="dark" if theme == "dark" else "light",
    )
