"""Messages to people: their category, the same twice, and hours in which they cannot go out (SEMANTICS 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from flowstudio.domain import schedule
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.flow_settings import QuietHours, Window
from flowstudio.domain.graph import Node
from flowstudio.domain.issue import Issue
from flowstudio.domain.lints.view import View
from flowstudio.domain.local_time import DAYS
from flowstudio.domain.nodes.base import NodeType

_DAY = 1_440
# Between two messages further apart than this, the second is meant.
_APART = timedelta(hours=20)
_PASSED = 50


def issues(view: View) -> Iterator[Issue]:
    """`message_without_category`, `message_twice`, `held_too_long`, `window_in_quiet_hours`."""
    quiet = view.settings.quiet_hours
    messages = [(node, kind) for node, kind in view.running() if kind.effect == "person"]
    if messages and quiet is not None:
        yield from _held(quiet)
    for node, kind in messages:
        yield from _category(view, node, kind)
        yield from _twice(view, node)
        if quiet is not None and node.config.get("transactional") is not True:
            yield from _window(view, node, quiet)


def _category(view: View, node: Node, kind: NodeType) -> Iterator[Issue]:
    asks = "category" in kind.config.model_fields
    if asks and not str(node.config.get("category") or "").strip() and node.config.get("transactional") is not True:
        yield Issue(
            code="message_without_category",
            severity="hint",
            message=f"{view.name(node)} has no category, so customers can only refuse all messages or none.",
            node=node.id,
            field="category",
            fix="Write what it is about, for example onboarding, or mark it as transactional.",
        )


def _said(node: Node) -> tuple[str, ...] | None:
    subject, body = node.config.get("subject"), node.config.get("body")
    texts = tuple(text.strip() for text in (subject, body) if isinstance(text, str) and text.strip())
    return (node.type, *texts) if texts else None


def _twice(view: View, node: Node) -> Iterator[Issue]:
    """The next message on every way, waits of less than a day passed over, says the same."""
    said = _said(node)
    if said is None:
        return
    waiting, seen = [(edge.target, timedelta(0)) for edge in view.out[node.id] if edge.source_port == "out"], {node.id}
    while waiting and len(seen) < _PASSED:
        at, apart = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        then, kind = view.nodes[at], view.kinds.get(at)
        if kind is not None and kind.effect == "person":
            if _said(then) == said:
                yield Issue(
                    code="message_twice",
                    severity="warning",
                    message=f"{view.name(then)} says the same as {view.name(node)} just before it.",
                    node=then.id,
                    fix="Delete one of them, or write another text.",
                )
            continue
        apart += _lasts(then, kind)
        if apart < _APART:
            waiting += [(edge.target, apart) for edge in view.out[at]]


def _lasts(node: Node, kind: NodeType | None) -> timedelta:
    if kind is None or kind.kind != "wait":
        return timedelta(0)
    if kind.type != "wait.delay":
        return _APART
    try:
        return schedule.parse_duration(str(node.config.get("for") or "0s"))
    except ScheduleError:
        return _APART


def _held(quiet: QuietHours) -> Iterator[Issue]:
    if quiet.mode != "hold":
        return
    lasts = timedelta(minutes=(_minute(quiet.window.to) - _minute(quiet.window.from_)) % _DAY)
    try:
        most = schedule.parse_duration(quiet.max_hold or "24h")
    except ScheduleError:
        return
    if lasts > most:
        yield Issue(
            code="held_too_long",
            severity="warning",
            message=f"Quiet hours last {_hours(lasts)}, but a message is held for {_hours(most)} at most: whoever comes "
            f"in the first {_hours(lasts - most)} never gets it.",
            field="settings.quiet_hours.max_hold",
            fix="Hold messages at least as long as quiet hours last, or make them shorter.",
        )


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    said = " ".join(
        part
        for part in (f"{minutes // 60}h" if minutes >= 60 else "", f"{minutes % 60}m" if minutes % 60 else "")
        if part
    )
    return schedule.say(said)


def _window(view: View, node: Node, quiet: QuietHours) -> Iterator[Issue]:
    """Customers are let go in hours in which no message goes out."""
    closed = _minutes(quiet.window.from_, quiet.window.to, quiet.window.days)
    for edge in view.into[node.id]:
        before = view.nodes[edge.source]
        if before.id not in view.kinds or before.type != "wait.until" or before.config.get("kind") != "window":
            continue
        opened = _opened(before.config.get("window"))
        if opened and opened <= closed:
            ends = "are dropped" if quiet.mode == "drop" else "wait until quiet hours are over"
            yield Issue(
                code="window_in_quiet_hours",
                severity="warning",
                message=f"{view.name(before)} lets customers go only in quiet hours, so the messages of "
                f"{view.name(node)} {ends}.",
                node=before.id,
                field="window",
                fix="Choose hours outside the flow's quiet hours, or change those.",
            )


def _opened(value: object) -> set[int]:
    if not isinstance(value, Mapping):
        return set()
    try:
        window = Window.model_validate(dict(value))
    except ValueError:
        return set()
    return _minutes(window.from_, window.to, window.days)


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _minutes(start: str, end: str, days: Any) -> set[int]:
    """Minutes of the week in a window that may cross midnight; `days` are those on which it begins."""
    first, length = _minute(start), (_minute(end) - _minute(start)) % _DAY
    begun = [DAYS.index(day) for day in days] or range(7)
    return {(day * _DAY + first + ahead) % (7 * _DAY) for day in begun for ahead in range(length)}
