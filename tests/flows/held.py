"""Mail put into quarantine: an inspector that does what the subject says, and a way in without a socket."""

from smartmail.domain.inspection import Reason
from smartmail.domain.principal import Origin
from smartmail.service.flow.delivery import Hello
from smartmail.service.kernel.inspection.service import InspectionService

WORDS = ("spam", "malware", "phishing")


class Judge:
    """Holds what says in its subject that it is spam, malware or phishing."""

    name = "judge"

    async def examine(self, specimen) -> None:
        word = (specimen.summary.subject or "").split()[0]
        if word in WORDS:
            specimen.findings.nature = word
            specimen.findings.virus = "Eicar" if word == "malware" else ""
            specimen.findings.reasons.append(
                Reason("links-shortened" if word == "x" else "learned", 13.0, ("99", "도박"))
            )
            specimen.findings.score = 13.0
            specimen.findings.demand("quarantine")


def judged(house) -> None:
    """Let the judge alone inspect."""
    house.services.delivery.inspection = InspectionService([Judge()])


def letter(subject: str, sender: str = "보낸이 <deal@outside.test>", body: str = "지금 눌러 주세요") -> bytes:
    return (
        f"From: {sender}\r\nTo: kim@a.example\r\nSubject: {subject}\r\nMessage-ID: <{abs(hash(subject))}@outside.test>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    ).encode()


async def put(house, octets: bytes, *recipients: str, sender: str = "bounce@outside.test", address: str = "192.0.2.7"):
    """Bring a message in as an exchanger does."""
    hello = Hello("outside.test", Origin("smtp", address), "mx", "ESMTP", "mx.test")
    incoming = house.services.delivery.incoming(hello, max_size=1 << 24)
    await incoming.mail(sender)
    for one in recipients or ("kim@a.example",):
        await incoming.rcpt(one)
    await incoming.begin()
    await incoming.chunk(octets)
    return await incoming.finish()


async def held(house, login: str) -> list[str]:
    """Return the ids of what lies in a person's quarantine, the newest first."""
    rows = await house.services.quarantine.own_rows(house.accounts[login].id)
    return [f"{row.entry.id:x}-{row.recipient.number}" for row in rows]
