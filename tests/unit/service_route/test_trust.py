"""The trust line: nothing that a message says of itself is ever verified, unless a relay of ours wrote it."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.inspection import Hop, Inspection, encode
from smartmail.formats.received import MAX_HOPS, TraceHop
from smartmail.ports.geo import UNKNOWN, Place
from smartmail.service.protection.route.trust import Relays, believed, country_of, hops_of

NOBODY = Relays()
PLACES = {"203.0.113.9": Place("US", 64500), "198.51.100.7": Place("KR", 4766)}
ADDRESSES = st.sampled_from(["", "127.0.0.1", "::1", "10.0.0.5", "203.0.113.9", "198.51.100.7", "2001:db8::1"])


def look(address: str) -> Place:
    return PLACES.get(address, UNKNOWN)


def relays(*texts: str) -> Relays:
    return Relays([ipaddress.ip_network(text) for text in texts])


def told(*addresses: str) -> list[TraceHop]:
    return [TraceHop(f"host{number}", address, "by", at=1000 - number * 10) for number, address in enumerate(addresses)]


@given(ADDRESSES, st.lists(ADDRESSES, max_size=10))
def test_without_relays_no_told_hop_is_verified_whatever_it_says(peer, addresses):
    assert believed(peer, told(*addresses), NOBODY) == (0, peer)
    hops = hops_of(Hop(True, address=peer), told(*addresses), 0, look)
    assert [hop.verified for hop in hops] == [True] + [False] * len(addresses)


@given(st.lists(ADDRESSES, max_size=10))
def test_what_stands_below_the_first_untrusted_host_is_never_verified(addresses):
    count, peer = believed("10.0.0.5", told(*addresses), relays("10.0.0.5"))
    # Of the believed lines each but the last names a host that is trusted, or the relay itself.
    assert all(one in {"10.0.0.5", "127.0.0.1", "::1"} for one in addresses[: max(0, count - 1)])
    assert count <= len(addresses)
    assert peer not in {"", "127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("peer", "addresses", "trusted", "expected"),
    [
        # A forged line below the peer.
        ("203.0.113.9", ["211.1.1.1"], (), (0, "203.0.113.9")),
        # Through a relay; what the relay saw holds, what stands below is claimed.
        ("10.0.0.5", ["203.0.113.9", "198.51.100.7"], ("10.0.0.5",), (1, "203.0.113.9")),
        ("10.0.0.5", ["10.0.0.6", "203.0.113.9", "198.51.100.7"], ("10.0.0.0/29",), (2, "203.0.113.9")),
        # A filter beside the relay hands it back over loopback: both lines are the relay's own.
        ("10.0.0.5", ["127.0.0.1", "127.0.0.1", "203.0.113.9"], ("10.0.0.5",), (3, "203.0.113.9")),
        # The relay does not say from whom it had it.
        ("10.0.0.5", ["", "203.0.113.9"], ("10.0.0.5",), (0, "10.0.0.5")),
        ("10.0.0.5", [], ("10.0.0.5",), (0, "10.0.0.5")),
        # A trusted address named further down makes nothing true.
        ("203.0.113.9", ["10.0.0.5", "198.51.100.7"], ("10.0.0.5",), (0, "203.0.113.9")),
        ("2001:db8::5", ["203.0.113.9"], ("2001:db8::/64",), (1, "203.0.113.9")),
        ("::ffff:10.0.0.5", ["203.0.113.9"], ("10.0.0.5",), (1, "203.0.113.9")),
    ],
)
def test_who_is_authoritative(peer, addresses, trusted, expected):
    assert believed(peer, told(*addresses), relays(*trusted)) == expected


def test_a_registered_partner_is_a_relay():
    assert believed("203.0.113.9", told("198.51.100.7"), NOBODY, partner=True) == (1, "198.51.100.7")


@pytest.mark.parametrize(
    ("address", "expected"),
    [("198.51.100.7", ("KR", 4766)), ("10.1.1.1", ("-", 0)), ("::1", ("-", 0)), ("192.0.2.1", ("", 0)), ("", ("", 0))],
)
def test_countries(address, expected):
    assert country_of(address, look) == expected


def test_delays_reach_over_hops_without_a_time_and_may_be_negative():
    edge = Hop(True, at=1000)
    chain = [TraceHop(at=990), TraceHop(at=0), TraceHop(at=940), TraceHop(at=960)]
    assert [hop.delay_s for hop in hops_of(edge, chain, 0, look)] == [10, 50, 0, -20, 0]


def test_the_longest_way_takes_four_kilobytes_at_most():
    long = TraceHop("n" * 255, "2001:db8:1111:2222:3333:4444:5555:6666", "b" * 255, "p" * 32, "t" * 80, 1_795_683_600)
    hops = hops_of(Hop(True, "h" * 255, "203.0.113.9", at=1_795_683_700), [long] * MAX_HOPS, 0, look)
    assert len(hops) == MAX_HOPS + 1
    assert len(encode(Inspection(hops=tuple(hops)))) <= 8192
    # In the shapes of real mail.
    real = TraceHop(
        "mail.example.co.kr", "203.0.113.9", "mx.example.co.kr", "ESMTPS", "TLSv1.3 TLS_AES_256_GCM_SHA384", 1
    )
    assert len(encode(Inspection(hops=tuple(hops_of(hops[0], [real] * MAX_HOPS, 0, look))))) <= 4096
