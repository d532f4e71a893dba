"""Shapes of simulations."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from flowstudio.api.serializers.runs import GateVerdict
from flowstudio.api.serializers.shapes import MOST, AnyField, GraphField, ObjectField
from flowstudio.store.models.run import RUN_STATUSES

_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": {}}
_TRAVELLER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "email": {"type": "string"},
        "name": {"type": "string"},
        "traits": _OBJECT,
    },
}
_BEGINNING: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "properties": _OBJECT, "context": _OBJECT, "traits": _OBJECT},
}


@extend_schema_field({"oneOf": [{"type": "string"}, _TRAVELLER]})
class TravellerField(serializers.JSONField):
    """The id of a stored customer, or an invented one with traits."""


@extend_schema_field({"oneOf": [{"type": "string"}, _BEGINNING]})
class BeginningField(serializers.JSONField):
    """An event's name, or the event with its properties (a webhook's body is `properties`)."""


class OutcomeSent(serializers.Serializer[Any]):
    """How one call ends. What is left out is assumed: output from the sample, traits from the output."""

    port = serializers.CharField(required=False, max_length=64, default="out")
    output = AnyField(required=False, allow_null=True)
    traits = ObjectField(required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1_000)
    cost = serializers.FloatField(required=False, min_value=0, max_value=1e9)


class OutcomesField(serializers.DictField):
    """Outcomes by node id, one for each visit."""

    child = serializers.ListField(child=OutcomeSent(), max_length=1_000)


class EventSent(serializers.Serializer[Any]):
    """An event that arrives on the way: at an instant, or after a time from the beginning such as `3d`."""

    event = serializers.CharField(required=False, allow_blank=True, max_length=255)
    at = serializers.CharField(max_length=64)
    properties = ObjectField(required=False)
    context = ObjectField(required=False)
    traits = ObjectField(required=False)


class SimulationSent(serializers.Serializer[Any]):
    """Whom to send through which drawing; whatever is left out is made up and marked as assumed."""

    customer = TravellerField(required=False, allow_null=True)
    event = BeginningField(required=False, allow_null=True)
    at = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=64)
    outcomes = OutcomesField(required=False)
    events = serializers.ListField(child=EventSent(), required=False, max_length=200)
    version = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MOST)
    graph = GraphField(required=False, allow_null=True)
    seed = serializers.IntegerField(required=False, min_value=0, max_value=MOST)


class SimulatedStep(serializers.Serializer[Any]):
    """One step. `origin` says what decided it; `assumed` that nobody chose it; `sentence` is the reason at length.

    `edges` are the lines it left by: several where a Parallel sends the customer along all its arms.
    """

    seq = serializers.IntegerField()
    node = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()
    visit = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["done", "failed", "waiting", "cancelled"])
    entered_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    port = serializers.CharField()
    edge = serializers.CharField()
    edges = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    sentence = serializers.CharField()
    flagged = serializers.CharField()
    reads = ObjectField()
    input = AnyField()
    output = AnyField()
    traits = ObjectField()
    cost = serializers.FloatField()
    origin = serializers.ChoiceField(choices=["flow", "chosen", "recorded", "sample"])
    assumed = serializers.BooleanField()
    gate = GateVerdict(many=True)


class SimulatedEnd(serializers.Serializer[Any]):
    """How it ends: as runs end, or `not_started`, or `unfinished` after ten years."""

    status = serializers.ChoiceField(choices=[*RUN_STATUSES, "not_started", "unfinished"])
    reason = serializers.CharField()
    sentence = serializers.CharField()
    node = serializers.CharField()
    at = serializers.DateTimeField()


class SimulatedGoal(serializers.Serializer[Any]):
    """A goal that was reached on the way."""

    goal = serializers.CharField()
    name = serializers.CharField()
    sentence = serializers.CharField()
    at = serializers.DateTimeField()


class Traveller(serializers.Serializer[Any]):
    """Who went through; `stored` when it is a customer of the workspace."""

    id = serializers.CharField()
    email = serializers.CharField()
    name = serializers.CharField()
    traits = ObjectField()
    stored = serializers.BooleanField()


class Beginning(serializers.Serializer[Any]):
    """The event that began it."""

    name = serializers.CharField()
    type = serializers.CharField()
    properties = ObjectField()
    assumed = serializers.BooleanField()


class Simulation(serializers.Serializer[Any]):
    """The path: steps in order, the lines taken, how it ends, the traits after it, and how many steps are assumed."""

    version = serializers.IntegerField(allow_null=True)
    customer = Traveller()
    event = Beginning()
    at = serializers.DateTimeField()
    steps = SimulatedStep(many=True)
    edges = serializers.ListField(child=serializers.CharField())
    end = SimulatedEnd()
    goals = SimulatedGoal(many=True)
    traits = ObjectField()
    cost = serializers.FloatField()
    assumed = serializers.IntegerField()
