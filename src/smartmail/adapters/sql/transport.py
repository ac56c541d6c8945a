"""Policies of other domains and counts of TLS sessions (ports.store_transport)."""

from smartmail.adapters.sql.declared import changed, counted, every, executed, optional, whole_row
from smartmail.adapters.sql.session import OnDatabase
from smartmail.adapters.sql.shape import Shape
from smartmail.domain.transport import ReceivedTlsReport, StsRow, TlsCount
from smartmail.ports.store_transport import TransportStore

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
_PUT_REPORT = """insert into tls_report (domain, reporter, report_id, begins_at, ends_at, content)
    values ($1, $2, $3, $4, $5, $6) on conflict (domain, reporter, report_id) do nothing returning report_id"""
_REPORTS = """select domain, reporter, report_id, begins_at, ends_at, content from tls_report
    where domain = $1 and ends_at >= $2 order by ends_at desc, reporter, report_id limit $3"""
_DROP_REPORTS = "delete from tls_report where ends_at < $1 returning report_id"


class SqlTransport(OnDatabase):
    """ports.store_transport.TransportStore."""

    sts_policy = optional(TransportStore.sts_policy, _STS, _POLICY)
    put_sts_policy = executed(
        TransportStore.put_sts_policy, _PUT_POLICY, row=_STS.values("domain, policy_id, text, fetched_at, expires_at")
    )
    stale_sts_policies = every(TransportStore.stale_sts_policies, _STS, _STALE)
    drop_sts_policies = counted(TransportStore.drop_sts_policies, _DROP_POLICIES)
    count_tls = executed(
        TransportStore.count_tls, _COUNT, row=_TLS_COUNT.values("day, domain, policy, result, host, address, sessions")
    )
    tls_domains = every(TransportStore.tls_domains, whole_row, _DOMAINS)
    tls_counts = every(TransportStore.tls_counts, _TLS_COUNT, _COUNTS)
    drop_tls_counts = executed(TransportStore.drop_tls_counts, "delete from tls_count where day = $1 and domain = $2")
    put_tls_report = changed(
        TransportStore.put_tls_report,
        _PUT_REPORT,
        row=_TLS_REPORT.values("domain, reporter, report_id, begin, end, content"),
    )
    tls_reports = every(TransportStore.tls_reports, _TLS_REPORT, _REPORTS)
    drop_tls_reports = counted(TransportStore.drop_tls_reports, _DROP_REPORTS)
