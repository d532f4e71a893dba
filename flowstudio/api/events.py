"""Events in over HTTP: Segment's contract and webhook triggers, ahead of Django (EVENTS_API, CONTRACT "Events").

The composition root wraps its application once: `application = EventsDoor(django)`, and calls `start` and `stop` from
the lifespan. Serve it with uvicorn's `proxy_headers=False` unless the proxy in front is named: wrong keys are counted
by the peer's address.
"""

from __future__ import annotations

from flowstudio.api.door.app import App, EventsDoor, Receive, Scope, Send

__all__ = ["App", "EventsDoor", "Receive", "Scope", "Send"]
