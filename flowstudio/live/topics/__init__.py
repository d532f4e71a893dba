"""Live topics by kind."""

from __future__ import annotations

from flowstudio.live.topics.base import Change, Gone, Reload, Topic
from flowstudio.live.topics.customer import CustomerTopic
from flowstudio.live.topics.flow import FlowTopic
from flowstudio.live.topics.run import RunTopic
from flowstudio.live.topics.workspace import WorkspaceTopic

KINDS: dict[str, type[Topic]] = {
    "flow": FlowTopic,
    "run": RunTopic,
    "customer": CustomerTopic,
    "workspace": WorkspaceTopic,
}

__all__ = [
    "KINDS",
    "Change",
    "CustomerTopic",
    "FlowTopic",
    "Gone",
    "Reload",
    "RunTopic",
    "Topic",
    "WorkspaceTopic",
]
