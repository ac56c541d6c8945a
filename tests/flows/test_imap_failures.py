"""What IMAP says when something is wrong: full accounts, damaged volumes, lost logins. Nobody else is hurt."""

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

from smartmail.service.mailbox.mailstore import messages as message_service


def message(subject: str, body: bytes = b"text\r\n") -> bytes:
    return b"From: a@x.example\r\nSubject: %b\r\n\r\n" % subject.encode() + body


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        yield opened


async def open_client(house, login="kim@a.example") -> Client:
    return await Client.open(house.ports["imap"], login, PASSWORD)


def damage(directory, at: int) -> None:
    """Flip octets in every file of the volume that is long enough."""
    files = [path for path in (directory / "volume").rglob("*") if path.is_file() and path.stat().st_size > at + 16]
    assert files
    for path in files:
        octets = bytearray(path.read_bytes())
        octets[at : at + 16] = bytes(255 - octet for octet in octets[at : at + 16])
        path.write_bytes(octets)


async def test_a_copy_that_fails_half_way_leaves_the_target_as_it_was(house, monkeypatch):
    monkeypatch.setattr(message_service, "COPY_BLOCK", 2)
    await house.person("poor@a.example", quota=330)
    client = await open_client(house, "poor@a.example")
    await client.cmd("APPEND INBOX " + " ".join(["{}"] * 5), *[message(f"m{n}") for n in range(5)])
    await client.cmd("SELECT INBOX")
    answer = await client.cmd("COPY 1:5 INBOX")
    assert (answer.status, answer.code) == ("NO", "OVERQUOTA")
    assert b"MESSAGES 5" in (await client.cmd("STATUS INBOX (MESSAGES)")).lines[-1]
    # Messages of the same account are not counted twice: into another mailbox they go.
    assert (await client.cmd("COPY 1:5 Trash")).code.split()[2:] == ["1:5", "1:5"]
    assert (await client.cmd("APPEND INBOX {}", message("more" + "x" * 300))).code == "OVERQUOTA"


async def test_long_commands_in_blocks_answer_as_one(house, monkeypatch):
    monkeypatch.setattr(message_service, "BLOCK", 3)
    monkeypatch.setattr(message_service, "COPY_BLOCK", 3)
    client, other = await open_client(house), await open_client(house)
    await client.cmd("APPEND INBOX " + " ".join(["{}"] * 8), *[message(f"m{n}") for n in range(8)])
    await client.cmd("SELECT INBOX")
    await other.cmd("SELECT INBOX")
    assert len((await client.cmd("STORE 1:8 +FLAGS (\\Flagged)")).fetches()) == 8
    assert (await client.cmd("COPY 1:8 INBOX")).code.split()[2:] == ["1:8", "9:16"]
    answer = await client.cmd("MOVE 1:8 Trash")
    assert answer.codes()["COPYUID"].split()[1:] == ["1:8", "1:8"]
    await client.cmd("STORE 1:8 +FLAGS.SILENT (\\Deleted)")
    assert len((await client.cmd("EXPUNGE")).starting(b"1 EXPUNGE")) == 1
    lines = (await other.cmd("NOOP")).lines
    assert len([line for line in lines if line.endswith(b"EXPUNGE")]) == 8
    assert b"MESSAGES 0" in (await client.cmd("STATUS INBOX (MESSAGES)")).lines[-1]


async def test_a_damaged_message_is_left_out_and_said(house, tmp_path):
    client = await open_client(house)
    await client.cmd("APPEND INBOX {}", message("broken"))
    damage(tmp_path / "data", 100)
    await client.cmd("APPEND INBOX {}", message("whole"))
    await client.cmd("SELECT INBOX")
    answer = await client.cmd("FETCH 1:2 (BODY.PEEK[])")
    assert (answer.status, answer.code) == ("NO", "UNAVAILABLE")
    assert {n: one["BODY[]"] for n, one in answer.fetches().items()} == {2: message("whole")}
    # Lists and most searches live from the summary alone.
    got = (await client.cmd("FETCH 1:2 (ENVELOPE RFC822.SIZE)")).fetches()
    assert got[1]["ENVELOPE"][1] == b"broken"
    assert (await client.cmd("SEARCH SUBJECT broken")).lines == [b"SEARCH 1"]
    assert (await client.cmd("SEARCH TEXT text")).lines == [b"SEARCH 2"]


async def test_damage_found_inside_a_literal_ends_the_connection(house, tmp_path):
    client, other = await open_client(house), await open_client(house)
    await client.cmd("APPEND INBOX {}", message("long", b"0123456789abcdef" * 200_000))
    damage(tmp_path / "data", 2_500_000)
    await client.cmd("SELECT INBOX")
    with pytest.raises((ConnectionError, EOFError)):
        await client.cmd("FETCH 1 (BODY.PEEK[])")
    assert await other.cmd("NOOP")


async def test_a_client_that_vanishes_in_the_middle_leaves_nothing_behind(house):
    for text in ("APPEND INBOX {1000}\r\nhalf", "IDLE\r\n", "FETCH 1:* (BODY.PEEK[])\r\n"):
        client = await open_client(house)
        await client.cmd("SELECT INBOX")
        client.send(f"x {text}")
        await client.writer.drain()
        await client.close()
    client = await open_client(house)
    assert b"0 EXISTS" in (await client.cmd("SELECT INBOX")).lines
    assert await client.cmd("APPEND INBOX {}", message("after"))
