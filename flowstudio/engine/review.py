"""Effects of which nobody knows whether they happened, parked for a person (SEMANTICS 10.3): what the person found.

*Done* finishes the step as it would have been by an answer; *again* sends it once more, with the same key; *end* ends the
run. Nothing is decided for anybody who does not stand in review.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from flowstudio.domain.errors import Conflict
from flowstudio.engine import clock, control
from flowstudio.engine.tally import Tally, together
from flowstudio.store.models import Run, Step, Token
from flowstudio.store.sql import db_json, db_time

CHOICES = ("done", "again", "end")
AT_ONCE = 200


@transaction.atomic
def settle_run(workspace_id: str, run_id: str, choice: str, by: str) -> list[str]:
    """Settles what is in review in one run; gives the nodes. Conflict when nothing is."""
    run = Run.objects.select_related("customer").filter(workspace_id=workspace_id, id=run_id).first()
    tokens = list(_held(run_id=run_id).order_by("id")) if run is not None else []
    if run is None or not tokens:
        status = run.status if run is not None else ""
        raise Conflict("Nothing of this run is in review.", theirs={"status": status})
    _settle([(run, tokens)], choice, by)
    return [token.node for token in tokens]


@transaction.atomic
def settle_node(workspace_id: str, flow_id: str, node: str, choice: str, by: str) -> tuple[list[str], int]:
    """Settles what is in review at one node of a flow, a bounded number at once; gives the runs, and how many are left."""
    tokens = list(_held(flow_id=flow_id, node=node, workspace_id=workspace_id).order_by("id")[:AT_ONCE])
    runs = {run.id: run for run in Run.objects.select_related("customer").filter(id__in={t.run_id for t in tokens})}
    found: dict[str, list[Token]] = {}
    for token in tokens:
        found.setdefault(token.run_id, []).append(token)
    _settle([(runs[run], held) for run, held in found.items()], choice, by)
    return list(found), _held(flow_id=flow_id, node=node, workspace_id=workspace_id).count()


def _held(**where: str):  # type: ignore[no-untyped-def]
    return Token.objects.select_for_update().filter(state="held", owner="", **where)


def _settle(found: Sequence[tuple[Run, list[Token]]], choice: str, by: str) -> None:
    now = clock.now()
    with connection.cursor() as cursor, together(cursor):
        if choice == "end":
            sentence = f"Ended in review by {by}" if by else "Ended in review"
            runs = [run for run, _ in found]
            control.end_runs(runs, status="cancelled", reason="cancelled_by_user", sentence=sentence)
        for run, tokens in found if choice != "end" else ():
            for token in tokens:
                _go_on(run, token, choice, by, now)
    transaction.on_commit(control.ring, robust=True)


def _go_on(run: Run, token: Token, choice: str, by: str, now: datetime) -> None:
    tally = Tally()
    tally.count(run.workspace_id, run.flow_id, run.number, f"node:{token.node}", "held", -1)
    Step.objects.filter(id=token.step_id, status="held").update(status="retrying")
    said = "it was done, says" if choice == "done" else "sent again by"
    wake = {"settled": "done", "by": by} if choice == "done" else None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE store_token SET state = 'retrying', due_at = %s, tries = 0, wake = %s, fence = fence + 1 "
            "WHERE id = %s",
            [db_time(now), db_json(wake), token.id],
        )
        control.note(
            tally, run, node=token.node, step_id=token.step_id, state="retrying", now=now,
            said=f"{said} {by}" if by else said.partition(",")[0],
        )  # fmt: skip
        tally.write(cursor, now)
