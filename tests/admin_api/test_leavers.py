"""Leavers, states and temporary accounts over the admin API."""

from datetime import UTC, datetime, timedelta


def at(house, days: int) -> str:
    return (datetime.fromtimestamp(house.clock.now() / 1000, UTC) + timedelta(days=days)).isoformat()


async def test_a_state_is_set_by_hand(house, client):
    url = f"/accounts/{house.accounts['kim@a.example'].id}"
    assert (await client.do("PUT", f"{url}/state", {"state": "suspended", "reason": "조사"}))["state"] == "suspended"
    assert [one["address"] for one in (await client.get("/accounts?state=suspended"))["items"]] == ["kim@a.example"]
    assert (await client.ask("PUT", f"{url}/state", {"state": "dormant"})).status == 400
    assert (await client.do("PUT", f"{url}/state", {"state": "active"}))["state"] == "active"
    foreign = f"/accounts/{house.accounts['kim@b.example'].id}"
    assert (await client.ask("PUT", f"{foreign}/state", {"state": "suspended"})).status == 404


async def test_a_leaver_from_what_they_hold_to_coming_back(house, client):
    kim, lee = (house.accounts[f"{name}@a.example"].id for name in ("kim", "lee"))
    home = house.accounts["kim@a.example"].organization_id
    group = await house.services.governing.new_group(house.admin(house.accounts["admin@a.example"]), home, "plant")
    await house.services.governing.set_member(
        house.admin(house.accounts["admin@a.example"]), group.id, kim, member=True
    )
    held = (await client.get(f"/accounts/{kim}/owned-resources"))["items"]
    assert [(one["kind"], one["label"], one["choices"]) for one in held] == [("group", "plant", ["end"])]
    planned = await client.do("POST", f"/accounts/{kim}/offboarding", {"successor": str(lee), "at": at(house, 3)}, 201)
    assert (planned["state"], planned["successor"]) == ("planned", str(lee))
    await client.do("DELETE", f"/accounts/{kim}/offboarding", b"", 204)
    left = await client.do("POST", f"/accounts/{kim}/offboarding", {"successor": str(lee), "reader": str(lee)}, 201)
    assert left["state"] == "done"
    assert (await client.get("/leavers"))["items"] == [left]
    assert (await client.get(f"/accounts/{kim}"))["state"] == "leaving"
    assert (await client.ask("PATCH", f"/accounts/{kim}", {"state": "active"})).status == 400
    back = await client.do("POST", f"/accounts/{kim}/restore", {"reason": "재입사"})
    assert back["state"] == "active"
    # Whether a foreign account exists shows nowhere.
    told = [
        (await client.ask("POST", f"/accounts/{kim}/offboarding", {"successor": number})).body
        for number in (str(house.accounts["kim@b.example"].id), "999999")
    ]
    assert [one.split(b'"requestId"')[0] for one in told][0] == [one.split(b'"requestId"')[0] for one in told][1]


async def test_a_temporary_account_and_its_later_end(house, client):
    lee = house.accounts["lee@a.example"].id
    body = {"address": "temp@a.example", "name": "외주", "endsAt": at(house, 10), "sponsor": str(lee), "reason": "SI"}
    assert (await client.ask("POST", "/temporary-accounts", {**body, "endsAt": at(house, -1)})).status == 400
    without = {name: value for name, value in body.items() if name != "endsAt"}
    assert (await client.ask("POST", "/temporary-accounts", without)).status == 400
    made = await client.do("POST", "/temporary-accounts", body, 201)
    url = f"/temporary-accounts/{made['id']}"
    [one] = (await client.get("/temporary-accounts"))["items"]
    assert (one["address"], one["sponsor"], one["reason"]) == ("temp@a.example", "lee@a.example", "SI")
    await client.do("POST", f"{url}/extension", {"until": at(house, 40), "reason": "더 필요"}, 204)
    assert (await client.ask("PUT", f"{url}/extension", {"granted": True})).status == 403, "who asked does not decide"
    kim = house.accounts["kim@a.example"].id
    await client.do("PUT", f"{url}/sponsor", {"sponsor": str(kim)})
    assert [one["sponsor"] for one in (await client.get("/temporary-accounts"))["items"]] == ["kim@a.example"]
