"""The drawings a workspace may begin with."""

from __future__ import annotations

from functools import cache
from typing import Any

from flowstudio.domain import samples
from flowstudio.domain.errors import InputError
from flowstudio.services import graphs, sketches


@cache
def listed() -> tuple[dict[str, Any], ...]:
    """Every template with its drawing, the onboarding unit first."""
    graph = graphs.placed(graphs.parse(samples.onboarding_unit()))
    return (
        {
            "id": "onboarding",
            "name": "Onboarding",
            "description": (
                "When somebody signs up: find out who they are, tell sales about big companies, and write to the others "
                "when they use something we integrate with."
            ),
            "graph": graphs.serialise(graph),
            "drawing": sketches.drawing(graph),
        },
    )


def graph_of(template_id: str) -> Any:
    """The document of one template."""
    for template in listed():
        if template["id"] == template_id:
            return template["graph"]
    raise InputError(f"There is no template {template_id!r}.", field="template")
