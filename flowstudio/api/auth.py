"""Who may call: API keys, the session cookie with CSRF, and a role for every verb of every view."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, CSRFCheck, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from flowstudio.api.errors import CsrfFailed
from flowstudio.services import accounts, apikeys
from flowstudio.services.caller import Caller

# DRF's own views read these classes while they are being imported: a real import would be a circle.
if TYPE_CHECKING:
    from rest_framework.views import APIView

CHALLENGE = 'Bearer realm="flowstudio"'
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <api key>`; an unknown or revoked key is 401, and both look alike."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        """The key as a Caller, or None when the header is absent."""
        header = get_authorization_header(request)
        if not header:
            return None
        scheme, _, token = header.partition(b" ")
        if scheme.lower() != b"bearer":
            raise exceptions.AuthenticationFailed("Use `Authorization: Bearer <api key>`.")
        caller = apikeys.caller_of(token.strip().decode("latin-1"))
        if caller is None:
            raise exceptions.AuthenticationFailed("This API key is unknown or was revoked.")
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        """The challenge, which makes a missing login a 401."""
        return CHALLENGE


class SessionAuthentication(BaseAuthentication):
    """The session cookie; unsafe requests must carry the CSRF token (S39), also before sign-in (login CSRF)."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        """The signed-in person in one of their workspaces, or None."""
        if get_authorization_header(request):
            return None
        enforce_csrf(request._request)
        user = getattr(request._request, "user", None)
        if user is None or not user.is_active or not user.is_authenticated:
            return None
        slug = request.headers.get("X-Workspace", "")
        if slug and not _SLUG.fullmatch(slug):
            raise exceptions.PermissionDenied("You are no member of this workspace.")
        caller = accounts.caller_of(user, slug)
        if caller is None:
            raise exceptions.PermissionDenied("You are no member of this workspace. Ask one of its admins to add you.")
        return user, caller

    def authenticate_header(self, request: Request) -> str:
        """The same challenge as for keys."""
        return CHALLENGE


def enforce_csrf(request: HttpRequest) -> None:
    """Raises CsrfFailed for an unsafe request without a valid token, whether or not somebody is signed in."""
    check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
    check.process_request(request)
    if check.process_view(request, None, (), {}):  # type: ignore[arg-type]
        raise CsrfFailed


class RolePermission(BasePermission):
    """Judges the caller by the view's `roles` for the method; a method without a declared role is closed to all."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True for `anyone`, or when the caller's role suffices; raises 401 or NotAllowed otherwise."""
        method = "GET" if request.method in {"HEAD", "OPTIONS"} else str(request.method)
        roles: dict[str, str] = getattr(view, "roles", {})
        if method not in roles:
            # OPTIONS on a write-only view and unknown methods: what the strictest verb of the view needs.
            needed = next(iter(roles.values()), "admin")
        else:
            needed = roles[method]
        if needed == "anyone":
            return True
        if not isinstance(request.auth, Caller):
            return False
        request.auth.need(needed)
        return True
