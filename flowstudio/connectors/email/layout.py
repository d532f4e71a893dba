"""Filled-in blocks as HTML that mail programs agree on: tables, inline styles, 600 pixels at most, light and dark.

Nothing here trusts a value: whatever comes from a block is escaped in the line in which it is written, and Markdown is
cleaned (SECURITY S11). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from flowstudio.connectors.email import render

WIDTH = 600
_FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_INK = "#1b1a18"
_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'
# HTML in a text block would not survive every mail program: it is shown as what was typed. Indented code is off, or
# a value of several lines could become one.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough").disable("code")
_SIZES = {1: ("26px", "32px"), 2: ("20px", "26px"), 3: ("16px", "22px")}
_SIDES = frozenset({"left", "center", "right"})
_STYLES = {
    "paragraph_open": "margin:0 0 12px",
    "link_open": "color:#2456d6;text-decoration:underline",
    "bullet_list_open": "margin:0 0 12px;padding:0 0 0 24px",
    "ordered_list_open": "margin:0 0 12px;padding:0 0 0 24px",
    "heading_open": "margin:0 0 8px",
    "blockquote_open": "margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid #d8d5cf",
}
# Programs that know none of it show the letter as the inline styles say: light, with columns beside each other.
_SHEET = (
    "@media (max-width:620px){.fs-col{display:block!important;width:100%!important}}"
    "@media (prefers-color-scheme:dark){.fs-page,.fs-sheet{background:#1b1a18!important}"
    ".fs-ink,.fs-ink h1,.fs-ink h2,.fs-ink h3{color:#f4f3f0!important}.fs-ink a.fs-link,.fs-ink p a{color:#9db8ff!important}"
    ".fs-line{border-color:#4a4844!important}}"
)


def page(blocks: Sequence[Mapping[str, Any]], *, unsubscribe: str = "", preheader: str = "") -> tuple[str, str]:
    """(HTML part, plain-text part) of blocks that are filled in; both end with a link to unsubscribe, given one."""
    rows = "".join(_row(block) for block in blocks)
    if unsubscribe:
        link = f'<a class="fs-link" href="{escape(unsubscribe)}" style="color:#6b6b6b">Unsubscribe</a>'
        rows += _cell(link, style=f"padding:24px;font:12px/18px {_FONT};color:#6b6b6b")
    hidden = f'<div style="{render.HIDDEN}">{escape(preheader)}</div>' if preheader else ""
    whole = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<style data-letter>{_SHEET}</style></head><body>{hidden}"
        f'{_TABLE} width="100%" class="fs-page" style="background:#f4f3f0"><tr><td align="center" style="padding:16px 0">'
        f'<!--[if mso]>{_TABLE} width="{WIDTH}"><tr><td><![endif]-->'
        f'{_TABLE} width="100%" class="fs-sheet" style="max-width:{WIDTH}px;background:#ffffff">{rows}</table>'
        "<!--[if mso]></td></tr></table><![endif]--></td></tr></table></body></html>"
    )
    return whole, render.plain(f"<table>{rows}</table>")


def _row(block: Mapping[str, Any]) -> str:
    if block["kind"] != "columns":
        return _cell(_inside(block), align=_side(block), style="padding:8px 24px")
    columns = block["columns"]
    cells = "".join(
        f'<td class="fs-col" width="{100 // len(columns)}%" valign="top" style="padding:0">'
        f'{_TABLE} width="100%">{"".join(_row(each) for each in column["blocks"])}</table></td>'
        for column in columns
    )
    return _cell(f'{_TABLE} width="100%"><tr>{cells}</tr></table>', style="padding:0")


def _cell(inside: str, *, style: str, align: str = "left") -> str:
    return f'<tr><td class="fs-ink" align="{align}" style="{style};text-align:{align}">{inside}</td></tr>'


def _side(block: Mapping[str, Any]) -> str:
    side = str(block.get("align", "left"))
    return side if side in _SIDES else "left"


def _inside(block: Mapping[str, Any]) -> str:
    kind = block["kind"]
    if kind == "heading":
        level = min(max(int(block["level"]), 1), 3)
        size, line = _SIZES[level]
        return (
            f'<h{level} style="margin:0;font:600 {size}/{line} {_FONT};color:{_INK}">{escape(block["text"])}</h{level}>'
        )
    if kind == "text":
        return f'<div class="fs-ink" style="font:16px/25px {_FONT};color:{_INK}">{_markdown(block["text"])}</div>'
    if kind == "button":
        return _button(block)
    if kind == "image":
        return _image(block)
    if kind == "spacer":
        height = int(block["height"])
        return f'<div style="height:{height}px;line-height:{height}px;font-size:1px">&nbsp;</div>'
    return '<div class="fs-line" style="border-top:1px solid #d8d5cf;height:1px;line-height:1px;font-size:1px">&nbsp;</div>'


def _markdown(source: str) -> str:
    tokens = _MARKDOWN.parse(source)
    for token in (each for outer in tokens for each in (outer, *(outer.children or ()))):
        if token.type in _STYLES:
            token.attrSet("style", _STYLES[token.type])
    return render.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _button(block: Mapping[str, Any]) -> str:
    colour = escape(block["colour"])
    return (
        f'<table role="presentation" cellpadding="0" cellspacing="0" border="0" align="{_side(block)}"><tr>'
        f'<td bgcolor="{colour}" style="border-radius:6px;background:{colour}">'
        f'<a href="{escape(block["url"] or "#")}" style="display:inline-block;padding:12px 22px;'
        f'font:600 16px/20px {_FONT};color:{_on(block["colour"])};text-decoration:none">{escape(block["text"])}</a>'
        "</td></tr></table>"
    )


def _on(colour: str) -> str:
    """Black or white, whichever can be read on the colour (WCAG relative luminance)."""
    try:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    except ValueError:
        return "#ffffff"
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return "#ffffff" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.1791 else _INK


def _image(block: Mapping[str, Any]) -> str:
    if not block["url"]:
        return ""
    width = int(block["width"])
    picture = (
        f'<img src="{escape(block["url"])}" alt="{escape(block["alt"])}" width="{width}" border="0"'
        f' style="display:inline-block;width:100%;max-width:{width}px;height:auto;border:0">'
    )
    return f'<a href="{escape(block["link"])}">{picture}</a>' if block["link"] else picture
