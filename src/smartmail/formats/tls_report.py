"""Reports about TLS between mail hosts: the record that asks for them, the JSON, and the mail that carries it.

STANDARDS: RFC 8460 §3 (record), §4 (schema), §5.3 (mail).
"""

import base64
import gzip
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

MAX_OCTETS: Final = 10 << 20
"""Of a report's JSON, unpacked: what other systems accept."""
MAX_ADDRESSES: Final = 5
_LINE: Final = 76
_URI: Final = re.compile(r"(?:mailto:[^\s,;!]+@[^\s,;!]+|https://[^\s,;!]+)", re.IGNORECASE)

_ADDRESS: Final = re.compile(r"[!-+\--9=?A-Z^-~]+@[A-Za-z0-9.-]+")

RESULTS: Final = (
    "starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted",
    "validation-failure", "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error",
    "sts-policy-invalid", "sts-webpki-invalid",
)  # fmt: skip
"""RFC 8460 §4.3."""


class ReportError(Exception):
    """A report that cannot be read."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Sessions that failed in one way with one host."""

    result: str
    sessions: int
    host: str = ""
    receiving_ip: str = ""
    sending_ip: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PolicyResults:
    """What came of one policy of a domain. `kind` is tlsa, sts or no-policy-found."""

    kind: str
    domain: str
    strings: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    successes: int = 0
    failures: tuple[Failures, ...] = ()

    @property
    def failed(self) -> int:
        """All sessions that failed."""
        return sum(one.sessions for one in self.failures)


@dataclass(frozen=True, slots=True)
class TlsReport:
    """One day and one domain; times as RFC 3339 text."""

    organization: str
    contact: str
    report_id: str
    start: str
    end: str
    policies: tuple[PolicyResults, ...] = field(default=())


def read_record(texts: Sequence[bytes]) -> tuple[str, ...]:
    """Return where reports go to (mailto: and https:); nothing when no one valid record asks for them (§3)."""
    found = [text for text in texts if text.replace(b" ", b"").startswith(b"v=TLSRPTv1;")]
    if len(found) != 1:
        return ()
    for part in found[0].decode("ascii", "replace").split(";")[1:]:
        name, _equals, value = part.strip().partition("=")
        if name.strip() == "rua":
            uris = [uri.strip() for uri in value.split(",")]
            return tuple(uri for uri in uris[:MAX_ADDRESSES] if _URI.fullmatch(uri) and address_of(uri) is not None)
    return ()


def address_of(place: str) -> str | None:
    """Return the address of a mailto: place, "" for one by https; None for what hides more than one address in it."""
    if not place.lower().startswith("mailto:"):
        return ""
    address = unquote(place.partition(":")[2].partition("?")[0])
    # It stands in a header of ours: what was escaped must not be a line end (RFC 6068 §4).
    return address if _ADDRESS.fullmatch(address) else None


