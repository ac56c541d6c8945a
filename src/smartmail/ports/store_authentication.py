"""The store's part for DMARC aggregate reports: what was counted here, and what others reported."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.authentication import DmarcCount, ReceivedReport


class AuthenticationStore(Protocol):
    """Counts and reports of domains: nothing of it is anyone's mail."""

    async def count_dmarc(self, counts: Sequence[DmarcCount]) -> None:
        """Add messages to counts, in one transaction."""
        ...

    async def dmarc_domains(self, before_day: int, limit: int) -> list[tuple[int, str]]:
        """Return days before a day and policy domains of which counts are kept, the oldest first."""
        ...

    async def dmarc_counts(self, day: int, domain: str, limit: int) -> list[DmarcCount]:
        """Return a domain's counts of a day, the largest first."""
        ...

    async def drop_dmarc_counts(self, day: int, domain: str) -> None:
        """Forget a domain's counts of a day."""
        ...

    async def put_dmarc_report(self, report: ReceivedReport) -> bool:
        """Keep a report; say whether it was new."""
        ...

    async def dmarc_reports(self, domain: str, since: int, limit: int) -> list[ReceivedReport]:
        """Return reports about a domain that end after a time (in seconds), the newest first."""
        ...

    async def drop_dmarc_reports(self, ended_before: int) -> int:
        """Forget old reports; return how many."""
        ...
