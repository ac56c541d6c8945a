"""Services over a store, a master key and one pack volume in a directory: what every house of the tests begins with."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smartmail.adapters.keys.master import load_or_create
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.sql import open_postgres, open_sqlite
from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.services import compose_services
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.service.catalogue import Services

NO_APP = Path("/nowhere")
"""Where no webmail and no administration lie: for the `WebConfig` of a house whose test looks at no page. Reading and packing
the built ones costs more than all else of an opening.
"""


@dataclass
class Opened:
    """What a directory holds, opened; closed by whoever opened it."""

    services: Services
    store: Any
    volume: Any


@contextlib.asynccontextmanager
async def opened(
    directory: Path,
    *,
    clock: Clock,
    bus: Any,
    volume: type[PackVolume] = PackVolume,
    now: Callable[[], int] | None = None,
    postgres: str | None = None,
    file: str = "mail.db",
    **parts: Any,
) -> AsyncIterator[Opened]:
    """Open store, keys, volume and services; a directory that holds them already is opened again.

    `now`: the store's time, the system's unless given. `postgres`: the address of a database to use in place of a file.
    `parts`: further fields of `Ports`; None leaves one out.
    """
    times = {} if now is None else {"now": now}
    store = await (open_postgres(postgres, **times) if postgres else open_sqlite(str(directory / file), **times))
    place = None
    try:
        place = volume(str(directory / "volume"), limits=PackLimits(reserve_octets=0))
        known = await store.volumes()
        row = known[0] if known else await store.add_volume("local", "{}", 1)
        services = compose_services(Ports(
            store=store, keys=master_keys(directory), volumes={row.id: place}, bus=bus, clock=clock, host="mx.test",
            **{"resolver": None, **{name: part for name, part in parts.items() if part is not None}},
        ))  # fmt: skip
        yield Opened(services, store, place)
    finally:
        if place is not None:
            await place.close()
        await store.close()


def master_keys(directory: Path) -> KeyRing:
    """Return the keys under the master key beside a directory, made when there is none."""
    file = directory.parent / f"{directory.name}.key"
    return KeyRing(load_or_create(str(file), str(directory), first_start=not file.exists()))


async def settle(services: Services) -> None:
    """Wait for what services write behind their answers."""
    await services.witness.settle()
    await services.auth.settle()
    await services.tracer.settle()


async def no_proof(_: Actor) -> None:
    """Stand in for the proof that acts ask of a person again: nobody here has a browser to give it with."""
