"""An e-mail in blocks: robust HTML, plain text, and no customer value that becomes markup (SECURITY S10, S11)."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowstudio.connectors.email import blocks, layout
from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.errors import InputError

LETTER: list[dict[str, Any]] = [
    {"id": "a", "kind": "heading", "text": "Hello {{ customer.name }}"},
    {"id": "b", "kind": "text", "text": "**Dear** {{ customer.name }}, see [this](https://a.example/?q={{ customer.name | url_encode }})"},
    {"id": "c", "kind": "button", "text": "Go, {{ customer.name }}", "url": "https://a.example/{{ customer.name }}"},
    {"id": "d", "kind": "image", "url": "https://a.example/{{ customer.name }}.png", "alt": "{{ customer.name }}"},
    {"id": "e", "kind": "divider"},
    {"id": "f", "kind": "spacer", "height": 40},
    {
        "id": "g",
        "kind": "columns",
        "columns": [
            {"blocks": [{"id": "h", "kind": "text", "text": "Left {{ customer.name }}"}]},
            {"blocks": [{"id": "i", "kind": "heading", "level": 3, "text": "Right"}]},
        ],
    },
]  # fmt: skip


def letter(name: str, parts: list[dict[str, Any]] = LETTER, **more: Any) -> tuple[str, str]:
    return layout.page(blocks.filled(blocks.read(parts), {"customer": {"name": name}}), **more)


class _Shape(HTMLParser):
    """Every tag with the names of its attributes: what markup there is, whatever the texts say."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))


def test_blocks_become_tables_with_inline_styles_and_their_text() -> None:
    html, text = letter("Ada", unsubscribe="https://a.example/u?t=1&x=2", preheader="<b> first")
    assert "max-width:600px" in html and 'name="color-scheme" content="light dark"' in html
    assert ">Hello Ada</h1>" in html and "<strong>Dear</strong> Ada" in html
    assert 'href="https://a.example/u?t=1&amp;x=2"' in html and "&lt;b&gt; first" in html
    assert "Hello Ada" in text and "Go, Ada (https://a.example/Ada)" in text and "[Ada]" in text
    assert "Left Ada" in text and "Right" in text and "first" not in text
    assert text.rstrip().endswith("Unsubscribe (https://a.example/u?t=1&x=2)")


@settings(max_examples=250, deadline=None)
@given(name=st.text(min_size=1, max_size=60).filter(lambda name: name.strip() != ""))
@example('"><script>alert(1)</script>')
@example("' onload='x")
@example("</style></td></table><img src=x onerror=alert(1)>")
@example("](javascript:alert(1)) **x** <http://evil.example>")
@example("\n\n# Heading\n\n- list\n\n    code")
@example("{{ customer.name }}{% if %}")
@example("javascript:alert(1)")
@example("x\n1. one\n2. two")
def test_no_value_of_a_customer_adds_a_tag_or_an_attribute(name: str) -> None:
    """SECURITY S10, S11: the markup is the same for every value, and every link still leads where the author said."""
    ours, theirs = _Shape(letter("Ada")[0]), _Shape(letter(name)[0])
    plain = [tag for tag in theirs.tags if tag[0] not in ("br", "/br", "p", "/p")]
    assert plain == [tag for tag in ours.tags if tag[0] not in ("br", "/br", "p", "/p")]
    assert all(link.startswith("https://a.example/") for link in theirs.links)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", 'https://a"b', "vbscript:x"]
)
def test_an_address_that_mailboxes_must_not_open_stops_the_message(address: str) -> None:
    parts = [{"id": "a", "kind": "button", "text": "Go", "url": "{{ customer.name }}"}]
    with pytest.raises(InputError, match="only http, https and mailto are opened"):
        letter(address, parts)
    assert list(blocks.wrong(blocks.read([parts[0] | {"url": address}])))


@pytest.mark.parametrize("address", ["https://a.example", "HTTP://a.example/x?y=1#z", "mailto:ada@a.example"])
def test_web_and_mail_addresses_pass_written_out_or_as_a_value(address: str) -> None:
    parts = [{"id": "a", "kind": "button", "text": "Go", "url": "{{ customer.name }}"}]
    assert address in letter(address, parts)[1]
    assert not list(blocks.wrong(blocks.read([parts[0] | {"url": address}])))


def test_what_is_not_done_is_said_with_its_place() -> None:
    parts = blocks.read(
        [
            {"id": "a", "kind": "heading"},
            {"id": "b", "kind": "columns", "columns": [{"blocks": [{"id": "c", "kind": "image"}]}, {}]},
            {"id": "d", "kind": "button", "text": "Go"},
        ]
    )
    assert [sentence for sentence, _ in blocks.wrong(parts)] == [
        "Block 1 (heading) has no text.",
        "In block 2: block 1 (image) has no picture.",
        "Block 3 (button) leads nowhere.",
    ]
    assert 'href="#"' in layout.page(blocks.filled(parts[2:], {}, draft=True))[0]
    with pytest.raises(InputError, match="leads nowhere for this customer"):
        blocks.filled(parts[2:], {})


def test_blocks_of_another_shape_are_refused_with_their_place() -> None:
    with pytest.raises(InputError, match="Block 0"):
        blocks.read([{"id": "a", "kind": "script", "text": "x"}])
    with pytest.raises(InputError, match="colour"):
        blocks.read([{"id": "a", "kind": "button", "colour": "red;} x"}])


def test_a_step_written_in_blocks_is_whole_without_a_body() -> None:
    kind = CATALOGUE["email.send"]
    assert kind.check is not None
    done = kind.config.model_validate({"subject": "Hi", "format": "blocks", "blocks": LETTER})
    assert kind.check(done) == ()
    empty = kind.config.model_validate({"subject": "Hi", "format": "blocks"})
    assert [(issue.code, issue.field) for issue in kind.check(empty)] == [("email_without_body", "blocks")]


def test_the_letter_on_a_button_can_be_read_on_any_colour() -> None:
    pale = [{"id": "a", "kind": "button", "text": "Go", "url": "https://a.example", "colour": "#ffee88"}]
    dark = [pale[0] | {"colour": "#102040"}]
    assert "color:#1b1a18;text-decoration" in letter("x", pale)[0]
    assert "color:#ffffff;text-decoration" in letter("x", dark)[0]
