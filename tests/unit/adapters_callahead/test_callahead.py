"""Asking another system whether it has a recipient, whatever that system does (adapters/callahead)."""

import asyncio
import contextlib
import time

import pytest

from smartmail.adapters import callahead
from smartmail.adapters.callahead import SmtpProber

GOOD = [b"220 x\r\n", b"250-x\r\n250 SIZE\r\n", b"250 ok\r\n", b"250 ok\r\n", b"221 bye\r\n"]


@contextlib.asynccontextmanager
async def host(replies, heard=None):
    """A host that says its replies, one for the connection and one for each line; None: it says nothing any more."""

    async def serve(reader, writer):
        with contextlib.suppress(OSError):
            for reply in replies:
                if reply is None:
                    await reader.read()
                    break
                writer.write(reply)
                await writer.drain()
                line = await reader.readline()
                if heard is not None:
                    heard.append(line)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield ("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(callahead, "SECONDS", 0.3)


@pytest.mark.parametrize(
    ("place", "reply", "answer"),
    [
        (3, b"250 2.1.5 ok\r\n", "known"), (3, b"251 will forward\r\n", "known"), (3, b"252 cannot say\r\n", "known"),
        (3, b"550 5.1.1 nobody\r\n", "unknown"), (3, b"553 5.1.3 bad\r\n", "unknown"), (3, b"450 later\r\n", "unsure"),
        (3, b"421 going\r\n", "unsure"), (3, b"571 odd\r\n", "unsure"), (3, b"nonsense\r\n", "unsure"),
        (3, b"250-x\r\n" * 200, "unsure"), (3, b"\0" * 70_000, "unsure"), (3, b"", "unsure"), (3, None, "unsure"),
        (0, b"554 no service\r\n", "unsure"), (1, b"500 what\r\n", "unsure"), (2, b"550 no null sender\r\n", "unsure"),
    ],
)  # fmt: skip
async def test_what_a_host_may_say(place, reply, answer):
    replies = [*GOOD[:place], reply, *GOOD[place + 1 :]]
    async with host(replies) as there:
        begun = time.monotonic()
        assert await SmtpProber("mx.test").probe([there], "kim@x.example") == answer
        assert time.monotonic() - begun < 30


async def test_the_next_host_answers_for_one_that_is_away():
    async with host(GOOD) as there:
        assert await SmtpProber("mx.test").probe([("127.0.0.1", 1), there], "kim@x.example") == "known"
    assert await SmtpProber("mx.test").probe([("127.0.0.1", 1)], "kim@x.example") == "unsure"
    assert await SmtpProber("mx.test").probe([], "kim@x.example") == "unsure"


async def test_no_message_is_sent_and_no_line_is_smuggled():
    heard: list[bytes] = []
    async with host(GOOD, heard) as there:
        assert await SmtpProber("mx.test").probe([there], "kim@x.example") == "known"
        assert await SmtpProber("mx.test").probe([there], "kim@x.example>\r\nDATA\r\n<") == "unsure"
    assert heard[:4] == [b"EHLO mx.test\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<kim@x.example>\r\n", b"QUIT\r\n"]
