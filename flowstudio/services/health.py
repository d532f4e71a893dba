"""Is it alive, is it ready, how far behind is it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from flowstudio.store.queries import pulse, restores

BEAT_S = 15.0
LAG_S = 60.0


def readiness() -> tuple[bool, dict[str, Any]]:
    """Whether database, engine and lag are as they should be, and a sentence for each that is not."""
    try:
        pulse.database_answers()
        beat, lag, held = beat_age_s(), lag_s(), restores.undecided() is not None
    except DatabaseError:
        return False, {"database": "does not answer", "engine": "unknown", "lag_s": None}
    engine = "no engine has started" if beat is None else f"last heard of {beat:.0f} s ago" if beat > BEAT_S else "ok"
    if held:
        # The web side must be reachable: it is where the decision is taken.
        return engine == "ok", {
            "database": "ok", "engine": "held: a backup was restored, see the start page", "lag_s": round(lag, 3),
        }  # fmt: skip
    ready = engine == "ok" and lag <= LAG_S
    return ready, {"database": "ok", "engine": engine, "lag_s": round(lag, 3)}


def beat_age_s() -> float | None:
    """Seconds since an engine was last heard of, None when there was none."""
    beat = pulse.last_beat()
    return None if beat is None else _age(beat)


def lag_s() -> float:
    """How long the oldest piece of work that is due has been waiting."""
    ages = [_age(at) for at in (pulse.oldest_due(), pulse.oldest_pending()) if at is not None]
    return max([0.0, *ages])


def _age(at: datetime) -> float:
    return (timezone.now() - at).total_seconds()
