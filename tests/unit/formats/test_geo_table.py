"""Tables of addresses: what is put in is found again, and nothing else; what is damaged is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.adapters.geoip.shipped import LICENCE, shipped_tables
from smartmail.formats.geo_table import (
    Address,
    Facts,
    GeoTable,
    GeoTableError,
    Range,
    build,
    is_inside,
    parse_address,
    rows_of_csv,
)

FACTS = Facts("country", "a test", "CC0", "2026-11-26")


def table(*rows: str, kind="country", **how) -> GeoTable:
    return GeoTable(build(FACTS._replace(kind=kind), rows_of_csv([row.split(",") for row in rows], kind), **how))


def look(found: GeoTable, text: str) -> str:
    return found.look(parse_address(text))


def test_ranges_networks_and_numbers_of_both_families():
    found = table(
        "start,end,country", "192.0.2.0/24,KR", "198.51.100.0,198.51.100.127,us", "3405803776,3405804031,JP",
        "2001:db8::/32,DE", "2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,FR", "# a remark", "203.0.114.0/24,-",
    )  # fmt: skip
    answers = {
        "192.0.1.255": "", "192.0.2.0": "KR", "192.0.2.255": "KR", "192.0.3.0": "", "198.51.100.127": "US",
        "198.51.100.128": "", "203.0.113.7": "JP", "203.0.114.7": "", "2001:db8::1": "DE", "2001:db8:1::1": "FR",
        "2001:db8:2::1": "DE", "2001:db7:ffff::": "", "2001:db9::": "", "::ffff:192.0.2.1": "KR", "0.0.0.0": "",
        "255.255.255.255": "", "::": "", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": "",
    }  # fmt: skip
    assert {text: look(found, text) for text in answers} == answers
    assert found.facts == FACTS


def test_numbers_of_networks_beyond_sixteen_bits():
    rows = [f"10.{number // 256}.{number % 256}.0/24,AS{200_000 + number}" for number in range(70_000 - 4_464)]
    found = table(*rows, "192.0.2.0/24,4766", "192.0.3.0/24,0", kind="asn")
    assert look(found, "10.255.255.9") == str(200_000 + 65_535)
    assert (look(found, "192.0.2.9"), look(found, "192.0.3.9")) == ("4766", "")


def test_a_coarse_table_tells_apart_what_is_routed():
    rows = ("192.0.2.0/24,KR", "192.0.3.0/24,JP", "2001:db8:1::/48,DE", "2001:db8:2::/48,FR")
    fine, coarse = table(*rows), table(*rows, coarse=True)
    for text in ("192.0.2.200", "192.0.3.1", "2001:db8:1:ffff::1", "2001:db8:2::1", "192.0.4.0", "2001:db8:3::"):
        assert look(fine, text) == look(coarse, text)


@pytest.mark.parametrize(
    "rows", [["192.0.2.0/24,KR", "rubbish"], ["192.0.2.0/24,KR", "192.0.2.9,192.0.2.1,KR"], ["192.0.2.0/24,KR", "1.2.3.0/24,Korea"],
             ["192.0.2.0/24,KR", "1.2.3.4,::1,KR"], ["only,a,head"], []],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_the_line(rows):
    with pytest.raises(GeoTableError) as refused:
        table(*rows)
    if len(rows) == 2:
        assert "line 2" in str(refused.value)


def test_damage_is_found():
    octets = build(FACTS, rows_of_csv([["192.0.2.0/24", "KR"], ["2001:db8::/32", "DE"]], "country"))
    GeoTable(octets).check()
    for at in range(len(octets)):
        damaged = bytearray(octets)
        damaged[at] ^= 0x55
        try:
            found = GeoTable(bytes(damaged))
            found.check()
        except GeoTableError:
            continue
        # Texts of the head may differ, answers may not.
        assert look(found, "192.0.2.1") in {"KR", found._values[1]}
    for end in range(len(octets)):
        with pytest.raises(GeoTableError):
            GeoTable(octets[:end]).check()


NUMBERS = st.integers(0, 2000)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from(["KR", "US", "JP"])), min_size=1, max_size=20), st.booleans()
)
def test_disjoint_or_nested_ranges_answer_like_a_naive_look(drawn, six):
    """Ranges are made disjoint or nested as published ones are: each is cut to lie inside of the one around it."""
    version, unit = (6, 1 << 64) if six else (4, 1)
    rows = []
    for first, last, value in sorted((min(a, b), max(a, b), value) for a, b, value in drawn):
        around = [row for row in rows if row.first <= first * unit <= row.last]
        end = min([(last + 1) * unit - 1, *(row.last for row in around)])
        if not any(row.first == first * unit for row in rows):
            rows.append(Range(version, first * unit, end, value))
    found = GeoTable(build(FACTS, rows))
    found.check()
    for number in range(0, 2003, 7):
        inside = [row for row in rows if row.first <= number * unit <= row.last]
        expected = max(inside, key=lambda row: row.first).value if inside else ""
        assert found.look(Address(version, number * unit)) == expected


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.1.2.3", True), ("127.0.0.1", True), ("::1", True), ("fd00::1", True), ("fe80::1", True), ("172.31.0.1", True),
     ("172.32.0.1", False), ("192.168.1.1", True), ("100.64.0.1", True), ("169.254.1.1", True), ("::ffff:10.0.0.1", True),
     ("192.0.2.1", False), ("2001:db8::1", False), ("8.8.8.8", False)],
)  # fmt: skip
def test_private_addresses_are_of_no_country(address, inside):
    assert is_inside(parse_address(address)) is inside


def test_the_shipped_tables_are_whole_dated_and_licensed():
    tables = shipped_tables()
    assert set(tables) == {"country", "asn"}
    text = LICENCE.read_text("utf-8")
    for kind, found in tables.items():
        found.check()
        assert found.facts.kind == kind
        assert found.facts.date in text and "CC BY 4.0" in found.facts.licence
        assert found.ranges > 300_000
    assert look(tables["country"], "168.126.63.1") == "KR"  # KT's name server, the same for thirty years
    assert look(tables["asn"], "168.126.63.1") == "4766"
    assert look(tables["country"], "2001:2d8::1") == "KR"
    # A server of Gmail that delivers to us.
    assert (look(tables["country"], "209.85.220.41"), look(tables["asn"], "209.85.220.41")) == ("US", "15169")
    assert look(tables["country"], "192.0.2.1") == look(tables["asn"], "192.0.2.1") == ""
