"""Several hundred believable companies, always the same ones: what the stand-in vendors know.

Any domain under `.example` belongs to a company, made from its name alone, so that an address typed by hand works as
well as one of the listed ones. About one in twelve is deliberately unknown. Big and small are about equally many.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

# name → (sector, industry group, industry, sub-industry, SIC, NAICS), in Clearbit's words.
INDUSTRIES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("Information Technology", "Software & Services", "Internet Software & Services", "Internet Software", "73", "51"),
    ("Information Technology", "Software & Services", "IT Services", "Data Processing", "73", "54"),
    ("Consumer Discretionary", "Retailing", "Internet & Direct Marketing Retail", "Online Retail", "59", "45"),
    ("Consumer Discretionary", "Consumer Services", "Hotels, Restaurants & Leisure", "Restaurants", "58", "72"),
    ("Health Care", "Health Care Equipment & Services", "Health Care Technology", "Health Records", "80", "62"),
    ("Financials", "Diversified Financials", "Capital Markets", "Payments", "60", "52"),
    ("Industrials", "Transportation", "Air Freight & Logistics", "Logistics", "42", "48"),
    ("Industrials", "Capital Goods", "Machinery", "Industrial Machinery", "35", "33"),
    ("Consumer Staples", "Food, Beverage & Tobacco", "Food Products", "Packaged Foods", "20", "31"),
    ("Utilities", "Utilities", "Renewable Electricity", "Solar and Wind", "49", "22"),
    ("Industrials", "Commercial & Professional Services", "Professional Services", "Consulting", "87", "54"),
    ("Consumer Discretionary", "Media", "Media", "Publishing", "27", "51"),
)
PLACES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("Berlin", "Berlin", "Germany", "DE", "Europe/Berlin", "Torstrasse"),
    ("Hamburg", "Hamburg", "Germany", "DE", "Europe/Berlin", "Speicherweg"),
    ("London", "England", "United Kingdom", "GB", "Europe/London", "Curtain Road"),
    ("Manchester", "England", "United Kingdom", "GB", "Europe/London", "Mill Lane"),
    ("Paris", "Île-de-France", "France", "FR", "Europe/Paris", "Rue du Sentier"),
    ("Amsterdam", "North Holland", "Netherlands", "NL", "Europe/Amsterdam", "Prinsengracht"),
    ("Stockholm", "Stockholm County", "Sweden", "SE", "Europe/Stockholm", "Götgatan"),
    ("Madrid", "Madrid", "Spain", "ES", "Europe/Madrid", "Calle de Fuencarral"),
    ("Warsaw", "Masovia", "Poland", "PL", "Europe/Warsaw", "Nowy Świat"),
    ("San Francisco", "California", "United States", "US", "America/Los_Angeles", "Howard Street"),
    ("Austin", "Texas", "United States", "US", "America/Chicago", "Congress Avenue"),
    ("Boston", "Massachusetts", "United States", "US", "America/New_York", "Summer Street"),
    ("New York", "New York", "United States", "US", "America/New_York", "Broadway"),
    ("Toronto", "Ontario", "Canada", "CA", "America/Toronto", "King Street West"),
    ("Sydney", "New South Wales", "Australia", "AU", "Australia/Sydney", "Kent Street"),
    ("Singapore", "Singapore", "Singapore", "SG", "Asia/Singapore", "Telok Ayer Street"),
    ("São Paulo", "São Paulo", "Brazil", "BR", "America/Sao_Paulo", "Rua Augusta"),
    ("Bengaluru", "Karnataka", "India", "IN", "Asia/Kolkata", "Residency Road"),
)
# name → (what it is, the share of companies that use it). Real products: they are what marketers branch on.
TECHNOLOGIES: Mapping[str, tuple[str, float]] = {
    "Google Analytics": ("Web Analytics", 0.72),
    "Google Tag Manager": ("Tag Management", 0.61),
    "Segment": ("Customer Data Platform", 0.24),
    "HubSpot": ("Marketing Automation", 0.31),
    "Salesforce": ("CRM", 0.34),
    "Marketo": ("Marketing Automation", 0.11),
    "Mailchimp": ("Email Marketing", 0.26),
    "Intercom": ("Live Chat", 0.22),
    "Zendesk": ("Customer Support", 0.25),
    "Shopify": ("E-commerce Platform", 0.17),
    "WordPress": ("CMS", 0.38),
    "Stripe": ("Payments", 0.29),
    "Mixpanel": ("Product Analytics", 0.13),
    "Amplitude": ("Product Analytics", 0.10),
    "PostHog": ("Product Analytics", 0.09),
    "Optimizely": ("A/B Testing", 0.07),
    "Hotjar": ("Session Recording", 0.21),
    "Snowflake": ("Data Warehouse", 0.12),
    "Amazon Web Services": ("Hosting", 0.44),
    "Cloudflare": ("Content Delivery Network", 0.42),
    "React": ("JavaScript Framework", 0.36),
    "Slack": ("Collaboration", 0.33),
}
_FIRST = (
    "Amber Birch Cedar Copper Delta Ember Fathom Garnet Harbor Indigo Juniper Kestrel Lantern Maple Northwind Orchard"
    " Pioneer Quarry Ridge Saffron Timber Umber Velvet Willow Yarrow Zephyr Anchor Bright Cobalt Drift"
).split()
_SECOND = (
    "Analytics Foods Freight Health Labs Learning Logistics Media Outdoor Payments Power Robotics Studio Works".split()
)
_FORMS = ("Inc.", "GmbH", "Ltd", "B.V.", "AB", "SAS")
_GIVEN = (
    "Ada Alan Amara Anke Björn Carmen Chidi Dana Elena Farid Grace Hana Ines Jonas Kofi Lena Malik Nora Omar Priya"
    " Quentin Rosa Sven Tomás Uma Viktor Wanda Xenia Yusuf Zoe"
).split()
_FAMILY = (
    "Adeyemi Bauer Castillo Dubois Eriksson Fischer Garcia Haddad Ivanova Jensen Kowalska Lindqvist Martin Nakamura"
    " Okafor Patel Quinn Rossi Schmidt Tanaka Ueda Varga Weber Yilmaz"
).split()
_ROLES = ("Head of Marketing", "Founder", "Growth Manager", "Product Manager", "Marketing Operations", "CTO")
UNKNOWN_SHARE = 1 / 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """One company as the stand-in vendors know it."""

    id: str
    name: str
    legal_name: str
    domain: str
    employees: int
    industry: tuple[str, str, str, str, str, str]
    place: tuple[str, str, str, str, str, str]
    founded: int
    revenue: int
    raised: int | None
    technologies: tuple[str, ...]
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who works at a company and signs up."""

    id: str
    given: str
    family: str
    email: str
    role: str
    company: Company


