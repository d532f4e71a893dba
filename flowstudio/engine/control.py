"""What a person may do with runs: cancel, retry, stop a flow. Synchronous, one transaction, called by services.

Tokens are taken first, as everywhere, so that a running engine and this never wait for each other in a circle. Deleting
or re-queuing the token makes every write of an engine that still carries the run stale (SEMANTICS 10.5); a call that is
already with a vendor is recorded by that engine when it returns (2.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from flowstudio.domain.endings import checked
from flowstudio.domain.errors import Conflict, NotFound
from flowstudio.engine import bell, clock, earlier, programs, rows, sentences, subflows
from flowstudio.engine.tally import Tally
from flowstudio.store.ids import new_id
from flowstudio.store.models import Attempt, Flow, Run, Step, Token, Wait
from flowstudio.store.sql import db_time

# The class of a request that could not be made at all (`connectors.wire.input_error`).
_NEVER_SENT = "input"


def ring() -> None:
    """Wakes engines and viewers."""
    bell.ring("engine")
    bell.ring("viewers")


def _run(workspace_id: str, run_id: str) -> Run:
    found = Run.objects.select_related("customer").filter(workspace_id=workspace_id, id=run_id).first()
    if found is None:
        raise NotFound("There is no such run.")
    return found


def _name(run: Run, node: str) -> str:
    try:
        return programs.entry(run.version_id).name(node)
    except Exception:
        # A version that cannot be compiled any more must not hinder its runs' end.
        return node


def _line(run: Run, *, node: str, status: str, state: str, sentence: str, at: datetime) -> dict[str, Any]:
    who = {"id": run.customer_id, "name": run.customer.name, "email": run.customer.email}
    return sentences.plain_line(
        run=run.id, customer=who, node=node, status=status, state=state, sentence=sentence, at=at
    )


@transaction.atomic
def cancel_run(workspace_id: str, run_id: str, by: str) -> None:
    """Ends an active run as `cancelled`; its timers and waits go. Conflict when it has ended already."""
    run = _run(workspace_id, run_id)
    sentence = f"Cancelled by {by}" if by else "Cancelled"
    if end_runs([run], status="cancelled", reason="cancelled_by_user", sentence=sentence) != 1:
        run.refresh_from_db(fields=["status"])
        raise Conflict(f"This run is {run.status} already.", theirs={"status": run.status})


def end_runs(runs: list[Run], *, status: str, reason: str, sentence: str) -> int:
    """Ends those of the runs that are still active, in the running transaction; gives how many. `runs` come with
    their customers."""
    checked(status, reason)
    now = clock.now()
    tally = Tally()
    ended = 0
    for chunk in rows.chunks(sorted(runs, key=lambda run: run.id)):
        by_id = {run.id: run for run in chunk}
        with connection.cursor() as cursor:
            tokens = _take_tokens(cursor, list(by_id))
            marks = ", ".join(["%s"] * len(by_id))
            cursor.execute(
                "UPDATE store_run SET status = %s, reason = %s, ending = %s, ended_at = %s "  # noqa: S608
                f"WHERE status = 'active' AND id IN ({marks}) RETURNING id",
                [status, str(reason), sentence, db_time(now), *by_id],
            )
            gone = [row[0] for row in cursor.fetchall()]
        open_steps = Step.objects.filter(run_id__in=gone).exclude(status__in=("done", "failed", "cancelled"))
        for step, run_id, node, was in open_steps.values_list("id", "run_id", "node", "status"):
            run = by_id[run_id]
            tally.count(run.workspace_id, run.flow_id, run.number, f"node:{node}", "inside", -1)
            if was == "held":
                tally.count(run.workspace_id, run.flow_id, run.number, f"node:{node}", "held", -1)
            tally.step(run.workspace_id, run.flow_id, step, run_id)
        open_steps.update(status="cancelled", left_at=now, reason=sentence)
        Wait.objects.filter(run_id__in=gone).delete()
        for run_id in gone:
            run = by_id[run_id]
            places = tokens.get(run_id, [("", "ready")])
            for place, stood in places:
                if stood == "blocked":
                    tally.count(run.workspace_id, run.flow_id, run.number, f"node:{place}", "held", -1)
            node, state = places[-1]
            tally.count(run.workspace_id, run.flow_id, run.number, "run", "active", -1)
            tally.count(run.workspace_id, run.flow_id, run.number, "run", status, 1)
            tally.run(run.workspace_id, run.flow_id, run_id, run.customer_id)
            tally.line(
                run.workspace_id,
                run.flow_id,
                _line(run, node=node, status=status, state=state, sentence=sentence, at=now),
            )
        with connection.cursor() as cursor:
            subflows.over(cursor, [by_id[run_id] for run_id in gone], status, str(reason), now)
        ended += len(gone)
    with connection.cursor() as cursor:
        tally.write(cursor, now)
    transaction.on_commit(ring, robust=True)
    return ended


def _take_tokens(cursor: CursorWrapper, runs: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Deletes the runs' tokens, in the order in which the engine locks them; gives nodes and states by run."""
    found = list(
        Token.objects.select_for_update()
        .filter(run_id__in=runs)
        .order_by("id")
        .values_list("id", "run_id", "node", "state")
    )
    if found:
        marks = ", ".join(["%s"] * len(found))
        cursor.execute(f"DELETE FROM store_token WHERE id IN ({marks})", [row[0] for row in found])  # noqa: S608
    places: dict[str, list[tuple[str, str]]] = {}
    for _, run, node, state in found:
        places.setdefault(run, []).append((node, state))
    return places


