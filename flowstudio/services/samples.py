"""The sample workspace: what a first start opens with."""

from __future__ import annotations

from django.db import transaction

from flowstudio.services import accounts, flows, publishing, templates
from flowstudio.services.caller import Caller
from flowstudio.store.models import User, Workspace
from flowstudio.store.queries import accounts as queries

SLUG = "main"
NAME = "Main"
ADMIN = "admin@flowstudio.example"


@transaction.atomic
def first_workspace(*, sample: bool) -> tuple[Workspace, User]:
    """The workspace `main` and an admin of it; when it is new and `sample` is true, with the onboarding unit, live.

    A workspace that exists is left as it is: what somebody deleted does not come back.
    """
    new = not queries.workspace_exists(SLUG)
    workspace, admin = accounts.ensure_workspace(slug=SLUG, name=NAME, admin_email=ADMIN)
    if new and sample:
        caller = Caller(
            workspace_id=workspace.id,
            workspace_slug=workspace.slug,
            role="admin",
            actor=admin.email,
            user_id=admin.pk,
        )
        flow = flows.create(caller, name="Onboarding", graph=templates.graph_of("onboarding"), tags=["sample"])
        publishing.publish(caller, flow.id, revision=flow.draft.revision)
    return workspace, admin
