"""The warehouse on an SQLite file and on a real PostgreSQL: tables made and widened, repeats, turns, refusals."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import psycopg
import pytest

from flowstudio.connectors.base import Tools
from flowstudio.connectors.http import Http
from flowstudio.connectors.registry import action
from flowstudio.connectors.warehouse import shape
from flowstudio.connectors.warehouse.connector import Save, check
from flowstudio.connectors.warehouse.database import Warehouse
from flowstudio.domain.errors import ConnectorError
from flowstudio.sandbox.transport import SandboxTransport
from tests import servers
from tests.connectors.conftest import KeptMails, asked


class Place(Protocol):
    """One empty database, read behind the warehouse's back."""

    url: str
    types: dict[str, str]

    def ask(self, sql: str) -> list[tuple[Any, ...]]: ...

    def columns(self, table: str) -> dict[str, str]: ...


class SqliteFile:
    types: ClassVar = {
        "boolean": "BOOLEAN",
        "integer": "BIGINT",
        "double": "DOUBLE",
        "json": "JSON_TEXT",
        "text": "TEXT",
    }

    def __init__(self, path: Path) -> None:
        self.url = str(path)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.url)
        try:
            with connection:
                return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def columns(self, table: str) -> dict[str, str]:
        return {
            row[1]: row[2] for row in self.ask(f'PRAGMA table_info("{table}")') if not row[1].startswith("flowstudio_")
        }


class Schema:
    types: ClassVar = {
        "boolean": "boolean",
        "integer": "bigint",
        "double": "double precision",
        "json": "jsonb",
        "text": "text",
    }

    def __init__(self, server: str, name: str) -> None:
        self.server, self.name = server, name
        self.url = f"{server}?options=-csearch_path%3D{name}"
        self.ask(f"CREATE SCHEMA {name}")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def columns(self, table: str) -> dict[str, str]:
        asked_for = f"table_schema = '{self.name}' AND table_name = '{table}' AND column_name NOT LIKE 'flowstudio%'"
        return dict(
            self.ask(
                f"SELECT column_name, data_type FROM information_schema.columns WHERE {asked_for} ORDER BY ordinal_position"
            )
        )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with servers.postgres() as url:
        yield url


_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return SqliteFile(tmp_path / "warehouse.sqlite3")
    return Schema(request.getfixturevalue("server"), f"s{next(_numbers)}")


@pytest.fixture
def store(place: Place) -> Iterator[Warehouse]:
    opened = Warehouse(place.url)
    yield opened
    opened.close()


def plain(place: Place, table: str, *columns: str) -> list[tuple[Any, ...]]:
    names = ", ".join(f'"{column}"' for column in columns)
    return place.ask(f'SELECT {names} FROM "{table}" ORDER BY flowstudio_saved_at, flowstudio_key')


async def refused(
    store: Warehouse, table: str, rows: Sequence[dict[str, Any]], keys: Sequence[str] = ()
) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        await store.save(table, rows, keys)
    return caught.value


# Tables are made and widened


async def test_a_table_is_made_and_widened_as_payloads_need(store: Warehouse, place: Place) -> None:
    first = await store.save(
        "Companies", [{"domain": "a.co", "employees": 5, "listed": True, "none": None}], effect_key="1"
    )
    assert (first.table, first.rows, first.columns_added) == ("companies", 1, ("domain", "employees", "listed"))
    second = await store.save(
        "companies", [{"domain": "b.co", "score": 1.5, "tags": ["x"], "none": None}], effect_key="2"
    )
    assert second.columns_added == ("score", "tags")
    kinds = place.types
    assert place.columns("companies") == {
        "domain": kinds["text"], "employees": kinds["integer"], "listed": kinds["boolean"], "score": kinds["double"],
        "tags": kinds["json"],
    }  # fmt: skip
    assert plain(place, "companies", "domain", "employees", "score") == [("a.co", 5, None), ("b.co", None, 1.5)]


async def test_types_widen_from_integer_to_double_to_text_and_lose_nothing(store: Warehouse, place: Place) -> None:
    for number, value in enumerate([7, 0.1 + 0.2, 9, "many"]):
        await store.save("t", [{"v": value}], effect_key=str(number))
    assert place.columns("t") == {"v": place.types["text"]}
    values = [row[0] for row in plain(place, "t", "v")]
    assert [float(value) for value in values[:3]] == [7.0, 0.1 + 0.2, 9.0]
    assert values[3] == "many"


