"""DMARC aggregate reports: XML, the mail that carries it, and both read from strangers (RFC 9990, RFC 7489 appendix C).

Reading refuses everything that a report does not need: document types and entities, encodings but UTF-8, elements
without end. Whatever was read is cut to bounds and is data, never text of ours.

LIMITS   4 MiB unpacked, 10,000 records, 100 signatures a record, 300 characters a value.
"""

import base64
import gzip
import re
import struct
import zlib
from collections.abc import Iterable
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

NAMESPACE: Final = "urn:ietf:params:xml:ns:dmarc-2.0"
MAX_OCTETS: Final = 4 << 20
MAX_RECORDS: Final = 10_000
MAX_SIGNATURES: Final = 100
MAX_VALUE: Final = 300
MAX_DEPTH: Final = 12
MAX_ELEMENTS: Final = 400_000
_LINE: Final = 76
# RFC 9990 §4.5: receiver!policy-domain!begin!end[!unique].xml[.gz], and what others send.
_NAME: Final = re.compile(r"[^!\s]+!([^!\s]+)![0-9]+![0-9]+(?:![^!\s]+)?\.(?:xml(?:\.gz)?|zip)\Z", re.IGNORECASE)
# Local header of a zip entry: signature, flags, method, packed size, lengths of name and extra field.
_ZIP: Final = struct.Struct("<4s2xHH8xI4xHH")


class ReportError(ValueError):
    """The octets are no report."""


class Signature(NamedTuple):
    """What one DKIM signature was worth."""

    domain: str
    selector: str
    result: str


class Record(NamedTuple):
    """Messages that were judged alike."""

    source: str
    messages: int
    disposition: str
    dkim: str
    spf: str
    header_from: str
    envelope_from: str = ""
    signatures: tuple[Signature, ...] = ()
    spf_domain: str = ""
    spf_result: str = ""
    override: str = ""


class Published(NamedTuple):
    """The policy that was found; "" for tags that did not stand there."""

    domain: str
    p: str = "none"
    sp: str = ""
    np: str = ""
    adkim: str = "r"
    aspf: str = "r"
    testing: bool = False


class AggregateReport(NamedTuple):
    """One report; times in seconds."""

    organization: str
    email: str
    report_id: str
    begin: int
    end: int
    published: Published
    records: tuple[Record, ...]


# --- writing -----------------------------------------------------------------------------------------------------


def write(report: AggregateReport) -> bytes:
    """Return the XML (RFC 9990 §3)."""
    published = report.published
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>', f'<feedback xmlns="{NAMESPACE}">', "<version>1.0</version>",
        "<report_metadata>",
        *_elements((("org_name", report.organization), ("email", report.email), ("report_id", report.report_id))),
        f"<date_range><begin>{report.begin}</begin><end>{report.end}</end></date_range>",
        "<generator>SmartMail</generator>", "</report_metadata>", "<policy_published>",
        *_elements((
            ("domain", published.domain), ("discovery_method", "treewalk"), ("p", published.p), ("sp", published.sp),
            ("np", published.np), ("adkim", published.adkim), ("aspf", published.aspf),
            ("testing", "y" if published.testing else "n"),
        )),
        "</policy_published>",
        *(line for record in report.records for line in _record(record)), "</feedback>", "",
    ]  # fmt: skip
    return "\n".join(out).encode()


def _record(one: Record) -> list[str]:
    reason = f"<reason><type>{_text(one.override)}</type></reason>" if one.override else ""
    signatures = [
        "<dkim>" + "".join(_elements((("domain", each.domain), ("selector", each.selector), ("result", each.result)))) + "</dkim>"
        for each in one.signatures
    ]  # fmt: skip
    spf = "".join(_elements((("domain", one.spf_domain), ("scope", "mfrom"), ("result", one.spf_result))))
    return [
        "<record><row>", *_elements((("source_ip", one.source), ("count", str(one.messages)))), "<policy_evaluated>",
        *_elements((("disposition", one.disposition), ("dkim", one.dkim), ("spf", one.spf))),
        f"{reason}</policy_evaluated></row>", "<identifiers>",
        *_elements((("header_from", one.header_from), ("envelope_from", one.envelope_from))), "</identifiers>",
        "<auth_results>", *signatures, f"<spf>{spf}</spf></auth_results></record>",
    ]  # fmt: skip


def _elements(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"<{name}>{_text(value)}</{name}>" for name, value in pairs if value]


def _text(value: str) -> str:
    """Escape a value; what XML cannot say at all becomes a question mark."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in value[:MAX_VALUE])
    return escape(clean.encode("utf-8", "replace").decode())


class Cover(NamedTuple):
    """The mail around a report; `date` is a Date field's text."""

    from_: str
    to: str
    submitter: str
    message_id: str
    date: str
    boundary: str


def file_name(report: AggregateReport, submitter: str) -> str:
    """Return the name of the attachment (RFC 9990 §4.5)."""
    unique = re.sub(r"[^A-Za-z0-9.-]", "", report.report_id.partition("@")[0])
    return f"{submitter}!{report.published.domain}!{report.begin}!{report.end}!{unique}.xml.gz"


