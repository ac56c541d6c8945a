"""Sessions over real loopback sockets, on both event loops."""

import asyncio
import socket
import struct

import pytest
from tests.unit.edge_net.net_peers import LOOPBACK, dial, world

from smartmail.edge.net.limits import Limits


def reset(writer):
    """Close with RST: a FIN alone would be a half-close."""
    sock = writer.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_pipelined_lines_are_answered_in_order():
    async with world() as it:
        reader, writer = await dial(it)
        assert await reader.readline() == b"hello 127.0.0.1\r\n"
        it.gate.set()
        writer.write(b"a\r\nslow\r\nb\r\nc")
        writer.write(b"\r\n")
        assert [await reader.readline() for _ in range(4)] == [b"a\r\n", b"slow done\r\n", b"b\r\n", b"c\r\n"]


async def test_an_idle_session_holds_no_task():
    async with world() as it:
        reader, writer = await dial(it)
        writer.write(b"a\r\n")
        await reader.readline()
        assert await reader.readline() == b"a\r\n"
        assert not it.sessions[0].is_working
        names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]
        assert not [name for name in names if "EngineProtocol" in name]


async def test_input_waits_while_a_handler_works():
    async with world() as it:
        reader, writer = await dial(it)
        await reader.readline()
        writer.write(b"slow\r\n")
        await until(lambda: it.events == [b"slow"])
        got = it.sessions[0].engine.received
        writer.write(b"line\r\n" * 200_000)
        await asyncio.sleep(0.05)
        assert it.sessions[0].engine.received == got
        assert sum(len(piece) for piece in it.sessions[0]._held) <= 512 * 1024
        it.gate.set()
        assert await reader.readline() == b"slow done\r\n"
        for _ in range(200_000 // 1000):
            await reader.readexactly(6 * 1000)
        assert len(it.events) == 200_001


async def test_a_peer_that_does_not_read_stops_the_producer():
    async with world() as it:
        reader, writer = await dial(it)
        await reader.readline()
        writer.write(b"big\r\nafter\r\n")
        await until(lambda: it.produced > 0)
        await asyncio.sleep(0.1)
        assert it.produced < it.big - 1  # 32 MB do not fit into the kernel's buffers
        assert it.sessions[0].wire.unsent < 1024 * 1024
        for number in range(it.big):
            assert (await reader.readline()).startswith(b"%08d" % number)
        assert await reader.readline() == b"after\r\n"


async def test_a_peer_that_leaves_while_we_send_ends_the_handler():
    async with world() as it:
        reader, writer = await dial(it)
        await reader.readline()
        writer.write(b"big\r\n")
        await until(lambda: it.produced > 0)
        writer.transport.abort()
        await until(lambda: it.finished == 1)
        assert it.listener.connections == 0


async def test_finished_comes_after_the_running_handler():
    async with world() as it:
        reader, writer = await dial(it)
        await reader.readline()
        writer.write(b"slow\r\n")
        await until(lambda: it.events == [b"slow"])
        reset(writer)
        await until(lambda: it.listener.connections == 0)
        assert it.finished == 0
        it.gate.set()
        await until(lambda: it.finished == 1)


async def test_an_error_of_ours_ends_only_that_session():
    async with world() as it:
        first, second = await dial(it), await dial(it)
        first[1].write(b"boom\r\nmore\r\n")
        assert (await first[0].read()).endswith(b"sorry\r\n")
        second[1].write(b"fine\r\n")
        await second[0].readline()
        assert await second[0].readline() == b"fine\r\n"


async def test_half_close_still_gets_the_answers():
    async with world() as it:
        reader, writer = await dial(it)
        writer.write(b"slow\r\nb\r\n")
        writer.write_eof()
        await until(lambda: it.events == [b"slow"])
        it.gate.set()
        assert await reader.read() == b"hello 127.0.0.1\r\nslow done\r\nb\r\n"


async def test_silence_ends_the_session_and_a_trickle_does_not_help():
    async with world(deadline_s=0.1) as it:
        reader, writer = await dial(it)
        await reader.readline()

        async def trickle():
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.01)

        task = asyncio.create_task(trickle())
        async with asyncio.timeout(60):
            assert await reader.readline() == b"timeout\r\n"
        task.cancel()


async def test_a_working_handler_is_not_timed_out():
    async with world(deadline_s=0.05) as it:
        reader, writer = await dial(it)
        await reader.readline()
        writer.write(b"slow\r\n")
        await asyncio.sleep(0.25)
        it.gate.set()
        assert await reader.readline() == b"slow done\r\n"
        assert await reader.readline() == b"timeout\r\n"


