"""Where a filled-in value meets the text around it: each {{ … }} is escaped as it is written, never before.

So filters and comparisons see a customer's value as it is, and no filter can undo an escape: whatever a filter makes is
plain text and is escaped when it is written (SECURITY S11). What the author wrote between quotes and what {% capture %}
made are `Ready`: written as they stand while nothing has changed them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TextIO, override
from urllib.parse import quote_plus

from liquid import Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import StringLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.builtin.tags.cycle_tag import CycleNode, CycleTag
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import FilterArgumentError, LoopIterationLimitError
from liquid.expression import Expression
from liquid.stream import TokenStream
from liquid.stringify import to_liquid_string
from liquid.template import BoundTemplate
from liquid.utils.html import strip_tags

from flowstudio.domain.escapes import ESCAPES, READ, Escape, Ready

MAX_MADE = 1_048_576
MAX_RANGE = 10_000
MAX_STEPS = 500_000
_LINE_END = re.compile(r"\r?\n")
_FORBIDDEN_TAGS = ("include", "render", "macro", "call", "extends", "block", "import")
# Every value is escaped, so that a mark "this one is safe" would only mislead.
_FORBIDDEN_FILTERS = ("safe",)


class _Context(RenderContext):
    """One rendering, which may take so many steps: loops one after another count too (SECURITY S9)."""

    spent: int = 0

    def spend(self, steps: int) -> None:
        """Counts steps of a few microseconds each."""
        self.spent += steps
        if self.spent > MAX_STEPS:
            raise LoopIterationLimitError("it would take too long", token=None)

    @override
    def raise_for_loop_limit(self, length: int = 1) -> None:
        super().raise_for_loop_limit(length)
        self.spend(length * getattr(self.template, "size", 1))


class _Template(BoundTemplate):
    context_class = _Context
    size: int = 1


class Environs(Environment):
    """Liquid for one kind of text: bounded, without file access, every output escaped for that kind."""

    template_class = _Template
    block_nesting_limit = 32
    context_depth_limit = 16
    loop_iteration_limit = 10_000
    output_stream_limit = 524_288
    local_namespace_limit = 262_144

    def __init__(self, escape: Escape) -> None:
        super().__init__(autoescape=False)
        self.escape = ESCAPES[escape]
        self.read = READ.get(escape, str)
        for tag in _FORBIDDEN_TAGS:
            self.tags.pop(tag, None)
        for name in _FORBIDDEN_FILTERS:
            self.filters.pop(name, None)
        for kind in (_OutputTag, _EchoTag, _CycleTag, _CaptureTag):
            self.add_tag(kind)
        self.filters |= {
            "append": self._append,
            "prepend": self._prepend,
            "join": self._join,
            "replace": _replace,
            "json": _json,
            "strip_html": _stripped,
        }
        if escape in ("html", "markdown"):
            # They ask for what happens anyway: done twice, a reader would see the entities.
            self.filters |= {"escape": _text, "escape_once": _unescape, "newline_to_br": self._breaks}
        elif escape == "url":
            self.filters["url_encode"] = _encoded
        self.filters |= {name: _bounded(made) for name, made in self.filters.items()}

    def ready(self, source: str) -> BoundTemplate:
        """A parsed template whose quoted texts are the author's own."""
        template = self.from_string(source)
        context = RenderContext(template)
        nodes: list[Node] = list(template.nodes)
        size = 0
        while nodes:
            node = nodes.pop()
            size += 1
            nodes.extend(node.children(context, include_partials=False))
            expressions: list[Expression] = list(node.expressions())
            while expressions:
                expression = expressions.pop()
                size += 1
                expressions.extend(expression.children())
                if isinstance(expression, StringLiteral):
                    expression.value = Ready.of(expression.value, expression.value)
        if isinstance(template, _Template):
            template.size = size
        return template

    def written(self, value: object) -> str:
        """How a value stands in the output."""
        if isinstance(value, Ready):
            return value.written
        if isinstance(value, list | tuple):
            return "".join(
                self.written(item) if isinstance(item, str | dict) else self.escape(str(item)) for item in value
            )
        return self.escape(_json(value) if isinstance(value, dict) else to_liquid_string(value, autoescape=False))

    def _glued(self, parts: Iterable[object]) -> str:
        """The parts one after another: each of them escaped or not as it would be alone."""
        known = [part if isinstance(part, Ready) else _text(part) for part in parts]
        if sum(map(len, known)) > MAX_MADE:
            raise FilterArgumentError("the text grows too long", token=None)
        text = "".join(known)
        return Ready.of(text, "".join(map(self.written, known))) if any(isinstance(p, Ready) for p in known) else text

    def _append(self, value: object, more: object) -> str:
        return self._glued((value, more))

    def _prepend(self, value: object, more: object) -> str:
        return self._glued((more, value))

    def _join(self, value: object, separator: object = " ") -> str:
        items = list(value) if isinstance(value, list | tuple | range) else [value]
        parts = [part for item in items for part in (separator, item)][1:]
        return self._glued(parts)

    def _breaks(self, value: object) -> str:
        text = _text(value)
        return Ready.of(text, _LINE_END.sub("<br />\n", self.written(value if isinstance(value, Ready) else text)))


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) else to_liquid_string(value, autoescape=False)


