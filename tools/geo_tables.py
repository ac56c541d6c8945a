"""Make the tables of countries and networks that are shipped, and the report of what their makers dispute.

    npm pack @ip-location-db/NAME@VERSION        for each of PACKAGES below, into one directory
    .venv/bin/python tools/geo_tables.py DIRECTORY

A package whose SHA-256 is another is refused: who moves a version writes it here, reads the licences anew (they are told in
the tables, and beside them in LICENSE.txt), and reads the report's differences before committing them.
"""

import csv
import hashlib
import io
import sys
import tarfile
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final, NamedTuple

from geo_compare import UNITS, Answer, agreed, answers, disputes, figures, flat, registry_rows

from smartmail.formats.geo_table import Facts, GeoTable, Range, build, parse_address, rows_of_csv

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/smartmail/adapters/geoip/data"
REPORT = ROOT / "docs/country-table.md"
SAMPLE = ROOT / "tests/lab/announced_networks.tsv"
DATE: Final = "2026-06-17"
COUNTRIES: Final = ("KR", "JP", "CN", "TW", "US", "VN")
PLACES: Final = ("2001:270:ec00::1", "2001:2d8::1", "2001:e60::1", "2001:200::1", "168.126.63.1", "210.89.164.90",
                 "202.12.27.33", "8.8.8.8", "175.45.176.1")  # fmt: skip
"""Addresses whose country is known, and those of the report of 2026-11 that called old Korean networks Australian: always sampled."""
_MOST_PAIRS: Final = 40
_MOST_NETWORKS: Final = 60
_SAMPLED: Final = 60


class Package(NamedTuple):
    """An npm package of the scope @ip-location-db, pinned."""

    name: str
    version: str
    sha256: str


PACKAGES: Final = {
    "dbip": Package(
        "dbip-country", "2.3.2026060120", "78a6009a9c18434e6b690d703431241900d6127ddcd7c26ed48852549ee0df4f"
    ),
    "whois": Package(
        "geo-whois-asn-country", "2.3.2026061719", "2a3e609015884c93c2d398e777ce1d2d34cab026054c43559bff32b25669f606"
    ),
    "delegated": Package(
        "asn-country", "2.3.2026061719", "f1ba738e7a4c3f5b5fd1ccef47576ad797625a9d8efd5f2fb06a3abef3db3b91"
    ),
    "asn": Package("asn", "2.3.2026061719", "b9425daf2f011c28f8586685d4f89166e77627e2c15fd93c6262c3e2dead6153"),
}


class Source:
    """One package's rows, by family."""

    def __init__(self, directory: Path, package: Package) -> None:
        """Raises SystemExit for octets that are not the pinned ones."""
        file = directory / f"ip-location-db-{package.name}-{package.version}.tgz"
        octets = file.read_bytes()
        found = hashlib.sha256(octets).hexdigest()
        if found != package.sha256:
            raise SystemExit(f"{file} has the SHA-256 {found}, not {package.sha256}: read its changes and pin it anew")
        self._archive = tarfile.open(fileobj=io.BytesIO(octets))  # noqa: SIM115 -- lies in memory
        self._name = package.name

    def rows(self, version: int) -> list[Range]:
        """Return the rows of one family in order, none over another."""
        member = self._archive.extractfile(f"package/{self._name}-ipv{version}.csv")
        assert member is not None
        lines = csv.reader(io.TextIOWrapper(member, encoding="utf-8", newline=""))
        return flat(rows_of_csv(lines, "asn" if self._name == "asn" else "country"), version)


def make(facts: Facts, rows: list[Range]) -> GeoTable:
    """Write one table."""
    octets = build(facts, rows, coarse=True)
    table = GeoTable(octets)
    table.check()
    path = TARGET / f"{facts.kind}.geo"
    path.write_bytes(octets)
    print(f"{path}: {len(octets):,} octets, {table.ranges:,} ranges of {len(rows):,}")
    return table


