"""Runs, customers, events and mails."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from flowstudio.api.paging import paged
from flowstudio.api.schema import documented, text
from flowstudio.api.serializers import runs as shapes
from flowstudio.api.serializers.shapes import Problem
from flowstudio.api.views.base import ApiView
from flowstudio.services import customers, events, reach, runs
from flowstudio.store.models.event import EVENT_STATUSES
from flowstudio.store.models.run import RUN_STATUSES, TOKEN_STATES
from flowstudio.store.queries import customers as customer_queries
from flowstudio.store.queries import events as event_queries
from flowstudio.store.queries import runs as run_queries

# The preview of a mail: its own inline styles and pictures, and nothing that runs (S43).
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; font-src https: data:; "
    "frame-ancestors 'self'; sandbox"
)
_STATUSES = (*RUN_STATUSES, *TOKEN_STATES)


class RunsView(ApiView):
    """All runs of the workspace."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="runs_list",
        summary="Runs, newest first",
        listed=shapes.Run,
        params=[
            text("flow", "Only runs of this flow"),
            text("customer", "Only runs of this customer"),
            text("status", "How a run stands: its status, or the state of its token", _STATUSES),
            text("q", "Words in the customer's name or address, or a run's id"),
        ],
        tag="Runs",
    )
    def get(self, request: Request) -> Response:
        """A page of runs."""
        rows = run_queries.listed(
            self.caller.workspace_id,
            flow=self.id_param("flow"),
            customer=self.id_param("customer"),
            status=self.param("status", _STATUSES),
            q=self.param("q"),
        )
        return paged(request, self, rows, runs.items)


class RunView(ApiView):
    """One run."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="runs_read",
        summary="One run with its steps, attempts, cost and context",
        answer=shapes.RunDetail,
        errors=[404],
        tag="Runs",
    )
    def get(self, request: Request, run_id: str) -> Response:
        """The run."""
        return Response(runs.detail(self.caller, run_id))


class RunCancelView(ApiView):
    """Ends a run."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="runs_cancel",
        summary="Ends a run where it stands",
        answer=shapes.RunDetail,
        errors={404: Problem, 409: shapes.RunConflict},
        tag="Runs",
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Cancels and answers the run."""
        runs.cancel(self.caller, run_id)
        return Response(runs.detail(self.caller, run_id))


class RunRetryView(ApiView):
    """Tries again."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="runs_retry",
        summary="Tries a failed or held step again; a failed run stays, the answer is the run that goes on",
        answer=shapes.RunDetail,
        errors={404: Problem, 409: shapes.RunConflict},
        tag="Runs",
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Retries and answers the run that goes on."""
        going = runs.retry(self.caller, run_id)
        return Response(runs.detail(self.caller, going))


class RunSettleView(ApiView):
    """Settles a review."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="runs_settle",
        summary="What was found about an effect in review: done (go on), again (send it), or end (the run)",
        sent=shapes.Settle,
        answer=shapes.RunDetail,
        errors={404: Problem, 409: shapes.RunConflict},
        tag="Runs",
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Settles and answers the run."""
        runs.settle(self.caller, run_id, self.read(shapes.Settle)["choice"])
        return Response(runs.detail(self.caller, run_id))


class FlowSettleView(ApiView):
    """Settles everything in review at a node."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="flows_settle",
        summary="Settles what is in review at one node, 200 runs at once; call again while some are left",
        sent=shapes.SettleNode,
        answer=shapes.Settled,
        errors=[404],
        tag="Runs",
    )
    def post(self, request: Request, flow_id: str) -> Response:
        """Settles and answers how many."""
        sent = self.read(shapes.SettleNode)
        return Response(runs.settle_node(self.caller, flow_id, sent["node"], sent["choice"]))


class CustomersView(ApiView):
    """All customers of the workspace."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="customers_list",
        summary="Customers, last seen first",
        listed=shapes.Customer,
        params=[text("q", "Words in name, address or id; an alias as a whole")],
        tag="Customers",
    )
    def get(self, request: Request) -> Response:
        """A page of customers."""
        rows = customer_queries.listed(self.caller.workspace_id, q=self.param("q"))
        return paged(request, self, rows, customers.items, ("-seen_at", "-id"))


class CustomerView(ApiView):
    """One customer."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="customers_read",
        summary="One customer; traits with their provenance",
        answer=shapes.CustomerDetail,
        errors=[404],
        tag="Customers",
    )
    def get(self, request: Request, customer_id: str) -> Response:
        """The customer."""
        return Response(customers.detail(self.caller, customer_id))


