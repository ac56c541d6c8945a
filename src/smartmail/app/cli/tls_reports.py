"""Shows a TLS report of another system (RFC 8460): how many sessions with our hosts were sealed, and which failed why."""

import argparse
import email
import json
from email import policy
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.formats import tls_report
from smartmail.formats.tls_report import ReportError, TlsReport

_TYPES = ("application/tlsrpt+gzip", "application/tlsrpt+json", "application/gzip", "application/json")
MAX_OCTETS = 32 << 20


def show_report(options: argparse.Namespace) -> int:
    """Print the report in a file."""
    try:
        report = tls_report.read(_attached(_octets(options.file)))
    except (OSError, ReportError) as error:
        opening.complain(f"{options.file} is no TLS report that can be read ({error}).")
        return opening.FAILED
    opening.show(options, json.loads(tls_report.write(report)), _lines(report))
    return 0


def _octets(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(MAX_OCTETS)


def _attached(octets: bytes) -> bytes:
    """Return the report in a mail; what is no mail is the report itself."""
    if octets[:2] == b"\x1f\x8b" or octets.lstrip()[:1] == b"{":
        return octets
    for part in email.message_from_bytes(octets, policy=policy.default).walk():
        if part.get_content_type() in _TYPES:
            found = part.get_payload(decode=True)
            return found if isinstance(found, bytes) else b""
    return b""


def _lines(report: TlsReport) -> list[str]:
    lines = [f"{report.organization}, {report.start} to {report.end}", ""]
    rows = [(one.domain, one.kind, str(one.successes), str(one.failed)) for one in report.policies]
    lines += opening.table(("DOMAIN", "POLICY", "SEALED", "FAILED"), rows)
    failed = [
        (str(each.sessions), each.result, each.host or "-", each.receiving_ip or "-", each.reason or "-")
        for one in report.policies
        for each in one.failures
    ]
    if failed:
        lines += ["", *opening.table(("SESSIONS", "WHY", "HOST", "ADDRESS", "REASON"), failed)]
    return lines
