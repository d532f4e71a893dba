"""How the OpenAPI document is made: the two ways to sign in, problems on every call, one decorator for views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from flowstudio.api.serializers.shapes import Problem, page_of

_WORDS = {
    400: "What was sent is not right",
    401: "Not signed in",
    403: "The role does not allow this",
    404: "Nothing here, or not yours to see",
    409: "Somebody was first",
    413: "Too large",
    415: "Only JSON is read",
    422: "Understood, and refused with reasons",
    429: "Too many tries",
    503: "Come again in a moment",
}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer <api key>`."""

    target_class = "flowstudio.api.auth.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """The scheme as OpenAPI names it."""
        return {"type": "http", "scheme": "bearer", "description": "An API key of role viewer, editor or admin."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session cookie; unsafe calls carry X-CSRFToken."""

    target_class = "flowstudio.api.auth.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """The scheme as OpenAPI names it."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "flowstudio_session",
            "description": "The session of a signed-in person; unsafe calls also carry the header X-CSRFToken.",
        }


class DeclaredRoles(AutoSchema):
    """Adds `x-role` to each operation, so that a test can hold every route against its declared policy."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """DRF-spectacular's operation with the view's role for this verb."""
        operation = super().get_operation(*args, **kwargs)
        roles = getattr(self.view, "roles", None)
        if operation is not None and roles:
            operation["x-role"] = roles.get(self.method, "")
        return operation


def documented(
    *,
    id: str,  # noqa: A002
    summary: str,
    answer: Any = None,
    listed: type[serializers.Serializer[Any]] | None = None,
    sent: Any = None,
    status: int = 200,
    errors: Mapping[int, Any] | Sequence[int] = (),
    params: Sequence[OpenApiParameter] = (),
    tag: str = "",
    open_to_all: bool = False,
) -> Callable[[Any], Any]:
    """Documents one operation: `answer` (or a page of `listed`), what is `sent`, and every problem it may give."""
    problems: dict[int, Any] = {} if open_to_all else {401: Problem, 403: Problem}
    problems[400] = Problem
    if sent is not None:
        problems |= {413: Problem, 415: Problem}
    problems |= errors if isinstance(errors, Mapping) else dict.fromkeys(errors, Problem)
    responses: dict[Any, Any] = {status: page_of(listed) if listed else answer}
    for code, shape in sorted(problems.items()):
        responses[code, "application/problem+json"] = OpenApiResponse(shape, description=_WORDS[code])
    parameters = [*params]
    if listed is not None:
        parameters += [text("cursor", "Where the page begins, from `next` or `previous`"), LIMIT]
    return extend_schema(
        operation_id=id,
        summary=summary,
        request=sent,
        responses=responses,
        parameters=parameters,
        tags=[tag] if tag else None,
        auth=[] if open_to_all else None,
    )


def text(name: str, description: str, choices: Sequence[str] = ()) -> OpenApiParameter:
    """An optional query parameter."""
    return OpenApiParameter(name, str, description=description, enum=list(choices) or None)


LIMIT = OpenApiParameter("limit", int, description="Rows a page, at most 200")