def write(report: TlsReport) -> bytes:
    """Return the report as JSON (§4)."""
    document = {
        "organization-name": report.organization,
        "date-range": {"start-datetime": report.start, "end-datetime": report.end},
        "contact-info": report.contact,
        "report-id": report.report_id,
        "policies": [_policy(one) for one in report.policies],
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _policy(one: PolicyResults) -> dict[str, Any]:
    policy: dict[str, Any] = {"policy-type": one.kind, "policy-domain": one.domain}
    if one.strings:
        policy["policy-string"] = list(one.strings)
    if one.hosts:
        policy["mx-host"] = list(one.hosts)
    summary = {"total-successful-session-count": one.successes, "total-failure-session-count": one.failed}
    found: dict[str, Any] = {"policy": policy, "summary": summary}
    if one.failures:
        found["failure-details"] = [_failure(each) for each in one.failures]
    return found


def _failure(one: Failures) -> dict[str, Any]:
    words = {
        "result-type": one.result, "sending-mta-ip": one.sending_ip, "receiving-ip": one.receiving_ip,
        "receiving-mx-hostname": one.host, "failure-reason-code": one.reason,
    }  # fmt: skip
    return {**{name: value for name, value in words.items() if value}, "failed-session-count": one.sessions}


def read(octets: bytes) -> TlsReport:
    """Read a report of another system, packed or not. Raises ReportError."""
    try:
        return _report(json.loads(_unpacked(octets)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error, EOFError, OSError) as error:
        raise ReportError(type(error).__name__) from error


def _unpacked(octets: bytes) -> bytes:
    if not octets.startswith(b"\x1f\x8b"):
        return octets[: MAX_OCTETS + 1]
    # Bounded: a small file may hold a report of any size.
    found = zlib.decompressobj(wbits=31).decompress(octets, MAX_OCTETS)
    if len(found) >= MAX_OCTETS:
        raise ReportError("too large")
    return found


def _report(document: dict[str, Any]) -> TlsReport:
    times = document["date-range"]
    return TlsReport(
        _text(document.get("organization-name", "")), _text(document.get("contact-info", "")),
        _text(document["report-id"]), _text(times["start-datetime"]), _text(times["end-datetime"]),
        tuple(_results(one) for one in document["policies"]),
    )  # fmt: skip


def _results(one: dict[str, Any]) -> PolicyResults:
    policy, summary = one["policy"], one["summary"]
    failures = tuple(
        Failures(
            _text(each.get("result-type", "")), _count(each.get("failed-session-count", 0)),
            _text(each.get("receiving-mx-hostname", "")), _text(each.get("receiving-ip", "")),
            _text(each.get("sending-mta-ip", "")), _text(each.get("failure-reason-code", "")),
        )
        for each in one.get("failure-details") or ()
    )  # fmt: skip
    return PolicyResults(
        _text(policy["policy-type"]), _text(policy.get("policy-domain", "")), _texts(policy.get("policy-string")),
        _texts(policy.get("mx-host")), _count(summary["total-successful-session-count"]), failures,
    )  # fmt: skip


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    # It is shown on terminals and pages: what steers them is taken out.
    return "".join(one if one.isprintable() else "?" for one in value[:1000])


def _texts(value: Any) -> tuple[str, ...]:
    # Some senders write one string where the schema has a list.
    values = [value] if isinstance(value, str) else value or []
    return tuple(_text(one) for one in values)


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


@dataclass(frozen=True, slots=True)
class Cover:
    """The mail around a report: who sends it to whom, for which domain; `date` is a Date field's text."""

    from_: str
    to: str
    domain: str
    submitter: str
    message_id: str
    date: str
    boundary: str


def file_name(report: TlsReport, cover: Cover, begin: int, end: int) -> str:
    """Return the name of the attachment (§5.1); times in seconds."""
    return f"{cover.submitter}!{cover.domain}!{begin}!{end}!{report.report_id.partition('@')[0]}.json.gz"


def mail(report: TlsReport, cover: Cover, name: str, text: str) -> bytes:
    """Return the message (§5.3): multipart/report with a part for people and the packed JSON."""
    packed = base64.b64encode(pack(write(report))).decode()
    lines = [
        f"From: {cover.from_}", f"To: {cover.to}", f"Date: {cover.date}", f"Message-ID: <{cover.message_id}>",
        f"Subject: Report Domain: {cover.domain}", f"  Submitter: {cover.submitter}",
        f"  Report-ID: <{report.report_id}>",
        f"TLS-Report-Domain: {cover.domain}", f"TLS-Report-Submitter: {cover.submitter}", "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type="tlsrpt";\r\n  boundary="{cover.boundary}"', "Auto-Submitted: auto-generated", "",
        f"--{cover.boundary}", "Content-Type: text/plain; charset=us-ascii", "", text, "",
        f"--{cover.boundary}", "Content-Type: application/tlsrpt+gzip", "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment;\r\n  filename="{name}"', "",
        *(packed[at : at + _LINE] for at in range(0, len(packed), _LINE)),
        f"--{cover.boundary}--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode("ascii", "replace")


def pack(octets: bytes) -> bytes:
    """Return octets in gzip form, the same each time."""
    return gzip.compress(octets, mtime=0)
