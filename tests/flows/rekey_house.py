"""A house with something of everything under an account's key, and what opens it; run as a program it changes keys again
and again while mail comes in.
"""

import asyncio
import os
import sys
from pathlib import Path

from tests.flows.rotation_house import ROOT, WHY, node

from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import SealError, context, open_small, unwrap_key
from smartmail.service.operations.keys.columns import ACCOUNT

LOGIN = "kim@a.example"


def quick(services):
    """Let changes of keys wait for nothing."""

    async def at_once(_seconds):
        await asyncio.sleep(0)

    services.keys.rekeying.settle_ms = services.keys.retiring.keep_ms = 0
    services.keys.rekeying._pause = at_once


async def changed(services):
    """Go on until no change is open."""
    for _ in range(200):
        await services.keys.rekeying.turn()
        if await services.keys.rekeying.current() is None:
            return
    raise AssertionError("it does not come to its end")


async def under(store, owner, key, columns=ACCOUNT):
    """Return in which columns values of an owner open with a key alone, and how many of them."""
    found = {}
    for one in columns:
        after = None
        while values := await store.sealed_values(one.where, owner, after, 500):
            after = values[-1].key
            for value in values:
                place = context(one.kind, owner, *one.ids(*value.facts))
                try:
                    (unwrap_key if one.wrapped else open_small)(key, place, value.octets)
                except SealError:
                    continue
                name = f"{one.where.table}.{one.where.column}"
                found[name] = found.get(name, 0) + 1
    return found


async def values(store, owner, columns=ACCOUNT):
    """Return how many sealed values an owner has, by column."""
    found = {}
    for one in columns:
        rows = await store.sealed_values(one.where, owner, None, 100_000)
        if rows:
            found[f"{one.where.table}.{one.where.column}"] = len([row for row in rows if row.octets])
    return {name: count for name, count in found.items() if count}


async def actor_of(services):
    account = await services.directory.account_by_login(LOGIN)
    return Actor(account.id, account.organization_id, LOGIN, is_admin=False, origin=Origin("web"))


async def write(services, actor, octets):
    boxes = await services.mailboxes.list_all(actor, actor.account_id)
    inbox = next(one.row.id for one in boxes if one.row.role == "inbox")
    intake = await services.messages.begin(actor, actor.account_id)
    await intake.add(octets)
    added = await services.messages.add(actor, actor.account_id, await intake.finish(), [inbox])
    return added.message_id


async def read_all(services, actor, kept):
    for number, octets in kept.items():
        assert await services.reading.octets(actor, actor.account_id, number) == octets


async def _again_and_again(where: Path, journal: Path, settle_ms: int = 0) -> None:
    async with node(where) as opened:
        services = opened.services
        quick(services)
        services.keys.rekeying.settle_ms = settle_ms
        actor = await actor_of(services)

        async def mail():
            with journal.open("a") as file:
                while True:
                    word = os.urandom(8).hex()
                    number = await write(services, actor, b"Subject: %s\r\n\r\nx\r\n" % word.encode())
                    # Told only when it is kept, as an answer 250 is.
                    file.write(f"{number} {word}\n")
                    file.flush()
                    await asyncio.sleep(0.002)

        coming = asyncio.create_task(mail())
        print("ready", flush=True)
        scopes = ["account", "organization", "accounts"]
        while not coming.done():
            if await services.keys.rekeying.current() is None:
                await services.keys.retiring.turn()
                scopes.append(scopes.pop(0))
                number = actor.account_id if scopes[0] == "account" else 0
                await services.keys.rekeying.begin(ROOT, scopes[0], actor.organization_id, number, WHY)
            await services.keys.rekeying.turn()
            await asyncio.sleep(0)
        coming.result()


if __name__ == "__main__":
    asyncio.run(_again_and_again(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])))
