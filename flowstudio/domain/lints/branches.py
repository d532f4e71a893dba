"""Cases that nobody can ever take (SEMANTICS 9.1: the first that matches is taken)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowstudio.domain.graph import Node
from flowstudio.domain.issue import Issue
from flowstudio.domain.lints import conditions
from flowstudio.domain.lints.view import View
from flowstudio.domain.rules import leaf_words

# Of a branch with very many cases each is compared with so many before it.
_MOST = 100


def issues(view: View) -> Iterator[Issue]:
    """`case_never` and `case_repeated`."""
    for node, kind in view.running():
        if kind.type == "branch":
            yield from _cases(view, node)


def _cases(view: View, node: Node) -> Iterator[Issue]:
    found = node.config.get("cases")
    cases = [case for case in found if isinstance(case, Mapping)] if isinstance(found, list | tuple) else []
    for index, case in enumerate(cases):
        when, place = case.get("when"), f"cases.{index}.when"
        clash = conditions.contradiction(when)
        if clash is not None:
            first, second = (leaf_words(row) for row in clash)
            yield Issue(
                code="case_never",
                severity="warning",
                message=f"Nobody can take “{_title(case, index)}” of {view.name(node)}: {first} and {second} exclude each "
                "other.",
                node=node.id,
                field=place,
                fix="Change one of the two conditions, or let any of them be enough.",
            )
            continue
        earlier = cases[max(0, index - _MOST) : index]
        taken = next((other for other in earlier if conditions.covers(other.get("when"), when)), None)
        if taken is None:
            continue
        before = _title(taken, cases.index(taken))
        again = conditions.same(taken.get("when"), when)
        yield Issue(
            code="case_repeated" if again else "case_never",
            severity="warning",
            message=f"Nobody can take “{_title(case, index)}” of {view.name(node)}: "
            + (f"“{before}” asks the same before it." if again else f"“{before}” takes all of them before it."),
            node=node.id,
            field=place,
            fix="Delete the case." if again else f"Move it above “{before}”, or change its condition.",
        )


def _title(case: Mapping[str, Any], index: int) -> str:
    return str(case.get("name") or f"Case {index + 1}")
