"""An e-mail's body: Markdown or HTML in, a clean HTML part and its plain-text twin out. Pure."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from typing import Literal

import nh3
from markdown_it import MarkdownIt

Format = Literal["markdown", "html"]
_MARKDOWN = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable("table").enable("strikethrough")
# What mail programs show and no more: no scripts, handlers, forms or frames, and links of four schemes.
_TAGS = set(
    "a abbr b big blockquote br caption center code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins"
    " li mark ol p pre q s small span strike strong style sub sup table tbody td tfoot th thead tr u ul".split()
)
_ANY = set("align bgcolor border class dir height id lang role style title valign width".split())
_ATTRIBUTES = {
    "a": {"href", "name", "target"},
    "img": {"alt", "src", "srcset"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "table": {"cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "style": {"type"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
# A letter in Markdown has no look of its own: a plain one that every mail program knows. HTML brings its own.
_LOOK = (
    "font:16px/1.55 -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
    "max-width:600px;margin:0;padding:16px"
)
_SMALL = "font-size:12px;line-height:1.5;color:#6b6b6b;margin:32px 0 0"
HIDDEN = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all"
_BLOCKS = frozenset("p div h1 h2 h3 h4 h5 h6 blockquote pre table tr ul ol dl hr center".split())


def clean(source: str) -> str:
    """HTML with nothing in it that could run: `javascript:` links, scripts, handlers and frames are gone."""
    return nh3.clean(
        source,
        tags=_TAGS,
        attributes={"*": _ANY, **_ATTRIBUTES},
        clean_content_tags={"script", "title", "noscript", "iframe", "object"},
        url_schemes=_SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


def body(source: str, form: Format, *, unsubscribe: str = "", preheader: str = "") -> tuple[str, str]:
    """(HTML part, plain-text part) of a body whose values are already filled in and escaped.

    With an address to unsubscribe at, both end with a link to it. The preheader is plain text: mailboxes show it beside
    the subject, and the letter itself does not.
    """
    inner = clean(_MARKDOWN.render(source) if form == "markdown" else source)
    if unsubscribe:
        inner += f'<p style="{_SMALL}"><a href="{escape(unsubscribe)}" style="color:#6b6b6b">Unsubscribe</a></p>'
    shown = f'<div style="{_LOOK}">{inner}</div>' if form == "markdown" else inner
    if preheader:
        shown = f'<div style="{HIDDEN}">{escape(preheader)}</div>{shown}'
    page = (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"</head><body>{shown}</body></html>"
    )
    return page, plain(inner)


def plain(source: str) -> str:
    """The text that a reader without HTML sees: blocks on lines of their own, links with their address."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    text = re.sub(r"[ \t]+\n", "\n", re.sub(r"[ \t]{2,}", " ", "".join(reader.parts)))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style":
            self._skipped += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "img" and given.get("alt"):
            self.parts.append(f"[{given['alt']}]")
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self.parts)))
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._skipped = max(self._skipped - 1, 0)
        elif tag == "a" and self._links:
            address, start = self._links.pop()
            said = "".join(self.parts[start:]).strip()
            if address and said and address not in (said, f"mailto:{said}"):
                self.parts.append(f" ({address})")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag != "tr" else "\n")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(re.sub(r"\s+", " ", data))
