"""What extensions promise beyond one dialog: progress, an index that is behind, compression, many at once."""

import asyncio
import zlib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

from smartmail.edge.imapd import progress, searching
from smartmail.edge.imapd.compression import Deflate
from smartmail.service.mailbox.search import index


def message(number: int, subject: str = "one", extra: str = "") -> bytes:
    return f"Subject: {subject} {number}\r\nMessage-ID: <{number}@x.example>\r\n{extra}\r\nbody {number}\r\n".encode()


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        yield opened


@pytest.fixture
async def client(house):
    opened = await Client.open(house.ports["imap"], "kim@a.example", PASSWORD)
    yield opened
    await opened.close()


async def fill(client, count, extra=""):
    letters = [message(number, extra=extra) for number in range(count)]
    assert await client.cmd("APPEND INBOX " + " ".join(["{}"] * count), *letters)
    await client.cmd("SELECT INBOX")


# -- SEARCH ------------------------------------------------------------------------------------------------------------


async def test_a_long_search_tells_how_far_it_is(client, monkeypatch):
    """RFC 9585 §3."""
    monkeypatch.setattr(progress, "INTERVAL_S", 0.0)
    monkeypatch.setattr(searching, "BLOCK", 4)
    await fill(client, 10, "X-Kind: rare\r\n")
    answer = await client.cmd("SEARCH HEADER X-Kind rare")
    told = answer.starting(b"OK [INPROGRESS")
    assert told == [b'OK [INPROGRESS ("t4" %d 10)] still at work' % done for done in (0, 4, 8)]
    assert answer.starting(b"SEARCH") == [b"SEARCH 1 2 3 4 5 6 7 8 9 10"]
    # A tag that would end the response code is not repeated.
    client.send("a]b SEARCH HEADER X-Kind rare\r\n")
    assert b"* OK [INPROGRESS (NIL 0 10)] still at work" in await client.until(b"a]b OK")


async def test_a_search_looks_into_messages_that_are_not_indexed_yet(client, monkeypatch):
    monkeypatch.setattr(index, "READ_PENDING", 3)
    await fill(client, 20)
    answer = await client.cmd("SEARCH BODY body")
    assert answer.lines == [b"SEARCH " + b" ".join(b"%d" % number for number in range(1, 21))]


async def test_what_cannot_be_looked_into_yet_is_said(client, monkeypatch):
    monkeypatch.setattr(index, "READ_PENDING", 3)
    monkeypatch.setattr(searching, "FEW_PENDING", 5)
    await fill(client, 20)
    answer = await client.cmd("UID SEARCH RETURN (COUNT) SUBJECT one")
    (warning,) = answer.starting(b"NO ")
    assert warning == b"NO 17 messages are not indexed yet"
    assert answer.starting(b"ESEARCH") == [b'ESEARCH (TAG "t4") UID COUNT 3']
    assert answer.status == "OK"


async def test_a_program_without_text_needs_no_index(client, monkeypatch):
    monkeypatch.setattr(index, "READ_PENDING", 3)
    monkeypatch.setattr(searching, "FEW_PENDING", 0)
    await fill(client, 20)
    assert (await client.cmd("SEARCH UNSEEN SMALLER 10000 19:20")).lines == [b"SEARCH 19 20"]


# -- COMPRESS ----------------------------------------------------------------------------------------------------------


def test_nothing_is_made_for_a_direction_before_it_is_used():
    deflate = Deflate()
    assert (deflate._in, deflate._out) == (None, None)
    packed = deflate.deflate(b"* OK hello\r\n" * 100)
    assert deflate._in is None
    assert len(packed) < 100
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed) == b"* OK hello\r\n" * 100


async def test_broken_compression_ends_the_connection(house, client):
    assert await client.cmd("COMPRESS DEFLATE")
    client.send(b"\xff\xff\xff\xff" * 10)
    packed = await asyncio.wait_for(client.reader.read(), 60)
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed).startswith(b"* BYE")
    assert await Client.open(house.ports["imap"], "kim@a.example", PASSWORD)


