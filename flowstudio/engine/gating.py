"""The delivery gate where a message is really sent: what stands now is read, judged, and kept (SEMANTICS 5).

Read in the writer's thread right before the attempt is committed as `sending`; that commit looks at suppressions once
more (`still_suppressed`), so that nothing slips through in between (G11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.connectors.mailer import one_recipient
from flowstudio.domain import gate, leaving
from flowstudio.domain.endings import EndReason
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.gate import Passage, Standing
from flowstudio.domain.interpreter import Calling, Ended, Sleeping, Walk
from flowstudio.domain.leaving import Judged
from flowstudio.domain.schedule import zone_for
from flowstudio.engine import advance, clock
from flowstudio.engine.carried import Carried
from flowstudio.engine.doors import said
from flowstudio.engine.moves import Move, Outcome
from flowstudio.engine.work import Write
from flowstudio.store import suppression
from flowstudio.store.models import Consent
from flowstudio.store.sql import from_db_json


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What stands at this moment."""

    run_active: bool
    flow_state: str
    suppressed: str
    denied: str


def read(cursor: CursorWrapper, one: Carried, calling: Calling, channel: str) -> Found:
    """The run, its flow, its customer's traits (which the run goes on with), suppressions and consent."""
    cursor.execute(
        "SELECT r.status, f.state, c.traits, c.email FROM store_run r JOIN store_flow f ON f.id = r.flow_id "
        "JOIN store_customer c ON c.id = r.customer_id WHERE r.id = %s",
        [one.run],
    )
    status, state, traits, one.email = cursor.fetchone() or ("", "", None, one.email)
    one.traits = from_db_json(traits) or {}
    names = addressed(one, channel, calling.params)
    present = suppression.found(one.workspace, names)
    reason = next((present[name][0] for name in reversed(names) if name in present), "")
    category = str(calling.params.get("category") or "")
    denied = bool(category) and (
        Consent.objects.filter(customer_id=one.customer, category=category, state="denied").exists()
    )
    return Found(
        run_active=status == "active", flow_state=state, suppressed=said(reason) if reason else "",
        denied=f"the customer has refused “{category}”" if denied else "",
    )  # fmt: skip


async def ask(write: Write, one: Carried, calling: Calling, channel: str) -> tuple[Passage, Judged]:
    """What the gate says now."""
    found: Found = await write(lambda cursor: read(cursor, one, calling, channel))
    return judge(one, calling, found, channel, clock.now())


def addressed(one: Carried, channel: str, params: Mapping[str, Any]) -> list[suppression.Name]:
    """Under what the recipient may be suppressed: as a customer, by their address, and by the one written to."""
    names = list(suppression.names(one.customer, one.email or ""))
    if channel == suppression.EMAIL:
        to = str(params.get("to") or "")
        try:
            names.append((suppression.EMAIL, one_recipient(to)))
        except ConnectorError:
            names.append((suppression.EMAIL, to))
    return list(dict.fromkeys(names))


def judge(one: Carried, calling: Calling, found: Found, channel: str, now: datetime) -> tuple[Passage, Judged]:
    """The gate's verdicts on what was found, and the goals and exits that were judged for it."""
    program = one.program().program
    facts = one.facts(now)
    judged = Judged()
    if program.states:
        judged = leaving.at_boundary(program.rules, facts.customer, facts.event, facts.run, now)
    zone, _ = zone_for(one.traits, program.rules.timezone, one.workspace_zone)
    to = str(calling.params.get("to") or "").strip()
    standing = Standing(
        now=now,
        zone=zone,
        held_since=one.step.entered_at if one.step else now,
        effect=calling.effect,
        run_active=found.run_active,
        flow_state=found.flow_state,
        judged=judged,
        suppressed=found.suppressed,
        denied=found.denied,
        address_problem=gate.NO_ADDRESS if channel == suppression.EMAIL and not to else "",
        audience=str(calling.params.get("audience") or ""),
        scope={
            "customer": facts.customer, "event": facts.event, "run": facts.run, "steps": facts.steps, "now": now,
        },
        shadow=one.shadow,
        transactional=calling.params.get("transactional") is True,
        quiet_hours=program.rules.quiet_hours,
    )  # fmt: skip
    return gate.judge(standing), judged


def departure(node: str, judged: Judged) -> Walk:
    """The end of a run that an exit or goal keeps from sending."""
    left = judged.left
    if left is None:
        return Walk(steps=(), stop=Ended(status="exited", reason=EndReason.EXIT_RULE, node=node))
    stop = Ended(status=left.status, reason=left.reason, node=node, sentence=left.sentence)
    return Walk(steps=(), stop=stop, reached=judged.reached)


def held(one: Carried, calling: Calling, passage: Passage, now: datetime, *, outcome: Outcome | None) -> Move:
    """The message waits at its step until the quiet is over; what was tried already counts on."""
    since = one.step.entered_at if one.step else now
    until, reason = passage.last.until or now, passage.last.sentence
    stop = Sleeping(node=calling.node, visit=calling.visit, entered_at=since, until=until, reason=reason)
    one.gate, tries = passage.kept(), one.tries
    move = advance.moved(one, Walk(steps=(), stop=stop), now, outcome=outcome)
    move.tries = one.tries = tries
    return move
