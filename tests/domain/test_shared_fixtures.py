"""What the browser says, the server says: both read the same fixtures (`frontend/src/test/shared.test.ts`)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim, CronSimError

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.graph import CARD_WIDTH, parse
from flowstudio.domain.layout.route import Router, shares
from flowstudio.domain.rules import first_rule, to_cel
from flowstudio.domain.schedule import parse_duration, say
from flowstudio.domain.summary import full, summarise
from flowstudio.domain.validate import validate

FOLDER = Path(__file__).parents[1] / "fixtures"


def shared(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("row", shared("rules"), ids=lambda row: row["name"])
def test_a_rule_group_is_this_cel_and_these_words(row: dict[str, Any]) -> None:
    assert to_cel(row["group"]) == row["cel"]
    assert first_rule(row["group"]) == row["words"]


@pytest.mark.parametrize("row", shared("summaries"), ids=lambda row: row["full"])
def test_a_config_is_this_sentence(row: dict[str, Any]) -> None:
    assert full(row["format"], row["config"]) == row["full"]
    assert summarise(row["format"], row["config"]) == row["short"]


@pytest.mark.parametrize("row", shared("durations"), ids=lambda row: row["text"])
def test_a_duration_is_these_seconds_and_these_words(row: dict[str, Any]) -> None:
    assert say(row["text"]) == row["words"]
    if row["seconds"] is None:
        with pytest.raises(ScheduleError):
            parse_duration(row["text"])
    else:
        assert parse_duration(row["text"]).total_seconds() == row["seconds"]


def test_the_types_of_the_fixture_are_those_of_the_catalogue() -> None:
    for name, row in shared("graphs")["types"].items():
        kind = CATALOGUE[name]
        ports = [{"id": port.id, "label": port.label, "kind": port.kind} for port in kind.ports({})]
        assert row == {"kind": kind.kind, "trigger": kind.trigger, "slim": kind.slim, "ports": ports}, name


@pytest.mark.parametrize("row", shared("graphs")["graphs"], ids=lambda row: row["name"])
def test_a_graph_has_these_issues_of_those_that_the_browser_judges(row: dict[str, Any]) -> None:
    own = set(shared("graphs")["browser_codes"])
    found = [
        {key: getattr(issue, key) for key in ("code", "severity", "message", "node", "fix")}
        for issue in validate(parse(row["graph"]), CATALOGUE)
        if issue.code in own
    ]
    assert sorted(found, key=lambda item: (item["code"], item["node"], item["message"])) == row["issues"]


@pytest.mark.parametrize("row", shared("ports")["shares"], ids=lambda row: row["name"])
def test_ports_sit_at_these_shares(row: dict[str, Any]) -> None:
    wanted = [kind != "error" and identity != "not_found" for identity, kind in row["ports"]]
    assert shares(wanted, row["offsets"]) == pytest.approx(row["shares"])


@pytest.mark.parametrize("row", shared("ports")["graphs"], ids=lambda row: row["name"])
def test_an_export_draws_its_ports_where_the_editor_does(row: dict[str, Any]) -> None:
    graph = parse(row["graph"])
    places = {node.id: node.position for node in graph.nodes if node.position}
    starts = Router(graph, CATALOGUE, places).starts
    found = {f"{node}:{port}": (x - places[node].x) / CARD_WIDTH for (node, port), (x, _) in starts.items()}
    assert found == pytest.approx(row["shares"])


@pytest.mark.parametrize("row", shared("crons"), ids=lambda row: f"{row['cron']} {row['zone']} {row['after']}")
def test_a_schedule_has_these_next_moments(row: dict[str, Any]) -> None:
    zone = UTC if row["zone"] == "UTC" else ZoneInfo(row["zone"])
    after = datetime.fromisoformat(row["after"]).astimezone(zone)
    if row["next"] is None:
        with pytest.raises(CronSimError):
            next(CronSim(row["cron"], after))
        return
    found: list[str] = []
    for at in CronSim(row["cron"], after):
        said = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
        found += [said] if said not in found else []  # a moment that does not exist may fall on one that does
        if len(found) == len(row["next"]):
            break
    assert found == row["next"]
