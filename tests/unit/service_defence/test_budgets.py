"""Budgets are what they say over any time, and never grow."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.service.protection.defence.budgets import Buckets, Budget
from smartmail.service.protection.defence.places import Networks, place_of, shown, subject_of

SECOND = 1000


def test_a_burst_and_then_one_at_a_time():
    buckets = Buckets(Budget(3, 10))
    assert [buckets.take("a", 0) for _ in range(4)] == [True, True, True, False]
    assert not buckets.take("a", 9 * SECOND)
    assert buckets.take("a", 10 * SECOND)
    assert not buckets.take("a", 10 * SECOND)
    assert buckets.take("b", 10 * SECOND)


def test_what_is_spent_in_any_case_is_owed_but_not_for_ever():
    buckets = Buckets(Budget(2, 10))
    assert [buckets.spend("a", 0) for _ in range(100)] == [True, True] + [False] * 98
    assert not buckets.has("a", 20 * SECOND)
    assert buckets.has("a", 30 * SECOND)
    buckets.forget("a")
    assert buckets.has("a", 0)


def test_a_table_never_holds_more_than_its_bound():
    """A million addresses cost what sixteen thousand do."""
    buckets = Buckets(Budget(3, 10), most=100)
    for number in range(10_000):
        buckets.spend(number, 0)
    assert len(buckets) == 100


@given(
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 3)), max_size=60),
    st.integers(1, 10), st.integers(1, 5),
)  # fmt: skip
def test_never_more_than_burst_and_rate_allow(steps, burst, every):
    buckets, now, taken = Buckets(Budget(burst, every)), 0, []
    for wait, amount in steps:
        now += wait
        if amount <= burst and buckets.take("a", now, amount):
            taken.append((now, amount))
    for start in range(len(taken)):
        for end in range(start, len(taken)):
            span = (taken[end][0] - taken[start][0]) / 1000
            assert sum(amount for _at, amount in taken[start : end + 1]) <= burst + span / every + 1e-6


@pytest.mark.parametrize(
    ("host", "address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
    ],
)
def test_addresses_and_networks(host, address, network):
    place = place_of(host)
    assert (place.address, place.network) == (address, network)


@pytest.mark.parametrize("host", ["", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "unix", "0.0.0.0"])
def test_this_machine_and_what_is_no_address_have_no_place(host):
    assert place_of(host) is None


def test_typed_subjects():
    assert subject_of(" 192.0.2.7 ") == "192.0.2.7/32"
    assert subject_of("192.0.2.7/24") == "192.0.2.0/24"
    assert subject_of("2001:db8::1") == "2001:db8::/64"
    assert shown("192.0.2.7/32") == "192.0.2.7"
    assert shown("2001:db8::/64") == "2001:db8::/64"
    for text in ("0.0.0.0/0", "::/0", "127.0.0.1", "x", "10.0.0.0/4"):
        with pytest.raises(ValueError):
            subject_of(text)


_ADDRESSES = st.ip_addresses().map(str)
_NETWORKS = st.tuples(st.ip_addresses(), st.integers(0, 40)).map(
    lambda pair: str(
        ipaddress.ip_network((pair[0], pair[0].max_prefixlen - min(pair[1], pair[0].max_prefixlen)), strict=False)
    )
)


@given(st.lists(_NETWORKS, max_size=12), _ADDRESSES)
def test_the_narrowest_network_is_found(subjects, host):
    table = {subject: number for number, subject in enumerate(subjects)}
    address = ipaddress.ip_address(host)
    address = getattr(address, "ipv4_mapped", None) or address
    holding = [ipaddress.ip_network(one) for one in table]
    holding = [one for one in holding if one.version == address.version and address in one]
    wanted = table[str(max(holding, key=lambda one: one.prefixlen))] if holding else None
    assert Networks(table).find(host) == wanted


def test_no_host_of_a_network_is_missed():
    networks = Networks({"198.51.100.0/24": 1, "198.51.100.7/32": 2})
    assert networks.find("198.51.100.7") == 2
    assert networks.find("198.51.100.8") == 1
    assert networks.find("198.51.101.8") is None
    assert networks.find("not an address") is None
