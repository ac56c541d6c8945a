"""Autoconfig, Autodiscover and profiles at the doors that mail programs try."""

import plistlib

import pytest
from tests.house.opening import NO_APP
from tests.jmap_server.jmap_house import Browser

from smartmail.edge.httpd.app import WebConfig, make_app
from smartmail.formats.client_setup import MailServer

SERVERS = (
    MailServer("imap", "mail.a.example", 993, "tls"),
    MailServer("smtp", "mail.a.example", 465, "tls"),
)


@pytest.fixture
def app(house):
    return make_app(
        house.services,
        WebConfig("mail.test", "admin.test", "files.test", webmail=NO_APP, admin=NO_APP, servers=SERVERS),
    )


@pytest.fixture
def program(app):
    """A mail program: no cookie, no page."""
    return Browser(app, page=False)


async def test_thunderbird_asks_with_an_address_or_by_the_host_name(program):
    reply = await program.ask("GET", "/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=whoever@A.example")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("application/xml")
    assert b"<hostname>mail.a.example</hostname>" in reply.body
    program.host = "autoconfig.a.example"
    assert (await program.ask("GET", "/mail/config-v1.1.xml")).body == reply.body
    program.host = "autoconfig.elsewhere.example"
    assert (await program.ask("GET", "/mail/config-v1.1.xml")).status == 404
    for address in ("kim@elsewhere.example", "kim", "@a.example", "k" * 400 + "@a.example", "kim%0a@a.example"):
        assert (await program.ask("GET", f"/mail/config-v1.1.xml?emailaddress={address}")).status in (400, 404), address


async def test_nothing_tells_whether_an_address_exists(program):
    replies = [
        await program.ask("GET", f"/mail/config-v1.1.xml?emailaddress={name}@a.example") for name in ("kim", "nobody")
    ]
    assert replies[0].body == replies[1].body


async def test_outlook(program):
    def request(address, schema="outlook/responseschema/2006a"):
        return (
            "<Autodiscover xmlns='http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006'>"
            f"<Request><EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>"
            f"http://schemas.microsoft.com/exchange/autodiscover/{schema}</AcceptableResponseSchema></Request>"
            "</Autodiscover>"
        ).encode()

    good = await program.ask("POST", "/autodiscover/autodiscover.xml", request("kim@a.example"))
    assert good.status == 200
    assert b"<LoginName>kim@a.example</LoginName>" in good.body
    for body, code in (
        (request("kim@elsewhere.example"), b"500"),
        (b"nonsense", b"600"),
        (request("kim@a.example", "mobilesync/responseschema/2006"), b"601"),
    ):
        reply = await program.ask("POST", "/Autodiscover/Autodiscover.xml", body)
        assert reply.status == 200
        assert b"<ErrorCode>" + code + b"</ErrorCode>" in reply.body
    assert (await program.ask("POST", "/autodiscover/autodiscover.xml", b"x" * 20_000)).status == 413
    reply = await program.ask("GET", "/autodiscover/autodiscover.json?Email=kim@a.example&Protocol=AutodiscoverV1")
    assert reply.json["Url"] == "https://mail.test/autodiscover/autodiscover.xml"
    path = "/autodiscover/autodiscover.json/v1.0/kim@a.example?Protocol=AutodiscoverV1"
    assert (await program.ask("GET", path)).json == reply.json
    reply = await program.ask("GET", "/autodiscover/autodiscover.json?Email=kim@a.example&Protocol=ActiveSync")
    assert (reply.status, reply.json["ErrorCode"]) == (400, "InvalidProtocol")


async def test_a_profile_without_and_with_a_password(house, app, program, browser):
    reply = await program.ask("GET", "/connect/apple.mobileconfig?address=kim@a.example")
    account = plistlib.loads(reply.body)["PayloadContent"][0]
    assert (reply.status, account["EmailAddress"]) == (200, "kim@a.example")
    assert "IncomingPassword" not in account
    assert (await program.ask("POST", "/connect/apple.mobileconfig")).status == 401
    browser.app = app
    reply = await browser.ask("POST", "/connect/apple.mobileconfig")
    account = plistlib.loads(reply.body)["PayloadContent"][0]
    secret = account["IncomingPassword"]
    from smartmail.domain.errors import AuthFailed
    from smartmail.domain.principal import Origin

    actor = await house.services.auth.login("kim@a.example", secret, Origin("imap", "127.0.0.1", 1, tls=True))
    assert actor.login == "kim@a.example"
    with pytest.raises(AuthFailed):
        await house.services.auth.login("kim@a.example", secret, Origin("pop3", "127.0.0.1", 1, tls=True))


async def test_the_page_is_told_the_servers(program):
    found = (await program.ask("GET", "/connect/servers")).json["servers"]
    assert found[0] == {"kind": "imap", "host": "mail.a.example", "port": 993, "security": "tls"}
