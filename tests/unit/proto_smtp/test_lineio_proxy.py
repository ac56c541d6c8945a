"""PROXY header, versions 1 and 2."""

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.lineio.proxy import MAX_V2, SIGNATURE_V2, Bad, Local, NeedMore, Proxied, TlsFacts, parse


def tlv(kind, value):
    return struct.pack("!BH", kind, len(value)) + value


def v2(source="192.0.2.1", destination="192.0.2.2", ports=(4000, 25), *, command=0x21, family=None, tlvs=b""):
    a, b = ip_address(source), ip_address(destination)
    body = a.packed + b.packed + struct.pack("!HH", *ports) + tlvs
    family = family if family is not None else (0x11 if a.version == 4 else 0x21)
    return SIGNATURE_V2 + struct.pack("!BBH", command, family, len(body)) + body


GOOD = {
    b"PROXY TCP4 192.0.2.1 192.0.2.2 4000 25\r\n": Proxied("192.0.2.1", 4000, "192.0.2.2", 25, 40),
    b"PROXY TCP6 2001:db8::1 2001:DB8::2 65535 0\r\n": Proxied("2001:db8::1", 65535, "2001:db8::2", 0, 44),
    b"PROXY UNKNOWN\r\n": Local(15),
    b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n": Local(35),
    v2(): Proxied("192.0.2.1", 4000, "192.0.2.2", 25, 28),
    v2("2001:db8::1", "2001:db8::2"): Proxied("2001:db8::1", 4000, "2001:db8::2", 25, 52),
    v2(command=0x20): Local(28),
    v2(family=0x00): Local(28),
    v2(tlvs=tlv(2, b"mx.example") + tlv(4, b"\0\0")): Proxied(
        "192.0.2.1", 4000, "192.0.2.2", 25, 46, None, "mx.example"
    ),
    v2(tlvs=tlv(0x20, b"\x07\0\0\0\0" + tlv(0x21, b"TLSv1.3") + tlv(0x22, b"client") + tlv(0x23, b"AES"))): Proxied(
        "192.0.2.1", 4000, "192.0.2.2", 25, 61, TlsFacts("TLSv1.3", "AES", "client", True)
    ),
    v2(tlvs=tlv(0x20, b"\x03\0\0\0\1" + tlv(0x21, b"TLSv1.2\r\n"))): Proxied(
        "192.0.2.1", 4000, "192.0.2.2", 25, 48, TlsFacts("TLSv1.2??", verified=False)
    ),
    v2(tlvs=tlv(0x20, b"\0\0\0\0\0")): Proxied("192.0.2.1", 4000, "192.0.2.2", 25, 36),
}
BAD = [
    b"EHLO a\r\n",
    b"\x16\x03\x01",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 4000\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 4000 65536\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 -1 25\r\n",
    b"PROXY TCP4 2001:db8::1 192.0.2.2 1 25\r\n",
    b"PROXY TCP4  192.0.2.1 192.0.2.2 1 25\r\n",
    b"PROXY UDP4 192.0.2.1 192.0.2.2 1 25\r\n",
    b"PROXY \r\n",
    b"PROXY TCP4 " + b"x" * 100,
    v2(command=0x31),
    v2(command=0x22),
    v2(tlvs=b"\1\0"),
    v2(tlvs=b"\1\0\5ab"),
    SIGNATURE_V2 + b"\x21\x11\x00\x04abcd",
    SIGNATURE_V2 + struct.pack("!BBH", 0x21, 0x11, MAX_V2 + 1),
]


@pytest.mark.parametrize(("header", "expected"), GOOD.items())
def test_header_is_read_and_what_follows_left(header, expected):
    assert parse(header + b"EHLO a\r\n") == expected
    for end in range(len(header)):
        assert parse(header[:end]) == NeedMore()


@pytest.mark.parametrize("header", BAD)
def test_bad_headers(header):
    assert isinstance(parse(header), Bad)


@given(
    st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", SIGNATURE_V2, SIGNATURE_V2 + b"\x21\x11\x00\x20"]),
    st.binary(max_size=200),
)
@settings(max_examples=300, deadline=None)
def test_any_octets_are_judged(prefix, data):
    header = parse(prefix + data)
    if isinstance(header, Proxied | Local):
        assert 0 < header.consumed <= len(prefix + data)
