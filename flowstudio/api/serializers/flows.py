"""Shapes of flows, drafts and versions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from flowstudio.api.serializers.differences import VersionDiff
from flowstudio.api.serializers.shapes import (
    MOST,
    STATE_CHOICES,
    Drawing,
    Graph,
    GraphField,
    Issue,
    Name,
    Person,
    Problem,
    TagsField,
)

CHOICES = ["move", "finish", "exit"]


class IssueCounts(serializers.Serializer[Any]):
    """How many issues a draft has."""

    errors = serializers.IntegerField()
    warnings = serializers.IntegerField()


class Volume(serializers.Serializer[Any]):
    """What went through a flow: entries of 24 hours, customers inside now, failures of 24 hours."""

    day = serializers.IntegerField()
    inside = serializers.IntegerField()
    failed = serializers.IntegerField()
    hours = serializers.ListField(child=serializers.IntegerField(), min_length=24, max_length=24)


class Flow(serializers.Serializer[Any]):
    """A flow as lists show it."""

    id = serializers.CharField()
    name = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=STATE_CHOICES)
    draft_revision = serializers.IntegerField()
    published_version = serializers.IntegerField(allow_null=True)
    has_unpublished_changes = serializers.BooleanField()
    owner = Person(allow_null=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    sentence = serializers.CharField()
    issues = IssueCounts()
    drawing = Drawing()
    volume = Volume()


class HookAddress(serializers.Serializer[Any]):
    """The secret address of a webhook trigger."""

    node = serializers.CharField()
    url = serializers.CharField()
    problem = serializers.CharField()


class HookAddresses(serializers.Serializer[Any]):
    """All webhook addresses of a flow."""

    hooks = HookAddress(many=True)


class Resume(serializers.Serializer[Any]):
    """What becomes of customers whose time came while the flow was paused; `run_now`, spread out, if not said.

    `skip` lets those go on who are overdue by less than `older_than` (24h), and ends the others; `shift` moves every
    timer by the length of the pause; `exit` ends all that are overdue.
    """

    overdue = serializers.ChoiceField(choices=["run_now", "skip", "shift", "exit"], required=False)
    older_than = serializers.CharField(required=False, allow_blank=True, max_length=60)
    spread = serializers.CharField(required=False, allow_blank=True, max_length=60)


class OverdueNode(serializers.Serializer[Any]):
    """Overdue customers at one node; `reaches` is the first message that they would get."""

    node = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    late = serializers.IntegerField()
    first = serializers.DateTimeField()
    reaches = serializers.CharField()


class Overdue(serializers.Serializer[Any]):
    """Whose time came while the flow was paused: `late` by more than `older_than_s`, `messages` of them reach a message."""

    paused_at = serializers.DateTimeField(allow_null=True)
    paused_s = serializers.FloatField()
    inside = serializers.IntegerField()
    overdue = serializers.IntegerField()
    late = serializers.IntegerField()
    older_than_s = serializers.FloatField()
    spread_s = serializers.FloatField()
    messages = serializers.IntegerField()
    timers = serializers.IntegerField()
    nodes = OverdueNode(many=True)
    at = serializers.DateTimeField()


class BatchProgress(serializers.Serializer[Any]):
    """Customers inside being taken to a new version, or let go on after a pause: how many of how many."""

    kind = serializers.ChoiceField(choices=["move", "resume"])
    total = serializers.IntegerField()
    done = serializers.IntegerField()


class FlowDetail(Flow):
    """One flow with its webhook addresses, since when it is paused, and what its customers are going through now."""

    hooks = HookAddress(many=True)
    paused_at = serializers.DateTimeField(allow_null=True)
    batch = BatchProgress(allow_null=True)


class FlowCreate(serializers.Serializer[Any]):
    """A new flow: empty, from a graph, or from a template."""

    name = Name()
    tags = TagsField(required=False)
    graph = GraphField(required=False, allow_null=True)
    template = serializers.CharField(required=False, max_length=64, allow_blank=True)


class FlowChange(serializers.Serializer[Any]):
    """What may be changed on a flow itself."""

    name = Name(required=False)
    tags = TagsField(required=False)


class Entering(serializers.Serializer[Any]):
    """Who is sent into a flow, by their id or by yours, and what the flow finds in event.properties."""

    customer = serializers.CharField(max_length=255)
    properties = serializers.DictField(required=False)


class Entered(serializers.Serializer[Any]):
    """The event that says what comes of it."""

    accepted = serializers.BooleanField()
    event = serializers.CharField()


class Draft(serializers.Serializer[Any]):
    """The graph being worked on."""

    graph = Graph()
    revision = serializers.IntegerField()
    saved_by = Person(allow_null=True)
    saved_at = serializers.DateTimeField()


class DraftSave(serializers.Serializer[Any]):
    """A graph over the revision it started from."""

    graph = GraphField()
    revision = serializers.IntegerField(min_value=0, max_value=MOST)


class DraftSaved(serializers.Serializer[Any]):
    """The next revision, and every issue."""

    revision = serializers.IntegerField()
    issues = Issue(many=True)


class YourDraft(serializers.Serializer[Any]):
    """What was sent."""

    graph = Graph(required=False)
    revision = serializers.IntegerField()


class DraftConflict(Problem):
    """Somebody else saved meanwhile: both sides."""

    theirs = Draft()
    yours = YourDraft()


class FlowStanding(serializers.Serializer[Any]):
    """How a flow stands now."""

    state = serializers.ChoiceField(choices=STATE_CHOICES)
    inside = serializers.IntegerField(required=False)


class StateConflict(Problem):
    """The flow's state does not allow this."""

    theirs = FlowStanding()


