"""What every view is: JSON in and out, a declared role for every verb, ids judged before any query."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from flowstudio.api.parsers import check_text
from flowstudio.domain.errors import InputError, NotFound
from flowstudio.services.caller import Caller

_ID = re.compile(r"[0-9a-z]{26}")
_VERBS = ("get", "post", "put", "patch", "delete")
_MOST = 2**31 - 1
_QUERY_LIMIT = 1_000


class AlwaysJson(BaseContentNegotiation):
    """Answers JSON whatever the Accept header says: a browser's address bar is a reader, too."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser | None:
        """The JSON parser for JSON types, none (415) for anything else: a form can be posted across sites (S39)."""
        kind = (request.content_type or "").split(";")[0].strip().lower()
        return parsers[0] if kind == "application/json" or kind.endswith("+json") else None

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one renderer."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """Base of all views. `roles` names who may use each verb: anyone, viewer, editor or admin."""

    roles: ClassVar[dict[str, str]] = {}
    content_negotiation_class = AlwaysJson
    metadata_class = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuses a view that leaves a verb without a declared role: forgetting one must not open it."""
        super().__init_subclass__(**kwargs)
        open_verbs = [verb.upper() for verb in _VERBS if hasattr(cls, verb) and verb.upper() not in cls.roles]
        if open_verbs:
            raise TypeError(f"{cls.__name__} declares no role for {', '.join(open_verbs)}")

    @property
    def caller(self) -> Caller:
        """Who asks; only behind a role other than `anyone`."""
        caller = self.request.auth
        assert isinstance(caller, Caller)
        return caller

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After the permission: texts that no database holds are refused, ids that cannot exist do not exist."""
        super().initial(request, *args, **kwargs)
        for name, value in request.query_params.items():
            if len(value) > _QUERY_LIMIT:
                raise InputError(f"The parameter is longer than {_QUERY_LIMIT} characters.", field=name[:60])
            check_text(name + value)
        for name, value in kwargs.items():
            known = value <= _MOST if isinstance(value, int) else name == "node" or _ID.fullmatch(value)
            if not known:
                raise NotFound("There is no such thing.")

    def read[S: Serializer[Any]](self, shape: type[S]) -> dict[str, Any]:
        """The request's body by its declared shape; fields that are not declared are dropped (S22)."""
        kind = self.request.content_type or ""
        # Django may have read a form already, and DRF then sees an empty body: where nothing is required it would pass.
        if kind and AlwaysJson().select_parser(self.request, self.get_parsers()) is None:
            raise UnsupportedMediaType(kind)
        serializer = shape(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def param(self, name: str, allowed: tuple[str, ...] = ()) -> str:
        """A query parameter, '' when absent; one outside `allowed` is an InputError that lists them."""
        value = self.request.query_params.get(name, "").strip()
        if value and allowed and value not in allowed:
            raise InputError(f"{name} is one of {', '.join(allowed)}, not {value[:40]!r}.", field=name)
        return value

    def id_param(self, name: str) -> str:
        """An id in the query; one that cannot exist becomes one that matches nothing."""
        value = self.param(name)
        return value if not value or _ID.fullmatch(value) else "-"
