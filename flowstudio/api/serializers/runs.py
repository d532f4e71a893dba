"""Shapes of runs, steps, events, mails and customers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from flowstudio.api.serializers.shapes import AnyField, CustomerRef, FlowRef, ObjectField, Problem
from flowstudio.domain.gate import CHECKS
from flowstudio.store.models.event import EVENT_STATUSES
from flowstudio.store.models.reach import CONSENT_STATES, SUPPRESSION_REASONS
from flowstudio.store.models.run import ATTEMPT_STATES, RUN_STATUSES, STEP_STATUSES, TOKEN_STATES


class NodeRef(serializers.Serializer[Any]):
    """A node by name."""

    id = serializers.CharField()
    name = serializers.CharField()


class Run(serializers.Serializer[Any]):
    """A run as lists show it; `state` is its token's, '' once it ended.

    `retry_of` is the failed run that it goes on from, `retried_as` the run that goes on where it failed ('': none).
    """

    id = serializers.CharField()
    flow = FlowRef()
    version = serializers.IntegerField()
    customer = CustomerRef()
    status = serializers.ChoiceField(choices=RUN_STATUSES)
    state = serializers.ChoiceField(choices=["", *TOKEN_STATES])
    node = NodeRef(allow_null=True)
    sentence = serializers.CharField()
    reason = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    cost = serializers.FloatField()
    retry_of = serializers.CharField()
    retried_as = serializers.CharField()
    steps = serializers.IntegerField()


class Attempt(serializers.Serializer[Any]):
    """One try of a step's side effect."""

    number = serializers.IntegerField()
    key = serializers.CharField()
    state = serializers.ChoiceField(choices=ATTEMPT_STATES)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    status = serializers.IntegerField(allow_null=True)
    error_class = serializers.CharField()
    message = serializers.CharField()
    sandbox = serializers.BooleanField()
    cost = serializers.FloatField()


class GateVerdict(serializers.Serializer[Any]):
    """How one check of the delivery gate came out."""

    check = serializers.ChoiceField(choices=CHECKS)
    verdict = serializers.ChoiceField(choices=["pass", "stop", "leave", "hold", "withhold"])
    sentence = serializers.CharField()


class Step(serializers.Serializer[Any]):
    """One arrival at a node."""

    id = serializers.CharField()
    node = serializers.CharField()
    visit = serializers.IntegerField()
    seq = serializers.IntegerField()
    status = serializers.ChoiceField(choices=STEP_STATUSES)
    entered_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    left_at = serializers.DateTimeField(allow_null=True)
    port = serializers.CharField()
    reason = serializers.CharField()
    flagged = serializers.CharField()
    reads = ObjectField()
    input = AnyField()
    output = AnyField()
    traits = ObjectField()
    cost = serializers.FloatField()
    gate = GateVerdict(many=True)
    attempts = Attempt(many=True)


class Event(serializers.Serializer[Any]):
    """What arrived, and what it did."""

    id = serializers.CharField()
    type = serializers.CharField()
    name = serializers.CharField()
    message_id = serializers.CharField()
    source = serializers.CharField()
    customer = CustomerRef(allow_null=True)
    user_id = serializers.CharField()
    anonymous_id = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    clamped = serializers.BooleanField()
    status = serializers.ChoiceField(choices=EVENT_STATUSES)
    problem = serializers.CharField()
    conflicts = serializers.IntegerField()
    outcome = serializers.ListField(child=ObjectField())
    payload = AnyField()


class RunContext(serializers.Serializer[Any]):
    """What the run's expressions see, besides the customer."""

    event = AnyField()
    steps = ObjectField()


class RunDetail(serializers.Serializer[Any]):
    """One run with its event, steps and attempts; `step_count` is the number of `steps`.

    The steps of a retry begin with those of the failed runs that it goes on from.
    """

    id = serializers.CharField()
    flow = FlowRef()
    version = serializers.IntegerField()
    customer = CustomerRef()
    status = serializers.ChoiceField(choices=RUN_STATUSES)
    state = serializers.ChoiceField(choices=["", *TOKEN_STATES])
    node = NodeRef(allow_null=True)
    sentence = serializers.CharField()
    reason = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    cost = serializers.FloatField()
    retry_of = serializers.CharField()
    retried_as = serializers.CharField()
    event = Event(allow_null=True)
    correlation = serializers.CharField()
    steps = Step(many=True)
    step_count = serializers.IntegerField()
    context = RunContext()


