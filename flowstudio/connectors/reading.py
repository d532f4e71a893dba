"""Reading a vendor's answer: bounded, decompressed without bombs, and every fault of the wire as a ConnectorError."""

from __future__ import annotations

import codecs
import re
import ssl
import zlib
from typing import NoReturn

import aiohttp

from flowstudio.connectors import wire
from flowstudio.domain.errors import ConnectorError, Sent

MAX_BODY = 1024 * 1024
MAX_LAYERS = 2


# Python knows codecs that are no charsets, and some that take for ever.
_CHARSET = re.compile(r"(utf-?(8|16|32)|iso-?8859|latin|us-ascii|ascii|windows-125|cp125|koi8|shift_?jis|euc-|gb|big5)")


def charset(content_type: str) -> str:
    """The codec for a Content-Type's charset; UTF-8 for none, for unknown ones and for what is no charset."""
    named = re.search(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})", content_type, re.IGNORECASE)
    if named is None or not _CHARSET.match(named[1].lower()):
        return "utf-8-sig"
    try:
        name = codecs.lookup(named[1]).name
    except LookupError:
        return "utf-8-sig"
    return "utf-8-sig" if name in ("utf-8", "ascii") else name


def too_large(status: int) -> ConnectorError:
    """The error for a body over the bound: asking again would give the same."""
    return ConnectorError(
        "The answer is larger than 1 MiB; ask for less, or for a page of it.",
        error_class="too_large",
        retryable=False,
        status=status,
        sent="answered",
    )


def check_declared(length: str, verb: str, status: int) -> None:
    """Refuse a body that says itself that it is over the bound, before it is read."""
    if length.isdigit() and (len(length) > 12 or int(length) > MAX_BODY) and verb != "HEAD":
        raise too_large(status)


def check_size(size: int, status: int) -> None:
    """Refuse a body as soon as what was read of it is over the bound."""
    if size > MAX_BODY:
        raise too_large(status)


def decompressed(raw: bytes, encoding: str) -> bytes:
    """Undo gzip and deflate, never making more than the bound: a bomb stops at 1 MiB plus one byte."""
    if not encoding:
        return raw
    layers = [layer for layer in re.split(r"\s*,\s*", encoding.strip().lower()) if layer and layer != "identity"]
    if len(layers) > MAX_LAYERS:
        raise wire.bad_answer("The other side", "it is compressed too many times")
    for layer in reversed(layers):
        if layer not in ("gzip", "x-gzip", "deflate"):
            raise wire.bad_answer("The other side", f"it is compressed with {layer[:20]!r}, which was not asked for")
        if raw:
            raw = _one_layer(raw, layer)
    return raw


def _one_layer(raw: bytes, layer: str) -> bytes:
    # "deflate" is zlib by the standard and bare deflate from some servers.
    widths = (31,) if layer != "deflate" else (15, -15)
    for width in widths:
        inflater = zlib.decompressobj(width)
        try:
            plain = inflater.decompress(raw, MAX_BODY + 1)
        except zlib.error:
            continue
        if len(plain) > MAX_BODY:
            raise too_large(0)
        if not inflater.eof:
            break
        return plain
    raise wire.bad_answer("The other side", "its compression is damaged")


def raise_as_ours(error: Exception, host: str, sent: Sent) -> NoReturn:
    """Raise what httpx or aiohttp raised as ConnectorError: its class by where it broke, `sent` by how far it came."""
    chain: list[BaseException] = [error]
    while chain[-1].__cause__ is not None or chain[-1].__context__ is not None:
        following = chain[-1].__cause__ or chain[-1].__context__
        if following is None or following in chain:
            break
        chain.append(following)
    for one in chain:
        if isinstance(one, ConnectorError):
            raise one from None
        reason = getattr(one, "verify_message", "")
        if isinstance(one, ssl.SSLCertVerificationError) and reason:
            raise ConnectorError(
                f"The certificate of {host} is not valid: {reason}.",
                error_class="tls",
                retryable=False,
                sent="no",
            ) from None
    if any(isinstance(one, aiohttp.ClientSSLError | ssl.SSLError) for one in chain) and sent == "no":
        raise ConnectorError(
            f"No secure connection with {host} could be agreed on.", error_class="tls", retryable=True, sent="no"
        ) from None
    nonsense = (aiohttp.ClientResponseError, aiohttp.http.HttpProcessingError, ValueError)
    if sent != "no" and any(isinstance(one, nonsense) for one in chain):
        raise ConnectorError(
            f"{host} did not answer in proper HTTP.", error_class="bad_answer", retryable=True, sent="maybe"
        ) from None
    if sent == "no":
        raise ConnectorError(f"{host} cannot be reached.", error_class="connect", retryable=True, sent="no") from None
    raise ConnectorError(
        f"The connection with {host} broke off before its answer was complete.",
        error_class="reset",
        retryable=True,
        sent="maybe",
    ) from None
