"""`./smartmail backup take` beside a backup that is being taken already."""

import argparse
import asyncio

from smartmail.app.cli import backup
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.operations.backup import service
from smartmail.service.operations.backup.planning import Wish

ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


async def test_a_second_backup_waits_for_the_first_and_says_so(tmp_path, capsys, monkeypatch):
    (tmp_path / "data").mkdir()
    async with open_node(load(str(tmp_path / "data")), first_start=True) as node:
        await node.services.provisioning.organization("test")
        await node.services.backups.plans.set(ROOT, Wish(directory=str(tmp_path / "place")))
        now = node.clock.now()
        assert await node.store.lock(service.LEASE, "backup/other", now=now, until=now + service.LEASE_MS)
        waiting = asyncio.Event()
        monkeypatch.setattr(service, "LOOK_S", 0.01)
        monkeypatch.setattr(backup.opening, "complain", lambda text: (print(text), waiting.set()))
        taking = asyncio.create_task(backup._take(node, argparse.Namespace(reason="", json=False)))
        await asyncio.wait_for(waiting.wait(), 30)
        assert [one.state for one in await node.services.backups.runs(ROOT)] == []
        assert await node.store.lock(service.LEASE, "backup/other", now=now, until=now)
        assert await asyncio.wait_for(taking, 60) == 0
        assert "begins when that one has ended" in capsys.readouterr().out
        assert [one.state for one in await node.services.backups.runs(ROOT)] == ["good"]
