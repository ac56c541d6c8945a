"""A process that brings people in until it is killed: `python -m tests.flows.importing_child DIRECTORY STEPS`. After so many steps it
waits for that.
"""

import asyncio
import sys
import threading
from pathlib import Path

from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.principal import Actor, Origin
from smartmail.service.people.directory_import import Source
from smartmail.service.people.directory_import import service as importing

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]
PEOPLE, STEP = 80, 10


def table() -> bytes:
    """Return the people."""
    rows = (f"p{number},사람{number},E{number}" for number in range(PEOPLE))
    return ("login,name,사번\n" + "\n".join(rows) + "\n").encode()


async def main(directory: Path, steps: int) -> None:
    """Begin an import and tell each step; none after so many."""
    importing.STEP = STEP  # type: ignore[misc]
    async with quiet_house(directory) as house:
        home = (await house.services.directory.organizations())[0].id
        imports = house.services.directory_imports.imports
        row, _ = await imports.begin(CLI, home, Source("people", table()))
        print(row.id, flush=True)

        def told(done: int, _total: int) -> None:
            print(done, flush=True)
            if done >= steps * STEP:
                threading.Event().wait()

        await imports.run(CLI, row.id, told)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
