"""A flow's settings in plain English: what differs from the ordinary, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowstudio.domain import flow_settings
from flowstudio.domain.flow_settings import ExitRule, FlowSettings, GoalRule, QuietHours
from flowstudio.domain.schedule import say

_DAYS = {
    "mon": "Mondays", "tue": "Tuesdays", "wed": "Wednesdays", "thu": "Thursdays", "fri": "Fridays",
    "sat": "Saturdays", "sun": "Sundays",
}  # fmt: skip


def said(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences, in the order of the form; nothing for what is left as it comes."""
    return tuple(_sentences(flow_settings.read(settings)))


def _sentences(rules: FlowSettings) -> Iterator[str]:
    if rules.reentry == "never":
        yield "Each customer enters once only."
    elif rules.reentry == "parallel":
        yield "A customer may be inside several times at once."
    if rules.cooldown:
        yield f"Nobody enters again within {say(rules.cooldown)} of the last entry."
    if rules.max_entries:
        yield f"Nobody enters more than {rules.max_entries} times in all."
    if rules.consent:
        yield f"Who has refused “{rules.consent}” does not enter."
    if rules.admit_suppressed:
        yield "Unsubscribed customers enter, too; no message reaches them."
    if rules.entry_rate:
        yield f"At most {rules.entry_rate.max:,} enter in {say(rules.entry_rate.per)}."
    if rules.holdout:
        yield f"{rules.holdout:g} % of the customers are held out: they travel and are measured, but get no message."
    for rule in rules.exits:
        yield f"Leave at once{_named(rule)} when {_what(rule)}."
    for goal in rules.goals:
        ends = " That ends the run." if goal.mode == "exit" else ""
        within = say(goal.window or rules.conversion_window or "30d")
        yield f"Counted as a goal{_named(goal)} when {_what(goal)}, within {within} of the entry.{ends}"
    if rules.quiet_hours:
        yield _quiet(rules.quiet_hours)


def _named(rule: ExitRule | GoalRule) -> str:
    return f" (“{rule.name}”)" if rule.name else ""


def _what(rule: ExitRule | GoalRule) -> str:
    condition = rule.condition.strip()
    if not rule.event:
        return f"{condition} holds"
    told = f"“{rule.event}” comes"
    if condition:
        told += f" and {condition}"
    return f"{told}, with the same {rule.same} as at the entry" if rule.same else told


def _quiet(quiet: QuietHours) -> str:
    hours = f"{quiet.window.from_} and {quiet.window.to}"
    days = f" on {', '.join(_DAYS[day] for day in quiet.window.days)}" if quiet.window.days else ""
    then = {
        "hold": f"a message waits until it is over, {say(quiet.max_hold)} at most",
        "drop": "the run goes on without the message",
        "branch": "the run goes on by “not delivered”",
    }[quiet.mode]
    return f"No message between {hours}{days} in the customer's own time: {then}."
