"""The world of a simulated run: a clock that jumps, the customer as events leave them, and whether the run begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flowstudio.domain import expression, schedule
from flowstudio.domain.decision import Emitted
from flowstudio.domain.errors import ExpressionError, ScheduleError
from flowstudio.domain.interpreter import Program
from flowstudio.domain.simulated import Happened, Person

_GRACE, _MOST_GRACE = timedelta(minutes=5), timedelta(minutes=30)


class World:
    """Who travels, through which program, and what happens to them meanwhile."""

    run: dict[str, Any]

    def __init__(
        self, program: Program, person: Person, event: Happened, later: Sequence[Happened], *, timezone: str
    ) -> None:
        self.program = program
        self.person, self.event = person, event
        self.timezone = timezone
        self.start = self.now = event.at
        self.email = person.email
        self.traits: dict[str, Any] = {}
        self.coming = sorted(later, key=lambda one: one.at)
        self.seen = 0
        self.write(person.traits)
        self.write(event.traits)

    def write(self, traits: Mapping[str, Any]) -> None:
        """New values of traits; a null takes the trait away."""
        self.traits = {name: value for name, value in {**self.traits, **traits}.items() if value is not None}

    def advance(self, to: datetime) -> None:
        """Lets the clock jump; what events on the way say of the customer is known from then on."""
        self.now = max(self.now, to)
        while self.seen < len(self.coming) and self.coming[self.seen].at <= self.now:
            self.write(self.coming[self.seen].traits)
            self.seen += 1
        email = self.traits.get("email")
        self.email = email if isinstance(email, str) and email else self.email

    def sends(self, emits: Sequence[Emitted], judged: int) -> None:
        """What a step sends arrives at once, behind the events that are `judged` already."""
        for one in emits:
            place = max([judged, *(number + 1 for number, event in enumerate(self.coming) if event.at <= self.now)])
            subject = {
                "id": f"sent_{place}", "name": one.event, "type": "track", "properties": dict(one.properties),
                "context": {"flow": {"depth": one.depth}}, "occurred_at": self.now.isoformat(),
                "received_at": self.now.isoformat(),
            }  # fmt: skip
            self.coming.insert(place, Happened(subject=subject, at=self.now))

    def customer(self) -> dict[str, Any]:
        """The customer as expressions see them."""
        return {
            "id": self.person.id,
            "email": self.email or None,
            "name": self.person.name or None,
            "traits": self.traits,
        }

    def entrance(self) -> tuple[str, str]:
        """The trigger, and why the event would not begin a run there; '' when it does (SEMANTICS 1.4)."""
        if not self.program.triggers:
            return "", "Nothing starts this flow: it has no trigger."
        node = self.program.triggers[0]
        config = self.program.nodes[node].config
        wanted, name = str(getattr(config, "event", "") or ""), str(self.event.subject.get("name") or "")
        if wanted and wanted != name:
            return node, f"Not started: this flow begins with “{wanted}”, not with “{name}”."
        condition = str(getattr(config, "filter", "") or "")
        reason = self.refusal(condition)
        last = self.start + self.grace()
        # A trait that arrives a moment later still counts (`match_grace`).
        for event in self.coming[self.seen :]:
            if not reason or event.at > last:
                break
            self.advance(event.at)
            reason = self.refusal(condition)
        return node, reason

    def refusal(self, condition: str) -> str:
        """Why the trigger's condition does not hold; '' when it does."""
        if not condition.strip():
            return ""
        scope = {"customer": self.customer(), "event": self.event.subject, "now": self.now}
        verdict = expression.judge(condition, scope)
        why = verdict.reason or verdict.flagged or "the filter did not match"
        return "" if verdict.matched else f"Not started: {why}."

    def grace(self) -> timedelta:
        """For how long the condition may still come true (SEMANTICS 1.4)."""
        try:
            return min(schedule.parse_duration(self.program.settings.get("match_grace") or "5m"), _MOST_GRACE)
        except ScheduleError:
            return _GRACE

    def correlation(self) -> str:
        """The run's correlation, '' where there is none."""
        source = self.program.settings.get("correlation")
        if not isinstance(source, str) or not source.strip():
            return ""
        try:
            scope = {"customer": self.customer(), "event": self.event.subject, "now": self.now}
            value = expression.compile(source).evaluate(scope)
        except ExpressionError:
            return ""
        return "" if value is None else str(value)[:255]

    def satisfies(self, condition: str, event: Happened) -> bool:
        """Whether an event passes a wait's condition (SEMANTICS 3.4)."""
        if not condition.strip():
            return True
        run = {"id": self.run["id"], "correlation": self.run["correlation"], "event": self.event.subject}
        scope = {"customer": self.customer(), "event": event.subject, "run": run, "now": self.now}
        return expression.judge(condition, scope).matched
