"""What a vendor's answer means: Retry-After, statuses as errors, and secrets taken out of whatever is kept."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec

from flowstudio.domain.errors import ConnectorError

MAX_RETRY_AFTER_S = 24 * 3600.0
MAX_DETAIL = 500
_RETRYABLE_4XX = frozenset({408, 409, 425, 429})
MASK = "•••"


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds a vendor asks us to wait, capped at a day; nonsense counts as absent (RELIABILITY F15)."""
    text = (value or "").strip()
    if re.fullmatch(r"\d{1,12}", text):
        return min(float(text), MAX_RETRY_AFTER_S)
    if not re.match(r"[A-Za-z]{3}", text):
        return None
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), MAX_RETRY_AFTER_S)


def now() -> datetime:
    """The clock against which HTTP dates are read."""
    return datetime.now(UTC)


def is_retryable(status: int) -> bool:
    """SEMANTICS 10.6: 408, 409, 425, 429 and every 5xx may be tried again; other statuses are final."""
    return status in _RETRYABLE_4XX or status >= 500


def status_error(vendor: str, status: int, headers: Mapping[str, str], detail: str = "") -> ConnectorError:
    """The error for an answer that is no success: a sentence a marketer can act on, and whether to try again."""
    if status in (401, 403):
        said = f"{vendor} refused the credential (status {status}). Check it under Connectors."
    elif status == 402:
        said = f"{vendor} says that the plan's quota is used up or unpaid (status 402)."
    elif status == 429:
        said = f"{vendor} asks us to slow down (status 429)."
    elif status >= 500:
        said = f"{vendor} has a problem of its own (status {status})."
    elif 300 <= status < 400:
        said = f"{vendor} answered with a redirect (status {status}), which is not followed here."
    else:
        said = f"{vendor} refused the request (status {status})."
    cut = detail.strip()[:MAX_DETAIL]
    return ConnectorError(
        said,
        error_class=f"status_{status}",
        retryable=is_retryable(status),
        retry_after=retry_after(headers.get("retry-after"), now=now()),
        status=status,
        sent="answered",
        detail=cut,
    )


def bad_answer(vendor: str, why: str, *, status: int | None = None, detail: str = "") -> ConnectorError:
    """The vendor's answer makes no sense: it may be a passing fault, so another try may help."""
    return ConnectorError(
        f"{vendor} sent an answer that cannot be read: {why}.",
        error_class="bad_answer",
        retryable=True,
        status=status,
        sent="answered",
        detail=detail[:MAX_DETAIL],
    )


def input_error(message: str) -> ConnectorError:
    """What was asked for cannot be sent at all; nothing left the house and another try is pointless."""
    return ConnectorError(message, error_class="input", retryable=False, sent="no")


def parse_json(body: bytes) -> Any:
    """Strict JSON: no NaN, no Infinity (also by `1e999`), no endless nesting or digits; ValueError otherwise."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # Honest JSON all the same, perhaps (a mark at its beginning, halves of pairs); or else the reason in words.
        return _parse_slowly(body)


def _parse_slowly(body: bytes) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    def number(text: str) -> float:
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(f"the number {text[:20]} is too large")
        return value

    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=refuse, parse_float=number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


class Scrubber:
    """Takes a credential's values out of anything that will be stored or shown (SECURITY S24): as they stand, in
    base64 and URL-encoded."""

    def __init__(self, credential: Mapping[str, str] | None) -> None:
        forms: set[str] = set()
        for secret in (credential or {}).values():
            if isinstance(secret, str) and len(secret) >= 6:
                raw = secret.encode()
                forms |= {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
                # In a longer base64 text the secret's own characters depend on where it starts: all three offsets.
                for lead, (start, ends) in enumerate(((0, (None, -3, -2)), (2, (-3, -2, None)), (3, (-2, None, -3)))):
                    padded = b"\0" * lead + raw
                    end = ends[len(raw) % 3]
                    forms |= {
                        coder(padded)[start:end].decode() for coder in (base64.b64encode, base64.urlsafe_b64encode)
                    }
        usable = sorted((form for form in forms if len(form) >= 6), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, usable))) if usable else None

    def text(self, value: str) -> str:
        """The text with every secret masked."""
        return self._pattern.sub(MASK, value) if self._pattern else value

    def value(self, value: Any) -> Any:
        """The JSON value with every secret masked, in keys as well."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        return value
