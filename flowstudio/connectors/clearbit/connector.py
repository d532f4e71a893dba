"""Clearbit: what is known about a company, by its domain or by somebody's e-mail address."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from flowstudio.connectors import forms, wire
from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.connectors.http import Response
from flowstudio.connectors.mailer import one_recipient
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import ConfigIssue, Port

HOSTS = ("company.clearbit.com", "person.clearbit.com")
PRICE = 0.20
PENDING_S = 5.0


class Credential(Config):
    """A Clearbit account's secret key."""

    api_key: str = field(
        "Secret API key", "password", help="From dashboard.clearbit.com, API keys.", min_length=6, max_length=200
    )


class Enrich(Config):
    """Whom to look up, and whether to write what is found to the customer."""

    domain: str = field(
        "Domain",
        "liquid",
        default="",
        help="The company's web domain. Leave empty to look up by e-mail address.",
        render="liquid",
        placeholder="{{ customer.traits.domain }}",
        max_length=2_000,
    )
    email: str = field(
        "E-mail address",
        "liquid",
        default="{{ customer.email }}",
        help="Used when the domain is empty: finds the company behind the address.",
        render="liquid",
        max_length=2_000,
    )
    write_traits: bool = field(
        "Write to the customer",
        "switch",
        default=True,
        help="Write company_name, employees, industry, country and more as traits.",
    )
    credential: str = field(
        "Credential", "credential", default="", help="Empty: the newest, or the sandbox.", group="Advanced"
    )


def check(config: Any) -> tuple[ConfigIssue, ...]:
    """One of the two ways to look up must be there."""
    if config.domain.strip() or config.email.strip():
        return ()
    return (
        ConfigIssue(
            code="enrich_needs_someone",
            severity="error",
            message="There is neither a domain nor an e-mail address to look up.",
            field="domain",
            fix="Fill in the domain, or {{ customer.email }} as the e-mail address.",
        ),
    )


def company_traits(company: Mapping[str, Any]) -> dict[str, Any]:
    """The traits that a company of Clearbit's becomes."""
    get = forms.inner
    return forms.traits(
        company_name=get(company, "name"),
        legal_name=get(company, "legalName"),
        domain=get(company, "domain"),
        employees=get(company, "metrics", "employees"),
        employees_range=get(company, "metrics", "employeesRange"),
        industry=get(company, "category", "industry"),
        sector=get(company, "category", "sector"),
        country=get(company, "geo", "country"),
        country_code=get(company, "geo", "countryCode"),
        city=get(company, "geo", "city"),
        founded=get(company, "foundedYear"),
        company_type=get(company, "type"),
        annual_revenue=get(company, "metrics", "annualRevenue"),
        estimated_revenue=get(company, "metrics", "estimatedAnnualRevenue"),
        raised=get(company, "metrics", "raised"),
    )


