"""Stand-ins for the two enrichment vendors, in their own shapes: Clearbit and Datanyze ("Datayze")."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from flowstudio.sandbox import companies
from flowstudio.sandbox.companies import Company

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
INDEXED_AT = "2026-10-01T08:00:00.000Z"


def clearbit_company(company: Company) -> dict[str, Any]:
    """A company as `company.clearbit.com/v2/companies/find` gives it."""
    sector, group, industry, sub, sic, naics = company.industry
    city, state, country, code, zone, street = company.place
    handle = company.domain.split(".")[0]
    tech = [name.lower().replace(" ", "_") for name in company.technologies]
    return {
        "id": company.id,
        "name": company.name,
        "legalName": company.legal_name,
        "domain": company.domain,
        "domainAliases": [],
        "site": {"phoneNumbers": [], "emailAddresses": [f"hello@{company.domain}"]},
        "category": {
            "sector": sector,
            "industryGroup": group,
            "industry": industry,
            "subIndustry": sub,
            "sicCode": sic,
            "naicsCode": naics,
        },
        "tags": [sector, industry, "B2B"],
        "description": f"{company.name} works in {industry.lower()} from {city}.",
        "foundedYear": company.founded,
        "location": f"{street} 12, {city}, {country}",
        "timeZone": zone,
        "utcOffset": 0,
        "geo": {
            "streetNumber": "12",
            "streetName": street,
            "subPremise": None,
            "city": city,
            "postalCode": None,
            "state": state,
            "stateCode": None,
            "country": country,
            "countryCode": code,
            "lat": None,
            "lng": None,
        },
        "logo": f"https://logo.clearbit.com/{company.domain}",
        "facebook": {"handle": handle, "likes": None},
        "linkedin": {"handle": f"company/{handle}"},
        "twitter": {"handle": handle.replace("-", "")[:15], "id": None, "bio": None, "followers": None},
        "crunchbase": {"handle": f"organization/{handle}"},
        "emailProvider": False,
        "type": company.kind,
        "ticker": handle[:4].upper() if company.kind == "public" else None,
        "identifiers": {"usEIN": None},
        "phone": None,
        "metrics": {
            "alexaUsRank": None,
            "alexaGlobalRank": None,
            "trafficRank": "medium",
            "employees": company.employees,
            "employeesRange": companies.employees_range(company.employees),
            "marketCap": None,
            "raised": company.raised,
            "annualRevenue": company.revenue if company.kind == "public" else None,
            "estimatedAnnualRevenue": companies.revenue_range(company.revenue),
            "fiscalYearEnd": 12,
        },
        "indexedAt": INDEXED_AT,
        "tech": tech,
        "techCategories": [],
        "parent": {"domain": None},
        "ultimateParent": {"domain": None},
    }


def clearbit_person(email: str, company: Company | None) -> dict[str, Any]:
    """A person as the combined call gives it; the name is read from the address."""
    local = email.split("@", maxsplit=1)[0]
    words = [word.title() for word in re.split(r"[._0-9-]+", local) if word]
    given, family = (words[0] if words else None), (words[1] if len(words) > 1 else None)
    return {
        "id": companies.person_id(email),
        "name": {"fullName": " ".join(words) or None, "givenName": given, "familyName": family},
        "email": email,
        "location": f"{company.place[0]}, {company.place[2]}" if company else None,
        "timeZone": company.place[4] if company else None,
        "bio": None,
        "site": None,
        "avatar": None,
        "employment": {
            "domain": company.domain if company else None,
            "name": company.name if company else None,
            "title": None,
            "role": None,
            "seniority": None,
        },
        "linkedin": {"handle": None},
        "twitter": {"handle": None},
        "github": {"handle": None},
        "fuzzy": False,
        "emailProvider": company is None,
        "indexedAt": INDEXED_AT,
    }


def _clearbit_error(status: int, kind: str, message: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"type": kind, "message": message}})


@dataclass(slots=True)
class Clearbit:
    """company.clearbit.com and person.clearbit.com. Domains that begin with `pending` answer 202 the first time."""

    _asked: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """One answer, as Clearbit would give it."""
        header = request.headers.get("authorization", "")
        if not header.startswith(("Bearer ", "Basic ")) or header.removeprefix("Bearer ").startswith("invalid"):
            return _clearbit_error(401, "auth_invalid", "Invalid API key provided.")
        where = (request.url.host, request.url.path)
        if where == ("company.clearbit.com", "/v2/companies/find"):
            return self._company(request.url.params.get("domain", ""))
        if where == ("person.clearbit.com", "/v2/combined/find"):
            return self._combined(request.url.params.get("email", ""))
        return _clearbit_error(404, "not_found", "No such endpoint.")

    def _company(self, domain: str) -> httpx.Response:
        name = companies.normal(domain)
        if "." not in name or re.search(r"[\s@]", name):
            return _clearbit_error(422, "domain_invalid", "Invalid domain.")
        if self._pending(name):
            return httpx.Response(202, json={"error": {"type": "queued", "message": "Lookup is in progress."}})
        company = companies.find(name)
        if company is None:
            return _clearbit_error(404, "unknown_record", "Unknown company.")
        return httpx.Response(200, json=clearbit_company(company))

    def _combined(self, email: str) -> httpx.Response:
        if not _EMAIL.fullmatch(email):
            return _clearbit_error(422, "email_invalid", "Invalid email address.")
        domain = email.rpartition("@")[2]
        if self._pending(domain):
            return httpx.Response(202, json={"error": {"type": "queued", "message": "Lookup is in progress."}})
        company = companies.find(domain)
        if company is None and domain.endswith(".example"):
            return _clearbit_error(404, "unknown_record", "Unknown person or company.")
        return httpx.Response(
            200,
            json={
                "person": clearbit_person(email, company),
                "company": clearbit_company(company) if company is not None else None,
            },
        )

    def _pending(self, domain: str) -> bool:
        if not domain.startswith("pending"):
            return False
        self._asked[domain] += 1
        return self._asked[domain] == 1


def datanyze_company(company: Company, *, details: bool) -> dict[str, Any]:
    """A domain as `api.datanyze.com/domain_info/` gives it."""
    city, state, country, code, _, street = company.place
    technologies = companies.technology_details(company)
    return {
        "domain": company.domain,
        "rank": 100_000 + company.employees,
        "company_name": company.name,
        "phone": "",
        "email": f"hello@{company.domain}",
        "street": f"{street} 12",
        "city": city,
        "state_name": state,
        "country_name": country,
        "country_iso": code,
        "full_address": f"{street} 12, {city}, {country}",
        "employees": company.employees,
        "revenue": company.revenue,
        "founded_year": company.founded,
        "total_money_raised": str(company.raised or ""),
        "public": 1 if company.kind == "public" else 0,
        "technologies": technologies if details else {number: one["name"] for number, one in technologies.items()},
    }


def datanyze(request: httpx.Request) -> httpx.Response:
    """api.datanyze.com: errors come with status 200 and an `error` number, as the clients in the field handle them."""
    asked = request.url.params
    if not asked.get("token") or not asked.get("email") or asked["token"].startswith("invalid"):
        return httpx.Response(200, json={"error": 101, "message": "Invalid email or token"})
    path = request.url.path.rstrip("/")
    if path == "/limits":
        used = {"api_hourly": 12, "api_daily": 140, "api_monthly": 2_100}
        return httpx.Response(200, json={**used, **{f"{name}_limit": 100_000 for name in used}})
    if path != "/domain_info":
        return httpx.Response(404, json={"error": 100, "message": "Unknown method"})
    company = companies.find(asked.get("domain", ""))
    if company is None:
        return httpx.Response(200, json={"error": 103, "message": "Domain not found"})
    return httpx.Response(200, json=datanyze_company(company, details=asked.get("tech_details") == "true"))
