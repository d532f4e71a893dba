"""Drawings: every name in them, well formed, and nothing that a person writes can act (SECURITY S33 to S36)."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from xml.etree import ElementTree

import pydot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowstudio.domain.drawing.dot import dot
from flowstudio.domain.drawing.label import LIMIT, clean, escape, fit, unmarked, width
from flowstudio.domain.drawing.mermaid import mermaid, quote
from flowstudio.domain.drawing.svg import svg
from flowstudio.domain.graph import Edge, Graph, Node, Position
from tests.domain.drawn import CATALOGUE, HOSTILE, graph, graphs, hostile

SPACE = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "rect", "path", "g", "text", "circle"}


def check(text: str) -> ElementTree.Element:
    """Well-formed, and made of our own few tags and attributes alone."""
    root = ElementTree.fromstring(text)
    for element in root.iter():
        assert element.tag.removeprefix(SPACE) in TAGS
        for name, value in element.attrib.items():
            assert not name.startswith("on") and "href" not in name and name != "style"
            assert "url(" not in value and "javascript" not in value
    assert "<!" not in text and "<?" not in text
    return root


def words(root: ElementTree.Element) -> str:
    return "\n".join(element.text or "" for element in root.iter() if element.tag == SPACE + "title")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_labels_are_only_text_in_svg(text: str, theme: str) -> None:
    root = check(svg(hostile(text), CATALOGUE, theme=theme, title=text))  # type: ignore[arg-type]
    if clean(text):
        assert clean(text) in words(root)


@given(graphs())
@settings(max_examples=40, deadline=None)
def test_the_svg_names_every_node_and_is_well_formed(drawn: Graph) -> None:
    said = words(check(svg(drawn, CATALOGUE)))
    assert all(node.name in said for node in drawn.nodes)


@given(st.text(alphabet=st.characters(codec=None), max_size=400))
@settings(max_examples=300)
def test_cleaned_text_is_one_printable_line_and_escaping_comes_back_equal(text: str) -> None:
    line = clean(text)
    assert len(line) <= LIMIT
    assert clean(line) == line
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line)
    assert ElementTree.fromstring(f'<a b="{escape(line)}">{escape(line)}</a>').attrib["b"] == line


def test_the_svg_draws_the_stored_positions() -> None:
    stored = Graph(
        nodes=(
            Node(id="a", type="call", name="First", position=Position(x=1000, y=500)),
            Node(id="b", type="exit", name="Last", position=Position(x=1400, y=900)),
        ),
        edges=(Edge(id="e", source="a", source_port="out", target="b"),),
    )
    root = check(svg(stored, CATALOGUE))
    assert root.attrib["viewBox"] == "960 460 728 520"
    assert {rect.attrib["x"] for rect in root.iter(SPACE + "rect")} >= {"1000.5", "1400.5"}


def test_labels_badges_and_counts_are_drawn() -> None:
    drawn = Graph(
        nodes=(
            Node(id="b", type="branch", name="Size", config={"cases": [{"id": "c", "name": "> 100 employees"}]}),
            Node(id="x", type="call", name="Enrich"),
            Node(id="y", type="exit", name="Exit"),
        ),
        edges=(
            Edge(id="e1", source="b", source_port="c", target="x"),
            Edge(id="e2", source="b", source_port="else", target="y"),
        ),
    )
    counts = {"nodes": {"x": {"entered": 1234, "inside": 5, "failed": 2}}, "edges": {"e1": {"count": 99}}}
    texts = [element.text for element in check(svg(drawn, CATALOGUE, counts=counts)).iter(SPACE + "text")]
    for expected in ("> 100 employees", "Everyone else", "C", "1,234 entered", "5 inside", "2 failed", "99"):
        assert expected in texts
    plain = svg(drawn, CATALOGUE)
    assert "entered" not in plain and "Clearbit" in plain


def test_an_empty_graph_is_an_empty_picture() -> None:
    check(svg(Graph(), CATALOGUE))
    assert dot(Graph(), CATALOGUE).startswith("digraph")
    assert mermaid(Graph(), CATALOGUE) == "flowchart TD\n"


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_names_come_back_equal_from_our_dot(text: str) -> None:
    source = dot(hostile(text), CATALOGUE, title=text)
    parsed = pydot.graph_from_dot_data(source)
    assert parsed is not None and len(parsed) == 1
    nodes = {node.get_name(): node for node in parsed[0].get_nodes() if re.fullmatch(r"n\d+", node.get_name())}
    assert set(nodes) == {"n1", "n2", "n3", "n4"}
    for name in ("n1", "n2", "n3"):
        if clean(text):
            assert unquote(str(nodes[name].get("label"))) == clean(text)
        assert not {"URL", "href", "image", "shapefile", "stylesheet", "target"} & set(nodes[name].get_attributes())


def unquote(label: str) -> str:
    assert not label.startswith("<"), "never an HTML label"
    inner = label[1:-1] if label.startswith('"') else label
    return inner.replace("&amp;", "&").replace('\\"', '"').replace("\\\\", "\\")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("text", [t for t in HOSTILE if clean(t)], ids=repr)
def test_graphviz_shows_the_name_and_nothing_else(text: str) -> None:
    done = subprocess.run(
        ["dot", "-Kneato", "-n2", "-Tsvg"],
        input=dot(hostile(text), CATALOGUE).encode(),
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "SERVER_NAME": "test"},
        check=True,
    )
    root = ElementTree.fromstring(done.stdout)
    shown = ["".join(element.itertext()) for element in root.iter(SPACE + "text")]
    # Graphviz writes a space in a label as a no-break space.
    assert clean(text) in [line.replace("\xa0", " ") for line in shown]
    assert not [
        element.tag for element in root.iter() if element.tag in (SPACE + "a", SPACE + "image", SPACE + "script")
    ]


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_keeps_our_positions() -> None:
    drawn = graph("a b", "a:error c")
    plain = subprocess.run(
        ["dot", "-Kneato", "-n2", "-Tplain"], input=dot(drawn, CATALOGUE), capture_output=True, text=True, check=True
    ).stdout
    rows = {row.split()[1]: row.split() for row in plain.splitlines() if row.startswith("node")}
    across = (float(rows["n3"][2]) - float(rows["n2"][2])) * 72
    assert across == pytest.approx(280, abs=1)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_mermaid_labels_cannot_leave_their_quotes(text: str) -> None:
    source = mermaid(hostile(text), CATALOGUE)
    nodes = [line for line in source.splitlines() if re.match(r"  n\d+[\[(]", line)]
    assert len(nodes) == 4
    for line in source.splitlines()[1:]:
        assert re.fullmatch(
            r'  (n\d+(\["[^"]*"\]|\(\["[^"]*"\]\)):::\w+|n\d+ --> n\d+|n\d+ -->\|"[^"]*"\| n\d+|classDef \w+ [\w:,#]+)',
            line,
        )


@given(st.text(max_size=60))
def test_mermaid_quoting_comes_back_equal(text: str) -> None:
    quoted = quote(text)
    assert not set('"<>[](){}|`&%\\') & set(quoted)
    assert re.sub(r"#(\d+);", lambda match: chr(int(match[1])), quoted) == text


@given(st.text(max_size=80), st.integers(20, 300))
def test_a_fitted_line_fits(text: str, room: int) -> None:
    line = fit(text, 12, room)
    assert line == text or width(line, 12) <= room + 12


@pytest.mark.parametrize(
    ("price", "said"), [(0.2, "$0.20 a call"), (0.001, "$0.001 a call"), (0.0004, "$0.0004 a call")]
)
def test_small_prices_are_not_rounded_away(price: float, said: str) -> None:
    priced = {name: replace(kind, price=price) for name, kind in CATALOGUE.items()}
    assert said in " ".join(ElementTree.fromstring(svg(graph("a b", "a>b"), priced)).itertext())


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("# Why **now**", "Why now"),
        ("- [x] `one` and *two*", "☑ one and two"),
        ("- [ ] open", "☐ open"),
        ("* item", "• item"),
        ("> see [here](https://x.example/a)", "see here"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
    ],
)
def test_a_note_is_drawn_without_the_marks_of_markdown(line: str, plain: str) -> None:
    assert unmarked(line) == plain
