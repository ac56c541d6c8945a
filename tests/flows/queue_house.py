"""Short ways to put mail straight into a house's queue and to look at what became of it."""

import asyncio
import json

from smartmail.domain.queue import QueueTarget
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.envelope import Envelope, Recipient, new_entry

LIFETIME = 5 * 24 * 3600 * 1000


async def put_port(house, port: int) -> None:
    """Let exchangers be asked on this port."""
    await house.store.put_setting("system", "relay.port", json.dumps(port))


async def enqueue(
    house, sender: str, to: list[str], message: bytes = b"Subject: x\r\n\r\nbody\r\n", *,
    queue_class=None, created_at: int | None = None, blob=None, **values,
):  # fmt: skip
    """Queue a message of an account; return the entry's id."""
    account = house.accounts[sender]
    keys = await house.services.queue._keyring.queue(account.organization_id)
    blob = blob or await house.services.queue._blobs.store(account.organization_id, message)
    now = house.clock.now() if created_at is None else created_at
    recipients = [one if isinstance(one, Recipient) else Recipient(one) for one in to]
    entry = new_entry(
        keys, house.clock.new_id(), blob.row, blob.data_key, Envelope(sender, **values), recipients,
        created_at=now, expires_at=now + LIFETIME, account_id=account.id, queue_class=queue_class,
    )  # fmt: skip
    await house.store.enqueue(entry)
    house.services.hints.queue_changed()
    return entry.id


async def rows_of(house):
    """Return entry id → (row, opened last result) of every recipient that is in the queue."""
    found = {}
    for entry, rows in await house.store.queue_entries(100_000):
        keys = await house.services.queue._keyring.queue(entry.organization_id)
        found[entry.id] = [(row, sealed.open_result(keys, row)) for row in rows]
    return found


async def retry_now(house, entry_id) -> None:
    """Make what waits of an entry due at once, as an administrator's retry does."""
    numbers = tuple(row.number for row, _result in (await rows_of(house))[entry_id])
    await house.store.change_queue("retry", [QueueTarget(entry_id, numbers)], now=house.clock.now())


async def settled(house, entries) -> bool:
    """Say whether each of these entries is gone or was tried, and nothing is on its way."""
    rows = await rows_of(house)
    return all(
        row.attempts and row.state != "leased" for entry in entries for row, _result in rows.get(entry, ())
    ) and all(entry in entries for entry in rows)


async def until(condition, seconds: float = 60):
    """Wait until an awaitable condition gives something true; it is asked again at each turn of the loop."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.01)
    return found
