"""What is wrong with a flow's settings, a sentence at each field; and the schema that their form is drawn from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from flowstudio.domain.flow_settings import FlowSettings, GoalRule, QuietHours


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong with one setting: a dotted path in the settings, a sentence, and how to mend it."""

    field: str
    message: str
    fix: str


def problems(settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that `read` would leave out, and what contradicts itself; a sentence each, at its field."""
    known = {name: value for name, value in settings.items() if name in FlowSettings.model_fields}
    try:
        FlowSettings.model_validate(known)
    except ValidationError as error:
        told: set[str] = set()
        for found in error.errors()[:50]:
            where = place(known, found["loc"])
            if where not in told:
                told.add(where)
                yield _problem(known, where, found["type"], found["msg"])
    for name in ("exits", "goals"):
        rows = known.get(name)
        ids = [row.get("id") for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
        for index, identity in enumerate(ids):
            if identity in ids[:index]:
                said = "exits" if name == "exits" else "goals"
                yield Problem(
                    field=f"{name}.{index}.id",
                    message=f"Two {said} have the id “{identity}”.",
                    fix="Delete one of them.",
                )


def place(config: Any, parts: Sequence[int | str]) -> str:
    """Where the problem is in the document itself: pydantic also names the alternatives that it tried."""
    found: list[str] = []
    for part in parts:
        listed = isinstance(config, list | tuple) and isinstance(part, int) and part < len(config)
        if listed or (isinstance(config, Mapping) and part in config):
            config = config[part]
        elif not (isinstance(config, Mapping) and part == parts[-1]):
            break
        found.append(str(part))
    return ".".join(found)


def _problem(settings: Mapping[str, Any], where: str, kind: str, message: str) -> Problem:
    title = _title(settings, where)
    text = message.removeprefix("Value error, ").strip()
    if kind in {"missing", "string_too_short"}:
        return Problem(field=where, message=f"{title} is missing.", fix="Fill it in, in the flow's settings.")
    if kind == "extra_forbidden":
        return Problem(field=where, message=f"{title}: this setting is not known here.", fix="Delete it.")
    if kind == "literal_error":
        text = "Choose one of those offered"
    text = re.sub(r"^Input should be (a )?", "It must be ", text)
    text = text if text.endswith(".") else f"{text}."
    return Problem(field=where, message=f"{title}: {text}", fix="Mend it in the flow's settings.")


def _title(settings: Mapping[str, Any], where: str) -> str:
    name, *rest = where.split(".")
    info = FlowSettings.model_fields.get(name)
    said = (info.title if info else "") or name
    rows = settings.get(name)
    if name in {"exits", "goals"} and rest and isinstance(rows, list | tuple) and rest[0].isdigit():
        row = rows[int(rest[0])] if int(rest[0]) < len(rows) else None
        called = row.get("name") or row.get("event") if isinstance(row, Mapping) else ""
        said = f"{'Exit' if name == 'exits' else 'Goal'} “{called}”" if called else f"{said[:-1]} {int(rest[0]) + 1}"
    return said


def schema() -> dict[str, Any]:
    """The JSON Schema that the editor's form is drawn from, with `x-widget`, `x-group` and labelled options."""
    made = FlowSettings.model_json_schema(by_alias=True)
    for owner, name, options in _OPTIONS:
        part = made["properties"] if owner is FlowSettings else made["$defs"][owner.__name__]["properties"]
        part[name]["x-options"] = [{"value": value, "label": label} for value, label in options]
    return made


_OPTIONS: tuple[tuple[type[BaseModel], str, tuple[tuple[str, str], ...]], ...] = (
    (
        FlowSettings,
        "reentry",
        (
            ("never", "Once in a lifetime"),
            ("after_exit", "Again, once they have left"),
            ("parallel", "As often as it happens, side by side"),
        ),
    ),
    (GoalRule, "mode", (("count", "Count it, and go on"), ("exit", "Count it, and end the run"))),
    (
        QuietHours,
        "mode",
        (
            ("hold", "Waits until they are over"),
            ("drop", "Is left out, the run goes on"),
            ("branch", "Is left out, by “Not delivered”"),
        ),
    ),
)