def _dice(*parts: object) -> random.Random:
    """A generator that always throws the same for the same words, in every process and Python release."""
    seed = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return random.Random(int.from_bytes(seed[:8], "big"))  # noqa: S311 - demo data, no secrets


def _id(*parts: object) -> str:
    return str(UUID(bytes=hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:16], version=4))


def person_id(email: str) -> str:
    """A person's number at the vendors, always the same for an address."""
    return _id("person", email)


@lru_cache(maxsize=1)
def domains() -> tuple[str, ...]:
    """The listed companies' domains: 420 names, known and unknown ones."""
    return tuple(f"{first}-{second}.example".lower() for first in _FIRST for second in _SECOND)


def normal(domain: str) -> str:
    """The domain as the vendors look it up: lower case, without scheme, path and `www.`."""
    bare = domain.strip().lower().removeprefix("https://").removeprefix("http://").split("/")[0].split(":")[0]
    return bare.removeprefix("www.").rstrip(".")


@lru_cache(maxsize=4096)
def find(domain: str) -> Company | None:
    """The company behind a domain; None when the vendors do not know it (every domain that is not under `.example`,
    and about one in twelve of those)."""
    name = normal(domain)
    if not name.endswith(".example") or name.count(".") < 1 or name == ".example":
        return None
    dice = _dice("company", name)
    named = name.startswith(("big", "small"))
    if (dice.random() < UNKNOWN_SHARE and not named) or name.startswith(("unknown", "nobody")):
        return None
    words = name.removesuffix(".example").split(".")[-1].replace("-", " ").title()
    employees = _employees(dice, name)
    industry, place = dice.choice(INDUSTRIES), dice.choice(PLACES)
    raised = None if dice.random() < 0.45 else employees * dice.randint(20, 90) * 1000
    return Company(
        id=_id("company", name),
        name=words,
        legal_name=f"{words} {dice.choice(_FORMS)}",
        domain=name,
        employees=employees,
        industry=industry,
        place=place,
        founded=dice.randint(1978, 2024),
        revenue=employees * dice.randint(60, 260) * 1000,
        raised=raised,
        technologies=tuple(sorted(tech for tech, (_, share) in TECHNOLOGIES.items() if dice.random() < share)),
        kind="public" if employees > 2_000 and dice.random() < 0.6 else "private",
    )


