"""Whoever looks at people's data in administration is on record, with whose data it was (KA-40)."""

from smartmail.domain.audit import AuditQuery
from smartmail.domain.errors import Unavailable


async def records(house, account, **asked):
    await house.services.witness.settle()
    await house.services.audit.chain()
    found = await house.services.audit.find(AuditQuery(account.organization_id, kind="access", **asked))
    return [one.row.record for one in found]


async def test_a_look_at_one_and_at_all_people(house, client):
    kim, admin = house.accounts["kim@a.example"], house.accounts["admin@a.example"]
    listed = (await client.get("/accounts"))["items"]
    for _ in range(3):
        await client.get(f"/accounts/{kim.id}/addresses")
    (people,) = await records(house, kim, action="access.people")
    assert people.actor == f"account:{admin.id}"
    assert set(people.object.rpartition("ids:")[2].split(",")) == {one["id"] for one in listed}
    profiles = await records(house, kim, action="access.profile", account_id=kim.id)
    assert sum(int(one.object.split(" count:")[1]) for one in profiles) == 3
    # One's own data need no record.
    await client.get(f"/accounts/{admin.id}")
    assert await records(house, kim, account_id=admin.id) == []


async def test_what_cannot_be_recorded_is_not_shown(house, client, monkeypatch):
    kim, admin = house.accounts["kim@a.example"], house.accounts["admin@a.example"]

    async def away(*_arguments):
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(house.store, "audit", away)
        assert (await client.ask("GET", f"/accounts/{kim.id}")).status == 503
        assert (await client.ask("GET", "/accounts")).status == 503
        assert (await client.ask("GET", f"/accounts/{admin.id}")).status == 200
    assert (await client.ask("GET", f"/accounts/{kim.id}")).status == 200
