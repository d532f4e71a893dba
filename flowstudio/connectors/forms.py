"""What connectors' forms share: the escape mark, secrets, rendered params read back, and the credential of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from flowstudio.connectors import wire
from flowstudio.connectors.base import Request, Tools
from flowstudio.domain.errors import CredentialMissing
from flowstudio.domain.fields import field, labelled, marks

Unknown = Literal["park", "assume_done", "retry"]
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def escaped(info: Any, how: str) -> Any:
    """The field with the mark `x-escape`: how values are escaped when its Liquid is rendered (SECURITY S11)."""
    # In place: pydantic copies the field but keeps this dictionary.
    info.json_schema_extra["x-escape"] = how
    return info


def unknown(what: str, *, group: str = "Advanced", when: Mapping[str, Any] | None = None) -> Any:
    """The field `unknown`: what follows when nobody can know whether it was sent (SEMANTICS 10.3)."""
    return labelled(
        field(
            "When the answer is lost",
            "select",
            default="park",
            help=f"The connection broke after {what} had left, so nobody knows whether it arrived.",
            group=group,
            when=when,
        ),
        park="Hold the customer here until somebody decides",
        assume_done="Go on as if it had arrived",
        retry="Send again: it may arrive twice",
    )


def secrets(model: type[BaseModel] | None, credential: Mapping[str, str] | None) -> dict[str, str]:
    """The values of a credential that must never be kept or shown: its password fields."""
    if model is None or not credential:
        return {}
    return {
        name: credential[name]
        for name, widget in marks(model, "x-widget")
        if widget == "password" and credential.get(name)
    }


def credential(request: Request, tools: Tools, model: type[BaseModel], vendor: str, stand_in: Mapping[str, str]) -> Any:
    """The credential as its model; in the sandbox the stand-in, else CredentialMissing with what to do."""
    given = request.credential
    if not given:
        if not tools.sandbox:
            raise CredentialMissing(f"{vendor} needs a credential. Enter one under Connectors.")
        given = stand_in
    return read_credential(given, model, vendor)


def read_credential(given: Mapping[str, str], model: type[BaseModel], vendor: str) -> Any:
    """The stored credential as its model; one that no longer fits is missing."""
    try:
        return model.model_validate(dict(given))
    except ValidationError:
        raise CredentialMissing(f"The {vendor} credential is incomplete. Enter it again under Connectors.") from None


def text(params: Mapping[str, Any], name: str) -> str:
    """A rendered param as trimmed text; '' when it is missing or null."""
    value = params.get(name)
    return "" if value is None else str(value).strip()


def domain(value: str, *, vendor: str) -> str:
    """A domain out of what marketers have in that field: `https://www.acme.example/x` is `acme.example`."""
    bare = re.sub(r"^[a-z]+://", "", value.strip().lower()).split("/")[0].split("?")[0].rpartition("@")[2]
    bare = bare.split(":")[0].removeprefix("www.").rstrip(".")
    try:
        ascii_form = bare.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_form = ""
    if not _DOMAIN.fullmatch(ascii_form):
        raise wire.input_error(f"{vendor} needs a domain such as acme.com, not {value[:80]!r}.")
    return ascii_form


def mapping(value: Any, vendor: str, *, status: int | None = None) -> Mapping[str, Any]:
    """A JSON object, or the error for an answer of another shape."""
    if not isinstance(value, Mapping):
        raise wire.bad_answer(vendor, "it is not the JSON object that was expected", status=status)
    return value


def inner(value: Any, *path: str) -> Any:
    """A value deep inside vendor JSON; None when any part of the way is missing."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def body_json(answer: Any, vendor: str) -> Any:
    """The answer's body as JSON, or a retryable `bad_answer`."""
    try:
        return answer.json()
    except ValueError as error:
        raise wire.bad_answer(vendor, f"it is no proper JSON ({str(error)[:80]})", status=answer.status) from None


def said(value: Any, *path: str) -> str:
    """A vendor's own short text, for an error's detail."""
    found = inner(value, *path)
    return found[: wire.MAX_DETAIL] if isinstance(found, str) else ""


def traits(**values: Any) -> dict[str, Any]:
    """Only what the vendor knew: absent and empty values never overwrite a trait."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