@transaction.atomic
def stop_flow(flow_id: str, by: str) -> int:
    """Ends every run inside a flow (13.1); gives how many. Calls that are queued do not leave any more (13.3)."""
    runs = list(Run.objects.filter(flow_id=flow_id, status="active").select_related("customer").order_by("id"))
    sentence = f"The flow was stopped by {by}" if by else "The flow was stopped"
    return end_runs(runs, status="cancelled", reason="flow_stopped", sentence=sentence)


@transaction.atomic
def retry_run(workspace_id: str, run_id: str, by: str) -> str:
    """Tries the step again at which a run failed or is held, with the same effect key (10.7); gives the run's id that
    goes on.

    A run that is held or waits for its next try goes on itself, at once, in every arm that is. A failed one stays as it
    is: a new run begins at the failed step, or at those of several arms, with what the failed one knew
    (docs/decisions/0004). Finished steps are never run again. Conflict when there is nothing to try again, or the
    customer has entered the flow anew meanwhile.
    """
    run = _run(workspace_id, run_id)
    now = clock.now()
    tokens = list(Token.objects.select_for_update().filter(run_id=run.id).order_by("id"))
    stuck = [token for token in tokens if token.state in ("held", "retrying", "blocked")]
    run.refresh_from_db(fields=["status", "reason"])
    going = run.id
    if run.status == "failed" and not tokens:
        going = _go_on(run, by, now)
    elif run.status == "active" and stuck:
        for token in stuck:
            _hurry(run, token, by, now)
    else:
        sentence = (
            "Only a run that failed, is held or waits for its next try can be tried again; "
            f"this one is {run.status if run.status != 'active' else 'on its way'}."
        )
        raise Conflict(sentence, theirs={"status": run.status})
    transaction.on_commit(ring, robust=True)
    return going


def _hurry(run: Run, token: Token, by: str, now: datetime) -> None:
    tally = Tally()
    if token.state in ("held", "blocked"):
        tally.count(run.workspace_id, run.flow_id, run.number, f"node:{token.node}", "held", -1)
    step = Step.objects.filter(id=token.step_id).first() if token.step_id else None
    if step is not None and step.status == "held":
        Step.objects.filter(id=step.id).update(status="retrying")
    state = "retrying" if step is not None and step.status in ("held", "retrying", "running") else "ready"
    if step is not None and step.status == "waiting":
        state = "waiting"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE store_token SET state = %s, due_at = %s, tries = 0, owner = '', lease_until = NULL, "
            "fence = fence + 1 WHERE id = %s",
            [state, db_time(now), token.id],
        )
        _tell(cursor, tally, run, node=token.node, step_id=token.step_id, state=state, by=by, now=now)


