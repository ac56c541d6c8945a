"""How long a day takes to count, and a month of a company to become a report: `python -m tests.bench.report_speed [PEOPLE]`.

One day's stories (40 copies a person) are put into the trace and counted as at night; the other days of the month are
copies of its row, sealed for their own place. Then the month is asked for, and written as spreadsheet and pages. The bound
is 10 s for the month of 3,000 people, file included.
"""

import asyncio
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from tests.flows.house import compose_house

from smartmail.domain.figures import FigureRow, begin_of, day_of, span_of
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.trace import Beginning, Event, Facts, TraceBatch
from smartmail.formats.seal import Kind
from smartmail.service.flow.directory import NewPerson
from smartmail.service.flow.tracing import sealing
from smartmail.service.operations.figures import service as counting

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
COPIES = 40
CHUNK = 2_000


async def stories(house, home, accounts, begin: int) -> int:
    """Put a day's stories into the trace, sealed as in life; return how many."""
    keys = await house.services.figures.service._keyring.queue(home)
    chance, batch, count = random.Random(1), [], len(accounts) * COPIES
    for number in range(count):
        account = accounts[number % len(accounts)]
        story_id = (begin + 86_000_000 * number // count) << 22 | number & 0xFFFF
        sender = 0 if number % 3 else accounts[chance.randrange(len(accounts))].id
        facts = Facts(
            f"s{number % 5_000}@d{number % 997}.example", (account.login,), "견적서 회신", f"{number}@d.example",
            "submission" if sender else "smtp", "198.51.100.7", size=9_000, account_id=sender, count=1,
        )  # fmt: skip
        events = (
            (story_id + 1, Event("accepted")), (story_id + 2, Event("checked", act="deliver", score=1.0)),
            (story_id + 3, Event("delivered", account.login, account_id=account.id, mailbox_id=1, uid=number)),
        )  # fmt: skip
        batch.append(sealing.seal_story(keys, story_id, Beginning(facts, events)))
        if len(batch) == CHUNK:
            await house.store.add_trace(TraceBatch(stories=tuple(batch)))
            batch = []
    await house.store.add_trace(TraceBatch(stories=tuple(batch)))
    return count


async def main(people: int) -> int:
    """Measure; return 1 where the bound is missed."""
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        directory = Path(folder) / "house"
        directory.mkdir()
        async with compose_house(directory) as house:
            services = house.services
            home = await services.provisioning.organization("bench")
            await services.directory.add_domain("a.example", home)
            accounts = [
                await services.provisioning.person(NewPerson(f"p{number}@a.example", f"사람{number}"), None)
                for number in range(people)
            ]
            first, last = span_of("month", span_of("month", day_of(house.clock.now()))[0] - timedelta(days=1))
            count = await stories(house, home, accounts, begin_of(first))
            figures = services.figures
            began, spent = time.perf_counter(), time.process_time()
            await figures.service.count_again(CLI, home, first, first)
            print(
                f"a day of {people:,} people, {count:,} stories: counted in {time.perf_counter() - began:.1f} s, "
                f"{time.process_time() - spent:.1f} s CPU",
                flush=True,
            )
            await copies(house, home, first, last)
            began, spent = time.perf_counter(), time.process_time()
            report = await figures.service.report(CLI, home, "month", first)
            seconds = time.perf_counter() - began
            print(
                f"the month: {report.total.received:,} copies, {len(report.people):,} people in {seconds:.2f} s",
                flush=True,
            )
            worst = 0.0
            for form in ("xlsx", "pdf"):
                began = time.perf_counter()
                made = await figures.telling.take(CLI, home, "month", first, form, "ko", "how long it takes")
                worst = max(worst, time.perf_counter() - began)
                print(f"as {form}: {time.perf_counter() - began:.2f} s, {len(made.octets):,} B", flush=True)
            return int(worst > 10.0)


async def copies(house, home, first, last) -> None:
    """Give every day of the month the row of the first."""
    service = house.services.figures.service
    [row] = await house.store.figures(home, first.isoformat(), first.isoformat())
    keys = await service._keyring.organization(home)
    plain = keys.open(Kind.FIGURES, row.sealed, counting._place(first))
    for day in (first + timedelta(days=number) for number in range(1, (last - first).days + 1)):
        sealed = keys.seal(Kind.FIGURES, plain, counting._place(day))
        await house.store.put_figures(FigureRow(home, day.isoformat(), row.counted_at, sealed))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000)))
