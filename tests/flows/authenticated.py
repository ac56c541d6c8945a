"""A house with a name service out of a table, and messages signed by strangers, for tests of authentication."""

import asyncio
import imaplib
import smtplib

from tests.flows.house import PASSWORD
from tests.lab.dkim import sign_message

from smartmail.ports.dns import DnsFailure, MxHost
from smartmail.proto.mailauth import keys
from smartmail.proto.mailauth.dkim import SigningKey

RSA = keys.generate("rsa")
ED = keys.generate("ed25519")


class Zones:
    """DNS out of tables; a name in `failing` gets no answer. `asked` tells what was asked."""

    def __init__(self, txt: dict[str, str], mx: dict[str, list[str]] | None = None) -> None:
        self.texts = dict(txt)
        self.exchangers = mx or {}
        self.failing: set[str] = set()
        self.asked: list[str] = []

    async def txt(self, name: str) -> list[bytes]:
        self.asked.append(name)
        if name in self.failing:
            raise DnsFailure(name)
        return [self.texts[name].encode()] if name in self.texts else []

    async def mx(self, domain: str) -> list[MxHost]:
        return [MxHost(10, host) for host in self.exchangers.get(domain, [])]

    async def addresses(self, host: str) -> list[str]:
        return ["127.0.0.1"] if host.startswith("mx.") else []

    async def names(self, address: str) -> list[str]:
        return []


def zones() -> Zones:
    """Three strangers: good.test signs and lists this machine, strict.test and soft.test list nobody."""
    return Zones(
        {
            "good.test": "v=spf1 ip4:127.0.0.0/8 -all",
            "r1._domainkey.good.test": keys.record_of(RSA),
            "e1._domainkey.good.test": keys.record_of(ED),
            "_dmarc.good.test": "v=DMARC1; p=reject",
            "strict.test": "v=spf1 -all",
            "_dmarc.strict.test": "v=DMARC1; p=reject",
            "r1._domainkey.strict.test": keys.record_of(RSA),
            "_dmarc.soft.test": "v=DMARC1; p=quarantine",
            "_dmarc.trying.test": "v=DMARC1; p=reject; t=y",
            "list.test": "v=spf1 ip4:127.0.0.1 -all",
            "s1._domainkey.list.test": keys.record_of(RSA),
        }
    )


def message(author: str, subject: str = "hello", head: bytes = b"", body: bytes = b"body\r\n") -> bytes:
    lines = f"From: Someone <{author}>\r\nTo: kim@a.test\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x.test>\r\n"
    return head + lines.encode() + b"Date: Thu, 26 Nov 2026 09:00:00 +0900\r\n\r\n" + body


def signed(octets: bytes, domain: str = "good.test", selector: str = "r1", key: object = RSA) -> bytes:
    return sign_message(octets, [SigningKey(domain, selector, key)], signed_at=1_700_000_000) + octets


def send_now(port: int, octets: bytes, sender: str, recipients: tuple[str, ...] = ("kim@a.test",)) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail(sender, recipients, octets)


async def send(house, octets: bytes, sender: str) -> None:
    await asyncio.to_thread(send_now, house.ports["smtp"], octets, sender)


def _read(port: int, mailbox: str, login: str) -> list[bytes]:
    with imaplib.IMAP4("127.0.0.1", port, timeout=60) as client:
        client.login(login, PASSWORD)
        if client.select(mailbox, readonly=True)[0] != "OK":
            return []
        found = client.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
        return [one[1] for one in found if isinstance(one, tuple)]


async def read(house, mailbox: str = "INBOX", login: str = "kim@a.test") -> list[bytes]:
    """Return the messages of a mailbox as IMAP gives them."""
    return await asyncio.to_thread(_read, house.ports["imap"], mailbox, login)
