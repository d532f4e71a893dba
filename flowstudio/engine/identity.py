"""Whose event is it: userId and anonymousId to one customer (SEMANTICS 12, the safe part).

An anonymous customer that is identified keeps its row, so its runs and waits go on untouched. When the user was known
already, the anonymous one is taken over: names, events, waits and active runs go to the user, where no run of the same
identity is active. Two customers that both have a userId are never joined here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import arms, refusals, rows
from flowstudio.store.ids import new_id
from flowstudio.store.models import Alias, Event, Run, Wait
from flowstudio.store.sql import db_time, from_db_json, from_db_time

Name = tuple[str, str, str]


@dataclass(kw_only=True, slots=True)
class Person:
    """A customer while a batch is matched."""

    id: str
    workspace_id: str
    external_id: str
    traits: Mapping[str, Any]
    seen_at: datetime
    email: str = ""
    name: str = ""
    new: bool = False


def exclusive_key(flow_id: str, customer_id: str, correlation: str) -> str:
    """The identity of a run that may be active only once (SEMANTICS 1.2, 1.3)."""
    return hashlib.sha256("\x1f".join((flow_id, customer_id, correlation)).encode()).hexdigest()


def _time(value: Any) -> datetime:
    read = from_db_time(value)
    if read is None:
        raise ValueError("a customer was seen at some time")
    return read


@dataclass(kw_only=True)
class People:
    """The customers of a batch, by name; new ones and new names are written at the end."""

    by_name: dict[Name, Person] = field(default_factory=dict)
    by_id: dict[str, Person] = field(default_factory=dict)
    _links: dict[Name, Person] = field(default_factory=dict)
    _taken: list[tuple[str, str]] = field(default_factory=list)
    _touched: set[str] = field(default_factory=set)

    def load(self, cursor: CursorWrapper, names: Iterable[Name]) -> None:
        """Reads every customer that any of the names belongs to."""
        wanted = sorted(set(names))
        found: dict[Name, str] = {}
        for chunk in rows.chunks(wanted):
            # Both kinds are named, so that the unique index leads to each name.
            workspaces, values = sorted({name[0] for name in chunk}), sorted({name[2] for name in chunk})
            cursor.execute(
                "SELECT workspace_id, kind, value, customer_id FROM store_alias "  # noqa: S608
                f"WHERE workspace_id IN ({rows.marks(len(workspaces))}) AND kind IN ('user', 'anon') "
                f"AND value IN ({rows.marks(len(values))})",
                [*workspaces, *values],
            )
            for workspace, kind, value, customer in cursor.fetchall():
                found[workspace, kind, value] = customer
        self.load_known(cursor, found.values())
        self.by_name.update({name: self.by_id[customer] for name, customer in found.items() if customer in self.by_id})

    def load_known(self, cursor: CursorWrapper, customers: Iterable[str]) -> None:
        """Reads customers by their ids."""
        for ids in rows.chunks(sorted(set(customers) - set(self.by_id))):
            cursor.execute(
                "SELECT id, workspace_id, external_id, traits, seen_at, email, name FROM store_customer "  # noqa: S608
                f"WHERE id IN ({rows.marks(len(ids))})",
                list(ids),
            )
            for identity, workspace, external, traits, seen, email, name in cursor.fetchall():
                self.by_id[identity] = Person(
                    id=identity, workspace_id=workspace, external_id=external, traits=from_db_json(traits) or {},
                    seen_at=_time(seen), email=email, name=name,
                )  # fmt: skip

    def resolve(self, workspace: str, user: str, anonymous: str, at: datetime, *, previous: str = "") -> Person | None:
        """The customer of one event, made when there is none; links the names that came together."""
        known = self.by_name.get((workspace, "user", user)) if user else None
        other = self._other(workspace, anonymous, previous)
        if user and known is None and other is not None and not other.external_id:
            # The anonymous customer turns out to be this user: same row, so whatever waits goes on waiting.
            known = other
            known.external_id = user
            self._touched.add(known.id)
        if known is None and not user:
            known = other
        if known is None:
            if not (user or anonymous):
                return None
            known = Person(id=new_id(), workspace_id=workspace, external_id=user, traits={}, seen_at=at, new=True)
            self.by_id[known.id] = known
        if user:
            self._link((workspace, "user", user), known)
        if other is not None and other is not known and not other.external_id:
            self._take_over(other, known)
        for value in (anonymous, previous):
            if value and (workspace, "anon", value) not in self.by_name:
                self._link((workspace, "anon", value), known)
        known.seen_at = max(known.seen_at, at)
        self._touched.add(known.id)
        return known

    def known(self, customer: str) -> Person | None:
        """A customer by its own id, who need not have a name."""
        person = self.by_id.get(customer)
        if person is not None:
            self._touched.add(person.id)
        return person

    def _other(self, workspace: str, anonymous: str, previous: str) -> Person | None:
        for value, kinds in ((previous, ("anon", "user")), (anonymous, ("anon",))):
            for kind in kinds:
                found = self.by_name.get((workspace, kind, value)) if value else None
                if found is not None:
                    return found
        return None

    def _link(self, name: Name, person: Person) -> None:
        if self.by_name.get(name) is not person:
            self.by_name[name] = person
            self._links[name] = person

    def _take_over(self, anonymous: Person, user: Person) -> None:
        for name, person in list(self.by_name.items()):
            if person is anonymous:
                self._link(name, user)
        self._taken.append((anonymous.id, user.id))

    @property
    def taken(self) -> list[tuple[str, str]]:
        """(anonymous, user) pairs of this batch, in order."""
        return self._taken

    def save_new(self, cursor: CursorWrapper) -> None:
        """Inserts new customers and names. Before anything that refers to them."""
        gone = {old for old, _ in self._taken}
        rows.insert(
            cursor,
            "store_customer",
            ("id", "workspace_id", "external_id", "email", "name", "traits", "created_at", "seen_at"),
            [
                (p.id, p.workspace_id, p.external_id, "", "", "{}", db_time(p.seen_at), db_time(p.seen_at))
                for p in self.by_id.values()
                if p.new and p.id not in gone
            ],
        )
        made = [(ws, kind, value, person.id) for (ws, kind, value), person in self._links.items()]
        for chunk in rows.chunks(made, 2_000):
            one = ", ".join(["(%s, %s, %s, %s)"] * len(chunk))
            cursor.execute(
                f"INSERT INTO store_alias (workspace_id, kind, value, customer_id) VALUES {one} "  # noqa: S608
                "ON CONFLICT (workspace_id, kind, value) DO UPDATE SET customer_id = excluded.customer_id",
                [value for row in chunk for value in row],
            )

    def save_seen(self, cursor: CursorWrapper) -> None:
        """Writes when each customer was last seen, and the userId of those just identified."""
        rows.update(
            cursor,
            "store_customer",
            ["external_id", "seen_at"],
            [(p.id, p.external_id, db_time(p.seen_at)) for p in map(self.by_id.__getitem__, sorted(self._touched))],
            types=["text", "text", "timestamptz"],
        )

    def read_again(self, cursor: CursorWrapper) -> None:
        """Traits as they stand now that `save_seen` holds the customers' rows: since `load` a step may have written one,
        which must neither be overlooked by a filter nor be overwritten."""
        for ids in rows.chunks(sorted(self._touched)):
            cursor.execute(
                f"SELECT id, traits FROM store_customer WHERE id IN ({rows.marks(len(ids))})",  # noqa: S608
                list(ids),
            )
            for customer, traits in cursor.fetchall():
                self.by_id[customer].traits = from_db_json(traits) or {}

    def move(self, cursor: CursorWrapper) -> None:
        """Gives the anonymous customers' events, names, waits and runs to the users they turned out to be."""
        if not self._taken:
            return
        into = {old: self._last(old) for old, _ in self._taken}
        for table, model, kind in (
            ("store_event", Event, "text"),
            ("store_wait", Wait, "bigint"),
            ("store_alias", Alias, "bigint"),
        ):
            found = model._default_manager.filter(customer_id__in=into).values_list("id", "customer_id")
            moved = [(row, into[customer]) for row, customer in found]
            rows.update(cursor, table, ["customer_id"], moved, types=[kind, "text"])
        arms.inherit(cursor, into)
        for chunk in rows.chunks(sorted(into)):
            # Whoever took them over is judged anew, for their traits have changed.
            cursor.execute(f"DELETE FROM store_member WHERE customer_id IN ({rows.marks(len(chunk))})", list(chunk))  # noqa: S608
        runs = list(
            Run.objects.filter(customer_id__in=[*into, *into.values()]).values_list(
                "id", "flow_id", "customer_id", "correlation", "exclusive", "status"
            )
        )
        held = {run[4] for run in runs if run[2] not in into and run[5] == "active"}
        moves: list[tuple[str, str, str]] = []
        for run, flow, customer, correlation, exclusive, status in runs:
            if customer not in into:
                continue
            key = exclusive if exclusive == run else exclusive_key(flow, into[customer], correlation)
            # Both active under one identity: which one stays is the full merge's question (12.2); both still wake.
            if status == "active" and key in held:
                continue
            if status == "active":
                held.add(key)
            moves.append((run, into[customer], key))
        rows.update(cursor, "store_run", ["customer_id", "exclusive"], moves, types=["text", "text", "text"])
        refusals.keep({old: (self.by_id[old].workspace_id, new) for old, new in into.items()})

    def drop(self, cursor: CursorWrapper) -> None:
        """Removes taken-over customers that nothing refers to any more; call when their traits are moved."""
        if not self._taken:
            return
        olds = [old for old, _ in self._taken]
        marks = ", ".join(["%s"] * len(olds))
        cursor.execute(
            f"DELETE FROM store_customer WHERE id IN ({marks}) "  # noqa: S608
            "AND NOT EXISTS (SELECT 1 FROM store_run WHERE store_run.customer_id = store_customer.id)",
            olds,
        )

    def _last(self, customer: str) -> str:
        into = dict(self._taken)
        while customer in into:
            customer = into[customer]
        return customer
