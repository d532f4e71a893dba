"""The form of an HTTP request: its fields, its credential, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

import httpx

from flowstudio.connectors import forms
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import ConfigIssue

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
# Names that carry secrets, and texts that are ones whatever they stand under (SECURITY S25).
_KEYLIKE = re.compile(
    r"(proxy-)?authorization|cookie|(x-)?(api|app|auth|access)[-_]?(key|token|secret)|apikey|access_token|client_secret"
    r"|password|secret|token",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b((sk|rk)_(live|test)_|xox[abpr]-|gh[pousr]_|glpat-|whsec_|AKIA)[A-Za-z0-9]{6}|\bBearer [\w.~+/-]{12}"
)


class Credential(Config):
    """A secret header, bound to one host: it is never sent anywhere else."""

    host: str = field(
        "Host", "text", help="The only host it may be sent to, for example api.acme.com.", min_length=3, max_length=253
    )
    header: str = field(
        "Header", "text", default="Authorization", help="The header that carries it.", min_length=1, max_length=100
    )
    value: str = field("Value", "password", help="For example: Bearer 3f0c…", min_length=6, max_length=4_000)


class HttpRequest(Config):
    """The request, and how it is tried."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = field(
        "Method", "select", default="GET", help="GET asks; POST, PUT, PATCH and DELETE change something there."
    )
    url: str = forms.escaped(
        field(
            "URL",
            "liquid",
            help="A public http or https address. Values are URL-encoded.",
            render="liquid",
            placeholder="https://api.acme.com/customers/{{ customer.id }}",
            min_length=1,
            max_length=8_000,
        ),
        "url",
    )
    headers: dict[str, str] = field(
        "Headers",
        "key-value",
        default={},
        help="Everybody who may see the flow can read them: keep secrets as a credential.",
        render="value",
        group="Request",
    )
    query: dict[str, Any] = field(
        "Query",
        "key-value",
        default={},
        help="Added to the URL; a list gives the name several times.",
        render="value",
        group="Request",
    )
    body: Any = field(
        "Body",
        "json",
        default=None,
        help="Sent as JSON, or as a form when the Content-Type says application/x-www-form-urlencoded. A text is sent as it"
        " stands.",
        render="value",
        group="Request",
    )
    timeout_s: float = field(
        "Time limit in seconds", "number", default=20, help="For one try, from connecting to the whole answer.",
        group="Tries", ge=1, le=30,
    )  # fmt: skip
    retry: int = field("Tries", "number", default=5, help="How often to try in all.", group="Tries", ge=1, le=20)
    idempotent: bool = field(
        "The other side knows a repeat",
        "switch",
        default=False,
        help="Switch on if it does nothing twice for the same Idempotency-Key header. Then a request whose answer was lost"
        " is simply sent again.",
        group="Tries",
        when={"method": list(CHANGING)},
    )
    unknown: forms.Unknown = forms.unknown(
        "the request", group="Tries", when={"method": list(CHANGING), "idempotent": False}
    )
    price: float = field(
        "Price per call",
        "number",
        default=0.0,
        help="Counted for each answered call in the costs of runs and flows.",
        group="Tries",
        ge=0,
        le=1_000,
    )
    credential: str = field(
        "Credential", "credential", default="", help="A secret header bound to a host.", group="Request"
    )


def check(config: Any) -> tuple[ConfigIssue, ...]:
    """Addresses that cannot work, and secrets written where they will be seen."""
    issues: list[ConfigIssue] = []
    url = config.url.strip()
    if (
        "{" not in url.split("/", 3)[0]
        and not url.lower().startswith(("http://", "https://"))
        and not url.startswith("{")
    ):
        issues.append(
            ConfigIssue(
                code="http_url",
                severity="error",
                message="The address must begin with http:// or https://.",
                field="url",
                fix=f"Write https://{url}" if url and "://" not in url else "Write an https:// address.",
            )
        )
    issues.extend(_secrets("headers", "header", config.headers))
    issues.extend(_secrets("query", "query value", config.query))
    named = dict(parse_qsl(url.partition("?")[2])) if "?" in url else {}
    issues.extend(_secrets("url", "query value", named))
    if _SECRET.search(url.partition("?")[0]):
        issues.append(_seen("url", "The address holds something that looks like a secret"))
    if "@" in url.split("//", 1)[-1].split("/", 1)[0] and "{{" not in url.split("//", 1)[-1].split("/", 1)[0]:
        issues.append(
            ConfigIssue(
                code="http_userinfo",
                severity="error",
                message="The address holds a user name or password, which is refused.",
                field="url",
                fix="Keep it as a credential of the HTTP connector.",
            )
        )
    return tuple(issues)


def _secrets(place: str, what: str, values: Mapping[str, Any]) -> list[ConfigIssue]:
    return [
        _seen(place, f"The {what} {name[:40]} looks like a secret")
        for name, value in values.items()
        if isinstance(value, str)
        and "{{" not in value
        and ((_KEYLIKE.fullmatch(name.strip()) and value.strip()) or _SECRET.search(value))
    ]


def _seen(place: str, what: str) -> ConfigIssue:
    return ConfigIssue(
        code="secret_in_plain_field",
        severity="warning",
        message=f"{what}, and everybody who may see the flow can read it here.",
        field=place,
        fix="Keep it as a credential of the HTTP connector and choose that instead.",
    )


def host(text: str) -> str:
    """A credential's host as requests have it: what people paste (`https://API.acme.com/v1`) is `api.acme.com`."""
    bare = text.strip().lower().rpartition("://")[2].split("/")[0].rpartition("@")[2]
    if not bare.startswith("["):
        bare = bare.split(":")[0]
    try:
        return httpx.URL(f"https://{bare}/").host
    except (httpx.InvalidURL, UnicodeError):
        return bare
