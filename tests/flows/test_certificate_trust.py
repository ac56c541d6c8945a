"""Who may change whom an organisation trusts, and what is written down of it."""

import pytest
from tests.flows.certificate_house import CertificateHouse, open_certificate_house
from tests.flows.factor_house import CLI
from tests.lab.npki import Pki

from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound
from smartmail.domain.identity_certificates import CertificateRule
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.identity.identity_certificates.trust import read_certificates

WEB = Origin("web", "192.0.2.7", 5, tls=True)


@pytest.fixture
async def it(tmp_path):
    async with open_certificate_house(tmp_path / "house") as opened:
        yield opened


def actor(account, *, by: str = "session", is_admin: bool | None = None) -> Actor:
    admin = account.is_admin if is_admin is None else is_admin
    return Actor(account.id, account.organization_id, account.login, admin, WEB, account.auth_epoch, by=by)


async def every_change(it: CertificateHouse, who: Actor, organization_id: OrganizationId):
    trust, lists, other = it.services.trust_lists, it.services.revocation_lists, Pki("strange")
    fingerprint = (await trust.authorities(CLI, it.organization_id))[0].fingerprint
    for act in (
        lambda: trust.add(who, organization_id, other.root.der, "npki"),
        lambda: trust.remove(who, organization_id, fingerprint),
        lambda: trust.set_rule(who, CertificateRule(organization_id, "", "npki")),
        lambda: trust.allow_source(who, organization_id, "ocsp.test"),
        lambda: lists.load(who, organization_id, it.pki.list()),
        lambda: trust.authorities(who, organization_id),
        lambda: trust.rules(who, organization_id),
        lambda: trust.sources(who, organization_id),
        lambda: lists.facts(who, organization_id),
    ):
        yield act


async def test_people_change_nothing_and_see_nothing(it):
    async for act in every_change(it, actor(it.kim), it.organization_id):
        with pytest.raises(Forbidden):
            await act()


async def test_an_administrator_of_another_organisation_finds_nothing(it):
    other = await it.services.provisioning.organization("other")
    await it.services.directory.add_domain("b.example", other)
    chief = await it.house.person("chief@b.example", is_admin=True)
    async for act in every_change(it, actor(chief), it.organization_id):
        with pytest.raises((NotFound, Forbidden)):
            await act()
    with pytest.raises(NotFound):
        await it.services.trust_lists.add(actor(chief), other, it.pki.root.der, "npki", "a.example")
    assert await it.services.trust_lists.add(actor(chief), other, it.pki.root.der, "npki", "b.example")


async def test_every_change_is_written_down(it):
    trust, org = it.services.trust_lists, it.organization_id
    await trust.set_rule(CLI, CertificateRule(org, "", "npki", policies=("1.2.3",)))
    await trust.allow_source(CLI, org, "127.0.0.1", allowed=False)
    await it.services.revocation_lists.load(CLI, org, it.pki.list())
    await trust.remove(CLI, org, (await trust.authorities(CLI, org))[0].fingerprint)
    rows = await it.house.store.unchained_records("audit", 0, 1000)
    found = [row.record.action for row in rows if row.record.action.startswith("trust.")]
    assert found == [
        "trust.authority_added", "trust.authority_added", "trust.source_allowed", "trust.rule", "trust.source_forbidden",
        "trust.list_loaded", "trust.authority_removed",
    ]  # fmt: skip


async def test_what_cannot_be_is_refused(it):
    trust, org = it.services.trust_lists, it.organization_id
    with pytest.raises(AlreadyExists):
        await trust.add(CLI, org, it.pki.root.der, "npki")
    with pytest.raises(Invalid):
        await trust.add(CLI, org, it.leaf().der, "npki")
    with pytest.raises(Invalid):
        await trust.add(CLI, org, b"\x30" * ((1 << 20) + 1), "npki")
    with pytest.raises(NotFound):
        await trust.remove(CLI, org, "00" * 32)
    with pytest.raises(NotFound):
        await trust.add(CLI, org, it.pki.sub.der, "npki", "nobody.example")
    with pytest.raises(Invalid):
        await it.services.revocation_lists.load(CLI, org, Pki("strange").list())
    with pytest.raises(Invalid):
        await trust.set_rule(CLI, CertificateRule(org, "", "npki", policies=("*",)))
    version = it.pki.root.der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1)
    for junk in (version, b"", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"):
        with pytest.raises(Invalid):
            read_certificates(junk)


async def test_a_host_that_does_not_answer_is_left_alone_for_a_minute(it):
    lists, org = it.services.revocation_lists, it.organization_id
    url = "http://127.0.0.1:1/one.crl"
    assert await lists.request(org, "GET", url, limit=10) is None
    good = f"http://127.0.0.1:{it.places.port}/one.crl"
    assert await lists.request(org, "GET", good, limit=1 << 20) is None
    it.time.on(61_000)
    assert await lists.request(org, "GET", good, limit=1 << 20)
    assert await lists.request(org, "GET", good, limit=10) is None