def report(found: Sequence[Answer]) -> str:
    """Return the report: agreement by country, disputes by what is said, the largest disputed networks."""
    lines = [
        "# What the two makers of the country table dispute",
        "",
        f"Made by `tools/geo_tables.py` from data of {DATE}; not written by hand. Only announced networks are counted, in",
        "units of /24 (IPv4) and /48 (IPv6). *First*: DB-IP. *Second*: the regional registries, without their placeholders.",
        "The shipped table says a country where both say that one; all else is unknown. ADR 76 says why.",
        "",
        "## Agreement by country",
        "",
        "| country | family | units of the first that the second confirms | units of the second that the first confirms |",
        "|---|---|---|---|",
    ]
    for country in COUNTRIES:
        for version in (4, 6):
            one, other = figures((answer for answer in found if answer.version == version), country)
            lines.append(f"| {country} | IPv{version} | {_share(*one)} | {_share(*other)} |")
    counted = disputes(found)
    lines += ["", "## Disputes by what is said", "", "| first | second | units |", "|---|---|---|"]
    lines += [
        f"| {one or '–'} | {other or '–'} | {units:,} |" for (one, other), units in counted.most_common(_MOST_PAIRS)
    ]
    for country in COUNTRIES:
        met = [one for one in found if one.one != one.other and country in (one.one, one.other)]
        met.sort(key=lambda one: (one.version, -one.units, one.first))
        lines += [
            "",
            f"## Largest disputes about {country}",
            "",
            "| from | units | AS | first | second |",
            "|---|---|---|---|---|",
        ]
        for version in (4, 6):
            some = [one for one in met if one.version == version][: _MOST_NETWORKS // 2]
            lines += [
                f"| {_text(one)} | {one.units:,} | {one.asn} | {one.one or '–'} | {one.other or '–'} |" for one in some
            ]
    return "\n".join(lines) + "\n"


def sample(found: Sequence[Answer]) -> str:
    """Return announced networks with both answers, for tests: every Korean one of IPv6, and of the others an even part of
    what is agreed and of what is disputed.
    """
    chosen: set[Answer] = set()
    wanted = {(one.version, one.number >> UNITS[one.version]) for text in PLACES if (one := parse_address(text))}
    chosen |= {
        one for one in found for version, unit in wanted if one.version == version and one.first <= unit <= one.last
    }
    for country in COUNTRIES:
        for version in (4, 6):
            met = [one for one in found if one.version == version and country in (one.one, one.other)]
            for some in ([one for one in met if one.one == one.other], [one for one in met if one.one != one.other]):
                step = 1 if (country, version) == ("KR", 6) else max(1, len(some) // _SAMPLED)
                chosen.update(some[::step])
    head = f"# Announced networks of {DATE} with what DB-IP and the registries say, made by tools/geo_tables.py\n"
    return head + "".join(
        f"{_text(one)}\t{one.units}\t{one.asn}\t{one.one or '-'}\t{one.other or '-'}\n" for one in sorted(chosen)
    )


def _share(networks: int, units: int, both_networks: int, both_units: int) -> str:
    part = 100 * both_units / units if units else 0.0
    return f"{part:.2f} % of {units:,} (networks: {both_networks:,} of {networks:,})"


def _text(one: Answer) -> str:
    number = one.first << UNITS[one.version]
    return str(IPv4Address(number) if one.version == 4 else IPv6Address(number))


def main() -> None:
    """Make both tables, the report and the sample."""
    directory = Path(sys.argv[1])
    sources = {name: Source(directory, package) for name, package in PACKAGES.items()}
    rows: list[Range] = []
    networks: list[Range] = []
    found: list[Answer] = []
    for version in (4, 6):
        first = sources["dbip"].rows(version)
        second = registry_rows(sources["whois"].rows(version), sources["delegated"].rows(version), version)
        announced = sources["asn"].rows(version)
        rows += agreed(first, second, version)
        networks += announced
        found += answers(announced, first, second, version)
    make(
        Facts("country", "what DB-IP IP to Country Lite and the regional registries (NRO, OpenGeoFeed) both say",
              "CC BY 4.0, db-ip.com, nro.net", DATE),
        rows,
    )  # fmt: skip
    make(
        Facts("asn", "ip-location-db asn: RouteViews, regional registries (NRO), DB-IP IP to ASN Lite",
              "CC BY 4.0, routeviews.org, nro.net, db-ip.com", DATE),
        networks,
    )  # fmt: skip
    REPORT.write_text(report(found), encoding="utf-8")
    SAMPLE.write_text(sample(found), encoding="utf-8")


if __name__ == "__main__":
    main()