@pytest.mark.parametrize(
    ("one", "other", "kind", "values"),
    [
        (1, 2.5, "double", [1.0, 2.5]),
        (2.5, 1, "double", [2.5, 1.0]),
        (True, "x", "text", ["true", "x"]),
        (True, 3, "text", ["true", "3"]),
        ("x", 3, "text", ["x", "3"]),
        ("x", {}, "text", ["x", "{}"]),
        ([1], "x", "text", ["[1]", "x"]),
        (2**53 + 1, 1.5, "text", ["9007199254740993", "1.5"]),
        (1.5, 2**53 + 1, "text", ["1.5", "9007199254740993"]),
        (5, 2**53 + 1, "integer", [5, 2**53 + 1]),
        (5, 2**63, "text", ["5", "9223372036854775808"]),
        (-(2**63), 1, "integer", [-(2**63), 1]),
        (1.5, float("inf"), "text", ["1.5", "Infinity"]),
    ],
)
async def test_every_mix_keeps_both_values(
    store: Warehouse, place: Place, one: Any, other: Any, kind: str, values: list[Any]
) -> None:
    await store.save("t", [{"v": one}], effect_key="1")
    await store.save("t", [{"v": other}], effect_key="2")
    assert place.columns("t") == {"v": place.types[kind]}
    assert [row[0] for row in plain(place, "t", "v")] == values
    # The same within one save.
    await store.save("u", [{"v": one}, {"v": other}], effect_key="1")
    assert place.columns("u") == {"v": place.types[kind]}


async def test_nested_objects_become_columns(store: Warehouse, place: Place) -> None:
    row = {
        "name": "Acme", "geo": {"country": "DE", "city": {"name": "Köln", "zip": {"code": {"deep": {"deeper": 1}}}}},
        "tech": ["a", {"b": None}], "empty": {}, "geo_country": None,
    }  # fmt: skip
    await store.save("t", [row], effect_key="1")
    assert list(place.columns("t")) == ["name", "geo_country", "geo_city_name", "geo_city_zip_code", "tech", "empty"]
    [(country, name, deep, tech)] = plain(place, "t", "geo_country", "geo_city_name", "geo_city_zip_code", "tech")
    assert (country, name) == ("DE", "Köln")
    if isinstance(place, SqliteFile):
        deep, tech = json.loads(deep), json.loads(tech)
    assert (deep, tech) == ({"deep": {"deeper": 1}}, ["a", {"b": None}])


async def test_a_table_that_flowstudio_did_not_make_is_left_alone(store: Warehouse, place: Place) -> None:
    place.ask("CREATE TABLE customers (email text)")
    error = await refused(store, "Customers", [{"email": "a@b.co"}])
    assert (error.error_class, error.retryable) == ("input", False)
    assert "was not made by flowstudio" in error.message
    assert list(place.columns("customers")) == ["email"]
    assert place.ask("SELECT * FROM customers") == []


# Repeats


async def test_the_same_effect_key_twice_is_one_row(store: Warehouse, place: Place) -> None:
    for _ in range(3):
        await store.save("t", [{"v": 1}, {"v": 2}], workspace="w", effect_key="run/n1/1")
    await store.save("t", [{"v": 1}], workspace="w", effect_key="run/n1/2")
    assert [row[0] for row in plain(place, "t", "v")].count(1) == 2
    assert len(plain(place, "t", "v")) == 3


async def test_key_columns_update_and_keep_what_the_new_row_does_not_have(store: Warehouse, place: Place) -> None:
    await store.save("t", [{"Domain": "a.co", "plan": "free", "n": 1}], ["Domain"], effect_key="1")
    await store.save("t", [{"domain": "a.co", "plan": "team"}], ["domain"], effect_key="2")
    await store.save("t", [{"domain": "a.co", "n": 2}, {"domain": "a.co", "n": 3}], ["domain"], effect_key="3")
    assert plain(place, "t", "domain", "plan", "n") == [("a.co", "team", 3)]


async def test_workspaces_are_apart(store: Warehouse, place: Place) -> None:
    for workspace in ("w1", "w2"):
        await store.save("t", [{"id": 1, "of": workspace}], ["id"], workspace=workspace, effect_key="1")
    assert sorted(plain(place, "t", "of")) == [("w1",), ("w2",)]


