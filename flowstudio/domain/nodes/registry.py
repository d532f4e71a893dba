"""Domain's own node types, as an explicit table (a test checks that no file is forgotten)."""

from __future__ import annotations

from types import MappingProxyType

from flowstudio.domain.nodes import (
    branch,
    customer_update,
    event_emit,
    flow_start,
    goal,
    join,
    leave,
    parallel,
    repeat,
    split,
    trigger_event,
    trigger_manual,
    trigger_schedule,
    trigger_segment,
    trigger_webhook,
    wait_delay,
    wait_event,
    wait_until,
)
from flowstudio.domain.nodes.base import Catalogue

DOMAIN_TYPES: Catalogue = MappingProxyType(
    {
        node.type: node
        for node in (
            trigger_event.TYPE,
            trigger_webhook.TYPE,
            trigger_segment.TYPE,
            trigger_schedule.TYPE,
            trigger_manual.TYPE,
            branch.TYPE,
            split.TYPE,
            parallel.TYPE,
            join.TYPE,
            repeat.TYPE,
            wait_delay.TYPE,
            wait_until.TYPE,
            wait_event.TYPE,
            customer_update.TYPE,
            event_emit.TYPE,
            flow_start.TYPE,
            goal.TYPE,
            leave.TYPE,
        )
    }
)
