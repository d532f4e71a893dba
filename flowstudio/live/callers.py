"""Who opens a live connection, and whether they still may (SECURITY S38): asked at the handshake and again and again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from flowstudio.services import accounts, apikeys
from flowstudio.services.caller import Caller
from flowstudio.store.models import User

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_SESSION = re.compile(r"[!-~]{8,128}")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """What a connection came with: a key, or a session and the workspace it is for ('' is the first one)."""

    key: str = ""
    session: str = ""
    slug: str = ""

    def caller(self) -> Caller | None:
        """Whom it speaks for at this moment, if they may watch; reads the database."""
        found = apikeys.caller_of(self.key) if self.key else self._person()
        return found if found is not None and found.may("viewer") else None

    def _person(self) -> Caller | None:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.session)
        user = get_user(request)
        if not isinstance(user, User) or not user.is_active:
            return None
        return accounts.caller_of(user, self.slug)


def ticket(scope: Mapping[str, Any]) -> Ticket | None:
    """The ticket of a handshake, or None when it may not even be asked about.

    A key needs no Origin: no web page can set that header. A cookie is sent by the browser whoever asks, so the page
    that asks must be one of ours. Nothing in the URL opens anything; `?workspace=` only chooses among one's own, as the
    header `X-Workspace` does where it can be set.
    """
    headers = _headers(scope.get("headers", ()))
    authorization = headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        return Ticket(key=token) if scheme.lower() == "bearer" and token else None
    if not allowed_origin(headers.get("origin", ""), headers.get("host", ""), str(scope.get("scheme", "ws"))):
        return None
    session = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    slug = headers.get("x-workspace") or query.get("workspace", [""])[0]
    if not _SESSION.fullmatch(session) or (slug and not _SLUG.fullmatch(slug)):
        return None
    return Ticket(session=session, slug=slug)


def allowed_origin(origin: str, host: str, scheme: str) -> bool:
    """Whether a page of this origin may open a connection that carries the cookie.

    One of CSRF_TRUSTED_ORIGINS, or the very origin that is spoken to (same scheme, host and port) when its host is
    allowed: another port, a sub-domain, `null` and none are all foreign.
    """
    there = _origin(origin)
    if there is None:
        return False
    if any(_matches(there, trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS):
        return True
    secure = scheme in {"wss", "https"}
    here = _origin(f"{'https' if secure else 'http'}://{host}")
    if here is None or here != there:
        return False
    domain, _ = split_domain_port(host.lower())
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _matches(there: tuple[str, str, int], trusted: str) -> bool:
    if "://*." not in trusted:
        return _origin(trusted) == there
    base = _origin(trusted.replace("://*.", "://", 1))
    return base is not None and (base[0], base[2]) == (there[0], there[2]) and there[1].endswith(f".{base[1]}")


def _origin(text: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or parts.path or parts.query:
        return None
    return parts.scheme, parts.hostname.lower(), port or _PORTS[parts.scheme]


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    made: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("latin-1").lower()
        # Twice the same header is nobody's honest request; the two together match nothing.
        made[key] = f"{made[key]}, {value.decode('latin-1')}" if key in made else value.decode("latin-1")
    return made
