"""Export: each format is what it says, hostile and huge graphs cost an error at most."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from flowstudio.domain.errors import InputError, Overloaded, TooLarge
from flowstudio.domain.graph import Edge, Graph, Node, parse
from flowstudio.services import export as service
from flowstudio.services.export import export, file_stem, picture
from tests.domain.drawn import CATALOGUE, HOSTILE, graph, hostile

FLOW = graph("t a", "a b", "a:error x", types={"t": "trigger.event", "x": "exit"})


@pytest.mark.parametrize(
    ("fmt", "start", "media", "ending"),
    [
        ("svg", b"<svg", "image/svg+xml", ".svg"),
        ("png", b"\x89PNG", "image/png", ".png"),
        ("pdf", b"%PDF", "application/pdf", ".pdf"),
        ("dot", b"digraph", "text/vnd.graphviz; charset=utf-8", ".dot"),
        ("mermaid", b"flowchart TD", "text/vnd.mermaid; charset=utf-8", ".mmd"),
        ("json", b"{", "application/json", ".json"),
    ],
)
def test_each_format_is_what_it_says(fmt: str, start: bytes, media: str, ending: str) -> None:
    data, kind, filename = export(FLOW, CATALOGUE, name="Onboarding: Größe", fmt=fmt)
    assert data.startswith(start)
    assert (kind, filename) == (media, f"onboarding-groe{ending}")


def test_json_can_be_read_back() -> None:
    data, _, _ = export(FLOW, CATALOGUE, name="Onboarding", fmt="json")
    assert {node.id for node in parse(json.loads(data)).nodes} == {node.id for node in FLOW.nodes}


def test_an_unknown_format_is_named_with_the_choices() -> None:
    with pytest.raises(InputError, match="bmp") as caught:
        export(FLOW, CATALOGUE, name="Onboarding", fmt="bmp")
    assert caught.value.field == "as" and "svg" in caught.value.fix


def test_the_same_flow_gives_the_same_bytes() -> None:
    for fmt in ("svg", "png", "pdf"):
        assert export(FLOW, CATALOGUE, name="x", fmt=fmt) == export(FLOW, CATALOGUE, name="x", fmt=fmt)


def test_dark_differs_from_light() -> None:
    light = export(FLOW, CATALOGUE, name="x", fmt="svg")[0]
    assert b"#111214" in export(FLOW, CATALOGUE, name="x", fmt="svg", theme="dark")[0]
    assert b"#111214" not in light


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_labels_become_pictures(text: str) -> None:
    assert export(hostile(text), CATALOGUE, name=text, fmt="png")[0].startswith(b"\x89PNG")


def test_500_nodes_with_long_labels_stay_within_the_bounds() -> None:
    nodes = tuple(Node(id=f"n{n}", type="call", name="long " * 2_000) for n in range(500))
    edges = tuple(Edge(id=f"e{n}", source=f"n{n // 2}", source_port="out", target=f"n{n}") for n in range(1, 500))
    start = time.monotonic()
    data, _, _ = export(Graph(nodes=nodes, edges=edges), CATALOGUE, name="big", fmt="pdf")
    assert data.startswith(b"%PDF")
    assert time.monotonic() - start < 20


def test_a_picture_that_takes_too_long_is_an_error_with_a_way_out() -> None:
    with pytest.raises(TooLarge, match="PNG") as caught:
        picture(b"<svg width='1'", "png", timeout_s=5)
    assert "SVG" in caught.value.fix
    with pytest.raises(TooLarge):
        picture(export(FLOW, CATALOGUE, name="x", fmt="svg")[0], "png", timeout_s=0.001)


def test_at_most_two_pictures_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_turns", threading.BoundedSemaphore(1))
    service._turns.acquire()
    with pytest.raises(Overloaded):
        picture(b"<svg/>", "png", timeout_s=0.05)
    service._turns.release()


def test_a_picture_cannot_read_files(tmp_path: Path) -> None:
    red = tmp_path / "red.svg"
    red.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><rect width="90" height="90"/></svg>'
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="9" height="9"/>'
    blank = picture(f"{head}</svg>".encode(), "png")
    try:
        drawn = picture(f'{head}<image href="{red}" width="90" height="90"/></svg>'.encode(), "png")
    except TooLarge:
        return  # refused altogether
    assert drawn == blank


@pytest.mark.parametrize(
    ("name", "stem"),
    [("../../etc/passwd", "etc-passwd"), ("", "flow"), ('a"\r\nb', "a-b"), ("日本", "flow"), ("x" * 300, "x" * 60)],
)
def test_file_names_are_safe(name: str, stem: str) -> None:
    assert file_stem(name) == stem
