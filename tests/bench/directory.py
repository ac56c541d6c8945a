"""How fast people are looked up, and how fast lists of people are taken in.

`python -m tests.bench.directory [lookup|people]`: autocomplete over 50,000 people (p95 at most 20 ms), 1,000 people by a
list (at most 20 s), the difference of 10,000 (at most 30 s), the same list again; 1,000 domains (at most 60 s).
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.search_speed import figures
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.account import NewAccount
from smartmail.domain.organization import Entry, Wanted, WantedSeat
from smartmail.domain.principal import Actor, Origin
from smartmail.service.people.organization.searching import SearchService

PEOPLE, LOOKUPS, NEW, LISTED = 50_000, 2_000, 1_000, 10_000
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]
SURNAMES, GIVEN = "김이박최정강조윤장임한오서신권황안송류홍", "민지우서준하은도윤예린수현재영성훈경미나라태희진아연"
POSITIONS = ("부장", "차장", "과장", "대리", "사원")


def made(count: int) -> list[Entry]:
    """Return people: many homonyms, 2,000 departments."""
    chance = random.Random(7)
    return [
        Entry(
            number, 1, "person", f"u{number:05d}@a.example", _name(chance),  # type: ignore[arg-type]
            f"{chance.choice('영업생산개발지원')}{chance.randrange(2000)}팀", chance.choice(POSITIONS), f"{number:07d}",
            chance.randrange(5),
        )
        for number in range(1, count + 1)
    ]  # fmt: skip


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=2))


def typed(entries: Sequence[Entry]) -> list[str]:
    """Return what people type: beginnings of names, 초성, logins, numbers, departments with a name, and nonsense."""
    chance, found = random.Random(3), []
    consonants = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅎ"
    for number in range(LOOKUPS):
        one = chance.choice(entries)
        found.append(
            (
                one.name[: chance.randint(1, 3)], "".join(chance.choices(consonants, k=chance.randint(1, 3))),
                one.login[: chance.randint(1, 6)], one.employee_number[: chance.randint(3, 7)],
                f"{one.department} {one.name[:1]}", one.title, f"{one.name[:1]} {one.title}", "없는사람",
            )[number % 8]
        )  # fmt: skip
    return found


class _Store:
    """Entries out of memory, in pages as the store gives them."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries_made, self.epoch = entries, 1

    async def entries(self, _company: int, *, after: int, limit: int) -> list[Entry]:
        return self.entries_made[after : after + limit]

    async def directory_epoch(self, _company: int) -> int:
        return self.epoch

    async def sights(self, _company: int) -> list[int]:
        return []


class _Bus:
    def subscribe(self, _topic: str, _listener: Any) -> None:
        return None


class _Clock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


async def lookups() -> None:
    """Measure look-ups."""
    entries = made(PEOPLE)
    search = SearchService(_Store(entries), _Clock(), _Bus())  # type: ignore[arg-type]
    actor = Actor(1, 1, "", is_admin=False, origin=Origin("web"))  # type: ignore[arg-type]
    at = time.perf_counter()
    await search.search(actor, "김")
    print(f"index of {PEOPLE:,} people made in {time.perf_counter() - at:.2f} s")
    taken = []
    for text in typed(entries):
        at = time.perf_counter()
        await search.search(actor, text, 20)
        taken.append((time.perf_counter() - at) * 1e3)
    print(f"{LOOKUPS:,} look-ups over {PEOPLE:,} people: {figures(taken)}")


async def people(folder: Path) -> None:
    """Measure lists of people."""
    async with quiet_house(folder / "house") as house:
        company = (await house.services.directory.organizations())[0].id
        organization = house.services.organization
        at = time.perf_counter()
        made = await organization.domains.add_domains(CLI, [f"d{number}.example" for number in range(NEW)], company)
        print(f"{len(made):,} domains added in {time.perf_counter() - at:.2f} s")
        for number in range(20):
            await organization.departments.create(CLI, company, f"팀{number}")
        await organization.titles.set_order(CLI, company, "position", POSITIONS)
        await _take(organization, company, _wanted(range(NEW)), f"{NEW:,} new people")
        await _fill(house, company)
        wanted = _wanted(range(NEW + LISTED))
        await _take(organization, company, wanted, f"{len(wanted):,} people, {LISTED:,} of them different")
        await _take(organization, company, wanted, "the same list again")


def _wanted(numbers: range) -> list[Wanted]:
    return [
        Wanted(
            login=f"p{number}@a.example", name=f"사람{number}", employee_number=f"E{number}",
            seats=(WantedSeat(f"팀{number % 20}"),), position=POSITIONS[number % 5],
        )
        for number in numbers
    ]  # fmt: skip


async def _fill(house: Any, company: Any) -> None:
    """Make accounts that the list will find, without their mailboxes."""
    gate = asyncio.Semaphore(64)

    async def one(number: int) -> None:
        async with gate:
            new = NewAccount(company, "person", f"p{number}@a.example", "?", "ko", False, None)
            await house.store.create_account(new, lambda _account: b"")

    await asyncio.gather(*(one(number) for number in range(NEW, NEW + LISTED)))


async def _take(organization: Any, company: Any, wanted: list[Wanted], what: str) -> None:
    at = time.perf_counter()
    plan = await organization.sources.plan(CLI, company, wanted)
    between = time.perf_counter()
    done = await organization.sources.apply(CLI, plan)
    end = time.perf_counter()
    print(
        f"{what}: planned in {between - at:.2f} s, applied in {end - between:.2f} s"
        f" ({done.made} made, {done.changed} changed, {plan.unchanged} unchanged, {len(done.errors)} errors)"
    )


async def main() -> None:
    """Run what is named, or all."""
    wanted = sys.argv[1:] or ["lookup", "people"]
    if "lookup" in wanted:
        await lookups()
    if "people" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            await people(Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