async def test_a_small_input_that_unfolds_to_much_is_taken_piece_by_piece(house, client):
    """A NOOP for each 7 octets, 200,000 of them out of some 200: read as the answers are read."""
    assert await client.cmd("COMPRESS DEFLATE")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    count = 200_000
    client.send(
        packer.compress(b"a NOOP\r\n" * count) + packer.compress(b"z LOGOUT\r\n") + packer.flush(zlib.Z_SYNC_FLUSH)
    )
    unpacker, text, done = zlib.decompressobj(-zlib.MAX_WBITS), b"", 0
    while octets := await asyncio.wait_for(client.reader.read(1 << 16), 60):
        text += unpacker.decompress(octets)
        done += text.count(b"a OK done\r\n")
        text = text[text.rfind(b"\n") + 1 :] if b"z OK" not in text else text
    assert done == count
    assert text.endswith(b"z OK logged out\r\n")


# -- NOTIFY ------------------------------------------------------------------------------------------------------------


async def test_notify_tells_nothing_while_a_command_runs_and_all_after_it(house, client):
    other = await Client.open(house.ports["imap"], "kim@a.example", PASSWORD)
    await client.cmd("SELECT INBOX")
    assert await client.cmd(
        "NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge)) (PERSONAL (MessageNew MessageExpunge))"
    )
    await asyncio.gather(*(other.cmd("APPEND Archive {}", message(number)) for number in range(1)))
    await other.cmd("APPEND INBOX {}", message(7))
    lines = await client.until(b"FETCH (UID 1)")
    assert any(line.startswith(b"* STATUS Archive (MESSAGES 1 UIDNEXT 2") for line in lines)
    # Without MailboxName nobody hears of mailboxes that come and go.
    await other.cmd("CREATE Fresh")
    assert (await client.cmd("NOOP")).lines == []
    await other.close()


# -- METADATA on what is shared ----------------------------------------------------------------------------------------


async def test_annotations_of_a_shared_mailbox(house, client):
    """RFC 5464 §5: /private/ is each person's own, /shared/ is written by who may write."""
    await house.person("lee@a.example")
    other = await Client.open(house.ports["imap"], "lee@a.example", PASSWORD)
    box = '"Other Users/kim@a.example/Team"'
    await client.cmd("CREATE Team")
    await client.cmd("SETACL Team lee@a.example lr")
    assert await client.cmd('SETMETADATA Team (/shared/comment "ours" /private/comment "mine")')
    got = await other.cmd(f"GETMETADATA {box} (/shared/comment /private/comment)")
    assert got.lines == [f'METADATA {box} (/shared/comment "ours" /private/comment NIL)'.encode()]
    assert (await other.cmd(f'SETMETADATA {box} (/shared/comment "hers")')).code == "NOPERM"
    assert await other.cmd(f'SETMETADATA {box} (/private/comment "hers")')
    got = await client.cmd("GETMETADATA Team (/shared/comment /private/comment)")
    assert got.lines == [b'METADATA Team (/shared/comment "ours" /private/comment "mine")']
    await client.cmd("SETACL Team lee@a.example lrw")
    assert await other.cmd(f"SETMETADATA {box} (/shared/comment NIL)")
    assert (await client.cmd("GETMETADATA Team /shared/comment")).lines == [b"METADATA Team (/shared/comment NIL)"]
    await client.cmd("DELETE Team")
    assert (await other.cmd(f"GETMETADATA {box} /private/comment")).code == "NONEXISTENT"
    await other.close()


async def test_annotations_have_bounds(client):
    answer = await client.cmd("SETMETADATA INBOX (/private/big {})", b"x" * 65_536)
    assert answer.status == "OK"
    values = " ".join(f'/private/n{number} "x"' for number in range(60))
    for turn in range(3):
        assert await client.cmd(f"SETMETADATA INBOX ({values.replace('/n', f'/n{turn}x')})")
    answer = await client.cmd(f"SETMETADATA INBOX ({values.replace('/n', '/n9x')})")
    assert (answer.status, answer.code) == ("NO", "METADATA TOOMANY")
