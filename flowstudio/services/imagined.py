"""What a simulation is asked, read into the values it needs: whom, by which event, with which answers, when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flowstudio.domain import schedule
from flowstudio.domain.errors import InputError, NotFound, ScheduleError, TooLarge
from flowstudio.domain.graph import Graph, Node
from flowstudio.domain.outcomes import MISSING, Outcome, Outcomes
from flowstudio.domain.simulate import LONGEST
from flowstudio.domain.simulated import Happened, Person
from flowstudio.engine.arrivals import Arrival, identify_hook
from flowstudio.store.models import Customer
from flowstudio.store.queries import customers as customer_queries
from flowstudio.store.queries import events as event_queries
from flowstudio.store.queries import runs as run_queries

MAX_BYTES = 256 * 1024
_KNOWN = ("id", "email", "name", "traits")
# Somebody to travel when nobody is named: the one in the connectors' samples.
SAMPLE = Person(
    id="sample",
    email="ada@northwind-logistics.example",
    name="Ada Byron",
    traits={"email": "ada@northwind-logistics.example", "first_name": "Ada", "last_name": "Byron"},
)


def bounded(*values: object) -> None:
    """Raises TooLarge when what was sent to simulate with is more than a step could keep."""
    size = sum(len(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")) for value in values)
    if size > MAX_BYTES:
        raise TooLarge(
            "Customer, events and outcomes are larger than 256 KiB together.", fix="Leave out what no step reads."
        )


def person(workspace_id: str, sent: object) -> tuple[Person, Customer | None]:
    """A stored customer by id, an invented one by what is said of it, or the sample's when nobody is named."""
    if sent is None or sent == "":
        return SAMPLE, None
    if isinstance(sent, str):
        try:
            found = customer_queries.one(workspace_id, sent)
        except NotFound:
            raise InputError(
                f"There is no customer with the id “{sent[:64]}” here.",
                field="customer",
                fix="Take one from the list of customers, or describe one: {“traits”: {“employees”: 50}}.",
            ) from None
        return Person(id=found.id, email=found.email, name=found.name, traits=found.traits), found
    if not isinstance(sent, Mapping):
        raise InputError("A customer is an id, or an object with traits.", field="customer")
    odd = next((str(key) for key in sent if key not in _KNOWN), None)
    if odd is not None:
        raise InputError(
            f"A customer has id, email, name and traits; “{odd[:64]}” is none of them.",
            field=f"customer.{odd[:64]}",
            fix=f"Put it under traits: {{“traits”: {{“{odd[:64]}”: …}}}}.",
        )
    traits = sent.get("traits") or {}
    if not isinstance(traits, Mapping):
        raise InputError("Traits are an object of names and values.", field="customer.traits")
    email = _text(sent, "email") or (traits["email"] if isinstance(traits.get("email"), str) else "")
    named = Person(id=_text(sent, "id") or "invented", email=email, name=_text(sent, "name"), traits=dict(traits))
    return named, None


def _text(sent: Mapping[str, Any], key: str) -> str:
    value = sent.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{key} is a text.", field=f"customer.{key}")
    return (value or "")[:320]


def start(
    graph: Graph, sent: object, at: datetime, traveller: Person, stored: Customer | None
) -> tuple[Happened, Person, bool]:
    """The event that begins it, whom it is about, and whether its content is assumed.

    Without one it is what the trigger waits for: as this customer last sent it, else without properties.
    """
    trigger = next((node for node in graph.nodes if node.type.startswith("trigger.")), None)
    if isinstance(sent, str) and sent:
        sent = {"name": sent}
    if sent is not None and sent != "" and not isinstance(sent, Mapping):
        raise InputError("An event is a name, or an object with name and properties.", field="event")
    given = dict(sent) if isinstance(sent, Mapping) else {}
    if trigger is not None and trigger.type == "trigger.webhook":
        return _hook(trigger, given, at, traveller, stored)
    wanted = str(trigger.config.get("event") or "") if trigger else ""
    assumed = "properties" not in given
    if not given and stored is not None and wanted:
        last = event_queries.last_of_customer(stored.workspace_id, stored.id, wanted)
        given = dict(last.payload) if last is not None and isinstance(last.payload, Mapping) else {}
    return event({"event": wanted, **_renamed(given)}, at, "simulated_0", "event"), traveller, assumed


def _renamed(given: Mapping[str, Any]) -> dict[str, Any]:
    """`name` and `event` are the same here: an event of the API calls it name, a message of the door event."""
    named = dict(given)
    name = named.pop("name", None)
    return {**named, "event": name} if name else named