async def test_implicit_tls():
    async with world(tls=True) as it:
        reader, writer = await dial(it, tls=True)
        assert await reader.readline() == b"hello 127.0.0.1 tls\r\n"
        writer.write(b"y" * 300_000 + b"\r\nquit\r\n")
        assert await reader.readexactly(300_002) == b"y" * 300_000 + b"\r\n"
        assert await reader.readline() == b"bye\r\n"
        assert await reader.read() == b""  # close_notify: no ragged end


async def test_starttls_drops_what_came_in_clear():
    async with world() as it:
        reader, writer = await dial(it)
        await reader.readline()
        writer.write(b"starttls\r\ninjected\r\n")
        assert await reader.readline() == b"go\r\n"
        await writer.start_tls(it.client_context, server_hostname="localhost")
        writer.write(b"after\r\n")
        assert await reader.readline() == b"after\r\n"
        assert it.events == [b"starttls", b"after"]
        assert it.sessions[0].tls.version == "TLSv1.3"


async def test_clear_octets_after_starttls_fail_the_handshake():
    async with world() as it:
        reader, writer = await dial(it)
        await reader.readline()
        writer.write(b"starttls\r\n")
        assert await reader.readline() == b"go\r\n"
        writer.write(b"MAIL FROM:<a@b>\r\n")
        await reader.read()
        assert it.events == [b"starttls"]


async def test_proxy_header_gives_the_address_and_is_demanded():
    async with world(proxy_from=LOOPBACK) as it:
        reader, writer = await dial(it)
        writer.write(b"PROXY TCP4 192.0.2.7 198.51.100.1 4000 25\r\nhi\r\n")
        assert await reader.readline() == b"hello 192.0.2.7\r\n"
        assert await reader.readline() == b"hi\r\n"
        bare_reader, bare_writer = await dial(it)
        bare_writer.write(b"EHLO x\r\n")
        assert await bare_reader.read() == b""


async def test_proxy_header_then_tls():
    async with world(proxy_from=LOOPBACK, tls=True) as it:
        reader, writer = await dial(it)
        writer.write(b"PROXY TCP4 192.0.2.7 198.51.100.1 4000 465\r\n")
        await writer.start_tls(it.client_context, server_hostname="localhost")
        assert await reader.readline() == b"hello 192.0.2.7 tls\r\n"


async def test_an_untrusted_proxy_header_is_only_a_line():
    async with world() as it:
        reader, writer = await dial(it)
        writer.write(b"PROXY TCP4 192.0.2.7 198.51.100.1 4000 25\r\n")
        assert await reader.readline() == b"hello 127.0.0.1\r\n"
        assert (await reader.readline()).startswith(b"PROXY")


async def test_limit_per_address_refuses_and_counts_down():
    async with world(limits=Limits(per_address=2)) as it:
        first, second = await dial(it), await dial(it)
        await first[0].readline()
        await second[0].readline()
        third = await dial(it)
        assert await third[0].read() == b"421 no\r\n"
        first[1].write(b"quit\r\n")
        await first[0].read()
        await until(lambda: it.listener.connections == 1)
        fourth = await dial(it)
        assert await fourth[0].readline() == b"hello 127.0.0.1\r\n"


async def test_behind_tls_a_refusal_is_told_after_the_handshake():
    async with world(tls=True, limits=Limits(per_address=1)) as it:
        first = await dial(it, tls=True)
        await first[0].readline()
        second = await dial(it, tls=True)
        assert await second[0].read() == b"421 no\r\n"
        assert it.refused == ["127.0.0.1"]


async def test_refusals_that_cost_a_handshake_are_bounded(monkeypatch):
    monkeypatch.setattr("smartmail.edge.net.limits.EXPLAINED_PER_S", 0.001)
    async with world(tls=True, limits=Limits(per_address=1)) as it:
        kept, first = [], await dial(it, tls=True)
        await first[0].readline()
        assert await heard(it, kept, tls=True) == b"421 no\r\n"
        with pytest.raises(OSError):
            await dial(it, tls=True)


async def heard(it, kept, **choices):
    """Return the first line of a new connection, which stays open."""
    kept.append(await dial(it, **choices))
    return await kept[-1][0].readline()


async def say(connection, line):
    connection[1].write(line + b"\r\n")
    return await connection[0].readline()


