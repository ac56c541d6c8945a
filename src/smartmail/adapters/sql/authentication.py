"""DMARC aggregate reports (ports.store_authentication)."""

from collections.abc import Sequence

import msgspec

from smartmail.adapters.sql.declared import counted, every, executed, whole_row
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.authentication import DmarcCount, DmarcPolicy, DmarcRow, ReceivedReport
from smartmail.ports.store_authentication import AuthenticationStore

_COUNT = """insert into dmarc_count (day, domain, policy, row_text, messages) values ($1, $2, $3, $4, $5)
    on conflict (day, domain, policy, row_text) do update set messages = dmarc_count.messages + excluded.messages"""
_DOMAINS = "select distinct day, domain from dmarc_count where day < $1 order by day, domain limit $2"
_COUNTS = """select policy, row_text, messages from dmarc_count where day = $1 and domain = $2
    order by messages desc, policy, row_text limit $3"""
_DROP_COUNTS = "delete from dmarc_count where day = $1 and domain = $2"
_PUT_REPORT = """insert into dmarc_report (domain, reporter, report_id, begins_at, ends_at, content)
    values ($1, $2, $3, $4, $5, $6) on conflict (domain, reporter, report_id) do nothing returning report_id"""
_REPORTS = """select content from dmarc_report where domain = $1 and ends_at >= $2 order by ends_at desc, reporter
    limit $3"""
_DROP_REPORTS = "delete from dmarc_report where ends_at < $1 returning report_id"


class SqlAuthentication(OnDatabase):
    """ports.store_authentication.AuthenticationStore."""

    @in_change
    async def count_dmarc(self, session: Session, counts: Sequence[DmarcCount]) -> None:
        for one in counts:
            policy, row = _json(one.policy), _json(one.row)
            await session.run(_COUNT, one.day, one.policy.domain, policy, row, one.messages)

    dmarc_domains = every(AuthenticationStore.dmarc_domains, whole_row, _DOMAINS)

    async def dmarc_counts(self, day: int, domain: str, limit: int) -> list[DmarcCount]:
        return [
            DmarcCount(
                day, msgspec.json.decode(row[0], type=DmarcPolicy), msgspec.json.decode(row[1], type=DmarcRow), row[2]
            )
            for row in await self._db.rows(_COUNTS, day, domain, limit)
        ]

    drop_dmarc_counts = executed(AuthenticationStore.drop_dmarc_counts, _DROP_COUNTS)

    async def put_dmarc_report(self, report: ReceivedReport) -> bool:
        values = (report.domain, report.reporter, report.report_id, report.begin, report.end, _json(report))
        return await self._db.change(0, lambda s: s.row(_PUT_REPORT, *values)) is not None

    async def dmarc_reports(self, domain: str, since: int, limit: int) -> list[ReceivedReport]:
        found = await self._db.rows(_REPORTS, domain, since, limit)
        return [msgspec.json.decode(row[0], type=ReceivedReport) for row in found]

    drop_dmarc_reports = counted(AuthenticationStore.drop_dmarc_reports, _DROP_REPORTS)


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
