"""A composed house that trusts a certificate authority of the tests, with responder and lists on loopback."""

import asyncio
import base64
import contextlib
import datetime
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.flows.factor_house import CLI, LOGIN, FactorHouse, Moved, page
from tests.flows.house import PASSWORD, compose_house
from tests.lab import npki
from tests.lab.npki import Issued, Pki

from smartmail.adapters.http.client import OutgoingClient
from smartmail.domain.account import Account
from smartmail.domain.factors import FactorRow
from smartmail.domain.ids import OrganizationId
from smartmail.service.identity.factors.service import SignedIn, Waiting

HONG = "홍길동()0099041234567890"
ORIGIN = "https://mail.a.example"


@dataclass
class Places:
    """Responder and lists, over plain HTTP. `down`: it takes connections and answers nothing useful."""

    port: int = 0
    down: bool = False
    pki: Pki | None = None
    people: list[Issued] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    ahead: datetime.timedelta = datetime.timedelta()
    list_down: bool = False
    list_age: datetime.timedelta = datetime.timedelta()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lengths = [int(line[15:]) for line in head.lower().splitlines() if line.startswith("content-length:")]
            body = await reader.readexactly(lengths[0]) if lengths else b""
            path = head.split(" ")[1]
            self.asked.append(path)
            answer = self._answer(path, body)
            status = "200 OK" if answer is not None else "503 Away"
            octets = answer or b""
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Length: {len(octets)}\r\nConnection: close\r\n\r\n".encode() + octets
            )
            await writer.drain()
        writer.close()

    def _answer(self, path: str, body: bytes) -> bytes | None:
        assert self.pki is not None
        if path == "/ocsp":
            return None if self.down else self.pki.answer(body, self.people, age=-self.ahead)
        return None if self.list_down else self.pki.list(age=self.list_age)


@dataclass
class CertificateHouse(FactorHouse):
    """Steps of a sign-in with a certificate."""

    pki: Pki = field(default_factory=Pki)
    places: Places = field(default_factory=Places)
    organization_id: OrganizationId = OrganizationId(1)

    def leaf(self, person: str = HONG, **how: object) -> Issued:
        """Issue a certificate; the responder knows it from now on."""
        made = self.pki.leaf(person, **how)  # type: ignore[arg-type]
        self.places.people.append(made)
        return made

    async def enrol_certificate(self, who: Issued, login: str = LOGIN, **changes: object) -> None:
        signed = await self.services.factors.sign_in(login, PASSWORD, page())
        assert isinstance(signed, SignedIn)
        await self.enrol_in(signed, who, **changes)

    async def enrol_in(self, signed: SignedIn, who: Issued, **changes: object) -> None:
        actor = await self.actor(signed, owing=True)
        enrolment = self.services.enrolment
        token, shown = await enrolment.begin(actor, "certificate", PASSWORD, page())
        await enrolment.finish(actor, token, "certificate", "", response(shown, who, **changes), page())

    async def question(self, login: str = LOGIN) -> tuple[str, dict[str, object]]:
        """Sign in with the password, ask; return the challenge and what is to be signed."""
        waiting = await self.services.factors.sign_in(login, PASSWORD, page())
        assert isinstance(waiting, Waiting)
        return waiting.token, dict(await self.services.factors.ask(waiting.token, "certificate", page()))

    async def log_in(self, who: Issued, login: str = LOGIN, **changes: object) -> SignedIn:
        token, shown = await self.question(login)
        return await self.services.factors.answer(token, "certificate", response(shown, who, **changes), page())

    async def forget_strikes(self, account: Account | None = None) -> None:
        for place in ("", "192.0.2.0/24"):
            await self.house.store.clear_strikes((account or self.kim).id, place)

    async def held(self) -> list[FactorRow]:
        return list(await self.house.store.factors(self.kim.id))


def response(shown: dict[str, object], who: Issued, *, identity: bytes = b"", **changes: object) -> dict[str, object]:
    """What a page answers; `changes`: other parts of the line, or `digest`, `certificate`, `others` of the signature."""
    line_parts = {name: changes.pop(name, shown[name]) for name in ("origin", "account", "nonce", "time")}
    text = "SmartMail-Login-v1|{origin}|{account}|{nonce}|{time}".format(**line_parts)
    cms = npki.signed(text, who, **changes)  # type: ignore[arg-type]
    found: dict[str, object] = {"cms": base64.b64encode(cms).decode()}
    if identity:
        found["identity"] = base64.b64encode(identity).decode()
    return found


@contextlib.asynccontextmanager
async def open_certificate_house(directory: Path) -> AsyncIterator[CertificateHouse]:
    directory.mkdir(exist_ok=True)
    places = Places()
    server = await asyncio.start_server(places.serve, "127.0.0.1", 0)
    places.port = server.sockets[0].getsockname()[1]
    base = f"http://127.0.0.1:{places.port}"
    places.pki = pki = Pki(ocsp=f"{base}/ocsp", crl=f"{base}/one.crl")
    http = OutgoingClient(plain=True, allow_private=True)
    try:
        async with compose_house(directory, http=http) as house:
            organization_id = await house.services.provisioning.organization("test")
            await house.services.directory.add_domain("a.example", organization_id)
            kim = await house.person(LOGIN)
            opened = CertificateHouse(house, kim, Moved(house), directory, [], pki, places, organization_id)
            trust = house.services.trust_lists
            for one in (pki.root, pki.sub):
                await trust.add(CLI, organization_id, one.der, "npki")
            await trust.allow_source(CLI, organization_id, "127.0.0.1")

            async def send(reader: Account, subject: str, text: str) -> None:
                opened.mail.append((reader.login, subject, text))

            house.services.factors._notices._send = send
            house.services.enrolment._notices._send = send
            yield opened
    finally:
        await http.close()
        server.close()
        await server.wait_closed()
