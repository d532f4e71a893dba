"""The engine's one group commit: the moves of many runs, and jobs on the same connection, in one transaction.

Moves are fenced by one row count over the whole group; on a mismatch the group is rolled back and the stale ones are
named, so that they alone are refused (SEMANTICS 10.5). Tokens are written first: every other writer that touches a run
takes its token first too, so that on PostgreSQL nobody waits in a circle.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from flowstudio.domain.errors import Stale
from flowstudio.engine import (
    arms,
    arriving,
    blocks,
    clock,
    conversions,
    emitted,
    exits,
    failpoints,
    grace,
    membership,
    rows,
    subflows,
    traits,
)
from flowstudio.engine.claim import HALTED
from flowstudio.engine.moves import Committed, Leaving, Move, Outcome, Sending
from flowstudio.engine.tally import Tally, together
from flowstudio.engine.writer import Unfit
from flowstudio.store.models import Attempt
from flowstudio.store.sql import db_time, from_db_json

type Job = Callable[[CursorWrapper], Any]

# ruff: noqa: S105
_TOKEN = (
    "UPDATE store_token SET node = %s, visit = %s, step_id = %s, state = %s, due_at = %s, tries = %s, wake = NULL, "
    "owner = %s, lease_until = %s WHERE id = %s AND owner = %s AND fence = %s AND leaving IS NULL"
)
_TOKEN_GONE = "DELETE FROM store_token WHERE id = %s AND owner = %s AND fence = %s AND leaving IS NULL"
_STEP_COLUMNS = (
    "id", "run_id", "workspace_id", "flow_id", "version_id", "customer_id", "node", "visit", "seq", "status",
    "entered_at", "due_at", "left_at", "port", "reason", "flagged", "reads", "input", "output", "traits", "cost",
    "gate",
)  # fmt: skip
_STEP = (
    "UPDATE store_step SET status = %s, due_at = %s, left_at = %s, port = %s, reason = %s, flagged = %s, reads = %s, "
    "output = %s, traits = %s, cost = cost + %s, gate = COALESCE(%s, gate), input = COALESCE(input, %s) "
    "WHERE id = %s AND status NOT IN ('done', 'failed', 'cancelled')"
)
_ATTEMPT_COLUMNS = (
    "id", "step_id", "run_id", "number", "key", "state", "started_at", "error_class", "message", "sandbox", "cost",
)  # fmt: skip
_ATTEMPT = (
    "UPDATE store_attempt SET state = %s, ended_at = %s, status = %s, error_class = %s, message = %s, cost = %s "
    "WHERE id = %s AND state = 'sending'"
)


class _MismatchError(Exception):
    """Fewer tokens were written than the group has moves: some lease was lost."""


class Committer:
    """The engine's flush, for one owner of leases."""

    def __init__(self, *, owner: str, lease_s: float) -> None:
        self._owner = owner
        self._lease = timedelta(seconds=lease_s)

    def flush(self, cursor: CursorWrapper, items: Sequence[Move | Job]) -> list[Any]:
        """One transaction for the whole group; jobs first, since theirs may be claims that find what is due now."""
        results: dict[int, Any] = {}
        moves: list[Move] = []
        with together(cursor):
            for item in items:
                if isinstance(item, Move):
                    moves.append(item)
                else:
                    results[id(item)] = item(cursor)
            if moves:
                failpoints.hit("before_commit")
                results.update(zip(map(id, moves), self._moves(cursor, moves, items), strict=True))
        if moves:
            failpoints.hit("after_writes")
        return [results[id(item)] for item in items]

    def _moves(self, cursor: CursorWrapper, moves: Sequence[Move], items: Sequence[Move | Job]) -> list[Committed]:
        now = clock.now()
        lease_until = now + self._lease
        self._hold_back(cursor, moves)
        blocks.lock(cursor, moves)
        self._tokens(cursor, moves, items, lease_until)
        self._runs(cursor, moves)
        self._steps(cursor, moves)
        arms.save(cursor, [move for move in moves if move.assigned], now)
        secrets = self._attempts(cursor, moves)
        changed = self._traits(cursor, moves, now)
        tally = Tally()
        conversions.record(cursor, conversions.reachings(moves), tally)
        for move in moves:
            _count(tally, move)
        emitted.save(cursor, moves, now)
        woken = self._waits(cursor, moves, changed, now)
        joins = blocks.apply(cursor, moves, tally, owner=self._owner, lease_until=lease_until, now=now)
        exits.on_traits(cursor, {move.carried.workspace for move in moves}, changed, tally, now)
        subflows.begin(cursor, [move for move in moves if move.starts], now)
        subflows.moved_over(cursor, moves, now)
        spaces = {move.carried.customer: move.carried.workspace for move in moves} if changed else {}
        membership.touched(
            cursor,
            {one: membership.Touched(workspace=spaces[one], traits=names) for one, names in changed.items()},
            now,
        )
        present = self._present(cursor, moves)
        tally.write(cursor, now)
        read_at = time.monotonic()
        answers = []
        for move in moves:
            sending = move.sending
            secret, sandbox = secrets.get(sending.id, ("", False)) if sending else ("", False)
            answers.append(
                Committed(
                    read_at=read_at, lease_until=lease_until, halted=move.halted, secret=secret,
                    sandbox=sandbox, traits=present.get(move.carried.customer), woken=move.carried.token in woken, joins=move.carried.token in joins,
                )
            )  # fmt: skip
        return answers

    def _hold_back(self, cursor: CursorWrapper, moves: Sequence[Move]) -> None:
        """Calls of paused flows are not begun: the run stands before its node, or before its next try (13.1)."""
        flows = {move.carried.flow for move in moves if move.keep}
        if not flows:
            return
        states: dict[str, str] = {}
        for chunk in rows.chunks(sorted(flows)):
            sql = f"SELECT id, state FROM store_flow WHERE id IN ({rows.marks(len(chunk))})"  # noqa: S608
            cursor.execute(sql, list(chunk))
            states.update(cursor.fetchall())
        for move in moves:
            if move.keep and states.get(move.carried.flow) in HALTED:
                _halt(move)

    def _tokens(
        self, cursor: CursorWrapper, moves: Sequence[Move], items: Sequence[Move | Job], lease_until: datetime
    ) -> None:
        try:
            with transaction.atomic():
                self._write_tokens(cursor, moves, lease_until)
        except _MismatchError:
            # The savepoint is undone, so the rows tell who holds what.
            mine = self._held(cursor, [move.carried.token for move in moves])
            refused: dict[int, Exception] = {}
            for index, item in enumerate(items):
                fence, how = mine.get(item.carried.token, (0, None)) if isinstance(item, Move) else (0, None)
                if isinstance(item, Move) and (fence != item.carried.fence or how is not None):
                    gone = Stale("This run went on elsewhere: the lease was lost.")
                    refused[index] = gone if fence != item.carried.fence else Leaving(how or {})
            if not refused:
                raise Stale("A run of this group went on elsewhere.") from None
            raise Unfit(refused) from None

    def _write_tokens(self, cursor: CursorWrapper, moves: Sequence[Move], lease_until: datetime) -> None:
        until = db_time(lease_until)
        # In the order of ids, as everybody locks them.
        ordered = sorted(moves, key=lambda move: move.carried.token)
        going = [
            (
                m.node, m.visit, m.step_id, m.state, db_time(m.due_at), m.tries, self._owner if m.keep else "",
                until if m.keep else None, m.carried.token, self._owner, m.carried.fence,
            )
            for m in ordered
            if m.ending is None and m.joined is None
        ]  # fmt: skip
        gone = [
            (m.carried.token, self._owner, m.carried.fence)
            for m in ordered
            if m.ending is not None or m.joined is not None
        ]
        written = 0
        if going:
            cursor.executemany(_TOKEN, going)
            written += cursor.rowcount
        if gone:
            cursor.executemany(_TOKEN_GONE, gone)
            written += cursor.rowcount
        if written != len(moves):
            raise _MismatchError
        cleared = [(m.carried.token,) for m in ordered if m.cleared and m.ending is None]
        if cleared:
            cursor.executemany("UPDATE store_token SET deaths = 0 WHERE id = %s", cleared)

    def _held(self, cursor: CursorWrapper, tokens: Sequence[str]) -> dict[str, tuple[int, Any]]:
        held: dict[str, tuple[int, Any]] = {}
        for chunk in rows.chunks(tokens):
            cursor.execute(
                "SELECT id, fence, leaving FROM store_token "  # noqa: S608
                f"WHERE owner = %s AND id IN ({', '.join(['%s'] * len(chunk))})",
                [self._owner, *chunk],
            )
            held.update({token: (fence, from_db_json(how)) for token, fence, how in cursor.fetchall()})
        return held

    def _runs(self, cursor: CursorWrapper, moves: Sequence[Move]) -> None:
        ended = [m for m in moves if m.ending is not None]
        if ended:
            cursor.executemany(
                "UPDATE store_run SET status = %s, reason = %s, ended_at = %s, ending = %s, steps = %s, cost = cost + %s "
                "WHERE id = %s AND status = 'active'",
                [
                    (e.status, e.reason, db_time(e.at), e.sentence, m.carried.seq, m.cost, m.carried.run)
                    for m in ended
                    if (e := m.ending) is not None
                ],
            )
            if cursor.rowcount != len(ended):
                raise Stale("A run had ended already.")
        resting = [m for m in moves if m.ending is None and (not m.keep or m.cost)]
        if resting:
            cursor.executemany(
                "UPDATE store_run SET steps = %s, cost = cost + %s, reason = %s WHERE id = %s AND status = 'active'",
                [(m.carried.seq, m.cost, m.note, m.carried.run) for m in resting],
            )

    def _steps(self, cursor: CursorWrapper, moves: Sequence[Move]) -> None:
        new: list[tuple[Any, ...]] = []
        old: list[tuple[Any, ...]] = []
        for move in moves:
            c = move.carried
            for s in move.steps:
                if s.new:
                    new.append((
                        s.id, c.run, c.workspace, c.flow, c.version, c.customer, s.node, s.visit, s.seq, s.status,
                        db_time(s.entered_at), db_time(s.due_at), db_time(s.left_at), s.port, s.reason, s.flagged,
                        s.reads, s.input, s.output, s.traits, s.cost, s.gate,
                    ))  # fmt: skip
                else:
                    old.append((
                        s.status, db_time(s.due_at), db_time(s.left_at), s.port, s.reason, s.flagged, s.reads,
                        s.output, s.traits, s.cost, s.gate, s.input, s.id,
                    ))  # fmt: skip
        if new:
            marks = ", ".join(["%s"] * len(_STEP_COLUMNS))
            cursor.executemany(
                f"INSERT INTO store_step ({', '.join(_STEP_COLUMNS)}) VALUES ({marks})",  # noqa: S608
                new,
            )
        if old:
            cursor.executemany(_STEP, old)
            if cursor.rowcount != len(old):
                raise Stale("A step was finished already.")

    def _attempts(self, cursor: CursorWrapper, moves: Sequence[Move]) -> dict[str, tuple[str, bool]]:
        outcomes = [move.outcome for move in moves if move.outcome is not None]
        if outcomes:
            settle(cursor, outcomes)
        sending = [(move, move.sending) for move in moves if move.sending is not None]
        if not sending:
            return {}
        chosen = self._credentials(cursor, sending)
        marks = ", ".join(["%s"] * len(_ATTEMPT_COLUMNS))
        cursor.executemany(
            f"INSERT INTO store_attempt ({', '.join(_ATTEMPT_COLUMNS)}) VALUES ({marks})",  # noqa: S608
            [
                (s.id, s.step, m.carried.run, s.number, s.key, "sending", db_time(s.started_at), "", "",
                 chosen[s.id][1], 0.0)
                for m, s in sending
            ],
        )  # fmt: skip
        return chosen

    def _credentials(
        self, cursor: CursorWrapper, sending: Sequence[tuple[Move, Sending]]
    ) -> dict[str, tuple[str, bool]]:
        """For each attempt the sealed credential as it stands in this commit, and whether it goes to the sandbox."""
        newest: dict[tuple[str, str], str] = {}
        by_id: dict[tuple[str, str, str], str] = {}
        connectors = sorted({one.connector for _, one in sending})
        for chunk in rows.chunks(sorted({move.carried.workspace for move, _ in sending})):
            cursor.execute(
                "SELECT id, workspace_id, connector, secret_encrypted FROM store_credential "  # noqa: S608
                f"WHERE workspace_id IN ({rows.marks(len(chunk))}) AND connector IN ({rows.marks(len(connectors))}) "
                "ORDER BY id",
                [*chunk, *connectors],
            )
            for key, workspace, connector, sealed in cursor.fetchall():
                newest[workspace, connector] = sealed
                by_id[workspace, connector, key] = sealed
        chosen: dict[str, tuple[str, bool]] = {}
        for move, one in sending:
            workspace = move.carried.workspace
            if one.credential:
                sealed = by_id.get((workspace, one.connector, one.credential), "")
            else:
                sealed = newest.get((workspace, one.connector), "")
            sandbox = (workspace, one.connector) not in newest and one.has_sandbox
            chosen[one.id] = (sealed, sandbox)
        return chosen

    def _traits(self, cursor: CursorWrapper, moves: Sequence[Move], now: datetime) -> dict[str, dict[str, Any]]:
        changes = [
            traits.Change(
                workspace_id=move.carried.workspace, customer_id=move.carried.customer, values=values, source=source,
                occurred_at=at, reference=step,
            )
            for move in moves
            for source, values, at, step in move.traits
        ]  # fmt: skip
        changed = traits.write_all(cursor, changes, now=now)
        grace.judge_again(changed, now)
        return changed

    def _waits(
        self, cursor: CursorWrapper, moves: Sequence[Move], changed: Mapping[str, Collection[str]], now: datetime
    ) -> set[str]:
        closed = [(move.close_waits,) for move in moves if move.close_waits]
        if closed:
            cursor.executemany("DELETE FROM store_wait WHERE step_id = %s", closed)
        arriving.register(cursor, moves)
        return arriving.judge(cursor, moves, changed, now)

    def _present(self, cursor: CursorWrapper, moves: Sequence[Move]) -> dict[str, Any]:
        """The traits, as they stand in this commit, of customers whose runs go on at once."""
        wanted = sorted({move.carried.customer for move in moves if move.keep})
        present: dict[str, Any] = {}
        for chunk in rows.chunks(wanted):
            cursor.execute(
                f"SELECT id, traits FROM store_customer WHERE id IN ({', '.join(['%s'] * len(chunk))})",  # noqa: S608
                list(chunk),
            )
            present.update({customer: from_db_json(value) or {} for customer, value in cursor.fetchall()})
        return present


