"""The group of the store for ways of messages: tables of addresses, and the countries that senders sent from.

Rules that every driver keeps, proved by tests/contract/test_store_route.py: a table is there whole or not at all; an
account's history is bounded.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId
from smartmail.domain.route import SenderCountry


class RouteStore(Protocol):
    """Tables of addresses and histories of senders."""

    async def geo_versions(self) -> dict[str, int]:
        """Return kind → version of the table in force, for kinds that have one."""
        ...

    async def geo_table(self, kind: str) -> bytes | None:
        """Return the table in force."""
        ...

    async def put_geo_table(self, kind: str, pieces: Sequence[bytes]) -> int:
        """Put a table in force instead of the one before, and return its version; no pieces: none is in force."""
        ...

    async def sender_countries(self, account_id: AccountId, sender_hash: bytes) -> list[SenderCountry]:
        """Return the countries that are remembered of a sender."""
        ...

    async def note_sender_country(self, account_id: AccountId, sender_hash: bytes, country: str, month: int) -> None:
        """Remember that a sender's mail came from a country in a month. What is older than domain.route.MONTHS begins
        anew; beyond domain.route.MAX_SENDERS the oldest lines go.
        """
        ...
