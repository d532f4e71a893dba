"""Segments: groups of rules over traits and over what customers did, judged on plain values.

A rule is `{"all": […]}` or `{"any": […]}` of rules; a row of the rule builder (`{"field", "op", "value"}`, see
`flowstudio.domain.rules`); or `{"event", "op": "did" | "did_not", "times": n, "within": "30d"}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flowstudio.domain import expression
from flowstudio.domain.errors import InputError, ScheduleError
from flowstudio.domain.rules import MAX_DEPTH, is_group, leaf_words, to_cel
from flowstudio.domain.schedule import parse_duration, say

MAX_ROWS = 50
MAX_TIMES = 100
# A change of any trait may matter.
ANY_TRAIT = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Did:
    """“Did the event at least so many times within that long”, or did not."""

    event: str
    did: bool
    times: int
    within: timedelta

    def counts(self, occurred: Sequence[datetime], now: datetime) -> bool:
        """`occurred` is when the customer did it, the newest first."""
        inside = [at for at in occurred if now - self.within < at <= now]
        return (len(inside) >= self.times) == self.did

    def turns(self, occurred: Sequence[datetime], now: datetime) -> datetime | None:
        """When this comes out otherwise by time alone; None: never."""
        inside = [at for at in occurred if now - self.within < at <= now]
        return inside[self.times - 1] + self.within if len(inside) >= self.times else None


Occurred = Mapping[str, Sequence[datetime]]


def _rows(rule: Any, depth: int = 0) -> Iterator[Any]:
    if depth > MAX_DEPTH:
        raise InputError("The groups are nested too deeply.", fix="Use at most ten levels.")
    if is_group(rule):
        for item in rule["all"] if isinstance(rule.get("all"), list) else rule["any"]:
            yield from _rows(item, depth + 1)
    else:
        yield rule


def _did(row: Mapping[str, Any]) -> Did:
    event, op, times = row.get("event"), row.get("op", "did"), row.get("times", 1)
    if not isinstance(event, str) or not event.strip():
        raise InputError("A rule has no event.", fix="Choose what customers did.")
    if op not in ("did", "did_not"):
        raise InputError("A rule says neither did nor did not.", fix="Choose one of the two.")
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MAX_TIMES:
        raise InputError(f"“{event}” must be counted 1 to {MAX_TIMES} times.", fix="Choose a number in between.")
    try:
        within = parse_duration(str(row.get("within", "30d")))
    except ScheduleError as error:
        raise InputError(error.message, fix=error.fix) from None
    if within < timedelta(minutes=1):
        raise InputError(f"“{event}” needs a time of at least a minute.", fix="Choose for example 30d.")
    return Did(event=event, did=op == "did", times=times, within=within)


def checked(rule: Any) -> Mapping[str, Any]:
    """The rule, if it can be judged; raises InputError with a sentence."""
    if not is_group(rule):
        raise InputError("A segment is a group of rules.", fix="Add a rule.")
    rows = list(_rows(rule))
    if not rows:
        raise InputError("The segment has no rule.", fix="Add one; without it everybody would be in it.")
    if len(rows) > MAX_ROWS:
        raise InputError(f"A segment has at most {MAX_ROWS} rules.", fix="Make two segments of it.")
    for row in rows:
        if not isinstance(row, Mapping):
            raise InputError("A rule cannot be read.", fix="Delete it and add it again.")
        if "event" in row:
            _did(row)
            continue
        paths = expression.references(to_cel({"all": [row]}))
        if any(path.split(".")[0] != "customer" for path in paths):
            raise InputError("A segment's rule reads the customer only.", fix="Choose a trait.")
    return dict(rule)


def events_of(rule: Mapping[str, Any]) -> tuple[Did, ...]:
    """What it counts."""
    return tuple(_did(row) for row in _rows(rule) if "event" in row)


def traits_of(rule: Mapping[str, Any]) -> frozenset[str]:
    """The traits that it reads; `ANY_TRAIT` where that cannot be told."""
    found: set[str] = set()
    for row in _rows(rule):
        if "event" in row:
            continue
        for path in expression.references(to_cel({"all": [row]})):
            kind, _, trait = path.partition(".")[2].partition(".")
            found.add(trait.split(".")[0] if kind == "traits" and trait else ANY_TRAIT)
    return frozenset(found)


def holds(rule: Mapping[str, Any], customer: Mapping[str, Any], occurred: Occurred, now: datetime) -> bool:
    """Whether a customer is in the segment; `occurred` is when they did what it counts, the newest first."""
    if is_group(rule):
        every = isinstance(rule.get("all"), list)
        found = (holds(item, customer, occurred, now) for item in rule["all" if every else "any"])
        return all(found) if every else any(found)
    if "event" in rule:
        did = _did(rule)
        return did.counts(occurred.get(did.event, ()), now)
    return expression.judge(to_cel({"all": [rule]}), {"customer": customer, "now": now}).matched


def look_again(rule: Mapping[str, Any], occurred: Occurred, now: datetime) -> datetime | None:
    """The next moment at which time alone may change the answer; None: there is none."""
    turns = (did.turns(occurred.get(did.event, ()), now) for did in events_of(rule))
    return min((at for at in turns if at is not None), default=None)


def words(rule: Any) -> str:
    """The rule in words: "Plan is Team and did Paid at least 3 times in 30 days"."""
    if is_group(rule):
        every = isinstance(rule.get("all"), list)
        said = [words(item) for item in rule["all" if every else "any"]]
        return (" and " if every else " or ").join(
            f"({one})" if " or " in one and every else one for one in said if one
        )
    if not isinstance(rule, Mapping):
        return ""
    if "event" not in rule:
        return leaf_words(rule)
    times = rule.get("times", 1)
    often = "" if times == 1 else f" at least {times} times"
    verb = "did" if rule.get("op", "did") == "did" else "did not do"
    return f"{verb} {rule.get('event') or '…'}{often} in {say(str(rule.get('within', '30d')))}"
