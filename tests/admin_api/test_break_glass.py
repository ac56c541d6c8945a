"""Break-glass access over the admin API; what it opens is tests/flows/test_break_glass.py."""

from tests.admin_api.admin_house import Client
from tests.house.clock import day

from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
ASKED = {"minutes": 30, "reason": "mail stands still, on call abroad"}


async def test_who_may_open_for_whom(house, client):
    own, kim = house.accounts["admin@a.example"].id, house.accounts["kim@a.example"].id
    foreign = house.accounts["admin@b.example"].id
    for number, status in ((own, 403), (kim, 400), (foreign, 404), (999999, 404)):
        reply = await client.ask("POST", f"/accounts/{number}/break-glass", ASKED)
        assert reply.status == status, (number, reply.body)
        reply = await client.ask("DELETE", f"/accounts/{number}/break-glass")
        assert reply.status == (403 if number == own else 404), number
    lee = await house.client("lee@a.example")
    assert (await lee.ask("POST", f"/accounts/{own}/break-glass", ASKED)).status == 403
    for wrong in ({**ASKED, "minutes": 241}, {**ASKED, "reason": "short"}):
        assert (await client.ask("POST", f"/accounts/{kim}/break-glass", wrong)).status == 400


async def test_a_key_opens_nothing(house, client):
    asked = {"label": "x", "permissions": ["access.change"], "expiresAt": f"{day(30)}T00:00:00Z"}
    made = await client.do("POST", "/keys", asked, 201)
    await house.services.roles.mark(CLI, house.accounts["kim@a.example"].id, administrator=True)
    kim = house.accounts["kim@a.example"].id
    reply = await Client(house.app, key=made["secret"]).ask("POST", f"/accounts/{kim}/break-glass", ASKED)
    assert reply.status == 403


async def test_what_was_open_is_told_page_by_page(house, client):
    kim, book = house.accounts["kim@a.example"], house.services.access.glass.book
    for at in range(3):
        begun = (at + 1) * 1_000
        await book.begin(CLI, kim, begun, begun + 500, await book.seal(kim, begun, ASKED["reason"]))
    path, seen = "/break-glass?limit=1", []
    while True:
        page = await client.get(path)
        seen += [one["openedAt"] for one in page["items"]]
        if page["next"] is None:
            break
        path = f"/break-glass?limit=1&after={page['next']}"
    assert len(seen) == 3 and seen == sorted(seen, reverse=True)
