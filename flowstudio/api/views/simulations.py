"""What would happen: simulations of a flow."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from flowstudio.api.schema import documented
from flowstudio.api.serializers import simulations as shapes
from flowstudio.api.serializers import trials
from flowstudio.api.serializers.shapes import GraphProblem, Problem
from flowstudio.api.throttles import Trials
from flowstudio.api.views.base import ApiView
from flowstudio.services import simulation, trial


class SimulateView(ApiView):
    """A customer's way through a flow, without anybody going it."""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}

    @documented(
        id="flows_simulate",
        summary="The path a customer would take, with each step's time, reason and output; nothing leaves the house",
        sent=shapes.SimulationSent,
        answer=shapes.Simulation,
        errors={404: Problem, 422: GraphProblem},
        tag="Flows",
    )
    def post(self, request: Request, flow_id: str) -> Response:
        """Simulates."""
        return Response(simulation.of_flow(self.caller, flow_id, self.read(shapes.SimulationSent)))


class TrialView(ApiView):
    """One step's call, tried out."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}
    throttle_classes: ClassVar[tuple[type[BaseThrottle], ...]] = (Trials,)

    @documented(
        id="flows_test_step",
        summary="Performs one step's call for real, for nobody's run; messages go to the caller",
        sent=trials.TrialSent,
        answer=trials.Trial,
        errors={403: Problem, 404: Problem, 422: GraphProblem, 429: Problem},
        tag="Flows",
    )
    def post(self, request: Request, flow_id: str) -> Response:
        """Tries it."""
        return Response(trial.step(self.caller, flow_id, self.read(trials.TrialSent)))