def _go_on(failed: Run, by: str, now: datetime) -> str:
    """The run that goes on where `failed` stopped. That one's rows do not change; two who press at once: one wins."""
    at = _failed_at(failed)
    if not at:
        raise Conflict("This run did not fail at a step that could be tried again.", theirs={"status": failed.status})
    state = Flow.objects.values_list("state", flat=True).get(id=failed.flow_id)
    if state in ("stopped", "archived"):
        raise Conflict(
            f"The flow is {state}, so nothing is tried again in it. Publish it first.",
            theirs={"status": failed.status},
        )
    run_id = new_id()
    run = Run(
        id=run_id, workspace_id=failed.workspace_id, flow_id=failed.flow_id, version_id=failed.version_id,
        number=failed.number, customer=failed.customer, event_id=failed.event_id, retry_of=failed.id,
        correlation=failed.correlation, exclusive=run_id if failed.exclusive == failed.id else failed.exclusive,
        subject=failed.subject, status="active", steps=0, started_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        raise _why_not(failed) from None
    tally = Tally()
    for metric in ("retried", "active"):
        tally.count(run.workspace_id, run.flow_id, run.number, "run", metric)
    # Whoever looks at the failed run is told where it goes on.
    tally.run(failed.workspace_id, failed.flow_id, failed.id, failed.customer_id)
    going = _Going(failed=failed, run=run, at=at, now=now, by=by, tally=tally)
    if failed.block is None:
        going.stand(next(iter(at.values())))
    else:
        going.wait(failed.block)
    with connection.cursor() as cursor:
        tally.write(cursor, now)
    Run.objects.filter(id=run.id).update(steps=going.opened)
    return run.id


def _failed_at(failed: Run) -> dict[str, Step]:
    """The steps at which a run failed, by id: the last one, or those of the arms that its Join could not do without."""
    if failed.block is not None:
        steps = Step.objects.filter(id__in=list(_lost_steps(failed.block)), status="failed")
        return {step.id: step for step in steps}
    step = Step.objects.filter(run_id=failed.id).order_by("-seq", "-id").first()
    return {step.id: step} if step is not None and step.status == "failed" else {}


def _lost_steps(block: Mapping[str, Any]) -> Iterator[str]:
    for lost in block["failed"]:
        if lost.get("block"):
            yield from _lost_steps(lost["block"])
        else:
            yield lost["step"]


@dataclass(kw_only=True)
class _Going:
    """A retry as its tokens are put back where the failed run's arms stood."""

    failed: Run
    run: Run
    at: Mapping[str, Step]
    now: datetime
    by: str
    tally: Tally
    opened: int = 0

    def stand(self, step: Step, **arm: str) -> None:
        """A token at a step that failed: open once more, or before it, where nothing of it ever left the house."""
        run, anew = self.run, not _reached_a_vendor(self.failed, step)
        open_step, state = "", "ready"
        if not anew:
            self.opened += 1
            open_step, state = _opened(run, step, self.now, self.opened), "retrying"
            for metric in ("entered", "inside"):
                self.tally.count(run.workspace_id, run.flow_id, run.number, f"node:{step.node}", metric)
        Token.objects.create(
            run=run, workspace_id=run.workspace_id, flow_id=run.flow_id, node=step.node, visit=step.visit,
            step_id=open_step, state=state, due_at=self.now, fence=1, **arm,
        )  # fmt: skip
        _note(self.tally, run, node=step.node, step_id=open_step, state=state, by=self.by, now=self.now)

    def wait(self, block: Mapping[str, Any], **arm: str) -> None:
        """A token before a Join whose arms are tried again; its time stood still while the run was failed."""
        run, until = self.run, None
        if block.get("until"):
            until = datetime.fromisoformat(block["until"]) + (self.now - (self.failed.ended_at or self.now))
        again = {**block, "failed": [], "until": until.isoformat() if until else None}
        token = Token.objects.create(
            run=run, workspace_id=run.workspace_id, flow_id=run.flow_id, node=block["join"], state="waiting",
            due_at=until, fence=1, block=again, **arm,
        )  # fmt: skip
        for lost in block["failed"]:
            inner = {"parent": token.id, "arm": lost["arm"], "meets": block["join"]}
            if lost.get("block"):
                self.wait(lost["block"], **inner)
            elif lost["step"] in self.at:
                self.stand(self.at[lost["step"]], **inner)


def _reached_a_vendor(failed: Run, step: Step) -> bool:
    """Whether any try under this step's key, in this run or those before it, may have left the house.

    What never left binds nobody: its node is entered anew, with today's traits in its request.
    """
    with connection.cursor() as cursor:
        chain = [*earlier.line(cursor, failed.id), failed.id]
    tries = Attempt.objects.filter(run_id__in=chain, step__node=step.node, step__visit=step.visit)
    return tries.exclude(error_class=_NEVER_SENT).exclude(state="not_sent").exists()


def _opened(run: Run, failed: Step, now: datetime, seq: int) -> str:
    """The failed step once more, open: a vendor that saw its key must see the same request (10.1)."""
    return Step.objects.create(
        run=run, workspace_id=run.workspace_id, flow_id=run.flow_id, version_id=run.version_id,
        customer_id=run.customer_id, node=failed.node, visit=failed.visit, seq=seq, status="retrying", entered_at=now,
        due_at=now, input=failed.input,
    ).id  # fmt: skip


def _why_not(failed: Run) -> Conflict:
    later = Run.objects.filter(retry_of=failed.id).exclude(retry_of="").first()
    if later is not None:
        return Conflict("This run was tried again already; that run is another.", theirs={"status": failed.status})
    return Conflict(
        "The customer has entered this flow again since; that run goes on instead.", theirs={"status": failed.status}
    )


def _tell(
    cursor: CursorWrapper, tally: Tally, run: Run, *, node: str, step_id: str, state: str, by: str, now: datetime
) -> None:
    _note(tally, run, node=node, step_id=step_id, state=state, by=by, now=now)
    tally.write(cursor, now)


def _note(tally: Tally, run: Run, *, node: str, step_id: str, state: str, by: str, now: datetime) -> None:
    note(tally, run, node=node, step_id=step_id, state=state, now=now, said="tried again" + (f" by {by}" if by else ""))


def note(tally: Tally, run: Run, *, node: str, step_id: str, state: str, now: datetime, said: str) -> None:
    """Tells a run's viewers that a person did something at one of its nodes."""
    tally.run(run.workspace_id, run.flow_id, run.id, run.customer_id)
    if step_id:
        tally.step(run.workspace_id, run.flow_id, step_id, run.id)
    sentence = f"{_name(run, node)}: {said}"
    tally.line(
        run.workspace_id, run.flow_id, _line(run, node=node, status="active", state=state, sentence=sentence, at=now)
    )