class SuppressView(ApiView):
    """No more messages."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="customers_suppress",
        summary="No message reaches the customer any more; in force at once",
        answer=shapes.CustomerDetail,
        errors=[404],
        tag="Customers",
    )
    def post(self, request: Request, customer_id: str) -> Response:
        """Suppresses and answers the customer."""
        reach.suppress(self.caller, customer_id)
        return Response(customers.detail(self.caller, customer_id))


class UnsuppressView(ApiView):
    """Messages again."""

    roles: ClassVar[dict[str, str]] = {"POST": "admin"}

    @documented(
        id="customers_unsuppress",
        summary="Lifts a suppression; only a person may, and it is audited",
        answer=shapes.CustomerDetail,
        errors={404: Problem, 409: shapes.SuppressionConflict},
        tag="Customers",
    )
    def post(self, request: Request, customer_id: str) -> Response:
        """Lifts it and answers the customer."""
        reach.unsuppress(self.caller, customer_id)
        return Response(customers.detail(self.caller, customer_id))


class ConsentView(ApiView):
    """What a customer said about a category."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="customers_consent",
        summary="Records consent to a category of messages, or its refusal",
        sent=shapes.ConsentSent,
        answer=shapes.CustomerDetail,
        errors=[404],
        tag="Customers",
    )
    def post(self, request: Request, customer_id: str) -> Response:
        """Records it and answers the customer."""
        sent = self.read(shapes.ConsentSent)
        reach.consent(self.caller, customer_id, category=sent["category"], said=sent["state"])
        return Response(customers.detail(self.caller, customer_id))


class JourneyView(ApiView):
    """A customer's whole journey."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="customers_journey",
        summary="All events and runs of one customer in time order",
        answer=shapes.Journey,
        errors=[404],
        tag="Customers",
    )
    def get(self, request: Request, customer_id: str) -> Response:
        """The journey."""
        return Response(customers.journey(self.caller, customer_id))


class EventsView(ApiView):
    """What arrived."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="events_list",
        summary="Events, newest first, with what each did",
        listed=shapes.Event,
        params=[
            text("name", "Only events of this name"),
            text("status", "Only events that stand so", EVENT_STATUSES),
            text("customer", "Only events of this customer"),
            text("q", "Words in the name; an id as a whole"),
        ],
        tag="Events",
    )
    def get(self, request: Request) -> Response:
        """A page of events."""
        workspace = self.caller.workspace_id
        rows = event_queries.listed(
            workspace,
            name=self.param("name"),
            status=self.param("status", EVENT_STATUSES),
            customer=self.id_param("customer"),
            q=self.param("q"),
        )
        return paged(request, self, rows, partial(events.items, workspace))


class EventView(ApiView):
    """One event."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(id="events_read", summary="One event", answer=shapes.Event, errors=[404], tag="Events")
    def get(self, request: Request, event_id: str) -> Response:
        """The event."""
        return Response(events.detail(self.caller, event_id))


class OutboxView(ApiView):
    """What people got."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="outbox_list",
        summary="E-mails, newest first",
        listed=shapes.Mail,
        params=[
            text("q", "Words in recipient or subject"),
            text("customer", "Only mails to this customer"),
            text("run", "Only mails of this run"),
        ],
        tag="Outbox",
    )
    def get(self, request: Request) -> Response:
        """A page of mails."""
        workspace = self.caller.workspace_id
        rows = event_queries.outbox(
            workspace, q=self.param("q"), customer=self.id_param("customer"), run=self.id_param("run")
        )
        return paged(request, self, rows, partial(events.mail_items, workspace))


class MailView(ApiView):
    """One mail."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(id="outbox_read", summary="One e-mail", answer=shapes.Mail, errors=[404], tag="Outbox")
    def get(self, request: Request, mail_id: str) -> Response:
        """The mail."""
        return Response(events.mail_detail(self.caller, mail_id))


class MailHtmlView(ApiView):
    """A mail's HTML, for a sandboxed frame."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @extend_schema(
        operation_id="outbox_html",
        summary="A mail's HTML under a policy that lets nothing run, for a sandboxed frame",
        tags=["Outbox"],
        responses={
            (200, "text/html"): OpenApiTypes.STR,
            **{(code, "application/problem+json"): OpenApiResponse(Problem) for code in (400, 401, 403, 404)},
        },
    )
    def get(self, request: Request, mail_id: str) -> HttpResponse:
        """The HTML."""
        return HttpResponse(
            events.mail_html(self.caller, mail_id),
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"},
        )
