"""How long after its delivery a message is in the index: the loop of the indexer, real blobs, one message at a time."""

import asyncio
import time
from pathlib import Path

from tests.bench.search_imap import letter
from tests.bench.search_speed import figures
from tests.flows.house import LocalBus, compose_house

from smartmail.domain.principal import Actor, Origin
from smartmail.edge.jobs.indexer import Indexer

MESSAGES = 40
_LOOK_S = 0.005


async def measure(folder: Path) -> None:
    """Measure and print."""
    directory = folder / "lag"
    directory.mkdir()
    async with compose_house(directory, bus=LocalBus()) as house:
        services = house.services
        organization_id = await services.provisioning.organization("bench")
        await services.directory.add_domain("a.example", organization_id)
        account = await house.person("u@a.example")
        actor = Actor(account.id, organization_id, account.login, is_admin=False, origin=Origin("jmap"))
        box = (await services.mailboxes.by_role(actor, account.id, "inbox")).row.id
        stopping = asyncio.Event()
        loop = asyncio.create_task(Indexer(services, "here").run(stopping))
        taken = []
        for number in range(1, MESSAGES + 1):
            intake = await services.messages.begin(actor, account.id)
            await intake.feed(letter(number)[0])
            await services.messages.add(actor, account.id, await intake.finish(), [box])
            delivered = time.perf_counter()
            while (await house.store.search_state(account.id)).indexed < number:  # type: ignore[attr-defined]
                await asyncio.sleep(_LOOK_S)
            taken.append((time.perf_counter() - delivered) * 1e3)
        stopping.set()
        await loop
        print(f"in the index after the delivery: {figures(taken)}, of which the indexer waits 200 ms for others")
