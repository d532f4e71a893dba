"""What is not the API: the front end's page, the docs page, health and metrics."""

from __future__ import annotations

import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from flowstudio.api.errors import NOT_FOUND, as_http
from flowstudio.services import apikeys, metrics
from flowstudio.services.health import readiness

PAGE = Path("app") / "index.html"
_NONCE = "__CSP_NONCE__"


def policy(nonce: str) -> str:
    """The page's Content-Security-Policy: our own files, styles that carry the nonce, and no script in any text."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "frame-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


@lru_cache(maxsize=4)
def _page(path: Path, changed_at: int) -> str:
    return path.read_text()


@require_safe
@ensure_csrf_cookie
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """The front end, for every address that is a page; it draws the rest itself."""
    built = Path(settings.BASE_DIR) / "static" / PAGE
    nonce = secrets.token_urlsafe(16)
    try:
        text = _page(built, built.stat().st_mtime_ns).replace(_NONCE, nonce)
        answer = HttpResponse(text)
    except FileNotFoundError:
        answer = render(request, "not_built.html", {"nonce": nonce}, status=503)
    answer["Content-Security-Policy"] = policy(nonce)
    answer["Cache-Control"] = "no-store"
    answer["Cross-Origin-Opener-Policy"] = "same-origin"
    answer["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    return answer


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The API's documentation, from files of our own: it works without the internet."""
    nonce = secrets.token_urlsafe(16)
    answer = render(request, "docs.html", {"nonce": nonce})
    answer["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return answer


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers."""
    return JsonResponse({"ok": True})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, engine and lag are as they should be, else 503 with what is not."""
    ok, found = readiness()
    return JsonResponse({"ok": ok, **found}, status=200 if ok else 503)


@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus: for callers on this machine, others bring an API key (S42)."""
    if request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        caller = apikeys.caller_of(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None or not caller.may("viewer"):
            answer = as_http(401, "not_authenticated", "Metrics need an API key from another machine.")
            answer["WWW-Authenticate"] = 'Bearer realm="flowstudio"'
            return answer
    return HttpResponse(metrics.text(), content_type=metrics.MEDIA_TYPE)


def unknown(request: HttpRequest, path: str = "") -> JsonResponse:
    """The 404 of an API address that does not exist: the same answer as for an object that does not."""
    return as_http(404, "not_found", NOT_FOUND)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own 404."""
    return as_http(404, "not_found", NOT_FOUND)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own 400 (a host that is not served, a broken upload)."""
    return as_http(400, "invalid_input", "The request cannot be read.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own 403."""
    return as_http(403, "not_allowed", "This is not allowed.")


def failed(request: HttpRequest) -> HttpResponse:
    """Django's own 500: nothing of the inside is said."""
    return as_http(
        500,
        "internal_error",
        "Something went wrong on our side. Nothing was lost; the server's log says what happened.",
    )
