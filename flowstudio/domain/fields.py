"""Marks on config fields: which widget draws a field, and how its value is rendered before a call.

They travel in the JSON Schema as `x-widget` and `x-render` (`liquid`: a text; `value`: nested JSON whose texts are
Liquid and keep their type; `blocks`: an e-mail's blocks; `cel`: a condition), so that the form, the validator and the interpreter read one source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Config(BaseModel):
    """Base of every node's config: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def field(
    title: str,
    widget: str,
    *,
    default: Any = ...,
    help: str = "",  # noqa: A002 the schema's own word
    render: str = "",
    placeholder: str = "",
    group: str = "",
    when: Mapping[str, Any] | None = None,
    alias: str | None = None,
    options: Mapping[str, str] | None = None,
    **bounds: Any,
) -> Any:
    """A pydantic field with its marks; `bounds` are pydantic's own (max_length, ge, …)."""
    marks: dict[str, Any] = {"x-widget": widget}
    for key, value in (("x-render", render), ("x-placeholder", placeholder), ("x-group", group), ("x-when", when)):
        if value:
            marks[key] = dict(value) if isinstance(value, Mapping) else value
    if options:
        marks["x-options"] = [{"value": value, "label": label} for value, label in options.items()]
    return Field(default, title=title, description=help or None, json_schema_extra=marks, alias=alias, **bounds)


def labelled(info: Any, **labels: str) -> Any:
    """The field with what each of its choices is called in the form."""
    info.json_schema_extra["x-options"] = [{"value": value, "label": label} for value, label in labels.items()]
    return info


def marks(model: type[BaseModel], key: str) -> Iterator[tuple[str, str]]:
    """(field name as in the document, mark) for each field of a config model that carries the mark `key`."""
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and key in extra:
            yield info.alias or name, str(extra[key])
