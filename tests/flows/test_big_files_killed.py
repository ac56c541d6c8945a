"""A server that is killed while a big file comes: what was durable is there, the rest comes again, the file is right."""

import asyncio
import hashlib
from pathlib import Path

from tests.flows.house import open_house
from tests.flows.uploading_child import octets
from tests.house.child import start

from smartmail.domain.principal import Actor, Origin
from smartmail.service.mailbox.big_files.uploading import PART_OCTETS

SIZE = 3 * PART_OCTETS + (1 << 20)


async def killed_after(directory: Path, file_id: bytes, durable: int) -> None:
    """Run the child until so many octets are durable, and kill it."""
    child = start("tests.flows.uploading_child", str(directory), file_id.hex())

    def heard() -> None:
        while int(child.stdout.readline()) < durable:
            pass
        for _ in range(5):  # into the middle of the next part
            child.stdout.readline()

    try:
        await asyncio.wait_for(asyncio.to_thread(heard), 120)
    finally:
        await asyncio.to_thread(child.kill)


async def test_a_killed_server_loses_one_part_at_most(tmp_path):
    directory = tmp_path / "data"
    directory.mkdir()
    async with open_house(directory) as house:
        kim = await house.person("kim@a.example")
        actor = Actor(kim.id, kim.organization_id, kim.login, False, Origin("web"))
        file_id = (await house.services.big_files.uploads.begin(actor, "plan.bin", "", SIZE)).id
    for number in (1, 2):
        await killed_after(directory, file_id, number * PART_OCTETS)
        async with open_house(directory) as house:
            assert (await house.store.big_file(file_id)).received == number * PART_OCTETS
    async with open_house(directory) as house:
        files = house.services.big_files
        growth = await files.uploads.grow(actor, file_id, 2 * PART_OCTETS)
        await growth.feed(octets(2 * PART_OCTETS, SIZE))
        assert (await growth.settle()).state == "checking"
        await files.verdicts.settle()
        [file] = await files.links.files(actor)
        assert file.row.state == "ready"
        assert file.text.sha256 == hashlib.sha256(octets(0, SIZE)).hexdigest()
        troubles = [found async for found in house.services.checks.run(lambda _step: None)]
        assert [found for found in troubles if found.trouble != "orphan"] == []
