"""Flows, their state, and what lists show of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from flowstudio.api.paging import paged, whole
from flowstudio.api.schema import documented, text
from flowstudio.api.serializers import flows as shapes
from flowstudio.api.serializers.shapes import Problem
from flowstudio.api.views.base import ApiView
from flowstudio.domain.errors import InputError
from flowstudio.services import entering, exporting, flows, hooks, lifecycle, resuming, stats, templates
from flowstudio.services.export import FORMATS
from flowstudio.store.models.flow import FLOW_STATES
from flowstudio.store.queries import flows as queries

TAG = "Flows"
# An SVG or HTML file opened from here must not act as a page of ours (S36).
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; sandbox"


class FlowsView(ApiView):
    """All flows of the workspace."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer", "POST": "editor"}

    @documented(
        id="flows_list",
        summary="Flows, last changed first",
        listed=shapes.Flow,
        params=[text("q", "Words in name or tags"), text("state", "Only flows in this state", FLOW_STATES)],
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        """A page of flows."""
        rows = queries.listed(self.caller.workspace_id, q=self.param("q"), state=self.param("state", FLOW_STATES))
        return paged(request, self, rows, flows.items, ("-changed_at", "-id"))

    @documented(
        id="flows_create",
        summary="A new flow: empty, from a graph, or from a template",
        sent=shapes.FlowCreate,
        answer=shapes.FlowDetail,
        status=201,
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Makes a flow."""
        sent = self.read(shapes.FlowCreate)
        graph = sent.get("graph")
        if sent.get("template"):
            if graph is not None:
                raise InputError("Give a graph or a template, not both.", field="template")
            graph = templates.graph_of(sent["template"])
        flow = flows.create(self.caller, name=sent["name"], graph=graph, tags=sent.get("tags", ()))
        return Response(flows.detail(self.caller, flow.id), status=201)


class FlowView(ApiView):
    """One flow."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer", "PATCH": "editor", "DELETE": "editor"}

    @documented(id="flows_read", summary="One flow", answer=shapes.FlowDetail, errors=[404], tag=TAG)
    def get(self, request: Request, flow_id: str) -> Response:
        """The flow."""
        return Response(flows.detail(self.caller, flow_id))

    @documented(
        id="flows_change",
        summary="Another name, other tags",
        sent=shapes.FlowChange,
        answer=shapes.FlowDetail,
        errors=[404],
        tag=TAG,
    )
    def patch(self, request: Request, flow_id: str) -> Response:
        """Changes name or tags."""
        flows.change(self.caller, flow_id, self.read(shapes.FlowChange))
        return Response(flows.detail(self.caller, flow_id))

    @documented(
        id="flows_delete",
        summary="Deletes a flow that never ran, archives one with a history",
        answer=None,
        status=204,
        errors={404: Problem, 409: shapes.StateConflict},
        tag=TAG,
    )
    def delete(self, request: Request, flow_id: str) -> Response:
        """Deletes or archives."""
        flows.delete(self.caller, flow_id)
        return Response(status=204)


class DuplicateView(ApiView):
    """A copy of a flow."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="flows_duplicate",
        summary="A new draft with the same drawing",
        answer=shapes.FlowDetail,
        status=201,
        errors=[404],
        tag=TAG,
    )
    def post(self, request: Request, flow_id: str) -> Response:
        """Copies the draft."""
        return Response(flows.detail(self.caller, flows.duplicate(self.caller, flow_id).id), status=201)


class EnterView(ApiView):
    """A customer sent into a flow by hand."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="flows_enter",
        summary="Sends one customer into a flow that begins with “By hand or by a flow”",
        sent=shapes.Entering,
        answer=shapes.Entered,
        status=202,
        errors={404: Problem, 409: shapes.StateConflict},
        tag=TAG,
    )
    def post(self, request: Request, flow_id: str) -> Response:
        """Asks for the run."""
        sent = self.read(shapes.Entering)
        event = entering.enter(self.caller, flow_id, customer=sent["customer"], properties=sent.get("properties") or {})
        return Response({"accepted": True, "event": event}, status=202)


