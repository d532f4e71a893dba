"""Where runs stand when they are to be taken to another version: their tokens, with all that is judged by (SEMANTICS 8.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.engine import rows
from flowstudio.engine.programs import Entry
from flowstudio.store.sql import from_db_json, from_db_time

_TOKENS = """
SELECT t.id, t.run_id, t.node, t.visit, t.state, t.owner, t.wake, r.workspace_id, r.flow_id, r.customer_id, r.subject,
  r.correlation, r.started_at, c.external_id, c.email, c.name, c.traits, w.timezone, s.id, s.status, s.entered_at, s.due_at,
  t.parent, t.arm, t.meets, t.block, t.leaving
FROM store_token t JOIN store_run r ON r.id = t.run_id JOIN store_customer c ON c.id = r.customer_id
JOIN store_workspace w ON w.id = r.workspace_id LEFT JOIN store_step s ON s.id = t.step_id
WHERE t.run_id IN ({marks}) AND r.status = 'active' ORDER BY t.id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """From which version to which, by which orders."""

    source: int
    target: int
    target_id: str
    before: Entry
    after: Entry
    orders: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One token and what is to be known of it."""

    token: str
    run: str
    node: str
    visit: int
    state: str
    owner: str
    woken: bool
    workspace: str
    flow: str
    customer: str
    email: str
    name: str
    traits: Mapping[str, Any]
    event: Mapping[str, Any]
    correlation: str
    started_at: datetime | None
    zone: str
    step: str
    step_status: str
    entered_at: datetime | None
    due_at: datetime | None
    arm: str
    meets: str
    gathers: bool
    leaving: bool

    @property
    def calling(self) -> bool:
        """Whether its step is a call, or an end of waiting, that is not over yet: it keeps its version (8.5)."""
        return bool(self.step) and (self.step_status != "waiting" or self.woken)


def read(cursor: CursorWrapper, runs: Sequence[str]) -> dict[str, list[Standing]]:
    """The tokens of these runs, locked in the order of their ids, by run."""
    lock = " FOR UPDATE OF t" if connection.vendor == "postgresql" else ""
    found: dict[str, list[Standing]] = defaultdict(list)
    for chunk in rows.chunks(sorted(runs)):
        cursor.execute(_TOKENS.format(marks=", ".join(["%s"] * len(chunk))) + lock, list(chunk))
        for row in cursor.fetchall():
            one = Standing(
                token=row[0], run=row[1], node=row[2], visit=row[3], state=row[4], owner=row[5],
                woken=row[6] is not None, workspace=row[7], flow=row[8], customer=row[9],
                event=from_db_json(row[10]) or {}, correlation=row[11], started_at=from_db_time(row[12]), email=row[14],
                name=row[15], traits=from_db_json(row[16]) or {}, zone=row[17], step=row[18] or "",
                step_status=row[19] or "", entered_at=from_db_time(row[20]), due_at=from_db_time(row[21]),
                arm=row[23] if row[22] else "", meets=row[24] if row[22] else "", gathers=row[25] is not None,
                leaving=row[26] is not None,
            )  # fmt: skip
            found[one.run].append(one)
    return found
