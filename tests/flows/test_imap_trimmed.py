"""A client that comes back after its changes were forgotten gets its picture right all the same (RFC 7162 §3.2.5)."""

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

LOGIN = "kim@a.example"


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        yield opened


async def connect(house):
    client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    assert await client.cmd("ENABLE QRESYNC")
    return client


async def append(client, count, box="INBOX"):
    for number in range(count):
        assert await client.cmd(f"APPEND {box} {{}}", b"Subject: %d\r\n\r\nx\r\n" % number)


async def trim(house):
    account = house.accounts[LOGIN]
    row = await house.store.account(account.id)
    await house.store.trim_changes(account.id, row.modseq)


async def remove(client, uids, box="INBOX"):
    await client.cmd(f"SELECT {box}")
    await client.cmd(f"UID STORE {uids} +FLAGS (\\Deleted)")
    await client.cmd(f"UID EXPUNGE {uids}")
    await client.cmd("UNSELECT")


def vanished(answer):
    found = [line.removeprefix(b"VANISHED (EARLIER) ") for line in answer.starting(b"VANISHED (EARLIER)")]
    return {
        uid
        for word in b",".join(found).split(b",") if word
        for first, _, last in [word.partition(b":")] for uid in range(int(first), int(last or first) + 1)
    }  # fmt: skip


async def test_qresync_names_all_that_is_not_there(house):
    client = await connect(house)
    await append(client, 6)
    codes = (await client.cmd("SELECT INBOX")).codes()
    validity, modseq = codes["UIDVALIDITY"], int(codes["HIGHESTMODSEQ"])
    await client.cmd("UNSELECT")
    await remove(client, "2,4")
    await trim(house)
    await remove(client, "5")
    await append(client, 1)

    answer = await client.cmd(f"SELECT INBOX (QRESYNC ({validity} {modseq} 1:6))")
    assert vanished(answer) == {2, 4, 5}
    assert [line.split(b" ")[0] for line in answer.starting(b"4 EXISTS")] == [b"4"]
    # Without its list of UIDs the client hears of every UID that is not there.
    await client.cmd("UNSELECT")
    answer = await client.cmd(f"SELECT INBOX (QRESYNC ({validity} {modseq}))")
    assert vanished(answer) >= {2, 4, 5}
    assert not vanished(answer) & {1, 3, 6, 7}
    answer = await client.cmd(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {modseq} VANISHED)")
    assert vanished(answer) == {2, 4, 5}
    await client.close()


async def test_a_mailbox_that_lost_nothing_is_told_as_before(house):
    client = await connect(house)
    await client.cmd("CREATE Other")
    await append(client, 3)
    await append(client, 3, "Other")
    codes = (await client.cmd("SELECT Other")).codes()
    await client.cmd("UNSELECT")
    await remove(client, "1:3")
    await trim(house)
    await remove(client, "2", "Other")
    answer = await client.cmd(f"SELECT Other (QRESYNC ({codes['UIDVALIDITY']} {codes['HIGHESTMODSEQ']}))")
    assert answer.starting(b"VANISHED (EARLIER)") == [b"VANISHED (EARLIER) 2"]
    await client.close()
