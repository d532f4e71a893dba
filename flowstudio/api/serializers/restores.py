"""Shapes of what is in doubt after a restore."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from flowstudio.store.models.restore import DOUBT_STATES


class Doubt(serializers.Serializer[Any]):
    """An effect that left the house after the backup was taken, or may have."""

    id = serializers.CharField()
    at = serializers.DateTimeField()
    flow = serializers.CharField()
    flow_name = serializers.CharField()
    node = serializers.CharField()
    node_name = serializers.CharField()
    customer = serializers.CharField()
    customer_name = serializers.CharField()
    state = serializers.ChoiceField(choices=[(s, s) for s in DOUBT_STATES])


class Restored(serializers.Serializer[Any]):
    """Whether everything is held, and what is in doubt here: how many, and the newest 500.

    `complete` is false when the database that was replaced could not be read: then more may have been sent.
    """

    held = serializers.BooleanField()
    taken_at = serializers.DateTimeField(allow_null=True)
    restored_at = serializers.DateTimeField(allow_null=True)
    complete = serializers.BooleanField()
    count = serializers.IntegerField()
    doubts = Doubt(many=True)


class Decision(serializers.Serializer[Any]):
    """`done`: what may have been sent is not sent again; `again`: it is."""

    choice = serializers.ChoiceField(choices=[("done", "done"), ("again", "again")])
