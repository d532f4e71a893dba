"""Reads of runs, steps and attempts."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from flowstudio.domain.errors import NotFound
from flowstudio.store.models import Assignment, Attempt, Run, Step, Token, Version
from flowstudio.store.models.run import RUN_STATUSES, TOKEN_STATES

_LAST_STEP = Step.objects.filter(run=OuterRef("pk")).order_by("-seq").values("id")[:1]


def of_workspace(workspace_id: str) -> QuerySet[Run]:
    """A workspace's runs with flow, customer and the id of their latest step."""
    return (
        Run.objects.filter(workspace_id=workspace_id)
        .select_related("flow", "customer")
        .defer("subject", "customer__traits")
        .annotate(last_step=Subquery(_LAST_STEP))
    )


def listed(workspace_id: str, *, flow: str = "", customer: str = "", status: str = "", q: str = "") -> QuerySet[Run]:
    """Runs by flow, customer, status (of the run, or the state of its token) and words about the customer."""
    rows = of_workspace(workspace_id)
    if flow:
        rows = rows.filter(flow_id=flow)
    if customer:
        rows = rows.filter(customer_id=customer)
    if status in RUN_STATUSES:
        rows = rows.filter(status=status)
    elif status in TOKEN_STATES:
        rows = rows.filter(
            id__in=Token.objects.filter(state=status, workspace_id=workspace_id, block__isnull=True).values("run_id")
        )
    for word in q.split():
        rows = rows.filter(Q(id=word) | Q(customer__email__icontains=word) | Q(customer__name__icontains=word))
    return rows


def one(workspace_id: str, run_id: str) -> Run:
    """One run of the workspace with its trigger event, or NotFound."""
    run = of_workspace(workspace_id).defer(None).filter(id=run_id).first()
    if run is None:
        raise NotFound("There is no such run.")
    return run


def steps_by_id(step_ids: Collection[str]) -> dict[str, Step]:
    """Steps without what came in and went out."""
    rows = Step.objects.filter(id__in=step_ids).defer("input", "output", "traits", "reads")
    return {step.id: step for step in rows}


# Where a run is in several arms, the one that most wants to be seen stands for it.
_PRESSING = ("held", "blocked", "retrying", "running", "ready", "waiting")


def tokens(run_ids: Collection[str]) -> dict[str, list[Token]]:
    """The tokens of each run that is still inside, the most pressing first; one for each arm of a parallel block.

    The one that waits for those arms comes last: nothing happens there.
    """
    found: dict[str, list[Token]] = {}
    for token in Token.objects.filter(run_id__in=run_ids).order_by("id"):
        found.setdefault(token.run_id, []).append(token)
    for mine in found.values():
        mine.sort(key=lambda token: (token.block is not None, _PRESSING.index(token.state)))
    return found


def steps(run_ids: Collection[str]) -> QuerySet[Step]:
    """All steps of runs with their attempts, in order: two queries."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("number"))
    return Step.objects.filter(run_id__in=run_ids).prefetch_related(attempts).order_by("run_id", "seq", "id")


def retries(run_ids: Collection[str]) -> dict[str, str]:
    """The run that goes on where each of these failed, for those that were tried again."""
    rows = Run.objects.filter(retry_of__in=run_ids).exclude(retry_of="")
    return dict(rows.values_list("retry_of", "id"))


def before(run: Run) -> list[str]:
    """Ids of the failed runs that this one goes on from, the first one first."""
    found: list[str] = []
    earlier = run.retry_of
    while earlier and earlier not in found:
        found.insert(0, earlier)
        earlier = Run.objects.filter(id=earlier).values_list("retry_of", flat=True).first() or ""
    return found


def version_graphs(version_ids: Collection[str]) -> dict[str, object]:
    """The graph of each version."""
    return dict(Version.objects.filter(id__in=version_ids).values_list("id", "graph"))


def of_customer(workspace_id: str, customer_id: str, limit: int) -> list[Run]:
    """A customer's newest runs."""
    return list(of_workspace(workspace_id).filter(customer_id=customer_id).order_by("-id")[:limit])


def answers(flow_id: str, customer_id: str, *, runs: int = 20) -> list[Step]:
    """Calls that were answered in a flow: those of a customer's newest runs, then of the newest that went through."""
    own = Run.objects.filter(customer_id=customer_id, flow_id=flow_id) if customer_id else Run.objects.none()
    went = Run.objects.filter(flow_id=flow_id, status="completed")
    ids = [
        *own.order_by("-id").values_list("id", flat=True)[:runs],
        *went.order_by("-id").values_list("id", flat=True)[:runs],
    ]
    place = {run_id: number for number, run_id in reversed(list(enumerate(ids)))}
    called = Attempt.objects.filter(run_id__in=place, state="accepted").values("step_id")
    rows = Step.objects.filter(run_id__in=place, status="done", id__in=called)
    return sorted(rows, key=lambda step: (place[step.run_id], step.visit, step.id))


def arms_of(customer_id: str, flow_id: str) -> dict[str, str]:
    """The arms that a customer has at a flow's splits, by node (SEMANTICS 6.2)."""
    return dict(Assignment.objects.filter(customer_id=customer_id, flow_id=flow_id).values_list("node", "arm"))


def recent_outputs(flow_id: str, nodes: Collection[str], runs: int) -> list[Step]:
    """What these nodes gave in a flow's newest runs, the newest first."""
    newest = Run.objects.filter(flow_id=flow_id).order_by("-id").values_list("id", flat=True)[:runs]
    rows = Step.objects.filter(run_id__in=list(newest), node__in=nodes, status="done", output__isnull=False)
    return list(rows.only("id", "node", "output").order_by("-id"))
