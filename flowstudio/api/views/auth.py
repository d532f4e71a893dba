"""Signing in and out, and who I am."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth import get_user
from django.middleware.csrf import get_token
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from flowstudio.api.auth import SessionAuthentication, enforce_csrf
from flowstudio.api.schema import documented
from flowstudio.api.serializers import settings as shapes
from flowstudio.api.serializers.shapes import Problem
from flowstudio.api.throttles import SignInByAccount, SignInByPeer
from flowstudio.api.views.base import ApiView
from flowstudio.domain.errors import NotAllowed
from flowstudio.services import accounts, connectors
from flowstudio.services.caller import Caller

TAG = "Signing in"


class CsrfOnly(BaseAuthentication):
    """Nobody in particular, but never from another site: sign-in itself needs the CSRF token (login CSRF, S39)."""

    def authenticate(self, request: Request) -> None:
        """Checks the token of an unsafe request."""
        enforce_csrf(request._request)


class SessionView(ApiView):
    """The state of the browser's session."""

    roles: ClassVar[dict[str, str]] = {"GET": "anyone"}
    authentication_classes: ClassVar[tuple[type[BaseAuthentication], ...]] = ()

    @documented(
        id="auth_session",
        summary="Whether somebody is signed in; sets the CSRF cookie",
        answer=shapes.SessionState,
        tag=TAG,
        open_to_all=True,
    )
    def get(self, request: Request) -> Response:
        """The state, and the CSRF cookie."""
        # Asked of the session itself: without authentication classes, DRF has put nobody in the request's place.
        user = get_user(request._request)
        signed_in = user.is_authenticated and user.is_active
        return Response({"authenticated": signed_in, "csrf": get_token(request._request)})


class SignInView(ApiView):
    """Password sign-in."""

    roles: ClassVar[dict[str, str]] = {"POST": "anyone"}
    authentication_classes: ClassVar[tuple[type[BaseAuthentication], ...]] = (CsrfOnly,)
    throttle_classes: ClassVar[tuple[type[BaseThrottle], ...]] = (SignInByPeer, SignInByAccount)

    @documented(
        id="auth_signin",
        summary="Signs in by address and password",
        sent=shapes.SignIn,
        answer=None,
        status=204,
        errors={403: Problem, 429: Problem},
        tag=TAG,
        open_to_all=True,
    )
    def post(self, request: Request) -> Response:
        """Starts a session."""
        sent = self.read(shapes.SignIn)
        accounts.sign_in(request._request, email=sent["email"], password=sent["password"])
        return Response(status=204)


class LinkView(ApiView):
    """Sign-in by a one-time link."""

    roles: ClassVar[dict[str, str]] = {"POST": "anyone"}
    authentication_classes: ClassVar[tuple[type[BaseAuthentication], ...]] = (CsrfOnly,)
    throttle_classes: ClassVar[tuple[type[BaseThrottle], ...]] = (SignInByPeer,)

    @documented(
        id="auth_link",
        summary="Uses up a one-time link",
        sent=shapes.LinkUse,
        answer=None,
        status=204,
        errors={403: Problem, 429: Problem},
        tag=TAG,
        open_to_all=True,
    )
    def post(self, request: Request) -> Response:
        """Starts a session."""
        accounts.sign_in_by_link(request._request, token=self.read(shapes.LinkUse)["token"])
        return Response(status=204)


class SignOutView(ApiView):
    """Sign-out."""

    roles: ClassVar[dict[str, str]] = {"POST": "anyone"}
    authentication_classes: ClassVar[tuple[type[BaseAuthentication], ...]] = (CsrfOnly,)

    @documented(
        id="auth_signout",
        summary="Ends the session",
        answer=None,
        status=204,
        errors={403: Problem},
        tag=TAG,
        open_to_all=True,
    )
    def post(self, request: Request) -> Response:
        """Ends the session."""
        accounts.sign_out(request._request)
        return Response(status=204)


class PasswordView(ApiView):
    """The caller's own password."""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}
    throttle_classes: ClassVar[tuple[type[BaseThrottle], ...]] = (SignInByPeer,)

    @documented(
        id="auth_password",
        summary="Sets the caller's own password and ends their other sessions",
        sent=shapes.PasswordSet,
        answer=None,
        status=204,
        errors={429: Problem},
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        """Sets the password."""
        sent = self.read(shapes.PasswordSet)
        if not isinstance(request.successful_authenticator, SessionAuthentication):
            raise NotAllowed("An API key has no password. Sign in as a person.")
        accounts.set_password(request._request, self.caller, password=sent["password"], current=sent.get("current", ""))
        return Response(status=204)


class MeView(ApiView):
    """Who is signed in."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(id="me_read", summary="Who is signed in, where, with which role", answer=shapes.Me, tag=TAG)
    def get(self, request: Request) -> Response:
        """The caller."""
        caller: Caller = self.caller
        return Response(accounts.me(caller, sandbox=connectors.in_sandbox(caller.workspace_id)))
