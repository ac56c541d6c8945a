"""A message that is copied to another account, a shared mailbox, takes its story along: what happens there is told there."""

import asyncio
import imaplib

from tests.flows.house import PASSWORD
from tests.flows.test_story_acts import CLI, acts, follow, house, imap  # noqa: F401 -- fixtures
from tests.flows.test_trace import KIM, LEE, MESSAGE, actor, send

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.rights import Grantee
from smartmail.domain.trace import ACTS
from smartmail.service.flow.tracing.service import Marks
from smartmail.service.mailbox.mailstore.carrying import Arrival

SHARED = f'"Other Users/{LEE}/Team"'


async def team(house):  # noqa: F811
    """Return a mailbox of lee's in which kim may put mail, which is what a shared account is."""
    lee, kim = actor(house, LEE), actor(house, KIM)
    box = await house.services.mailboxes.create_path(lee, lee.account_id, ["Team"])
    await house.services.sharing.share(
        lee, lee.account_id, box.id, Grantee("account", kim.account_id), "lriste", quiet=True
    )
    return box.id


async def read_there(house, *, delete=False):  # noqa: F811
    """Let lee read the one message of the team, for the first time."""

    def work():
        with imaplib.IMAP4("127.0.0.1", house.ports["imap"], timeout=60) as client:
            client.login(LEE, PASSWORD)
            client.select("Team")
            client.store("1", "-FLAGS", r"(\Seen)")
            client.fetch("1", "(BODY[])")
            if delete:
                client.store("1", "+FLAGS", r"(\Deleted)")
                client.expunge()

    await asyncio.to_thread(work)


async def test_a_copy_by_imap_goes_on_in_the_shared_mailbox(house):  # noqa: F811
    await team(house)
    await send(house, "x@b.example", [KIM])
    await imap(house, KIM, ("fetch", "1", "(BODY[])"), ("copy", "1", SHARED))
    told = await acts(house, sender="x@b.example")
    assert told == [("read", KIM, KIM, "imap", ""), ("copied", LEE, KIM, "imap", "Team")]

    await read_there(house, delete=True)
    told = await acts(house, sender="x@b.example")
    assert [one[:3] for one in told[2:]] == [("read", LEE, LEE), ("deleted", LEE, LEE)]
    assert await follow(house) == 0, "told once"


async def test_a_copy_by_jmap_and_a_message_without_a_story(house):  # noqa: F811
    number = await team(house)
    kim, lee = actor(house, KIM), actor(house, LEE)
    await send(house, "x@b.example", [KIM])
    [message] = await house.store.all_messages(kim.account_id)
    carry = house.services.carrying
    made = await carry.copy_messages(
        kim, kim.account_id, lee.account_id, {message.id: Arrival((number,)), 999: Arrival((number,))}
    )
    copy = made[message.id].message_id
    assert [one[:3] for one in await acts(house, sender="x@b.example")] == [("copied", LEE, KIM)]
    stories = await house.store.stories_of(lee.account_id, [copy])
    assert stories == {copy: (await house.store.stories_of(kim.account_id, [message.id]))[message.id]}
    assert await house.store.stories_of(lee.account_id, []) == {}


async def test_the_sender_does_not_learn_who_was_given_a_copy(house):  # noqa: F811
    await house.person("park@a.example")
    number = await team(house)
    await send(house, "park@a.example", [KIM], MESSAGE, login="park@a.example")
    await house.services.tracer.settle()
    await house.services.governing.set_knob(CLI, PolicyRule("trace.read-told", Scope("system"), True))
    kim, lee = actor(house, KIM), actor(house, LEE)
    [message] = await house.store.all_messages(kim.account_id)
    await house.services.carrying.copy_messages(kim, kim.account_id, lee.account_id, {message.id: Arrival((number,))})
    await read_there(house)
    await imap(house, KIM, ("fetch", "1", "(BODY[])"))
    assert {one[:3] for one in await acts(house, sender="park@a.example")} >= {("read", LEE, LEE), ("read", KIM, KIM)}
    [mine] = await house.services.trace.own(actor(house, "park@a.example"), Marks())
    assert [(one.kind, one.by) for _, one in mine.events if one.kind in ACTS] == [("read", KIM)]
