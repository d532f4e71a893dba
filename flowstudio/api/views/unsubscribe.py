"""One-click unsubscribe (RFC 8058, SECURITY S29): a page for people, a POST for mail programs, no login, no cookie."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from flowstudio.services import reach

FIELD, VALUE = "List-Unsubscribe", "One-Click"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what would happen and changes nothing: scanners follow every link. POST unsubscribes at once.

    Exempt from CSRF: the opaque token in the address is the whole right, and mail programs send no cookie.
    """
    found = reach.recipient(token)
    if found is None:
        return _page(request, {"unknown": True}, 404)
    who, workspace = found
    about = {"address": who.address, "workspace": workspace}
    if request.method == "POST":
        if request.POST.get(FIELD) != VALUE:
            return _page(request, {**about, "again": True}, 400)
        reach.unsubscribe(who)
        return _page(request, {**about, "done": True}, 200)
    return _page(request, about, 200)


def _page(request: HttpRequest, shown: Mapping[str, object], status: int) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    answer = render(request, "unsubscribe.html", {**shown, "nonce": nonce}, status=status)
    answer["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