def _hook(
    trigger: Node, given: Mapping[str, Any], at: datetime, traveller: Person, stored: Customer | None
) -> tuple[Happened, Person, bool]:
    """A webhook's body, which may say itself whose it is; a customer named by the one who asks comes first."""
    if given.get("name") and "properties" not in given:
        raise InputError(
            "This flow begins when its address is called, not with an event.",
            field="event",
            fix="Send the body as {“properties”: …}, or leave the event out.",
        )
    body = _object(given, "properties", "event")
    found = _arrival("hook", "hook", {"properties": body}, at, "simulated_0")
    if body:
        identify_hook(found, str(trigger.config.get("identify") or ""), at)
    if found.user_id and stored is None and traveller is SAMPLE:
        traveller = Person(id=found.user_id)
    return Happened(subject=found.subject(), at=at, traits=found.traits()), traveller, not body


def event(sent: Mapping[str, Any], at: datetime, identity: str, place: str) -> Happened:
    """An event as the engine would show it: `{event, properties?, context?, traits?}`."""
    name = sent.get("event") or sent.get("name") or ""
    if not isinstance(name, str) or len(name) > 255:
        raise InputError("An event's name is a text of at most 255 characters.", field=f"{place}.event")
    payload = {"properties": _object(sent, "properties", place), "context": _object(sent, "context", place)}
    traits = _object(sent, "traits", place)
    if not name or name == "identify":
        payload["traits"] = traits
        found = _arrival("identify", "identify", payload, at, identity)
    else:
        payload["context"] = {**payload["context"], "traits": traits} if traits else payload["context"]
        found = _arrival("track", name, payload, at, identity)
    return Happened(subject=found.subject(), at=at, traits=found.traits())


def _arrival(kind: str, name: str, payload: Mapping[str, Any], at: datetime, identity: str) -> Arrival:
    return Arrival(
        id=identity, workspace_id="", source="simulation", type=kind, name=name, user_id="", anonymous_id="",
        occurred_at=at, received_at=at, payload=payload,
    )  # fmt: skip


def _object(sent: Mapping[str, Any], key: str, place: str) -> dict[str, Any]:
    value = sent.get(key)
    if value is not None and not isinstance(value, Mapping):
        raise InputError(f"{key} is an object of names and values.", field=f"{place}.{key}")
    return dict(value or {})


def later(sent: Sequence[Mapping[str, Any]], begin: datetime) -> list[Happened]:
    """The events that arrive on the way, each at an instant or after a time ("3d") from the beginning."""
    found = []
    for number, row in enumerate(sent):
        place = f"events.{number}"
        moment = instant(row.get("at"), f"{place}.at", begin)
        if not begin <= moment <= begin + LONGEST:
            raise InputError(
                "An event that arrives later comes after the beginning, within ten years.",
                field=f"{place}.at",
                fix="Give a time such as 3d, or a later instant.",
            )
        found.append(event(row, moment, f"simulated_{number + 1}", place))
    return found


def instant(sent: object, field: str, begin: datetime | None = None) -> datetime:
    """A moment: a datetime, an ISO text, or (with `begin`) a time from then such as "3d"."""
    moment: datetime | None = sent if isinstance(sent, datetime) else None
    if isinstance(sent, str) and begin is not None:
        try:
            return begin + schedule.parse_duration(sent.strip())
        except ScheduleError:
            pass
    if isinstance(sent, str):
        try:
            moment = datetime.fromisoformat(sent.strip())
        except ValueError:
            moment = None
    try:
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC) if moment else None
    except (OverflowError, ValueError):
        moment = None
    if moment is None or not 1970 <= moment.year <= 2200:
        raise InputError(
            f"“{str(sent)[:40]}” is no moment between 1970 and 2200.",
            field=field,
            fix="Write it like 2026-11-24T09:00:00Z." if begin is None else "Write 3d, or 2026-11-24T09:00:00Z.",
        )
    return moment


def outcomes(sent: Mapping[str, Sequence[Mapping[str, Any]]]) -> Outcomes:
    """The author's choices by node and visit."""
    return {
        str(node): [
            Outcome(
                port=str(answer.get("port") or "out"),
                output=answer.get("output", MISSING),
                traits=answer.get("traits"),
                reason=str(answer.get("reason") or ""),
                cost=answer.get("cost"),
            )
            for answer in answers
        ]
        for node, answers in sent.items()
    }


def recorded(flow_id: str, customer_id: str) -> Outcomes:
    """What the flow's calls answered: to this customer in the newest run, else to the last who went through."""
    found: dict[str, list[Outcome]] = {}
    owner: dict[str, str] = {}
    for step in run_queries.answers(flow_id, customer_id):
        if owner.setdefault(step.node, step.run_id) != step.run_id:
            continue
        own = step.customer_id == customer_id
        found.setdefault(step.node, []).append(
            Outcome(
                port=step.port,
                output=MISSING if step.output is None else step.output,
                traits=step.traits,
                reason=step.reason if own else "",
                cost=step.cost,
                borrowed=not own,
            )
        )
    return found
