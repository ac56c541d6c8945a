"""A server in one process for the load tools: plain IMAP, SMTP and LMTP on loopback, accounts of bench.test.

  .venv/bin/python -m tests.bench.imap_server DIR [IMAP-PORT SMTP-PORT]

Prints its process id and ports; DIR is made once and kept. Hashing, sealing and syncing are as shipped.
SMARTMAIL_PROFILE=FILE writes a cProfile of what ran until SIGTERM.
"""

import asyncio
import cProfile
import os
import signal
import sys
from pathlib import Path

import uvloop
from tests.flows.house import compose_house, serve

from smartmail.domain.errors import AlreadyExists
from smartmail.service.flow.directory import NewPerson

PASSWORD = "bench"
DOMAIN = "bench.test"
ACCOUNTS = [f"u{number}" for number in range(20)] + ["big", "idle0"]


async def seed(house) -> None:
    services = house.services
    organization_id = await services.provisioning.organization("bench")
    try:
        await services.directory.add_domain(DOMAIN, organization_id)
    except AlreadyExists:
        return
    for name in ACCOUNTS:
        account = await services.provisioning.person(NewPerson(f"{name}@{DOMAIN}", name), None)
        await services.auth.set_password(account.id, PASSWORD, minimum=1)


async def main(directory: Path, ports: dict[str, int]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with compose_house(directory) as house:
        await seed(house)
        async with serve(house, ports):
            print(os.getpid(), house.ports, flush=True)
            await stop.wait()


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    chosen = {"imap": int(sys.argv[2]), "smtp": int(sys.argv[3])} if len(sys.argv) > 3 else {}
    profile = cProfile.Profile() if os.environ.get("SMARTMAIL_PROFILE") else None
    if profile:
        profile.enable()
    uvloop.run(main(where, chosen))
    if profile:
        profile.disable()
        profile.dump_stats(os.environ["SMARTMAIL_PROFILE"])
