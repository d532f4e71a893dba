"""A simulated path for a terminal: a line a step, with when, by which way, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.exceptions import ValidationError

from flowstudio.api.errors import flatten
from flowstudio.api.parsers import strict_json
from flowstudio.api.serializers.simulations import SimulationSent
from flowstudio.domain.errors import InputError

_WIDTH = 140
_MARKS = {"chosen": "chosen", "recorded": "assumed, as recorded", "sample": "assumed", "flow": ""}


def asked(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the command line asks, in the shape of `POST flows/{id}/simulate/`; InputError names the option."""
    sent: dict[str, Any] = {}
    for name in ("customer", "event"):
        value = str(options[name]).strip()
        if value:
            sent[name] = _json(name, value) if value.startswith("{") else value
    for name in ("outcomes", "events"):
        if str(options[name]).strip():
            sent[name] = _json(name, options[name])
    sent |= {"at": options["at"], "seed": options["seed"]}
    shape = SimulationSent(data=sent)
    try:
        shape.is_valid(raise_exception=True)
    except ValidationError as error:
        first = flatten(error.detail)[0]
        raise InputError(f"--{first['field']}: {first['message']}") from None
    return dict(shape.validated_data)


def _json(name: str, text: str) -> Any:
    try:
        return strict_json(text.encode())
    except InputError as error:
        raise InputError(f"--{name}: {error.message.replace('The body', 'It')}") from None


def lines(made: Mapping[str, Any]) -> Iterator[str]:
    """The path as people read it; times are UTC."""
    who = made["customer"]
    known = _values(who["traits"])
    named = who["name"] or who["email"] or who["id"]
    yield _cut(f"{named} ({who['email'] or 'no e-mail address'}; {known or 'no traits'})")
    event = made["event"]
    begun = "its address is called" if event["type"] == "hook" else f"“{event['name']}”"
    yield f"{begun} at {_moment(made['at'])} UTC"
    yield ""
    steps = made["steps"]
    widths = [max((len(text(step)) for step in steps), default=0) for text in (_name, _way)]
    day = ""
    for step in steps:
        moment = _moment(step["left_at"] or step["entered_at"])
        # A new day is said once: what follows on it stands below.
        shown = moment if moment[:10] != day else " " * 11 + moment[11:]
        day = moment[:10]
        mark = f" [{_mark(step)}]" if _mark(step) else ""
        row = f"  {shown}  {_name(step):{widths[0]}}  {_way(step):{widths[1]}}  {step['sentence']}{mark}"
        yield row.rstrip()
        if step["traits"]:
            yield _cut(f"{'':20}writes {_values(step['traits'])}")
        if step["flagged"]:
            yield _cut(f"{'':20}flagged: {step['flagged']}")
    if steps:
        yield ""
    yield made["end"]["sentence"]
    if made["cost"]:
        yield f"It would cost {made['cost']:.3f}."
    if made["assumed"]:
        count = "1 step rests on an answer" if made["assumed"] == 1 else f"{made['assumed']} steps rest on answers"
        yield f"{count} that nobody chose: give --outcomes to choose."


def _values(traits: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in traits.items())


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _name(step: Mapping[str, Any]) -> str:
    name: str = step["name"]
    return name if step["visit"] == 1 else f"{name} (visit {step['visit']})"


def _way(step: Mapping[str, Any]) -> str:
    return f"→ {step['port']}" if step["port"] else "■"


def _mark(step: Mapping[str, Any]) -> str:
    if step["status"] == "failed":
        return "failed, " + _MARKS[step["origin"]] if _MARKS[step["origin"]] else "failed"
    return "" if step["reason"].startswith(("assumed:", "chosen:")) else _MARKS[step["origin"]]
