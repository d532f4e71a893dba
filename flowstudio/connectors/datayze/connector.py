"""Datayze: which technologies a company's site uses (the API of Datanyze; README.md says what is certain about it)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.connectors import forms, wire
from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import ConfigIssue, Port

HOSTS = ("api.datanyze.com",)
BASE = "https://api.datanyze.com"
PRICE = 0.10


class Credential(Config):
    """The account's address and API token: the API takes both with every call."""

    email: str = field(
        "Account e-mail address", "text", help="The address you sign in with.", min_length=3, max_length=320
    )
    token: str = field("API token", "password", help="From the account's API page.", min_length=6, max_length=200)


class Technographics(Config):
    """Which site to look at, and whether to write what is found to the customer."""

    domain: str = field(
        "Domain",
        "liquid",
        default="{{ customer.traits.domain }}",
        help="The company's web domain. An e-mail address works, too: its domain is taken.",
        render="liquid",
        max_length=2_000,
    )
    write_traits: bool = field(
        "Write to the customer", "switch", default=True, help="Write the list of names as the trait technologies."
    )
    credential: str = field(
        "Credential", "credential", default="", help="Empty: the newest, or the sandbox.", group="Advanced"
    )


def check(config: Any) -> tuple[ConfigIssue, ...]:
    """A look-up without a domain can find nothing."""
    if config.domain.strip():
        return ()
    return (
        ConfigIssue(
            code="technographics_needs_domain",
            severity="error",
            message="There is no domain to look up.",
            field="domain",
            fix="Fill in {{ customer.traits.domain }}, or {{ customer.email }}.",
        ),
    )


def names(technologies: Any) -> list[str]:
    """The technologies' names, sorted: from number → name, number → details, or a list of either."""
    values = list(technologies.values()) if isinstance(technologies, Mapping) else technologies
    if not isinstance(values, list):
        return []
    found = {one.get("name") if isinstance(one, Mapping) else one for one in values}
    return sorted(name.strip() for name in found if isinstance(name, str) and name.strip())


def writes(params: Mapping[str, Any], output: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an answer with these technologies writes to the customer."""
    if "technologies" not in output or not params.get("write_traits", True):
        return {}
    return {"technologies": names(output["technologies"])}


async def technographics(request: Request, tools: Tools) -> Answer:
    """Look the site up; one that is not known, or not crawled yet, leaves by `not_found`."""
    asked = forms.text(request.params, "domain")
    if not asked:
        raise wire.input_error("This customer has no domain to look up at Datayze.")
    domain = forms.domain(asked, vendor="Datayze")
    credential = forms.credential(
        request, tools, Credential, "Datayze", {"email": "demo@sandbox.example", "token": "sandbox-token"}
    )
    body = await _ask(tools, credential, "domain_info", {"domain": domain, "tech_details": "true"}, request.deadline_s)
    if body is None or "technologies" not in body:
        return Answer(
            output={"domain": domain}, port="not_found", cost=0.0, summary="Datayze does not know this site", status=200
        )
    technologies = names(body["technologies"])
    # The names first: that is what conditions and templates read; the vendor's own details stay beside them.
    output = {**body, "technologies": technologies, "technology_details": body["technologies"]}
    shown = ", ".join(technologies[:3]) or "none seen"
    return Answer(
        output=output,
        traits=writes(request.params, output),
        cost=PRICE,
        summary=f"{len(technologies)} technologies: {shown}",
        status=200,
    )


async def _ask(
    tools: Tools, credential: Any, method: str, params: Mapping[str, str], deadline_s: float
) -> Mapping[str, Any] | None:
    """One call; None when the domain is not known. Errors come with status 200 and `error` in the body."""
    answer = await tools.http.request(
        "GET",
        f"{BASE}/{method}/",
        params={"email": credential.email, "token": credential.token, **params},
        headers={"Accept": "application/json"},
        deadline_s=deadline_s,
        allowed_hosts=HOSTS,
    )
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise wire.status_error("Datayze", answer.status, answer.headers)
    body = forms.mapping(forms.body_json(answer, "Datayze"), "Datayze", status=200)
    if not body.get("error"):
        return body
    said = str(body.get("message") or body["error"])[: wire.MAX_DETAIL]
    low = said.lower()
    if "not found" in low or "not in" in low or "no data" in low:
        return None
    limited = "limit" in low
    refused = "token" in low or "email" in low or "auth" in low
    sentence = "asks us to slow down" if limited else "refused the credential" if refused else "refused the request"
    raise ConnectorError(
        f"Datayze {sentence}.",
        error_class="status_429" if limited else "status_401" if refused else "vendor_error",
        retryable=limited or not refused,
        status=200,
        sent="answered",
        detail=said,
    )


async def test(credential: Mapping[str, str], tools: Tools) -> str:
    """Ask for the account's limits: costs nothing and proves address and token."""
    held = forms.read_credential(credential, Credential, "Datayze")
    body = await _ask(tools, held, "limits", {}, 10)
    used, most = forms.inner(body or {}, "api_monthly"), forms.inner(body or {}, "api_monthly_limit")
    return (
        f"Datayze accepts this token ({used} of {most} calls used this month)."
        if most
        else "Datayze accepts this token."
    )


def _explain(config: Mapping[str, Any]) -> str:
    kept = " and write them to the customer" if config.get("write_traits", True) else ""
    return f"ask Datayze which technologies the company uses{kept}"


CONNECTOR = Connector(
    id="datayze",
    name="Datayze",
    letter="D",
    help="Technographics: which tools and platforms a company's site uses.",
    actions=(
        Action(
            name="technographics",
            title="Look up technologies",
            help="Finds which technologies the customer's company uses, and writes their names as the trait technologies.",
            icon="stack",
            category="Data and vendors",
            kind="data",
            effect="vendor",
            idempotent="by_nature",
            config=Technographics,
            ports=(
                Port(id="out", label="found"),
                Port(id="not_found", label="not found", kind="side"),
                Port(id="error", label="error", kind="error"),
            ),
            summary="Technologies of {domain}",
            explain=_explain,
            call=technographics,
            check=check,
            capability="technographics",
            price=PRICE,
            output={
                "domain": "northwind-logistics.example",
                "technologies": ["HubSpot", "Segment", "Shopify"],
                "technology_details": {"104": {"name": "HubSpot", "type_name": "Marketing Automation"}},
                "company_name": "Northwind Logistics",
                "employees": 540,
                "country_name": "Germany",
            },
            writes=writes,
        ),
    ),
    credential=Credential,
    hosts=HOSTS,
    test=test,
    sandbox=True,
    docs_url="https://www.datanyze.com/api-documentation/",
)
