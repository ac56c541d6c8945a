"""The guide's PostgreSQL, HAProxy and keepalived, run as they are printed around two nodes."""

import asyncio
import contextlib
import imaplib
from collections.abc import Callable, Iterator

import asyncpg
import pytest
from tests.cluster.balanced import Balancer, World, guide_world, run
from tests.cluster.balanced_people import PATIENCE, PERSON, Browser, mail_from_outside, plain, reading, received, submit
from tests.lab.switch import Host
from tests.peers.served import until

from smartmail.app.cli.acting import CLI
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.kernel.clock import HOUR

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.peer]

LISTENERS = {"smtp", "submissions", "submission", "imaps", "https", "http"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with guide_world(tmp_path_factory.mktemp("balanced")) as opened:
        yield opened


@pytest.fixture
def whole(world: World) -> World:
    """The world with all of it at work, whatever another test did to it."""
    first, second = world.balancers
    until(lambda: first.has_address and not second.has_address, PATIENCE, "the address at the first balancer")
    for balancer in world.balancers:
        until(lambda at=balancer: not at.down(), PATIENCE, "all servers up")
    return world


# The database


def comes_in(host: Host, user: str = "smartmail", database: str = "smartmail", password: str = "CHANGE-ME", tls: str = "require"):  # fmt: skip
    """Return the TLS version that PostgreSQL says a connection has, or the class of its refusal and what is said of it."""

    async def come() -> str:
        address = f"postgresql://{user}:{password}@192.0.2.31/{database}?sslmode={tls}"
        try:
            connection = await asyncpg.connect(address, timeout=PATIENCE)
        except asyncpg.PostgresError as error:
            return str(error)
        try:
            return str(await connection.fetchval("select version from pg_stat_ssl where pid = pg_backend_pid()"))
        finally:
            await connection.close()

    return host.inside(asyncio.run, come())


def test_postgresql_lets_in_the_nodes_alone(world):
    """The guide's postgresql.conf and pg_hba.conf."""
    node, other = world.hosts["node1"], world.hosts["node2"]
    assert comes_in(node) == comes_in(other) == "TLSv1.3"
    assert "no encryption" in comes_in(node, tls="disable")
    assert "password authentication failed" in comes_in(node, password="another")
    for name in ("client", "bucket", "balancer1"):
        assert "no pg_hba.conf entry" in comes_in(world.hosts[name]), name
    assert "no pg_hba.conf entry" in comes_in(node, user="postgres")
    assert "no pg_hba.conf entry" in comes_in(node, database="postgres")
    told = "select rolpassword from pg_authid where rolname = 'smartmail'"
    assert str(world.rows(told)[0][0]).startswith("SCRAM-SHA-256$")
    used = {
        str(row[0]) for row in world.rows("select host(client_addr) from pg_stat_activity where usename = 'smartmail'")
    }
    assert used == {node.address, other.address}
    assert world.rows("select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'smartmail'") == [(True,)]  # fmt: skip


# The balancers


def test_the_programs_find_nothing_wrong_with_their_files(world):
    for balancer in world.balancers:
        assert "WARN" not in balancer.host.inside(run, "haproxy", "-c", "-f", str(balancer.haproxy))
        balancer.host.inside(run, "keepalived", "--config-test", f"--use-file={balancer.keepalived}")


def test_every_door_knows_the_clients_own_address(whole):
    """By PROXY v2: it is in Received and in the record of logins."""
    client, other = whole.hosts["client"], whole.hosts["other"]
    assert f"[{client.address}]" in received(client, mail_from_outside(client))
    assert f"[{other.address}]" in received(client, mail_from_outside(other))
    for port in (465, 587):
        assert "192.0.2.1" not in received(client, submit(other, port)).replace(f"[{other.address}]", "")
    Browser(client)
    assert plain(client) == 308
    told = "select distinct door, address from login_attempt where result = 'ok'"
    expected = {("web", client.address), ("imap", client.address), ("smtp", other.address)}
    until(lambda: set(whole.rows(told)) >= expected, PATIENCE, "the record of logins")
    assert {address for _, address in whole.rows(told)} <= {client.address, other.address}


def test_who_is_shut_out_is_the_client_and_not_the_balancer(whole):
    client, other = whole.hosts["client"], whole.hosts["other"]
    node = whole.nodes["node1"]

    def is_in(host: Host) -> bool:
        with contextlib.suppress(OSError, imaplib.IMAP4.error), reading(host):
            return True
        return False

    async def story() -> None:
        async with open_node(load(str(node.data))) as opened:
            defence = opened.services.defence
            await defence.ban(CLI, other.address, opened.clock.now() + HOUR)
            # Two times each, since they come to both nodes in turn.
            await soon_in(lambda: not is_in(other) and not is_in(other), "a ban at both nodes")
            assert await asyncio.to_thread(lambda: is_in(client) and is_in(client))
            await defence.release(CLI, other.address)
            await soon_in(lambda: is_in(other) and is_in(other), "the end of a ban at both nodes")

    assert is_in(client) and is_in(other)
    node.host.inside(asyncio.run, story())


async def soon_in(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(until, condition, PATIENCE, what)


def went(balancer: Balancer, node: str, state: str) -> bool:
    """Whether all listeners of a node went to a state last."""
    return {one for (one, name), (now, _) in balancer.servers().items() if name == node and now == state} == LISTENERS


def everything(world: World, browser: Browser) -> None:
    """Use every door; each must serve."""
    client = world.hosts["client"]
    assert browser.session()["username"] == PERSON
    subjects = [mail_from_outside(client), submit(client, 465), submit(client, 587)]
    for subject in subjects:
        received(client, subject)


def test_clients_of_a_stopped_node_go_on_at_the_other_and_come_back(whole):
    browser = Browser(whole.hosts["client"])
    # Turn by turn: some at each node.
    path = browser.stream_path()
    streams = [browser.listen(path) for _ in range(4)]
    whole.nodes["node1"].stop()
    try:
        # At once, whether a check has failed by now or not.
        everything(whole, browser)
        state = browser.state()
        assert {stream.hears(state) for stream in streams} == {False, True}
        for balancer in whole.balancers:
            until(lambda at=balancer: went(at, "node1", "DOWN"), PATIENCE, "balancing without the stopped node")
        anew = browser.listen(path)
        everything(whole, browser)
        assert anew.hears(browser.state())
    finally:
        whole.serve("node1")
    for balancer in whole.balancers:
        until(lambda at=balancer: went(at, "node1", "UP"), PATIENCE, "balancing with the node that came back")
        reasons = {why for (_, node), (_, why) in balancer.servers().items() if node == "node1"}
        assert reasons == {"Layer7 check passed"}
    # Each of them once.
    assert [browser.session()["username"] for _ in whole.nodes] == [PERSON, PERSON]


def test_the_address_moves_where_haproxy_ends_and_comes_back(whole):
    first, second = whole.balancers
    client = whole.hosts["client"]
    browser = Browser(client)
    first.fail()
    until(lambda: second.has_address and not first.has_address, PATIENCE, "the address at the second balancer")
    assert f"[{client.address}]" in received(client, mail_from_outside(client))
    assert browser.session()["username"] == PERSON
    first.balance()
    until(lambda: first.has_address and not second.has_address, PATIENCE, "the address at the first balancer")
    assert browser.session()["username"] == PERSON
