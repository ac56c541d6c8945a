"""A mailbox elsewhere, served by one house, and a house whose people bring its mail in."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.flows.house import PASSWORD, House, compose_house, open_house

from smartmail.app.wiring.ports import Operating
from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.pulling.reaching import Reach
from smartmail.edge.pulling.source import NetworkSource
from smartmail.service.flow.pulls import OpenPull, PullText


def mail(subject: str, body: str = "some words", message_id: str | None = "") -> bytes:
    named = f"<{abs(hash((subject, body)))}@c.example>" if message_id == "" else message_id
    head = ["From: Park <park@c.example>", "To: kim@a.example", f"Subject: {subject}",
            "Date: Tue, 01 Jul 2025 09:00:00 +0900", *([f"Message-ID: {named}"] if named else [])]  # fmt: skip
    return "\r\n".join([*head, "", body, ""]).encode()


def actor_of(account: Account) -> Actor:
    return Actor(account.id, account.organization_id, account.login, False, Origin("jmap"), account.auth_epoch)


async def rule(house: House, name: str, value: object) -> None:
    """Set a policy for everybody."""
    admin = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(admin, PolicyRule(name, Scope("system"), value))


@dataclass
class Pulling:
    """`there`: kim's mailbox elsewhere; `here`: where lee brings it in."""

    there: House
    here: House
    kim: Account
    lee: Account

    def wish(self, protocol: str = "imap", **facts: object) -> PullText:
        given = {"host": "127.0.0.1", "port": self.there.ports[protocol], "security": "plain",
                 "login": "kim@a.example", "password": PASSWORD, "name": "elsewhere", **facts}  # fmt: skip
        return PullText(protocol=protocol, **given)

    async def put(self, octets: bytes, role: str = "inbox") -> int:
        """Put a message into the mailbox elsewhere."""
        services, actor = self.there.services, actor_of(self.kim)
        box = await services.mailboxes.by_role(actor, self.kim.id, role)
        intake = await services.messages.begin(actor, self.kim.id, len(octets))
        await intake.feed(octets)
        return (await services.messages.add(actor, self.kim.id, await intake.finish(), [box.row.id])).message_id

    async def add(self, text: PullText) -> OpenPull:
        return await self.here.services.pulls.book.add(actor_of(self.lee), text)

    async def again(self, pull: OpenPull) -> OpenPull:
        """Run a pull now; return it as it is then."""
        book = self.here.services.pulls.book
        await book.now(actor_of(self.lee), pull.row.id)
        return await self.settled(pull)

    async def settled(self, pull: OpenPull) -> OpenPull:
        await self.here.services.pulls.work.settle()
        return await self.here.services.pulls.book.own(actor_of(self.lee), pull.row.id)

    async def subjects(self, role: str = "inbox") -> list[str]:
        """Return what lies in a mailbox here, the oldest first."""
        services, actor = self.here.services, actor_of(self.lee)
        box = (await services.mailboxes.by_role(actor, self.lee.id, role)).row.id
        return await self.subjects_in(box)

    async def subjects_in(self, box: int) -> list[str]:
        services, actor = self.here.services, actor_of(self.lee)
        _row, lines = await self.here.store.view(self.lee.id, box)
        rows = await services.reading.messages(actor, self.lee.id, [one.message_id for one in lines])
        return [one.summary.subject for one in rows]

    async def left(self) -> int:
        """Return how many messages lie elsewhere."""
        services, actor = self.there.services, actor_of(self.kim)
        box = (await services.mailboxes.by_role(actor, self.kim.id, "inbox")).row.id
        return len((await self.there.store.view(self.kim.id, box))[1])


@contextlib.asynccontextmanager
async def open_there(directory: Path) -> AsyncIterator[House]:
    """Open the house elsewhere."""
    (directory / "there").mkdir(exist_ok=True)
    async with open_house(directory / "there") as there:
        await there.person("kim@a.example")
        yield there


@contextlib.asynccontextmanager
async def open_pulling(
    directory: Path, *, reach: Reach | None = None, source: object = None, there: House | None = None
) -> AsyncIterator[Pulling]:
    """Open both houses; `there` may be open already."""
    async with contextlib.AsyncExitStack() as stack:
        (directory / "here").mkdir(exist_ok=True)
        if there is None:
            there = await stack.enter_async_context(open_there(directory))
        source = source or NetworkSource(reach or Reach(["127.0.0.0/8"]))
        here = await stack.enter_async_context(
            compose_house(directory / "here", operating=Operating(pull_source=source))
        )
        home = await here.services.provisioning.organization("test")
        await here.services.directory.add_domain("b.example", home)
        lee = await here.person("lee@b.example")
        await rule(here, "pull.plain", True)
        yield Pulling(there, here, there.accounts["kim@a.example"], lee)
        await here.services.pulls.work.stop()
