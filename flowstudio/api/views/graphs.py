"""Questions about a graph that need not be saved, node types, and help while typing."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from flowstudio.api.paging import whole
from flowstudio.api.schema import documented, text
from flowstudio.api.serializers import graphs as shapes
from flowstudio.api.serializers.shapes import Problem
from flowstudio.api.throttles import TestsByMember
from flowstudio.api.views.base import ApiView
from flowstudio.services import expressions, graphs, letters, variables

TAG = "Graphs"


class NodeTypesView(ApiView):
    """The catalogue."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(id="node_types_list", summary="Every node type with its schema", listed=shapes.NodeType, tag=TAG)
    def get(self, request: Request) -> Response:
        """All node types at once."""
        return whole(graphs.node_types())


class FlowSettingsView(ApiView):
    """What can be set for a whole flow."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="flow_settings_read",
        summary="The JSON Schema of a graph's settings",
        answer=shapes.FlowSettings,
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        """The schema."""
        return Response({"schema": graphs.settings_schema()})


class ValidateView(ApiView):
    """Every issue of a graph."""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}

    @documented(
        id="graphs_validate",
        summary="Every issue at once",
        sent=shapes.GraphSent,
        answer=shapes.Validated,
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Validates."""
        issues = graphs.validate(graphs.parse(self.read(shapes.GraphSent)["graph"]))
        return Response({"ok": all(issue["severity"] != "error" for issue in issues), "issues": issues})


class LayoutView(ApiView):
    """Places for all cards."""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}

    @documented(
        id="graphs_layout",
        summary="The graph with positions, for any well-formed graph",
        sent=shapes.LayoutSent,
        answer=shapes.GraphAnswer,
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Lays out."""
        sent = self.read(shapes.LayoutSent)
        return Response({"graph": graphs.serialise(graphs.laid_out(graphs.parse(sent["graph"]), sent["direction"]))})


class ExplainView(ApiView):
    """A flow in words."""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}

    @documented(
        id="graphs_explain",
        summary="The flow in plain English",
        sent=shapes.GraphSent,
        answer=shapes.TextAnswer,
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Explains."""
        return Response({"text": graphs.explain(graphs.parse(self.read(shapes.GraphSent)["graph"]))})


class ExpressionCheckView(ApiView):
    """Is what is being typed right?"""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}

    @documented(
        id="expressions_check",
        summary="Whether an expression or template compiles",
        sent=shapes.ExpressionCheck,
        answer=shapes.ExpressionChecked,
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Checks."""
        sent = self.read(shapes.ExpressionCheck)
        return Response(expressions.check(sent["source"], sent["kind"]))


class PreviewView(ApiView):
    """A template as somebody would get it."""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}

    @documented(
        id="templates_preview",
        summary="A template as one customer would get it",
        sent=shapes.PreviewSent,
        answer=shapes.Previewed,
        errors=[404],
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Renders."""
        sent = self.read(shapes.PreviewSent)
        return Response(
            expressions.preview(
                self.caller,
                source=sent["source"],
                customer=sent.get("customer", ""),
                flow=sent.get("flow", ""),
                escape=sent.get("escape", "none"),
            )
        )


class LetterPreviewView(ApiView):
    """An e-mail as somebody would get it."""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}

    @documented(
        id="emails_preview",
        summary="An e-mail as one customer would get it: subject, HTML and plain text; nothing is sent",
        sent=shapes.LetterSent,
        answer=shapes.Letter,
        errors=[404],
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Renders."""
        sent = self.read(shapes.LetterSent)
        return Response(letters.preview(self.caller, form=sent.pop("format"), **sent))


class LetterTestView(ApiView):
    """An e-mail to oneself."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}
    throttle_classes: ClassVar[tuple[type[BaseThrottle], ...]] = (TestsByMember,)

    @documented(
        id="emails_test",
        summary="Sends an e-mail as one customer would get it to the signed-in member's own address",
        sent=shapes.LetterSent,
        answer=shapes.LetterTested,
        errors={404: Problem, 429: Problem},
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Sends."""
        sent = self.read(shapes.LetterSent)
        return Response(letters.test(self.caller, form=sent.pop("format"), **sent))


class VariablesView(ApiView):
    """Names for completion."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="variables_list",
        summary="Names an expression may use, with types and samples that were seen",
        answer=shapes.Variables,
        params=[text("flow", "The flow being edited"), text("node", "The node being edited")],
        errors=[404],
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        """The names."""
        found = variables.variables(self.caller, flow=self.id_param("flow"), node=self.param("node"))
        return Response({"variables": found, "events": variables.event_names(self.caller)})