def writes(params: Mapping[str, Any], company: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an answer with this company writes to the customer."""
    return company_traits(company) if params.get("write_traits", True) else {}


async def enrich(request: Request, tools: Tools) -> Answer:
    """Look the company up; unknown ones leave by `not_found`, one still being gathered is asked for again."""
    by_domain, by_email = forms.text(request.params, "domain"), forms.text(request.params, "email")
    key = forms.credential(request, tools, Credential, "Clearbit", {"api_key": "sandbox-key"}).api_key
    if by_domain:
        url, params = (
            "https://company.clearbit.com/v2/companies/find",
            {"domain": forms.domain(by_domain, vendor="Clearbit")},
        )
    elif by_email:
        url, params = (
            "https://person.clearbit.com/v2/combined/find",
            {"email": one_recipient(by_email, what="address to look up")},
        )
    else:
        raise wire.input_error("There is no domain and no e-mail address of this customer to look up at Clearbit.")
    answer = await tools.http.request(
        "GET",
        url,
        params=params,
        headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
        deadline_s=request.deadline_s,
        allowed_hosts=HOSTS,
    )
    found = _read(answer)
    company = found if by_domain or found is None else found.get("company")
    if not isinstance(company, Mapping) or not company.get("name"):
        return Answer(
            output=dict(found or {}),
            port="not_found",
            cost=PRICE,
            summary="Clearbit does not know this company",
            status=404,
        )
    traits = company_traits(company)
    employees = traits.get("employees")
    size = f", {employees:,} employees" if isinstance(employees, int) else ""
    # By e-mail the answer holds person and company; the output is the company in both cases, the person beside it.
    output = {**company, "person": found.get("person")} if found is not None and not by_domain else dict(company)
    return Answer(
        output=output,
        traits=writes(request.params, company),
        cost=PRICE,
        summary=f"{company['name']}{size} ({len(traits)} traits)",
        status=answer.status,
    )


def _read(answer: Response) -> Mapping[str, Any] | None:
    """The body of a success, None for an unknown company; raises for everything else."""
    if answer.status == 404:
        return None
    if answer.status == 202:
        raise ConnectorError(
            "Clearbit is still gathering this company; it will be asked again.",
            error_class="pending",
            retryable=True,
            retry_after=wire.retry_after(answer.headers.get("retry-after"), now=wire.now()) or PENDING_S,
            status=202,
        )
    if answer.status != 200:
        detail = ""
        with contextlib.suppress(ValueError):
            detail = forms.said(answer.json(), "error", "message")
        raise wire.status_error("Clearbit", answer.status, answer.headers, detail)
    return forms.mapping(forms.body_json(answer, "Clearbit"), "Clearbit", status=200)


async def test(credential: Mapping[str, str], tools: Tools) -> str:
    """Ask for Clearbit's own company: proves the key with one harmless look-up."""
    key = forms.read_credential(credential, Credential, "Clearbit").api_key
    answer = await tools.http.request(
        "GET",
        "https://company.clearbit.com/v2/companies/find",
        params={"domain": "clearbit.com"},
        headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
        deadline_s=10,
        allowed_hosts=HOSTS,
    )
    _read(answer)
    return "Clearbit accepts this key."


def _explain(config: Mapping[str, Any]) -> str:
    by = "domain" if str(config.get("domain") or "").strip() else "e-mail address"
    kept = " and write what it knows to the customer" if config.get("write_traits", True) else ""
    return f"look the company up at Clearbit by its {by}{kept}"


SAMPLE: dict[str, Any] = {
    "id": "c5a6a1c5-5b1f-4f2e-9d7e-0d3c1c8f2a11",
    "name": "Northwind Logistics",
    "legalName": "Northwind Logistics GmbH",
    "domain": "northwind-logistics.example",
    "category": {"sector": "Industrials", "industry": "Air Freight & Logistics"},
    "foundedYear": 2009,
    "geo": {"city": "Berlin", "country": "Germany", "countryCode": "DE"},
    "type": "private",
    "metrics": {
        "employees": 540,
        "employeesRange": "251-1K",
        "annualRevenue": None,
        "estimatedAnnualRevenue": "$50M-$100M",
        "raised": 12_000_000,
    },
    "tech": ["segment", "hubspot"],
}

CONNECTOR = Connector(
    id="clearbit",
    name="Clearbit",
    letter="C",
    help="Company data by domain or e-mail address: size, industry, country, revenue.",
    actions=(
        Action(
            name="enrich",
            title="Enrich company",
            help="Finds size, industry, country and more of the customer's company, and writes them as traits.",
            icon="building",
            category="Data and vendors",
            kind="data",
            effect="vendor",
            idempotent="by_nature",
            config=Enrich,
            ports=(
                Port(id="out", label="found"),
                Port(id="not_found", label="not found", kind="side"),
                Port(id="error", label="error", kind="error"),
            ),
            summary="Company of {email}",
            explain=_explain,
            call=enrich,
            check=check,
            capability="enrich_company",
            price=PRICE,
            output=SAMPLE,
            writes=writes,
        ),
    ),
    credential=Credential,
    hosts=HOSTS,
    test=test,
    sandbox=True,
    docs_url="https://dashboard.clearbit.com/docs",
)
