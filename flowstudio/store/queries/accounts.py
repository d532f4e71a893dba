"""Reads of people, memberships and sign-in links."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from flowstudio.store.models import Membership, SignInLink, User, Workspace


def memberships(user_id: int) -> QuerySet[Membership]:
    """A person's memberships, the oldest first."""
    return Membership.objects.filter(user_id=user_id).select_related("workspace").order_by("id")


def membership(user_id: int, slug: str) -> Membership | None:
    """A person's membership in the named workspace, or their first one when no name is given."""
    rows = memberships(user_id)
    return (rows.filter(workspace__slug=slug) if slug else rows).first()


def members(workspace_id: str) -> QuerySet[Membership]:
    """Everybody in a workspace, by address."""
    return Membership.objects.filter(workspace_id=workspace_id).select_related("user").order_by("user__email")


def first_admin(workspace_id: str) -> Membership | None:
    """The oldest admin of a workspace."""
    rows = Membership.objects.filter(workspace_id=workspace_id, role="admin").select_related("user")
    return rows.order_by("id").first()


def first_admin_of_slug(slug: str) -> Membership | None:
    """The oldest admin of the workspace with this slug."""
    rows = Membership.objects.filter(workspace__slug=slug, role="admin").select_related("user")
    return rows.order_by("id").first()


def workspace_exists(slug: str) -> bool:
    """Whether there is a workspace with this slug."""
    return Workspace.objects.filter(slug=slug).exists()


def use_link(token_hash: str, now: datetime) -> User | None:
    """Marks a link as used by a conditional UPDATE (two clicks at once: one wins) and answers whose it was."""
    fresh = SignInLink.objects.filter(token_hash=token_hash, used_at=None, expires_at__gt=now)
    if not fresh.update(used_at=now):
        return None
    return SignInLink.objects.select_related("user").get(token_hash=token_hash).user
