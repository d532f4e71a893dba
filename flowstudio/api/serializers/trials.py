"""Shapes of a step's trial."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from flowstudio.api.serializers.shapes import AnyField, GraphField, ObjectField
from flowstudio.api.serializers.simulations import BeginningField, TravellerField


class TrialSent(serializers.Serializer[Any]):
    """Which step, in which drawing (by default the draft), with whose values."""

    node = serializers.CharField(max_length=64)
    graph = GraphField(required=False, allow_null=True)
    customer = TravellerField(required=False, allow_null=True)
    event = BeginningField(required=False, allow_null=True)


class Trial(serializers.Serializer[Any]):
    """What one call answered. `sandbox`: a stand-in vendor did; `traits` would have been written to the customer."""

    ok = serializers.BooleanField()
    sandbox = serializers.BooleanField()
    port = serializers.CharField()
    message = serializers.CharField()
    status = serializers.IntegerField(allow_null=True)
    input = AnyField()
    output = AnyField()
    traits = ObjectField()
    cost = serializers.FloatField()
    took_ms = serializers.IntegerField()
