"""The delivery gate: every `person` effect passes it at the moment of sending, in one fixed order, and each verdict is
kept with the step (SEMANTICS 5). Pure: the engine reads what stands, the simulation imagines it.

The first check that does not pass decides; what comes after it is not judged. Caps, budgets and rate limits have their
place in the order and pass while there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flowstudio.domain import expression, quiet, schedule
from flowstudio.domain.decision import Effect
from flowstudio.domain.flow_settings import QuietHours
from flowstudio.domain.leaving import Judged

CHECKS = (
    "run_active", "flow_running", "exit_or_goal", "consent", "address", "audience", "holdout", "quiet_hours",
    "frequency_cap", "budget", "rate_limit", "render", "send",
)  # fmt: skip
# A `vendor` effect reaches nobody: the parts that apply to it (5.1).
VENDOR_CHECKS = frozenset({"run_active", "flow_running", "exit_or_goal", "budget", "rate_limit", "render", "send"})
NO_ADDRESS = "the customer has no e-mail address."
Outcome = Literal["pass", "stop", "leave", "hold", "withhold"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What the gate must know. `held_since` is when the customer arrived at the step; `suppressed` and `denied` say in
    words what keeps the message back, '' for nothing."""

    now: datetime
    zone: ZoneInfo
    held_since: datetime
    effect: Effect = "person"
    run_active: bool = True
    flow_state: str = "live"
    judged: Judged = field(default_factory=Judged)
    suppressed: str = ""
    denied: str = ""
    address_problem: str = ""
    audience: str = ""
    scope: Mapping[str, Any] = field(default_factory=dict)
    shadow: bool = False
    transactional: bool = False
    quiet_hours: QuietHours | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """How one check came out."""

    check: str
    outcome: Outcome
    sentence: str = ""
    until: datetime | None = None

    def as_dict(self) -> dict[str, str]:
        """As it is kept with the step."""
        return {"check": self.check, "verdict": self.outcome, "sentence": self.sentence}


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """All verdicts in order; the last one is the gate's."""

    verdicts: tuple[Verdict, ...]

    @property
    def last(self) -> Verdict:
        """The one that decides."""
        return self.verdicts[-1]

    def kept(self) -> list[dict[str, str]]:
        """As it is kept with the step."""
        return [verdict.as_dict() for verdict in self.verdicts]


def judge(standing: Standing) -> Passage:
    """Every verdict up to the one that decides."""
    found: list[Verdict] = []
    for check in CHECKS:
        if standing.effect != "person" and check not in VENDOR_CHECKS:
            continue
        verdict = _check(check, standing)
        found.append(verdict)
        if verdict.outcome != "pass":
            break
    return Passage(verdicts=tuple(found))


def _check(check: str, s: Standing) -> Verdict:
    match check:
        case "run_active":
            return _unless(check, "" if s.run_active else "The run is over.", "stop")
        case "flow_running":
            running = s.flow_state not in ("paused", "stopped", "archived")
            return _unless(check, "" if running else f"The flow is {s.flow_state}.", "stop")
        case "exit_or_goal":
            return _unless(check, s.judged.left.sentence if s.judged.left else "", "leave")
        case "consent":
            why = s.suppressed or ("" if s.transactional else s.denied)
            return _unless(check, f"Withheld: {why}." if why else "", "withhold")
        case "address":
            return _unless(check, f"Withheld: {s.address_problem}" if s.address_problem else "", "withhold")
        case "audience":
            return _audience(s)
        case "holdout":
            return _unless(check, "Withheld: the customer is held out." if s.shadow else "", "withhold")
        case "quiet_hours":
            return _quiet(s)
        case _:
            return Verdict(check=check, outcome="pass")


def _unless(check: str, sentence: str, outcome: Outcome) -> Verdict:
    return Verdict(check=check, outcome=outcome if sentence else "pass", sentence=sentence)


def _audience(s: Standing) -> Verdict:
    if not s.audience.strip():
        return Verdict(check="audience", outcome="pass")
    verdict = expression.judge(s.audience, s.scope)
    why = verdict.reason or verdict.flagged
    if verdict.matched:
        return Verdict(check="audience", outcome="pass", sentence=why)
    return Verdict(check="audience", outcome="withhold", sentence=f"Withheld: not meant for this customer, {why}.")


def _quiet(s: Standing) -> Verdict:
    rules = s.quiet_hours
    end = quiet.ends_at(rules.window, s.now, s.zone) if rules else None
    if rules is None or end is None:
        return Verdict(check="quiet_hours", outcome="pass")
    if s.transactional:
        return Verdict(check="quiet_hours", outcome="pass", sentence="Transactional: goes out at any hour.")
    until = f"{end.astimezone(s.zone):%H:%M} {quiet.place(s.zone)}"
    if rules.mode != "hold":
        sentence = f"Withheld: quiet hours until {until}."
        return Verdict(check="quiet_hours", outcome="withhold", sentence=sentence)
    longest = schedule.parse_duration(rules.max_hold or "24h")
    if end - s.held_since > longest:
        sentence = (
            f"Withheld: quiet hours until {until}, and it may be held for {schedule.say(rules.max_hold)} at most."
        )
        return Verdict(check="quiet_hours", outcome="withhold", sentence=sentence)
    sentence = f"Held by quiet hours until {until}"
    return Verdict(check="quiet_hours", outcome="hold", sentence=sentence, until=end.astimezone(UTC))
