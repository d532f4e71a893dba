"""What an open wait looks out for, as rows that arriving events and changed traits find (SEMANTICS 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.domain.decision import WaitFor
from flowstudio.domain.walk import Waiting
from flowstudio.engine import rows
from flowstudio.store.sql import db_time

_COLUMNS = (
    "workspace_id", "customer_id", "event", "run_id", "token_id", "step_id", "branch", "place", "filter", "since",
    "kind", "consume", "span_s", "restarts",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitRow:
    """One way in which a wait ends or begins anew.

    `kind` is `event` (`filter` is over the event), `condition` (`filter` is over the customer; `event` is '') or
    `restart`: the event begins the timer of `span_s` seconds anew. `since` is from when on events count.
    """

    event: str
    branch: str
    place: int
    filter: str
    since: datetime
    kind: str = "event"
    consume: bool = False
    span_s: int = 0


def rows_of(stop: Waiting | WaitFor, *, arrived: datetime, began: datetime) -> tuple[WaitRow, ...]:
    """The rows of a wait at which a run arrived that began earlier (3.2, 3.6)."""
    ways = tuple(
        WaitRow(
            event=branch.event,
            branch=branch.id,
            place=place,
            filter=branch.when or branch.filter,
            since=min(began, arrived) if branch.since_entry else arrived,
            kind="condition" if branch.when else "event",
            consume=branch.consume,
        )
        for place, branch in enumerate(stop.branches)
    )
    span = int(stop.span.total_seconds())
    return ways + tuple(
        WaitRow(event=event, branch="", place=len(ways) + place, filter="", since=arrived, kind="restart", span_s=span)
        for place, event in enumerate(stop.restart_on)
    )


def values(row: WaitRow, *, workspace: str, customer: str, run: str, token: str, step: str) -> tuple[Any, ...]:
    """A row as it is written."""
    return (
        workspace, customer, row.event, run, token, step, row.branch, row.place, row.filter, db_time(row.since),
        row.kind, row.consume, row.span_s, 0,
    )  # fmt: skip


def register(cursor: CursorWrapper, made: Sequence[tuple[Any, ...]]) -> None:
    """Writes rows made by `values`."""
    rows.insert(cursor, "store_wait", _COLUMNS, made)
