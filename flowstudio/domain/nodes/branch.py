"""`branch`: the first case that matches, or else (SEMANTICS 9.1, 9.6, 9.7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import field_validator

from flowstudio.domain import expression
from flowstudio.domain.decision import Decision, Go
from flowstudio.domain.errors import InputError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.graph import is_id
from flowstudio.domain.nodes.base import ConfigIssue, NodeType, Port, View, once
from flowstudio.domain.rules import to_cel


class Case(Config):
    """One way out: an id that stays, a name for people, and a condition in CEL or as a rule group."""

    id: str
    name: str = field("Name", "text", default="", max_length=120)
    when: str | dict[str, Any]

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not is_id(value) or value == "else":
            raise ValueError("A case's id must be letters, digits and _, and not “else”.")
        return value


class Branch(Config):
    """The cases, in the order in which they are judged."""

    cases: tuple[Case, ...] = field("Cases", "cases", help="The first that matches is taken.", min_length=1)


def source(when: str | Mapping[str, Any]) -> str:
    """A case's condition as CEL, whichever way it was written."""
    return when if isinstance(when, str) else to_cel(when)


def _ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    cases = config.get("cases")
    found = [case for case in cases if isinstance(case, Mapping)] if isinstance(cases, list | tuple) else []
    named = [
        Port(id=str(case["id"]), label=str(case.get("name") or f"Case {index + 1}"), kind="side")
        for index, case in enumerate(found)
        if is_id(case.get("id"))
    ]
    return once(*named, Port(id="else", label="Everyone else", kind="main"))


def _check(config: Branch) -> Iterable[ConfigIssue]:
    seen: set[str] = set()
    for index, case in enumerate(config.cases):
        if case.id in seen:
            yield ConfigIssue(
                code="config_invalid",
                severity="error",
                message=f"Two cases have the id “{case.id}”.",
                field=f"cases.{index}.id",
                fix="Delete one of them.",
            )
        seen.add(case.id)


def _decide(config: Branch, view: View) -> Decision:
    reads: dict[str, Any] = {}
    reasons, flagged = [], ""
    for case in config.cases:
        try:
            condition = source(case.when)
        except InputError as error:
            flagged = flagged or error.message
            continue
        verdict = expression.judge(condition, view.scope)
        reads.update(verdict.reads)
        if verdict.matched:
            return Go(port=case.id, reason=verdict.reason, reads=reads, flagged=flagged)
        if verdict.flagged:
            return Go(port="else", reason=verdict.reason, reads=reads, flagged=verdict.flagged)
        reasons.append(verdict.reason)
    return Go(port="else", reason=", ".join(reasons[:3]) or "no case matched", reads=reads, flagged=flagged)


def _explain(config: Mapping[str, Any]) -> str:
    names = [port.label for port in _ports(config)]
    return f"Choose the first that fits: {', '.join(names[:-1]) or '…'}; otherwise everyone else"


TYPE = NodeType(
    type="branch",
    name="Branch",
    category="Logic",
    kind="logic",
    icon="arrows-split",
    help="Sends each customer down the first case that matches, or Everyone else.",
    config=Branch,
    ports=_ports,
    summary="{cases:first}",
    explain=_explain,
    decide=_decide,
    check=_check,
)
