"""ports.geo.Geo without data: nothing is known of any address, and nothing is made up."""

from smartmail.ports.geo import UNKNOWN, Place


class NoGeo:
    """Says that it does not know."""

    def look(self, address: str) -> Place:
        return UNKNOWN
