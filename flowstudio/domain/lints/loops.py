"""What costs money each time around (SEMANTICS 9.4, 14.1)."""

from __future__ import annotations

from collections.abc import Iterator

from flowstudio.domain.issue import Issue
from flowstudio.domain.lints.view import View
from flowstudio.domain.structure import REPEAT, structure


def issues(view: View) -> Iterator[Issue]:
    """`paid_in_loop`."""
    if not any(node.type == REPEAT for node in view.graph.nodes):
        return
    for repeat, body in structure(view.graph).loops.items():
        times = view.nodes[repeat].config.get("times")
        for node, kind in view.running():
            price = node.config.get("price", kind.price)
            if (
                node.id not in body
                or kind.effect != "vendor"
                or isinstance(price, bool)
                or not isinstance(price, int | float)
                or price <= 0
            ):
                continue
            often = f"up to {times} times" if isinstance(times, int) and times > 1 else "each time around"
            yield Issue(
                code="paid_in_loop",
                severity="warning",
                message=f"{view.name(node)} costs money, and {view.name(view.nodes[repeat])} repeats it {often} for each "
                "customer.",
                node=node.id,
                fix="Ask once, before the loop, and read its answer inside.",
            )
