"""/mail-fetches: administrators see how it goes, never the login over there, and stop one."""

from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.pulls import PullText


async def test_seen_and_stopped(house, client):
    kim = house.accounts["kim@a.example"]
    actor = Actor(kim.id, kim.organization_id, kim.login, False, Origin("jmap"), kim.auth_epoch)
    text = PullText("old", "imap", "imap.c.example", 993, "tls", "secret-login@c.example", "their password")
    made = await house.services.pulls.book.add(actor, text)
    answer = await client.ask("GET", "/mail-fetches")
    [one] = answer.json["items"]
    assert (one["login"], one["host"], one["isEnabled"], one["reason"]) == (kim.login, "imap.c.example", True, "")
    assert b"secret-login" not in answer.body and b"password" not in answer.body
    assert (await client.ask("POST", f"/mail-fetches/{made.row.id.hex()}/stop")).status == 204
    [one] = (await client.get("/mail-fetches"))["items"]
    assert (one["isEnabled"], one["reason"]) == (False, "stopped")
    for unknown in ("00" * 16, "zz", "1"):
        assert (await client.ask("POST", f"/mail-fetches/{unknown}/stop")).status == 404
