"""Every line has a track of its own, every label a place of its own; the canvas draws the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from hypothesis import given

from benchmarks.flows import CATALOGUE as BENCHED
from benchmarks.flows import flow
from flowstudio.connectors.registry import CATALOGUE as REAL
from flowstudio.domain.drawing.card import port_labels
from flowstudio.domain.drawing.label import wish
from flowstudio.domain.graph import Edge, Graph, parse
from flowstudio.domain.layout import layout
from flowstudio.domain.layout.labels import HIGH, LOW, Place, Wish, place
from flowstudio.domain.layout.route import Point, Router
from flowstudio.domain.layout.tracks import JOINT
from flowstudio.domain.nodes.base import Catalogue
from flowstudio.domain.samples import onboarding_unit
from tests.domain.drawing_lots import lots
from tests.domain.drawn import CATALOGUE, graph, graphs
from tests.domain.shared_routes import FIXTURE, document

Piece = tuple[bool, float, float, float, str, int]


def test_the_canvas_and_the_exports_draw_alike() -> None:
    stored = json.loads(FIXTURE.read_text(), parse_float=lambda text: round(float(text), 6))
    assert document() == stored, "the rule changed: write the fixture anew and let the canvas follow"


@given(graphs())
@lots(60)
def test_no_two_lines_share_a_track(drawn: Graph) -> None:
    assert not list(shared(drawn, Router(drawn, CATALOGUE, layout(drawn, CATALOGUE))))


def test_no_two_lines_of_real_shapes_share_a_track() -> None:
    for joins, loops in ((0.0, 0.0), (0.15, 0.02), (0.3, 0.05)):
        for size in (10, 20, 30, 50, 80):
            for seed in range(3):
                drawn = flow(seed * 7919 + size, size, joins=joins, loops=loops)
                router = Router(drawn, BENCHED, layout(drawn, BENCHED))
                assert not list(shared(drawn, router)), (joins, loops, size, seed)


def test_two_ways_from_one_card_to_another_are_two_lines() -> None:
    drawn = graph("a b", "b c", "a:c0 c", "a:error c", "c d")
    router = Router(drawn, CATALOGUE, layout(drawn, CATALOGUE))
    assert not list(shared(drawn, router))
    first, second = (router.route(edge) for edge in drawn.edges if edge.id in ("e2", "e3"))
    assert not set(first[1:-1]) & set(second[1:-1]), "they meet nowhere but above their target"
    assert first[-1] == second[-1]


@given(graphs())
@lots(60)
def test_no_label_covers_a_card_a_port_or_another_label(drawn: Graph) -> None:
    labels_keep_apart(drawn, CATALOGUE)


def test_labels_of_real_shapes_keep_apart_and_nearly_all_are_there() -> None:
    asked = given = 0
    for size in (10, 30, 80):
        for seed in range(4):
            places = labels_keep_apart(flow(seed * 7919 + size, size), BENCHED)
            asked += len(places)
            given += sum(at is not None for at in places)
    assert given >= 0.97 * asked


def test_the_sample_has_every_label_and_each_near_its_card() -> None:
    drawn = parse(onboarding_unit())
    places = labels_keep_apart(drawn, REAL)
    assert None not in places
    router = Router(drawn, REAL, layout(drawn, REAL))
    names = port_labels(drawn, REAL)
    for edge, at in zip(drawn.edges, places, strict=True):
        if at is not None and names[edge.source, edge.source_port][0]:
            start = router.starts[edge.source, edge.source_port]
            assert 0 < at.y - start[1] < 80, edge.id


def test_a_line_that_has_no_room_has_no_label() -> None:
    line: list[Point] = [(0.0, 0.0), (0.0, 40.0)]
    assert place([line], [Wish((80.0,))], [(-100.0, -10.0, 100.0, 50.0)]) == [None]
    assert place([line], [None], []) == [None]


def shared(drawn: Graph, router: Router) -> Iterator[tuple[Piece, Piece]]:
    """Pieces of different lines on one track, where they do not leave one port or come into one card."""
    edges = {edge.id: edge for edge in drawn.edges}
    pieces = sorted(piece for edge in drawn.edges for piece in _pieces(edge, router.route(edge)))
    for at, one in enumerate(pieces):
        for other in pieces[at + 1 :]:
            if other[0] != one[0] or other[1] - one[1] >= 1:
                break
            long = min(one[3], other[3]) - max(one[2], other[2])
            if one[4] != other[4] and long > 12 and not _may(edges[one[4]], edges[other[4]], one[5] & other[5], long):
                yield one, other


def _pieces(edge: Edge, line: Sequence[Point]) -> Iterator[Piece]:
    """Level?, where, from, to, whose; 1 leaves the port, 2 comes into the card, 4 is the level piece just before."""
    last = len(line) - 2
    for at, ((ax, ay), (bx, by)) in enumerate(pairwise(line)):
        flat = ay == by and ax != bx
        part = (at == 0) | (at == last) << 1 | (at == last - 1 and flat) << 2
        yield (flat, ay, min(ax, bx), max(ax, bx), edge.id, part) if flat else (
            flat, ax, min(ay, by), max(ay, by), edge.id, part,
        )  # fmt: skip


def _may(one: Edge, other: Edge, part: int, long: float) -> bool:
    if part & 1 and (one.source, one.source_port) == (other.source, other.source_port):
        return True
    if one.target != other.target or not part & 6:
        return False
    return one.source != other.source or (bool(part & 2) and long <= JOINT)


def labels_keep_apart(drawn: Graph, catalogue: Catalogue) -> list[Place | None]:
    """Places the labels as an export does and holds them against everything; the places."""
    router = Router(drawn, catalogue, layout(drawn, catalogue))
    names = port_labels(drawn, catalogue)
    wishes: list[Wish | None] = [wish(names[edge.source, edge.source_port][0]) for edge in drawn.edges]
    places = place([router.route(edge) for edge in drawn.edges], wishes, router.solid)
    boxes = []
    for at, asked in zip(places, wishes, strict=True):
        if at is not None and asked is not None:
            wide, high = at.width * at.grow / 2, (LOW if asked.bare else HIGH) * at.grow / 2
            boxes.append((at.x - wide, at.y - high, at.x + wide, at.y + high))
    for one, other in combinations(boxes, 2):
        assert not _overlap(one, other)
    for box in boxes:
        assert not any(_overlap(box, solid) for solid in router.solid)
    return places


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
