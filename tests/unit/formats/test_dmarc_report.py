"""DMARC aggregate reports: written and read again, those of others, and what is no report."""

import base64
import gzip
import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.dmarc_report import (
    MAX_OCTETS,
    AggregateReport,
    Cover,
    Published,
    Record,
    ReportError,
    Signature,
    domain_of,
    file_name,
    mail,
    read,
    unpack,
    write,
)

REPORT = AggregateReport(
    "our.test", "dmarc-reports@our.test", "20000.1f@our.test", 1_728_000_000, 1_728_086_399,
    Published("a.test", "reject", "quarantine", "", "s", "r", True),
    (
        Record("192.0.2.1", 12, "pass", "pass", "fail", "a.test", "b.test", (Signature("a.test", "s1", "pass"), Signature("x.test", "", "fail")), "b.test", "pass"),
        Record("2001:db8::1", 1, "none", "fail", "fail", "sub.a.test", "", (), "helo.test", "none", "trusted_forwarder"),
    ),
)  # fmt: skip
# RFC 7489 appendix C, as most hosts still send it.
OLD = b"""<?xml version="1.0" encoding="UTF-8" ?>
<!-- made by hand -->
<feedback><report_metadata><org_name>big.test</org_name><email>x@big.test</email><report_id>77</report_id>
<date_range><begin>100</begin><end>200</end></date_range></report_metadata>
<policy_published><domain>A.Test</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp>none</sp><pct>100</pct></policy_published>
<record><row><source_ip>192.0.2.9</source_ip><count>3</count><policy_evaluated><disposition>none</disposition>
<dkim>fail</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>a.test</header_from></identifiers>
<auth_results><dkim><domain>l.test</domain><result>pass</result></dkim><spf><domain>a.test</domain><result>pass</result></spf>
</auth_results></record></feedback>"""


def test_what_is_written_is_read_again() -> None:
    octets = write(REPORT)
    assert b'xmlns="urn:ietf:params:xml:ns:dmarc-2.0"' in octets
    assert read(octets) == REPORT


def test_an_old_report_is_read() -> None:
    found = read(OLD)
    assert (found.organization, found.begin, found.end, found.published.domain) == ("big.test", 100, 200, "a.test")
    [record] = found.records
    assert record == Record(
        "192.0.2.9", 3, "none", "fail", "pass", "a.test", "", (Signature("l.test", "", "pass"),), "a.test", "pass"
    )


def zipped(*files: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for number, octets in enumerate(files):
            archive.writestr(f"{number}.xml", octets)
    return out.getvalue()


def stored(octets: bytes) -> bytes:
    return zipped(octets, method=zipfile.ZIP_STORED)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped, stored])
def test_attachments_are_unpacked(pack) -> None:
    assert unpack(pack(OLD)) == OLD


@pytest.mark.parametrize(
    "octets",
    [
        gzip.compress(b"x" * (MAX_OCTETS + 1)), zipped(b"x" * (MAX_OCTETS + 1)),
        b"\x1f\x8bjunk", b"PK\x03\x04junk", zipped(OLD, method=zipfile.ZIP_LZMA), stored(b"x" * (MAX_OCTETS + 1)), zipped(OLD)[:200],
        gzip.compress(OLD)[:-20],
    ],
)  # fmt: skip
def test_bombs_and_junk_are_not_unpacked(octets) -> None:
    with pytest.raises(ReportError):
        unpack(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"junk", b"<a/>", b"<feedback/>", b"<feedback>", OLD.replace(b"<domain>A.Test</domain>", b""),
        OLD.replace(b"<feedback>", b'<!DOCTYPE f [<!ENTITY a "b">]><feedback>'),
        OLD.replace(b"<feedback>", b'<!ENTITY a "b"><feedback>'),
        OLD.replace(b"big.test</org", b"&xxe;</org"),
        OLD.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"),
        b"<feedback>" * 30 + b"</feedback>" * 30, b"<feedback>" + b"<a/>" * 400_001 + b"</feedback>", b"\xff\xfe",
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(octets) -> None:
    with pytest.raises(ReportError):
        read(octets)


@given(st.binary(max_size=300), st.integers(0, len(OLD)), st.integers(0, 30))
def test_any_damage_is_a_report_or_refused(piece, at, length) -> None:
    for octets in (piece, OLD[:at] + piece + OLD[at + length :]):
        try:
            found = read(unpack(octets))
        except ReportError:
            continue
        assert found.published.domain


@given(st.text(max_size=50))
def test_no_value_breaks_the_document(text) -> None:
    record = REPORT.records[0]._replace(header_from=text, override=text)
    found = read(write(REPORT._replace(organization=text, records=(record,))))
    assert len(found.records) == 1
    assert found.published == REPORT.published


def test_the_mail_around_it() -> None:
    octets = mail(
        REPORT, Cover("dmarc-reports@our.test", "d@a.test", "our.test", "m1@our.test", "now", "BOUND"), "hello"
    )
    assert b"Subject: Report Domain: a.test\r\n Submitter: our.test\r\n Report-ID: <20000.1f@our.test>\r\n" in octets
    name = re.search(rb'filename="([^"]+)"', octets)[1].decode()
    assert name == "our.test!a.test!1728000000!1728086399!20000.1f.xml.gz" == file_name(REPORT, "our.test")
    assert domain_of(name) == "a.test"
    packed = octets.rpartition(b"\r\n\r\n")[2].partition(b"--BOUND")[0]
    assert read(unpack(base64.b64decode(packed))) == REPORT
    assert all(len(line) < 200 for line in octets.split(b"\r\n"))


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("big.test!A.Test!1!2.zip", "a.test"),
        ("big.test!a.test!1!2!x.xml", "a.test"),
        ("big.test!a.test!1!2.xml.gz", "a.test"),
        ("report.xml", None),
        ("big.test!a.test!x!2.zip", None),
        ("big.test!a.test!1!2.exe", None),
        ("", None),
    ],
)
def test_names_of_files(name, domain) -> None:
    assert domain_of(name) == domain