async def test_key_values_cannot_be_made_to_look_like_others(store: Warehouse, place: Place) -> None:
    await store.save("t", [{"a": "x", "b": "y\x1fb=z"}], ["a", "b"])
    await store.save("t", [{"a": "x\x1fb=y", "b": "z"}], ["a", "b"])
    assert len(plain(place, "t", "a")) == 2


async def test_a_row_without_its_key_is_refused(store: Warehouse) -> None:
    error = await refused(store, "t", [{"domain": None, "n": 1}], ["domain"])
    assert (error.error_class, error.message) == ("input", "The row has no value for its key column 'domain'.")


# Hostile names and values


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ('x"; DROP TABLE kept; --', "x_drop_table_kept"), ("Robert'); --", "robert"), ("select", "select"),
        ("sqlite_master", "c_sqlite_master"), ("pg_class", "c_pg_class"), ("2fast", "c_2fast"), ("CamelCase", "camel_case"),
        ("a\x00b", "a_b"), ("Größe", "grosse"), ("Straße Café", "strasse_cafe"), ("__proto__", "proto"),
    ],
)  # fmt: skip
async def test_hostile_names_are_names(store: Warehouse, place: Place, given: str, made: str) -> None:
    place.ask("CREATE TABLE kept (n integer)")
    saved = await store.save(given, [{given: "v", f"{given} 2": {given: 1}}], effect_key="1")
    assert saved.table == made
    assert made in place.columns(made)
    assert plain(place, made, made) == [("v",)]
    assert place.ask("SELECT count(*) FROM kept") == [(0,)]


@pytest.mark.parametrize("name", ["", " ", "🚀", "公司", "---", '"'])
async def test_names_without_letters(store: Warehouse, place: Place, name: str) -> None:
    """A table must be named by its author; what a vendor calls a field must not cost the row."""
    error = await refused(store, name, [{"v": 1}])
    assert "has no letters or digits; give it a plain name" in error.message
    await store.save("t", [{name: "kept", "v": 1}], effect_key="1")
    (column,) = set(place.columns("t")) - {"v"}
    assert plain(place, "t", column) == [("kept",)]


async def test_long_names_that_begin_alike_stay_two(store: Warehouse, place: Place) -> None:
    start = "a_very_long_name_of_a_vendor_that_goes_on_and_on_and_on_and_on_"
    saved = await store.save(start + "table", [{start + "one": 1, start + "two": 2}], effect_key="1")
    columns = list(place.columns(saved.table))
    assert len(columns) == 2
    assert all(len(name) <= 60 for name in [*columns, saved.table])
    assert plain(place, saved.table, *columns) == [(1, 2)]
    assert list(shape.flat({start + "one": 1})) == columns[:1]


@pytest.mark.parametrize("ours", ["flowstudio_key", "flowstudio_workspace", "flowstudio_saved_at"])
async def test_our_own_columns_cannot_be_written(store: Warehouse, place: Place, ours: str) -> None:
    await store.save("t", [{ours: "evil"}], workspace="w", effect_key="1")
    assert plain(place, "t", f"c_{ours}") == [("evil",)]
    assert plain(place, "t", "flowstudio_workspace") == [("w",)]


@pytest.mark.parametrize(
    ("value", "kept"),
    [("'; DROP TABLE t; --", "'; DROP TABLE t; --"), ("a\x00b", "ab"), ("half \ud800", "half ?"), ("🚀 Köln", "🚀 Köln"),
     ("x" * 1_000_000, "x" * 1_000_000), ("%s %(a)s ? :a", "%s %(a)s ? :a"), ("", "")],
)  # fmt: skip
async def test_hostile_values_are_values(store: Warehouse, place: Place, value: str, kept: str) -> None:
    await store.save("t", [{"v": value, "j": [value], "o": {"k": {"k": {"k": {value[:9]: 1}}}}}], effect_key="1")
    assert plain(place, "t", "v") == [(kept,)]


async def test_very_wide_payloads(store: Warehouse, place: Place) -> None:
    wide = {f"c{number}": "x" * 200 for number in range(300)}
    saved = await store.save("wide", [wide], effect_key="1")
    assert len(saved.columns_added) == len(place.columns("wide")) == 300
    error = await refused(store, "wide", [{"one_more": 1}])
    assert "would get more than 300 columns" in error.message
    error = await refused(store, "other", [{f"c{number}": 1 for number in range(301)}])
    assert "has 301 columns; a table takes at most 300" in error.message
    assert place.columns("other") == {}
    assert len(place.columns("wide")) == 300


