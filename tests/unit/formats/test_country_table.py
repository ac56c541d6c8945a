"""The country table that is shipped: it says what both its makers say, and nothing where they dispute it."""

from collections import Counter
from pathlib import Path

import pytest
from tests.unit.house.tree import ROOT, tool

from smartmail.adapters.geoip.shipped import shipped_tables
from smartmail.formats.geo_table import Address, Range, parse_address

compare = tool("geo_compare")
SAMPLE = ROOT / "tests" / "lab" / "announced_networks.tsv"
COUNTRIES = ("KR", "JP", "CN", "TW", "US", "VN")
LEAST = 0.99


@pytest.fixture(scope="module")
def table():
    return shipped_tables()["country"]


@pytest.fixture(scope="module")
def announced():
    """Rows of the sample: first address, number of units, AS, what the first maker says, what the second."""
    lines = Path(SAMPLE).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def look_all(table, text, units):
    """Return what the table says of the first unit, the last, and one between."""
    first = parse_address(text)
    shift = compare.UNITS[first.version]
    spots = {0, int(units) // 2, int(units) - 1}
    return {table.look(Address(first.version, first.number + (spot << shift))) for spot in spots}


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("168.126.63.1", "KR"), ("210.89.164.90", "KR"), ("202.12.27.33", "JP"), ("8.8.8.8", "US"), ("175.45.176.1", "KP"),
        ("2001:200::1", "JP"),
        # Networks of Korean carriers in the oldest space of APNIC, whose root entry names Australia.
        ("2001:2d8::1", "KR"), ("2001:2d8:ffff:ffff::1", "KR"), ("2001:e60::1", "KR"), ("2001:270:ec00::1", "KR"),
        ("2001:220::1", "KR"), ("2001:230::1", "KR"),
        # Space that nobody was given: DB-IP names countries there, the registries none.
        ("2000::1", ""), ("2002:c000:204::1", ""), ("2001:db8::1", ""),
    ],
)  # fmt: skip
def test_vectors_of_the_specification_and_old_networks(table, address, country):
    assert table.look(parse_address(address)) == country


def test_every_dispute_of_the_sample_is_unknown_and_nothing_else_is(table, announced):
    """Each network that is not as it should be is named with what both makers and the table say."""
    wrong = [
        (text, asn, one, other, told)
        for text, units, asn, one, other in announced
        if (told := look_all(table, text, units)) != {one if one == other != "-" else ""}
    ]
    assert wrong == []
    disputed = [row for row in announced if row[3] != row[4]]
    assert len(disputed) > 300
    assert len(announced) - len(disputed) > 1000


@pytest.mark.parametrize("version", [4, 6])
def test_what_the_table_says_of_announced_networks_both_makers_say(table, announced, version):
    said, confirmed = Counter(), Counter()
    for text, _units, _asn, one, other in announced:
        address = parse_address(text)
        told = table.look(address)
        if address.version == version and told:
            said[told] += 1
            confirmed[told] += told == one == other
    for country in COUNTRIES:
        assert said[country] >= 40, country
        assert confirmed[country] >= LEAST * said[country], country


def test_no_korean_network_of_the_sample_is_australian(table, announced):
    korean = [text for text, _units, _asn, one, other in announced if "KR" in (one, other) and ":" in text]
    told = Counter(table.look(parse_address(text)) for text in korean)
    assert set(told) == {"KR", ""}
    assert len(korean) > 800


# -- how it is made -------------------------------------------------------------------------------------------------


def v6(text, last, value):
    return Range(6, parse_address(text).number, parse_address(last).number, value)


def v4(text, last, value):
    return Range(4, parse_address(text).number, parse_address(last).number, value)


