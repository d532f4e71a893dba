"""The onboarding unit: the sample flow and the first template."""

from __future__ import annotations

from typing import Any

_INTEGRATED = ["Salesforce", "HubSpot", "Segment", "Snowflake"]
_PROFILE = {
    "customer_id": "{{ customer.id }}",
    "company": "{{ customer.traits.company_name }}",
    "employees": "{{ customer.traits.employees }}",
    "industry": "{{ customer.traits.industry }}",
    "country": "{{ customer.traits.country }}",
}
_STACK = {"customer_id": "{{ customer.id }}", "technologies": "{{ customer.traits.technologies }}"}


def _node(identity: str, kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {"id": identity, "type": kind, "name": name, "config": config}


def _mail(number: int, subject: str, body: str) -> dict[str, Any]:
    return _node(
        f"mail_{number}",
        "email.send",
        f"E-mail {number}",
        to="{{ customer.email }}",
        subject=subject,
        body=body,
        format="markdown",
        category="onboarding",
    )


def onboarding_unit() -> dict[str, Any]:
    """The graph document, without positions: sign-up → enrich → save → big companies to sales, the others by mail."""
    nodes = [
        _node("signed_up", "trigger.event", "Signed up", event="Signed Up", filter=""),
        _node("enrich", "clearbit.enrich", "Enrich company", email="{{ customer.email }}", write_traits=True),
        _node(
            "save_company", "warehouse.save", "Save company", table="company_profile", key="customer_id", row=_PROFILE
        ),
        _node(
            "size",
            "branch",
            "Company size",
            cases=[
                {
                    "id": "big",
                    "name": "> 100 employees",
                    "when": {"all": [{"field": "customer.traits.employees", "op": "gt", "value": 100}]},
                }
            ],
        ),
        _node(
            "alert_sales",
            "slack.message",
            "Alert sales",
            channel="#sales",
            text="{{ customer.traits.company_name }} signed up: {{ customer.traits.employees }} employees.",
        ),
        _node(
            "technographics",
            "datayze.technographics",
            "Technographics",
            domain="{{ customer.traits.domain }}",
            write_traits=True,
        ),
        _node("save_stack", "warehouse.save", "Save stack", table="company_stack", key="customer_id", row=_STACK),
        _node(
            "integration",
            "branch",
            "Integration",
            cases=[
                {
                    "id": "integrates",
                    "name": "Uses a technology we integrate",
                    "when": f"customer.traits.technologies.exists(t, t in {_INTEGRATED})",
                }
            ],
        ),
        _mail(
            1,
            "Connect what you already use",
            "Hello {{ customer.traits.firstName | default: 'there' }},\n\nyour tools connect in two minutes.",
        ),
        _node("wait_1", "wait.delay", "Two days", **{"for": "2d"}),
        _mail(2, "Your first journey, step by step", "Here is how teams like yours draw their first journey."),
        _node("wait_2", "wait.delay", "Three days", **{"for": "3d"}),
        _mail(3, "Shall we look at it together?", "Answer this mail and we will find half an hour."),
        _node("no_integration", "exit", "No integration", reason="no integration"),
    ]
    lines = [
        ("signed_up", "out", "enrich"),
        ("enrich", "out", "save_company"),
        ("enrich", "not_found", "size"),
        ("enrich", "error", "size"),
        ("save_company", "out", "size"),
        ("size", "big", "alert_sales"),
        ("size", "else", "technographics"),
        ("technographics", "out", "save_stack"),
        ("technographics", "not_found", "no_integration"),
        ("technographics", "error", "no_integration"),
        ("save_stack", "out", "integration"),
        ("integration", "integrates", "mail_1"),
        ("integration", "else", "no_integration"),
        ("mail_1", "out", "wait_1"),
        ("wait_1", "out", "mail_2"),
        ("mail_2", "out", "wait_2"),
        ("wait_2", "out", "mail_3"),
    ]
    edges = [
        {"id": f"e{index}", "source": source, "source_port": port, "target": target}
        for index, (source, port, target) in enumerate(lines, start=1)
    ]
    return {"schema": 1, "nodes": nodes, "edges": edges, "notes": [], "settings": {"reentry": "after_exit"}}
