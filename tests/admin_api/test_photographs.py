"""/accounts/{id}/photograph: put, seen and removed by who administers the account, on record; gone with the account."""

import base64

import pytest
from tests.flows.import_house import CLI
from tests.unit.formats.test_portrait import opened, picture

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.formats.portrait import LARGE, portrait


class Maker:
    """ports.portraits.PortraitMaker in this process."""

    async def portrait_of(self, octets):
        return portrait(octets)


@pytest.fixture(autouse=True)
def _maker(house):
    house.services.photographs.maker = Maker()


def body(octets: bytes) -> dict[str, str]:
    return {"file": base64.b64encode(octets).decode()}


async def actions(house):
    return [row.record.action for row in await house.store.unchained_records("audit", 0, 1000)]


async def test_an_administrator_puts_sees_and_removes_it(house, client):
    kim = house.accounts["kim@a.example"]
    url = f"/accounts/{kim.id}/photograph"
    assert (await client.ask("GET", url)).status == 404
    await client.do("PUT", url, body(picture("PNG")), 204)
    told = await client.get(url)
    assert opened(base64.b64decode(told["picture"])).size == (LARGE, LARGE)
    assert told["changedAt"]
    await client.do("DELETE", url, status=204)
    assert (await client.ask("DELETE", url)).status == 404
    found = await actions(house)
    assert found.count("photograph.put") == 1 and "photograph.drop" in found


async def test_what_is_no_picture_is_refused(house, client):
    url = f"/accounts/{house.accounts['kim@a.example'].id}/photograph"
    for wrong in ({"file": "%"}, {"file": ""}, body(b"<svg/>"), body(picture()[:100]), {}):
        assert 400 <= (await client.ask("PUT", url, wrong)).status < 500, wrong
    assert await house.store.photograph(house.accounts["kim@a.example"].id) is None


async def test_administrators_of_others_find_nothing(house, client):
    url = f"/accounts/{house.accounts['kim@a.example'].id}/photograph"
    await client.do("PUT", url, body(picture()), 204)
    other = await house.client("admin@b.example")
    for method in ("GET", "PUT", "DELETE"):
        assert (await other.ask(method, url, body(picture()) if method == "PUT" else b"")).status == 404, method
    assert (await client.ask("GET", url)).status == 200


async def test_it_ends_with_the_account(house, client):
    """The row is gone, and what a copy of it holds opens no more."""
    kim = house.accounts["kim@a.example"]
    await client.do("PUT", f"/accounts/{kim.id}/photograph", body(picture()), 204)
    photographs, actor = house.services.photographs, house.actor(kim)
    octets, _ = await photographs.seen_by(actor, kim.id, "small")
    kept = await house.store.photograph(kim.id)
    await house.services.administration.close(CLI, kim.id)
    ground, reason = "계약 종료", "보관 근거가 없어져 파기합니다"
    await house.services.destructions.destroy_account(CLI, kim.id, ground, reason)
    assert await house.store.photograph(kim.id) is None
    await house.store.put_photograph(kept, AuditRecord(0, "cli", "photograph.put", "account:1"))
    with pytest.raises(NotFound):
        await photographs.seen_by(actor, kim.id, "small")
    assert octets
