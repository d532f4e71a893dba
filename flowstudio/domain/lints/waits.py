"""Waits for what can never come: an exit takes the event first (SEMANTICS 2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowstudio.domain.issue import Issue
from flowstudio.domain.lints.view import View


def issues(view: View) -> Iterator[Issue]:
    """`wait_never`."""
    settings = view.settings
    # Only rules that ask nothing but the event take every one of them.
    ends = {rule.event: f"the exit “{rule.title}”" for rule in settings.exits if _always(rule)}
    ends |= {rule.event: f"the goal “{rule.title}”" for rule in settings.goals if rule.mode == "exit" and _always(rule)}
    if not ends:
        return
    for node, kind in view.running():
        if kind.type != "wait.event":
            continue
        branches = node.config.get("branches")
        for index, branch in enumerate(branches if isinstance(branches, list | tuple) else ()):
            event = branch.get("event") if isinstance(branch, Mapping) else None
            if isinstance(event, str) and event in ends:
                yield Issue(
                    code="wait_never",
                    severity="warning",
                    message=f"{view.name(node)} waits for “{event}”, but {ends[event]} ends the run when it comes.",
                    node=node.id,
                    field=f"branches.{index}.event",
                    fix="Delete this branch, or take the event out of the flow's exits and goals.",
                )


def _always(rule: object) -> bool:
    return (
        bool(getattr(rule, "event", ""))
        and not getattr(rule, "condition", "").strip()
        and not getattr(rule, "same", "")
    )
