"""Shapes of questions about a graph, and of node types."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from flowstudio.api.serializers.shapes import AnyField, CustomerRef, Graph, GraphField, Issue, ObjectField

SOURCE_LIMIT = 256 * 1024


class GraphSent(serializers.Serializer[Any]):
    """A graph document."""

    graph = GraphField()


class LayoutSent(GraphSent):
    """A graph document and the way it should run."""

    direction = serializers.ChoiceField(choices=["down", "right"], required=False, default="down")


class Validated(serializers.Serializer[Any]):
    """Every issue at once; `ok` when none is an error."""

    ok = serializers.BooleanField()
    issues = Issue(many=True)


class GraphAnswer(serializers.Serializer[Any]):
    """A graph document."""

    graph = Graph()


class TextAnswer(serializers.Serializer[Any]):
    """A text for people."""

    text = serializers.CharField()


class Port(serializers.Serializer[Any]):
    """One way out of a node."""

    id = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.ChoiceField(choices=["main", "side", "error"])


class Vendor(serializers.Serializer[Any]):
    """Who performs an action."""

    id = serializers.CharField()
    name = serializers.CharField()
    letter = serializers.CharField()


class NodeType(serializers.Serializer[Any]):
    """A kind of node. `ports_from` names the config field whose entries add ports, '' when ports are fixed."""

    type = serializers.CharField()
    name = serializers.CharField()
    category = serializers.ChoiceField(choices=["Triggers", "Logic", "Wait", "Reach people", "Data and vendors", "End"])
    kind = serializers.ChoiceField(choices=["trigger", "logic", "wait", "message", "data", "goal", "exit"])
    icon = serializers.CharField()
    help = serializers.CharField()
    schema = ObjectField()
    ports = Port(many=True)
    ports_from = serializers.CharField()
    summary = serializers.CharField()
    slim = serializers.BooleanField()
    trigger = serializers.BooleanField()
    effect = serializers.ChoiceField(choices=["internal", "vendor", "person"])
    idempotent = serializers.ChoiceField(choices=["by_nature", "by_key", "no"])
    vendor = Vendor(allow_null=True)
    capability = serializers.CharField()
    price = serializers.FloatField()
    output = ObjectField()


class FlowSettings(serializers.Serializer[Any]):
    """What can be set for a whole flow, as a JSON Schema with the form's marks."""

    schema = ObjectField()


class ExpressionCheck(serializers.Serializer[Any]):
    """An expression or template being typed."""

    source = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=SOURCE_LIMIT)
    kind = serializers.ChoiceField(choices=["cel", "liquid"])


class ExpressionChecked(serializers.Serializer[Any]):
    """Whether it compiles, and what is wrong where."""

    ok = serializers.BooleanField()
    message = serializers.CharField()
    position = serializers.IntegerField(allow_null=True)
    line = serializers.IntegerField(allow_null=True, required=False)
    references = serializers.ListField(child=serializers.CharField())


class PreviewSent(serializers.Serializer[Any]):
    """A template, and for whom."""

    source = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=SOURCE_LIMIT)
    customer = serializers.CharField(required=False, allow_blank=True, max_length=26)
    flow = serializers.CharField(required=False, allow_blank=True, max_length=26)
    node = serializers.CharField(required=False, allow_blank=True, max_length=64)
    escape = serializers.ChoiceField(choices=["none", "html", "markdown", "slack", "header", "url"], required=False)


class Previewed(serializers.Serializer[Any]):
    """The text as that customer would get it."""

    text = serializers.CharField()
    customer = CustomerRef(allow_null=True)


class LetterSent(serializers.Serializer[Any]):
    """An e-mail being written, and for whom."""

    subject = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=2_000)
    preheader = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, max_length=2_000)
    body = serializers.CharField(
        required=False, default="", allow_blank=True, trim_whitespace=False, max_length=SOURCE_LIMIT
    )
    format = serializers.ChoiceField(choices=["markdown", "html", "blocks"])
    blocks = serializers.ListField(child=AnyField(), required=False, max_length=100)
    transactional = serializers.BooleanField(required=False)
    customer = serializers.CharField(required=False, allow_blank=True, max_length=26)
    flow = serializers.CharField(required=False, allow_blank=True, max_length=26)


class Letter(serializers.Serializer[Any]):
    """The e-mail as that customer would get it; `size` is the HTML's in bytes, `clipped` that mailboxes cut it."""

    subject = serializers.CharField()
    preheader = serializers.CharField()
    html = serializers.CharField()
    text = serializers.CharField()
    size = serializers.IntegerField()
    clipped = serializers.BooleanField()
    customer = CustomerRef(allow_null=True)


class LetterTested(serializers.Serializer[Any]):
    """Where the test went; `outbox` that it was kept in the product, since there is no mail server."""

    to = serializers.CharField()
    outbox = serializers.BooleanField()


class Variable(serializers.Serializer[Any]):
    """A name that an expression may use."""

    path = serializers.CharField()
    type = serializers.CharField()
    sample = AnyField()
    source = serializers.CharField()
    values = serializers.ListField(child=AnyField())


class Variables(serializers.Serializer[Any]):
    """Names for completion, and the names of events that arrived lately."""

    variables = Variable(many=True)
    events = serializers.ListField(child=serializers.CharField())
