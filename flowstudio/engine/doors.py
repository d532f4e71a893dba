"""What stands between a matched event and a run, beside re-entry: consent, the entry rate, the holdout (SEMANTICS 1.4).

Read for a whole batch with set queries; judged entry by entry in memory.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from flowstudio.domain import schedule
from flowstudio.domain.flow_settings import FlowSettings
from flowstudio.domain.flow_settings import read as read_settings
from flowstudio.domain.nodes.split import BUCKETS, bucket
from flowstudio.engine import rows
from flowstudio.store import suppression
from flowstudio.store.models import Consent, Run
from flowstudio.store.models.run import RUN_STATUSES

_SUPPRESSED = {
    "unsubscribed": "the customer has unsubscribed",
    "by_hand": "the customer is suppressed",
    "bounced": "the customer's address bounced",
    "complained": "the customer complained about a message",
}


class _Read:
    """Settings of versions by id: they never change."""

    rules: ClassVar[OrderedDict[str, FlowSettings]] = OrderedDict()


def rules_of(version: str, settings: Mapping[str, Any]) -> FlowSettings:
    """A published version's settings, read once."""
    found = _Read.rules.get(version)
    if found is None:
        found = _Read.rules[version] = read_settings(settings)
        while len(_Read.rules) > 256:
            _Read.rules.popitem(last=False)
    return found


def said(reason: str) -> str:
    """Why somebody is suppressed, as part of a sentence."""
    return _SUPPRESSED.get(reason, "the customer is suppressed")


@dataclass(kw_only=True)
class Doors:
    """Who of a batch is suppressed or has refused what, and how many entered lately."""

    now: datetime
    _suppressed: dict[tuple[str, suppression.Name], str] = field(default_factory=dict)
    _denied: set[tuple[str, str]] = field(default_factory=set)
    _entered: dict[str, int] = field(default_factory=dict)

    def load(self, people: Iterable[tuple[str, str, Iterable[str]]], categories: set[str]) -> None:
        """People as (workspace, customer, the addresses that they have or are given in this batch)."""
        wanted: dict[str, set[suppression.Name]] = {}
        customers: set[str] = set()
        for workspace, customer, emails in people:
            customers.add(customer)
            mine = wanted.setdefault(workspace, set())
            for email in ("", *emails):
                mine.update(suppression.names(customer, email))
        for workspace, names in wanted.items():
            for name, (reason, _) in suppression.found(workspace, names).items():
                self._suppressed[workspace, name] = reason
        if categories:
            for chunk in rows.chunks(sorted(customers)):
                query = Consent.objects.filter(customer_id__in=chunk, category__in=categories, state="denied")
                self._denied.update(query.values_list("customer_id", "category"))

    def refused_consent(self, workspace: str, customer: str, email: str, rules: FlowSettings) -> str:
        """Why consent keeps the customer out; '' when it does not. Unset counts as allowed."""
        if not rules.admit_suppressed:
            for name in suppression.names(customer, email):
                reason = self._suppressed.get((workspace, name))
                if reason:
                    return said(reason)
        if rules.consent and (customer, rules.consent) in self._denied:
            return f"the customer has refused “{rules.consent}”"
        return ""

    def refused_rate(self, flow: str, rules: FlowSettings) -> str:
        """Why the entry rate keeps everybody out just now; '' when it does not."""
        rate = rules.entry_rate
        if rate is None:
            return ""
        if flow not in self._entered:
            since = self.now - schedule.parse_duration(rate.per)
            # Ids rise with time and runs are found by flow and status: no scan of the flow's history.
            recent = Run.objects.filter(flow_id=flow, status__in=RUN_STATUSES, retry_of="", started_at__gt=since)
            self._entered[flow] = recent.count()
        if self._entered[flow] >= rate.max:
            return f"{self._entered[flow]:,} entered in the last {schedule.say(rate.per)}, which is the limit"
        return ""

    def entered(self, flow: str) -> None:
        """One more run of this batch."""
        if flow in self._entered:
            self._entered[flow] += 1


def held_out(flow: str, customer: str, rules: FlowSettings, *, before: bool | None) -> bool:
    """Whether the customer travels as a shadow (6.4). Who was in the flow before stays what they were then."""
    if before is not None:
        return before
    return bucket(f"holdout {flow}", customer) < rules.holdout * BUCKETS / 100
