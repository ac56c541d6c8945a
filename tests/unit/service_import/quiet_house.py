"""Services over a real store and volume, without listeners, for what runs behind them."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.house.bus import LocalBus
from tests.house.clock import MovedClock
from tests.house.opening import opened

from smartmail.adapters.sql import SqlStore
from smartmail.adapters.volumes.packs import PackVolume
from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.principal import Actor, system_actor
from smartmail.service.catalogue import Services
from smartmail.service.flow.directory import NewPerson
from smartmail.service.mailbox.export_files import open_writer
from smartmail.service.mailbox.import_files import survey
from smartmail.service.mailbox.import_run import Choices, ImportRun, Tally


@dataclass
class QuietHouse:
    services: Services
    store: SqlStore
    clock: MovedClock
    bus: LocalBus
    volume: PackVolume
    directory: Path
    accounts: dict[str, Account] = field(default_factory=dict)

    async def person(self, login: str = "kim@a.example", **facts: object) -> Actor:
        account = await self.services.provisioning.person(NewPerson(login, "김민수", **facts), None)
        self.accounts[login] = account
        return system_actor(account.id, account.organization_id)

    async def bring(self, actor: Actor, *paths: Path, **chosen: object) -> Tally:
        return await ImportRun(self.services.imports, actor, Choices(**chosen)).run(survey(map(str, paths)))

    async def take_out(self, actor: Actor, form: str, target: Path) -> list[tuple[int, str]]:
        writer, troubles = open_writer(form, str(target), single=False), []
        for mailbox in await self.services.exports.mailboxes(actor, actor.account_id):
            writer.begin(mailbox.path, mailbox.row.role)
            async for one in self.services.exports.messages(actor, actor.account_id, mailbox):
                if isinstance(one, tuple):
                    troubles.append(one)
                else:
                    writer.add(one)
        writer.close()
        return troubles

    async def findings(self, *, deep: bool = True) -> list[tuple[str, str]]:
        return [(one.trouble, one.object) async for one in self.services.checks.run(lambda _step: None, deep=deep)]

    async def counts(self, actor: Actor) -> dict[str, tuple[int, int]]:
        boxes = await self.services.mailboxes.list_all(actor, actor.account_id)
        return {"/".join(box.path): (box.row.total, box.row.unseen) for box in boxes if box.row.total}


@contextlib.asynccontextmanager
async def quiet_house(directory: Path) -> AsyncIterator[QuietHouse]:
    """Open a house; a directory that holds one already is opened again."""
    directory.mkdir(exist_ok=True)
    clock, bus = MovedClock(), LocalBus()
    bus.heard = []
    async with opened(directory, clock=clock, bus=bus, now=clock.now, file="smartmail.db") as base:
        organization_id = await base.services.provisioning.organization("test")
        with contextlib.suppress(AlreadyExists):
            await base.services.directory.add_domain("a.example", organization_id)
        yield QuietHouse(base.services, base.store, clock, bus, base.volume, directory)
