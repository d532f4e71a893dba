"""The durable engine: events in, runs forward, effects once (docs/architecture.md, SEMANTICS)."""
