"""What a backup costs: MB/s into a directory and readers' p95 meanwhile, rows against mail, a restore of everything in
messages a second, of one message in seconds, of all mail of a person beside what there is in messages a second.

.venv/bin/python -m tests.bench.backup_speed [--messages 20000] [--size 20000] [--folder DIR]

The folder needs about four times messages × size. The end is 1 where a figure is missed: one message within ONE_S, all of
them at LEAST_RATE a second at least.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.flows.backup_house import restore, sealed_place, take
from tests.flows.house import House, compose_house

from smartmail.domain.account import Account
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson
from smartmail.service.kernel.intake import Intake, new_message
from smartmail.service.operations.backup.bringing import Bringing, Wanted

BLOCK = 200
ONE_S = 10.0
LEAST_RATE = 300.0


async def _fill(house: House, account: Account, messages: int, size: int) -> None:
    desk = house.services.delivery.desk
    keys = await desk.keyring.account(account)
    inbox = await desk.mailbox(account.id, "inbox")
    for start in range(0, messages, BLOCK):
        made = []
        for number in range(start, min(start + BLOCK, messages)):
            intake = await Intake.begin(desk.blobs, OrganizationId(account.organization_id))
            head = (
                f"From: a@b.example\r\nTo: kim@a.test\r\nSubject: report {number}\r\nMessage-ID: <{number}@b>\r\n\r\n"
            )
            await intake.feed(head.encode() + b"words of a report\r\n" * (size // 19))
            made.append(new_message(keys, await intake.finish(), (inbox,), received_at=house.clock.now()))

        async def body(tx, made=made):  # type: ignore[no-untyped-def]
            for one in made:
                await tx.add_message(one)

        await house.store.write(account.id, body)


async def _read(house: House, account: Account, stop: asyncio.Event) -> list[float]:
    """Read messages one after the other, as a person would; return seconds of each."""
    actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("web"))
    ids = [one.id for one in (await house.store.all_messages(account.id))[:500]]
    spent: list[float] = []
    while not stop.is_set():
        for one in ids:
            begun = time.perf_counter()
            await house.services.reading.octets(actor, account.id, one)
            spent.append(time.perf_counter() - begun)
            await asyncio.sleep(0.01)
            if stop.is_set():
                break
    return spent


async def _p95(house: House, account: Account, work: object) -> tuple[float, float, object]:
    """Return (p95 of readers in ms, seconds, result) while `work` runs."""
    stop = asyncio.Event()
    reading = asyncio.create_task(_read(house, account, stop))
    begun = time.perf_counter()
    result = await work  # type: ignore[misc]
    seconds = time.perf_counter() - begun
    stop.set()
    spent = await reading
    return statistics.quantiles(spent, n=20)[-1] * 1000 if len(spent) > 20 else 0.0, seconds, result


async def measure(messages: int, size: int, beside: str | None) -> bool:
    """Measure, print, and say whether the figures were reached."""
    with tempfile.TemporaryDirectory(prefix="backup-speed-", dir=beside) as folder:
        data, place, new = Path(folder, "data"), Path(folder, "place"), Path(folder, "new")
        data.mkdir()
        async with compose_house(data) as house:
            organization = await house.services.provisioning.organization("test")
            await house.services.directory.add_domain("a.test", organization)
            account = await house.services.provisioning.person(NewPerson("kim@a.test", "kim"), "correct horse")
            await _fill(house, account, messages, size)
            idle, _, _ = await _p95(house, account, asyncio.sleep(3))
            p95, seconds, taken = await _p95(house, account, take(house, data, place))
            rows = sum(one.size for one in taken.manifest.parts)  # type: ignore[attr-defined]
            octets = taken.new_octets  # type: ignore[attr-defined]
            print(f"full: {octets / 1e6:.0f} MB of blobs, {rows / 1e6:.1f} MB of rows ({rows / octets:.1%}) in {seconds:.1f} s:"
                  f" {(octets + rows) / seconds / 1e6:.0f} MB/s; readers' p95 {p95:.1f} ms, idle {idle:.1f} ms")  # fmt: skip
            p95, seconds, _ = await _p95(house, account, take(house, data, place))
            print(f"again, nothing new: {seconds:.1f} s; readers' p95 {p95:.1f} ms")
            one_s = await _one(house, data, place, account)
            person = await _person(house, data, place, account)
        (Path(folder) / "new.key").write_bytes((Path(folder) / "data.key").read_bytes())
        (Path(folder) / "new.key").chmod(0o600)
        begun = time.perf_counter()
        done = await restore(new, place)
        seconds = time.perf_counter() - begun
        print(f"restore of everything: {done.messages} messages in {seconds:.1f} s: {done.messages / seconds:.0f}/s")
    reached = one_s <= ONE_S and person >= LEAST_RATE and done.messages / seconds >= LEAST_RATE
    print(f"figures (one message ≤ {ONE_S:.0f} s, all ≥ {LEAST_RATE:.0f}/s): {'reached' if reached else 'MISSED'}")
    return reached


async def _person(house: House, data: Path, folder: Path, account: Account) -> float:
    """Bring all mail of the person into a mailbox of its own; return messages a second."""
    place = await sealed_place(data, folder)
    manifest = await place.manifest((await place.manifest_names())[-1])
    bringing = Bringing(house.store, house.services.reading._keyring, house.services.upkeep._volumes)
    begun = time.perf_counter()
    brought = await bringing.bring(place, manifest, Wanted(account.id, beside="Restored"))
    seconds = time.perf_counter() - begun
    print(
        f"restore of a person beside: {brought.brought} messages in {seconds:.1f} s: {brought.brought / seconds:.0f}/s"
    )
    return brought.brought / seconds


async def _one(house: House, data: Path, folder: Path, account: Account) -> float:
    message = (await house.store.all_messages(account.id))[0].id
    await house.store.write(account.id, lambda tx: tx.discard_messages([message]))
    place = await sealed_place(data, folder)
    manifest = await place.manifest((await place.manifest_names())[-1])
    bringing = Bringing(house.store, house.services.reading._keyring, house.services.upkeep._volumes)
    begun = time.perf_counter()
    brought = await bringing.bring(place, manifest, Wanted(account.id, message_id=message))
    seconds = time.perf_counter() - begun
    print(f"restore of one message: {brought.brought} in {seconds:.2f} s")
    return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=20_000, metavar="OCTETS")
    parser.add_argument("--folder", metavar="DIR", help="where it works (the temporary directory)")
    options = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(options.messages, options.size, options.folder)) else 1)
