"""The supervisor's door: who asks is answered, only planned processes start anew, nobody holds it up."""

import os
import socket

import pytest

from smartmail.app.process_tree.process_door import NAME, ProcessDoor
from smartmail.app.process_tree.process_table import SupervisorTable
from smartmail.domain.errors import Unavailable
from smartmail.domain.processes import ProcessRow

ROW = {
    "name": "edge-1", "roles": ["edge-web"], "state": "ready", "pid": 7, "begun_at": 1_760_000_000_000, "silent_ms": 20,
    "memory": 1 << 20, "deaths": 1,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    # Deeper than what a socket's address may hold.
    return str(tmp_path / ("deep" * 40) / "run")


@pytest.fixture
def door(folder):
    made = ProcessDoor(folder, lambda: [b'{"event":"one"}', b"\xff half a line"])
    yield made
    made.close()


async def test_processes_and_lines_are_told(folder, door):
    table = SupervisorTable(folder)
    assert await table.rows() == []
    door.show([ROW])
    assert await table.rows() == [ProcessRow("edge-1", ("edge-web",), "ready", 7, 1_760_000_000_000, 20, 1 << 20, 1)]
    assert (await table.lines())[0] == b'{"event":"one"}'


async def test_only_a_planned_process_starts_anew(folder, door):
    door.show([ROW])
    table = SupervisorTable(folder)
    assert not await table.restart("/bin/sh")
    assert door.wishes() == []
    assert await table.restart("edge-1")
    assert door.wishes() == ["edge-1"]
    assert door.wishes() == [], "a wish is told once"


async def test_nonsense_is_answered_with_nothing_and_the_next_is_served(folder, door):
    door.show([ROW])
    at = os.open(folder, os.O_RDONLY)
    try:
        for said in (b"\n", b"x" * 9000, b'{"do":"rm"}\n', b"[]\n", b'{"do":"restart"}\n'):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(f"/proc/self/fd/{at}/{NAME}")
                client.sendall(said)
                client.shutdown(socket.SHUT_WR)
                client.settimeout(10)
                while True:
                    try:
                        if not client.recv(100):
                            break
                    except ConnectionResetError:
                        break
    finally:
        os.close(at)
    assert len(await SupervisorTable(folder).rows()) == 1
    assert door.wishes() == []


async def test_the_socket_is_the_servers_own_and_a_left_one_is_replaced(folder, door):
    assert os.stat(os.path.join(folder, NAME)).st_mode & 0o077 == 0
    again = ProcessDoor(folder, list)
    again.show([ROW, ROW])
    assert len(await SupervisorTable(folder).rows()) == 2
    again.close()


async def test_where_nobody_keeps_processes_it_is_said(tmp_path):
    with pytest.raises(Unavailable):
        await SupervisorTable(str(tmp_path)).rows()
    with pytest.raises(Unavailable):
        await SupervisorTable(str(tmp_path / "none")).lines()