async def test_who_has_logged_in_is_no_stranger_and_makes_room():
    async with world(limits=Limits(per_address=2, per_network=2, per_person=3)) as it:
        people, kept = [], []
        for number in range(6):
            connection = await dial(it)
            assert await connection[0].readline() == b"hello 127.0.0.1\r\n"
            assert await say(connection, b"login %d" % (number // 3)) == b"welcome\r\n"
            people.append(connection)
        # A fourth connection of one person goes on counting as a stranger's, whoever logs in on it twice.
        over = await dial(it)
        await over[0].readline()
        assert await say(over, b"login 1") == b"welcome\r\n" == await say(over, b"login 1")
        stranger = await dial(it)
        assert await stranger[0].readline() == b"hello 127.0.0.1\r\n"
        assert await heard(it, kept) == b"421 no\r\n"
        # When the person leaves, their place is free for another connection of theirs.
        people[5][1].write(b"quit\r\n")
        await people[5][0].read()
        over[1].write(b"quit\r\n")
        await over[0].read()
        await until(lambda: it.listener.connections == 6)
        back = await dial(it)
        await back[0].readline()
        assert await say(back, b"login 1") == b"welcome\r\n"
        assert await heard(it, kept) == b"hello 127.0.0.1\r\n"


async def test_an_address_has_the_room_that_is_known_of_it():
    asked, kept = [], []

    def room(host, strangers):
        asked.append((host, strangers))
        return 3

    async with world(limits=Limits(per_address=1, per_network=1), room=room) as it:
        for _ in range(3):
            assert await heard(it, kept) == b"hello 127.0.0.1\r\n"
        assert await heard(it, kept) == b"421 no\r\n"
        assert asked == [("127.0.0.1", number) for number in range(4)]


async def test_exempt_addresses_are_not_limited():
    async with world(limits=Limits(per_address=1, per_network=1, exempt=LOOPBACK)) as it:
        for _ in range(5):
            reader, _writer = await dial(it)
            assert await reader.readline() == b"hello 127.0.0.1\r\n"


async def test_a_full_listener_leaves_the_next_one_waiting():
    async with world(limits=Limits(total=1)) as it:
        first = await dial(it)
        await first[0].readline()
        second = await dial(it)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await second[0].readline()
        first[1].write(b"quit\r\n")
        async with asyncio.timeout(60):
            assert await second[0].readline() == b"hello 127.0.0.1\r\n"


async def test_drain_says_goodbye_and_lets_a_handler_finish():
    async with world() as it:
        idle, busy = await dial(it), await dial(it)
        await idle[0].readline()
        await busy[0].readline()
        busy[1].write(b"slow\r\n")
        await until(lambda: it.events == [b"slow"])
        drain = asyncio.create_task(it.listener.drain(5))
        assert await idle[0].read() == b"stopping\r\n"
        assert not drain.done()
        it.gate.set()
        assert await busy[0].read() == b"slow done\r\nstopping\r\n"
        await drain
        assert it.listener.connections == 0


async def test_jobs_run_between_events():
    async with world() as it:
        reader, writer = await dial(it)
        await reader.readline()
        session = it.sessions[0]
        session.run(lambda: session.engine.send(b"* idle job"))
        assert await reader.readline() == b"* idle job\r\n"
        writer.write(b"slow\r\n")
        await until(lambda: it.events == [b"slow"])
        session.run(lambda: session.engine.send(b"* late job"))
        it.gate.set()
        assert [await reader.readline() for _ in range(2)] == [b"slow done\r\n", b"* late job\r\n"]


async def test_garbage_instead_of_tls_is_cut():
    async with world(tls=True) as it:
        reader, writer = await dial(it)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        with pytest.raises(asyncio.IncompleteReadError):
            await reader.readexactly(10_000)
        assert it.sessions == []


@pytest.mark.parametrize("tls", [False, True])
async def test_the_last_reply_arrives_though_more_input_is_on_its_way(tls):
    async with world(tls=tls) as it:
        reader, writer = await dial(it, tls=tls)
        await reader.readline()
        writer.write(b"quit\r\n")
        await until(lambda: b"quit" in it.events)
        for _ in range(20):
            writer.write(b"x" * 10_000)  # would make a plain close() answer with a reset
            await asyncio.sleep(0.005)
        assert await reader.readline() == b"bye\r\n"


async def test_a_peer_that_never_closes_is_cut_after_the_goodbye():
    async with world() as it:
        reader, writer = await dial(it)
        await reader.readline()
        writer.write(b"quit\r\n")
        assert await reader.readline() == b"bye\r\n"
        await until(lambda: it.finished == 1)
        assert it.listener.connections == 0
