"""Numbers for Prometheus, read from the database when asked: every process would give the same."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from flowstudio.services import health
from flowstudio.store.models.run import RUN_STATUSES, TOKEN_STATES
from flowstudio.store.queries import pulse

MEDIA_TYPE = CONTENT_TYPE_LATEST


def text() -> bytes:
    """The exposition: states, statuses, what waits, and how far behind."""
    registry = CollectorRegistry()
    tokens = Gauge("flowstudio_tokens", "Customers inside flows, by state", ["state"], registry=registry)
    states = pulse.tokens_by_state()
    for state in TOKEN_STATES:
        tokens.labels(state).set(states.get(state, 0))
    runs = Gauge("flowstudio_runs", "Runs, by status", ["status"], registry=registry)
    statuses = pulse.runs_by_status()
    for status in RUN_STATUSES:
        runs.labels(status).set(statuses.get(status, 0))
    Gauge("flowstudio_events_pending", "Events that wait to be matched", registry=registry).set(pulse.pending_events())
    Gauge("flowstudio_lag_seconds", "Age of the oldest due work", registry=registry).set(health.lag_s())
    beat = health.beat_age_s()
    Gauge("flowstudio_engine_up", "1 while an engine is heard of", registry=registry).set(
        1 if beat is not None and beat <= health.BEAT_S else 0
    )
    return generate_latest(registry)
