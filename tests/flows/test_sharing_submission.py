"""Sending for a shared account: who may, what shows, and what is kept (RFC 5322 §3.6.2, RFC 6409 §6.1)."""

import asyncio
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.errors import PolicyRejected
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import WHOLE_ACCOUNT, Grantee
from smartmail.service.flow.directory import NewPerson

KIM, LEE, SALES = "kim@a.example", "lee@a.example", "sales@a.example"


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(KIM)
        await opened.person(LEE)
        team = await opened.services.provisioning.person(NewPerson(SALES, "Sales", kind="shared"), None)
        opened.accounts[SALES] = team
        yield opened


def actor(house, login) -> Actor:
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, login, is_admin=False, origin=Origin("cli"))


async def give(house, rights, whose=SALES, whom=LEE):
    account = house.accounts[whose]
    grantee = Grantee("account", house.accounts[whom].id)
    await house.services.sharing.share(actor(house, whose), account.id, WHOLE_ACCOUNT, grantee, rights)


async def send(house, header_from, *, sender="", mail_from=None, to=KIM, login=LEE, subject="hello"):
    """Send through the submission port; raises what smtplib raises."""
    head = f"From: {header_from}\r\n" + (f"Sender: {sender}\r\n" if sender else "")
    octets = f"{head}To: {to}\r\nSubject: {subject}\r\n\r\ntext\r\n".encode()

    def work():
        with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
            client.login(login, PASSWORD)
            client.sendmail(mail_from or header_from, [to], octets)

    await asyncio.to_thread(work)


async def opened(house, login, role):
    """Messages of a mailbox with their octets."""
    services, who = house.services, actor(house, login)
    box = await services.mailboxes.by_role(who, who.account_id, role)
    ids, _total = await services.queries.window(who, who.account_id, box.row.id)
    return {one: await services.reading.octets(who, who.account_id, one) for one in ids}


async def sent_by(house, login):
    who = actor(house, login)
    ids = list(await opened(house, login, "sent"))
    return list((await house.services.sending.sent_by(who, who.account_id, ids)).values())


async def test_without_a_right_nobody_sends_as_another(house):
    for header_from, mail_from in ((SALES, None), (SALES, LEE), (LEE, SALES), (f"{LEE}, {SALES}", LEE)):
        with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)) as caught:
            await send(house, header_from, mail_from=mail_from)
        assert caught.value.smtp_code == 550
    await give(house, "lrswite")
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
        await send(house, SALES)
    assert await opened(house, KIM, "inbox") == {}


async def test_send_as_shows_the_account_alone_and_keeps_who_did_it(house):
    await give(house, [*"lrswite", "sendAs"])
    await send(house, SALES)
    [octets] = (await opened(house, KIM, "inbox")).values()
    assert b"Sender:" not in octets and LEE.encode() not in octets.split(b"\r\n\r\n")[0].replace(b"Received", b"")
    [copy] = (await opened(house, SALES, "sent")).values()
    assert copy.endswith(b"text\r\n")
    [one] = await sent_by(house, SALES)
    assert (one.person_id, one.login, one.on_behalf) == (house.accounts[LEE].id, LEE, False)
    assert await opened(house, LEE, "sent") == {}


async def test_on_behalf_names_the_person_in_sender(house):
    await give(house, ["l", "sendOnBehalf"])
    await send(house, SALES)
    [octets] = (await opened(house, KIM, "inbox")).values()
    assert b"\r\nSender: lee <lee@a.example>\r\n" in octets
    await send(house, SALES, sender=LEE)
    assert sum(one.count(b"Sender:") for one in (await opened(house, KIM, "inbox")).values()) == 2
    for forged in (KIM, SALES):
        with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
            await send(house, SALES, sender=forged)
    assert [one.on_behalf for one in await sent_by(house, SALES)] == [True, True]


async def test_a_right_taken_away_ends_sending_at_once(house):
    await give(house, ["sendAs"])
    await send(house, SALES)
    await give(house, [])
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
        await send(house, SALES)


async def test_a_group_sends_for_an_account(house):
    admin = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    team = house.accounts[SALES]
    group = await house.services.governing.new_group(admin, team.organization_id, "sales people")
    await house.services.sharing.share(
        actor(house, SALES), team.id, WHOLE_ACCOUNT, Grantee("group", group.id), ["sendAs"]
    )
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
        await send(house, SALES)
    await house.services.governing.set_member(admin, group.id, house.accounts[LEE].id, member=True)
    await send(house, SALES)
    # Of a person's account the same.
    await give(house, ["sendOnBehalf"], whose=KIM)
    await send(house, KIM, to=LEE)
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
        await send(house, f"{KIM}, {SALES}", mail_from=KIM)


async def test_other_organisations_are_out_of_reach(house):
    other = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("z.example", other)
    stranger = await house.person("s@z.example")
    from smartmail.domain.errors import NotFound

    with pytest.raises(NotFound):
        await give(house, "lr", whom="s@z.example")
    with pytest.raises(NotFound):
        await house.services.sharing.named(actor(house, "s@z.example"), LEE)
    # Not even a grant that got into the store by another way counts.
    team = house.accounts[SALES]
    grantee = Grantee("account", stranger.id)
    await house.store.write(team.id, lambda tx: tx.set_grant(WHOLE_ACCOUNT, grantee, frozenset(["l", "r", "sendAs"])))
    with pytest.raises(NotFound):
        await house.services.rights.access(actor(house, "s@z.example"), team.id)
    with pytest.raises(PolicyRejected):
        await house.services.sending.check(actor(house, "s@z.example"), [SALES])
    assert await house.services.sharing.accounts_for(actor(house, "s@z.example")) == []
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
        await send(house, SALES, login="s@z.example")


async def test_a_closed_account_is_shared_no_more(house):
    await give(house, "lr")
    await house.services.administration.close(actor(house, KIM), house.accounts[SALES].id)
    await asyncio.sleep(0)
    house.services.rights.changed(house.accounts[SALES].id)
    assert await house.services.sharing.accounts_for(actor(house, LEE)) == []


@pytest.mark.parametrize("sender", [KIM, "boss@elsewhere.example", f"{LEE}, {KIM}"])
async def test_sender_is_judged_like_from(house, sender):
    """RFC 5322 §3.6.2, RFC 6409 §8.1."""
    await give(house, [*"lrswite", "sendAs"])
    for header_from in (LEE, SALES):
        with pytest.raises(smtplib.SMTPDataError) as caught:
            await send(house, header_from, sender=sender)
        assert caught.value.smtp_code == 550
    assert await opened(house, KIM, "inbox") == {}
    await send(house, LEE, sender=LEE)
    await send(house, SALES, sender=SALES)
    await send(house, SALES, sender=LEE)
    assert len(await opened(house, KIM, "inbox")) == 3
