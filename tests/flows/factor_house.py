"""A composed house with one person, a clock that tests move, and the steps of a sign-in."""

import base64
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.flows.house import PASSWORD, House, LocalBus, compose_house

from smartmail.domain.account import Account
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.totp import Totp
from smartmail.service.identity.factors.challenges import Page
from smartmail.service.identity.factors.service import SignedIn, Waiting

LOGIN = "kim@a.example"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def page(address: str = "192.0.2.7", device: str = "") -> Page:
    return Page(Origin("web", address, 5, tls=True), "https://mail.a.example", "Firefox", device)


IMAP = Origin("imap", "192.0.2.7", 5, tls=True)


@dataclass
class Moved:
    """Time that a test adds to the system's."""

    house: House

    def on(self, milliseconds: int) -> None:
        self.house.clock.go(milliseconds)


@dataclass
class FactorHouse:
    house: House
    kim: Account
    time: Moved
    directory: Path
    mail: list[tuple[str, str, str]] = field(default_factory=list)
    """What the house wrote to people about their logins."""

    @property
    def services(self):
        return self.house.services

    async def sign_in(self, where: Page | None = None, secret: str = PASSWORD) -> SignedIn | Waiting:
        return await self.services.factors.sign_in(LOGIN, secret, where or page())

    async def actor(self, signed: SignedIn, *, owing: bool = False, address: str = "192.0.2.7") -> Actor:
        return await self.services.auth.session(signed.token, Origin("web", address, 5, tls=True), owing=owing)

    async def enrol(self, where: Page | None = None) -> tuple[Totp, list[str]]:
        """Sign in with the password and enrol an authenticator app; return it and the recovery codes."""
        signed = await self.sign_in(where)
        assert isinstance(signed, SignedIn)
        actor = await self.actor(signed, owing=True, address=(where or page()).origin.address)
        totp, made = await self.enrol_as(actor, where)
        return totp, list(made.recovery)

    async def enrol_as(self, actor: Actor, where: Page | None = None):
        enrolment = self.services.enrolment
        token, shown = await enrolment.begin(actor, "totp", PASSWORD, where or page())
        totp = app_of(shown["address"])
        made = await enrolment.finish(actor, token, "totp", "내 폰", {"code": self.code(totp)}, where or page())
        return totp, made

    def code(self, totp: Totp, steps: int = 0) -> str:
        return totp.code(self.house.clock.now() // 30_000 + steps)

    async def set(self, knob: str, value: object, scope: Scope | None = None) -> None:
        await self.services.governing.set_knob(CLI, PolicyRule(knob, scope or Scope("system"), value))

    async def results(self) -> list[str]:
        await self.services.auth.settle()
        rows = await self.services.auth.login_attempts(CLI, self.kim.id)
        return [row.result for row in reversed(rows)]


def app_of(address: str) -> Totp:
    """Return what an authenticator app makes of an otpauth address."""
    assert re.match(r"otpauth://totp/SmartMail:kim@a\.example\?", address)
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    return Totp(base64.b32decode(secret + "=" * (-len(secret) % 8)))


@contextlib.asynccontextmanager
async def open_factor_house(directory: Path, *, bus: LocalBus | None = None) -> AsyncIterator[FactorHouse]:
    directory.mkdir(exist_ok=True)
    async with compose_house(directory, bus=bus) as house:
        organization_id = await house.services.provisioning.organization("test")
        await house.services.directory.add_domain("a.example", organization_id)
        kim = await house.person(LOGIN)
        opened = FactorHouse(house, kim, Moved(house), directory)

        async def send(reader: Account, subject: str, text: str) -> None:
            opened.mail.append((reader.login, subject, text))

        house.services.factors._notices._send = send
        house.services.enrolment._notices._send = send
        yield opened
