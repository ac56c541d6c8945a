"""A house without listeners for how accounts live and end: people with passwords, planned mail, mail from outside."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tests.flows.held import letter, put
from tests.flows.house import PASSWORD
from tests.unit.service_import.quiet_house import QuietHouse, quiet_house

from smartmail.domain.errors import AuthFailed, MailError
from smartmail.domain.ids import MailboxId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.submission_request import Request
from smartmail.service.identity.factors.challenges import Page
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.intake import Intake

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
DOORS = ("web", "imap", "pop3", "smtp", "sieve", "jmap", "dav", "admin")
NAMES = ("kim", "lee", "park", "boss")


class LifeHouse:
    """`who["kim"]` acts as kim@a.example; `boss` administers."""

    def __init__(self, house: QuietHouse) -> None:
        self.house = house
        self.services = house.services
        self.store = house.store
        self.who: dict[str, Actor] = {}
        self.company = 0
        self.knocks = 0

    @property
    def life(self):
        return self.services.account_life

    def id(self, name: str) -> int:
        return self.who[name].account_id

    async def join(self, name: str, **facts: object) -> Actor:
        actor = await self.house.person(f"{name}@a.example", **facts)
        self.who[name] = actor
        self.company = actor.organization_id
        if facts.get("kind") != "shared":
            await self.services.auth.set_password(actor.account_id, PASSWORD)
        return actor

    async def person_of(self, name: str) -> Actor:
        """Make an account that is not to be remembered."""
        return await self.house.person(f"{name}@a.example")

    def admin(self, name: str = "boss") -> Actor:
        return Actor(self.id(name), self.company, f"{name}@a.example", is_admin=True, origin=Origin("web"))

    def later(self, milliseconds: int) -> None:
        self.house.clock.ahead += milliseconds

    def now(self) -> int:
        return self.house.clock.now()

    async def account(self, name: str):
        return await self.store.account(self.id(name))

    async def gets_in(self, name: str, door: str = "imap") -> bool:
        self.knocks += 1
        origin = Origin(
            door, f"198.18.{self.knocks % 250}.7", 5, tls=True
        )  # no stranger at any place: nobody is slowed
        try:
            await self.services.auth.login(f"{name}@a.example", PASSWORD, origin)
        except AuthFailed:
            return False
        return True

    async def sign_in(self, name: str):
        page = Page(Origin("web", "192.0.2.7", 5, tls=True), "https://mail.a.example", "Firefox", "")
        return await self.services.factors.sign_in(f"{name}@a.example", PASSWORD, page)

    async def mail(self, *names: str, subject: str = "hello") -> str:
        """Bring mail from outside; return "" or the refusal."""
        try:
            await put(self, letter(subject), *(f"{name}@a.example" for name in names))
        except MailError as error:
            return error.public or error.code
        return ""

    async def reached(self, address: str) -> list[str]:
        """Return the logins that an address stands for in the end."""
        found = (await self.services.directory.finder.find_many([address], through_lists=True))[0]
        if found.kind == "account" and not found.next:
            return [(await self.store.account(found.account_id)).login]
        if found.kind == "account":
            return [(await self.store.account(found.account_id)).login, *found.next]
        return list(found.next) or [found.kind]

    async def plan_mail(self, name: str, delay: int = 3600, to: str = "out@far.example") -> int:
        """Let somebody's mail leave later; return its queue entry."""
        actor = self.who[name]
        identity = (await self.services.identities.list_all(actor, actor.account_id))[0]
        box = await self.services.mailboxes.by_role(actor, actor.account_id, "drafts")
        intake = await self.services.messages.begin(actor, actor.account_id)
        await intake.add(f"From: {name}@a.example\r\nTo: {to}\r\nSubject: planned\r\n\r\ntext\r\n".encode())
        added = await self.services.messages.add(
            actor, actor.account_id, await intake.finish(), [MailboxId(box.row.id)]
        )
        row = await self.services.submissions.submit(
            actor, actor.account_id, Request(identity.row.id, added.message_id, delay=delay)
        )
        return row.queue_id

    async def recipients(self, entry: int) -> list[tuple[str, str | None]]:
        """Return state and reason of an entry's recipients, [] for none."""
        return [(row.state, row.hold_reason) for one, rows in await self.store.queue_entries(1000) if one.id == entry
                for row in rows]  # fmt: skip


@contextlib.asynccontextmanager
async def life_house(directory: Path) -> AsyncIterator[LifeHouse]:
    async with quiet_house(directory) as quiet:
        opened = LifeHouse(quiet)
        for name in NAMES:
            await opened.join(name, is_admin=name == "boss")
        yield opened
        await opened.services.witness.settle()
        await opened.services.auth.settle()
        await opened.services.tracer.settle()


__all__ = ["CLI", "DAY", "DOORS", "Intake", "LifeHouse", "life_house"]