def _employees(dice: random.Random, name: str) -> int:
    # Names may say it, so that a person trying things out can aim: big-… and small-….
    if name.startswith("big"):
        return dice.randint(101, 9_000)
    if name.startswith("small"):
        return dice.randint(2, 100)
    if dice.random() < 0.5:
        return dice.randint(2, 100)
    return int(101 * 10 ** (dice.random() * 2.1))


@lru_cache(maxsize=1)
def known() -> tuple[Company, ...]:
    """Every listed company that the vendors know."""
    return tuple(company for company in map(find, domains()) if company is not None)


def person_at(company: Company, number: int) -> Person:
    """The n-th person of a company, always the same one."""
    dice = _dice("person", company.domain, number)
    given, family = dice.choice(_GIVEN), dice.choice(_FAMILY)
    ascii_only = str.maketrans({"ö": "oe", "á": "a", "ü": "ue", "é": "e"})
    local = f"{given}.{family}".lower().translate(ascii_only)
    return Person(
        id=_id("person", company.domain, number),
        given=given,
        family=family,
        email=f"{local}{number if number else ''}@{company.domain}",
        role=dice.choice(_ROLES),
        company=company,
    )


def employees_range(employees: int) -> str:
    """Clearbit's word for a size."""
    for low, high in ((1, 10), (11, 50), (51, 250), (251, 1_000), (1_001, 5_000), (5_001, 10_000)):
        if low <= employees <= high:
            return (
                f"{low}-{high}".replace("1001-5000", "1K-5K")
                .replace("5001-10000", "5K-10K")
                .replace("251-1000", "251-1K")
            )
    return "10K+"


def revenue_range(revenue: int) -> str:
    """Clearbit's word for a yearly revenue."""
    for bound, word in (
        (10**6, "$0-$1M"),
        (10**7, "$1M-$10M"),
        (5 * 10**7, "$10M-$50M"),
        (10**8, "$50M-$100M"),
        (25 * 10**7, "$100M-$250M"),
        (5 * 10**8, "$250M-$500M"),
        (10**9, "$500M-$1B"),
        (10**10, "$1B-$10B"),
    ):
        if revenue <= bound:
            return word
    return "$10B+"


def technology_details(company: Company) -> dict[str, dict[str, Any]]:
    """The technologies in Datanyze's shape with `tech_details=true`: number → name, type, first and last seen."""
    dice = _dice("seen", company.domain)
    numbers = {name: str(101 + place) for place, name in enumerate(TECHNOLOGIES)}
    return {
        numbers[name]: {
            "name": name,
            "type_name": TECHNOLOGIES[name][0],
            "first_seen": f"{dice.randint(2015, 2023)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
            "last_seen": f"2026-{dice.randint(7, 10):02}-{dice.randint(1, 28):02}",
        }
        for name in company.technologies
    }