async def test_many_rows_at_once(store: Warehouse, place: Place) -> None:
    await store.save("t", [{"n": number} for number in range(1_000)], effect_key="1")
    assert place.ask("SELECT count(*), max(n) FROM t") == [(1_000, 999)]
    assert "1 to 1000 rows" in (await refused(store, "t", [{"n": 1}] * 1_001)).message
    assert "1 to 1000 rows" in (await refused(store, "t", [])).message


# Several savers


async def test_savers_in_several_processes_make_and_widen_one_table(place: Place) -> None:
    """Two warehouses are two processes: neither knows what the other remembers."""
    two = [Warehouse(place.url), Warehouse(place.url)]
    try:
        await asyncio.gather(
            *(
                two[number % 2].save("t", [{"n": number, f"own{number % 7}": number, "v": [1, 1.5, "x", True][number % 4]}],
                                     ["n"], effect_key=str(number))
                for number in range(60)
            )
        )  # fmt: skip
    finally:
        for one in two:
            one.close()
    assert place.ask("SELECT count(*), min(n), max(n) FROM t") == [(60, 0, 59)]
    assert place.columns("t")["v"] == place.types["text"]
    assert {f"own{number}" for number in range(7)} < set(place.columns("t"))
    assert sorted({row[0] for row in plain(place, "t", "v")}) in (
        ["1", "1.0", "1.5", "true", "x"],
        ["1", "1.5", "true", "x"],
    )


async def test_the_same_row_from_two_savers_is_one(place: Place) -> None:
    two = [Warehouse(place.url), Warehouse(place.url)]
    try:
        await asyncio.gather(*(two[n % 2].save("t", [{"v": 1}], workspace="w", effect_key="same") for n in range(20)))
    finally:
        for one in two:
            one.close()
    assert plain(place, "t", "v") == [(1,)]


async def test_what_was_remembered_of_a_table_is_read_again_when_others_changed_it(place: Place) -> None:
    one, other = Warehouse(place.url), Warehouse(place.url)
    try:
        await one.save("t", [{"v": True, "d": 1.5}], effect_key="1")
        await other.save("t", [{"v": "text", "d": "text"}], effect_key="2")
        await one.save("t", [{"v": False, "d": 0.1 + 0.2}], effect_key="3")
        assert [row[0] for row in plain(place, "t", "v")] == ["true", "text", "false"]
        assert float(plain(place, "t", "d")[2][0]) == 0.1 + 0.2
        place.ask("DROP TABLE t")
        await one.save("t", [{"v": 1}], effect_key="4")
        assert plain(place, "t", "v") == [(1,)]
    finally:
        one.close()
        other.close()


async def test_a_table_that_somebody_holds_is_waited_for(store: Warehouse, place: Place) -> None:
    await store.save("t", [{"v": 1}], effect_key="1")
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        if isinstance(place, SqliteFile):
            connection: Any = sqlite3.connect(place.url, isolation_level=None)
            connection.execute("BEGIN IMMEDIATE")
        else:
            connection = psycopg.connect(place.url)
            connection.execute("LOCK TABLE t")
        held.set()
        let_go.wait(10)
        connection.execute("COMMIT")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    await asyncio.to_thread(held.wait, 10)
    saving = asyncio.create_task(store.save("t", [{"v": 2}], effect_key="2"))
    await asyncio.sleep(0.3)
    assert not saving.done()
    let_go.set()
    await saving
    thread.join()
    assert [row[0] for row in plain(place, "t", "v")] == [1, 2]


# Targets that cannot be written


@pytest.mark.parametrize("what", ["folder", "under a file", "damaged"])
async def test_a_file_that_cannot_be_written_says_so(tmp_path: Path, what: str) -> None:
    target = tmp_path / "w.sqlite3"
    if what == "folder":
        target.mkdir()
    elif what == "under a file":
        target.write_text("x")
        target = target / "w.sqlite3"
    else:
        target.write_bytes(b"this is no database at all" * 100)
    store = Warehouse(target)
    error = await refused(store, "t", [{"v": 1}])
    store.close()
    assert (error.error_class, error.retryable, error.sent) == ("warehouse", True, "no")
    said = (
        "its file is no database"
        if what == "damaged"
        else "cannot be reached or opened; check FLOWSTUDIO_WAREHOUSE_URL"
    )
    assert error.message.startswith("The warehouse could not save into 't': ")
    assert said in error.message
    assert error.detail


