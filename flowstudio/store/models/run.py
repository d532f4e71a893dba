"""Runs, tokens, steps, attempts and waits: the engine's own tables (SEMANTICS 0)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from flowstudio.store.models.base import ID_LENGTH, Row
from flowstudio.store.models.customer import Customer
from flowstudio.store.models.flow import Flow, Version
from flowstudio.store.models.workspace import Workspace

RUN_STATUSES = ("active", "paused", "completed", "goal", "exited", "cancelled", "failed", "expired")
TOKEN_STATES = ("ready", "running", "waiting", "held", "retrying", "blocked")
STEP_STATUSES = ("running", "waiting", "held", "retrying", "blocked", "done", "failed", "cancelled")
ATTEMPT_STATES = ("sending", "accepted", "rejected", "unknown", "not_sent")
WAIT_KINDS = ("event", "condition", "restart")


class Run(Row):
    """One customer going once through one flow. A terminal status is never overwritten (SEMANTICS 0.2).

    `exclusive` is the identity that may be active only once (SEMANTICS 1.3): flow, customer and correlation, or the
    run's own id where entry is `parallel`. `subject` is the trigger event as expressions see it. `retry_of` is the
    failed run that this one goes on from, '' for a run that its event began (docs/decisions/0004). `stays`: at the last
    publishing its author chose that it finishes on its own version (SEMANTICS 8.2). `ending` says in a sentence which
    exit or goal ended it. A `shadow` run is held out: no message of it reaches anybody (SEMANTICS 6.4). `block` is
    where the arms of a parallel block stood when it failed inside one, for a retry to go on from.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="runs")
    event_id = models.CharField(max_length=ID_LENGTH)
    retry_of = models.CharField(max_length=ID_LENGTH, blank=True, default="", db_default="")
    correlation = models.CharField(max_length=255, blank=True)
    exclusive = models.CharField(max_length=64)
    subject = models.JSONField()
    stays = models.BooleanField(default=False, db_default=False)
    status = models.CharField(max_length=10, default="active", choices=[(s, s) for s in RUN_STATUSES])
    reason = models.CharField(max_length=255, blank=True)
    steps = models.PositiveIntegerField(default=0)
    cost = models.FloatField(default=0)
    block = models.JSONField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ending = models.TextField(blank=True, default="", db_default="")
    shadow = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["exclusive"], name="run_active_once", condition=Q(status="active")),
            models.UniqueConstraint(
                fields=["flow", "customer", "event_id"], name="run_per_event_once", condition=Q(retry_of="")
            ),
            models.UniqueConstraint(fields=["retry_of"], name="run_retried_once", condition=~Q(retry_of="")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-id"], name="run_newest"),
            models.Index(fields=["flow", "status", "-id"], name="run_by_flow"),
            models.Index(fields=["customer", "-id"], name="run_by_customer"),
        ]


