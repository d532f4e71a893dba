"""Signing in: by password, or by a one-time link whose button (not its opening) uses it up."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from flowstudio.domain.errors import InputError, NotAllowed, NotFound
from flowstudio.services import audit
from flowstudio.services.caller import Caller
from flowstudio.services.people import person
from flowstudio.store.models import Membership, SignInLink, User, Workspace
from flowstudio.store.queries import accounts as queries
from flowstudio.store.queries import restores
from flowstudio.store.secrets import digest

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LINK_LIFE = timedelta(hours=24)
_BY = "flowstudio_signed_in_by"


def caller_of(user: User, slug: str = "") -> Caller | None:
    """The person in the named workspace, or in their first one; None when they belong to no such workspace."""
    membership = queries.membership(user.pk, slug)
    if membership is None:
        return None
    return Caller(
        workspace_id=membership.workspace_id,
        workspace_slug=membership.workspace.slug,
        role=membership.role,
        actor=user.email,
        user_id=user.pk,
    )


def sign_in(request: HttpRequest, *, email: str, password: str) -> User:
    """Starts a fresh session for the right address and password; every wrong pair gives one and the same answer."""
    user = authenticate(request, email=email.strip().lower(), password=password)
    if not isinstance(user, User):
        raise NotAllowed("The e-mail address or the password is not right.")
    _start(request, user, "password")
    return user


def sign_in_by_link(request: HttpRequest, *, token: str) -> User:
    """Uses up a one-time link and starts a session; a used, old or unknown link gives one and the same answer."""
    user = queries.use_link(digest(token), timezone.now())
    if user is None or not user.is_active:
        raise NotAllowed("This link was used already, or it is too old. Ask for a new one.")
    _start(request, user, "link")
    return user


def _start(request: HttpRequest, user: User, by: str) -> None:
    logout(request)  # a session of somebody else on this browser ends here (fixation, S40)
    login(request, user, backend=BACKEND)
    request.session[_BY] = by


def sign_out(request: HttpRequest) -> None:
    """Ends the session."""
    logout(request)


@transaction.atomic
def set_password(request: HttpRequest, caller: Caller, *, password: str, current: str = "") -> None:
    """Sets the caller's password and ends their other sessions.

    The current one is asked for, unless there is none or the person came by a one-time link (they may have forgotten).
    """
    user = User.objects.filter(pk=caller.user_id or 0).first()
    if user is None:
        raise NotAllowed("An API key has no password. Sign in as a person.")
    came_by_link = request.session.get(_BY) == "link"
    if user.has_usable_password() and not came_by_link and not user.check_password(current):
        raise InputError("The current password is not right.", field="current")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InputError(" ".join(error.messages), field="password") from None
    user.set_password(password)
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    audit.record(caller, "password.changed", "user", str(user.pk))


@transaction.atomic
def make_link(user: User, life: timedelta = LINK_LIFE) -> str:
    """A new one-time token for the sign-in link; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, token_hash=digest(token), expires_at=timezone.now() + life)
    return token


@transaction.atomic
def ensure_workspace(*, slug: str, name: str, admin_email: str, timezone_name: str = "UTC") -> tuple[Workspace, User]:
    """The workspace and an admin of it, made when they are missing (first start)."""
    workspace, _ = Workspace.objects.get_or_create(slug=slug, defaults={"name": name, "timezone": timezone_name})
    member = queries.first_admin(workspace.id)
    if member is not None:
        return workspace, member.user
    user = User.objects.filter(email=admin_email.lower()).first() or User.objects.create_user(admin_email)
    Membership.objects.update_or_create(workspace=workspace, user=user, defaults={"role": "admin"})
    return workspace, user


def admin_of(slug: str) -> User:
    """The first admin of a workspace, or NotFound."""
    member = queries.first_admin_of_slug(slug)
    if member is None:
        raise NotFound(f"There is no workspace {slug!r} with an admin.")
    return member.user


def me(caller: Caller, *, sandbox: bool) -> dict[str, Any]:
    """Who is signed in, where, and with which role."""
    user = User.objects.filter(pk=caller.user_id or 0).first() if caller.user_id else None
    if user is not None:
        rooms = [membership.workspace for membership in queries.memberships(user.pk)]
    else:
        rooms = list(Workspace.objects.filter(id=caller.workspace_id))
    here = next(room for room in rooms if room.id == caller.workspace_id)
    return {
        "user": person(user) or {"id": caller.key_id, "email": "", "name": caller.actor},
        "workspace": room_item(here),
        "role": caller.role,
        "workspaces": [room_item(room) for room in rooms],
        "sandbox": sandbox,
        "held": restores.undecided() is not None,
        "has_password": user is not None and user.has_usable_password(),
    }


def room_item(workspace: Workspace) -> dict[str, Any]:
    """A workspace as answers show it."""
    return {
        "id": workspace.id,
        "slug": workspace.slug,
        "name": workspace.name,
        "timezone": workspace.timezone,
    }


def member_items(caller: Caller) -> list[dict[str, Any]]:
    """The workspace's members, by address."""
    return [
        {"id": row.id, "user": person(row.user), "role": row.role, "created_at": row.created_at}
        for row in queries.members(caller.workspace_id)
    ]
