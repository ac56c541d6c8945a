"""The tables of countries and networks that come with the program, mapped: processes share their memory.

They are made by tools/geo_tables.py; data/LICENSE.txt says of what and under which licences.
"""

import mmap
from pathlib import Path

from smartmail.formats.geo_table import KINDS, GeoTable
from smartmail.ports.geo import Tables

_PLACE = Path(__file__).parent / "data"
LICENCE = _PLACE / "LICENSE.txt"


def shipped_tables() -> Tables:
    """Return the tables that are there. Raises GeoTableError for a damaged one."""
    found = {}
    for kind in KINDS:
        path = _PLACE / f"{kind}.geo"
        if path.exists():
            with path.open("rb") as file:
                found[kind] = GeoTable(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return found
