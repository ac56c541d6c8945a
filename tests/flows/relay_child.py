"""A relay in a process of its own, over a house's directory: killed and started again by test_relay_killed.

    python -m tests.flows.relay_child DIRECTORY AHEAD_MS HOSTS

HOSTS: JSON of domain → loopback address. AHEAD_MS: how far this process's clock is ahead, so that leases of a dead one
have run out.
"""

import asyncio
import json
import sys
from pathlib import Path

from tests.flows.hostile_mx import HostileDns
from tests.flows.house import compose_house

from smartmail.edge.relay.agent import RelayAgent, RelayConfig


async def main(directory: str, ahead: int, hosts: dict[str, str]) -> None:
    async with compose_house(Path(directory), resolver=HostileDns(hosts)) as house:
        real = house.clock.now
        house.clock.now = lambda: real() + ahead
        await RelayAgent(house.services, RelayConfig("mx.a.example", f"w{ahead}")).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])))
