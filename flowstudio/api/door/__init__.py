"""The events door, in parts: body, strict JSON, keys, messages, hooks, and the ASGI function itself."""
