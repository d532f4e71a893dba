"""The one place where an error becomes an HTTP answer: RFC 9457 `application/problem+json` with a stable `code`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from flowstudio.domain import errors

log = logging.getLogger("flowstudio.api")
MEDIA_TYPE = "application/problem+json"
NOT_FOUND = "There is nothing here, or it is not yours to see."

# Nearest class first: a subclass stands before its base.
STATUS: tuple[tuple[type[errors.FlowstudioError], int], ...] = (
    (errors.TooLarge, 413),
    (errors.InputError, 400),
    (errors.NotFound, 404),
    (errors.NotAllowed, 403),
    (errors.Conflict, 409),
    (errors.NotPublishable, 422),
    (errors.Overloaded, 503),
    (errors.Stale, 409),
    (errors.CredentialMissing, 422),
    (errors.EgressRefused, 422),
    (errors.ConnectorError, 502),
)
_DRF_CODES = {
    exceptions.ParseError: "invalid_input",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "authentication_failed",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
}


class CsrfFailed(exceptions.PermissionDenied):
    """An unsafe request with a session cookie and without its CSRF token (S39)."""

    default_detail = "The page's security token is missing or old. Reload the page, then try again."
    default_code = "csrf_failed"


def body(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem; `more` are its extensions."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }


def problem(error: Exception, context: Mapping[str, Any] | None = None) -> Response:
    """DRF's exception handler: every exception becomes a problem; an unforeseen one is logged and says nothing inside."""
    status, members, headers = _describe(error)
    if status >= 500:
        log.error("request_failed", exc_info=error, extra={"code": members["code"]})
    response = Response(members, status=status, headers=headers)
    response.exception = True
    response["Content-Type"] = MEDIA_TYPE
    response.content_type = MEDIA_TYPE
    return response


def _describe(error: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    if isinstance(error, errors.FlowstudioError):
        return _of_tree(error)
    if isinstance(error, exceptions.ValidationError):
        found = flatten(error.detail)
        first = found[0] if found else {"field": "", "message": "The request is not valid."}
        detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
        return 400, body(400, "invalid_input", detail, errors=found), {}
    if isinstance(error, exceptions.APIException):
        return _of_drf(error)
    if isinstance(error, Http404):
        return 404, body(404, "not_found", NOT_FOUND), {}
    if isinstance(error, PermissionDenied):
        return 403, body(403, "not_allowed", "Your role does not allow this."), {}
    if isinstance(error, RequestDataTooBig):
        return 413, body(413, "too_large", "The body is too large."), {}
    if isinstance(error, SuspiciousOperation | DjangoValidationError):
        return 400, body(400, "invalid_input", "The request cannot be read."), {}
    if isinstance(error, OperationalError | InterfaceError):
        detail = "The database does not answer just now. Nothing was changed; try again in a moment."
        return 503, body(503, "database_unavailable", detail), {"Retry-After": "2"}
    detail = "Something went wrong on our side. Nothing was lost; the server's log says what happened."
    return 500, body(500, "internal_error", detail), {}


def _of_tree(error: errors.FlowstudioError) -> tuple[int, dict[str, Any], dict[str, str]]:
    status = next((number for kind, number in STATUS if isinstance(error, kind)), 500)
    more: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, errors.GraphMalformed):
        more["errors"] = [{"field": path, "message": message} for path, message in error.problems]
    elif isinstance(error, errors.InputError):
        if error.field:
            more["errors"] = [{"field": error.field, "message": error.message}]
        if error.fix:
            more["fix"] = error.fix
    elif isinstance(error, errors.Conflict):
        more["theirs"] = error.theirs
        if error.yours:
            more["yours"] = error.yours
    elif isinstance(error, errors.NotPublishable):
        more["issues"] = [dict(issue) for issue in error.issues]
    elif isinstance(error, errors.Overloaded):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, errors.NotFound):
        return 404, body(404, error.code, NOT_FOUND), headers
    return status, body(status, error.code, error.message, **more), headers


def _of_drf(error: exceptions.APIException) -> tuple[int, dict[str, Any], dict[str, str]]:
    status = error.status_code
    headers: dict[str, str] = {}
    challenge = getattr(error, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, int(getattr(error, "wait", None) or 1)))
        return 429, body(429, "too_many_requests", "Too many tries. Wait a little, then try again."), headers
    if isinstance(error, exceptions.NotFound):
        return 404, body(404, "not_found", NOT_FOUND), headers
    code = "csrf_failed" if isinstance(error, CsrfFailed) else _DRF_CODES.get(type(error), error.default_code)
    return status, body(status, str(code), str(error.detail)), headers


def flatten(detail: Any, path: str = "") -> list[dict[str, str]]:
    """DRF's nested validation detail as a list of {field, message}, fields as dotted paths."""
    if isinstance(detail, Mapping):
        rows: list[dict[str, str]] = []
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            rows += flatten(value, f"{path}.{name}".strip(".") if name else path)
        return rows
    if isinstance(detail, list | tuple):
        rows = []
        for index, value in enumerate(detail):
            rows += flatten(value, f"{path}.{index}".strip(".") if isinstance(value, Mapping | list) else path)
        return rows
    return [{"field": path, "message": str(detail)}]


def as_http(status: int, code: str, detail: str) -> JsonResponse:
    """A problem outside DRF (Django's own error pages below /api/)."""
    return JsonResponse(body(status, code, detail), status=status, content_type=MEDIA_TYPE)


def page_of_status(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    """For Django's error handlers: always a problem, since every page is drawn by the front end."""
    return as_http(status, code, detail)
