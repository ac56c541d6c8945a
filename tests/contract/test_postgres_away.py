"""A PostgreSQL that does not answer is waited for; one that refuses us is not."""

import socket

import pytest

from smartmail.adapters.sql import DatabaseAway, open_postgres
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.app.worker_context import CannotStartYetError
from smartmail.domain.errors import Unavailable


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


async def test_nobody_listens(closed_port):
    with pytest.raises(DatabaseAway):
        await open_postgres(f"postgresql://mail@127.0.0.1:{closed_port}/mail", connections=1)


async def test_the_node_will_be_started_again(closed_port, tmp_path):
    file = tmp_path / "node.toml"
    file.write_text(
        f'[database]\nurl = "postgresql://mail@127.0.0.1:{closed_port}/mail"\n'
        '[volume.s3]\nbucket = "b"\nendpoint = "http://127.0.0.1:1"\naccess_key = "a"\nsecret_key = "s"\n'
    )
    with pytest.raises(CannotStartYetError, match="does not answer"):
        async with open_node(load(str(tmp_path / "data"), config=str(file))):
            pass


async def test_a_wrong_address_is_no_matter_of_waiting():
    with pytest.raises(Unavailable) as caught:
        await open_postgres("nonsense://", connections=1)
    assert not isinstance(caught.value, DatabaseAway)
