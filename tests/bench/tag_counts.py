"""How long the list of tags with its counts takes: 100 tags over 200,000 messages."""

import random
import time
from pathlib import Path
from typing import Any

from tests.bench.search_speed import figures
from tests.flows.house import compose_house

from smartmail.domain.ids import BlobId
from smartmail.domain.keywords import Keywords
from smartmail.domain.message import BlobRow, NewMessage
from smartmail.domain.principal import Actor, Origin

MESSAGES, TAGS, PAGE = 200_000, 100, 5_000


async def measure(folder: Path) -> None:
    """Measure and print."""
    directory = folder / "tags"
    directory.mkdir()
    async with compose_house(directory) as house:
        services = house.services
        organization_id = await services.provisioning.organization("bench")
        await services.directory.add_domain("a.example", organization_id)
        account = await house.person("u@a.example")
        actor = Actor(account.id, organization_id, account.login, is_admin=False, origin=Origin("jmap"))
        box = (await services.mailboxes.by_role(actor, account.id, "inbox")).row.id
        numbers = [
            (await services.tags.create(actor, account.id, f"태그 {number}", order=number)).id for number in range(TAGS)
        ]
        await _fill(house.store, account.id, box, numbers)
        taken = []
        for _ in range(50):
            at = time.perf_counter()
            listed = await services.tags.all(actor, account.id)
            taken.append((time.perf_counter() - at) * 1e3)
        worn = sum(tag.messages for tag in listed)
        print(f"{TAGS} tags with their counts over {MESSAGES:,} messages, {worn:,} tagged: {figures(taken)}")
        taken = []
        for number in numbers[:50]:
            at = time.perf_counter()
            await services.tags.tagged(actor, account.id, number, position=0, limit=100)
            taken.append((time.perf_counter() - at) * 1e3)
        print(f"the newest 100 of a tag over all mailboxes: {figures(taken)}")


async def _fill(store: Any, account_id: Any, box: Any, numbers: list[int]) -> None:
    chance = random.Random(1)

    async def add(tx: Any, those: range) -> None:
        for number in those:
            blob = BlobRow(BlobId(number.to_bytes(16, "big")), 1, f"pack:{number}", 4000)
            worn = Keywords(0, tuple(sorted(chance.sample(numbers, chance.randint(0, 3)))))
            await tx.add_message(NewMessage(blob, b"k" * 62, 4000, number * 1000, 0, b"", (box,), worn))

    for start in range(1, MESSAGES + 1, PAGE):
        await store.write(account_id, lambda tx, start=start: add(tx, range(start, start + PAGE)))
