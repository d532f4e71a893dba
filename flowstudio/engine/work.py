"""What a carried run does next, and what is known of a call whose engine died."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flowstudio.connectors.base import Connector
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.interpreter import Walk
from flowstudio.engine import advance
from flowstudio.engine.carried import Carried
from flowstudio.engine.commit import Job
from flowstudio.engine.moves import Move, Outcome

DIED = ConnectorError(
    "The engine stopped while this call was under way, so its answer is not known.",
    error_class="worker_died", retryable=True, sent="maybe",
)  # fmt: skip


Write = Callable[[Move | Job], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What is to be committed next: a walk, or (without one) another try of the open step's call.

    `slot` is the connector whose slot the run still has from its last call: a run that goes on with the same connector
    goes on at once, so that result and next `sending` share a commit also where others wait in line. `written` is the
    call's output with its text, as it is kept.
    """

    walk: Walk | None
    outcome: Outcome | None = None
    secrets: tuple[str, ...] = ()
    written: tuple[Any, str | None] | None = None
    slot: str = ""


def lost(carried: Carried, now: datetime) -> Outcome | None:
    """What became of a call that was under way when its engine died: nobody knows (10.3)."""
    tried = carried.tried
    if tried is None or tried.state != "sending":
        return None
    return Outcome(attempt=tried.id, state="unknown", ended_at=now, error_class=DIED.error_class, message=DIED.message)


def moved(
    carried: Carried, work: Work, now: datetime, *, connector: Connector | None = None, slot: bool = True
) -> Move:
    """The commit for a work's walk."""
    if work.walk is None:
        raise RuntimeError("without a walk there is a call to be tried")
    return advance.moved(
        carried, work.walk, now, outcome=work.outcome, secrets=work.secrets, written=work.written, connector=connector,
        slot=slot,
    )  # fmt: skip
