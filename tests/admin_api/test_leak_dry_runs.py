"""Dry runs of leak rules over the admin API: started, shown with masked values, stopped, and told to nobody without the right."""

import json

from smartmail.domain.principal import Actor, Origin

NUMBER = "900101-1234568"
RULE = {
    "name": "주민번호", "scope": "system", "condition": {"fact": "finding", "in": ["kr.rrn"]}, "actions": ["block"],
}  # fmt: skip


async def sent(house, login: str, count: int = 1) -> None:
    """Keep messages in an account's Sent, as a mail program does."""
    account = house.accounts[login]
    actor = Actor(account.id, account.organization_id, login, False, Origin("imap"))
    box = (await house.services.mailboxes.by_role(actor, account.id, "sent")).row.id
    for _ in range(count):
        octets = f"From: {login}\r\nTo: x@far.example\r\nSubject: hi\r\n\r\n{NUMBER}\r\n".encode()
        intake = await house.services.messages.begin(actor, account.id, len(octets))
        await intake.feed(octets)
        await house.services.messages.add(actor, account.id, await intake.finish(), [box])
    house.clock.go(1000)


def own(house) -> dict:
    home = house.accounts["admin@a.example"].organization_id
    return {**RULE, "scope": f"organization:{int(home)}"}


async def test_it_is_started_and_shown_with_masked_values(house, client):
    await sent(house, "kim@a.example", 2)
    await sent(house, "kim@b.example")
    begun = await client.do("POST", "/leak-dry-runs", {"days": 1, "share": 100, "begin": [own(house)]}, 202)
    assert (begun["state"], begun["judged"]) == ("waiting", 0)
    jobs = house.services.admin_api.jobs
    await jobs.turn()
    await jobs.settle()
    shown = await client.get(f"/leak-dry-runs/{begun['id']}")
    assert (shown["state"], shown["done"], shown["total"], shown["judged"], shown["newlyStopped"]) == (
        "done",
        2,
        2,
        2,
        2,
    )
    assert shown["before"] == [{"name": "none", "messages": 2}] and shown["after"] == [{"name": "block", "messages": 2}]
    assert shown["rules"] == [{"id": "-1", "name": "주민번호", "before": 0, "after": 2}]
    assert shown["tried"] == [{"change": "begin", "id": "-1", "name": "주민번호"}]
    assert shown["since"] < shown["until"] and begun["since"] is None and begun["tried"] == []
    assert shown["senders"] == [{"accountId": str(int(house.accounts["kim@a.example"].id)), "messages": 2}]
    [first, _] = shown["examples"]
    assert first["findings"][0]["detector"] == "kr.rrn"
    assert NUMBER not in json.dumps(shown)
    assert (await client.get("/leak-dry-runs"))["items"] == [shown]
    task = await client.get(f"/tasks/{begun['id']}")
    assert (task["kind"], task["result"]) == ("leaks.dry-run", None), "tasks ask for another right"


async def test_one_that_waits_is_stopped_and_a_second_one_is_refused(house, client):
    begun = await client.do("POST", "/leak-dry-runs", {"begin": [own(house)]}, 202)
    assert (await client.ask("POST", "/leak-dry-runs", {"begin": [own(house)]})).status == 409
    assert (await client.do("POST", f"/leak-dry-runs/{begun['id']}/stop"))["state"] == "cancelled"


async def test_tasks_of_other_kinds_and_companies_are_none(house, client):
    begun = await client.do("POST", "/leak-dry-runs", {"begin": [own(house)]}, 202)
    other = await house.client("admin@b.example")
    assert (await other.ask("GET", f"/leak-dry-runs/{begun['id']}")).status == 404
    assert (await other.ask("POST", f"/leak-dry-runs/{begun['id']}/stop")).status == 404
    assert (await other.get("/leak-dry-runs"))["items"] == []
    assert (await client.ask("POST", "/leak-dry-runs", {"on": ["99"]})).status == 404
