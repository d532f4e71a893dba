"""Shapes of segments."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from flowstudio.api.serializers.shapes import Name, ObjectField


class SegmentFlow(serializers.Serializer[Any]):
    """A published flow that begins with the segment."""

    id = serializers.CharField()
    name = serializers.CharField()


class Segment(serializers.Serializer[Any]):
    """A segment. `members` are those who are in it now; until `ready` they are still being looked for."""

    id = serializers.CharField()
    name = serializers.CharField()
    rule = ObjectField()
    words = serializers.CharField()
    members = serializers.IntegerField()
    ready = serializers.BooleanField()
    flows = SegmentFlow(many=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class SegmentCreate(serializers.Serializer[Any]):
    """`rule` is `{"all" | "any": [rows]}`: rows of traits (`field`, `op`, `value`), of events (`event`, `op`: `did` or
    `did_not`, `times`, `within`), or groups."""

    name = Name(max_length=120)
    rule = ObjectField()


class SegmentChange(serializers.Serializer[Any]):
    """Another name, or another rule."""

    name = Name(max_length=120, required=False)
    rule = ObjectField(required=False)


class SegmentTrial(serializers.Serializer[Any]):
    """A rule that is not kept yet."""

    rule = ObjectField()


class SegmentPreview(serializers.Serializer[Any]):
    """`members` of the `of` newest customers that were looked at."""

    members = serializers.IntegerField()
    of = serializers.IntegerField()
    words = serializers.CharField()
