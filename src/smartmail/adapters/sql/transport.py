"""Policies of other domains and counts of TLS sessions (ports.store_transport)."""

from smartmail.adapters.sql.session import Database
from smartmail.adapters.sql.shape import Shape
from smartmail.domain.transport import ReceivedTlsReport, StsRow, TlsCount

_TLS_REPORT = Shape(ReceivedTlsReport)
_TLS_COUNT = Shape(TlsCount)
_STS = Shape(StsRow)
_POLICY = "select domain, policy_id, policy, fetched_at, expires_at from sts_policy where domain = $1"
_PUT_POLICY = """insert into sts_policy (domain, policy_id, policy, fetched_at, expires_at) values ($1, $2, $3, $4, $5)
    on conflict (domain) do update set policy_id = excluded.policy_id, policy = excluded.policy,
    fetched_at = excluded.fetched_at, expires_at = excluded.expires_at"""
_STALE = """select domain, policy_id, policy, fetched_at, expires_at from sts_policy where fetched_at < $1
    order by fetched_at, domain limit $2"""
_DROP_POLICIES = "delete from sts_policy where expires_at < $1 returning domain"
_COUNT = """insert into tls_count (day, domain, policy, result, host, address, sessions)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (day, domain, policy, result, host, address)
    do update set sessions = tls_count.sessions + excluded.sessions"""
_DOMAINS = "select distinct day, domain from tls_count where day < $1 order by day, domain limit $2"
_COUNTS = """select day, domain, policy, result, host, address, sessions from tls_count
    where day = $1 and domain = $2 order by policy, result, host, address"""
_DROP_COUNTS = "delete from tls_count where day = $1 and domain = $2"
_PUT_REPORT = """insert into tls_report (domain, reporter, report_id, begins_at, ends_at, content)
    values ($1, $2, $3, $4, $5, $6) on conflict (domain, reporter, report_id) do nothing returning report_id"""
_REPORTS = """select domain, reporter, report_id, begins_at, ends_at, content from tls_report
    where domain = $1 and ends_at >= $2 order by ends_at desc, reporter, report_id limit $3"""
_DROP_REPORTS = "delete from tls_report where ends_at < $1 returning report_id"


class SqlTransport:
    """ports.store_transport.TransportStore."""

    _db: Database

    async def sts_policy(self, domain: str) -> StsRow | None:
        row = await self._db.row(_POLICY, domain)
        return None if row is None else _STS.of(row)

    async def put_sts_policy(self, row: StsRow) -> None:
        values = (row.domain, row.policy_id, row.text, row.fetched_at, row.expires_at)
        await self._db.change(0, lambda s: s.run(_PUT_POLICY, *values))

    async def stale_sts_policies(self, fetched_before: int, limit: int) -> list[StsRow]:
        return [_STS.of(row) for row in await self._db.rows(_STALE, fetched_before, limit)]

    async def drop_sts_policies(self, expired_before: int) -> int:
        return len(await self._db.change(0, lambda s: s.rows(_DROP_POLICIES, expired_before)))

    async def count_tls(self, count: TlsCount) -> None:
        values = (count.day, count.domain, count.policy, count.result, count.host, count.address, count.sessions)
        await self._db.change(0, lambda s: s.run(_COUNT, *values))

    async def tls_domains(self, before_day: int, limit: int) -> list[tuple[int, str]]:
        return [(row[0], row[1]) for row in await self._db.rows(_DOMAINS, before_day, limit)]

    async def tls_counts(self, day: int, domain: str) -> list[TlsCount]:
        return [_TLS_COUNT.of(row) for row in await self._db.rows(_COUNTS, day, domain)]

    async def drop_tls_counts(self, day: int, domain: str) -> None:
        await self._db.change(0, lambda s: s.run(_DROP_COUNTS, day, domain))

    async def put_tls_report(self, report: ReceivedTlsReport) -> bool:
        values = (report.domain, report.reporter, report.report_id, report.begin, report.end, report.content)
        return await self._db.change(0, lambda s: s.row(_PUT_REPORT, *values)) is not None

    async def tls_reports(self, domain: str, since: int, limit: int) -> list[ReceivedTlsReport]:
        return [_TLS_REPORT.of(row) for row in await self._db.rows(_REPORTS, domain, since, limit)]

    async def drop_tls_reports(self, ended_before: int) -> int:
        return len(await self._db.change(0, lambda s: s.rows(_DROP_REPORTS, ended_before)))
