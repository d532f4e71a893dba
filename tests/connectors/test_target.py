"""Addresses that are taken as they stand are those of which every reader makes the same (SECURITY S1)."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from flowstudio.connectors import target
from flowstudio.domain.errors import EgressRefused
from tests.domain.drawing_lots import lots

_ADDRESS = st.builds(
    "{}://{}{}/{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    st.sampled_from(
        ["acme.com", "127.0.0.1", "127.1", "a@b.com", "Acme.com", "x..y", "xn--bcher-kva.example", "[::1]"]
    ),
    st.sampled_from(["", ":80", ":443", ":8080", ":65535", ":0"]),
    st.text(alphabet="aZ9/.~%2F+&=@:-_!$'()*,;é <>\\\"{}|^`", max_size=12),
    st.one_of(st.just(""), st.text(alphabet="aZ9/.~%2F+&=?#é [", max_size=8).map("?{}".format)),
)


@lots(2_000)
@given(_ADDRESS)
def test_s1_a_plain_address_reads_the_same_everywhere(text: str) -> None:
    try:
        read = target.read(text)
    except EgressRefused:
        return
    slow = httpx.URL(text)
    assert (read.scheme, read.host) == (slow.scheme, slow.host)
    sent = URL(read.text, encoded=read.plain)
    assert (sent.scheme, sent.host, sent.port) == (read.scheme, read.host, read.port)
    if read.plain:
        # Only a port that goes without saying is written differently by some.
        assert httpx.URL(read.text).raw_path.decode() == sent.raw_path_qs


@pytest.mark.parametrize("text", ["http://acme.com/a/b%20c?d=e+f", "https://acme.com:8443/", "http://10.0.0.1/x~y"])
def test_everyday_addresses_are_plain(text: str) -> None:
    assert target.read(text).plain


@pytest.mark.parametrize("text", ["http://acme.com", "http://acme.com/a/../b", "http://ACME.com/", "http://a.com/é"])
def test_what_has_two_ways_to_be_read_is_not(text: str) -> None:
    assert not target.read(text).plain


def test_names_and_passwords_are_refused() -> None:
    with pytest.raises(EgressRefused):
        target.read("http://ada:secret@acme.com/")
