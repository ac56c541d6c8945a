"""How long it takes to destroy the keys of a domain, to replace the master key, and how fast originals are sealed anew.

.venv/bin/python -m tests.bench.key_speed [ACCOUNTS] [MESSAGES]
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.flows.rotation_house import ROOT, WHY, begin, node, turned

from smartmail.domain.account import NewAccount
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import CHACHA20_POLY1305

OCTETS = 20_000


async def measured(where: Path, accounts: int, messages: int) -> None:
    await begin(where, companies=100)
    async with node(where) as opened:
        kim = await opened.services.directory.account_by_login("kim@a.example")
        actor = Actor(kim.id, kim.organization_id, kim.login, is_admin=False, origin=Origin("web"))
        boxes = await opened.services.mailboxes.list_all(actor, kim.id)
        inbox = next(one.row.id for one in boxes if one.row.role == "inbox")
        for number in range(messages):
            intake = await opened.services.messages.begin(actor, kim.id)
            await intake.add(b"Subject: %d\r\n\r\n%s\r\n" % (number, os.urandom(OCTETS // 2).hex().encode()))
            await opened.services.messages.add(actor, kim.id, await intake.finish(), [inbox])
        began = time.monotonic()
        await opened.services.keys.rotation.begin(ROOT, WHY)
        await turned(opened)
        print(
            f"master key replaced over 100 companies: {time.monotonic() - began:.2f} s and the half minute that it waits"
        )
        began = time.monotonic()
        work = opened.services.keys.resealing
        await work.begin(ROOT, CHACHA20_POLY1305, WHY)
        while await work._open() is not None:
            await work.turn()
        taken = time.monotonic() - began
        mega = messages * OCTETS / 1e6
        print(f"{messages} originals of {OCTETS} octets sealed anew: {messages / taken:.0f}/s, {mega / taken:.1f} MB/s")
        company = await opened.store.organization(kim.organization_id)
        keyring = opened.services.checks._keyring
        for number in range(accounts):
            new = NewAccount(company.id, "person", f"p{number}@a.example", "p", "ko", False, None)
            await opened.store.create_account(new, lambda one: keyring.new_account_key(company, one))
        everybody = await opened.store.accounts(company.id)
        began = time.monotonic()
        await opened.services.keys.shredding.shred(
            ROOT, company.id, everybody, kind="domain", subject="domain:a.example", ground="계약 종료", reason=WHY
        )
        print(f"keys of {len(everybody)} accounts destroyed: {time.monotonic() - began:.3f} s")


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]] + [1_000, 1_000][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured(Path(folder) / "data", *numbers))
