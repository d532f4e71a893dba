"""Bounds on guessing: sign-in tries by address of the caller and by account (S40)."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from flowstudio.services.caller import Caller


class SignInByPeer(SimpleRateThrottle):
    """Tries to sign in from one network address."""

    scope = "signin_peer"
    rate: ClassVar[str] = "30/min"  # type: ignore[misc]

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """By the peer's address; a header could be made up by the caller."""
        return f"throttle:{self.scope}:{request.META.get('REMOTE_ADDR', '')}"


class TestsByMember(SimpleRateThrottle):
    """Test e-mails that one member sends (S16)."""

    scope = "test_emails"
    rate: ClassVar[str] = "10/min"  # type: ignore[misc]

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """By who is signed in, or by the key: both are judged before and cannot be made up."""
        caller = request.auth
        assert isinstance(caller, Caller)
        return f"throttle:{self.scope}:{caller.user_id or caller.key_id}"


class SignInByAccount(SimpleRateThrottle):
    """Tries to sign in to one account, from wherever."""

    scope = "signin_account"
    rate: ClassVar[str] = "10/min"  # type: ignore[misc]

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """By the address that is tried; None (no bound) when there is none to try."""
        data = request.data
        email = data.get("email") if isinstance(data, dict) else None
        if not isinstance(email, str):
            return None
        digest = hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()
        return f"throttle:{self.scope}:{digest}"


class Trials(SimpleRateThrottle):
    """Real calls that one person asks for while drawing: each may cost money."""

    scope = "trials"
    rate: ClassVar[str] = "30/min"  # type: ignore[misc]

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """By the person or the key."""
        caller = getattr(view, "caller", None)
        return f"throttle:{self.scope}:{caller.user_id or caller.key_id}" if caller is not None else None