async def test_a_server_that_is_away_says_so_and_keeps_its_password(caplog: pytest.LogCaptureFixture) -> None:
    port = servers.free_port()
    store = Warehouse(f"postgresql://ada:canary-secret@127.0.0.1:{port}/x")
    store_error = await refused(store, "t", [{"v": 1}])
    store.close()
    assert (store_error.error_class, store_error.retryable) == ("warehouse", True)
    assert "cannot be reached" in store_error.message
    assert "refused" in store_error.detail
    assert "canary" not in f"{store_error} {store_error.detail} {caplog.text}"


async def test_an_address_that_is_none(caplog: pytest.LogCaptureFixture) -> None:
    store = Warehouse("postgresql://ada:canary-secret@[::1/x y?z=1")
    error = await refused(store, "t", [{"v": 1}])
    store.close()
    assert "check FLOWSTUDIO_WAREHOUSE_URL" in error.message
    assert "canary" not in f"{error} {error.detail} {caplog.text}"


async def test_a_user_that_may_not_write(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("CREATE ROLE reader LOGIN")
        admin.execute("CREATE SCHEMA shut")
        admin.execute("GRANT USAGE ON SCHEMA shut TO reader")
    store = Warehouse(server.replace("postgres@", "reader@") + "?options=-csearch_path%3Dshut")
    error = await refused(store, "t", [{"v": 1}])
    store.close()
    assert error.message == "The warehouse could not save into 't': its user may not make or change tables there."


async def test_a_server_that_can_only_be_read(server: str) -> None:
    store = Warehouse(server + "?options=-cdefault_transaction_read_only%3Don")
    error = await refused(store, "t", [{"v": 1}])
    store.close()
    assert error.message == "The warehouse could not save into 't': it can only be read."


async def test_a_server_that_was_started_anew_costs_no_save(server: str) -> None:
    place = Schema(server, f"s{next(_numbers)}")
    store = Warehouse(place.url)
    await asyncio.gather(*(store.save("t", [{"v": n}], effect_key=str(n)) for n in range(8)))
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state IS NOT NULL"
        )
    await store.save("t", [{"v": 99}], effect_key="99")
    store.close()
    assert len(plain(place, "t", "v")) == 9


# The action


def tools(store: Warehouse) -> Tools:
    return Tools(http=Http(transport=SandboxTransport()), warehouse=store, mailer=KeptMails())


async def test_the_action_saves_a_payload(store: Warehouse, place: Place) -> None:
    save = action("warehouse.save")[1].call
    params = {"table": "companies", "key": "domain, plan", "row": {"domain": "a.co", "plan": "free", "n": 1}}
    got = await save(asked(params), tools(store))
    assert got.output == {"table": "companies", "rows": 1, "columns_added": ["domain", "plan", "n"]}
    assert got.summary == "Saved 1 row to companies, 3 new columns"
    again = await save(
        asked({**params, "row": [params["row"], {"domain": "b.co", "plan": "team"}]}, key="k-2"), tools(store)
    )
    assert again.output == {"table": "companies", "rows": 2, "columns_added": []}
    assert place.ask("SELECT count(*) FROM companies") == [(2,)]


@pytest.mark.parametrize("row", [None, "", "text", [], {}, [1], [{}], 5])
async def test_the_action_says_when_there_is_nothing_to_save(store: Warehouse, place: Place, row: Any) -> None:
    with pytest.raises(ConnectorError) as caught:
        await action("warehouse.save")[1].call(asked({"table": "t", "row": row}), tools(store))
    assert (caught.value.error_class, caught.value.retryable) == ("input", False)
    assert place.columns("t") == {}


@pytest.mark.parametrize(
    ("config", "field"),
    [({"table": "---", "row": {"a": 1}}, "table"), ({"table": "t", "key": "ok, 🚀", "row": {"a": 1}}, "key"),
     ({"table": "t", "row": {}}, "row"), ({"table": "t", "row": "text"}, "row")],
)  # fmt: skip
def test_the_form_says_what_cannot_work(config: dict[str, Any], field: str) -> None:
    (issue,) = check(Save.model_validate(config))
    assert (issue.severity, issue.field) == ("error", field)
    assert issue.fix


async def test_saves_do_not_hold_up_the_loop(store: Warehouse) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.create_task(tick())
    started = time.monotonic()
    await store.save("t", [{f"c{n}": "x" * 1_000 for n in range(100)} for _ in range(200)], effect_key="1")
    took = time.monotonic() - started
    ticking.cancel()
    assert ticks > took / 0.05
