"""What ends a run early, and what counts as success: goals before exits (SEMANTICS 2). Pure.

`on_event` judges an event that arrived while the customer is inside (or, for goals, within the goal's time of the
entry); `on_state` judges conditions, at each boundary between steps and whenever a trait that they read changed.
Conditions see `customer`, `run` (with `run.event`, what began the run), `now`, and as `event` the event that arrived,
or without one the event that began the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flowstudio.domain import expression
from flowstudio.domain.endings import EndReason
from flowstudio.domain.errors import ExpressionError
from flowstudio.domain.flow_settings import ExitRule, FlowSettings, GoalRule

# A condition that reads more of the customer than single traits: any change may matter to it.
ANY_TRAIT = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A goal that was reached: its id (a rule's, or a Goal node's), its name, and why in a sentence."""

    goal: str
    name: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """The run is over before its path is: by a goal that ends it, or by an exit."""

    status: Literal["goal", "exited"]
    reason: EndReason
    rule: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What came of it: the goals that were reached, and whether the run ends."""

    reached: tuple[Reached, ...] = ()
    left: Left | None = None


NOTHING = Judged()


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """The run as it is judged. `scope` is what conditions see; `inside` is false when the run is over already."""

    scope: Mapping[str, Any]
    began: Mapping[str, Any]
    started_at: datetime
    at: datetime
    inside: bool = True


def watches_events(settings: FlowSettings) -> frozenset[str]:
    """The names of the events that may end a run of this flow or count for it."""
    return frozenset(rule.event for rule in (*settings.exits, *settings.goals) if rule.event)


def watches_traits(settings: FlowSettings) -> frozenset[str]:
    """The traits on which its conditions depend; `ANY_TRAIT` where that cannot be told."""
    found: set[str] = set()
    for rule in (*settings.exits, *settings.goals):
        if rule.event:
            continue
        for path in expression.references(rule.condition):
            root, _, rest = path.partition(".")
            if root != "customer":
                continue
            kind, _, trait = rest.partition(".")
            found.add(trait.split(".")[0] if kind == "traits" and trait else ANY_TRAIT)
    return frozenset(found)


def judges_states(settings: FlowSettings) -> bool:
    """Whether any exit or goal is a condition."""
    return any(not rule.event for rule in (*settings.exits, *settings.goals))


def on_event(settings: FlowSettings, event: Mapping[str, Any], moment: Moment) -> Judged:
    """Goals, then exits, on one event (2.3)."""
    name = str(event.get("name") or "")
    scope = {**moment.scope, "event": event}

    def fits(rule: ExitRule | GoalRule) -> bool:
        if rule.event != name or not _same(rule.same, event, moment.began):
            return False
        return not rule.condition.strip() or expression.judge(rule.condition, scope).matched

    return _judged(
        settings,
        moment,
        goals=[(goal, f"{name} came") for goal in settings.goals if goal.event and fits(goal)],
        exits=((rule, f"{name} came") for rule in settings.exits if rule.event and fits(rule)),
    )


def on_state(settings: FlowSettings, moment: Moment) -> Judged:
    """Goals, then exits, that are conditions."""

    def holding[R: (ExitRule, GoalRule)](rules: Iterable[R]) -> Iterable[tuple[R, str]]:
        for rule in rules:
            if not rule.event:
                verdict = expression.judge(rule.condition, moment.scope)
                if verdict.matched:
                    yield rule, verdict.reason

    return _judged(settings, moment, goals=list(holding(settings.goals)), exits=holding(settings.exits))


def at_boundary(
    settings: FlowSettings,
    customer: Mapping[str, Any],
    event: Mapping[str, Any],
    run: Mapping[str, Any],
    now: datetime,
) -> Judged:
    """Conditions at the boundary between two steps, for a run as the interpreter knows it."""
    scope = {"customer": customer, "event": event, "run": {**run, "event": event}, "now": now}
    started_at = run.get("started_at")
    since = started_at if isinstance(started_at, datetime) else now
    return on_state(settings, Moment(scope=scope, began=event, started_at=since, at=now))


def _judged(
    settings: FlowSettings,
    moment: Moment,
    *,
    goals: list[tuple[GoalRule, str]],
    exits: Iterable[tuple[ExitRule, str]],
) -> Judged:
    reached: list[Reached] = []
    left: Left | None = None
    for goal, why in goals:
        if moment.at - moment.started_at > settings.window(goal):
            continue
        reached.append(Reached(goal=goal.id, name=goal.title, sentence=_said("Reached", goal.title, why)))
        if goal.mode == "exit" and left is None and moment.inside:
            left = Left(status="goal", reason=EndReason.GOAL, rule=goal.id, sentence=reached[-1].sentence)
    if left is None and moment.inside:
        rule, why = next(iter(exits), (None, ""))
        if rule is not None:
            left = Left(
                status="exited", reason=EndReason.EXIT_RULE, rule=rule.id, sentence=_said("Left by", rule.title, why)
            )
    return Judged(reached=tuple(reached), left=left) if reached or left else NOTHING


def _said(verb: str, title: str, why: str) -> str:
    return f"{verb} “{title}”: {why}" if why else f"{verb} “{title}”"


def _same(source: str, event: Mapping[str, Any], began: Mapping[str, Any]) -> bool:
    """Whether a value is there and equal in both events (2.4)."""
    if not source.strip():
        return True
    try:
        compiled = expression.compile(source)
        mine, theirs = compiled.evaluate({"event": event}), compiled.evaluate({"event": began})
    except ExpressionError:
        return False
    return mine is not None and mine == theirs