def _halt(move: Move) -> None:
    move.halted, move.keep = True, False
    if move.sending is None:
        return
    step = next(row for row in move.steps if row.id == move.step_id)
    move.sending = None
    move.tries -= 1
    if step.new:
        move.steps.remove(step)
        move.counts.remove((f"node:{step.node}", "entered", 1))
        move.counts.remove((f"node:{step.node}", "inside", 1))
        move.step_id, move.state = "", "ready"
    else:
        step.status = move.state = "retrying"


def _count(tally: Tally, move: Move) -> None:
    c = move.carried
    for subject, metric, delta in move.counts:
        tally.count(c.workspace, c.flow, c.number, subject, metric, delta)
    tally.run(c.workspace, c.flow, c.run, c.customer)
    for step in move.steps:
        tally.step(c.workspace, c.flow, step.id, c.run)
    if move.line is not None:
        tally.line(c.workspace, c.flow, move.line)
    if move.traits:
        tally.customer(c.workspace, c.customer)


def settle(cursor: CursorWrapper, outcomes: Sequence[Outcome]) -> None:
    """Writes how attempts ended; one that is not `sending` any more keeps what it has."""
    cursor.executemany(
        _ATTEMPT,
        [(o.state, db_time(o.ended_at), o.status, o.error_class, o.message, o.cost, o.attempt) for o in outcomes],
    )


def tell_attempts(cursor: CursorWrapper, attempts: Sequence[str], now: datetime) -> None:
    """Feed rows for attempts that changed without a move of their runs."""
    tally = Tally()
    for chunk in rows.chunks(attempts):
        for step, run, workspace, flow, customer in Attempt.objects.filter(id__in=chunk).values_list(
            "step_id", "run_id", "run__workspace_id", "run__flow_id", "run__customer_id"
        ):
            tally.run(workspace, flow, run, customer)
            tally.step(workspace, flow, step, run)
    tally.write(cursor, now)
