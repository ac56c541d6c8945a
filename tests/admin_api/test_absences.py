"""Leave of absence, return and rehire over the admin API."""

from datetime import UTC, datetime, timedelta


def at(house, days: int) -> str:
    return (datetime.fromtimestamp(house.clock.now() / 1000, UTC) + timedelta(days=days)).isoformat()


async def test_somebody_is_away_and_back(house, client):
    kim, lee = (house.accounts[f"{name}@a.example"].id for name in ("kim", "lee"))
    url = f"/accounts/{kim}"
    assert (await client.ask("GET", f"{url}/absence")).status == 404
    body = {"kind": "leave", "until": at(house, 90), "mail": "forward", "substitute": str(lee), "reason": "육아휴직"}
    done = await client.do("PUT", f"{url}/absence", body)
    assert done["account"]["state"] == "suspended"
    told = await client.get(f"{url}/absence")
    assert (told["kind"], told["substitute"], told["shut"], told["reason"]) == ("leave", str(lee), True, "육아휴직")
    assert (await client.get("/absences"))["items"] == [told]
    assert (await client.do("POST", f"{url}/return", {}))["account"]["state"] == "active"
    assert (await client.get("/absences"))["items"] == []
    assert (await client.ask("POST", f"{url}/return", {})).status == 400


async def test_it_is_planned_and_foreign_ids_are_like_none(house, client):
    kim = house.accounts["kim@a.example"].id
    body = {"kind": "secondment", "shut": False, "place": "부산", "at": at(house, 3)}
    planned = await client.do("PUT", f"/accounts/{kim}/absence", body)
    assert planned["account"] is None
    rows = (await client.get("/planned-changes"))["items"]
    assert [(one["id"], one["kind"]) for one in rows] == [(planned["plannedId"], "away")]
    foreign = house.accounts["kim@b.example"].id
    for number in (foreign, 999999):
        assert (await client.ask("PUT", f"/accounts/{number}/absence", {"kind": "leave"})).status == 404
        assert (await client.ask("POST", f"/accounts/{number}/return", {})).status == 404
        assert (await client.ask("POST", f"/accounts/{number}/rehire", {})).status == 404
        answer = await client.ask("PUT", f"/accounts/{kim}/absence", {"kind": "leave", "substitute": str(number)})
        assert answer.status == 400


async def test_a_leaver_is_taken_on_again(house, client):
    kim = house.accounts["kim@a.example"].id
    await client.do("POST", f"/accounts/{kim}/offboarding", {}, 201)
    done = await client.do("POST", f"/accounts/{kim}/rehire", {"name": "김민지", "employeeNumber": "77"})
    assert (done["account"]["id"], done["account"]["state"], done["account"]["name"]) == (str(kim), "active", "김민지")
    assert (await client.ask("POST", f"/accounts/{kim}/rehire", {})).status == 400
