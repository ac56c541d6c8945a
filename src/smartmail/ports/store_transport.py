"""The store's part for transport security: policies of other domains, and counts of TLS sessions for their reports."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.transport import ReceivedTlsReport, StsRow, TlsCount


class TransportStore(Protocol):
    """Facts about other domains: nothing of it is anyone's mail."""

    async def sts_policy(self, domain: str) -> StsRow | None:
        """Return a domain's policy as it was fetched last, also one that has expired."""
        ...

    async def put_sts_policy(self, row: StsRow) -> None:
        """Keep a policy in place of an older one of the domain."""
        ...

    async def stale_sts_policies(self, fetched_before: int, limit: int) -> Sequence[StsRow]:
        """Return policies that were fetched before a time, the oldest first."""
        ...

    async def drop_sts_policies(self, expired_before: int) -> int:
        """Forget what has expired; return how many."""
        ...

    async def count_tls(self, count: TlsCount) -> None:
        """Add sessions to a count."""
        ...

    async def tls_domains(self, before_day: int, limit: int) -> Sequence[tuple[int, str]]:
        """Return days before a day and domains of which counts are kept, the oldest first."""
        ...

    async def tls_counts(self, day: int, domain: str) -> Sequence[TlsCount]:
        """Return a domain's counts of a day."""
        ...

    async def drop_tls_counts(self, day: int, domain: str) -> None:
        """Forget a domain's counts of a day: they are reported, or nobody asked for them."""
        ...

    async def put_tls_report(self, report: ReceivedTlsReport) -> bool:
        """Keep a report of another system; say whether it was new."""
        ...

    async def tls_reports(self, domain: str, since: int, limit: int) -> Sequence[ReceivedTlsReport]:
        """Return reports about a domain that end after a time (in seconds), the newest first."""
        ...

    async def drop_tls_reports(self, ended_before: int) -> int:
        """Forget old reports; return how many."""
        ...
