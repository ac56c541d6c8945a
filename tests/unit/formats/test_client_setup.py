"""What mail programs read when they set themselves up."""

import plistlib
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.client_setup import (
    MailServer,
    apple_profile,
    autodiscover,
    autodiscover_error,
    autodiscover_request,
    srv_records,
    thunderbird,
)

SERVERS = (
    MailServer("imap", "mail.example.kr", 993, "tls"),
    MailServer("imap", "mail.example.kr", 143, "starttls"),
    MailServer("pop3", "mail.example.kr", 995, "tls"),
    MailServer("smtp", "mail.example.kr", 465, "tls"),
    MailServer("sieve", "mail.example.kr", 4190, "starttls"),
    MailServer("jmap", "app.example.kr", 443, "tls"),
)
OUTLOOK = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"


def request(address: str, schema: str = "") -> bytes:
    wanted = f"<AcceptableResponseSchema>{schema}</AcceptableResponseSchema>" if schema else ""
    return (
        '<?xml version="1.0"?><Autodiscover '
        'xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">'
        f"<Request><EMailAddress>{address}</EMailAddress>{wanted}</Request></Autodiscover>"
    ).encode()


def test_thunderbird_prefers_tls_and_is_told_of_imap_pop3_and_smtp_only():
    root = ET.fromstring(thunderbird("example.kr", "회사 & <자회사>", SERVERS))
    provider = root.find("emailProvider")
    assert provider.get("id") == "example.kr"
    assert provider.findtext("displayName") == "회사 & <자회사>"
    incoming = [
        (one.get("type"), one.findtext("port"), one.findtext("socketType")) for one in provider.iter("incomingServer")
    ]
    assert incoming == [("imap", "993", "SSL"), ("imap", "143", "STARTTLS"), ("pop3", "995", "SSL")]
    assert [one.findtext("port") for one in provider.iter("outgoingServer")] == ["465"]
    assert {one.text for one in provider.iter("username")} == {"%EMAILADDRESS%"}


def test_outlook_gets_one_way_of_each_kind():
    root = ET.fromstring(autodiscover("kim@example.kr", "김", SERVERS))
    found = [
        (one.findtext(f"{OUTLOOK}Type"), one.findtext(f"{OUTLOOK}Port"), one.findtext(f"{OUTLOOK}Encryption"))
        for one in root.iter(f"{OUTLOOK}Protocol")
    ]
    assert found == [("IMAP", "993", "SSL"), ("POP3", "995", "SSL"), ("SMTP", "465", "SSL")]
    assert {one.text for one in root.iter(f"{OUTLOOK}LoginName")} == {"kim@example.kr"}


def test_outlook_asks_and_is_refused_in_its_own_words():
    asked = autodiscover_request(request("kim@example.kr"))
    assert (asked.address, asked.for_outlook) == ("kim@example.kr", True)
    phone = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
    assert not autodiscover_request(request("kim@example.kr", phone)).for_outlook
    root = ET.fromstring(autodiscover_error(500, "no", "12:00:00", 7))
    assert root.find(f".//{OUTLOOK}ErrorCode").text == "500"


def test_bombs_and_nonsense_are_no_requests():
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a><EMailAddress>&c;</EMailAddress></a>'
    wide = (
        request("kim@example.kr").decode().replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16")
    )
    for octets in (
        bomb,
        b"",
        b"<a>",
        b"{}",
        b"<a/>",
        wide,
        b"<" * 5000,
        request("k" * 20_000),
        b'<?xml version="1.0" encoding="x"?><a/>',
    ):
        assert autodiscover_request(octets) is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: request(text)))
def test_whatever_is_asked_nothing_breaks(octets):
    asked = autodiscover_request(octets)
    assert asked is None or asked.address


def test_apple_profiles():
    profile = plistlib.loads(apple_profile("kim@example.kr", "김민수", "회사", SERVERS, ("P", "A")))
    account = profile["PayloadContent"][0]
    assert account["IncomingMailServerHostName"] == "mail.example.kr"
    assert account["IncomingMailServerPortNumber"] == 993
    assert account["OutgoingMailServerPortNumber"] == 465
    assert account["IncomingMailServerUseSSL"] is True
    assert "IncomingPassword" not in account
    account = plistlib.loads(apple_profile("kim@example.kr", "김", "", SERVERS, ("P", "A"), "s3cret"))[
        "PayloadContent"
    ][0]
    assert account["IncomingPassword"] == account["OutgoingPassword"] == "s3cret"


def test_srv_records_tell_what_is_absent_too():
    records = [f"{name}. IN {kind} {text}" for name, kind, text in srv_records("example.kr", SERVERS)]
    assert "_imaps._tcp.example.kr. IN SRV 0 1 993 mail.example.kr." in records
    assert "_imap._tcp.example.kr. IN SRV 10 1 143 mail.example.kr." in records
    assert "_jmap._tcp.example.kr. IN SRV 0 1 443 app.example.kr." in records
    assert "_pop3._tcp.example.kr. IN SRV 0 0 0 ." in records  # RFC 6186 §3.4
    assert len(records) == 8