class MoveView(ApiView):
    """Moves a flow's state; `verb` comes from the route."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}
    verb: ClassVar[str] = ""

    def post(self, request: Request, flow_id: str) -> Response:
        """Moves the state and answers the flow."""
        lifecycle.move(self.caller, flow_id, self.verb)
        return Response(flows.detail(self.caller, flow_id))


_SAYS = {
    "close-entry": "Lets nobody in; those inside go on",
    "open-entry": "Lets customers in again",
    "pause": "Nothing runs; timers keep their due time",
    "drain": "Lets nobody in and ends when the last one has left",
    "stop": "Ends every run inside, at once",
}


def move_view(verb: str) -> Any:
    """The view of one verb, documented as an operation of its own."""
    decorated = extend_schema(operation_id=f"flows_{verb.replace('-', '_')}")
    view = type(f"Flow{verb.title().replace('-', '')}View", (MoveView,), {"verb": verb, "__doc__": _SAYS[verb]})
    operation = documented(
        id=f"flows_{verb.replace('-', '_')}",
        summary=_SAYS[verb],
        answer=shapes.FlowDetail,
        errors={404: Problem, 409: shapes.StateConflict},
        tag=TAG,
    )

    def post(self: MoveView, request: Request, flow_id: str) -> Response:
        return MoveView.post(self, request, flow_id)

    view.post = operation(decorated(post))  # type: ignore[attr-defined]
    return view.as_view()  # type: ignore[attr-defined]


class ResumeView(ApiView):
    """Goes on after a pause."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="flows_resume",
        summary="Goes on in the state before the pause; says what becomes of overdue customers",
        sent=shapes.Resume,
        answer=shapes.FlowDetail,
        errors={404: Problem, 409: shapes.StateConflict},
        tag=TAG,
    )
    def post(self, request: Request, flow_id: str) -> Response:
        """Resumes; with many overdue customers the flow opens when the last of them has been decided for."""
        sent = self.read(shapes.Resume)
        choice = sent.get("overdue", "")
        lifecycle.move(
            self.caller,
            flow_id,
            "resume",
            choice=choice,
            older_than=sent.get("older_than", ""),
            spread=sent.get("spread", ""),
        )
        return Response(flows.detail(self.caller, flow_id))


class OverdueView(ApiView):
    """Who is overdue."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="flows_overdue",
        summary="Customers whose time came while the flow was paused",
        answer=shapes.Overdue,
        params=[text("older_than", "Count those as late who are overdue by more, e.g. 24h")],
        errors=[404],
        tag=TAG,
    )
    def get(self, request: Request, flow_id: str) -> Response:
        """The counts."""
        return Response(resuming.overdue(self.caller, flow_id, older_than=self.param("older_than")))


class StatsView(ApiView):
    """Counts of a flow."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="flows_stats", summary="Counts and times of nodes and edges", answer=shapes.Stats, errors=[404], tag=TAG
    )
    def get(self, request: Request, flow_id: str) -> Response:
        """The counts."""
        return Response(stats.read(self.caller, flow_id))


class ExportView(ApiView):
    """A flow as a file."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @extend_schema(
        operation_id="flows_export",
        summary="The whole graph as a file, at its stored positions",
        tags=[TAG],
        parameters=[
            OpenApiParameter("as", str, required=True, enum=list(FORMATS), description="The file's format"),
            OpenApiParameter("version", int, description="A published version; the draft when absent"),
            text("overlay", "What to write on cards and edges", ("none", "counts")),
            text("theme", "Colours", ("light", "dark")),
        ],
        responses={
            (200, "image/svg+xml"): OpenApiTypes.STR,
            (200, "image/png"): OpenApiTypes.BINARY,
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "text/vnd.graphviz"): OpenApiTypes.STR,
            (200, "text/vnd.mermaid"): OpenApiTypes.STR,
            (200, "application/json"): OpenApiTypes.OBJECT,
            **{(code, "application/problem+json"): OpenApiResponse(Problem) for code in (400, 401, 403, 404, 413, 503)},
        },
    )
    def get(self, request: Request, flow_id: str) -> HttpResponse:
        """The file, as a download."""
        version = self.param("version")
        if version and not (version.isascii() and version.isdigit() and len(version) < 10):
            raise InputError("version is a whole number.", field="version")
        data, media, name = exporting.export(
            self.caller,
            flow_id,
            fmt=self.param("as"),
            version=int(version) if version else None,
            counts=self.param("overlay", ("none", "counts")) == "counts",
            theme=self.param("theme", ("light", "dark")) or "light",
        )
        return HttpResponse(
            data,
            content_type=media,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Content-Security-Policy": FILE_POLICY,
                "X-Content-Type-Options": "nosniff",
            },
        )


class HookRotateView(ApiView):
    """A new webhook address."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="hooks_rotate",
        summary="A new secret address for a webhook trigger; the old one is closed at once",
        answer=shapes.HookAddresses,
        errors=[404],
        tag=TAG,
    )
    def post(self, request: Request, flow_id: str, node: str) -> Response:
        """Rotates one address."""
        return Response({"hooks": hooks.rotate(self.caller, flow_id, node)})


class TemplatesView(ApiView):
    """Drawings to begin with."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(id="templates_list", summary="Drawings to begin with", listed=shapes.Template, tag=TAG)
    def get(self, request: Request) -> Response:
        """All templates."""
        return whole(templates.listed())
