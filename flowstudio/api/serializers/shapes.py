"""Shapes that many answers share: pages, problems, people, graph documents."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from flowstudio.store.models.flow import FLOW_STATES
from flowstudio.store.models.workspace import KEY_ROLES, ROLES

ROLE_CHOICES = [(role, role) for role in ROLES]
KEY_ROLE_CHOICES = [(role, role) for role in KEY_ROLES]
STATE_CHOICES = [(state, state) for state in FLOW_STATES]
MOST = 2**31 - 1

_ANY: dict[str, Any] = {}
_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": {}}


@extend_schema_field(_ANY)
class AnyField(serializers.JSONField):
    """Any JSON value."""


@extend_schema_field(_OBJECT)
class ObjectField(serializers.JSONField):
    """A JSON object with any keys."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuses anything but an object."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("This must be a JSON object.")
        return super().to_internal_value(data)


class Name(serializers.CharField):
    """A text of one line that is not empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, **kwargs})


class TagsField(serializers.ListField):
    """Up to 20 short tags, each once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=40), max_length=20, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        """The tags without repeats, in the author's order."""
        return list(dict.fromkeys(super().to_internal_value(data)))


@cache
def page_of(item: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The shape of a list endpoint's answer for one kind of item."""
    return type(
        f"{item.__name__}Page",
        (serializers.Serializer,),
        {
            "__doc__": "One page of a list; `next` and `previous` are addresses, or null at an end.",
            "results": item(many=True),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
        },
    )


class FieldProblem(serializers.Serializer[Any]):
    """One thing wrong with one field."""

    field = serializers.CharField(help_text="Dotted path in what was sent")
    message = serializers.CharField()


class Person(serializers.Serializer[Any]):
    """A person."""

    id = serializers.CharField()
    email = serializers.CharField()
    name = serializers.CharField()


class Point(serializers.Serializer[Any]):
    """A place on the canvas."""

    x = serializers.FloatField()
    y = serializers.FloatField()


class Size(serializers.Serializer[Any]):
    """Width and height on the canvas."""

    w = serializers.FloatField()
    h = serializers.FloatField()


class GraphNode(serializers.Serializer[Any]):
    """One card."""

    id = serializers.CharField()
    type = serializers.CharField()
    name = serializers.CharField(required=False)
    config = ObjectField(required=False)
    position = Point(required=False)


class GraphEdge(serializers.Serializer[Any]):
    """From an out port to a card."""

    id = serializers.CharField()
    source = serializers.CharField()
    source_port = serializers.CharField()
    target = serializers.CharField()


class GraphNote(serializers.Serializer[Any]):
    """A note in Markdown."""

    id = serializers.CharField()
    text = serializers.CharField()
    position = Point()
    size = Size(required=False)


class Graph(serializers.Serializer[Any]):
    """The graph document (the domain, not this shape, judges what is sent)."""

    schema = serializers.IntegerField()
    nodes = GraphNode(many=True)
    edges = GraphEdge(many=True)
    notes = GraphNote(many=True, required=False)
    settings = ObjectField(required=False)


@extend_schema_field(Graph)
class GraphField(serializers.JSONField):
    """A graph document as it is sent: any JSON here, so that the domain can name every problem at its place."""


class Issue(serializers.Serializer[Any]):
    """One issue of a graph: what, where, and how to mend it."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning", "hint"])
    message = serializers.CharField()
    node = serializers.CharField()
    edge = serializers.CharField()
    field = serializers.CharField()
    fix = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem with a stable `code`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = FieldProblem(many=True, required=False)
    fix = serializers.CharField(required=False)


class GraphProblem(Problem):
    """A graph that cannot be published, with every issue."""

    issues = Issue(many=True)


class DrawingNode(serializers.Serializer[Any]):
    """A box of a thumbnail."""

    id = serializers.CharField()
    x = serializers.FloatField()
    y = serializers.FloatField()
    w = serializers.FloatField()
    h = serializers.FloatField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=["active", "held", "failed"], required=False)


class Drawing(serializers.Serializer[Any]):
    """A flow's drawing, small enough for a list."""

    width = serializers.FloatField()
    height = serializers.FloatField()
    nodes = DrawingNode(many=True)
    edges = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    )


class CustomerRef(serializers.Serializer[Any]):
    """A customer by name."""

    id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()


class FlowRef(serializers.Serializer[Any]):
    """A flow by name."""

    id = serializers.CharField()
    name = serializers.CharField()
