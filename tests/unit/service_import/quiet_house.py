"""Services over a real store and volume, without listeners, for what runs behind them."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from smartmail.adapters.clock import SystemClock
from smartmail.adapters.keys.master import load_or_create
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.sql import open_sqlite
from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.app.composing import compose_services
from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.principal import Actor, system_actor
from smartmail.ports.store import Store
from smartmail.service.catalogue import Services
from smartmail.service.directory import NewPerson
from smartmail.service.export_files import open_writer
from smartmail.service.import_files import survey
from smartmail.service.import_run import Choices, ImportRun, Tally


class SteppedClock(SystemClock):
    """The system's clock, moved forward by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0

    def now(self) -> int:
        return super().now() + self.ahead


class ListeningBus:
    """Hints inside one process, and a list of them."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self._listeners: dict[str, list[Callable[[str], None]]] = {}

    def publish(self, topic: str, payload: str) -> None:
        self.heard.append((topic, payload))
        for listener in list(self._listeners.get(topic, ())):
            listener(payload)

    def subscribe(self, topic: str, listener: Callable[[str], None]) -> Callable[[], None]:
        self._listeners.setdefault(topic, []).append(listener)
        return lambda: self._listeners[topic].remove(listener)


@dataclass
class QuietHouse:
    services: Services
    store: Store
    clock: SteppedClock
    bus: ListeningBus
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
    clock, bus = SteppedClock(), ListeningBus()
    store = await open_sqlite(str(directory / "smartmail.db"), now=clock.now)
    key_file = directory.parent / f"{directory.name}.key"
    keys = KeyRing(load_or_create(str(key_file), str(directory), first_start=not key_file.exists()))
    volume = PackVolume(str(directory / "volume"), limits=PackLimits(reserve_octets=0))
    known = await store.volumes()
    row = known[0] if known else await store.add_volume("local", "{}", 1)
    services = compose_services(
        store=store, keys=keys, volumes={row.id: volume}, bus=bus, clock=clock, host="mx.test", resolver=None,
    )  # fmt: skip
    organization_id = await services.provisioning.organization("test")
    with contextlib.suppress(AlreadyExists):
        await services.directory.add_domain("a.example", organization_id)
    try:
        yield QuietHouse(services, store, clock, bus, volume, directory)
    finally:
        await volume.close()
        await store.close()
