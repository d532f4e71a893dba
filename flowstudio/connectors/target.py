"""The address of a request, read once: what is judged is what is connected to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import httpx

from flowstudio.domain.errors import EgressRefused

_PORTS = {"http": 80, "https": 443}
# Written as every reader of addresses writes it back: lower case, nothing to encode, no "." as a part of the path.
_SAFE = r"(?:[A-Za-z0-9_~!$&'()*+,;=:@.-]|%[0-9A-F]{2})"
_PLAIN = re.compile(
    rf"(https?://[a-z0-9](?:[a-z0-9.-]{{0,250}}[a-z0-9])?(?::[1-9][0-9]{{0,4}})?)/(?:{_SAFE}|/)*(?:\?(?:{_SAFE}|[/?])+)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Target:
    """Scheme, host and port as they are judged, and the whole address as it is sent. `plain`: there is one way to
    read it only."""

    scheme: str
    host: str
    port: int
    text: str
    plain: bool = False

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a credential is bound to."""
        return self.scheme, self.host, self.port

    def joined(self, location: str) -> str:
        """Where a redirect from here leads; EgressRefused when that cannot be read."""
        try:
            return str(httpx.URL(self.text).join(location))
        except (httpx.InvalidURL, ValueError, UnicodeError):
            raise EgressRefused from None


def read(text: str, params: dict[str, str | list[str]] | None = None) -> Target:
    """The address in a text; EgressRefused for what is none, and for names and passwords in it."""
    if not params and "/." not in text:
        plain = _PLAIN.fullmatch(text)
        if plain is not None:
            scheme, host, port = _origin(plain[1])
            return Target(scheme, host, port, text, plain=True)
    try:
        target = httpx.URL(text)
        if params:
            target = target.copy_merge_params(params)
        scheme, host, port = _parts(target)
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise EgressRefused from None
    return Target(scheme, host, port, str(target.copy_with(fragment=None) if target.fragment else target))


@lru_cache(maxsize=1_024)
def _origin(text: str) -> tuple[str, str, int]:
    return _parts(httpx.URL(text))


def _parts(target: httpx.URL) -> tuple[str, str, int]:
    host = target.host
    if target.scheme not in _PORTS or not host or target.userinfo or "%" in host:
        raise EgressRefused
    return target.scheme, host, target.port if target.port is not None else _PORTS[target.scheme]
