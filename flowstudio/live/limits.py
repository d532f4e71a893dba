"""What a viewer may ask of us and how much we keep for them (SECURITY S18)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """All bounds of the live room, in one place; tests shrink some."""

    # Between two looks at the feed while somebody watches: at most 10 messages a second a topic.
    gap_s: float = 0.102
    # A lost ring costs no more than this.
    poll_s: float = 1.0
    # How long a topic is kept up to date after its last viewer has gone (a reload, a change of page).
    linger_s: float = 5.0
    # Rights are judged again within this time.
    recheck_s: float = 20.0
    # A connection that watches nothing is closed.
    idle_s: float = 60.0
    # A viewer that takes nothing for so long is gone.
    send_s: float = 30.0
    connections: int = 2_000
    connections_each: int = 100
    # Look-ups of callers and snapshots under way at once; more are told to come again.
    asking: int = 500
    topics: int = 200
    message_chars: int = 2_048
    # A page that comes back subscribes to everything at once; then a steady hand.
    burst: int = 450
    per_second: float = 20.0
    # What waits for one viewer, over which a topic's deltas are dropped for one fresh snapshot.
    queue_messages: int = 64
    queue_chars: int = 1_000_000
    # Deltas of a topic kept for viewers that come back.
    ring_messages: int = 256
    ring_chars: int = 1_000_000
    # Rows of the feed read in one look; when more have come, topics are read anew instead.
    rows: int = 2_000
