"""TLS reports: RFC 8460."""

import email
import gzip
import json
from dataclasses import replace

import pytest

from smartmail.formats import tls_report
from smartmail.formats.tls_report import Cover, Failures, PolicyResults, ReportError, TlsReport

REPORT = TlsReport(
    "a.example", "tls-reports@a.example", "5065427c@a.example", "2026-11-25T00:00:00Z", "2026-11-25T23:59:59Z",
    (
        PolicyResults(
            "sts", "b.example", ("version: STSv1", "mode: testing"), ("*.mail.b.example",), 5326,
            (Failures("certificate-expired", 100, "mx1.mail.b.example", "2001:db8::2", "2001:db8::1"),
             Failures("starttls-not-supported", 200, "mx2.mail.b.example", "203.0.113.56", reason="x")),
        ),
        PolicyResults("no-policy-found", "b.example", successes=3),
    ),
)  # fmt: skip


def test_what_is_written_is_read_and_is_the_schema_of_the_rfc():
    octets = tls_report.write(REPORT)
    assert tls_report.read(octets) == REPORT
    assert tls_report.read(tls_report.pack(octets)) == REPORT
    document = json.loads(octets)
    assert set(document) == {"organization-name", "date-range", "contact-info", "report-id", "policies"}
    first = document["policies"][0]
    assert first["summary"] == {"total-successful-session-count": 5326, "total-failure-session-count": 300}
    assert first["policy"]["policy-type"] == "sts" and first["policy"]["mx-host"] == ["*.mail.b.example"]
    assert first["failure-details"][0]["receiving-mx-hostname"] == "mx1.mail.b.example"
    assert "failure-details" not in document["policies"][1]


def test_the_mail_carries_it():
    cover = Cover(
        "tls-reports@a.example",
        "r@b.example",
        "b.example",
        "a.example",
        "1@a.example",
        "Thu, 26 Nov 2026 00:00:00 +0000",
        "xyz",
    )
    name = tls_report.file_name(REPORT, cover, 1, 2)
    message = email.message_from_bytes(tls_report.mail(REPORT, cover, name, "for people"))
    assert message.get_content_type() == "multipart/report" and message.get_param("report-type") == "tlsrpt"
    assert message["TLS-Report-Domain"] == "b.example" and message["TLS-Report-Submitter"] == "a.example"
    assert "Report Domain: b.example" in message["Subject"] and "Submitter: a.example" in message["Subject"]
    people, attached = message.get_payload()
    assert people.get_content_type() == "text/plain"
    assert attached.get_content_type() == "application/tlsrpt+gzip"
    assert attached.get_filename() == "a.example!b.example!1!2!5065427c.json.gz"
    assert tls_report.read(attached.get_payload(decode=True)) == REPORT


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        ([b"v=TLSRPTv1; rua=mailto:r@b.example"], ("mailto:r@b.example",)),
        ([b"v=TLSRPTv1;rua=mailto:r@b.example,https://b.example/v1/tlsrpt;"], ("mailto:r@b.example", "https://b.example/v1/tlsrpt")),
        ([b"v=TLSRPTv1; rua=ftp://x"], ()), ([b"v=TLSRPTv1;"], ()), ([], ()), ([b"v=spf1"], ()),
        ([b"v=TLSRPTv1; rua=mailto:a@b.example", b"v=TLSRPTv1; rua=mailto:c@b.example"], ()),
        ([b"v=TLSRPTv1; rua=mailto:a@b.example\r\nBcc: x"], ()),
        ([b"v=TLSRPTv1; rua=mailto:a@b.example%0d%0ABcc:%20x@c.example"], ()),
        ([b"v=TLSRPTv1; rua=mailto:a@b.example%0A%0Atext@c.example,mailto:r@b.example"], ("mailto:r@b.example",)),
        ([b"v=TLSRPTv1; rua=mailto:a%40c.example%2Cd@b.example"], ()),
        ([b"v=TLSRPTv1; rua=mailto:a%2Bb@b.example?subject=x"], ("mailto:a%2Bb@b.example?subject=x",)),
    ],
)  # fmt: skip
def test_records(texts, places):
    assert tls_report.read_record(texts) == places


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"{}", b"[]", b"nonsense", b"\x1f\x8bjunk", b"[" * 100_000, tls_report.write(REPORT).replace(b"5326", b"-1"),
        tls_report.write(REPORT).replace(b"5326", b'"many"'), gzip.compress(b" " * (tls_report.MAX_OCTETS + 1)),
    ],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_report(octets):
    with pytest.raises(ReportError):
        tls_report.read(octets)


def test_one_string_where_a_list_belongs():
    document = json.loads(tls_report.write(REPORT))
    document["policies"][0]["policy"]["mx-host"] = "mx.b.example"
    found = tls_report.read(json.dumps(document).encode())
    assert found.policies[0] == replace(REPORT.policies[0], hosts=("mx.b.example",))


def test_the_address_of_a_place():
    assert tls_report.address_of("mailto:a%2Bb@b.example?subject=x") == "a+b@b.example"
    assert tls_report.address_of("https://b.example/x") == ""
    assert tls_report.address_of("mailto:a@b.example%0d%0aBcc: x@c.example") is None
