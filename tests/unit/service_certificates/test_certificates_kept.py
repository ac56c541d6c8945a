"""What administrators bring becomes a chain and a key that belong together; alarms ring once a step."""

import contextlib

import pytest
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from tests.flows.house import compose_house
from tests.house.jobs import service_of
from tests.unit.formats.certificate_house import key_pem, make, pem

from smartmail.domain.certificate import covers
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.certificates.pem import from_pem

ADMIN = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
ROOT = make("Root", ca=True)
MIDDLE = make("Middle", issuer=ROOT, ca=True)
LEAF = make("mail.a.test", "*.a.test", issuer=MIDDLE)


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data") as opened:
        yield opened


def test_a_chain_is_put_in_order_without_what_does_not_belong():
    stranger = make("x.test")
    found = from_pem(pem(ROOT[0], stranger[0], MIDDLE[0], LEAF[0]), key_pem(LEAF[1]), "", "upload", 1)
    assert found.chain == pem(LEAF[0], MIDDLE[0])
    assert found.row.names == ("mail.a.test", "*.a.test")


@pytest.mark.parametrize(
    ("chain", "key", "says"),
    [
        (pem(LEAF[0]), key_pem(MIDDLE[1]), "belongs to none"),
        (b"nothing", key_pem(LEAF[1]), "cannot be read"),
        (pem(LEAF[0]), b"nothing", "cannot be read"),
        (pem(make()[0]), None, "names no host"),
        (pem(make("a.test", days=-0.01)[0]), None, "run out"),
        (pem(make("a.test", bits=1024)[0]), None, "1024 bits"),
    ],
)
def test_what_cannot_be_served_is_told(chain, key, says):
    if key is None:
        made = {"names no host": make(), "run out": make("a.test", days=-0.01), "1024 bits": make("a.test", bits=1024)}
        certificate, private = made[says]
        chain, key = pem(certificate), key_pem(private)
    with pytest.raises(Invalid, match=says):
        from_pem(chain, key, "", "upload", 1 + 10**13 if says == "run out" else 1)


@pytest.mark.parametrize(
    ("host", "found"),
    [("mail.a.test", True), ("MAIL.a.test.", True), ("x.a.test", True), ("a.test", False), ("y.x.a.test", False)],
)
def test_names_cover_hosts(host, found):
    assert covers(("mail.a.test", "*.a.test"), host) is found


async def test_keys_are_sealed_and_come_back_whole(house):
    service = house.services.certificates
    row = await service.add_pem(ADMIN, pem(LEAF[0], MIDDLE[0]), key_pem(LEAF[1], "pass word"), "pass word")
    [served] = await service.served()
    assert (served.row, served.chain, served.key) == (row, pem(LEAF[0], MIDDLE[0]), key_pem(LEAF[1]))
    kept = "".join((await house.store.settings("certificates")).values())
    assert "BEGIN CERTIFICATE" in kept and "PRIVATE" not in kept
    assert "PRIVATE" not in repr(served)


async def test_a_new_certificate_takes_the_place_of_the_old_and_everybody_hears(house):
    service, heard = house.services.certificates, []
    service.on_change(lambda: heard.append(1))
    old, new = make("mail.a.test"), make("mail.a.test")
    await service.add_pem(ADMIN, pem(old[0]), key_pem(old[1]))
    octets = pkcs12.serialize_key_and_certificates(b"x", new[1], new[0], None, NoEncryption())
    row = await service.add_pfx(ADMIN, octets)
    other = make("other.a.test")
    await service.add_pem(ADMIN, pem(other[0]), key_pem(other[1]))
    assert {one.names for one in await service.rows()} == {("mail.a.test",), ("other.a.test",)}
    assert row.id in {one.id for one in await service.rows()}
    await service.remove(ADMIN, row.id)
    with pytest.raises(NotFound):
        await service.remove(ADMIN, row.id)
    assert len(heard) == 4


async def test_alarms_ring_once_at_30_7_and_1_days(house):
    organization = await house.services.provisioning.organization("test")
    await house.services.directory.add_domain("a.test", organization)
    await house.person("admin@a.test", is_admin=True, language="ko")
    service, alarms = house.services.certificates, service_of(house.services, "certificate-alarms")
    made = make("mail.a.test", days=90)
    await service.add_pem(ADMIN, pem(made[0]), key_pem(made[1]))
    real, rang = house.clock.now, []
    for days in (0, 59, 61, 62, 82, 84, 88, 89.5, 89.6):
        with later(alarms, real() + int(days * 86_400_000)):
            rang.append(await alarms.ring())
    assert rang == [0, 0, 1, 0, 0, 1, 0, 1, 0]
    assert len(await house.services.queue.entries()) == 3


@contextlib.contextmanager
def later(alarms, at):
    """Let the service believe that it is another time."""

    class Clock:
        def now(self) -> int:
            return at

    before, alarms._clock = alarms._clock, Clock()
    try:
        yield
    finally:
        alarms._clock = before