def mail(report: AggregateReport, cover: Cover, text: str) -> bytes:
    """Return the message (RFC 9990 §4.5)."""
    packed = base64.b64encode(gzip.compress(write(report), mtime=0)).decode()
    domain, name = report.published.domain, file_name(report, cover.submitter)
    lines = [
        f"From: {cover.from_}", f"To: {cover.to}", f"Date: {cover.date}", f"Message-ID: <{cover.message_id}>",
        f"Subject: Report Domain: {domain}", f" Submitter: {cover.submitter}", f" Report-ID: <{report.report_id}>",
        "MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{cover.boundary}"', "Auto-Submitted: auto-generated", "",
        f"--{cover.boundary}", "Content-Type: text/plain; charset=us-ascii", "", text, "",
        f"--{cover.boundary}", "Content-Type: application/gzip", "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment;\r\n filename="{name}"', "",
        *(packed[at : at + _LINE] for at in range(0, len(packed), _LINE)), f"--{cover.boundary}--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode("ascii", "replace")


# --- reading -----------------------------------------------------------------------------------------------------


def domain_of(file: str) -> str | None:
    """Return the domain that a report is about by the name of its file, None for another file."""
    match = _NAME.match(file)
    return match[1].lower().rstrip(".") if match else None


def unpack(octets: bytes) -> bytes:
    """Return the XML of an attachment: gzip, the first file of a zip, or plain. Raises ReportError."""
    try:
        if octets.startswith(b"\x1f\x8b"):
            return _inflated(octets, 31)
        if octets.startswith(b"PK\x03\x04"):
            return _first_of_zip(octets)
    except zlib.error as error:
        raise ReportError(f"cannot be unpacked: {error}") from None
    if len(octets) > MAX_OCTETS:
        raise ReportError("too large")
    return octets


def _inflated(octets: bytes, window: int) -> bytes:
    """Unpack as much as is allowed and no more; what is cut off is no report."""
    packed = zlib.decompressobj(window)
    found = packed.decompress(octets, MAX_OCTETS + 1)
    if len(found) > MAX_OCTETS:
        raise ReportError("too large")
    if not packed.eof:
        raise ReportError("cut off")
    return found


def _first_of_zip(octets: bytes) -> bytes:
    """Read the local header of the first file; its sizes may stand behind the data, and are not needed."""
    if len(octets) < _ZIP.size:
        raise ReportError("cut off")
    _mark, flags, method, size, name, extra = _ZIP.unpack_from(octets)
    start = _ZIP.size + name + extra
    if flags & 1 or method not in {0, 8}:
        raise ReportError("a zip that nobody can read")
    if method == 8:
        return _inflated(octets[start:], -15)
    if size > MAX_OCTETS:
        raise ReportError("too large")
    return octets[start : start + size]


def read(octets: bytes) -> AggregateReport:
    """Return a report. Raises ReportError."""
    root = _root(octets)
    metadata, policy = _child(root, "report_metadata"), _child(root, "policy_published")
    if metadata is None or policy is None:
        raise ReportError("no report")
    dates = _child(metadata, "date_range")
    published = Published(
        _value(policy, "domain").lower().rstrip("."), _value(policy, "p") or "none", _value(policy, "sp"), _value(policy, "np"),
        _value(policy, "adkim") or "r", _value(policy, "aspf") or "r", _value(policy, "testing") == "y",
    )  # fmt: skip
    if not published.domain:
        raise ReportError("no domain")
    records = [_read_record(one) for one in root if _tag(one) == "record"][:MAX_RECORDS]
    return AggregateReport(
        _value(metadata, "org_name"), _value(metadata, "email"), _value(metadata, "report_id"),
        _number(dates, "begin"), _number(dates, "end"), published, tuple(records),
    )  # fmt: skip


def _root(octets: bytes) -> ET.Element:
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReportError("not UTF-8") from None
    # A document type or an entity is what attacks are made of; a report has neither.
    if re.search(r"<!(?!--|\[CDATA\[)", text):
        raise ReportError("a declaration that no report needs")
    text = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text)
    parser = ET.XMLParser(target=_Bounded())  # noqa: S314 - what makes it dangerous was refused above
    try:
        parser.feed(text)
        root = parser.close()
    except (ET.ParseError, ValueError) as error:
        raise ReportError(str(error)[:MAX_VALUE]) from None
    if not isinstance(root, ET.Element) or _tag(root) != "feedback":
        raise ReportError("no report")
    return root


class _Bounded(ET.TreeBuilder):
    """Builds a tree that is neither deep nor huge. Raises ReportError."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str]) -> ET.Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise ReportError("too deep, or too many elements")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def _read_record(record: ET.Element) -> Record:
    row, names, results = _child(record, "row"), _child(record, "identifiers"), _child(record, "auth_results")
    evaluated = _child(row, "policy_evaluated")
    signatures = [
        Signature(_value(one, "domain"), _value(one, "selector"), _value(one, "result"))
        for one in ([] if results is None else results)
        if _tag(one) == "dkim"
    ]
    spf = _child(results, "spf")
    return Record(
        _value(row, "source_ip"), _number(row, "count"), _value(evaluated, "disposition"), _value(evaluated, "dkim"),
        _value(evaluated, "spf"), _value(names, "header_from").lower(), _value(names, "envelope_from").lower(),
        tuple(signatures[:MAX_SIGNATURES]), _value(spf, "domain"), _value(spf, "result"),
        _value(_child(evaluated, "reason"), "type"),
    )  # fmt: skip


def _tag(element: ET.Element) -> str:
    """The name without its namespace: reports of RFC 7489 have none, or one of their own."""
    return element.tag.rpartition("}")[2]


def _child(element: ET.Element | None, name: str) -> ET.Element | None:
    return next((one for one in ([] if element is None else element) if _tag(one) == name), None)


def _value(element: ET.Element | None, name: str) -> str:
    found = _child(element, name)
    text = (found.text or "").strip() if found is not None else ""
    return "".join(letter for letter in text[:MAX_VALUE] if letter.isprintable())


def _number(element: ET.Element | None, name: str) -> int:
    text = _value(element, name)
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else 0
