"""GET /.well-known/mta-sts.txt: the policy of the domain in the host name (RFC 8461 §3.3)."""

import pytest
from tests.house.opening import NO_APP
from tests.jmap_server.jmap_house import Browser

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.app import WebConfig, make_app
from smartmail.formats.mta_sts import StsPolicy, read_policy

ADMIN = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
PATH = "/.well-known/mta-sts.txt"


@pytest.fixture
def sender(house):
    """A mail host that looks for the policy."""
    return Browser(
        make_app(house.services, WebConfig("mail.test", "admin.test", "files.test", webmail=NO_APP, admin=NO_APP)),
        page=False,
    )


async def test_the_policy_is_served_under_its_own_name_alone(house, sender):
    sender.host = "mta-sts.a.example"
    assert (await sender.ask("GET", PATH)).status == 404
    rules = house.services.transport.rules
    await rules.set_own_policy(ADMIN, "a.example", "enforce", 86400, ("mx.a.example", "*.a.example"))
    for host in ("mta-sts.a.example", "MTA-STS.A.example:443"):
        sender.host = host
        reply = await sender.ask("GET", PATH)
        assert reply.status == 200
        assert reply.headers["content-type"] == "text/plain"
        assert read_policy(reply.body) == StsPolicy("enforce", 86400, ("mx.a.example", "*.a.example"))
    for host in ("a.example", "mail.test", "mta-sts.b.example", "mta-sts.", "x.mta-sts.a.example"):
        sender.host = host
        assert (await sender.ask("GET", PATH)).status == 404, host
