"""HTTP: any request to any public address, behind the guard. Its form is `form.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flowstudio.connectors import forms, wire
from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.connectors.http import Response
from flowstudio.connectors.http_request.form import CHANGING, Credential, HttpRequest, check, host
from flowstudio.domain.nodes.base import Port


async def request_(request: Request, tools: Tools) -> Answer:
    """Send the request; every 2xx is a success, its output `{status, headers, body}`."""
    params = request.params
    url, method = forms.text(params, "url"), forms.text(params, "method").upper() or "GET"
    headers = {str(name): _text(value) for name, value in _object(params.get("headers"), "headers").items()}
    query = _pairs(_object(params.get("query"), "query"))
    allowed: tuple[str, ...] | None = None
    # The newest credential is handed over even when the node names none: only a named one is ever used.
    if params.get("credential") and request.credential:
        held = forms.read_credential(request.credential, Credential, "HTTP")
        headers = {name: value for name, value in headers.items() if name.lower() != held.header.strip().lower()}
        headers[held.header.strip()] = held.value.strip()
        allowed = (host(held.host),)
    elif params.get("credential"):
        raise wire.input_error("The credential of this request no longer exists. Choose another one.")
    payload = _payload(params.get("body"), headers) if method != "HEAD" else {}
    if method in CHANGING and not _has(headers, "idempotency-key"):
        headers["Idempotency-Key"] = request.key
    limit = params.get("timeout_s")
    deadline = min(request.deadline_s, float(limit)) if isinstance(limit, int | float) else request.deadline_s
    answer = await tools.http.request(
        method, url, params=query or None, headers=headers, deadline_s=deadline, allowed_hosts=allowed, **payload
    )
    if not 200 <= answer.status < 300:
        raise wire.status_error(answer.host, answer.status, answer.headers, answer.text[: wire.MAX_DETAIL])
    output = {"status": answer.status, "headers": dict(answer.headers), "body": _parsed(answer)}
    price = params.get("price")
    return Answer(
        output=output,
        cost=float(price) if isinstance(price, int | float) else 0.0,
        summary=f"{method} {answer.host}: {answer.status}",
        status=answer.status,
    )


def _has(headers: Mapping[str, str], name: str) -> bool:
    return any(one.lower() == name for one in headers)


def _pairs(values: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Names and values as queries and forms have them: no value for null, several for a list."""
    return {
        str(name): [_text(one) for one in value] if isinstance(value, list | tuple) else _text(value)
        for name, value in values.items()
        if value is not None
    }


def _payload(body: Any, headers: dict[str, str]) -> dict[str, Any]:
    """The body as `Http.request` takes it; says in `headers` what it is, unless the author did."""
    if body in (None, ""):
        return {}
    if not isinstance(body, str):
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        if kind.lower().startswith("application/x-www-form-urlencoded") and isinstance(body, Mapping):
            return {"content": urlencode(_pairs(body), doseq=True).encode()}
        return {"json": body}
    if not _has(headers, "content-type"):
        headers["Content-Type"] = "application/json" if _is_json(body) else "text/plain; charset=utf-8"
    return {"content": body.encode("utf-8", "replace")}


def _parsed(answer: Response) -> Any:
    if "json" in answer.headers.get("content-type", "") or answer.text.lstrip()[:1] in ("{", "["):
        try:
            return answer.json()
        except ValueError:
            return answer.text
    return answer.text


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
    bound = host(held.host)
    answer = await tools.http.request(
        "HEAD",
        f"https://{bound}/",
        headers={held.header.strip(): held.value.strip()},
        deadline_s=10,
        allowed_hosts=(bound,),
    )
    return f"{bound} answered with status {answer.status}; whether it accepts the secret shows at the first request."


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