class NodeChoice(serializers.Serializer[Any]):
    """What becomes of the customers at one changed or removed node; `to` is where those at a removed one go on."""

    choice = serializers.ChoiceField(choices=CHOICES)
    to = serializers.CharField(required=False, allow_blank=True, max_length=64)


class InFlightChoice(serializers.Serializer[Any]):
    """What becomes of the customers inside: everybody, and node by node."""

    choice = serializers.ChoiceField(choices=CHOICES, required=False)
    nodes = serializers.DictField(child=NodeChoice(), required=False)


@extend_schema_field(InFlightChoice)
class InFlightField(serializers.Field):  # type: ignore[type-arg]
    """The choices; one word holds for everybody."""

    def to_internal_value(self, data: Any) -> Any:
        """Reads either form."""
        shape = InFlightChoice(data={"choice": data} if isinstance(data, str) else data)
        shape.is_valid(raise_exception=True)
        return shape.validated_data


class Publish(serializers.Serializer[Any]):
    """The revision to publish, what becomes of the customers inside (what is safe, if not said), and a note."""

    revision = serializers.IntegerField(min_value=0, max_value=MOST)
    in_flight = InFlightField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    segment_entry = serializers.ChoiceField(choices=["future", "present", "both"], required=False)


class SegmentInside(serializers.Serializer[Any]):
    """The segment with which the flow begins, and how many are in it; until `ready` they are still being looked for."""

    id = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    ready = serializers.BooleanField()


class Version(serializers.Serializer[Any]):
    """An immutable published graph, as lists show it."""

    id = serializers.CharField()
    flow = serializers.CharField()
    number = serializers.IntegerField()
    draft_revision = serializers.IntegerField()
    published_by = Person(allow_null=True)
    published_at = serializers.DateTimeField()
    note = serializers.CharField()


class VersionDetail(Version):
    """A version with its graph."""

    graph = Graph()


class InFlight(serializers.Serializer[Any]):
    """What happens to the customers inside, and how many there are."""

    choice = serializers.ChoiceField(choices=CHOICES)
    inside = serializers.IntegerField()
    moving = serializers.IntegerField()
    finishing = serializers.IntegerField()
    leaving = serializers.IntegerField()


class Published(VersionDetail):
    """The version that is in force now."""

    issues = Issue(many=True)
    in_flight = InFlight()
    sentence = serializers.CharField()


class Consequence(serializers.Serializer[Any]):
    """What one choice means for the customers at a node."""

    choice = serializers.ChoiceField(choices=CHOICES)
    sentence = serializers.CharField()


class Candidate(serializers.Serializer[Any]):
    """A node by name, where customers could go on."""

    id = serializers.CharField()
    name = serializers.CharField()


class PublishPlace(serializers.Serializer[Any]):
    """A changed or removed node, who stands there now, and what may become of them.

    `choice` is what is chosen unasked, '' where the author must choose; `due` are those whom the new version would let go
    on at once; `reaches` is the message that they would get by that.
    """

    node = serializers.CharField()
    type = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["changed", "removed"])
    changes = serializers.ListField(child=serializers.CharField())
    inside = serializers.IntegerField()
    waiting = serializers.IntegerField()
    due = serializers.IntegerField()
    choice = serializers.ChoiceField(choices=["", *CHOICES])
    choices = serializers.ListField(child=serializers.ChoiceField(choices=CHOICES))
    to = serializers.CharField()
    candidates = Candidate(many=True)
    reaches = serializers.CharField()
    consequences = Consequence(many=True)


class PublishPlan(serializers.Serializer[Any]):
    """What publishing would do: `inside` travel by the published version, `staying` finish on older ones already."""

    number = serializers.IntegerField()
    published = serializers.IntegerField(allow_null=True)
    revision = serializers.IntegerField()
    difference = VersionDiff()
    issues = Issue(many=True)
    inside = serializers.IntegerField()
    staying = serializers.IntegerField()
    places = PublishPlace(many=True)
    segment = SegmentInside(allow_null=True)
    at = serializers.DateTimeField()


class NodeStats(serializers.Serializer[Any]):
    """Counts of one node and how long customers stay.

    On a trigger `refusals` counts who was not let in, by reason, and `held_out` the shadows; on a message `withheld`
    counts what the delivery gate kept back, and `converted` the goals that are credited to it.
    """

    entered = serializers.IntegerField()
    inside = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    held = serializers.IntegerField()
    withheld = serializers.IntegerField()
    held_out = serializers.IntegerField()
    converted = serializers.IntegerField()
    refusals = serializers.DictField(child=serializers.IntegerField())
    p50_s = serializers.FloatField(allow_null=True)
    p95_s = serializers.FloatField(allow_null=True)


class EdgeStats(serializers.Serializer[Any]):
    """How often an edge was taken."""

    count = serializers.IntegerField()


class RunStats(serializers.Serializer[Any]):
    """Runs by how they stand or ended; those that began by an event (`entered`) or a retry are all of them."""

    entered = serializers.IntegerField()
    retried = serializers.IntegerField()
    active = serializers.IntegerField()
    completed = serializers.IntegerField()
    goal = serializers.IntegerField()
    exited = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    failed = serializers.IntegerField()
    expired = serializers.IntegerField()
    refused = serializers.IntegerField()


class Stats(serializers.Serializer[Any]):
    """What happened on each node and edge, over all versions, and how often each goal was reached."""

    nodes = serializers.DictField(child=NodeStats())
    edges = serializers.DictField(child=EdgeStats())
    goals = serializers.DictField(child=serializers.IntegerField())
    runs = RunStats()


class Template(serializers.Serializer[Any]):
    """A drawing to begin with."""

    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    graph = Graph()
    drawing = Drawing()
