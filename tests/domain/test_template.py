"""Texts in Liquid: escaped as they are written, raw to filters, bounded, and nothing but data in scope (S8–S11)."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from flowstudio.domain import template
from flowstudio.domain.errors import TemplateError
from flowstudio.domain.escapes import ESCAPES
from flowstudio.domain.escaping import Environs
from tests.domain.drawing_lots import ATTACKS, hostile, lots, plain_json

# What each filter may be given: t an author's text that is safe alone, x any text in quotes, v a customer's value,
# n a number, k a key.
FILTERS = {
    **dict.fromkeys(
        "abs ceil floor first last reverse uniq compact sort sort_natural sum size json".split(), ("", "k")
    ),
    **dict.fromkeys("capitalize downcase upcase strip lstrip rstrip squish strip_html strip_newlines".split(), ("",)),
    **dict.fromkeys("escape escape_once escapejs newline_to_br url_encode url_decode".split(), ("",)),
    **dict.fromkeys("base64_encode base64_decode base64_url_safe_encode base64_url_safe_decode".split(), ("",)),
    **dict.fromkeys("append prepend default".split(), ("t", "v")),
    "join": ("", "t", "v"),
    **dict.fromkeys("at_least at_most divided_by minus modulo plus times".split(), ("n", "v")),
    "round": ("", "n"),
    **dict.fromkeys("remove remove_first remove_last split date".split(), ("x", "v")),
    **dict.fromkeys("replace replace_first replace_last".split(), ("xx", "xv", "vx", "vv")),
    **dict.fromkeys("map where reject find find_index has".split(), ("k", "kv")),
    "slice": ("n", "nn"),
    "truncate": ("n", "nx", "nv"),
    "truncatewords": ("n", "nx", "nv"),
    "concat": ("v",),
}
_SAFE = ("'<hr>'", "', '", "''", "'there'", "'&amp;'")
_ANY = ("'<'", "'&lt;'", "'&'", "'\"'", '"\'"', "';'", "'<b>'", "'&amp;'", "'&#60;'", "'a'", "''", "' '", "'%Y<b>'")
_PATHS = ("v", "w", "list", "object.k", "object", "number", "missing", "list[0]")


@st.composite
def chains(draw: st.DrawFn) -> str:
    """An expression: a customer's value through any filters with any arguments."""
    parts = [draw(st.sampled_from(_PATHS))]
    for name in draw(st.lists(st.sampled_from(sorted(FILTERS)), max_size=4)):
        kinds = {
            "t": st.sampled_from(_SAFE),
            "x": st.sampled_from(_ANY),
            "v": st.sampled_from(_PATHS),
            "n": st.sampled_from(["0", "1", "3", "-2", "1.5"]),
            "k": st.sampled_from(["'k'", "'size'"]),
        }
        given_args = ", ".join(draw(kinds[kind]) for kind in draw(st.sampled_from(FILTERS[name])))
        parts.append(f"{name}: {given_args}" if given_args else name)
    return " | ".join(parts)


SKELETONS = (
    "{{ A }}",
    "{% echo A %}",
    "{% liquid assign y = B\n echo A %}{{ y }}",
    "{% assign x = A %}{{ x }}{{ x | upcase }}",
    "{% capture x %}<i>{{ A }}</i>{% endcapture %}{{ x }}{{ x | replace: '&lt;', '<' }}{{ x | append: w }}",
    "{% capture x %}{{ A }}{% endcapture %}{% capture y %}{{ x }}{% endcapture %}{{ y }}{{ y | strip_html }}",
    "{% for each in list %}{{ each }}{% cycle v, '<hr>', each %}{% endfor %}",
    "{% if v contains w %}{{ A }}{% else %}{{ B }}{% endif %}",
    "{% case v %}{% when w %}{{ A }}{% else %}{{ B }}{% endcase %}",
    "{% tablerow each in list %}{{ each | upcase }}{% endtablerow %}",
    "{% ifchanged %}{{ A }}{% endifchanged %}{% ifchanged %}{{ B }}{% endifchanged %}",
)


