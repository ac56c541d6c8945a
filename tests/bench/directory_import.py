"""How fast whole directories come in from CSV, and go again.

`python -m tests.bench.directory_import [people|passwords|difference|domains]`: 1,000 people with their invitations (at most
20 s), undone and done again; 1,000 with passwords (at most 40 s); 10,000 people of whom half are different (at most 30 s) and
the same again (nothing); 1,000 domains (at most 60 s). SQLite; the figures of PostgreSQL come with `--postgres`.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.flows.import_house import CLI, Company, company
from tests.unit.service_import import quiet_house as houses

PEOPLE, LISTED, DOMAINS = 1_000, 10_000, 1_000
POSITIONS = ("부장", "과장", "사원")


def table(count: int, *, moved: bool = False, password: bool = False) -> str:
    """Return people; `moved`: every second one sits elsewhere and has another position."""
    lines = ["이메일,성명,사번,부서,직위,휴대폰" + (",비밀번호" if password else "")]
    for number in range(count):
        other = moved and number % 2
        place, position = ("지원실" if other else "영업1팀"), POSITIONS[(number + (1 if other else 0)) % 3]
        secret = f",Zq{number}x!Mvk7pRt" if password else ""
        lines.append(f"p{number},사람{number},E{number},{place},{position},010-{number:08d}{secret}")
    return "\n".join(lines) + "\n"


async def timed(what: str, work: Any) -> Any:
    """Tell how long something took."""
    at = time.perf_counter()
    found = await work
    print(f"{what}: {time.perf_counter() - at:.1f} s", flush=True)
    return found


async def people(firm: Company) -> None:
    """1,000 people by invitation, undone, done again."""

    async def take() -> Any:
        row = await firm.take(table(PEOPLE))
        links = await firm.imports.invite(CLI, row.id)
        assert (row.failed, len(links)) == (0, PEOPLE)
        return row

    row = await timed(f"{PEOPLE:,} people by CSV with invitations", take())
    undone = await timed(f"{PEOPLE:,} people undone", firm.undo(row))
    assert undone.state == "undone" and not await firm.imports.lines(CLI, row.id, ending="left")
    row = await timed(f"{PEOPLE:,} people done again, with invitations", take())
    await firm.undo(row)


async def passwords(firm: Company) -> None:
    """1,000 people with passwords."""
    row = await timed(f"{PEOPLE:,} people by CSV with passwords", firm.take(table(PEOPLE, password=True)))
    without = [one for one in await firm.imports.lines(CLI, row.id, limit=PEOPLE) if one.outcome.detail]
    print(f"  {len(without)} without one")
    await firm.undo(row)


async def difference(firm: Company) -> None:
    """10,000 people of whom half are different, and the same again."""
    await timed(f"{LISTED:,} new people", firm.take(table(LISTED)))
    row = await timed(f"{LISTED:,} people, half of them different", firm.take(table(LISTED, moved=True)))
    assert (row.total, row.failed) == (LISTED // 2, 0)
    row = await timed(f"{LISTED:,} people again", firm.take(table(LISTED, moved=True)))
    assert row.total == 0


async def domains(firm: Company) -> None:
    """1,000 domains."""
    text = "domain\n" + "".join(f"d{number}.example\n" for number in range(DOMAINS))
    row = await timed(f"{DOMAINS:,} domains by CSV", firm.take(text, "domains"))
    assert (row.done, row.failed) == (DOMAINS, 0)
    await timed(f"{DOMAINS:,} domains undone", firm.undo(row))


async def main() -> None:
    """Measure what is named, or all."""
    words = sys.argv[1:]
    postgres = "--postgres" in words
    if postgres:
        from tests.contract.store_backends import new_database

        from smartmail.adapters.sql import open_postgres

        address = await new_database()

        async def opened(_path: str, **_facts: Any) -> Any:
            return await open_postgres(address)

        houses.open_sqlite = opened  # type: ignore[attr-defined, assignment]
    parts = {"people": people, "passwords": passwords, "difference": difference, "domains": domains}
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, {'PostgreSQL' if postgres else 'SQLite'}")
    for name in [word for word in words if word in parts] or list(parts):
        with tempfile.TemporaryDirectory() as folder:
            async with company(Path(folder)) as firm:
                await parts[name](firm)
        if postgres:
            break


if __name__ == "__main__":
    asyncio.run(main())
