"""The warehouse: keeps a payload as a row of a real table, made and widened as payloads need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowstudio.connectors import forms, wire
from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.connectors.warehouse import shape
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import ConfigIssue, Port


class Save(Config):
    """Which table, what makes a row unique, and the row itself."""

    table: str = field(
        "Table", "text", help="Made when it is not there.", placeholder="companies", min_length=1, max_length=60
    )
    key: str = field(
        "Key columns",
        "text",
        default="",
        help="A row with the same values there is updated, not added. Several with commas; empty: always a new row.",
        placeholder="domain",
        max_length=300,
    )
    row: dict[str, Any] | str = field(
        "Row",
        "json",
        help="Column and value; values may use Liquid. A whole payload: {{ steps.enrich.output }}.",
        render="value",
    )


def keys(text: str) -> tuple[str, ...]:
    """The key columns out of a field such as `domain, plan`."""
    return tuple(part for part in re.split(r"[,\s]+", text.strip()) if part)


def check(config: Any) -> tuple[ConfigIssue, ...]:
    """Names that no database would take, and a row that can hold nothing."""
    issues: list[ConfigIssue] = []
    names = [("table", "table", config.table), *(("key", "column", key) for key in keys(config.key))]
    for place, what, name in names:
        try:
            shape.identifier(name, what=what)
        except ConnectorError as error:
            issues.append(
                ConfigIssue(
                    code="warehouse_name",
                    severity="error",
                    message=error.message,
                    field=place,
                    fix="Use letters, digits and underscores.",
                )
            )
    empty = not config.row if isinstance(config.row, dict) else "{{" not in config.row
    if empty:
        issues.append(
            ConfigIssue(
                code="warehouse_row",
                severity="error",
                message="There is nothing to save in the row.",
                field="row",
                fix="Add a column, or save a whole payload such as {{ steps.enrich.output }}.",
            )
        )
    return tuple(issues)


async def save(request: Request, tools: Tools) -> Answer:
    """Write the row; a repeat of the same step changes nothing."""
    row = request.params.get("row")
    if isinstance(row, Mapping):
        rows: list[Mapping[str, Any]] = [row]
    elif isinstance(row, list | tuple) and row and all(isinstance(one, Mapping) for one in row):
        rows = list(row)
    else:
        raise wire.input_error(
            "The row to save is no object with columns: what it refers to is empty for this customer."
        )
    if not any(rows):
        raise wire.input_error("The row to save is empty for this customer.")
    table = forms.text(request.params, "table")
    saved = await tools.warehouse.save(
        table, rows, keys(forms.text(request.params, "key")), workspace=request.workspace, effect_key=request.key
    )
    output = {"table": saved.table, "rows": saved.rows, "columns_added": list(saved.columns_added)}
    grown = f", {len(saved.columns_added)} new columns" if saved.columns_added else ""
    count = "1 row" if saved.rows == 1 else f"{saved.rows} rows"
    return Answer(output=output, summary=f"Saved {count} to {saved.table}{grown}")


def _explain(config: Mapping[str, Any]) -> str:
    return f"save a row to the warehouse table {str(config.get('table') or '…').strip()}"


CONNECTOR = Connector(
    id="warehouse",
    name="Warehouse",
    letter="W",
    help="Rows into your warehouse: an SQLite file of its own, or PostgreSQL by FLOWSTUDIO_WAREHOUSE_URL.",
    actions=(
        Action(
            name="save",
            title="Save to warehouse",
            help="Keeps a payload as a row of a table; the table is made, and widened, as needed.",
            icon="database",
            category="Data and vendors",
            kind="data",
            effect="internal",
            idempotent="by_nature",
            config=Save,
            ports=(Port(id="out", label="saved"), Port(id="error", label="error", kind="error")),
            summary="Save to {table}",
            explain=_explain,
            call=save,
            check=check,
            capability="save_row",
            output={"table": "companies", "rows": 1, "columns_added": []},
        ),
    ),
)
