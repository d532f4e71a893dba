"""HTTP: any request to any public address, behind the guard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

import httpx

from flowstudio.connectors import forms, wire
from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import ConfigIssue, Port

_CHANGING = ("POST", "PUT", "PATCH", "DELETE")
_KEYLIKE = ("authorization", "x-api-key", "api-key", "apikey", "x-auth-token", "cookie", "proxy-authorization")


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

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = field("Method", "select", default="GET")
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
    headers: dict[str, str] = field("Headers", "key-value", default={}, render="value", group="Request")
    query: dict[str, Any] = field(
        "Query", "key-value", default={}, help="Added to the URL.", render="value", group="Request"
    )
    body: Any = field(
        "Body", "json", default=None, help="Sent as JSON; a text is sent as it stands.", render="value", group="Request"
    )
    timeout_s: float = field("Time limit in seconds", "number", default=20, group="Tries", ge=1, le=30)
    retry: int = field("Tries", "number", default=5, help="How often to try in all.", group="Tries", ge=1, le=20)
    idempotent: bool = field(
        "May be repeated",
        "switch",
        default=False,
        help="The other side does nothing twice for the same Idempotency-Key.",
        group="Tries",
    )
    price: float = field("Price per call", "number", default=0.0, group="Tries", ge=0, le=1_000)
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
    for name, value in config.headers.items():
        if name.strip().lower() in _KEYLIKE and value and "{{" not in value:
            issues.append(
                ConfigIssue(
                    code="secret_in_plain_field",
                    severity="warning",
                    message=f"The header {name[:40]} looks like a secret, and everybody who may see the flow can read it here.",
                    field="headers",
                    fix="Keep it as a credential of the HTTP connector and choose that instead.",
                )
            )
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


async def request_(request: Request, tools: Tools) -> Answer:
    """Send the request; every 2xx is a success, its output `{status, headers, body}`."""
    params = request.params
    url, method = forms.text(params, "url"), forms.text(params, "method").upper() or "GET"
    headers = {str(name): _text(value) for name, value in _object(params.get("headers"), "headers").items()}
    query = {
        str(name): _text(value) for name, value in _object(params.get("query"), "query").items() if value is not None
    }
    allowed: tuple[str, ...] | None = None
    # The newest credential is handed over even when the node names none: only a named one is ever used.
    if params.get("credential") and request.credential:
        held = forms.read_credential(request.credential, Credential, "HTTP")
        headers = {name: value for name, value in headers.items() if name.lower() != held.header.lower()}
        headers[held.header.strip()] = held.value.strip()
        allowed = (held.host.strip().lower(),)
    elif params.get("credential"):
        raise wire.input_error("The credential of this request no longer exists. Choose another one.")
    body = params.get("body")
    payload: dict[str, Any] = {}
    if body not in (None, "") and method != "HEAD":
        payload = {"content": body.encode("utf-8", "replace")} if isinstance(body, str) else {"json": body}
        if isinstance(body, str) and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json" if _is_json(body) else "text/plain; charset=utf-8"
    if method in _CHANGING:
        headers.setdefault("Idempotency-Key", request.key)
    limit = params.get("timeout_s")
    deadline = min(request.deadline_s, float(limit)) if isinstance(limit, int | float) else request.deadline_s
    answer = await tools.http.request(
        method, url, params=query or None, headers=headers, deadline_s=deadline, allowed_hosts=allowed, **payload
    )
    if not 200 <= answer.status < 300:
        host = httpx.URL(answer.url).host
        raise wire.status_error(host, answer.status, answer.headers, answer.text[: wire.MAX_DETAIL])
    parsed: Any = answer.text
    if "json" in answer.headers.get("content-type", "") or answer.text.lstrip()[:1] in ("{", "["):
        try:
            parsed = answer.json()
        except ValueError:
            parsed = answer.text
    output = {"status": answer.status, "headers": dict(answer.headers), "body": parsed}
    price = params.get("price")
    return Answer(
        output=output,
        cost=float(price) if isinstance(price, int | float) else 0.0,
        summary=f"{method} {httpx.URL(answer.url).host}: {answer.status}",
        status=answer.status,
    )


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise wire.input_error(f"The {what} are no pairs of name and value.")
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        wire.parse_json(text.encode("utf-8", "replace"))
    except ValueError:
        return False
    return True


async def test(credential: Mapping[str, str], tools: Tools) -> str:
    """Ask the bound host's front page with the secret: proves that the host is there and takes the header."""
    held = forms.read_credential(credential, Credential, "HTTP")
    answer = await tools.http.request(
        "HEAD",
        f"https://{held.host.strip().lower()}/",
        headers={held.header.strip(): held.value.strip()},
        deadline_s=10,
        allowed_hosts=(held.host.strip().lower(),),
    )
    return (
        f"{held.host} answered with status {answer.status}; whether it accepts the secret shows at the first request."
    )


def _explain(config: Mapping[str, Any]) -> str:
    return f"send a {config.get('method') or 'GET'} request to {str(config.get('url') or '…').strip()[:120]}"


CONNECTOR = Connector(
    id="http",
    name="HTTP",
    letter="H",
    help="Any HTTP or HTTPS service on the public internet.",
    actions=(
        Action(
            name="request",
            title="HTTP request",
            help="Calls any public address; later steps can read status, headers and body of the answer.",
            icon="world",
            category="Data and vendors",
            kind="data",
            effect="vendor",
            idempotent="no",
            config=HttpRequest,
            ports=(Port(id="out", label="success"), Port(id="error", label="error", kind="error")),
            summary="{method} {url}",
            explain=_explain,
            call=request_,
            check=check,
            capability="call_http",
            output={"status": 200, "headers": {"content-type": "application/json"}, "body": {"ok": True}},
        ),
    ),
    credential=Credential,
    optional=True,
    test=test,
)