class Token(Row):
    """A run's position, one of several inside a parallel block; the row goes when the run or its arm ends.

    The engine owns it while `owner` is set and `lease_until` has not passed; `fence` rises with every claim, and a
    write that carries an old one is refused (SEMANTICS 10.5). `due_at` is when the engine must look again: now when
    ready, the timer's instant when waiting, the next try when retrying; None when only a person or an event can move it.
    `step_id` is the open step at `node`, '' when the token has not entered the node yet. `tries` counts attempts of the
    open step. `leaving` is how its run ends once the call that is under way is on record (SEMANTICS 2.2).
    `wake` is what an event left for a waiting token: {"branch": id, "event": value} (SEMANTICS 3.7).

    The token that came to a Parallel waits before the Join, without a step; `block` is what it knows of its arms
    (`engine.blocks`). Each arm has a token whose `parent` is that one; it ends at the Join, `meets`, as `arm`.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tokens")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE)
    node = models.CharField(max_length=64)
    visit = models.PositiveIntegerField(default=1)
    step_id = models.CharField(max_length=ID_LENGTH, blank=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in TOKEN_STATES])
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    deaths = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=ID_LENGTH, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    wake = models.JSONField(null=True)
    leaving = models.JSONField(null=True)
    parent = models.CharField(max_length=ID_LENGTH, blank=True, default="", db_default="")
    arm = models.CharField(max_length=64, blank=True, default="", db_default="")
    meets = models.CharField(max_length=64, blank=True, default="", db_default="")
    block = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], name="token_due", condition=Q(owner="", due_at__isnull=False)),
            models.Index(
                fields=["workspace", "due_at", "id"], name="token_due_fair", condition=Q(owner="", due_at__isnull=False)
            ),
            models.Index(fields=["lease_until"], name="token_leased", condition=~Q(owner="")),
            models.Index(fields=["flow", "node"], name="token_by_node"),
            # Steps that were executing when their engine died: hardly ever any.
            models.Index(fields=["due_at"], name="token_suspect", condition=Q(deaths__gt=0)),
        ]


class Step(Row):
    """One arrival of a run at a node (SEMANTICS 0.1). A finished row never changes.

    `gate` are the verdicts of the delivery gate, in its order: [{check, verdict, sentence}] (SEMANTICS 5.1).
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="step_rows")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE)
    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    customer_id = models.CharField(max_length=ID_LENGTH)
    node = models.CharField(max_length=64)
    visit = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=[(s, s) for s in STEP_STATUSES])
    entered_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    port = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    flagged = models.TextField(blank=True)
    reads = models.JSONField(default=dict)
    input = models.JSONField(null=True)
    output = models.JSONField(null=True)
    traits = models.JSONField(default=dict)
    cost = models.FloatField(default=0)
    gate = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "node", "visit"], name="step_once")]
        indexes: ClassVar = [models.Index(fields=["run", "seq"], name="step_in_order")]


class Attempt(Row):
    """One try of a step's side effect (SEMANTICS 10.2). `key` is sent as Idempotency-Key, the same for every try."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="attempts")
    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=[(s, s) for s in ATTEMPT_STATES])
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveIntegerField(null=True)
    error_class = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    sandbox = models.BooleanField(default=False)
    cost = models.FloatField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["step", "number"], name="attempt_once")]
        indexes: ClassVar = [
            # Calls under way, for recovery: a handful of rows, whatever the history.
            models.Index(fields=["started_at"], name="attempt_open", condition=Q(state="sending")),
        ]


class Assignment(models.Model):
    """The arm that a customer got at a split, for ever: it wins over weights that change later (SEMANTICS 6.2).

    Flow and node are the experiment; both stay over versions (SEMANTICS 6.3).
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE)
    node = models.CharField(max_length=64)
    customer_id = models.CharField(max_length=ID_LENGTH)
    arm = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "flow", "node"], name="assigned_once"),
        ]


class Wait(models.Model):
    """One branch of an open wait; goes when the step closes. Found by (workspace, customer, event).

    A `condition` has no event: `filter` is judged when traits change. A `restart` has no branch: its event begins the
    timer of `span_s` seconds anew, `restarts` times so far (SEMANTICS 3.2, 3.6).
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    customer_id = models.CharField(max_length=ID_LENGTH)
    event = models.CharField(max_length=255)
    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    token_id = models.CharField(max_length=ID_LENGTH)
    step_id = models.CharField(max_length=ID_LENGTH)
    branch = models.CharField(max_length=64)
    place = models.PositiveSmallIntegerField(default=0)
    filter = models.TextField(blank=True)
    since = models.DateTimeField()
    kind = models.CharField(max_length=9, default="event", db_default="event", choices=[(k, k) for k in WAIT_KINDS])
    consume = models.BooleanField(default=False, db_default=False)
    span_s = models.PositiveIntegerField(default=0, db_default=0)
    restarts = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "customer_id", "event"], name="wait_by_event"),
            models.Index(fields=["step_id"], name="wait_by_step"),
        ]


class Consumed(models.Model):
    """An event that one run of a flow took for itself (SEMANTICS 3.5)."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=ID_LENGTH)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE)
    run = models.ForeignKey(Run, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event_id", "flow"], name="consumed_once")]
