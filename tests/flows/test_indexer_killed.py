"""An indexer that is killed with -9 at any step loses nothing, doubles nothing, and never makes a query answer wrong."""

import asyncio
import random
import signal
from pathlib import Path

from tests.flows import indexing_child
from tests.flows.house import compose_house
from tests.house.child import start
from tests.property.test_search_oracle import Oracle, check

from smartmail.domain.principal import Actor, Origin
from smartmail.service.mailbox.search import indexing

MOMENTS = [
    ("before", 1), ("inside", 1), ("after", 1), ("inside", 2), ("after", 2), ("before", 3), ("inside", 3), ("inside", 4),
    ("after", 4), ("inside", 6), ("before", 9), ("inside", 12),
]  # fmt: skip


async def killed(directory: Path, account_id: int, where: str, number: int) -> bool:
    """Run a worker that dies at a moment; return whether it lived to see it."""
    child = start("tests.flows.indexing_child", str(directory), str(account_id), where, str(number))
    code = await asyncio.to_thread(child.wait)
    assert code in (0, -signal.SIGKILL), code
    return code == -signal.SIGKILL


async def test_a_killed_indexer_leaves_an_index_that_is_right(tmp_path: Path, monkeypatch):
    for name in ("SMALL", "MIDDLE", "LARGE", "PAGE"):
        monkeypatch.setattr(indexing, name, getattr(indexing, name))
    indexing_child.small()
    chance = random.Random(5)
    oracle = Oracle(chance)
    directory = tmp_path / "data"
    directory.mkdir()
    async with compose_house(directory) as house:
        services = house.services
        organization_id = await services.provisioning.organization("test")
        await services.directory.add_domain("a.example", organization_id)
        account = await house.person("u@a.example")
        actor = Actor(account.id, organization_id, account.login, is_admin=False, origin=Origin("jmap"))
        inbox = (await services.mailboxes.by_role(actor, account.id, "inbox")).row.id
        died = 0
        for where, number in MOMENTS:
            for _ in range(chance.randint(8, 20)):
                octets, texts = oracle.make()
                intake = await services.messages.begin(actor, account.id)
                await intake.feed(octets)
                oracle.mail[
                    (await services.messages.add(actor, account.id, await intake.finish(), [inbox])).message_id
                ] = texts
            if len(oracle.mail) > 30:
                gone = chance.sample(sorted(oracle.mail), 6)
                await services.messages.destroy(actor, account.id, gone)
                for one in gone:
                    del oracle.mail[one]
            died += await killed(directory, account.id, where, number)
            await check(oracle, services, actor, 12)
        assert died > len(MOMENTS) // 2, "most of these moments were there"
        await services.search.indexing.catch_up(account.id)
        status, state = await services.search.status(account.id), await house.store.search_state(account.id)
        assert (status.messages, status.pending, state.indexed) == (len(oracle.mail), 0, len(oracle.mail))
        view = await house.store.search_view(account.id)
        living = sum(row.messages - int.from_bytes(row.dead, "little").bit_count() for row in view.segments)
        assert living + len(view.tail) == len(oracle.mail), "every message is in one segment or in the tail, once"
        await check(oracle, services, actor, 60)
