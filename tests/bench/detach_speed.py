"""How long one job takes that removes the attachments of many messages, and how soon the drawer is listed.

.venv/bin/python -m tests.bench.detach_speed [--messages 10000]
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from tests.flows.house import House, compose_house

from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson
from smartmail.service.kernel.intake import Intake, new_message
from smartmail.service.people.provisioning import ProvisioningService

BOUNDARY = b"----part"
BLOCK = 200
FILE_LINES = 400
"""Lines of base64: a file of some 23 KB."""


def _octets(number: int) -> bytes:
    head = f"From: a@b.example\r\nTo: kim@a.test\r\nSubject: report {number}\r\nMIME-Version: 1.0\r\n".encode()
    kind = b'Content-Type: multipart/mixed; boundary="' + BOUNDARY + b'"\r\n\r\n'
    text = b"--" + BOUNDARY + b"\r\nContent-Type: text/plain\r\n\r\n" + f"Number {number}.\r\n".encode()
    file = b'Content-Type: application/pdf; name="r.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
    place = b'Content-Disposition: attachment; filename="r.pdf"\r\n\r\n'
    lines = (f"{number:06d}" + "QUJD" * 17).encode()[:72] + b"\r\n"
    return (
        head
        + kind
        + text
        + b"--"
        + BOUNDARY
        + b"\r\n"
        + file
        + place
        + lines * FILE_LINES
        + b"--"
        + BOUNDARY
        + b"--\r\n"
    )


async def _fill(house: House, account: object, messages: int) -> None:
    desk = house.services.delivery.desk
    keys = await desk.keyring.account(account)
    inbox = await desk.mailbox(account.id, "inbox")
    old = house.clock.now() - 100 * 86_400_000
    for start in range(0, messages, BLOCK):
        made = []
        for number in range(start, min(start + BLOCK, messages)):
            intake = await Intake.begin(desk.blobs, OrganizationId(account.organization_id))
            await intake.feed(_octets(number))
            made.append(new_message(keys, await intake.finish(), (inbox,), received_at=old + number))

        async def body(tx, made=made):
            for one in made:
                await tx.add_message(one)

        await house.store.write(account.id, body)


async def run(messages: int) -> None:
    with tempfile.TemporaryDirectory(prefix="smartmail-detach-") as folder:
        (Path(folder) / "data").mkdir()
        async with compose_house(Path(folder) / "data") as house:
            services = house.services
            organization = await services.directory.create_organization("bench")
            await services.directory.add_domain("a.test", organization.id)
            provisioning: ProvisioningService = services.provisioning
            account = await provisioning.person(NewPerson("kim@a.test", "kim"), "correct horse")
            await _fill(house, account, messages)
            actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("web"))
            for name in ("first", "again"):
                began = time.perf_counter()
                held = await services.detaching.drawer(actor, account.id)
                print(
                    f"drawer of {len(held):,} files, {name}: {(time.perf_counter() - began) * 1000:,.0f} ms", flush=True
                )
            began, cpu = time.perf_counter(), time.process_time()
            done = 0
            async for _file, error in services.detaching.by_rule(
                actor, account.id, larger_than=10_000, older_than_days=30, dry_run=False
            ):
                if error is not None:
                    raise error
                done += 1
                if done % 1_000 == 0:
                    print(f"  {done:,} of {messages:,}, {time.perf_counter() - began:,.0f} s", flush=True)
            seconds = time.perf_counter() - began
            print(f"{done:,} attachments removed in {seconds:,.1f} s (CPU {time.process_time() - cpu:,.1f} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    asyncio.run(run(parser.parse_args().messages))


if __name__ == "__main__":
    main()
