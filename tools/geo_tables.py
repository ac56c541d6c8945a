"""Make the tables of countries and networks that are shipped, from published CSV files.

    .venv/bin/python tools/geo_tables.py COUNTRY_DIR ASN_DIR YYYY-MM-DD

The directories are the npm packages @ip-location-db/geo-whois-asn-country and @ip-location-db/asn, unpacked; the date is
that of their version. Their licences are told in the tables, and beside them in LICENSE.txt: read them anew each time.
"""

import csv
import sys
from itertools import chain
from pathlib import Path

from smartmail.formats.geo_table import Facts, GeoTable, build, rows_of_csv

TARGET = Path(__file__).resolve().parent.parent / "src/smartmail/adapters/geoip/data"


def make(facts: Facts, files: list[Path]) -> None:
    """Write one table."""
    with files[0].open(encoding="utf-8", newline="") as four, files[1].open(encoding="utf-8", newline="") as six:
        rows = rows_of_csv(chain(csv.reader(four), csv.reader(six)), facts.kind)
    octets = build(facts, rows, coarse=True)
    table = GeoTable(octets)
    table.check()
    path = TARGET / f"{facts.kind}.geo"
    path.write_bytes(octets)
    print(f"{path}: {len(octets):,} octets, {table.ranges:,} ranges of {len(rows):,}")


def main() -> None:
    """Make both."""
    country, asn, date = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    make(
        Facts("country", "ip-location-db geo-whois-asn-country: OpenGeoFeed, regional registries (NRO)",
              "CC BY 4.0, nro.net", date),
        [country / f"geo-whois-asn-country-ipv{version}.csv" for version in (4, 6)],
    )  # fmt: skip
    make(
        Facts("asn", "ip-location-db asn: RouteViews, regional registries (NRO), DB-IP IP to ASN Lite",
              "CC BY 4.0, routeviews.org, nro.net, db-ip.com", date),
        [asn / f"asn-ipv{version}.csv" for version in (4, 6)],
    )  # fmt: skip


if __name__ == "__main__":
    main()
