"""Setting a run aside: it cannot go on with this installation, so it is kept, says so, and is looked at later (F24).

Nothing but the token's state is touched, whatever went wrong before, and no other run is held up by it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import outputs, sentences
from flowstudio.engine.carried import Carried
from flowstudio.engine.tally import Tally
from flowstudio.store.sql import db_time

LOOK_AGAIN = timedelta(minutes=5)


def set_aside(cursor: CursorWrapper, one: Carried, *, owner: str, now: datetime, message: str) -> None:
    """The token becomes `blocked` and free; the run's reason says why. Does nothing when the lease is lost."""
    cursor.execute(
        "SELECT node, state FROM store_token WHERE id = %s AND owner = %s AND fence = %s",
        [one.token, owner, one.fence],
    )
    found = cursor.fetchone()
    if found is None:
        return
    node, state = found
    cursor.execute(
        "UPDATE store_token SET state = 'blocked', due_at = %s, owner = '', lease_until = NULL, fence = fence + 1 "
        "WHERE id = %s AND owner = %s AND fence = %s",
        [db_time(now + LOOK_AGAIN), one.token, owner, one.fence],
    )
    if cursor.rowcount != 1:
        return
    reason = outputs.text(message, 255)
    cursor.execute("UPDATE store_run SET reason = %s WHERE id = %s AND status = 'active'", [reason, one.run])
    tally = Tally()
    tally.run(one.workspace, one.flow, one.run, one.customer)
    if state != "blocked":
        tally.count(one.workspace, one.flow, one.number, f"node:{node}", "held")
        tally.line(
            one.workspace,
            one.flow,
            sentences.line(one, node=node, status="active", state="blocked", sentence=reason, at=now),
        )
    tally.write(cursor, now)
