"""Shapes of what changed between two versions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from flowstudio.api.serializers.shapes import AnyField, GraphEdge, GraphNote, Point

KINDS = ["added", "removed", "changed"]


class DiffSide(serializers.Serializer[Any]):
    """One of the two drawings: a version, or the draft at a revision."""

    version = serializers.IntegerField(allow_null=True)
    draft_revision = serializers.IntegerField(allow_null=True)


class FieldChange(serializers.Serializer[Any]):
    """One field: `path` leads to it (`config`, the field, a case's id …); a side that had no value has no key.

    Of a reordered list the sides are its ids in their order.
    """

    path = serializers.ListField(child=serializers.CharField())
    kind = serializers.ChoiceField(choices=[*KINDS, "reordered"])
    sentence = serializers.CharField()
    before = AnyField(required=False)
    after = AnyField(required=False)


class DiffNode(serializers.Serializer[Any]):
    """A card that came or went."""

    id = serializers.CharField()
    type = serializers.CharField()
    name = serializers.CharField()
    position = Point(allow_null=True)


class NodeChange(serializers.Serializer[Any]):
    """A card in both drawings: what is different in it, and where it lay and lies."""

    id = serializers.CharField()
    type = serializers.CharField()
    name = serializers.CharField()
    moved = serializers.BooleanField()
    before = Point(allow_null=True)
    after = Point(allow_null=True)
    fields = FieldChange(many=True)


class NodeChanges(serializers.Serializer[Any]):
    """Cards by what became of them; `moved` ones lie elsewhere and are the same."""

    added = DiffNode(many=True)
    removed = DiffNode(many=True)
    changed = NodeChange(many=True)
    moved = NodeChange(many=True)


class EdgeChange(serializers.Serializer[Any]):
    """A line that is new, gone, or leads elsewhere."""

    kind = serializers.ChoiceField(choices=KINDS)
    before = GraphEdge(allow_null=True)
    after = GraphEdge(allow_null=True)
    sentence = serializers.CharField()


class NoteChange(serializers.Serializer[Any]):
    """A note that is new, gone, or another; `moved` when its text is the same."""

    kind = serializers.ChoiceField(choices=KINDS)
    moved = serializers.BooleanField()
    before = GraphNote(allow_null=True)
    after = GraphNote(allow_null=True)


class VersionDiff(serializers.Serializer[Any]):
    """What became of the older drawing; `before` is null for the first version, which is compared with nothing."""

    before = DiffSide(allow_null=True)
    after = DiffSide()
    same = serializers.BooleanField()
    behaves_differently = serializers.BooleanField()
    sentence = serializers.CharField()
    nodes = NodeChanges()
    edges = EdgeChange(many=True)
    notes = NoteChange(many=True)
    settings = FieldChange(many=True)
