"""The whole graph as one SVG, looking like the canvas.

Nothing in it points outside: no script, link, style sheet, image or font reference. All text passes `label.clean` and
`label.escape`; everything else is a number or a constant of this package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from flowstudio.domain.drawing.card import Card, Counts, cards, port_labels, positions
from flowstudio.domain.drawing.glyphs import glyph
from flowstudio.domain.drawing.groups import Frame, fold
from flowstudio.domain.drawing.label import clean, escape, fit, unmarked, width, wish
from flowstudio.domain.drawing.theme import THEMES, Theme, ThemeName
from flowstudio.domain.graph import CARD_WIDTH, Graph, Note, Position
from flowstudio.domain.layout.labels import Place, place
from flowstudio.domain.layout.route import Point, Router
from flowstudio.domain.nodes.base import Catalogue, Port

MARGIN = 40
RADIUS = 10
FONT = "Inter Variable, Inter, ui-sans-serif, system-ui, -apple-system, Segoe UI, Roboto, sans-serif"


def svg(
    graph: Graph, catalogue: Catalogue, *, theme: ThemeName = "light", counts: Counts | None = None, title: str = ""
) -> str:
    """The graph at its stored positions; `counts` (as `flows/{id}/stats/` gives them) fills footers and lines."""
    look = THEMES[theme]
    graph, frames = fold(graph, catalogue, positions(graph, catalogue))
    drawn = cards(graph, catalogue)
    places = {card.id: Position(x=card.x, y=card.y) for card in drawn}
    router = Router(graph, catalogue, places)
    lines = [(edge, router.route(edge)) for edge in graph.edges]
    names = port_labels(graph, catalogue)
    spots = place(
        [points for _, points in lines],
        [
            wish(
                names[edge.source, edge.source_port][0],
                shares=edge.source_port != "not_found" and not _is_error(names, (edge.source, edge.source_port)),
            )
            for edge, _ in lines
        ],
        router.solid,
    )
    left, top, right, bottom = _bounds(drawn, graph.notes, frames, [points for _, points in lines])
    wide, high = right - left, bottom - top
    of_nodes = (counts or {}).get("nodes", {})
    of_edges = (counts or {}).get("edges", {})
    heading = clean(title) or "Flow"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(wide)}" height="{_n(high)}" '
        f'viewBox="{_n(left)} {_n(top)} {_n(wide)} {_n(high)}" role="img" font-family="{escape(FONT)}">',
        f"<title>{escape(heading)}</title>",
        f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(wide)}" height="{_n(high)}" fill="{look.canvas}"/>',
    ]
    out += [_frame(frame, look) for frame in frames]
    out += [_note(note, look) for note in graph.notes]
    out += [_line(points, _is_error(names, (edge.source, edge.source_port)), look) for edge, points in lines if points]
    out += [_card(card, look, of_nodes.get(card.id) if counts is not None else None) for card in drawn]
    out += _ports(router, names, look, {(edge.source, edge.source_port) for edge in graph.edges})
    for (edge, points), at in zip(lines, spots, strict=True):
        label = names[edge.source, edge.source_port][0]
        count = _number(of_edges.get(edge.id, {}).get("count")) if counts is not None else ""
        if points and at is not None and (label or count):
            out.append(_pill(at, label, count, look))
    out.append("</svg>")
    return "\n".join(out) + "\n"


def _bounds(
    drawn: Sequence[Card], notes: Sequence[Note], frames: Sequence[Frame], lines: Sequence[Sequence[Point]]
) -> tuple[float, float, float, float]:
    boxes = [(card.x, card.y, card.x + CARD_WIDTH, card.y + card.height) for card in drawn]
    boxes += [(n.position.x, n.position.y, n.position.x + n.width, n.position.y + n.height) for n in notes]
    boxes += [frame.box for frame in frames]
    boxes += [(x, y, x, y) for points in lines for x, y in points]
    if not boxes:
        return (0.0, 0.0, 320.0, 160.0)
    return (
        min(box[0] for box in boxes) - MARGIN,
        min(box[1] for box in boxes) - MARGIN,
        max(box[2] for box in boxes) + MARGIN,
        max(box[3] for box in boxes) + MARGIN,
    )


def _text(x: float, y: float, text: str, fill: str, size: int, *, weight: int = 400, anchor: str = "") -> str:
    place = f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" font-weight="{weight}" fill="{fill}"{place}>'
        f"{escape(text)}</text>"
    )


def _card(card: Card, look: Theme, count: Mapping[str, object] | None) -> str:
    ink, tint = (look.text_3, look.canvas) if card.off else look.kinds[card.kind]
    x, y = card.x, card.y
    said = ": ".join(part for part in (card.name, card.sentence) if part)
    out = [
        "<g>",
        # The whole name and sentence, also where the card shows them cut.
        f"<title>{escape(said)}</title>",
        f'<rect x="{_n(x + 0.5)}" y="{_n(y + 0.5)}" width="{CARD_WIDTH - 1}" height="{card.height - 1}" rx="10" '
        + (
            f'fill="{look.canvas}" stroke="{look.edge}" stroke-dasharray="4 3"/>'
            if card.off
            else f'fill="{look.surface}" stroke="{look.line_2}"/>'
        ),
    ]
    if card.off:
        look = replace(look, text=look.text_3, text_2=look.text_3, surface=look.canvas)
        count = None
    out += _slim(card, look, count) if card.slim else _tall(card, look, count)
    side = 22 if card.slim else 28
    tile_x, tile_y = x + 10, y + (9 if card.slim else 10.5)
    shift = (side - 16) / 2
    tile = (
        f'<rect x="{_n(tile_x)}" y="{_n(tile_y)}" width="{side}" height="{side}" rx="7" fill="{tint}"/>'
        f'<path transform="translate({_n(tile_x + shift)} {_n(tile_y + shift)})" d="{glyph(card.icon, card.kind)}" '
        f'fill="none" stroke="{ink}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>'
    )
    return "".join([*out, tile, "</g>"])


def _tall(card: Card, look: Theme, count: Mapping[str, object] | None) -> list[str]:
    x, y = card.x, card.y
    room = CARD_WIDTH - 47 - 12 - (22 if card.letter else 0)
    out = [
        _text(x + 47, y + 21.5, fit(card.name, 13, room), look.text, 13, weight=500),
        _text(x + 47, y + 37.5, fit(card.sentence, 12, CARD_WIDTH - 59), look.text_2, 12),
        f'<path d="M{_n(x + 1)} {_n(y + 49.5)}h{CARD_WIDTH - 2}" stroke="{look.line}"/>',
    ]
    if card.letter:
        out.append(
            f'<rect x="{_n(x + CARD_WIDTH - 26.5)}" y="{_n(y + 10.5)}" width="15" height="15" rx="4" '
            f'fill="{look.surface}" stroke="{look.line_2}"/>'
        )
        out.append(_text(x + CARD_WIDTH - 19, y + 22, card.letter, look.text_2, 10, weight=600, anchor="middle"))
    if card.off:
        out.append(_text(x + 11, y + 66.5, "Off, customers pass through", look.text_3, 11))
        return out
    if count is None:
        out.append(_text(x + 11, y + 66.5, fit(card.foot, 11, 130), look.text_3, 11))
        if card.foot_right:
            right = fit(card.foot_right, 11, 90)
            out.append(_text(x + CARD_WIDTH - 11, y + 66.5, right, look.text_3, 11, anchor="end"))
        return out
    out.append(_text(x + 11, y + 66.5, f"{_number(count.get('entered')) or '0'} entered", look.text_2, 11))
    failed, inside = _number(count.get("failed")), _number(count.get("inside"))
    if failed:
        out.append(_text(x + CARD_WIDTH / 2 + 8, y + 66.5, f"{failed} failed", look.failed, 11, anchor="middle"))
    if inside:
        out.append(_text(x + CARD_WIDTH - 11, y + 66.5, f"{inside} inside", look.accent, 11, weight=500, anchor="end"))
    return out


def _slim(card: Card, look: Theme, count: Mapping[str, object] | None) -> list[str]:
    x, y = card.x, card.y
    number = "Off" if card.off else ""
    if count is not None:
        number = _number(count.get("inside")) or _number(count.get("entered")) or "0"
    room = CARD_WIDTH - 41 - 12 - (width(number, 11) + 8 if number else 0)
    name = fit(card.name, 13, room)
    out = [_text(x + 41, y + 24.5, name, look.text, 13, weight=500)]
    left = room - width(name, 13) - 7
    # Where both do not fit, the sentence yields to the name.
    if card.sentence and card.sentence != card.name and left > 40:
        out.append(_text(x + 41 + width(name, 13) + 7, y + 24.5, fit(card.sentence, 12, left), look.text_2, 12))
    if number:
        out.append(_text(x + CARD_WIDTH - 11, y + 24, number, look.text_2, 11, anchor="end"))
    return out


def _frame(frame: Frame, look: Theme) -> str:
    left, top, right, bottom = frame.box
    room = right - left - 24
    return (
        f'<g><rect x="{_n(left + 0.5)}" y="{_n(top + 0.5)}" width="{_n(right - left - 1)}" '
        f'height="{_n(bottom - top - 1)}" rx="12" fill="none" stroke="{look.edge}" stroke-dasharray="2 4"/>'
        f"{_text(left + 12, top + 19, fit(frame.name, 12, room), look.text_2, 12, weight=500)}</g>"
    )


def _note(note: Note, look: Theme) -> str:
    x, y = note.position.x, note.position.y
    ground, border = look.notes.get(note.color, (look.note, look.note_line))
    out = [
        f'<g><rect x="{_n(x + 0.5)}" y="{_n(y + 0.5)}" width="{_n(max(note.width - 1, 1))}" '
        f'height="{_n(max(note.height - 1, 1))}" rx="8" fill="{ground}" stroke="{border}"/>'
    ]
    rows = max(int((note.height - 16) // 16), 1)
    lines: list[str] = []
    for paragraph in note.text[:4_000].splitlines():
        lines += _wrap(clean(unmarked(paragraph), 1_000), note.width - 20)
        if len(lines) > rows:
            break
    if len(lines) > rows:
        lines = [*lines[: rows - 1], fit(lines[rows - 1] + " …", 12, note.width - 20)]
    out += [_text(x + 10, y + 20 + 16 * at, line, look.text, 12) for at, line in enumerate(lines)]
    return "".join([*out, "</g>"])


def _wrap(text: str, room: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        wider = f"{line} {word}" if line else word
        if line and width(wider, 12) > room:
            lines.append(fit(line, 12, room))
            line = word
        else:
            line = wider
    return [*lines, fit(line, 12, room)]


def _line(points: Sequence[Point], error: bool, look: Theme) -> str:
    stroke = look.failed if error else look.edge
    x, y = points[-1]
    # The line ends where the tip begins, so that it does not show through.
    path = _rounded([*points[:-1], (x, y - 2)])
    dash = ' stroke-dasharray="4 3"' if error else ""
    return (
        f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="1.5"{dash}/>'
        f'<path d="M{_n(x - 4)} {_n(y - 6.5)}h8l-4 6.5z" fill="{stroke}"/>'
    )


def _rounded(points: Sequence[Point]) -> str:
    out = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(RADIUS, _length(before, at) / 2, _length(at, after) / 2)
        start, end = _toward(at, before, reach), _toward(at, after, reach)
        out.append(f"L{_n(start[0])} {_n(start[1])}Q{_n(at[0])} {_n(at[1])} {_n(end[0])} {_n(end[1])}")
    out.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(out)


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _toward(a: Point, b: Point, reach: float) -> Point:
    length = _length(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * reach / length, a[1] + (b[1] - a[1]) * reach / length


def _ports(
    router: Router,
    names: Mapping[tuple[str, str], tuple[str, Port | None]],
    look: Theme,
    used: Set[tuple[str, str]],
) -> list[str]:
    out = []
    for at, (x, y) in router.starts.items():
        error = _is_error(names, at)
        # An error port may stay open; in a picture it would only be a red mark that nobody can click.
        if error and at in used:
            out.append(f'<path d="M{_n(x)} {_n(y - 4.5)}l4.5 4.5-4.5 4.5-4.5-4.5z" fill="{look.failed}"/>')
        elif not error and (at in used or at[1] != "not_found"):
            out.append(
                f'<circle cx="{_n(x)}" cy="{_n(y)}" r="3.25" fill="{look.surface}" stroke="{look.edge}" '
                f'stroke-width="1.5"/>'
            )
    return out


def _pill(at: Place, label: str, count: str, look: Theme) -> str:
    gap = 6 if label and count else 0
    numbers = width(count, 11) * 1.04
    shown = fit(label, 11, at.width - 14 - numbers - gap) if label else ""
    wide = min(width(shown, 11) + numbers + gap + 16, at.width)
    x, y = at.x - at.side * (at.width * at.grow - wide) / 2, at.y
    out = [f"<g><title>{escape(' '.join(part for part in (label, count) if part))}</title>"]
    if not shown:
        # A number beside its line begins, or ends, where the line is.
        anchor = ("middle", "start", "end")[at.side]
        begin = at.x - at.side * (at.width / 2 - 3)
        if not at.side:
            out.append(
                f'<rect x="{_n(x - wide / 2)}" y="{_n(y - 9)}" width="{_n(wide)}" height="18" rx="9" '
                f'fill="{look.canvas}"/>'
            )
        out.append(_text(begin, y + 4, count, look.text_3, 11, weight=500, anchor=anchor))
        return "".join([*out, "</g>"])
    out.append(
        f'<rect x="{_n(x - wide / 2)}" y="{_n(y - 10)}" width="{_n(wide)}" height="20" rx="10" '
        f'fill="{look.surface}" stroke="{look.line_2}"/>'
    )
    if count:
        start = x - wide / 2 + 8
        out.append(_text(start, y + 4, shown, look.text_2, 11, weight=500))
        out.append(_text(x + wide / 2 - 8, y + 4, count, look.text, 11, weight=600, anchor="end"))
    else:
        out.append(_text(x, y + 4, shown, look.text_2, 11, weight=500, anchor="middle"))
    return "".join([*out, "</g>"])


def _is_error(names: Mapping[tuple[str, str], tuple[str, Port | None]], at: tuple[str, str]) -> bool:
    port = names[at][1] if at in names else None
    return port is not None and port.kind == "error"


def _number(value: object) -> str:
    return f"{int(value):,}" if isinstance(value, int | float) and value else ""


def _n(value: float) -> str:
    """A number without a tail of zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
