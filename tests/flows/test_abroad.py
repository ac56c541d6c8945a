"""Mail from abroad in a mailbox of its own, for who wants it (KA-33)."""

import pytest
from tests.flows.test_route import CLI, KIM, SYSTEM, actor, house, mail, received, send  # noqa: F401 -- a fixture

from smartmail.domain.errors import Forbidden
from smartmail.domain.policy import PolicyRule

NIGERIA, KOREA = "198.51.100.7", "192.0.2.7"


@pytest.fixture
async def relayed(house):  # noqa: F811
    """The house behind a relay, so that mail comes from the whole world."""
    await house.services.relays.trust(CLI, "127.0.0.1")
    return house


async def places(it) -> dict[str, str]:
    """Subject → mailbox that it lies in."""
    who = actor(it)
    boxes = {one.row.id: one for one in await it.services.mailboxes.list_all(who, who.account_id)}
    found = {}
    for row in await it.services.reading.messages(who, who.account_id, [one.id for one in await rows(it)]):
        for one in await it.store.placements(who.account_id, [row.row.id]):
            box = boxes[one.mailbox_id]
            found[row.summary.subject] = box.row.role or box.name
    return found


async def rows(it):
    return await it.store.all_messages(it.accounts[KIM].id)


async def test_a_person_has_mail_from_abroad_apart_and_takes_it_back(relayed):
    abroad, who = relayed.services.abroad, actor(relayed)
    await send(relayed, mail(received(NIGERIA), subject="before"))
    wish = await abroad.set_wish(who, apart=True)
    assert (wish.apart, wish.by, wish.home) == (True, "person", ("KR",))
    await send(relayed, mail(received(NIGERIA), subject="lagos"))
    await send(relayed, mail(received(KOREA), subject="seoul"))
    await send(relayed, mail(subject="nearby"))  # the relay itself: no country
    await abroad.set_wish(who, apart=False)
    await send(relayed, mail(received(NIGERIA), subject="after"))
    assert await places(relayed) == {
        "before": "inbox", "lagos": "해외발신 메일", "seoul": "inbox", "nearby": "inbox", "after": "inbox",
    }  # fmt: skip
    actions = [row.record.action for row in await relayed.store.unchained_records("audit", 0, 1000)]
    assert [one for one in actions if one.startswith("abroad.")] == ["abroad.apart", "abroad.together"]


async def test_policy_decides_for_all_and_says_what_is_home(relayed):
    governing = relayed.services.governing
    await governing.set_knob(CLI, PolicyRule("abroad.aside", SYSTEM, "on"))
    await send(relayed, mail(received(NIGERIA), subject="lagos"))
    with pytest.raises(Forbidden):
        await relayed.services.abroad.set_wish(actor(relayed), apart=False)
    await governing.set_knob(CLI, PolicyRule("country.home", SYSTEM, ("KR", "NG")))
    await send(relayed, mail(received(NIGERIA), subject="home too"))
    assert await places(relayed) == {"lagos": "해외발신 메일", "home too": "inbox"}


async def test_filters_come_after(relayed):
    who = actor(relayed)
    await relayed.services.abroad.set_wish(who, apart=True)
    script = (
        'require ["fileinto", "mailbox"];\r\nif header :is "subject" "partner" { fileinto :create "partners"; }\r\n'
    )
    kept = await relayed.services.filters.put(who, who.account_id, "main", script.encode())
    await relayed.services.filters.activate(who, who.account_id, kept.id)
    await send(relayed, mail(received(NIGERIA), subject="partner"))
    await send(relayed, mail(received(NIGERIA), subject="stranger"))
    await send(relayed, mail(received(KOREA), subject="seoul"))
    assert await places(relayed) == {"partner": "partners", "stranger": "해외발신 메일", "seoul": "inbox"}
