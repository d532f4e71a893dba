"""The closed list of reasons why a run ends (SEMANTICS 2.6). Nothing else can be written.

One exception is part of the rules: a run that `completed` at an Exit node carries that node's own words (0.2).
"""

from __future__ import annotations

from enum import StrEnum

ERROR = "error:"


class EndReason(StrEnum):
    """Why a run ended; a failure is `error:<class>`."""

    END_OF_PATH = "end_of_path"
    GOAL = "goal"
    EXIT_RULE = "exit_rule"
    STOPPED_MATCHING = "stopped_matching"
    UNSUBSCRIBED = "unsubscribed"
    CUSTOMER_DELETED = "customer_deleted"
    NODE_REMOVED = "node_removed"
    FLOW_STOPPED = "flow_stopped"
    CANCELLED_BY_USER = "cancelled_by_user"
    BUDGET = "budget"
    EXPIRED = "expired"
    MERGED_INTO = "merged_into"
    RUNAWAY = "runaway"


_KNOWN = frozenset(EndReason)


def checked(status: str, reason: str) -> str:
    """The reason, if a run may end so; ValueError for anything that is not in the list."""
    if reason in _KNOWN or (reason.startswith(ERROR) and len(reason) > len(ERROR)):
        return str(reason)
    if status == "completed" and reason:
        return reason
    raise ValueError(f"“{reason}” is no reason why a run ends as {status}")
