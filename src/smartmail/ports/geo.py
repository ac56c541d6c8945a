"""Where an address of the network is: a question to data that may be missing or old."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from smartmail.formats.geo_table import GeoTable, Kind


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of an address: two letters of its country, number of its network; None unknown."""

    country: str | None = None
    asn: int | None = None


UNKNOWN = Place()
Tables = Mapping[Kind, GeoTable]


class Geo(Protocol):
    """Answers from memory."""

    def look(self, address: str) -> Place:
        """Return what is known of an address; UNKNOWN for one of a private network, and where there is no data."""
        ...