SETTLEMENTS = ["done", "again", "end"]


class Settle(serializers.Serializer[Any]):
    """What a person found about an effect in review: it was done, it is to be sent again, or the run is to end."""

    choice = serializers.ChoiceField(choices=SETTLEMENTS)


class SettleNode(Settle):
    """The same for everything in review at one node."""

    node = serializers.CharField(max_length=64)


class Settled(serializers.Serializer[Any]):
    """How many runs were settled, and how many are left in review at the node."""

    settled = serializers.IntegerField()
    left = serializers.IntegerField()


class RunStanding(serializers.Serializer[Any]):
    """How a run stands now."""

    status = serializers.ChoiceField(choices=RUN_STATUSES)


class RunConflict(Problem):
    """The run does not stand as this needs."""

    theirs = RunStanding()


class Mail(serializers.Serializer[Any]):
    """An e-mail that was kept or sent."""

    id = serializers.CharField()
    to = serializers.CharField()
    sender = serializers.CharField()
    subject = serializers.CharField()
    html = serializers.CharField()
    text = serializers.CharField()
    headers = ObjectField()
    delivered_by = serializers.CharField()
    sent_at = serializers.DateTimeField()
    customer = CustomerRef(allow_null=True)
    run = serializers.CharField(allow_null=True)
    node = serializers.CharField()
    flow = FlowRef(allow_null=True)


class Customer(serializers.Serializer[Any]):
    """A customer as lists show it."""

    id = serializers.CharField()
    external_id = serializers.CharField()
    email = serializers.CharField()
    name = serializers.CharField()
    traits = ObjectField()
    created_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()


class Alias(serializers.Serializer[Any]):
    """A name a customer is known by."""

    kind = serializers.ChoiceField(choices=["user", "anon"])
    value = serializers.CharField()


class TraitValue(serializers.Serializer[Any]):
    """One value a trait was given; losers stay."""

    value = AnyField()
    source = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    won = serializers.BooleanField()
    reference = serializers.CharField()


class ConsentSaid(serializers.Serializer[Any]):
    """What a customer said about one category of messages."""

    category = serializers.CharField()
    state = serializers.ChoiceField(choices=CONSENT_STATES)
    source = serializers.CharField()
    said_at = serializers.DateTimeField()


class ConsentSent(serializers.Serializer[Any]):
    """What a customer said; `unset` forgets it, which counts as allowed."""

    category = serializers.CharField(max_length=60)
    state = serializers.ChoiceField(choices=[*CONSENT_STATES, "unset"])


class Reach(serializers.Serializer[Any]):
    """Whether messages may reach the customer, and why not."""

    suppressed = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=["", *SUPPRESSION_REASONS])
    sentence = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    consents = ConsentSaid(many=True)


class Suppressed(serializers.Serializer[Any]):
    """How it stands now."""

    suppressed = serializers.BooleanField()


class SuppressionConflict(Problem):
    """Nothing is suppressed that could be lifted."""

    theirs = Suppressed()


class CustomerDetail(Customer):
    """A customer with names, the origin of every trait, and whether messages may reach them."""

    reach = Reach()

    aliases = Alias(many=True)
    provenance = serializers.DictField(child=serializers.ListField(child=TraitValue()))


class JourneyEvent(Event):
    """An event on a journey."""

    kind = serializers.ChoiceField(choices=["event"])
    at = serializers.DateTimeField()


class JourneyRun(serializers.Serializer[Any]):
    """A run on a journey."""

    kind = serializers.ChoiceField(choices=["run"])
    at = serializers.DateTimeField()
    run = Run()
    steps = Step(many=True)


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="JourneyItem",
        serializers={"event": JourneyEvent, "run": JourneyRun},
        resource_type_field_name="kind",
        many=True,
    )
)
class JourneyItems(serializers.ListField):
    """Events and runs in time order."""


class Journey(serializers.Serializer[Any]):
    """Everything one customer did and got; `truncated` when only the newest part is shown."""

    customer = CustomerDetail()
    items = JourneyItems()
    truncated = serializers.BooleanField()
