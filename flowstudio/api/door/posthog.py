"""PostHog's `/batch/` in Segment's words: each of its events becomes one Segment message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def message(event: Any) -> Any:
    """The Segment message; what is no object is handed on as it is, to be refused with its own sentence."""
    if not isinstance(event, dict):
        return event
    found = event.get("properties")
    properties: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    who = event.get("distinct_id", properties.get("distinct_id"))
    made: dict[str, Any] = {
        "messageId": event.get("uuid"),
        "timestamp": event.get("timestamp"),
        "userId": who,
        "context": {"library": {"name": properties.get("$lib"), "version": properties.get("$lib_version")}},
    }
    name = event.get("event")
    if name in ("$set", "$identify", "$set_once"):
        traits = event.get("$set") or properties.get("$set") or event.get("$set_once") or {}
        made |= {"type": "identify", "traits": traits, "anonymousId": properties.get("$anon_distinct_id")}
    elif name == "$groupidentify":
        made |= {
            "type": "group",
            "groupId": properties.get("$group_key"),
            "traits": properties.get("$group_set") or {},
        }
    elif name == "$create_alias":
        # `distinct_id` is what the person was called before, `alias` what they are called now.
        made |= {"type": "alias", "previousId": properties.get("distinct_id", who), "userId": properties.get("alias")}
    elif name == "$pageview":
        made |= {"type": "page", "properties": event.get("properties")}
    elif name == "$screen":
        made |= {"type": "screen", "properties": event.get("properties")}
    else:
        made |= {"type": "track", "event": name, "properties": event.get("properties")}
    return made
