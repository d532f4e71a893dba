"""Every error flowstudio raises on purpose, in one tree.

FlowstudioError
├── InputError            what was sent is wrong; a sentence, a place and a way to mend it
│   ├── GraphMalformed    not a graph document at all (wrong shapes, doubled ids)
│   ├── ExpressionError   a CEL expression that cannot be compiled
│   ├── TemplateError     a Liquid template that cannot be parsed or rendered
│   ├── ScheduleError     a duration, time zone or moment that cannot be read
│   └── TooLarge          over a bound of RELIABILITY's table
├── NotFound              no such thing in this workspace (or not yours: the same answer)
├── NotAllowed            the role does not permit this
├── Conflict              somebody else was first; carries both sides
├── NotPublishable        the graph has errors; carries the issues
├── Overloaded            come again after some seconds
├── Stale                 a lease was lost: the writer's fencing number is old (SEMANTICS 10.5)
└── ConnectorError        a vendor call failed; says whether to try again (SEMANTICS 10.6)
    ├── EgressRefused     the target is not a public address (SECURITY S1)
    └── CredentialMissing the action needs a credential that is not there or was revoked

Each carries a stable `code` (snake_case, part of the outside contract) and a sentence for a person.
HTTP status codes are chosen in `flowstudio.api.errors` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal


class FlowstudioError(Exception):
    """Base of the tree: a stable `code` and a sentence."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, /) -> None:
        super().__init__(message)
        self.message = message


class InputError(FlowstudioError):
    """What was sent is wrong. `field` is the place as a path ("nodes.3.config.for"), '' for the whole."""

    code = "invalid_input"

    def __init__(self, message: str, /, *, field: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.field = field
        self.fix = fix


class GraphMalformed(InputError):
    """The document is no graph: carries every problem found as (path, sentence)."""

    code = "graph_malformed"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        first_path, first = problems[0] if problems else ("", "The graph document cannot be read.")
        super().__init__(first, field=first_path)
        self.problems = tuple(problems)


class ExpressionError(InputError):
    """A CEL expression cannot be compiled; `position` is a 0-based character offset or None."""

    code = "expression_invalid"

    def __init__(self, message: str, /, *, field: str = "", fix: str = "", position: int | None = None) -> None:
        super().__init__(message, field=field, fix=fix)
        self.position = position


class TemplateError(InputError):
    """A Liquid template cannot be parsed or rendered; `line` is 1-based or None."""

    code = "template_invalid"

    def __init__(self, message: str, /, *, field: str = "", fix: str = "", line: int | None = None) -> None:
        super().__init__(message, field=field, fix=fix)
        self.line = line


class ScheduleError(InputError):
    """A duration, time zone or moment cannot be read."""

    code = "schedule_invalid"


class TooLarge(InputError):
    """Over a bound of RELIABILITY's table; the sentence names the bound."""

    code = "too_large"


class NotFound(FlowstudioError):
    """No such thing in this workspace; another workspace's object gives the same answer (G20)."""

    code = "not_found"


class NotAllowed(FlowstudioError):
    """The caller's role does not permit this verb."""

    code = "not_allowed"


class Conflict(FlowstudioError):
    """Somebody else was first; `theirs` is what stands now, `yours` what was sent, as plain data."""

    code = "conflict"

    def __init__(
        self, message: str, /, *, theirs: Mapping[str, Any] | None = None, yours: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.theirs = dict(theirs or {})
        self.yours = dict(yours or {})


class NotPublishable(FlowstudioError):
    """The graph has errors; `issues` are plain dictionaries as `graphs/validate/` gives them."""

    code = "graph_has_errors"

    def __init__(self, message: str, /, *, issues: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(message)
        self.issues = tuple(issues)


class Overloaded(FlowstudioError):
    """Come again after `retry_after` whole seconds."""

    code = "overloaded"

    def __init__(self, message: str, /, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Stale(FlowstudioError):
    """The writer's fencing number is old: its lease went to somebody else (SEMANTICS 10.5)."""

    code = "stale"


Sent = Literal["no", "maybe", "answered"]


class ConnectorError(FlowstudioError):
    """A vendor call failed.

    `error_class` is a short stable word (`timeout`, `dns`, `refused`, `status_503`, `bad_answer` …), `retryable` says
    whether another try may help, `retry_after` is the vendor's wish in seconds, `status` its HTTP status, `sent`
    whether the request left the house: `no` (safe to repeat), `maybe` (the attempt becomes `unknown`, SEMANTICS 10.3)
    or `answered`. `detail` is the vendor's own text, already cut and scrubbed.
    """

    code = "connector_failed"

    def __init__(
        self,
        message: str,
        /,
        *,
        error_class: str,
        retryable: bool,
        retry_after: float | None = None,
        status: int | None = None,
        sent: Sent = "answered",
        detail: str = "",
    ) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.retryable = retryable
        self.retry_after = retry_after
        self.status = status
        self.sent = sent
        self.detail = detail


class EgressRefused(ConnectorError):
    """The target is not a public address (SECURITY S1–S4). One sentence, whatever lies behind the address (S7)."""

    code = "egress_refused"

    def __init__(self, message: str = "This address is not allowed: flows may call public addresses only.") -> None:
        super().__init__(message, error_class="egress", retryable=False, sent="no")


class CredentialMissing(ConnectorError):
    """The action needs a credential that is not there or was revoked."""

    code = "credential_missing"

    def __init__(self, message: str) -> None:
        super().__init__(message, error_class="credential", retryable=False, sent="no")
