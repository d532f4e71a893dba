"""An e-mail written in blocks: what blocks there are, what is wrong with them, and their values filled in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from flowstudio.domain import template
from flowstudio.domain.errors import InputError
from flowstudio.domain.fields import Config

Align = Literal["left", "center", "right"]
_Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
_Line = Annotated[str, Field(max_length=2_000)]
_Url = Annotated[str, Field(max_length=4_000)]
# The addresses that a letter may lead to; a mailbox opens them without asking, so nothing else passes (SECURITY S11).
_ADDRESS = re.compile(r"(?:https?://[^\s<>\"'\\/?#][^\s<>\"\\]*|mailto:[^\s<>\"\\]+)", re.IGNORECASE)
_STARTS = ("http://", "https://", "mailto:")


class Heading(Config):
    """A line that stands out."""

    id: _Id
    kind: Literal["heading"]
    text: _Line = ""
    level: Literal[1, 2, 3] = 1
    align: Align = "left"


class Text(Config):
    """Paragraphs in Markdown."""

    id: _Id
    kind: Literal["text"]
    text: Annotated[str, Field(max_length=50_000)] = ""
    align: Align = "left"


class Button(Config):
    """A link that looks like something to press."""

    id: _Id
    kind: Literal["button"]
    text: _Line = ""
    url: _Url = ""
    align: Align = "left"
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#2456d6"


class Image(Config):
    """A picture, perhaps with a link on it."""

    id: _Id
    kind: Literal["image"]
    url: _Url = ""
    alt: _Line = ""
    link: _Url = ""
    width: Annotated[int, Field(ge=16, le=600)] = 600
    align: Align = "center"


class Divider(Config):
    """A thin line."""

    id: _Id
    kind: Literal["divider"]


class Spacer(Config):
    """Air of a given height."""

    id: _Id
    kind: Literal["spacer"]
    height: Annotated[int, Field(ge=4, le=200)] = 24


Inner = Annotated[Heading | Text | Button | Image | Divider | Spacer, Field(discriminator="kind")]


class Column(Config):
    """What stands in one column."""

    blocks: Annotated[tuple[Inner, ...], Field(max_length=20)] = ()


class Columns(Config):
    """Two or three columns beside each other; on a phone one under the other."""

    id: _Id
    kind: Literal["columns"]
    columns: Annotated[tuple[Column, ...], Field(min_length=2, max_length=3)]


Block = Annotated[Heading | Text | Button | Image | Divider | Spacer | Columns, Field(discriminator="kind")]
Blocks = Annotated[tuple[Block, ...], Field(max_length=100)]
_read: TypeAdapter[tuple[Block, ...]] = TypeAdapter(Blocks)


def read(value: Any) -> tuple[Block, ...]:
    """The blocks of a document; an InputError that names the place of what does not fit."""
    try:
        return _read.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"Block {place}: {first['msg']}"[:300], field="blocks") from None


def wrong(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    """(sentence, how to mend it) for every block that could not be sent as it stands."""
    for index, block in enumerate(blocks, 1):
        if isinstance(block, Columns):
            for column in block.columns:
                for sentence, fix in wrong(column.blocks):
                    yield f"In block {index}: {sentence[0].lower()}{sentence[1:]}", fix
            continue
        name = f"Block {index} ({block.kind})"
        if isinstance(block, Heading | Text | Button) and not block.text.strip():
            yield f"{name} has no text.", "Write it, or delete the block."
        if isinstance(block, Image) and not block.url.strip():
            yield f"{name} has no picture.", "Enter the picture's address, or delete the block."
        if isinstance(block, Button) and not block.url.strip():
            yield f"{name} leads nowhere.", "Enter where it leads."
        for address in _addresses(block):
            if address.strip() and not _may_lead(address.strip()):
                yield (
                    f"{name} has the address {address.strip()[:60]!r}, which mailboxes do not open.",
                    "Begin it with https://, http:// or mailto:, or with a value in {{ … }}.",
                )


def _addresses(block: Block) -> tuple[str, ...]:
    if isinstance(block, Button):
        return (block.url,)
    return (block.url, block.link) if isinstance(block, Image) else ()


def _may_lead(source: str) -> bool:
    """Whether an address as it was written can become one that is allowed."""
    if "{" not in source:
        return bool(_ADDRESS.fullmatch(source))
    start = source.split("{", 1)[0].lower()
    return any(start.startswith(each) or each.startswith(start) for each in _STARTS)


def filled(blocks: Sequence[Block], scope: Mapping[str, Any], *, draft: bool = False) -> list[dict[str, Any]]:
    """The blocks with this customer's values in them, each escaped for where it will stand.

    Headings, labels and alternative texts are plain text (escaped when the HTML is written), texts are Markdown whose
    values are escaped here, addresses have their values encoded and are refused unless mailboxes may open them. While it
    is being written (`draft`) a button may lead nowhere yet.
    """
    made: list[dict[str, Any]] = []
    for block in blocks:
        one = block.model_dump(mode="json")
        if isinstance(block, Columns):
            one["columns"] = [{"blocks": filled(column.blocks, scope, draft=draft)} for column in block.columns]
        elif isinstance(block, Text):
            one["text"] = template.render(block.text, scope, "markdown")
        elif isinstance(block, Heading):
            one["text"] = template.render(block.text, scope, "header")
        elif isinstance(block, Button):
            one["text"] = template.render(block.text, scope, "header")
            one["url"] = _address(block.url, scope, f"The button “{one['text'][:40]}”", empty=draft)
        elif isinstance(block, Image):
            one["alt"] = template.render(block.alt, scope, "header")
            one["url"] = _address(block.url, scope, "A picture", empty=True)
            one["link"] = _address(block.link, scope, "A picture's link", empty=True)
        made.append(one)
    return made


def _address(source: str, scope: Mapping[str, Any], what: str, *, empty: bool) -> str:
    """An address with its values in it; an InputError for one that a mailbox must not open."""
    made = template.render_url(source, scope).strip()
    if not made and empty:
        return ""
    if not _ADDRESS.fullmatch(made):
        said = f"would lead to {made[:60]!r}" if made else "leads nowhere for this customer"
        raise InputError(f"{what} {said}; only http, https and mailto are opened.", field="blocks")
    return made
