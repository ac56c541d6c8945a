"""`domain reports`: what others say about mail that names a domain of ours in From (DMARC aggregate reports), and with
--tls about TLS with its hosts (RFC 8460).
"""

import argparse
from collections import defaultdict
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.authentication import DmarcRow
from smartmail.domain.errors import NotFound

DEFAULT_DAYS = 30
MAX_REPORTS = 10_000
_DAY_S = 86_400


def add_reports(acts: Any) -> None:
    """Add the act to the command `domain`."""
    reports = acts.add_parser(
        "reports",
        help="who sent mail in the name of a domain, as others report it",
        description="Sums up DMARC reports that came to people of ours: sources, how often, and whether they were proved.",
    )
    opening.add_arguments(reports)
    reports.add_argument("domain", metavar="DOMAIN")
    reports.add_argument("--tls", action="store_true", help="reports about TLS with the domain's hosts instead")
    reports.add_argument("--days", type=int, default=DEFAULT_DAYS, help=f"how far back ({DEFAULT_DAYS})")


async def reports(node: Node, options: argparse.Namespace) -> int:
    """Show sources, the most frequent first."""
    try:
        domain = await node.services.administration.domain(options.domain)
    except NotFound as error:
        raise opening.CommandError(f"{error.public}.") from None
    if options.tls:
        return await _tls(node, options, domain.name)
    since = node.clock.now() // 1000 - options.days * _DAY_S
    found = await node.store.dmarc_reports(domain.name, since, MAX_REPORTS)
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for report in found:
        for row, messages in report.rows:
            sums[_kind(row)] += messages
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    document = {
        "domain": domain.name,
        "reports": len(found),
        "reporters": sorted({one.reporter for one in found}),
        "sources": [
            {"source": kind[0], "dkim": kind[1], "spf": kind[2], "disposition": kind[3], "messages": messages}
            for kind, messages in ordered
        ],
    }
    rows = [(*kind, str(messages)) for kind, messages in ordered]
    lines = [f"{len(found)} reports about {domain.name} in {options.days} days."]
    lines += opening.table(("SOURCE", "DKIM", "SPF", "DONE", "MESSAGES"), rows) if rows else []
    opening.show(options, document, lines)
    return 0


def _kind(row: DmarcRow) -> tuple[str, str, str, str]:
    return row.source, row.dkim, row.spf, row.disposition


async def _tls(node: Node, options: argparse.Namespace, domain: str) -> int:
    """Show how many sessions with the domain's hosts were sealed, and which failed why."""
    found = await node.services.transport.received.about(domain, options.days, MAX_REPORTS)
    policies = [(row.reporter, one) for row, report in found for one in report.policies]
    failed: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for reporter, one in policies:
        for each in one.failures:
            failed[(each.result or "?", each.host or "-", each.receiving_ip or "-", reporter)] += each.sessions
    ordered = sorted(failed.items(), key=lambda item: (-item[1], item[0]))
    sealed, missed = sum(one.successes for _, one in policies), sum(one.failed for _, one in policies)
    document = {
        "domain": domain,
        "reports": len(found),
        "reporters": sorted({row.reporter for row, _ in found}),
        "sealed": sealed,
        "failed": missed,
        "failures": [
            {"result": kind[0], "host": kind[1], "address": kind[2], "reporter": kind[3], "sessions": sessions}
            for kind, sessions in ordered
        ],
    }
    said = f"{len(found)} reports about TLS with the hosts of {domain} in {options.days} days:"
    lines = [f"{said} {sealed} sessions sealed, {missed} failed."]
    rows = [(str(sessions), *kind) for kind, sessions in ordered]
    lines += opening.table(("SESSIONS", "WHY", "HOST", "ADDRESS", "REPORTED BY"), rows) if rows else []
    opening.show(options, document, lines)
    return 0
