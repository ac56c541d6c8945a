"""Mergers, new names of domains, and destruction of whole domains over the admin API."""

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
WHY = {"ground": "계약 종료", "reason": "보관 근거가 없어졌습니다"}


async def test_a_domain_is_renamed_after_a_look(house, client):
    home = house.accounts["kim@a.example"].organization_id
    await house.services.directory.add_domain("new.example", home)
    url, body = "/domains/a.example/rename", {"domain": "new.example"}
    looked = await client.do("POST", url, body)
    assert looked["done"] == 0
    assert looked["accounts"] > 1
    done = await client.do("POST", url, {**body, "apply": True})
    assert done["done"] == looked["accounts"]
    assert (await client.get(f"/accounts/{house.accounts['kim@a.example'].id}"))["address"] == "kim@new.example"
    assert (await client.ask("POST", url, {"domain": "b.example"})).status == 404
    assert (await client.ask("POST", "/domains/b.example/rename", body)).status == 404


async def test_a_merger_is_of_two_companies_that_one_administers(house, client):
    home, foreign = (house.accounts[f"kim@{name}.example"].organization_id for name in "ab")
    for company, domain in ((home, "b.example"), (foreign, "a.example"), (99999, "a.example")):
        answer = await client.ask("POST", f"/organizations/{company}/merger", {"domain": domain})
        assert answer.status == 404, (company, domain)
    assert (await client.ask("POST", f"/organizations/{home}/merger", {"domain": "a.example"})).status == 400


async def test_a_whole_domain_is_destroyed_when_it_is_closed(house, client):
    home = house.accounts["kim@a.example"].organization_id
    await house.services.directory.add_domain("old.example", home)
    made = await client.do("POST", "/people", {"login": "han@old.example", "name": "한"}, 201)
    url = "/domains/old.example"
    assert (await client.ask("POST", f"{url}/close", b"")).status == 400
    await client.do("PATCH", f"/accounts/{made['id']}", {"state": "closed"})
    assert (await client.ask("POST", f"{url}/destruction", WHY)).status == 400
    await client.do("POST", f"{url}/close", b"", 204)
    told = await client.get(f"{url}/destruction")
    assert (told["accounts"], told["isClosed"], told["open"], told["held"]) == (1, True, [], [])
    outcome = await client.do("POST", f"{url}/destruction", WHY, 202)
    number = outcome["result"].partition(":")[2]
    [entry] = [one for one in (await client.get("/destruction-register"))["items"] if one["id"] == number]
    assert (entry["kind"], entry["subject"]) == ("domain", "domain:old.example")
    made = await client.ask("GET", f"/destruction-register/{number}/certificate-file")
    assert (made.status, made.body[:5]) == (200, b"%PDF-")
    assert (await client.ask("GET", "/domains/b.example/destruction")).status == 404
    assert (await client.ask("POST", f"/organizations/{home}/destruction", WHY)).status in {403, 404}


async def test_a_rename_waits_for_a_second_administrator_where_policy_asks_for_one(house, client):
    home = house.accounts["kim@a.example"].organization_id
    await house.services.directory.add_domain("new.example", home)
    rule = PolicyRule("admin.two-person", Scope("organization", str(int(home))), ("moves",))
    await house.services.governing.set_knob(CLI, rule)
    url, body = "/domains/a.example/rename", {"domain": "new.example", "apply": True}
    assert (await client.ask("POST", url, body)).status == 400, "say why"
    told = await client.do("POST", url, {**body, "reason": "사명 변경"})
    assert told["done"] == 0
    [one] = (await client.get("/proposals"))["items"]
    assert (one["id"], one["act"]) == (told["proposalId"], "domain.rename")
    assert (await client.get(f"/accounts/{house.accounts['kim@a.example'].id}"))["address"] == "kim@a.example"


async def test_no_months_are_refused(house, client):
    home = house.accounts["kim@a.example"].organization_id
    kim = house.accounts["kim@a.example"].id
    assert (
        await client.ask("POST", f"/organizations/{home}/merger", {"domain": "b.example", "months": 0})
    ).status == 400
    assert (await client.ask("POST", f"/accounts/{kim}/transfer", {"login": "k@b.example", "months": 0})).status == 400