def test_a_placeholder_of_a_registry_gives_way_to_the_delegation():
    delegated = [v6("2001:2d8::", "2001:2d8:ffff:ffff:ffff:ffff:ffff:ffff", "KR")]
    whois = [v6("2001:200::", "2001:3ff:ffff:ffff:ffff:ffff:ffff:ffff", "AU")]
    found = compare.registry_rows(whois, delegated, 6)
    assert delegated[0] in found
    assert {row.value for row in found} == {"KR"}


def test_an_australian_network_stays_australian_and_codes_of_regions_are_no_countries():
    delegated = [v6("2001:388::", "2001:388:ffff:ffff:ffff:ffff:ffff:ffff", "AU"), v6("2a00::", "2a00::ffff", "DE")]
    whois = [v6("2001:388::", "2001:388:ffff:ffff:ffff:ffff:ffff:ffff", "AU"), v6("2a00::", "2a00::ffff", "EU")]
    assert compare.registry_rows(whois, delegated, 6) == delegated
    # Elsewhere an entry for Australia is an entry for Australia.
    here = [v6("2600::", "2600::ffff", "AU")]
    assert compare.registry_rows(here, [v6("2600::", "2600::ffff", "US")], 6) == here


def test_a_unit_has_a_country_only_where_both_name_it_for_all_of_it():
    one = [
        v4("192.0.2.0", "192.0.3.255", "KR"),
        v4("192.0.4.0", "192.0.4.127", "KR"),
        v4("192.0.4.128", "192.0.5.255", "JP"),
    ]
    other = [
        v4("192.0.2.0", "192.0.2.255", "KR"),
        v4("192.0.3.0", "192.0.3.255", "JP"),
        v4("192.0.4.0", "192.0.5.255", "JP"),
    ]
    assert compare.agreed(one, other, 4) == [v4("192.0.2.0", "192.0.2.255", "KR"), v4("192.0.5.0", "192.0.5.255", "JP")]
    # What one of them does not know is not known.
    assert compare.agreed(one, [], 4) == []


def test_neighbours_with_one_value_fill_a_unit_together():
    halves = [v4("192.0.2.0", "192.0.2.127", "KR"), v4("192.0.2.128", "192.0.2.255", "KR")]
    assert compare.agreed(halves, halves, 4) == [v4("192.0.2.0", "192.0.2.255", "KR")]


def test_ranges_over_one_another_are_made_flat_or_refused():
    around, inside = v4("192.0.2.0", "192.0.4.255", "KR"), v4("192.0.3.0", "192.0.3.255", "JP")
    assert compare.flat([around, inside], 4) == [
        v4("192.0.2.0", "192.0.2.255", "KR"), inside, v4("192.0.4.0", "192.0.4.255", "KR"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="overlap"):
        list(compare.pieces([[around, inside]]))


def test_figures_and_disputes_count_announced_units():
    announced = [Range(4, parse_address("192.0.2.0").number, parse_address("192.0.5.255").number, "64500")]
    one = [v4("192.0.2.0", "192.0.3.255", "KR"), v4("192.0.4.0", "192.0.6.255", "JP")]
    other = [v4("192.0.2.0", "192.0.2.255", "KR"), v4("192.0.3.0", "192.0.6.255", "JP")]
    found = list(compare.answers(announced, one, other, 4))
    assert compare.figures(found, "KR") == ((2, 2, 1, 1), (1, 1, 1, 1))
    assert compare.figures(found, "JP") == ((1, 2, 1, 2), (2, 3, 1, 2))
    assert compare.disputes(found) == {("KR", "JP"): 1}


def test_the_report_is_of_the_shipped_table_and_each_network_that_it_names_is_unknown(table):
    report = (ROOT / "docs" / "country-table.md").read_text(encoding="utf-8")
    assert f"data of {table.facts.date}" in report
    rows = [line.strip("| ").split(" | ") for line in report.splitlines()]
    named = [row for row in rows if len(row) == 5 and parse_address(row[0])]
    assert len(named) > 200
    wrong = [row for row in named if look_all(table, row[0], row[1].replace(",", "")) != {""}]
    assert wrong == []