class Seen(HTMLParser):
    """Every element with its attributes' names, and whatever is no element and no text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.odd: list[str] = []
        self.text = ""
        self.titles: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.titles += [value or "" for name, value in attrs if name == "title"]

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


def test_every_filter_is_in_the_table_of_the_property_test() -> None:
    assert set(Environs("html").filters) == set(FILTERS)


@given(
    st.sampled_from(SKELETONS),
    chains(),
    chains(),
    st.fixed_dictionaries({"v": hostile, "w": hostile, "list": st.lists(hostile, max_size=3), "number": st.floats()}),
)
@lots(120)
def test_no_value_through_any_filters_becomes_an_element_or_an_attribute(
    skeleton: str, a: str, b: str, scope: dict[str, Any]
) -> None:
    body = skeleton.replace("A", a).replace("B", b)
    source = f'<p class="c">{body}</p><a title="{{{{ {a} }}}}">end</a>'
    try:
        text = template.render(source, {**scope, "object": {"k": scope["v"]}}, "html")
    except TemplateError:
        return  # a filter that cannot work on this value says so; nothing was written
    seen = Seen(text)
    # What the author wrote: these elements, with these attributes; the value has added none.
    own = {("p", "class"), ("a", "title"), ("i",), ("hr",), ("br",), ("tr", "class"), ("td", "class")}
    assert set(seen.tags) <= own
    assert seen.tags.count(("p", "class")) == seen.tags.count(("a", "title")) == 1
    assert seen.odd == []


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_each_filter_alone_leaves_an_attack_harmless(name: str) -> None:
    shapes = {"t": "', '", "x": "'a'", "v": "v", "n": "2", "k": "'k'"}
    for arguments in FILTERS[name]:
        for start in ("v", "list"):
            call = f"{start} | {name}" + (f": {', '.join(shapes[kind] for kind in arguments)}" if arguments else "")
            for attack in ATTACKS:
                try:
                    text = template.render(f"{{{{ {call} }}}}", {"v": attack, "list": [attack, attack]}, "html")
                except TemplateError:
                    continue
                assert not re.search(r"<(?!br />)", text), (call, text)
                assert '"' not in text.replace("<br />", ""), (call, text)


@given(hostile)
@lots(40)
def test_a_reader_sees_the_value_itself(value: str) -> None:
    visible = re.sub(r"\r\n?", "\n", value.replace("\x00", ""))  # what HTML itself cannot carry
    seen = Seen(template.render('<p>{{ v }}</p><a title="{{ v }}">', {"v": visible}, "html"))
    assert (seen.text, seen.titles) == (visible, [visible])


@given(hostile)
@lots(40)
def test_in_markdown_a_value_is_words_and_nothing_else(value: str) -> None:
    words = " ".join(re.sub(r"[\x00-\x1f\x85\u2028\u2029]", " ", value).split())
    html = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    seen = Seen(html.render(template.render("Hello, {{ v }}.", {"v": words}, "markdown")))
    assert [tag for tag, *_ in seen.tags] == ["p"]
    assert " ".join(seen.text.split()) == " ".join(f"Hello, {words}.".split())


def test_an_apostrophe_is_an_apostrophe_in_a_markdown_mail() -> None:
    text = template.render("{{ v }}", {"v": "O'Brien & Søn"}, "markdown")
    assert Seen(MarkdownIt().render(text)).text.strip() == "O'Brien & Søn"


@pytest.mark.parametrize("escape", sorted(ESCAPES))
def test_comparisons_and_filters_see_the_raw_value(escape: template.Escape) -> None:
    scope = {"v": "A&B <c>", "list": ["A&B <c>"]}
    for test in ("v == 'A&B <c>'", "v contains 'B <'", "list contains v", "v.size == 7"):
        assert template.render(f"{{% if {test} %}}yes{{% endif %}}", scope, escape) == "yes", test
    assert template.render("{{ v | size }}", scope, escape) == "7"
    assert template.render("{% capture x %}{{ v }}{% endcapture %}{{ x | size }}", scope, escape) == "7"


@pytest.mark.parametrize(
    ("source", "value", "html"),
    [
        ("{{ v | url_decode }}", "%3Cb%3E+x", "&lt;b&gt; x"),
        ("{{ v | base64_decode }}", "PGI+", "&lt;b&gt;"),
        ("{{ v | base64_url_safe_decode }}", "PGI-", "&lt;b&gt;"),
        ("{{ v | replace: '&lt;', '<' }}", "&lt;b>", "&lt;b&gt;"),
        ("{{ v | escape }}", "A&B", "A&amp;B"),
        ("{{ v | escape | escape_once }}", "A&B", "A&amp;B"),
        ("{{ v | newline_to_br }}", "a\r\n<b", "a<br />\n&lt;b"),
        ("{{ v | strip_html }}", "A&B <i>x</i> &copy;", "A&amp;B x &amp;copy;"),
        ("{{ v | default: '<i>there</i>' }}", "", "<i>there</i>"),
        ("{{ v | append: '<hr>' }}", "<", "&lt;<hr>"),
        ("{{ v | prepend: '<hr>' }}", "<", "<hr>&lt;"),
        ("{{ list | join: '<br>' }}", "<", "&lt;<br>&lt;"),
        ("{{ v | append: '<hr>' | upcase }}", "a", "A&lt;HR&gt;"),
        ("{% capture x %}<b>{{ v }}</b>{% endcapture %}{{ x }}", "<", "<b>&lt;</b>"),
        ("{% assign x = v %}{{ x }}", "<", "&lt;"),
        ("{% cycle v, 'x' %}", "<", "&lt;"),
        ("{{ list }}", "<", "&lt;&lt;"),
        ("{{ object }}", "<", "{&quot;k&quot;: &quot;&lt;&quot;}"),
    ],
)
def test_what_is_written_is_escaped_once(source: str, value: str, html: str) -> None:
    scope = {"v": value, "list": [value, value], "object": {"k": value}}
    assert template.render(source, scope, "html") == html


@pytest.mark.parametrize(
    ("escape", "text"),
    [
        ("none", "a <b>&'\n/"),
        ("slack", "a &lt;b&gt;&amp;'\n/"),
        ("url", "a%20%3Cb%3E%26%27%0A%2F"),
        ("header", "a <b>&' /"),
    ],
)
def test_s11_each_place_has_its_own_escape(escape: template.Escape, text: str) -> None:
    assert template.render("{{ v }}", {"v": "a <b>&'\n/"}, escape) == text


@given(chains(), hostile)
@lots(60)
def test_s11_a_header_has_one_line(chain: str, value: str) -> None:
    try:
        text = template.render(f"Hello {{{{ {chain} }}}}", {"v": value, "w": value, "list": [value]}, "header")
    except TemplateError:
        return
    assert not re.search(r"[\x00-\x1f\x7f]", text)


@given(chains(), hostile)
@lots(60)
def test_in_a_url_a_value_cannot_begin_another_part(chain: str, value: str) -> None:
    if "'" in chain:
        return  # what the author wrote between quotes is the author's
    try:
        text = template.render(f"{{{{ {chain} }}}}", {"v": value, "w": value, "list": [value]}, "url")
    except TemplateError:
        return
    if "newline_to_br" not in chain:
        assert re.fullmatch(r"[\w.~%+-]*", text, re.ASCII), text


def test_s10_a_value_is_rendered_once() -> None:
    scope = {"v": "{{ secret }}{% assign v = 1 %}", "secret": "s"}
    for source in ("{{ v }}", "{{ v | append: '' }}", "{% capture x %}{{ v }}{% endcapture %}{{ x }}"):
        assert template.render(source, scope) == scope["v"]


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["{{", "}}", "{%", "%}", " v ", "|", "'", "if", "endif", ":"]), max_size=9).map("".join),
    plain_json,
)
@lots(100)
def test_any_text_over_any_value_gives_a_text_or_a_template_error(source: str, value: Any) -> None:
    for run in (template.check, lambda text: template.render(text, {"v": value}, "html")):
        try:
            run(source)
        except TemplateError as error:
            assert error.message.endswith(".")
            assert error.fix


@given(chains(), plain_json, plain_json)
@lots(100)
def test_any_filters_over_any_json_give_a_text_or_a_template_error(chain: str, v: Any, w: Any) -> None:
    scope = {"v": v, "w": w, "list": [v, w], "object": {"k": v}, "number": 3}
    for escape in ESCAPES:
        try:
            assert isinstance(template.render(f"{{{{ {chain} }}}}", scope, escape), str)
        except TemplateError as error:
            assert error.message


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ v.__class__ }}",
        "{{ v.__init__.__globals__ }}",
        "{{ v.upper }}",
        "{{ object.keys }}",
        "{{ object.items }}",
        "{{ v | attr: '__class__' }}",
        "{% include 'x' %}",
        "{% render 'x' %}",
        "{% import x %}",
        "{% load x %}",
        "{% debug %}",
        "{{ v | safe }}",
        "{{ cycler.__init__.__globals__ }}",
    ],
)
def test_s8_nothing_but_data_is_in_reach(source: str) -> None:
    try:
        template.check(source)
        text = template.render(source, {"v": "x", "object": {"a": 1}})
    except TemplateError:
        return
    assert text == ""


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in (1..3000) %}{% for b in (1..1000) %}x{% endfor %}{% endfor %}",
        "{{ (1..99999999) | join }}",
        "{{ (1..99999999) | size }}",
        "{{ (1..99999999) | sort }}",
        "{{ v | replace: 'a', v }}",
        "{{ v | replace: '', v }}",
        "{{ v | split: '' | join: v }}",
        "{{ v | json" + " | json" * 60 + " }}",
        "{% for a in (1..9000) %}{{ v }}{% endfor %}",
        "{% assign x = v %}{% for a in (1..60) %}{% assign x = x | append: x %}{% endfor %}",
        "{% if true %}" * 200 + "{% endif %}" * 200,
        "{% for a in (1..10000) %}" + "{% if v == a %}{% endif %}" * 2_000 + "{% endfor %}",
        "{% for a in (1..10000) %}{% if a == v %}{% endif %}{% endfor %}" * 1_000,
        "{% tablerow a in (1..9000) %}" + "{% unless a %}{% endunless %}" * 900 + "{% endtablerow %}",
        "{% for a in (1..9000) %}{% assign x = v | strip_html | size %}{% endfor %}",
        "{% assign x = v | split: '' | sort_natural | join: '' | size %}" * 1_000,
        "x" * 262_145,
    ],
)
def test_s9_what_would_run_long_is_refused_soon(source: str) -> None:
    started = time.process_time()
    with pytest.raises(TemplateError):
        template.render(source, {"v": 'a"' * 4_500})
    assert time.process_time() - started < 1.5


def test_a_long_list_is_written_all_the_same() -> None:
    source = (
        "{% for t in list %}<li>{% if t.on %}{{ t.name | upcase | truncate: 9 }}{% else %}-{% endif %}</li>{% endfor %}"
    )
    rows = [{"name": f"name {number}", "on": number % 2} for number in range(3_000)]
    assert template.render(source, {"list": rows}, "html").count("<li>") == 3_000


def test_a_text_that_is_exactly_one_path_keeps_the_type() -> None:
    scope = {"customer": {"traits": {"employees": 540, "tags": ["a", 1], "at": datetime(2026, 1, 2, tzinfo=UTC)}}}
    row = {
        "n": "{{ customer.traits.employees }}",
        "text": "{{ customer.traits.employees }} people",
        "list": " {{ customer.traits.tags }} ",
        "none": "{{ customer.traits.missing }}",
        "filtered": "{{ customer.traits.employees | plus: 1 }}",
        "deep": [{"n": "{{- customer.traits.employees -}}"}],
        "at": "{{ customer.traits.at }}",
        "as is": 3,
    }
    assert template.render_value(row, scope) == {
        "n": 540,
        "text": "540 people",
        "list": ["a", 1],
        "none": None,
        "filtered": "541",
        "deep": [{"n": 540}],
        "at": "2026-01-02T00:00:00+00:00",
        "as is": 3,
    }


@given(plain_json)
@lots(60)
def test_exactly_one_path_is_that_very_value(value: Any) -> None:
    assert repr(template.render_value("{{ v.x }}", {"v": {"x": value}})) == repr(value)


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("{{ customer.traits.plan }} {{ event.name | upcase }}", {"customer.traits.plan", "event.name"}),
        ("{% if run.id == steps.enrich.output.x %}{% endif %}", {"run.id", "steps.enrich.output.x"}),
        ("{{ v | default: customer.email }}", {"v", "customer.email"}),
        ("{% for t in customer.traits.tags %}{{ t }}{% cycle t, now %}{% endfor %}", {"customer.traits.tags", "now"}),
        ("{% assign x = event.id %}{{ x }}", {"event.id"}),
        ("{{ customer.traits['plan'] }}{{ list[0].x }}", {"customer.traits.plan", "list"}),
        ("no marks", set()),
    ],
)
def test_the_paths_a_text_reads_are_found(source: str, paths: set[str]) -> None:
    assert template.check(source) == paths


@pytest.mark.parametrize(
    "source", ["{{ v", "{% if v %}", "{% wrong %}", "{{ v | wrong }}", "{{ | }}", "{{ v | safe }}"]
)
def test_a_wrong_mark_is_refused_when_saved_with_a_fix(source: str) -> None:
    with pytest.raises(TemplateError) as caught:
        template.check(source)
    assert caught.value.message.endswith(".")
    assert caught.value.fix


def test_an_error_names_its_line() -> None:
    with pytest.raises(TemplateError) as caught:
        template.check("one\ntwo {{ v | wrong: }}\n{% if %}")
    assert caught.value.line in (2, 3)


_SOURCES = st.lists(
    st.sampled_from(
        ["a", " ", "<b>", "&", "\n", "{{ v }}", "{{v}}", "{{ object.k }}", "{{ number }}", "{{ true }}", "{{ missing }}",
         "{{ list }}", "{{ list.size }}", "{{ object.size }}", "{{ v | upcase }}", "{{- v }}", "{", "}}", "{% if v %}x{% endif %}"]
    ),
    max_size=6,
).map("".join)  # fmt: skip


@lots(400)
@given(_SOURCES, hostile, st.sampled_from(sorted(ESCAPES)))
def test_simple_texts_come_out_as_from_liquid(source: str, value: str, escape: Any) -> None:
    scope = {"v": value, "object": {"k": value, "size": 7}, "number": 3, "list": [value]}
    try:
        wanted = template._rendered(source, scope, escape)
    except TemplateError:
        with pytest.raises(TemplateError):
            template.render(source, scope, escape)
        return
    assert template._simply(source, scope, escape) in (None, wanted)


def test_everyday_texts_are_simple() -> None:
    scope = {"event": {"properties": {"n": 7}}}
    assert template._simply("https://acme.com/{{ event.properties.n }}?x", scope, "url") == "https://acme.com/7?x"


def test_an_object_is_written_as_json() -> None:
    scope = {"customer": {"traits": {"plan": "pro", "tags": ["a"], "ok": True, "none": None}}}
    said = '{"plan": "pro", "tags": ["a"], "ok": true, "none": null}'
    assert template.render("{{ customer.traits }}", scope) == said
    assert template.render("{{ customer.traits }}", scope, "html") == said.replace('"', "&quot;")
