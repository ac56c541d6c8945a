"""Invariant: any header gives hops whose addresses are addresses; the time is linear in the octets."""

import ipaddress
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.headers import Header
from smartmail.formats.received import MAX_FIELD, MAX_HOPS, MAX_NAME, parse_received, parse_route

PIECES = [
    b"from ", b"by ", b"with ", b"via ", b"id ", b"for ", b"(", b")", b"((", b"[", b"]", b"1.2.3.4", b"[1.2.3.4]", b"::1", b"fe80::1%eth0",
    b"[IPv6:2001:db8::1]", b"999.999.999.999", b"helo=", b"HELO ", b"TLSv1.3", b"version=TLS1_2 cipher=ECDHE-RSA", b";", b"\r\n\t",
    b"Thu, 26 Nov 2026 18:00:00 +0900", b"\\", b'"', b"\xbe\xc8\xb3\xe7", "한글".encode(), b"\0", b"\xff", b" ", b"x", b"Microsoft SMTP Server",
]  # fmt: skip
VALUES = st.one_of(st.binary(max_size=400), st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))


def sound(hop) -> None:
    if hop.address:
        assert "%" not in hop.address
        ipaddress.ip_address(hop.address)
    assert len(hop.from_name) <= MAX_NAME and len(hop.by) <= MAX_NAME
    assert len(hop.protocol) <= 40 and len(hop.tls) <= 80
    for text in (hop.from_name, hop.by, hop.protocol, hop.tls):
        assert "\n" not in text and "\r" not in text


@given(VALUES)
def test_any_field_gives_a_hop(value):
    sound(parse_received(value))


@given(st.lists(VALUES, max_size=70), st.lists(VALUES, max_size=3))
def test_any_header_gives_hops(fields, origins):
    lines = [b"Received: " + one.replace(b"\n", b" ") + b"\r\n" for one in fields]
    lines += [b"X-Originating-IP: " + one.replace(b"\n", b" ") + b"\r\n" for one in origins]
    route = parse_route(Header(b"".join(lines) + b"\r\n"))
    assert len(route.hops) <= MAX_HOPS
    assert route.received == len(fields)
    for hop in route.hops:
        sound(hop)


@pytest.mark.parametrize(
    "piece", [*PIECES, b"(a", b"(a)", b"from x", b"by(", b"[1.2.", b"1.", b"a:", b"TLS1", b"helo ", b"( ("]
)
def test_no_field_takes_long(piece):
    """Ten times as much as is looked at, of one piece: the work is bounded, whatever is repeated."""
    value = b"from " + piece * (10 * MAX_FIELD // len(piece))
    best = min(_seconds(value) for _ in range(5))
    assert best < 0.05


def _seconds(value: bytes) -> float:
    start = time.perf_counter()
    parse_received(value)
    return time.perf_counter() - start
