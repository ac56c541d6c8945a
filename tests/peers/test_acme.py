"""Certificates from an ACME server (Pebble): account, proof over HTTP, renewal, and what is refused."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import time

import pytest
from cryptography import x509
from tests.flows.house import compose_house
from tests.peers.served import free_port
from tests.unit.formats.certificate_house import key_pem, make, pem

from smartmail.adapters.http.client import OutgoingClient
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.app import WebConfig, make_redirect
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.http import HttpHost
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint

ADMIN = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


@contextlib.contextmanager
def running(*command: object, **environment: str):
    process = subprocess.Popen(
        [str(one) for one in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, **environment}, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(f"nobody listens on {port}")


@pytest.fixture
def pebble(tmp_path):
    """An authority that looks names up at a server which answers 127.0.0.1 for all of them."""
    api, manage, http, dns, dns_manage = (free_port() for _ in range(5))
    authority, certificate = make("Pebble", ca=True), None
    certificate, key = make("localhost", issuer=authority)
    (tmp_path / "cert.pem").write_bytes(pem(certificate, authority[0]))
    (tmp_path / "key.pem").write_bytes(key_pem(key))
    (tmp_path / "ca.pem").write_bytes(pem(authority[0]))
    config = {
        "listenAddress": f"127.0.0.1:{api}", "managementListenAddress": f"127.0.0.1:{manage}",
        "certificate": str(tmp_path / "cert.pem"), "privateKey": str(tmp_path / "key.pem"),
        "httpPort": http, "tlsPort": 1, "externalAccountBindingRequired": False, "domainBlocklist": ["blocked.test"],
        "retryAfter": {"authz": 0, "order": 0}, "certificateValidityPeriod": 30 * 86_400,
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps({"pebble": config}))
    names = running(
        "pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", f"127.0.0.1:{dns}", "-doh", "",
        "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", f"127.0.0.1:{dns_manage}",
    )  # fmt: skip
    server = running(
        "pebble", "-config", tmp_path / "config.json", "-dnsserver", f"127.0.0.1:{dns}", "-strict",
        PEBBLE_VA_NOSLEEP="1",
        # Percent. Of thirty in a hundred one of a thousand requests is refused as often as is tried (six times).
        PEBBLE_WFE_NONCEREJECT="10",
    )  # fmt: skip
    with names, server:
        for port in (dns, dns_manage, api):
            wait_for(port)
        yield f"https://localhost:{api}/dir", http, tmp_path / "ca.pem"


@contextlib.asynccontextmanager
async def plain_door(services, port: int):
    """Our listener of plain HTTP on a port."""
    host = HttpHost(make_redirect(services, WebConfig("mail.test", "admin.test", "files.test", 443)))
    await host.start()
    endpoint = Endpoint("http", host.make, limits=Limits(per_address=0, per_network=0))
    listener = Listener(endpoint, [socket.create_server(("127.0.0.1", port))], Deadlines(asyncio.get_running_loop()))
    listener.start()
    try:
        yield
    finally:
        await listener.drain(0.1)
        await host.stop()


@pytest.fixture
async def house(tmp_path, pebble):
    _directory, port, authority = pebble
    web = OutgoingClient(networks=["127.0.0.0/8", "::1/128"], authorities=str(authority))
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data", http=web) as opened, plain_door(opened.services, port):
        yield opened
    await web.close()


async def test_a_certificate_is_fetched_served_and_renewed(house, pebble):
    services = house.services
    with pytest.raises(Invalid, match="no authority"):
        await services.acme.manage(ADMIN, ["mail.a.test"])
    assert (await services.acme.set_up(ADMIN, pebble[0], "admin@a.test")).startswith("https://")
    await services.acme.manage(ADMIN, ["mail.a.test", "MX.a.test."])
    assert await services.acme.renew() == 1
    [served] = await services.certificates.served()
    assert set(served.row.names) == {"mail.a.test", "mx.a.test"}
    assert served.row.source == "acme"
    leaf, *above = x509.load_pem_x509_certificates(served.chain)
    assert above and leaf.issuer == above[0].subject
    # Nothing is due now; after two thirds of its life it is.
    assert await services.acme.renew() == 0
    real = house.clock.now()

    class Later:
        def now(self) -> int:
            return real + 21 * 86_400_000

    services.acme._clock = Later()
    assert await services.acme.renew() == 1
    [renewed] = await services.certificates.served()
    assert renewed.row.id != served.row.id
    # What proved control is gone again.
    assert not [one for one in await house.store.settings("acme") if one.startswith("challenge:")]


async def test_what_an_authority_refuses_is_kept_for_the_administrator_and_tried_later(house, pebble):
    acme = house.services.acme
    await acme.set_up(ADMIN, pebble[0], "")
    await acme.manage(ADMIN, ["blocked.test"])
    assert await acme.renew() == 0
    [status] = await acme.managed()
    assert status.failures == 1
    assert "blocked" in status.error
    assert status.next_at > house.clock.now()
    assert await acme.renew() == 0
    assert (await acme.managed())[0].failures == 1


async def test_an_authority_that_is_none_is_told(house, pebble):
    with pytest.raises(Invalid, match="no ACME directory|no JSON"):
        await house.services.acme.set_up(ADMIN, pebble[0].replace("/dir", "/nowhere"), "")
    with pytest.raises(Invalid, match="https"):
        await house.services.acme.set_up(ADMIN, "http://localhost/dir", "")
