"""A legal hold: people delete as ever and learn nothing; what is held stays in the vault until the hold is lifted."""

import asyncio

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

from smartmail.domain.principal import Actor, Origin

LOGIN = "kim@a.example"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
MAIL = b"From: a@b.example\r\nSubject: contract\r\nMessage-ID: <%d@b.example>\r\n\r\nbody\r\n"


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        client = await Client.open(opened.ports["imap"], LOGIN, PASSWORD)
        await client.cmd("APPEND INBOX {} {}", MAIL % 1, MAIL % 2)
        await client.close()
        yield opened


async def delete_by_imap(house):
    client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    await client.cmd("SELECT INBOX")
    assert await client.cmd(r"STORE 1:* +FLAGS.SILENT (\Deleted)")
    assert await client.cmd("EXPUNGE")
    await client.close()


async def delete_by_pop3(house):
    reader, writer = await asyncio.open_connection("127.0.0.1", house.ports["pop3"])
    for line in (f"USER {LOGIN}", f"PASS {PASSWORD}", "DELE 1", "DELE 2", "QUIT"):
        assert (await reader.readline()).startswith(b"+OK")
        writer.write(line.encode() + b"\r\n")
    assert (await reader.readline()).startswith(b"+OK")
    writer.close()


async def purge(house) -> int:
    account_id, far = house.accounts[LOGIN].id, house.clock.now() + (1 << 40)
    return await house.store.purge_vault(account_id, before=far, limit=100)


@pytest.mark.parametrize("delete", [delete_by_imap, delete_by_pop3])
@pytest.mark.parametrize("whole", [True, False])
async def test_held_mail_is_deleted_and_kept(house, delete, whole):
    governing, account_id = house.services.governing, house.accounts[LOGIN].id
    _, stored = await house.store.vault(account_id, position=0, limit=10)
    assert stored == 0
    message_id = 0 if whole else 1
    await governing.hold(CLI, account_id, "case 7", message_id)
    await delete(house)
    client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    assert (await client.cmd("STATUS INBOX (MESSAGES)")).lines == [b"STATUS INBOX (MESSAGES 0)"]
    await client.close()
    kept = 2 if whole else 1
    assert await purge(house) == 2 - kept
    assert len((await house.store.vault(account_id, position=0, limit=10))[0]) == kept
    await governing.release(CLI, account_id, "case 7", message_id)
    assert await purge(house) == kept