def _unescape(value: object) -> str:
    return html.unescape(_text(value))


def _encoded(value: object) -> str:
    text = _text(value)
    return Ready.of(text, quote_plus(text))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _stripped(value: object) -> str:
    # The library's own turns "A&B <i>" into "A&B; ", since it takes every & for the beginning of an entity.
    return strip_tags(_text(value).replace("&", "&amp;")).replace("&amp;", "&")


def _replace(value: object, old: object, new: object = "") -> str:
    text, gone, fresh = _text(value), _text(old), _text(new)
    if len(text) + text.count(gone) * len(fresh) > MAX_MADE:
        raise FilterArgumentError("the text grows too long", token=None)
    return text.replace(gone, fresh)


def _effort(value: object) -> int:
    """About how many steps a filter takes over a value."""
    if isinstance(value, str):
        return 1 + len(value) // 64
    return 1 + len(value) if isinstance(value, list | tuple | range) else 1


def _bounded(made: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, but neither over a huge range nor with a huge text as its answer, and not for ever (SECURITY S9)."""
    wants_context = getattr(made, "with_context", False)

    @wraps(made)
    def bounded(value: object, *args: Any, context: RenderContext, **named: Any) -> Any:
        if isinstance(context, _Context):
            context.spend(_effort(value))
        if wants_context:
            named["context"] = context
        if any(isinstance(each, range | list | tuple) and len(each) > MAX_RANGE for each in (value, *args)):
            raise FilterArgumentError("the list is too long", token=None)
        answer = made(value, *args, **named)
        if isinstance(answer, str) and len(answer) > MAX_MADE:
            raise FilterArgumentError("the text grows too long", token=None)
        if isinstance(context, _Context) and isinstance(answer, list | tuple):
            context.spend(_effort(answer))
        return answer

    bounded.with_context = True  # type: ignore[attr-defined]
    return bounded


def _environs(context: RenderContext) -> Environs:
    found = context.env
    if not isinstance(found, Environs):
        raise TypeError("the template was parsed elsewhere, so nothing would be escaped")
    return found


class _OutputNode(OutputNode):
    @override
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(_environs(context).written(self.expression.evaluate(context)))

    @override
    async def render_to_output_async(self, context: RenderContext, buffer: TextIO) -> int:
        return self.render_to_output(context, buffer)


class _OutputTag(Output):
    node_class = _OutputNode


class _EchoNode(_OutputNode, EchoNode):
    pass


class _EchoTag(EchoTag):
    node_class = _EchoNode


class _Written(Expression):
    """An expression as it stands in the output."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expression) -> None:
        super().__init__(inner.token)
        self.inner = inner

    @override
    def evaluate(self, context: RenderContext) -> object:
        return _environs(context).written(self.inner.evaluate(context))

    @override
    def children(self) -> list[Expression]:
        return [self.inner]

    @override
    def __str__(self) -> str:
        return str(self.inner)


class _CycleTag(CycleTag):
    @override
    def parse(self, stream: TokenStream) -> CycleNode:
        node = super().parse(stream)
        return self.node_class(node.token, node.group, [_Written(arg) for arg in node.args])


class _CaptureNode(CaptureNode):
    @override
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        made = context.get_buffer(buffer)
        self.block.render(context, made)
        written = made.getvalue()
        context.assign(self.name, Ready.of(_environs(context).read(written), written))
        return 0

    @override
    async def render_to_output_async(self, context: RenderContext, buffer: TextIO) -> int:
        return self.render_to_output(context, buffer)


class _CaptureTag(CaptureTag):
    node_class = _CaptureNode
